/* QUESTION_OPEN, OBJECTION, BALLOT, BALLOT_RECORDED, QUESTION_CLOSE (DESIGN §5; § 6 SSU nr. 9–12).
 * A ballot costs O(1): its seat's row and its partner's running counts. */
#include <assert.h>

#include "proto/base/hash.h"
#include "proto/ledger/actions.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/elections.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/machine.h"

/* ---- QUESTION_OPEN ---- */

static sb_err check_case(sb_step *s, const sb_row_case *c, const sb_row_agenda *item)
{
    const char *label = sb_case_label(s->arena, c);
    if (c->status == SB_CASE_WITHDRAWN)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, label, NULL);
    if (c->meeting != item->meeting)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_POSTPONED, label, NULL);
    if (c->question != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_QUESTION_OPEN, label, NULL);
    if (sb_outcome_decides(item->outcome))
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_DECIDED, label, NULL);
    return SB_OK;
}

/* Some seat chairs, and somebody sits in it. */
static sb_err check_chair(sb_step *s, const sb_row_meeting *meeting, const sb_row_case *c)
{
    uint32_t seat = sb_chair_of(s->kv, meeting->no, c->no);
    if (seat != 0 && sb_representative(s->kv, meeting->no, seat, c->no).role != 0)
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_NO_CHAIR,
                       sb_meeting_label(s->arena, s->charter, meeting), NULL);
}

/* What kinds of case may be decided how. */
static sb_err check_mode(sb_step *s, Sb__Mode mode, const sb_row_case *c)
{
    bool information = c->kind == SB__CASE_KIND__CASE_KIND_INFORMATION;
    bool election = c->kind == SB__CASE_KIND__CASE_KIND_ELECTION;
    bool fits = false;
    switch (mode) {
    case SB__MODE__MODE_CONSENSUS:
        fits = !election;
        break;
    case SB__MODE__MODE_VOTE:
        fits = !election && !information;
        break;
    case SB__MODE__MODE_ELECTION:
        fits = election;
        break;
    case SB__MODE__MODE_POLL: /* it decides nothing */
        fits = true;
        break;
    case SB__MODE__MODE_NOTE:
        fits = information;
        break;
    case SB__MODE__MODE_INVALID:
    case _SB__MODE_IS_INT_SIZE:
        break;
    }
    if (fits)
        return SB_OK;
    char kind[SB_TEXT_ARG_BYTES];
    sb_text_arg(kind, SB_TEXT_CASE_KIND, c->kind);
    return sb_fail_set(s->fail, SB_E_LEDGER_MODE, sb_case_label(s->arena, c), kind, NULL);
}

/* Nothing is decided that was not both reported and sent out (§ 6 SSU nr. 9); what stands on the
 * agenda was reported. */
static sb_err check_bars(sb_step *s, const sb_row_meeting *meeting, const sb_row_case *c,
                         const sb_row_agenda *item)
{
    const Sb__Body *body = sb_body_words(s->charter, meeting->body);
    bool sent = item->sent_ms != 0 &&
                (item->sent_index < meeting->opened_index || item->sent_ms < meeting->opened_ms);
    if (body->bar_cite[0] != '\0' && !sent)
        return sb_fail_set(s->fail, SB_E_LEDGER_NOT_REPORTED, sb_case_label(s->arena, c),
                           body->bar_cite, NULL);
    sb_noted *noted;
    size_t count;
    sb_noted_of_case(s->arena, body, meeting, c, item, &noted, &count);
    for (size_t i = 0; i < count; i++) {
        if (noted[i].words->effect != SB__DEADLINE_EFFECT__DEADLINE_EFFECT_BARS || noted[i].kept)
            continue;
        char deadline[SB_TEXT_ARG_BYTES];
        sb_text_arg(deadline, SB_TEXT_DEADLINE_KIND, (uint32_t)noted[i].words->kind);
        return sb_fail_set(s->fail, SB_E_LEDGER_DEADLINE_BARS, sb_case_label(s->arena, c), deadline,
                           noted[i].words->cite, NULL);
    }
    return SB_OK;
}

static sb_err check_wording(sb_step *s, ProtobufCBinaryData sha256, const uint8_t current[32],
                            const sb_row_case *c)
{
    if (sha256.len == 32 && memcmp(sha256.data, current, 32) == 0)
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_WORDING_STALE, sb_case_label(s->arena, c), NULL);
}

