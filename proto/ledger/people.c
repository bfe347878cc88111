/* APPOINT, KEY_REVOKE, KEY_REPLACE (DELEGATE: delegate.c). A revocation acts at its index; an enrolment when the SEAL that
 * covers it is in the log, its preconditions checked again (DESIGN §3, §4). */
#include <assert.h>

#include "proto/base/hash.h"
#include "proto/calendar/date.h"
#include "proto/ledger/actions.h"
#include "proto/ledger/delegate.h"
#include "proto/ledger/elections.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/policy.h"
#include "proto/sign/sign.h"

static sb_err fail_key(sb_fail *fail, sb_err code, const uint8_t pk[32])
{
    char hex[17];
    sb_hex(sb_slice_of(pk, 8), hex);
    return sb_fail_set(fail, code, hex, NULL);
}

/* ---- what must hold at the entry and again at the SEAL ---- */

static bool date_valid(uint32_t yyyymmdd)
{
    return sb_date_valid((sb_date){.year = (int32_t)(yyyymmdd / 10000),
                                   .month = (uint8_t)(yyyymmdd / 100 % 100),
                                   .day = (uint8_t)(yyyymmdd % 100)});
}

sb_err sb_device_key_holds(sb_step *s, ProtobufCBinaryData pk, sb_fail *fail)
{
    sb_row_key key;
    if (pk.len == 0 || !sb_key_find(s->kv, pk.data, &key))
        return SB_OK;
    if (key.kind != SB_KEY_KIND_DEVICE)
        return fail_key(fail, SB_E_LEDGER_KEY_OTHER_USE, pk.data);
    if (key.status != SB_KEY_IN_FORCE)
        return fail_key(fail, SB_E_LEDGER_KEY_OUT_OF_FORCE, pk.data);
    return SB_OK;
}

sb_err sb_device_key_check(sb_step *s, ProtobufCBinaryData pk, sb_fail *fail)
{
    sb_row_key key;
    if (pk.len != 0 && !sb_key_find(s->kv, pk.data, &key) && !sb_pk_valid(pk.data))
        return fail_key(fail, SB_E_LEDGER_KEY_INVALID, pk.data);
    return sb_device_key_holds(s, pk, fail);
}

/* All but that a new key is a point on the curve, which an entry that waits has shown. */
static sb_err appoint_holds(sb_step *s, const Sb__Appoint *m, sb_fail *fail)
{
    if (m->place_case == SB__APPOINT__PLACE_OFFICE) {
        if (sb_office_find(s->charter, m->office) == SB_NONE)
            return sb_fail_set(fail, SB_E_LEDGER_OFFICE_UNKNOWN, m->office, NULL);
    } else {
        sb_row_seat seat;
        if (!sb_seat_find(s->kv, s->arena, m->seat->seat, &seat))
            return sb_fail_set(fail, SB_E_LEDGER_PLACE_UNKNOWN, m->seat->seat, NULL);
        if (!sb_seat_at(&seat, SB_NOW))
            return sb_fail_set(fail, SB_E_LEDGER_SEAT_GONE, seat.id, NULL);
        if (sb_body_is_dissolved(s->charter, seat.body))
            return sb_fail_set(fail, SB_E_LEDGER_BODY_DISSOLVED,
                               sb_body_short(s->charter, seat.body), NULL);
        if (m->seat->role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY && !seat.has_deputy)
            return sb_fail_set(fail, SB_E_LEDGER_NO_SUCH_DEPUTY, seat.id, NULL);
    }
    return sb_device_key_holds(s, m->device_pk, fail);
}

sb_err sb_term_check(uint32_t from_date, uint32_t until_date, sb_fail *fail)
{
    if (!date_valid(from_date))
        return sb_fail_num(fail, SB_E_LEDGER_APPOINT_DATE, 1, from_date, 0);
    if (until_date != 0 && !date_valid(until_date))
        return sb_fail_num(fail, SB_E_LEDGER_APPOINT_DATE, 1, until_date, 0);
    if (until_date != 0 && until_date < from_date)
        return sb_fail_num(fail, SB_E_LEDGER_APPOINT_TERM, 2, from_date, until_date);
    return SB_OK;
}

