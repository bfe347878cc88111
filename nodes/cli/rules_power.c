#include "nodes/cli/rules_power.h"

#include "nodes/cli/rules_words.h"
#include "proto/rules/analyse.h"
#include "proto/rules/swing.h"
#include "proto/text/text.h"

enum { SHOWN = 5 };

typedef struct telling {
    sb_cli *cli;
    const sb_rule *rule;
    const sb_rule_shape *shape;
    sb_analyse_seats all;
    sb_analyse_blocks blocks;
} telling;

static const char *group_name(sb_cli *cli, const sb_rule_shape *shape, uint32_t g)
{
    if (g == shape->partner_count)
        return sb_cli_either(cli, "uten partner", "of no partner");
    const sb_rule_group *p = &shape->partners[g];
    return sb_arena_str(&cli->arena, p->name.len > 0 ? p->name : p->id);
}

/* In the answer a partner is its id; null are the seats of no partner. */
static void put_group(sb_cli *cli, const sb_rule_shape *shape, uint32_t g)
{
    sb_json *j = &cli->json;
    sb_json_key(j, "partner");
    if (g == shape->partner_count)
        sb_json_null(j);
    else
        sb_json_str(j, shape->partners[g].id);
}

/* "UNN 4, kommunene 4"; groups without any are left out. */
static const char *seats_text(sb_cli *cli, const sb_rule_shape *shape,
                              const sb_analyse_seats *seats)
{
    const char *text = "";
    for (uint32_t g = 0; g <= shape->partner_count; g++)
        if (seats->of[g] > 0)
            text = sb_arena_printf(&cli->arena, "%s%s%s %u", text, text[0] != '\0' ? ", " : "",
                                   group_name(cli, shape, g), seats->of[g]);
    return text[0] != '\0' ? text : sb_cli_either(cli, "ingen", "nobody");
}

