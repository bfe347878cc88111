/* The incremental tree: tiles filled from below, a peak for every set bit of the size, and proofs
 * put together from complete subtrees, each of which lies inside one tile. */
#include "proto/merkle/tree.h"

#include <assert.h>

enum { TILE_HEIGHT = 8 }; /* 2^8 = SB_TILE_WIDTH */
_Static_assert(SB_TILE_WIDTH == 1 << TILE_HEIGHT, "tile height and width");

void sb_tree_init(sb_tree *t)
{
    memset(t, 0, sizeof *t);
}

uint32_t sb_tree_edge_width(uint64_t size, uint32_t level)
{
    assert(level < SB_TREE_LEVELS);
    return (uint32_t)(size >> (TILE_HEIGHT * level)) % SB_TILE_WIDTH;
}

uint64_t sb_tree_full_tiles(uint64_t size, uint32_t level)
{
    assert(level < SB_TREE_LEVELS);
    /* Two shifts: 64 at once is undefined. */
    return (size >> (TILE_HEIGHT * level)) >> TILE_HEIGHT;
}

void sb_tree_copy(sb_tree *to, const sb_tree *from)
{
    to->size = from->size;
    memcpy(to->peak, from->peak, sizeof to->peak);
    for (uint32_t l = 0; l < SB_TREE_LEVELS; l++)
        memcpy(to->edge[l], from->edge[l], sb_tree_edge_width(from->size, l) * sizeof(sb_hash32));
}

/* Put a hash of `level`, with `width` hashes in its tile before it, into the peaks: join it with
 * the complete subtrees of equal size on its left. True when that fills the tile; *node is then the
 * tile's root, which belongs to the next level. */
static bool push_peak(sb_tree *t, uint32_t level, uint32_t width, sb_hash32 *node)
{
    sb_hash32 *peak = &t->peak[TILE_HEIGHT * level];
    uint32_t bit = 0;
    for (; (width >> bit & 1) == 1; bit++)
        sb_node_hash(peak[bit].b, node->b, node->b);
    if (bit == TILE_HEIGHT)
        return true;
    peak[bit] = *node;
    return false;
}

/* The root of 2^k hashes; overwrites them. */
static void fold(sb_hash32 *hashes, uint32_t count)
{
    assert(count >= 1 && (count & (count - 1)) == 0);
    for (; count > 1; count /= 2) {
        for (uint32_t i = 0; i < count / 2; i++)
            sb_node_hash(hashes[2 * i].b, hashes[2 * i + 1].b, hashes[i].b);
    }
}

void sb_tree_append(sb_tree *t, const uint8_t leaf_hash[32], sb_tile_sink sink, void *arg)
{
    sb_hash32 node;
    assert(t->size < INT64_MAX);
    memcpy(node.b, leaf_hash, sizeof node.b);
    for (uint32_t level = 0; level < SB_TREE_LEVELS; level++) {
        uint32_t width = sb_tree_edge_width(t->size, level);
        t->edge[level][width] = node;
        if (!push_peak(t, level, width, &node))
            break;
        if (sink != NULL)
            sink(arg, level, sb_tree_full_tiles(t->size, level), t->edge[level]);
    }
    t->size++;
}

void sb_tree_root(const sb_tree *t, uint8_t out[32])
{
    bool is_first = true;
    if (t->size == 0)
        sb_empty_root(out);
    for (uint32_t bit = 0; bit < 64; bit++) {
        if ((t->size >> bit & 1) == 0)
            continue;
        if (is_first)
            memcpy(out, t->peak[bit].b, 32);
        else
            sb_node_hash(t->peak[bit].b, out, out);
        is_first = false;
    }
}

const sb_hash32 *sb_tree_edge(const sb_tree *t, uint32_t level, uint32_t *width)
{
    *width = sb_tree_edge_width(t->size, level);
    return t->edge[level];
}

/* ---- load ---- */

static bool read_stored(sb_tile_reader tiles, uint32_t level, uint64_t index, uint32_t first,
                        uint32_t count, sb_hash32 *out)
{
    return tiles.read != NULL && tiles.read(tiles.arg, level, index, first, count, out);
}

