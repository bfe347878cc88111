#include "nodes/cli/rules_table.h"

#include "nodes/cli/rules_words.h"
#include "proto/text/text.h"

/* ---- judging ---- */

static bool is_there(const sb_tally_seat *s)
{
    return sb_tally_no_say(s) == NULL;
}

static void note_voices(sb_column *c)
{
    for (uint32_t i = 0; i < c->votes->count; i++) {
        const sb_tally_seat *s = &c->votes->seats[i];
        c->has_ballots = c->has_ballots || s->vote != SB_TALLY_NO_BALLOT;
        c->has_objections = c->has_objections || (s->objects && is_there(s));
    }
}

static sb_err judge_rule(sb_cli *cli, const sb_column *c, const sb_rule *rule, sb_column_rule *out)
{
    sb_buf json;
    sb_tally_case votes = *c->votes;
    *out = (sb_column_rule){.rule = rule};
    if (rule == NULL)
        return SB_OK;
    if (rule->kind == SB_RULE_QUORUM) { /* nobody objects to being there */
        sb_tally_seat *seats = SB_ARENA_ARRAY(&cli->arena, sb_tally_seat, votes.count);
        for (uint32_t i = 0; i < votes.count; i++) {
            seats[i] = votes.seats[i];
            seats[i].objects = false;
        }
        votes.seats = seats;
    }
    sb_buf_init(&json);
    sb_err err = sb_tally_certificate(&cli->arena, rule, &votes, &json, &out->held, &cli->fail);
    out->certificate = sb_arena_str(&cli->arena, sb_buf_slice(&json));
    sb_buf_deinit(&json);
    if (err == SB_OK)
        sb_rule_eval(&cli->arena, rule, &c->counts, &out->result);
    return err;
}

static const char *outcome_of(const sb_column *c)
{
    if (!c->quorate)
        return "not_quorate";
    if (c->pass_rule == NULL)
        return "quorate";
    if (c->by_consensus && !c->has_ballots)
        return c->has_objections ? "objected" : "adopted";
    return c->pass.held ? "adopted" : sb_rule_failure_code(c->pass_rule->failure);
}

sb_err sb_columns_judge(sb_cli *cli, sb_column *columns, uint32_t count)
{
    sb_err err = SB_OK;
    for (uint32_t i = 0; i < count && err == SB_OK; i++) {
        sb_column *c = &columns[i];
        note_voices(c);
        err = sb_tally_count(&cli->arena, c->votes->seats, c->votes->count, &c->counts, &cli->fail);
        c->counts.discussed_earlier = c->votes->earlier != SB_TALLY_EARLIER_NO;
        if (err == SB_OK)
            err = judge_rule(cli, c, c->quorum_rule, &c->quorum);
        if (err == SB_OK)
            err = judge_rule(cli, c, c->pass_rule, &c->pass);
        c->quorate = c->quorum_rule == NULL || c->quorum.held;
        c->outcome = outcome_of(c);
    }
    return err;
}

const char *sb_column_words(const sb_cli *cli, const sb_column *c)
{
    uint32_t value;
    if (strcmp(c->outcome, "objected") == 0)
        return sb_cli_either(cli, "innvending: det må stemmes",
                             "an objection: there must be a vote");
    if (strcmp(c->outcome, "quorate") == 0)
        return sb_text(SB_MSG_QUORATE, cli->lang);
    return sb_text_parse(SB_TEXT_OUTCOME, sb_slice_str(c->outcome), &value)
               ? sb_text_word(SB_TEXT_OUTCOME, value, cli->lang)
               : c->outcome;
}

/* ---- rows ---- */

const char *sb_partner_words(sb_cli *cli, const sb_rule_shape *names, sb_slice id)
{
    for (uint32_t i = 0; names != NULL && i < names->partner_count; i++)
        if (sb_slice_eq(names->partners[i].id, id) && names->partners[i].name.len > 0)
            return sb_arena_str(&cli->arena, names->partners[i].name);
    return sb_arena_str(&cli->arena, id);
}