static void put_seats(sb_cli *cli, const sb_rule_shape *shape, const sb_analyse_seats *seats)
{
    sb_json *j = &cli->json;
    sb_json_array(j);
    for (uint32_t g = 0; g <= shape->partner_count; g++) {
        if (seats->of[g] == 0)
            continue;
        sb_json_object(j);
        put_group(cli, shape, g);
        sb_json_key(j, "seats");
        sb_json_u64(j, seats->of[g]);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

const char *sb_power_seats(sb_cli *cli, const sb_rule_shape *shape)
{
    sb_analyse_seats all;
    sb_analyse_all(shape, &all);
    return seats_text(cli, shape, &all);
}

void sb_power_put_seats(sb_cli *cli, const sb_rule_shape *shape)
{
    sb_analyse_seats all;
    sb_analyse_all(shape, &all);
    put_seats(cli, shape, &all);
}

/* ---- smallest choices ---- */

static void put_minimal(const telling *t, const char *key, const sb_analyse_minimal *m)
{
    sb_json *j = &t->cli->json;
    sb_arena *a = &t->cli->arena;
    sb_json_key(j, key);
    if (!m->is_exact) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_json_key(j, "kinds");
    sb_json_cstr(j, sb_arena_printf(a, "%llu", (unsigned long long)m->kinds));
    sb_json_key(j, "sets");
    sb_json_cstr(j, sb_arena_printf(a, "%llu", (unsigned long long)m->sets));
    sb_json_key(j, "first");
    sb_json_array(j);
    for (uint32_t i = 0; i < m->list_count; i++)
        put_seats(t->cli, t->shape, &m->list[i]);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static bool has_scope(const sb_rule *rule)
{
    for (uint16_t i = 0; i < rule->node_count; i++)
        if (rule->nodes[i].kind == SB_NODE_EACH || rule->nodes[i].kind == SB_NODE_AT_LEAST)
            return true;
    return false;
}

/* So many of the body choose the side; without a scope it is all one who they are. */
static bool works(const telling *t, sb_analyse_side side, uint32_t number)
{
    sb_analyse_seats chosen = t->all;
    uint32_t left = number;
    for (uint32_t g = 0; g <= t->shape->partner_count; g++) {
        uint32_t here = left < t->all.of[g] ? left : t->all.of[g];
        left -= here;
        chosen.of[g] = side == SB_ANALYSE_WINNING ? here : t->all.of[g] - here;
    }
    return sb_analyse_holds(t->rule, t->shape, &t->all, &chosen) == (side == SB_ANALYSE_WINNING);
}

/* "11 av 16, uansett hvem"; NULL where the rule counts partners, or there is not one such number.
 */
static const char *any_of(const telling *t, sb_analyse_side side)
{
    uint32_t seats = 0, found = 0, least = 0;
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        seats += t->all.of[g];
    if (has_scope(t->rule))
        return NULL;
    for (uint32_t n = 0; n <= seats; n++)
        if (works(t, side, n) && (n == 0 || !works(t, side, n - 1))) {
            least = n;
            found++;
        }
    if (found != 1)
        return NULL;
    if (least == seats)
        return sb_arena_printf(&t->cli->arena, sb_cli_either(t->cli, "alle %u", "all %u"), seats);
    return sb_arena_printf(&t->cli->arena,
                           sb_cli_either(t->cli, "%u av %u, uansett hvem", "any %u of %u"), least,
                           seats);
}

static void say_minimal(const telling *t, sb_analyse_side side, const char *label,
                        const sb_analyse_minimal *m)
{
    const char *any = any_of(t, side);
    if (any != NULL) {
        sb_cli_say(t->cli, "    %s: %s", label, any);
        return;
    }
    sb_cli *cli = t->cli;
    if (!m->is_exact) {
        sb_cli_say(cli, "    %s: %s", label,
                   sb_cli_either(cli, "organet eller regelen er for stor til å regne det ut",
                                 "the body or the rule is too large to work it out"));
        return;
    }
    if (m->kinds < 2) {
        sb_cli_say(cli, "    %s: %s", label,
                   m->kinds == 0 ? sb_cli_either(cli, "det lar seg ikke gjøre", "it can't be done")
                                 : seats_text(cli, t->shape, &m->list[0]));
        return;
    }
    sb_cli_say(cli, "    %s:", label);
    for (uint32_t i = 0; i < m->list_count && i < SHOWN; i++)
        sb_cli_say(cli, "      %s%s", i > 0 ? sb_cli_either(cli, "eller ", "or ") : "",
                   seats_text(cli, t->shape, &m->list[i]));
    if (m->kinds == SHOWN + 1)
        sb_cli_say(cli, "%s",
                   sb_cli_either(cli, "      … eller én fordeling til", "      … or one more"));
    else if (m->kinds > SHOWN)
        sb_cli_say(cli,
                   sb_cli_either(cli, "      … eller %llu fordelinger til", "      … or %llu more"),
                   (unsigned long long)(m->kinds - SHOWN));
}

/* "UNN 1, kommunene 1" of a way that the search found. */
static const char *way_text(const telling *t, const sb_swing *s, const sb_find_acts *way)
{
    sb_cli *cli = t->cli;
    const char *text = "";
    for (uint32_t g = 0; g < s->group_count; g++)
        if (way[g].both.for_ > 0 && !s->groups[g].is_whole)
            text = sb_arena_printf(&cli->arena, "%s%s%s %u", text, text[0] != '\0' ? ", " : "",
                                   sb_words_group(cli, &s->groups[g]), way[g].both.for_);
    return text;
}

/* How few carry it when nobody is against: where that is fewer than against all others. */
static void say_carry(const telling *t)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    sb_swing s;
    sb_swing_carry(&cli->arena, t->rule, t->shape, &s);
    sb_json_key(j, "least_for");
    if (!s.is_exact || !s.found) {
        sb_json_null(j);
        return;
    }
    sb_json_u64(j, s.seats);
    const char *who = s.ways == 1 ? way_text(t, &s, s.list[0]) : "";
    sb_cli_say(
        cli,
        sb_cli_either(
            cli, "    Når alle møter og resten avstår, må minst så mange stemme for: %u%s%s%s",
            "    When all come and the rest abstain, at least so many must vote for: %u%s%s%s"),
        s.seats, who[0] != '\0' ? " (" : "", who, who[0] != '\0' ? ")" : "");
}

/* ---- who can block alone ---- */

static uint32_t blockers(const telling *t)
{
    uint32_t count = 0;
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        count += t->blocks.of[g].least > 0;
    return count;
}

static void say_block(const telling *t, uint32_t g)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    const sb_analyse_block *b = &t->blocks.of[g];
    const char *name = group_name(cli, t->shape, g);
    sb_json_object(j);
    put_group(cli, t->shape, g);
    sb_json_key(j, "seats");
    sb_json_u64(j, t->all.of[g]);
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
    if (blockers(t) == 0)
        return;
    if (b->least == 0)
        sb_cli_say(cli, "      %s: %s", name,
                   sb_cli_either(cli, "kan ikke, heller ikke alle samlet",
                                 "can't, not even all of them together"));
    else if (b->least == 1)
        sb_cli_say(cli, "      %s: %s", name,
                   sb_cli_either(cli, "én plass er nok", "one seat is enough"));
    else
        sb_cli_say(cli,
                   sb_cli_either(cli, "      %s: %u av %u plasser", "      %s: %u of %u seats"),
                   name, b->least, t->all.of[g]);
}

static void say_blocks(telling *t)
{
    sb_cli *cli = t->cli;
    bool quorum = t->rule->kind == SB_RULE_QUORUM;
    sb_analyse_block_alone(t->rule, t->shape, &t->all, &t->blocks);
    if (blockers(t) == 0)
        sb_cli_say(cli, "    %s",
                   sb_cli_either(cli, "Ingen partner kan hindre det alene.",
                                 "No partner can block it alone."));
    else
        sb_cli_say(
            cli, "    %s",
            quorum ? sb_cli_either(cli, "Dette er nok til å hindre det, ved å utebli:",
                                   "This is enough to prevent it, by staying away:")
                   : sb_cli_either(
                         cli, "Dette er nok til å hindre det, ved å stemme mot når alle møter:",
                         "This is enough to block it, by voting against when all are present:"));
    sb_json_key(&cli->json, "block_alone");
    sb_json_array(&cli->json);
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        if (t->all.of[g] > 0)
            say_block(t, g);
    sb_json_end_array(&cli->json);
}

/* Do the smallest choices that block say no more than who can block alone? */
static bool nothing_new(const telling *t, const sb_analyse_minimal *m)
{
    uint32_t alone = blockers(t);
    for (uint32_t i = 0; i < m->list_count; i++) {
        uint32_t groups = 0;
        for (uint32_t g = 0; g <= t->shape->partner_count; g++) {
            groups += m->list[i].of[g] > 0;
            if (m->list[i].of[g] > 0 && m->list[i].of[g] != t->blocks.of[g].least)
                return false;
        }
        if (groups != 1)
            return false;
    }
    return m->is_exact && m->kinds == alone && m->list_count == alone;
}

static void say_together(const telling *t)
{
    sb_cli *cli = t->cli;
    sb_analyse_minimal m;
    sb_analyse_minimal_choices(t->rule, t->shape, &t->all, SB_ANALYSE_BLOCKING, &m);
    put_minimal(t, "blocking", &m);
    if (!nothing_new(t, &m))
        say_minimal(t, SB_ANALYSE_BLOCKING,
                    sb_cli_either(cli, "Så få kan hindre det, alene eller sammen",
                                  "So few can block it, alone or together"),
                    &m);
}

/* ---- when some stay away ---- */

static const char *least_text(sb_cli *cli, const sb_analyse_blocks *b, uint32_t g)
{
    if (!b->can_hold)
        return sb_cli_either(cli, "kan ikke vedtas", "can't be adopted");
    if (b->of[g].least == 0)
        return sb_cli_either(cli, "kan ikke", "can't");
    return sb_arena_printf(&cli->arena, "%u", b->of[g].least);
}

static void put_presence(const telling *t, uint32_t g, uint32_t present,
                         const sb_analyse_blocks *blocks)
{
    sb_json *j = &t->cli->json;
    sb_json_object(j);
    put_group(t->cli, t->shape, g);
    sb_json_key(j, "present");
    sb_json_u64(j, present);
    sb_json_key(j, "can_pass");
    sb_json_bool(j, blocks->can_hold);
    sb_json_key(j, "least");
    if (blocks->of[g].least > 0)
        sb_json_u64(j, blocks->of[g].least);
    else
        sb_json_null(j);
    sb_json_end_object(j);
}

/* "10–9: 5, 8–7: 4": with so many of the group present so many of them are enough. */
static void say_presence(const telling *t, uint32_t g, bool *headed)
{
    sb_cli *cli = t->cli;
    const char *text = "", *run = NULL; /* what holds from `from` down to `last` */
    uint32_t from = t->all.of[g];
    bool says_more = false; /* than that they can't */
    for (uint32_t p = t->all.of[g] + 1; p-- > 0;) {
        sb_analyse_seats present = t->all;
        sb_analyse_blocks blocks;
        const char *what = NULL;
        present.of[g] = p;
        if (p > 0) {
            sb_analyse_block_alone(t->rule, t->shape, &present, &blocks);
            put_presence(t, g, p, &blocks);
            what = least_text(cli, &blocks, g);
            says_more = says_more || !blocks.can_hold || blocks.of[g].least > 0;
        }
        if (run != NULL && (what == NULL || strcmp(what, run) != 0)) {
            const char *numbers = from == p + 1
                                      ? sb_arena_printf(&cli->arena, "%u", from)
                                      : sb_arena_printf(&cli->arena, "%u–%u", from, p + 1);
            text = sb_arena_printf(&cli->arena, "%s%s%s: %s", text, text[0] != '\0' ? ", " : "",
                                   numbers, run);
            from = p;
        }
        run = what;
    }
    if (!says_more)
        return;
    if (!*headed)
        sb_cli_say(
            cli, "    %s",
            sb_cli_either(
                cli,
                "Når noen av dem uteblir, og alle andre møter (til stede: så mange mot er nok):",
                "When some of them stay away and all others come (present: so many against are "
                "enough):"));
    *headed = true;
    sb_cli_say(cli, "      %s – %s", group_name(cli, t->shape, g), text);
}

static void say_by_presence(const telling *t)
{
    sb_cli *cli = t->cli;
    uint32_t seats = 0;
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        seats += t->all.of[g];
    if (!sb_analyse_counts_presence(t->rule) || seats > SB_ANALYSE_SEATS_MAX)
        return;
    bool headed = false;
    sb_json_key(&cli->json, "block_alone_by_presence");
    sb_json_array(&cli->json);
    for (uint32_t g = 0; g <= t->shape->partner_count; g++)
        if (t->all.of[g] > 0)
            say_presence(t, g, &headed);
    sb_json_end_array(&cli->json);
}

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

void sb_power_say(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape, bool elects)
{
    telling t = {.cli = cli, .rule = rule, .shape = shape};
    sb_analyse_minimal winning;
    bool quorum = rule->kind == SB_RULE_QUORUM;
    sb_analyse_all(shape, &t.all);
    sb_analyse_minimal_choices(rule, shape, &t.all, SB_ANALYSE_WINNING, &winning);
    put_minimal(&t, "winning", &winning);
    say_minimal(
        &t, SB_ANALYSE_WINNING,
        quorum ? sb_cli_either(cli, "Minst så mange må møte", "At least so many must come")
               : sb_cli_either(
                     cli, "Når alle møter og resten stemmer mot, må minst så mange stemme for",
                     "When all come and the rest vote against, at least so many must vote for"),
        &winning);
    if (!quorum)
        say_carry(&t);
    say_blocks(&t);
    say_together(&t);
    say_by_presence(&t);
    if (!elects)
        say_findings(&t);
}
