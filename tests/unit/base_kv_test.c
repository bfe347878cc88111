/* What memory and overlay do beyond the conformance suite. */
#include "proto/base/buf.h"
#include "proto/base/kv.h"
#include "proto/base/sortedmap.h"
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

static sb_slice text(const char *t)
{
    return sb_slice_str(t);
}

static void dump_change(void *arg, sb_slice key, sb_slice value, bool is_delete)
{
    if (is_delete) {
        assert_null(value.data);
        sb_buf_printf(arg, "-%.*s ", (int)key.len, (const char *)key.data);
    } else {
        assert_non_null(value.data);
        sb_buf_printf(arg, "%.*s=%.*s ", (int)key.len, (const char *)key.data, (int)value.len,
                      (const char *)value.data);
    }
}

static void expect_changes(const sb_overlay *o, const char *want)
{
    sb_buf out;
    sb_buf_init(&out);
    sb_overlay_each(o, dump_change, &out);
    assert_string_equal(sb_buf_cstr(&out), want);
    sb_buf_deinit(&out);
}

static void expect_rows(sb_kv *kv, const char *want)
{
    sb_buf out;
    sb_buf_init(&out);
    sb_slice key = {0}, value;
    for (bool first = true; sb_kv_next(kv, key, first, &key, &value); first = false)
        dump_change(&out, key, value, false);
    assert_string_equal(sb_buf_cstr(&out), want);
    sb_buf_deinit(&out);
}

static void an_overlay_hides_and_shows(void **state)
{
    (void)state;
    sb_kv *m = sb_kv_memory_new();
    const char *keys[] = {"a", "b", "c", "d", "e"};
    for (int i = 0; i < 5; i++)
        sb_kv_put(m, text(keys[i]), text("0"));
    sb_overlay *o = sb_overlay_new(m);
    sb_kv *kv = sb_overlay_kv(o);
    sb_kv_del(kv, text("e"));
    sb_kv_del(kv, text("b"));
    sb_kv_put(kv, text("c"), text("1"));
    sb_kv_put(kv, text("cc"), text(""));
    sb_kv_del(kv, text("x"));
    expect_rows(kv, "a=0 c=1 cc= d=0 ");
    expect_rows(m, "a=0 b=0 c=0 d=0 e=0 ");
    assert_false(sb_kv_get(kv, text("b"), NULL));
    assert_int_equal(sb_overlay_count(o), 5);
    expect_changes(o, "-b c=1 cc= -e -x ");
    sb_overlay_clear(o);
    assert_int_equal(sb_overlay_count(o), 0);
    expect_rows(kv, "a=0 b=0 c=0 d=0 e=0 ");
    sb_kv_del(kv, text("a"));
    sb_kv_put(kv, text("a"), text("2"));
    sb_overlay_flush(o);
    assert_int_equal(sb_overlay_count(o), 0);
    expect_rows(m, "a=2 b=0 c=0 d=0 e=0 ");
    sb_overlay_free(o);
    sb_kv_memory_free(m);
}

static void an_overlay_moves_to_other_ground(void **state)
{
    (void)state;
    sb_kv *one = sb_kv_memory_new(), *two = sb_kv_memory_new();
    sb_kv_put(one, text("k"), text("1"));
    sb_kv_put(two, text("k"), text("2"));
    sb_overlay *o = sb_overlay_new(one);
    expect_rows(sb_overlay_kv(o), "k=1 ");
    sb_overlay_rebase(o, two);
    expect_rows(sb_overlay_kv(o), "k=2 ");
    sb_overlay_free(o);
    sb_kv_memory_free(one);
    sb_kv_memory_free(two);
}

static void a_clone_is_its_own(void **state)
{
    (void)state;
    sb_kv *m = sb_kv_memory_new();
    sb_kv_put(m, text("a"), text("1"));
    sb_kv_put(m, text("b"), text("2"));
    sb_kv *copy = sb_kv_memory_clone(m);
    sb_kv_put(m, text("a"), text("changed"));
    sb_kv_del(m, text("b"));
    expect_rows(copy, "a=1 b=2 ");
    sb_kv_memory_free(m);
    expect_rows(copy, "a=1 b=2 ");
    sb_kv_memory_free(copy);
}

