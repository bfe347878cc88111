#include "nodes/store/history.h"
#include "nodes/store/history_inside.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/limits.h"

enum { TIP_BYTES = 8 + SB_HASH_BYTES };

/* ---- reading for the cores ---- */

/* The stored hash of a leaf under a full tile, borrowed. NULL: none is stored (the edge). */
static const uint8_t *tile_hash(sb_store *store, uint64_t index)
{
    sb_slice tile;
    if (!sb_store_tile(store, 0, index / SB_TILE_WIDTH, &tile))
        return NULL;
    return tile.data + index % SB_TILE_WIDTH * SB_HASH_BYTES;
}

/* What lies under a full tile may have been written long ago: it is hashed before it is given out,
 * so that a flipped bit never makes us look like somebody who shows two histories. */
static bool read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    sb_store *store = arg;
    uint8_t hash[SB_HASH_BYTES];
    if (!sb_store_leaf(store, index, leaf))
        return false;
    if (index / SB_TILE_WIDTH == sb_store_count(store) / SB_TILE_WIDTH)
        return true;
    const uint8_t *stored = tile_hash(store, index);
    sb_leaf_hash(*leaf, hash);
    if (stored != NULL && memcmp(hash, stored, sizeof hash) == 0)
        return true;
    sb_store_note_damage(store, index);
    return false;
}

static bool has_blob(void *arg, const uint8_t sha256[32])
{
    return sb_store_blob_has(arg, sha256);
}

static bool blob_has_size(void *arg, const uint8_t sha256[32], uint64_t bytes)
{
    uint64_t held;
    return sb_store_blob_size(arg, sha256, &held) && held == bytes;
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

sb_log_reader sb_history_reader(sb_store *store)
{
    return (sb_log_reader){.leaf = read_leaf,
                           .has_blob = has_blob,
                           .blob_has_size = blob_has_size,
                           .arg = store,
                           .tiles = {.read = read_tile, .arg = store}};
}

sb_err sb_history_tree_at(sb_history *h, uint64_t size, sb_tree *tree, sb_fail *fail)
{
    sb_leaf_reader leaves = {.read = read_leaf_hash, .arg = h->store};
    return sb_tree_load(tree, size, h->reader.tiles, leaves, fail);
}

/* ---- open ---- */

sb_err sb_history_damaged(sb_fail *fail, uint64_t index)
{
    return sb_fail_num(fail, SB_E_HISTORY_DAMAGED, 1, index, 0);
}

static bool leaf_holds(sb_slice leaf)
{
    sb_arena arena;
    sb_leaf opened;
    sb_arena_init(&arena);
    bool holds = sb_leaf_open(leaf, &arena, &opened, NULL) == SB_OK;
    sb_arena_deinit(&arena);
    return holds;
}

/* The first leaf of [from, to) whose signature doesn't hold, else `from`: any of them may be it. */
static uint64_t first_broken(sb_store *store, uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++) {
        sb_slice leaf;
        if (!sb_store_leaf(store, i, &leaf) || !leaf_holds(leaf))
            return i;
    }
    return from;
}

/* Something is damaged: read the whole log again and say from where it isn't what it was. */
static uint64_t locate(const sb_history *h, sb_tree *tree)
{
    uint64_t count = sb_store_count(h->store), good = 0;
    sb_tree_init(tree);
    for (uint64_t i = 0; i < count; i++) {
        sb_slice leaf;
        uint8_t hash[SB_HASH_BYTES], root[SB_HASH_BYTES], wanted[SB_HASH_BYTES];
        if (!sb_store_leaf(h->store, i, &leaf))
            return i;
        sb_leaf_hash(leaf, hash);
        const uint8_t *stored = tile_hash(h->store, i);
        bool is_edge = i / SB_TILE_WIDTH == count / SB_TILE_WIDTH;
        if (!is_edge && (stored == NULL || memcmp(stored, hash, sizeof hash) != 0))
            return i;
        sb_tree_append(tree, hash, NULL, NULL);
        if (h->ledger == NULL || !sb_ledger_root_at(h->ledger, i + 1, wanted))
            continue;
        sb_tree_root(tree, root);
        if (memcmp(root, wanted, sizeof root) != 0)
            return first_broken(h->store, good, i + 1);
        good = i + 1;
    }
    return first_broken(h->store, good, count);
}

