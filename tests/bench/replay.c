/* bench_replay STORE SCRATCH [ROUNDS]: how fast a node takes in a log, against a bare loop that
 * only verifies with libsodium, alternating in one run on the same cores.
 *
 * Two bare loops: over the entries' signatures, and over every signature that a verifier of this
 * log can't leave out (a SEAL carries a cosignature of each organisation).
 */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/merkle/checkpoint.h"
#include "tests/bench/bench.h"
#include "tests/lib/tmpdir.h"

enum { QUEUE = 128 };

/* A signature as a bare verifier gets it. */
typedef struct item {
    const uint8_t *message;
    size_t len;
    uint8_t pk[32], sig[64];
    bool is_good;
} item;

typedef struct items {
    item *items;
    size_t count, cap;
    sb_arena arena;
} items;

static item *add(items *to, sb_slice message, const uint8_t pk[32], const uint8_t sig[64])
{
    if (to->count == to->cap) {
        to->cap = to->cap == 0 ? 1024 : 2 * to->cap;
        to->items = sb_xrealloc(to->items, to->cap * sizeof *to->items);
    }
    item *i = &to->items[to->count++];
    *i = (item){.message = sb_arena_copy(&to->arena, message).data, .len = message.len};
    memcpy(i->pk, pk, 32);
    memcpy(i->sig, sig, 64);
    return i;
}

static void add_entry(items *to, const sb_entry *entry)
{
    static const char domain[] = SB_DOMAIN_ENTRY; /* with its zero byte */
    sb_buf message;
    sb_buf_init(&message);
    sb_buf_add(&message, sb_slice_of(domain, sizeof domain));
    sb_buf_add(&message, entry->unsigned_bytes);
    add(to, sb_buf_slice(&message), entry->signer_pk, entry->signature);
    sb_buf_deinit(&message);
}

static void add_seal(items *to, const Sb__Seal *seal, const char *origin)
{
    sb_checkpoint head = {.size = seal->size};
    (void)snprintf(head.origin, sizeof head.origin, "%s", origin);
    memcpy(head.root, seal->root.data, 32);
    for (size_t i = 0; i < seal->n_cosignatures; i++) {
        const Sb__Cosignature *c = seal->cosignatures[i];
        sb_buf message;
        sb_buf_init(&message);
        sb_cosignature_message(&head, c->time_s, &message);
        add(to, sb_buf_slice(&message), c->witness_pk.data, c->signature.data);
        sb_buf_deinit(&message);
    }
}

static void collect(const bench_log *log, items *entries, items *all)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = 0; i < log->count; i++) {
        sb_leaf leaf;
        sb_fail fail = {0};
        sb_arena_reset(&arena);
        bench_must(sb_leaf_open(bench_leaf(log, i), &arena, &leaf, &fail), &fail, "leaf");
        add_entry(entries, &leaf.entry);
        add_entry(all, &leaf.entry);
        if (leaf.entry.type == SB_ENTRY_GENESIS)
            bench_must(sb_origin(((const Sb__Genesis *)leaf.message)->slug, leaf.entry.id, 1,
                                 origin, &fail),
                       &fail, "origin");
        if (leaf.entry.type == SB_ENTRY_SEAL)
            add_seal(all, (const Sb__Seal *)leaf.message, origin);
    }
    sb_arena_deinit(&arena);
}

static void verify_item(void *arg)
{
    item *i = arg;
    i->is_good = crypto_sign_verify_detached(i->sig, i->message, i->len, i->pk) == 0;
}

typedef struct spent {
    double wall_s, cpu_s;
} spent;

static spent bare(sb_pool *pool, items *over)
{
    double start = bench_now_s(), cpu = bench_cpu_s();
    sb_pool_run(pool, verify_item, over->items, sizeof *over->items, over->count);
    spent took = {bench_now_s() - start, bench_cpu_s() - cpu};
    for (size_t i = 0; i < over->count; i++)
        if (!over->items[i].is_good)
            bench_die("a signature doesn't hold in the bare loop");
    return took;
}

static spent replay(sb_pool *pool, const bench_log *log, const char *scratch, size_t batch,
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
    spent took = {bench_now_s() - start, bench_cpu_s() - cpu};
    sb_history_close(&h);
    sb_tmpdir_drop(dir);
    return took;
}

typedef struct rounds {
    spent entries[BENCH_ROUNDS_MAX], all[BENCH_ROUNDS_MAX], by_frame[BENCH_ROUNDS_MAX],
        overlapped[BENCH_ROUNDS_MAX];
    size_t count;
} rounds;

/* How often `base` fits into what was spent, as wall time and as processor time. */
static spent ratio_of(const spent *base, const spent *took, size_t count)
{
    double wall[BENCH_ROUNDS_MAX], cpu[BENCH_ROUNDS_MAX];
    for (size_t i = 0; i < count; i++) {
        wall[i] = base[i].wall_s / took[i].wall_s;
        cpu[i] = base[i].cpu_s / took[i].cpu_s;
    }
    return (spent){bench_median(wall, count), bench_median(cpu, count)};
}

static void print(const char *name, const spent *took, const rounds *r, const items *entries,
                  const items *all, const char *what)
{
    double rate[BENCH_ROUNDS_MAX];
    char with[64];
    for (size_t i = 0; i < r->count; i++)
        rate[i] = (double)entries->count / took[i].wall_s;
    double median = bench_median(rate, r->count), spread = bench_spread(rate, r->count);
    spent of_entries = ratio_of(r->entries, took, r->count);
    spent of_all = ratio_of(r->all, took, r->count);
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
    items entries = {0}, all = {0};
    sb_fail fail = {0};
    bench_must(sb_sign_init(&fail), &fail, "sodium");
    sb_arena_init(&entries.arena);
    sb_arena_init(&all.arena);
    bench_log_read(&log, argv[1], "node");
    collect(&log, &entries, &all);
    sb_pool *pool = sb_pool_new(0, QUEUE);
    for (size_t i = 0; i < r.count; i++) {
        r.entries[i] = bare(pool, &entries);
        r.by_frame[i] = replay(pool, &log, argv[2], BENCH_NODE_BATCH, BENCH_BY_FRAME);
        r.all[i] = bare(pool, &all);
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
    sb_arena_deinit(&entries.arena);
    sb_arena_deinit(&all.arena);
    free(entries.items);
    free(all.items);
    bench_log_free(&log);
    return 0;
}
