/* Cases and their wording. */
#include "proto/ledger/case_parts.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/clause_pairs.h"
#include "proto/ledger/query_parts.h"

const char *sb_case_status_code(uint32_t status)
{
    static const char *const codes[] = {NULL,      "reported",  "called",
                                        "treated", "postponed", "withdrawn"};
    return status < sizeof codes / sizeof codes[0] ? codes[status] : NULL;
}

void sb_query_texts(sb_json *j, const char *key, const char *const *texts, size_t count)
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (size_t i = 0; i < count; i++)
        sb_json_cstr(j, texts[i]);
    sb_json_end_array(j);
}

/* ---- wording: what the meeting changed ---- */

static const char *change_code(const sb_clause_pair *pair)
{
    if (pair->then == NULL)
        return "new";
    if (pair->now == NULL)
        return "struck";
    return strcmp(pair->then, pair->now) == 0 ? "same" : "changed";
}

/* Proposed and final clauses side by side. */
static void put_aligned(sb_query *q, const char *const *a, size_t n, const char *const *b, size_t m)
{
    sb_clause_pair *pairs;
    size_t count = sb_clauses_align(q->arena, a, n, b, m, &pairs);
    sb_json_key(q->j, "clauses");
    sb_json_array(q->j);
    for (size_t i = 0; i < count; i++) {
        sb_json_object(q->j);
        sb_out_index(q->j, "number", pairs[i].now != NULL, pairs[i].number);
        sb_out_str(q->j, "proposed", pairs[i].then);
        sb_out_str(q->j, "text", pairs[i].now);
        sb_out_str(q->j, "change", change_code(&pairs[i]));
        sb_json_end_object(q->j);
    }
    sb_json_end_array(q->j);
}

void sb_query_wording(sb_query *q, const sb_row_meeting *meeting, const sb_row_agenda *item,
                      const sb_row_case *c)
{
    const char **proposed, **decided;
    size_t n = sb_item_clauses_get(q->kv, q->arena, meeting->no, item->item, SB_CLAUSE_PROPOSED,
                                   &proposed);
    size_t m =
        sb_item_clauses_get(q->kv, q->arena, meeting->no, item->item, SB_CLAUSE_DECIDED, &decided);
    const char **current = sb_clauses_of(q->kv, q->arena, c);
    if (meeting->status == SB_MEETING_CALLED) {
        proposed = current;
        n = c->clauses;
    }
    /* while it is being treated: against the wording as it stands */
    bool live = m == 0 && c->meeting == meeting->no;
    bool has_final = m > 0 || live;
    const char **final = m > 0 ? decided : current;
    size_t final_count = m > 0 ? m : c->clauses;
    bool changed = has_final && n != final_count;
    for (size_t i = 0; has_final && !changed && i < n; i++)
        changed = strcmp(proposed[i], final[i]) != 0;
    sb_query_texts(q->j, "proposed", proposed, n);
    sb_json_key(q->j, "current");
    if (live) {
        sb_json_array(q->j);
        for (uint32_t i = 0; i < c->clauses; i++)
            sb_json_cstr(q->j, current[i]);
        sb_json_end_array(q->j);
    } else {
        sb_json_null(q->j);
    }
    sb_query_texts(q->j, "decided", decided, m);
    sb_out_bool(q->j, "changed", changed);
    if (has_final)
        put_aligned(q, proposed, n, final, final_count);
    else
        put_aligned(q, proposed, n, proposed, n);
}

