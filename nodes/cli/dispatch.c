/* From a command line to one row of verbs.def, and from its result to words, JSON and exit code. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "nodes/host/nfc.h"
#include "proto/base/hash.h"
#include "proto/calendar/oslo.h"

/* ---- saying things ---- */

const char *sb_cli_either(const sb_cli *cli, const char *nb, const char *en)
{
    return cli->lang == SB_LANG_EN ? en : nb;
}

const char *sb_word_of(const sb_cli *cli, const char *const words[][3], const char *code)
{
    for (size_t i = 0; words[i][0] != NULL; i++)
        if (strcmp(words[i][0], code) == 0)
            return sb_cli_either(cli, words[i][1], words[i][2]);
    return code;
}

void sb_cli_say(sb_cli *cli, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    if (n > 0) {
        char *line = sb_arena_alloc(&cli->arena, (size_t)n + 1);
        (void)vsnprintf(line, (size_t)n + 1, format, again);
        sb_buf_str(&cli->io->out, line);
    }
    va_end(again);
    va_end(args);
    sb_buf_str(&cli->io->out, "\n");
}

void sb_cli_say_msg(sb_cli *cli, sb_msg msg, ...)
{
    const char *a[8] = {NULL};
    va_list args;
    va_start(args, msg);
    for (int i = 0; i < 8; i++) {
        a[i] = va_arg(args, const char *);
        if (a[i] == NULL)
            break;
    }
    va_end(args);
    sb_text_format(&cli->io->out, cli->lang, msg, a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
                   NULL);
    sb_buf_str(&cli->io->out, "\n");
}

/* The end of the cell at `at`. */
static size_t cell_end(sb_slice text, size_t at)
{
    while (at < text.len && text.data[at] != '\t' && text.data[at] != '\n')
        at++;
    return at;
}

static void end_line(sb_buf *out)
{
    while (out->len > 0 && out->data[out->len - 1] == ' ')
        out->len--;
    sb_buf_str(out, "\n");
}

void sb_cli_say_table(sb_cli *cli, const sb_buf *lines)
{
    enum { COLUMNS_MAX = 12 };
    size_t widths[COLUMNS_MAX] = {0};
    sb_slice text = sb_buf_slice(lines);
    for (int pass = 0; pass < 2; pass++) {
        size_t column = 0;
        for (size_t at = 0; at < text.len; at++) {
            size_t end = cell_end(text, at);
            sb_slice cell = sb_slice_of(text.data + at, end - at);
            size_t width = sb_nfc_columns(cell);
            bool last = end >= text.len || text.data[end] == '\n';
            if (pass == 0 && column < COLUMNS_MAX && width > widths[column])
                widths[column] = width;
            if (pass == 1) {
                sb_buf_add(&cli->io->out, cell);
                if (last)
                    end_line(&cli->io->out);
                else
                    sb_buf_printf(&cli->io->out, "%*s", (int)(widths[column] - width + 2), "");
            }
            column = last || column + 1 == COLUMNS_MAX ? 0 : column + 1;
            at = end;
        }
    }
}

void sb_cli_progress(sb_cli *cli, const char *format, ...)
{
    char line[512];
    if (cli->io->progress == NULL)
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(line, sizeof line, format, args);
    va_end(args);
    cli->io->progress(cli->io->progress_arg, line);
}

void sb_cli_json_whole(sb_cli *cli, sb_slice json)
{
    sb_buf_clear(&cli->io->json);
    sb_buf_add(&cli->io->json, json);
    cli->json_replaced = true;
}

const char *sb_cli_time(sb_cli *cli, uint64_t ms)
{
    char text[SB_CIVIL_TEXT_BYTES];
    if (cli->lang == SB_LANG_EN)
        sb_oslo_en((int64_t)ms, text);
    else
        sb_oslo_nb((int64_t)ms, text);
    return sb_arena_str(&cli->arena, sb_slice_str(text));
}

const char *sb_cli_date(sb_cli *cli, uint64_t yyyymmdd)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_text_wire_date(&text, cli->lang, (uint32_t)yyyymmdd);
    const char *out = sb_arena_str(&cli->arena, sb_buf_slice(&text));
    sb_buf_deinit(&text);
    return out;
}

/* ---- running ---- */

void sb_cli_io_init(sb_cli_io *io)
{
    *io = (sb_cli_io){0};
    sb_buf_init(&io->out);
    sb_buf_init(&io->err);
    sb_buf_init(&io->json);
}

void sb_cli_io_deinit(sb_cli_io *io)
{
    sb_buf_deinit(&io->out);
    sb_buf_deinit(&io->err);
    sb_buf_deinit(&io->json);
}