/* What the mode needs: something to decide on, and a rule. A poll breaks no bar: § 6 SSU nr. 9 is
 * about decisions. */
static sb_err check_basis(sb_step *s, const Sb__QuestionOpen *m, const sb_row_meeting *meeting,
                          const sb_row_case *c, const sb_row_agenda *item)
{
    sb_err err = sb_body_live_need(s, c->body);
    if (err != SB_OK)
        return err;
    bool election = m->mode == SB__MODE__MODE_ELECTION;
    bool decides = m->mode != SB__MODE__MODE_POLL && m->mode != SB__MODE__MODE_NOTE;
    if (m->mode != SB__MODE__MODE_POLL && (err = check_bars(s, meeting, c, item)) != SB_OK)
        return err;
    if (c->clauses == 0 && !election)
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_CLAUSES, sb_case_label(s->arena, c), NULL);
    if ((err = check_wording(s, m->wording_sha256, c->wording, c)) != SB_OK)
        return err;
    /* what is only noted or asked for advice decides nothing */
    if (decides && (err = sb_conditions_check_question(s, c)) != SB_OK)
        return err;
    if ((err = sb_actions_check_open(s, c, m->mode)) != SB_OK)
        return err;
    if (election)
        return sb_election_check_open(s, c, item);
    const Sb__Rule *pass = sb_actions_pass_rule(s->kv, s->charter, meeting->body, c->no);
    if (decides && pass->text[0] == '\0')
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_PASS_RULE,
                           sb_body_words(s->charter, meeting->body)->name, NULL);
    return SB_OK;
}

sb_err sb_check_question_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__QuestionOpen *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c;
    sb_row_agenda item;
    sb_err err = sb_meeting_case_need(s, m->meeting_id, m->case_id, &meeting, &c, &item);
    if (err != SB_OK || (err = check_case(s, &c, &item)) != SB_OK ||
        (err = check_chair(s, &meeting, &c)) != SB_OK ||
        (err = check_mode(s, m->mode, &c)) != SB_OK)
        return err;
    return check_basis(s, m, &meeting, &c, &item);
}

/* SHA-256("samband/electorate/v1" 0x00 ‖ u32be count ‖ (u16be len ‖ seat, u16be len ‖ partner)*).
 */
static void hash_electorate(const Sb__Charter *charter, const sb_presence *p, uint8_t out[32])
{
    static const char domain[] = "samband/electorate/v1"; /* with its zero byte */
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add(&h, sb_slice_of(domain, sizeof domain));
    sb_sha256_add_u32(&h, p->seat_count);
    for (uint32_t i = 0; i < p->seat_count; i++) {
        sb_slice words[2] = {sb_slice_str(p->seats[i].id),
                             sb_slice_str(sb_partner_id(charter, p->seats[i].partner))};
        for (size_t k = 0; k < 2; k++) {
            sb_sha256_add_u16(&h, (uint16_t)words[k].len);
            sb_sha256_add(&h, words[k]);
        }
    }
    sb_sha256_final(&h, out);
}

/* Pin what the decision will rest on: rules, electorate, and who was there at the opening. */
static void pin(sb_step *s, sb_row_question *q)
{
    const Sb__Body *body = sb_body_words(s->charter, q->body);
    sb_presence presence;
    sb_presence_of(s->kv, s->arena, s->charter, q->body, q->meeting, q->case_no, SB_NOW, &presence);
    q->quorate = sb_quorate(s->arena, body->quorum->text, &presence.input);
    static const Sb__Rule none = SB__RULE__INIT;
    const Sb__Rule *pass = sb_actions_pass_rule(s->kv, s->charter, q->body, q->case_no);
    if (q->mode == SB__MODE__MODE_ELECTION)
        pass = sb_election_rule(body);
    else if (q->mode == SB__MODE__MODE_POLL)
        pass = &none; /* it decides nothing */
    sb_row_question_rules rules = {
        .question = q->no, .quorum = body->quorum->text, .pass = pass->text};
    hash_electorate(s->charter, &presence, rules.electorate);
    sb_row_question_rules_put(s->kv, &rules);
    for (uint32_t i = 0; i < presence.count; i++) {
        sb_row_tally row = {.question = q->no,
                            .partner = presence.partners[i],
                            .filled_open = presence.tallies[i].tally.filled,
                            .present_open = presence.tallies[i].tally.present};
        sb_row_tally_put(s->kv, &row);
    }
}

