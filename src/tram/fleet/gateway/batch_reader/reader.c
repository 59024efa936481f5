/* Reads all connections that have something, takes the common packets, answers those of a block. */
#define _GNU_SOURCE
#include "reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ACKS_AT_ONCE = 1024, ACK_BYTES = 4 };
enum { FIRST_QOS_0 = 0x30, FIRST_QOS_1 = 0x32 }; /* PUBLISH, not sent again, not retained */

static const uint8_t TOPIC[] = "v1/devices/me/telemetry";
enum { TOPIC_BYTES = sizeof TOPIC - 1 };

size_t reader_reads_bytes(void) { return sizeof(Reads); }
size_t reader_block_bytes(void) { return sizeof(Block); }
size_t reader_terms_bytes(void) { return sizeof(Terms); }

void reader_free(Reader *s) {
    if (!s) return;
    if (s->epoll >= 0) close(s->epoll);
    free(s->slots);
    free(s);
}

Reader *reader_new(uint32_t slots_max, uint32_t seed, Reads *reads) {
    Reader *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->slots = calloc(slots_max, sizeof *s->slots); /* untouched pages cost nothing */
    s->slots_max = slots_max;
    s->reads = reads;
    if (s->epoll < 0 || !s->slots) {
        reader_free(s);
        return NULL;
    }
    fingerprint_begin();
    keys_clear(&s->keys, seed);
    return s;
}

int reader_epoll(const Reader *s) { return s->epoll; }

int32_t reader_learn(Reader *s, const uint8_t *text, size_t length) {
    return keys_learn(&s->keys, text, length);
}

void reader_forget_keys(Reader *s, uint32_t seed) { keys_clear(&s->keys, seed); }

static Slot *slot_of(Reader *s, uint32_t number) {
    return number < s->slots_max ? &s->slots[number] : NULL;
}

/* Give a connection its slot. Who had it before has another ticket, so its answers find nobody.
 * `share` and `due_s` stay Python's and must outlive the slot's use. */
int reader_enter(Reader *s, uint32_t number, int fd, const int64_t device[2], Share *share,
                double *due_s, int five) {
    Slot *slot = slot_of(s, number);
    if (!slot) return -1;
    *slot = (Slot){.fd = fd, .ticket = slot->ticket + 1, .device = device[0], .org = device[1],
                   .share = share, .due_s = due_s, .five = five != 0};
    return 0;
}

/* Everything that comes from now on is Python's, or the library's again. */
void reader_by_python(Reader *s, uint32_t number, int wanted) {
    Slot *slot = slot_of(s, number);
    if (slot) slot->by_python = wanted != 0;
}

/* What is taken into this batch is answered by Python, so that answers keep their order. */
void reader_answers_of(Reader *s, uint32_t number, int64_t batch) {
    Slot *slot = slot_of(s, number);
    if (slot) slot->answers_of = batch;
}

/* The tick when the library last took something. */
uint32_t reader_seen(Reader *s, uint32_t number) {
    const Slot *slot = slot_of(s, number);
    return slot ? slot->seen : 0;
}

/* How many messages the library has taken and not yet acknowledged. */
uint32_t reader_unanswered(Reader *s, uint32_t number) {
    const Slot *slot = slot_of(s, number);
    return slot ? slot->unanswered : 0;
}

/* Read from a connection or stop reading. Out of the set, because a set reports a hang-up of
 * whatever is in it, wanted or not. */
int reader_listen(Reader *s, uint32_t number, int wanted) {
    Slot *slot = slot_of(s, number);
    if (!slot || slot->fd < 0) return -1;
    if (slot->listens == (wanted != 0)) return 0;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)slot->ticket << 32 | number};
    if (epoll_ctl(s->epoll, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, slot->fd, &event)) return -1;
    slot->listens = wanted != 0;
    return 0;
}

void reader_leave(Reader *s, uint32_t number) {
    Slot *slot = slot_of(s, number);
    if (!slot) return;
    reader_listen(s, number, 0);
    slot->fd = -1;
    slot->ticket++;
}

/* Read once from every connection that has something; return how many reads there are. */
int reader_read(Reader *s) {
    static struct epoll_event events[READS_MAX];
    Reads *reads = s->reads;
    uint32_t count = 0, used = 0;
    int ready = epoll_wait(s->epoll, events, READS_MAX, 0), seen = 0;
    for (; seen < ready && ARENA_BYTES - used >= READ_BYTES_MAX; seen++) {
        uint32_t number = (uint32_t)events[seen].data.u64;
        const Slot *slot = slot_of(s, number);
        if (!slot || slot->fd < 0 || slot->ticket != (uint32_t)(events[seen].data.u64 >> 32)) continue;
        ssize_t got = recv(slot->fd, reads->arena + used, READ_BYTES_MAX, MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) continue;
        if (got < 0) got = 0; /* broken is the end too */
        reads->slot[count] = number;
        reads->at[count] = used;
        reads->length[count] = (uint32_t)got;
        used += (uint32_t)got;
        count++;
    }
    reads->count = count;
    reads->is_full = seen < ready || ready == READS_MAX;
    return (int)count;
}