sb_err sb_appointment_check(sb_step *s, const Sb__Appoint *m, sb_fail *fail)
{
    sb_err err = sb_term_check(m->from_date, m->until_date, fail);
    return err == SB_OK ? sb_device_key_check(s, m->device_pk, fail) : err;
}

sb_err sb_replacement_check(sb_step *s, const Sb__KeyReplace *m, sb_row_key *old, sb_fail *fail)
{
    sb_row_key other;
    if (!sb_key_find(s->kv, m->old_pk.data, old))
        return fail_key(fail, SB_E_LEDGER_KEY_UNKNOWN, m->old_pk.data);
    if (old->status == SB_KEY_REPLACED)
        return fail_key(fail, SB_E_LEDGER_KEY_OUT_OF_FORCE, m->old_pk.data);
    if (!sb_pk_valid(m->new_pk.data))
        return fail_key(fail, SB_E_LEDGER_KEY_INVALID, m->new_pk.data);
    if (sb_key_find(s->kv, m->new_pk.data, &other))
        return fail_key(fail, SB_E_LEDGER_KEY_TWICE, m->new_pk.data);
    return SB_OK;
}

/* ---- who may ---- */

static sb_err check_appointer(sb_step *s, const Sb__Appoint *m)
{
    const Sb__Charter *c = s->charter;
    const sb_scope scope = {.body = SB_NONE};
    bool by_authority = s->signer.kind == SB_KEY_KIND_AUTHORITY;
    const char *place, *host;
    if (m->place_case == SB__APPOINT__PLACE_OFFICE) {
        place = m->office;
        host = c->offices[sb_office_find(c, m->office)]->appointed_by;
    } else {
        sb_row_seat seat;
        (void)sb_seat_find(s->kv, s->arena, m->seat->seat, &seat);
        place = m->seat->seat;
        host = sb_appointer_host(c, seat.appointer);
    }
    bool may = host[0] == '\0' ? sb_signer_can(s, SB_CAP_SECRETARIAT, &scope)
                               : by_authority && sb_org_find(c, host) == s->signer.org;
    if (may)
        return SB_OK;
    return host[0] == '\0' ? sb_fail_set(s->fail, SB_E_LEDGER_APPOINT_SECRETARIAT, place, NULL)
                           : sb_fail_set(s->fail, SB_E_LEDGER_APPOINT_HOST, place, host, NULL);
}

/* A device key is its enroller's business; the others their organisation's recovery key's. */
static sb_err check_over_key(sb_step *s, const sb_row_key *key)
{
    bool may = false;
    switch ((sb_key_kind)key->kind) {
    case SB_KEY_KIND_DEVICE:
        may = s->signer.kind == SB_KEY_KIND_AUTHORITY && s->signer.org == key->org;
        break;
    case SB_KEY_KIND_AUTHORITY:
    case SB_KEY_KIND_WITNESS:
        may = s->signer.kind == SB_KEY_KIND_RECOVERY && s->signer.org == key->org;
        break;
    case SB_KEY_KIND_RECOVERY:
    case SB_KEY_KIND_LOG:
        return fail_key(s->fail, SB_E_LEDGER_KEY_FIXED, key->pk);
    }
    return may ? SB_OK : fail_key(s->fail, SB_E_LEDGER_KEY_NOT_YOURS, key->pk);
}

/* ---- APPOINT ---- */

sb_err sb_check_appoint(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Appoint *m = (const Sb__Appoint *)(const void *)message;
    sb_err err = appoint_holds(s, m, s->fail);
    if (err == SB_OK)
        err = sb_device_key_check(s, m->device_pk, s->fail);
    if (err == SB_OK)
        err = sb_term_check(m->from_date, m->until_date, s->fail);
    if (err != SB_OK)
        return err;
    /* who holds the place now keeps it until then */
    if (m->from_date > s->date)
        return sb_fail_set(
            s->fail, SB_E_LEDGER_APPOINT_EARLY,
            sb_arena_printf(s->arena, "%04u-%02u-%02u", (unsigned)(m->from_date / 10000),
                            (unsigned)(m->from_date / 100 % 100), (unsigned)(m->from_date % 100)),
            NULL);
    return check_appointer(s, m);
}

