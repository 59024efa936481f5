/* Outside load for the ingest benchmark: many MQTT 3.1.1 devices in one epoll thread.
 *
 * Each client is one device with its own token. A message carries the device's time (ms, strictly
 * increasing per device), `seq` (client * 10,000,000 + n, unique over all clients) and three noisy
 * metrics. A lost connection is opened again and what was not acknowledged is sent again: same
 * packet id, same payload, DUP=1. What was acknowledged goes to a log, so that somebody else can
 * check that it is really there.
 *
 * Two ways of sending: saturated (the window of every client is kept full, one writev per turn) and
 * paced (--rate R over all clients, one message per write, which is what real devices look like).
 *
 * Phases: connect all -> print a line {"event":"ready"} (with --hold: wait for a line on stdin)
 * -> send for --seconds -> drain -> DISCONNECT -> print one line of JSON with the figures.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum {
    CLIENTS_MAX = 20000,
    WINDOW_MAX = 1024,
    TOKEN_MAX = 128,
    PACKET_MAX = 256,
    IN_MAX = 512,
    EVENTS_MAX = 512,
    IOV_MAX_HERE = 64,
    CONNECTING_MAX = 256,
    CODES = 8,
    SEQ_STRIDE = 10000000,
    SUB_BITS = 6,
    BUCKETS = 64 << SUB_BITS,
};
#define RETRY_NS 200000000LL
#define SECOND_NS 1000000000LL

static const char TOPIC[] = "v1/devices/me/telemetry";

typedef struct {
    int64_t first_sent_ns; /* 0 = never written */
    int64_t ts;
    uint32_t n;
    uint16_t id;
    uint16_t length;
    uint8_t head; /* where the packet starts in `bytes` */
    bool acked, released;
    uint8_t bytes[PACKET_MAX];
} Slot;

typedef enum { DOWN, CONNECTING, GREETING, READY } State;

typedef struct {
    int fd;
    State state;
    uint32_t index;
    uint32_t events; /* what epoll watches */
    int64_t retry_ns;
    int64_t last_ts;
    uint64_t rng;
    uint32_t n;
    uint32_t first, next, end; /* ring positions: oldest unacked, next to write, one past newest */
    uint32_t offset;           /* bytes of `next` already written */
    uint16_t id;
    uint32_t in_length, control_length;
    uint8_t in[IN_MAX];
    uint8_t *control; /* CONNECT, PUBREL: written before the next message */
    uint32_t control_size;
    char token[TOKEN_MAX];
    Slot *slots;
} Client;

static struct {
    struct sockaddr_in address;
    const char *tokens, *log;
    int clients, window, qos;
    double rate, seconds, drain_seconds, connect_seconds;
    uint64_t messages_max;
    bool hold;
} options = {.clients = 200, .window = 20, .qos = 1, .seconds = 20, .drain_seconds = 30,
             .connect_seconds = 30, .messages_max = 50000000};

static struct {
    uint64_t sent, acked, resent, connects, losts, refused[CODES], connect_errors, written_bytes;
    int64_t latency_max_ns, last_ack_ns;
    uint64_t latency[BUCKETS];
} figures;

static Client *clients;
static int epoll_fd, connecting, ready;
static bool sending, ending;
static FILE *acked_log;
static volatile sig_atomic_t interrupted;

static void die(const char *sentence) {
    fprintf(stderr, "load: %s\n", sentence);
    exit(2);
}

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

static int64_t epoch_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* ---- latency histogram: 64 steps per doubling, error below 1.6 % ---- */

static int bucket_of(uint64_t ns) {
    if (ns < (1u << SUB_BITS)) return (int)ns;
    int shift = 63 - __builtin_clzll(ns) - SUB_BITS;
    return ((shift + 1) << SUB_BITS) + (int)((ns >> shift) - (1u << SUB_BITS));
}

static double bucket_ms(int bucket) {
    if (bucket < (1 << SUB_BITS)) return bucket / 1e6;
    int shift = (bucket >> SUB_BITS) - 1;
    uint64_t low = (uint64_t)((bucket & ((1 << SUB_BITS) - 1)) + (1 << SUB_BITS)) << shift;
    return (double)(low + ((1ull << shift) >> 1)) / 1e6;
}

static double quantile_ms(double q) {
    uint64_t total = 0, seen = 0;
    for (int b = 0; b < BUCKETS; b++) total += figures.latency[b];
    if (!total) return 0;
    for (int b = 0; b < BUCKETS; b++) {
        seen += figures.latency[b];
        if ((double)seen >= q * (double)total) return bucket_ms(b);
    }
    return (double)figures.latency_max_ns / 1e6;
}

