/* MINUTES_DRAFT, MINUTES_REQUEST, MINUTES_CORRECT; approval by silence, or by a decision of the next
 * meeting (§ 6 SSU nr. 13–15; § 6 PM nr. 9). */
#include "proto/ledger/attendance.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/handlers.h"

static sb_err refuse_approved(sb_step *s, const sb_row_meeting *meeting)
{
    return sb_fail_set(s->fail, SB_E_LEDGER_MINUTES_APPROVED,
                       sb_meeting_label(s->arena, s->charter, meeting),
                       sb_minutes_name(s->charter, meeting->body), NULL);
}

/* Who claims to have sent it before the meeting would leave nobody time to ask for changes. */
static sb_err check_sent(sb_step *s, const sb_row_meeting *meeting, const Sb__Claim *claim)
{
    sb_err err = sb_claim_check(s, claim);
    if (err == SB_OK && sb_yyyymmdd_of(sb_claim_ms(claim, s->now_ms)) < meeting->date &&
        claim != NULL)
        err = sb_fail_set(s->fail, SB_E_LEDGER_SENT_BEFORE_MEETING,
                          sb_date_arg(s->arena, meeting->date),
                          sb_minutes_name(s->charter, meeting->body), NULL);
    return err;
}

/* A new newest draft of the meeting; the silence runs from when it was sent. */
static void put_draft(sb_step *s, sb_row_meeting *meeting, const Sb__BlobRef *document,
                      const Sb__Claim *claim)
{
    sb_row_draft draft = {.no = sb_number_next(s->kv, SB_REF_DRAFT),
                          .meeting = meeting->no,
                          .status = SB_DRAFT_SENT,
                          .previous = meeting->draft,
                          .index = s->index,
                          .logged_ms = s->now_ms,
                          .sent_ms = sb_claim_ms(claim, s->now_ms),
                          .source = sb_claim_source(claim)};
    memcpy(draft.id, s->leaf->entry.id, 32);
    sb_blob_set(draft.sha256, &draft.size, document);
    draft.due_ms = sb_silence_ms(s->arena, sb_body_words(s->charter, meeting->body), draft.sent_ms);
    /* a dispatch entered late still leaves the deadline after this leaf */
    if (draft.due_ms != 0 && draft.due_ms <= s->now_ms)
        draft.due_ms = s->now_ms + 1;
    if (draft.due_ms != 0)
        sb_due_put(s->kv, draft.due_ms, SB_DUE_MINUTES, draft.no);
    sb_row_draft_put(s->kv, &draft);
    sb_ref_put(s->kv, draft.id, SB_REF_DRAFT, draft.no);
    meeting->draft = draft.no;
    sb_row_meeting_put(s->kv, meeting);
}

static void stop_silence(sb_step *s, sb_row_draft *draft, sb_draft_status status)
{
    if (draft->due_ms != 0)
        sb_due_del(s->kv, draft->due_ms, SB_DUE_MINUTES, draft->no);
    draft->due_ms = 0;
    draft->status = (uint8_t)status;
    sb_row_draft_put(s->kv, draft);
}

/* ---- MINUTES_DRAFT ---- */

sb_err sb_check_minutes_draft(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesDraft *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(meeting.body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    const char *label = sb_meeting_label(s->arena, s->charter, &meeting);
    if (meeting.status != SB_MEETING_CLOSED)
        return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_STILL_OPEN, label, NULL);
    sb_row_draft draft = {.no = meeting.draft};
    if (meeting.draft != 0 && sb_row_draft_get(s->kv, NULL, &draft)) {
        if (draft.status == SB_DRAFT_APPROVED)
            return refuse_approved(s, &meeting);
        return sb_fail_set(s->fail, SB_E_LEDGER_DRAFT_EXISTS, label, NULL);
    }
    return check_sent(s, &meeting, m->claim);
}

void sb_apply_minutes_draft(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesDraft *m = (const void *)message;
    sb_row_meeting meeting;
    if (sb_meeting_need(s, m->meeting_id, &meeting) == SB_OK)
        put_draft(s, &meeting, m->document, m->claim);
}

/* ---- what acts on a draft ---- */

/* The newest draft of its meeting, not approved. */
static sb_err current_draft_need(sb_step *s, const sb_row_draft *draft,
                                 const sb_row_meeting *meeting)
{
    if (draft->status == SB_DRAFT_APPROVED)
        return refuse_approved(s, meeting);
    if (draft->status == SB_DRAFT_REPLACED)
        return sb_fail_set(s->fail, SB_E_LEDGER_DRAFT_REPLACED, NULL);
    return SB_OK;
}

static sb_err draft_and_meeting(sb_step *s, ProtobufCBinaryData id, sb_row_draft *draft,
                                sb_row_meeting *meeting)
{
    sb_err err = sb_draft_need(s, id, draft);
    if (err != SB_OK)
        return err;
    *meeting = (sb_row_meeting){.no = draft->meeting};
    return sb_row_meeting_get(s->kv, s->arena, meeting) ? SB_OK : SB_E_LEDGER_STATE;
}

