/* Memory and overlay against the simplest thing that could be right: a sorted array. */
#include "proto/base/kv.h"
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

enum { ROWS_MAX = 512, KEY_BYTES_MAX = 3, OPERATIONS = 60000 };

static uint64_t seed;

static uint32_t rnd(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)((seed >> 16) % below);
}

typedef struct model_row {
    uint8_t key[KEY_BYTES_MAX], value[64];
    size_t key_len, value_len;
} model_row;

typedef struct model {
    model_row rows[ROWS_MAX];
    size_t count;
} model;

static sb_slice row_key(const model_row *r)
{
    return sb_slice_of(r->key, r->key_len);
}

static size_t model_at(const model *m, sb_slice key)
{
    size_t i = 0;
    while (i < m->count && sb_slice_cmp(row_key(&m->rows[i]), key) < 0)
        i++;
    return i;
}

static bool model_has(const model *m, size_t i, sb_slice key)
{
    return i < m->count && sb_slice_eq(row_key(&m->rows[i]), key);
}

static void model_put(model *m, sb_slice key, sb_slice value)
{
    size_t i = model_at(m, key);
    if (!model_has(m, i, key)) {
        assert_true(m->count < ROWS_MAX);
        memmove(&m->rows[i + 1], &m->rows[i], (m->count - i) * sizeof(model_row));
        m->count++;
    }
    model_row *r = &m->rows[i];
    memcpy(r->key, key.data, key.len);
    r->key_len = key.len;
    memcpy(r->value, value.data, value.len);
    r->value_len = value.len;
}

static void model_del(model *m, sb_slice key)
{
    size_t i = model_at(m, key);
    if (!model_has(m, i, key))
        return;
    m->count--;
    memmove(&m->rows[i], &m->rows[i + 1], (m->count - i) * sizeof(model_row));
}

static void same_row(const model_row *want, sb_slice key, sb_slice value)
{
    assert_true(sb_slice_eq(row_key(want), key));
    assert_true(sb_slice_eq(sb_slice_of(want->value, want->value_len), value));
}

static void same_rows(const model *m, sb_kv *kv)
{
    sb_slice key = {0}, value;
    size_t i = 0;
    for (; sb_kv_next(kv, key, i == 0, &key, &value); i++) {
        assert_true(i < m->count);
        same_row(&m->rows[i], key, value);
    }
    assert_int_equal(i, m->count);
}

/* Few distinct bytes and short keys: collisions, prefixes and the extremes are common. */
static sb_slice random_key(uint8_t out[KEY_BYTES_MAX])
{
    static const uint8_t alphabet[] = {0, 1, 'a', 'b', 0x80, 0xFF};
    size_t len = 1 + rnd(KEY_BYTES_MAX);
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[rnd(sizeof alphabet)];
    return sb_slice_of(out, len);
}

typedef struct world {
    sb_kv *memory;
    sb_overlay *overlay;
    model committed, seen; /* what memory holds; what the overlay shows */
} world;

static void read_something(world *w, sb_slice key)
{
    sb_kv *kv = sb_overlay_kv(w->overlay);
    sb_slice got_key, got_value;
    size_t i = model_at(&w->seen, key);
    bool has = model_has(&w->seen, i, key);
    assert_int_equal(sb_kv_get(kv, key, &got_value), has);
    if (has)
        same_row(&w->seen.rows[i], key, got_value);
    bool inclusive = rnd(2);
    if (has && !inclusive)
        i++;
    assert_int_equal(sb_kv_next(kv, key, inclusive, &got_key, &got_value), i < w->seen.count);
    if (i < w->seen.count)
        same_row(&w->seen.rows[i], got_key, got_value);
    sb_slice prefix = sb_slice_of(key.data, rnd(2));
    bool in = i < w->seen.count && prefix.len <= w->seen.rows[i].key_len &&
              (prefix.len == 0 || w->seen.rows[i].key[0] == prefix.data[0]);
    assert_int_equal(sb_kv_next_in(kv, prefix, key, inclusive, &got_key, &got_value), in);
}

static void change_something(world *w, sb_slice key)
{
    sb_kv *kv = sb_overlay_kv(w->overlay);
    if (rnd(5) < 2) {
        sb_kv_del(kv, key);
        model_del(&w->seen, key);
        return;
    }
    uint8_t bytes[64];
    sb_slice value = sb_slice_of(bytes, rnd(sizeof bytes));
    memset(bytes, (int)rnd(256), sizeof bytes);
    sb_kv_put(kv, key, value);
    model_put(&w->seen, key, value);
}

static void settle_something(world *w)
{
    switch (rnd(4)) {
    case 0: /* forget */
        sb_overlay_clear(w->overlay);
        w->seen = w->committed;
        break;
    case 1: { /* a crash image */
        sb_kv *copy = sb_kv_memory_clone(w->memory);
        same_rows(&w->committed, copy);
        sb_kv_memory_free(copy);
        break;
    }
    default:
        sb_overlay_flush(w->overlay);
        w->committed = w->seen;
        break;
    }
    same_rows(&w->committed, w->memory);
}

static void agrees_with_the_model(void **state)
{
    seed = (uint64_t)(uintptr_t)*state;
    world *w = calloc(1, sizeof *w);
    w->memory = sb_kv_memory_new();
    w->overlay = sb_overlay_new(w->memory);
    for (int i = 0; i < OPERATIONS; i++) {
        uint8_t bytes[KEY_BYTES_MAX];
        sb_slice key = random_key(bytes);
        if (rnd(2))
            change_something(w, key);
        else
            read_something(w, key);
        if (rnd(100) == 0)
            settle_something(w);
        if (rnd(500) == 0)
            same_rows(&w->seen, sb_overlay_kv(w->overlay));
    }
    sb_overlay_free(w->overlay);
    sb_kv_memory_free(w->memory);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"seed 1", agrees_with_the_model, NULL, NULL, (void *)1},
        {"seed 2", agrees_with_the_model, NULL, NULL, (void *)0x9E3779B97F4A7C15u},
        {"seed 3", agrees_with_the_model, NULL, NULL, (void *)0xD1B54A32D192ED03u},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
