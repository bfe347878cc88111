/* A broker and nodes at work on copies of a generated log's directories.
 */
#ifndef SB_TESTS_BENCH_LIVE_H
#define SB_TESTS_BENCH_LIVE_H

#include "tests/bench/process.h"

enum { BENCH_NODES_MAX = 8 };

typedef struct bench_live {
    const char *bin_dir;
    char dir[400];
    char address[64];
    size_t organisations;                         /* that are in; 0: not asked yet */
    bench_process broker, nodes[BENCH_NODES_MAX]; /* pid 0: doesn't run */
} bench_live;

/* dir becomes a copy of `generated`; each node that has no store gets node-0's when `full`. The
 * broker is told to listen on a free port, the nodes where that is. Nothing runs yet. */
void bench_live_prepare(bench_live *live, const char *bin_dir, const char *generated,
                        const char *dir, bool full);
/* It has heard from as many nodes as it awaits after a start. shim, sleep_ms: as bench_daemon. */
void bench_live_start_broker(bench_live *live, const char *shim, int sleep_ms);
void bench_live_start_node(bench_live *live, size_t i);
/* Stop what runs, drop the directory. */
void bench_live_end(bench_live *live);
/* "DIR/node-3", "DIR/broker" and what is below it. */
void bench_live_path(const bench_live *live, const char *below, char *out, size_t size);

#endif
