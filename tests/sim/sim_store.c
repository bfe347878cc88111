#include "tests/sim/sim_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"

void sim_store_init(sim_store *s)
{
    *s = (sim_store){.state = sb_kv_memory_new(),
                     .own = sb_kv_memory_new(),
                     .tiles = sb_kv_memory_new(),
                     .blobs = sb_kv_memory_new()};
}

void sim_store_deinit(sim_store *s)
{
    sb_kv_memory_free(s->state);
    sb_kv_memory_free(s->own);
    sb_kv_memory_free(s->tiles);
    sb_kv_memory_free(s->blobs);
    for (size_t i = 0; i < s->leaf_count; i++)
        sb_buf_deinit(&s->leaves[i]);
    free(s->leaves);
}

static sb_slice tile_key(uint32_t level, uint64_t index, uint8_t out[12])
{
    sb_writer w = sb_writer_over(out, 12);
    sb_write_u32(&w, level);
    sb_write_u64(&w, index);
    return sb_writer_slice(&w);
}

static bool read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    sim_store *s = arg;
    if (index >= s->leaf_count)
        return false;
    *leaf = sb_buf_slice(&s->leaves[index]);
    return true;
}

static bool read_hash(void *arg, uint64_t index, sb_hash32 *out)
{
    sb_slice leaf;
    if (!read_leaf(arg, index, &leaf))
        return false;
    sb_leaf_hash(leaf, out->b);
    return true;
}

static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    sim_store *s = arg;
    uint8_t key[12];
    sb_slice tile;
    if (!sb_kv_get(s->tiles, tile_key(level, index, key), &tile))
        return false;
    memcpy(out, tile.data + first * sizeof *out, count * sizeof *out);
    return true;
}

static bool has_blob(void *arg, const uint8_t sha256[32])
{
    return sim_store_has_blob(arg, sha256);
}

static bool blob_has_size(void *arg, const uint8_t sha256[32], uint64_t bytes)
{
    const sim_store *s = arg;
    sb_slice value;
    if (!sb_kv_get(s->blobs, sb_slice_of(sha256, 32), &value))
        return false;
    sb_reader r = sb_reader_over(value);
    return value.len != 8 || sb_read_u64(&r) == bytes;
}

sb_log_reader sim_store_reader(sim_store *s)
{
    return (sb_log_reader){.leaf = read_leaf,
                           .has_blob = has_blob,
                           .blob_has_size = blob_has_size,
                           .arg = s,
                           .tiles = {.read = read_tile, .arg = s}};
}

static void put_tiles(sim_store *s, const sb_log_commit *commit)
{
    for (size_t i = 0; i < commit->tile_count; i++) {
        uint8_t key[12];
        sb_kv_put(s->tiles, tile_key(commit->tiles[i].level, commit->tiles[i].index, key),
                  sb_slice_of(commit->tiles[i].hashes, SB_TILE_BYTES));
    }
}

static void put_own(sim_store *s, const sb_commit_put *puts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (puts[i].is_delete)
            sb_kv_del(s->own, puts[i].key);
        else
            sb_kv_put(s->own, puts[i].key, puts[i].value);
    }
}

void sim_store_commit(sim_store *s, const sb_log_commit *commit, sb_ledger *ledger)
{
    assert(commit->leaf_count == 0 || commit->first == s->leaf_count);
    for (size_t i = 0; i < commit->leaf_count; i++) {
        if (s->leaf_count == s->leaf_cap) {
            s->leaf_cap = s->leaf_cap == 0 ? 256 : 2 * s->leaf_cap;
            s->leaves = sb_xrealloc(s->leaves, s->leaf_cap * sizeof *s->leaves);
        }
        sb_buf_init(&s->leaves[s->leaf_count]);
        sb_buf_add(&s->leaves[s->leaf_count++], commit->leaves[i]);
    }
    put_tiles(s, commit);
    sb_ledger_flush(ledger);
    for (size_t i = 0; i < commit->erased_count; i++)
        sb_kv_del(s->blobs, sb_slice_of(commit->erased[i].b, 32));
    put_own(s, commit->puts, commit->put_count);
}