static const char *setting(const sb_cli *cli, const char *option, const char *variable)
{
    const char *value = sb_args_value(cli->args, option);
    if (value == NULL && !cli->io->ignore_environment)
        value = getenv(variable);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

static void settings(sb_cli *cli)
{
    cli->home = setting(cli, "home", "SAMBAND_HOME");
    cli->node = setting(cli, "node", "SAMBAND_NODE");
    cli->key = setting(cli, "key", "SAMBAND_KEY");
    cli->passphrase_file = setting(cli, "passphrase-file", "SAMBAND_PASSPHRASE_FILE");
    cli->federation = setting(cli, "federation", "SAMBAND_FEDERATION");
}

/* Replace what is in `b` by the same safe for a terminal. */
static void make_safe(sb_buf *b)
{
    sb_buf safe;
    sb_buf_init(&safe);
    sb_nfc_printable(sb_buf_slice(b), true, &safe);
    sb_buf_clear(b);
    sb_buf_add(b, sb_buf_slice(&safe));
    sb_buf_deinit(&safe);
}

static void say_failure(sb_cli_io *io, const sb_fail *fail, sb_lang lang)
{
    io->fail = *fail;
    io->exit_code = sb_err_exit(fail->code);
    sb_buf_clear(&io->json);
    sb_buf_str(&io->err, "samband: ");
    sb_text_fail(fail, lang, &io->err);
    sb_buf_str(&io->err, "\n");
    make_safe(&io->err);
}

/* With --json a failure is an object too, on standard output. */
static void add_failure_json(sb_cli_io *io, sb_lang lang)
{
    sb_json j;
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(&io->fail, lang, &words);
    sb_json_begin(&j, &io->out);
    sb_json_object(&j);
    sb_json_key(&j, "error");
    sb_json_cstr(&j, sb_err_name(io->fail.code));
    sb_json_key(&j, "args");
    sb_json_array(&j);
    for (uint32_t i = 0; i < io->fail.argc; i++)
        sb_json_cstr(&j, io->fail.arg[i]);
    sb_json_end_array(&j);
    sb_json_key(&j, "message");
    sb_json_str(&j, sb_buf_slice(&words));
    sb_json_end_object(&j);
    sb_buf_deinit(&words);
}

/* Run the verb that was parsed. */
static void run_verb(sb_cli *cli)
{
    sb_cli_io *io = cli->io;
    settings(cli);
    sb_json_begin(&cli->json, &io->json);
    sb_json_object(&cli->json);
    sb_err err = sb_sign_init(&cli->fail);
    if (err == SB_OK)
        err = cli->verb->spec->run(cli);
    if (err == SB_OK && !cli->json_replaced)
        sb_json_end_object(&cli->json);
    sb_session_close(cli->session);
    if (err != SB_OK) {
        cli->fail.code = err;
        say_failure(io, &cli->fail, cli->lang);
    }
    if (cli->args->wants_json) {
        sb_buf_clear(&io->out);
        sb_nfc_json(sb_buf_slice(&io->json), &io->out);
        if (err != SB_OK)
            add_failure_json(io, cli->lang);
        if (io->out.len > 0) /* else the verb has said it line by line */
            sb_buf_str(&io->out, "\n");
    } else {
        make_safe(&io->out);
    }
}

/* The language that the parser will find, before it runs: names of values in help are in it too. */
static sb_lang language_of(int argc, const char *const *argv, bool ignore_environment)
{
    sb_lang lang = SB_LANG_NB;
    const char *env = ignore_environment ? NULL : getenv("SAMBAND_LANG");
    if (env != NULL)
        (void)sb_lang_parse(env, &lang);
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0)
            (void)sb_lang_parse(argv[i] + 7, &lang);
        else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
            (void)sb_lang_parse(argv[i + 1], &lang);
    }
    return lang;
}

/* `samband help man` prints the manual page; it is not in the table, nor in any help. */
static bool is_man(int argc, const char *const *argv)
{
    return argc == 3 && strcmp(argv[1], "help") == 0 && strcmp(argv[2], "man") == 0;
}

int sb_cli_run(int argc, const char *const *argv, sb_cli_io *io)
{
    sb_buf_clear(&io->out);
    sb_buf_clear(&io->err);
    sb_buf_clear(&io->json);
    io->fail = (sb_fail){0};
    io->exit_code = 0;
    sb_cli cli = {.io = io};
    sb_args args;
    sb_arena_init(&cli.arena);
    char **words = sb_cli_unalias(argc, argv, &cli.arena);
    const sb_program *program =
        sb_cli_program(language_of(argc, argv, io->ignore_environment), &cli.arena);
    if (is_man(argc, argv)) {
        sb_cli_man(&io->out);
        goto out;
    }
    static char help[] = "--help"; /* what `samband help` alone means */
    if (argc == 2 && (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "hjelp") == 0))
        words[1] = help;
    sb_err err = sb_args_parse(program, argc, words, &cli.arena, &args, &cli.fail);
    cli.args = &args;
    cli.lang = args.lang;
    if (err != SB_OK) {
        say_failure(io, &cli.fail, cli.lang);
    } else if (args.wants_help) {
        sb_args_help(&args, &io->out);
    } else if (args.wants_version) {
        sb_buf_printf(&io->out, "samband %s\n", SB_VERSION);
    } else {
        cli.verb = &sb_cli_verbs(NULL)[args.command - program->commands];
        run_verb(&cli);
    }
out:
    sb_arena_deinit(&cli.arena);
    return io->exit_code;
}
