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
#include "load.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

Options options = {.clients = 200, .window = 20, .qos = 1, .seconds = 20, .drain_seconds = 30,
                   .connect_seconds = 30, .messages_max = 50000000};

static Client *clients;
static volatile sig_atomic_t interrupted;

void die(const char *sentence) {
    fprintf(stderr, "load: %s\n", sentence);
    exit(2);
}

static void on_signal(int number) {
    (void)number;
    interrupted = 1;
}

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
    while (unacked() && now_ns() < deadline) {
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

int main(int count, char **words) {
    read_options(count, words);
    prepare();
    connect_all();
    hold();
    double cpu_before = cpu_seconds(), waited_before = waited_seconds();
    int64_t start = now_ns();
    uint64_t late = send_all(start);
    drain();
    /* The rate counts until the last acknowledgement: what is under way at the end is work too. */
    int64_t last = figures.last_ack_ns > start ? figures.last_ack_ns : now_ns();
    report((double)(last - start) / 1e9, cpu_seconds() - cpu_before,
           waited_seconds() - waited_before, late);
    if (acked_log && fclose(acked_log)) die("cannot write the log");
    return 0;
}