/* The rows and full tiles of the first `size` leaves, from the leaves alone. */
static sb_ledger *refold(sim_store *s, uint64_t size, sb_kv *state, sb_commit_builder *tiles)
{
    sb_ledger *ledger = NULL;
    sb_arena arena;
    sb_fail fail = {0};
    sb_arena_init(&arena);
    sb_err err = sb_ledger_open(&ledger, state, NULL, &fail);
    for (uint64_t i = 0; i < size && err == SB_OK; i++) {
        sb_leaf leaf;
        sb_arena_reset(&arena);
        err = sb_leaf_open(sb_buf_slice(&s->leaves[i]), &arena, &leaf, &fail);
        if (err == SB_OK)
            err = sb_ledger_step(ledger, &leaf, sb_commit_add_tile, tiles, &fail);
    }
    sb_arena_deinit(&arena);
    if (err != SB_OK) {
        fprintf(stderr, "sim: the stored leaves do not fold: %s\n", sb_err_name(err));
        abort();
    }
    sb_ledger_flush(ledger);
    return ledger;
}

static sb_err check_probe(sb_ledger *ledger, sb_slice probe, sb_fail *fail)
{
    sb_arena arena;
    sb_leaf leaf;
    sb_arena_init(&arena);
    sb_err err = probe.len == 0 ? SB_OK : sb_leaf_open(probe, &arena, &leaf, fail);
    if (probe.len > 0 && err == SB_OK)
        err = sb_ledger_check(ledger, &leaf, fail);
    sb_arena_deinit(&arena);
    return err;
}

sb_err sim_store_rewind(sim_store *s, uint64_t size, sb_slice probe, const sb_commit_put *puts,
                        size_t put_count, sb_ledger **ledger, sb_fail *fail)
{
    sb_kv *state = sb_kv_memory_new();
    sb_commit_builder tiles;
    assert(size <= s->leaf_count);
    sb_ledger_close(*ledger);
    sb_commit_builder_init(&tiles, (sb_tile_reader){0});
    *ledger = refold(s, size, state, &tiles);
    sb_err err = check_probe(*ledger, probe, fail);
    sb_ledger_close(*ledger);
    if (err == SB_OK) {
        sb_kv_memory_free(s->state);
        s->state = state;
        sb_kv_memory_free(s->tiles);
        s->tiles = sb_kv_memory_new();
        put_tiles(s, sb_commit_builder_get(&tiles));
        while (s->leaf_count > size)
            sb_buf_deinit(&s->leaves[--s->leaf_count]);
        put_own(s, puts, put_count);
    } else {
        sb_kv_memory_free(state);
    }
    sb_commit_builder_deinit(&tiles);
    *ledger = sim_store_ledger(s);
    return err;
}

sb_ledger *sim_store_ledger(sim_store *s)
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_ledger *ledger = NULL;
    sb_fail fail = {0};
    sb_err err = sb_tree_load(tree, s->leaf_count, (sb_tile_reader){.read = read_tile, .arg = s},
                              (sb_leaf_reader){.read = read_hash, .arg = s}, &fail);
    if (err == SB_OK)
        err = sb_ledger_open(&ledger, s->state, tree, &fail);
    free(tree);
    if (err != SB_OK) {
        fprintf(stderr, "sim: the stored ledger does not open: %s\n", sb_err_name(err));
        abort();
    }
    return ledger;
}

void sim_store_blob(sim_store *s, const uint8_t sha256[32])
{
    sb_kv_put(s->blobs, sb_slice_of(sha256, 32), sb_slice_str("x"));
}

void sim_store_blob_of(sim_store *s, const uint8_t sha256[32], uint64_t bytes)
{
    uint8_t value[8];
    sb_writer w = sb_writer_over(value, sizeof value);
    sb_write_u64(&w, bytes);
    sb_kv_put(s->blobs, sb_slice_of(sha256, 32), sb_writer_slice(&w));
}

bool sim_store_has_blob(const sim_store *s, const uint8_t sha256[32])
{
    return sb_kv_get(s->blobs, sb_slice_of(sha256, 32), NULL);
}
