/* A question's close: who is eligible, which ballots count, quorum and pass rule, the outcome, its
 * certificate and the RESULT that must follow (DESIGN §5). */
#include <assert.h>

#include "proto/base/hash.h"
#include "proto/ledger/actions.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/elections.h"

/* ---- rules ---- */

void sb_judge(sb_arena *arena, const char *text, const sb_rule_input *input, sb_judged *out)
{
    out->has_rule = text[0] != '\0';
    out->result.passed = true;
    if (!out->has_rule)
        return;
    /* the charter was checked when it was adopted: it parses */
    sb_err err = sb_rule_parse(arena, sb_slice_str(text), &out->rule, NULL);
    assert(err == SB_OK);
    if (err == SB_OK)
        sb_rule_eval(arena, &out->rule, input, &out->result);
}

/* The rule of `judged`, on other counts. */
static void judge_again(sb_arena *arena, const sb_judged *judged, const sb_rule_input *input,
                        sb_judged *out)
{
    out->has_rule = judged->has_rule;
    out->rule = judged->rule;
    out->result.passed = true;
    if (out->has_rule)
        sb_rule_eval(arena, &out->rule, input, &out->result);
}

bool sb_quorate(sb_arena *arena, const char *quorum, const sb_rule_input *input)
{
    sb_judged judged = {0};
    sb_judge(arena, quorum, input, &judged);
    return judged.result.passed;
}

/* The counts as they were when the question opened, from the partners' rows. */
static void judge_opening(sb_step *s, sb_certificate *c)
{
    sb_presence then = c->presence;
    then.tallies = SB_ARENA_ARRAY(s->arena, sb_partner_tally, then.count + 1);
    then.input.partners = then.tallies;
    then.input.total = (sb_tally){.seats = c->presence.input.total.seats};
    for (uint32_t i = 0; i < then.count; i++) {
        sb_row_tally row = {.question = c->question.no, .partner = then.partners[i]};
        (void)sb_row_tally_get(s->kv, NULL, &row);
        then.tallies[i].id = c->presence.tallies[i].id;
        then.tallies[i].tally = (sb_tally){.seats = c->presence.tallies[i].tally.seats,
                                           .filled = row.filled_open,
                                           .present = row.present_open,
                                           .eligible = row.present_open};
        then.input.total.filled += row.filled_open;
        then.input.total.present += row.present_open;
        then.input.total.eligible += row.present_open;
    }
    sb_judge(s->arena, c->rules.quorum, &then.input, &c->quorum_open);
}

/* ---- ballots ---- */

static uint32_t seat_at(const sb_presence *p, uint32_t seat)
{
    uint32_t low = 0, high = p->seat_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (p->seats[middle].no < seat)
            low = middle + 1;
        else
            high = middle;
    }
    return low < p->seat_count && p->seats[low].no == seat ? low : SB_NONE;
}

static void take_off(sb_row_tally *row, uint8_t choice)
{
    if (choice == SB__CHOICE__CHOICE_FOR || choice == SB__CHOICE__CHOICE_CANDIDATE)
        row->votes_for--;
    else if (choice == SB__CHOICE__CHOICE_AGAINST)
        row->votes_against--;
    else
        row->votes_abstain--;
}

/* Why a ballot doesn't count: nobody represents its seat now, or who gave it is disqualified (§ 3
 * nr. 2: the deputy may vote anew). One who has only left leaves a ballot that stands. */
static sb_away why_not_counted(const sb_representation *r, const sb_row_ballot *ballot)
{
    if (r->reason != SB_AWAY_NOT)
        return r->reason;
    bool disqualified = ballot->role == SB__SEAT_ROLE__SEAT_ROLE_PRIMARY ? r->primary_disqualified
                                                                         : r->deputy_disqualified;
    return disqualified ? SB_AWAY_DISQUALIFIED : SB_AWAY_NOT;
}

/* All ballots by seat; those that don't count are marked. */
static void collect_ballots(sb_step *s, sb_certificate *c)
{
    c->ballots = SB_ARENA_ARRAY(s->arena, sb_counted_ballot, c->presence.seat_count);
    sb_row_ballot row = {.question = c->question.no};
    for (bool more = sb_row_ballot_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_ballot_next(s->kv, NULL, &row, false, 1)) {
        uint32_t at = seat_at(&c->presence, row.seat);
        if (at == SB_NONE)
            continue;
        assert(c->ballot_count < c->presence.seat_count);
        c->ballots[c->ballot_count++] =
            (sb_counted_ballot){.seat = &c->presence.seats[at],
                                .ballot = row,
                                .reason = why_not_counted(&c->presence.representations[at], &row)};
    }
}

