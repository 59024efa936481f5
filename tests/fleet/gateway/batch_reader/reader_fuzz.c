/* Feeds the batch reader packets of which most are damaged, under the compiler's checks of every byte
 * touched. Arguments: seconds, seed. Prints how many were fed. Used by test_batch_reader.py (a second) and
 * by tools/fuzz.py (as long as asked). */
#define _GNU_SOURCE
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

Reader *reader_new(uint32_t slots_max, uint32_t seed, Reads *reads);
void reader_free(Reader *s);
int reader_enter(Reader *s, uint32_t number, int fd, const int64_t device[2], Share *share,
                double *due_s, int five);
int reader_listen(Reader *s, uint32_t number, int wanted);
void reader_leave(Reader *s, uint32_t number);
int32_t reader_learn(Reader *s, const uint8_t *text, size_t length);
int reader_read(Reader *s);
uint32_t reader_take(Reader *s, const Terms *terms, Block *block, uint32_t from);
int reader_ack(Reader *s, uint32_t count, const uint32_t *slots, const uint32_t *tickets,
              const uint16_t *ids, const uint8_t *is_blocked, uint8_t *left);

static uint64_t state;

static uint32_t below(uint32_t limit) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 11) % limit;
}

static const char *const PIECES[] = {
    "{\"t\":1.5}", "{\"ts\":1763848000000,\"values\":{\"t\":-12,\"level\":57.30614958213847}}",
    "{\"on\":true,\"off\":false}", "{\"t\":\"text\",\"on\":\"\"}", "{\"t\":1e-7 , \"level\" : 0.30000000000000004}",
    "{\"ts\":17,\"values\":", "\"t\":", "1234567890123456789012345678901234567890", "{\"t\":\"",
    "-", "}", "e", ".", "\\", "{\"ts\":", "\x80\xff", "tru", " ",
};

/* The payload lies in a box of its own, so that the checks see a step over its end. */
static uint32_t payload(uint8_t *at) {
    uint32_t length = 0, pieces = 1 + below(3);
    while (pieces--) {
        const char *piece = PIECES[below(sizeof PIECES / sizeof *PIECES)];
        memcpy(at + length, piece, strlen(piece));
        length += (uint32_t)strlen(piece);
    }
    for (uint32_t damage = below(4); damage > 1 && length; damage--) at[below(length)] = (uint8_t)below(256);
    return below(4) ? length : below(length + 1);
}

static uint32_t packet(uint8_t *at) {
    static const char topic[] = "v1/devices/me/telemetry";
    uint8_t body[600];
    uint32_t n = 0, qos = below(2);
    body[n++] = 0;
    body[n++] = sizeof topic - 1;
    memcpy(body + n, topic, sizeof topic - 1);
    n += sizeof topic - 1;
    if (qos) body[n++] = (uint8_t)below(3), body[n++] = 7;
    if (!below(3)) body[n++] = (uint8_t)below(2);
    n += payload(body + n);
    uint32_t m = 0;
    at[m++] = (uint8_t)(below(20) ? 0x30 | qos << 1 : below(256));
    uint32_t told = below(20) ? n : below(1u << (1 + below(28)));
    for (; told > 127; told >>= 7) at[m++] = (uint8_t)(told | 128);
    at[m++] = (uint8_t)told;
    memcpy(at + m, body, n);
    return m + n;
}

/* Payloads also by themselves, each in memory of exactly its length. */
static void bare(Reader *s, const Terms *terms, Block *block) {
    uint8_t room[600];
    uint32_t length = payload(room);
    uint8_t *box = malloc(length ? length : 1);
    if (!box) abort();
    memcpy(box, room, length);
    const uint8_t *missed = NULL;
    size_t missed_length = 0;
    block->messages = block->rows = 0;
    payload_take(&s->keys, terms, block, box, box + length, &missed, &missed_length);
    free(box);
}

int main(int count, char **words) {
    double seconds = count > 1 ? atof(words[1]) : 1;
    state = count > 2 ? strtoull(words[2], NULL, 10) * 2 + 1 : 0x9E3779B97F4A7C15ull;
    static uint8_t data[8192];
    Reads *reads = calloc(1, sizeof *reads);
    Block *block = calloc(1, sizeof *block);
    Reader *s = reader_new(2, 5, reads);
    int ends[2];
    if (!reads || !block || !s || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) return 2;
    const char *const known[] = {"t", "level", "on", "off"};
    for (int k = 0; k < 4; k++) reader_learn(s, (const uint8_t *)known[k], strlen(known[k]));
    Terms terms = {
        .now_ms = 1763848000000, .from_ms = 1763000000000, .to_ms = 1763900000000,
        .old_before_ms = 1763847000000, .quantum = 65536, .read_charge = 256, .batch_share = 4,
        .message_s = 0.001, .burst_s = 10, .payload_bytes_max = 65536, .batch = 1, .unanswered_max = 4,
    };
    const int64_t device[2] = {1, 2};
    Share share = {65536, 0};
    double due_s = 0;
    unsigned long fed = 0;
    for (time_t end = time(NULL) + (time_t)seconds + 1; time(NULL) < end; fed++) {
        if (fed % 64 == 0) {
            reader_leave(s, 1);
            reader_enter(s, 1, ends[0], device, &share, &due_s, (int)below(2));
            reader_listen(s, 1, 1);
        }
        bare(s, &terms, block);
        uint32_t length = 0, packets = 1 + below(8);
        while (packets--) length += packet(data + length);
        if (!below(5)) length = below(length) + 1;
        if (write(ends[1], data, length) != (ssize_t)length || reader_read(s) != 1) return 3;
        memset(block, 0, offsetof(Block, device));
        block->room = below(3) ? 700000 : below(800);
        reads->missed = 0;
        terms.admits = below(2);
        terms.round += below(2);
        terms.now_s += 0.001 * below(9);
        terms.batch = below(3);
        reader_take(s, &terms, block, 0);
        uint8_t left[MESSAGES_MAX], blocked[MESSAGES_MAX] = {0};
        reader_ack(s, block->acks, block->ack_slot, block->ack_ticket, block->ack_id, blocked, left);
        while (recv(ends[1], data, sizeof data, MSG_DONTWAIT) > 0) continue;
    }
    reader_free(s);
    free(block);
    free(reads);
    close(ends[0]);
    close(ends[1]);
    printf("%lu\n", fed);
    return 0;
}
