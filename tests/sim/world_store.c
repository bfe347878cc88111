#include "tests/sim/world_store.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/buf.h"
#include "proto/base/cursor.h"
#include "tests/sim/world_memo.h"

void sw_store_init(sw_store *s)
{
    *s = (sw_store){0};
    for (int i = 0; i < SW_TABLES; i++)
        s->kv[i] = sb_kv_memory_new();
}

static void drop_leaves(sw_store *s, uint64_t size)
{
    while (s->leaf_count > size)
        free((void *)s->leaves[--s->leaf_count].bytes.data);
}

static void pop_undo(sw_store *s)
{
    sb_buf_deinit(&s->undo[--s->undo_count].rows);
    if (s->synced > s->undo_count)
        s->synced = s->undo_count;
}

void sw_store_deinit(sw_store *s)
{
    for (int i = 0; i < SW_TABLES; i++)
        sb_kv_memory_free(s->kv[i]);
    drop_leaves(s, 0);
    while (s->undo_count > 0)
        pop_undo(s);
    free(s->leaves);
    free(s->undo);
}

static void add_leaf(sw_store *s, sb_slice bytes, const uint8_t *hash)
{
    if (s->leaf_count == s->leaf_cap) {
        s->leaf_cap = s->leaf_cap == 0 ? 256 : 2 * s->leaf_cap;
        s->leaves = sb_xrealloc(s->leaves, s->leaf_cap * sizeof *s->leaves);
    }
    sw_leaf *leaf = &s->leaves[s->leaf_count++];
    uint8_t *copy = sb_xmalloc(bytes.len);
    memcpy(copy, bytes.data, bytes.len);
    leaf->bytes = sb_slice_of(copy, bytes.len);
    if (hash != NULL)
        memcpy(leaf->hash, hash, 32);
    else
        sb_leaf_hash(leaf->bytes, leaf->hash);
}

static sw_undo *new_undo(sw_store *s)
{
    if (s->undo_count == s->undo_cap) {
        s->undo_cap = s->undo_cap == 0 ? 256 : 2 * s->undo_cap;
        s->undo = sb_xrealloc(s->undo, s->undo_cap * sizeof *s->undo);
    }
    sw_undo *u = &s->undo[s->undo_count++];
    *u = (sw_undo){.first = s->leaf_count, .end = s->leaf_count};
    sb_buf_init(&u->rows);
    return u;
}

void sw_store_copy(const sw_store *from, sw_store *to)
{
    *to = (sw_store){.tip_size = from->tip_size};
    memcpy(to->tip_root, from->tip_root, 32);
    for (int i = 0; i < SW_TABLES; i++)
        to->kv[i] = sb_kv_memory_clone(from->kv[i]);
    for (uint64_t i = 0; i < from->leaf_count; i++)
        add_leaf(to, from->leaves[i].bytes, from->leaves[i].hash);
    for (size_t i = 0; i < from->undo_count; i++) {
        sw_undo *u = new_undo(to);
        u->first = from->undo[i].first;
        u->end = from->undo[i].end;
        sb_buf_add(&u->rows, sb_buf_slice(&from->undo[i].rows));
    }
    to->synced = to->undo_count;
}

/* ---- reading ---- */

static sb_slice tile_key(uint32_t level, uint64_t index, uint8_t out[12])
{
    sb_writer w = sb_writer_over(out, 12);
    sb_write_u32(&w, level);
    sb_write_u64(&w, index);
    return sb_writer_slice(&w);
}

/* Under a full tile it is compared with that before it is given out; the edge was when it opened. */
static bool read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    sw_store *s = arg;
    uint8_t key[12];
    sb_slice tile;
    if (index >= s->leaf_count)
        return false;
    *leaf = s->leaves[index].bytes;
    if (index / SB_TILE_WIDTH == s->leaf_count / SB_TILE_WIDTH)
        return true;
    if (sb_kv_get(s->kv[SW_TILES], tile_key(0, index / SB_TILE_WIDTH, key), &tile) &&
        memcmp(tile.data + index % SB_TILE_WIDTH * 32, s->leaves[index].hash, 32) == 0)
        return true;
    s->broken = true;
    return false;
}

static bool read_hash(void *arg, uint64_t index, sb_hash32 *out)
{
    sw_store *s = arg;
    if (index >= s->leaf_count)
        return false;
    memcpy(out->b, s->leaves[index].hash, 32);
    return true;
}

