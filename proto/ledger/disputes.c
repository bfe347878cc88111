/* What is said about a ballot or a decision afterwards: BALLOT_CONFIRM, DISPUTE_OPEN, DISPUTE_CLOSE.
 * None of it moves a result (DESIGN §5; § 6 SSU nr. 12). */
#include "proto/ledger/elections.h"
#include "proto/ledger/handlers.h"

static sb_err question_and_case(sb_step *s, ProtobufCBinaryData id, sb_row_question *q,
                                sb_row_case *c)
{
    sb_err err = sb_question_need(s, id, q);
    if (err != SB_OK)
        return err;
    *c = (sb_row_case){.no = q->case_no};
    return sb_row_case_get(s->kv, s->arena, c) ? SB_OK : SB_E_LEDGER_STATE;
}

/* And the seat of its body that the entry is of: the signer must be the one who may. */
static sb_err question_as_seat(sb_step *s, ProtobufCBinaryData id, const char *seat_id,
                               sb_row_question *q, sb_row_case *c, sb_row_seat *seat)
{
    sb_err err = question_and_case(s, id, q, c);
    if (err != SB_OK || (err = sb_seat_in_body(s, seat_id, q->body, seat)) != SB_OK)
        return err;
    sb_scope scope = {.body = q->body, .seats = &seat->no, .seat_count = 1};
    return sb_may(s, &scope);
}

/* ---- BALLOT_CONFIRM ---- */

/* The recorded ballot as it stands: on the open question, or left by the close. */
typedef struct recorded {
    bool found, confirmed;
    uint8_t role;
    uint8_t id[32];
    uint64_t index;
} recorded;

static recorded find_recorded(sb_kv *kv, const sb_row_question *q, uint32_t seat)
{
    recorded r = {0};
    sb_row_ballot ballot = {.question = q->no, .seat = seat};
    sb_row_unconfirmed left = {.question = q->no, .seat = seat};
    if (sb_row_ballot_get(kv, NULL, &ballot)) {
        r.found = ballot.recorded;
        r.confirmed = ballot.confirmed;
        r.role = ballot.role;
        r.index = ballot.index;
        memcpy(r.id, ballot.id, 32);
    } else if (sb_row_unconfirmed_get(kv, NULL, &left)) {
        r.found = true;
        r.role = left.role;
        r.index = left.index;
        memcpy(r.id, left.id, 32);
    }
    return r;
}

sb_err sb_check_ballot_confirm(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__BallotConfirm *m = (const void *)message;
    sb_row_question q;
    sb_row_case c;
    sb_row_seat seat;
    sb_err err = question_as_seat(s, m->question_id, m->seat, &q, &c, &seat);
    if (err != SB_OK)
        return err;
    recorded r = find_recorded(s->kv, &q, seat.no);
    if (!r.found)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONFIRM_NONE, seat.id, sb_case_label(s->arena, &c),
                           NULL);
    if (m->ballot_id.len != 32 || memcmp(m->ballot_id.data, r.id, 32) != 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONFIRM_OTHER, seat.id, NULL);
    if (r.confirmed)
        return sb_fail_set(s->fail, SB_E_LEDGER_CONFIRM_TWICE, seat.id, NULL);
    sb_row_holder holder;
    if (sb_holder_get(s->kv, seat.no, (Sb__SeatRole)r.role, s->date, &holder) && holder.key != 0 &&
        holder.key == s->signer.no && holder.index < r.index) /* a successor didn't give it */
        return SB_OK;
    char role[SB_TEXT_ARG_BYTES];
    sb_text_arg(role, SB_TEXT_SEAT_ROLE, r.role);
    return sb_fail_set(s->fail, SB_E_LEDGER_CONFIRM_ROLE, seat.id, role, NULL);
}

void sb_apply_ballot_confirm(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__BallotConfirm *m = (const void *)message;
    sb_row_question q;
    sb_row_case c;
    sb_row_seat seat;
    if (question_and_case(s, m->question_id, &q, &c) != SB_OK ||
        sb_seat_in_body(s, m->seat, q.body, &seat) != SB_OK)
        return;
    sb_row_ballot ballot = {.question = q.no, .seat = seat.no};
    if (sb_row_ballot_get(s->kv, NULL, &ballot)) {
        ballot.confirmed = true;
        sb_row_ballot_put(s->kv, &ballot);
        return;
    }
    sb_row_unconfirmed left = {.question = q.no, .seat = seat.no};
    (void)sb_row_unconfirmed_get(s->kv, NULL, &left);
    sb_row_unconfirmed_del(s->kv, &left);
    sb_row_confirmation row = {.question = q.no,
                               .seat = seat.no,
                               .role = left.role,
                               .index = s->index,
                               .at_ms = s->now_ms};
    sb_row_confirmation_put(s->kv, &row);
}

