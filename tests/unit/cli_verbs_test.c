/* The table of verbs: complete, in both languages, and every entry type has one. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "nodes/host/file.h"

static bool has_verb(sb_entry_type type)
{
    size_t count;
    const sb_verb *verbs = sb_cli_verbs(&count);
    for (size_t i = 0; i < count; i++)
        for (int t = 0; t < SB_VERB_TYPES_MAX; t++)
            if (verbs[i].types[t] == type)
                return true;
    return false;
}

static void test_every_entry_type_has_a_verb(void **state)
{
    (void)state;
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    if (has_verb(SB_ENTRY_##NAME) == sb_entry_type_is_system(SB_ENTRY_##NAME))                     \
        fail_msg("%s: %s", #NAME,                                                                  \
                 has_verb(SB_ENTRY_##NAME) ? "a system entry has a verb" : "no verb");
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
}

static void test_rows_are_complete(void **state)
{
    (void)state;
    size_t count;
    const sb_verb *verbs = sb_cli_verbs(&count);
    for (size_t i = 0; i < count; i++) {
        const sb_verb *v = &verbs[i];
        assert_true(v->help_nb[0] != '\0' && v->help_en[0] != '\0');
        assert_non_null(v->spec->run);
        assert_int_equal(v->done_nb[0] == '\0', v->done_en[0] == '\0');
        if (v->types[0] != 0)
            assert_true(v->done_nb[0] != '\0');
        for (size_t k = 0; k < i; k++) {
            if (strcmp(verbs[k].noun, v->noun) != 0 || v->verb == NULL)
                continue;
            assert_string_equal(verbs[k].noun_nb, v->noun_nb);
            assert_string_not_equal(verbs[k].verb, v->verb);
            assert_string_not_equal(verbs[k].verb_nb, v->verb_nb);
        }
    }
}

static void test_options_have_both_languages(void **state)
{
    (void)state;
    size_t count;
    const sb_verb *verbs = sb_cli_verbs(&count);
    for (size_t i = 0; i < count; i++)
        for (const sb_arg_option *o = verbs[i].spec->options; o != NULL && o->name != NULL; o++)
            if (o->nb == NULL || o->en == NULL || o->nb[0] == '\0' || o->en[0] == '\0')
                fail_msg("%s %s --%s", verbs[i].noun, verbs[i].verb, o->name);
}

static void test_norwegian_names(void **state)
{
    (void)state;
    size_t count;
    sb_arena arena;
    const sb_verb *verbs = sb_cli_verbs(&count);
    sb_arena_init(&arena);
    for (size_t i = 0; i < count; i++) {
        const sb_verb *v = &verbs[i];
        const char *argv[] = {"samband", "--home", "sak", "--json", v->noun_nb, v->verb_nb, "møte"};
        int argc = v->verb == NULL ? 5 : 7;
        char **out = sb_cli_unalias(argc, argv, &arena);
        assert_string_equal(out[2], "sak"); /* a value, not a noun */
        assert_string_equal(out[4], v->noun);
        if (v->verb != NULL) {
            assert_string_equal(out[5], v->verb);
            assert_string_equal(out[6], "møte"); /* a positional */
        }
    }
    sb_arena_deinit(&arena);
}

/* ---- through sb_cli_run ---- */

static int run(sb_cli_io *io, const char *const *words)
{
    const char *argv[32] = {"samband"};
    int argc = 1;
    while (words[argc - 1] != NULL) {
        argv[argc] = words[argc - 1];
        argc++;
    }
    io->ignore_environment = true;
    return sb_cli_run(argc, argv, io);
}
#define RUN(io, ...) run(io, (const char *const[]){__VA_ARGS__, NULL})

static void test_help_of_each_in_both_languages(void **state)
{
    (void)state;
    size_t count;
    sb_cli_io io;
    const sb_verb *verbs = sb_cli_verbs(&count);
    sb_cli_io_init(&io);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(RUN(&io, verbs[i].noun, "--lang=en", "--help"), 0);
        if (verbs[i].verb == NULL)
            continue;
        assert_int_equal(RUN(&io, verbs[i].noun, verbs[i].verb, "--help"), 0);
        assert_non_null(strstr(sb_buf_cstr(&io.out), verbs[i].help_nb));
        assert_int_equal(RUN(&io, verbs[i].noun, verbs[i].verb, "--help", "--lang=en"), 0);
        assert_non_null(strstr(sb_buf_cstr(&io.out), verbs[i].help_en));
        assert_int_equal(io.err.len, 0);
    }
    sb_cli_io_deinit(&io);
}