static sb_slice tip_key(void)
{
    static const uint8_t key = SB_HISTORY_ROW_TIP;
    return sb_slice_of(&key, 1);
}

/* The root is the one that was committed, and the one that the ledger knows. */
static bool root_holds(const sb_history *h, const sb_tree *tree)
{
    uint8_t root[SB_HASH_BYTES], known[SB_HASH_BYTES];
    sb_slice tip;
    if (!sb_kv_get(sb_store_own(h->store), tip_key(), &tip))
        return tree->size == 0;
    sb_reader r = sb_reader_over(tip);
    uint64_t size = sb_read_u64(&r);
    sb_read_into(&r, known, sizeof known);
    sb_tree_root(tree, root);
    if (!sb_reader_done(&r) || size != tree->size || memcmp(root, known, sizeof root) != 0)
        return false;
    return h->ledger == NULL || !sb_ledger_root_at(h->ledger, size, known) ||
           memcmp(root, known, sizeof root) == 0;
}

sb_err sb_history_leaves_hold(const sb_history *h, sb_fail *fail)
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_slice leaf;
    uint8_t hash[SB_HASH_BYTES];
    sb_tree_init(tree);
    while (sb_store_leaf(h->store, tree->size, &leaf)) {
        sb_leaf_hash(leaf, hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
    sb_err err = SB_OK;
    uint64_t count = sb_store_count(h->store);
    if (tree->size != count || !root_holds(h, tree)) {
        uint64_t index = locate(h, tree); /* count: a fold of these leaves vouches for all */
        err = sb_history_damaged(fail, index == count && count > 0 ? count - 1 : index);
    }
    free(tree);
    return err;
}

/* The tree from what is stored; nothing missing, and leaves counted as they were committed. */
static sb_err open_tree(sb_history *h, sb_tree *tree, sb_fail *fail)
{
    sb_err err = sb_history_tree_at(h, sb_store_count(h->store), tree, fail);
    if (err == SB_E_MERKLE_LEAF_MISSING || err == SB_E_MERKLE_TILE_MISSING)
        err = sb_history_damaged(fail, locate(h, tree));
    return err;
}

sb_err sb_history_open_ledger(sb_history *h, sb_fail *fail)
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_err err = open_tree(h, tree, fail);
    if (err == SB_OK)
        err = sb_ledger_open(&h->ledger, sb_store_state(h->store), tree, fail);
    if (err == SB_OK && !root_holds(h, tree))
        err = sb_history_damaged(fail, locate(h, tree));
    free(tree);
    return err;
}

sb_err sb_history_open(sb_history *h, const char *dir, const sb_store_opts *opts, sb_fail *fail)
{
    *h = (sb_history){.dir = dir, .opts = *opts};
    sb_err err = sb_store_open(&h->store, dir, opts, fail);
    if (err != SB_OK)
        goto out;
    h->reader = sb_history_reader(h->store);
    h->parts = calloc(1, sizeof *h->parts); /* without it proofs only take longer */
    h->reader.tiles.parts = h->parts;
    if (sb_store_format(h->store) < SB_STORE_FORMAT) {
        err = sb_history_migrate(h, fail);
        if (err != SB_OK)
            goto out;
    }
    h->opts.federation_id = NULL; /* the caller's */
    err = sb_history_open_ledger(h, fail);
out:
    if (err != SB_OK)
        sb_history_close(h);
    return err;
}

void sb_history_close(sb_history *h)
{
    if (h->ledger != NULL)
        sb_ledger_close(h->ledger);
    sb_store_close(h->store);
    free(h->parts);
    *h = (sb_history){0};
}

sb_err sb_history_reopen(sb_history *h, sb_fail *fail)
{
    const char *dir = h->dir;
    const sb_store_opts opts = h->opts;
    sb_history_close(h);
    return sb_history_open(h, dir, &opts, fail);
}

/* ---- commit ---- */

