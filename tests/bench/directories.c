/* The generated log as daemons hold it: their directories, keys, stores and attachments. */
#include <stdio.h>

#include "nodes/follower/follower.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/sign/keyfile.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"
#include "tests/lib/play.h"

enum { BATCH = 512, QUEUE = 128 };

/* ---- the founding ---- */

void bench_found(fed *f)
{
    uint8_t secret[32];
    char key[96];
    Sb__Genesis *m = fed_genesis_message(f);
    bench_curve_of("broker", secret, m->broker_curve_pk.data);
    for (size_t i = 0; i < m->n_organisations; i++)
        bench_curve_of(m->organisations[i]->id, secret, m->organisations[i]->curve_pk.data);
    (void)snprintf(key, sizeof key, "%s/authority", m->organisations[0]->id);
    bench_must(fed_send_genesis(f, m, key), &f->fail, "genesis");
    fed_charter(f);
    fed_accept(f);
    fed_appoint_all(f);
    fed_seal(f);
    for (int i = 0; i < 2; i++) {
        static const char *const seats[] = {"obs-1", "unn-1"};
        bench_must(
            fed_appoint_seat(f, seats[i], PRIMARY, i == 0 ? "obs-1/primary" : "unn-1/primary"),
            &f->fail, "appoint");
    }
    fed_seal(f);
}

/* ---- files ---- */

static void write_key(const char *path, sb_key_role role, const uint8_t secret[32],
                      const uint8_t pk[32])
{
    sb_buf file;
    sb_fail fail = {0};
    sb_buf_init(&file);
    bench_must(sb_keyfile_plain(role, pk, secret, &file, &fail), &fail, path);
    bench_must(sb_file_write(path, sb_buf_slice(&file), SB_FILE_MODE_SECRET, &fail), &fail, path);
    sb_buf_deinit(&file);
}

static void write_curve(const char *path, const char *name)
{
    uint8_t secret[32], pk[32];
    bench_curve_of(name, secret, pk);
    write_key(path, SB_KEY_CURVE, secret, pk);
}

static void write_signer(fed *f, const char *path, sb_key_role role, const char *name)
{
    const fed_key *key = fed_key_of(f, name);
    write_key(path, role, sb_secret_seed(key->secret), key->pk);
}

static void write_federation(const fed *f, const char *path)
{
    sb_buf file;
    sb_fail fail = {0};
    sb_buf_init(&file);
    for (size_t i = 0; i < f->leaf_count; i++) {
        sb_slice entry = sb_slice_of(fed_leaf(f, i).data + 8, fed_leaf(f, i).len - 8);
        if (entry.data[1] != SB_ENTRY_GENESIS && entry.data[1] != SB_ENTRY_CHARTER_PART)
            break;
        uint8_t len[4] = {(uint8_t)(entry.len >> 24), (uint8_t)(entry.len >> 16),
                          (uint8_t)(entry.len >> 8), (uint8_t)entry.len};
        sb_buf_add(&file, sb_slice_of(len, sizeof len));
        sb_buf_add(&file, entry);
    }
    bench_must(sb_file_write(path, sb_buf_slice(&file), SB_FILE_MODE, &fail), &fail, path);
    sb_buf_deinit(&file);
}

static void write_node(fed *f, const char *dir, const char *organisation, sb_arena *a)
{
    sb_node_config c;
    sb_fail fail = {0};
    char witness[96];
    (void)snprintf(witness, sizeof witness, "%s/witness", organisation);
    bench_must(sb_dir_make(dir, 0700, &fail), &fail, dir);
    sb_node_config_init(&c, dir, organisation, a);
    c.broker = "tcp://127.0.0.1:9"; /* nobody there; bench_daemon says where */
    bench_must(sb_node_config_write(&c, &fail), &fail, "node.yaml");
    write_federation(f, c.federation);
    write_signer(f, c.witness_key, SB_KEY_WITNESS, witness);
    write_curve(c.curve_key, organisation);
}

static void write_broker(fed *f, const char *dir, sb_arena *a)
{
    sb_broker_config c;
    sb_fail fail = {0};
    bench_must(sb_dir_make(dir, 0700, &fail), &fail, dir);
    sb_broker_config_init(&c, dir, "tcp://127.0.0.1:9", a);
    bench_must(sb_broker_config_write(&c, &fail), &fail, "broker.yaml");
    write_federation(f, c.federation);
    write_signer(f, c.log_key, SB_KEY_LOG, "log");
    write_curve(c.curve_key, "broker");
}

/* The attachments that the entries name. */
static void put_blob(sb_store *store, const char *text)
{
    uint8_t hash[32];
    sb_buf blob;
    sb_fail fail = {0};
    static const uint8_t salt[32];
    sb_buf_init(&blob);
    sb_buf_add(&blob, sb_slice_of(salt, sizeof salt));
    sb_buf_str(&blob, text);
    sb_hash(sb_buf_slice(&blob), hash);
    if (!sb_store_blob_has(store, hash))
        bench_must(sb_store_blob_put(store, hash, sb_buf_slice(&blob), &fail), &fail, "blob");
    sb_buf_deinit(&blob);
}

