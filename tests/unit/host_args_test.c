#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/host/args.h"

static int run_nothing(void *ctx, const sb_args *args)
{
    (void)ctx, (void)args;
    return 0;
}

static const sb_arg_position FILE_ONLY[] = {{.name = "FILE"}, {0}};
static const sb_arg_position SCRIPT_AND_DIRS[] = {
    {.name = "SCRIPT"}, {.name = "DIR", .is_optional = true, .may_repeat = true}, {0}};
static const sb_arg_option KEY_OPTIONS[] = {
    {.name = "role", .value = "ROLE", .nb = "nøkkelens rolle", .en = "role", .is_required = true},
    {.name = "passphrase-file", .value = "FILE", .nb = "les passfrasen herfra", .en = "read it"},
    {.name = "force", .nb = "uten å spørre", .en = "without asking"},
    {.name = "tag", .value = "WORD", .nb = "merke", .en = "tag", .may_repeat = true},
    {.name = "count", .value = "N", .nb = "antall", .en = "count"},
    {0}};
static const sb_arg_option HOME_OPTION[] = {
    {.name = "home", .value = "DIR", .nb = "katalogen", .en = "the directory"}, {0}};
static const sb_command COMMANDS[] = {
    {"key", "new", "lag en nøkkel", "make a key", FILE_ONLY, KEY_OPTIONS, run_nothing, NULL, NULL},
    {"key", "show", "vis en nøkkel", "show a key", FILE_ONLY, NULL, run_nothing, NULL, NULL},
    {"node", "status", "vis nodens tilstand", "show the node", NULL, NULL, run_nothing, NULL, NULL},
    {"rehearse", NULL, "øv på et møte", "rehearse", SCRIPT_AND_DIRS, NULL, run_nothing, NULL, NULL},
    {0}};
static const sb_program PROGRAM = {"samband", "kommandolinjen", "the command line", COMMANDS,
                                   HOME_OPTION};

static const sb_command DAEMON_COMMANDS[] = {
    {NULL, NULL, "kjør noden", "run the node", FILE_ONLY, KEY_OPTIONS + 1, run_nothing, NULL, NULL},
    {0}};
static const sb_program DAEMON = {"samband-node", "noden", "the node", DAEMON_COMMANDS, NULL};

typedef struct bench {
    sb_arena arena;
    sb_args args;
    sb_fail fail;
    char *argv[64];
    char line[1024];
} bench;

static int setup(void **state)
{
    bench *b = calloc(1, sizeof *b);
    sb_arena_init(&b->arena);
    (void)unsetenv("SAMBAND_LANG");
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench *b = *state;
    sb_arena_deinit(&b->arena);
    free(b);
    return 0;
}

/* Parse a line whose words are split at spaces. */
static sb_err parse_as(bench *b, const sb_program *program, const char *line)
{
    int argc = 0;
    (void)snprintf(b->line, sizeof b->line, "%s", line);
    for (char *word = strtok(b->line, " "); word != NULL; word = strtok(NULL, " "))
        b->argv[argc++] = word;
    b->argv[argc] = NULL;
    b->fail = (sb_fail){0};
    return sb_args_parse(program, argc, b->argv, &b->arena, &b->args, &b->fail);
}

static sb_err parse(bench *b, const char *line)
{
    return parse_as(b, &PROGRAM, line);
}

#define ok(expression) assert_int_equal((expression), SB_OK)

static void refused(bench *b, const char *line, sb_err code, const char *a0, const char *a1)
{
    assert_int_equal(parse(b, line), code);
    assert_int_equal(sb_err_exit(b->fail.code), SB_EXIT_USAGE);
    assert_string_equal(b->fail.arg[0], a0);
    if (a1 != NULL)
        assert_string_equal(b->fail.arg[1], a1);
}

static void test_a_whole_command(void **state)
{
    bench *b = *state;
    uint64_t n = 0;
    ok(parse(b, "samband --home /srv key new --role=member --tag a k.key --json --tag=b --force "
                "--count 12"));
    assert_ptr_equal(b->args.command, &COMMANDS[0]);
    assert_true(b->args.wants_json);
    assert_false(b->args.wants_help || b->args.wants_version);
    assert_string_equal(sb_args_position(&b->args, 0), "k.key");
    assert_null(sb_args_position(&b->args, 1));
    assert_string_equal(sb_args_value(&b->args, "role"), "member");
    assert_string_equal(sb_args_value(&b->args, "home"), "/srv");
    assert_string_equal(sb_args_nth(&b->args, "tag", 1), "b");
    assert_null(sb_args_nth(&b->args, "tag", 2));
    assert_true(sb_args_flag(&b->args, "force"));
    assert_false(sb_args_flag(&b->args, "passphrase-file"));
    assert_null(sb_args_value(&b->args, "passphrase-file"));
    assert_string_equal(sb_args_value_or(&b->args, "passphrase-file", "x"), "x");
    ok(sb_args_u64(&b->args, "count", 1, 12, 5, &n, &b->fail));
    assert_int_equal(n, 12);
    assert_int_equal(sb_args_u64(&b->args, "count", 1, 11, 5, &n, &b->fail), SB_E_ARG_NUMBER);
    assert_string_equal(b->fail.arg[2], "1–11");
    ok(parse(b, "samband key new k --role x"));
    ok(sb_args_u64(&b->args, "count", 1, 11, 5, &n, &b->fail));
    assert_int_equal(n, 5);
    ok(parse(b, "samband key new k --role x --count=1x"));
    assert_int_equal(sb_args_u64(&b->args, "count", 0, 11, 5, &n, &b->fail), SB_E_ARG_NUMBER);
}

