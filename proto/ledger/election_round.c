/* A round of an election: opening, ballots, the close, and the offices that the elected take at the
 * SEAL. */
#include <assert.h>

#include "proto/ledger/actions.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/elections.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY

/* ---- the opening ---- */

const Sb__Rule *sb_election_rule(const Sb__Body *body)
{
    bool own = body->election != NULL && body->election->elect->text[0] != '\0';
    return own ? body->election->elect : body->pass;
}

/* Is this candidate of the case in the round after `held` (question 0: the first round)? */
static bool stands_next(sb_kv *kv, const sb_row_item_election *held, const sb_row_candidate *row)
{
    if (row->withdrawn)
        return false;
    sb_row_standing before = {.question = held->question, .number = row->number};
    return held->question == 0 || (sb_row_standing_get(kv, NULL, &before) && before.goes_on);
}

/* The next round's candidates by number; puts them where put_for isn't 0. */
static uint32_t next_standing(sb_kv *kv, const sb_row_item_election *held, uint32_t case_no,
                              uint32_t put_for)
{
    uint32_t count = 0;
    sb_row_case_candidate at = {.case_no = case_no};
    for (bool more = sb_row_case_candidate_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_candidate_next(kv, NULL, &at, false, 1)) {
        sb_row_candidate row = {.no = at.candidate};
        if (!sb_row_candidate_get(kv, NULL, &row) || !stands_next(kv, held, &row))
            continue;
        count++;
        sb_row_standing standing = {.question = put_for, .number = row.number, .candidate = row.no};
        if (put_for != 0)
            sb_row_standing_put(kv, &standing);
    }
    return count;
}

sb_err sb_election_check_open(sb_step *s, const sb_row_case *c, const sb_row_agenda *item)
{
    const Sb__Body *body = sb_body_words(s->charter, c->body);
    const char *label = sb_case_label(s->arena, c);
    if (body->election == NULL)
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_ELECTION, body->name, NULL);
    sb_row_item_election held = {.meeting = item->meeting, .item = item->item};
    (void)sb_row_item_election_get(s->kv, NULL, &held);
    if (held.tied >= body->election->rounds)
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_MORE_ROUNDS, label,
                           sb_arena_printf(s->arena, "%u", (unsigned)body->election->rounds),
                           sb_cite(body->election->cite), NULL);
    if (next_standing(s->kv, &held, c->no, 0) == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_CANDIDATES, label, NULL);
    if (sb_election_rule(body)->text[0] == '\0')
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_PASS_RULE, body->name, NULL);
    return SB_OK;
}

void sb_election_pin(sb_step *s, const sb_row_question *q)
{
    const Sb__Election *words = sb_body_words(s->charter, q->body)->election;
    sb_row_item_election held = {.meeting = q->meeting, .item = q->item};
    (void)sb_row_item_election_get(s->kv, NULL, &held);
    uint32_t count = next_standing(s->kv, &held, q->case_no, q->no);
    sb_row_question_election row = {.question = q->no,
                                    .round = held.tied + 1,
                                    .rounds = words->rounds,
                                    .keep = words->keep,
                                    .tie = (uint8_t)words->tie,
                                    .acclamation = words->acclamation && count == 1};
    sb_row_question_election_put(s->kv, &row);
}

/* ---- ballots ---- */

bool sb_election_may_object(sb_kv *kv, uint32_t question)
{
    sb_row_question_election row = {.question = question};
    return sb_row_question_election_get(kv, NULL, &row) && row.acclamation;
}

sb_err sb_election_check_choice(sb_step *s, const sb_row_question *q, const sb_row_case *c,
                                const Sb__Ballot *m)
{
    bool election = q->mode == SB__MODE__MODE_ELECTION;
    bool names = m->choice == SB__CHOICE__CHOICE_CANDIDATE;
    if (!election && names)
        return sb_fail_set(s->fail, SB_E_LEDGER_BALLOT_NO_ELECTION, sb_case_label(s->arena, c),
                           NULL);
    if (election && !names && m->choice != SB__CHOICE__CHOICE_ABSTAIN)
        return sb_fail_set(s->fail, SB_E_LEDGER_BALLOT_ELECTION, sb_case_label(s->arena, c), NULL);
    sb_row_standing row = {.question = q->no, .number = m->candidate};
    if (names ? sb_row_standing_get(s->kv, NULL, &row) : m->candidate == 0)
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_BALLOT_CANDIDATE,
                       sb_arena_printf(s->arena, "%u", (unsigned)m->candidate),
                       sb_case_label(s->arena, c), NULL);
}

