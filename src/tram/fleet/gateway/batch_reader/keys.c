/* Known keys to their codes, and the fingerprint of a message. */
#include "reader.h"

#include <string.h>

static uint32_t hash_of(const Keys *keys, const uint8_t *text, size_t length) {
    uint32_t hash = keys->seed;
    for (size_t i = 0; i < length; i++) hash = (hash ^ text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

/* The place where the key is or would be; KEY_PLACES when too many others are in its way. */
static uint32_t place_of(const Keys *keys, const uint8_t *text, size_t length, uint32_t hash) {
    for (uint32_t probe = 0; probe < KEY_PROBES_MAX; probe++) {
        uint32_t place = (hash + probe) & (KEY_PLACES - 1);
        const Key *key = &keys->places[place];
        if (key->code < 0 || (key->hash == hash && key->length == length &&
                              !memcmp(keys->pool + key->at, text, length)))
            return place;
    }
    return KEY_PLACES;
}

int32_t keys_find(const Keys *keys, const uint8_t *text, size_t length) {
    if (length > KEY_BYTES_MAX) return -1;
    uint32_t place = place_of(keys, text, length, hash_of(keys, text, length));
    return place == KEY_PLACES ? -1 : keys->places[place].code;
}

/* Return the key's code, or -1 when there is no room for one more. */
int32_t keys_learn(Keys *keys, const uint8_t *text, size_t length) {
    if (length > KEY_BYTES_MAX || keys->pool_used + length > KEY_POOL_BYTES) return -1;
    uint32_t hash = hash_of(keys, text, length), place = place_of(keys, text, length, hash);
    if (place == KEY_PLACES) return -1;
    Key *key = &keys->places[place];
    if (key->code >= 0) return key->code;
    if (keys->count >= KEYS_MAX) return -1;
    *key = (Key){keys->pool_used, hash, (uint16_t)length, keys->count++};
    memcpy(keys->pool + keys->pool_used, text, length);
    keys->pool_used += (uint32_t)length;
    return key->code;
}

void keys_clear(Keys *keys, uint32_t seed) {
    memset(keys->seen, 0, sizeof keys->seen);
    for (uint32_t place = 0; place < KEY_PLACES; place++) keys->places[place].code = -1;
    keys->seed = seed;
    keys->pool_used = 0;
    keys->count = 0;
    keys->serial = 0;
}

/* CRC-32 (eight bytes a step) and Adler-32, as zlib has them: block.py says the same of a message. */

static uint32_t crc_tables[8][256];

void fingerprint_begin(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t crc = n;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
        crc_tables[0][n] = crc;
    }
    for (uint32_t n = 0; n < 256; n++)
        for (int k = 1; k < 8; k++)
            crc_tables[k][n] =
                crc_tables[k - 1][n] >> 8 ^ crc_tables[0][crc_tables[k - 1][n] & 255];
}

static uint32_t crc32_of(const uint8_t *at, size_t length) {
    uint32_t crc = 0xFFFFFFFFu;
    for (; length >= 8; length -= 8, at += 8) {
        uint32_t low = crc ^ ((uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
                              (uint32_t)at[3] << 24);
        crc = crc_tables[7][low & 255] ^ crc_tables[6][low >> 8 & 255] ^
              crc_tables[5][low >> 16 & 255] ^ crc_tables[4][low >> 24] ^ crc_tables[3][at[4]] ^
              crc_tables[2][at[5]] ^ crc_tables[1][at[6]] ^ crc_tables[0][at[7]];
    }
    while (length--) crc = crc >> 8 ^ crc_tables[0][(crc ^ *at++) & 255];
    return ~crc;
}

static uint32_t adler32_of(const uint8_t *at, size_t length) {
    enum { BASE = 65521, STEP = 5552 }; /* so many steps cannot overflow 32 bits (RFC 1950) */
    uint32_t a = 1, b = 0;
    while (length) {
        size_t now = length < STEP ? length : STEP;
        length -= now;
        while (now--) {
            a += *at++;
            b += a;
        }
        a %= BASE;
        b %= BASE;
    }
    return b << 16 | a;
}

uint64_t fingerprint_of(const uint8_t *bytes, size_t length) {
    return (uint64_t)crc32_of(bytes, length) << 32 | adler32_of(bytes, length);
}