static void test_choices(void **state)
{
    bench *b = *state;
    const char *const roles[] = {"member", "witness", NULL};
    uint32_t index = 0;
    ok(parse(b, "samband key new k --role witness"));
    ok(sb_args_choice(&b->args, "role", roles, 0, &index, &b->fail));
    assert_int_equal(index, 1);
    ok(parse(b, "samband key new k --role king"));
    assert_int_equal(sb_args_choice(&b->args, "role", roles, 0, &index, &b->fail), SB_E_ARG_CHOICE);
    assert_string_equal(b->fail.arg[2], "member, witness");
}

static void test_nouns_alone_and_daemons(void **state)
{
    bench *b = *state;
    ok(parse(b, "samband rehearse a.yaml d1 d2"));
    assert_ptr_equal(b->args.command, &COMMANDS[3]);
    assert_int_equal(b->args.position_count, 3);
    ok(parse(b, "samband rehearse -"));
    assert_string_equal(sb_args_position(&b->args, 0), "-");
    ok(parse(b, "samband rehearse -- --odd-name --json"));
    assert_string_equal(sb_args_position(&b->args, 0), "--odd-name");
    assert_string_equal(sb_args_position(&b->args, 1), "--json");
    assert_false(b->args.wants_json);
    ok(parse_as(b, &DAEMON, "samband-node dir --count 3"));
    assert_string_equal(sb_args_position(&b->args, 0), "dir");
    assert_int_equal(parse_as(b, &DAEMON, "samband-node"), SB_E_ARG_POSITION_MISSING);
    assert_string_equal(b->fail.arg[1], "samband-node FILE [--…]");
}

static void test_refusals_say_what_to_write(void **state)
{
    bench *b = *state;
    refused(b, "samband", SB_E_ARG_COMMAND_MISSING, "key, node, rehearse", NULL);
    refused(b, "samband key", SB_E_ARG_COMMAND_MISSING, "key new, show", NULL);
    refused(b, "samband kee new", SB_E_ARG_COMMAND, "kee", "key, node, rehearse");
    refused(b, "samband key neu", SB_E_ARG_COMMAND, "key neu", "new, show");
    refused(b, "samband key new k --roll x", SB_E_ARG_OPTION, "--roll", "samband key new");
    refused(b, "samband --role x key new k", SB_E_ARG_OPTION, "--role", "samband");
    refused(b, "samband key new k -r x", SB_E_ARG_OPTION, "-r", NULL);
    refused(b, "samband key new k --role", SB_E_ARG_VALUE_MISSING, "role", "ROLE");
    refused(b, "samband key new k --role --force", SB_E_ARG_VALUE_MISSING, "role", "ROLE");
    refused(b, "samband key new k --role a --force=yes", SB_E_ARG_VALUE_UNWANTED, "force", NULL);
    refused(b, "samband key new k --role a --role b", SB_E_ARG_REPEATED, "role", NULL);
    refused(b, "samband key new k", SB_E_ARG_OPTION_MISSING, "role", "ROLE");
    assert_string_equal(b->fail.arg[2], "nøkkelens rolle"); /* what it is for, as help says it */
    refused(b, "samband key new --role a", SB_E_ARG_POSITION_MISSING, "FILE",
            "samband key new FILE --role ROLE [--…]");
    refused(b, "samband key new --role a k more", SB_E_ARG_POSITION_EXTRA, "more",
            "samband key new FILE --role ROLE [--…]");
    refused(b, "samband node status x", SB_E_ARG_POSITION_EXTRA, "x", "samband node status [--…]");
    refused(b, "samband node status --lang fr", SB_E_ARG_CHOICE, "lang", "fr");
}

static void test_language(void **state)
{
    bench *b = *state;
    ok(parse(b, "samband node status"));
    assert_int_equal(b->args.lang, SB_LANG_NB);
    ok(parse(b, "samband node status --lang en"));
    assert_int_equal(b->args.lang, SB_LANG_EN);
    (void)setenv("SAMBAND_LANG", "en", 1);
    ok(parse(b, "samband node status"));
    assert_int_equal(b->args.lang, SB_LANG_EN);
    ok(parse(b, "samband node status --lang=nb"));
    assert_int_equal(b->args.lang, SB_LANG_NB);
    (void)unsetenv("SAMBAND_LANG");
    assert_int_equal(parse(b, "samband nood --lang en"), SB_E_ARG_COMMAND);
    assert_int_equal(b->args.lang, SB_LANG_EN); /* the refusal speaks it too */
}

