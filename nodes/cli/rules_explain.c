#include "nodes/cli/rules_explain.h"

#include "nodes/cli/assumed.h"
#include "proto/rules/analyse.h"
#include "proto/text/text.h"

typedef struct telling {
    sb_cli *cli;
    const sb_rule *rule;
    const sb_rule_shape *shape;
    sb_analyse_seats all;
} telling;

static const char *group_name(const telling *t, uint32_t g)
{
    if (g == t->shape->partner_count)
        return sb_cli_either(t->cli, "uten partner", "of no partner");
    const sb_rule_group *p = &t->shape->partners[g];
    return sb_arena_str(&t->cli->arena, p->name.len > 0 ? p->name : p->id);
}

/* In the answer a partner is its id; null are the seats of no partner. */
static void put_group(const telling *t, uint32_t g)
{
    sb_json *j = &t->cli->json;
    sb_json_key(j, "partner");
    if (g == t->shape->partner_count)
        sb_json_null(j);
    else
        sb_json_str(j, t->shape->partners[g].id);
}

/* "UNN 4, kommunene 4"; groups without any are left out. */
static const char *seats_text(const telling *t, const sb_analyse_seats *seats)
{
    const char *text = "";
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        if (seats->of[g] > 0)
            text = sb_arena_printf(&t->cli->arena, "%s%s%s %u", text, text[0] != '\0' ? ", " : "",
                                   group_name(t, g), seats->of[g]);
    return text[0] != '\0' ? text : sb_cli_either(t->cli, "ingen", "nobody");
}

static void put_seats(const telling *t, const sb_analyse_seats *seats)
{
    sb_json *j = &t->cli->json;
    sb_json_array(j);
    for (uint32_t g = 0; g <= t->shape->partner_count; g++) {
        if (seats->of[g] == 0)
            continue;
        sb_json_object(j);
        put_group(t, g);
        sb_json_key(j, "seats");
        sb_json_u64(j, seats->of[g]);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* ---- smallest choices ---- */

static void say_minimal(const telling *t, sb_analyse_side side, const char *label, const char *key)
{
    enum { SHOWN = 5 };
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    sb_analyse_minimal m;
    sb_analyse_minimal_choices(t->rule, t->shape, &t->all, side, &m);
    sb_json_key(j, key);
    if (!m.is_exact) {
        sb_json_null(j);
        sb_cli_say(cli, "    %s: %s", label,
                   sb_cli_either(cli, "organet eller regelen er for stor til å regne det ut",
                                 "the body or the rule is too large to work it out"));
        return;
    }
    sb_json_object(j);
    sb_json_key(j, "kinds");
    sb_json_cstr(j, sb_arena_printf(&cli->arena, "%llu", (unsigned long long)m.kinds));
    sb_json_key(j, "sets");
    sb_json_cstr(j, sb_arena_printf(&cli->arena, "%llu", (unsigned long long)m.sets));
    sb_json_key(j, "first");
    sb_json_array(j);
    for (uint32_t i = 0; i < m.list_count; i++)
        put_seats(t, &m.list[i]);
    sb_json_end_array(j);
    sb_json_end_object(j);
    sb_cli_say(cli, "    %s%s", label,
               m.kinds == 0 ? sb_cli_either(cli, ": ingen", ": none") : ":");
    for (uint32_t i = 0; i < m.list_count && i < SHOWN; i++)
        sb_cli_say(cli, "      %s", seats_text(t, &m.list[i]));
    if (m.kinds > SHOWN)
        sb_cli_say(cli,
                   sb_cli_either(cli, "      … og %llu fordelinger til", "      … and %llu more"),
                   (unsigned long long)(m.kinds - SHOWN));
}

/* ---- who can block alone ---- */

static void say_block(const telling *t, uint32_t g, const sb_analyse_block *b)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    uint32_t seats = t->all.of[g];
    sb_json_object(j);
    put_group(t, g);
    sb_json_key(j, "seats");
    sb_json_u64(j, seats);
    sb_json_key(j, "least");
    if (b->least > 0)
        sb_json_u64(j, b->least);
    else
        sb_json_null(j);
    sb_json_key(j, "single");
    sb_json_bool(j, b->least == 1);
    sb_json_key(j, "whole");
    sb_json_bool(j, b->whole);
    sb_json_end_object(j);
    if (b->least == 0)
        sb_cli_say(cli, "      %s: %s", group_name(t, g),
                   sb_cli_either(cli, "kan ikke, heller ikke alle samlet",
                                 "can't, not even all of them together"));
    else if (b->least == 1)
        sb_cli_say(cli, "      %s: %s", group_name(t, g),
                   sb_cli_either(cli, "én plass er nok", "one seat is enough"));
    else
        sb_cli_say(cli,
                   sb_cli_either(cli, "      %s: %u av %u plasser", "      %s: %u of %u seats"),
                   group_name(t, g), b->least, seats);
}

static void say_blocks(const telling *t)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    bool quorum = t->rule->kind == SB_RULE_QUORUM;
    sb_analyse_blocks blocks;
    sb_analyse_block_alone(t->rule, t->shape, &t->all, &blocks);
    sb_cli_say(
        cli, "    %s",
        quorum ? sb_cli_either(cli, "Hvem kan hindre det alene, ved å utebli:",
                               "Who can prevent it alone, by staying away:")
               : sb_cli_either(cli, "Hvem kan hindre det alene, ved å stemme mot når alle møter:",
                               "Who can block it alone, by voting against when all are present:"));
    sb_json_key(j, "block_alone");
    sb_json_array(j);
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        if (t->all.of[g] > 0)
            say_block(t, g, &blocks.of[g]);
    sb_json_end_array(j);
}

