/* What the parts of the batch reader share. See __init__.py for what it does and why.
 *
 * Bytes from outside are only ever looked at between two pointers, and every number that comes from
 * them is compared with what is left before it is used. Nothing is allocated after reader_new. */
#ifndef TRAM_READER_H
#define TRAM_READER_H

#ifndef BLOCK_BYTES_MAX
#error "tools/compile_reader.py gives the limits that Python has, see place.py"
#endif

#include <stddef.h>
#include <stdint.h>

enum {
    READS_MAX = 1024,         /* connections read in one batch */
    READ_BYTES_MAX = 16384,   /* taken from one connection in one batch */
    ARENA_BYTES = 1 << 18,    /* taken from all of them: some milliseconds of work */
    KEYS_MAX = 10000,
    KEY_BYTES_MAX = 4 * KEY_CHARS_MAX,
    KEY_PLACES = 32768,       /* a power of two, three times KEYS_MAX */
    KEY_PROBES_MAX = 64,      /* so that chosen keys cannot make a search long */
    KEY_POOL_BYTES = 1 << 20,
    MISSED_MAX = 32,          /* unknown keys told to Python in one take */
};

/* What became of one read: taken and done with; taken, and Python must look at its sender; Python's,
 * now or in its turn; the connection's end. */
enum { TAKEN = 0, LOOK = 1, TURN = 2, ENDED = 3 };
/* Instead of a number of rows or messages. */
enum { ODD = -1, NO_ROOM = -2 };

/* The reads of one batch; NumPy sees the same memory (library.py). */
typedef struct {
    uint32_t count, is_full, missed, looks, turns; /* looks, turns: how many reads are so, or ended */
    uint32_t by_qos[3], old_rows_in_all;
    uint32_t slot[READS_MAX], at[READS_MAX], length[READS_MAX];
    uint32_t first[READS_MAX]; /* the read's first message among the block's */
    int32_t taken[READS_MAX], old_rows[READS_MAX];
    uint8_t status[READS_MAX];
    uint32_t missed_at[MISSED_MAX], missed_length[MISSED_MAX];
    uint8_t arena[ARENA_BYTES];
} Reads;

/* The columns of one block, as far as they were filled here. */
typedef struct {
    uint32_t messages, rows, acks, line; /* line: number of the next message in the block */
    uint64_t charge, room;
    int64_t device[MESSAGES_MAX], org[MESSAGES_MAX], at_ms[MESSAGES_MAX];
    uint64_t fingerprint[MESSAGES_MAX];
    uint32_t line_of[MESSAGES_MAX], ack_slot[MESSAGES_MAX], ack_ticket[MESSAGES_MAX];
    uint16_t packet_id[MESSAGES_MAX], rows_of[MESSAGES_MAX], ack_id[MESSAGES_MAX];
    uint8_t qos[MESSAGES_MAX], quality[MESSAGES_MAX];
    double f[ROWS_MAX];
    int64_t i[ROWS_MAX];
    int32_t metric[ROWS_MAX];
    uint32_t text_end[ROWS_MAX + 1]; /* where the text of row n - 1 ends; one more than rows */
    uint8_t kind[ROWS_MAX];
    uint8_t text[BLOCK_BYTES_MAX];
} Block;

/* What holds during one batch. The rules of turn and pace are those of backpressure.py. */
typedef struct {
    int64_t now_ms, from_ms, to_ms, old_before_ms;
    int64_t round, quantum, read_charge, batch_share, batch, unanswered_max;
    double now_s, message_s, burst_s;
    uint32_t payload_bytes_max, tick, admits; /* admits: charge each read its turn */
} Terms;

/* An organisation's turn; Python owns the memory and reads it too. */
typedef struct {
    int64_t credit, round;
} Share;

typedef struct {
    int fd; /* -1: free */
    uint32_t ticket, seen, unanswered; /* unanswered: taken here and not yet acknowledged */
    int64_t device, org, answers_of; /* answers_of: the batch in which Python answers */
    Share *share;
    double *due_s; /* the device's pace */
    uint8_t five, listens, by_python;
} Slot;

typedef struct {
    uint32_t at, hash;
    uint16_t length;
    int32_t code; /* -1: free */
} Key;

typedef struct {
    Key places[KEY_PLACES];
    uint8_t pool[KEY_POOL_BYTES];
    uint32_t pool_used, seed, serial;
    int32_t count;
    uint32_t seen[KEYS_MAX]; /* the serial of the message that named the key last */
} Keys;

typedef struct {
    int epoll;
    uint32_t slots_max;
    Slot *slots;
    Reads *reads;
    Keys keys;
} Reader;

int32_t keys_find(const Keys *keys, const uint8_t *text, size_t length);
int32_t keys_learn(Keys *keys, const uint8_t *text, size_t length);
void keys_clear(Keys *keys, uint32_t seed);

void fingerprint_begin(void);
uint64_t fingerprint_of(const uint8_t *bytes, size_t length);

/* Fill one message's rows from its payload; the number of rows, or ODD. */
int payload_take(Keys *keys, const Terms *terms, Block *block, const uint8_t *at,
                 const uint8_t *end, const uint8_t **missed, size_t *missed_length);

#endif