static void expect_help(bench *b, const char *line, const char *expected)
{
    sb_buf help;
    sb_buf_init(&help);
    ok(parse(b, line));
    assert_true(b->args.wants_help);
    sb_args_help(&b->args, &help);
    assert_string_equal(sb_buf_cstr(&help), expected);
    sb_buf_deinit(&help);
}

static void test_help(void **state)
{
    bench *b = *state;
    expect_help(b, "samband key new --help",
                "Bruk: samband key new FILE --role ROLE [--…]\n"
                "\n"
                "lag en nøkkel\n"
                "\n"
                "Valg:\n"
                "  --role ROLE             nøkkelens rolle (må være med)\n"
                "  --passphrase-file FILE  les passfrasen herfra\n"
                "  --force                 uten å spørre\n"
                "  --tag WORD              merke (kan gjentas)\n"
                "  --count N               antall\n"
                "\n"
                "Felles valg:\n"
                "  --home DIR              katalogen\n"
                "  --help                  vis denne hjelpen\n"
                "  --version               vis programmets versjon\n"
                "  --json                  svar som JSON\n"
                "  --lang nb|en            språk: bokmål eller engelsk\n");
    expect_help(b, "samband --lang en key --help",
                "Usage: samband COMMAND [--…]\n"
                "\n"
                "the command line\n"
                "\n"
                "Commands:\n"
                "  key new FILE   make a key\n"
                "  key show FILE  show a key\n"
                "\n"
                "Common options:\n"
                "  --home DIR    the directory\n"
                "  --help        show this help\n"
                "  --version     show the program's version\n"
                "  --json        answer as JSON\n"
                "  --lang nb|en  language\n"
                "\n"
                "\"samband … --help\" shows the help of a command.\n");
}

/* Tables are written with the Norwegian names of values; English help and errors have others. */
static void test_names_of_values(void **state)
{
    static const sb_arg_position positions[] = {
        {.name = "KATALOG"}, {.name = "PAKKE", .is_optional = true}, {.name = NULL}};
    static const sb_arg_option options[] = {
        {.name = "clock-file", .value = "FIL", .nb = "klokken", .en = "the clock"},
        {.name = "head", .value = "STØRRELSE:ROT", .nb = "hodet", .en = "the head"},
        {.name = NULL}};
    static const sb_command commands[] = {
        {.nb = "kjør", .en = "run", .positions = positions, .options = options}, {.nb = NULL}};
    static const sb_program program = {"samband-node", "noden", "the node", commands, NULL};
    bench *b = *state;
    sb_buf help;
    sb_buf_init(&help);
    ok(parse_as(b, &program, "samband-node --lang en --help"));
    sb_args_help(&b->args, &help);
    const char *text = sb_buf_cstr(&help);
    assert_non_null(strstr(text, "samband-node DIRECTORY [BUNDLE]"));
    assert_non_null(strstr(text, "--clock-file FILE"));
    assert_non_null(strstr(text, "--head SIZE:ROOT"));
    assert_null(strstr(text, "KATALOG"));
    sb_buf_clear(&help);
    ok(parse_as(b, &program, "samband-node --help"));
    sb_args_help(&b->args, &help);
    assert_non_null(strstr(sb_buf_cstr(&help), "samband-node KATALOG [PAKKE]"));
    sb_buf_deinit(&help);
    assert_int_equal(parse_as(b, &program, "samband-node --lang en"), SB_E_ARG_POSITION_MISSING);
    assert_string_equal(b->fail.arg[0], "DIRECTORY");
    assert_int_equal(parse_as(b, &program, "samband-node --lang en x --clock-file"),
                     SB_E_ARG_VALUE_MISSING);
    assert_string_equal(b->fail.arg[1], "FILE");
}

static void test_help_forgives_the_rest(void **state)
{
    bench *b = *state;
    ok(parse(b, "samband key new --nonsense -h"));
    assert_ptr_equal(b->args.command, &COMMANDS[0]);
    ok(parse(b, "samband nonsense --help"));
    assert_null(b->args.command);
    ok(parse(b, "samband --help"));
    assert_null(b->args.command);
    ok(parse(b, "samband --version"));
    assert_true(b->args.wants_version);
}

static void test_too_many_words(void **state)
{
    bench *b = *state;
    char *many[SB_ARGS_MAX + 10];
    for (int i = 0; i < SB_ARGS_MAX + 10; i++)
        many[i] = (char *)"rehearse";
    assert_int_equal(sb_args_parse(&PROGRAM, SB_ARGS_MAX + 10, many, &b->arena, &b->args, &b->fail),
                     SB_E_ARG_POSITION_EXTRA);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_a_whole_command),
        T(test_choices),
        T(test_nouns_alone_and_daemons),
        T(test_refusals_say_what_to_write),
        T(test_language),
        T(test_help),
        T(test_names_of_values),
        T(test_help_forgives_the_rest),
        T(test_too_many_words),
    };
    return cmocka_run_group_tests_name("host arguments", tests, NULL, NULL);
}
