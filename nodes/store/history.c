#include "nodes/store/history.h"

#include <stdlib.h>

/* ---- reading for the cores ---- */

static bool read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    return sb_store_leaf(arg, index, leaf);
}

static bool has_blob(void *arg, const uint8_t sha256[32])
{
    return sb_store_blob_has(arg, sha256);
}

static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    sb_slice tile;
    if (!sb_store_tile(arg, (uint8_t)level, index, &tile) || first + count > SB_TILE_WIDTH)
        return false;
    memcpy(out, tile.data + (size_t)first * SB_HASH_BYTES, (size_t)count * SB_HASH_BYTES);
    return true;
}

static bool read_leaf_hash(void *arg, uint64_t index, sb_hash32 *out)
{
    sb_slice leaf;
    if (!sb_store_leaf(arg, index, &leaf))
        return false;
    sb_leaf_hash(leaf, (uint8_t *)out);
    return true;
}

/* ---- open ---- */

static sb_err damaged(sb_fail *fail, uint64_t index)
{
    return sb_fail_num(fail, SB_E_HISTORY_DAMAGED, 1, index, 0);
}

sb_err sb_history_open(sb_history *h, const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    *h = (sb_history){0};
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_err err = sb_store_open(&h->store, dir, opts, fail);
    if (err != SB_OK)
        goto out;
    sb_tile_reader tiles = {.read = read_tile, .arg = h->store};
    sb_leaf_reader leaves = {.read = read_leaf_hash, .arg = h->store};
    h->reader =
        (sb_log_reader){.leaf = read_leaf, .has_blob = has_blob, .arg = h->store, .tiles = tiles};
    err = sb_tree_load(tree, sb_store_count(h->store), tiles, leaves, fail);
    if (err == SB_OK)
        err = sb_ledger_open(&h->ledger, sb_store_state(h->store), tree, fail);
out:
    free(tree);
    if (err != SB_OK)
        sb_history_close(h);
    return err;
}

void sb_history_close(sb_history *h)
{
    if (h->ledger != NULL)
        sb_ledger_close(h->ledger);
    sb_store_close(h->store);
    *h = (sb_history){0};
}

/* ---- commit ---- */

static uint64_t expected_bytes(const sb_log_commit *c)
{
    uint64_t bytes = 64 * 1024 + (uint64_t)c->tile_count * SB_TILE_BYTES;
    for (size_t i = 0; i < c->leaf_count; i++)
        bytes += 3 * (c->leaves[i].len + 256); /* the leaf and about as much in rows and pages */
    for (size_t i = 0; i < c->put_count; i++)
        bytes += c->puts[i].key.len + c->puts[i].value.len + 64;
    return bytes;
}

static void put_own_rows(sb_history *h, const sb_log_commit *c)
{
    sb_kv *own = sb_store_own(h->store);
    for (size_t i = 0; i < c->put_count; i++) {
        if (c->puts[i].is_delete)
            sb_kv_del(own, c->puts[i].key);
        else
            sb_kv_put(own, c->puts[i].key, c->puts[i].value);
    }
}

/* What was stored is what was hashed: a flipped bit is found before a head over it is signed. */
static sb_err read_back(sb_history *h, const sb_log_commit *c, sb_fail *fail)
{
    for (size_t i = 0; i < c->leaf_count; i++) {
        sb_slice stored;
        if (!sb_store_leaf(h->store, c->first + i, &stored) || !sb_slice_eq(stored, c->leaves[i]))
            return damaged(fail, c->first + i);
    }
    return SB_OK;
}

sb_err sb_history_commit(sb_history *h, const sb_log_commit *c, sb_fail *fail)
{
    sb_err err = sb_store_begin(h->store, expected_bytes(c), fail);
    if (err != SB_OK)
        return err;
    for (size_t i = 0; i < c->leaf_count; i++)
        sb_store_put_leaf(h->store, c->first + i, c->leaves[i]);
    for (size_t i = 0; i < c->tile_count; i++)
        sb_store_put_tile(h->store, (uint8_t)c->tiles[i].level, c->tiles[i].index,
                          sb_slice_of(c->tiles[i].hashes, SB_TILE_BYTES));
    sb_ledger_flush(h->ledger);
    put_own_rows(h, c);
    err = sb_store_commit(h->store, fail);
    if (err == SB_OK)
        err = read_back(h, c, fail);
    return err;
}

/* ---- blobs ---- */

static bool put_is_sane(const Sb__BlobPut *put)
{
    return put->sha256.len == 32 && put->size > 0 && put->size <= SB_BLOB_BYTES_MAX &&
           put->data.len > 0 && put->data.len <= SB_BLOB_CHUNK_BYTES && put->offset < put->size &&
           put->data.len <= put->size - put->offset;
}

sb_err sb_history_blob_put(sb_history *h, const Sb__BlobPut *put, uint64_t *next_offset,
                           sb_fail *fail)
{
    *next_offset = 0;
    if (!put_is_sane(put))
        return SB_OK;
    if (sb_store_blob_has(h->store, put->sha256.data)) {
        *next_offset = put->size;
        return SB_OK;
    }
    *next_offset = sb_store_blob_staged(h->store, put->sha256.data);
    if (put->offset != *next_offset)
        return SB_OK;
    sb_err err = sb_store_begin(h->store, put->data.len + 65536, fail);
    if (err != SB_OK)
        return err;
    sb_fail refusal = {0};
    sb_slice chunk = sb_slice_of(put->data.data, put->data.len);
    sb_err taken = sb_store_blob_add(h->store, put->sha256.data, put->offset, chunk, &refusal);
    if (taken == SB_OK && put->offset + put->data.len == put->size)
        taken = sb_store_blob_finish(h->store, put->sha256.data, &refusal);
    /* A blob that isn't its hash was dropped in this batch; that too is committed. */
    err = sb_store_commit(h->store, fail);
    *next_offset = sb_store_blob_has(h->store, put->sha256.data)
                       ? put->size
                       : sb_store_blob_staged(h->store, put->sha256.data);
    return err;
}

sb_err sb_history_blob_get(sb_history *h, const Sb__BlobGet *get, uint64_t *size, sb_buf *chunk,
                           sb_fail *fail)
{
    *size = 0;
    if (get->sha256.len != 32 || !sb_store_blob_size(h->store, get->sha256.data, size))
        return SB_OK;
    if (get->offset >= *size)
        return SB_OK;
    return sb_store_blob_read(h->store, get->sha256.data, get->offset, SB_BLOB_CHUNK_BYTES, chunk,
                              fail);
}
