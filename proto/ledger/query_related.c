/* What belongs to a case besides wording and votes: relations, conditions, input, rulings, finalised
 * texts; plans; erased blobs. */
#include "proto/ledger/case_parts.h"
#include "proto/ledger/query_parts.h"

void sb_query_blob_item(sb_query *q, const uint8_t sha256[32], uint64_t size)
{
    bool erased = size != 0 && sb_ledger_blob_erased(q->l, sha256, NULL);
    sb_out_blob_item(q->j, sha256, size, erased);
}

void sb_query_blob(sb_query *q, const char *key, const uint8_t sha256[32], uint64_t size)
{
    sb_json_key(q->j, key);
    sb_query_blob_item(q, sha256, size);
}

static void put_case_brief(sb_query *q, uint32_t case_no)
{
    sb_json *j = q->j;
    sb_row_case c = {.no = case_no};
    (void)sb_row_case_get(q->kv, q->arena, &c);
    sb_json_key(j, "case");
    sb_json_object(j);
    sb_out_hash(j, "id", c.id);
    sb_out_str(j, "body", sb_body_words(q->charter, c.body)->id);
    sb_out_some(j, "number", sb_number_label(q->arena, c.number, c.year));
    sb_out_str(j, "title", c.title);
    sb_json_end_object(j);
}

/* ---- conditions ---- */

static void put_party(sb_query *q, const sb_row_condition *row, const sb_row_condition_party *party)
{
    sb_json *j = q->j;
    sb_json_object(j);
    sb_out_str(j, "party", party->id);
    sb_out_str(j, "name", sb_asked_name(q->charter, party->id, false));
    sb_out_str(j, "answer",
               party->answer == 0 && row->lapsed
                   ? "lapsed"
                   : sb_text_code(SB_TEXT_CONDITION_ANSWER, party->answer));
    sb_out_some(j, "decided_by", party->decided_by);
    sb_out_date(j, "date", party->date);
    sb_out_some(j, "reference", party->reference);
    sb_query_blob(q, "document", party->document_sha256, party->document_size);
    sb_out_index(j, "index", party->answer != 0, party->index);
    sb_json_end_object(j);
}

