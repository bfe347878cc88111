#include "proto/base/err.h"
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

static void keeps_code_and_arguments(void **state)
{
    (void)state;
    sb_fail fail;
    assert_int_equal(sb_fail_set(&fail, SB_E_TOO_LARGE, "entry", "70000", "65535", NULL),
                     SB_E_TOO_LARGE);
    assert_int_equal(fail.code, SB_E_TOO_LARGE);
    assert_int_equal(fail.argc, 3);
    assert_string_equal(fail.arg[0], "entry");
    assert_string_equal(fail.arg[2], "65535");
}

static void forgets_the_arguments_of_before(void **state)
{
    (void)state;
    sb_fail fail;
    sb_fail_set(&fail, SB_E_TOO_LARGE, "a", "b", "c", NULL);
    sb_fail_set(&fail, SB_E_TRUNCATED, NULL);
    assert_int_equal(fail.code, SB_E_TRUNCATED);
    assert_int_equal(fail.argc, 0);
}

static void works_without_a_context(void **state)
{
    (void)state;
    assert_int_equal(sb_fail_set(NULL, SB_E_NOT_FOUND, "x", NULL), SB_E_NOT_FOUND);
    assert_int_equal(sb_fail_num(NULL, SB_E_NOT_FOUND, 1, 7, 0), SB_E_NOT_FOUND);
    assert_int_equal(sb_fail_list(NULL, SB_E_NOT_FOUND, NULL, 0), SB_E_NOT_FOUND);
}

static void takes_four_arguments_at_most(void **state)
{
    (void)state;
    sb_fail fail;
    sb_fail_set(&fail, SB_E_INTERNAL, "1", "2", "3", "4", "5", NULL);
    assert_int_equal(fail.argc, 4);
    assert_string_equal(fail.arg[3], "4");
}

static void takes_a_list(void **state)
{
    (void)state;
    char long_text[SB_FAIL_ARG_BYTES + 2];
    memset(long_text, 'a', sizeof long_text);
    strcpy(long_text + SB_FAIL_ARG_BYTES - 2, "\xE2\x82\xAC");
    char *const args[] = {"1", long_text, "", "4", "5"};
    sb_fail fail;
    assert_int_equal(sb_fail_list(&fail, SB_E_TOO_LARGE, args, 5), SB_E_TOO_LARGE);
    assert_int_equal(fail.code, SB_E_TOO_LARGE);
    assert_int_equal(fail.argc, 4);
    assert_string_equal(fail.arg[0], "1");
    assert_int_equal(strlen(fail.arg[1]), SB_FAIL_ARG_BYTES - 2); /* never half a code point */
    assert_string_equal(fail.arg[2], "");
    assert_string_equal(fail.arg[3], "4");
    sb_fail_list(&fail, SB_E_NOT_FOUND, args, 1);
    assert_int_equal(fail.code, SB_E_NOT_FOUND);
    assert_int_equal(fail.argc, 1);
    sb_fail_list(&fail, SB_E_NOT_FOUND, NULL, 0);
    assert_int_equal(fail.argc, 0);
}

static void writes_numbers(void **state)
{
    (void)state;
    sb_fail fail;
    sb_fail_num(&fail, SB_E_INTERNAL, 2, UINT64_MAX, 0);
    assert_int_equal(fail.argc, 2);
    assert_string_equal(fail.arg[0], "18446744073709551615");
    assert_string_equal(fail.arg[1], "0");
    sb_fail_num(&fail, SB_E_INTERNAL, 1, 5, 9);
    assert_int_equal(fail.argc, 1);
    sb_fail_num(&fail, SB_E_INTERNAL, 0, 5, 9);
    assert_int_equal(fail.argc, 0);
}

static void cuts_long_arguments_at_a_code_point(void **state)
{
    (void)state;
    for (size_t ascii = 150; ascii < SB_FAIL_ARG_BYTES + 2; ascii++) {
        char text[SB_FAIL_ARG_BYTES * 2];
        memset(text, 'a', ascii);
        strcpy(text + ascii, "\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC\xE2\x82\xAC");
        sb_fail fail;
        sb_fail_set(&fail, SB_E_INTERNAL, text, NULL);
        size_t len = strlen(fail.arg[0]);
        size_t fits = SB_FAIL_ARG_BYTES - 1, want = ascii;
        while (want + 3 <= fits && want + 3 <= strlen(text))
            want += 3;
        assert_int_equal(len, want < fits ? want : fits);
        assert_memory_equal(fail.arg[0], text, len);
    }
}

static void names_every_code(void **state)
{
    (void)state;
    assert_string_equal(sb_err_name(SB_OK), "SB_OK");
    assert_string_equal(sb_err_name(SB_E_NOT_FOUND), "SB_E_NOT_FOUND");
    assert_null(sb_err_name((sb_err)99));
#define SB_ERROR(name, number, exit, nb, en) assert_string_equal(sb_err_name(name), #name);
#include "proto/base/errors.def"
#undef SB_ERROR
}

static void gives_every_code_an_exit_code(void **state)
{
    (void)state;
    assert_int_equal(sb_err_exit(SB_OK), SB_EXIT_OK);
    assert_int_equal(sb_err_exit((sb_err)99), SB_EXIT_ERROR);
#define SB_ERROR(name, number, exit, nb, en)                                                       \
    assert_in_range(sb_err_exit(name), SB_EXIT_ERROR, SB_EXIT_UNREACHABLE);
#include "proto/base/errors.def"
#undef SB_ERROR
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_code_and_arguments),
        cmocka_unit_test(forgets_the_arguments_of_before),
        cmocka_unit_test(works_without_a_context),
        cmocka_unit_test(takes_four_arguments_at_most),
        cmocka_unit_test(takes_a_list),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(cuts_long_arguments_at_a_code_point),
        cmocka_unit_test(names_every_code),
        cmocka_unit_test(gives_every_code_an_exit_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
