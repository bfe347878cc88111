/* The certificate as canonical JSON; PROTOCOL.md "Certificates" lists the keys in this order. */
#include "proto/ledger/actions.h"
#include "proto/ledger/elections.h"

#include <stdio.h>

#include "proto/ledger/out.h"

const char *sb_needed_code(sb_needed_kind kind)
{
    switch (kind) {
    case SB_NEEDED_AT_LEAST:
        return "at_least";
    case SB_NEEDED_EXACTLY:
        return "exactly";
    case SB_NEEDED_AT_MOST:
        return "at_most";
    case SB_NEEDED_IMPOSSIBLE:
        return "impossible";
    }
    return NULL;
}

/* ---- parts ---- */

static void put_meeting(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "meeting");
    sb_json_object(j);
    sb_out_hash(j, "id", c->meeting.id);
    sb_out_str(j, "body", c->body->id);
    sb_out_str(j, "body_name", c->body->name);
    sb_out_date(j, "date", c->meeting.date);
    sb_out_u64(j, "opened_index", c->meeting.opened_index);
    sb_json_end_object(j);
}

static void put_case(sb_json *j, const sb_certificate *c)
{
    char number[32];
    snprintf(number, sizeof number, "%02u/%02u", (unsigned)c->item.number,
             (unsigned)(c->item.year % 100));
    sb_json_key(j, "case");
    sb_json_object(j);
    sb_out_hash(j, "id", c->c.id);
    sb_out_str(j, "number", number);
    sb_out_str(j, "title", c->c.title);
    sb_out_str(j, "kind", sb_text_code(SB_TEXT_CASE_KIND, c->c.kind));
    sb_out_u64(j, "reported_index", c->c.reported_index);
    sb_out_u64(j, "reported_at_ms", c->c.reported_ms);
    sb_out_moment(j, "reported_claimed_ms", c->c.claimed_ms);
    sb_out_str(j, "reported_source", sb_text_code(SB_TEXT_SOURCE, c->c.source));
    sb_out_index(j, "sent_index", c->item.sent_ms != 0, c->item.sent_index);
    sb_out_moment(j, "sent_at_ms", c->item.sent_logged_ms);
    sb_out_moment(j, "sent_claimed_ms", c->item.sent_source != 0 ? c->item.sent_ms : 0);
    sb_out_str(j, "sent_source", sb_text_code(SB_TEXT_SOURCE, c->item.sent_source));
    sb_out_bool(j, "discussed_earlier", c->presence.input.discussed_earlier);
    sb_json_end_object(j);
}

static void put_question(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "question");
    sb_json_object(j);
    sb_out_hash(j, "id", c->question.id);
    sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, c->question.mode));
    sb_out_u64(j, "opened_index", c->question.opened_index);
    sb_out_u64(j, "opened_at_ms", c->question.opened_ms);
    sb_out_u64(j, "closed_index", c->question.closed_index);
    sb_out_u64(j, "closed_at_ms", c->question.closed_ms);
    sb_json_end_object(j);
}

bool sb_certificate_decides(const sb_certificate *c)
{
    return c->question.mode != SB__MODE__MODE_NOTE && c->question.mode != SB__MODE__MODE_POLL;
}

const Sb__Rule *sb_certificate_pass_words(const sb_certificate *c)
{
    if (c->question.mode == SB__MODE__MODE_ELECTION)
        return sb_election_rule(c->body);
    return sb_actions_pass_rule(c->kv, c->charter, c->question.body, c->question.case_no);
}

static void put_rule(sb_json *j, const char *key, const char *text, const Sb__Rule *words)
{
    sb_json_key(j, key);
    if (text[0] == '\0') {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_str(j, "text", text);
    sb_out_some(j, "cite", words->cite);
    sb_out_some(j, "assumed", words->assumed);
    sb_json_end_object(j);
}

static void put_electorate(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "electorate");
    sb_json_array(j);
    for (uint32_t i = 0; i < c->presence.seat_count; i++) {
        const sb_row_seat *seat = &c->presence.seats[i];
        const sb_representation *r = &c->presence.representations[i];
        sb_json_object(j);
        sb_out_str(j, "seat", seat->id);
        sb_out_some(j, "partner", sb_partner_id(c->charter, seat->partner));
        sb_out_str(j, "represented_by",
                   r->role == 0       ? "none"
                   : r->by_delegation ? "delegate"
                                      : sb_text_code(SB_TEXT_SEAT_ROLE, r->role));
        sb_out_str(j, "reason", sb_away_code(r->reason));
        sb_json_key(j, "events");
        sb_json_array(j);
        for (uint8_t e = 0; e < r->event_count; e++)
            sb_json_u64(j, r->events[e]);
        sb_json_end_array(j);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* Persons who were there and don't count: deputies beside their representative, the disqualified.
 */
static void put_beside(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "persons_not_counted");
    sb_json_array(j);
    for (uint32_t i = 0; i < c->presence.seat_count; i++) {
        const sb_representation *r = &c->presence.representations[i];
        const struct {
            bool holds;
            const char *role, *reason;
        } rows[] = {
            {r->primary_disqualified, "primary", "disqualified"},
            {r->deputy_disqualified, "deputy", "disqualified"},
            {r->deputy_beside, "deputy", "deputy_beside"},
        };
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            if (!rows[k].holds)
                continue;
            sb_json_object(j);
            sb_out_str(j, "seat", c->presence.seats[i].id);
            sb_out_str(j, "role", rows[k].role);
            sb_out_str(j, "reason", rows[k].reason);
            sb_out_some(j, "cite", c->body->deputy_cite);
            sb_json_end_object(j);
        }
    }
    sb_json_end_array(j);
}

