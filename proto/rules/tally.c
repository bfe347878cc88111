#include "proto/rules/tally.h"

#include <assert.h>

/* ---- counting ---- */

static bool is_present(const sb_tally_seat *s)
{
    return s->filled && (s->presence == SB_TALLY_PRIMARY || s->presence == SB_TALLY_DEPUTY);
}

const char *sb_tally_no_say(const sb_tally_seat *s)
{
    if (is_present(s))
        return NULL;
    if (!s->filled)
        return "vacant";
    return s->presence == SB_TALLY_DISQUALIFIED ? "disqualified" : "absent";
}

static void count_seat(sb_tally *t, const sb_tally_seat *s)
{
    sb_tally_vote vote = is_present(s) ? s->vote : SB_TALLY_NO_BALLOT;
    t->seats++;
    t->filled += s->filled;
    t->present += is_present(s);
    t->eligible = t->present;
    sb_tally_votes(t, t->for_ + (vote == SB_TALLY_FOR), t->against + (vote == SB_TALLY_AGAINST),
                   t->abstain + (vote == SB_TALLY_ABSTAIN));
}

sb_err sb_tally_count(sb_arena *arena, const sb_tally_seat *seats, uint32_t count,
                      sb_rule_input *out, sb_fail *fail)
{
    sb_partner_tally *partners = SB_ARENA_ARRAY(arena, sb_partner_tally, SB_PARTNERS_MAX);
    *out = (sb_rule_input){.partners = partners};
    for (uint32_t i = 0; i < count; i++) {
        count_seat(&out->total, &seats[i]);
        if (seats[i].partner.len == 0)
            continue;
        uint32_t p = 0;
        while (p < out->partner_count && !sb_slice_eq(partners[p].id, seats[i].partner))
            p++;
        if (p == SB_PARTNERS_MAX)
            return sb_fail_num(fail, SB_E_TALLY_PARTNERS, 1, SB_PARTNERS_MAX, 0);
        if (p == out->partner_count) {
            partners[p].id = seats[i].partner;
            out->partner_count++;
        }
        count_seat(&partners[p].tally, &seats[i]);
    }
    return SB_OK;
}

/* ---- the certificate ---- */

static void put_num(sb_json *j, const char *key, uint64_t n)
{
    sb_json_key(j, key);
    sb_json_u64(j, n);
}

static void put_text(sb_json *j, const char *key, const char *text)
{
    sb_json_key(j, key);
    sb_json_cstr(j, text);
}

static void put_bool(sb_json *j, const char *key, bool b)
{
    sb_json_key(j, key);
    sb_json_bool(j, b);
}

static void put_partner(sb_json *j, bool is_total, sb_slice partner)
{
    sb_json_key(j, "partner");
    if (is_total)
        sb_json_null(j);
    else
        sb_json_str(j, partner);
}

static void put_needed(sb_json *j, const sb_rule_line *line)
{
    const char *need = NULL;
    switch (line->needed_kind) {
    case SB_NEEDED_AT_LEAST:
        need = "at_least";
        break;
    case SB_NEEDED_EXACTLY:
        need = "exactly";
        break;
    case SB_NEEDED_AT_MOST:
        need = "at_most";
        break;
    case SB_NEEDED_IMPOSSIBLE:
        need = "impossible";
        break;
    }
    put_text(j, "need", need);
    sb_json_key(j, "needed");
    if (line->needed_kind == SB_NEEDED_IMPOSSIBLE)
        sb_json_null(j);
    else
        sb_json_u64(j, line->needed);
}

static void put_lines(sb_json *j, const sb_rule *rule, const sb_rule_result *r)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_json_key(j, "comparisons");
    sb_json_array(j);
    for (uint32_t i = 0; i < r->line_count; i++) {
        const sb_rule_line *line = &r->lines[i];
        sb_buf_clear(&text);
        sb_rule_print_compare(&rule->nodes[line->node], SB_RULE_EN, &text);
        sb_json_object(j);
        put_partner(j, line->is_total, line->partner);
        sb_json_key(j, "rule");
        sb_json_str(j, sb_buf_slice(&text));
        put_num(j, "have", line->a_value);
        put_num(j, "of", line->b_value);
        put_needed(j, line);
        put_bool(j, "held", line->held);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_buf_deinit(&text);
}

