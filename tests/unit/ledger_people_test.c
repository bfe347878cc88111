/* APPOINT, KEY_REVOKE, KEY_REPLACE: who may, what must hold, what the SEAL makes of it. */
#include "proto/ledger/core.h"
#include "proto/ledger/query.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY

static ProtobufCBinaryData pk_of(fed *f, const char *name)
{
    return (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, name)->pk};
}

/* An APPOINT to a seat, to be bent. */
static Sb__Appoint *to_seat(fed *f, const char *seat, Sb__SeatRole role, const char *key)
{
    Sb__SeatPlace *place = SB_ARENA_NEW(&f->arena, Sb__SeatPlace);
    *place = (Sb__SeatPlace)SB__SEAT_PLACE__INIT;
    place->seat = (char *)seat;
    place->role = role;
    Sb__Appoint *m = SB_ARENA_NEW(&f->arena, Sb__Appoint);
    *m = (Sb__Appoint)SB__APPOINT__INIT;
    m->place_case = SB__APPOINT__PLACE_SEAT;
    m->seat = place;
    if (key != NULL)
        m->device_pk = pk_of(f, key);
    m->name = fed_blob(f, seat);
    m->from_date = 20211201;
    return m;
}

static Sb__Appoint *to_office(fed *f, const char *office, const char *key)
{
    Sb__Appoint *m = to_seat(f, office, PRIMARY, key);
    m->place_case = SB__APPOINT__PLACE_OFFICE;
    m->office = (char *)office;
    return m;
}

static sb_err appoint(fed *f, const Sb__Appoint *m, const char *signer)
{
    return fed_submit(f, SB_ENTRY_APPOINT, &m->base, signer);
}

static sb_err revoke(fed *f, const char *key, const char *signer)
{
    Sb__KeyRevoke m = SB__KEY_REVOKE__INIT;
    m.pk = pk_of(f, key);
    m.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    return fed_submit(f, SB_ENTRY_KEY_REVOKE, &m.base, signer);
}

static sb_err replace(fed *f, const char *old, const char *new, const char *signer)
{
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = pk_of(f, old);
    m.new_pk = pk_of(f, new);
    return fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, signer);
}

/* The number of the key that holds the seat; 0: nobody or nobody's. */
static uint32_t holder(fed *f, const char *seat, Sb__SeatRole role, uint32_t date)
{
    sb_row_seat row;
    sb_row_holder held;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_true(sb_seat_find(kv, &f->arena, seat, &row));
    return sb_holder_get(kv, row.no, role, date, &held) ? held.key : 0;
}

static uint32_t key_no(fed *f, const char *name)
{
    sb_row_key key = {.no = 0};
    return sb_key_find(sb_ledger_kv(f->ledger), fed_key_of(f, name)->pk, &key) ? key.no : 0;
}

static sb_err dropped(fed *f, uint64_t index)
{
    sb_row_dropped row = {.index = index};
    return sb_row_dropped_get(sb_ledger_kv(f->ledger), NULL, &row) ? (sb_err)row.reason : SB_OK;
}

static size_t places(fed *f, const char *key)
{
    sb_row_place row = {.key = key_no(f, key)};
    size_t count = 0;
    for (bool more = sb_row_place_next(sb_ledger_kv(f->ledger), NULL, &row, true, 1); more;
         more = sb_row_place_next(sb_ledger_kv(f->ledger), NULL, &row, false, 1))
        count++;
    return count;
}

/* A case report: what any member may send. */
static sb_err report(fed *f, const char *signer)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = "ssu";
    m.title = "En sak";
    m.kind = SB__CASE_KIND__CASE_KIND_INFORMATION;
    return fed_submit(f, SB_ENTRY_CASE_REPORT, &m.base, signer);
}

/* ---- APPOINT ---- */