/* The running counts, less what doesn't count. */
static void count_votes(sb_step *s, sb_certificate *c)
{
    uint32_t votes[3] = {0, 0, 0};
    for (uint32_t i = 0; i < c->presence.count; i++) {
        sb_row_tally row = {.question = c->question.no, .partner = c->presence.partners[i]};
        (void)sb_row_tally_get(s->kv, NULL, &row);
        for (uint32_t b = 0; b < c->ballot_count; b++)
            if (c->ballots[b].reason != SB_AWAY_NOT && c->ballots[b].seat->partner == row.partner)
                take_off(&row, c->ballots[b].ballot.choice);
        sb_tally_votes(&c->presence.tallies[i].tally, row.votes_for, row.votes_against,
                       row.votes_abstain);
        votes[0] += row.votes_for;
        votes[1] += row.votes_against;
        votes[2] += row.votes_abstain;
    }
    sb_tally_votes(&c->presence.input.total, votes[0], votes[1], votes[2]);
    uint32_t counted = 0;
    for (uint32_t b = 0; b < c->ballot_count; b++)
        counted += c->ballots[b].reason == SB_AWAY_NOT;
    assert(counted == c->presence.input.total.voted);
    c->unanimous = counted > 0 && votes[0] == counted;
}

static void collect_objections(sb_step *s, sb_certificate *c)
{
    c->objections = SB_ARENA_ARRAY(s->arena, sb_row_objection, c->presence.seat_count);
    c->objection_seats = SB_ARENA_ARRAY(s->arena, const char *, c->presence.seat_count);
    sb_row_objection row = {.question = c->question.no};
    for (bool more = sb_row_objection_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_objection_next(s->kv, NULL, &row, false, 1)) {
        uint32_t at = seat_at(&c->presence, row.seat);
        if (at == SB_NONE)
            continue;
        c->objection_seats[c->objection_count] = c->presence.seats[at].id;
        c->objections[c->objection_count++] = row;
    }
}

/* ---- the outcome ---- */

static Sb__Outcome outcome_of(const sb_certificate *c)
{
    if (c->question.mode == SB__MODE__MODE_POLL)
        return SB__OUTCOME__OUTCOME_POLLED;
    /* where no quorum is asked for, somebody must still be there */
    if (!c->quorum_open.result.passed || !c->quorum_close.result.passed ||
        c->presence.input.total.present == 0)
        return SB__OUTCOME__OUTCOME_NOT_QUORATE;
    if (c->question.mode == SB__MODE__MODE_NOTE)
        return SB__OUTCOME__OUTCOME_NOTED;
    if (c->question.mode == SB__MODE__MODE_ELECTION)
        return c->election.row.elected != 0 ? SB__OUTCOME__OUTCOME_ELECTED
                                            : SB__OUTCOME__OUTCOME_TIED;
    if (c->question.mode == SB__MODE__MODE_CONSENSUS && c->question.objections == 0)
        return SB__OUTCOME__OUTCOME_ADOPTED;
    if (c->pass.result.passed)
        return SB__OUTCOME__OUTCOME_ADOPTED;
    return c->pass.result.failure == SB_RULE_NO_CONSENSUS ? SB__OUTCOME__OUTCOME_NO_CONSENSUS
                                                          : SB__OUTCOME__OUTCOME_FALLEN;
}

/* Everything but the outcome. */
static void fill(sb_step *s, uint32_t question_no, sb_certificate *c)
{
    *c = (sb_certificate){.kv = s->kv, .arena = s->arena, .charter = s->charter};
    (void)sb_ledger_federation_id(s->ledger, c->federation_id);
    c->question.no = question_no;
    (void)sb_row_question_get(s->kv, NULL, &c->question);
    c->question.status = SB_QUESTION_CLOSED;
    c->question.closed_index = s->index;
    c->question.closed_ms = s->now_ms;
    c->rules.question = question_no;
    (void)sb_row_question_rules_get(s->kv, s->arena, &c->rules);
    c->meeting.no = c->question.meeting;
    (void)sb_row_meeting_get(s->kv, NULL, &c->meeting);
    c->c.no = c->question.case_no;
    (void)sb_row_case_get(s->kv, s->arena, &c->c);
    c->item = (sb_row_agenda){.meeting = c->question.meeting, .item = c->question.item};
    (void)sb_row_agenda_get(s->kv, NULL, &c->item);
    c->charter = sb_step_charter(s, c->question.charter_version);
    c->body = sb_body_words(c->charter, c->question.body);
    c->clauses = sb_clauses_of(s->kv, s->arena, &c->c);

    sb_row_chair chair = {.meeting = c->meeting.no, .case_no = c->c.no};
    sb_row_seat seat = {0};
    if (!sb_row_chair_get(s->kv, NULL, &chair)) {
        chair.case_no = 0;
        (void)sb_row_chair_get(s->kv, NULL, &chair);
    }
    seat.no = chair.seat;
    c->chair = seat.no != 0 && sb_row_seat_get(s->kv, s->arena, &seat) ? seat.id : "";
    c->chair_basis = chair.basis;
    sb_noted_of_case(s->arena, c->body, &c->meeting, &c->c, &c->item, &c->noted, &c->noted_count);
}

