/* Time, CPU, the latency histogram, and the last line that the generator prints. */
#include "load.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <time.h>

Figures figures;

int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND_NS + t.tv_nsec;
}

int64_t epoch_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

double cpu_seconds(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Seconds that this process was ready to run and had no core: starved, not slow. */
double waited_seconds(void) {
    unsigned long long ran_ns = 0, waited_ns = 0;
    FILE *file = fopen("/proc/self/schedstat", "r");
    if (!file) return 0;
    if (fscanf(file, "%llu %llu", &ran_ns, &waited_ns) != 2) waited_ns = 0;
    fclose(file);
    return (double)waited_ns / 1e9;
}

/* 64 steps per doubling: the error is below 1.6 %. */
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
    int b = 0;
    for (; b < BUCKETS; b++) {
        seen += figures.latency[b];
        if ((double)seen >= q * (double)total) break;
    }
    double middle = bucket_ms(b), most = (double)figures.latency_max_ns / 1e6;
    return middle < most ? middle : most;
}

void note_latency(int64_t took_ns) {
    figures.latency[bucket_of((uint64_t)took_ns)]++;
    if (took_ns > figures.latency_max_ns) figures.latency_max_ns = took_ns;
}

uint64_t unacked(void) { return figures.sent - figures.acked; }

void report(double wall_s, double cpu_s, double waited_s, uint64_t late) {
    printf("{\"sent\":%" PRIu64 ",\"acked\":%" PRIu64 ",\"unacked\":%" PRIu64 ",\"resent\":%" PRIu64
           ",\"late\":%" PRIu64 ",\"bytes\":%" PRIu64,
           figures.sent, figures.acked, unacked(), figures.resent, late, figures.written_bytes);
    printf(",\"wall_s\":%.6f,\"messages_per_s\":%.1f,\"cpu_s\":%.6f,\"cpu_share\":%.4f", wall_s,
           wall_s > 0 ? (double)figures.acked / wall_s : 0, cpu_s, wall_s > 0 ? cpu_s / wall_s : 0);
    printf(",\"wait_share\":%.4f", wall_s > 0 ? waited_s / wall_s : 0);
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