void sb_apply_question_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__QuestionOpen *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK ||
        sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_row_federation federation = {0};
    (void)sb_row_federation_get(s->kv, s->arena, &federation);
    sb_row_question q = {.no = sb_number_next(s->kv, SB_REF_QUESTION),
                         .meeting = meeting.no,
                         .item = c.item,
                         .case_no = c.no,
                         .body = meeting.body,
                         .mode = (uint8_t)m->mode,
                         .status = SB_QUESTION_OPEN,
                         .opened_index = s->index,
                         .opened_ms = s->now_ms,
                         .charter_version = federation.charter_version};
    memcpy(q.id, s->leaf->entry.id, 32);
    memcpy(q.wording, c.wording, 32);
    pin(s, &q);
    if (q.mode == SB__MODE__MODE_ELECTION)
        sb_election_pin(s, &q);
    sb_row_question_put(s->kv, &q);
    sb_ref_put(s->kv, q.id, SB_REF_QUESTION, q.no);
    c.question = q.no;
    sb_row_case_put(s->kv, &c);
    meeting.open_questions++;
    sb_row_meeting_put(s->kv, &meeting);
    sb_row_item_question at = {.meeting = q.meeting, .item = q.item, .question = q.no};
    sb_row_item_question_put(s->kv, &at);
}

/* ---- what a seat says to an open question ---- */

/* What OBJECTION, BALLOT and BALLOT_RECORDED have in common: found by check, used by apply. */
typedef struct voice {
    sb_row_question question;
    sb_row_case c;
    sb_row_seat seat;
    sb_representation by;
    sb_row_ballot ballot; /* the seat's current one, when has_ballot */
    bool has_ballot;
} voice;

static sb_err read_question(sb_step *s, ProtobufCBinaryData id, voice *v)
{
    sb_err err = sb_question_need(s, id, &v->question);
    if (err != SB_OK)
        return err;
    v->c = (sb_row_case){.no = v->question.case_no};
    return sb_row_case_get(s->kv, s->arena, &v->c) ? SB_OK : SB_E_LEDGER_STATE;
}

/* The question and its case; ballots on one follow upon each other, and change neither. */
static sb_err find_question(sb_step *s, ProtobufCBinaryData id, voice *v)
{
    sb_ledger *l = s->ledger;
    assert(s->kv == sb_overlay_kv(l->step));
    if (sb_overlay_count(l->step) > 0) /* what was settled before this leaf may have changed them */
        return read_question(s, id, v);
    if (!l->asked_known || id.len != 32 || memcmp(id.data, l->asked.id, 32) != 0) {
        sb_err err = read_question(s, id, v);
        if (err != SB_OK)
            return err;
        sb_arena_reset(&l->asked_arena);
        l->asked = v->question;
        l->asked_case = v->c;
        l->asked_case.title = sb_arena_str(&l->asked_arena, sb_slice_str(v->c.title));
        l->asked_known = true;
    }
    v->question = l->asked;
    v->c = l->asked_case;
    return SB_OK;
}

static sb_err find_voice(sb_step *s, ProtobufCBinaryData question_id, const char *seat, voice **out)
{
    voice *v = sb_arena_alloc(s->arena, sizeof *v);
    s->found = *out = v;
    sb_err err = find_question(s, question_id, v);
    if (err != SB_OK)
        return err;
    if ((err = sb_seat_in_body(s, seat, v->question.body, &v->seat)) != SB_OK)
        return err;
    v->by = sb_representative(s->kv, v->question.meeting, v->seat.no, v->c.no);
    return SB_OK;
}

static bool signer_is(sb_step *s, const voice *v, Sb__SeatRole role)
{
    sb_row_holder holder;
    return sb_holder_get(s->kv, v->seat.no, role, s->date, &holder) && holder.key != 0 &&
           holder.key == s->signer.no;
}

/* The seat votes, somebody represents it, and (unless the secretariat writes) that is the signer.
 */
