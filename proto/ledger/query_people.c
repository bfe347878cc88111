/* Terms, delegations and vacancies: what a secretariat needs to see that places are filled. */
#include "proto/ledger/delegate.h"
#include "proto/ledger/elections.h"
#include "proto/ledger/query_parts.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY

/* The day that the log has come to. */
static uint32_t today(const sb_query *q)
{
    sb_ledger_position at;
    sb_ledger_position_get(q->l, &at);
    return sb_yyyymmdd_of(at.last_time_ms);
}

void sb_query_term(sb_query *q, const sb_row_seat *seat, uint32_t from_date, uint32_t until_date)
{
    uint32_t months = sb_body_words(q->charter, seat->body)->term_months;
    uint32_t end = sb_term_end(from_date, months);
    sb_out_str(q->j, "term", until_date != 0 && today(q) > until_date ? "over" : "running");
    /* longer than the bylaws say, or without an end */
    sb_out_bool(q->j, "term_exceeds", end != 0 && (until_date == 0 || until_date > end));
}

void sb_query_delegates(sb_query *q, uint32_t seat)
{
    sb_json *j = q->j;
    sb_row_delegate row = {.seat = seat}, now;
    bool has_now = sb_delegate_get(q->kv, seat, today(q), &now);
    sb_json_key(j, "delegates");
    sb_json_array(j);
    for (bool more = sb_row_delegate_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_delegate_next(q->kv, NULL, &row, false, 1)) {
        sb_row_key key = {.no = row.key};
        sb_json_object(j);
        sb_query_blob(q, "name", row.name_sha256, row.name_size);
        sb_json_key(j, "pk");
        if (row.key != 0 && sb_row_key_get(q->kv, NULL, &key))
            sb_json_hex(j, sb_slice_of(key.pk, 32));
        else
            sb_json_null(j);
        sb_out_date(j, "from_date", row.from_date);
        sb_out_date(j, "until_date", row.until_date);
        sb_out_bool(j, "in_force", has_now && now.from_date == row.from_date);
        sb_out_hash(j, "delegation", row.entry_id);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* ---- vacancies ---- */

static void put_vacant_role(sb_query *q, const sb_row_seat *seat, Sb__SeatRole role, uint32_t date)
{
    sb_json *j = q->j;
    sb_row_holder h;
    const Sb__Seat *words = sb_seat_words(q->charter, seat);
    bool had = sb_holder_get(q->kv, seat->no, role, 0, &h);
    if (had && (h.until_date == 0 || h.until_date >= date))
        return;
    const char *host = sb_appointer_host(q->charter, seat->appointer);
    sb_json_object(j);
    sb_query_seat_members(q, seat->no);
    sb_out_str(j, "role", sb_text_code(SB_TEXT_SEAT_ROLE, role));
    sb_out_str(j, "body", sb_body_words(q->charter, seat->body)->id);
    sb_out_bool(j, "voting", seat->voting);
    sb_out_some(j, "appointer", words->appointer);
    sb_out_some(j, "host", host); /* whose authority appoints; null: the secretariat */
    sb_out_some(j, "requirement", words->requirement);
    sb_out_str(j, "reason", had ? "term_over" : "never");
    sb_out_date(j, "until_date", had ? h.until_date : 0);
    sb_json_end_object(j);
}

static void put_vacant_office(sb_query *q, uint32_t office, uint32_t date)
{
    sb_json *j = q->j;
    const Sb__Office *words = q->charter->offices[office];
    sb_row_officer row = {.office = office};
    uint32_t until = 0;
    bool had = false;
    for (bool more = sb_row_officer_next(q->kv, NULL, &row, true, 1); more;
         more = sb_row_officer_next(q->kv, NULL, &row, false, 1)) {
        if (row.until_date == 0 || row.until_date >= date)
            return;
        until = row.until_date > until ? row.until_date : until;
        had = true;
    }
    sb_json_object(j);
    sb_out_str(j, "office", words->id);
    sb_out_str(j, "office_name", words->name);
    sb_out_some(j, "body", words->body);
    sb_out_some(j, "appointed_by", words->appointed_by);
    sb_out_some(j, "elected_by", words->elected_by);
    sb_out_str(j, "reason", !had ? "never" : words->sits_until_replaced ? "sits_on" : "term_over");
    sb_out_date(j, "until_date", until);
    sb_json_end_object(j);
}

sb_err sb_query_vacancies(sb_query *q)
{
    uint32_t body, date = today(q);
    sb_json *j = q->j;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    sb_out_date(j, "date", date);
    sb_json_key(j, "seats");
    sb_json_array(j);
    uint32_t last = sb_query_count(q, SB_REF_SEAT);
    for (uint32_t no = 1; no <= last; no++) {
        sb_row_seat seat = {.no = no};
        if (!sb_row_seat_get(q->kv, q->arena, &seat) || (body != SB_NONE && seat.body != body) ||
            sb_seat_words(q->charter, &seat) == NULL ||
            sb_body_words(q->charter, seat.body)->dissolved)
            continue;
        put_vacant_role(q, &seat, PRIMARY, date);
        if (seat.has_deputy)
            put_vacant_role(q, &seat, DEPUTY, date);
    }
    sb_json_end_array(j);
    sb_json_key(j, "offices");
    sb_json_array(j);
    for (uint32_t i = 0; i < q->charter->n_offices; i++) {
        uint32_t of = sb_body_find(q->charter, q->charter->offices[i]->body);
        if (body == SB_NONE || of == SB_NONE || of == body)
            put_vacant_office(q, i, date);
    }
    sb_json_end_array(j);
    sb_json_end_object(j);
    return SB_OK;
}
