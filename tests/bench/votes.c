/* bench_votes OUT BALLOTS [--seats N] [--organisations N] [--submissions N]: a log of BALLOTS ballots
 * on one open question (world.h), sealed at its end, and the daemons' directories:
 *
 *   OUT/broker/        samband-broker with the log
 *   OUT/node-0/        samband-node of the first organisation with the log
 *   OUT/node-1/…-7/    of the others, without a history
 *   OUT/submissions    the next ballots, signed and not in the log: u32be length, entry, and again
 */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "proto/base/cursor.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/bench/world.h"

enum { BATCH = 1024, QUEUE = 128, NODES_MAX = 8 };

typedef struct options {
    const char *out;
    uint64_t ballots, submissions;
    uint32_t seats, organisations;
} options;

typedef struct votes {
    bench_world world;
    const options *o;
    sb_pool *pool;
    bench_draft *drafts;
    bench_log log;
    size_t cap;
    uint64_t now_ms;
} votes;

/* ---- leaves ---- */

static void add_leaf(votes *v, uint64_t ms, sb_slice entry)
{
    uint8_t time[8];
    sb_writer w = sb_writer_over(time, sizeof time);
    sb_write_u64(&w, ms);
    if (v->log.count + 1 >= v->cap) {
        v->cap = v->cap == 0 ? 1024 : 2 * v->cap;
        v->log.starts = sb_xrealloc(v->log.starts, v->cap * sizeof *v->log.starts);
    }
    v->log.starts[v->log.count++] = v->log.bytes.len;
    sb_buf_add(&v->log.bytes, sb_slice_of(time, sizeof time));
    sb_buf_add(&v->log.bytes, entry);
    v->log.starts[v->log.count] = v->log.bytes.len;
}

static void add_ballots(votes *v)
{
    for (uint64_t left = v->o->ballots; left > 0;) {
        uint32_t count = left < v->world.seat_count ? (uint32_t)left : v->world.seat_count;
        bench_world_sign(&v->world, v->pool, v->drafts, count);
        for (uint32_t i = 0; i < count; i++)
            add_leaf(v, ++v->now_ms, sb_buf_slice(&v->drafts[i].entry));
        left -= count;
    }
}

static void take(votes *v, sb_history *h, size_t from)
{
    bench_take(h, v->pool, &v->log, from, v->log.count, BATCH);
}

/* ---- STATE, SEAL by all, STATE, as the broker has them ---- */

static void add_system(votes *v, sb_history *h, sb_entry_type type, const ProtobufCMessage *m)
{
    fed *f = v->world.f;
    sb_fail fail = {0};
    sb_entry_head head;
    sb_buf entry;
    size_t from = v->log.count;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, f->federation_id, from);
    bench_must(sb_entry_make(type, m, &head, fed_key_of(f, f->log_key)->secret, &entry, &fail),
               &fail, "system entry");
    add_leaf(v, v->now_ms, sb_buf_slice(&entry));
    take(v, h, from);
    sb_buf_deinit(&entry);
}

static void add_state(votes *v, sb_history *h)
{
    fed *f = v->world.f;
    const ProtobufCMessage *m;
    sb_buf payload;
    sb_buf_init(&payload);
    sb_ledger_state_payload(h->ledger, &payload);
    bench_must(sb_payload_decode(SB_ENTRY_STATE, sb_buf_slice(&payload), &f->arena, &m, &f->fail),
               &f->fail, "STATE");
    add_system(v, h, SB_ENTRY_STATE, m);
    sb_buf_deinit(&payload);
}

static void add_seal(votes *v, sb_history *h)
{
    fed *f = v->world.f;
    uint32_t all[SB_ORGANISATIONS_MAX];
    for (uint32_t i = 0; i < f->charter->n_organisations; i++)
        all[i] = i;
    add_state(v, h);
    sb_ledger *own = f->ledger;
    f->ledger = h->ledger; /* the head to be sealed is this one's */
    Sb__Seal *m = fed_seal_message(f, all, f->charter->n_organisations);
    f->ledger = own;
    add_system(v, h, SB_ENTRY_SEAL, &m->base);
    add_state(v, h);
}