static void put_condition(sb_query *q, uint32_t no, bool with_case)
{
    sb_json *j = q->j;
    sb_row_condition row = {.no = no};
    sb_row_condition_text text = {.condition = no};
    if (!sb_row_condition_get(q->kv, q->arena, &row))
        return;
    (void)sb_row_condition_text_get(q->kv, NULL, &text);
    sb_json_object(j);
    sb_out_hash(j, "id", row.id);
    if (with_case)
        put_case_brief(q, row.case_no);
    sb_out_str(j, "moment", sb_text_code(SB_TEXT_CONDITION_MOMENT, row.moment));
    sb_out_str(j, "kind", sb_text_code(SB_TEXT_CONDITION_KIND, row.kind));
    sb_out_str(j, "cite", row.cite);
    sb_query_blob(q, "text", text.sha256, text.size);
    sb_out_date(j, "due_date", row.due_date);
    sb_out_bool(j, "lapses", row.lapses);
    sb_out_bool(j, "lapsed", row.lapsed);
    sb_out_u64(j, "index", row.index);
    sb_out_bool(j, "met", row.unmet == 0);
    sb_out_u64(j, "unmet", row.unmet);
    sb_out_index(j, "met_index", row.unmet == 0, row.met_index);
    sb_out_moment(j, "met_ms", row.unmet == 0 ? row.met_ms : 0);
    sb_json_key(j, "parties");
    sb_json_array(j);
    sb_row_condition_party party = {.condition = no};
    for (bool more = sb_row_condition_party_next(q->kv, q->arena, &party, true, 1); more;
         more = sb_row_condition_party_next(q->kv, q->arena, &party, false, 1))
        put_party(q, &row, &party);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static bool is_of_body(sb_query *q, uint32_t case_no, uint32_t body)
{
    sb_row_case c = {.no = case_no};
    return body == SB_NONE || (sb_row_case_get(q->kv, q->arena, &c) && c.body == body);
}

sb_err sb_query_conditions(sb_query *q)
{
    uint32_t body;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_CONDITION);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_condition row = {.no = no};
        if (sb_row_condition_get(q->kv, q->arena, &row) && is_of_body(q, row.case_no, body))
            put_condition(q, no, true);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

/* ---- input ---- */

static const char *input_status(const sb_row_input *row, const sb_row_input_asked *asked)
{
    if (asked->kind == 0)
        return "outstanding";
    if (sb_yyyymmdd_of(asked->at_ms) > row->due_date)
        return asked->kind == SB__INPUT_KIND__INPUT_KIND_RECEIVED ? "received_late" : "none_late";
    return sb_text_code(SB_TEXT_INPUT_KIND, asked->kind);
}

static void put_asked(sb_query *q, const sb_row_input *row, const sb_row_input_asked *asked)
{
    sb_json *j = q->j;
    sb_json_object(j);
    sb_out_str(j, "from", asked->id);
    sb_out_str(j, "name", sb_asked_name(q->charter, asked->id, true));
    sb_out_str(j, "status", input_status(row, asked));
    sb_out_moment(j, "at_ms", asked->kind == 0 ? 0 : asked->at_ms);
    sb_json_key(j, "texts");
    sb_json_array(j);
    sb_row_input_received got = {.input = row->no, .n = asked->n};
    for (bool more = sb_row_input_received_next(q->kv, NULL, &got, true, 2); more;
         more = sb_row_input_received_next(q->kv, NULL, &got, false, 2)) {
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_INPUT_KIND, got.kind));
        sb_query_blob(q, "text", got.sha256, got.size);
        sb_out_u64(j, "at_ms", got.at_ms);
        sb_out_str(j, "source", sb_text_code(SB_TEXT_SOURCE, got.source));
        sb_out_u64(j, "index", got.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_json_end_object(j);
}

static void put_input(sb_query *q, uint32_t no, bool with_case)
{
    sb_json *j = q->j;
    sb_row_input row = {.no = no};
    sb_row_input_text text = {.input = no};
    if (!sb_row_input_get(q->kv, NULL, &row))
        return;
    (void)sb_row_input_text_get(q->kv, NULL, &text);
    sb_json_object(j);
    sb_out_hash(j, "id", row.id);
    if (with_case)
        put_case_brief(q, row.case_no);
    sb_query_blob(q, "text", text.sha256, text.size);
    sb_out_date(j, "due_date", row.due_date);
    sb_out_u64(j, "index", row.index);
    sb_out_u64(j, "asked_ms", row.asked_ms);
    sb_json_key(j, "asked");
    sb_json_array(j);
    sb_row_input_asked asked = {.input = no};
    for (bool more = sb_row_input_asked_next(q->kv, q->arena, &asked, true, 1); more;
         more = sb_row_input_asked_next(q->kv, q->arena, &asked, false, 1))
        put_asked(q, &row, &asked);
    sb_json_end_array(j);
    sb_json_end_object(j);
}

sb_err sb_query_inputs(sb_query *q)
{
    uint32_t body;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_INPUT);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_input row = {.no = no};
        if (sb_row_input_get(q->kv, NULL, &row) && is_of_body(q, row.case_no, body))
            put_input(q, no, true);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

/* ---- members of a case and of its treatment ---- */

void sb_query_case_related(sb_query *q, const sb_row_case *c)
{
    sb_json *j = q->j;
    sb_relations_put(j, q->kv, q->arena, c->no);
    sb_json_key(j, "conditions");
    sb_json_array(j);
    sb_row_case_condition condition = {.case_no = c->no};
    for (bool more = sb_row_case_condition_next(q->kv, NULL, &condition, true, 1); more;
         more = sb_row_case_condition_next(q->kv, NULL, &condition, false, 1))
        put_condition(q, condition.condition, false);
    sb_json_end_array(j);
    sb_json_key(j, "inputs");
    sb_json_array(j);
    sb_row_case_input input = {.case_no = c->no};
    for (bool more = sb_row_case_input_next(q->kv, NULL, &input, true, 1); more;
         more = sb_row_case_input_next(q->kv, NULL, &input, false, 1))
        put_input(q, input.input, false);
    sb_json_end_array(j);
}

void sb_query_rulings(sb_query *q, uint32_t meeting, uint32_t case_no)
{
    sb_json *j = q->j;
    sb_json_key(j, "rulings");
    sb_json_array(j);
    sb_row_ruling row = {.meeting = meeting};
    for (bool more = sb_row_ruling_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_ruling_next(q->kv, NULL, &row, false, 1)) {
        if (row.case_no != case_no)
            continue;
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_RULING_KIND, row.kind));
        sb_query_seat_members(q, row.chair);
        sb_query_blob(q, "text", row.sha256, row.size);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_query_item_related(sb_query *q, const sb_row_meeting *meeting, uint32_t case_no)
{
    sb_json *j = q->j;
    sb_row_discussed row = {.case_no = case_no, .meeting = meeting->no};
    sb_json_key(j, "discussed");
    if (sb_row_discussed_get(q->kv, NULL, &row)) {
        sb_json_object(j);
        sb_out_bool(j, "by_entry", row.by_entry);
        sb_out_hash(j, "wording_sha256", row.wording);
        sb_out_u64(j, "index", row.index);
        sb_json_key(j, "clauses");
        sb_json_array(j);
        sb_row_discussed_clause clause = {.case_no = case_no, .meeting = meeting->no};
        for (bool more = sb_row_discussed_clause_next(q->kv, q->arena, &clause, true, 2); more;
             more = sb_row_discussed_clause_next(q->kv, q->arena, &clause, false, 2))
            sb_json_cstr(j, clause.text);
        sb_json_end_array(j);
        sb_json_end_object(j);
    } else {
        sb_json_null(j);
    }
    sb_query_rulings(q, meeting->no, case_no);
}

void sb_query_finalised(sb_query *q, uint32_t question)
{
    sb_json *j = q->j;
    sb_json_key(j, "finalised");
    sb_json_array(j);
    sb_row_finalised row = {.question = question};
    for (bool more = sb_row_finalised_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_finalised_next(q->kv, NULL, &row, false, 1)) {
        sb_json_object(j);
        sb_query_blob(q, "decided", row.decided_sha256, row.decided_size);
        sb_query_blob(q, "final", row.final_sha256, row.final_size);
        sb_query_blob(q, "note", row.note_sha256, row.note_size);
        sb_out_u64(j, "index", row.index);
        sb_out_u64(j, "at_ms", row.at_ms);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* ---- plan BODY YEAR ---- */

/* What the bylaws ask of a plan, and whether it was done; noted, never a bar. */
static void put_planning(sb_query *q, const Sb__Body *body, const sb_row_plan *plan, uint32_t dates)
{
    sb_json *j = q->j;
    const Sb__Planning *norm = body->planning;
    sb_row_question question = {.no = plan->question};
    bool decided = plan->question != 0 && sb_row_question_get(q->kv, NULL, &question);
    sb_json_key(j, "decided_by");
    if (decided)
        sb_json_hex(j, sb_slice_of(question.id, 32));
    else
        sb_json_null(j);
    sb_out_date(j, "decided_date", decided ? sb_yyyymmdd_of(question.closed_ms) : 0);
    sb_json_key(j, "norm");
    if (norm == NULL) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_u64(j, "least_meetings", norm->least_meetings);
    sb_out_bool(j, "enough", dates >= norm->least_meetings);
    sb_out_bool(j, "before_year", norm->before_year);
    sb_out_bool(j, "in_time",
                !norm->before_year ||
                    (decided && sb_yyyymmdd_of(question.closed_ms) / 10000 < plan->year));
    sb_out_bool(j, "next_date", norm->next_date);
    sb_out_some(j, "cite", norm->cite);
    sb_json_end_object(j);
}

/* The meetings called so far for the year. */
static void put_called(sb_query *q, uint32_t body, uint32_t year)
{
    sb_json *j = q->j;
    sb_json_key(j, "meetings");
    sb_json_array(j);
    sb_row_body_meeting at = {.body = body, .date = year * 10000};
    for (bool more = sb_row_body_meeting_next(q->kv, NULL, &at, true, 1);
         more && at.date / 10000 == year;
         more = sb_row_body_meeting_next(q->kv, NULL, &at, false, 1)) {
        sb_row_meeting m = {.no = at.meeting};
        if (!sb_row_meeting_get(q->kv, NULL, &m))
            continue;
        sb_json_object(j);
        sb_out_hash(j, "id", m.id);
        sb_out_date(j, "date", m.date);
        sb_out_str(j, "status", sb_meeting_status_code(m.status));
        sb_out_bool(j, "extraordinary", m.extraordinary);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static uint32_t parse_year(const char *text)
{
    uint32_t year = 0;
    for (size_t i = 0; i < 4; i++) {
        if (text[i] < '0' || text[i] > '9')
            return 0;
        year = year * 10 + (uint32_t)(text[i] - '0');
    }
    return text[4] == '\0' ? year : 0;
}

sb_err sb_query_plan(sb_query *q)
{
    uint32_t body, year = q->argc < 2 ? 0 : parse_year(q->args[1]);
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    if (body == SB_NONE || year == 0)
        return sb_fail_set(q->fail, SB_E_QUERY_ARGUMENT, q->name, "BODY YEAR", NULL);
    sb_json *j = q->j;
    const Sb__Body *words = sb_body_words(q->charter, body);
    sb_row_plan plan = {.body = body, .year = year};
    bool planned = sb_row_plan_get(q->kv, NULL, &plan);
    uint32_t dates = 0;
    sb_json_object(j);
    sb_out_str(j, "body", words->id);
    sb_out_u64(j, "year", year);
    sb_out_bool(j, "planned", planned);
    sb_out_index(j, "index", planned, plan.index);
    sb_out_moment(j, "at_ms", plan.at_ms);
    sb_json_key(j, "dates");
    sb_json_array(j);
    sb_row_plan_date row = {.body = body, .year = year};
    for (bool more = sb_row_plan_date_next(q->kv, NULL, &row, true, 2); more;
         more = sb_row_plan_date_next(q->kv, NULL, &row, false, 2)) {
        sb_json_cstr(j, sb_date_text(q->arena, row.date));
        dates++;
    }
    sb_json_end_array(j);
    put_planning(q, words, &plan, dates);
    put_called(q, body, year);
    sb_json_end_object(j);
    return SB_OK;
}

/* ---- erased ---- */

sb_err sb_query_erased(sb_query *q)
{
    sb_json *j = q->j;
    sb_json_array(j);
    sb_row_erasure row = {.index = q->part->from};
    for (bool more = sb_row_erasure_next(q->kv, q->arena, &row, true, 0);
         more && sb_query_room(q, row.index);
         more = sb_row_erasure_next(q->kv, q->arena, &row, false, 0)) {
        sb_row_erased state = {0};
        memcpy(state.sha256, row.sha256, 32);
        (void)sb_row_erased_get(q->kv, NULL, &state);
        sb_json_object(j);
        sb_out_hash(j, "sha256", row.sha256);
        sb_out_u64(j, "index", row.index);
        sb_out_str(j, "reason", sb_text_code(SB_TEXT_ERASE_REASON, state.reason));
        sb_out_some(j, "cite", row.cite);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}
