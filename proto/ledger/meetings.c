/* MEETING_CALL, PAPERS_SENT, MEETING_OPEN, CHAIR_TAKE, MEETING_CLOSE (§ 6). */
#include "proto/ledger/actions.h"
#include "proto/ledger/attendance.h"
#include "proto/ledger/handlers.h"

static sb_err refuse_closed(sb_step *s, const sb_row_meeting *meeting)
{
    return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_CLOSED,
                       sb_meeting_label(s->arena, s->charter, meeting), NULL);
}

/* ---- MEETING_CALL ---- */

static sb_err check_agenda(sb_step *s, const Sb__MeetingCall *m, uint32_t body)
{
    uint32_t *seen = SB_ARENA_ARRAY(s->arena, uint32_t, m->n_agenda);
    for (size_t i = 0; i < m->n_agenda; i++) {
        sb_row_case c;
        sb_err err = sb_case_need(s, m->agenda[i], &c);
        if (err != SB_OK)
            return err;
        const char *label = sb_case_label(s->arena, &c);
        for (size_t k = 0; k < i; k++)
            if (seen[k] == c.no)
                return sb_fail_set(s->fail, SB_E_LEDGER_CASE_TWICE, label, NULL);
        seen[i] = c.no;
        if (c.body != body)
            return sb_fail_set(s->fail, SB_E_LEDGER_CASE_OTHER_BODY, label,
                               sb_body_short(s->charter, body), NULL);
        if (c.status == SB_CASE_WITHDRAWN)
            return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, label, NULL);
        sb_row_meeting other = {.no = c.meeting};
        if (c.meeting != 0 && sb_row_meeting_get(s->kv, s->arena, &other))
            return sb_fail_set(s->fail, SB_E_LEDGER_CASE_ON_AGENDA, label,
                               sb_meeting_label(s->arena, s->charter, &other), NULL);
    }
    return SB_OK;
}

/* In quite special cases, at shorter notice, by who the bylaws say (§ 6 SSU nr. 16). */
static sb_err check_extraordinary(sb_step *s, const Sb__MeetingCall *m, uint32_t body)
{
    const Sb__Body *words = sb_body_words(s->charter, body);
    if (!m->extraordinary)
        return m->reason == NULL ? SB_OK
                                 : sb_fail_set(s->fail, SB_E_LEDGER_NOT_EXTRAORDINARY, NULL);
    if (words->extraordinary_cite[0] == '\0')
        return sb_fail_set(s->fail, SB_E_LEDGER_EXTRAORDINARY_NONE, sb_body_short(s->charter, body),
                           NULL);
    if (m->reason == NULL)
        return sb_fail_set(s->fail, SB_E_LEDGER_EXTRAORDINARY_REASON, words->extraordinary_cite,
                           NULL);
    uint32_t office = sb_office_find(s->charter, words->extraordinary_by);
    if (office != SB_NONE && !sb_key_holds_office(s, s->signer.no, words->extraordinary_by, body))
        return sb_fail_set(s->fail, SB_E_LEDGER_EXTRAORDINARY_BY, sb_body_short(s->charter, body),
                           s->charter->offices[office]->name, words->extraordinary_cite, NULL);
    return SB_OK;
}

sb_err sb_check_meeting_call(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingCall *m = (const void *)message;
    uint32_t body;
    sb_date date;
    sb_err err = sb_body_need(s, m->body, &body);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (!sb_date_from_number(m->date, &date))
        return sb_fail_num(s->fail, SB_E_LEDGER_DATE_INVALID, 1, m->date, 0);
    if (m->date < sb_yyyymmdd_of(s->now_ms))
        return sb_fail_set(s->fail, SB_E_LEDGER_DATE_PAST, sb_date_arg(s->arena, m->date), NULL);
    if (m->end_minute != 0 && m->end_minute <= m->start_minute) /* 0: not stated */
        return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_TIME, NULL);
    if (m->n_agenda == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_AGENDA_EMPTY, NULL);
    if ((err = check_extraordinary(s, m, body)) != SB_OK ||
        (err = sb_claim_check(s, m->claim)) != SB_OK)
        return err;
    return check_agenda(s, m, body);
}

/* The number before the first that a body gives in a year. */
static uint32_t before_first(const Sb__Body *body, uint32_t year)
{
    for (size_t i = 0; i < body->n_first_numbers; i++)
        if (body->first_numbers[i]->year == year)
            return body->first_numbers[i]->number - 1;
    return 0;
}

