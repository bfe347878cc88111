/* The incremental tree against the recursive definitions of RFC 6962 §2.1, written down again here
 * as plainly as they stand there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "proto/base/hash.h"
#include "proto/merkle/proof.h"
#include "proto/merkle/tree.h"

enum { SMALL = 600, LARGE = 66200, LEVELS = 3, TILES_MAX = 300 };

static sb_hash32 leaf_hashes[LARGE];

/* ---- the definitions ---- */

static uint64_t largest_power_below(uint64_t n)
{
    uint64_t k = 1;
    while (2 * k < n)
        k *= 2;
    return k;
}

static sb_hash32 mth(uint64_t from, uint64_t to)
{
    sb_hash32 out;
    if (from == to) {
        sb_empty_root(out.b);
    } else if (to - from == 1) {
        out = leaf_hashes[from];
    } else {
        uint64_t k = largest_power_below(to - from);
        sb_hash32 left = mth(from, from + k), right = mth(from + k, to);
        sb_node_hash(left.b, right.b, out.b);
    }
    return out;
}

static void path(uint64_t m, uint64_t from, uint64_t to, sb_proof *p)
{
    if (to - from == 1)
        return;
    uint64_t k = largest_power_below(to - from);
    if (m < k) {
        path(m, from, from + k, p);
        p->hashes[p->count++] = mth(from + k, to);
    } else {
        path(m - k, from + k, to, p);
        p->hashes[p->count++] = mth(from, from + k);
    }
}

static void subproof(uint64_t m, uint64_t from, uint64_t to, bool is_known, sb_proof *p)
{
    uint64_t n = to - from;
    if (m == n) {
        if (!is_known)
            p->hashes[p->count++] = mth(from, to);
        return;
    }
    uint64_t k = largest_power_below(n);
    if (m <= k) {
        subproof(m, from, from + k, is_known, p);
        p->hashes[p->count++] = mth(from + k, to);
    } else {
        subproof(m - k, from + k, to, false, p);
        p->hashes[p->count++] = mth(from, from + k);
    }
}

/* ---- a tile store in memory ---- */

typedef struct store {
    sb_hash32 (*tiles[LEVELS])[SB_TILE_WIDTH];
    uint64_t count[LEVELS];
    size_t reads;
} store;

static void store_init(store *s)
{
    memset(s, 0, sizeof *s);
    for (uint32_t l = 0; l < LEVELS; l++)
        s->tiles[l] = calloc(TILES_MAX, sizeof *s->tiles[l]);
}

static void store_deinit(store *s)
{
    for (uint32_t l = 0; l < LEVELS; l++)
        free(s->tiles[l]);
}

static void sink(void *arg, uint32_t level, uint64_t index, const sb_hash32 *hashes)
{
    store *s = arg;
    assert_true(level < LEVELS && index < TILES_MAX);
    assert_int_equal(index, s->count[level]); /* in order, none skipped, none twice */
    memcpy(s->tiles[level][index], hashes, SB_TILE_BYTES);
    s->count[level]++;
}

static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    store *s = arg;
    if (level >= LEVELS || index >= s->count[level])
        return false;
    assert_true(count >= 1 && first + count <= SB_TILE_WIDTH);
    memcpy(out, &s->tiles[level][index][first], count * sizeof *out);
    s->reads++;
    return true;
}

static bool read_leaf(void *arg, uint64_t index, sb_hash32 *out)
{
    (void)arg;
    *out = leaf_hashes[index];
    return true;
}

static sb_tile_reader reader(store *s)
{
    return (sb_tile_reader){.read = read_tile, .arg = s};
}

static const sb_leaf_reader leaves = {.read = read_leaf};

static void grow(sb_tree *t, store *s, uint64_t size)
{
    while (t->size < size)
        sb_tree_append(t, leaf_hashes[t->size].b, sink, s);
}

static void assert_root(const sb_tree *t, uint64_t size)
{
    uint8_t root[32];
    sb_hash32 want = mth(0, size);
    sb_tree_root(t, root);
    assert_memory_equal(root, want.b, 32);
}

/* ---- properties ---- */