void sb_election_count(sb_kv *kv, uint32_t question, uint32_t number, uint32_t partner, bool more)
{
    sb_row_candidate_tally row = {.question = question, .number = number, .partner = partner};
    (void)sb_row_candidate_tally_get(kv, NULL, &row);
    assert(more || row.votes > 0);
    row.votes = more ? row.votes + 1 : row.votes - 1;
    sb_row_candidate_tally_put(kv, &row);
}

/* ---- the close ---- */

/* The running counts of a candidate, less what doesn't count. */
static void fill_votes(sb_step *s, const sb_certificate *c, sb_contender *of)
{
    of->votes = SB_ARENA_ARRAY(s->arena, uint32_t, c->presence.count);
    for (uint32_t i = 0; i < c->presence.count; i++) {
        sb_row_candidate_tally row = {.question = c->question.no,
                                      .number = of->row.number,
                                      .partner = c->presence.partners[i]};
        (void)sb_row_candidate_tally_get(s->kv, NULL, &row);
        of->votes[i] = row.votes;
        of->total += row.votes;
    }
    for (uint32_t b = 0; b < c->ballot_count; b++) {
        const sb_counted_ballot *ballot = &c->ballots[b];
        if (ballot->reason == SB_AWAY_NOT ||
            ballot->ballot.choice != SB__CHOICE__CHOICE_CANDIDATE ||
            ballot->ballot.candidate != of->row.number)
            continue;
        for (uint32_t i = 0; i < c->presence.count; i++)
            if (c->presence.partners[i] == ballot->seat->partner)
                of->votes[i]--;
        of->total--;
    }
}

static void fill_warnings(sb_step *s, sb_certificate *c)
{
    sb_election *e = &c->election;
    size_t most = 0;
    for (size_t i = 0; i < c->charter->n_offices; i++)
        most += c->charter->offices[i]->n_norms;
    e->warnings = SB_ARENA_ARRAY(s->arena, sb_warning, most * e->count);
    for (uint32_t i = 0; i < e->count; i++) {
        const sb_contender *of = &e->contenders[i];
        sb_norm_broken *broken;
        uint32_t n = sb_ticket_norms(s->kv, s->arena, c->charter, of->places, of->row.places,
                                     SB__FORCE__FORCE_SHOULD, &broken);
        for (uint32_t k = 0; k < n; k++)
            e->warnings[e->warning_count++] = (sb_warning){
                .candidate = of->row.number, .office = broken[k].office, .norm = broken[k].norm};
    }
}

void sb_election_fill(sb_step *s, sb_certificate *c)
{
    sb_election *e = &c->election;
    e->row = (sb_row_question_election){.question = c->question.no};
    (void)sb_row_question_election_get(s->kv, NULL, &e->row);
    e->contenders = SB_ARENA_ARRAY(s->arena, sb_contender, SB_CANDIDATES_MAX);
    sb_row_standing at = {.question = c->question.no};
    for (bool more = sb_row_standing_next(s->kv, NULL, &at, true, 1);
         more && e->count < SB_CANDIDATES_MAX;
         more = sb_row_standing_next(s->kv, NULL, &at, false, 1)) {
        sb_contender *of = &e->contenders[e->count++];
        *of = (sb_contender){.row.no = at.candidate};
        (void)sb_row_candidate_get(s->kv, NULL, &of->row);
        of->row.places = sb_candidate_places(s->kv, s->arena, at.candidate, &of->places);
        fill_votes(s, c, of);
    }
    fill_warnings(s, c);
}

/* for: the candidate's ballots; against: the others'; abstain: the blank ones. */
static void judge_one(sb_step *s, const sb_certificate *c, sb_contender *of)
{
    sb_rule_input input = c->presence.input;
    sb_partner_tally *tallies = SB_ARENA_ARRAY(s->arena, sb_partner_tally, c->presence.count + 1);
    for (uint32_t i = 0; i < c->presence.count; i++) {
        tallies[i] = c->presence.tallies[i];
        sb_tally *t = &tallies[i].tally;
        sb_tally_votes(t, of->votes[i], t->for_ - of->votes[i], t->abstain);
    }
    input.partners = tallies;
    sb_tally_votes(&input.total, of->total, input.total.for_ - of->total, input.total.abstain);
    sb_judge(s->arena, c->rules.pass, &input, &of->rule);
}

void sb_election_judge(sb_step *s, sb_certificate *c)
{
    sb_election *e = &c->election;
    if (e->row.acclamation && c->question.objections == 0 && c->ballot_count == 0) {
        assert(e->count == 1);
        e->row.elected = e->contenders[0].row.number;
        e->row.unopposed = true;
        return;
    }
    uint32_t holds = 0;
    for (uint32_t i = 0; i < e->count; i++) {
        judge_one(s, c, &e->contenders[i]);
        if (!e->contenders[i].rule.result.passed)
            continue;
        holds++;
        e->row.elected = e->contenders[i].row.number;
    }
    if (holds != 1)
        e->row.elected = 0;
}