sb_err sb_tree_load(sb_tree *t, uint64_t size, sb_tile_reader tiles, sb_leaf_reader leaves,
                    sb_fail *fail)
{
    sb_hash32 tile[SB_TILE_WIDTH];

    sb_tree_init(t);
    if (size > INT64_MAX)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, size, INT64_MAX);
    for (uint32_t level = 0; level < SB_TREE_LEVELS; level++) {
        uint32_t width = sb_tree_edge_width(size, level);
        uint64_t first = sb_tree_full_tiles(size, level) * SB_TILE_WIDTH;
        for (uint32_t i = 0; i < width; i++) {
            sb_hash32 *hash = &t->edge[level][i];
            if (level == 0) {
                if (leaves.read == NULL || !leaves.read(leaves.arg, first + i, hash))
                    return sb_fail_num(fail, SB_E_MERKLE_LEAF_MISSING, 1, first + i, 0);
            } else {
                if (!read_stored(tiles, level - 1, first + i, 0, SB_TILE_WIDTH, tile))
                    return sb_fail_num(fail, SB_E_MERKLE_TILE_MISSING, 2, level - 1, first + i);
                fold(tile, SB_TILE_WIDTH);
                *hash = tile[0];
            }
            sb_hash32 node = *hash;
            push_peak(t, level, i, &node);
        }
    }
    t->size = size;
    return SB_OK;
}

/* ---- reading ---- */

sb_err sb_tree_read(const sb_tree *t, uint32_t level, uint64_t index, uint32_t first,
                    uint32_t count, sb_tile_reader tiles, sb_hash32 *out, sb_fail *fail)
{
    assert(level < SB_TREE_LEVELS);
    uint64_t full = sb_tree_full_tiles(t->size, level);
    uint32_t width = index < full    ? SB_TILE_WIDTH
                     : index == full ? sb_tree_edge_width(t->size, level)
                                     : 0;
    if (count == 0 || first >= width || count > width - first)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, index * SB_TILE_WIDTH + first, t->size);
    if (index == full) {
        memcpy(out, &t->edge[level][first], count * sizeof *out);
        return SB_OK;
    }
    if (!read_stored(tiles, level, index, first, count, out))
        return sb_fail_num(fail, SB_E_MERKLE_TILE_MISSING, 2, level, index);
    return SB_OK;
}

typedef struct whole_tile {
    bool is_read;
    uint32_t level;
    uint64_t index;
    sb_hash32 hashes[SB_TILE_WIDTH];
} whole_tile;

/* Where roots of subtrees come from. */
typedef struct source {
    const sb_tree *tree;
    uint64_t size; /* of which a proof or root is made */
    sb_tile_reader tiles;
    sb_tree_memo *memo; /* NULL: none */
    whole_tile *whole;  /* the full tile that was read last; NULL: they are read in pieces */
} source;

/* sb_tree_read, of hash `at` of the level and those after it, all in one tile. */
static sb_err read_piece(const source *s, uint32_t level, uint64_t at, uint32_t count,
                         sb_hash32 *out, sb_fail *fail)
{
    uint64_t index = at / SB_TILE_WIDTH;
    uint32_t first = (uint32_t)(at % SB_TILE_WIDTH);
    whole_tile *whole = s->whole;
    if (whole == NULL || index >= sb_tree_full_tiles(s->tree->size, level))
        return sb_tree_read(s->tree, level, index, first, count, s->tiles, out, fail);
    if (!whole->is_read || whole->level != level || whole->index != index) {
        sb_err err =
            sb_tree_read(s->tree, level, index, 0, SB_TILE_WIDTH, s->tiles, whole->hashes, fail);
        whole->is_read = err == SB_OK;
        if (err != SB_OK)
            return err;
        whole->level = level;
        whole->index = index;
    }
    memcpy(out, &whole->hashes[first], count * sizeof *out);
    return SB_OK;
}

/* fold, of the 2^height hashes below one of the memo's nodes: known roots are taken, new ones kept. */
static sb_hash32 fold_kept(sb_tree_memo *memo, uint32_t level, uint32_t node, uint32_t height,
                           const sb_hash32 *hashes)
{
    if (height == 0)
        return hashes[0];
    if (!memo->levels[level].has[node]) {
        uint32_t half = 1u << (height - 1);
        sb_hash32 left = fold_kept(memo, level, 2 * node, height - 1, hashes);
        sb_hash32 right = fold_kept(memo, level, 2 * node + 1, height - 1, hashes + half);
        sb_node_hash(left.b, right.b, memo->levels[level].root[node].b);
        memo->levels[level].has[node] = true;
    }
    return memo->levels[level].root[node];
}