static void put_agenda_item(sb_step *s, const sb_row_meeting *meeting, ProtobufCBinaryData id,
                            uint32_t item, uint32_t number)
{
    sb_row_case c;
    if (sb_case_need(s, id, &c) != SB_OK)
        return;
    c.status = SB_CASE_CALLED;
    c.meeting = meeting->no;
    c.item = item;
    c.number = number;
    c.year = meeting->date / 10000;
    sb_row_case_put(s->kv, &c);
    sb_row_agenda row = {
        .meeting = meeting->no, .item = item, .case_no = c.no, .number = number, .year = c.year};
    sb_row_agenda_put(s->kv, &row);
    sb_row_case_number by_number = {.year = c.year,
                                    .number = number,
                                    .body = meeting->body,
                                    .meeting = meeting->no,
                                    .item = item};
    sb_row_case_number_put(s->kv, &by_number);
    sb_row_case_meeting by_case = {.case_no = c.no, .meeting = meeting->no, .item = item};
    sb_row_case_meeting_put(s->kv, &by_case);
}

void sb_apply_meeting_call(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingCall *m = (const void *)message;
    sb_row_meeting meeting = {.no = sb_number_next(s->kv, SB_REF_MEETING),
                              .body = sb_body_find(s->charter, m->body),
                              .date = m->date,
                              .start_minute = m->start_minute,
                              .end_minute = m->end_minute,
                              .form = (uint8_t)m->form,
                              .status = SB_MEETING_CALLED,
                              .items = (uint32_t)m->n_agenda,
                              .called_index = s->index,
                              .called_ms = s->now_ms,
                              .extraordinary = m->extraordinary ? 1 : 0,
                              .notice_ms = sb_claim_ms(m->claim, s->now_ms),
                              .notice_source = sb_claim_source(m->claim)};
    memcpy(meeting.id, s->leaf->entry.id, 32);
    sb_row_meeting_put(s->kv, &meeting);
    sb_ref_put(s->kv, meeting.id, SB_REF_MEETING, meeting.no);

    sb_row_year_number last = {.body = meeting.body, .year = m->date / 10000};
    if (!sb_row_year_number_get(s->kv, s->arena, &last))
        last.last = before_first(sb_body_words(s->charter, meeting.body), last.year);
    for (uint32_t i = 0; i < meeting.items; i++)
        put_agenda_item(s, &meeting, m->agenda[i], i + 1, ++last.last);
    sb_row_year_number_put(s->kv, &last);

    sb_row_body_meeting by_body = {
        .body = meeting.body, .date = meeting.date, .meeting = meeting.no};
    sb_row_body_meeting_put(s->kv, &by_body);
    sb_row_meeting_text text = {.meeting = meeting.no};
    sb_blob_set(text.place_sha256, &text.place_size, m->place);
    sb_blob_set(text.reason_sha256, &text.reason_size, m->reason);
    sb_row_meeting_text_put(s->kv, &text);
}

/* ---- PAPERS_SENT ---- */

sb_err sb_check_papers_sent(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__PapersSent *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(meeting.body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (meeting.status == SB_MEETING_CLOSED)
        return refuse_closed(s, &meeting);
    uint32_t *seen = SB_ARENA_ARRAY(s->arena, uint32_t, m->n_case_ids);
    for (size_t i = 0; i < m->n_case_ids; i++) {
        sb_row_case c;
        sb_row_agenda item;
        if ((err = sb_case_need(s, m->case_ids[i], &c)) != SB_OK ||
            (err = sb_agenda_need(s, &meeting, &c, &item)) != SB_OK)
            return err;
        for (size_t k = 0; k < i; k++)
            if (seen[k] == c.no)
                return sb_fail_set(s->fail, SB_E_LEDGER_CASE_TWICE, sb_case_label(s->arena, &c),
                                   NULL);
        seen[i] = c.no;
    }
    return sb_claim_check(s, m->claim);
}

void sb_apply_papers_sent(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__PapersSent *m = (const void *)message;
    sb_row_meeting meeting;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK)
        return;
    for (size_t i = 0; i < m->n_case_ids; i++) {
        sb_row_case c;
        sb_row_agenda item;
        if (sb_case_need(s, m->case_ids[i], &c) != SB_OK ||
            sb_agenda_need(s, &meeting, &c, &item) != SB_OK || item.sent_ms != 0)
            continue; /* papers sent later add to the first dispatch */
        item.sent_index = s->index;
        item.sent_ms = sb_claim_ms(m->claim, s->now_ms);
        item.sent_logged_ms = s->now_ms;
        item.sent_source = sb_claim_source(m->claim);
        sb_row_agenda_put(s->kv, &item);
    }
    for (size_t i = 0; i < m->n_papers; i++) {
        sb_row_paper row = {.meeting = meeting.no, .index = s->index, .n = (uint32_t)i};
        sb_blob_set(row.sha256, &row.size, m->papers[i]);
        sb_row_paper_put(s->kv, &row);
        sb_row_case_blob text = {.meeting = meeting.no};
        memcpy(text.sha256, row.sha256, 32);
        if (sb_row_case_blob_get(s->kv, NULL, &text))
            continue;
        text.index = s->index;
        sb_row_case_blob_put(s->kv, &text);
    }
}

