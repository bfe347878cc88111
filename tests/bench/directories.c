/* The generated log as daemons hold it: their directories, keys, stores and attachments. */
#include <stdio.h>

#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"
#include "proto/sign/keyfile.h"
#include "tests/bench/bench.h"
#include "tests/bench/generate.h"

enum { BATCH = 512, QUEUE = 128 };

void bench_curve_of(const char *name, uint8_t secret[32], uint8_t pk[32])
{
    char text[64];
    (void)snprintf(text, sizeof text, "curve of %s", name);
    sb_hash(sb_slice_str(text), secret);
    sb_curve_public(secret, pk);
}

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

static void write_store(const fed *f, const char *dir, const char *kind, sb_arena *a)
{
    const sb_store_opts opts = {.kind = kind, .create = true};
    const bench_log log = {.bytes = f->leaves, .starts = f->starts, .count = f->leaf_count};
    sb_fail fail = {0};
    sb_history h;
    sb_pool *pool = sb_pool_new(0, QUEUE);
    bench_must(sb_history_open(&h, sb_path_join(a, dir, "store"), &opts, &fail), &fail, dir);
    put_blobs(f, h.store);
    bench_take(&h, pool, &log, 0, log.count, BATCH, BENCH_OVERLAPPED);
    sb_history_close(&h);
    sb_pool_free(pool);
}

void bench_write_all(fed *f, const char *out)
{
    sb_arena a;
    sb_arena_init(&a);
    const char *node = sb_path_join(&a, out, "node"), *broker = sb_path_join(&a, out, "broker");
    write_node(f, node, "unn", &a);
    write_broker(f, broker, &a);
    write_node(f, sb_path_join(&a, out, "empty"), "kommune-a", &a);
    write_store(f, node, "node", &a);
    write_store(f, broker, "broker", &a);
    sb_arena_deinit(&a);
}