/* ---- DISPUTE_OPEN ---- */

sb_err sb_check_dispute_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__DisputeOpen *m = (const void *)message;
    sb_row_question q;
    sb_row_case c;
    sb_row_seat seat;
    sb_err err = question_as_seat(s, m->question_id, m->seat, &q, &c, &seat);
    if (err != SB_OK)
        return err;
    if (q.status != SB_QUESTION_CLOSED)
        return sb_fail_set(s->fail, SB_E_LEDGER_QUESTION_STILL_OPEN, sb_case_label(s->arena, &c),
                           NULL);
    uint32_t own = 0;
    sb_row_question_dispute at = {.question = q.no};
    for (bool more = sb_row_question_dispute_next(s->kv, NULL, &at, true, 1); more;
         more = sb_row_question_dispute_next(s->kv, NULL, &at, false, 1)) {
        sb_row_dispute row = {.no = at.dispute};
        if (!sb_row_dispute_get(s->kv, NULL, &row) || row.seat != seat.no)
            continue;
        own++;
        if (row.status == SB_DISPUTE_OPEN)
            return sb_fail_set(s->fail, SB_E_LEDGER_DISPUTE_TWICE, seat.id, NULL);
    }
    if (own >= SB_DISPUTES_MAX)
        return sb_fail_set(s->fail, SB_E_LEDGER_DISPUTES_MANY, seat.id,
                           sb_arena_printf(s->arena, "%d", SB_DISPUTES_MAX), NULL);
    return SB_OK;
}

void sb_apply_dispute_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__DisputeOpen *m = (const void *)message;
    sb_row_question q;
    sb_row_case c;
    sb_row_seat seat;
    if (question_and_case(s, m->question_id, &q, &c) != SB_OK ||
        sb_seat_in_body(s, m->seat, q.body, &seat) != SB_OK)
        return;
    sb_row_dispute row = {.no = sb_number_next(s->kv, SB_REF_DISPUTE),
                          .question = q.no,
                          .seat = seat.no,
                          .status = SB_DISPUTE_OPEN,
                          .index = s->index};
    memcpy(row.id, s->leaf->entry.id, 32);
    sb_row_dispute_put(s->kv, &row);
    sb_ref_put(s->kv, row.id, SB_REF_DISPUTE, row.no);
    sb_row_question_dispute at = {.question = q.no, .dispute = row.no};
    sb_row_question_dispute_put(s->kv, &at);
    sb_row_dispute_text text = {.dispute = row.no, .at_ms = s->now_ms};
    sb_blob_set(text.sha256, &text.size, m->text);
    sb_row_dispute_text_put(s->kv, &text);
}

/* ---- DISPUTE_CLOSE ---- */

static sb_err dispute_need(sb_step *s, ProtobufCBinaryData id, sb_row_dispute *row,
                           sb_row_question *q)
{
    sb_err err = sb_ref_need(s, id, SB_REF_DISPUTE, &row->no);
    if (err != SB_OK)
        return err;
    if (!sb_row_dispute_get(s->kv, NULL, row))
        return SB_E_LEDGER_STATE;
    *q = (sb_row_question){.no = row->question};
    return sb_row_question_get(s->kv, NULL, q) ? SB_OK : SB_E_LEDGER_STATE;
}

sb_err sb_check_dispute_close(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__DisputeClose *m = (const void *)message;
    sb_row_dispute row;
    sb_row_question q;
    sb_err err = dispute_need(s, m->dispute_id, &row, &q);
    if (err != SB_OK)
        return err;
    sb_scope scope = {.body = q.body, .seats = &row.seat, .seat_count = 1};
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (row.status != SB_DISPUTE_OPEN)
        return sb_fail_set(s->fail, SB_E_LEDGER_DISPUTE_CLOSED, NULL);
    return SB_OK;
}

void sb_apply_dispute_close(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__DisputeClose *m = (const void *)message;
    sb_row_dispute row;
    sb_row_question q;
    if (dispute_need(s, m->dispute_id, &row, &q) != SB_OK)
        return;
    row.status = SB_DISPUTE_CLOSED;
    row.end = (uint8_t)m->end;
    row.closed_index = s->index;
    sb_row_dispute_put(s->kv, &row);
    sb_row_dispute_text text = {.dispute = row.no};
    (void)sb_row_dispute_text_get(s->kv, NULL, &text);
    sb_blob_set(text.end_sha256, &text.end_size, m->text);
    text.closed_ms = s->now_ms;
    sb_row_dispute_text_put(s->kv, &text);
}