/* Those who have fewer than `keep` candidates ahead of them: so all who tie for the last place. */
static void mark_going_on(sb_election *e)
{
    for (uint32_t i = 0; i < e->count; i++) {
        uint32_t ahead = 0;
        for (uint32_t k = 0; k < e->count; k++)
            ahead += e->contenders[k].total > e->contenders[i].total;
        e->contenders[i].goes_on = e->row.keep == 0 || ahead < e->row.keep;
    }
}

void sb_election_conclude(sb_certificate *c)
{
    sb_election *e = &c->election;
    if (c->question.outcome != SB__OUTCOME__OUTCOME_ELECTED) {
        e->row.elected = 0;
        e->row.unopposed = false;
    }
    if (c->question.outcome == SB__OUTCOME__OUTCOME_TIED && e->row.round < e->row.rounds)
        mark_going_on(e);
}

/* The leaf waits for its SEAL like an appointment does; the signer's key is of no account, the body
 * has decided. */
static void wait_for_seal(sb_step *s, const sb_certificate *c)
{
    uint8_t number[4] = {(uint8_t)(c->question.no >> 24), (uint8_t)(c->question.no >> 16),
                         (uint8_t)(c->question.no >> 8), (uint8_t)c->question.no};
    sb_row_waiting row = {.index = c->question.closed_index,
                          .type = SB_ENTRY_QUESTION_CLOSE,
                          .payload = sb_slice_of(number, sizeof number)};
    memcpy(row.entry_id, c->question.id, 32);
    sb_row_waiting_put(s->kv, &row);
}

void sb_election_put(sb_step *s, const sb_certificate *c)
{
    const sb_election *e = &c->election;
    sb_row_question_election_put(s->kv, &e->row);
    for (uint32_t i = 0; i < e->count; i++) {
        const sb_contender *of = &e->contenders[i];
        sb_row_standing standing = {.question = c->question.no,
                                    .number = of->row.number,
                                    .candidate = of->row.no,
                                    .goes_on = of->goes_on};
        sb_row_standing_put(s->kv, &standing);
        if (e->row.elected == of->row.number) {
            sb_row_candidate chosen = of->row;
            chosen.question = c->question.no;
            sb_row_candidate_put(s->kv, &chosen);
        }
        for (uint32_t p = 0; p < c->presence.count; p++) {
            sb_row_candidate_tally tally = {c->question.no, of->row.number, c->presence.partners[p],
                                            0, 0};
            sb_row_candidate_votes votes = {.question = c->question.no,
                                            .number = of->row.number,
                                            .partner = c->presence.partners[p],
                                            .votes = of->votes[p]};
            sb_row_candidate_tally_del(s->kv, &tally);
            sb_row_candidate_votes_put(s->kv, &votes);
        }
    }
    if (c->question.outcome == SB__OUTCOME__OUTCOME_TIED) {
        sb_row_item_election held = {.meeting = c->question.meeting, .item = c->question.item};
        (void)sb_row_item_election_get(s->kv, NULL, &held);
        held.tied++;
        held.question = c->question.no;
        sb_row_item_election_put(s->kv, &held);
    }
    if (c->question.outcome == SB__OUTCOME__OUTCOME_ELECTED)
        wait_for_seal(s, c);
}

/* At most 50 candidates, each for all and for 16 partners: with the longest ids 59 KB, so it fits
 * a leaf. */
void sb_election_result(const sb_certificate *c, Sb__Result *r)
{
    const sb_election *e = &c->election;
    uint32_t partners = c->presence.input.partner_count;
    size_t count = (size_t)e->count * (1 + partners);
    Sb__CandidateCount *rows = SB_ARENA_ARRAY(c->arena, Sb__CandidateCount, count);
    r->candidates = SB_ARENA_ARRAY(c->arena, Sb__CandidateCount *, count);
    r->round = e->row.round;
    r->elected = e->row.elected;
    for (uint32_t i = 0; i < e->count; i++)
        for (uint32_t p = 0; p <= partners; p++) {
            Sb__CandidateCount *row = &rows[r->n_candidates];
            *row = (Sb__CandidateCount)SB__CANDIDATE_COUNT__INIT;
            row->number = e->contenders[i].row.number;
            if (p > 0)
                row->partner = sb_arena_str(c->arena, c->presence.tallies[p - 1].id);
            row->votes = p == 0 ? e->contenders[i].total : e->contenders[i].votes[p - 1];
            r->candidates[r->n_candidates++] = row;
        }
}

/* ---- at the SEAL ---- */

