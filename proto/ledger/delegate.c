#include "proto/ledger/delegate.h"

#include "proto/ledger/actions.h"
#include "proto/ledger/domain.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/machine.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY

/* ---- looking ---- */

bool sb_delegate_get(sb_kv *kv, uint32_t seat, uint32_t date, sb_row_delegate *out)
{
    sb_row_delegate row = {.seat = seat};
    bool found = false;
    for (bool more = sb_row_delegate_next(kv, NULL, &row, true, 1); more && row.from_date <= date;
         more = sb_row_delegate_next(kv, NULL, &row, false, 1)) {
        if (row.until_date != 0 && row.until_date < date)
            continue;
        *out = row;
        found = true;
    }
    return found;
}

/* ---- DELEGATE ---- */

/* So long after its end a delegation is still looked up, for a meeting of that day. */
enum { KEPT_DAYS = 31 };

static bool is_over(const sb_row_delegate *row, uint32_t date)
{
    sb_date until;
    return row->until_date != 0 && sb_date_from_number(row->until_date, &until) &&
           row->until_date < 99990000 && sb_date_number(sb_date_add(until, KEPT_DAYS)) < date;
}

/* Each ballot and each arrival of the seat looks through them. */
static sb_err check_room(sb_step *s, const Sb__Delegate *m, const sb_row_seat *seat, sb_fail *fail)
{
    uint32_t count = 0;
    sb_row_delegate row = {.seat = seat->no};
    for (bool more = sb_row_delegate_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_delegate_next(s->kv, NULL, &row, false, 1))
        count += row.from_date != m->from_date && !is_over(&row, s->date);
    if (count < SB_DELEGATIONS_MAX)
        return SB_OK;
    return sb_fail_set(fail, SB_E_LEDGER_DELEGATIONS_MANY, seat->id,
                       sb_arena_printf(s->arena, "%d", SB_DELEGATIONS_MAX), NULL);
}

/* What must hold at the entry and again at the SEAL. */
static sb_err delegation_holds(sb_step *s, const Sb__Delegate *m, sb_row_seat *seat, sb_fail *fail)
{
    sb_row_holder primary;
    if (!sb_seat_find(s->kv, s->arena, m->seat, seat))
        return sb_fail_set(fail, SB_E_LEDGER_PLACE_UNKNOWN, m->seat, NULL);
    if (!sb_seat_at(seat, SB_NOW))
        return sb_fail_set(fail, SB_E_LEDGER_SEAT_GONE, seat->id, NULL);
    if (sb_body_is_dissolved(s->charter, seat->body))
        return sb_fail_set(fail, SB_E_LEDGER_BODY_DISSOLVED, sb_body_short(s->charter, seat->body),
                           NULL);
    if (!sb_seat_words(s->charter, seat)->ex_officio ||
        s->charter->bodies[seat->body]->delegation_cite[0] == '\0')
        return sb_fail_set(fail, SB_E_LEDGER_DELEGATE_NONE, seat->id, NULL);
    if (!sb_holder_get(s->kv, seat->no, PRIMARY, s->date, &primary))
        return sb_fail_set(fail, SB_E_LEDGER_DELEGATE_VACANT, seat->id, NULL);
    sb_row_key key;
    if (primary.key != 0 && m->device_pk.len != 0 && sb_key_find(s->kv, m->device_pk.data, &key) &&
        key.no == primary.key)
        return sb_fail_set(fail, SB_E_LEDGER_DELEGATE_SELF, seat->id, NULL);
    sb_err err = check_room(s, m, seat, fail);
    return err == SB_OK ? sb_device_key_holds(s, m->device_pk, fail) : err;
}

/* Whose delegation of the seat counts: the permanent representative's, that of the authority that
 * appoints to it, the secretariat's. */
typedef enum delegator { DELEGATOR_NONE, DELEGATOR_OWN, DELEGATOR_SECRETARIAT } delegator;

static delegator delegator_of(sb_step *s, const sb_row_key *key, const sb_row_seat *seat)
{
    const Sb__Charter *c = s->charter;
    const char *host = sb_appointer_host(c, seat->appointer);
    Sb__SeatRole role;
    if (key->kind == SB_KEY_KIND_AUTHORITY)
        return sb_org_find(c, host) == key->org ? DELEGATOR_OWN : DELEGATOR_NONE;
    if (sb_key_holds_seat(s, key->no, seat->no, &role) && role == PRIMARY)
        return DELEGATOR_OWN;
    return sb_key_holds_office(s, key->no, "secretariat", seat->body) ? DELEGATOR_SECRETARIAT
                                                                      : DELEGATOR_NONE;
}