static void test_appoint_refused(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    const char *unn = "unn/authority";
    Sb__Appoint *m = to_seat(f, "unn-1", PRIMARY, "new");
    assert_int_equal(appoint(f, m, "lege/authority"), SB_E_LEDGER_APPOINT_HOST);
    assert_string_equal(f->fail.arg[1], "unn");
    assert_int_equal(appoint(f, m, "secretariat"), SB_E_LEDGER_APPOINT_HOST);
    assert_int_equal(appoint(f, m, "unn/recovery"), SB_E_LEDGER_CAPABILITY);
    m->from_date = 20220230;
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_APPOINT_DATE);
    m->from_date = 20220201;
    m->until_date = 20220229;
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_APPOINT_DATE);
    m->until_date = 20220131;
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_APPOINT_TERM);
    m->until_date = 20220201;
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_APPOINT_EARLY);
    fed_at(f, 20220201, 8, 0);
    assert_int_equal(appoint(f, m, unn), SB_OK);

    assert_int_equal(appoint(f, to_seat(f, "unn-9", PRIMARY, "new"), unn),
                     SB_E_LEDGER_PLACE_UNKNOWN);
    assert_int_equal(appoint(f, to_seat(f, "pm-unn-1", DEPUTY, "new"), unn),
                     SB_E_LEDGER_NO_SUCH_DEPUTY);
    assert_int_equal(appoint(f, to_office(f, "kasserer", "new"), unn), SB_E_LEDGER_OFFICE_UNKNOWN);
    assert_int_equal(appoint(f, to_office(f, "leader", "new"), unn), SB_E_LEDGER_APPOINT_HOST);
    assert_int_equal(appoint(f, to_seat(f, "obs-1", PRIMARY, "new"), unn),
                     SB_E_LEDGER_APPOINT_SECRETARIAT);
    assert_int_equal(appoint(f, to_seat(f, "obs-1", PRIMARY, "new"), "leader"),
                     SB_E_LEDGER_APPOINT_SECRETARIAT);
    assert_int_equal(appoint(f, to_seat(f, "obs-1", PRIMARY, "new"), "secretariat"), SB_OK);

    m = to_seat(f, "unn-1", PRIMARY, "lege/witness");
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_KEY_OTHER_USE);
    uint8_t neutral[32] = {1};
    m->device_pk.data = neutral;
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_KEY_INVALID);
    assert_int_equal(revoke(f, "unn-2/deputy", unn), SB_OK);
    m = to_seat(f, "unn-1", PRIMARY, "unn-2/deputy");
    assert_int_equal(appoint(f, m, unn), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    fed_free(f);
}