/* The remaining length of at most three bytes (2 MB); 0 bytes used means odd. */
static size_t remaining_length(const uint8_t *at, const uint8_t *end, uint32_t *length) {
    *length = 0;
    for (size_t used = 0; used < 3 && at + used < end; used++) {
        *length |= (uint32_t)(at[used] & 0x7F) << 7 * used;
        if (at[used] < 0x80) return used + 1;
    }
    return 0;
}

static void note_missed(Reads *reads, const uint8_t *text, size_t length) {
    if (!text || length > KEY_BYTES_MAX || reads->missed >= MISSED_MAX) return;
    reads->missed_at[reads->missed] = (uint32_t)(text - reads->arena);
    reads->missed_length[reads->missed++] = (uint32_t)length;
}

/* Take one PUBLISH whose body is [body, stop). Returns its number of rows, ODD or NO_ROOM. */
static int take_publish(Reader *s, const Terms *terms, Block *block, const Slot *slot, int qos,
                        const uint8_t *body, const uint8_t *stop) {
    size_t fixed = 2 + TOPIC_BYTES + (qos ? 2 : 0) + (slot->five ? 1 : 0);
    if ((size_t)(stop - body) < fixed || body[0] || body[1] != TOPIC_BYTES) return ODD;
    if (memcmp(body + 2, TOPIC, TOPIC_BYTES)) return ODD;
    const uint8_t *at = body + 2 + TOPIC_BYTES;
    uint32_t packet_id = 0;
    if (qos) {
        packet_id = (uint32_t)at[0] << 8 | at[1];
        at += 2;
        if (!packet_id) return ODD;
    }
    if (slot->five && *at++) return ODD; /* properties */
    size_t length = (size_t)(stop - at);
    if (length > terms->payload_bytes_max) return ODD;
    const uint32_t m = block->messages;
    if (m >= MESSAGES_MAX || block->rows + VALUES_MAX > ROWS_MAX) return NO_ROOM;
    const uint8_t *missed = NULL;
    size_t missed_length = 0;
    int rows = payload_take(&s->keys, terms, block, at, stop, &missed, &missed_length);
    if (rows < 0) {
        note_missed(s->reads, missed, missed_length);
        return ODD;
    }
    uint64_t charge = length + MESSAGE_CHARGE + (uint64_t)ROW_CHARGE * (uint64_t)rows;
    if (block->charge + charge > block->room) return NO_ROOM;
    block->charge += charge;
    block->device[m] = slot->device;
    block->org[m] = slot->org;
    block->fingerprint[m] = qos ? fingerprint_of(body, (size_t)(stop - body)) : 0;
    block->line_of[m] = block->line++;
    block->packet_id[m] = (uint16_t)packet_id;
    block->rows_of[m] = (uint16_t)rows;
    block->qos[m] = (uint8_t)qos;
    block->rows += (uint32_t)rows;
    block->messages++;
    return rows;
}

static void note_ack(Block *block, uint32_t number, uint32_t ticket, uint16_t packet_id) {
    block->ack_slot[block->acks] = number;
    block->ack_ticket[block->acks] = ticket;
    block->ack_id[block->acks++] = packet_id;
}

/* Take all packets of one read, or none. Returns their number, ODD or NO_ROOM. */
static int take_read(Reader *s, const Terms *terms, Block *block, const Slot *slot, uint32_t read) {
    Reads *reads = s->reads;
    if (reads->at[read] > ARENA_BYTES || reads->length[read] > ARENA_BYTES - reads->at[read])
        return ODD;
    const uint8_t *at = reads->arena + reads->at[read], *end = at + reads->length[read];
    const int acks_here = slot->answers_of != terms->batch;
    int taken = 0, by_qos[2] = {0, 0};
    reads->old_rows[read] = 0;
    while (at < end) {
        uint32_t length;
        int first = *at++, qos = first == FIRST_QOS_1;
        if (first != FIRST_QOS_0 && first != FIRST_QOS_1) return ODD;
        size_t used = remaining_length(at, end, &length);
        if (!used || length > (size_t)(end - at) - used) return ODD;
        at += used;
        int rows = take_publish(s, terms, block, slot, qos, at, at + length);
        if (rows < 0) return rows;
        const uint32_t m = block->messages - 1;
        if (block->at_ms[m] < terms->old_before_ms) reads->old_rows[read] += rows;
        if (qos && acks_here)
            note_ack(block, reads->slot[read], slot->ticket, block->packet_id[m]);
        by_qos[qos]++;
        taken++;
        at += length;
    }
    if (slot->five && (!acks_here || slot->unanswered + by_qos[1] > terms->unanswered_max))
        return ODD; /* MQTT 5 is told how many may be unanswered: Python counts exactly */
    reads->by_qos[0] += (uint32_t)by_qos[0];
    reads->by_qos[1] += (uint32_t)by_qos[1];
    reads->old_rows_in_all += (uint32_t)reads->old_rows[read];
    return taken;
}