static void put_tally(sb_json *j, const char *partner, const sb_tally *t)
{
    sb_json_object(j);
    sb_out_str(j, "partner", partner);
    sb_out_u64(j, "seats", t->seats);
    sb_out_u64(j, "filled", t->filled);
    sb_out_u64(j, "present", t->present);
    sb_out_u64(j, "eligible", t->eligible);
    sb_out_u64(j, "for", t->for_);
    sb_out_u64(j, "against", t->against);
    sb_out_u64(j, "abstain", t->abstain);
    sb_json_end_object(j);
}

static void put_counts(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "counts");
    sb_json_array(j);
    put_tally(j, NULL, &c->presence.input.total);
    for (uint32_t i = 0; i < c->presence.count; i++)
        put_tally(j, sb_partner_id(c->charter, c->presence.partners[i]),
                  &c->presence.tallies[i].tally);
    sb_json_end_array(j);
}

static void put_line(sb_json *j, const sb_rule *rule, const sb_rule_line *line)
{
    sb_buf text;
    sb_buf_init(&text);
    sb_rule_print_compare(&rule->nodes[line->node], SB_RULE_EN, &text);
    sb_json_object(j);
    sb_json_key(j, "partner");
    if (line->is_total)
        sb_json_null(j);
    else
        sb_json_str(j, line->partner);
    sb_out_str(j, "rule", sb_buf_cstr(&text));
    sb_out_u64(j, "have", line->a_value);
    sb_out_u64(j, "of", line->b_value);
    sb_out_str(j, "need", sb_needed_code(line->needed_kind));
    sb_out_u64(j, "needed", line->needed);
    sb_out_bool(j, "held", line->held);
    sb_json_end_object(j);
    sb_buf_deinit(&text);
}

