/* The tree as C2SP tlog-tiles keeps it: level 0 tiles hold 256 leaf hashes each; a tile of level
 * l+1 holds the roots of 256 full tiles of level l. Only full tiles are stored (by the sink's
 * owner); the edge, at most 255 hashes a level, is in memory and rebuilt on open.
 *
 * An sb_tree is one flat struct without pointers, 66 KiB: sb_tree_copy takes a snapshot or rolls
 * back, copying only what is in use (plain assignment is right too).
 *
 * Append is O(1) amortised, the root O(log n), a proof at most one tile read a level and side.
 */
#ifndef SB_MERKLE_TREE_H
#define SB_MERKLE_TREE_H

#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/merkle/merkle_hash.h"

enum {
    SB_TREE_LEVELS = 8, /* 256^8 = 2^64 leaves */
    SB_TILE_BYTES = SB_TILE_WIDTH * SB_HASH_BYTES
};

typedef struct sb_tree {
    uint64_t size; /* leaves, at most 2^63-1 */
    /* Roots of the complete subtrees that make up the tree, left to right from the highest set
     * bit of `size`: peak[b] covers 2^b leaves and is valid when bit b of size is set. */
    sb_hash32 peak[64];
    /* The growing tile of each level: its first edge_width(level, size) hashes. */
    sb_hash32 edge[SB_TREE_LEVELS][SB_TILE_WIDTH];
} sb_tree;

/* A full tile: 256 hashes, borrowed for the call. Called in order: lower levels first. */
typedef void (*sb_tile_sink)(void *arg, uint32_t level, uint64_t index,
                             const sb_hash32 hashes[SB_TILE_WIDTH]);

/* Roots that many proofs need, of 16 hashes of a tile each: above level 0, whose tiles are few, and in
 * the last tile of level 0. A proof makes 247 hashes of a full tile's 256, and 22 with these. A root is
 * taken for the very hashes that it was made of: what is kept is right for any tree, also after leaves
 * were taken back. All zero: empty. 2.2 MiB without pointers, for 16.7 million leaves, of which a log of a
 * million uses 135 KiB; in longer logs they take each other's places. */
enum { SB_TILE_PART = 16, SB_TILE_PARTS_KEPT = 4096 };
typedef struct sb_tile_part {
    sb_hash32 hashes[SB_TILE_PART], root;
} sb_tile_part;
typedef struct sb_tile_parts {
    sb_tile_part upper[SB_TILE_PARTS_KEPT];
    sb_tile_part last[SB_TILE_WIDTH / SB_TILE_PART];
} sb_tile_parts;

/* Reads stored full tiles; a NULL `read` has none (trees below 256 leaves need none). Hashes
 * first…first+count-1 (count >= 1, within the tile) of the tile (level, index) into out. False:
 * missing or unreadable. */
typedef struct sb_tile_reader {
    bool (*read)(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                 sb_hash32 *out);
    void *arg;
    sb_tile_parts *parts; /* kept from one proof to the next; NULL: nothing is */
} sb_tile_reader;

/* Reads the leaf hash at `index` (from the stored leaves). False: missing. */
typedef struct sb_leaf_reader {
    bool (*read)(void *arg, uint64_t index, sb_hash32 *out);
    void *arg;
} sb_leaf_reader;

void sb_tree_init(sb_tree *t);
void sb_tree_copy(sb_tree *to, const sb_tree *from);
/* Add a leaf hash. `sink` (may be NULL) gets each tile that this fills. */
void sb_tree_append(sb_tree *t, const uint8_t leaf_hash[32], sb_tile_sink sink, void *arg);
/* The root of the present size. */
void sb_tree_root(const sb_tree *t, uint8_t out[32]);

/* Rebuild the edge of `size` leaves from stored full tiles and leaves. Reads at most 255 leaf
 * hashes and 255 tiles a level; a level's edge comes from the roots of the full tiles under it.
 * The caller compares
 * the root with the one it stored. Errors: SB_E_MERKLE_RANGE (size over 2^63-1),
 * SB_E_MERKLE_TILE_MISSING {level, index}, SB_E_MERKLE_LEAF_MISSING {index}. */
