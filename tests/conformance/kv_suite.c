#include "tests/conformance/kv_suite.h"

#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct fixture {
    const sb_kv_factory *factory;
    sb_kv *kv;
    void *own;
} fixture;

static int make(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->factory = *state;
    f->kv = f->factory->make(&f->own);
    *state = f;
    return f->kv == NULL;
}

static int drop(void **state)
{
    fixture *f = *state;
    f->factory->drop(f->kv, f->own);
    free(f);
    return 0;
}

static sb_kv *kv_of(void **state)
{
    return ((fixture *)*state)->kv;
}

static void put(sb_kv *kv, const char *key, const char *value)
{
    sb_kv_put(kv, sb_slice_str(key), sb_slice_str(value));
}

static void del(sb_kv *kv, const char *key)
{
    sb_kv_del(kv, sb_slice_str(key));
}

/* The row has this value, or is absent when it is NULL. */
static void expect(sb_kv *kv, const char *key, const char *value)
{
    sb_slice got;
    bool found = sb_kv_get(kv, sb_slice_str(key), &got);
    assert_int_equal(found, value != NULL);
    assert_int_equal(sb_kv_get(kv, sb_slice_str(key), NULL), found);
    if (value != NULL)
        SB_ASSERT_TEXT(got, value);
}

/* The step from `from` leads to this key (NULL: to the end). */
static void expect_next(sb_kv *kv, const char *from, bool inclusive, const char *key)
{
    sb_slice got, value;
    bool found = sb_kv_next(kv, sb_slice_str(from), inclusive, &got, &value);
    assert_int_equal(found, key != NULL);
    if (key != NULL)
        SB_ASSERT_TEXT(got, key);
}

/* All rows in order, as "key=value " pairs. */
static void expect_all(sb_kv *kv, const char *want)
{
    char got[4096];
    size_t at = 0;
    sb_slice key = {0}, value;
    for (bool first = true; sb_kv_next(kv, key, first, &key, &value); first = false)
        at += (size_t)snprintf(got + at, sizeof got - at, "%.*s=%.*s ", (int)key.len,
                               (const char *)key.data, (int)value.len, (const char *)value.data);
    got[at] = '\0';
    assert_string_equal(got, want);
}

static void starts_empty(void **state)
{
    sb_kv *kv = kv_of(state);
    expect(kv, "a", NULL);
    expect_all(kv, "");
    assert_false(sb_kv_next_in(kv, sb_slice_str("a"), (sb_slice){0}, true, NULL, NULL));
    assert_int_equal(sb_kv_error(kv), SB_OK);
}

static void keeps_puts_and_overwrites(void **state)
{
    sb_kv *kv = kv_of(state);
    put(kv, "b", "2");
    put(kv, "a", "1");
    put(kv, "b", "a much longer value than before, so that it can't stay where it was");
    put(kv, "c", "3");
    expect(kv, "a", "1");
    expect(kv, "b", "a much longer value than before, so that it can't stay where it was");
    put(kv, "b", "x");
    expect(kv, "b", "x");
    expect_all(kv, "a=1 b=x c=3 ");
}

static void deletes(void **state)
{
    sb_kv *kv = kv_of(state);
    del(kv, "never there");
    put(kv, "a", "1");
    put(kv, "b", "2");
    put(kv, "c", "3");
    del(kv, "b");
    del(kv, "b");
    expect(kv, "b", NULL);
    expect_all(kv, "a=1 c=3 ");
    put(kv, "b", "again");
    expect_all(kv, "a=1 b=again c=3 ");
    del(kv, "a");
    del(kv, "b");
    del(kv, "c");
    expect_all(kv, "");
}

static void copies_what_it_is_given(void **state)
{
    sb_kv *kv = kv_of(state);
    char key[] = "key", value[] = "value";
    put(kv, key, value);
    memset(key, '!', 3);
    memset(value, '!', 5);
    expect(kv, "key", "value");
}

static void steps_inclusive_and_exclusive(void **state)
{
    sb_kv *kv = kv_of(state);
    put(kv, "b", "");
    put(kv, "d", "");
    expect_next(kv, "", true, "b");
    expect_next(kv, "", false, "b");
    expect_next(kv, "a", false, "b");
    expect_next(kv, "b", true, "b");
    expect_next(kv, "b", false, "d");
    expect_next(kv, "bb", true, "d");
    expect_next(kv, "d", false, NULL);
    expect_next(kv, "e", true, NULL);
}

