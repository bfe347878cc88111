/* Rows: what is put is got, keys sort as their fields do, what can't be read is an error, and
 * PROTOCOL.md lists them all. With --print: the table for PROTOCOL.md. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/buf.h"
#include "proto/ledger/rows.h"
#include "tests/lib/cmocka_all.h"

static void test_round_trip(void **state)
{
    (void)state;
    sb_kv *kv = sb_kv_memory_new();
    sb_arena arena;
    sb_arena_init(&arena);
    sb_row_seat seat = {.no = 7,
                        .id = "unn-7",
                        .body = 1,
                        .at = 2,
                        .partner = SB_NONE,
                        .appointer = 4,
                        .voting = 1,
                        .has_deputy = 0};
    sb_row_seat_put(kv, &seat);
    sb_row_seat got = {.no = 7};
    assert_true(sb_row_seat_get(kv, &arena, &got));
    assert_string_equal(got.id, "unn-7");
    assert_int_equal(got.partner, SB_NONE);
    assert_int_equal(got.at, 2);
    assert_int_equal(got.voting, 1);
    got.no = 8;
    assert_false(sb_row_seat_get(kv, &arena, &got));
    sb_row_seat_del(kv, &seat);
    assert_false(sb_row_seat_get(kv, &arena, &seat));

    uint8_t large[60000];
    memset(large, 0x5a, sizeof large);
    sb_row_charter_part part = {.version = 1, .number = 2, .data = {large, sizeof large}};
    sb_row_charter_part_put(kv, &part);
    part.data = (sb_slice){0};
    assert_true(sb_row_charter_part_get(kv, &arena, &part));
    assert_int_equal(part.data.len, sizeof large);
    assert_memory_equal(part.data.data, large, sizeof large);
    sb_row_seat_by_id by_id = {.id = "unn-7", .no = 3};
    sb_row_seat_by_id_put(kv, &by_id);
    by_id = (sb_row_seat_by_id){.id = "unn-7"};
    assert_true(sb_row_seat_by_id_get(kv, NULL, &by_id));
    assert_int_equal(by_id.no, 3);
    by_id.id = "unn-70";
    assert_false(sb_row_seat_by_id_get(kv, NULL, &by_id));
    sb_arena_deinit(&arena);
    sb_kv_memory_free(kv);
}

static void test_next(void **state)
{
    (void)state;
    sb_kv *kv = sb_kv_memory_new();
    static const uint32_t bodies[] = {0, 1, 1, 1, 2}, seats[] = {5, 1, 0x100, 2, 9};
    for (size_t i = 0; i < 5; i++) {
        sb_row_body_seat row = {.body = bodies[i], .seat = seats[i]};
        sb_row_body_seat_put(kv, &row);
    }
    static const uint32_t wanted[] = {1, 2, 0x100};
    sb_row_body_seat at = {.body = 1};
    size_t n = 0;
    for (bool more = sb_row_body_seat_next(kv, NULL, &at, true, 1); more;
         more = sb_row_body_seat_next(kv, NULL, &at, false, 1))
        assert_int_equal(at.seat, wanted[n++]);
    assert_int_equal(n, 3);
    assert_int_equal(at.body, 1); /* on false it is as it was */
    assert_int_equal(at.seat, 0x100);
    at = (sb_row_body_seat){.body = 0};
    n = 0;
    for (bool more = sb_row_body_seat_next(kv, NULL, &at, true, 0); more;
         more = sb_row_body_seat_next(kv, NULL, &at, false, 0))
        n++;
    assert_int_equal(n, 5);
    sb_kv_memory_free(kv);
}

/* d64: the highest first, and "the highest below". */
static void test_falling(void **state)
{
    (void)state;
    sb_kv *kv = sb_kv_memory_new();
    for (uint64_t i = 0; i < 5; i++) {
        sb_row_seal row = {.index = i * 300, .size = i};
        sb_row_seal_put(kv, &row);
    }
    sb_row_seal at = {.index = UINT64_MAX};
    assert_true(sb_row_seal_next(kv, NULL, &at, true, 0));
    assert_int_equal(at.index, 1200);
    at.index = 900;
    assert_true(sb_row_seal_next(kv, NULL, &at, false, 0));
    assert_int_equal(at.index, 600);
    assert_int_equal(at.size, 2);
    at.index = 0;
    assert_false(sb_row_seal_next(kv, NULL, &at, false, 0));
    sb_kv_memory_free(kv);
}

static void test_unreadable(void **state)
{
    (void)state;
    static const uint8_t key[] = {0x12, 3}, value[] = {0, 0, 1};
    sb_kv *kv = sb_kv_memory_new();
    sb_overlay *o = sb_overlay_new(kv);
    sb_kv_put(kv, sb_slice_of(key, sizeof key), sb_slice_of(value, sizeof value));
    sb_row_counter row = {.kind = 3}, other = {.kind = 4};
    assert_false(sb_row_counter_get(sb_overlay_kv(o), NULL, &row));
    assert_int_equal(sb_kv_error(sb_overlay_kv(o)), SB_E_LEDGER_STATE);
    assert_false(sb_row_counter_get(sb_overlay_kv(o), NULL, &other));
    assert_int_equal(sb_kv_error(sb_overlay_kv(o)), SB_E_LEDGER_STATE); /* sticky */
    sb_overlay_free(o);
    sb_kv_memory_free(kv);
}

/* ---- PROTOCOL.md ---- */

static void add_fields(sb_buf *out, const sb_row_desc *d, size_t from, size_t to)
{
    static const char *const types[] = {
        [SB_ROW_u8] = "u8",   [SB_ROW_u32] = "u32", [SB_ROW_u64] = "u64",     [SB_ROW_b32] = "b32",
        [SB_ROW_str] = "str", [SB_ROW_d64] = "d64", [SB_ROW_bytes] = "bytes",
    };
    for (size_t i = from; i < to; i++)
        sb_buf_printf(out, "%s%s %s", i == from ? "" : ", ", d->fields[i].name,
                      types[d->fields[i].type]);
    if (from == to)
        sb_buf_str(out, "–");
}

static void print_rows(sb_buf *out)
{
    sb_buf_str(out, "| table | row | key | value |\n|---|---|---|---|\n");
    for (int table = 0; table < 0xff; table++) {
        const sb_row_desc *d = sb_row_desc_of((uint8_t)table);
        if (d == NULL)
            continue;
        sb_buf_printf(out, "| 0x%02x | %s | ", (unsigned)table, d->name);
        add_fields(out, d, 0, d->key_count);
        sb_buf_str(out, " | ");
        add_fields(out, d, d->key_count, d->field_count);
        sb_buf_str(out, " |\n");
    }
}

static void test_protocol_lists_them(void **state)
{
    (void)state;
    static char text[512 * 1024];
    FILE *file = fopen("proto/PROTOCOL.md", "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    assert_true(len < sizeof text - 1);
    sb_buf table;
    sb_buf_init(&table);
    print_rows(&table);
    const char *section = strstr(text, "\n## Rows\n");
    assert_non_null(section);
    if (strstr(section, sb_buf_cstr(&table)) == NULL)
        fail_msg("PROTOCOL.md \"Rows\" differs; it should be:\n%s", sb_buf_cstr(&table));
    sb_buf_deinit(&table);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--print") == 0) {
        sb_buf table;
        sb_buf_init(&table);
        print_rows(&table);
        fputs(sb_buf_cstr(&table), stdout);
        sb_buf_deinit(&table);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_next),
        cmocka_unit_test(test_falling),
        cmocka_unit_test(test_unreadable),
        cmocka_unit_test(test_protocol_lists_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