static void roots_of_all_sizes(void **state)
{
    (void)state;
    static sb_tree t, loaded, copy;
    store s;
    store_init(&s);
    sb_tree_init(&t);
    for (uint64_t n = 0; n <= SMALL; n++) {
        grow(&t, &s, n);
        assert_root(&t, n);
        assert_int_equal(sb_tree_load(&loaded, n, reader(&s), leaves, NULL), SB_OK);
        assert_root(&loaded, n);
        for (uint32_t l = 0; l < SB_TREE_LEVELS; l++) {
            uint32_t width, again;
            const sb_hash32 *a = sb_tree_edge(&t, l, &width), *b = sb_tree_edge(&loaded, l, &again);
            assert_int_equal(width, again);
            assert_int_equal(width, l < LEVELS ? (n >> (8 * l)) % 256 : 0);
            assert_memory_equal(a, b, width * sizeof *a);
        }
        /* what was loaded grows on like the original */
        sb_tree_copy(&copy, &loaded);
        for (uint64_t k = n; k < n + 3; k++)
            sb_tree_append(&copy, leaf_hashes[k].b, NULL, NULL);
        assert_root(&copy, n + 3);
        assert_root(&loaded, n);
    }
    store_deinit(&s);
}

static void assert_inclusion(const sb_tree *t, store *s, uint64_t index, uint64_t size)
{
    sb_proof want = {0}, got;
    sb_hash32 root = mth(0, size);
    path(index, 0, size, &want);
    assert_int_equal(sb_tree_inclusion(t, index, size, reader(s), &got, NULL), SB_OK);
    assert_int_equal(got.count, want.count);
    assert_memory_equal(got.hashes, want.hashes, want.count * sizeof(sb_hash32));
    assert_true(
        sb_verify_inclusion(leaf_hashes[index].b, index, size, got.hashes, got.count, root.b));
    /* it proves nothing else */
    assert_false(
        sb_verify_inclusion(leaf_hashes[index + 1].b, index, size, got.hashes, got.count, root.b));
    assert_false(
        sb_verify_inclusion(leaf_hashes[index].b, index + 1, size, got.hashes, got.count, root.b));
    assert_false(
        sb_verify_inclusion(leaf_hashes[index].b, size, size, got.hashes, got.count, root.b));
    if (got.count > 0) {
        assert_false(sb_verify_inclusion(leaf_hashes[index].b, index, size, got.hashes,
                                         got.count - 1, root.b));
        got.hashes[got.count / 2].b[index % 32] ^= 1;
        assert_false(
            sb_verify_inclusion(leaf_hashes[index].b, index, size, got.hashes, got.count, root.b));
        got.hashes[got.count / 2].b[index % 32] ^= 1;
    }
    got.hashes[got.count] = root;
    assert_false(
        sb_verify_inclusion(leaf_hashes[index].b, index, size, got.hashes, got.count + 1, root.b));
}

static void assert_consistency(const sb_tree *t, store *s, uint64_t m, uint64_t n)
{
    sb_proof want = {0}, got;
    sb_hash32 root_m = mth(0, m), root_n = mth(0, n);
    uint8_t earlier[32];
    subproof(m, 0, n, true, &want);
    assert_int_equal(sb_tree_consistency(t, m, n, reader(s), &got, NULL), SB_OK);
    assert_int_equal(got.count, want.count);
    assert_memory_equal(got.hashes, want.hashes, want.count * sizeof(sb_hash32));
    assert_int_equal(sb_tree_root_at(t, m, reader(s), earlier, NULL), SB_OK);
    assert_memory_equal(earlier, root_m.b, 32);
    assert_true(sb_verify_consistency(m, root_m.b, n, root_n.b, got.hashes, got.count));
    if (m != n) {
        assert_false(sb_verify_consistency(m, root_n.b, n, root_m.b, got.hashes, got.count));
        assert_false(sb_verify_consistency(n, root_n.b, m, root_m.b, got.hashes, got.count));
        assert_false(sb_verify_consistency(m, root_m.b, n, root_n.b, got.hashes, 0));
        assert_false(sb_verify_consistency(m, root_m.b, n, root_n.b, got.hashes, got.count - 1));
        assert_false(sb_verify_consistency(0, root_m.b, n, root_n.b, got.hashes, got.count));
        got.hashes[got.count / 2].b[m % 32] ^= 0x80;
        assert_false(sb_verify_consistency(m, root_m.b, n, root_n.b, got.hashes, got.count));
        got.hashes[got.count / 2].b[m % 32] ^= 0x80;
    }
    got.hashes[got.count] = root_n;
    assert_false(sb_verify_consistency(m, root_m.b, n, root_n.b, got.hashes, got.count + 1));
}