/* One bound for broker and node: a node's leaves take less bytes, and are more, but it keeps evidence of up
 * to 18 MiB. */
enum {
    LEAF_COSTS = 3,   /* the leaf and about as much in rows and pages */
    LEAF_BYTES = 256, /* around a leaf */
    COMMIT_BYTES = 64 * 1024,
    /* What a batch that isn't full yet may still take: an entry, the RESULTs that it brings, a SEAL
     * in parts; and the tiles that it fills. */
    STEP_LEAVES = 128,
    STEP_BYTES = 1024 * 1024,
    LARGEST_LEAVES = SB_FOL_BATCH_LEAVES_MAX + STEP_LEAVES,
    LARGEST_TILES = LARGEST_LEAVES / SB_TILE_WIDTH + 8,
    LARGEST_BYTES =
        COMMIT_BYTES + LARGEST_TILES * SB_TILE_BYTES +
        LEAF_COSTS * (SB_SEQ_BATCH_BYTES_MAX + STEP_BYTES + LARGEST_LEAVES * LEAF_BYTES),
    SAID_BYTES = 64 * 1024 * 1024 /* OPERATIONS.md: so much free, and it goes on */
};
static_assert(SB_SEQ_BATCH_LEAVES_MAX <= SB_FOL_BATCH_LEAVES_MAX &&
                  SB_FOL_BATCH_BYTES_MAX <= SB_SEQ_BATCH_BYTES_MAX,
              "LARGEST_LEAVES, LARGEST_BYTES");
/* sb_store_begin asks for half as much again, and a MiB */
static_assert(LARGEST_BYTES + LARGEST_BYTES / 2 + 1024 * 1024 <= SAID_BYTES, "OPERATIONS.md");

static uint64_t expected_bytes(const sb_log_commit *c)
{
    uint64_t bytes = COMMIT_BYTES + (uint64_t)c->tile_count * SB_TILE_BYTES;
    for (size_t i = 0; i < c->leaf_count; i++)
        bytes += LEAF_COSTS * (c->leaves[i].len + LEAF_BYTES);
    for (size_t i = 0; i < c->put_count; i++)
        bytes += c->puts[i].key.len + c->puts[i].value.len + 64;
    return bytes;
}

void sb_history_put_own(sb_history *h, const sb_commit_put *puts, size_t count)
{
    sb_kv *own = sb_store_own(h->store);
    for (size_t i = 0; i < count; i++) {
        if (puts[i].is_delete)
            sb_kv_del(own, puts[i].key);
        else
            sb_kv_put(own, puts[i].key, puts[i].value);
    }
}

void sb_history_put_tip(sb_history *h)
{
    const sb_tree *tree = sb_ledger_tree(h->ledger);
    uint8_t tip[TIP_BYTES], root[SB_HASH_BYTES];
    sb_writer w = sb_writer_over(tip, sizeof tip);
    assert(tree->size == sb_store_count(h->store));
    sb_tree_root(tree, root);
    sb_write_u64(&w, tree->size);
    sb_write_bytes(&w, sb_slice_of(root, sizeof root));
    sb_kv_put(sb_store_own(h->store), tip_key(), sb_writer_slice(&w));
}

sb_err sb_history_damage(const sb_history *h, sb_fail *fail)
{
    uint64_t index;
    return h->store != NULL && sb_store_damage(h->store, &index) ? sb_history_damaged(fail, index)
                                                                 : SB_OK;
}

sb_err sb_history_commit(sb_history *h, const sb_log_commit *c, sb_fail *fail)
{
    sb_err err = sb_history_damage(h, fail);
    if (err == SB_OK)
        err = sb_store_begin(h->store, expected_bytes(c), fail);
    if (err != SB_OK)
        return err;
    for (size_t i = 0; i < c->leaf_count; i++)
        sb_store_put_leaf(h->store, c->first + i, c->leaves[i]);
    for (size_t i = 0; i < c->tile_count; i++)
        sb_store_put_tile(h->store, (uint8_t)c->tiles[i].level, c->tiles[i].index,
                          sb_slice_of(c->tiles[i].hashes, SB_TILE_BYTES));
    sb_history_flush(h, c->first, c->leaf_count);
    sb_history_put_own(h, c->puts, c->put_count);
    for (size_t i = 0; i < c->erased_count; i++)
        sb_store_blob_delete(h->store, c->erased[i].b);
    if (c->leaf_count > 0)
        sb_history_put_tip(h);
    return sb_store_commit(h->store, fail);
}