/* How few of a group can block when some of it don't come: "4 møter: 2, 3 møter: 2". */
static void say_presence(const telling *t, uint32_t g)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    const char *text = "";
    for (uint32_t p = t->all.of[g]; p > 0; p--) {
        sb_analyse_seats present = t->all;
        sb_analyse_blocks blocks;
        present.of[g] = p;
        sb_analyse_block_alone(t->rule, t->shape, &present, &blocks);
        uint32_t least = blocks.of[g].least;
        sb_json_object(j);
        put_group(t, g);
        sb_json_key(j, "present");
        sb_json_u64(j, p);
        sb_json_key(j, "can_pass");
        sb_json_bool(j, blocks.can_hold);
        sb_json_key(j, "least");
        if (least > 0)
            sb_json_u64(j, least);
        else
            sb_json_null(j);
        sb_json_end_object(j);
        const char *what = !blocks.can_hold ? sb_cli_either(cli, "ikke vedtak", "no decision")
                           : least == 0     ? sb_cli_either(cli, "ingen", "none")
                                            : sb_arena_printf(&cli->arena, "%u", least);
        text =
            sb_arena_printf(&cli->arena, "%s%s%u→%s", text, text[0] != '\0' ? ", " : "", p, what);
    }
    sb_cli_say(cli, "      %s: %s", group_name(t, g), text);
}

static void say_by_presence(const telling *t)
{
    sb_cli *cli = t->cli;
    uint32_t seats = 0;
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        seats += t->all.of[g];
    if (!sb_analyse_counts_presence(t->rule) || seats > SB_ANALYSE_SEATS_MAX)
        return;
    sb_cli_say(cli, "    %s",
               sb_cli_either(cli,
                             "Når noen av dem uteblir (til stede→så mange kan hindre det alene):",
                             "When some of them stay away (present→so many can block it alone):"));
    sb_json_key(&cli->json, "block_alone_by_presence");
    sb_json_array(&cli->json);
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        if (t->all.of[g] > 0)
            say_presence(t, g);
    sb_json_end_array(&cli->json);
}

/* ---- one rule ---- */

/* What a tie does, and the checker's warnings. */
static void say_findings(const telling *t)
{
    sb_rule_report report;
    sb_buf words;
    sb_buf_init(&words);
    sb_rule_check(&t->cli->arena, t->rule, t->shape, &report);
    for (uint32_t i = 0; i < report.count; i++) {
        sb_buf_clear(&words);
        sb_text_fail(&report.findings[i].fail, t->cli->lang, &words);
        sb_cli_say(t->cli, "    %s: %s", sb_cli_either(t->cli, "Merk", "Note"),
                   sb_buf_cstr(&words));
    }
    sb_buf_deinit(&words);
}