void sb_wait_for_seal(sb_step *s)
{
    const sb_entry *e = &s->leaf->entry;
    sb_row_waiting row = {
        .index = s->index, .type = (uint8_t)e->type, .key = s->signer.no, .payload = e->payload};
    memcpy(row.entry_id, e->id, 32);
    sb_row_waiting_put(s->kv, &row);
}

void sb_apply_appoint(sb_step *s, const ProtobufCMessage *message)
{
    (void)message;
    sb_wait_for_seal(s);
}

static void take_seat(sb_step *s, const Sb__Appoint *m, const sb_row_waiting *w, uint32_t key)
{
    sb_row_seat seat;
    (void)sb_seat_find(s->kv, s->arena, m->seat->seat, &seat);
    sb_row_holder row;
    uint32_t before = sb_holder_get(s->kv, seat.no, m->seat->role, 0, &row) ? row.key : 0;
    row = (sb_row_holder){.seat = seat.no,
                          .role = (uint8_t)m->seat->role,
                          .key = key,
                          .name_size = m->name->size,
                          .from_date = m->from_date,
                          .until_date = m->until_date,
                          .index = w->index};
    memcpy(row.name_sha256, m->name->sha256.data, 32);
    memcpy(row.entry_id, w->entry_id, 32);
    sb_row_holder_put(s->kv, &row);
    if (row.role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY) {
        sb_deputy_place_drop(s, seat.no, before);
    } else {
        sb_row_place left = {before, SB_PLACE_SEAT, seat.no, row.role, 0};
        if (before != 0)
            sb_row_place_del(s->kv, &left);
        if (key == 0 || key != before)
            sb_delegations_end(s, seat.no); /* they were the old one's */
    }
    if (key != 0) {
        sb_row_place place = {key, SB_PLACE_SEAT, seat.no, row.role, 0};
        sb_row_place_put(s->kv, &place);
    }
}

/* The secretariat is many keys; of the other offices a new appointment replaces the old. */
static void take_office(sb_step *s, const Sb__Appoint *m, const sb_row_waiting *w, uint32_t key)
{
    uint32_t office = sb_office_find(s->charter, m->office);
    sb_row_office_seat elected = {.office = office};
    sb_row_office_seat_del(s->kv, &elected);
    sb_row_officer row = {.office = office};
    if (strcmp(m->office, "secretariat") != 0) {
        for (bool more = sb_row_officer_next(s->kv, NULL, &row, true, 1); more;
             more = sb_row_officer_next(s->kv, NULL, &row, false, 1)) {
            sb_row_place left = {row.key, SB_PLACE_OFFICE, office, 0, 0};
            sb_row_officer_del(s->kv, &row);
            sb_row_place_del(s->kv, &left);
        }
    }
    row = (sb_row_officer){.office = office,
                           .key = key,
                           .name_size = m->name->size,
                           .from_date = m->from_date,
                           .until_date = m->until_date,
                           .index = w->index};
    memcpy(row.name_sha256, m->name->sha256.data, 32);
    memcpy(row.entry_id, w->entry_id, 32);
    sb_row_officer_put(s->kv, &row);
    if (key != 0) {
        sb_row_place place = {key, SB_PLACE_OFFICE, office, 0, 0};
        sb_row_place_put(s->kv, &place);
    }
}

sb_err sb_appointment_act(sb_step *s, const Sb__Appoint *m, const sb_row_waiting *w, uint32_t org)
{
    sb_err err = appoint_holds(s, m, NULL);
    if (err != SB_OK)
        return err;
    sb_row_key key = {.no = 0};
    if (m->device_pk.len != 0 && !sb_key_find(s->kv, m->device_pk.data, &key))
        key.no = sb_key_add(s->kv, m->device_pk.data, SB_KEY_KIND_DEVICE, org);
    if (m->place_case == SB__APPOINT__PLACE_OFFICE)
        take_office(s, m, w, key.no);
    else
        take_seat(s, m, w, key.no);
    return SB_OK;
}

/* ---- KEY_REVOKE ---- */