sb_err sb_tree_load(sb_tree *t, uint64_t size, sb_tile_reader tiles, sb_leaf_reader leaves,
                    sb_fail *fail);

/* Hashes in the growing (partial) tile of `level` at `size`: 0…255. */
uint32_t sb_tree_edge_width(uint64_t size, uint32_t level);
/* Full tiles of `level` at `size`. */
uint64_t sb_tree_full_tiles(uint64_t size, uint32_t level);
/* The partial tile of a level, borrowed: *width hashes (0: none). Its index is
 * sb_tree_full_tiles(t->size, level). For export. */
const sb_hash32 *sb_tree_edge(const sb_tree *t, uint32_t level, uint32_t *width);

/* The root at an earlier size (<= t->size).
 * Errors: SB_E_MERKLE_RANGE, SB_E_MERKLE_TILE_MISSING. */
sb_err sb_tree_root_at(const sb_tree *t, uint64_t size, sb_tile_reader tiles, uint8_t out[32],
                       sb_fail *fail);
/* Hashes first…first+count-1 of the tile (level, index), be it stored or the edge: what export and
 * the partial tiles of earlier heads need. Errors: as sb_tree_root_at. */
sb_err sb_tree_read(const sb_tree *t, uint32_t level, uint64_t index, uint32_t first,
                    uint32_t count, sb_tile_reader tiles, sb_hash32 *out, sb_fail *fail);

typedef struct sb_proof {
    uint32_t count;
    sb_hash32 hashes[SB_PROOF_HASHES_MAX];
} sb_proof;

/* RFC 9162 §2.1.3.1: the audit path of leaf `index` in the tree of `size` (index < size <=
 * t->size). Errors: SB_E_MERKLE_RANGE, SB_E_MERKLE_TILE_MISSING. */
sb_err sb_tree_inclusion(const sb_tree *t, uint64_t index, uint64_t size, sb_tile_reader tiles,
                         sb_proof *out, sb_fail *fail);

/* What many proofs of neighbouring leaves have in common: roots of complete subtrees within one tile
 * of each level, and the newest range up to a tree's end. Such roots never change, so it stays good as
 * the tree grows; not when leaves are taken back. All zero: empty. 67 KiB without pointers. */
typedef struct sb_tree_memo {
    struct {
        uint64_t tile;
        bool has[SB_TILE_WIDTH]; /* by number in the heap whose node 1 is the tile's root */
        sb_hash32 root[SB_TILE_WIDTH];
    } levels[SB_TREE_LEVELS];
    uint64_t end_start, end_len; /* 0: none */
    sb_hash32 end_root;
} sb_tree_memo;

/* sb_tree_inclusion, with what the proofs before it left in the memo, and leaving its own: in rising
 * order of leaves one hash a leaf, and a few for each size. Not for sizes with leaves that may be
 * taken back. */
sb_err sb_tree_inclusion_memo(const sb_tree *t, uint64_t index, uint64_t size, sb_tile_reader tiles,
                              sb_tree_memo *memo, sb_proof *out, sb_fail *fail);
/* RFC 9162 §2.1.4.1: from size `m` to size `n` (1 <= m <= n <= t->size); empty when m == n.
 * Errors: as sb_tree_inclusion. */
sb_err sb_tree_consistency(const sb_tree *t, uint64_t m, uint64_t n, sb_tile_reader tiles,
                           sb_proof *out, sb_fail *fail);

/* C2SP tlog-tiles path of a tile below `tile/`: "0/x001/x234/067" or, for width < 256, with
 * ".p/<width>". Level and index in tlog-tiles' three-digit groups. out holds at least
 * SB_TILE_PATH_BYTES. Entry bundles: sb_tile_path with is_entries ("entries/…"). */
enum { SB_TILE_PATH_BYTES = 64 };
void sb_tile_path(bool is_entries, uint32_t level, uint64_t index, uint32_t width,
                  char out[SB_TILE_PATH_BYTES]);

#endif