/* Unanimous: all who voted, for the same one. */
static void evaluate_election(sb_step *s, sb_certificate *c)
{
    sb_election_fill(s, c);
    sb_election_judge(s, c);
    c->has_votes = !c->election.row.unopposed;
    bool one_took_all = false;
    for (uint32_t i = 0; i < c->election.count; i++)
        one_took_all |= c->election.contenders[i].total == c->presence.input.total.voted;
    c->unanimous = c->presence.input.total.voted > 0 && one_took_all;
}

static void evaluate(sb_step *s, sb_certificate *c)
{
    sb_presence_of(s->kv, s->arena, c->charter, c->question.body, c->meeting.no, c->c.no,
                   c->question.opened_index, &c->presence);
    c->presence.input.discussed_earlier = sb_discussed_earlier(s->kv, c->c.no, c->meeting.no);
    judge_opening(s, c);
    collect_objections(s, c);
    collect_ballots(s, c);
    count_votes(s, c);
    judge_again(s->arena, &c->quorum_open, &c->presence.input, &c->quorum_close);
    switch ((Sb__Mode)c->question.mode) {
    case SB__MODE__MODE_VOTE:
    case SB__MODE__MODE_CONSENSUS:
        c->has_votes = c->question.mode == SB__MODE__MODE_VOTE || c->question.objections > 0;
        if (c->has_votes)
            sb_judge(s->arena, c->rules.pass, &c->presence.input, &c->pass);
        break;
    case SB__MODE__MODE_ELECTION:
        evaluate_election(s, c);
        break;
    case SB__MODE__MODE_POLL:
        c->has_votes = true;
        break;
    case SB__MODE__MODE_NOTE:
    case SB__MODE__MODE_INVALID:
    case _SB__MODE_IS_INT_SIZE:
        break;
    }
}

/* ---- what the close writes ---- */

static Sb__Count count_of(char *partner, const sb_tally *t)
{
    Sb__Count count = SB__COUNT__INIT;
    count.partner = partner;
    count.seats = t->seats;
    count.filled = t->filled;
    count.present = t->present;
    count.eligible = t->eligible;
    count.votes_for = t->for_;
    count.votes_against = t->against;
    count.votes_abstain = t->abstain;
    return count;
}

static void put_result(sb_step *s, const sb_certificate *c, uint8_t certificate_sha256[32])
{
    uint32_t partners = c->presence.input.partner_count;
    Sb__Count *counts = SB_ARENA_ARRAY(s->arena, Sb__Count, partners + 1);
    Sb__Count **list = SB_ARENA_ARRAY(s->arena, Sb__Count *, partners + 1);
    counts[0] = count_of((char *)(uintptr_t) "", &c->presence.input.total);
    for (uint32_t i = 0; i < partners; i++)
        counts[i + 1] = count_of(sb_arena_str(s->arena, c->presence.tallies[i].id),
                                 &c->presence.tallies[i].tally);
    for (uint32_t i = 0; i <= partners; i++)
        list[i] = &counts[i];
    Sb__Result r = SB__RESULT__INIT;
    r.question_id = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)c->question.id};
    r.wording_sha256 = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)c->question.wording};
    r.mode = (Sb__Mode)c->question.mode;
    r.outcome = (Sb__Outcome)c->question.outcome;
    r.n_counts = partners + 1;
    r.counts = list;
    r.charter_version = c->question.charter_version;
    r.quorum_rule = (char *)(uintptr_t)c->rules.quorum;
    r.pass_rule = (char *)(uintptr_t)c->rules.pass;
    r.objections = c->question.objections;
    r.electorate_sha256 = (ProtobufCBinaryData){32, (uint8_t *)(uintptr_t)c->rules.electorate};
    r.certificate_sha256 = (ProtobufCBinaryData){32, certificate_sha256};
    if (c->question.mode == SB__MODE__MODE_ELECTION)
        sb_election_result(c, &r);
    size_t len = protobuf_c_message_get_packed_size(&r.base);
    uint8_t *packed = sb_arena_alloc(s->arena, len);
    protobuf_c_message_pack(&r.base, packed);
    sb_row_result row = {.question = c->question.no, .payload = sb_slice_of(packed, len)};
    sb_row_result_put(s->kv, &row);
    sb_row_pending_result pending = {.question = c->question.no};
    sb_row_pending_result_put(s->kv, &pending);
}