/* The memo's node of a subtree inside a tile, which the memo is turned to. */
static uint32_t memo_node(sb_tree_memo *memo, uint32_t level, uint64_t at, uint32_t height)
{
    if (memo->levels[level].tile != at / SB_TILE_WIDTH) {
        memo->levels[level].tile = at / SB_TILE_WIDTH;
        memset(memo->levels[level].has, 0, sizeof memo->levels[level].has);
    }
    return (uint32_t)(SB_TILE_WIDTH + at % SB_TILE_WIDTH) >> height;
}

/* Where the root of a part is kept, the one that begins with hash `at` of the level. NULL: nowhere. Even
 * levels from the end: they are short. */
static sb_tile_part *kept_part(const source *s, uint32_t level, uint64_t at)
{
    uint64_t part = at / SB_TILE_PART;
    if (s->tiles.parts == NULL || (level == 0 && at / SB_TILE_WIDTH != s->size / SB_TILE_WIDTH))
        return NULL;
    if (level == 0)
        return &s->tiles.parts->last[part % (SB_TILE_WIDTH / SB_TILE_PART)];
    part %= SB_TILE_PARTS_KEPT;
    return &s->tiles.parts->upper[level % 2 == 1 ? part : SB_TILE_PARTS_KEPT - 1 - part];
}

/* fold, of hashes from `at` of the level on: roots of parts are taken from where they are kept. */
static void fold_parts(const source *s, uint32_t level, uint64_t at, sb_hash32 *hashes,
                       uint32_t count)
{
    uint32_t parts = kept_part(s, level, at) == NULL ? 0 : count / SB_TILE_PART;
    for (uint32_t i = 0; i < parts; i++) {
        sb_hash32 *part = &hashes[(size_t)i * SB_TILE_PART];
        sb_tile_part *kept = kept_part(s, level, at + (uint64_t)i * SB_TILE_PART);
        if (memcmp(kept->hashes, part, sizeof kept->hashes) != 0) {
            memcpy(kept->hashes, part, sizeof kept->hashes);
            fold(part, SB_TILE_PART);
            kept->root = part[0];
        }
        hashes[i] = kept->root;
    }
    fold(hashes, parts > 0 ? parts : count);
}

/* The root of the complete subtree of 2^height leaves that starts at leaf `start`. */
static sb_err complete_root(const source *s, uint64_t start, uint32_t height, sb_hash32 *out,
                            sb_fail *fail)
{
    const sb_tree *t = s->tree;
    sb_hash32 hashes[SB_TILE_WIDTH / 2]; /* height % 8 is 7 at most */
    uint32_t level = height / TILE_HEIGHT, in_tile = height % TILE_HEIGHT, node = 0;
    uint32_t count = 1u << in_tile;
    uint64_t at = start >> (TILE_HEIGHT * level), above = t->size >> height;

    assert(at % count == 0);
    if ((above & 1) != 0 && start == (above - 1) << height) {
        *out = t->peak[height]; /* as in most heads that anybody asks for: they are new */
        return SB_OK;
    }
    if (s->memo != NULL && in_tile > 0) {
        node = memo_node(s->memo, level, at, in_tile);
        *out = s->memo->levels[level].root[node];
        if (s->memo->levels[level].has[node])
            return SB_OK;
    }
    sb_err err = read_piece(s, level, at, count, hashes, fail);
    if (err != SB_OK)
        return err;
    if (node > 0) {
        *out = fold_kept(s->memo, level, node, in_tile, hashes);
    } else {
        fold_parts(s, level, at, hashes, count);
        *out = hashes[0];
    }
    return SB_OK;
}

/* MTH(D[start:start+len]), where start is a multiple of a power of two that is at least len:
 * complete subtrees from the left in falling size, joined from the right. len >= 1. */
static sb_err range_root(const source *s, uint64_t start, uint64_t len, sb_hash32 *out,
                         sb_fail *fail)
{
    bool is_first = true, is_complete = (len & (len - 1)) == 0;
    uint64_t end = start + len;
    if (s->memo != NULL && s->memo->end_start == start && s->memo->end_len == len) {
        *out = s->memo->end_root;
        return SB_OK;
    }
    for (uint32_t bit = 0; bit < 64 && len >> bit != 0; bit++) {
        if ((len >> bit & 1) == 0)
            continue;
        sb_hash32 left;
        end -= (uint64_t)1 << bit;
        sb_err err = complete_root(s, end, bit, &left, fail);
        if (err != SB_OK)
            return err;
        if (is_first)
            *out = left;
        else
            sb_node_hash(left.b, out->b, out->b);
        is_first = false;
    }
    assert(end == start && !is_first);
    if (s->memo != NULL && !is_complete) {
        s->memo->end_start = start;
        s->memo->end_len = len;
        s->memo->end_root = *out;
    }
    return SB_OK;
}