static void say_rule(sb_cli *cli, const sb_rule_shape *shape, const char *key, const char *label,
                     const Sb__Rule *given)
{
    sb_json *j = &cli->json;
    sb_rule rule;
    telling t = {.cli = cli, .rule = &rule, .shape = shape};
    sb_json_key(j, key);
    if (given == NULL || given->text[0] == '\0' ||
        sb_rule_parse(&cli->arena, sb_slice_str(given->text), &rule, NULL) != SB_OK) {
        sb_cli_say(cli, "  %s: %s", label, sb_text(SB_MSG_NO_RULE, cli->lang));
        sb_json_null(j);
        return;
    }
    sb_buf words;
    sb_buf_init(&words);
    sb_analyse_all(shape, &t.all);
    sb_rule_explain(&rule, shape, cli->lang == SB_LANG_EN ? SB_RULE_EN : SB_RULE_NB, &words);
    sb_cli_say(cli, "  %s%s%s%s: %s", label, given->cite[0] != '\0' ? " (" : "", given->cite,
               given->cite[0] != '\0' ? ")" : "", sb_buf_cstr(&words));
    sb_json_object(j);
    sb_json_key(j, "rule");
    sb_json_cstr(j, given->text);
    sb_json_key(j, "cite");
    sb_json_cstr(j, given->cite);
    sb_json_key(j, "meaning");
    sb_json_str(j, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    bool quorum = rule.kind == SB_RULE_QUORUM;
    say_minimal(&t, SB_ANALYSE_WINNING,
                quorum ? sb_cli_either(cli, "Så få er nok til å møte", "So few are enough to come")
                       : sb_cli_either(cli, "Så få er nok når alle møter og resten stemmer mot",
                                       "So few are enough when all come and the rest vote against"),
                "winning");
    say_blocks(&t);
    say_minimal(&t, SB_ANALYSE_BLOCKING,
                sb_cli_either(cli, "Så få kan hindre det, alene eller sammen",
                              "So few can block it, alone or together"),
                "blocking");
    say_by_presence(&t);
    say_findings(&t);
    sb_json_end_object(j);
}

static void say_body(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body)
{
    sb_json *j = &cli->json;
    sb_rule_shape shape;
    uint32_t assumed = 0;
    sb_charter_shape(charter, body, &cli->arena, &shape);
    telling t = {.cli = cli, .shape = &shape};
    sb_analyse_all(&shape, &t.all);
    sb_cli_say(cli, sb_cli_either(cli, "%s – plasser med stemmerett: %s", "%s – voting seats: %s"),
               body->name, seats_text(&t, &t.all));
    sb_json_object(j);
    sb_json_key(j, "body");
    sb_json_cstr(j, body->id);
    sb_json_key(j, "seats");
    put_seats(&t, &t.all);
    say_rule(cli, &shape, "quorum", sb_cli_either(cli, "Beslutningsdyktig", "Quorum"),
             body->quorum);
    say_rule(cli, &shape, "pass", sb_cli_either(cli, "Vedtak", "Decision"), body->pass);
    sb_cli_say(cli, "  %s",
               sb_cli_either(cli, "Ellers sier vedtektene:", "What the bylaws say besides:"));
    sb_json_key(j, "says");
    sb_json_array(j);
    sb_cli_say_sections(cli, charter, body);
    sb_json_end_array(j);
    sb_cli_say(cli, "  %s",
               sb_cli_either(cli, "Dette lar vedtektene stå åpent, og slik er det lest:",
                             "What the bylaws leave open, and how it is read:"));
    sb_json_key(j, "assumptions");
    sb_json_array(j);
    sb_cli_say_assumed(cli, body, &assumed);
    sb_json_end_array(j);
    if (assumed == 0)
        sb_cli_say(cli, "  %s", sb_text(SB_MSG_NONE, cli->lang));
    sb_json_end_object(j);
    sb_cli_say(cli, "%s", "");
}

void sb_rules_explain(sb_cli *cli, const Sb__Charter *charter)
{
    sb_json_key(&cli->json, "bodies");
    sb_json_array(&cli->json);
    for (size_t i = 0; i < charter->n_bodies; i++)
        say_body(cli, charter, charter->bodies[i]);
    sb_json_end_array(&cli->json);
}