/* All pairs up to 40, then a spread up to SMALL, all from one grown tree: proofs of earlier sizes
 * must not see what came later. */
static void proofs_of_small_trees(void **state)
{
    (void)state;
    static sb_tree t;
    store s;
    store_init(&s);
    sb_tree_init(&t);
    grow(&t, &s, SMALL + 7);
    for (uint64_t n = 1; n <= SMALL; n += n < 40 ? 1 : n >= 250 && n < 260 ? 1 : 23) {
        for (uint64_t i = 0; i < n; i += n <= 40 ? 1 : 1 + (i + n) % 17)
            assert_inclusion(&t, &s, i, n);
        for (uint64_t m = 1; m <= n; m += n <= 40 ? 1 : 1 + (m + n) % 19)
            assert_consistency(&t, &s, m, n);
    }
    store_deinit(&s);
}

static void assert_same_with_memo(const sb_tree *t, store *s, sb_tree_memo *memo, uint64_t index,
                                  uint64_t size)
{
    sb_proof want, got;
    assert_int_equal(sb_tree_inclusion(t, index, size, reader(s), &want, NULL), SB_OK);
    assert_int_equal(sb_tree_inclusion_memo(t, index, size, reader(s), memo, &got, NULL), SB_OK);
    assert_int_equal(got.count, want.count);
    assert_memory_equal(got.hashes, want.hashes, want.count * sizeof(sb_hash32));
}

/* A batch's proofs to its head, batch after batch, with an old leaf asked for in between: what the memo
 * kept is what the tree says. */
static void a_memo_changes_nothing(void **state)
{
    (void)state;
    static const uint64_t batches[] = {1, 2, 255, 256, 257, 37, 512, 1};
    static sb_tree t;
    static sb_tree_memo memo;
    store s;
    sb_proof p;
    store_init(&s);
    sb_tree_init(&t);
    memo = (sb_tree_memo){0};
    uint64_t size = 0;
    for (size_t i = 0; size < 65000; i++) {
        uint64_t first = size;
        size += i < 64 ? batches[i % 8] : 3900;
        grow(&t, &s, size);
        for (uint64_t k = first; k < size; k += i < 64 ? 1 : 61)
            assert_same_with_memo(&t, &s, &memo, k, size);
        assert_same_with_memo(&t, &s, &memo, first * 7 % size, size);
        assert_same_with_memo(&t, &s, &memo, first / 2, 1 + first * 3 / 4); /* an earlier head */
    }
    /* a batch over two tiles reads each of them a few times, not once a proof */
    grow(&t, &s, 65536 + 130);
    size = 65536 + 130;
    memo = (sb_tree_memo){0};
    s.reads = 0;
    for (uint64_t k = 65536 - 126; k < size; k++)
        assert_int_equal(sb_tree_inclusion_memo(&t, k, size, reader(&s), &memo, &p, NULL), SB_OK);
    assert_true(s.reads <= 400);
    /* leaves that aren't there are refused, and leave nothing behind */
    sb_tile_reader none = {0};
    memo = (sb_tree_memo){0};
    assert_int_equal(sb_tree_inclusion_memo(&t, 5, size, none, &memo, &p, NULL),
                     SB_E_MERKLE_TILE_MISSING);
    assert_same_with_memo(&t, &s, &memo, 5, size);
    store_deinit(&s);
}

/* ---- parts of tiles ---- */

