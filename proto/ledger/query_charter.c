/* The charter, bodies, seats and who holds them. */
#include "proto/ledger/query_parts.h"

static void put_rule(sb_json *j, const char *key, const Sb__Rule *rule)
{
    sb_json_key(j, key);
    if (rule == NULL || rule->text[0] == '\0') {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_str(j, "text", rule->text);
    sb_out_some(j, "cite", rule->cite);
    sb_out_some(j, "assumed", rule->assumed);
    sb_json_end_object(j);
}

static void put_deadline_rules(sb_json *j, const Sb__Body *b)
{
    sb_json_key(j, "deadlines");
    sb_json_array(j);
    for (size_t i = 0; i < b->n_deadlines; i++) {
        const Sb__Deadline *d = b->deadlines[i];
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_DEADLINE_KIND, d->kind));
        sb_out_u64(j, "least", d->least);
        sb_out_u64(j, "most", d->most);
        sb_out_str(j, "unit", sb_text_code(SB_TEXT_DEADLINE_UNIT, d->unit));
        sb_out_str(j, "effect", sb_text_code(SB_TEXT_DEADLINE_EFFECT, d->effect));
        sb_out_some(j, "cite", d->cite);
        sb_out_some(j, "assumed", d->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_norms(sb_json *j, const Sb__Body *b)
{
    sb_json_key(j, "norms");
    sb_json_array(j);
    for (size_t i = 0; i < b->n_norms; i++) {
        sb_json_object(j);
        sb_out_str(j, "force", sb_text_code(SB_TEXT_FORCE, b->norms[i]->force));
        sb_out_str(j, "text", b->norms[i]->text);
        sb_out_some(j, "cite", b->norms[i]->cite);
        sb_out_some(j, "assumed", b->norms[i]->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* Elections, plans, extraordinary meetings, delegation, terms: null where the charter has none. */
static void put_sections(sb_json *j, const Sb__Body *b)
{
    sb_json_key(j, "election");
    if (b->election == NULL) {
        sb_json_null(j);
    } else {
        sb_json_object(j);
        put_rule(j, "elect", b->election->elect);
        sb_out_u64(j, "rounds", b->election->rounds);
        sb_out_u64(j, "keep", b->election->keep);
        sb_out_str(j, "tie", sb_text_code(SB_TEXT_ELECTION_TIE, (uint32_t)b->election->tie));
        sb_out_bool(j, "acclamation", b->election->acclamation);
        sb_out_some(j, "cite", b->election->cite);
        sb_out_some(j, "assumed", b->election->assumed);
        sb_json_end_object(j);
    }
    sb_json_key(j, "planning");
    if (b->planning == NULL) {
        sb_json_null(j);
    } else {
        sb_json_object(j);
        sb_out_u64(j, "least_meetings", b->planning->least_meetings);
        sb_out_bool(j, "before_year", b->planning->before_year);
        sb_out_bool(j, "next_date", b->planning->next_date);
        sb_out_some(j, "cite", b->planning->cite);
        sb_json_end_object(j);
    }
    sb_out_some(j, "extraordinary_by", b->extraordinary_by);
    sb_out_some(j, "extraordinary_cite", b->extraordinary_cite);
    sb_out_some(j, "delegation_cite", b->delegation_cite);
    sb_out_index(j, "term_months", b->term_months != 0, b->term_months);
    sb_out_some(j, "term_cite", b->term_cite);
}

static void put_body(sb_query *q, const Sb__Body *b)
{
    sb_json *j = q->j;
    uint32_t voting = 0;
    for (size_t i = 0; i < b->n_seats; i++)
        voting += b->seats[i]->voting != 0;
    sb_json_object(j);
    sb_out_str(j, "id", b->id);
    sb_out_str(j, "name", b->name);
    sb_out_some(j, "short_name", b->short_name);
    sb_out_some(j, "parent", b->parent);
    sb_out_u64(j, "seats", b->n_seats);
    sb_out_u64(j, "voting_seats", voting);
    put_rule(j, "quorum", b->quorum);
    put_rule(j, "pass", b->pass);
    put_deadline_rules(j, b);
    put_norms(j, b);
    sb_out_some(j, "bar_cite", b->bar_cite);
    sb_out_some(j, "minutes_name", b->minutes_name);
    sb_out_bool(j, "minutes_silence", b->minutes_silence);
    sb_out_some(j, "deputy_cite", b->deputy_cite);
    sb_out_some(j, "deputy_assumed", b->deputy_assumed);
    sb_out_some(j, "dispute_cite", b->dispute_cite);
    sb_out_some(j, "roll_call_cite", b->roll_call_cite);
    put_sections(j, b);
    sb_query_body_history(q, b);
    sb_json_end_object(j);
}

static void put_bodies(sb_query *q)
{
    sb_json_array(q->j);
    for (size_t i = 0; i < q->charter->n_bodies; i++)
        put_body(q, q->charter->bodies[i]);
    sb_json_end_array(q->j);
}

sb_err sb_query_bodies(sb_query *q)
{
    put_bodies(q);
    return SB_OK;
}

/* Arrays of things that have an id and a name, and one word more. */
#define PUT_LIST(key, list, count, word, field)                                                    \
    do {                                                                                           \
        sb_json_key(j, key);                                                                       \
        sb_json_array(j);                                                                          \
        for (size_t i = 0; i < (count); i++) {                                                     \
            sb_json_object(j);                                                                     \
            sb_out_str(j, "id", (list)[i]->id);                                                    \
            sb_out_str(j, "name", (list)[i]->name);                                                \
            sb_out_some(j, word, (list)[i]->field);                                                \
            sb_json_end_object(j);                                                                 \
        }                                                                                          \
        sb_json_end_array(j);                                                                      \
    } while (0)

static void put_offices(sb_query *q)
{
    sb_json *j = q->j;
    sb_json_key(j, "offices");
    sb_json_array(j);
    for (size_t i = 0; i < q->charter->n_offices; i++) {
        const Sb__Office *o = q->charter->offices[i];
        sb_json_object(j);
        sb_out_str(j, "id", o->id);
        sb_out_str(j, "name", o->name);
        sb_out_some(j, "body", o->body);
        sb_out_some(j, "appointed_by", o->appointed_by);
        sb_out_some(j, "seat", o->seat);
        sb_out_some(j, "cite", o->cite);
        sb_out_some(j, "elected_by", o->elected_by);
        sb_out_index(j, "term_months", o->term_months != 0, o->term_months);
        sb_out_bool(j, "sits_until_replaced", o->sits_until_replaced);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* Who changes the charter, or its organisations and policy, and by which rule. */
static void put_amendment(sb_json *j, const char *key, const Sb__Amendment *a)
{
    sb_json_key(j, key);
    if (a == NULL) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    sb_out_str(j, "body", a->body);
    put_rule(j, "pass", a->pass);
    sb_json_key(j, "involvement");
    if (a->involvement == NULL) {
        sb_json_null(j);
    } else {
        const Sb__Involvement *i = a->involvement;
        sb_json_object(j);
        sb_out_str(j, "moment", sb_text_code(SB_TEXT_CONDITION_MOMENT, (uint32_t)i->moment));
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_CONDITION_KIND, (uint32_t)i->kind));
        sb_out_bool(j, "lapses", i->lapses);
        sb_out_some(j, "cite", i->cite);
        sb_out_some(j, "assumed", i->assumed);
        sb_json_end_object(j);
    }
    sb_json_end_object(j);
}

sb_err sb_query_charter(sb_query *q)
{
    const Sb__Charter *c = q->charter;
    sb_json *j = q->j;
    sb_row_federation f = {0};
    (void)sb_row_federation_get(q->kv, q->arena, &f);
    sb_json_object(j);
    sb_out_str(j, "slug", c->slug);
    sb_out_str(j, "name", c->name);
    sb_out_bool(j, "rehearsal", c->rehearsal);
    sb_out_u64(j, "version", f.charter_version);
    sb_out_hash(j, "sha256", f.charter_sha256);
    sb_out_some(j, "source", c->source);
    PUT_LIST("partners", c->partners, c->n_partners, "name_en", name_en);
    PUT_LIST("organisations", c->organisations, c->n_organisations, "partner", partner);
    PUT_LIST("appointers", c->appointers, c->n_appointers, "host", host);
    PUT_LIST("parties", c->parties, c->n_parties, "party", id);
    sb_json_key(j, "bodies");
    put_bodies(q);
    put_offices(q);
    sb_json_key(j, "policy");
    sb_json_object(j);
    sb_out_u64(j, "more_than_num", c->policy->more_than_num);
    sb_out_u64(j, "more_than_den", c->policy->more_than_den);
    sb_json_end_object(j);
    sb_json_key(j, "quotas");
    sb_json_object(j);
    sb_out_u64(j, "entries_per_key_and_day", c->quotas->entries_per_key_and_day);
    sb_out_u64(j, "entries_per_case", c->quotas->entries_per_case);
    sb_json_end_object(j);
    put_amendment(j, "amendment", c->amendment);
    put_amendment(j, "membership", c->membership);
    sb_query_predecessor(q);
    sb_json_end_object(j);
    return SB_OK;
}

/* ---- people ---- */

void sb_query_seat_members(sb_query *q, uint32_t seat_no)
{
    sb_row_seat seat = {.no = seat_no};
    bool known = seat_no != 0 && sb_row_seat_get(q->kv, q->arena, &seat);
    bool has_partner = known && seat.partner != SB_NONE;
    sb_out_str(q->j, "seat", known ? seat.id : NULL);
    sb_out_str(q->j, "title", known ? seat.title : NULL);
    sb_out_str(q->j, "partner", has_partner ? sb_partner_id(q->charter, seat.partner) : NULL);
    sb_out_str(q->j, "partner_name", has_partner ? q->charter->partners[seat.partner]->name : NULL);
}

static void put_pk(sb_query *q, uint32_t key_no)
{
    sb_row_key key = {.no = key_no};
    sb_json_key(q->j, "pk");
    if (key_no != 0 && sb_row_key_get(q->kv, NULL, &key))
        sb_json_hex(q->j, sb_slice_of(key.pk, 32));
    else
        sb_json_null(q->j);
}

static void put_holder_members(sb_query *q, const sb_row_holder *h)
{
    sb_query_blob(q, "name", h->name_sha256, h->name_size);
    put_pk(q, h->key);
    sb_out_date(q->j, "from_date", h->from_date);
    sb_out_date(q->j, "until_date", h->until_date);
    sb_out_hash(q->j, "appointment", h->entry_id);
    sb_out_u64(q->j, "index", h->index);
}

static void put_holder(sb_query *q, const char *key, const sb_row_seat *seat, Sb__SeatRole role)
{
    sb_row_holder h;
    sb_json_key(q->j, key);
    if (!sb_holder_get(q->kv, seat->no, role, 0, &h)) {
        sb_json_null(q->j);
        return;
    }
    sb_json_object(q->j);
    put_holder_members(q, &h);
    sb_query_term(q, seat, h.from_date, h.until_date);
    sb_json_end_object(q->j);
}

sb_err sb_query_seats(sb_query *q)
{
    uint32_t body;
    sb_json *j = q->j;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_array(j);
    uint32_t last = sb_query_count(q, SB_REF_SEAT);
    for (uint32_t no = sb_query_first(q); no <= last && sb_query_room(q, no); no++) {
        sb_row_seat seat = {.no = no};
        if (!sb_row_seat_get(q->kv, q->arena, &seat) || (body != SB_NONE && seat.body != body))
            continue;
        const Sb__Seat *words = sb_seat_words(q->charter, &seat);
        if (words == NULL) /* it is gone */
            continue;
        sb_json_object(j);
        sb_query_seat_members(q, no);
        sb_out_str(j, "body", sb_body_words(q->charter, seat.body)->id);
        sb_out_bool(j, "voting", seat.voting);
        sb_out_bool(j, "has_deputy", seat.has_deputy);
        sb_out_some(j, "appointer", words->appointer);
        sb_out_some(j, "requirement", words->requirement);
        sb_out_bool(j, "ex_officio", words->ex_officio);
        put_holder(q, "primary", &seat, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY);
        put_holder(q, "deputy", &seat, SB__SEAT_ROLE__SEAT_ROLE_DEPUTY);
        sb_query_delegates(q, no);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    return SB_OK;
}

/* "seat": of the elected, else the charter's; "elected": the question that elected; "term":
 * "running", "over", or "sits_on" where the term is over and the bylaws let them sit until
 * replaced. */
static void put_office_seat(sb_query *q, const sb_row_officer *row)
{
    sb_json *j = q->j;
    const Sb__Office *office = q->charter->offices[row->office];
    sb_row_office_seat elected = {.office = row->office};
    sb_row_seat seat = {0};
    sb_row_question question = {0};
    bool is_elected = sb_row_office_seat_get(q->kv, NULL, &elected);
    seat.no = elected.seat;
    question.no = elected.question;
    bool known = is_elected && sb_row_seat_get(q->kv, q->arena, &seat);
    sb_out_some(j, "seat", known ? seat.id : office->seat);
    sb_json_key(j, "elected");
    if (is_elected && sb_row_question_get(q->kv, NULL, &question))
        sb_json_hex(j, sb_slice_of(question.id, 32));
    else
        sb_json_null(j);
    sb_ledger_position at;
    sb_ledger_position_get(q->l, &at);
    bool over = row->until_date != 0 && sb_yyyymmdd_of(at.last_time_ms) > row->until_date;
    sb_out_str(j, "term", !over ? "running" : office->sits_until_replaced ? "sits_on" : "over");
}

static void put_officers(sb_query *q)
{
    sb_json *j = q->j;
    sb_json_key(j, "officers");
    sb_json_array(j);
    sb_row_officer row = {0};
    for (bool more = sb_row_officer_next(q->kv, NULL, &row, true, 0); more;
         more = sb_row_officer_next(q->kv, NULL, &row, false, 0)) {
        const Sb__Office *office = q->charter->offices[row.office];
        sb_json_object(j);
        sb_out_str(j, "office", office->id);
        sb_out_str(j, "office_name", office->name);
        put_office_seat(q, &row);
        sb_query_blob(q, "name", row.name_sha256, row.name_size);
        put_pk(q, row.key);
        sb_out_date(j, "from_date", row.from_date);
        sb_out_date(j, "until_date", row.until_date);
        sb_out_hash(j, "appointment", row.entry_id);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

sb_err sb_query_members(sb_query *q)
{
    uint32_t body;
    sb_json *j = q->j;
    sb_err err = sb_query_body(q, &body);
    if (err != SB_OK)
        return err;
    sb_json_object(j);
    sb_json_key(j, "members");
    sb_json_array(j);
    sb_row_holder h = {0};
    for (bool more = sb_row_holder_next(q->kv, NULL, &h, true, 0); more;
         more = sb_row_holder_next(q->kv, NULL, &h, false, 0)) {
        sb_row_seat seat = {.no = h.seat};
        if (!sb_row_seat_get(q->kv, q->arena, &seat) || !sb_seat_at(&seat, SB_NOW) ||
            (body != SB_NONE && seat.body != body))
            continue;
        sb_json_object(j);
        sb_query_seat_members(q, h.seat);
        sb_out_str(j, "role", sb_text_code(SB_TEXT_SEAT_ROLE, h.role));
        sb_out_str(j, "body", sb_body_words(q->charter, seat.body)->id);
        sb_out_bool(j, "voting", seat.voting);
        put_holder_members(q, &h);
        sb_query_term(q, &seat, h.from_date, h.until_date);
        sb_query_delegates(q, h.role == SB__SEAT_ROLE__SEAT_ROLE_PRIMARY ? h.seat : 0);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
    put_officers(q);
    sb_json_end_object(j);
    return SB_OK;
}
