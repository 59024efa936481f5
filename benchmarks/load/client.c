/* One device: its connection, its window of messages, and what it sends again. */
#include "load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int connecting, ready;
bool sending, ending;
FILE *acked_log;
int epoll_fd;

static void note_acked(Client *c, Slot *slot) {
    struct {
        uint32_t client, n;
        int64_t ts;
    } line = {c->index, slot->n, slot->ts};
    int64_t now = now_ns(), took = now - slot->first_sent_ns;
    slot->acked = true;
    figures.acked++;
    figures.last_ack_ns = now;
    note_latency(took);
    if (acked_log && fwrite(&line, sizeof line, 1, acked_log) != 1) die("cannot write the log");
}

/* ---- connections ---- */

static void watch(Client *c, uint32_t events) {
    if (c->events == events) return;
    struct epoll_event e = {.events = events, .data.ptr = c};
    epoll_ctl(epoll_fd, c->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &e);
    c->events = events;
}

static void lose(Client *c) {
    if (c->state == CONNECTING || c->state == GREETING) connecting--;
    if (c->state == READY) {
        ready--;
        if (!ending) figures.losts++;
    }
    close(c->fd);
    c->fd = -1;
    c->events = 0;
    c->state = DOWN;
    c->retry_ns = now_ns() + RETRY_NS;
}

static void add_control(Client *c, const void *bytes, uint32_t length) {
    if (c->control_length + length > c->control_size) {
        c->control_size = (c->control_length + length) * 2;
        c->control = realloc(c->control, c->control_size);
        if (!c->control) die("out of memory");
    }
    memcpy(c->control + c->control_length, bytes, length);
    c->control_length += length;
}

static void greet(Client *c) {
    char name[32];
    int name_length = snprintf(name, sizeof name, "load-%u", c->index);
    size_t token_length = strlen(c->token);
    uint8_t packet[64 + TOKEN_MAX], *at = packet;
    uint32_t length = 10 + 2 + (uint32_t)name_length + 2 + (uint32_t)token_length;
    *at++ = 0x10;
    if (length >= 128) {
        *at++ = (uint8_t)((length & 127) | 128);
        *at++ = (uint8_t)(length >> 7);
    } else {
        *at++ = (uint8_t)length;
    }
    /* level 4; user name, the session is kept (clean session = 0); keep-alive 600 s */
    static const uint8_t fixed[] = {0, 4, 'M', 'Q', 'T', 'T', 4, 0x80, 600 >> 8, 600 & 255};
    memcpy(at, fixed, sizeof fixed);
    at += sizeof fixed;
    *at++ = 0;
    *at++ = (uint8_t)name_length;
    memcpy(at, name, (size_t)name_length);
    at += name_length;
    *at++ = 0;
    *at++ = (uint8_t)token_length;
    memcpy(at, c->token, token_length);
    at += token_length;
    c->control_length = 0;
    add_control(c, packet, (uint32_t)(at - packet));
}

void open_connection(Client *c) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("no more sockets: raise the limit of open files (ulimit -n)");
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    figures.connects++;
    c->state = CONNECTING;
    connecting++;
    c->in_length = c->offset = 0;
    c->next = c->first;
    greet(c);
    struct sockaddr *address = (struct sockaddr *)&options.address;
    if (connect(c->fd, address, sizeof options.address) < 0 && errno != EINPROGRESS) {
        figures.connect_errors++;
        lose(c);
        return;
    }
    watch(c, EPOLLIN | EPOLLOUT);
}

/* Begin again at the oldest message without an acknowledgement. */
static void resume(Client *c) {
    c->state = READY;
    connecting--;
    ready++;
    c->next = c->first;
    c->offset = 0;
    for (uint32_t p = c->first; p != c->end; p++) {
        Slot *slot = &c->slots[p % (uint32_t)options.window];
        if (!slot->first_sent_ns) continue;
        if (slot->acked) { /* QoS 2: perhaps the release is missing */
            if (options.qos < 2 || slot->released) continue;
            uint8_t release[4] = {0x62, 2, (uint8_t)(slot->id >> 8), (uint8_t)slot->id};
            add_control(c, release, 4);
        } else {
            slot->bytes[slot->head] |= 8;
            figures.resent++;
        }
    }
}

/* ---- writing ---- */

static bool flush_control(Client *c) {
    while (c->control_length) {
        ssize_t n = send(c->fd, c->control, c->control_length, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(c, EPOLLIN | EPOLLOUT);
            return false;
        }
        if (n <= 0) {
            lose(c);
            return false;
        }
        memmove(c->control, c->control + n, c->control_length - (uint32_t)n);
        c->control_length -= (uint32_t)n;
    }
    return true;
}

static void advance_written(Client *c, size_t n, int64_t now) {
    figures.written_bytes += n;
    while (n) {
        Slot *slot = &c->slots[c->next % (uint32_t)options.window];
        uint32_t rest = slot->length - c->offset;
        if (slot->acked) {
            c->next++;
            continue;
        }
        if (n < rest) {
            c->offset += (uint32_t)n;
            return;
        }
        n -= rest;
        c->offset = 0;
        c->next++;
        if (!slot->first_sent_ns) {
            slot->first_sent_ns = now;
            figures.sent++;
        }
        if (!options.qos) note_acked(c, slot);
    }
}