static void put_blobs(const fed *f, sb_store *store)
{
    sb_fail fail = {0};
    bench_must(sb_store_begin(store, 1024 * 1024, &fail), &fail, "begin");
    static const char *const others[] = {BENCH_TITLE, "Oppgave", "Referat"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        put_blob(store, others[i]);
    for (size_t b = 0; b < f->charter->n_bodies; b++)
        for (size_t i = 0; i < f->charter->bodies[b]->n_seats; i++)
            put_blob(store, f->charter->bodies[b]->seats[i]->id);
    for (size_t i = 0; i < f->charter->n_offices; i++)
        put_blob(store, f->charter->offices[i]->id);
    bench_must(sb_store_commit(store, &fail), &fail, "commit");
}

/* The log's newest head, with every organisation's cosignature: what a node keeps as certified. */
static void certified_note(fed *f, sb_ledger *ledger, sb_checkpoint *head, sb_buf *note)
{
    sb_fail fail = {0};
    sb_ledger_position at;
    sb_ledger_position_get(ledger, &at);
    *head = (sb_checkpoint){.size = at.size};
    memcpy(head->root, at.root, 32);
    (void)sb_ledger_origin(ledger, head->origin, sizeof head->origin);
    bench_must(sb_checkpoint_sign(head, fed_key_of(f, f->log_key)->secret, note, &fail), &fail,
               "head");
    for (uint32_t i = 0; i < f->charter->n_organisations; i++) {
        sb_cosignature c;
        char name[SB_NOTE_NAME_BYTES_MAX + 1];
        const fed_key *key = fed_witness(f, i);
        bench_must(sb_cosign(head, key->secret, f->now_ms / 1000, &c, &fail), &fail, "cosign");
        (void)snprintf(name, sizeof name, "%s/%s", head->origin, f->charter->organisations[i]->id);
        sb_cosignature_add_line(note, sb_slice_str(name), key->pk, &c);
    }
}

/* As if the broker had sent them: a node that starts alone can say what is final, and export it. */
static void put_certified(fed *f, sb_history *h)
{
    const uint8_t keys[2] = {SB_FOL_ROW_CERTIFIED, SB_FOL_ROW_FINAL};
    uint64_t seal_index, sealed_size;
    sb_checkpoint head;
    sb_fail fail = {0};
    sb_buf note, final;
    uint8_t start[8 + 32];
    sb_buf_init(&note);
    sb_buf_init(&final);
    certified_note(f, h->ledger, &head, &note);
    if (!sb_ledger_seal_before(h->ledger, head.size, &seal_index, &sealed_size))
        bench_die("the log has no SEAL");
    sb_writer w = sb_writer_over(start, sizeof start);
    sb_write_u64(&w, sealed_size);
    bench_must(
        sb_tree_root_at(sb_ledger_tree(h->ledger), sealed_size, h->reader.tiles, start + 8, &fail),
        &fail, "root");
    sb_buf_add(&final, sb_slice_of(start, sizeof start));
    sb_buf_add(&final, sb_buf_slice(&note));
    bench_must(sb_store_begin(h->store, 0, &fail), &fail, "begin");
    sb_kv_put(sb_store_own(h->store), sb_slice_of(&keys[0], 1), sb_buf_slice(&note));
    sb_kv_put(sb_store_own(h->store), sb_slice_of(&keys[1], 1), sb_buf_slice(&final));
    bench_must(sb_store_commit(h->store, &fail), &fail, "commit");
    sb_buf_deinit(&note);
    sb_buf_deinit(&final);
}

void bench_store_open(sb_history *h, const fed *f, const char *dir, const char *kind, sb_arena *a)
{
    const sb_store_opts opts = {.kind = kind, .create = true};
    sb_fail fail = {0};
    bench_must(sb_history_open(h, sb_path_join(a, dir, "store"), &opts, &fail), &fail, dir);
    put_blobs(f, h->store);
}

void bench_store_close(sb_history *h, fed *f)
{
    if (strcmp(h->opts.kind, "node") == 0)
        put_certified(f, h);
    sb_history_close(h);
}

static void write_store(fed *f, const char *dir, const char *kind, sb_arena *a)
{
    const bench_log log = {.bytes = f->leaves, .starts = f->starts, .count = f->leaf_count};
    sb_history h;
    sb_pool *pool = sb_pool_new(0, QUEUE);
    bench_store_open(&h, f, dir, kind, a);
    bench_take(&h, pool, &log, 0, log.count, BATCH);
    bench_store_close(&h, f);
    sb_pool_free(pool);
}

void bench_write_daemons(fed *f, const char *out, size_t nodes, sb_arena *a)
{
    write_broker(f, sb_path_join(a, out, "broker"), a);
    for (size_t i = 0; i < nodes; i++)
        write_node(f, sb_arena_printf(a, "%s/node-%zu", out, i), f->charter->organisations[i]->id,
                   a);
}

void bench_write_all(fed *f, const char *out)
{
    sb_arena a;
    sb_arena_init(&a);
    const char *node = sb_path_join(&a, out, "node-0"), *broker = sb_path_join(&a, out, "broker");
    bench_write_daemons(f, out, 2, &a);
    write_store(f, node, "node", &a);
    write_store(f, broker, "broker", &a);
    sb_arena_deinit(&a);
}
