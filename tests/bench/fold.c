/* bench_fold STORE SCRATCH ROUNDS MARK: the fold alone, one thread: leaves are opened beforehand (no
 * signature, no decoding, no leaf hash), then stepped over the memory kv and over LMDB.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/bench.h"
#include "tests/lib/tmpdir.h"

enum { LMDB_BATCHES = 2 };
static const size_t BATCHES[LMDB_BATCHES] = {BENCH_NODE_BATCH, 8192};

typedef struct opened {
    sb_leaf *leaves;
    size_t count;
    sb_arena arena;
    uint64_t seals;
} opened;

static void open_all(const bench_log *log, opened *o)
{
    sb_fail fail = {0};
    sb_arena_init(&o->arena);
    o->leaves = sb_xmalloc(log->count * sizeof *o->leaves);
    o->count = log->count;
    for (size_t i = 0; i < log->count; i++) {
        bench_must(sb_leaf_open(bench_leaf(log, i), &o->arena, &o->leaves[i], &fail), &fail,
                   "leaf");
        o->seals += o->leaves[i].entry.type == SB_ENTRY_SEAL;
    }
}

static double over_memory(const opened *o, size_t batch, double *seal_s)
{
    sb_fail fail = {0};
    sb_ledger *l;
    sb_kv *kv = sb_kv_memory_new();
    *seal_s = 0;
    double start = bench_now_s();
    bench_must(sb_ledger_open(&l, kv, NULL, &fail), &fail, "open");
    for (size_t i = 0; i < o->count; i++) {
        bool is_seal = o->leaves[i].entry.type == SB_ENTRY_SEAL;
        double before = is_seal ? bench_now_s() : 0;
        bench_must(sb_ledger_step(l, &o->leaves[i], NULL, NULL, &fail), &fail, "step");
        *seal_s += is_seal ? bench_now_s() - before : 0;
        if (sb_ledger_unflushed(l) == batch)
            sb_ledger_flush(l);
    }
    sb_ledger_flush(l);
    double took = bench_now_s() - start;
    sb_ledger_close(l);
    sb_kv_memory_free(kv);
    return took;
}

static double over_lmdb(const opened *o, const char *scratch, size_t batch)
{
    const sb_store_opts opts = {.kind = "node", .create = true};
    sb_fail fail = {0};
    sb_history h;
    sb_commit_builder c;
    char dir[512];
    (void)snprintf(dir, sizeof dir, "%s/fold", scratch);
    sb_tmpdir_drop(dir);
    bench_must(sb_history_open(&h, dir, &opts, &fail), &fail, dir);
    sb_commit_builder_init(&c, (sb_tile_reader){0});
    sb_commit_builder_clear(&c, 0);
    double start = bench_now_s();
    for (size_t i = 0; i < o->count; i++) {
        bench_must(sb_ledger_step(h.ledger, &o->leaves[i], sb_commit_add_tile, &c, &fail), &fail,
                   "step");
        sb_commit_add_leaf(&c, o->leaves[i].bytes);
        if (c.commit.leaf_count == batch || i + 1 == o->count) {
            bench_must(sb_history_commit(&h, sb_commit_builder_get(&c), &fail), &fail, "commit");
            sb_commit_builder_clear(&c, i + 1);
        }
    }
    double took = bench_now_s() - start;
    sb_commit_builder_deinit(&c);
    sb_history_close(&h);
    sb_tmpdir_drop(dir);
    return took;
}

typedef struct rounds {
    double memory[BENCH_ROUNDS_MAX], no_seals[BENCH_ROUNDS_MAX],
        lmdb[LMDB_BATCHES][BENCH_ROUNDS_MAX];
    size_t count;
} rounds;

static void report(const rounds *r, const opened *o, const char *mark)
{
    char name[64];
    (void)snprintf(name, sizeof name, "fold/memory/%s", mark);
    bench_line(name, bench_median(r->memory, r->count), "entries/s", -1,
               bench_spread(r->memory, r->count), 200000,
               "%zu entries opened beforehand, one thread, the memory kv; without SEALs (%llu) and "
               "their cosignatures %.0f",
               o->count, (unsigned long long)o->seals, bench_median(r->no_seals, r->count));
    for (int b = 0; b < LMDB_BATCHES; b++) {
        (void)snprintf(name, sizeof name, "fold/lmdb-%zu/%s", BATCHES[b], mark);
        bench_line(name, bench_median(r->lmdb[b], r->count), "entries/s", -1,
                   bench_spread(r->lmdb[b], r->count), b == LMDB_BATCHES - 1 ? 80000 : 0,
                   "LMDB, leaves, tiles and read-back too, one thread, durable commits of %zu",
                   BATCHES[b]);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5)
        bench_die("usage: bench_fold STORE SCRATCH ROUNDS MARK");
    rounds r = {.count = strtoul(argv[3], NULL, 10)};
    bench_log log;
    opened o = {0};
    sb_fail fail = {0};
    if (r.count == 0 || r.count > BENCH_ROUNDS_MAX)
        bench_die("rounds");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    bench_log_read(&log, argv[1], "node");
    open_all(&log, &o);
    double n = (double)o.count;
    for (size_t i = 0; i < r.count; i++) {
        double seal_s, took = over_memory(&o, 512, &seal_s);
        r.memory[i] = n / took;
        r.no_seals[i] = (n - (double)o.seals) / (took - seal_s);
        for (int b = 0; b < LMDB_BATCHES; b++)
            r.lmdb[b][i] = n / over_lmdb(&o, argv[2], BATCHES[b]);
    }
    report(&r, &o, argv[4]);
    sb_arena_deinit(&o.arena);
    free(o.leaves);
    bench_log_free(&log);
    return 0;
}
