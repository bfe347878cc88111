#include "proto/base/hash.h"
#include "proto/calendar/oslo.h"
#include "proto/ledger/core.h"
#include "proto/ledger/delegate.h"

/* ---- numbers and references ---- */

uint32_t sb_number_next(sb_kv *kv, sb_ref_kind kind)
{
    sb_row_counter row = {.kind = (uint8_t)kind};
    (void)sb_row_counter_get(kv, NULL, &row);
    row.last++;
    sb_row_counter_put(kv, &row);
    return row.last;
}

void sb_ref_put(sb_kv *kv, const uint8_t id[32], sb_ref_kind kind, uint32_t number)
{
    sb_row_ref row = {.kind = (uint8_t)kind, .number = number};
    memcpy(row.id, id, 32);
    sb_row_ref_put(kv, &row);
}

uint32_t sb_ref_find(sb_kv *kv, ProtobufCBinaryData id, sb_ref_kind kind)
{
    sb_row_ref row = {.kind = 0};
    if (id.len != sizeof row.id)
        return 0;
    memcpy(row.id, id.data, sizeof row.id);
    return sb_row_ref_get(kv, NULL, &row) && row.kind == kind ? row.number : 0;
}

sb_err sb_ref_need(sb_step *s, ProtobufCBinaryData id, sb_ref_kind kind, uint32_t *number)
{
    static const sb_err codes[] = {
        [SB_REF_CASE] = SB_E_LEDGER_CASE_UNKNOWN,
        [SB_REF_MEETING] = SB_E_LEDGER_MEETING_UNKNOWN,
        [SB_REF_QUESTION] = SB_E_LEDGER_QUESTION_UNKNOWN,
        [SB_REF_DRAFT] = SB_E_LEDGER_DRAFT_UNKNOWN,
        [SB_REF_TASK] = SB_E_LEDGER_TASK_UNKNOWN,
        [SB_REF_CANDIDATE] = SB_E_LEDGER_CANDIDATE_UNKNOWN,
        [SB_REF_DISPUTE] = SB_E_LEDGER_DISPUTE_UNKNOWN,
        [SB_REF_ACTION] = SB_E_LEDGER_ACTION_UNKNOWN,
        [SB_REF_CHARTER_DRAFT] = SB_E_LEDGER_CHARTER_DRAFT_UNKNOWN,
        [SB_REF_CONDITION] = SB_E_LEDGER_CONDITION_UNKNOWN,
        [SB_REF_INPUT] = SB_E_LEDGER_INPUT_UNKNOWN,
    };
    *number = sb_ref_find(s->kv, id, kind);
    if (*number != 0)
        return SB_OK;
    char hex[17];
    sb_hex(sb_slice_of(id.data, id.len < 8 ? id.len : 8), hex);
    return sb_fail_set(s->fail, codes[kind], hex, NULL);
}

/* ---- the charter ---- */

#define FIND(list, count)                                                                          \
    if (c == NULL || id == NULL || id[0] == '\0')                                                  \
        return SB_NONE;                                                                            \
    for (size_t i = 0; i < (count); i++)                                                           \
        if (strcmp((list)[i]->id, id) == 0)                                                        \
            return (uint32_t)i;                                                                    \
    return SB_NONE

uint32_t sb_body_find(const Sb__Charter *c, const char *id)
{
    FIND(c->bodies, c->n_bodies);
}

uint32_t sb_partner_find(const Sb__Charter *c, const char *id)
{
    FIND(c->partners, c->n_partners);
}

uint32_t sb_org_find(const Sb__Charter *c, const char *id)
{
    FIND(c->organisations, c->n_organisations);
}

uint32_t sb_appointer_find(const Sb__Charter *c, const char *id)
{
    FIND(c->appointers, c->n_appointers);
}

uint32_t sb_office_find(const Sb__Charter *c, const char *id)
{
    FIND(c->offices, c->n_offices);
}

const char *sb_appointer_host(const Sb__Charter *c, uint32_t appointer)
{
    if (appointer == SB_NONE)
        return "";
    const char *host = c->appointers[appointer]->host;
    uint32_t org = sb_org_find(c, host);
    return org == SB_NONE || c->organisations[org]->withdrawn ? "" : host;
}

bool sb_seat_find(sb_kv *kv, sb_arena *arena, const char *id, sb_row_seat *out)
{
    sb_row_seat_by_id by_id = {.id = id};
    if (id == NULL || strlen(id) > SB_ID_BYTES_MAX || !sb_row_seat_by_id_get(kv, NULL, &by_id))
        return false;
    *out = (sb_row_seat){.no = by_id.no};
    return sb_row_seat_get(kv, arena, out);
}

sb_err sb_seat_need(sb_step *s, const char *id, sb_row_seat *out)
{
    if (sb_seat_find(s->kv, s->arena, id, out))
        return SB_OK;
    return sb_fail_set(s->fail, SB_E_LEDGER_PLACE_UNKNOWN, id, NULL);
}