static void test_appoint_acts_when_sealed(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    uint32_t old = key_no(f, "unn-1/primary");
    assert_int_not_equal(old, 0);
    assert_int_equal(holder(f, "unn-1", PRIMARY, 20211201), old);
    assert_int_equal(appoint(f, to_seat(f, "unn-1", PRIMARY, "new"), "unn/authority"), SB_OK);
    assert_int_equal(report(f, "new"), SB_E_LEDGER_KEY_UNKNOWN);
    assert_int_equal(report(f, "unn-1/primary"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    Sb__Seal *m = fed_seal_message(f, (const uint32_t[]){0, 1, 2, 3}, 4);
    /* what comes after the head isn't covered */
    assert_int_equal(appoint(f, to_seat(f, "unn-2", PRIMARY, "new2"), "unn/authority"), SB_OK);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_OK);
    assert_int_equal(holder(f, "unn-1", PRIMARY, 20211201), key_no(f, "new"));
    assert_int_equal(holder(f, "unn-2", PRIMARY, 20211201), key_no(f, "unn-2/primary"));
    assert_int_equal(key_no(f, "new2"), 0);
    assert_int_equal(report(f, "new"), SB_OK);
    /* the replaced holder has no place left */
    assert_int_equal(places(f, "unn-1/primary"), 0);
    assert_int_equal(report(f, "unn-1/primary"), SB_E_LEDGER_CAPABILITY);
    fed_seal(f);
    assert_int_equal(holder(f, "unn-2", PRIMARY, 20211201), key_no(f, "new2"));
    fed_free(f);
}

static void test_several_places(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    assert_int_equal(places(f, "unn-1/primary"), 1);
    assert_int_equal(
        appoint(f, to_seat(f, "kommune-1", DEPUTY, "unn-1/primary"), "kommune-a/authority"), SB_OK);
    assert_int_equal(appoint(f, to_office(f, "secretariat", "unn-1/primary"), "unn/authority"),
                     SB_OK);
    fed_seal(f);
    assert_int_equal(places(f, "unn-1/primary"), 3);
    assert_int_equal(holder(f, "kommune-1", DEPUTY, 0), key_no(f, "unn-1/primary"));
    /* the first secretary stays; a leader is replaced */
    assert_int_equal(places(f, "secretariat"), 1);
    assert_int_equal(appoint(f, to_office(f, "leader", "unn-1/primary"), "kommune-a/authority"),
                     SB_OK);
    fed_seal(f);
    assert_int_equal(places(f, "leader"), 0);
    assert_int_equal(places(f, "unn-1/primary"), 4);
    fed_free(f);
}

static void test_without_key_and_lapse(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    assert_int_equal(appoint(f, to_seat(f, "unn-1", PRIMARY, NULL), "unn/authority"), SB_OK);
    Sb__Appoint *m = to_seat(f, "unn-2", PRIMARY, "short");
    m->until_date = 20211231;
    assert_int_equal(appoint(f, m, "unn/authority"), SB_OK);
    fed_seal(f);
    sb_row_seat seat;
    sb_row_holder row;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_true(sb_seat_find(kv, &f->arena, "unn-1", &seat));
    assert_true(sb_holder_get(kv, seat.no, PRIMARY, 20211201, &row));
    assert_int_equal(row.key, 0);
    assert_int_equal(places(f, "unn-1/primary"), 0);
    assert_int_equal(holder(f, "unn-2", PRIMARY, 20211231), key_no(f, "short"));
    assert_int_equal(holder(f, "unn-2", PRIMARY, 20220101), 0);
    fed_at(f, 20211231, 23, 50);
    assert_int_equal(report(f, "short"), SB_OK);
    fed_at(f, 20220101, 0, 0);
    assert_int_equal(report(f, "short"), SB_E_LEDGER_CAPABILITY);
    fed_free(f);
}

/* ---- KEY_REVOKE ---- */

static void test_revoke(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    assert_int_equal(revoke(f, "stranger", "unn/authority"), SB_E_LEDGER_KEY_UNKNOWN);
    assert_int_equal(revoke(f, "unn-1/primary", "lege/authority"), SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(revoke(f, "unn-1/primary", "unn/recovery"), SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(revoke(f, "unn-1/primary", "unn-2/primary"), SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(revoke(f, "unn/witness", "unn/authority"), SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(revoke(f, "unn/witness", "lege/recovery"), SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(revoke(f, "unn/recovery", "unn/recovery"), SB_E_LEDGER_KEY_FIXED);
    assert_int_equal(revoke(f, "log", "unn/recovery"), SB_E_LEDGER_KEY_FIXED);
    /* acts at its index */
    assert_int_equal(report(f, "unn-1/primary"), SB_OK);
    assert_int_equal(revoke(f, "unn-1/primary", "unn/authority"), SB_OK);
    assert_int_equal(report(f, "unn-1/primary"), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(revoke(f, "unn-1/primary", "unn/authority"), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    /* by the key itself */
    assert_int_equal(revoke(f, "lege-1/primary", "lege-1/primary"), SB_OK);
    assert_int_equal(report(f, "lege-1/primary"), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    /* the organisation's own keys */
    assert_int_equal(revoke(f, "lege/authority", "lege/recovery"), SB_OK);
    assert_int_equal(appoint(f, to_seat(f, "lege-1", PRIMARY, "new"), "lege/authority"),
                     SB_E_LEDGER_KEY_OUT_OF_FORCE);
    uint8_t pk[1][32];
    uint32_t have = 9;
    memcpy(pk[0], fed_key_of(f, "bruker/witness")->pk, 32);
    assert_int_equal(revoke(f, "bruker/witness", "bruker/recovery"), SB_OK);
    (void)sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pk, 1, &have, NULL);
    assert_int_equal(have, 0);
    fed_free(f);
}

/* ---- KEY_REPLACE ---- */

static void test_replace_refused(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    assert_int_equal(replace(f, "stranger", "new", "unn/authority"), SB_E_LEDGER_KEY_UNKNOWN);
    assert_int_equal(replace(f, "unn-1/primary", "new", "lege/authority"),
                     SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(replace(f, "unn-1/primary", "new", "unn-1/primary"), SB_E_LEDGER_CAPABILITY);
    assert_int_equal(replace(f, "unn/authority", "new", "unn/authority"),
                     SB_E_LEDGER_KEY_NOT_YOURS);
    assert_int_equal(replace(f, "unn/recovery", "new", "unn/recovery"), SB_E_LEDGER_KEY_FIXED);
    assert_int_equal(replace(f, "unn-1/primary", "unn-2/primary", "unn/authority"),
                     SB_E_LEDGER_KEY_TWICE);
    assert_int_equal(replace(f, "unn-1/primary", "unn-1/primary", "unn/authority"),
                     SB_E_LEDGER_KEY_TWICE);
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    uint8_t neutral[32] = {1};
    m.old_pk = pk_of(f, "unn-1/primary");
    m.new_pk = (ProtobufCBinaryData){.len = 32, .data = neutral};
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, "unn/authority"),
                     SB_E_LEDGER_KEY_INVALID);
    fed_free(f);
}

static void test_replace_device(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    assert_int_equal(appoint(f, to_office(f, "secretariat", "unn-1/primary"), "unn/authority"),
                     SB_OK);
    fed_seal(f);
    assert_int_equal(replace(f, "unn-1/primary", "new", "unn/authority"), SB_OK);
    assert_int_equal(report(f, "unn-1/primary"), SB_OK); /* until the SEAL */
    assert_int_equal(report(f, "new"), SB_E_LEDGER_KEY_UNKNOWN);
    fed_seal(f);
    assert_int_equal(report(f, "unn-1/primary"), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(report(f, "new"), SB_OK);
    assert_int_equal(places(f, "new"), 2);
    assert_int_equal(places(f, "unn-1/primary"), 0);
    assert_int_equal(holder(f, "unn-1", PRIMARY, 0), key_no(f, "new"));
    /* as secretariat, too */
    assert_int_equal(appoint(f, to_seat(f, "obs-1", PRIMARY, "o"), "new"), SB_OK);
    assert_int_equal(replace(f, "unn-1/primary", "newer", "unn/authority"),
                     SB_E_LEDGER_KEY_OUT_OF_FORCE);
    /* a lost key: revoked at once, its places are taken over at the SEAL */
    assert_int_equal(revoke(f, "new", "unn/authority"), SB_OK);
    assert_int_equal(replace(f, "new", "newest", "unn/authority"), SB_OK);
    fed_seal(f);
    assert_int_equal(places(f, "newest"), 2);
    assert_int_equal(report(f, "newest"), SB_OK);
    fed_free(f);
}

static void test_replace_organisation_keys(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    sb_ledger_org org;
    /* by the recovery key: at its own index, no SEAL is needed */
    assert_int_equal(replace(f, "lege/authority", "lege/authority-2", "lege/recovery"), SB_OK);
    assert_int_equal(replace(f, "lege/witness", "lege/witness-2", "lege/recovery"), SB_OK);
    strcpy(f->witness[2], "lege/witness-2");
    assert_true(sb_ledger_org_get(f->ledger, 2, &org));
    assert_memory_equal(org.authority_pk, fed_key_of(f, "lege/authority-2")->pk, 32);
    assert_memory_equal(org.witness_pk, fed_key_of(f, "lege/witness-2")->pk, 32);
    Sb__Appoint *m = to_seat(f, "lege-1", PRIMARY, "new");
    assert_int_equal(appoint(f, m, "lege/authority"), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(appoint(f, m, "lege/authority-2"), SB_OK);
    /* a lost key: revoked first, then replaced */
    assert_int_equal(revoke(f, "lege/witness-2", "lege/recovery"), SB_OK);
    assert_int_equal(replace(f, "lege/witness-2", "lege/witness-3", "lege/recovery"), SB_OK);
    assert_int_equal(replace(f, "lege/witness-2", "lege/witness-4", "lege/recovery"),
                     SB_E_LEDGER_KEY_OUT_OF_FORCE);
    strcpy(f->witness[2], "lege/witness-3");
    assert_true(sb_ledger_witness(f->ledger, fed_key_of(f, "lege/witness-3")->pk, &org));
    assert_int_equal(org.number, 2);
    assert_string_equal(org.id, "lege");
    assert_false(sb_ledger_witness(f->ledger, fed_key_of(f, "lege/witness-2")->pk, &org));
    fed_seal(f);
    fed_free(f);
}

/* Preconditions are checked again at the SEAL, in index order. */
static void test_dropped_at_the_seal(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    assert_int_equal(replace(f, "unn-1/primary", "x", "unn/authority"), SB_OK);
    uint64_t first = f->leaf_count - 1;
    assert_int_equal(replace(f, "unn-1/primary", "y", "unn/authority"), SB_OK);
    uint64_t second = f->leaf_count - 1;
    assert_int_equal(replace(f, "unn-2/primary", "x", "unn/authority"), SB_OK);
    uint64_t third = f->leaf_count - 1;
    assert_int_equal(
        appoint(f, to_seat(f, "kommune-1", DEPUTY, "kommune-2/deputy"), "kommune-a/authority"),
        SB_OK);
    uint64_t fourth = f->leaf_count - 1;
    assert_int_equal(revoke(f, "kommune-2/deputy", "kommune-a/authority"), SB_OK);
    fed_seal(f);
    assert_int_equal(dropped(f, first), SB_OK);
    assert_int_equal(dropped(f, second), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(dropped(f, third), SB_E_LEDGER_KEY_TWICE);
    assert_int_equal(dropped(f, fourth), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(key_no(f, "y"), 0);
    assert_int_equal(holder(f, "kommune-1", DEPUTY, 0), key_no(f, "kommune-1/deputy"));
    sb_row_waiting waiting = {.index = 0};
    assert_false(sb_row_waiting_next(sb_ledger_kv(f->ledger), &f->arena, &waiting, true, 0));
    fed_free(f);
}

/* ---- DELEGATE ---- */

/* The mayors of "pm" may delegate (§ 3 nr. 1); pm-kommune-2 has a personal deputy, too. */
static void mayors(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[1]->delegation_cite = "§ 3 nr. 1";
    c->bodies[1]->seats[2]->ex_officio = true;
    c->bodies[1]->seats[3]->ex_officio = true;
    c->bodies[1]->seats[3]->has_deputy = true;
}

static fed *with_mayors(void)
{
    fed *f = fed_new(&(fed_options){.edit = mayors});
    fed_run(f);
    return f;
}

static Sb__Delegate *delegation(fed *f, const char *seat, const char *key, uint32_t from,
                                uint32_t until)
{
    Sb__Delegate *m = SB_ARENA_NEW(&f->arena, Sb__Delegate);
    *m = (Sb__Delegate)SB__DELEGATE__INIT;
    m->seat = (char *)seat;
    if (key != NULL)
        m->device_pk = pk_of(f, key);
    m->name = fed_blob(f, key == NULL ? "uten nøkkel" : key);
    m->from_date = from;
    m->until_date = until;
    return m;
}

static sb_err delegate(fed *f, const Sb__Delegate *m, const char *signer)
{
    return fed_submit(f, SB_ENTRY_DELEGATE, &m->base, signer);
}

static void test_delegate_refused(void **state)
{
    (void)state;
    fed *f = with_mayors();
    const char *mayor = "pm-kommune-1/primary";
    Sb__Delegate *m = delegation(f, "pm-kommune-1", "d", 20220120, 20220120);
    assert_int_equal(delegate(f, m, "unn-1/primary"), SB_E_LEDGER_CAPABILITY);
    assert_int_equal(delegate(f, m, "lege/authority"), SB_E_LEDGER_DELEGATE_WHO);
    assert_int_equal(delegate(f, m, "secretariat"), SB_E_LEDGER_DELEGATE_CLAIM);
    assert_string_equal(f->fail.arg[0], "pm-kommune-1");
    m->until_date = 20220119;
    assert_int_equal(delegate(f, m, mayor), SB_E_LEDGER_APPOINT_TERM);
    m->from_date = 20220132;
    assert_int_equal(delegate(f, m, mayor), SB_E_LEDGER_APPOINT_DATE);
    assert_int_equal(delegate(f, delegation(f, "pm-unn-1", "d", 20220120, 0), "pm-unn-1/primary"),
                     SB_E_LEDGER_DELEGATE_NONE);
    assert_int_equal(delegate(f, delegation(f, "unn-1", "d", 20220120, 0), "unn-1/primary"),
                     SB_E_LEDGER_DELEGATE_NONE);
    assert_int_equal(delegate(f, delegation(f, "ukjent", "d", 20220120, 0), mayor),
                     SB_E_LEDGER_PLACE_UNKNOWN);
    assert_int_equal(delegate(f, delegation(f, "pm-kommune-1", mayor, 20220120, 0), mayor),
                     SB_E_LEDGER_DELEGATE_SELF);
    assert_int_equal(delegate(f, delegation(f, "pm-kommune-1", "lege/witness", 20220120, 0), mayor),
                     SB_E_LEDGER_KEY_OTHER_USE);
    /* a deputy doesn't delegate */
    assert_int_equal(
        delegate(f, delegation(f, "pm-kommune-2", "d", 20220120, 0), "pm-kommune-2/deputy"),
        SB_E_LEDGER_DELEGATE_WHO);
    /* nobody sits there */
    Sb__Appoint *until = to_seat(f, "pm-kommune-1", PRIMARY, mayor);
    until->until_date = 20211201;
    assert_int_equal(appoint(f, until, "kommune-a/authority"), SB_OK);
    fed_seal(f);
    fed_at(f, 20211202, 12, 0);
    assert_int_equal(
        delegate(f, delegation(f, "pm-kommune-1", "d", 20220120, 0), "kommune-a/authority"),
        SB_E_LEDGER_DELEGATE_VACANT);
    fed_free(f);
}

static void test_who_delegates(void **state)
{
    (void)state;
    fed *f = with_mayors();
    Sb__Delegate *m = delegation(f, "pm-kommune-1", "d", 20220120, 20220120);
    assert_int_equal(delegate(f, m, "pm-kommune-1/primary"), SB_OK);
    assert_int_equal(holder(f, "pm-kommune-1", DEPUTY, 20220120), 0); /* not yet */
    fed_seal(f);
    uint32_t d = key_no(f, "d");
    assert_int_not_equal(d, 0);
    assert_int_equal(holder(f, "pm-kommune-1", DEPUTY, 20220119), 0);
    assert_int_equal(holder(f, "pm-kommune-1", DEPUTY, 20220120), d);
    assert_int_equal(holder(f, "pm-kommune-1", DEPUTY, 20220121), 0);
    assert_int_equal(holder(f, "pm-kommune-1", PRIMARY, 20220120),
                     key_no(f, "pm-kommune-1/primary"));
    assert_int_equal(places(f, "d"), 1);
    /* the same day again: another one; the authority that appoints may enter it */
    assert_int_equal(
        delegate(f, delegation(f, "pm-kommune-1", "e", 20220120, 20220120), "kommune-a/authority"),
        SB_OK);
    /* … and the secretariat that has the letter */
    Sb__Claim claim = SB__CLAIM__INIT;
    claim.claimed_at_ms = f->now_ms - 1000;
    claim.source = SB__SOURCE__SOURCE_LETTER;
    m = delegation(f, "pm-kommune-2", NULL, 20220120, 0);
    m->claim = &claim;
    assert_int_equal(delegate(f, m, "secretariat"), SB_OK);
    claim.claimed_at_ms = f->now_ms + 86400000;
    m->from_date = 20220121;
    assert_int_equal(delegate(f, m, "secretariat"), SB_E_LEDGER_CLAIM_FUTURE);
    fed_seal(f);
    assert_int_equal(holder(f, "pm-kommune-1", DEPUTY, 20220120), key_no(f, "e"));
    assert_int_equal(places(f, "d"), 0);
    assert_int_equal(places(f, "e"), 1);
    /* before the personal deputy, who is still there when the delegation isn't */
    sb_row_seat seat;
    sb_row_holder h;
    assert_true(sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, "pm-kommune-2", &seat));
    assert_true(sb_holder_get(sb_ledger_kv(f->ledger), seat.no, DEPUTY, 20220120, &h));
    assert_int_equal(h.key, 0);
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220119), key_no(f, "pm-kommune-2/deputy"));
    fed_free(f);
}

static void test_delegations_overlap_and_end(void **state)
{
    (void)state;
    fed *f = with_mayors();
    const char *mayor = "pm-kommune-2/primary";
    assert_int_equal(delegate(f, delegation(f, "pm-kommune-2", "d", 20220101, 0), mayor), SB_OK);
    assert_int_equal(delegate(f, delegation(f, "pm-kommune-2", "e", 20220120, 20220121), mayor),
                     SB_OK);
    fed_seal(f);
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220119), key_no(f, "d"));
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220121), key_no(f, "e"));
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220122), key_no(f, "d"));
    /* a new key takes them over; the personal deputy's stays */
    assert_int_equal(replace(f, "d", "d2", "kommune-a/authority"), SB_OK);
    fed_seal(f);
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220122), key_no(f, "d2"));
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 0), key_no(f, "pm-kommune-2/deputy"));
    assert_int_equal(places(f, "d2"), 1);
    /* a longer term of the same member keeps them, another member doesn't */
    assert_int_equal(appoint(f, to_seat(f, "pm-kommune-2", PRIMARY, mayor), "kommune-a/authority"),
                     SB_OK);
    fed_seal(f);
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220122), key_no(f, "d2"));
    assert_int_equal(appoint(f, to_seat(f, "pm-kommune-2", PRIMARY, "ny"), "kommune-a/authority"),
                     SB_OK);
    fed_seal(f);
    assert_int_equal(holder(f, "pm-kommune-2", DEPUTY, 20220122), key_no(f, "pm-kommune-2/deputy"));
    assert_int_equal(places(f, "d2"), 0);
    assert_int_equal(places(f, "e"), 0);
    assert_int_equal(places(f, "pm-kommune-2/deputy"), 1);
    fed_free(f);
}