uint32_t sb_term_end(uint32_t from_date, uint32_t months)
{
    sb_date from;
    if (months == 0 || !sb_date_from_number(from_date, &from))
        return 0;
    uint32_t month = (uint32_t)from.month - 1 + months;
    sb_date to = {.year = from.year + (int32_t)(month / 12),
                  .month = (uint8_t)(month % 12 + 1),
                  .day = from.day};
    /* a term from 31 August for six months ends with February */
    bool short_month = false;
    while (to.year <= SB_DATE_YEAR_MAX && !sb_date_valid(to)) {
        to.day--;
        short_month = true;
    }
    if (to.year > SB_DATE_YEAR_MAX)
        return 0;
    return sb_date_number(short_month ? to : sb_date_add(to, -1));
}

/* Who had the office has it no longer; a new officer with the seat's key, or without one. */
static void take(sb_step *s, const sb_row_candidate_place *place, const sb_row_question *q)
{
    const Sb__Office *office = s->charter->offices[place->office];
    sb_row_officer row = {.office = place->office};
    for (bool more = sb_row_officer_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_officer_next(s->kv, NULL, &row, false, 1)) {
        sb_row_place left = {row.key, SB_PLACE_OFFICE, place->office, 0, 0};
        sb_row_officer_del(s->kv, &row);
        sb_row_place_del(s->kv, &left);
    }
    sb_row_holder holder;
    bool held = sb_holder_get(s->kv, place->seat, PRIMARY, s->date, &holder);
    uint32_t from = sb_yyyymmdd_of(q->closed_ms);
    row = (sb_row_officer){.office = place->office,
                           .key = held ? holder.key : 0,
                           .from_date = from,
                           .until_date = sb_term_end(from, office->term_months),
                           .index = q->closed_index};
    if (held) {
        memcpy(row.name_sha256, holder.name_sha256, 32);
        row.name_size = holder.name_size;
    }
    memcpy(row.entry_id, q->id, 32);
    sb_row_officer_put(s->kv, &row);
    if (row.key != 0) {
        sb_row_place has = {row.key, SB_PLACE_OFFICE, place->office, 0, 0};
        sb_row_place_put(s->kv, &has);
    }
    sb_row_office_seat seat = {.office = place->office,
                               .seat = place->seat,
                               .question = q->no,
                               .from_date = from,
                               .until_date = row.until_date,
                               .index = q->closed_index};
    sb_row_office_seat_put(s->kv, &seat);
}

static bool question_of(sb_step *s, const sb_row_waiting *w, sb_row_question *q)
{
    if (w->payload.len != 4)
        return false;
    const uint8_t *n = w->payload.data;
    *q = (sb_row_question){.no = (uint32_t)n[0] << 24 | (uint32_t)n[1] << 16 | (uint32_t)n[2] << 8 |
                                 (uint32_t)n[3]};
    return sb_row_question_get(s->kv, NULL, q);
}

bool sb_elected_wait(sb_step *s, const sb_row_waiting *w, uint64_t size)
{
    sb_row_question q;
    Sb__ConditionMoment moment = SB__CONDITION_MOMENT__CONDITION_MOMENT_BEFORE_EFFECT;
    uint64_t met_index;
    return question_of(s, w, &q) &&
           (!sb_conditions_met_of(s->kv, q.case_no, moment, q.closed_index, &met_index) ||
            met_index >= size);
}

sb_err sb_elected_act(sb_step *s, const sb_row_waiting *w)
{
    sb_row_question q;
    sb_row_candidate_place *places;
    if (!question_of(s, w, &q))
        return SB_E_LEDGER_STATE;
    sb_row_question_election e = {.question = q.no};
    if (!sb_row_question_election_get(s->kv, NULL, &e))
        return SB_E_LEDGER_STATE;
    sb_row_standing standing = {.question = q.no, .number = e.elected};
    if (!sb_row_standing_get(s->kv, NULL, &standing))
        return SB_E_LEDGER_STATE;
    uint32_t count = sb_candidate_places(s->kv, s->arena, standing.candidate, &places);
    /* a ticket is elected as one: no half of it when a place is gone or somebody was elected since */
    for (uint32_t i = 0; i < count; i++) {
        sb_row_office_seat now = {.office = places[i].office};
        if (sb_row_office_seat_get(s->kv, NULL, &now) && now.index > q.closed_index)
            return SB_E_LEDGER_ELECTED_SINCE;
        sb_row_seat seat = {.no = places[i].seat};
        if (!sb_row_seat_get(s->kv, s->arena, &seat) || !sb_seat_at(&seat, SB_NOW))
            return SB_E_LEDGER_SEAT_GONE;
        if (sb_body_is_dissolved(s->charter, seat.body))
            return SB_E_LEDGER_BODY_DISSOLVED;
    }
    for (uint32_t i = 0; i < count; i++)
        take(s, &places[i], &q);
    return SB_OK;
}