const Sb__Seat *sb_seat_words(const Sb__Charter *c, const sb_row_seat *seat)
{
    if (seat->body >= c->n_bodies)
        return NULL;
    const Sb__Body *body = c->bodies[seat->body];
    if (seat->at < body->n_seats && strcmp(body->seats[seat->at]->id, seat->id) == 0)
        return body->seats[seat->at];
    for (size_t i = 0; i < body->n_seats; i++) /* another version's place */
        if (strcmp(body->seats[i]->id, seat->id) == 0)
            return body->seats[i];
    return NULL;
}

bool sb_seat_at(const sb_row_seat *seat, uint64_t index)
{
    return seat->since <= index && (seat->gone == 0 || seat->gone > index);
}

/* ---- time ---- */

int32_t sb_day_of(uint64_t ms)
{
    return sb_date_to_days(sb_oslo_date(ms > INT64_MAX ? INT64_MAX : (int64_t)ms));
}

uint32_t sb_yyyymmdd_of(uint64_t ms)
{
    sb_date d = sb_oslo_date(ms > INT64_MAX ? INT64_MAX : (int64_t)ms);
    return (uint32_t)d.year * 10000 + d.month * 100u + d.day;
}

/* ---- people ---- */

bool sb_key_find(sb_kv *kv, const uint8_t pk[32], sb_row_key *out)
{
    sb_row_key_by_pk by_pk = {.no = 0};
    memcpy(by_pk.pk, pk, 32);
    if (!sb_row_key_by_pk_get(kv, NULL, &by_pk))
        return false;
    *out = (sb_row_key){.no = by_pk.no};
    return sb_row_key_get(kv, NULL, out);
}

uint32_t sb_key_add(sb_kv *kv, const uint8_t pk[32], sb_key_kind kind, uint32_t org)
{
    sb_row_key row = {.no = sb_number_next(kv, SB_REF_KEY),
                      .kind = (uint8_t)kind,
                      .status = SB_KEY_IN_FORCE,
                      .org = org};
    memcpy(row.pk, pk, 32);
    sb_row_key_put(kv, &row);
    sb_row_key_by_pk by_pk = {.no = row.no};
    memcpy(by_pk.pk, pk, 32);
    sb_row_key_by_pk_put(kv, &by_pk);
    return row.no;
}

static bool lapsed(uint32_t until_date, uint32_t date)
{
    return until_date != 0 && date > until_date;
}

bool sb_holder_get(sb_kv *kv, uint32_t seat, Sb__SeatRole role, uint32_t date, sb_row_holder *out)
{
    sb_row_delegate by;
    if (role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY && date != 0 &&
        sb_delegate_get(kv, seat, date, &by)) {
        *out = (sb_row_holder){.seat = seat,
                               .role = (uint8_t)role,
                               .key = by.key,
                               .name_size = by.name_size,
                               .from_date = by.from_date,
                               .until_date = by.until_date,
                               .index = by.index};
        memcpy(out->name_sha256, by.name_sha256, 32);
        memcpy(out->entry_id, by.entry_id, 32);
        return true;
    }
    *out = (sb_row_holder){.seat = seat, .role = (uint8_t)role};
    return sb_row_holder_get(kv, NULL, out) && !(date != 0 && lapsed(out->until_date, date));
}

bool sb_key_holds_seat(sb_step *s, uint32_t key, uint32_t seat, Sb__SeatRole *role)
{
    sb_row_holder row;
    for (Sb__SeatRole r = SB__SEAT_ROLE__SEAT_ROLE_PRIMARY; r <= SB__SEAT_ROLE__SEAT_ROLE_DEPUTY;
         r++) {
        if (key != 0 && sb_holder_get(s->kv, seat, r, s->date, &row) && row.key == key) {
            if (role != NULL)
                *role = r;
            return true;
        }
    }
    return false;
}

bool sb_key_holds_office(sb_step *s, uint32_t key, const char *office_id, uint32_t body)
{
    if (s->charter == NULL || key == 0)
        return false;
    sb_row_officer row = {.office = sb_office_find(s->charter, office_id), .key = key};
    if (row.office == SB_NONE || !sb_row_officer_get(s->kv, NULL, &row))
        return false;
    if (lapsed(row.until_date, s->date) && !s->charter->offices[row.office]->sits_until_replaced)
        return false;
    const char *of_body = s->charter->offices[row.office]->body;
    return body == SB_NONE || of_body[0] == '\0' || sb_body_find(s->charter, of_body) == body;
}

/* ---- deadlines ---- */

void sb_due_put(sb_kv *kv, uint64_t due_ms, sb_deadline_target kind, uint32_t number)
{
    sb_row_deadline row = {.due_ms = due_ms, .kind = (uint8_t)kind, .number = number};
    sb_row_deadline_put(kv, &row);
}

void sb_due_del(sb_kv *kv, uint64_t due_ms, sb_deadline_target kind, uint32_t number)
{
    sb_row_deadline row = {.due_ms = due_ms, .kind = (uint8_t)kind, .number = number};
    sb_row_deadline_del(kv, &row);
}