sb_err sb_check_key_revoke(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__KeyRevoke *m = (const Sb__KeyRevoke *)(const void *)message;
    sb_row_key key;
    if (!sb_key_find(s->kv, m->pk.data, &key))
        return fail_key(s->fail, SB_E_LEDGER_KEY_UNKNOWN, m->pk.data);
    if (key.status != SB_KEY_IN_FORCE)
        return fail_key(s->fail, SB_E_LEDGER_KEY_OUT_OF_FORCE, m->pk.data);
    if (key.kind == SB_KEY_KIND_DEVICE && key.no == s->signer.no)
        return SB_OK;
    return check_over_key(s, &key);
}

/* Its places stay in its name, so that a replacement can still take them. */
void sb_apply_key_revoke(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__KeyRevoke *m = (const Sb__KeyRevoke *)(const void *)message;
    sb_row_key key;
    if (!sb_key_find(s->kv, m->pk.data, &key))
        return;
    key.status = SB_KEY_REVOKED;
    sb_row_key_put(s->kv, &key);
    if (key.kind == SB_KEY_KIND_WITNESS)
        sb_witness_end(s, key.pk);
}

/* ---- KEY_REPLACE ---- */

sb_err sb_check_key_replace(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__KeyReplace *m = (const Sb__KeyReplace *)(const void *)message;
    sb_row_key old;
    sb_err err = sb_replacement_check(s, m, &old, s->fail);
    return err != SB_OK ? err : check_over_key(s, &old);
}

/* By a recovery key at its own index: what makes SEALs may be what was lost. Else when sealed. */
void sb_apply_key_replace(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__KeyReplace *m = (const Sb__KeyReplace *)(const void *)message;
    if (s->signer.kind == SB_KEY_KIND_RECOVERY)
        (void)sb_replacement_act(s, m, false); /* checked in this step */
    else
        sb_wait_for_seal(s);
}

static void move_place(sb_step *s, const sb_row_place *from, uint32_t to_key)
{
    sb_row_place to = *from;
    to.key = to_key;
    sb_row_place_del(s->kv, from);
    sb_row_place_put(s->kv, &to);
    if (from->kind == SB_PLACE_SEAT) {
        sb_row_holder holder = {.seat = from->number, .role = from->role};
        bool is_holder = sb_row_holder_get(s->kv, NULL, &holder) && holder.key == from->key;
        assert(is_holder || from->role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY);
        holder.key = to_key;
        if (is_holder)
            sb_row_holder_put(s->kv, &holder);
        if (from->role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY)
            sb_delegations_move(s, from->number, from->key, to_key);
    } else {
        sb_row_officer officer = {.office = from->number, .key = from->key};
        (void)sb_row_officer_get(s->kv, NULL, &officer);
        sb_row_officer_del(s->kv, &officer);
        officer.key = to_key;
        sb_row_officer_put(s->kv, &officer);
    }
}

/* Whose authority appoints to the place; "": the secretariat does. */
static const char *host_of(sb_step *s, const sb_row_place *place)
{
    const Sb__Charter *c = s->charter;
    sb_row_seat seat = {.no = place->number};
    if (place->kind == SB_PLACE_OFFICE) {
        /* an elected office goes with the seat that was elected to it */
        sb_row_office_seat elected = {.office = place->number};
        if (!sb_row_office_seat_get(s->kv, NULL, &elected))
            return c->offices[place->number]->appointed_by;
        seat.no = elected.seat;
    }
    bool known = sb_row_seat_get(s->kv, s->arena, &seat) && seat.appointer != SB_NONE;
    return known ? sb_appointer_host(c, seat.appointer) : "";
}

