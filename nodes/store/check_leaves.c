/* Every leaf read, its signature verified in the pool, the tree and the fold made anew; then judged:
 * where a leaf and its stored checksum differ, the root that was committed says which of the two is
 * damaged. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/store/check_inside.h"
#include "proto/base/cursor.h"
#include "proto/merkle/checkpoint.h"

enum { SHARE = 16, SHARES = 16, BATCH = SHARE * SHARES, BAD_MAX = 4096, FLUSH_LEAVES = 1024 };

typedef struct share {
    sb_arena arena;
    const char *origin;
    sb_slice bytes[SHARE];
    sb_leaf leaves[SHARE];
    sb_fail fails[SHARE];
    size_t count;
} share;

/* Indices, the first ones kept. */
typedef struct indices {
    uint64_t at[BAD_MAX];
    size_t count;
} indices;

typedef struct pass {
    sb_check *c;
    share shares[SHARES];
    sb_tree ours,
        stored; /* of the leaves as they are; of the stored checksums where there are any */
    indices missing, differing, unreadable;
    sb_fail unreadable_why;
    indices tile_level, tile_index; /* tiles that aren't ours */
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    uint64_t unflushed;
} pass;

static void note(indices *list, uint64_t index)
{
    if (list->count < BAD_MAX)
        list->at[list->count++] = index;
}

static bool has(const indices *list, uint64_t index)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->at[i] == index)
            return true;
    return false;
}

/* ---- reading ---- */

static void open_share(void *arg)
{
    share *s = arg;
    sb_arena_reset(&s->arena);
    for (size_t i = 0; i < s->count; i++) {
        s->fails[i] = (sb_fail){0};
        if (s->bytes[i].data == NULL)
            s->fails[i].code = SB_E_NOT_FOUND;
        else
            (void)sb_leaf_open_under(s->origin, s->bytes[i], &s->arena, &s->leaves[i],
                                     &s->fails[i]);
    }
}

static void read_batch(pass *p, uint64_t from, size_t count)
{
    sb_check *c = p->c;
    size_t shares = (count + SHARE - 1) / SHARE;
    bool has_origin = sb_ledger_origin(c->ledger, p->origin, sizeof p->origin);
    for (size_t s = 0; s < shares; s++) {
        share *one = &p->shares[s];
        one->origin = has_origin ? p->origin : NULL;
        one->count = s + 1 < shares ? SHARE : count - s * SHARE;
        for (size_t i = 0; i < one->count; i++)
            if (!sb_store_leaf(c->store, from + s * SHARE + i, &one->bytes[i]))
                one->bytes[i] = (sb_slice){0};
    }
    sb_pool_run(c->pool, open_share, p->shares, sizeof *p->shares, shares);
}

/* ---- the tree ---- */

static void compare_tile(void *arg, uint32_t level, uint64_t index,
                         const sb_hash32 hashes[SB_TILE_WIDTH])
{
    pass *p = arg;
    sb_slice tile;
    p->c->report->tiles++;
    if (!sb_store_tile(p->c->store, (uint8_t)level, index, &tile) ||
        tile.len != SB_STORE_TILE_BYTES || memcmp(tile.data, hashes, SB_STORE_TILE_BYTES) != 0) {
        note(&p->tile_level, level);
        note(&p->tile_index, index);
    }
}

static const uint8_t *stored_hash(pass *p, uint64_t index)
{
    sb_slice tile;
    if (!sb_store_tile(p->c->store, 0, index / SB_TILE_WIDTH, &tile) ||
        tile.len != SB_STORE_TILE_BYTES)
        return NULL;
    return tile.data + index % SB_TILE_WIDTH * SB_HASH_BYTES;
}

static void grow(pass *p, uint64_t index, sb_slice bytes)
{
    uint8_t hash[SB_HASH_BYTES] = {0};
    const uint8_t *stored = stored_hash(p, index);
    if (bytes.data != NULL)
        sb_leaf_hash(bytes, hash);
    sb_tree_append(&p->ours, hash, compare_tile, p);
    sb_tree_append(&p->stored, stored != NULL ? stored : hash, NULL, NULL);
    if (stored != NULL && memcmp(stored, hash, sizeof hash) != 0)
        note(&p->differing, index);
}

/* ---- the fold ---- */