/* ---- MEETING_OPEN ---- */

sb_err sb_check_meeting_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingOpen *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_meeting(s, &meeting, 0);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if ((err = sb_body_live_need(s, meeting.body)) != SB_OK)
        return err;
    if (meeting.status == SB_MEETING_CLOSED)
        return refuse_closed(s, &meeting);
    if (meeting.status == SB_MEETING_OPEN)
        return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_ALREADY_OPEN,
                           sb_meeting_label(s->arena, s->charter, &meeting), NULL);
    sb_row_open_meetings open = {0};
    sb_row_open_meetings_get(s->kv, s->arena, &open);
    if (open.count >= SB_MEETINGS_OPEN_MAX)
        return sb_fail_num(s->fail, SB_E_LEDGER_MEETINGS_OPEN, 1, open.count, 0);
    return SB_OK;
}

static void count_open_meetings(sb_kv *kv, bool one_more)
{
    sb_row_open_meetings open = {0};
    sb_row_open_meetings_get(kv, NULL, &open);
    open.count = one_more ? open.count + 1 : open.count - 1;
    sb_row_open_meetings_put(kv, &open);
}

void sb_apply_meeting_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingOpen *m = (const void *)message;
    sb_row_meeting meeting;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK)
        return;
    meeting.status = SB_MEETING_OPEN;
    meeting.opened_index = s->index;
    meeting.opened_ms = s->now_ms;
    sb_row_meeting_put(s->kv, &meeting);
    count_open_meetings(s->kv, true);
    /* from here on what the meeting changes is told from what was proposed */
    for (uint32_t item = 1; item <= meeting.items; item++) {
        sb_row_agenda row = {.meeting = meeting.no, .item = item};
        sb_row_agenda_get(s->kv, s->arena, &row);
        sb_row_case c = {.no = row.case_no};
        if (!sb_row_case_get(s->kv, s->arena, &c))
            continue;
        sb_item_clauses_put(s->kv, meeting.no, item, SB_CLAUSE_PROPOSED,
                            sb_clauses_of(s->kv, s->arena, &c), c.clauses);
    }
}

/* ---- CHAIR_TAKE ---- */

/* Where a seat was elected to the office, or the charter ties it to one, the basis must agree; else a member who
 * takes the chair by an office must hold it. */
static sb_err check_basis(sb_step *s, const Sb__ChairTake *m, uint32_t body, bool by_secretariat)
{
    if (m->basis == SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN)
        return SB_OK;
    const char *id = m->basis == SB__CHAIR_BASIS__CHAIR_BASIS_LEADER ? "leader" : "deputy-leader";
    const char *body_id = sb_body_words(s->charter, body)->id;
    for (size_t i = 0; i < s->charter->n_offices; i++) {
        const Sb__Office *office = s->charter->offices[i];
        if (strcmp(office->id, id) != 0 ||
            (office->body[0] != '\0' && strcmp(office->body, body_id) != 0))
            continue;
        sb_row_office_seat elected = {.office = (uint32_t)i};
        sb_row_seat seat;
        bool fits;
        if (sb_row_office_seat_get(s->kv, NULL, &elected)) /* goes before the charter's seat */
            fits = sb_seat_find(s->kv, s->arena, m->seat, &seat) && seat.no == elected.seat;
        else if (office->seat[0] != '\0')
            fits = strcmp(office->seat, m->seat) == 0;
        else
            fits = by_secretariat || sb_key_holds_office(s, s->signer.no, id, body);
        if (fits)
            return SB_OK;
        return sb_fail_set(s->fail, SB_E_LEDGER_CHAIR_NOT_OFFICER, m->seat, office->name, NULL);
    }
    return sb_fail_set(s->fail, SB_E_LEDGER_CHAIR_NOT_OFFICER, m->seat, id, NULL);
}

/* Does whoever sits in the chair's seat chair? An office is its holder's own: a personal deputy of
 * the leader votes for the seat, but doesn't keep the deputy leader from the chair. */