static const char *count_words(const sb_cli *cli, sb_count word)
{
    switch (word) {
    case SB_COUNT_SEATS:
        return sb_cli_either(cli, "plasser", "seats");
    case SB_COUNT_FILLED:
        return sb_cli_either(cli, "besatte plasser", "filled seats");
    case SB_COUNT_ELIGIBLE:
        return sb_cli_either(cli, "stemmeberettigede", "eligible");
    case SB_COUNT_PRESENT:
        return sb_cli_either(cli, "til stede", "present");
    case SB_COUNT_VOTED:
        return sb_cli_either(cli, "stemmer og avståelser", "votes and abstentions");
    case SB_COUNT_CAST:
        return sb_cli_either(cli, "stemmer for eller mot", "votes for or against");
    case SB_COUNT_FOR:
        return sb_cli_either(cli, "for", "for");
    case SB_COUNT_AGAINST:
        return sb_cli_either(cli, "mot", "against");
    case SB_COUNT_ABSTAIN:
        return sb_cli_either(cli, "avstår", "abstain");
    }
    return "?";
}

/* "4 (minst 4) ja" */
static const char *line_cell(sb_cli *cli, const sb_rule_line *l)
{
    const char *yes = l->held ? sb_cli_either(cli, "ja", "yes") : sb_cli_either(cli, "nei", "no");
    const char *need = NULL;
    switch (l->needed_kind) {
    case SB_NEEDED_AT_LEAST:
        need = sb_cli_either(cli, "minst", "at least");
        break;
    case SB_NEEDED_EXACTLY:
        need = sb_cli_either(cli, "nøyaktig", "exactly");
        break;
    case SB_NEEDED_AT_MOST:
        need = sb_cli_either(cli, "høyst", "at most");
        break;
    case SB_NEEDED_IMPOSSIBLE:
        return sb_arena_printf(&cli->arena,
                               sb_cli_either(cli, "%u (umulig) %s", "%u (impossible) %s"),
                               l->a_value, yes);
    }
    return sb_arena_printf(&cli->arena, "%u (%s %llu) %s", l->a_value, need,
                           (unsigned long long)l->needed, yes);
}

/* A row of comparisons: of one rule kind, one set of seats, one word, the n-th of these. */
typedef struct row_key {
    bool quorum;
    bool is_total;
    sb_slice partner;
    sb_count word;
    uint32_t nth;
} row_key;

enum { ROWS_MAX = 400 };

static bool same_row(const row_key *a, const row_key *b)
{
    return a->quorum == b->quorum && a->is_total == b->is_total && a->word == b->word &&
           a->nth == b->nth && sb_slice_eq(a->partner, b->partner);
}

static const sb_column_rule *rule_of(const sb_column *c, bool quorum)
{
    return quorum ? &c->quorum : &c->pass;
}

/* The row where the rule's i-th comparison stands. */
static row_key key_of(const sb_column_rule *r, bool quorum, uint32_t i)
{
    const sb_rule_line *l = &r->result.lines[i];
    row_key key = {.quorum = quorum, .is_total = l->is_total, .partner = l->partner, .word = l->a};
    for (uint32_t k = 0; k < i; k++) {
        const sb_rule_line *m = &r->result.lines[k];
        key.nth +=
            m->is_total == l->is_total && m->a == l->a && sb_slice_eq(m->partner, l->partner);
    }
    return key;
}

static uint32_t collect_rows(const sb_column *columns, uint32_t count, bool quorum, row_key *rows)
{
    uint32_t found = 0;
    for (uint32_t c = 0; c < count; c++) {
        const sb_column_rule *r = rule_of(&columns[c], quorum);
        for (uint32_t i = 0; r->rule != NULL && i < r->result.line_count; i++) {
            row_key key = key_of(r, quorum, i);
            uint32_t k = 0;
            while (k < found && !same_row(&rows[k], &key))
                k++;
            if (k == found && found < ROWS_MAX)
                rows[found++] = key;
        }
    }
    return found;
}

