/* bench_replay STORE SCRATCH ROUNDS MARK: how fast a node takes in a log, against a bare loop that
 * only verifies with libsodium, alternating in one run on the same cores.
 *
 * MARK names the log in the lines. Two bare loops: over the entries' signatures, and over every signature that a verifier of this
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

static bench_spent replay(sb_pool *pool, const bench_log *log, const char *scratch)
{
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_fail fail = {0};
    sb_history h;
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/replay", scratch);
    sb_tmpdir_drop(dir);
    bench_must(sb_history_open(&h, dir, &opts, &fail), &fail, dir);
    double start = bench_now_s(), cpu = bench_cpu_s();
    bench_take(&h, pool, log, 0, log->count, BENCH_FAR_BATCH);
    bench_spent took = {bench_now_s() - start, bench_cpu_s() - cpu};
    sb_history_close(&h);
    sb_tmpdir_drop(dir);
    return took;
}

typedef struct rounds {
    bench_spent entries[BENCH_ROUNDS_MAX], all[BENCH_ROUNDS_MAX], replay[BENCH_ROUNDS_MAX];
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

static void report(const rounds *r, const bench_items *entries, const bench_items *all,
                   unsigned threads, const char *mark)
{
    double bare[BENCH_ROUNDS_MAX], rate[BENCH_ROUNDS_MAX];
    char name[64];
    double n = (double)entries->count;
    for (size_t i = 0; i < r->count; i++) {
        bare[i] = n / r->entries[i].wall_s;
        rate[i] = n / r->replay[i].wall_s;
    }
    bench_spent of_entries = ratio_of(r->entries, r->replay, r->count);
    bench_spent of_all = ratio_of(r->all, r->replay, r->count);
    (void)snprintf(name, sizeof name, "verify/%s", mark);
    bench_line(name, bench_median(bare, r->count), "verifies/s", -1, bench_spread(bare, r->count),
               0, "libsodium alone, %u threads, the entries' own signatures", threads);
    (void)snprintf(name, sizeof name, "replay/%s", mark);
    bench_line(
        name, bench_median(rate, r->count), "entries/s", of_entries.wall_s,
        bench_spread(rate, r->count), 0.90,
        "%zu leaves as samband-node takes them: opened by the pool, folded, committed by "
        "8,192; ratio to verify (of processor time %.2f); of all %zu signatures, SEALs' too, "
        "%.2f (%.2f); 1 process",
        entries->count, of_entries.cpu_s, all->count, of_all.wall_s, of_all.cpu_s);
}

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("usage: bench_replay STORE SCRATCH ROUNDS MARK");
    rounds r = {.count = strtoul(argv[3], NULL, 10)};
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
        r.replay[i] = replay(pool, &log, argv[2]);
        r.all[i] = bench_bare(pool, &all, 0, all.count);
    }
    report(&r, &entries, &all, sb_pool_threads(pool), argv[4]);
    sb_pool_free(pool);
    bench_items_deinit(&entries);
    bench_items_deinit(&all);
    bench_log_free(&log);
    return 0;
}
