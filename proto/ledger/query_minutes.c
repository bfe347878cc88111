/* Tasks, minutes and deadlines. */
#include "proto/ledger/deadlines.h"
#include "proto/ledger/query_parts.h"

/* ---- tasks ---- */

static void put_due(sb_query *q, const sb_row_task *t, const sb_row_task_text *text)
{
    static const char *const kinds[] = {NULL, "date", "meeting", "continuous", "event"};
    sb_json *j = q->j;
    sb_json_key(j, "due");
    sb_json_object(j);
    sb_out_str(j, "kind", t->due_kind < sizeof kinds / sizeof kinds[0] ? kinds[t->due_kind] : NULL);
    sb_out_date(j, "date", t->due_date);
    sb_query_meeting_brief(q, "meeting", t->due_meeting);
    sb_query_blob(q, "event", text->event_sha256, text->event_size);
    sb_json_end_object(j);
}

/* The name of whatever the charter calls by this id. */
static const char *name_of(sb_query *q, const char *id)
{
    const Sb__Charter *c = q->charter;
    sb_row_seat seat;
    uint32_t at;
    if (sb_seat_find(q->kv, q->arena, id, &seat))
        return seat.title;
    if ((at = sb_partner_find(c, id)) != SB_NONE)
        return c->partners[at]->name;
    if ((at = sb_body_find(c, id)) != SB_NONE)
        return c->bodies[at]->name;
    if ((at = sb_office_find(c, id)) != SB_NONE)
        return c->offices[at]->name;
    if ((at = sb_org_find(c, id)) != SB_NONE)
        return c->organisations[at]->name;
    return id;
}

