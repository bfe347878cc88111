/* Meetings: the list, and the one answer from which call, agenda and minutes are made. */
#include "proto/ledger/actions.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/query_parts.h"

const char *sb_meeting_status_code(uint32_t status)
{
    static const char *const codes[] = {NULL, "called", "open", "closed"};
    return status < sizeof codes / sizeof codes[0] ? codes[status] : NULL;
}

void sb_query_meeting_brief(sb_query *q, const char *key, uint32_t number)
{
    sb_row_meeting meeting = {.no = number};
    sb_json_key(q->j, key);
    if (number == 0 || !sb_row_meeting_get(q->kv, NULL, &meeting)) {
        sb_json_null(q->j);
        return;
    }
    sb_json_object(q->j);
    sb_out_hash(q->j, "id", meeting.id);
    sb_out_str(q->j, "body", sb_body_words(q->charter, meeting.body)->id);
    sb_out_date(q->j, "date", meeting.date);
    sb_json_end_object(q->j);
}

static void put_meeting_head(sb_query *q, const sb_row_meeting *m)
{
    sb_json *j = q->j;
    sb_row_meeting_text text = {.meeting = m->no};
    (void)sb_row_meeting_text_get(q->kv, NULL, &text);
    sb_out_hash(j, "id", m->id);
    sb_out_str(j, "body", sb_body_words(q->charter, m->body)->id);
    sb_out_date(j, "date", m->date);
    sb_out_u64(j, "start_minute", m->start_minute);
    sb_out_u64(j, "end_minute", m->end_minute);
    sb_out_str(j, "form", sb_text_code(SB_TEXT_MEETING_FORM, m->form));
    sb_query_blob(q, "place", text.place_sha256, text.place_size);
    sb_out_str(j, "status", sb_meeting_status_code(m->status));
    sb_out_bool(j, "extraordinary", m->extraordinary);
    sb_query_blob(q, "extraordinary_reason", text.reason_sha256, text.reason_size);
    sb_out_u64(j, "notice_ms", m->notice_ms);
    sb_out_str(j, "notice_source", sb_text_code(SB_TEXT_SOURCE, m->notice_source));
    sb_out_u64(j, "items", m->items);
    sb_out_u64(j, "open_questions", m->open_questions);
}

sb_err sb_query_meetings(sb_query *q)
{
    uint32_t body;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_MEETING);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_meeting m = {.no = no};
        if (!sb_row_meeting_get(q->kv, NULL, &m) || (body != SB_NONE && m.body != body))
            continue;
        sb_json_object(q->j);
        put_meeting_head(q, &m);
        sb_json_end_object(q->j);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

/* ---- one meeting ---- */

/* What is said about a meeting that has been is said by the charter of that time. 0: the one in
 * force now. */
static const Sb__Charter *charter_of(sb_query *q, uint32_t version)
{
    const Sb__Charter *then = version == 0 ? NULL : sb_charter_of_version(q->kv, q->arena, version);
    return then == NULL ? q->charter : then;
}

const Sb__Charter *sb_query_charter_at(sb_query *q, uint64_t index)
{
    uint32_t version = 0, newest = 0;
    sb_row_charter_version v = {.version = 0};
    for (bool more = sb_row_charter_version_next(q->kv, NULL, &v, true, 0); more;
         more = sb_row_charter_version_next(q->kv, NULL, &v, false, 0)) {
        newest = v.version;
        if (v.index < index)
            version = v.version;
    }
    return charter_of(q, version == newest ? 0 : version);
}

static const Sb__Charter *charter_of_meeting(sb_query *q, const sb_row_meeting *m)
{
    return m->closed_ms == 0 ? q->charter : sb_query_charter_at(q, m->closed_index);
}

/* The deadlines of a case are those of its question, as in the certificate. */
static const Sb__Charter *charter_of_item(sb_query *q, const sb_row_meeting *m,
                                          const sb_row_agenda *item)
{
    sb_row_question question = {.no = item->question};
    if (item->question != 0 && sb_row_question_get(q->kv, NULL, &question))
        return charter_of(q, question.charter_version);
    return m->opened_ms == 0 ? q->charter : sb_query_charter_at(q, m->opened_index);
}

static void put_body_words(sb_query *q, const sb_row_meeting *m)
{
    const Sb__Body *b = sb_body_words(charter_of_meeting(q, m), m->body);
    sb_json *j = q->j;
    sb_out_str(j, "body_name", b->name);
    sb_out_some(j, "body_short_name", b->short_name);
    sb_out_some(j, "minutes_name", b->minutes_name);
    sb_out_some(j, "bar_cite", b->bar_cite);
    sb_out_some(j, "deputy_cite", b->deputy_cite);
    sb_out_some(j, "roll_call_cite", b->roll_call_cite);
    sb_out_some(j, "dispute_cite", b->dispute_cite);
}

