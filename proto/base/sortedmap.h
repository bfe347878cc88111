/* An ordered map of byte strings, private to proto/base: what kv_memory and kv_overlay share.
 *
 * An AA tree (Andersson 1993): O(log n) for everything, its shape a function of the calls alone.
 * Nodes and values come from a pool of chunks, so clearing frees nothing and refilling mallocs
 * nothing. Pointers into a row hold until that row is written or removed.
 */
#ifndef SB_BASE_SORTEDMAP_H
#define SB_BASE_SORTEDMAP_H

#include "proto/base/slice.h"

enum { SB_MAP_CLASSES = 88 }; /* sizes of blocks, up to 128 MiB */

typedef struct sb_map_chunk sb_map_chunk;
typedef struct sb_map_block sb_map_block;
typedef struct sb_map_row sb_map_row;

/* A key's first 16 bytes as big-endian numbers, filled up with zeros: they decide nearly every
 * comparison, where the key's own bytes are left alone. */
typedef struct sb_map_head {
    uint64_t high, low;
} sb_map_head;

struct sb_map_row {
    sb_map_row *left, *right;
    sb_map_head head;
    uint8_t *value; /* never NULL */
    uint32_t value_len;
    uint8_t value_class, row_class, level, key_len;
    bool is_delete; /* the overlay's tombstone */
    uint8_t key[];
};

typedef struct sb_map {
    sb_map_row *root;
    size_t count, bytes; /* rows; their keys and values */
    /* A bit for each first byte that a row's key has, or had: an overlay is mostly asked for rows of
     * tables of which it has none. */
    uint64_t begins[4];
    sb_map_chunk *first, *current; /* chunks are kept in the order they were made */
    sb_map_block *free_blocks[SB_MAP_CLASSES];
} sb_map;

static inline sb_slice sb_map_key(const sb_map_row *row)
{
    return (sb_slice){.data = row->key, .len = row->key_len};
}

static inline sb_slice sb_map_value(const sb_map_row *row)
{
    return (sb_slice){.data = row->value, .len = row->value_len};
}

void sb_map_init(sb_map *m);
void sb_map_deinit(sb_map *m);
/* Forget all rows, keep the memory. */
void sb_map_clear(sb_map *m);
/* The row, or NULL. */
sb_map_row *sb_map_find(const sb_map *m, sb_slice key);
/* The first row at (inclusive) or after `from`, or NULL. */
sb_map_row *sb_map_next(const sb_map *m, sb_slice from, bool inclusive);
/* Each row, in order. The visitor leaves the map alone. */
typedef void sb_map_visit(void *arg, const sb_map_row *row);
void sb_map_each(const sb_map *m, sb_map_visit visit, void *arg);
/* Copies key and value, which may lie in this map's own rows. */
void sb_map_put(sb_map *m, sb_slice key, sb_slice value, bool is_delete);
void sb_map_remove(sb_map *m, sb_slice key);

#endif
