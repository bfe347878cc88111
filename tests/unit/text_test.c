#include "proto/text/text.h"
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

/* Which arguments a template names, as a bit set. */
static unsigned named(const char *template)
{
    unsigned set = 0;
    for (const char *p = template; *p != '\0'; p++)
        if (p[0] == '{' && p[1] >= '0' && p[1] <= '7' && p[2] == '}')
            set |= 1u << (p[1] - '0');
    return set;
}

/* Both languages say something, name the same arguments, from 0 without gaps, and have no brace
 * that is not an argument's. */
static void check_pair(const char *name, const char *nb, const char *en)
{
    if (nb[0] == '\0' || en[0] == '\0')
        fail_msg("%s: a language is missing", name);
    if (named(nb) != named(en))
        fail_msg("%s: the languages name different arguments", name);
    if ((named(nb) & (named(nb) + 1)) != 0)
        fail_msg("%s: an argument is left out", name);
    const char *both[] = {nb, en};
    for (int i = 0; i < 2; i++)
        for (const char *p = both[i]; *p != '\0'; p++)
            if (*p == '{' && !(p[1] >= '0' && p[1] <= '7' && p[2] == '}'))
                fail_msg("%s: a brace is no argument's", name);
}

static void every_error_has_both_texts(void **state)
{
    (void)state;
#define SB_ERROR(name, number, exit, nb, en)                                                       \
    check_pair(#name, nb, en);                                                                     \
    assert_true(named(nb) < 1u << SB_FAIL_ARGS_MAX);                                               \
    assert_string_equal(sb_text_error(name, SB_LANG_NB), nb);                                      \
    assert_string_equal(sb_text_error(name, SB_LANG_EN), en);
#include "proto/base/errors.def"
#undef SB_ERROR
}

static void error_numbers_are_unique(void **state)
{
    (void)state;
    static const int numbers[] = {
#define SB_ERROR(name, number, exit, nb, en) number,
#include "proto/base/errors.def"
#undef SB_ERROR
    };
    enum { N = sizeof numbers / sizeof *numbers };
    for (size_t i = 0; i < N; i++) {
        assert_in_range(numbers[i], 100, 2699);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(numbers[i], numbers[k]);
    }
}

static void every_message_has_both_texts(void **state)
{
    (void)state;
    for (int i = 0; i < SB_MSG_COUNT; i++)
        check_pair(sb_text(i, SB_LANG_EN), sb_text(i, SB_LANG_NB), sb_text(i, SB_LANG_EN));
}

static void every_word_goes_there_and_back(void **state)
{
    (void)state;
    uint32_t value;
#define SB_WORD(family, number, code, nb, en)                                                      \
    check_pair(code, nb, en);                                                                      \
    assert_string_equal(sb_text_word(SB_TEXT_##family, number, SB_LANG_NB), nb);                   \
    assert_string_equal(sb_text_word(SB_TEXT_##family, number, SB_LANG_EN), en);                   \
    assert_string_equal(sb_text_code(SB_TEXT_##family, number), code);                             \
    assert_true(sb_text_parse(SB_TEXT_##family, sb_slice_str(code), &value));                      \
    assert_int_equal(value, number);
#include "proto/text/words.def"
#undef SB_WORD
    assert_string_equal(sb_text_word(SB_TEXT_OUTCOME, 0, SB_LANG_NB), "?");
    assert_null(sb_text_code(SB_TEXT_OUTCOME, 99));
    assert_false(sb_text_parse(SB_TEXT_OUTCOME, sb_slice_str("adopte"), &value));
    assert_false(sb_text_parse(SB_TEXT_OUTCOME, sb_slice_str("consensus"), &value));
    assert_false(sb_text_parse(SB_TEXT_OUTCOME, (sb_slice){0}, &value));
    assert_string_equal(sb_text_code_at(SB_TEXT_CHOICE, 0), "for");
    assert_string_equal(sb_text_code_at(SB_TEXT_CHOICE, 2), "abstain");
    assert_string_equal(sb_text_code_at(SB_TEXT_CHOICE, 3), "candidate");
    assert_null(sb_text_code_at(SB_TEXT_CHOICE, 4));
}

/* Expects what `render` appends to an own buffer. */
#define EXPECT(render, want)                                                                       \
    do {                                                                                           \
        sb_buf out;                                                                                \
        sb_buf_init(&out);                                                                         \
        render;                                                                                    \
        assert_string_equal(sb_buf_cstr(&out), want);                                              \
        sb_buf_deinit(&out);                                                                       \
    } while (0)

static void renders_refusals(void **state)
{
    (void)state;
    sb_fail fail;
    sb_fail_set(&fail, SB_E_TOO_LARGE, "vedlegget", "40", "32", NULL);
    EXPECT(sb_text_fail(&fail, SB_LANG_NB, &out), "vedlegget er for stor: 40 (grensen er 32)");
    EXPECT(sb_text_fail(&fail, SB_LANG_EN, &out), "vedlegget is too large: 40 (the limit is 32)");
    sb_fail_set(&fail, SB_E_NOT_FOUND, NULL);
    EXPECT(sb_text_fail(&fail, SB_LANG_NB, &out), "fant ikke ?");
    sb_fail_set(&fail, SB_E_NOT_FOUND, "{0}{1}", NULL); /* an argument is no template */
    EXPECT(sb_text_fail(&fail, SB_LANG_NB, &out), "fant ikke {0}{1}");
    sb_fail_set(&fail, (sb_err)9999, "x", NULL);
    EXPECT(sb_text_fail(&fail, SB_LANG_NB, &out), "feil 9999");
}

/* An argument may be a peer's: it can't begin a line that passes for ours. */
static void an_argument_is_one_line(void **state)
{
    (void)state;
    sb_fail fail = {0};
    sb_buf out;
    sb_buf_init(&out);
    sb_fail_set(&fail, SB_E_CLI_ANSWER, "x\r\nsamband: stemmen er f\u00f8rt inn\tsom nr. 8", NULL);
    sb_text_fail(&fail, SB_LANG_NB, &out);
    const char *text = sb_buf_cstr(&out);
    assert_null(strpbrk(text, "\r\n\t"));
    assert_non_null(strstr(text, "x  samband: stemmen er f\u00f8rt inn som nr. 8"));
    sb_buf_deinit(&out);
}

static void renders_messages(void **state)
{
    (void)state;
    EXPECT(
        sb_text_format(&out, SB_LANG_NB, SB_MSG_PRESENT_OF_NEEDED, "bruker", "1", "2", "1", NULL),
        "bruker: 1 til stede av 2, 1 kreves");
    EXPECT(sb_text_format(&out, SB_LANG_EN, SB_MSG_CLAUSE, "4", NULL), "clause 4");
    EXPECT(sb_text_format(&out, SB_LANG_EN, SB_MSG_CLAUSE, NULL), "clause ?");
    assert_string_equal(sb_text(SB_MSG_NOT_CONFIRMED, SB_LANG_NB), "ikke bekreftet");
    assert_string_equal(sb_text_word(SB_TEXT_OUTCOME, 3, SB_LANG_NB), "ikke konsensus");
}

static void writes_dates_and_times(void **state)
{
    (void)state;
    EXPECT(sb_text_date(&out, SB_LANG_NB, 2022, 1, 20), "20. januar 2022");
    EXPECT(sb_text_date(&out, SB_LANG_EN, 2022, 1, 20), "20 January 2022");
    EXPECT(sb_text_date(&out, SB_LANG_NB, 2021, 12, 2), "2. desember 2021");
    EXPECT(sb_text_date_short(&out, SB_LANG_NB, 2021, 12, 2), "02.12.2021");
    EXPECT(sb_text_date_short(&out, SB_LANG_EN, 2021, 12, 2), "2021-12-02");
    EXPECT(sb_text_wire_date(&out, SB_LANG_NB, 20220222), "22. februar 2022");
    EXPECT(sb_text_wire_date_short(&out, SB_LANG_NB, 20220222), "22.02.2022");
    EXPECT(sb_text_date(&out, SB_LANG_NB, 2022, 2, 29), "?");
    EXPECT(sb_text_date(&out, SB_LANG_NB, 2022, 256 + 1, 1), "?");
    EXPECT(sb_text_wire_date(&out, SB_LANG_NB, 0), "?");
    EXPECT(sb_text_wire_date_short(&out, SB_LANG_NB, UINT32_MAX), "?");
    EXPECT(sb_text_clock(&out, SB_LANG_NB, 14 * 60 + 30), "kl. 14.30");
    EXPECT(sb_text_clock(&out, SB_LANG_EN, 9 * 60 + 5), "09:05");
    EXPECT(sb_text_clock(&out, SB_LANG_NB, 24 * 60 + 15), "kl. 00.15");
}

static void knows_its_languages(void **state)
{
    (void)state;
    sb_lang lang = SB_LANG_EN;
    assert_true(sb_lang_parse("nb", &lang));
    assert_int_equal(lang, SB_LANG_NB);
    assert_true(sb_lang_parse("en", &lang));
    assert_int_equal(lang, SB_LANG_EN);
    assert_true(sb_lang_parse("no", &lang));
    assert_int_equal(lang, SB_LANG_NB);
    assert_false(sb_lang_parse("", &lang));
    assert_false(sb_lang_parse("nb_NO", &lang));
}

/* "@FAMILY:value" is said in the reader's language; what only looks like it stays. */
static void arguments_that_are_words(void **state)
{
    (void)state;
    sb_buf out;
    char kind[SB_TEXT_ARG_BYTES];
    sb_fail fail = {0};
    sb_buf_init(&out);
    sb_text_arg(kind, SB_TEXT_OUTCOME, 3);
    sb_fail_set(&fail, SB_E_NOT_FOUND, kind, NULL);
    sb_text_fail(&fail, SB_LANG_NB, &out);
    assert_string_equal(sb_buf_cstr(&out), "fant ikke ikke konsensus");
    sb_buf_clear(&out);
    sb_text_arg(kind, SB_TEXT_CAPABILITY, 0x30);
    sb_fail_set(&fail, SB_E_NOT_FOUND, kind, NULL);
    sb_text_fail(&fail, SB_LANG_EN, &out);
    assert_string_equal(sb_buf_cstr(&out),
                        "the secretariat, the leader or deputy leader not found");
    static const char *const texts[] = {
        "@", "@:", "@OUTCOME", "@OUTCOME:", "@OUTCOME:x", "@NOTHING:1", "@OUTCOME:11111111111"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char want[64];
        (void)snprintf(want, sizeof want, "%s not found", texts[i]);
        sb_buf_clear(&out);
        sb_fail_set(&fail, SB_E_NOT_FOUND, texts[i], NULL);
        sb_text_fail(&fail, SB_LANG_EN, &out);
        assert_string_equal(sb_buf_cstr(&out), want);
    }
    sb_buf_deinit(&out);
}

static void lists_have_a_last_word(void **state)
{
    (void)state;
    static const char *const items[] = {"a", "b", "c"};
    static const char *const nb[] = {"", "a", "a og b", "a, b og c"};
    sb_buf out;
    sb_buf_init(&out);
    for (size_t count = 0; count <= 3; count++) {
        sb_buf_clear(&out);
        sb_text_list(&out, SB_LANG_NB, items, count);
        assert_string_equal(sb_buf_cstr(&out), nb[count]);
    }
    sb_buf_clear(&out);
    sb_text_list(&out, SB_LANG_EN, items, 3);
    assert_string_equal(sb_buf_cstr(&out), "a, b and c");
    sb_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_that_are_words),
        cmocka_unit_test(every_error_has_both_texts),
        cmocka_unit_test(error_numbers_are_unique),
        cmocka_unit_test(every_message_has_both_texts),
        cmocka_unit_test(every_word_goes_there_and_back),
        cmocka_unit_test(renders_refusals),
        cmocka_unit_test(an_argument_is_one_line),
        cmocka_unit_test(renders_messages),
        cmocka_unit_test(writes_dates_and_times),
        cmocka_unit_test(knows_its_languages),
        cmocka_unit_test(lists_have_a_last_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
