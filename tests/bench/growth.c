/* bench_growth BIN_DIR SMALL LARGE SCRATCH ROUNDS ENTRIES: what one more entry costs a long log, and a
 * short one: two generated logs of ballots on the same question, alternating.
 *
 *   growth/ingest   ENTRIES more at a broker, 512 in flight
 *   growth/fold     ENTRIES more over LMDB, opened beforehand, one thread, commits of 1,024
 *   growth/proof    the proof that an entry is in the log, of entries drawn anew
 *
 * The tally's growth is the ballots' (ballots.c).
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/client.h"
#include "tests/bench/live.h"
#include "tests/lib/tmpdir.h"

enum { IN_FLIGHT = 512, PROOFS = 20000, SIDES = 2 };

/* The short log or the long one. */
typedef struct side {
    const char *generated;
    bench_live live;
    bench_client *client;
    bench_log entries;
    size_t next, fold_next;
    sb_history history; /* of a node, for fold and proof */
    uint64_t size;
    double ingest[BENCH_ROUNDS_MAX], fold[BENCH_ROUNDS_MAX], proof[BENCH_ROUNDS_MAX]; /* us */
} side;

static void open_side(side *s, const char *bin_dir, const char *scratch, int number)
{
    const sb_store_opts opts = {.kind = "node"};
    char dir[512], store[600];
    sb_fail fail = {0};
    (void)snprintf(dir, sizeof dir, "%s/live-%d", scratch, number);
    bench_submissions_read(&s->entries, s->generated);
    bench_live_prepare(&s->live, bin_dir, s->generated, dir, false);
    bench_live_start_broker(&s->live, NULL, 0);
    s->client = bench_client_open(s->live.address, 1);
    (void)snprintf(store, sizeof store, "%s/node-0/store", dir);
    bench_must(sb_history_open(&s->history, strdup(store), &opts, &fail), &fail, store);
    s->size = sb_store_count(s->history.store);
}

static void close_side(side *s)
{
    free((void *)(uintptr_t)s->history.dir);
    sb_history_close(&s->history);
    bench_client_close(s->client);
    bench_live_end(&s->live);
    bench_log_free(&s->entries);
}

static double ingest(side *s, size_t count)
{
    double took = bench_submit(s->client, &s->entries, s->next, s->next + count, IN_FLIGHT, NULL);
    s->next += count;
    return took;
}

/* As the leaves that the broker would make of them, all at the time of the last one. */
static void open_leaves(side *s, size_t count, sb_arena *arena, sb_leaf *leaves)
{
    sb_ledger_position at;
    sb_ledger_position_get(s->history.ledger, &at);
    for (size_t i = 0; i < count; i++) {
        sb_slice entry = bench_leaf(&s->entries, s->fold_next++);
        sb_fail fail = {0};
        uint8_t *bytes = sb_arena_alloc(arena, 8 + entry.len);
        for (int k = 0; k < 8; k++)
            bytes[k] = (uint8_t)(at.last_time_ms >> (56 - 8 * k));
        memcpy(bytes + 8, entry.data, entry.len);
        bench_must(sb_leaf_open(sb_slice_of(bytes, 8 + entry.len), arena, &leaves[i], &fail), &fail,
                   "leaf");
    }
}

static double fold(side *s, size_t count)
{
    sb_arena arena;
    sb_commit_builder c;
    sb_fail fail = {0};
    sb_leaf *leaves = sb_xmalloc(count * sizeof *leaves);
    uint64_t first = sb_store_count(s->history.store);
    sb_arena_init(&arena);
    open_leaves(s, count, &arena, leaves);
    sb_commit_builder_init(&c, s->history.reader.tiles);
    sb_commit_builder_clear(&c, first);
    double start = bench_cpu_s();
    for (size_t i = 0; i < count; i++) {
        bench_must(sb_ledger_step(s->history.ledger, &leaves[i], sb_commit_add_tile, &c, &fail),
                   &fail, "step");
        sb_commit_add_leaf(&c, leaves[i].bytes);
        if (c.commit.leaf_count == BENCH_NODE_BATCH || i + 1 == count) {
            bench_must(sb_history_commit(&s->history, sb_commit_builder_get(&c), &fail), &fail,
                       "commit");
            sb_commit_builder_clear(&c, first + i + 1);
        }
    }
    double took = bench_cpu_s() - start;
    sb_commit_builder_deinit(&c);
    sb_arena_deinit(&arena);
    free(leaves);
    return took;
}

static double prove(side *s)
{
    const sb_tree *tree = sb_ledger_tree(s->history.ledger);
    uint64_t seed = 2022;
    double start = bench_cpu_s();
    for (int i = 0; i < PROOFS; i++) {
        sb_proof proof;
        sb_fail fail = {0};
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bench_must(sb_tree_inclusion(tree, (seed >> 20) % s->size, s->size, s->history.reader.tiles,
                                     &proof, &fail),
                   &fail, "proof");
    }
    return bench_cpu_s() - start;
}

static void line(const char *name, const double *small, const double *large, size_t rounds,
                 const side *s, const char *what)
{
    double ratios[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++)
        ratios[i] = large[i] / small[i];
    bench_line(name, bench_median(large, rounds), "us", bench_median(ratios, rounds),
               bench_spread(large, rounds), -1.3, "%s at %llu entries, ratio to that at %llu", what,
               (unsigned long long)s[1].size, (unsigned long long)s[0].size);
}

int main(int argc, char **argv)
{
    if (argc != 7)
        bench_die("usage: bench_growth BIN_DIR SMALL LARGE SCRATCH ROUNDS ENTRIES");
    size_t rounds = strtoul(argv[5], NULL, 10), count = strtoul(argv[6], NULL, 10);
    side s[SIDES] = {{.generated = argv[2]}, {.generated = argv[3]}};
    sb_fail fail = {0};
    if (rounds == 0 || rounds > BENCH_ROUNDS_MAX || count == 0)
        bench_die("rounds and entries");
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    for (int i = 0; i < SIDES; i++)
        open_side(&s[i], argv[1], argv[4], i);
    for (size_t round = 0; round < rounds; round++)
        for (int k = 0; k < SIDES; k++) {
            side *at = &s[round % 2 == 0 ? k : 1 - k];
            at->ingest[round] = 1e6 * ingest(at, count) / (double)count;
            at->fold[round] = 1e6 * fold(at, count) / (double)count;
            at->proof[round] = 1e6 * prove(at) / PROOFS;
        }
    line("growth/ingest", s[0].ingest, s[1].ingest, rounds, s, "an entry at the broker, wall");
    line("growth/fold", s[0].fold, s[1].fold, rounds, s, "a step over LMDB, processor time");
    line("growth/proof", s[0].proof, s[1].proof, rounds, s, "a proof, processor time");
    for (int i = 0; i < SIDES; i++)
        close_side(&s[i]);
    return 0;
}