static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    sw_store *s = arg;
    uint8_t key[12];
    sb_slice tile;
    if (!sb_kv_get(s->kv[SW_TILES], tile_key(level, index, key), &tile))
        return false;
    memcpy(out, tile.data + first * sizeof *out, count * sizeof *out);
    return true;
}

static bool has_blob(void *arg, const uint8_t sha256[32])
{
    return sw_store_has_blob(arg, sha256);
}

static bool blob_has_size(void *arg, const uint8_t sha256[32], uint64_t bytes)
{
    (void)bytes;
    return sw_store_has_blob(arg, sha256);
}

sb_log_reader sw_store_reader(sw_store *s)
{
    return (sb_log_reader){.leaf = read_leaf,
                           .has_blob = has_blob,
                           .blob_has_size = blob_has_size,
                           .arg = s,
                           .tiles = {.read = read_tile, .arg = s}};
}

/* ---- writing ---- */

/* What stands there now, so that it can come back. */
static void remember(sw_store *s, sw_undo *u, sw_table table, sb_slice key)
{
    sb_slice old = {0};
    uint8_t head[4], length[4];
    bool had = sb_kv_get(s->kv[table], key, &old);
    sb_writer w = sb_writer_over(head, sizeof head), l = sb_writer_over(length, sizeof length);
    sb_write_u8(&w, (uint8_t)table);
    sb_write_u8(&w, had);
    sb_write_u16(&w, (uint16_t)key.len);
    sb_write_u32(&l, (uint32_t)old.len);
    sb_buf_add(&u->rows, sb_writer_slice(&w));
    sb_buf_add(&u->rows, key);
    sb_buf_add(&u->rows, sb_writer_slice(&l));
    if (old.len > 0)
        sb_buf_add(&u->rows, old);
}

static void change(sw_store *s, sw_undo *u, sw_table table, sb_slice key, const sb_slice *value)
{
    remember(s, u, table, key);
    if (value != NULL)
        sb_kv_put(s->kv[table], key, *value);
    else
        sb_kv_del(s->kv[table], key);
}

typedef struct flusher {
    sw_store *s;
    sw_undo *u;
} flusher;

static void keep_row(void *arg, sb_slice key, sb_slice value, bool is_delete)
{
    flusher *f = arg;
    (void)value, (void)is_delete;
    remember(f->s, f->u, SW_STATE, key);
}

static void flush(sw_store *s, sw_undo *u, sb_ledger *ledger)
{
    flusher f = {.s = s, .u = u};
    sb_ledger_changes(ledger, keep_row, &f);
    sb_ledger_flush(ledger);
}

static void put_own(sw_store *s, sw_undo *u, const sb_commit_put *puts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        change(s, u, SW_OWN, puts[i].key, puts[i].is_delete ? NULL : &puts[i].value);
}

static void put_tip(sw_store *s, sb_ledger *ledger)
{
    s->tip_size = s->leaf_count;
    sb_tree_root(sb_ledger_tree(ledger), s->tip_root);
}

void sw_store_write(sw_store *s, const sb_log_commit *c, sb_ledger *ledger)
{
    sw_undo *u = new_undo(s);
    assert(c->leaf_count == 0 || c->first == s->leaf_count);
    for (size_t i = 0; i < c->leaf_count; i++)
        add_leaf(s, c->leaves[i], NULL);
    u->end = s->leaf_count;
    for (size_t i = 0; i < c->tile_count; i++) {
        uint8_t key[12];
        sb_slice tile = sb_slice_of(c->tiles[i].hashes, SB_TILE_BYTES);
        change(s, u, SW_TILES, tile_key(c->tiles[i].level, c->tiles[i].index, key), &tile);
    }
    flush(s, u, ledger);
    for (size_t i = 0; i < c->erased_count; i++)
        change(s, u, SW_BLOBS, sb_slice_of(c->erased[i].b, 32), NULL);
    put_own(s, u, c->puts, c->put_count);
    if (c->leaf_count > 0)
        put_tip(s, ledger);
}

void sw_store_sync(sw_store *s)
{
    s->synced = s->undo_count;
}

bool sw_store_is_synced(const sw_store *s)
{
    return s->synced == s->undo_count;
}

