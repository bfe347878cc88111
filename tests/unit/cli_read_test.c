/* What people type: dates, times, words, lists, keys. */
#include "tests/lib/cmocka_all.h"

#include "nodes/cli/inside.h"
#include "nodes/host/file.h"
#include "tests/lib/tmpdir.h"

typedef struct world {
    sb_cli cli;
    sb_cli_io io;
    sb_args args;
} world;

/* A command line that parses. */
static void given(world *w, const char *const *words)
{
    static char *argv[32];
    int argc = 0;
    for (argv[argc++] = (char *)(uintptr_t) "samband"; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    sb_fail fail;
    assert_int_equal(sb_args_parse(sb_cli_program(SB_LANG_NB, &w->cli.arena), argc, argv,
                                   &w->cli.arena, &w->args, &fail),
                     SB_OK);
    w->cli.args = &w->args;
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    sb_cli_io_init(&w->io);
    w->cli.io = &w->io;
    sb_arena_init(&w->cli.arena);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sb_arena_deinit(&w->cli.arena);
    sb_cli_io_deinit(&w->io);
    free(w);
    return 0;
}

/* A text of somebody's doesn't pass for lines of ours. */
static void test_quoted_lines(void **state)
{
    world *w = *state;
    sb_arena *a = &w->cli.arena;
    assert_string_equal(sb_quoted_lines(a, "Kari"), "Kari");
    assert_string_equal(sb_quoted_lines(a, "en linje\n\n"), "en linje");
    assert_string_equal(sb_quoted_lines(a, "Kari\nUtfall: vedtatt\nBekreftet av 4 av 4"),
                        "Kari\n      │ Utfall: vedtatt\n      │ Bekreftet av 4 av 4");
    assert_string_equal(sb_quoted_lines(a, ""), "");
    assert_string_equal(sb_quoted_lines(a, "\n"), "");
}

static void test_dates(void **state)
{
    world *w = *state;
    static const struct {
        const char *text;
        uint32_t date;
    } good[] = {{"2022-01-20", 20220120}, {"20.01.2022", 20220120}, {"20.1.2022", 20220120},
                {"1.1.2022", 20220101},   {"2024-02-29", 20240229}, {"2022-1-2", 20220102}};
    static const char *const bad[] = {"",           "i dag",       "20.01.22", "0022-01-20",
                                      "20/01/2022", "2022-01-20x", "20220120", "2022-01-20 12:00"};
    static const char *const none[] = {"2022-13-01", "2022-02-29", "31.04.2022", "2022-01-00",
                                       "0.1.2022"};
    static const char *const outside[] = {"1899-12-31", "01.01.2200", "9999-12-31"};
    uint32_t date = 0;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(sb_read_date(&w->cli, good[i].text, &date), SB_OK);
        assert_int_equal(date, good[i].date);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sb_read_date(&w->cli, bad[i], &date), SB_E_CLI_DATE);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_int_equal(sb_read_date(&w->cli, none[i], &date), SB_E_CLI_DATE_NONE);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        assert_int_equal(sb_read_date(&w->cli, outside[i], &date), SB_E_CLI_DATE_RANGE);
}

