/* Elections in queries, and what came after a close: confirmed ballots, disputes, offices taken. */
#include "proto/ledger/actions.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/elections.h"
#include "proto/ledger/query_parts.h"

/* ---- candidates ---- */

static void put_places(sb_query *q, const sb_row_candidate *row)
{
    sb_json *j = q->j;
    sb_row_candidate_place *places;
    uint32_t count = sb_candidate_places(q->kv, q->arena, row->no, &places);
    sb_json_key(j, "places");
    sb_json_array(j);
    for (uint32_t i = 0; i < count; i++) {
        const Sb__Office *office = q->charter->offices[places[i].office];
        sb_row_candidate_name name = {.candidate = row->no, .office = places[i].office};
        (void)sb_row_candidate_name_get(q->kv, NULL, &name);
        sb_json_object(j);
        sb_out_str(j, "office", office->id);
        sb_out_str(j, "office_name", office->name);
        sb_query_seat_members(q, places[i].seat);
        sb_query_blob(q, "person", name.sha256, name.size);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_candidate_members(sb_query *q, const sb_row_candidate *row)
{
    sb_out_u64(q->j, "number", row->number);
    sb_out_hash(q->j, "id", row->id);
    sb_out_bool(q->j, "withdrawn", row->withdrawn);
    put_places(q, row);
}

static void put_candidates(sb_query *q, uint32_t case_no)
{
    sb_json_array(q->j);
    sb_row_case_candidate at = {.case_no = case_no};
    for (bool more = sb_row_case_candidate_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_case_candidate_next(q->kv, NULL, &at, false, 1)) {
        sb_row_candidate row = {.no = at.candidate};
        if (!sb_row_candidate_get(q->kv, NULL, &row))
            continue;
        sb_json_object(q->j);
        put_candidate_members(q, &row);
        sb_out_u64(q->j, "index", row.index);
        sb_json_end_object(q->j);
    }
    sb_json_end_array(q->j);
}

sb_err sb_query_candidates(sb_query *q)
{
    const char *ref;
    sb_row_case c;
    sb_err err = sb_query_arg(q, "REF", &ref);
    if (err == SB_OK && (err = sb_query_case(q, ref, &c)) == SB_OK)
        put_candidates(q, c.no);
    return err;
}

/* ---- a round ---- */

static void put_votes(sb_query *q, const sb_row_question *row, uint32_t number)
{
    sb_json *j = q->j;
    uint32_t total = 0;
    sb_row_candidate_votes at = {.question = row->no, .number = number};
    sb_json_key(j, "partners");
    sb_json_array(j);
    for (bool more = sb_row_candidate_votes_next(q->kv, NULL, &at, true, 2); more;
         more = sb_row_candidate_votes_next(q->kv, NULL, &at, false, 2)) {
        bool has_partner = at.partner != SB_NONE;
        sb_json_object(j);
        sb_out_str(j, "partner", sb_partner_id(q->charter, at.partner));
        sb_out_str(j, "partner_name", has_partner ? q->charter->partners[at.partner]->name : NULL);
        sb_out_u64(j, "votes", at.votes);
        sb_json_end_object(j);
        total += at.votes;
    }
    sb_json_end_array(j);
    sb_out_index(j, "votes", row->status == SB_QUESTION_CLOSED, total);
}

static void put_round(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_row_standing at = {.question = row->no};
    sb_json_array(j);
    for (bool more = sb_row_standing_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_standing_next(q->kv, NULL, &at, false, 1)) {
        sb_row_candidate candidate = {.no = at.candidate};
        if (!sb_row_candidate_get(q->kv, NULL, &candidate))
            continue;
        sb_json_object(j);
        put_candidate_members(q, &candidate);
        put_votes(q, row, at.number);
        sb_out_bool(j, "goes_on", at.goes_on);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_query_question_election(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_row_question_election e = {.question = row->no};
    bool is = sb_row_question_election_get(q->kv, NULL, &e);
    bool ended_tied = is && row->outcome == SB__OUTCOME__OUTCOME_TIED && e.round >= e.rounds;
    sb_out_index(j, "round", is, e.round);
    sb_out_index(j, "rounds", is, e.rounds);
    sb_json_key(j, "candidates");
    if (is)
        put_round(q, row);
    else
        sb_json_null(j);
    sb_out_index(j, "elected", e.elected != 0, e.elected);
    sb_out_bool(j, "acclamation", e.unopposed);
    sb_out_bool(j, "may_object", e.acclamation);
    sb_out_str(j, "tie", ended_tied ? sb_text_code(SB_TEXT_ELECTION_TIE, e.tie) : NULL);
}

/* ---- disputes ---- */

static void put_dispute(sb_query *q, const sb_row_dispute *row)
{
    sb_json *j = q->j;
    bool open = row->status == SB_DISPUTE_OPEN;
    sb_row_question question = {.no = row->question};
    sb_row_dispute_text text = {.dispute = row->no};
    (void)sb_row_question_get(q->kv, NULL, &question);
    (void)sb_row_dispute_text_get(q->kv, NULL, &text);
    sb_json_object(j);
    sb_out_hash(j, "id", row->id);
    sb_out_hash(j, "question", question.id);
    sb_query_seat_members(q, row->seat);
    sb_out_str(j, "status", open ? "open" : "closed");
    sb_query_blob(q, "text", text.sha256, text.size);
    sb_out_u64(j, "index", row->index);
    sb_out_u64(j, "at_ms", text.at_ms);
    sb_out_str(j, "end", open ? NULL : sb_text_code(SB_TEXT_DISPUTE_END, row->end));
    sb_query_blob(q, "end_text", text.end_sha256, text.end_size);
    sb_out_index(j, "closed_index", !open, row->closed_index);
    sb_out_moment(j, "closed_at_ms", text.closed_ms);
    sb_json_end_object(j);
}

static void put_disputes(sb_query *q, uint32_t question)
{
    sb_row_question_dispute at = {.question = question};
    for (bool more = sb_row_question_dispute_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_question_dispute_next(q->kv, NULL, &at, false, 1)) {
        sb_row_dispute row = {.no = at.dispute};
        if (sb_row_dispute_get(q->kv, NULL, &row))
            put_dispute(q, &row);
    }
}

void sb_query_disputes_of(sb_query *q, uint32_t question)
{
    sb_json_key(q->j, "disputes");
    sb_json_array(q->j);
    put_disputes(q, question);
    sb_json_end_array(q->j);
}

/* When it is about a question of the case, 0: of any. */
static void put_dispute_of(sb_query *q, uint32_t no, uint32_t case_no)
{
    sb_row_dispute row = {.no = no};
    sb_row_question question = {.no = 0};
    if (!sb_row_dispute_get(q->kv, NULL, &row))
        return;
    question.no = row.question;
    if (sb_row_question_get(q->kv, NULL, &question) &&
        (case_no == 0 || question.case_no == case_no))
        put_dispute(q, &row);
}

sb_err sb_query_disputes(sb_query *q)
{
    sb_row_case c = {.no = 0};
    sb_err err = q->argc == 0 ? SB_OK : sb_query_case(q, q->args[0], &c);
    if (err != SB_OK)
        return err;
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_DISPUTE);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++)
        put_dispute_of(q, no, c.no);
    sb_json_end_array(q->j);
    return SB_OK;
}

void sb_query_case_election(sb_query *q, const sb_row_case *c)
{
    sb_json_key(q->j, "candidates");
    put_candidates(q, c->no);
    sb_json_key(q->j, "disputes");
    sb_json_array(q->j);
    uint32_t last = sb_query_count(q, SB_REF_DISPUTE);
    for (uint32_t no = 1; no <= last; no++)
        put_dispute_of(q, no, c->no);
    sb_json_end_array(q->j);
}

/* ---- later ---- */

static void put_confirmations(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_json_key(j, "confirmations");
    sb_json_array(j);
    sb_row_confirmation at = {.question = row->no};
    for (bool more = sb_row_confirmation_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_confirmation_next(q->kv, NULL, &at, false, 1)) {
        sb_json_object(j);
        sb_query_seat_members(q, at.seat);
        sb_out_str(j, "by", sb_text_code(SB_TEXT_SEAT_ROLE, at.role));
        sb_out_u64(j, "index", at.index);
        sb_out_u64(j, "at_ms", at.at_ms);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* Offices that this question's elected hold now. */
static void put_offices(sb_query *q, const sb_row_question *row)
{
    sb_json *j = q->j;
    sb_json_key(j, "offices");
    sb_json_array(j);
    sb_row_office_seat at = {0};
    for (bool more = sb_row_office_seat_next(q->kv, NULL, &at, true, 0); more;
         more = sb_row_office_seat_next(q->kv, NULL, &at, false, 0)) {
        if (at.question != row->no)
            continue;
        sb_json_object(j);
        sb_out_str(j, "office", q->charter->offices[at.office]->id);
        sb_out_str(j, "office_name", q->charter->offices[at.office]->name);
        sb_query_seat_members(q, at.seat);
        sb_out_date(j, "from_date", at.from_date);
        sb_out_date(j, "until_date", at.until_date);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_query_later(sb_query *q, const sb_row_question *row)
{
    sb_json_key(q->j, "later");
    sb_json_object(q->j);
    put_confirmations(q, row);
    sb_query_disputes_of(q, row->no);
    put_offices(q, row);
    sb_later_put_texts(q->j, q->kv, row);
    sb_later_put_conditions(q->j, q->kv, q->arena, row);
    sb_query_later_actions(q, row);
    sb_json_end_object(q->j);
}

/* ---- the addendum to a certificate's text ---- */

static const char *word(sb_lang lang, const char *nb, const char *en)
{
    return lang == SB_LANG_NB ? nb : en;
}

/* "20. januar 2022: " */
static void put_day(sb_buf *out, sb_lang lang, uint64_t ms)
{
    sb_buf_str(out, "  ");
    sb_text_wire_date(out, lang, sb_yyyymmdd_of(ms));
    sb_buf_str(out, ": ");
}

static void put_seat(sb_query *q, sb_buf *out, uint32_t no)
{
    sb_row_seat seat = {.no = no};
    if (sb_row_seat_get(q->kv, q->arena, &seat))
        sb_buf_printf(out, "%s (%s)", seat.title, seat.id);
}

static void text_confirmations(sb_query *q, const sb_row_question *row, sb_lang lang, sb_buf *out)
{
    sb_row_confirmation at = {.question = row->no};
    for (bool more = sb_row_confirmation_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_confirmation_next(q->kv, NULL, &at, false, 1)) {
        put_day(out, lang, at.at_ms);
        put_seat(q, out, at.seat);
        sb_buf_printf(out, "%s\n",
                      word(lang, " bekreftet stemmen som sekretariatet førte.",
                           " confirmed the ballot that the secretariat recorded."));
    }
}

static void text_disputes(sb_query *q, const sb_row_question *row, sb_lang lang, sb_buf *out)
{
    sb_row_question_dispute at = {.question = row->no};
    for (bool more = sb_row_question_dispute_next(q->kv, NULL, &at, true, 1); more;
         more = sb_row_question_dispute_next(q->kv, NULL, &at, false, 1)) {
        sb_row_dispute dispute = {.no = at.dispute};
        sb_row_dispute_text text = {.dispute = at.dispute};
        if (!sb_row_dispute_get(q->kv, NULL, &dispute) ||
            !sb_row_dispute_text_get(q->kv, NULL, &text))
            continue;
        put_day(out, lang, text.at_ms);
        sb_buf_str(out, word(lang, "tvist reist av ", "dispute opened by "));
        put_seat(q, out, dispute.seat);
        sb_buf_str(out, ".\n");
        if (dispute.status == SB_DISPUTE_OPEN)
            continue;
        put_day(out, lang, text.closed_ms);
        sb_buf_str(out, word(lang, "tvisten reist av ", "the dispute opened by "));
        put_seat(q, out, dispute.seat);
        sb_buf_printf(out, "%s %s.\n", word(lang, " er", " was"),
                      sb_text_word(SB_TEXT_DISPUTE_END, dispute.end, lang));
    }
}

static void text_offices(sb_query *q, const sb_row_question *row, sb_lang lang, sb_buf *out)
{
    sb_row_office_seat at = {0};
    for (bool more = sb_row_office_seat_next(q->kv, NULL, &at, true, 0); more;
         more = sb_row_office_seat_next(q->kv, NULL, &at, false, 0)) {
        if (at.question != row->no)
            continue;
        sb_buf_printf(out, "  %s: ", q->charter->offices[at.office]->name);
        put_seat(q, out, at.seat);
        sb_buf_str(out, word(lang, ", fra ", ", from "));
        sb_text_wire_date(out, lang, at.from_date);
        if (at.until_date != 0) {
            sb_buf_str(out, word(lang, " til ", " to "));
            sb_text_wire_date(out, lang, at.until_date);
        }
        sb_buf_str(out, ".\n");
    }
}

void sb_query_later_text(sb_query *q, const sb_row_question *row, sb_lang lang, sb_buf *out)
{
    sb_buf lines;
    sb_buf_init(&lines);
    text_offices(q, row, lang, &lines);
    text_confirmations(q, row, lang, &lines);
    text_disputes(q, row, lang, &lines);
    sb_later_text_texts(&lines, lang, q->kv, row);
    sb_later_text_conditions(&lines, lang, q->kv, q->arena, q->charter, row);
    sb_query_later_actions_text(q, row, lang, &lines);
    if (lines.len > 0)
        sb_buf_printf(
            out, "%s:\n",
            word(lang, "Etter at avstemmingspunktet ble lukket", "After the question closed"));
    sb_buf_add(out, sb_buf_slice(&lines));
    sb_buf_deinit(&lines);
}
