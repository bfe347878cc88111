/* samband deadline explain: when something must be done, counted day by day (§ 6 SSU nr. 6, 7, 13,
 * 14 and 16). From a charter file, or from the charter in force at the node. */
#include <ctype.h>

#include "nodes/cli/deadline_tell.h"

static const sb_arg_option EXPLAIN_OPTIONS[] = {
    {.name = "body", .value = "ORGAN", .nb = "organet møtet er i", .en = "the body that meets"},
    {.name = "meeting",
     .value = "DATO",
     .nb = "møtedagen: viser hver frist for dette møtet",
     .en = "the day of the meeting: shows every deadline for it"},
    {.name = "charter",
     .value = "FIL",
     .nb = "vedtektene som fil; ellers dem som gjelder hos noden",
     .en = "the charter as a file; else the one in force at the node"},
    {.name = "reported",
     .value = "DATO",
     .nb = "en sak er meldt denne dagen: hvilke møter holder fristen?",
     .en = "a case was reported on this day: which meetings keep the deadline?"},
    {.name = "papers-sent",
     .value = "DATO",
     .nb = "sakspapirene er sendt ut denne dagen: hvilke møter holder fristen?",
     .en = "the papers were sent on this day: which meetings keep the deadline?"},
    {.name = "draft-sent",
     .value = "DATO",
     .nb = "utkastet til referat er sendt denne dagen: når er det godkjent?",
     .en = "the draft minutes were sent on this day: when are they approved?"},
    {.name = "on",
     .value = "DATO",
     .nb = "alt dette, varsel og referat også, den samme dagen",
     .en = "all of this, notice and minutes too, on the same day"},
    {.name = "rule",
     .value = "REGEL",
     .nb = "uten vedtekter: tell etter denne regelen, som «4 arbeidsdager etter»",
     .en = "without a charter: count by this rule, such as \"4 working days after\""},
    {.name = "from",
     .value = "DATO",
     .nb = "dagen som --rule regner fra",
     .en = "the day that --rule counts from"},
    SB_OPTION_END};

/* ---- the body, from a file or the node ---- */

static bool same(const char *a, const char *b)
{
    for (; *a != '\0' && tolower((unsigned char)*a) == tolower((unsigned char)*b); a++, b++)
        continue;
    return *a == *b;
}

static sb_err body_in(sb_cli *cli, const Sb__Body *const *bodies, size_t count, const char *text,
                      const Sb__Body **out)
{
    const char *names = "";
    for (size_t i = 0; i < count; i++) {
        const Sb__Body *b = bodies[i];
        if (same(text, b->id) || same(text, b->short_name) || same(text, b->name)) {
            *out = b;
            return SB_OK;
        }
        names = sb_arena_printf(&cli->arena, "%s%s%s", names, i > 0 ? ", " : "", b->id);
    }
    return sb_fail_set(&cli->fail, SB_E_CLI_NO_BODY, text, names, NULL);
}

static char *doc_text(sb_cli *cli, const sb_doc *map, const char *key)
{
    return sb_arena_str(&cli->arena, sb_slice_str(sb_doc_str(map, key)));
}

static uint32_t doc_word(const sb_doc *map, const char *key, sb_text_family family)
{
    uint32_t value = 0;
    (void)sb_text_parse(family, sb_slice_str(sb_doc_str(map, key)), &value);
    return value;
}

/* A body of the query "charter", as far as deadlines go. */
static Sb__Body *body_of(sb_cli *cli, const sb_doc *doc)
{
    Sb__Body *b = SB_ARENA_NEW(&cli->arena, Sb__Body);
    const sb_doc *list = sb_doc_get(doc, "deadlines");
    sb__body__init(b);
    b->id = doc_text(cli, doc, "id");
    b->name = doc_text(cli, doc, "name");
    b->short_name = doc_text(cli, doc, "short_name");
    b->minutes_name = doc_text(cli, doc, "minutes_name");
    b->minutes_silence = sb_doc_true(doc, "minutes_silence");
    b->bar_cite = doc_text(cli, doc, "bar_cite");
    b->n_deadlines = sb_doc_count(list);
    b->deadlines = SB_ARENA_ARRAY(&cli->arena, Sb__Deadline *, b->n_deadlines + 1);
    for (uint32_t i = 0; i < b->n_deadlines; i++) {
        const sb_doc *one = list->items[i];
        Sb__Deadline *d = SB_ARENA_NEW(&cli->arena, Sb__Deadline);
        sb__deadline__init(d);
        d->kind = doc_word(one, "kind", SB_TEXT_DEADLINE_KIND);
        d->least = (uint32_t)sb_doc_num(one, "least");
        d->most = (uint32_t)sb_doc_num(one, "most");
        d->unit = doc_word(one, "unit", SB_TEXT_DEADLINE_UNIT);
        d->effect = doc_word(one, "effect", SB_TEXT_DEADLINE_EFFECT);
        d->cite = doc_text(cli, one, "cite");
        d->assumed = doc_text(cli, one, "assumed");
        b->deadlines[i] = d;
    }
    return b;
}