sb_err sb_replacement_act(sb_step *s, const Sb__KeyReplace *m, bool all_places)
{
    sb_row_key old;
    sb_err err = sb_replacement_check(s, m, &old, NULL);
    if (err != SB_OK)
        return err;
    uint32_t key = sb_key_add(s->kv, m->new_pk.data, (sb_key_kind)old.kind, old.org);
    old.status = SB_KEY_REPLACED;
    sb_row_key_put(s->kv, &old);
    if (old.kind == SB_KEY_KIND_DEVICE) {
        sb_row_place place = {.key = old.no};
        for (bool more = sb_row_place_next(s->kv, NULL, &place, true, 1); more;
             more = sb_row_place_next(s->kv, NULL, &place, false, 1)) {
            /* what others appointed the old key to, they must give the new one themselves: else who
             * enrolled a key could take their seats */
            const char *host = host_of(s, &place);
            if (all_places || host[0] == '\0' || sb_org_find(s->charter, host) == old.org)
                move_place(s, &place, key);
        }
        return SB_OK;
    }
    sb_row_org org = {.no = old.org};
    if (!sb_row_org_get(s->kv, s->arena, &org))
        return SB_OK;
    memcpy(old.kind == SB_KEY_KIND_AUTHORITY ? org.authority_pk : org.witness_pk, m->new_pk.data,
           32);
    if (old.kind == SB_KEY_KIND_WITNESS) {
        sb_witness_end(s, old.pk);
        sb_witness_begin(s, m->new_pk.data, old.org);
    }
    sb_row_org_put(s->kv, &org);
    return SB_OK;
}

/* ---- at the SEAL ---- */

static sb_err act(sb_step *s, const sb_row_waiting *w)
{
    if (w->type == SB_ENTRY_QUESTION_CLOSE)
        return sb_elected_act(s, w);
    const ProtobufCMessage *m = NULL;
    sb_row_key signer = {.no = w->key};
    /* what a stolen key entered before it was revoked; one replaced since was in force then */
    if (sb_row_key_get(s->kv, NULL, &signer) && signer.status == SB_KEY_REVOKED)
        return SB_E_LEDGER_KEY_OUT_OF_FORCE;
    sb_err err = sb_payload_decode((sb_entry_type)w->type, w->payload, s->arena, &m, NULL);
    if (err != SB_OK)
        return err;
    if (w->type == SB_ENTRY_DELEGATE)
        return sb_delegation_act(s, (const Sb__Delegate *)(const void *)m, w, &signer);
    return w->type == SB_ENTRY_APPOINT
               ? sb_appointment_act(s, (const Sb__Appoint *)(const void *)m, w, signer.org)
               : sb_replacement_act(s, (const Sb__KeyReplace *)(const void *)m, false);
}

/* One that waited. False: it waits on. */
static bool settle_waiting(sb_step *s, const sb_row_waiting *w, uint64_t size)
{
    if (w->action != 0)
        return sb_action_settle(s, w->action);
    if (w->type == SB_ENTRY_QUESTION_CLOSE && sb_elected_wait(s, w, size))
        return false;
    sb_err err = act(s, w);
    if (err != SB_OK) {
        sb_row_dropped row = {.index = w->index, .seal_index = s->index, .reason = err};
        sb_row_dropped_put(s->kv, &row);
    }
    return true;
}

/* Each has an arena of its own, and of the charters that they make only the last is kept: a SEAL may
 * cover any number of them. */
void sb_waiting_settle(sb_step *s, uint64_t size)
{
    const Sb__Charter *before = s->charter;
    sb_arena item, charters[2];
    uint32_t turn = 0, version = 0;
    sb_row_waiting w = {.index = 0};
    sb_arena_init(&item);
    sb_arena_init(&charters[0]);
    sb_arena_init(&charters[1]);
    for (bool more = sb_row_waiting_next(s->kv, &item, &w, true, 0); more && w.index < size;
         more = sb_row_waiting_next(s->kv, &item, &w, false, 0)) {
        sb_step one = *s;
        one.arena = &item;
        if (settle_waiting(&one, &w, size))
            sb_row_waiting_del(s->kv, &w);
        if (one.charter != s->charter) {
            sb_row_federation f = {0};
            (void)sb_row_federation_get(s->kv, &item, &f);
            turn ^= 1;
            sb_arena_reset(&charters[turn]);
            version = f.charter_version;
            s->charter = sb_charter_of_version(s->kv, &charters[turn], version);
            if (s->charter == NULL)
                break; /* unreadable: the kv's error ends the step */
        }
        sb_arena_reset(&item);
    }
    if (s->charter != before)
        s->charter = sb_charter_of_version(s->kv, s->arena, version);
    sb_arena_deinit(&charters[1]);
    sb_arena_deinit(&charters[0]);
    sb_arena_deinit(&item);
}
