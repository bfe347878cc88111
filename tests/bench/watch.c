#include "tests/bench/watch.h"

#include <stdio.h>
#include <unistd.h>

#include "nodes/follower/follower.h"
#include "proto/base/cursor.h"
#include "tests/bench/bench.h"

enum { AWAIT_S_MAX = 600 };

void bench_watch_open(bench_watch *w, const bench_live *live, size_t count)
{
    const sb_store_opts opts = {.kind = "node", .readonly = true};
    *w = (bench_watch){.count = count};
    for (size_t i = 0; i < count; i++) {
        char dir[512];
        sb_fail fail = {0};
        (void)snprintf(dir, sizeof dir, "%s/node-%zu/store", live->dir, i);
        bench_must(sb_store_open(&w->stores[i], dir, &opts, &fail), &fail, dir);
    }
}

void bench_watch_close(bench_watch *w)
{
    for (size_t i = 0; i < w->count; i++)
        sb_store_close(w->stores[i]);
}

void bench_watch_look(bench_watch *w)
{
    for (size_t i = 0; i < w->count; i++) {
        sb_fail fail = {0};
        bench_must(sb_store_refresh(w->stores[i], &fail), &fail, "a node's store");
        w->counts[i] = sb_store_count(w->stores[i]);
    }
}

void bench_watch_await(bench_watch *w, uint64_t size)
{
    for (double begun = bench_now_s();; (void)usleep(BENCH_POLL_US)) {
        size_t there = 0;
        bench_watch_look(w);
        for (size_t i = 0; i < w->count; i++)
            there += w->counts[i] >= size;
        if (there == w->count)
            return;
        if (bench_now_s() - begun > AWAIT_S_MAX)
            bench_die("a node doesn't get on");
    }
}

uint64_t bench_watch_final(bench_watch *w, size_t i)
{
    const uint8_t key = SB_FOL_ROW_FINAL;
    sb_slice row;
    if (!sb_kv_get(sb_store_own(w->stores[i]), sb_slice_of(&key, 1), &row))
        return 0;
    sb_reader r = sb_reader_over(row);
    return sb_read_u64(&r);
}