static sb_err check_voice(sb_step *s, const voice *v, ProtobufCBinaryData wording,
                          bool by_secretariat)
{
    if (v->question.status != SB_QUESTION_OPEN)
        return sb_fail_set(s->fail, SB_E_LEDGER_QUESTION_CLOSED, sb_case_label(s->arena, &v->c),
                           NULL);
    if (!v->seat.voting)
        return sb_fail_set(s->fail, SB_E_LEDGER_SEAT_NOT_VOTING, v->seat.id, NULL);
    if (!sb_seat_at(&v->seat, v->question.opened_index)) /* the electorate is that of the opening */
        return sb_fail_set(s->fail, SB_E_LEDGER_SEAT_AFTER, v->seat.id,
                           sb_case_label(s->arena, &v->c), NULL);
    bool is_theirs = by_secretariat || signer_is(s, v, (Sb__SeatRole)v->by.role);
    if (v->by.role == SB__SEAT_ROLE__SEAT_ROLE_PRIMARY && !is_theirs)
        return sb_fail_set(s->fail, SB_E_LEDGER_DEPUTY_BESIDE, v->seat.id,
                           sb_cite(sb_body_words(s->charter, v->question.body)->deputy_cite), NULL);
    if (v->by.role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY && !is_theirs)
        return sb_fail_set(s->fail, SB_E_LEDGER_PRIMARY_AWAY, v->seat.id,
                           sb_case_label(s->arena, &v->c), NULL);
    if (v->by.role == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_NOT_PRESENT, v->seat.id,
                           sb_case_label(s->arena, &v->c), NULL);
    return check_wording(s, wording, v->question.wording, &v->c);
}

/* ---- OBJECTION ---- */

sb_err sb_check_objection(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Objection *m = (const void *)message;
    voice *v;
    sb_err err = find_voice(s, m->question_id, m->seat, &v);
    if (err != SB_OK)
        return err;
    sb_scope scope = {.body = v->question.body, .seats = &v->seat.no, .seat_count = 1};
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    bool by_secretariat = sb_signer_can(s, SB_CAP_SECRETARIAT, &scope);
    if ((err = check_voice(s, v, m->wording_sha256, by_secretariat)) != SB_OK)
        return err;
    bool election = v->question.mode == SB__MODE__MODE_ELECTION;
    if (election && !sb_election_may_object(s->kv, v->question.no))
        return sb_fail_set(s->fail, SB_E_LEDGER_OBJECTION_ELECTION, sb_case_label(s->arena, &v->c),
                           NULL);
    if (!election && v->question.mode != SB__MODE__MODE_CONSENSUS)
        return sb_fail_set(s->fail, SB_E_LEDGER_OBJECTION_MODE, sb_case_label(s->arena, &v->c),
                           NULL);
    sb_row_objection row = {.question = v->question.no, .seat = v->seat.no};
    if (sb_row_objection_get(s->kv, NULL, &row))
        return sb_fail_set(s->fail, SB_E_LEDGER_OBJECTION_TWICE, v->seat.id, NULL);
    return SB_OK;
}

void sb_apply_objection(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Objection *m = (const void *)message;
    voice *v = s->found;
    assert(v != NULL); /* check found it */
    sb_row_objection row = {
        .question = v->question.no, .seat = v->seat.no, .role = v->by.role, .index = s->index};
    sb_row_objection_put(s->kv, &row);
    v->question.objections++;
    sb_row_question_put(s->kv, &v->question);
    sb_row_objection_text text = {
        .question = v->question.no, .seat = v->seat.no, .index = s->index};
    sb_blob_set(text.sha256, &text.size, m->reason);
    sb_row_objection_text_put(s->kv, &text);
}

/* ---- BALLOT, BALLOT_RECORDED ---- */

/* It replaces the seat's current ballot, or there is none. */
static sb_err check_replaces(sb_step *s, const Sb__Ballot *m, voice *v, bool recorded)
{
    v->ballot = (sb_row_ballot){.question = v->question.no, .seat = v->seat.no};
    v->has_ballot = sb_row_ballot_get(s->kv, NULL, &v->ballot);
    const sb_row_ballot *current = &v->ballot;
    /* the own ballot of who represents the seat now: a deputy's goes over the other one's */
    if (v->has_ballot && recorded && !current->recorded && current->role == v->by.role)
        return sb_fail_set(s->fail, SB_E_LEDGER_BALLOT_OWN, v->seat.id, NULL);
    bool fits = v->has_ballot
                    ? m->replaces.len == 32 && memcmp(m->replaces.data, current->id, 32) == 0
                    : m->replaces.len == 0;
    if (!fits)
        return sb_fail_set(s->fail, SB_E_LEDGER_BALLOT_STALE, v->seat.id, NULL);
    return SB_OK;
}