static void test_what_is_not_understood(void **state)
{
    (void)state;
    sb_cli_io io;
    sb_cli_io_init(&io);
    assert_int_equal(RUN(&io, "sakk", "meld"), 2);
    assert_int_equal(io.fail.code, SB_E_ARG_COMMAND);
    assert_int_equal(RUN(&io, "case", "meldt"), 2);
    assert_int_equal(RUN(&io, "case", "report"), 2);
    assert_int_equal(io.fail.code, SB_E_ARG_OPTION_MISSING);
    assert_int_equal(RUN(&io, "case", "show"), 2);
    assert_int_equal(io.fail.code, SB_E_ARG_POSITION_MISSING);
    assert_int_equal(RUN(&io, "case", "show", "04/22", "05/22"), 2);
    assert_int_equal(RUN(&io, "case", "list", "--farge", "rød"), 2);
    assert_non_null(strstr(sb_buf_cstr(&io.err), "samband: "));
    assert_int_equal(io.out.len, 0);
    assert_int_equal(io.json.len, 0);
    assert_int_equal(RUN(&io, "case", "list"), 2); /* no node named */
    assert_int_equal(io.fail.code, SB_E_CLI_NO_NODE);
    assert_int_equal(RUN(&io, "case", "list", "--node", "/nowhere/run/node.sock"), 4);
    assert_int_equal(io.fail.code, SB_E_CLI_NODE_SILENT);
    assert_int_equal(RUN(&io, "case", "list", "--lang", "tysk"), 2);
    assert_int_equal(RUN(&io, "case", "list", "--json", "--lang=en"), 2);
    assert_non_null(strstr(sb_buf_cstr(&io.out), "{\"error\":\"SB_E_CLI_NO_NODE\",\"args\":[],"));
    assert_int_equal(io.json.len, 0);
    sb_cli_io_deinit(&io);
}

static void test_help_speaks_plainly(void **state)
{
    (void)state;
    static const char *const never[] = {"hash",    "Merkle",     "SHA",
                                        "Ed25519", "kryptograf", "signature"};
    sb_cli_io io;
    size_t count;
    const sb_verb *verbs = sb_cli_verbs(&count);
    sb_cli_io_init(&io);
    for (size_t i = 0; i < count; i++) {
        if (verbs[i].verb == NULL)
            continue;
        assert_int_equal(RUN(&io, verbs[i].noun, verbs[i].verb, "--help"), 0);
        for (size_t k = 0; k < sizeof never / sizeof never[0]; k++)
            if (strstr(sb_buf_cstr(&io.out), never[k]) != NULL)
                fail_msg("«%s» in the help of %s %s", never[k], verbs[i].noun, verbs[i].verb);
    }
    sb_cli_io_deinit(&io);
}

static void test_manual_page_is_the_one_checked_in(void **state)
{
    (void)state;
    sb_cli_io io;
    sb_buf file;
    sb_fail fail;
    sb_cli_io_init(&io);
    sb_buf_init(&file);
    assert_int_equal(sb_file_read("deploy/man/samband.1", 1 << 20, &file, &fail), SB_OK);
    assert_int_equal(RUN(&io, "help", "man"), 0);
    if (!sb_slice_eq(sb_buf_slice(&file), sb_buf_slice(&io.out)))
        fail_msg("deploy/man/samband.1 is old; make it anew: samband help man > "
                 "deploy/man/samband.1");
    sb_buf_deinit(&file);
    sb_cli_io_deinit(&io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_entry_type_has_a_verb),
        cmocka_unit_test(test_rows_are_complete),
        cmocka_unit_test(test_options_have_both_languages),
        cmocka_unit_test(test_norwegian_names),
        cmocka_unit_test(test_help_of_each_in_both_languages),
        cmocka_unit_test(test_what_is_not_understood),
        cmocka_unit_test(test_help_speaks_plainly),
        cmocka_unit_test(test_manual_page_is_the_one_checked_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