static bool chair_is_kept(sb_step *s, const sb_row_chair *chair, uint32_t case_no,
                          Sb__ChairBasis wanted)
{
    uint8_t role = sb_representative(s->kv, chair->meeting, chair->seat, case_no).role;
    bool by_office = chair->basis != SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN;
    if (role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY && by_office)
        return wanted == SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN;
    return role != 0;
}

/* Leader, else deputy leader, else the one chosen: while the chair sits there, a member takes it
 * only on a better basis. The secretariat enters what the meeting agreed. */
static sb_err check_vacant(sb_step *s, const Sb__ChairTake *m, const sb_row_meeting *meeting,
                           uint32_t case_no)
{
    sb_row_chair now = {.meeting = meeting->no, .case_no = case_no};
    if (!sb_row_chair_get(s->kv, NULL, &now)) {
        now.case_no = 0;
        if (!sb_row_chair_get(s->kv, NULL, &now))
            return SB_OK;
    }
    sb_row_seat seat = {.no = now.seat};
    if (!sb_row_seat_get(s->kv, s->arena, &seat) || strcmp(seat.id, m->seat) == 0 ||
        (uint8_t)m->basis < now.basis || !chair_is_kept(s, &now, case_no, m->basis))
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_CHAIR_TAKEN, seat.id, NULL);
}

sb_err sb_check_chair_take(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ChairTake *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_seat seat;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK || (err = sb_seat_in_meeting(s, m->seat, &meeting, &seat)) != SB_OK)
        return err;
    sb_scope scope = sb_scope_meeting(s, &meeting, 0);
    scope.seats = &seat.no;
    scope.seat_count = 1;
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_meeting_open_need(s, &meeting)) != SB_OK)
        return err;
    sb_row_case c = {0};
    if (m->case_id.len > 0) {
        sb_row_agenda item;
        if ((err = sb_case_need(s, m->case_id, &c)) != SB_OK ||
            (err = sb_agenda_need(s, &meeting, &c, &item)) != SB_OK)
            return err;
    }
    bool by_secretariat = sb_signer_can(s, SB_CAP_SECRETARIAT, &scope);
    err = check_basis(s, m, meeting.body, by_secretariat);
    return err != SB_OK || by_secretariat ? err : check_vacant(s, m, &meeting, c.no);
}

void sb_apply_chair_take(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__ChairTake *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_seat seat;
    sb_row_case c = {0};
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK ||
        sb_seat_in_body(s, m->seat, meeting.body, &seat) != SB_OK ||
        (m->case_id.len > 0 && sb_case_need(s, m->case_id, &c) != SB_OK))
        return;
    sb_row_chair chair = {.meeting = meeting.no,
                          .case_no = c.no,
                          .seat = seat.no,
                          .basis = (uint8_t)m->basis,
                          .index = s->index};
    sb_row_chair_put(s->kv, &chair);
}

/* ---- MEETING_CLOSE ---- */

sb_err sb_check_meeting_close(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingClose *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_meeting(s, &meeting, 0);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_meeting_open_need(s, &meeting)) != SB_OK)
        return err;
    if (meeting.open_questions > 0)
        return sb_fail_num(s->fail, SB_E_LEDGER_QUESTIONS_OPEN, 1, meeting.open_questions, 0);
    return SB_OK;
}

void sb_apply_meeting_close(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingClose *m = (const void *)message;
    sb_row_meeting meeting;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK)
        return;
    meeting.status = SB_MEETING_CLOSED;
    meeting.closed_index = s->index;
    meeting.closed_ms = s->now_ms;
    sb_row_meeting_put(s->kv, &meeting);
    count_open_meetings(s->kv, false);
    for (uint32_t item = 1; item <= meeting.items; item++) {
        sb_row_agenda row = {.meeting = meeting.no, .item = item};
        sb_row_agenda_get(s->kv, s->arena, &row);
        sb_row_case c = {.no = row.case_no};
        if (!sb_row_case_get(s->kv, s->arena, &c))
            continue;
        /* a case may be renamed later; its minutes aren't */
        sb_row_item_title title = {.meeting = meeting.no, .item = item, .title = c.title};
        sb_row_item_title_put(s->kv, &title);
        if (c.meeting != meeting.no)
            continue; /* postponed or withdrawn: it has left this agenda */
        c.status = row.outcome != 0 ? SB_CASE_TREATED : SB_CASE_REPORTED;
        c.meeting = 0;
        c.item = 0;
        sb_row_case_put(s->kv, &c);
    }
}
