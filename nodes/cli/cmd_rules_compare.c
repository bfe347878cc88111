/* samband rules compare: the same attendance and votes under several rules, side by side. Offline. */
#include "nodes/cli/inside.h"
#include "nodes/cli/rules_input.h"
#include "nodes/cli/rules_pick.h"
#include "nodes/cli/rules_table.h"
#include "nodes/cli/rules_words.h"
#include "nodes/host/json_read.h"

static const sb_arg_option COMPARE_OPTIONS[] = {
    {.name = "input",
     .value = "FIL",
     .nb = "plasser, fremmøte og stemmer som JSON",
     .en = "seats, attendance and votes as JSON",
     .is_required = true},
    {.name = "rule",
     .value = "REGEL",
     .nb = "en regel, som «for > 1/2 av avgitt»; én kolonne for hver",
     .en = "a rule, such as \"for > 1/2 of cast\"; a column for each",
     .may_repeat = true},
    {.name = "name",
     .value = "NAVN",
     .nb = "overskriften på kolonnen, i samme rekkefølge som reglene",
     .en = "the column's heading, in the order of the rules",
     .may_repeat = true},
    {.name = "rules-of",
     .value = "FIL",
     .nb = "reglene i disse vedtektene; én kolonne for hver fil",
     .en = "the rules of this charter; a column for each file",
     .may_repeat = true},
    {.name = "body",
     .value = "ORGAN",
     .nb = "organet i vedtektene (når de har flere)",
     .en = "the body of the charter (where it has several)"},
    SB_OPTION_END};

typedef struct comparing {
    sb_tally_case votes;
    sb_column columns[SB_COLUMNS_MAX];
    const char *cites[SB_COLUMNS_MAX];
    uint32_t count;
    const sb_rule_shape *names;
} comparing;

static sb_err room_for_one(sb_cli *cli, const comparing *c)
{
    if (c->count < SB_COLUMNS_MAX)
        return SB_OK;
    return sb_fail_num(&cli->fail, SB_E_CLI_COLUMNS, 1, SB_COLUMNS_MAX, 0);
}

static sb_err add_texts(sb_cli *cli, comparing *c)
{
    sb_err err = SB_OK;
    const char *text = NULL;
    for (uint32_t i = 0; (text = sb_args_nth(cli->args, "rule", i)) != NULL && err == SB_OK; i++) {
        sb_rule *rule = SB_ARENA_NEW(&cli->arena, sb_rule);
        const char *name = sb_args_nth(cli->args, "name", i);
        err = room_for_one(cli, c);
        if (err == SB_OK)
            err = sb_rule_parse(&cli->arena, sb_slice_str(text), rule, &cli->fail);
        if (err != SB_OK)
            break;
        sb_column *column = &c->columns[c->count++];
        column->votes = &c->votes;
        column->name =
            name != NULL
                ? name
                : sb_arena_printf(&cli->arena, sb_cli_either(cli, "regel %u", "rule %u"), i + 1);
        if (rule->kind == SB_RULE_QUORUM)
            column->quorum_rule = rule;
        else
            column->pass_rule = rule;
    }
    return err;
}

static sb_err add_charters(sb_cli *cli, comparing *c)
{
    sb_err err = SB_OK;
    const char *path = NULL;
    for (uint32_t i = 0; (path = sb_args_nth(cli->args, "rules-of", i)) != NULL && err == SB_OK;
         i++) {
        sb_picked_rules picked;
        err = room_for_one(cli, c);
        if (err == SB_OK)
            err = sb_rules_pick(cli, path, sb_args_value(cli->args, "body"), &picked);
        if (err != SB_OK)
            break;
        const char *slash = strrchr(path, '/');
        sb_column *column = &c->columns[c->count++];
        column->votes = &c->votes;
        column->name = slash != NULL ? slash + 1 : path;
        column->quorum_rule = picked.quorum;
        column->pass_rule = picked.pass;
        if (c->names == NULL)
            c->names = picked.names;
    }
    return err;
}

/* "to partnere: Forslaget er vedtatt når …" */
static void say_rules(sb_cli *cli, const comparing *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        const sb_rule *rules[2] = {c->columns[i].quorum_rule, c->columns[i].pass_rule};
        for (int k = 0; k < 2; k++)
            if (rules[k] != NULL)
                sb_cli_say(cli, "%s: %s", c->columns[i].name, sb_words_rule(cli, rules[k], NULL));
    }
    sb_cli_say(cli, "%s", "");
}

static sb_err rules_compare(sb_cli *cli)
{
    comparing *c = SB_ARENA_NEW(&cli->arena, comparing);
    const sb_doc *root = NULL;
    sb_err err = add_texts(cli, c);
    if (err == SB_OK)
        err = add_charters(cli, c);
    if (err == SB_OK && c->count == 0)
        err = sb_args_missing(cli->args, "rule", &cli->fail);
    if (err == SB_OK)
        err = sb_json_read(sb_args_value(cli->args, "input"), &cli->arena, &root, &cli->fail);
    if (err == SB_OK)
        err = sb_rules_input(root, &cli->arena, &c->votes, &cli->fail);
    if (err == SB_OK)
        err = sb_columns_judge(cli, c->columns, c->count);
    if (err != SB_OK)
        return err;
    say_rules(cli, c);
    sb_columns_say(cli, c->columns, c->count, c->names);
    sb_json_key(&cli->json, "columns");
    sb_json_array(&cli->json);
    for (uint32_t i = 0; i < c->count; i++)
        sb_column_put(&cli->json, &c->columns[i]);
    sb_json_end_array(&cli->json);
    return SB_OK;
}

const sb_verb_spec sb_spec_rules_compare = {NULL, COMPARE_OPTIONS, rules_compare};