/* Whether its organisation still has credit in this round. */
static int has_turn(Share *share, const Terms *terms) {
    if (share->round != terms->round) {
        int64_t credit = share->credit + (terms->round - share->round) * terms->quantum;
        share->credit = credit < terms->quantum ? credit : terms->quantum;
        share->round = terms->round;
    }
    return share->credit > 0;
}

/* Account for a read that was taken; TAKEN, or LOOK if its sender is to be slowed or answered. */
static int account(const Reads *reads, const Terms *terms, Slot *slot, uint32_t read,
                   uint32_t acks) {
    if (terms->admits)
        slot->share->credit -=
            ((int64_t)reads->length[read] + terms->read_charge) / terms->batch_share;
    slot->seen = terms->tick;
    slot->unanswered += acks;
    double due_s = *slot->due_s > terms->now_s ? *slot->due_s : terms->now_s;
    *slot->due_s = due_s += reads->taken[read] * terms->message_s;
    int is_ahead = due_s - terms->now_s - terms->burst_s > 0;
    return is_ahead || reads->old_rows[read] || slot->answers_of == terms->batch ? LOOK : TAKEN;
}

/* Take one read into the block or leave block and account as they were. Returns its status or NO_ROOM. */
static int take_or_leave(Reader *s, const Terms *terms, Block *block, uint32_t read) {
    Reads *reads = s->reads;
    Slot *slot = slot_of(s, reads->slot[read]);
    if (!reads->length[read]) return ENDED;
    if (!slot || slot->fd < 0 || slot->by_python) return TURN;
    if (terms->admits && !has_turn(slot->share, terms)) return TURN;
    const uint32_t messages = block->messages, rows = block->rows, acks = block->acks,
                   line = block->line;
    const uint64_t charge = block->charge;
    reads->first[read] = messages;
    int taken = reads->taken[read] = take_read(s, terms, block, slot, read);
    if (taken >= 0) return account(reads, terms, slot, read, block->acks - acks);
    block->messages = messages;
    block->rows = rows;
    block->acks = acks;
    block->line = line;
    block->charge = charge;
    return taken == NO_ROOM ? NO_ROOM : TURN;
}

/* Take the reads from `from` on, each whole or not at all; `status` says what became of each.
 * Returns the first that finds no room in this block, or the number of reads. */
uint32_t reader_take(Reader *s, const Terms *terms, Block *block, uint32_t from) {
    Reads *reads = s->reads;
    reads->looks = 0;
    for (uint32_t read = from; read < reads->count; read++) {
        int status = take_or_leave(s, terms, block, read);
        if (status == NO_ROOM) return read;
        reads->status[read] = (uint8_t)status;
        reads->looks += status == LOOK;
        reads->turns += status > LOOK;
    }
    return reads->count;
}

/* Send PUBACK for (slot, ticket, packet id), several of one slot in one write where they follow each
 * other. `left` gets, of each entry, how many bytes did not leave; returns whether any did not. */
int reader_ack(Reader *s, uint32_t count, const uint32_t *slots, const uint32_t *tickets,
              const uint16_t *ids, const uint8_t *is_blocked, uint8_t *left) {
    uint8_t packets[ACKS_AT_ONCE * ACK_BYTES];
    int any_left = 0;
    for (uint32_t start = 0, stop; start < count; start = stop) {
        uint32_t bytes = 0;
        for (stop = start; stop < count && slots[stop] == slots[start] &&
                           tickets[stop] == tickets[start] && stop - start < ACKS_AT_ONCE;
             stop++) {
            packets[bytes++] = 0x40;
            packets[bytes++] = 2;
            packets[bytes++] = (uint8_t)(ids[stop] >> 8);
            packets[bytes++] = (uint8_t)ids[stop];
        }
        Slot *slot = slot_of(s, slots[start]);
        ssize_t sent = bytes;
        if (slot && slot->fd >= 0 && slot->ticket == tickets[start]) {
            int blocked = is_blocked[start] || (start && slots[start - 1] == slots[start] &&
                                                left[start - 1]);
            sent = blocked ? 0 : send(slot->fd, packets, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0) sent = 0; /* the transport will find out why */
            slot->unanswered -= stop - start;
        }
        for (uint32_t one = start; one < stop; one++) {
            ssize_t gone = sent - (ssize_t)(one - start) * ACK_BYTES;
            left[one] = gone >= ACK_BYTES ? 0 : gone > 0 ? (uint8_t)(ACK_BYTES - gone) : ACK_BYTES;
            any_left |= left[one];
        }
    }
    return any_left != 0;
}