/* What no longer holds at the SEAL is dropped. */
static void test_delegation_dropped(void **state)
{
    (void)state;
    fed *f = with_mayors();
    const char *mayor = "pm-kommune-1/primary";
    assert_int_equal(delegate(f, delegation(f, "pm-kommune-1", "d", 20220120, 0), mayor), SB_OK);
    uint64_t first = f->leaf_count - 1;
    assert_int_equal(revoke(f, mayor, "kommune-a/authority"), SB_OK); /* it was stolen */
    fed_seal(f);
    assert_int_equal(dropped(f, first), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(holder(f, "pm-kommune-1", DEPUTY, 20220120), 0);
    /* the new mayor's appointment comes first: the old one's last word counts no longer */
    assert_int_equal(appoint(f, to_seat(f, "pm-kommune-2", PRIMARY, "ny"), "kommune-a/authority"),
                     SB_OK);
    assert_int_equal(
        delegate(f, delegation(f, "pm-kommune-2", "d", 20220120, 0), "pm-kommune-2/primary"),
        SB_OK);
    first = f->leaf_count - 1;
    fed_seal(f);
    assert_int_equal(dropped(f, first), SB_E_LEDGER_DELEGATE_WHO);
    assert_int_equal(key_no(f, "d"), 0);
    fed_free(f);
}

/* ---- terms ---- */

static void annual(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a;
    c->bodies[0]->term_months = 48;
    c->offices[1]->term_months = 12;
    c->offices[1]->sits_until_replaced = arg != NULL;
}

static const char *query(fed *f, const char *name, const char *arg)
{
    sb_buf json;
    sb_buf_init(&json);
    assert_int_equal(sb_ledger_query(f->ledger, name, &arg, arg == NULL ? 0 : 1, &json, &f->fail),
                     SB_OK);
    const char *out = sb_arena_str(&f->arena, sb_buf_slice(&json));
    sb_buf_deinit(&json);
    return out;
}

static void has(const char *json, const char *words)
{
    if (strstr(json, words) == NULL)
        fail_msg("no %s in %s", words, json);
}

static void test_who_sits_until_replaced(void **state)
{
    (void)state;
    static char yes[] = "yes";
    for (int sits = 0; sits <= 1; sits++) {
        fed *f = fed_new(&(fed_options){.edit = annual, .edit_arg = sits ? yes : NULL});
        fed_run(f);
        Sb__Appoint *m = to_office(f, "leader", "leder");
        m->until_date = 20211231;
        assert_int_equal(appoint(f, m, "kommune-a/authority"), SB_OK);
        fed_seal(f);
        fed_at(f, 20211231, 12, 0);
        assert_int_equal(report(f, "leder"), SB_OK);
        assert_null(strstr(query(f, "vacancies", NULL), "\"office\":\"leader\""));
        fed_at(f, 20220101, 12, 0);
        assert_int_equal(report(f, "leder"), sits ? SB_OK : SB_E_LEDGER_CAPABILITY);
        assert_int_equal(report(f, "secretariat"), SB_OK);
        has(query(f, "members", NULL), sits ? "\"term\":\"sits_on\"" : "\"term\":\"over\"");
        has(query(f, "vacancies", NULL),
            sits ? "\"appointed_by\":\"kommune-a\",\"elected_by\":null,\"reason\":\"sits_on\","
                   "\"until_date\":\"2021-12-31\""
                 : "\"reason\":\"term_over\",\"until_date\":\"2021-12-31\"");
        /* another one ends it */
        assert_int_equal(appoint(f, to_office(f, "leader", "ny leder"), "kommune-a/authority"),
                         SB_OK);
        fed_seal(f);
        assert_int_equal(report(f, "ny leder"), SB_OK);
        assert_int_equal(report(f, "leder"), SB_E_LEDGER_CAPABILITY);
        fed_free(f);
    }
}

static void test_terms_and_vacancies(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.edit = annual});
    fed_run(f);
    Sb__Appoint *m = to_seat(f, "unn-1", PRIMARY, "unn-1/primary");
    m->until_date = 20251130; /* four years */
    assert_int_equal(appoint(f, m, "unn/authority"), SB_OK);
    m = to_seat(f, "unn-2", PRIMARY, "unn-2/primary");
    m->until_date = 20251201; /* and a day */
    assert_int_equal(appoint(f, m, "unn/authority"), SB_OK);
    m = to_seat(f, "lege-1", DEPUTY, "lege-1/deputy");
    m->until_date = 20211205;
    assert_int_equal(appoint(f, m, "lege/authority"), SB_OK);
    fed_seal(f);
    const char *members = query(f, "members", "ssu");
    has(members, "\"until_date\":\"2025-11-30\"");
    has(strstr(members, "\"until_date\":\"2025-11-30\""), "\"term_exceeds\":false");
    const char *long_term = strstr(members, "\"until_date\":\"2025-12-01\"");
    assert_non_null(long_term);
    assert_memory_equal(strstr(long_term, "\"term_exceeds\":"), "\"term_exceeds\":true", 19);
    assert_string_equal(query(f, "vacancies", "ssu"),
                        "{\"date\":\"2021-12-01\",\"seats\":[],\"offices\":[]}");
    const char *vacant;
    fed_at(f, 20211206, 8, 0);
    assert_int_equal(report(f, "secretariat"), SB_OK);
    vacant = query(f, "vacancies", NULL);
    has(vacant, "\"seat\":\"lege-1\",\"title\":\"Plass lege-1\",\"partner\":\"fastlege\","
                "\"partner_name\":\"fastlegene\",\"role\":\"deputy\",\"body\":\"ssu\","
                "\"voting\":true,\"appointer\":\"lege\",\"host\":\"lege\",\"requirement\":null,"
                "\"reason\":\"term_over\",\"until_date\":\"2021-12-05\"");
    fed_free(f);
    /* before anybody is appointed: six seats with deputies, obs-1 without; three offices */
    f = fed_new(&(fed_options){.edit = annual});
    fed_genesis(f);
    fed_charter(f);
    fed_accept(f);
    vacant = query(f, "vacancies", "ssu");
    size_t never = 0;
    for (const char *at = vacant; (at = strstr(at, "\"reason\":\"never\"")) != NULL; at++)
        never++;
    assert_int_equal(never, 6 * 2 + 1 + 3);
    has(vacant, "\"seat\":\"obs-1\",\"title\":\"Plass obs-1\",\"partner\":null,\"partner_name\":"
                "null,\"role\":\"primary\",\"body\":\"ssu\",\"voting\":false,\"appointer\":"
                "\"utenfor\",\"host\":null,");
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delegate_refused),
        cmocka_unit_test(test_who_delegates),
        cmocka_unit_test(test_delegations_overlap_and_end),
        cmocka_unit_test(test_delegation_dropped),
        cmocka_unit_test(test_who_sits_until_replaced),
        cmocka_unit_test(test_terms_and_vacancies),
        cmocka_unit_test(test_appoint_refused),
        cmocka_unit_test(test_appoint_acts_when_sealed),
        cmocka_unit_test(test_several_places),
        cmocka_unit_test(test_without_key_and_lapse),
        cmocka_unit_test(test_revoke),
        cmocka_unit_test(test_replace_refused),
        cmocka_unit_test(test_replace_device),
        cmocka_unit_test(test_replace_organisation_keys),
        cmocka_unit_test(test_dropped_at_the_seal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