static void write_stores(votes *v)
{
    sb_arena a;
    sb_history h;
    fed *f = v->world.f;
    size_t nodes = f->charter->n_organisations;
    sb_arena_init(&a);
    bench_write_daemons(f, v->o->out, nodes < NODES_MAX ? nodes : NODES_MAX, &a);
    bench_store_open(&h, f, sb_path_join(&a, v->o->out, "broker"), "broker", &a);
    take(v, &h, 0);
    add_seal(v, &h);
    bench_store_close(&h, f);
    bench_store_open(&h, f, sb_path_join(&a, v->o->out, "node-0"), "node", &a);
    take(v, &h, 0);
    bench_store_close(&h, f);
    sb_arena_deinit(&a);
}

static void write_submissions(votes *v)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/submissions", v->o->out);
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        bench_die(path);
    for (uint64_t left = v->o->submissions; left > 0;) {
        uint32_t count = left < v->world.seat_count ? (uint32_t)left : v->world.seat_count;
        bench_world_sign(&v->world, v->pool, v->drafts, count);
        for (uint32_t i = 0; i < count; i++) {
            uint8_t len[4];
            sb_slice entry = sb_buf_slice(&v->drafts[i].entry);
            sb_writer w = sb_writer_over(len, sizeof len);
            sb_write_u32(&w, (uint32_t)entry.len);
            (void)fwrite(len, sizeof len, 1, file);
            (void)fwrite(entry.data, entry.len, 1, file);
        }
        left -= count;
    }
    if (fclose(file) != 0)
        bench_die(path);
}

/* ---- arguments ---- */

static void usage(void)
{
    bench_die("usage: bench_votes OUT BALLOTS [--seats N] [--organisations N] [--submissions N]");
}

static options read_options(int argc, char **argv)
{
    if (argc < 3 || argc % 2 == 0)
        usage();
    options o = {.out = argv[1],
                 .ballots = strtoull(argv[2], NULL, 10),
                 .seats = 1000,
                 .organisations = BENCH_LANES};
    for (int i = 3; i + 1 < argc; i += 2) {
        uint64_t n = strtoull(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--seats") == 0)
            o.seats = (uint32_t)n;
        else if (strcmp(argv[i], "--organisations") == 0)
            o.organisations = (uint32_t)n;
        else if (strcmp(argv[i], "--submissions") == 0)
            o.submissions = n;
        else
            usage();
    }
    return o;
}

int main(int argc, char **argv)
{
    const options o = read_options(argc, argv);
    votes v = {.o = &o, .pool = sb_pool_new(0, QUEUE)};
    bench_world_new(&v.world, o.organisations, o.seats);
    v.drafts = sb_xmalloc(o.seats * sizeof *v.drafts);
    for (uint32_t i = 0; i < o.seats; i++)
        sb_buf_init(&v.drafts[i].entry);
    sb_buf_init(&v.log.bytes);
    fed *f = v.world.f;
    for (size_t i = 0; i < f->leaf_count; i++) {
        sb_slice leaf = fed_leaf(f, i);
        sb_reader r = sb_reader_over(leaf);
        v.now_ms = sb_read_u64(&r);
        add_leaf(&v, v.now_ms, sb_slice_of(leaf.data + 8, leaf.len - 8));
    }
    size_t before = v.log.count;
    add_ballots(&v);
    write_stores(&v);
    write_submissions(&v);
    (void)printf("%zu entries, %zu before the first of %llu ballots, %u seats, %u organisations, "
                 "%llu submissions\n",
                 v.log.count, before, (unsigned long long)o.ballots, o.seats, o.organisations,
                 (unsigned long long)o.submissions);
    for (uint32_t i = 0; i < o.seats; i++)
        sb_buf_deinit(&v.drafts[i].entry);
    free(v.drafts);
    bench_log_free(&v.log);
    bench_world_free(&v.world);
    sb_pool_free(v.pool);
    return 0;
}