static const char *cell_of(sb_cli *cli, const sb_column *c, const row_key *key)
{
    const sb_column_rule *r = rule_of(c, key->quorum);
    for (uint32_t i = 0; r->rule != NULL && i < r->result.line_count; i++) {
        row_key here = key_of(r, key->quorum, i);
        if (same_row(&here, key))
            return line_cell(cli, &r->result.lines[i]);
    }
    return "–";
}

typedef struct table {
    sb_cli *cli;
    const sb_column *columns;
    uint32_t count;
    const sb_rule_shape *names;
    sb_buf lines;
} table;

static void say_rows(table *t, bool quorum)
{
    row_key rows[ROWS_MAX];
    uint32_t found = collect_rows(t->columns, t->count, quorum, rows);
    for (uint32_t i = 0; i < found; i++) {
        const char *who = rows[i].is_total ? sb_cli_either(t->cli, "hele organet", "the whole body")
                                           : sb_partner_words(t->cli, t->names, rows[i].partner);
        sb_buf_printf(&t->lines, "  %s: %s", who, count_words(t->cli, rows[i].word));
        for (uint32_t c = 0; c < t->count; c++)
            sb_buf_printf(&t->lines, "\t%s", cell_of(t->cli, &t->columns[c], &rows[i]));
        sb_buf_str(&t->lines, "\n");
    }
}

/* The n-th "at least k partners" of the rule; NULL: it has no so many. */
static const sb_rule_scope *at_least_scope(const sb_column_rule *r, uint32_t n)
{
    for (uint32_t i = 0; r->rule != NULL && i < r->result.scope_count; i++)
        if (r->rule->nodes[r->result.scopes[i].node].kind == SB_NODE_AT_LEAST && n-- == 0)
            return &r->result.scopes[i];
    return NULL;
}

/* Where not all partners are asked for: in how many it held. The rows above don't tell. */
static void say_scopes(table *t, bool quorum)
{
    sb_cli *cli = t->cli;
    bool more = true;
    for (uint32_t n = 0; more; n++) {
        more = false;
        for (uint32_t c = 0; c < t->count; c++)
            more = more || at_least_scope(rule_of(&t->columns[c], quorum), n) != NULL;
        if (!more)
            break;
        sb_buf_printf(&t->lines, "  %s",
                      sb_cli_either(cli, "antall partnere der det holder",
                                    "number of partners where it holds"));
        for (uint32_t c = 0; c < t->count; c++) {
            const sb_rule_scope *s = at_least_scope(rule_of(&t->columns[c], quorum), n);
            if (s == NULL)
                sb_buf_str(&t->lines, "\t–");
            else
                sb_buf_printf(&t->lines, "\t%u (%s %u) %s", s->held,
                              sb_cli_either(cli, "minst", "at least"), s->needed,
                              s->passed ? sb_cli_either(cli, "ja", "yes")
                                        : sb_cli_either(cli, "nei", "no"));
        }
        sb_buf_str(&t->lines, "\n");
    }
}

/* ---- who is there ---- */

static const sb_tally *counts_of(const sb_column *c, sb_slice partner, bool is_total)
{
    if (is_total)
        return &c->counts.total;
    for (uint32_t i = 0; i < c->counts.partner_count; i++)
        if (sb_slice_eq(c->counts.partners[i].id, partner))
            return &c->counts.partners[i].tally;
    return NULL;
}

static bool any_ballots(const table *t)
{
    bool any = false;
    for (uint32_t c = 0; c < t->count; c++)
        any = any || t->columns[c].has_ballots;
    return any;
}

/* One cell for all where they are all alike. */
static void say_presence(table *t, bool alike, const char *who, sb_slice partner, bool is_total)
{
    sb_cli *cli = t->cli;
    sb_buf_printf(&t->lines, "  %s", who);
    for (uint32_t c = 0; c < (alike ? 1 : t->count); c++) {
        const sb_tally *n = counts_of(&t->columns[c], partner, is_total);
        const char *votes = n == NULL ? "" : sb_words_votes(cli, n->for_, n->against, n->abstain);
        if (n == NULL)
            sb_buf_str(&t->lines, "\t–");
        else
            sb_buf_printf(&t->lines,
                          sb_cli_either(cli, "\t%u av %u til stede%s%s", "\t%u of %u present%s%s"),
                          n->present, n->seats, votes[0] != '\0' ? ": " : "", votes);
    }
    sb_buf_str(&t->lines, "\n");
}