/* With the parts that other proofs left as without them, be it of the tree or of an earlier size. */
static void assert_same_with_parts(const sb_tree *t, store *s, sb_tile_parts *parts, uint64_t index,
                                   uint64_t size)
{
    const sb_tile_reader plain = reader(s);
    const sb_tile_reader kept = {.read = read_tile, .arg = s, .parts = parts};
    sb_tree_memo memo = {0};
    sb_proof want, got;
    sb_hash32 want_root, root;
    assert_int_equal(sb_tree_inclusion(t, index, size, plain, &want, NULL), SB_OK);
    assert_int_equal(sb_tree_inclusion(t, index, size, kept, &got, NULL), SB_OK);
    assert_int_equal(got.count, want.count);
    assert_memory_equal(got.hashes, want.hashes, want.count * sizeof(sb_hash32));
    assert_int_equal(sb_tree_inclusion_memo(t, index, size, kept, &memo, &got, NULL), SB_OK);
    assert_int_equal(got.count, want.count);
    assert_memory_equal(got.hashes, want.hashes, want.count * sizeof(sb_hash32));
    assert_int_equal(sb_tree_consistency(t, index + 1, size, plain, &want, NULL), SB_OK);
    assert_int_equal(sb_tree_consistency(t, index + 1, size, kept, &got, NULL), SB_OK);
    assert_int_equal(got.count, want.count);
    assert_memory_equal(got.hashes, want.hashes, want.count * sizeof(sb_hash32));
    assert_int_equal(sb_tree_root_at(t, index + 1, plain, want_root.b, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(t, index + 1, kept, root.b, NULL), SB_OK);
    assert_memory_equal(root.b, want_root.b, sizeof root.b);
}

static void assert_spread_with_parts(const sb_tree *t, store *s, sb_tile_parts *parts)
{
    for (uint64_t index = 5; index < t->size; index += 1 + index / 3) {
        assert_same_with_parts(t, s, parts, index, t->size);
        assert_same_with_parts(t, s, parts, t->size - index, t->size);
        assert_same_with_parts(t, s, parts, index, index + (t->size - index + 1) / 2);
    }
}

/* Leaves were taken back to `size`, and others came. */
static void take_back(sb_tree *t, store *s, uint64_t size)
{
    for (uint32_t l = 0; l < LEVELS; l++)
        s->count[l] = sb_tree_full_tiles(size, l);
    assert_int_equal(sb_tree_load(t, size, reader(s), leaves, NULL), SB_OK);
    while (t->size < LARGE - 1) {
        sb_hash32 other = leaf_hashes[t->size];
        other.b[0] ^= 1;
        sb_tree_append(t, other.b, sink, s);
    }
}

/* Also when a part's place holds another history's: after a cut, and of two histories asked for in turn. */
static void parts_change_nothing(void **state)
{
    (void)state;
    static sb_tree t, cut;
    static sb_tile_parts parts;
    store s, s_cut;
    sb_proof p;
    store_init(&s);
    store_init(&s_cut);
    parts = (sb_tile_parts){0};
    sb_tree_init(&t);
    sb_tree_init(&cut);
    grow(&t, &s, 65535); /* no tile of level 1 is full */
    assert_spread_with_parts(&t, &s, &parts);
    grow(&t, &s, LARGE - 1);
    assert_spread_with_parts(&t, &s, &parts);
    grow(&cut, &s_cut, LARGE - 1);
    take_back(&cut, &s_cut, 40000);
    assert_spread_with_parts(&cut, &s_cut, &parts);
    for (uint64_t index = 1; index < t.size; index *= 3) {
        assert_same_with_parts(&t, &s, &parts, index, t.size);
        assert_same_with_parts(&cut, &s_cut, &parts, index, cut.size);
    }
    take_back(&t, &s, 65536 - 1); /* a tile of level 0 and the one of level 1 are full again */
    assert_spread_with_parts(&t, &s, &parts);
    /* a proof reads a tile of level 0 and one of level 1 */
    sb_tile_reader kept = {.read = read_tile, .arg = &s, .parts = &parts};
    s.reads = 0;
    assert_int_equal(sb_tree_inclusion(&t, 4711, t.size, kept, &p, NULL), SB_OK);
    assert_true(s.reads <= 2);
    store_deinit(&s);
    store_deinit(&s_cut);
}

/* A bit flipped in a tile gives the proof that it gave without, and changes none that are asked for later. */
static void a_damaged_tile_changes_no_later_proof(void **state)
{
    (void)state;
    static sb_tree t;
    static sb_tile_parts parts;
    store s;
    store_init(&s);
    parts = (sb_tile_parts){0};
    sb_tree_init(&t);
    grow(&t, &s, LARGE - 1);
    s.tiles[1][0][77].b[3] ^= 4;
    assert_same_with_parts(&t, &s, &parts, 4711, t.size);
    s.tiles[1][0][77].b[3] ^= 4;
    assert_inclusion(&t, &s, 4711, t.size);
    assert_spread_with_parts(&t, &s, &parts);
    store_deinit(&s);
}

/* Across the first full level-1 tile: 256 * 256 leaves. */
static void across_65536(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {65280, 65535, 65536, 65537, 66100};
    static const uint64_t at[] = {1, 256, 32768, 65279, 65535, 65536, 66099};
    static sb_tree t, loaded;
    store s;
    store_init(&s);
    sb_tree_init(&t);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        grow(&t, &s, sizes[i]);
        assert_root(&t, sizes[i]);
        assert_int_equal(sb_tree_load(&loaded, sizes[i], reader(&s), leaves, NULL), SB_OK);
        assert_root(&loaded, sizes[i]);
        for (size_t k = 0; k < sizeof at / sizeof at[0]; k++) {
            if (at[k] >= sizes[i])
                continue;
            assert_inclusion(k % 2 == 0 ? &t : &loaded, &s, at[k], sizes[i]);
            assert_consistency(k % 2 == 0 ? &loaded : &t, &s, at[k], sizes[i]);
        }
        s.reads = 0;
        sb_proof p;
        assert_int_equal(sb_tree_inclusion(&t, 4711, sizes[i], reader(&s), &p, NULL), SB_OK);
        assert_true(s.reads <= 32);
    }
    assert_int_equal(s.count[0], 66100 / 256);
    assert_int_equal(s.count[1], 1);
    assert_int_equal(s.count[2], 0);
    store_deinit(&s);
}