static void drop_acked(Client *c) {
    while (c->first != c->next && c->slots[c->first % (uint32_t)options.window].acked &&
           (options.qos < 2 || c->slots[c->first % (uint32_t)options.window].released))
        c->first++;
}

/* Write what lies between `next` and `end`, at most `batch` messages per system call. */
void flush_messages(Client *c, int batch) {
    struct iovec parts[IOV_MAX_HERE];
    while (c->state == READY) {
        if (!c->offset && c->control_length && !flush_control(c)) return;
        int count = 0;
        size_t total = 0;
        for (uint32_t p = c->next; p != c->end && count < batch; p++) {
            Slot *slot = &c->slots[p % (uint32_t)options.window];
            if (slot->acked) continue;
            uint32_t skip = p == c->next ? c->offset : 0;
            parts[count].iov_base = slot->bytes + slot->head + skip;
            parts[count].iov_len = slot->length - skip;
            total += parts[count++].iov_len;
        }
        if (!count) {
            c->next = c->end;
            watch(c, EPOLLIN);
            return;
        }
        int64_t now = now_ns();
        ssize_t n = writev(c->fd, parts, count);
        if (n < 0 && errno != EAGAIN) {
            lose(c);
            return;
        }
        if (n > 0) advance_written(c, (size_t)n, now);
        if (!options.qos) drop_acked(c);
        if (n < (ssize_t)total) {
            watch(c, EPOLLIN | EPOLLOUT);
            return;
        }
    }
}

bool has_room(const Client *c) {
    return c->state == READY && c->end - c->first < (uint32_t)options.window &&
           c->n < SEQ_STRIDE - 1;
}

void fill(Client *c) {
    while (sending && has_room(c) && figures.sent < options.messages_max) {
        while (has_room(c)) make_message(c);
        flush_messages(c, IOV_MAX_HERE);
        if (options.qos || c->next != c->end) break;
    }
}

/* ---- reading ---- */

static Slot *slot_of(Client *c, uint16_t id) {
    for (uint32_t p = c->first; p != c->next; p++) {
        Slot *slot = &c->slots[p % (uint32_t)options.window];
        if (slot->id == id) return slot;
    }
    return NULL;
}

/* Return false when the connection was lost by what the packet says. */
static bool on_packet(Client *c, const uint8_t *packet, uint32_t length) {
    uint8_t kind = packet[0] >> 4;
    if (kind == 2) {
        if (length < 4 || packet[3]) {
            figures.refused[length < 4 ? 0 : packet[3] & (CODES - 1)]++;
            lose(c);
            return false;
        }
        resume(c);
        return true;
    }
    if (length < 4 || kind < 4 || kind > 7) return true;
    uint16_t id = (uint16_t)(packet[2] << 8 | packet[3]);
    Slot *slot = slot_of(c, id);
    if (!slot || !slot->first_sent_ns) return true;
    if (kind == 4 || kind == 5) {
        if (!slot->acked) note_acked(c, slot);
    }
    if (kind == 5) {
        uint8_t release[4] = {0x62, 2, packet[2], packet[3]};
        slot->released = false;
        add_control(c, release, 4);
    }
    if (kind == 7) slot->released = true;
    return true;
}

static void on_readable(Client *c) {
    for (;;) {
        ssize_t n = recv(c->fd, c->in + c->in_length, IN_MAX - c->in_length, 0);
        if (n == 0 || (n < 0 && errno != EAGAIN)) {
            if (c->state == CONNECTING) figures.connect_errors++;
            lose(c);
            return;
        }
        if (n < 0) break;
        c->in_length += (uint32_t)n;
        uint32_t at = 0;
        while (c->in_length - at >= 2) {
            uint32_t length = 2u + c->in[at + 1]; /* everything that we are sent is short */
            if (c->in_length - at < length) break;
            if (!on_packet(c, c->in + at, length)) return;
            at += length;
        }
        memmove(c->in, c->in + at, c->in_length - at);
        c->in_length -= at;
        if (c->in_length >= IN_MAX) die("the server sent a packet that is too long for a device");
        if (n < IN_MAX / 2) break;
    }
    drop_acked(c);
}

void on_event(Client *c, uint32_t events) {
    if (c->state == DOWN) return;
    if (events & EPOLLOUT && c->state == CONNECTING) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error) {
            figures.connect_errors++;
            lose(c);
            return;
        }
        c->state = GREETING;
    }
    if (c->state == GREETING && flush_control(c)) watch(c, EPOLLIN);
    if (c->state != DOWN && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(c);
    if (c->state != READY) return;
    bool paced = options.rate > 0;
    if (c->next != c->end || c->control_length) flush_messages(c, paced ? 1 : IOV_MAX_HERE);
    if (c->state == READY && c->control_length && !c->offset) flush_control(c);
    if (c->state == READY && !paced) fill(c);
}