static sb_err body_at_node(sb_cli *cli, const char *text, const Sb__Body **out)
{
    const sb_doc *list = NULL;
    if (cli->node == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_CHARTER, NULL);
    sb_err err = sb_session_ask(cli, &list, "bodies", NULL);
    if (err != SB_OK)
        return err;
    uint32_t count = sb_doc_count(list);
    const Sb__Body **bodies = SB_ARENA_ARRAY(&cli->arena, const Sb__Body *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        bodies[i] = body_of(cli, list->items[i]);
    return body_in(cli, bodies, count, text, out);
}

static sb_err find_body(sb_cli *cli, const Sb__Body **out)
{
    const char *text = sb_args_value(cli->args, "body"),
               *path = sb_args_value(cli->args, "charter");
    const sb_charter_options options = {.lang = cli->lang};
    const Sb__Charter *charter = NULL;
    if (text == NULL)
        return sb_args_missing(cli->args, "body", &cli->fail);
    if (path == NULL)
        return body_at_node(cli, text, out);
    sb_err err = sb_charter_read(path, &options, &cli->arena, &charter, NULL, &cli->fail);
    if (err != SB_OK)
        return err;
    return body_in(cli, (const Sb__Body *const *)charter->bodies, charter->n_bodies, text, out);
}

/* ---- the days ---- */

static sb_err option_day(sb_cli *cli, const char *option, bool *has, sb_date *out)
{
    const char *text = sb_args_value(cli->args, option);
    uint32_t number = 0;
    *has = text != NULL;
    if (text == NULL)
        return SB_OK;
    sb_err err = sb_read_date(cli, text, &number);
    if (err != SB_OK)
        return err;
    *out = (sb_date){.year = (int32_t)(number / 10000),
                     .month = (uint8_t)(number / 100 % 100),
                     .day = (uint8_t)(number % 100)};
    if (out->year >= SB_DEADLINE_YEAR_MIN && out->year <= SB_DEADLINE_YEAR_MAX)
        return SB_OK;
    return sb_fail_set(&cli->fail, SB_E_CLI_DATE_RANGE, text,
                       sb_arena_printf(&cli->arena, "%d", SB_DEADLINE_YEAR_MIN),
                       sb_arena_printf(&cli->arena, "%d", SB_DEADLINE_YEAR_MAX), NULL);
}

static sb_err read_ask(sb_cli *cli, sb_deadline_ask *ask)
{
    static const struct {
        const char *option;
        Sb__DeadlineKind kind;
    } ACTS[] = {{"reported", SB__DEADLINE_KIND__DEADLINE_KIND_CASE_REPORTED},
                {"papers-sent", SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT},
                {"draft-sent", SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE}};
    bool has_on = false, any;
    sb_date on = {0};
    *ask = (sb_deadline_ask){0};
    sb_err err = option_day(cli, "meeting", &ask->has_meeting, &ask->meeting);
    if (err == SB_OK)
        err = option_day(cli, "on", &has_on, &on);
    any = ask->has_meeting || has_on;
    for (uint32_t k = 0; has_on && k < SB_DEADLINE_KINDS; k++) {
        ask->has_act[k] = true;
        ask->act[k] = on;
    }
    for (size_t i = 0; err == SB_OK && i < sizeof ACTS / sizeof *ACTS; i++) {
        bool has;
        err = option_day(cli, ACTS[i].option, &has, &ask->act[ACTS[i].kind]);
        ask->has_act[ACTS[i].kind] |= has;
        any |= has;
    }
    if (err == SB_OK && !any)
        err = sb_fail_set(&cli->fail, SB_E_CLI_NO_DATE,
                          "--meeting, --reported, --papers-sent, --draft-sent, --on", NULL);
    return err;
}

/* ---- the verb ---- */

static sb_err explain_rule(sb_cli *cli, const char *text)
{
    sb_deadline_rule rule;
    sb_date from;
    bool has_from;
    static const char *const OTHERS[] = {"body",        "meeting",    "charter", "reported",
                                         "papers-sent", "draft-sent", "on"};
    for (size_t i = 0; i < sizeof OTHERS / sizeof *OTHERS; i++)
        if (sb_args_value(cli->args, OTHERS[i]) != NULL)
            return sb_fail_set(&cli->fail, SB_E_CLI_NOT_WITH, OTHERS[i], "rule", NULL);
    sb_err err = sb_deadline_rule_parse(sb_slice_str(text), &rule, &cli->fail);
    if (err == SB_OK)
        err = option_day(cli, "from", &has_from, &from);
    if (err == SB_OK && !has_from)
        err = sb_args_missing(cli->args, "from", &cli->fail);
    return err == SB_OK ? sb_deadline_tell_rule(cli, &rule, from) : err;
}

static sb_err deadline_explain(sb_cli *cli)
{
    const char *rule = sb_args_value(cli->args, "rule");
    const Sb__Body *body = NULL;
    sb_deadline_ask ask;
    if (rule != NULL)
        return explain_rule(cli, rule);
    if (sb_args_value(cli->args, "from") != NULL)
        return sb_args_missing(cli->args, "rule", &cli->fail);
    sb_err err = read_ask(cli, &ask);
    if (err == SB_OK)
        err = find_body(cli, &body);
    return err == SB_OK ? sb_deadline_tell(cli, body, &ask) : err;
}

const sb_verb_spec sb_spec_deadline_explain = {NULL, EXPLAIN_OPTIONS, deadline_explain};
