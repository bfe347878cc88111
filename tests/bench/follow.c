/* bench_follow BIN_DIR GENERATED SCRATCH ROUNDS MARK: a new node of the second organisation takes a
 * whole log from a broker over CURVE, as real daemons: the broker, the node and the benchmark that
 * looks on share the cores. Between the rounds the bare verify loop over the entries' own signatures.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/bench/bare.h"
#include "tests/bench/bench.h"
#include "tests/bench/watch.h"
#include "tests/lib/tmpdir.h"

enum { QUEUE = 128, NODE = 1, MEMORY_AIM_MB = 64, FOLLOW_S_MAX = 1200 };

typedef struct followed {
    double took_s, peak_mb;
} followed;

static uint64_t collect(const char *generated, bench_items *items)
{
    bench_log log;
    char store[512];
    (void)snprintf(store, sizeof store, "%s/node-0/store", generated);
    bench_log_read(&log, store, "node");
    bench_items_add_log(items, &log);
    bench_log_free(&log);
    return items->count;
}

static followed follow(bench_live *live, uint64_t size)
{
    const sb_store_opts opts = {.kind = "node", .readonly = true};
    char dir[512];
    sb_fail fail = {0};
    sb_store *store;
    followed r = {0};
    bench_live_path(live, "node-1/store", dir, sizeof dir);
    sb_tmpdir_drop(dir);
    double begun = bench_now_s();
    bench_live_start_node(live, NODE);
    bench_must(sb_store_open(&store, dir, &opts, &fail), &fail, dir);
    while (sb_store_count(store) < size) {
        (void)usleep(1000);
        bench_must(sb_store_refresh(store, &fail), &fail, "the node's store");
        if (bench_now_s() - begun > FOLLOW_S_MAX)
            bench_die("the node doesn't get on");
    }
    r.took_s = bench_now_s() - begun;
    r.peak_mb = bench_memory_mb(&live->nodes[NODE], "RssAnon:");
    sb_store_close(store);
    bench_stop(&live->nodes[NODE]);
    return r;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        bench_die("usage: bench_follow BIN_DIR GENERATED SCRATCH ROUNDS MARK");
    double rate[BENCH_ROUNDS_MAX], ratio[BENCH_ROUNDS_MAX], mb[BENCH_ROUNDS_MAX];
    size_t rounds = strtoul(argv[4], NULL, 10);
    bench_live live;
    bench_items items;
    char dir[512], name[64];
    sb_fail fail = {0};
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_items_init(&items);
    uint64_t size = collect(argv[2], &items);
    (void)snprintf(dir, sizeof dir, "%s/live", argv[3]);
    bench_live_prepare(&live, argv[1], argv[2], dir, false);
    bench_live_start_broker(&live, NULL, 0);
    sb_pool *pool = sb_pool_new(0, QUEUE);
    for (size_t i = 0; i < rounds; i++) {
        bench_spent bare = bench_bare(pool, &items, 0, items.count);
        followed f = follow(&live, size);
        rate[i] = (double)size / f.took_s;
        ratio[i] = bare.wall_s / f.took_s;
        mb[i] = f.peak_mb;
    }
    (void)snprintf(name, sizeof name, "follow/%s", argv[5]);
    bench_line(name, bench_median(rate, rounds), "entries/s", bench_median(ratio, rounds),
               bench_spread(rate, rounds), 0,
               "a new samband-node takes %llu leaves from a samband-broker, from exec; ratio to "
               "verify; 3 processes",
               (unsigned long long)size);
    (void)snprintf(name, sizeof name, "follow/memory/%s", argv[5]);
    bench_line(name, bench_median(mb, rounds), "MB", -1, bench_spread(mb, rounds), -MEMORY_AIM_MB,
               "RssAnon of that node when it has them");
    bench_live_end(&live);
    sb_pool_free(pool);
    bench_items_deinit(&items);
    return 0;
}