static void reading_tiles(void **state)
{
    (void)state;
    static sb_tree t;
    store s;
    sb_hash32 out[SB_TILE_WIDTH];
    sb_fail fail;
    store_init(&s);
    sb_tree_init(&t);
    grow(&t, &s, 600);
    assert_int_equal(sb_tree_read(&t, 0, 1, 3, 100, reader(&s), out, NULL), SB_OK);
    assert_memory_equal(out, &leaf_hashes[256 + 3], 100 * 32);
    assert_int_equal(sb_tree_read(&t, 0, 2, 0, 88, reader(&s), out, NULL), SB_OK);
    assert_memory_equal(out, &leaf_hashes[512], 88 * 32);
    assert_int_equal(sb_tree_read(&t, 1, 0, 1, 1, reader(&s), out, NULL), SB_OK);
    sb_hash32 second = mth(256, 512);
    assert_memory_equal(out, second.b, 32);
    assert_int_equal(sb_tree_read(&t, 0, 2, 0, 89, reader(&s), out, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_read(&t, 0, 3, 0, 1, reader(&s), out, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_read(&t, 0, 0, 0, 0, reader(&s), out, &fail), SB_E_MERKLE_RANGE);
    store_deinit(&s);
}

static void refusals(void **state)
{
    (void)state;
    static sb_tree t;
    store s;
    sb_proof p;
    sb_fail fail;
    uint8_t root[32];
    sb_tile_reader none = {0};
    sb_leaf_reader no_leaves = {0};
    store_init(&s);
    sb_tree_init(&t);
    grow(&t, &s, 600);
    assert_int_equal(sb_tree_inclusion(&t, 5, 601, reader(&s), &p, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_inclusion(&t, 5, 5, reader(&s), &p, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_inclusion(&t, 0, 0, reader(&s), &p, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_consistency(&t, 0, 5, reader(&s), &p, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_consistency(&t, 6, 5, reader(&s), &p, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_consistency(&t, 6, 601, reader(&s), &p, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_root_at(&t, 601, reader(&s), root, &fail), SB_E_MERKLE_RANGE);
    assert_int_equal(sb_tree_inclusion(&t, 5, 600, none, &p, &fail), SB_E_MERKLE_TILE_MISSING);
    assert_int_equal(sb_tree_load(&t, 600, none, leaves, &fail), SB_E_MERKLE_TILE_MISSING);
    assert_string_equal(fail.arg[0], "0");
    assert_int_equal(sb_tree_load(&t, 600, reader(&s), no_leaves, &fail), SB_E_MERKLE_LEAF_MISSING);
    assert_string_equal(fail.arg[0], "512");
    assert_int_equal(sb_tree_load(&t, UINT64_MAX, reader(&s), leaves, &fail), SB_E_MERKLE_RANGE);
    store_deinit(&s);
}

static void empty_trees_prove_nothing(void **state)
{
    (void)state;
    uint8_t empty[32], other[32] = {1};
    sb_hash32 any = {{2}};
    sb_empty_root(empty);
    assert_true(sb_verify_consistency(0, empty, 0, empty, NULL, 0));
    assert_false(sb_verify_consistency(0, other, 0, other, NULL, 0));
    assert_false(sb_verify_consistency(0, empty, 0, empty, &any, 1));
    assert_false(sb_verify_consistency(0, empty, 5, other, NULL, 0));
    assert_false(sb_verify_consistency(0, empty, 5, other, &any, 1));
    assert_false(sb_verify_consistency(4, other, 8, other, NULL, 0));
    assert_false(sb_verify_inclusion(other, 0, 0, NULL, 0, empty));
    assert_true(sb_verify_inclusion(other, 0, 1, NULL, 0, other));
}

static void tile_paths(void **state)
{
    (void)state;
    static const struct {
        bool is_entries;
        uint32_t level;
        uint64_t index;
        uint32_t width;
        const char *want;
    } cases[] = {
        {false, 0, 0, 256, "0/000"},
        {false, 0, 67, 256, "0/067"},
        {false, 0, 1234067, 256, "0/x001/x234/067"},
        {false, 1, 1000, 17, "1/x001/000.p/17"},
        {true, 0, 273, 112, "entries/273.p/112"},
        {false, 7, UINT64_MAX, 255, "7/x018/x446/x744/x073/x709/x551/615.p/255"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path_text[SB_TILE_PATH_BYTES];
        sb_tile_path(cases[i].is_entries, cases[i].level, cases[i].index, cases[i].width,
                     path_text);
        assert_string_equal(path_text, cases[i].want);
    }
    assert_int_equal(sb_tree_full_tiles(70000, 0), 273);
    assert_int_equal(sb_tree_edge_width(70000, 0), 112);
    assert_int_equal(sb_tree_full_tiles(70000, 1), 1);
    assert_int_equal(sb_tree_edge_width(70000, 1), 17);
    assert_int_equal(sb_tree_edge_width(70000, 2), 1);
}

/* The root of the eight leaves that Certificate Transparency's own tests use. */
static void known_root(void **state)
{
    (void)state;
    static const char *const hex[8] = {"",
                                       "00",
                                       "10",
                                       "2021",
                                       "3031",
                                       "40414243",
                                       "5051525354555657",
                                       "606162636465666768696a6b6c6d6e6f"};
    uint8_t want[32], root[32];
    sb_tree t;
    sb_tree_init(&t);
    for (size_t i = 0; i < 8; i++) {
        uint8_t leaf[16], hash[32];
        size_t len = strlen(hex[i]) / 2;
        assert_true(sb_unhex(sb_slice_str(hex[i]), leaf, len));
        sb_leaf_hash(sb_slice_of(leaf, len), hash);
        sb_tree_append(&t, hash, NULL, NULL);
    }
    assert_true(
        sb_unhex(sb_slice_str("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
                 want, 32));
    sb_tree_root(&t, root);
    assert_memory_equal(root, want, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_root),
        cmocka_unit_test(roots_of_all_sizes),
        cmocka_unit_test(proofs_of_small_trees),
        cmocka_unit_test(a_memo_changes_nothing),
        cmocka_unit_test(parts_change_nothing),
        cmocka_unit_test(a_damaged_tile_changes_no_later_proof),
        cmocka_unit_test(across_65536),
        cmocka_unit_test(reading_tiles),
        cmocka_unit_test(refusals),
        cmocka_unit_test(empty_trees_prove_nothing),
        cmocka_unit_test(tile_paths),
    };
    for (uint64_t i = 0; i < LARGE; i++)
        sb_leaf_hash(sb_slice_of(&i, sizeof i), leaf_hashes[i].b);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