/* The rows of one commit, as they were before it; only of this table unless it is SW_TABLES. */
static void take_back(sw_store *s, const sw_undo *u, sw_table only)
{
    /* a row that was changed twice in one commit must become what it was first: backwards */
    size_t cap = 64, count = 0, *starts = sb_xmalloc(cap * sizeof *starts);
    sb_reader r = sb_reader_over(sb_buf_slice(&u->rows));
    while (sb_reader_left(&r) > 0) {
        if (count == cap)
            starts = sb_xrealloc(starts, (cap *= 2) * sizeof *starts);
        starts[count++] = u->rows.len - sb_reader_left(&r);
        sb_read_u16(&r);
        sb_read_bytes(&r, sb_read_u16(&r));
        sb_read_bytes(&r, sb_read_u32(&r));
    }
    while (count-- > 0) {
        sb_reader row =
            sb_reader_over(sb_slice_of(u->rows.data + starts[count], u->rows.len - starts[count]));
        sw_table table = (sw_table)sb_read_u8(&row);
        bool had = sb_read_u8(&row) != 0;
        sb_slice key = sb_read_bytes(&row, sb_read_u16(&row));
        sb_slice value = sb_read_bytes(&row, sb_read_u32(&row));
        if (only != SW_TABLES && table != only)
            continue;
        if (had)
            sb_kv_put(s->kv[table], key, value);
        else
            sb_kv_del(s->kv[table], key);
    }
    free(starts);
}

static void tip_from_leaves(sw_store *s)
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_fail fail = {0};
    if (sb_tree_load(tree, s->leaf_count, (sb_tile_reader){.read = read_tile, .arg = s},
                     (sb_leaf_reader){.read = read_hash, .arg = s}, &fail) != SB_OK)
        abort();
    s->tip_size = s->leaf_count;
    sb_tree_root(tree, s->tip_root);
    free(tree);
}

bool sw_store_crash(sw_store *s, bool kept)
{
    bool lost = !kept && s->synced < s->undo_count;
    while (lost && s->undo_count > s->synced) {
        sw_undo *u = &s->undo[s->undo_count - 1];
        take_back(s, u, SW_TABLES);
        drop_leaves(s, u->first);
        pop_undo(s);
    }
    if (lost)
        tip_from_leaves(s);
    sw_store_sync(s);
    return lost;
}

/* ---- opening ---- */

static sb_ledger *open_ledger(sw_store *s, sb_tree *tree)
{
    sb_ledger *ledger = NULL;
    sb_fail fail = {0};
    sb_err err = sb_tree_load(tree, s->leaf_count, (sb_tile_reader){.read = read_tile, .arg = s},
                              (sb_leaf_reader){.read = read_hash, .arg = s}, &fail);
    if (err == SB_OK)
        err = sb_ledger_open(&ledger, s->kv[SW_STATE], tree, &fail);
    return err == SB_OK ? ledger : NULL;
}

sb_ledger *sw_store_open(sw_store *s)
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_ledger *ledger = open_ledger(s, tree);
    uint8_t root[32], known[32];
    sb_tree_root(tree, root);
    bool holds = ledger != NULL && s->tip_size == s->leaf_count &&
                 (s->leaf_count == 0 || memcmp(root, s->tip_root, 32) == 0) &&
                 (!sb_ledger_root_at(ledger, s->leaf_count, known) || memcmp(root, known, 32) == 0);
    if (!holds && ledger != NULL)
        sb_ledger_close(ledger);
    free(tree);
    return holds ? ledger : NULL;
}

/* ---- going back ---- */

/* Fold leaves from what the ledger has up to `size`, in a commit of its own. */
static void fold_on(sw_store *s, sb_ledger *ledger, uint64_t first, uint64_t size)
{
    sw_undo *u = new_undo(s);
    sb_arena arena;
    sb_fail fail = {0};
    sb_arena_init(&arena);
    u->first = first;
    u->end = size;
    for (uint64_t i = first; i < size; i++) {
        const sb_leaf *leaf = sw_memo_leaf(s->leaves[i].bytes, &fail);
        if (leaf == NULL || sb_ledger_step(ledger, leaf, NULL, NULL, &fail) != SB_OK) {
            fprintf(stderr, "sim: the stored leaves do not fold: %s\n", sb_err_name(fail.code));
            abort();
        }
    }
    flush(s, u, ledger);
    sb_arena_deinit(&arena);
}

