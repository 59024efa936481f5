/* The PUBLISH packet: device time, sequence number, three noisy values. */
#include "load.h"

#include <string.h>

static const char TOPIC[] = "v1/devices/me/telemetry";

static uint64_t noise(Client *c) {
    c->rng ^= c->rng << 13;
    c->rng ^= c->rng >> 7;
    c->rng ^= c->rng << 17;
    return c->rng;
}

static char *put_text(char *at, const char *text) {
    size_t length = strlen(text);
    memcpy(at, text, length);
    return at + length;
}

static char *put_number(char *at, uint64_t value) {
    char digits[20];
    int count = 0;
    do digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count) *at++ = digits[--count];
    return at;
}

/* A value such as 57.30614958213847: about 51 bits of noise, as a real converter never gives. */
static char *put_noise(char *at, Client *c) {
    uint64_t r = noise(c);
    at = put_number(at, 10 + (r & 63));
    *at++ = '.';
    uint64_t fraction = (r >> 8) % 90000000000000ull + 10000000000000ull;
    return put_number(at, fraction);
}

static char *put_payload(char *at, Client *c, const Slot *slot) {
    at = put_text(at, "{\"ts\":");
    at = put_number(at, (uint64_t)slot->ts);
    at = put_text(at, ",\"values\":{\"seq\":");
    at = put_number(at, (uint64_t)c->index * SEQ_STRIDE + slot->n);
    at = put_noise(put_text(at, ",\"level\":"), c);
    at = put_noise(put_text(at, ",\"flow\":"), c);
    at = put_noise(put_text(at, ",\"turbidity\":"), c);
    return put_text(at, "}}");
}

/* The body is written first, at a fixed place that leaves room for the longest fixed header. */
void make_message(Client *c) {
    Slot *slot = &c->slots[c->end % (uint32_t)options.window];
    int64_t now = epoch_ms();
    slot->ts = c->last_ts = now > c->last_ts ? now : c->last_ts + 1;
    slot->n = ++c->n;
    slot->acked = slot->released = false;
    slot->first_sent_ns = 0;
    if (!++c->id) c->id = 1;
    slot->id = c->id;
    uint8_t *body = slot->bytes + 3, *at = body;
    *at++ = 0;
    *at++ = sizeof TOPIC - 1;
    memcpy(at, TOPIC, sizeof TOPIC - 1);
    at += sizeof TOPIC - 1;
    if (options.qos) {
        *at++ = (uint8_t)(slot->id >> 8);
        *at++ = (uint8_t)slot->id;
    }
    at = (uint8_t *)put_payload((char *)at, c, slot);
    uint32_t length = (uint32_t)(at - body);
    uint8_t *head = body;
    if (length < 128) {
        *--head = (uint8_t)length;
    } else {
        *--head = (uint8_t)(length >> 7);
        *--head = (uint8_t)((length & 127) | 128);
    }
    *--head = (uint8_t)(0x30 | options.qos << 1);
    slot->head = (uint8_t)(head - slot->bytes);
    slot->length = (uint16_t)(at - head);
    c->end++;
}