static void put_chair(sb_query *q, uint32_t meeting, uint32_t case_no)
{
    sb_json *j = q->j;
    sb_row_chair chair = {.meeting = meeting, .case_no = case_no};
    sb_json_key(j, "chair");
    if (!sb_row_chair_get(q->kv, NULL, &chair)) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_query_seat_members(q, chair.seat);
    sb_out_str(j, "basis", sb_text_code(SB_TEXT_CHAIR_BASIS, chair.basis));
    sb_out_u64(j, "index", chair.index);
    sb_json_end_object(j);
}

static void put_papers(sb_query *q, uint32_t meeting)
{
    sb_json_key(q->j, "papers");
    sb_json_array(q->j);
    sb_row_paper row = {.meeting = meeting};
    for (bool more = sb_row_paper_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_paper_next(q->kv, NULL, &row, false, 1))
        sb_query_blob_item(q, row.sha256, row.size);
    sb_json_end_array(q->j);
}

/* Present and needed as things stand, or stood when the meeting closed: seats and quorum, per
 * partner. */
static void put_presence(sb_query *q, const sb_row_meeting *m)
{
    sb_json *j = q->j;
    const Sb__Charter *charter = charter_of_meeting(q, m);
    const Sb__Body *body = sb_body_words(charter, m->body);
    sb_presence p;
    sb_judged quorum = {0};
    sb_presence_of(q->kv, q->arena, charter, m->body, m->no, 0,
                   m->closed_index == 0 ? SB_NOW : m->closed_index, &p);
    sb_judge(q->arena, body->quorum->text, &p.input, &quorum);
    sb_json_key(j, "presence");
    sb_json_object(j);
    sb_out_u64(j, "seats", p.input.total.seats);
    sb_out_u64(j, "filled", p.input.total.filled);
    sb_out_u64(j, "present", p.input.total.present);
    sb_json_key(j, "partners");
    sb_json_array(j);
    for (uint32_t i = 0; i < p.count; i++) {
        bool known = p.partners[i] != SB_NONE;
        sb_json_object(j);
        sb_out_str(j, "partner", known ? sb_partner_id(charter, p.partners[i]) : NULL);
        sb_out_str(j, "partner_name", known ? charter->partners[p.partners[i]]->name : NULL);
        sb_out_u64(j, "seats", p.tallies[i].tally.seats);
        sb_out_u64(j, "filled", p.tallies[i].tally.filled);
        sb_out_u64(j, "present", p.tallies[i].tally.present);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_judged_json(j, "quorum", &quorum);
    sb_out_some(j, "quorum_cite", body->quorum->cite);
    sb_json_end_object(j);
}

/* Remarks to one case; 0: to the meeting. */
static void put_remarks(sb_query *q, uint32_t meeting, uint32_t case_no)
{
    sb_json *j = q->j;
    sb_json_key(j, "remarks");
    sb_json_array(j);
    sb_row_remark row = {.meeting = meeting};
    for (bool more = sb_row_remark_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_remark_next(q->kv, NULL, &row, false, 1)) {
        if (row.case_no != case_no)
            continue;
        sb_json_object(j);
        sb_query_seat_members(q, row.seat);
        sb_out_str(j, "by", sb_text_code(SB_TEXT_SEAT_ROLE, row.role));
        sb_query_blob(q, "text", row.sha256, row.size);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_questions(sb_query *q, const sb_row_agenda *item)
{
    sb_json_key(q->j, "questions");
    sb_json_array(q->j);
    sb_row_item_question at = {.meeting = item->meeting, .item = item->item};
    for (bool more = sb_row_item_question_next(q->kv, NULL, &at, true, 2); more;
         more = sb_row_item_question_next(q->kv, NULL, &at, false, 2)) {
        sb_row_question row = {.no = at.question};
        if (sb_row_question_get(q->kv, NULL, &row))
            sb_query_question_object(q, &row, false);
    }
    sb_json_end_array(q->j);
}

/* The decision that stands: of the item's last closed question. */
static void put_outcome(sb_query *q, const sb_row_agenda *item)
{
    sb_json *j = q->j;
    sb_row_question row = {.no = item->question};
    sb_row_certificate certificate = {.question = item->question};
    bool has = item->question != 0 && sb_row_question_get(q->kv, NULL, &row) &&
               sb_row_certificate_get(q->kv, q->arena, &certificate);
    sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, item->outcome));
    sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, item->mode));
    sb_out_date(j, "to_date", item->to_date);
    sb_json_key(j, "question");
    if (has)
        sb_json_hex(j, sb_slice_of(row.id, 32));
    else
        sb_json_null(j);
    sb_json_key(j, "certificate_sha256");
    if (has)
        sb_json_hex(j, sb_slice_of(certificate.sha256, 32));
    else
        sb_json_null(j);
}

