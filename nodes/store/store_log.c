/* Leaves and full tiles. */
#include <assert.h>

#include "nodes/store/store_internal.h"
#include "proto/base/cursor.h"
#include "proto/base/limits.h"

enum { LEAF_KEY_BYTES = 8, TILE_KEY_BYTES = 9, TILE_LEVELS_MAX = 7 };

static sb_slice leaf_key(uint64_t index, uint8_t out[LEAF_KEY_BYTES])
{
    sb_writer w = sb_writer_over(out, LEAF_KEY_BYTES);
    sb_write_u64(&w, index);
    return sb_writer_slice(&w);
}

static sb_slice tile_key(uint8_t level, uint64_t index, uint8_t out[TILE_KEY_BYTES])
{
    sb_writer w = sb_writer_over(out, TILE_KEY_BYTES);
    sb_write_u8(&w, level);
    sb_write_u64(&w, index);
    return sb_writer_slice(&w);
}

uint64_t sb_store_count(const sb_store *s)
{
    return s->count;
}

void sb_store_put_leaf(sb_store *s, uint64_t index, sb_slice leaf)
{
    assert(index == s->count && leaf.len <= SB_LEAF_BYTES_MAX);
    uint8_t key[LEAF_KEY_BYTES];
    sb_store_row_put(s, SB_TABLE_LEAVES, leaf_key(index, key), leaf);
    s->count = index + 1;
}

bool sb_store_leaf(sb_store *s, uint64_t index, sb_slice *leaf)
{
    uint8_t key[LEAF_KEY_BYTES];
    return sb_store_row_get(s, SB_TABLE_LEAVES, leaf_key(index, key), leaf);
}

void sb_store_note_damage(sb_store *s, uint64_t index)
{
    if (!s->is_damaged)
        s->damaged_index = index;
    s->is_damaged = true;
}

bool sb_store_damage(const sb_store *s, uint64_t *index)
{
    *index = s->damaged_index;
    return s->is_damaged;
}

void sb_store_put_tile(sb_store *s, uint8_t level, uint64_t index, sb_slice hashes)
{
    assert(hashes.len == SB_STORE_TILE_BYTES && level < TILE_LEVELS_MAX);
    uint8_t key[TILE_KEY_BYTES];
    sb_store_row_put(s, SB_TABLE_TILES, tile_key(level, index, key), hashes);
}

bool sb_store_tile(sb_store *s, uint8_t level, uint64_t index, sb_slice *hashes)
{
    uint8_t key[TILE_KEY_BYTES];
    return sb_store_row_get(s, SB_TABLE_TILES, tile_key(level, index, key), hashes);
}

/* A tile of level L covers 256^(L+1) leaves; those wholly below `count` stay. */
static void drop_tiles(sb_store *s, uint64_t count)
{
    uint64_t covers = SB_TILE_WIDTH;
    for (uint8_t level = 0; level < TILE_LEVELS_MAX; level++, covers *= SB_TILE_WIDTH) {
        uint8_t from[TILE_KEY_BYTES], found[TILE_KEY_BYTES];
        sb_slice key, value;
        sb_slice at = tile_key(level, count / covers, from);
        while (sb_store_row_next(s, SB_TABLE_TILES, at, true, &key, &value) &&
               key.len == TILE_KEY_BYTES && key.data[0] == level) {
            memcpy(found, key.data, TILE_KEY_BYTES);
            sb_store_row_del(s, SB_TABLE_TILES, sb_slice_of(found, TILE_KEY_BYTES));
        }
    }
}

/* ---- what was cut off ---- */

enum { CUT_KEY_BYTES = 4 + 8 };

static sb_slice cut_key(uint32_t cut, uint64_t index, uint8_t out[CUT_KEY_BYTES])
{
    sb_writer w = sb_writer_over(out, CUT_KEY_BYTES);
    sb_write_u32(&w, cut);
    sb_write_u64(&w, index);
    return sb_writer_slice(&w);
}

static void archive(sb_store *s, uint32_t cut, uint64_t index)
{
    uint8_t key[CUT_KEY_BYTES];
    sb_slice leaf;
    sb_buf copy; /* a row is borrowed until the next write */
    if (!sb_store_leaf(s, index, &leaf))
        return;
    sb_buf_init(&copy);
    sb_buf_add(&copy, leaf);
    sb_store_row_put(s, SB_TABLE_CUT, cut_key(cut, index, key), sb_buf_slice(&copy));
    sb_buf_deinit(&copy);
}

uint32_t sb_store_cuts(sb_store *s)
{
    uint32_t cut = 0;
    uint8_t from[CUT_KEY_BYTES];
    sb_slice key, leaf;
    while (sb_store_row_next(s, SB_TABLE_CUT, cut_key(cut, 0, from), true, &key, &leaf)) {
        sb_reader r = sb_reader_over(key);
        cut = sb_read_u32(&r) + 1;
    }
    return cut;
}

bool sb_store_cut_leaf(sb_store *s, uint32_t cut, uint64_t *index, sb_slice *leaf)
{
    uint8_t from[CUT_KEY_BYTES];
    sb_slice key;
    if (!sb_store_row_next(s, SB_TABLE_CUT, cut_key(cut, *index, from), true, &key, leaf))
        return false;
    sb_reader r = sb_reader_over(key);
    bool is_same = sb_read_u32(&r) == cut;
    *index = sb_read_u64(&r);
    return is_same && sb_reader_done(&r);
}

/* ---- undo ---- */

void sb_store_put_undo(sb_store *s, uint64_t size, sb_slice undo)
{
    uint8_t key[LEAF_KEY_BYTES];
    sb_store_row_put(s, SB_TABLE_UNDO, leaf_key(UINT64_MAX - size, key), undo);
}

void sb_store_drop_undo(sb_store *s, uint64_t size)
{
    uint8_t key[LEAF_KEY_BYTES];
    sb_store_row_del(s, SB_TABLE_UNDO, leaf_key(UINT64_MAX - size, key));
}

bool sb_store_undo(sb_store *s, uint64_t most, uint64_t *size, sb_slice *undo)
{
    uint8_t from[LEAF_KEY_BYTES];
    sb_slice key;
    if (!sb_store_row_next(s, SB_TABLE_UNDO, leaf_key(UINT64_MAX - most, from), true, &key, undo))
        return false;
    sb_reader r = sb_reader_over(key);
    *size = UINT64_MAX - sb_read_u64(&r);
    return sb_reader_done(&r);
}

void sb_store_truncate(sb_store *s, uint64_t count)
{
    uint8_t key[LEAF_KEY_BYTES];
    assert(s->in_batch);
    if (count >= s->count)
        return;
    drop_tiles(s, count);
    uint32_t cut = sb_store_cuts(s);
    for (uint64_t i = s->count; i > count; i--) {
        archive(s, cut, i - 1);
        sb_store_row_del(s, SB_TABLE_LEAVES, leaf_key(i - 1, key));
    }
    s->count = count;
}
