/* The commonest payload: one flat JSON object of plain values under known keys, with or
 * without {"ts": …, "values": …} around it. Anything else is ODD and goes to Python, which alone
 * knows how to refuse; so this must accept nothing that Python would read differently. */
#define _GNU_SOURCE
#include "reader.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FLOAT = 0, INTEGER = 1, BOOLEAN = 2, TEXT = 3, GOOD = 0, SERVER_TIMED = 1 };
enum { EXACT_DIGITS_MAX = 18, EXACT_POWER_MAX = 22, NUMBER_BYTES_MAX = 63 };

static const uint64_t EXACT_MANTISSA_MAX = 1ull << 53;
static const double POWERS[EXACT_POWER_MAX + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

typedef struct {
    const uint8_t *at, *end;
} Text;

typedef struct {
    int kind;
    double f;
    int64_t i;
    const uint8_t *text;
    size_t length;
} Value;

static void skip_space(Text *t) {
    while (t->at < t->end && (*t->at == ' ' || *t->at == '\n' || *t->at == '\r' || *t->at == '\t'))
        t->at++;
}

/* Step over one character if it stands here, and over the space after it. */
static int step(Text *t, uint8_t wanted) {
    if (t->at >= t->end || *t->at != wanted) return 0;
    t->at++;
    skip_space(t);
    return 1;
}

static int word(Text *t, const char *wanted, size_t length) {
    if ((size_t)(t->end - t->at) < length || memcmp(t->at, wanted, length)) return 0;
    t->at += length;
    return 1;
}

/* A string without escapes; its bytes are compared with known keys, so they need no closer look. */
static int string(Text *t, const uint8_t **text, size_t *length) {
    if (t->at >= t->end || *t->at != '"') return 0;
    const uint8_t *start = ++t->at;
    while (t->at < t->end && *t->at != '"') {
        if (*t->at == '\\' || *t->at < 0x20) return 0;
        t->at++;
    }
    if (t->at >= t->end) return 0;
    *text = start;
    *length = (size_t)(t->at++ - start);
    return 1;
}

static locale_t plain_locale(void) {
    static locale_t plain;
    if (!plain) plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return plain;
}

/* Correctly rounded like every other reader of JSON: exactly where a double can, else by the C
 * library, whose rounding is correct too. */
static int as_double(Value *n, const uint8_t *start, size_t length, uint64_t mantissa, int digits,
                     int scale, int negative) {
    if (digits <= EXACT_DIGITS_MAX && mantissa <= EXACT_MANTISSA_MAX && scale >= 0 &&
        scale <= EXACT_POWER_MAX && FLT_EVAL_METHOD == 0) {
        double value = (double)mantissa / POWERS[scale];
        n->f = negative ? -value : value;
        return 1;
    }
    char copy[NUMBER_BYTES_MAX + 1];
    if (length > NUMBER_BYTES_MAX || !plain_locale()) return 0;
    memcpy(copy, start, length);
    copy[length] = 0;
    char *stop;
    n->f = strtod_l(copy, &stop, plain_locale());
    return stop == copy + length && isfinite(n->f);
}

static int digits_at(Text *t, uint64_t *mantissa, int *digits) {
    const uint8_t *start = t->at;
    while (t->at < t->end && *t->at >= '0' && *t->at <= '9') {
        if (*digits < EXACT_DIGITS_MAX) *mantissa = *mantissa * 10 + (uint64_t)(*t->at - '0');
        if (*digits <= EXACT_DIGITS_MAX && (*digits || *t->at != '0')) ++*digits;
        t->at++;
    }
    return (int)(t->at - start);
}

static int number(Text *t, Value *n) {
    const uint8_t *start = t->at;
    uint64_t mantissa = 0;
    int digits = 0, scale = 0;
    int negative = t->at < t->end && *t->at == '-';
    if (negative) t->at++;
    const uint8_t *first = t->at;
    int whole = digits_at(t, &mantissa, &digits);
    if (!whole || (whole > 1 && *first == '0') || t->end - start > READ_BYTES_MAX) return 0;
    n->kind = INTEGER;
    if (t->at < t->end && *t->at == '.') {
        t->at++;
        scale = digits_at(t, &mantissa, &digits);
        if (!scale) return 0;
        n->kind = FLOAT;
    }
    if (t->at < t->end && (*t->at | 0x20) == 'e') {
        uint64_t unused = 0;
        int none = 0;
        t->at++;
        if (t->at < t->end && (*t->at == '+' || *t->at == '-')) t->at++;
        if (!digits_at(t, &unused, &none)) return 0;
        n->kind = FLOAT;
        scale = -1;
    }
    if (n->kind == INTEGER) {
        n->i = negative ? -(int64_t)mantissa : (int64_t)mantissa;
        return digits <= EXACT_DIGITS_MAX;
    }
    return as_double(n, start, (size_t)(t->at - start), mantissa, digits, scale, negative);
}

/* Text of ASCII, which is its own normal form. */
static int text_value(Text *t, Value *n) {
    n->kind = TEXT;
    if (!string(t, &n->text, &n->length) || n->length > TEXT_CHARS_MAX) return 0;
    for (size_t at = 0; at < n->length; at++)
        if (n->text[at] > 0x7F) return 0;
    return 1;
}

static int value(Text *t, Value *n) {
    *n = (Value){0};
    if (t->at >= t->end) return 0;
    if (*t->at == '"') return text_value(t, n);
    if (*t->at != 't' && *t->at != 'f') return number(t, n);
    n->kind = BOOLEAN;
    n->i = *t->at == 't';
    return n->i ? word(t, "true", 4) : word(t, "false", 5);
}

/* Put a value into a row whose place was looked at. */
static int put(Block *block, uint32_t row, int32_t code, const Value *n) {
    uint32_t end = row ? block->text_end[row] : 0;
    if (n->length > BLOCK_BYTES_MAX - end) return 0;
    if (n->length) memcpy(block->text + end, n->text, n->length);
    block->text_end[0] = 0;
    block->text_end[row + 1] = end + (uint32_t)n->length;
    block->metric[row] = code;
    block->kind[row] = (uint8_t)n->kind;
    block->f[row] = n->f;
    block->i[row] = n->i;
    return 1;
}

/* {"ts": whole number, "values": — the time must be one that needs no mark. */
static int device_time(Text *t, const Terms *terms, int64_t *at_ms) {
    Value n = {0};
    const uint8_t *text;
    size_t length;
    if (!step(t, ':') || t->at >= t->end || *t->at == '-' || !number(t, &n) || n.kind != INTEGER)
        return 0;
    if (n.i < terms->from_ms || n.i > terms->to_ms) return 0;
    *at_ms = n.i;
    skip_space(t);
    if (!step(t, ',') || !string(t, &text, &length)) return 0;
    if (length != 6 || memcmp(text, "values", 6)) return 0;
    skip_space(t);
    return step(t, ':') && step(t, '{');
}

static int is_ts(const uint8_t *text, size_t length) {
    return length == 2 && text[0] == 't' && text[1] == 's';
}

int payload_take(Keys *keys, const Terms *terms, Block *block, const uint8_t *at,
                 const uint8_t *end, const uint8_t **missed, size_t *missed_length) {
    Text t = {at, end};
    const uint32_t message = block->messages;
    uint32_t row = block->rows;
    int timed = 0;
    block->at_ms[message] = terms->now_ms;
    block->quality[message] = SERVER_TIMED;
    if (!++keys->serial) { /* 2^32 messages later: no old mark may look new */
        memset(keys->seen, 0, sizeof keys->seen);
        keys->serial = 1;
    }
    skip_space(&t);
    if (!step(&t, '{')) return ODD;
    for (;;) {
        const uint8_t *text;
        size_t length;
        if (!string(&t, &text, &length)) return ODD;
        skip_space(&t);
        if (!timed && is_ts(text, length)) {
            if (row != block->rows || !device_time(&t, terms, &block->at_ms[message])) return ODD;
            block->quality[message] = GOOD;
            timed = 1;
            continue;
        }
        Value n;
        int32_t code = keys_find(keys, text, length);
        if (code < 0) {
            *missed = text;
            *missed_length = length;
            return ODD;
        }
        if (keys->seen[code] == keys->serial) return ODD; /* named twice */
        keys->seen[code] = keys->serial;
        if (!step(&t, ':') || !value(&t, &n)) return ODD;
        if (row >= ROWS_MAX || row - block->rows >= VALUES_MAX) return ODD;
        if (!put(block, row, code, &n)) return ODD;
        row++;
        skip_space(&t);
        if (step(&t, ',')) continue;
        if (!step(&t, '}') || (timed && !step(&t, '}')) || t.at != t.end) return ODD;
        break;
    }
    return (int)(row - block->rows);
}