void sb_judged_json(sb_json *j, const char *key, const sb_judged *judged)
{
    sb_json_key(j, key);
    if (!judged->has_rule) {
        sb_json_null(j);
        return;
    }
    const sb_rule_result *r = &judged->result;
    sb_json_object(j);
    sb_out_bool(j, "held", r->passed);
    if (r->discussion_missing)
        sb_out_bool(j, "discussion_missing", true);
    sb_json_key(j, "comparisons");
    sb_json_array(j);
    for (uint32_t i = 0; i < r->line_count; i++)
        put_line(j, &judged->rule, &r->lines[i]);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static void put_objections(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "objections");
    sb_json_array(j);
    for (uint32_t i = 0; i < c->objection_count; i++) {
        sb_json_object(j);
        sb_out_str(j, "seat", c->objection_seats[i]);
        sb_out_str(j, "by", sb_text_code(SB_TEXT_SEAT_ROLE, c->objections[i].role));
        sb_out_u64(j, "index", c->objections[i].index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_ballots(sb_json *j, const char *key, const sb_certificate *c, bool counted)
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (uint32_t i = 0; i < c->ballot_count; i++) {
        const sb_counted_ballot *b = &c->ballots[i];
        if ((b->reason == SB_AWAY_NOT) != counted)
            continue;
        sb_json_object(j);
        sb_out_str(j, "seat", b->seat->id);
        sb_out_str(j, "by", sb_text_code(SB_TEXT_SEAT_ROLE, b->ballot.role));
        sb_out_str(j, "choice", sb_text_code(SB_TEXT_CHOICE, b->ballot.choice));
        sb_out_index(j, "candidate", b->ballot.candidate != 0, b->ballot.candidate);
        sb_out_bool(j, "recorded", b->ballot.recorded);
        sb_out_bool(j, "confirmed", b->ballot.confirmed);
        sb_out_u64(j, "index", b->ballot.index);
        if (!counted)
            sb_out_str(j, "reason", sb_away_code(b->reason));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_deadlines(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "deadlines");
    sb_json_array(j);
    for (size_t i = 0; i < c->noted_count; i++) {
        const sb_noted *n = &c->noted[i];
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_DEADLINE_KIND, n->words->kind));
        sb_out_date(j, "from", n->from);
        sb_out_date(j, "to", n->to);
        sb_out_date(j, "actual", n->actual_ms == 0 ? 0 : sb_yyyymmdd_of(n->actual_ms));
        sb_out_bool(j, "kept", n->kept);
        sb_out_str(j, "effect", sb_text_code(SB_TEXT_DEADLINE_EFFECT, n->words->effect));
        sb_out_some(j, "cite", n->words->cite);
        sb_out_some(j, "assumed", n->words->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_assumption(sb_json *j, const char *about, const char *cite, const char *assumed)
{
    if (assumed[0] == '\0')
        return;
    sb_json_object(j);
    sb_out_str(j, "about", about);
    sb_out_some(j, "cite", cite);
    sb_out_str(j, "assumed", assumed);
    sb_json_end_object(j);
}

static void put_assumptions(sb_json *j, const sb_certificate *c)
{
    sb_json_key(j, "assumptions");
    sb_json_array(j);
    put_assumption(j, "quorum", c->body->quorum->cite, c->body->quorum->assumed);
    const Sb__Rule *pass = sb_certificate_pass_words(c);
    if (sb_certificate_decides(c))
        put_assumption(j, "pass", pass->cite, pass->assumed);
    if (c->question.mode == SB__MODE__MODE_ELECTION && c->body->election != NULL)
        put_assumption(j, "election", c->body->election->cite, c->body->election->assumed);
    put_assumption(j, "deputy", c->body->deputy_cite, c->body->deputy_assumed);
    for (size_t i = 0; i < c->noted_count; i++)
        put_assumption(j, sb_text_code(SB_TEXT_DEADLINE_KIND, c->noted[i].words->kind),
                       c->noted[i].words->cite, c->noted[i].words->assumed);
    for (uint32_t i = 0; i < c->election.warning_count; i++)
        if (!sb_certificate_norm_said(c, i))
            put_assumption(
                j, sb_text_code(SB_TEXT_OFFICE_NORM_KIND, c->election.warnings[i].norm->kind),
                c->election.warnings[i].norm->cite, c->election.warnings[i].norm->assumed);
    const Sb__Involvement *involvement = sb_certificate_involvement(c);
    if (involvement != NULL)
        put_assumption(j, "involvement", involvement->cite, involvement->assumed);
    sb_json_end_array(j);
}

void sb_certificate_json(const sb_certificate *c, sb_buf *out)
{
    sb_json j;
    sb_json_begin(&j, out);
    sb_json_object(&j);
    sb_out_str(&j, "format", "samband/certificate/v1");
    sb_out_hash(&j, "federation", c->federation_id);
    sb_out_bool(&j, "rehearsal", c->charter->rehearsal);
    put_meeting(&j, c);
    put_case(&j, c);
    put_question(&j, c);
    sb_out_hash(&j, "wording_sha256", c->question.wording);
    sb_json_key(&j, "clauses");
    sb_json_array(&j);
    for (uint32_t i = 0; i < c->c.clauses; i++)
        sb_json_cstr(&j, c->clauses[i]);
    sb_json_end_array(&j);
    sb_out_u64(&j, "charter_version", c->question.charter_version);
    sb_json_key(&j, "rules");
    sb_json_object(&j);
    put_rule(&j, "quorum", c->rules.quorum, c->body->quorum);
    put_rule(&j, "pass", c->rules.pass, sb_certificate_pass_words(c));
    sb_json_end_object(&j);
    sb_out_some(&j, "chair", c->chair);
    sb_out_str(&j, "chair_basis", sb_text_code(SB_TEXT_CHAIR_BASIS, c->chair_basis));
    sb_out_hash(&j, "electorate_sha256", c->rules.electorate);
    put_electorate(&j, c);
    put_beside(&j, c);
    put_counts(&j, c);
    sb_judged_json(&j, "quorum_at_opening", &c->quorum_open);
    sb_judged_json(&j, "quorum_at_close", &c->quorum_close);
    put_objections(&j, c);
    put_ballots(&j, "ballots", c, true);
    put_ballots(&j, "ballots_not_counted", c, false);
    sb_judged_json(&j, "pass", &c->pass);
    sb_certificate_put_election(&j, c);
    sb_certificate_put_warnings(&j, c);
    put_deadlines(&j, c);
    sb_certificate_put_actions(&j, c);
    sb_certificate_put_conditions(&j, c);
    sb_certificate_put_relations(&j, c);
    sb_certificate_put_earlier(&j, c);
    sb_certificate_put_rulings(&j, c);
    put_assumptions(&j, c);
    sb_out_some(&j, "dispute_cite",
                c->question.outcome == SB__OUTCOME__OUTCOME_NO_CONSENSUS ? c->body->dispute_cite
                                                                         : NULL);
    sb_out_bool(&j, "unanimous", c->unanimous);
    sb_out_str(&j, "outcome", sb_text_code(SB_TEXT_OUTCOME, c->question.outcome));
    sb_json_end_object(&j);
}