static void flush(pass *p)
{
    sb_ledger_flush(p->c->ledger);
    p->unflushed = 0;
}

static void keep_rows_here(pass *p)
{
    sb_check *c = p->c;
    if (c->folded != c->then_size || c->has_then)
        return;
    flush(p);
    c->then_rows = sb_kv_memory_clone(c->rows);
    c->has_then = true;
}

static void fold(pass *p, uint64_t index, const sb_leaf *leaf)
{
    sb_check *c = p->c;
    if (c->folded != index || c->refused.code != SB_OK)
        return;
    keep_rows_here(p);
    if (sb_ledger_step(c->ledger, leaf, NULL, NULL, &c->refused) != SB_OK)
        return;
    c->folded++;
    if (leaf->entry.type == SB_ENTRY_STATE)
        c->proved = index; /* it states the digest of all before it */
    if (++p->unflushed == FLUSH_LEAVES)
        flush(p);
}

static void note_blobs(sb_check *c, uint64_t index, const sb_leaf *leaf)
{
    uint8_t key[SB_MISSING_KEY_BYTES];
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *ref = leaf->blobs[i];
        if (ref->sha256.len == 32)
            sb_missing_put_row(c->blobs,
                               sb_missing_key(c->opts->missing_table, ref->sha256.data, key),
                               ref->size, index);
    }
}

static void take(pass *p, uint64_t index, share *s, size_t i)
{
    sb_check *c = p->c;
    grow(p, index, s->bytes[i]);
    if (s->bytes[i].data == NULL) {
        note(&p->missing, index);
    } else if (s->fails[i].code != SB_OK) {
        if (p->unreadable.count == 0)
            p->unreadable_why = s->fails[i];
        note(&p->unreadable, index);
    } else {
        note_blobs(c, index, &s->leaves[i]);
        fold(p, index, &s->leaves[i]);
        return;
    }
    if (c->refused.code == SB_OK && c->folded == index)
        c->refused = s->fails[i];
}

/* ---- judging ---- */

static bool tip_is(sb_check *c, const sb_tree *tree)
{
    const uint8_t key = SB_HISTORY_ROW_TIP;
    uint8_t root[SB_HASH_BYTES], known[SB_HASH_BYTES];
    sb_slice tip;
    if (!sb_kv_get(sb_store_own(c->store), sb_slice_of(&key, 1), &tip))
        return tree->size == 0;
    sb_reader r = sb_reader_over(tip);
    uint64_t size = sb_read_u64(&r);
    sb_read_into(&r, known, sizeof known);
    sb_tree_root(tree, root);
    return sb_reader_done(&r) && size == tree->size && memcmp(root, known, sizeof root) == 0;
}

static void lose_from(sb_check *c, uint64_t index)
{
    if (index < c->report->good)
        c->report->good = index;
}

static void tell_leaves(sb_check *c, const indices *list, sb_err code)
{
    for (size_t i = 0; i < list->count; i++) {
        sb_check_found(c, SB_CHECK_LEAVES, SB_CURE_REFETCH, code, 1, list->at[i], 0);
        lose_from(c, list->at[i]);
    }
}

static void tell_refused(pass *p)
{
    sb_check_finding f = {.part = SB_CHECK_LEAVES, .cure = SB_CURE_PROGRAM, .why = p->c->refused};
    sb_fail_num(&f.what, SB_E_CHECK_FOLD, 1, p->c->folded, 0);
    p->c->found(p->c->arg, &f);
}

/* The leaves aren't those that were committed. */
static void judge_leaves(pass *p)
{
    sb_check *c = p->c;
    uint64_t count = c->report->leaves;
    for (size_t i = 0; i < p->unreadable.count; i++)
        if (!has(&p->differing, p->unreadable.at[i]))
            note(&p->differing, p->unreadable.at[i]);
    tell_leaves(c, &p->differing, SB_E_CHECK_LEAF);
    if (p->differing.count + p->missing.count > 0)
        return;
    if (count == 0) { /* the row that says how far it went is all that is left */
        sb_check_found(c, SB_CHECK_LEAVES, SB_CURE_REFETCH, SB_E_CHECK_LEAF_MISSING, 1, 0, 0);
        return;
    }
    uint64_t last = c->folded < count ? c->folded : count - 1; /* time or order at the edge */
    if (c->proved == last)
        sb_check_found(c, SB_CHECK_LEAVES, SB_CURE_REFETCH, SB_E_CHECK_LEAF, 1, last, 0);
    else
        sb_check_found(c, SB_CHECK_LEAVES, SB_CURE_REFETCH, SB_E_CHECK_LEAF_RANGE, 2, c->proved,
                       last);
    lose_from(c, c->proved);
}

