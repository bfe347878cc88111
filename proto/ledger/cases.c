/* CASE_REPORT, CASE_AMEND, CASE_POSTPONE, CASE_WITHDRAW (§ 6 SSU nr. 5–6). */
#include "proto/ledger/domain.h"
#include "proto/ledger/handlers.h"

/* ---- CASE_REPORT ---- */

sb_err sb_check_case_report(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseReport *m = (const void *)message;
    uint32_t body;
    sb_err err = sb_body_need(s, m->body, &body);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    return sb_claim_check(s, m->claim);
}

/* A text of the case: it may be finalised once it is decided on. */
static void put_case_blob(sb_step *s, uint32_t case_no, const Sb__BlobRef *ref)
{
    sb_row_case_blob row = {.case_no = case_no};
    uint64_t size;
    sb_blob_set(row.sha256, &size, ref);
    if (size == 0 || sb_row_case_blob_get(s->kv, NULL, &row))
        return; /* it counts from when it first came */
    row.index = s->index;
    sb_row_case_blob_put(s->kv, &row);
}

static void put_attachments(sb_step *s, uint32_t case_no, Sb__BlobRef *const *refs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_case_blob(s, case_no, refs[i]);
        sb_row_attachment row = {.case_no = case_no, .index = s->index, .n = (uint32_t)i};
        sb_blob_set(row.sha256, &row.size, refs[i]);
        sb_row_attachment_put(s->kv, &row);
    }
}

void sb_apply_case_report(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseReport *m = (const void *)message;
    sb_row_case c = {.no = sb_number_next(s->kv, SB_REF_CASE),
                     .body = sb_body_find(s->charter, m->body),
                     .kind = (uint8_t)m->kind,
                     .status = SB_CASE_REPORTED,
                     .title = m->title,
                     .reporter = s->signer.no,
                     .reported_index = s->index,
                     .reported_ms = s->now_ms,
                     .claimed_ms = m->claim == NULL ? 0 : m->claim->claimed_at_ms,
                     .source = sb_claim_source(m->claim)};
    memcpy(c.id, s->leaf->entry.id, 32);
    sb_clauses_put(s->kv, &c, NULL, 0);
    sb_row_case_put(s->kv, &c);
    sb_ref_put(s->kv, c.id, SB_REF_CASE, c.no);

    sb_row_case_text text = {.case_no = c.no};
    sb_blob_set(text.from_sha256, &text.from_size, m->from);
    sb_blob_set(text.text_sha256, &text.text_size, m->text);
    sb_row_case_text_put(s->kv, &text);
    put_case_blob(s, c.no, m->text);
    put_attachments(s, c.no, m->attachments, m->n_attachments);
}

/* ---- what the reporter, the secretariat or the leader may do ---- */

/* The case, not withdrawn, and the right to act on it. */
static sb_err own_case_need(sb_step *s, ProtobufCBinaryData id, sb_row_case *out)
{
    sb_err err = sb_case_need(s, id, out);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(out->body);
    scope.reporter_key = out->reporter;
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (out->status == SB_CASE_WITHDRAWN)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, sb_case_label(s->arena, out), NULL);
    return SB_OK;
}

/* ---- CASE_AMEND ---- */

static bool in_open_meeting(sb_step *s, const sb_row_case *c)
{
    sb_row_meeting meeting = {.no = c->meeting};
    return c->meeting != 0 && sb_row_meeting_get(s->kv, s->arena, &meeting) &&
           meeting.status == SB_MEETING_OPEN;
}

sb_err sb_check_case_amend(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseAmend *m = (const void *)message;
    sb_row_case c;
    sb_err err = own_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    /* what is decided on must be what was sent out */
    if (in_open_meeting(s, &c))
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_UNDER_TREATMENT, sb_case_label(s->arena, &c),
                           NULL);
    bool same_title = m->title[0] == '\0' || strcmp(m->title, c.title) == 0;
    if (same_title && m->text == NULL && m->n_attachments == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_AMEND_NOTHING, sb_case_label(s->arena, &c), NULL);
    return SB_OK;
}

void sb_apply_case_amend(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseAmend *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    if (m->title[0] != '\0') {
        c.title = m->title;
        sb_row_case_put(s->kv, &c);
    }
    sb_row_case_text text = {.case_no = c.no};
    sb_row_case_text_get(s->kv, s->arena, &text);
    if (m->text != NULL)
        sb_blob_set(text.text_sha256, &text.text_size, m->text);
    text.amended_index = s->index;
    sb_row_case_text_put(s->kv, &text);
    put_case_blob(s, c.no, m->text);
    put_attachments(s, c.no, m->attachments, m->n_attachments);
}

/* ---- CASE_POSTPONE ---- */

/* "42/21": digits, a slash, two digits. */
static bool is_case_number(const char *text, uint32_t *number, uint32_t *year2)
{
    size_t i = 0;
    *number = 0;
    while (text[i] >= '0' && text[i] <= '9' && i < 6)
        *number = *number * 10 + (uint32_t)(text[i++] - '0');
    if (i == 0 || text[i] != '/')
        return false;
    const char *tail = text + i + 1;
    if (!(tail[0] >= '0' && tail[0] <= '9' && tail[1] >= '0' && tail[1] <= '9' && tail[2] == '\0'))
        return false;
    *year2 = (uint32_t)(tail[0] - '0') * 10 + (uint32_t)(tail[1] - '0');
    return *number > 0;
}