static void put_task(sb_query *q, const sb_row_task *t)
{
    sb_json *j = q->j;
    sb_row_task_text text = {.task = t->no};
    sb_row_case c = {.no = t->case_no};
    sb_row_meeting m = {.no = t->meeting};
    sb_row_agenda item;
    (void)sb_row_task_text_get(q->kv, NULL, &text);
    (void)sb_row_case_get(q->kv, q->arena, &c);
    bool numbered = sb_row_meeting_get(q->kv, NULL, &m) && sb_agenda_find(q->kv, &m, c.no, &item);
    sb_json_object(j);
    sb_out_hash(j, "id", t->id);
    sb_query_meeting_brief(q, "meeting", t->meeting);
    sb_out_hash(j, "case", c.id);
    sb_out_str(j, "case_number",
               numbered ? sb_number_label(q->arena, item.number, item.year) : NULL);
    sb_query_blob(q, "text", text.sha256, text.size);
    sb_json_key(j, "responsible");
    sb_json_array(j);
    sb_row_task_responsible row = {.task = t->no};
    for (bool more = sb_row_task_responsible_next(q->kv, q->arena, &row, true, 1); more;
         more = sb_row_task_responsible_next(q->kv, q->arena, &row, false, 1)) {
        sb_json_object(j);
        sb_out_str(j, "id", row.id);
        sb_out_str(j, "name", name_of(q, row.id));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    put_due(q, t, &text);
    sb_out_u64(j, "index", t->index);
    sb_out_bool(j, "done", t->done);
    sb_out_index(j, "done_index", t->done, t->done_index);
    sb_query_blob(q, "note", text.note_sha256, text.note_size);
    sb_json_end_object(j);
}

void sb_query_tasks_of(sb_query *q, uint32_t meeting, uint32_t case_no)
{
    sb_json_key(q->j, "tasks");
    sb_json_array(q->j);
    sb_row_meeting_task at = {.meeting = meeting};
    for (bool more = sb_row_meeting_task_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_meeting_task_next(q->kv, NULL, &at, false, 1)) {
        sb_row_task t = {.no = at.task};
        if (sb_row_task_get(q->kv, NULL, &t) && (case_no == 0 || t.case_no == case_no))
            put_task(q, &t);
    }
    sb_json_end_array(q->j);
}

sb_err sb_query_tasks(sb_query *q)
{
    uint32_t body;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_TASK);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_task t = {.no = no};
        if (!sb_row_task_get(q->kv, NULL, &t))
            continue;
        sb_row_meeting m = {.no = t.meeting};
        if (sb_row_meeting_get(q->kv, NULL, &m) && (body == SB_NONE || m.body == body))
            put_task(q, &t);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

/* ---- minutes ---- */

static const char *draft_status_code(uint8_t status)
{
    static const char *const codes[] = {NULL, "sent", "change_requested", "replaced", "approved"};
    return status < sizeof codes / sizeof codes[0] ? codes[status] : NULL;
}

static void put_requests(sb_query *q, uint32_t draft)
{
    sb_json *j = q->j;
    sb_json_key(j, "requests");
    sb_json_array(j);
    sb_row_draft_request row = {.draft = draft};
    for (bool more = sb_row_draft_request_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_draft_request_next(q->kv, NULL, &row, false, 1)) {
        sb_json_object(j);
        sb_query_seat_members(q, row.seat);
        sb_query_blob(q, "text", row.sha256, row.size);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_draft(sb_query *q, const sb_row_draft *d)
{
    sb_json *j = q->j;
    sb_json_object(j);
    sb_out_hash(j, "id", d->id);
    sb_out_str(j, "status", draft_status_code(d->status));
    sb_query_blob(q, "document", d->sha256, d->size);
    sb_out_u64(j, "index", d->index);
    sb_out_u64(j, "logged_ms", d->logged_ms);
    sb_out_u64(j, "sent_ms", d->sent_ms);
    sb_out_str(j, "source", sb_text_code(SB_TEXT_SOURCE, d->source));
    sb_out_moment(j, "silence_until_ms", d->due_ms);
    sb_out_moment(j, "approved_ms", d->approved_ms);
    put_requests(q, d->no);
    sb_json_end_object(j);
}

/* The drafts from the first to the newest; the chain goes backwards. */
static uint32_t load_drafts(sb_query *q, const sb_row_meeting *m, sb_row_draft **out)
{
    uint32_t count = 0;
    for (uint32_t no = m->draft; no != 0; count++) {
        sb_row_draft d = {.no = no};
        no = sb_row_draft_get(q->kv, NULL, &d) ? d.previous : 0;
    }
    sb_row_draft *drafts = SB_ARENA_ARRAY(q->arena, sb_row_draft, count + 1);
    uint32_t no = m->draft;
    for (uint32_t i = count; i-- > 0;) {
        drafts[i] = (sb_row_draft){.no = no};
        (void)sb_row_draft_get(q->kv, NULL, &drafts[i]);
        no = drafts[i].previous;
    }
    *out = drafts;
    return count;
}

/* The silence that a draft waits for, day by day; null when it was counted by an earlier charter.
 */
static void put_silence_counting(sb_query *q, const Sb__Body *body, const sb_row_draft *draft)
{
    sb_deadline d;
    bool counted = draft != NULL && draft->due_ms != 0 &&
                   sb_silence_counting(q->arena, body, draft->sent_ms, &d) &&
                   (uint64_t)d.moment_ms == draft->due_ms;
    const Sb__Deadline *words =
        sb_deadline_words(body, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE);
    sb_out_str(q->j, "silence_unit",
               counted ? sb_text_code(SB_TEXT_DEADLINE_UNIT, words->unit) : NULL);
    sb_json_key(q->j, "silence_counting");
    if (counted)
        sb_deadline_days_json(q->j, d.days, d.day_count);
    else
        sb_json_null(q->j);
}

void sb_query_minutes_members(sb_query *q, const sb_row_meeting *m)
{
    sb_json *j = q->j;
    const Sb__Body *body = sb_body_words(q->charter, m->body);
    sb_row_draft *drafts;
    uint32_t count = load_drafts(q, m, &drafts);
    const sb_row_draft *newest = count > 0 ? &drafts[count - 1] : NULL;
    sb_out_some(j, "name", body->minutes_name);
    sb_out_bool(j, "silence", body->minutes_silence);
    sb_out_str(j, "status", newest == NULL ? "none" : draft_status_code(newest->status));
    sb_out_moment(j, "silence_until_ms", newest == NULL ? 0 : newest->due_ms);
    sb_out_moment(j, "approved_ms", newest == NULL ? 0 : newest->approved_ms);
    sb_out_date(j, "approved_date",
                newest == NULL || newest->approved_ms == 0 ? 0
                                                           : sb_yyyymmdd_of(newest->approved_ms));
    sb_row_question approved_by = {.no = newest == NULL ? 0 : newest->question};
    sb_json_key(j, "approved_by");
    if (approved_by.no != 0 && sb_row_question_get(q->kv, NULL, &approved_by))
        sb_json_hex(j, sb_slice_of(approved_by.id, 32));
    else
        sb_json_null(j);
    put_silence_counting(q, body, newest);
    const Sb__Deadline *silence =
        sb_deadline_words(body, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE);
    sb_out_some(j, "silence_cite", silence == NULL ? NULL : silence->cite);
    sb_noted ready;
    const Sb__Charter *then =
        m->closed_ms == 0 ? q->charter : sb_query_charter_at(q, m->closed_index);
    bool has_ready = sb_minutes_ready(q->arena, sb_body_words(then, m->body), m->date,
                                      count > 0 ? drafts[0].sent_ms : 0, &ready);
    sb_query_noted(q, &ready, has_ready ? 1 : 0);
    sb_json_key(j, "drafts");
    sb_json_array(j);
    for (uint32_t i = 0; i < count; i++)
        put_draft(q, &drafts[i]);
    sb_json_end_array(j);
}

sb_err sb_query_minutes(sb_query *q)
{
    const char *ref;
    sb_row_meeting m;
    sb_err err = sb_query_arg(q, "MEETING", &ref);
    if (err != SB_OK || (err = sb_query_meeting(q, ref, &m)) != SB_OK)
        return err;
    sb_json_object(q->j);
    sb_query_meeting_brief(q, "meeting", m.no);
    sb_query_minutes_members(q, &m);
    sb_json_end_object(q->j);
    return SB_OK;
}

/* ---- deadlines ---- */

static const char *target_code(sb_deadline_target target)
{
    switch (target) {
    case SB_DUE_MINUTES:
        return "minutes_silence";
    case SB_DUE_CONDITION:
        return "condition";
    }
    return NULL;
}

sb_err sb_query_deadlines(sb_query *q)
{
    sb_json *j = q->j;
    sb_json_array(j);
    sb_row_deadline row = {0};
    for (bool more = sb_row_deadline_next(q->kv, NULL, &row, true, 0); more;
         more = sb_row_deadline_next(q->kv, NULL, &row, false, 0)) {
        sb_row_draft draft = {.no = row.number};
        sb_json_object(j);
        sb_out_u64(j, "due_ms", row.due_ms);
        sb_out_str(j, "kind", target_code((sb_deadline_target)row.kind));
        bool known = row.kind == SB_DUE_MINUTES && sb_row_draft_get(q->kv, NULL, &draft);
        sb_query_meeting_brief(q, "meeting", known ? draft.meeting : 0);
        sb_json_key(j, "draft");
        if (known)
            sb_json_hex(j, sb_slice_of(draft.id, 32));
        else
            sb_json_null(j);
        sb_row_condition condition = {.no = row.number};
        sb_json_key(j, "condition");
        if (row.kind == SB_DUE_CONDITION && sb_row_condition_get(q->kv, q->arena, &condition))
            sb_json_hex(j, sb_slice_of(condition.id, 32));
        else
            sb_json_null(j);
        sb_row_meeting m = {.no = draft.meeting};
        const Sb__Body *body =
            known && sb_row_meeting_get(q->kv, NULL, &m) ? sb_body_words(q->charter, m.body) : NULL;
        if (body != NULL)
            put_silence_counting(q, body, &draft);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}
