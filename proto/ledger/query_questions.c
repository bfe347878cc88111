/* Questions, decisions, certificates. */
#include "proto/ledger/certificate.h"
#include "proto/ledger/query_parts.h"

static void put_objections(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_json_key(j, "objections");
    sb_json_array(j);
    sb_row_objection_text o = {.question = row->no};
    for (bool more = sb_row_objection_text_next(q->kv, NULL, &o, true, 1); more;
         more = sb_row_objection_text_next(q->kv, NULL, &o, false, 1)) {
        sb_json_object(j);
        sb_query_seat_members(q, o.seat);
        sb_out_u64(j, "index", o.index);
        sb_query_blob(q, "reason", o.sha256, o.size);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* confirmed: also after the close. */
static void put_vote_members(sb_query *q, const sb_row_vote *v)
{
    sb_row_confirmation later = {.question = v->question, .seat = v->seat};
    sb_query_seat_members(q, v->seat);
    sb_out_str(q->j, "by", sb_text_code(SB_TEXT_SEAT_ROLE, v->role));
    sb_out_str(q->j, "choice", sb_text_code(SB_TEXT_CHOICE, v->choice));
    sb_out_index(q->j, "candidate", v->candidate != 0, v->candidate);
    sb_out_bool(q->j, "recorded", v->recorded);
    sb_out_bool(q->j, "confirmed", v->confirmed || sb_row_confirmation_get(q->kv, NULL, &later));
    sb_out_u64(q->j, "index", v->index);
}

/* Open: the current ones with their ids. Closed: those that counted or not, those recorded and not
 * yet confirmed with their ids. */
static void put_ballots(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_json_key(j, "ballots");
    sb_json_array(j);
    sb_row_ballot b = {.question = row->no};
    for (bool more = sb_row_ballot_next(q->kv, NULL, &b, true, 1); more;
         more = sb_row_ballot_next(q->kv, NULL, &b, false, 1)) {
        sb_json_object(j);
        put_vote_members(q, &(sb_row_vote){.question = b.question,
                                           .seat = b.seat,
                                           .choice = b.choice,
                                           .candidate = b.candidate,
                                           .recorded = b.recorded,
                                           .confirmed = b.confirmed,
                                           .role = b.role,
                                           .index = b.index});
        sb_out_hash(j, "id", b.id);
        sb_json_end_object(j);
    }
    sb_row_vote v = {.question = row->no};
    for (bool more = sb_row_vote_next(q->kv, NULL, &v, true, 1); more;
         more = sb_row_vote_next(q->kv, NULL, &v, false, 1)) {
        sb_json_object(j);
        sb_row_unconfirmed left = {.question = v.question, .seat = v.seat};
        put_vote_members(q, &v);
        sb_json_key(j, "id"); /* what a confirmation must name; null: nothing to confirm */
        if (sb_row_unconfirmed_get(q->kv, NULL, &left))
            sb_json_hex(j, sb_slice_of(left.id, 32));
        else
            sb_json_null(j);
        sb_out_bool(j, "counted", v.counted);
        sb_out_str(j, "reason", sb_away_code((sb_away)v.reason));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static bool is_unanimous(sb_query *q, const sb_row_question *row)
{
    uint32_t votes = 0, candidate = 0;
    sb_row_vote v = {.question = row->no};
    for (bool more = sb_row_vote_next(q->kv, NULL, &v, true, 1); more;
         more = sb_row_vote_next(q->kv, NULL, &v, false, 1)) {
        if (!v.counted)
            continue;
        bool names = v.choice == SB__CHOICE__CHOICE_CANDIDATE;
        if (v.choice != SB__CHOICE__CHOICE_FOR && !names)
            return false;
        if (names && votes > 0 && v.candidate != candidate)
            return false;
        candidate = v.candidate;
        votes++;
    }
    return votes > 0;
}

/* Who may vote now, for a ballot to be made: representative and current ballot. */
static void put_voters(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_presence p;
    sb_presence_of(q->kv, q->arena, q->charter, row->body, row->meeting, row->case_no,
                   row->opened_index, &p);
    sb_json_key(j, "seats");
    sb_json_array(j);
    for (uint32_t i = 0; i < p.seat_count; i++) {
        const sb_representation *r = &p.representations[i];
        sb_row_ballot b = {.question = row->no, .seat = p.seats[i].no};
        bool has_ballot = sb_row_ballot_get(q->kv, NULL, &b);
        sb_json_object(j);
        sb_query_seat_members(q, p.seats[i].no);
        sb_out_str(j, "represented_by",
                   r->role == 0 ? "none" : sb_text_code(SB_TEXT_SEAT_ROLE, r->role));
        sb_out_str(j, "reason", sb_away_code(r->reason));
        sb_json_key(j, "ballot");
        if (has_ballot)
            sb_json_hex(j, sb_slice_of(b.id, 32));
        else
            sb_json_null(j);
        sb_out_str(j, "choice", has_ballot ? sb_text_code(SB_TEXT_CHOICE, b.choice) : NULL);
        sb_out_index(j, "candidate", has_ballot && b.candidate != 0, b.candidate);
        sb_out_bool(j, "delegated", r->by_delegation);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    sb_row_question_rules rules = {.question = row->no};
    (void)sb_row_question_rules_get(q->kv, q->arena, &rules);
    sb_judged quorum = {0};
    sb_judge(q->arena, rules.quorum, &p.input, &quorum);
    sb_judged_json(j, "quorum_now", &quorum);
    sb_out_some(j, "quorum_rule", rules.quorum);
    sb_out_some(j, "pass_rule", rules.pass);
}

static void put_question_members(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    bool closed = row->status == SB_QUESTION_CLOSED;
    sb_row_certificate certificate = {.question = row->no};
    bool has_certificate = closed && sb_row_certificate_get(q->kv, q->arena, &certificate);
    sb_out_hash(j, "id", row->id);
    sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, row->mode));
    sb_out_str(j, "status", closed ? "closed" : "open");
    sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, row->outcome));
    sb_out_bool(j, "quorate_at_opening", row->quorate);
    sb_out_bool(j, "unanimous", is_unanimous(q, row));
    sb_out_hash(j, "wording_sha256", row->wording);
    sb_out_u64(j, "opened_index", row->opened_index);
    sb_out_u64(j, "opened_at_ms", row->opened_ms);
    sb_out_index(j, "closed_index", closed, row->closed_index);
    sb_out_moment(j, "closed_at_ms", row->closed_ms);
    sb_query_question_election(q, row);
    put_objections(q, row);
    put_ballots(q, row);
    sb_query_finalised(q, row->no);
    sb_json_key(j, "certificate_sha256");
    if (has_certificate)
        sb_json_hex(j, sb_slice_of(certificate.sha256, 32));
    else
        sb_json_null(j);
    if (closed)
        sb_query_later(q, row);
}

void sb_query_question_object(sb_query *q, const sb_row_question *row, bool full)
{
    sb_json *j = q->j;
    sb_json_object(j);
    put_question_members(q, row);
    if (full) {
        sb_row_case c = {.no = row->case_no};
        (void)sb_row_case_get(q->kv, q->arena, &c);
        sb_json_key(j, "case");
        sb_json_object(j);
        sb_query_case_head(q, &c);
        sb_query_texts(j, "clauses", sb_clauses_of(q->kv, q->arena, &c), c.clauses);
        sb_json_end_object(j);
        sb_query_meeting_brief(q, "meeting", row->meeting);
        if (row->status == SB_QUESTION_OPEN)
            put_voters(q, row);
    }
    sb_json_end_object(j);
}

sb_err sb_query_questions(sb_query *q)
{
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_QUESTION);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_question row = {.no = no};
        if (sb_row_question_get(q->kv, NULL, &row) && row.status == SB_QUESTION_OPEN)
            sb_query_question_object(q, &row, true);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

sb_err sb_query_one_question(sb_query *q)
{
    const char *ref;
    sb_row_question row;
    sb_err err = sb_query_arg(q, "ID", &ref);
    if (err != SB_OK || (err = sb_query_question(q, ref, &row)) != SB_OK)
        return err;
    sb_query_question_object(q, &row, true);
    return SB_OK;
}

/* ---- decisions ---- */

static void put_decision(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_row_case c = {.no = row->case_no};
    sb_row_agenda item = {.meeting = row->meeting, .item = row->item};
    sb_row_certificate certificate = {.question = row->no};
    const char **decided;
    (void)sb_row_case_get(q->kv, q->arena, &c);
    (void)sb_row_agenda_get(q->kv, NULL, &item);
    (void)sb_row_certificate_get(q->kv, q->arena, &certificate);
    bool stands = item.question == row->no;
    size_t n =
        sb_item_clauses_get(q->kv, q->arena, row->meeting, row->item, SB_CLAUSE_DECIDED, &decided);
    sb_json_object(j);
    sb_out_hash(j, "question", row->id);
    sb_out_hash(j, "case", c.id);
    sb_out_str(j, "number", sb_number_label(q->arena, item.number, item.year));
    sb_out_str(j, "title", c.title);
    sb_out_str(j, "kind", sb_text_code(SB_TEXT_CASE_KIND, c.kind));
    sb_query_meeting_brief(q, "meeting", row->meeting);
    sb_out_str(j, "mode", sb_text_code(SB_TEXT_MODE, row->mode));
    sb_out_str(j, "outcome", sb_text_code(SB_TEXT_OUTCOME, row->outcome));
    sb_query_texts(j, "decided", decided, stands ? n : 0);
    sb_query_question_election(q, row);
    sb_out_u64(j, "closed_index", row->closed_index);
    sb_out_u64(j, "closed_at_ms", row->closed_ms);
    sb_out_hash(j, "certificate_sha256", certificate.sha256);
    sb_query_disputes_of(q, row->no);
    sb_json_end_object(j);
}

/* The first question after this number, of the case (0: of any); 0: there is none. */
static uint32_t question_after(sb_query *q, uint32_t after, uint32_t case_no)
{
    if (case_no == 0)
        return after < sb_query_count(q, SB_REF_QUESTION) ? after + 1 : 0;
    uint32_t found = 0;
    sb_row_case_meeting at = {.case_no = case_no};
    for (bool more = sb_row_case_meeting_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_case_meeting_next(q->kv, NULL, &at, false, 1)) {
        sb_row_item_question row = {.meeting = at.meeting, .item = at.item};
        for (bool next = sb_row_item_question_next(q->kv, NULL, &row, true, 2); next;
             next = sb_row_item_question_next(q->kv, NULL, &row, false, 2))
            if (row.question > after && (found == 0 || row.question < found))
                found = row.question;
    }
    return found;
}

sb_err sb_query_decisions(sb_query *q)
{
    uint32_t body;
    sb_row_case c;
    sb_err err = sb_query_body(q, &body);
    if (err == SB_OK)
        err = sb_query_maybe_case(q, 1, &c);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t no = question_after(q, sb_query_first(q) - 1, c.no);
    for (; no != 0 && sb_query_room(q, no); no = question_after(q, no, c.no)) {
        sb_row_question row = {.no = no};
        if (sb_row_question_get(q->kv, NULL, &row) && row.status == SB_QUESTION_CLOSED &&
            (body == SB_NONE || row.body == body))
            put_decision(q, &row);
    }
    sb_json_end_array(q->j);
    return SB_OK;
}

/* The text as made at the close, and below it what came later. */
static void put_text(sb_query *q, const sb_row_question *row, const char *key, sb_lang lang,
                     sb_slice text)
{
    sb_buf whole;
    sb_buf_init(&whole);
    sb_buf_add(&whole, text);
    sb_query_later_text(q, row, lang, &whole);
    sb_json_key(q->j, key);
    sb_json_str(q->j, sb_buf_slice(&whole));
    sb_buf_deinit(&whole);
}

sb_err sb_query_certificate(sb_query *q)
{
    const char *ref;
    sb_row_question row;
    sb_err err = sb_query_arg(q, "REF", &ref);
    if (err != SB_OK || (err = sb_query_question(q, ref, &row)) != SB_OK)
        return err;
    sb_row_certificate certificate = {.question = row.no};
    if (!sb_row_certificate_get(q->kv, q->arena, &certificate) || certificate.json.len == 0)
        return sb_fail_set(q->fail, SB_E_NOT_FOUND, ref, NULL);
    sb_json *j = q->j;
    sb_json_object(j);
    sb_out_hash(j, "question", row.id);
    sb_out_hash(j, "sha256", certificate.sha256);
    sb_json_key(j, "certificate");
    sb_json_raw(j, certificate.json);
    put_text(q, &row, "text_nb", SB_LANG_NB, certificate.text_nb);
    put_text(q, &row, "text_en", SB_LANG_EN, certificate.text_en);
    sb_query_later(q, &row);
    sb_json_end_object(j);
    return SB_OK;
}