static void put_certificate(sb_step *s, const sb_certificate *c, uint8_t sha256[32])
{
    sb_buf json, nb, en;
    sb_buf_init(&json);
    sb_buf_init(&nb);
    sb_buf_init(&en);
    sb_certificate_json(c, &json);
    sb_hash(sb_buf_slice(&json), sha256);
    sb_row_certificate row = {.question = c->question.no};
    memcpy(row.sha256, sha256, 32);
    if (sb_keeps_certificates(s->ledger)) {
        sb_certificate_text(c, SB_LANG_NB, &nb);
        sb_certificate_text(c, SB_LANG_EN, &en);
        row.json = sb_buf_slice(&json);
        row.text_nb = sb_buf_slice(&nb);
        row.text_en = sb_buf_slice(&en);
    }
    sb_row_certificate_put(s->kv, &row);
    sb_buf_deinit(&en);
    sb_buf_deinit(&nb);
    sb_buf_deinit(&json);
}

/* Ballots, objections and counts are no longer state once the RESULT is fixed. */
static void retire(sb_step *s, const sb_certificate *c)
{
    for (uint32_t i = 0; i < c->ballot_count; i++) {
        const sb_row_ballot *b = &c->ballots[i].ballot;
        sb_row_vote vote = {.question = b->question,
                            .seat = b->seat,
                            .choice = b->choice,
                            .candidate = b->candidate,
                            .recorded = b->recorded,
                            .confirmed = b->confirmed,
                            .role = b->role,
                            .index = b->index,
                            .counted = c->ballots[i].reason == SB_AWAY_NOT,
                            .reason = (uint8_t)c->ballots[i].reason};
        sb_row_vote_put(s->kv, &vote);
        sb_row_ballot_del(s->kv, b);
        if (b->recorded && !b->confirmed) {
            sb_row_unconfirmed row = {
                .question = b->question, .seat = b->seat, .role = b->role, .index = b->index};
            memcpy(row.id, b->id, 32);
            sb_row_unconfirmed_put(s->kv, &row);
        }
    }
    for (uint32_t i = 0; i < c->objection_count; i++)
        sb_row_objection_del(s->kv, &c->objections[i]);
    for (uint32_t i = 0; i < c->presence.count; i++) {
        sb_row_tally row = {.question = c->question.no, .partner = c->presence.partners[i]};
        sb_row_tally_del(s->kv, &row);
    }
}

static void put_outcome(sb_step *s, sb_certificate *c)
{
    c->question.status = SB_QUESTION_CLOSED;
    sb_row_question_put(s->kv, &c->question);
    /* a poll doesn't take the place of what was decided, or not, before it */
    if (c->question.outcome != SB__OUTCOME__OUTCOME_POLLED || c->item.outcome == 0 ||
        c->item.outcome == SB__OUTCOME__OUTCOME_POLLED) {
        c->item.outcome = c->question.outcome;
        c->item.mode = c->question.mode;
        c->item.question = c->question.no;
        sb_row_agenda_put(s->kv, &c->item);
    }
    c->c.question = 0;
    sb_row_case_put(s->kv, &c->c);
    c->meeting.open_questions--;
    sb_row_meeting_put(s->kv, &c->meeting);
    if (sb_outcome_discusses(c->question.outcome))
        sb_discussed_put(s, c->meeting.no, c->question.item, &c->c, false);
    if (c->question.mode == SB__MODE__MODE_ELECTION)
        sb_election_put(s, c);
    if (c->question.outcome == SB__OUTCOME__OUTCOME_ADOPTED)
        sb_actions_adopted(s, &c->question);
    if (sb_outcome_decides(c->question.outcome))
        sb_item_clauses_put(s->kv, c->meeting.no, c->question.item, SB_CLAUSE_DECIDED, c->clauses,
                            c->c.clauses);
}

void sb_question_settle(sb_step *s, uint32_t question_no, Sb__Outcome forced)
{
    sb_certificate c;
    uint8_t sha256[32];
    fill(s, question_no, &c);
    evaluate(s, &c);
    c.question.outcome = (uint8_t)(forced != 0 ? forced : outcome_of(&c));
    if (c.question.mode == SB__MODE__MODE_ELECTION)
        sb_election_conclude(&c);
    put_certificate(s, &c, sha256);
    put_result(s, &c, sha256);
    retire(s, &c);
    put_outcome(s, &c);
}

void sb_result_payload(sb_ledger *l, sb_kv *kv, uint32_t question_no, sb_buf *out)
{
    (void)l;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_row_result row = {.question = question_no};
    if (sb_row_result_get(kv, &arena, &row))
        sb_buf_add(out, row.payload);
    sb_arena_deinit(&arena);
}
