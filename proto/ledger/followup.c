/* REMARK, TASK_SET, TASK_DONE. */
#include "proto/ledger/attendance.h"
#include "proto/ledger/handlers.h"

/* The minutes that remarks and tasks go into must not be approved. */
static sb_err check_minutes_open(sb_step *s, const sb_row_meeting *meeting)
{
    sb_row_draft draft = {.no = meeting->draft};
    if (meeting->draft == 0 || !sb_row_draft_get(s->kv, s->arena, &draft) ||
        draft.status != SB_DRAFT_APPROVED)
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_MINUTES_APPROVED,
                       sb_meeting_label(s->arena, s->charter, meeting),
                       sb_minutes_name(s->charter, meeting->body), NULL);
}

static sb_err check_on_agenda(sb_step *s, ProtobufCBinaryData case_id,
                              const sb_row_meeting *meeting)
{
    sb_row_case c;
    sb_row_agenda item;
    sb_err err = sb_case_need(s, case_id, &c);
    return err != SB_OK ? err : sb_agenda_need(s, meeting, &c, &item);
}

/* ---- REMARK ---- */

sb_err sb_check_remark(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Remark *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_seat seat;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK || (err = sb_seat_in_body(s, m->seat, meeting.body, &seat)) != SB_OK)
        return err;
    sb_scope scope = {.body = meeting.body, .seats = &seat.no, .seat_count = 1};
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_meeting_begun_need(s, &meeting)) != SB_OK ||
        (err = check_minutes_open(s, &meeting)) != SB_OK)
        return err;
    return m->case_id.len == 0 ? SB_OK : check_on_agenda(s, m->case_id, &meeting);
}

void sb_apply_remark(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Remark *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_seat seat;
    sb_row_case c = {0};
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK ||
        sb_seat_find(s->kv, s->arena, m->seat, &seat) == false ||
        (m->case_id.len > 0 && sb_case_need(s, m->case_id, &c) != SB_OK))
        return;
    Sb__SeatRole role;
    bool own = sb_key_holds_seat(s, s->signer.no, seat.no, &role);
    sb_row_remark row = {.meeting = meeting.no,
                         .index = s->index,
                         .case_no = c.no,
                         .seat = seat.no,
                         .role = own ? (uint8_t)role : 0};
    sb_blob_set(row.sha256, &row.size, m->text);
    sb_row_remark_put(s->kv, &row);
}

/* ---- TASK_SET ---- */

static bool is_responsible(sb_step *s, const char *id)
{
    sb_row_seat seat;
    const Sb__Charter *c = s->charter;
    return sb_partner_find(c, id) != SB_NONE || sb_body_find(c, id) != SB_NONE ||
           sb_office_find(c, id) != SB_NONE || sb_org_find(c, id) != SB_NONE ||
           sb_seat_find(s->kv, s->arena, id, &seat);
}

static sb_err check_due(sb_step *s, const Sb__TaskSet *m, const sb_row_meeting *meeting)
{
    if (m->due_case == SB__TASK_SET__DUE_DATE) {
        sb_date date;
        if (!sb_date_from_number(m->date, &date))
            return sb_fail_num(s->fail, SB_E_LEDGER_DATE_INVALID, 1, m->date, 0);
        if (m->date < meeting->date)
            return sb_fail_set(s->fail, SB_E_LEDGER_TASK_DUE, sb_date_arg(s->arena, m->date), NULL);
    }
    if (m->due_case == SB__TASK_SET__DUE_MEETING) {
        sb_row_meeting due;
        return sb_meeting_need(s, m->meeting, &due);
    }
    return SB_OK;
}

sb_err sb_check_task_set(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__TaskSet *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_meeting(s, &meeting, sb_ref_find(s->kv, m->case_id, SB_REF_CASE));
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_meeting_begun_need(s, &meeting)) != SB_OK ||
        (err = check_minutes_open(s, &meeting)) != SB_OK ||
        (err = check_on_agenda(s, m->case_id, &meeting)) != SB_OK)
        return err;
    for (size_t i = 0; i < m->n_responsible; i++)
        if (!is_responsible(s, m->responsible[i]))
            return sb_fail_set(s->fail, SB_E_LEDGER_RESPONSIBLE_UNKNOWN, m->responsible[i], NULL);
    return check_due(s, m, &meeting);
}