/* ---- messages ---- */

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
static void make_message(Client *c) {
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

static void note_acked(Client *c, Slot *slot) {
    struct {
        uint32_t client, n;
        int64_t ts;
    } line = {c->index, slot->n, slot->ts};
    int64_t now = now_ns(), took = now - slot->first_sent_ns;
    slot->acked = true;
    figures.acked++;
    figures.last_ack_ns = now;
    figures.latency[bucket_of((uint64_t)took)]++;
    if (took > figures.latency_max_ns) figures.latency_max_ns = took;
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

static void open_connection(Client *c) {
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
        if (n <= 0) return n < 0 && errno == EAGAIN ? (watch(c, EPOLLIN | EPOLLOUT), false) : (lose(c), false);
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
static void flush_messages(Client *c, int batch) {
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

static bool has_room(const Client *c) {
    return c->state == READY && c->end - c->first < (uint32_t)options.window &&
           c->n < SEQ_STRIDE - 1;
}

static void fill(Client *c) {
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

static void on_event(Client *c, uint32_t events) {
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

/* ---- phases ---- */

static void turn(int timeout_ms) {
    struct epoll_event events[EVENTS_MAX];
    int count = epoll_wait(epoll_fd, events, EVENTS_MAX, timeout_ms);
    for (int e = 0; e < count; e++) on_event(events[e].data.ptr, events[e].events);
}

static void reconnect_some(void) {
    if (ending || ready + connecting == options.clients) return;
    int64_t now = now_ns();
    for (int i = 0; i < options.clients && connecting < CONNECTING_MAX; i++)
        if (clients[i].state == DOWN && clients[i].retry_ns <= now) open_connection(&clients[i]);
}

static void connect_all(void) {
    int64_t deadline = now_ns() + (int64_t)(options.connect_seconds * 1e9);
    while (ready < options.clients && now_ns() < deadline && !interrupted) {
        reconnect_some();
        turn(20);
    }
}

static void hold(void) {
    printf("{\"event\":\"ready\",\"clients\":%d}\n", ready);
    fflush(stdout);
    if (!options.hold) return;
    struct pollfd input = {.fd = 0, .events = POLLIN};
    int64_t deadline = now_ns() + (int64_t)(options.connect_seconds * 1e9);
    while (!interrupted && poll(&input, 1, 10) == 0 && now_ns() < deadline) {
        reconnect_some();
        turn(0);
    }
}

/* One message per write, spread over the clients in turn. Return how many were due but not sent. */
static uint64_t pace(int64_t start) {
    static uint32_t next;
    uint64_t due = (uint64_t)((double)(now_ns() - start) / 1e9 * options.rate);
    if (due > options.messages_max) due = options.messages_max;
    static uint64_t made;
    for (int tried = 0; made < due && tried < options.clients; next++) {
        Client *c = &clients[next % (uint32_t)options.clients];
        if (!has_room(c) || c->next != c->end) {
            tried++;
            continue;
        }
        tried = 0;
        make_message(c);
        made++;
        flush_messages(c, 1);
    }
    return due - made;
}

static uint64_t send_all(int64_t start) {
    int64_t end = start + (int64_t)(options.seconds * 1e9);
    uint64_t late = 0;
    sending = true;
    if (options.rate <= 0)
        for (int i = 0; i < options.clients; i++) fill(&clients[i]);
    while (now_ns() < end && !interrupted && figures.sent < options.messages_max) {
        reconnect_some();
        if (options.rate > 0) late = pace(start);
        turn(options.rate > 0 ? 1 : 10);
    }
    sending = false;
    return late;
}

static uint64_t unacked(void) { return figures.sent - figures.acked; }

static void forget_unsent(void) {
    for (int i = 0; i < options.clients; i++) {
        Client *c = &clients[i];
        while (c->end != c->next && !(c->offset && c->end == c->next + 1) &&
               !c->slots[(c->end - 1) % (uint32_t)options.window].first_sent_ns)
            c->end--;
    }
}

static void drain(void) {
    int64_t deadline = now_ns() + (int64_t)(options.drain_seconds * 1e9);
    forget_unsent();
    while (unacked() && now_ns() < deadline && interrupted < 2) {
        reconnect_some();
        turn(10);
    }
    ending = true;
    for (int i = 0; i < options.clients; i++)
        if (clients[i].state == READY && !clients[i].offset)
            (void)!send(clients[i].fd, "\xe0\0", 2, MSG_NOSIGNAL);
}

/* ---- beginning and end ---- */

static void read_tokens(void) {
    FILE *file = fopen(options.tokens, "r");
    if (!file) die("cannot open the file of tokens");
    char line[1024];
    int count = 0;
    while (count < options.clients && fgets(line, sizeof line, file)) {
        size_t length = strcspn(line, " \t\r\n,;");
        if (!length || line[0] == '#') continue;
        if (length >= TOKEN_MAX) die("a token is too long");
        memcpy(clients[count].token, line, length);
        clients[count++].token[length] = 0;
    }
    fclose(file);
    if (count < options.clients) die("the file has fewer tokens than --clients");
}

static void prepare(void) {
    struct rlimit files = {0};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    clients = calloc((size_t)options.clients, sizeof *clients);
    if (!clients) die("out of memory");
    for (int i = 0; i < options.clients; i++) {
        Client *c = &clients[i];
        c->fd = -1;
        c->index = (uint32_t)i;
        c->rng = 0x9e3779b97f4a7c15ull * (uint64_t)(i + 1);
        c->slots = calloc((size_t)options.window, sizeof *c->slots);
        if (!c->slots) die("out of memory");
    }
    read_tokens();
    if (options.log) {
        acked_log = fopen(options.log, "wb");
        if (!acked_log) die("cannot open the log");
        setvbuf(acked_log, NULL, _IOFBF, 1 << 20);
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

static double number(const char *text) {
    char *end;
    double value = strtod(text, &end);
    if (*end || value < 0) die("an option needs a number that is not negative");
    return value;
}

static void read_options(int count, char **words) {
    options.address.sin_family = AF_INET;
    inet_pton(AF_INET, "127.0.0.1", &options.address.sin_addr);
    for (int i = 1; i < count; i++) {
        const char *name = words[i];
        if (!strcmp(name, "--hold")) {
            options.hold = true;
            continue;
        }
        if (++i == count) die("an option without its value");
        const char *value = words[i];
        if (!strcmp(name, "--host")) {
            if (inet_pton(AF_INET, value, &options.address.sin_addr) != 1) die("--host needs an IPv4 address");
        } else if (!strcmp(name, "--port")) options.address.sin_port = htons((uint16_t)number(value));
        else if (!strcmp(name, "--tokens")) options.tokens = value;
        else if (!strcmp(name, "--log")) options.log = value;
        else if (!strcmp(name, "--clients")) options.clients = (int)number(value);
        else if (!strcmp(name, "--window")) options.window = (int)number(value);
        else if (!strcmp(name, "--qos")) options.qos = (int)number(value);
        else if (!strcmp(name, "--rate")) options.rate = number(value);
        else if (!strcmp(name, "--seconds")) options.seconds = number(value);
        else if (!strcmp(name, "--drain-seconds")) options.drain_seconds = number(value);
        else if (!strcmp(name, "--connect-seconds")) options.connect_seconds = number(value);
        else if (!strcmp(name, "--messages-max")) options.messages_max = (uint64_t)number(value);
        else die("unknown option (see the top of load.c)");
    }
    if (!options.address.sin_port || !options.tokens) die("--port and --tokens are needed");
    if (options.clients < 1 || options.clients > CLIENTS_MAX) die("--clients: 1 to 20000");
    if (options.window < 1 || options.window > WINDOW_MAX) die("--window: 1 to 1024");
    if (options.qos > 2) die("--qos: 0, 1 or 2");
}

static void report(double wall_s, double cpu_s, uint64_t late) {
    double span_s = wall_s;
    printf("{\"sent\":%" PRIu64 ",\"acked\":%" PRIu64 ",\"unacked\":%" PRIu64 ",\"resent\":%" PRIu64
           ",\"late\":%" PRIu64 ",\"bytes\":%" PRIu64,
           figures.sent, figures.acked, unacked(), figures.resent, late, figures.written_bytes);
    printf(",\"wall_s\":%.6f,\"messages_per_s\":%.1f,\"cpu_s\":%.6f,\"cpu_share\":%.4f", span_s,
           span_s > 0 ? (double)figures.acked / span_s : 0, cpu_s, span_s > 0 ? cpu_s / span_s : 0);
    printf(",\"puback_ms_p50\":%.3f,\"puback_ms_p99\":%.3f,\"puback_ms_max\":%.3f", quantile_ms(0.5),
           quantile_ms(0.99), (double)figures.latency_max_ns / 1e6);
    printf(",\"connects\":%" PRIu64 ",\"connections_lost\":%" PRIu64 ",\"connect_errors\":%" PRIu64
           ",\"connack_refused\":{",
           figures.connects, figures.losts, figures.connect_errors);
    for (int code = 0, first = 1; code < CODES; code++)
        if (figures.refused[code]) {
            printf("%s\"%d\":%" PRIu64, first ? "" : ",", code, figures.refused[code]);
            first = 0;
        }
    printf("}}\n");
}

int main(int count, char **words) {
    read_options(count, words);
    prepare();
    connect_all();
    hold();
    double cpu_before = cpu_seconds();
    int64_t start = now_ns();
    uint64_t late = send_all(start);
    drain();
    /* The rate counts until the last acknowledgement: what is under way at the end is work too. */
    int64_t last = figures.last_ack_ns > start ? figures.last_ack_ns : now_ns();
    report((double)(last - start) / 1e9, cpu_seconds() - cpu_before, late);
    if (acked_log && fclose(acked_log)) die("cannot write the log");
    return 0;
}