static void test_times(void **state)
{
    world *w = *state;
    uint32_t minute = 0;
    uint64_t ms = 0;
    assert_int_equal(sb_read_clock(&w->cli, "12:00", &minute), SB_OK);
    assert_int_equal(minute, 720);
    assert_int_equal(sb_read_clock(&w->cli, "9.05", &minute), SB_OK);
    assert_int_equal(minute, 545);
    static const char *const bad[] = {"", "12", "12:60", "kl. 12", "12:00:00", "99:00"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(sb_read_clock(&w->cli, bad[i], &minute), SB_E_CLI_TIME);
    /* Oslo: winter and summer; noon where no time is said */
    assert_int_equal(sb_read_moment(&w->cli, "2022-01-20 12:00", &ms), SB_OK);
    assert_true(ms == UINT64_C(1642676400000));
    assert_int_equal(sb_read_moment(&w->cli, "20.01.2022", &ms), SB_OK);
    assert_true(ms == UINT64_C(1642676400000));
    assert_int_equal(sb_read_moment(&w->cli, "2022-07-20T12.00", &ms), SB_OK);
    assert_true(ms == UINT64_C(1658311200000));
    assert_int_equal(sb_read_moment(&w->cli, "2022-07-20 25:00", &ms), SB_E_CLI_TIME);
    assert_int_equal(sb_yyyymmdd(UINT64_C(1642676400000)), 20220120);
    assert_int_equal(sb_yyyymmdd(UINT64_C(1642719600000)), 20220121); /* 00:00 in Oslo */
}

static void test_words_in_either_language(void **state)
{
    world *w = *state;
    static const char *const against[] = {"against", "mot", "MOT", "Against"};
    uint32_t value = 0;
    for (size_t i = 0; i < sizeof against / sizeof against[0]; i++) {
        assert_int_equal(sb_read_word(&w->cli, SB_TEXT_CHOICE, "x", against[i], &value), SB_OK);
        assert_int_equal(value, SB__CHOICE__CHOICE_AGAINST);
    }
    assert_int_equal(
        sb_read_word(&w->cli, SB_TEXT_ATTENDANCE_KIND, "x", "absent-with-notice", &value), SB_OK);
    assert_int_equal(value, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE);
    assert_int_equal(sb_read_word(&w->cli, SB_TEXT_CHOICE, "x", "kanskje", &value),
                     SB_E_ARG_CHOICE);
    assert_string_equal(w->cli.fail.arg[2], "for, mot, avstår, kandidat");
    assert_int_equal(sb_read_word(&w->cli, SB_TEXT_CHOICE, "STEMME", "kanskje", &value),
                     SB_E_CLI_WORD);
    assert_int_equal(sb_read_word(&w->cli, SB_TEXT_MODE, "mode", "kanskje", &value),
                     SB_E_ARG_CHOICE); /* a word with a blank is hard to type: its code */
    assert_non_null(strstr(w->cli.fail.arg[2], "konsensus, avstemming"));
    assert_non_null(strstr(w->cli.fail.arg[2], "note"));
    w->cli.lang = SB_LANG_EN;
    assert_int_equal(sb_read_word(&w->cli, SB_TEXT_CHOICE, "x", "kanskje", &value),
                     SB_E_ARG_CHOICE);
    assert_string_equal(w->cli.fail.arg[2], "for, against, abstain, candidate");
}

static void test_lists(void **state)
{
    world *w = *state;
    size_t count = 0;
    given(w, (const char *const[]){"task", "set", "04/22", "--responsible", "unn, kommune,",
                                   "--responsible", "bruker", NULL});
    const char **list = sb_option_list(&w->cli, "responsible", &count);
    assert_int_equal(count, 3);
    assert_string_equal(list[0], "unn");
    assert_string_equal(list[1], "kommune");
    assert_string_equal(list[2], "bruker");
    sb_option_list(&w->cli, "text", &count);
    assert_int_equal(count, 0);
}

static void test_text_is_brought_to_nfc(void **state)
{
    world *w = *state;
    char *out = NULL;
    assert_int_equal(sb_read_text(&w->cli, "  a\xcc\x8a \n", &out), SB_OK);
    assert_string_equal(out, "\xc3\xa5");
    assert_int_equal(sb_read_text(&w->cli, "\xff", &out), SB_E_NFC_UTF8);
}

static void test_either_text_or_file(void **state)
{
    world *w = *state;
    Sb__BlobRef *ref = NULL;
    given(w, (const char *const[]){"case", "withdraw", "04/22", NULL});
    assert_int_equal(sb_option_blob(&w->cli, "reason", true, &ref), SB_E_CLI_ONE_OF);
    assert_int_equal(sb_option_blob(&w->cli, "reason", false, &ref), SB_OK);
    assert_null(ref);
    given(w, (const char *const[]){"case", "withdraw", "04/22", "--reason", "a", "--reason-file",
                                   "b", NULL});
    assert_int_equal(sb_option_blob(&w->cli, "reason", false, &ref), SB_E_CLI_ONE_OF);
}

static void test_public_keys(void **state)
{
    world *w = *state;
    uint8_t pk[32];
    assert_int_equal(sb_read_pk(&w->cli, "aabb", pk), SB_E_CLI_PK);
    assert_int_equal(
        sb_read_pk(&w->cli, "AAbb00000000000000000000000000000000000000000000000000000000ccdd", pk),
        SB_OK);
    assert_int_equal(pk[0], 0xaa);
    assert_int_equal(pk[31], 0xdd);
    assert_int_equal(sb_read_pk(&w->cli, "README.md", pk) == SB_OK, false);
}

static void test_a_file_that_is_no_key(void **state)
{
    world *w = *state;
    char dir[64];
    const char *path = NULL;
    sb_keyfile_info info;
    sb_tmpdir_make(dir);
    w->cli.home = dir;
    const char *text = "Kjære alle,\n", *spoilt = "samband-key/1\nrole: member\nx\n";
    char *file = sb_arena_printf(&w->cli.arena, "%s/brev.txt", dir);
    w->cli.key = file;
    assert_int_equal(sb_file_write(file, sb_slice_str(text), SB_FILE_MODE_SECRET, NULL), SB_OK);
    assert_int_equal(sb_home_key_info(&w->cli, &path, &info), SB_E_CLI_NOT_KEYFILE);
    assert_string_equal(w->cli.fail.arg[0], file);
    /* a damaged key file is told as that */
    assert_int_equal(sb_file_write(file, sb_slice_str(spoilt), SB_FILE_MODE_SECRET, NULL), SB_OK);
    assert_int_equal(sb_home_key_info(&w->cli, &path, &info), SB_E_KEYFILE_MALFORMED);
    w->cli.key = NULL;
    assert_int_equal(sb_home_key_info(&w->cli, &path, &info), SB_E_CLI_NO_KEY);
    sb_tmpdir_drop(dir);
}

static void test_last_head_seen_is_kept(void **state)
{
    world *w = *state;
    char dir[64];
    uint8_t id[32] = {1, 2, 3};
    sb_seen_head head;
    sb_tmpdir_make(dir);
    w->cli.home = dir;
    assert_int_equal(sb_home_seen(&w->cli, id, &head), SB_OK);
    assert_int_equal(head.size, 0);
    head.size = 77;
    memset(head.root, 5, 32);
    assert_int_equal(sb_home_see(&w->cli, id, &head), SB_OK);
    memset(&head, 0, sizeof head);
    assert_int_equal(sb_home_seen(&w->cli, id, &head), SB_OK);
    assert_int_equal(head.size, 77);
    assert_int_equal(head.root[31], 5);
    id[0] = 9; /* another federation */
    assert_int_equal(sb_home_seen(&w->cli, id, &head), SB_OK);
    assert_int_equal(head.size, 0);
    sb_tmpdir_drop(dir);
}

/* A list that comes in parts ends, and is of one history. */
static void test_parts_of_a_list(void **state)
{
    (void)state;
    const struct {
        uint64_t next, history;
        sb_err err;
    } parts[] = {{5, 3, SB_OK},
                 {9, 3, SB_OK},
                 {9, 3, SB_E_CLI_ANSWER},
                 {11, 4, SB_E_CLI_LIST_CHANGED},
                 {4, 3, SB_E_CLI_ANSWER},
                 {0, 3, SB_OK},
                 {5, 4, SB_OK}};
    Sb__Query query = SB__QUERY__INIT;
    uint64_t history = 0;
    sb_fail fail;
    query.name = (char *)(uintptr_t) "cases";
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        Sb__Answer answer = SB__ANSWER__INIT;
        uint64_t from = query.from;
        answer.next = parts[i].next;
        answer.history = parts[i].history;
        assert_int_equal(sb_session_part(&query, &history, &answer, &fail), parts[i].err);
        assert_int_equal(query.from, parts[i].err == SB_OK ? parts[i].next : from);
    }
    Sb__Answer refusal = SB__ANSWER__INIT;
    char *args[] = {(char *)(uintptr_t) "04/22"};
    refusal.code = SB_E_NOT_FOUND;
    refusal.args = args;
    refusal.n_args = 1;
    assert_int_equal(sb_session_part(&query, &history, &refusal, &fail), SB_E_NOT_FOUND);
    assert_string_equal(fail.arg[0], "04/22");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_dates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quoted_lines, setup, teardown),
        cmocka_unit_test_setup_teardown(test_times, setup, teardown),
        cmocka_unit_test_setup_teardown(test_words_in_either_language, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
        cmocka_unit_test(test_parts_of_a_list),
        cmocka_unit_test_setup_teardown(test_text_is_brought_to_nfc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_either_text_or_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_public_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_file_that_is_no_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_last_head_seen_is_kept, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