/* Did somebody sit in the seat at some time of the meeting? */
static bool was_there(sb_step *s, uint32_t meeting, uint32_t seat)
{
    sb_row_attendance row = {.meeting = meeting, .seat = seat};
    (void)sb_row_attendance_get(s->kv, NULL, &row);
    return row.primary == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED ||
           row.primary == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT ||
           row.deputy == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED ||
           row.deputy == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT;
}

/* ---- MINUTES_REQUEST ---- */

sb_err sb_check_minutes_request(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesRequest *m = (const void *)message;
    sb_row_draft draft;
    sb_row_meeting meeting;
    sb_row_seat seat;
    sb_err err = draft_and_meeting(s, m->draft_id, &draft, &meeting);
    if (err != SB_OK || (err = sb_seat_in_body(s, m->seat, meeting.body, &seat)) != SB_OK)
        return err;
    sb_scope scope = {.body = meeting.body, .seats = &seat.no, .seat_count = 1};
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (!was_there(s, meeting.no, seat.no))
        return sb_fail_set(s->fail, SB_E_LEDGER_WAS_NOT_THERE, seat.id,
                           sb_meeting_label(s->arena, s->charter, &meeting), NULL);
    return current_draft_need(s, &draft, &meeting);
}

void sb_apply_minutes_request(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesRequest *m = (const void *)message;
    sb_row_draft draft;
    sb_row_seat seat;
    if (sb_draft_need(s, m->draft_id, &draft) != SB_OK ||
        !sb_seat_find(s->kv, s->arena, m->seat, &seat))
        return;
    stop_silence(s, &draft, SB_DRAFT_REQUESTED);
    sb_row_draft_request row = {.draft = draft.no, .index = s->index, .seat = seat.no};
    sb_blob_set(row.sha256, &row.size, m->text);
    sb_row_draft_request_put(s->kv, &row);
}

/* ---- MINUTES_CORRECT ---- */

sb_err sb_check_minutes_correct(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesCorrect *m = (const void *)message;
    sb_row_draft draft;
    sb_row_meeting meeting;
    sb_err err = draft_and_meeting(s, m->draft_id, &draft, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(meeting.body);
    if ((err = sb_may(s, &scope)) != SB_OK ||
        (err = current_draft_need(s, &draft, &meeting)) != SB_OK)
        return err;
    return check_sent(s, &meeting, m->claim);
}

void sb_apply_minutes_correct(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesCorrect *m = (const void *)message;
    sb_row_draft draft;
    sb_row_meeting meeting;
    if (draft_and_meeting(s, m->draft_id, &draft, &meeting) != SB_OK)
        return;
    stop_silence(s, &draft, SB_DRAFT_REPLACED);
    put_draft(s, &meeting, m->document, m->claim);
}

/* ---- MINUTES_APPROVE ---- */

/* What a meeting approves was sent before it decided, and its own minutes come later. */
sb_err sb_check_minutes_approve(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesApprove *m = (const void *)message;
    sb_row_draft draft;
    sb_row_meeting meeting;
    sb_row_question question;
    sb_err err = draft_and_meeting(s, m->draft_id, &draft, &meeting);
    if (err != SB_OK || (err = sb_question_need(s, m->question_id, &question)) != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(meeting.body);
    if ((err = sb_may(s, &scope)) != SB_OK ||
        (err = current_draft_need(s, &draft, &meeting)) != SB_OK)
        return err;
    sb_row_case c = {.no = question.case_no};
    (void)sb_row_case_get(s->kv, s->arena, &c);
    if (question.outcome != SB__OUTCOME__OUTCOME_ADOPTED)
        return sb_fail_set(s->fail, SB_E_LEDGER_APPROVE_OUTCOME, sb_case_label(s->arena, &c), NULL);
    if (question.body != meeting.body || question.opened_index < meeting.closed_index)
        return sb_fail_set(s->fail, SB_E_LEDGER_APPROVE_MEETING,
                           sb_minutes_name(s->charter, meeting.body), NULL);
    if (draft.index > question.opened_index)
        return sb_fail_set(s->fail, SB_E_LEDGER_APPROVE_DRAFT, NULL);
    return SB_OK;
}

void sb_apply_minutes_approve(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MinutesApprove *m = (const void *)message;
    sb_row_draft draft;
    sb_row_question question;
    if (sb_draft_need(s, m->draft_id, &draft) != SB_OK ||
        sb_question_need(s, m->question_id, &question) != SB_OK)
        return;
    draft.approved_ms = question.closed_ms;
    draft.question = question.no;
    stop_silence(s, &draft, SB_DRAFT_APPROVED);
}

/* ---- approval by silence ---- */

static void approve_by_silence(sb_step *s, const sb_row_deadline *row)
{
    sb_row_draft draft = {.no = row->number};
    if (!sb_row_draft_get(s->kv, NULL, &draft) || draft.status != SB_DRAFT_SENT)
        return;
    draft.status = SB_DRAFT_APPROVED;
    draft.approved_ms = row->due_ms;
    sb_row_draft_put(s->kv, &draft);
}

void sb_settle_deadline(sb_step *s, const sb_row_deadline *row)
{
    switch ((sb_deadline_target)row->kind) {
    case SB_DUE_MINUTES:
        approve_by_silence(s, row);
        return;
    case SB_DUE_CONDITION:
        sb_condition_lapse(s, row->number);
        return;
    }
}
