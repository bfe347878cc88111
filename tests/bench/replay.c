/* bench_replay STORE SCRATCH [ROUNDS]: how fast a node takes in a log, against a bare loop that
 * only verifies with libsodium, alternating in one run on the same cores.
 *
 * Two bare loops: over the entries' signatures, and over every signature that a verifier of this
 * log can't leave out (a SEAL carries a cosignature of each organisation).
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bare.h"
#include "tests/bench/bench.h"
#include "tests/lib/tmpdir.h"

enum { QUEUE = 128 };

static void collect(const bench_log *log, bench_items *entries, bench_items *all)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = 0; i < log->count; i++) {
        sb_leaf leaf;
        sb_fail fail = {0};
        sb_arena_reset(&arena);
        bench_must(sb_leaf_open(bench_leaf(log, i), &arena, &leaf, &fail), &fail, "leaf");
        bench_items_add_entry(entries, &leaf.entry);
        bench_items_add_entry(all, &leaf.entry);
        if (leaf.entry.type == SB_ENTRY_GENESIS)
            bench_must(sb_origin(((const Sb__Genesis *)leaf.message)->slug, leaf.entry.id, 1,
                                 origin, &fail),
                       &fail, "origin");
        if (leaf.entry.type == SB_ENTRY_SEAL)
            bench_items_add_seal(all, (const Sb__Seal *)leaf.message, origin);
    }
    sb_arena_deinit(&arena);
}

static bench_spent replay(sb_pool *pool, const bench_log *log, const char *scratch, size_t batch,
                          bench_way way)
{
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_fail fail = {0};
    sb_history h;
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/replay", scratch);
    sb_tmpdir_drop(dir);
    bench_must(sb_history_open(&h, dir, &opts, &fail), &fail, dir);
    double start = bench_now_s(), cpu = bench_cpu_s();
    bench_take(&h, pool, log, 0, log->count, batch, way);
    bench_spent took = {bench_now_s() - start, bench_cpu_s() - cpu};
    sb_history_close(&h);
    sb_tmpdir_drop(dir);
    return took;
}

typedef struct rounds {
    bench_spent entries[BENCH_ROUNDS_MAX], all[BENCH_ROUNDS_MAX], by_frame[BENCH_ROUNDS_MAX],
        overlapped[BENCH_ROUNDS_MAX];
    size_t count;
} rounds;

/* How often `base` fits into what was spent, as wall time and as processor time. */
static bench_spent ratio_of(const bench_spent *base, const bench_spent *took, size_t count)
{
    double wall[BENCH_ROUNDS_MAX], cpu[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < count; i++) {
        wall[i] = base[i].wall_s / took[i].wall_s;
        cpu[i] = base[i].cpu_s / took[i].cpu_s;
    }
    return (bench_spent){bench_median(wall, count), bench_median(cpu, count)};
}

static void print(const char *name, const bench_spent *took, const rounds *r,
                  const bench_items *entries, const bench_items *all, const char *what)
{
    double rate[BENCH_ROUNDS_MAX];
    char with[64];
    for (size_t i = 0; i < r->count; i++)
        rate[i] = (double)entries->count / took[i].wall_s;
    double median = bench_median(rate, r->count), spread = bench_spread(rate, r->count);
    bench_spent of_entries = ratio_of(r->entries, took, r->count);
    bench_spent of_all = ratio_of(r->all, took, r->count);
    bench_line(name, median, "entries/s", of_entries.wall_s, spread, 0.8,
               "%s; bare: %zu entries; of processor time %.2f", what, entries->count,
               of_entries.cpu_s);
    (void)snprintf(with, sizeof with, "%s/all", name);
    bench_line(with, median, "entries/s", of_all.wall_s, -1, 0,
               "the same; bare: all %zu signatures, SEALs' too; of processor time %.2f", all->count,
               of_all.cpu_s);
}

int main(int argc, char **argv)
{
    if (argc < 3)
        bench_die("usage: bench_replay STORE SCRATCH [ROUNDS]");
    rounds r = {.count = argc > 3 ? strtoul(argv[3], NULL, 10) : 5};
    if (r.count == 0 || r.count > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    bench_log log;
    bench_items entries, all;
    sb_fail fail = {0};
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_items_init(&entries);
    bench_items_init(&all);
    bench_log_read(&log, argv[1], "node");
    collect(&log, &entries, &all);
    sb_pool *pool = sb_pool_new(0, QUEUE);
    for (size_t i = 0; i < r.count; i++) {
        r.entries[i] = bench_bare(pool, &entries, 0, entries.count);
        r.by_frame[i] = replay(pool, &log, argv[2], BENCH_NODE_BATCH, BENCH_BY_FRAME);
        r.all[i] = bench_bare(pool, &all, 0, all.count);
        r.overlapped[i] = replay(pool, &log, argv[2], BENCH_NODE_BATCH, BENCH_OVERLAPPED);
    }
    double rate[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < r.count; i++)
        rate[i] = (double)entries.count / r.entries[i].wall_s;
    bench_line("verify", bench_median(rate, r.count), "verifies/s", -1, bench_spread(rate, r.count),
               0, "bare libsodium, %u threads, the entries' lengths", sb_pool_threads(pool));
    print("replay", r.overlapped, &r, &entries, &all,
          "as samband-node: opening overlaps folding, commits of 256");
    print("replay/frame", r.by_frame, &r, &entries, &all, "without overlap: frame by frame of 256");
    sb_pool_free(pool);
    bench_items_deinit(&entries);
    bench_items_deinit(&all);
    bench_log_free(&log);
    return 0;
}