static void put_item(sb_query *q, const sb_row_meeting *m, const sb_row_agenda *item)
{
    sb_json *j = q->j;
    sb_row_case c = {.no = item->case_no};
    if (!sb_row_case_get(q->kv, q->arena, &c))
        return;
    sb_json_object(j);
    sb_out_u64(j, "item", item->item);
    sb_out_hash(j, "case", c.id);
    sb_out_str(j, "number", sb_number_label(q->arena, item->number, item->year));
    sb_row_item_title title = {.meeting = m->no, .item = item->item};
    sb_out_str(j, "title", sb_row_item_title_get(q->kv, q->arena, &title) ? title.title : c.title);
    sb_out_str(j, "kind", sb_text_code(SB_TEXT_CASE_KIND, c.kind));
    sb_out_str(j, "status", sb_case_status_code(c.status));
    sb_query_case_members(q, &c);
    sb_out_index(j, "sent_index", item->sent_ms != 0, item->sent_index);
    sb_out_moment(j, "sent_at_ms", item->sent_logged_ms);
    sb_out_moment(j, "sent_claimed_ms", item->sent_source != 0 ? item->sent_ms : 0);
    sb_out_str(j, "sent_source", sb_text_code(SB_TEXT_SOURCE, item->sent_source));
    sb_noted *noted;
    size_t count;
    sb_noted_of_case(q->arena, sb_body_words(charter_of_item(q, m, item), m->body), m, &c, item,
                     &noted, &count);
    sb_query_noted(q, noted, count);
    sb_out_hash(j, "wording_sha256", c.wording);
    sb_query_wording(q, m, item, &c);
    put_outcome(q, item);
    put_questions(q, item);
    put_chair(q, m->no, c.no);
    sb_query_disqualified(q, m->no, c.no);
    put_remarks(q, m->no, c.no);
    sb_query_item_related(q, m, c.no);
    sb_query_case_related(q, &c);
    sb_query_tasks_of(q, m->no, c.no);
    sb_json_end_object(j);
}

static void put_agenda(sb_query *q, const sb_row_meeting *m)
{
    sb_json_key(q->j, "agenda");
    sb_json_array(q->j);
    sb_row_agenda item = {.meeting = m->no};
    for (bool more = sb_row_agenda_next(q->kv, NULL, &item, true, 1); more;
         more = sb_row_agenda_next(q->kv, NULL, &item, false, 1))
        put_item(q, m, &item);
    sb_json_end_array(q->j);
}

static void put_externals(sb_query *q, uint32_t meeting)
{
    sb_json *j = q->j;
    sb_json_key(j, "postponed_external");
    sb_json_array(j);
    sb_row_external row = {.meeting = meeting, .ref = ""};
    for (bool more = sb_row_external_next(q->kv, q->arena, &row, true, 1); more;
         more = sb_row_external_next(q->kv, q->arena, &row, false, 1)) {
        sb_json_object(j);
        sb_out_str(j, "number", row.ref);
        sb_out_date(j, "to_date", row.to_date);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

sb_err sb_query_one_meeting(sb_query *q)
{
    const char *ref;
    sb_row_meeting m;
    sb_err err = sb_query_arg(q, "REF", &ref);
    if (err != SB_OK || (err = sb_query_meeting(q, ref, &m)) != SB_OK)
        return err;
    sb_json *j = q->j;
    sb_json_object(j);
    put_meeting_head(q, &m);
    put_body_words(q, &m);
    sb_out_bool(j, "rehearsal", q->charter->rehearsal);
    sb_out_u64(j, "called_index", m.called_index);
    sb_out_u64(j, "called_at_ms", m.called_ms);
    sb_out_index(j, "opened_index", m.opened_ms != 0, m.opened_index);
    sb_out_moment(j, "opened_at_ms", m.opened_ms);
    sb_out_index(j, "closed_index", m.closed_ms != 0, m.closed_index);
    sb_out_moment(j, "closed_at_ms", m.closed_ms);
    put_chair(q, m.no, 0);
    put_papers(q, m.no);
    put_presence(q, &m);
    sb_query_attendance(q, &m);
    put_agenda(q, &m);
    put_externals(q, m.no);
    put_remarks(q, m.no, 0);
    sb_query_rulings(q, m.no, 0);
    sb_query_tasks_of(q, m.no, 0);
    sb_json_key(j, "minutes");
    sb_json_object(j);
    sb_query_minutes_members(q, &m);
    sb_json_end_object(j);
    sb_json_end_object(j);
    return SB_OK;
}
