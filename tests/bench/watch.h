/* What nodes have committed, seen from outside without asking them anything: their stores, opened
 * readonly beside them, looked at many times a millisecond.
 */
#ifndef SB_TESTS_BENCH_WATCH_H
#define SB_TESTS_BENCH_WATCH_H

#include "nodes/store/store.h"
#include "tests/bench/live.h"

enum { BENCH_POLL_US = 100 };

typedef struct bench_watch {
    sb_store *stores[BENCH_NODES_MAX];
    uint64_t counts[BENCH_NODES_MAX];
    size_t count;
} bench_watch;

/* The stores of the live federation's first `count` nodes, which must exist. */
void bench_watch_open(bench_watch *w, const bench_live *live, size_t count);
void bench_watch_close(bench_watch *w);
/* Look again: counts[] is how many leaves each has. */
void bench_watch_look(bench_watch *w);
/* Until each has `size` leaves. */
void bench_watch_await(bench_watch *w, uint64_t size);
/* Up to which size node `i` knows the log to be final. */
uint64_t bench_watch_final(bench_watch *w, size_t i);

#endif