static sb_err check_delegator(sb_step *s, const Sb__Delegate *m, const sb_row_seat *seat)
{
    const sb_scope scope = {.body = seat->body, .seats = &seat->no, .seat_count = 1};
    sb_err err = sb_may(s, &scope);
    if (err != SB_OK)
        return err;
    switch (delegator_of(s, &s->signer, seat)) {
    case DELEGATOR_OWN:
        return SB_OK;
    case DELEGATOR_SECRETARIAT: /* the letter */
        return m->claim != NULL ? SB_OK
                                : sb_fail_set(s->fail, SB_E_LEDGER_DELEGATE_CLAIM, seat->id, NULL);
    case DELEGATOR_NONE:
        break;
    }
    return sb_fail_set(s->fail, SB_E_LEDGER_DELEGATE_WHO, seat->id, NULL);
}

sb_err sb_check_delegate(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Delegate *m = (const void *)message;
    sb_row_seat seat;
    sb_err err = delegation_holds(s, m, &seat, s->fail);
    if (err == SB_OK)
        err = sb_device_key_check(s, m->device_pk, s->fail);
    if (err == SB_OK)
        err = sb_term_check(m->from_date, m->until_date, s->fail);
    if (err == SB_OK)
        err = sb_claim_check(s, m->claim);
    return err == SB_OK ? check_delegator(s, m, &seat) : err;
}

void sb_apply_delegate(sb_step *s, const ProtobufCMessage *message)
{
    (void)message;
    sb_wait_for_seal(s);
}

/* ---- at the SEAL ---- */

void sb_deputy_place_drop(sb_step *s, uint32_t seat, uint32_t key)
{
    sb_row_holder holder = {.seat = seat, .role = DEPUTY};
    if (key == 0 || (sb_row_holder_get(s->kv, NULL, &holder) && holder.key == key))
        return;
    sb_row_delegate row = {.seat = seat};
    for (bool more = sb_row_delegate_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_delegate_next(s->kv, NULL, &row, false, 1))
        if (row.key == key)
            return;
    sb_row_place left = {key, SB_PLACE_SEAT, seat, DEPUTY, 0};
    sb_row_place_del(s->kv, &left);
}

static void drop_over(sb_step *s, uint32_t seat)
{
    sb_row_delegate row = {.seat = seat};
    for (bool more = sb_row_delegate_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_delegate_next(s->kv, NULL, &row, false, 1)) {
        if (!is_over(&row, s->date))
            continue;
        uint32_t key = row.key;
        sb_row_delegate_del(s->kv, &row);
        sb_deputy_place_drop(s, seat, key);
    }
}

sb_err sb_delegation_act(sb_step *s, const Sb__Delegate *m, const sb_row_waiting *w,
                         const sb_row_key *signer)
{
    sb_row_seat seat;
    sb_row_key key = {.no = 0};
    sb_err err = delegation_holds(s, m, &seat, NULL);
    if (err != SB_OK)
        return err;
    if (delegator_of(s, signer, &seat) == DELEGATOR_NONE) /* somebody else sits there by now */
        return SB_E_LEDGER_DELEGATE_WHO;
    if (m->device_pk.len != 0 && !sb_key_find(s->kv, m->device_pk.data, &key))
        key.no = sb_key_add(s->kv, m->device_pk.data, SB_KEY_KIND_DEVICE, signer->org);
    drop_over(s, seat.no);
    sb_row_delegate row = {.seat = seat.no, .from_date = m->from_date};
    uint32_t before = sb_row_delegate_get(s->kv, NULL, &row) ? row.key : 0;
    row = (sb_row_delegate){.seat = seat.no,
                            .from_date = m->from_date,
                            .key = key.no,
                            .name_size = m->name->size,
                            .until_date = m->until_date,
                            .index = w->index};
    memcpy(row.name_sha256, m->name->sha256.data, 32);
    memcpy(row.entry_id, w->entry_id, 32);
    sb_row_delegate_put(s->kv, &row);
    sb_deputy_place_drop(s, seat.no, before);
    if (key.no != 0) {
        sb_row_place place = {key.no, SB_PLACE_SEAT, seat.no, DEPUTY, 0};
        sb_row_place_put(s->kv, &place);
    }
    return SB_OK;
}

void sb_delegations_end(sb_step *s, uint32_t seat)
{
    sb_row_delegate row = {.seat = seat};
    for (bool more = sb_row_delegate_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_delegate_next(s->kv, NULL, &row, false, 1)) {
        uint32_t key = row.key;
        sb_row_delegate_del(s->kv, &row);
        sb_deputy_place_drop(s, seat, key);
    }
}

void sb_delegations_move(sb_step *s, uint32_t seat, uint32_t from_key, uint32_t to_key)
{
    sb_row_delegate row = {.seat = seat};
    for (bool more = sb_row_delegate_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_delegate_next(s->kv, NULL, &row, false, 1)) {
        if (row.key != from_key)
            continue;
        row.key = to_key;
        sb_row_delegate_put(s->kv, &row);
    }
}