static void judge_tiles(pass *p)
{
    for (size_t i = 0; i < p->tile_level.count; i++) {
        sb_fail fail;
        char level[24], index[24], first[24];
        uint64_t covers = 1;
        for (uint64_t l = 0; l <= p->tile_level.at[i]; l++)
            covers *= SB_TILE_WIDTH;
        (void)snprintf(level, sizeof level, "%llu", (unsigned long long)p->tile_level.at[i]);
        (void)snprintf(index, sizeof index, "%llu", (unsigned long long)p->tile_index.at[i]);
        (void)snprintf(first, sizeof first, "%llu",
                       (unsigned long long)(p->tile_index.at[i] * covers));
        sb_fail_set(&fail, SB_E_CHECK_TILE, level, index, first, NULL);
        sb_check_found_fail(p->c, SB_CHECK_TILES, SB_CURE_RECOMPUTE, &fail);
        p->c->tiles_bad = true;
    }
}

static void judge_extra_tiles(sb_check *c)
{
    uint8_t last[16];
    sb_slice from = {0}, key, value;
    for (bool first = true; sb_store_row_next(c->store, SB_TABLE_TILES, from, first, &key, &value);
         first = false) {
        sb_reader r = sb_reader_over(key);
        uint8_t level = sb_read_u8(&r);
        uint64_t index = sb_read_u64(&r);
        if (!sb_reader_done(&r) || level >= SB_TREE_LEVELS ||
            index >= sb_tree_full_tiles(c->report->leaves, level))
            sb_check_found(c, SB_CHECK_TILES, SB_CURE_RECOMPUTE, SB_E_CHECK_TILE_EXTRA, 2, level,
                           index);
        size_t len = key.len < sizeof last ? key.len : sizeof last;
        memcpy(last, key.data, len);
        from = sb_slice_of(last, len);
    }
}

static void judge(pass *p)
{
    sb_check *c = p->c;
    uint64_t count = c->report->leaves;
    bool is_folded = c->folded == count;
    bool tip_ours = tip_is(c, &p->ours);
    sb_check_part_state(c);
    bool leaves_right =
        p->missing.count == 0 &&
        (tip_ours || (count > 0 && is_folded && c->state_known && c->state_bad == 0));
    tell_leaves(c, &p->missing, SB_E_CHECK_LEAF_MISSING);
    if (!leaves_right) {
        judge_leaves(p);
    } else {
        if (!is_folded)
            tell_refused(p);
        if (!tip_ours)
            sb_check_found(c, SB_CHECK_TILES, SB_CURE_RECOMPUTE, SB_E_CHECK_TIP, 0, 0, 0);
        judge_tiles(p);
        if (c->state_bad > 0)
            sb_check_found(c, SB_CHECK_STATE, SB_CURE_RECOMPUTE, SB_E_CHECK_STATE, 2, c->state_bad,
                           c->state_table);
    }
    judge_extra_tiles(c);
}

void sb_check_part_leaves(sb_check *c)
{
    uint64_t count = c->report->leaves;
    pass *p = calloc(1, sizeof *p);
    if (p == NULL)
        sb_out_of_memory();
    p->c = c;
    for (size_t i = 0; i < SHARES; i++)
        sb_arena_init(&p->shares[i].arena);
    sb_tree_init(&p->ours);
    sb_tree_init(&p->stored);
    for (uint64_t from = 0; from < count; from += BATCH) {
        size_t n = count - from < BATCH ? (size_t)(count - from) : BATCH;
        c->step(c->arg, SB_CHECK_LEAVES, from, count);
        read_batch(p, from, n);
        for (size_t i = 0; i < n; i++)
            take(p, from + i, &p->shares[i / SHARE], i % SHARE);
    }
    keep_rows_here(p);
    flush(p);
    c->report->good = count;
    judge(p);
    for (size_t i = 0; i < SHARES; i++)
        sb_arena_deinit(&p->shares[i].arena);
    free(p);
}