void sb_query_noted(sb_query *q, const sb_noted *noted, size_t count)
{
    sb_json *j = q->j;
    sb_json_key(j, "deadlines");
    sb_json_array(j);
    for (size_t i = 0; i < count; i++) {
        const sb_noted *n = &noted[i];
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_DEADLINE_KIND, n->words->kind));
        sb_out_date(j, "from", n->from);
        sb_out_date(j, "to", n->to);
        sb_out_date(j, "actual", n->actual_ms == 0 ? 0 : sb_yyyymmdd_of(n->actual_ms));
        sb_out_bool(j, "kept", n->kept);
        sb_out_str(j, "effect", sb_text_code(SB_TEXT_DEADLINE_EFFECT, n->words->effect));
        sb_out_some(j, "cite", n->words->cite);
        sb_out_some(j, "assumed", n->words->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* ---- cases ---- */

void sb_query_case_members(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_row_case_text text = {.case_no = c->no};
    (void)sb_row_case_text_get(q->kv, NULL, &text);
    sb_query_blob(q, "from", text.from_sha256, text.from_size);
    sb_query_blob(q, "text", text.text_sha256, text.text_size);
    sb_json_key(j, "attachments");
    sb_json_array(j);
    sb_row_attachment row = {.case_no = c->no};
    for (bool more = sb_row_attachment_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_attachment_next(q->kv, NULL, &row, false, 1))
        sb_query_blob_item(q, row.sha256, row.size);
    sb_json_end_array(j);
    sb_out_u64(j, "reported_index", c->reported_index);
    sb_out_u64(j, "reported_at_ms", c->reported_ms);
    sb_out_moment(j, "reported_claimed_ms", c->claimed_ms);
    sb_out_str(j, "reported_source", sb_text_code(SB_TEXT_SOURCE, c->source));
    sb_out_index(j, "amended_index", text.amended_index != 0, text.amended_index);
    sb_out_index(j, "withdrawn_index", text.withdrawn_index != 0, text.withdrawn_index);
    sb_query_blob(q, "withdrawn_reason", text.reason_sha256, text.reason_size);
}

void sb_query_case_head(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_row_question question = {.no = c->question};
    sb_out_hash(j, "id", c->id);
    sb_out_str(j, "body", sb_body_words(q->charter, c->body)->id);
    sb_out_some(j, "number", sb_number_label(q->arena, c->number, c->year));
    sb_out_str(j, "title", c->title);
    sb_out_str(j, "kind", sb_text_code(SB_TEXT_CASE_KIND, c->kind));
    sb_out_str(j, "status", sb_case_status_code(c->status));
    sb_query_meeting_brief(q, "meeting", c->meeting);
    sb_out_hash(j, "wording_sha256", c->wording);
    sb_json_key(j, "question");
    if (c->question != 0 && sb_row_question_get(q->kv, NULL, &question))
        sb_json_hex(j, sb_slice_of(question.id, 32));
    else
        sb_json_null(j);
}

sb_err sb_query_cases(sb_query *q)
{
    uint32_t body;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_CASE);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_case c = {.no = no};
        if (!sb_row_case_get(q->kv, q->arena, &c) || (body != SB_NONE && c.body != body))
            continue;
        sb_json_object(q->j);
        sb_query_case_head(q, &c);
        sb_out_u64(q->j, "clauses", c.clauses);
        sb_out_u64(q->j, "reported_index", c.reported_index);
        sb_json_end_object(q->j);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

static void put_treatments(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_json_key(j, "treatments");
    sb_json_array(j);
    sb_row_case_meeting at = {.case_no = c->no};
    for (bool more = sb_row_case_meeting_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_case_meeting_next(q->kv, NULL, &at, false, 1)) {
        sb_row_meeting meeting = {.no = at.meeting};
        sb_row_agenda item = {.meeting = at.meeting, .item = at.item};
        if (!sb_row_meeting_get(q->kv, NULL, &meeting) || !sb_row_agenda_get(q->kv, NULL, &item))
            continue;
        sb_json_object(j);
        sb_query_meeting_brief(q, "meeting", at.meeting);
        sb_out_u64(j, "item", at.item);
        sb_out_str(j, "number", sb_number_label(q->arena, item.number, item.year));
        sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, item.outcome));
        sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, item.mode));
        sb_out_date(j, "to_date", item.to_date);
        sb_out_index(j, "sent_index", item.sent_ms != 0, item.sent_index);
        sb_out_moment(j, "sent_ms", item.sent_ms);
        sb_query_wording(q, &meeting, &item, c);
        sb_query_item_related(q, &meeting, c->no);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

sb_err sb_query_one_case(sb_query *q)
{
    const char *ref;
    sb_row_case c;
    sb_err err = sb_query_arg(q, "REF", &ref);
    if (err != SB_OK || (err = sb_query_case(q, ref, &c)) != SB_OK)
        return err;
    sb_json_object(q->j);
    sb_query_case_head(q, &c);
    sb_query_texts(q->j, "clauses", sb_clauses_of(q->kv, q->arena, &c), c.clauses);
    sb_query_case_members(q, &c);
    sb_out_bool(q->j, "discussed_earlier", sb_discussed_earlier(q->kv, c.no, c.meeting));
    sb_earlier_put(q->j, q->kv, q->arena, q->charter, c.meeting, &c);
    sb_query_case_related(q, &c);
    sb_query_case_election(q, &c);
    put_treatments(q, &c);
    sb_json_end_object(q->j);
    return SB_OK;
}