/* A row's own bytes may be given back to it, or to another row. */
static void a_borrowed_slice_may_be_written(void **state)
{
    (void)state;
    sb_kv *m = sb_kv_memory_new();
    sb_kv_put(m, text("a"), text("a value of some length, that needs more than one block"));
    sb_slice value;
    assert_true(sb_kv_get(m, text("a"), &value));
    sb_kv_put(m, text("a"), sb_slice_of(value.data + 2, 5));
    expect_rows(m, "a=value ");
    assert_true(sb_kv_get(m, text("a"), &value));
    sb_kv_put(m, text("b"), value);
    sb_slice key;
    assert_true(sb_kv_next(m, (sb_slice){0}, true, &key, &value));
    sb_kv_put(m, sb_slice_of(value.data, 2), key);
    sb_kv_del(m, key);
    expect_rows(m, "b=value va=a ");
    sb_kv_memory_free(m);
}

typedef struct failing {
    sb_kv head;
    sb_kv *inner;
    int calls_left, writes;
} failing;

static bool spent(sb_kv *kv)
{
    failing *f = (failing *)kv;
    if (f->calls_left == 0)
        kv->error = SB_E_INTERNAL;
    else
        f->calls_left--;
    return kv->error != SB_OK;
}

static bool failing_get(sb_kv *kv, sb_slice key, sb_slice *value)
{
    return !spent(kv) && sb_kv_get(((failing *)kv)->inner, key, value);
}

static bool failing_next(sb_kv *kv, sb_slice within, sb_slice from, bool inclusive, sb_slice *key,
                         sb_slice *value)
{
    return !spent(kv) && sb_kv_next_in(((failing *)kv)->inner, within, from, inclusive, key, value);
}

static void failing_put(sb_kv *kv, sb_slice key, sb_slice value)
{
    if (!spent(kv))
        sb_kv_put(((failing *)kv)->inner, key, value);
    ((failing *)kv)->writes++;
}

static void failing_del(sb_kv *kv, sb_slice key)
{
    if (!spent(kv))
        sb_kv_del(((failing *)kv)->inner, key);
    ((failing *)kv)->writes++;
}

static const sb_kv_ops failing_ops = {failing_get, failing_next, failing_put, failing_del};

static void a_failure_sticks_and_rises(void **state)
{
    (void)state;
    failing f = {.head = {.ops = &failing_ops}, .inner = sb_kv_memory_new(), .calls_left = 1};
    sb_kv_put(f.inner, text("a"), text("1"));
    sb_overlay *low = sb_overlay_new(&f.head), *high = sb_overlay_new(sb_overlay_kv(low));
    sb_kv *kv = sb_overlay_kv(high);
    sb_kv_put(kv, text("b"), text("2"));
    assert_true(sb_kv_get(kv, text("a"), NULL));
    assert_int_equal(sb_kv_error(kv), SB_OK);
    assert_false(
        sb_kv_next(kv, (sb_slice){0}, true, NULL, NULL)); /* not "b": unknown what is before */
    assert_int_equal(sb_kv_error(kv), SB_E_INTERNAL);
    f.calls_left = 100;
    assert_false(sb_kv_get(kv, text("a"), NULL));
    assert_false(sb_kv_get(kv, text("b"), NULL));
    sb_kv_put(kv, text("c"), text("3"));
    assert_int_equal(sb_overlay_count(high), 1);
    sb_overlay_flush(high);
    sb_overlay_flush(low);
    assert_int_equal(f.writes, 0);
    assert_int_equal(sb_kv_error(kv), SB_E_INTERNAL);
    sb_overlay_rebase(high, f.inner);
    assert_int_equal(sb_kv_error(kv), SB_OK);
    assert_true(sb_kv_get(kv, text("a"), NULL));
    sb_overlay_free(high);
    sb_overlay_free(low);
    sb_kv_memory_free(f.inner);
}

