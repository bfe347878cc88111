/* APPOINT, KEY_REVOKE, KEY_REPLACE: who may, what must hold, what the SEAL makes of it. */
#include "proto/ledger/core.h"
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
    (void)sb_ledger_quorum(f->ledger, (const uint8_t(*)[32])pk, 1, &have, NULL);
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
    assert_int_equal(replace(f, "lege/authority", "lege/authority-2", "lege/recovery"), SB_OK);
    assert_int_equal(replace(f, "lege/witness", "lege/witness-2", "lege/recovery"), SB_OK);
    fed_seal(f);
    assert_true(sb_ledger_org_get(f->ledger, 2, &org));
    assert_memory_equal(org.authority_pk, fed_key_of(f, "lege/authority-2")->pk, 32);
    assert_memory_equal(org.witness_pk, fed_key_of(f, "lege/witness-2")->pk, 32);
    Sb__Appoint *m = to_seat(f, "lege-1", PRIMARY, "new");
    assert_int_equal(appoint(f, m, "lege/authority"), SB_E_LEDGER_KEY_OUT_OF_FORCE);
    assert_int_equal(appoint(f, m, "lege/authority-2"), SB_OK);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
