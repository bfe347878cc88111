#include "proto/base/cursor.h"
#include "tests/lib/cmocka_all.h"

static const uint8_t ladder[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

static void reads_big_endian(void **state)
{
    (void)state;
    sb_reader r = sb_reader_over(sb_slice_of(ladder, sizeof ladder));
    assert_int_equal(sb_read_u8(&r), 0x01);
    assert_int_equal(sb_read_u16(&r), 0x0203);
    assert_int_equal(sb_read_u32(&r), 0x04050607);
    assert_int_equal(sb_reader_left(&r), 8);
    assert_false(sb_reader_done(&r));
    assert_true(sb_read_u64(&r) == 0x08090a0b0c0d0e0fu);
    assert_true(sb_reader_done(&r));
}

/* At every length, each read either fits or fails for good and gives zeros. */
static void an_overrun_sticks(void **state)
{
    (void)state;
    for (size_t len = 0; len < 8; len++) {
        sb_reader r = sb_reader_over(sb_slice_of(ladder, len));
        assert_true(sb_read_u64(&r) == 0);
        assert_true(r.failed);
        assert_int_equal(sb_read_u8(&r), 0); /* would have fitted */
        assert_int_equal(sb_reader_left(&r), 0);
        assert_false(sb_reader_done(&r));
        uint8_t out[2] = {9, 9};
        sb_read_into(&r, out, 2);
        assert_int_equal(out[0] | out[1], 0);
        assert_int_equal(sb_read_bytes(&r, 1).len, 0);
    }
}

static void a_huge_length_does_not_wrap(void **state)
{
    (void)state;
    sb_reader r = sb_reader_over(sb_slice_of(ladder, 4));
    sb_read_u8(&r);
    assert_int_equal(sb_read_bytes(&r, SIZE_MAX).len, 0);
    assert_true(r.failed);
    const uint8_t lying[] = {0xFF, 0xFF, 0xFF, 0xFF, 1, 2};
    r = sb_reader_over(sb_slice_of(lying, sizeof lying));
    assert_int_equal(sb_read_var32(&r).len, 0);
    assert_true(r.failed);
    r = sb_reader_over(sb_slice_of(lying, sizeof lying));
    assert_int_equal(sb_read_var16(&r).len, 0);
    assert_true(r.failed);
}

static void reads_what_has_a_length(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0, 2, 'a', 'b', 0, 0, 0, 1, 'c', 0, 0};
    sb_reader r = sb_reader_over(sb_slice_of(bytes, sizeof bytes));
    SB_ASSERT_TEXT(sb_read_var16(&r), "ab");
    SB_ASSERT_TEXT(sb_read_var32(&r), "c");
    assert_int_equal(sb_read_var16(&r).len, 0);
    assert_true(sb_reader_done(&r));
}

static void empty_input_is_fine(void **state)
{
    (void)state;
    sb_reader r = sb_reader_over((sb_slice){0});
    assert_int_equal(sb_read_bytes(&r, 0).len, 0);
    sb_read_into(&r, NULL, 0);
    assert_true(sb_reader_done(&r));
    sb_writer w = sb_writer_over(NULL, 0);
    sb_write_bytes(&w, (sb_slice){0});
    assert_false(w.failed);
    sb_write_u8(&w, 1);
    assert_true(w.failed);
}

static void writes_what_is_read(void **state)
{
    (void)state;
    uint8_t out[64];
    sb_writer w = sb_writer_over(out, sizeof out);
    sb_write_u8(&w, 0x01);
    sb_write_u16(&w, 0x0203);
    sb_write_u32(&w, 0x04050607);
    sb_write_u64(&w, 0x08090a0b0c0d0e0fu);
    assert_memory_equal(out, ladder, sizeof ladder);
    sb_write_var16(&w, sb_slice_str("to"));
    sb_write_var32(&w, sb_slice_str("tre"));
    assert_false(w.failed);
    sb_reader r = sb_reader_over(sb_writer_slice(&w));
    sb_read_bytes(&r, sizeof ladder);
    SB_ASSERT_TEXT(sb_read_var16(&r), "to");
    SB_ASSERT_TEXT(sb_read_var32(&r), "tre");
    assert_true(sb_reader_done(&r));
}

static void a_full_writer_writes_no_more(void **state)
{
    (void)state;
    uint8_t out[8];
    memset(out, 0xEE, sizeof out);
    sb_writer w = sb_writer_over(out, 4);
    sb_write_u16(&w, 1);
    sb_write_u32(&w, 2);
    assert_true(w.failed);
    sb_write_u8(&w, 3); /* would have fitted */
    assert_int_equal(sb_writer_slice(&w).len, 2);
    for (size_t i = 2; i < sizeof out; i++)
        assert_int_equal(out[i], 0xEE);
}

static void a_length_that_its_field_cannot_hold_fails(void **state)
{
    (void)state;
    static uint8_t big[70000], out[80000];
    sb_writer w = sb_writer_over(out, sizeof out);
    sb_write_var16(&w, sb_slice_of(big, 65535));
    assert_false(w.failed);
    w = sb_writer_over(out, sizeof out);
    sb_write_var16(&w, sb_slice_of(big, 65536));
    assert_true(w.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_big_endian),
        cmocka_unit_test(an_overrun_sticks),
        cmocka_unit_test(a_huge_length_does_not_wrap),
        cmocka_unit_test(reads_what_has_a_length),
        cmocka_unit_test(empty_input_is_fine),
        cmocka_unit_test(writes_what_is_read),
        cmocka_unit_test(a_full_writer_writes_no_more),
        cmocka_unit_test(a_length_that_its_field_cannot_hold_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