/* Looking within a prefix costs one question below, however many removed rows lie after it. */
static void removed_rows_beyond_a_prefix_cost_nothing(void **state)
{
    (void)state;
    failing f = {.head = {.ops = &failing_ops}, .inner = sb_kv_memory_new(), .calls_left = 1};
    sb_kv_put(f.inner, text("d"), text("1"));
    sb_overlay *o = sb_overlay_new(&f.head);
    sb_kv *kv = sb_overlay_kv(o);
    sb_kv_del(kv, text("c1"));
    sb_kv_del(kv, text("c2"));
    sb_kv_del(kv, text("d"));
    assert_false(sb_kv_next_in(kv, text("b"), (sb_slice){0}, true, NULL, NULL));
    assert_int_equal(sb_kv_error(kv), SB_OK);
    f.calls_left = 2; /* and again where a removed row hides one */
    assert_false(sb_kv_next(kv, text("b"), true, NULL, NULL));
    assert_int_equal(sb_kv_error(kv), SB_OK);
    sb_overlay_free(o);
    sb_kv_memory_free(f.inner);
}

/* Whoever reads rows may set the error: a row that can't be understood. */
static void an_error_set_from_above_stays(void **state)
{
    (void)state;
    sb_kv *m = sb_kv_memory_new();
    sb_overlay *o = sb_overlay_new(m);
    sb_kv *kv = sb_overlay_kv(o);
    sb_kv_put(kv, text("a"), text("1"));
    kv->error = SB_E_INTERNAL;
    assert_false(sb_kv_get(kv, text("a"), NULL));
    sb_overlay_flush(o);
    assert_int_equal(sb_kv_error(kv), SB_E_INTERNAL);
    expect_rows(m, "");
    sb_overlay_free(o);
    sb_kv_memory_free(m);
}

/* ---- the tree ---- */

/* Checks the AA invariants and the order of bytes around each row; the number of rows. */
static size_t check_tree(const sb_map_row *t)
{
    if (t == NULL)
        return 0;
    sb_slice key = sb_map_key(t);
    assert_true(t->left == NULL || sb_slice_cmp(sb_map_key(t->left), key) < 0);
    assert_true(t->right == NULL || sb_slice_cmp(sb_map_key(t->right), key) > 0);
    uint8_t left = t->left != NULL ? t->left->level : 0;
    uint8_t right = t->right != NULL ? t->right->level : 0;
    assert_int_equal(left, t->level - 1);
    assert_true(right == t->level || right == t->level - 1);
    assert_true(t->right == NULL || t->right->right == NULL || t->right->right->level < t->level);
    return 1 + check_tree(t->left) + check_tree(t->right);
}

static sb_slice number_key(uint8_t *out, uint32_t n)
{
    out[0] = (uint8_t)(n >> 8);
    out[1] = (uint8_t)n;
    return sb_slice_of(out, 2);
}

static void the_tree_stays_balanced(void **state)
{
    (void)state;
    enum { N = 3000 };
    sb_map m;
    sb_map_init(&m);
    uint8_t key[2];
    for (uint32_t n = 0; n < N; n++)
        sb_map_put(&m, number_key(key, n), (sb_slice){0}, false);
    assert_int_equal(check_tree(m.root), N);
    assert_true(m.root->level <= 12);
    for (uint32_t i = 0; i < N; i++) {
        sb_map_remove(&m, number_key(key, i * 7 % N));
        if (i % 50 == 0)
            assert_int_equal(check_tree(m.root), N - 1 - i);
    }
    assert_null(m.root);
    assert_int_equal(m.count, 0);
    sb_map_deinit(&m);
}

/* Of one head many keys: 16 zeros and what follows, among them prefixes of each other. */
static sb_slice long_key(uint8_t *out, uint32_t n)
{
    memset(out, 0, 24);
    out[16] = (uint8_t)(n >> 3);
    return sb_slice_of(out, 14 + n % 8);
}