static void put_scopes(sb_json *j, const sb_rule *rule, const sb_rule_result *r)
{
    sb_json_key(j, "scopes");
    sb_json_array(j);
    for (uint32_t i = 0; i < r->scope_count; i++) {
        const sb_rule_scope *s = &r->scopes[i];
        sb_json_object(j);
        put_text(j, "scope", rule->nodes[s->node].kind == SB_NODE_EACH ? "each" : "at_least");
        put_num(j, "partners", s->partners);
        put_num(j, "have", s->held);
        put_num(j, "needed", s->needed);
        put_bool(j, "held", s->passed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_tally(sb_json *j, bool is_total, sb_slice partner, const sb_tally *t)
{
    sb_json_object(j);
    put_partner(j, is_total, partner);
    for (int c = 0; c < SB_COUNTS; c++)
        put_num(j, sb_count_word((sb_count)c, SB_RULE_EN), sb_tally_get(t, (sb_count)c));
    sb_json_end_object(j);
}

static void put_counts(sb_json *j, const sb_rule_input *in)
{
    sb_json_key(j, "counts");
    sb_json_array(j);
    put_tally(j, true, (sb_slice){0}, &in->total);
    for (uint32_t i = 0; i < in->partner_count; i++)
        put_tally(j, false, in->partners[i].id, &in->partners[i].tally);
    sb_json_end_array(j);
}

static bool has_ballot(const sb_tally_seat *s)
{
    return s->vote != SB_TALLY_NO_BALLOT;
}

static bool has_objection(const sb_tally_seat *s)
{
    return s->objects;
}

/* Those that did `what` without having a say. */
static void put_not_counted(sb_json *j, const char *key, const sb_tally_case *one,
                            bool (*what)(const sb_tally_seat *))
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (uint32_t i = 0; i < one->count; i++) {
        const char *why = sb_tally_no_say(&one->seats[i]);
        if (why == NULL || !what(&one->seats[i]))
            continue;
        sb_json_object(j);
        sb_json_key(j, "seat");
        sb_json_str(j, one->seats[i].id);
        put_text(j, "reason", why);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_seats(sb_json *j, const sb_tally_case *one)
{
    sb_json_key(j, "objections");
    sb_json_array(j);
    for (uint32_t i = 0; i < one->count; i++)
        if (one->seats[i].objects && is_present(&one->seats[i]))
            sb_json_str(j, one->seats[i].id);
    sb_json_end_array(j);
    put_not_counted(j, "ballots_not_counted", one, has_ballot);
    put_not_counted(j, "objections_not_counted", one, has_objection);
}

static const char *earlier_code(const sb_rule *rule, sb_tally_earlier earlier)
{
    if (!rule->after_discussion)
        return "not_required";
    switch (earlier) {
    case SB_TALLY_EARLIER_UNKNOWN:
        return "assumed";
    case SB_TALLY_EARLIER_YES:
        return "yes";
    case SB_TALLY_EARLIER_NO:
        return "no";
    }
    assert(false);
    return "?";
}

/* An objection stands against adoption as long as nobody votes. */
static bool is_objected_to(const sb_tally_case *one)
{
    bool ballots = false, objections = false;
    for (uint32_t i = 0; i < one->count; i++) {
        ballots = ballots || has_ballot(&one->seats[i]);
        objections = objections || (one->seats[i].objects && is_present(&one->seats[i]));
    }
    return objections && !ballots;
}

sb_err sb_tally_certificate(sb_arena *arena, const sb_rule *rule, const sb_tally_case *one,
                            sb_buf *out, bool *passed, sb_fail *fail)
{
    sb_rule_input in;
    sb_rule_result r;
    sb_json j;
    sb_buf text;
    sb_err err = sb_tally_count(arena, one->seats, one->count, &in, fail);
    if (err != SB_OK)
        return err;
    in.discussed_earlier = one->earlier != SB_TALLY_EARLIER_NO;
    sb_rule_eval(arena, rule, &in, &r);
    bool objected = is_objected_to(one), pass = r.passed && !objected;
    sb_buf_init(&text);
    sb_rule_print(rule, SB_RULE_EN, &text);
    sb_json_begin(&j, out);
    sb_json_object(&j);
    put_text(&j, "outcome", pass ? "pass" : "fail");
    put_text(&j, "failure",
             pass || rule->kind == SB_RULE_QUORUM ? NULL : sb_rule_failure_code(r.failure));
    sb_json_key(&j, "rule");
    sb_json_str(&j, sb_buf_slice(&text));
    put_bool(&j, "held", r.formula_held);
    put_text(&j, "discussed", earlier_code(rule, one->earlier));
    put_bool(&j, "stopped_by_objection", objected);
    put_lines(&j, rule, &r);
    put_scopes(&j, rule, &r);
    put_counts(&j, &in);
    put_seats(&j, one);
    sb_json_end_object(&j);
    sb_buf_deinit(&text);
    if (passed != NULL)
        *passed = pass;
    return SB_OK;
}
