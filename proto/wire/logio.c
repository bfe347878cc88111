#include "proto/wire/logio.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/buf.h"

/* Room for one more item of `size` bytes. */
static void grow(void **items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return;
    *cap = *cap == 0 ? 64 : *cap * 2;
    *items = sb_xrealloc(*items, *cap * size);
}

void sb_commit_builder_init(sb_commit_builder *b, sb_tile_reader stored)
{
    memset(b, 0, sizeof *b);
    b->stored = stored;
    sb_arena_init(&b->arena);
}

void sb_commit_builder_deinit(sb_commit_builder *b)
{
    sb_arena_deinit(&b->arena);
    free(b->leaves);
    free(b->tiles);
    free(b->puts);
    free(b->erased);
}

void sb_commit_builder_clear(sb_commit_builder *b, uint64_t first)
{
    sb_arena_reset(&b->arena);
    b->commit = (sb_log_commit){.first = first};
    b->bytes = 0;
}

bool sb_commit_builder_is_empty(const sb_commit_builder *b)
{
    return b->commit.leaf_count == 0 && b->commit.put_count == 0 && b->commit.erased_count == 0;
}

void sb_commit_add_leaf(sb_commit_builder *b, sb_slice leaf)
{
    grow((void **)&b->leaves, b->commit.leaf_count, &b->leaf_cap, sizeof *b->leaves);
    b->leaves[b->commit.leaf_count++] = sb_arena_copy(&b->arena, leaf);
    b->bytes += leaf.len;
}

void sb_commit_add_tile(void *builder, uint32_t level, uint64_t index,
                        const sb_hash32 hashes[SB_TILE_WIDTH])
{
    sb_commit_builder *b = builder;
    grow((void **)&b->tiles, b->commit.tile_count, &b->tile_cap, sizeof *b->tiles);
    sb_slice copy = sb_arena_copy(&b->arena, sb_slice_of(hashes, SB_TILE_BYTES));
    b->tiles[b->commit.tile_count++] = (sb_commit_tile){
        .level = level, .index = index, .hashes = (const sb_hash32 *)(const void *)copy.data};
}

static void add_put(sb_commit_builder *b, sb_commit_put put)
{
    assert(put.key.len > 0);
    grow((void **)&b->puts, b->commit.put_count, &b->put_cap, sizeof *b->puts);
    b->puts[b->commit.put_count++] = put;
    b->bytes += put.value.len;
}

void sb_commit_put_row(sb_commit_builder *b, sb_slice key, sb_slice value)
{
    add_put(b, (sb_commit_put){.key = sb_arena_copy(&b->arena, key),
                               .value = sb_arena_copy(&b->arena, value)});
}

void sb_commit_del_row(sb_commit_builder *b, sb_slice key)
{
    add_put(b, (sb_commit_put){.key = sb_arena_copy(&b->arena, key), .is_delete = true});
}

void sb_commit_erase_blob(sb_commit_builder *b, const uint8_t sha256[32])
{
    grow((void **)&b->erased, b->commit.erased_count, &b->erased_cap, sizeof *b->erased);
    memcpy(b->erased[b->commit.erased_count++].b, sha256, 32);
}

static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    const sb_commit_builder *b = arg;
    for (size_t i = 0; i < b->commit.tile_count; i++) {
        const sb_commit_tile *tile = &b->tiles[i];
        if (tile->level != level || tile->index != index)
            continue;
        memcpy(out, tile->hashes + first, count * sizeof *out);
        return true;
    }
    return b->stored.read != NULL && b->stored.read(b->stored.arg, level, index, first, count, out);
}

sb_tile_reader sb_commit_tiles(sb_commit_builder *b)
{
    return (sb_tile_reader){.read = read_tile, .arg = b, .parts = b->stored.parts};
}

const sb_log_commit *sb_commit_builder_get(sb_commit_builder *b)
{
    b->commit.leaves = b->leaves;
    b->commit.tiles = b->tiles;
    b->commit.puts = b->puts;
    b->commit.erased = b->erased;
    return &b->commit;
}