/* Byte order: unsigned, and a prefix comes before what it starts. */
static void orders_by_bytes(void **state)
{
    static const char *const sorted[] = {"\x01", "\x01\x01", "A",    "a",
                                         "aa",   "ab",       "b",    "\x7f",
                                         "\x80", "\xc3\xa5", "\xff", "\xff\xff"};
    enum { N = sizeof sorted / sizeof *sorted };
    sb_kv *kv = kv_of(state);
    for (size_t i = 0; i < N; i++)
        put(kv, sorted[i * 5 % N], "");
    for (size_t i = 0; i < N; i++)
        expect_next(kv, sorted[i], false, i + 1 < N ? sorted[i + 1] : NULL);
}

static void takes_any_bytes(void **state)
{
    sb_kv *kv = kv_of(state);
    const uint8_t keys[][3] = {{0, 0, 0}, {0, 0, 1}, {0, 1, 0}, {255, 0, 255}};
    for (size_t i = 0; i < 4; i++)
        sb_kv_put(kv, sb_slice_of(keys[i], 3), sb_slice_of(keys[i], 3));
    sb_kv_put(kv, sb_slice_of(keys[0], 1), sb_slice_of("\0\0", 2));
    sb_slice key = {0}, value;
    assert_true(sb_kv_next(kv, key, true, &key, &value));
    assert_int_equal(key.len, 1);
    assert_int_equal(value.len, 2);
    for (size_t i = 0; i < 4; i++) {
        assert_true(sb_kv_next(kv, key, false, &key, &value));
        assert_true(sb_slice_eq(key, sb_slice_of(keys[i], 3)));
        assert_true(sb_slice_eq(value, key));
    }
    assert_false(sb_kv_next(kv, key, false, &key, &value));
}

static void an_empty_value_is_a_row(void **state)
{
    sb_kv *kv = kv_of(state);
    put(kv, "a", "");
    sb_slice value;
    assert_true(sb_kv_get(kv, sb_slice_str("a"), &value));
    assert_int_equal(value.len, 0);
    put(kv, "a", "x");
    put(kv, "a", "");
    expect_all(kv, "a= ");
}

static void takes_long_keys_and_values(void **state)
{
    sb_kv *kv = kv_of(state);
    uint8_t key[SB_KV_KEY_MAX];
    memset(key, 'k', sizeof key);
    size_t big = 200 * 1000;
    uint8_t *bytes = malloc(big);
    for (size_t i = 0; i < big; i++)
        bytes[i] = (uint8_t)(i * 7);
    sb_kv_put(kv, sb_slice_of(key, sizeof key), sb_slice_of(bytes, big));
    sb_kv_put(kv, sb_slice_of(key, sizeof key - 1), sb_slice_of(bytes, 1));
    sb_slice value;
    assert_true(sb_kv_get(kv, sb_slice_of(key, sizeof key), &value));
    assert_true(sb_slice_eq(value, sb_slice_of(bytes, big)));
    assert_true(sb_kv_get(kv, sb_slice_of(key, sizeof key - 1), &value));
    assert_int_equal(value.len, 1);
    free(bytes);
}

static void steps_within_a_prefix(void **state)
{
    sb_kv *kv = kv_of(state);
    put(kv, "a", "");
    put(kv, "ba", "1");
    put(kv, "bb", "2");
    put(kv, "c", "");
    sb_slice prefix = sb_slice_str("b"), key, value;
    assert_true(sb_kv_next_in(kv, prefix, (sb_slice){0}, true, &key, &value));
    SB_ASSERT_TEXT(key, "ba");
    SB_ASSERT_TEXT(value, "1");
    assert_true(sb_kv_next_in(kv, prefix, sb_slice_str("ba"), false, &key, &value));
    SB_ASSERT_TEXT(key, "bb");
    assert_true(sb_kv_next_in(kv, prefix, sb_slice_str("bb"), true, NULL, NULL));
    assert_false(sb_kv_next_in(kv, prefix, sb_slice_str("bb"), false, &key, &value));
    assert_false(sb_kv_next_in(kv, prefix, sb_slice_str("c"), true, &key, &value));
    assert_false(sb_kv_next_in(kv, sb_slice_str("bbb"), (sb_slice){0}, true, &key, &value));
    assert_true(sb_kv_next_in(kv, (sb_slice){0}, (sb_slice){0}, true, &key, &value));
    SB_ASSERT_TEXT(key, "a");
    put(kv, "b", "0");
    assert_true(sb_kv_next_in(kv, prefix, prefix, true, &key, &value));
    SB_ASSERT_TEXT(key, "b");
    assert_true(sb_kv_next_in(kv, prefix, prefix, false, &key, &value));
    SB_ASSERT_TEXT(key, "ba");
    assert_true(sb_kv_next_in(kv, prefix, sb_slice_str("a"), false, &key, &value));
    SB_ASSERT_TEXT(key, "b");
}