/* The rows of `size` leaves, and a ledger over them; the leaves stay. */
static sb_ledger *rows_back(sw_store *s, uint64_t size)
{
    uint64_t reached = s->leaf_count;
    while (reached > size) {
        sw_undo *u = &s->undo[s->undo_count - 1];
        take_back(s, u, SW_STATE);
        reached = u->first < reached ? u->first : reached;
        pop_undo(s);
    }
    uint64_t count = s->leaf_count;
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    s->leaf_count = reached; /* full tiles of what is beyond are read by nobody */
    sb_ledger *ledger = open_ledger(s, tree);
    s->leaf_count = count;
    free(tree);
    if (ledger == NULL)
        abort();
    if (reached < size)
        fold_on(s, ledger, reached, size);
    return ledger;
}

static void drop_tiles(sw_store *s, sw_undo *u, uint64_t size)
{
    uint64_t width = SB_TILE_WIDTH;
    for (uint32_t level = 0; level < 3; level++, width *= SB_TILE_WIDTH)
        for (uint64_t i = size / width;; i++) {
            uint8_t key[12];
            if (!sb_kv_get(s->kv[SW_TILES], tile_key(level, i, key), NULL))
                break;
            change(s, u, SW_TILES, tile_key(level, i, key), NULL);
        }
}

sb_err sw_store_rewind(sw_store *s, uint64_t size, sb_slice probe, const sb_commit_put *puts,
                       size_t put_count, sb_ledger **ledger, sb_fail *fail)
{
    sb_err err = SB_OK;
    assert(size <= s->leaf_count && sw_store_is_synced(s));
    sb_ledger_close(*ledger);
    *ledger = rows_back(s, size);
    if (probe.len > 0) {
        const sb_leaf *leaf = sw_memo_leaf(probe, fail);
        err = leaf == NULL ? fail->code : sb_ledger_check(*ledger, leaf, fail);
    }
    if (err != SB_OK) {
        fold_on(s, *ledger, size, s->leaf_count);
    } else {
        sw_undo *u = new_undo(s);
        drop_leaves(s, size);
        u->first = u->end = size;
        drop_tiles(s, u, size);
        put_own(s, u, puts, put_count);
        put_tip(s, *ledger);
    }
    sw_store_sync(s);
    return err;
}

/* ---- damage ---- */

bool sw_store_damage(sw_store *s, bool stale, uint64_t pick)
{
    uint64_t edge = s->leaf_count - s->leaf_count % SB_TILE_WIDTH;
    if (s->leaf_count == edge)
        return false;
    uint64_t at = edge + pick % (s->leaf_count - edge);
    sw_leaf *leaf = &s->leaves[at];
    if (stale && at == 0)
        return false;
    if (stale) { /* the page of the leaf before it */
        uint8_t *copy = sb_xmalloc(s->leaves[at - 1].bytes.len);
        memcpy(copy, s->leaves[at - 1].bytes.data, s->leaves[at - 1].bytes.len);
        free((void *)leaf->bytes.data);
        leaf->bytes = sb_slice_of(copy, s->leaves[at - 1].bytes.len);
    } else {
        uint64_t bit = (pick >> 20) % (leaf->bytes.len * 8);
        ((uint8_t *)leaf->bytes.data)[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    sb_leaf_hash(leaf->bytes, leaf->hash);
    return true;
}

/* ---- blobs, own rows ---- */

void sw_store_put_blob(sw_store *s, const uint8_t sha256[32])
{
    if (sw_store_has_blob(s, sha256))
        return;
    sb_slice one = sb_slice_str("x");
    bool synced = sw_store_is_synced(s);
    change(s, new_undo(s), SW_BLOBS, sb_slice_of(sha256, 32), &one);
    if (synced)
        sw_store_sync(s);
}

bool sw_store_has_blob(const sw_store *s, const uint8_t sha256[32])
{
    return sb_kv_get(s->kv[SW_BLOBS], sb_slice_of(sha256, 32), NULL);
}

bool sw_store_own(const sw_store *s, uint8_t table, sb_slice *value)
{
    return sb_kv_get(s->kv[SW_OWN], sb_slice_of(&table, 1), value);
}
