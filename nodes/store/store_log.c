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

void sb_store_truncate(sb_store *s, uint64_t count)
{
    uint8_t key[LEAF_KEY_BYTES];
    assert(s->in_batch);
    if (count >= s->count)
        return;
    drop_tiles(s, count);
    for (uint64_t i = s->count; i > count; i--)
        sb_store_row_del(s, SB_TABLE_LEAVES, leaf_key(i - 1, key));
    s->count = count;
}