/* Many rows, put and deleted in orders that unbalance what isn't balanced. */
static void holds_many_rows(void **state)
{
    enum { N = 5000 };
    sb_kv *kv = kv_of(state);
    for (uint32_t i = 0; i < N; i++) {
        uint32_t n = i % 3 == 0 ? i : N - i - i % 3;
        uint8_t key[4] = {9, 9, (uint8_t)(n >> 8), (uint8_t)n};
        sb_kv_put(kv, sb_slice_of(key, 4), sb_slice_of(key + 2, 2));
    }
    for (uint32_t n = 0; n < N; n += 2) {
        uint8_t key[4] = {9, 9, (uint8_t)(n >> 8), (uint8_t)n};
        sb_kv_del(kv, sb_slice_of(key, 4));
        assert_false(sb_kv_get(kv, sb_slice_of(key, 4), NULL));
    }
    uint32_t rows = 0, last = 0;
    sb_slice key = {0}, value;
    for (bool first = true; sb_kv_next(kv, key, first, &key, &value); first = false) {
        uint32_t n = (uint32_t)key.data[2] << 8 | key.data[3];
        assert_true(rows == 0 || n > last);
        assert_int_equal(n % 2, 1);
        assert_true(sb_slice_eq(value, sb_slice_of(key.data + 2, 2)));
        last = n;
        rows++;
    }
    assert_true(rows > N / 4);
}

static void deletes_while_stepping(void **state)
{
    sb_kv *kv = kv_of(state);
    put(kv, "a", "");
    put(kv, "b", "");
    put(kv, "c", "");
    char at[8] = "";
    int steps = 0;
    sb_slice key;
    while (sb_kv_next(kv, sb_slice_str(at), false, &key, NULL)) {
        memcpy(at, key.data, key.len);
        at[key.len] = '\0';
        del(kv, at);
        steps++;
    }
    assert_int_equal(steps, 3);
    expect_all(kv, "");
}

static void walks_under_a_prefix_while_it_changes(void **state)
{
    static const char *const ROWS[] = {"a", "b", "ba", "bb", "bbc", "c"}, *const WANT[] = {
                                                                              "b", "ba", "bb",
                                                                              "bbc"};
    sb_kv *kv = kv_of(state);
    size_t at = 0;
    sb_kv_walk none = {.kv = kv}, under = {.kv = kv, .prefix = sb_slice_str("b")}, all = {.kv = kv};
    assert_false(sb_kv_walk_next(&none));
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++)
        put(kv, ROWS[i], ROWS[i]);
    for (; sb_kv_walk_next(&under); at++) {
        assert_true(at < 4);
        SB_ASSERT_TEXT(under.key, WANT[at]);
        SB_ASSERT_TEXT(under.value, WANT[at]);
        sb_kv_del(kv, under.key); /* its key stays: the walk goes on from there */
        SB_ASSERT_TEXT(under.key, WANT[at]);
        put(kv, "aa", "behind it");
    }
    assert_int_equal(at, 4);
    for (at = 0; sb_kv_walk_next(&all); at++)
        SB_ASSERT_TEXT(all.key, at == 0 ? "a" : at == 1 ? "aa" : "c");
    assert_int_equal(at, 3);
}

int sb_kv_suite_run(const sb_kv_factory *factory)
{
#define KV_TEST(test)                                                                              \
    {                                                                                              \
#test, test, make, drop, (void *)(uintptr_t)factory                                        \
    }
    const struct CMUnitTest tests[] = {
        KV_TEST(starts_empty),
        KV_TEST(keeps_puts_and_overwrites),
        KV_TEST(deletes),
        KV_TEST(copies_what_it_is_given),
        KV_TEST(steps_inclusive_and_exclusive),
        KV_TEST(orders_by_bytes),
        KV_TEST(takes_any_bytes),
        KV_TEST(an_empty_value_is_a_row),
        KV_TEST(takes_long_keys_and_values),
        KV_TEST(steps_within_a_prefix),
        KV_TEST(holds_many_rows),
        KV_TEST(deletes_while_stepping),
        KV_TEST(walks_under_a_prefix_while_it_changes),
    };
#undef KV_TEST
    return cmocka_run_group_tests_name(factory->name, tests, NULL, NULL);
}
