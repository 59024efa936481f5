/* What the parts of the load generator share; load.c says what it does. */
#ifndef TRAM_LOAD_H
#define TRAM_LOAD_H

#define _GNU_SOURCE
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

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

typedef struct {
    struct sockaddr_in address;
    const char *tokens, *log;
    int clients, window, qos;
    double rate, seconds, drain_seconds, connect_seconds;
    uint64_t messages_max;
    bool hold;
} Options;

typedef struct {
    uint64_t sent, acked, resent, connects, losts, refused[CODES], connect_errors, written_bytes;
    int64_t latency_max_ns, last_ack_ns;
    uint64_t latency[BUCKETS];
} Figures;

extern Options options;
extern Figures figures;
extern FILE *acked_log;
extern int epoll_fd, connecting, ready; /* how many clients are on the way, and how many are in */
extern bool sending, ending;

/* load.c */
_Noreturn void die(const char *sentence);

/* figures.c */
int64_t now_ns(void);
int64_t epoch_ms(void);
double cpu_seconds(void);
double waited_seconds(void);
void note_latency(int64_t took_ns);
uint64_t unacked(void);
void report(double wall_s, double cpu_s, double waited_s, uint64_t late);

/* message.c */
void make_message(Client *c);

/* client.c */
bool has_room(const Client *c);
void open_connection(Client *c);
void fill(Client *c);
void flush_messages(Client *c, int batch);
void on_event(Client *c, uint32_t events);

#endif