void sb_apply_task_set(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__TaskSet *m = (const void *)message;
    sb_row_meeting meeting, due = {0};
    sb_row_case c;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK ||
        sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_row_task task = {.no = sb_number_next(s->kv, SB_REF_TASK),
                        .meeting = meeting.no,
                        .case_no = c.no,
                        .index = s->index};
    sb_row_task_text text = {.task = task.no};
    memcpy(task.id, s->leaf->entry.id, 32);
    sb_blob_set(text.sha256, &text.size, m->text);
    if (m->due_case == SB__TASK_SET__DUE_DATE) {
        task.due_kind = SB_DUE_DATE;
        task.due_date = m->date;
    } else if (m->due_case == SB__TASK_SET__DUE_MEETING) {
        (void)sb_meeting_need(s, m->meeting, &due);
        task.due_kind = SB_DUE_MEETING;
        task.due_meeting = due.no;
    } else if (m->due_case == SB__TASK_SET__DUE_EVENT) {
        task.due_kind = SB_DUE_EVENT;
        sb_blob_set(text.event_sha256, &text.event_size, m->event);
    } else {
        task.due_kind = SB_DUE_CONTINUOUS;
    }
    sb_row_task_put(s->kv, &task);
    sb_row_task_text_put(s->kv, &text);
    sb_ref_put(s->kv, task.id, SB_REF_TASK, task.no);
    sb_row_meeting_task at = {.meeting = meeting.no, .task = task.no};
    sb_row_meeting_task_put(s->kv, &at);
    for (size_t i = 0; i < m->n_responsible; i++) {
        sb_row_task_responsible row = {.task = task.no, .n = (uint32_t)i, .id = m->responsible[i]};
        sb_row_task_responsible_put(s->kv, &row);
    }
}

/* ---- TASK_DONE ---- */

/* Does the signer hold a seat that is responsible: itself, or by its partner, body, office? */
static uint32_t *responsible_seats(sb_step *s, uint32_t task, size_t *count)
{
    uint32_t *seats = SB_ARENA_ARRAY(s->arena, uint32_t, SB_SEATS_MAX);
    *count = 0;
    sb_row_place place = {.key = s->signer.no, .kind = SB_PLACE_SEAT};
    for (bool more = sb_row_place_next(s->kv, NULL, &place, true, 2); more;
         more = sb_row_place_next(s->kv, NULL, &place, false, 2)) {
        sb_row_seat seat = {.no = place.number};
        if (!sb_row_seat_get(s->kv, s->arena, &seat) || *count == SB_SEATS_MAX)
            continue;
        sb_row_task_responsible row = {.task = task};
        for (bool next = sb_row_task_responsible_next(s->kv, s->arena, &row, true, 1); next;
             next = sb_row_task_responsible_next(s->kv, s->arena, &row, false, 1)) {
            bool is_mine = strcmp(row.id, seat.id) == 0 ||
                           strcmp(row.id, sb_partner_id(s->charter, seat.partner)) == 0 ||
                           strcmp(row.id, sb_body_words(s->charter, seat.body)->id) == 0;
            if (is_mine) {
                seats[(*count)++] = seat.no;
                break;
            }
        }
    }
    return seats;
}

sb_err sb_check_task_done(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__TaskDone *m = (const void *)message;
    sb_row_task task;
    sb_err err = sb_task_need(s, m->task_id, &task);
    if (err != SB_OK)
        return err;
    sb_row_meeting meeting = {.no = task.meeting};
    sb_row_meeting_get(s->kv, s->arena, &meeting);
    sb_scope scope = sb_scope_body(meeting.body);
    scope.seats = responsible_seats(s, task.no, &scope.seat_count);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (task.done)
        return sb_fail_set(s->fail, SB_E_LEDGER_TASK_DONE, NULL);
    return SB_OK;
}

void sb_apply_task_done(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__TaskDone *m = (const void *)message;
    sb_row_task task;
    if (sb_task_need(s, m->task_id, &task) != SB_OK)
        return;
    task.done = 1;
    task.done_index = s->index;
    sb_row_task_put(s->kv, &task);
    sb_row_task_text text = {.task = task.no};
    sb_row_task_text_get(s->kv, s->arena, &text);
    sb_blob_set(text.note_sha256, &text.note_size, m->note);
    sb_row_task_text_put(s->kv, &text);
}