/* Was this number given by the log to a case of the body? */
static bool number_is_known(sb_step *s, uint32_t body, uint32_t number, uint32_t year2)
{
    sb_row_year_number last = {.body = body};
    for (bool more = sb_row_year_number_next(s->kv, s->arena, &last, true, 1); more;
         more = sb_row_year_number_next(s->kv, s->arena, &last, false, 1)) {
        uint32_t first = 1;
        const Sb__Body *words = sb_body_words(s->charter, body);
        for (size_t i = 0; i < words->n_first_numbers; i++)
            if (words->first_numbers[i]->year == last.year)
                first = words->first_numbers[i]->number;
        if (last.year % 100 == year2 && number >= first && number <= last.last)
            return true;
    }
    return false;
}

sb_err sb_external_check(sb_step *s, const char *external, uint32_t body)
{
    uint32_t number, year2;
    if (!is_case_number(external, &number, &year2))
        return sb_fail_set(s->fail, SB_E_LEDGER_EXTERNAL_FORMAT, external, NULL);
    if (number_is_known(s, body, number, year2))
        return sb_fail_set(s->fail, SB_E_LEDGER_EXTERNAL_IS_KNOWN, external, NULL);
    return SB_OK;
}

static sb_err check_external(sb_step *s, const Sb__CasePostpone *m, const sb_row_meeting *meeting)
{
    sb_err err = sb_external_check(s, m->external, meeting->body);
    if (err != SB_OK)
        return err;
    sb_row_external row = {.meeting = meeting->no, .ref = m->external};
    if (sb_row_external_get(s->kv, s->arena, &row))
        return sb_fail_set(s->fail, SB_E_LEDGER_POSTPONED_TWICE, m->external, NULL);
    return SB_OK;
}

static sb_err check_known(sb_step *s, const Sb__CasePostpone *m, const sb_row_meeting *meeting)
{
    sb_row_case c;
    sb_row_agenda item;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err == SB_OK)
        err = sb_agenda_need(s, meeting, &c, &item);
    if (err != SB_OK)
        return err;
    if (c.status == SB_CASE_WITHDRAWN)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, sb_case_label(s->arena, &c), NULL);
    if (item.outcome == SB__OUTCOME__OUTCOME_POSTPONED)
        return sb_fail_set(s->fail, SB_E_LEDGER_POSTPONED_TWICE, sb_case_label(s->arena, &c), NULL);
    if (sb_outcome_decides(item.outcome))
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_DECIDED, sb_case_label(s->arena, &c), NULL);
    return SB_OK;
}

sb_err sb_check_case_postpone(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CasePostpone *m = (const void *)message;
    sb_row_meeting meeting;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(meeting.body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (meeting.status == SB_MEETING_CLOSED)
        return sb_fail_set(s->fail, SB_E_LEDGER_MEETING_CLOSED,
                           sb_meeting_label(s->arena, s->charter, &meeting), NULL);
    sb_date to;
    if (m->to_date != 0 && !sb_date_from_number(m->to_date, &to))
        return sb_fail_num(s->fail, SB_E_LEDGER_DATE_INVALID, 1, m->to_date, 0);
    if (m->to_date != 0 && m->to_date <= meeting.date)
        return sb_fail_set(s->fail, SB_E_LEDGER_POSTPONE_DATE, sb_date_arg(s->arena, m->to_date),
                           NULL);
    if (m->which_case == SB__CASE_POSTPONE__WHICH_CASE_ID)
        return check_known(s, m, &meeting);
    return check_external(s, m, &meeting);
}

/* Close an open question and give the item its outcome; the case leaves a called agenda. */
static void end_item(sb_step *s, sb_row_case *c, Sb__Outcome outcome, uint32_t to_date)
{
    if (c->question != 0) {
        sb_question_settle(s, c->question, outcome);
        sb_row_case_get(s->kv, s->arena, c);
    }
    sb_row_agenda item = {.meeting = c->meeting, .item = c->item};
    if (c->meeting == 0 || !sb_row_agenda_get(s->kv, s->arena, &item))
        return;
    item.outcome = (uint8_t)outcome;
    item.to_date = to_date;
    sb_row_agenda_put(s->kv, &item);
}

void sb_apply_case_postpone(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CasePostpone *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c;
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK)
        return;
    if (m->which_case == SB__CASE_POSTPONE__WHICH_EXTERNAL) {
        sb_row_external row = {
            .meeting = meeting.no, .ref = m->external, .to_date = m->to_date, .index = s->index};
        sb_row_external_put(s->kv, &row);
        return;
    }
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    end_item(s, &c, SB__OUTCOME__OUTCOME_POSTPONED, m->to_date);
    c.status = SB_CASE_POSTPONED;
    c.meeting = 0;
    c.item = 0;
    sb_row_case_put(s->kv, &c);
}

/* ---- CASE_WITHDRAW ---- */

sb_err sb_check_case_withdraw(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseWithdraw *m = (const void *)message;
    sb_row_case c;
    sb_err err = own_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    /* who reported it doesn't stop a vote that has begun */
    sb_scope scope = sb_scope_body(c.body);
    if (c.question != 0 && !sb_signer_can(s, SB_CAP_SECRETARIAT | SB_CAP_LEADER, &scope))
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_QUESTION_OPEN, sb_case_label(s->arena, &c),
                           NULL);
    if (sb_case_decided(s->kv, &c))
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_DECIDED, sb_case_label(s->arena, &c), NULL);
    return SB_OK;
}

void sb_apply_case_withdraw(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__CaseWithdraw *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    end_item(s, &c, SB__OUTCOME__OUTCOME_WITHDRAWN, 0);
    c.status = SB_CASE_WITHDRAWN;
    c.meeting = 0;
    c.item = 0;
    sb_row_case_put(s->kv, &c);
    sb_row_case_text text = {.case_no = c.no};
    sb_row_case_text_get(s->kv, s->arena, &text);
    sb_blob_set(text.reason_sha256, &text.reason_size, m->reason);
    text.withdrawn_index = s->index;
    sb_row_case_text_put(s->kv, &text);
}