sb_err sb_tree_root_at(const sb_tree *t, uint64_t size, sb_tile_reader tiles, uint8_t out[32],
                       sb_fail *fail)
{
    if (size > t->size)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, size, t->size);
    if (size == 0) {
        sb_empty_root(out);
        return SB_OK;
    }
    const source from = {.tree = t, .size = size, .tiles = tiles};
    sb_hash32 root;
    sb_err err = range_root(&from, 0, size, &root, fail);
    if (err == SB_OK)
        memcpy(out, root.b, 32);
    return err;
}

/* ---- proofs ---- */

/* The largest power of two smaller than n (n >= 2): where RFC 6962 splits. */
static uint64_t split(uint64_t n)
{
    uint64_t k = 1;
    assert(n >= 2);
    while (k < n - k)
        k *= 2;
    return k;
}

static void reverse(sb_proof *p)
{
    for (uint32_t i = 0; i < p->count / 2; i++) {
        sb_hash32 hash = p->hashes[i];
        p->hashes[i] = p->hashes[p->count - 1 - i];
        p->hashes[p->count - 1 - i] = hash;
    }
}

static sb_err add_range(const source *s, uint64_t start, uint64_t len, sb_proof *p, sb_fail *fail)
{
    assert(p->count < SB_PROOF_HASHES_MAX);
    return range_root(s, start, len, &p->hashes[p->count++], fail);
}

/* PATH(index, D[size]), RFC 9162 §2.1.3.1, from the root down and then turned round. */
static sb_err inclusion(const source *s, uint64_t index, uint64_t size, sb_proof *out,
                        sb_fail *fail)
{
    const sb_tree *t = s->tree;
    out->count = 0;
    if (size > t->size)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, size, t->size);
    if (index >= size)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, index, size);
    uint64_t start = 0, len = size;
    while (len > 1) {
        uint64_t k = split(len);
        bool is_left = index - start < k;
        sb_err err = is_left ? add_range(s, start + k, len - k, out, fail)
                             : add_range(s, start, k, out, fail);
        if (err != SB_OK)
            return err;
        start = is_left ? start : start + k;
        len = is_left ? k : len - k;
    }
    reverse(out);
    return SB_OK;
}

sb_err sb_tree_inclusion(const sb_tree *t, uint64_t index, uint64_t size, sb_tile_reader tiles,
                         sb_proof *out, sb_fail *fail)
{
    whole_tile whole; /* nearly all of a tile is needed, in up to eight pieces */
    whole.is_read = false;
    return inclusion(&(source){.tree = t, .size = size, .tiles = tiles, .whole = &whole}, index,
                     size, out, fail);
}

sb_err sb_tree_inclusion_memo(const sb_tree *t, uint64_t index, uint64_t size, sb_tile_reader tiles,
                              sb_tree_memo *memo, sb_proof *out, sb_fail *fail)
{
    return inclusion(&(source){.tree = t, .size = size, .tiles = tiles, .memo = memo}, index, size,
                     out, fail);
}

/* SUBPROOF(m, D[n], true), RFC 9162 §2.1.4.1, from the root down and then turned round. */
sb_err sb_tree_consistency(const sb_tree *t, uint64_t m, uint64_t n, sb_tile_reader tiles,
                           sb_proof *out, sb_fail *fail)
{
    const source from = {.tree = t, .size = n, .tiles = tiles};
    out->count = 0;
    if (n > t->size)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, n, t->size);
    if (m == 0 || m > n)
        return sb_fail_num(fail, SB_E_MERKLE_RANGE, 2, m, n);
    uint64_t start = 0, len = n;
    while (m - start != len) {
        uint64_t k = split(len);
        bool is_left = m - start <= k;
        sb_err err = is_left ? add_range(&from, start + k, len - k, out, fail)
                             : add_range(&from, start, k, out, fail);
        if (err != SB_OK)
            return err;
        start = is_left ? start : start + k;
        len = is_left ? k : len - k;
    }
    if (start > 0) { /* else the verifier has this hash: it is the root of m */
        sb_err err = add_range(&from, start, len, out, fail);
        if (err != SB_OK)
            return err;
    }
    reverse(out);
    return SB_OK;
}