/* Keys around the bounds of a head, in both orders: the map's order is that of their bytes. */
static void the_order_is_of_bytes(void **state)
{
    (void)state;
    static const uint8_t LENGTHS[] = {1, 7, 8, 9, 15, 16, 17, 24},
                         BYTES[] = {0x00, 0x7f, 0x80, 0xff};
    enum { KEYS = sizeof LENGTHS * sizeof LENGTHS * sizeof BYTES };
    sb_map m;
    sb_map_init(&m);
    for (size_t i = 0; i < KEYS; i++) { /* zeros, and one byte somewhere */
        uint8_t key[24] = {0};
        size_t len = LENGTHS[i % 8];
        key[(LENGTHS[i / 8 % 8] - 1u) % len] = BYTES[i / 64];
        sb_map_put(&m, sb_slice_of(key, len), (sb_slice){0}, false);
    }
    const sb_map_row *row = sb_map_next(&m, (sb_slice){0}, true), *next;
    size_t count = 1;
    for (; (next = sb_map_next(&m, sb_map_key(row), false)) != NULL; row = next, count++) {
        assert_true(sb_slice_cmp(sb_map_key(row), sb_map_key(next)) < 0);
        assert_ptr_equal(sb_map_find(&m, sb_map_key(next)), next);
    }
    assert_int_equal(count, m.count);
    sb_map_deinit(&m);
}

/* Random churn reaches the shapes that deleting in order never makes. */
static void churn(sb_slice (*key_of)(uint8_t *out, uint32_t n), uint32_t keys, int steps)
{
    sb_map m;
    sb_map_init(&m);
    uint32_t seed = 2022;
    for (int i = 0; i < steps; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint8_t key[24];
        sb_slice k = key_of(key, (seed >> 10) % keys);
        bool fills = i / (2 * (int)keys) % 2 == 0; /* now mostly in, now mostly out */
        bool has = (seed >> 5 & 3) != 0 ? fills : !fills;
        if (has)
            sb_map_put(&m, k, k, false);
        else
            sb_map_remove(&m, k);
        const sb_map_row *row = sb_map_find(&m, k);
        assert_int_equal(row != NULL, has);
        assert_true(row == NULL || sb_slice_eq(sb_map_value(row), k));
        if (i % 16 == 0)
            assert_int_equal(check_tree(m.root), m.count);
    }
    sb_map_deinit(&m);
}

static void the_tree_survives_churn(void **state)
{
    (void)state;
    churn(number_key, 64, 20000);
    churn(number_key, 1000, 60000);
    churn(long_key, 1000, 60000);
}

static void the_second_filling_reuses_the_first(void **state)
{
    (void)state;
    sb_map m;
    sb_map_init(&m);
    const sb_map_chunk *last = NULL;
    for (int round = 0; round < 4; round++) {
        for (uint32_t n = 0; n < 2000; n++) {
            uint8_t key[2], value[300] = {0};
            sb_map_put(&m, number_key(key, n), sb_slice_of(value, n % 300), false);
        }
        assert_true(round == 0 || m.current == last);
        last = m.current;
        sb_map_clear(&m);
    }
    /* and churn without a clear lives on the free lists */
    for (uint32_t n = 0; n < 100000; n++) {
        uint8_t key[2], value[300] = {0};
        sb_map_put(&m, number_key(key, n % 10), sb_slice_of(value, n % 300), false);
        sb_map_remove(&m, number_key(key, (n + 5) % 10));
    }
    assert_ptr_equal(m.current, m.first);
    sb_map_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_overlay_hides_and_shows),
        cmocka_unit_test(an_overlay_moves_to_other_ground),
        cmocka_unit_test(a_clone_is_its_own),
        cmocka_unit_test(a_borrowed_slice_may_be_written),
        cmocka_unit_test(a_failure_sticks_and_rises),
        cmocka_unit_test(removed_rows_beyond_a_prefix_cost_nothing),
        cmocka_unit_test(an_error_set_from_above_stays),
        cmocka_unit_test(the_tree_stays_balanced),
        cmocka_unit_test(the_order_is_of_bytes),
        cmocka_unit_test(the_tree_survives_churn),
        cmocka_unit_test(the_second_filling_reuses_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
