/* Values of every size, which grow and shrink beside each other, and keep to their own bytes. */
#include "proto/base/sortedmap.h"

#include <stdlib.h>

#include "proto/base/buf.h"
#include "tests/lib/cmocka_all.h"

enum { SMALL_MAX = 700, LARGE_FROM = 10, LARGE_TO = 21, AROUND = 2 };

static sb_slice key_of(uint32_t number, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(number >> (24 - 8 * i));
    return sb_slice_of(bytes, 4);
}

static void put(sb_map *m, uint32_t number, size_t len)
{
    uint8_t key[4], *value = sb_xmalloc(len + 1);
    memset(value, (int)(number * 7 + len), len);
    sb_map_put(m, key_of(number, key), sb_slice_of(value, len), false);
    free(value);
}

static void has(sb_map *m, uint32_t number, size_t len)
{
    uint8_t key[4];
    sb_map_row *row = sb_map_find(m, key_of(number, key));
    assert_non_null(row);
    assert_int_equal(row->value_len, len);
    for (size_t i = 0; i < len; i++)
        if (row->value[i] != (uint8_t)(number * 7 + len))
            fail_msg("row %u, byte %zu of %zu", number, i, len);
}

/* How many bytes the row's value has, in this round; which sizes there are. */
static size_t size_in(uint32_t number, int round)
{
    size_t size = number;
    if (number > SMALL_MAX) {
        uint32_t large = number - SMALL_MAX - 1;
        size = ((size_t)1 << (LARGE_FROM + large / (2 * AROUND + 1))) + large % (2 * AROUND + 1) -
               AROUND;
    }
    return round == 2 ? size / 2 : size + (size_t)round;
}

/* As counted row for row. */
static void counts_its_bytes(const sb_map *m)
{
    size_t bytes = 0;
    const sb_map_row *row = sb_map_next(m, (sb_slice){0}, true);
    for (; row != NULL; row = sb_map_next(m, sb_map_key(row), false))
        bytes += sb_map_key(row).len + sb_map_value(row).len;
    assert_int_equal(m->bytes, bytes);
}

static void sizes(void **state)
{
    (void)state;
    enum { ROWS = SMALL_MAX + 1 + (LARGE_TO - LARGE_FROM) * (2 * AROUND + 1) };
    sb_map m;
    sb_map_init(&m);
    for (int round = 0; round < 4; round++) { /* as it is, one more, half, three more */
        for (uint32_t i = 0; i < ROWS; i++)
            put(&m, i, size_in(i, round));
        for (uint32_t i = 0; i < ROWS; i++)
            has(&m, i, size_in(i, round));
        counts_its_bytes(&m);
    }
    assert_int_equal(m.count, ROWS);
    for (uint32_t i = 0; i < ROWS; i += 2) { /* what is free again is taken by others */
        uint8_t key[4];
        sb_map_remove(&m, key_of(i, key));
    }
    for (uint32_t i = 0; i < ROWS; i += 2)
        put(&m, ROWS + i, size_in(i, 1));
    for (uint32_t i = 0; i < ROWS; i++)
        has(&m, i % 2 == 0 ? ROWS + i : i, size_in(i, i % 2 == 0 ? 1 : 3));
    counts_its_bytes(&m);
    sb_map_clear(&m);
    assert_int_equal(m.bytes, 0);
    sb_map_deinit(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
