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
    for (size_t i = 0; i < commit->tile_count; i++) {
        uint8_t key[12];
        sb_kv_put(s->tiles, tile_key(commit->tiles[i].level, commit->tiles[i].index, key),
                  sb_slice_of(commit->tiles[i].hashes, SB_TILE_BYTES));
    }
    sb_ledger_flush(ledger);
    for (size_t i = 0; i < commit->erased_count; i++)
        sb_kv_del(s->blobs, sb_slice_of(commit->erased[i].b, 32));
    for (size_t i = 0; i < commit->put_count; i++) {
        if (commit->puts[i].is_delete)
            sb_kv_del(s->own, commit->puts[i].key);
        else
            sb_kv_put(s->own, commit->puts[i].key, commit->puts[i].value);
    }
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