static void say_presences(table *t, bool alike)
{
    sb_cli *cli = t->cli;
    const sb_column *first = &t->columns[0];
    sb_buf_printf(&t->lines, "%s\n",
                  any_ballots(t) ? sb_cli_either(cli, "Fremmøte og stemmer", "Attendance and votes")
                                 : sb_cli_either(cli, "Fremmøte", "Attendance"));
    for (uint32_t i = 0; i < first->counts.partner_count; i++)
        say_presence(t, alike, sb_partner_words(cli, t->names, first->counts.partners[i].id),
                     first->counts.partners[i].id, false);
    say_presence(t, alike, sb_cli_either(cli, "i alt", "in all"), (sb_slice){0}, true);
}

/* ---- the whole ---- */

static void say_outcomes(table *t, bool quorum)
{
    sb_cli *cli = t->cli;
    sb_buf_printf(&t->lines, "%s",
                  quorum ? sb_cli_either(cli, "Beslutningsdyktig?", "Quorum?")
                         : sb_cli_either(cli, "Utfall", "Outcome"));
    for (uint32_t c = 0; c < t->count; c++) {
        const sb_column *col = &t->columns[c];
        const char *text = !quorum                    ? sb_column_words(cli, col)
                           : col->quorum_rule == NULL ? sb_cli_either(cli, "ingen regel", "no rule")
                           : col->quorate             ? sb_cli_either(cli, "ja", "yes")
                                                      : sb_cli_either(cli, "nei", "no");
        sb_buf_printf(&t->lines, "\t%s", text);
    }
    sb_buf_str(&t->lines, "\n");
}

static void flush(table *t)
{
    sb_cli_say_table(t->cli, &t->lines);
    sb_buf_clear(&t->lines);
}

static bool asks_pass(const sb_column *c)
{
    return c->pass_rule != NULL && (c->has_ballots || !c->by_consensus);
}

void sb_columns_say(sb_cli *cli, const sb_column *columns, uint32_t count,
                    const sb_rule_shape *names)
{
    table t = {.cli = cli, .columns = columns, .count = count, .names = names};
    bool alike = true, quorum = false, pass = false, asked = false;
    sb_buf_init(&t.lines);
    for (uint32_t c = 0; c < count; c++) {
        alike = alike && columns[c].votes == columns[0].votes;
        quorum = quorum || columns[c].quorum_rule != NULL;
        pass = pass || columns[c].pass_rule != NULL;
        asked = asked || asks_pass(&columns[c]);
    }
    if (alike) {
        say_presences(&t, true);
        flush(&t);
    }
    for (uint32_t c = 0; c < count; c++)
        sb_buf_printf(&t.lines, "\t%s", columns[c].name);
    sb_buf_str(&t.lines, "\n");
    if (!alike)
        say_presences(&t, false);
    if (quorum) {
        say_outcomes(&t, true);
        say_rows(&t, true);
        say_scopes(&t, true);
    }
    if (asked) {
        sb_buf_printf(&t.lines, "%s\n",
                      sb_cli_either(cli, "Regelen for vedtak", "The rule for decisions"));
        say_rows(&t, false);
        say_scopes(&t, false);
    }
    if (pass)
        say_outcomes(&t, false);
    flush(&t);
    sb_buf_deinit(&t.lines);
}

static void put_certificate(sb_json *j, const char *key, const sb_column_rule *r)
{
    sb_json_key(j, key);
    if (r->rule == NULL)
        sb_json_null(j);
    else
        sb_json_raw(j, sb_slice_str(r->certificate));
}

void sb_column_put(sb_json *j, const sb_column *c)
{
    sb_json_object(j);
    sb_json_key(j, "name");
    sb_json_cstr(j, c->name);
    sb_json_key(j, "outcome");
    sb_json_cstr(j, c->outcome);
    put_certificate(j, "quorum", &c->quorum);
    put_certificate(j, "pass", &c->pass);
    sb_json_end_object(j);
}