sb_err sb_check_ballot(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Ballot *m = (const void *)message;
    bool recorded = s->leaf->entry.type == SB_ENTRY_BALLOT_RECORDED;
    voice *v;
    sb_err err = find_voice(s, m->question_id, m->seat, &v);
    if (err != SB_OK)
        return err;
    sb_scope scope = {.body = v->question.body, .seats = &v->seat.no, .seat_count = 1};
    if ((err = sb_may(s, &scope)) != SB_OK ||
        (err = check_voice(s, v, m->wording_sha256, recorded)) != SB_OK)
        return err;
    bool votes = v->question.mode == SB__MODE__MODE_CONSENSUS
                     ? v->question.objections > 0
                     : v->question.mode != SB__MODE__MODE_NOTE;
    if (!votes)
        return sb_fail_set(s->fail, SB_E_LEDGER_BALLOT_CONSENSUS, sb_case_label(s->arena, &v->c),
                           NULL);
    if ((err = sb_election_check_choice(s, &v->question, &v->c, m)) != SB_OK)
        return err;
    return check_replaces(s, m, v, recorded);
}

/* A ballot for a candidate is for somebody: the candidates' own counts say for whom. */
static uint32_t *choice_count(sb_row_tally *row, uint8_t choice)
{
    if (choice == SB__CHOICE__CHOICE_FOR || choice == SB__CHOICE__CHOICE_CANDIDATE)
        return &row->votes_for;
    return choice == SB__CHOICE__CHOICE_AGAINST ? &row->votes_against : &row->votes_abstain;
}

void sb_apply_ballot(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Ballot *m = (const void *)message;
    const voice *v = s->found;
    assert(v != NULL); /* check found it */
    sb_row_tally tally = {.question = v->question.no, .partner = v->seat.partner};
    (void)sb_row_tally_get(s->kv, NULL, &tally);
    sb_row_ballot row = v->ballot;
    if (v->has_ballot) {
        (*choice_count(&tally, row.choice))--;
        if (row.candidate != 0)
            sb_election_count(s->kv, v->question.no, row.candidate, v->seat.partner, false);
    }
    row.choice = (uint8_t)m->choice;
    row.candidate = m->candidate;
    row.confirmed = false;
    row.recorded = s->leaf->entry.type == SB_ENTRY_BALLOT_RECORDED;
    row.role = v->by.role;
    row.index = s->index;
    memcpy(row.id, s->leaf->entry.id, 32);
    (*choice_count(&tally, row.choice))++;
    if (row.candidate != 0)
        sb_election_count(s->kv, v->question.no, row.candidate, v->seat.partner, true);
    sb_row_tally_put(s->kv, &tally);
    sb_row_ballot_put(s->kv, &row);
}

/* ---- QUESTION_CLOSE ---- */

sb_err sb_check_question_close(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__QuestionClose *m = (const void *)message;
    sb_row_question q;
    sb_err err = sb_question_need(s, m->question_id, &q);
    if (err != SB_OK)
        return err;
    sb_row_meeting meeting = {.no = q.meeting};
    sb_row_case c = {.no = q.case_no};
    if (!sb_row_meeting_get(s->kv, NULL, &meeting) || !sb_row_case_get(s->kv, s->arena, &c))
        return SB_E_LEDGER_STATE;
    sb_scope scope = sb_scope_meeting(s, &meeting, q.case_no);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (q.status != SB_QUESTION_OPEN)
        return sb_fail_set(s->fail, SB_E_LEDGER_QUESTION_CLOSED, sb_case_label(s->arena, &c), NULL);
    return SB_OK;
}

void sb_apply_question_close(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__QuestionClose *m = (const void *)message;
    sb_row_question q;
    if (sb_question_need(s, m->question_id, &q) == SB_OK)
        sb_question_settle(s, q.no, SB__OUTCOME__OUTCOME_INVALID);
}