/* ---- a full disk ---- */

bool sb_history_has_room(sb_history *h)
{
    return sb_store_has_room_for(h->store, LARGEST_BYTES);
}

sb_err sb_history_try_room(sb_history *h, sb_fail *fail)
{
    sb_err err = sb_store_begin(h->store, LARGEST_BYTES, fail);
    if (err != SB_OK)
        return err;
    sb_history_put_tip(h);
    return sb_store_commit(h->store, fail);
}

/* ---- blobs ---- */

/* Every chunk but the last is a full one. */
bool sb_history_blob_put_is_sane(const Sb__BlobPut *put)
{
    return put->sha256.len == 32 && put->size > 0 && put->size <= SB_BLOB_BYTES_MAX &&
           put->data.len > 0 && put->data.len <= SB_BLOB_CHUNK_BYTES && put->offset < put->size &&
           put->data.len <= put->size - put->offset &&
           (put->data.len == SB_BLOB_CHUNK_BYTES || put->data.len == put->size - put->offset);
}

/* Somebody began with bytes that can't be this blob's: as long as they stood, nobody could store
 * it. */
static sb_err drop_staged(sb_history *h, const uint8_t sha256[32], sb_fail *fail)
{
    sb_err err = sb_store_begin(h->store, 65536, fail);
    if (err != SB_OK)
        return err;
    sb_store_blob_delete(h->store, sha256);
    return sb_store_commit(h->store, fail);
}

sb_err sb_history_blob_put(sb_history *h, const Sb__BlobPut *put, uint64_t *next_offset,
                           sb_fail *fail)
{
    *next_offset = 0;
    if (!sb_history_blob_put_is_sane(put))
        return SB_OK;
    /* an erased blob is not kept again: whoever names it is refused for that */
    if (sb_store_blob_has(h->store, put->sha256.data) ||
        sb_ledger_blob_erased(h->ledger, put->sha256.data, NULL)) {
        *next_offset = put->size;
        return SB_OK;
    }
    *next_offset = sb_store_blob_staged(h->store, put->sha256.data);
    sb_err err = SB_OK;
    if (*next_offset >= put->size) {
        err = drop_staged(h, put->sha256.data, fail);
        *next_offset = 0;
    }
    if (err != SB_OK || put->offset != *next_offset || !sb_store_blob_room(h->store))
        return err;
    err = sb_store_begin(h->store, put->data.len + 65536, fail);
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

static sb_err read_chunk(sb_history *h, const Sb__BlobGet *get, uint64_t *size, sb_buf *chunk,
                         sb_fail *fail)
{
    *size = 0;
    if (get->sha256.len != 32 || !sb_store_blob_size(h->store, get->sha256.data, size) ||
        get->offset >= *size)
        return SB_OK;
    return sb_store_blob_read(h->store, get->sha256.data, get->offset, SB_BLOB_CHUNK_BYTES, chunk,
                              fail);
}

sb_err sb_history_blob_get(sb_history *h, const Sb__Frame *frame, sb_buf *answer, sb_fail *fail)
{
    const Sb__BlobGet *get = frame->blob_get;
    Sb__BlobData data = SB__BLOB_DATA__INIT;
    sb_buf chunk;
    sb_buf_init(&chunk);
    sb_err err = read_chunk(h, get, &data.size, &chunk, fail);
    if (err == SB_OK) {
        data.sha256 = get->sha256;
        data.offset = get->offset;
        data.data = (ProtobufCBinaryData){.len = chunk.len, .data = chunk.data};
        Sb__Frame out = SB__FRAME__INIT;
        out.request = frame->request;
        out.body_case = SB__FRAME__BODY_BLOB_DATA;
        out.blob_data = &data;
        sb_frame_encode(&out, answer);
    }
    sb_buf_deinit(&chunk);
    return err;
}
