#include <stdio.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "tests/lib/cmocka_all.h"

static void gives_zeroed_aligned_memory(void **state)
{
    (void)state;
    sb_arena a;
    sb_arena_init(&a);
    for (int round = 0; round < 3; round++) {
        for (size_t bytes = 0; bytes < 3000; bytes += 7) {
            uint8_t *p = sb_arena_alloc(&a, bytes);
            assert_non_null(p);
            assert_int_equal((uintptr_t)p % 16, 0);
            for (size_t i = 0; i < bytes; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xAB, bytes);
        }
        sb_arena_reset(&a);
        assert_int_equal(a.used_bytes, 0);
    }
    sb_arena_deinit(&a);
}

static void what_was_handed_out_stays_apart(void **state)
{
    (void)state;
    enum { N = 500 };
    sb_arena a;
    sb_arena_init(&a);
    uint8_t *p[N];
    for (int i = 0; i < N; i++) {
        p[i] = sb_arena_alloc(&a, (size_t)i * 3);
        memset(p[i], i & 0xFF, (size_t)i * 3);
    }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < i * 3; k++)
            assert_int_equal(p[i][k], i & 0xFF);
    sb_arena_deinit(&a);
}

/* After one round, the same round again fits in the chunk that was kept. */
static void a_second_round_allocates_nothing(void **state)
{
    (void)state;
    sb_arena a;
    sb_arena_init(&a);
    for (int i = 0; i < 1000; i++)
        sb_arena_alloc(&a, 1000);
    sb_arena_reset(&a);
    for (int i = 0; i < 1000; i++)
        sb_arena_alloc(&a, 1000);
    const sb_arena_chunk *kept = a.head;
    for (int round = 0; round < 5; round++) {
        sb_arena_reset(&a);
        for (int i = 0; i < 1000; i++)
            sb_arena_alloc(&a, 1000);
        assert_ptr_equal(a.head, kept);
    }
    sb_arena_deinit(&a);
}

static void copies_and_formats(void **state)
{
    (void)state;
    sb_arena a;
    sb_arena_init(&a);
    SB_ASSERT_TEXT(sb_arena_copy(&a, sb_slice_str("sak")), "sak");
    assert_int_equal(sb_arena_copy(&a, (sb_slice){0}).len, 0);
    assert_string_equal(sb_arena_str(&a, sb_slice_of("abcdef", 3)), "abc");
    assert_string_equal(sb_arena_str(&a, (sb_slice){0}), "");
    assert_string_equal(sb_arena_printf(&a, "%s %d", "nr", 4), "nr 4");
    char long_text[5000];
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_string_equal(sb_arena_printf(&a, "%s", long_text), long_text);
    uint32_t *numbers = SB_ARENA_ARRAY(&a, uint32_t, 10);
    assert_int_equal(numbers[9], 0);
    sb_arena_deinit(&a);
    sb_arena_deinit(&a); /* twice is fine */
}

static void a_buffer_grows(void **state)
{
    (void)state;
    sb_buf b;
    sb_buf_init(&b);
    assert_string_equal(sb_buf_cstr(&b), "");
    for (int i = 0; i < 1000; i++)
        sb_buf_printf(&b, "%03d", i);
    assert_int_equal(b.len, 3000);
    assert_memory_equal(sb_buf_cstr(&b) + 2997, "999", 4);
    sb_buf_clear(&b);
    sb_buf_str(&b, "ny");
    sb_buf_add(&b, (sb_slice){0});
    SB_ASSERT_TEXT(sb_buf_slice(&b), "ny");
    assert_string_equal(sb_buf_cstr(&b), "ny");
    sb_buf_deinit(&b);
}

/* The short way that most formats take says the same as the C library. */
static void a_buffer_formats(void **state)
{
    (void)state;
    sb_buf b;
    char expected[256];
    sb_buf_init(&b);
#define SAYS(...)                                                                                  \
    do {                                                                                           \
        (void)snprintf(expected, sizeof expected, __VA_ARGS__);                                    \
        sb_buf_clear(&b);                                                                          \
        sb_buf_printf(&b, __VA_ARGS__);                                                            \
        assert_string_equal(sb_buf_cstr(&b), expected);                                            \
    } while (0)
    SAYS("ingen");
    SAYS("%s", "");
    SAYS("%s%s: %u av %llu\n", "å", "bc", 0U, 18446744073709551615ULL);
    SAYS("%llu%u", 0ULL, 4294967295U);
    SAYS("100 %% av %u", 7U);
    SAYS("%u: %.*s, %02u/%d", 3U, 2, "abc", 5U, -1);
    SAYS("%s %lu %zu %x", "a", 1UL, (size_t)2, 255U);
#undef SAYS
    sb_buf_clear(&b);
    sb_buf_u64(&b, UINT64_MAX);
    assert_string_equal(sb_buf_cstr(&b), "18446744073709551615");
    sb_buf_deinit(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_zeroed_aligned_memory),
        cmocka_unit_test(what_was_handed_out_stays_apart),
        cmocka_unit_test(a_second_round_allocates_nothing),
        cmocka_unit_test(copies_and_formats),
        cmocka_unit_test(a_buffer_grows),
        cmocka_unit_test(a_buffer_formats),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
