/* samband rules: what a charter's rules come to, and a rule tried on given votes. Offline: nothing
 * is asked of a node. */
#include <stdio.h>
#include <stdlib.h>

#include "nodes/cli/charter_in_force.h"
#include "nodes/cli/inside.h"
#include "nodes/cli/rules_explain.h"
#include "nodes/cli/rules_input.h"
#include "nodes/host/file.h"
#include "nodes/host/json_read.h"
#include "proto/base/err.h"

/* ---- eval ---- */

static const sb_arg_option EVAL_OPTIONS[] = {
    {.name = "rule",
     .value = "REGEL",
     .nb = "regelen, som «for > 1/2 of cast»",
     .en = "the rule, such as \"for > 1/2 of cast\"",
     .is_required = true},
    {.name = "input",
     .value = "FIL",
     .nb = "plasser, fremmøte og stemmer som JSON; «-» leser ett objekt per linje",
     .en = "seats, attendance and votes as JSON; \"-\" reads one object a line",
     .is_required = true},
    SB_OPTION_END};

static sb_err answer(const sb_rule *rule, const char *name, sb_slice json, sb_arena *arena,
                     sb_buf *out, sb_fail *fail)
{
    const sb_doc *root = NULL;
    sb_tally_case one = {0};
    sb_err err = sb_json_parse(name, json, arena, &root, fail);
    if (err == SB_OK)
        err = sb_rules_input(root, arena, &one, fail);
    if (err == SB_OK)
        err = sb_tally_certificate(arena, rule, &one, out, NULL, fail);
    return err;
}

static sb_err eval_file(sb_cli *cli, const sb_rule *rule, const char *path)
{
    sb_buf bytes, out;
    sb_buf_init(&bytes);
    sb_buf_init(&out);
    sb_err err = sb_file_read(path, SB_DOC_BYTES_MAX, &bytes, &cli->fail);
    if (err == SB_OK)
        err = answer(rule, path, sb_buf_slice(&bytes), &cli->arena, &out, &cli->fail);
    if (err == SB_OK) {
        sb_cli_say(cli, "%s", sb_buf_cstr(&out));
        sb_cli_json_whole(cli, sb_buf_slice(&out));
    }
    sb_buf_deinit(&out);
    sb_buf_deinit(&bytes);
    return err;
}

/* A line that can't be read is answered too, so that answers and lines stay in step. */
static void put_error(sb_buf *out, const sb_fail *fail, sb_lang lang)
{
    sb_json j;
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(fail, lang, &words);
    sb_buf_clear(out);
    sb_json_begin(&j, out);
    sb_json_object(&j);
    sb_json_key(&j, "error");
    sb_json_cstr(&j, sb_err_name(fail->code));
    sb_json_key(&j, "message");
    sb_json_str(&j, sb_buf_slice(&words));
    sb_json_end_object(&j);
    sb_buf_deinit(&words);
}

static void talk(sb_cli *cli, const sb_buf *line)
{
    if (cli->io->talk != NULL) {
        cli->io->talk(cli->io->talk_arg, (const char *)line->data);
        return;
    }
    sb_buf_add(&cli->io->out, sb_buf_slice(line));
    sb_buf_str(&cli->io->out, "\n");
}

/* Line by line, each answered before the next is read: the other side may wait for it. */
static sb_err eval_lines(sb_cli *cli, const sb_rule *rule, FILE *in)
{
    char *line = NULL;
    size_t cap = 0;
    uint64_t number = 0;
    sb_err first = SB_OK;
    sb_arena arena;
    sb_buf out;
    sb_arena_init(&arena);
    sb_buf_init(&out);
    for (ssize_t len = getline(&line, &cap, in); len >= 0; len = getline(&line, &cap, in)) {
        sb_fail fail = {0};
        char name[32];
        number++;
        if (strspn(line, " \t\r\n") == (size_t)len)
            continue;
        (void)snprintf(name, sizeof name, "-:%llu", (unsigned long long)number);
        sb_buf_clear(&out);
        sb_err err = answer(rule, name, sb_slice_of(line, (size_t)len), &arena, &out, &fail);
        if (err != SB_OK)
            put_error(&out, &fail, cli->lang);
        if (err != SB_OK && first == SB_OK) {
            first = err;
            cli->fail = fail;
        }
        (void)sb_buf_cstr(&out);
        talk(cli, &out);
        sb_arena_reset(&arena);
    }
    if (ferror(in) && first == SB_OK)
        first = sb_fail_set(&cli->fail, SB_E_FILE_READ, "-", "stdin", NULL);
    sb_cli_json_whole(cli, (sb_slice){0});
    free(line);
    sb_buf_deinit(&out);
    sb_arena_deinit(&arena);
    return first;
}

static sb_err rules_eval(sb_cli *cli)
{
    const char *path = sb_args_value(cli->args, "input");
    sb_rule rule;
    sb_err err = sb_rule_parse(&cli->arena, sb_slice_str(sb_args_value(cli->args, "rule")), &rule,
                               &cli->fail);
    if (err != SB_OK)
        return err;
    if (strcmp(path, "-") == 0)
        return eval_lines(cli, &rule, stdin);
    return eval_file(cli, &rule, path);
}

const sb_verb_spec sb_spec_rules_eval = {NULL, EVAL_OPTIONS, rules_eval};

/* ---- explain ---- */

static const sb_arg_position CHARTER_POSITION[] = {{.name = "FIL", .is_optional = true},
                                                   {.name = NULL}};

static sb_err rules_explain(sb_cli *cli)
{
    const char *path = sb_args_position(cli->args, 0);
    const Sb__Charter *charter = NULL;
    const sb_charter_options options = {.lang = cli->lang};
    sb_err err = path != NULL
                     ? sb_charter_read(path, &options, &cli->arena, &charter, NULL, &cli->fail)
                 : cli->node != NULL ? sb_charter_in_force(cli, &charter)
                                     : sb_charter_founding(cli, &charter);
    if (err != SB_OK)
        return err;
    sb_rules_explain(cli, charter);
    return SB_OK;
}

const sb_verb_spec sb_spec_rules_explain = {CHARTER_POSITION, NULL, rules_explain};
