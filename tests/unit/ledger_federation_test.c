/* GENESIS, CHARTER_PART, ACCEPT, and what every entry must satisfy before it is looked at. */
#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/ledger/rows.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

#define FIRST "unn/authority"

static ProtobufCBinaryData pk_of(fed *f, const char *name)
{
    return (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, name)->pk};
}

/* ---- GENESIS ---- */

static void bend_engine(fed *f, Sb__Genesis *m)
{
    (void)f;
    m->engine = 2;
}

static void bend_key_invalid(fed *f, Sb__Genesis *m)
{
    static uint8_t one[32] = {1}; /* the neutral point */
    (void)f;
    m->organisations[2]->witness_pk.data = one;
}

static void bend_key_twice(fed *f, Sb__Genesis *m)
{
    m->organisations[1]->witness_pk = pk_of(f, "unn/witness");
}

static void bend_key_two_uses(fed *f, Sb__Genesis *m)
{
    m->log_pk = pk_of(f, "lege/recovery");
}

static void bend_curve_twice(fed *f, Sb__Genesis *m)
{
    (void)f;
    m->broker_curve_pk = m->organisations[3]->curve_pk;
}

static void bend_parts_few(fed *f, Sb__Genesis *m)
{
    (void)f;
    m->charter_bytes = 60001;
    m->charter_parts = 1;
}

static void bend_parts_many(fed *f, Sb__Genesis *m)
{
    (void)f;
    m->charter_bytes = 3;
    m->charter_parts = 4;
}

static void bend_org_twice(fed *f, Sb__Genesis *m)
{
    (void)f;
    m->organisations[3]->id = m->organisations[1]->id;
}

static void test_genesis_refused(void **state)
{
    (void)state;
    static const struct {
        void (*bend)(fed *f, Sb__Genesis *m);
        const char *key;
        sb_err err;
    } cases[] = {
        {bend_engine, FIRST, SB_E_LEDGER_ENGINE},
        {NULL, "lege/authority", SB_E_LEDGER_GENESIS_SIGNER},
        {NULL, "unn/recovery", SB_E_LEDGER_GENESIS_SIGNER},
        {bend_key_invalid, FIRST, SB_E_LEDGER_KEY_INVALID},
        {bend_key_twice, FIRST, SB_E_LEDGER_KEY_TWICE},
        {bend_key_two_uses, FIRST, SB_E_LEDGER_KEY_TWICE},
        {bend_curve_twice, FIRST, SB_E_LEDGER_KEY_TWICE},
        {bend_parts_few, FIRST, SB_E_LEDGER_CHARTER_SIZE},
        {bend_parts_many, FIRST, SB_E_LEDGER_CHARTER_SIZE},
        {bend_org_twice, FIRST, SB_E_LEDGER_CHARTER_ID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fed *f = fed_new(NULL);
        Sb__Genesis *m = fed_genesis_message(f);
        if (cases[i].bend != NULL)
            cases[i].bend(f, m);
        assert_int_equal(fed_send_genesis(f, m, cases[i].key), cases[i].err);
        assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_EMPTY);
        assert_int_equal(fed_send_genesis(f, fed_genesis_message(f), FIRST), SB_OK);
        fed_free(f);
    }
}

static void test_genesis(void **state)
{
    (void)state;
    uint8_t id[32], log_pk[32];
    char origin[SB_ID_BYTES_MAX + 64], hex[17], wanted[128];
    fed *f = fed_new(NULL);
    assert_false(sb_ledger_federation_id(f->ledger, id));
    assert_false(sb_ledger_origin(f->ledger, origin, sizeof origin));
    assert_null(sb_ledger_charter(f->ledger));
    fed_genesis(f);
    assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_CHARTER);
    assert_true(sb_ledger_federation_id(f->ledger, id));
    assert_memory_equal(id, f->ids[0], 32);
    assert_int_equal(sb_ledger_term(f->ledger), 1);
    assert_true(sb_ledger_log_pk(f->ledger, log_pk));
    assert_memory_equal(log_pk, fed_key_of(f, "log")->pk, 32);
    sb_hex(sb_slice_of(id, 8), hex);
    snprintf(wanted, sizeof wanted, "samband/test/%s/1", hex);
    assert_true(sb_ledger_origin(f->ledger, origin, sizeof origin));
    assert_string_equal(origin, wanted);
    assert_false(sb_ledger_origin(f->ledger, origin, strlen(wanted)));
    assert_int_equal(sb_ledger_org_count(f->ledger), 4);
    sb_ledger_org org;
    assert_true(sb_ledger_org_get(f->ledger, 1, &org));
    assert_string_equal(org.id, "kommune-a");
    assert_memory_equal(org.recovery_pk, fed_key_of(f, "kommune-a/recovery")->pk, 32);
    assert_false(sb_ledger_org_get(f->ledger, 4, &org));
    fed_free(f);
}

/* ---- what every entry must satisfy ---- */

static void test_phases(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    uint8_t hash[32] = {0};
    Sb__Accept accept = SB__ACCEPT__INIT;
    accept.charter_sha256 = (ProtobufCBinaryData){.len = 32, .data = hash};
    Sb__KeyRevoke revoke = SB__KEY_REVOKE__INIT;
    revoke.pk = pk_of(f, "lege/witness");
    revoke.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;

    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &accept.base, FIRST), SB_E_LEDGER_PHASE);
    assert_int_equal(fed_state(f), SB_E_LEDGER_PHASE);
    fed_genesis(f);
    assert_int_equal(fed_send_genesis(f, fed_genesis_message(f), FIRST), SB_E_LEDGER_PHASE);
    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &accept.base, FIRST), SB_E_LEDGER_PHASE);
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REVOKE, &revoke.base, "lege/recovery"),
                     SB_E_LEDGER_PHASE);
    assert_int_equal(fed_state(f), SB_OK); /* system entries from the first on */
    fed_charter(f);
    assert_int_equal(fed_send_part(f, 1, FIRST), SB_E_LEDGER_PHASE);
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REVOKE, &revoke.base, "lege/recovery"),
                     SB_E_LEDGER_PHASE);
    fed_accept(f);
    assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_RUNNING);
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REVOKE, &revoke.base, "lege/recovery"), SB_OK);
    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &accept.base, FIRST), SB_E_LEDGER_PHASE);
    fed_free(f);
}

/* KEY_REVOKE of lege's witness with a head that says something else. */
static sb_err revoke_with(fed *f, const sb_entry_head *head, const char *key)
{
    Sb__KeyRevoke m = SB__KEY_REVOKE__INIT;
    m.pk = pk_of(f, "lege/witness");
    m.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(f, SB_ENTRY_KEY_REVOKE, &m.base, key, head, &entry);
    sb_err err = fed_take(f, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    return err;
}

static void test_head(void **state)
{
    (void)state;
    const char *key = "lege/recovery";
    fed *f = fed_new(NULL);
    fed_run(f);
    sb_entry_head head = fed_head(f, key);
    head.federation_id[5] ^= 1;
    assert_int_equal(revoke_with(f, &head, key), SB_E_LEDGER_FEDERATION);
    head = fed_head(f, key);
    assert_int_equal(revoke_with(f, &head, "stranger"), SB_E_LEDGER_KEY_UNKNOWN);
    head.signer_seq = 0;
    assert_int_equal(revoke_with(f, &head, key), SB_E_LEDGER_SUPERSEDED);
    /* the authority key has signed before */
    head = fed_head(f, FIRST);
    head.signer_seq--;
    assert_int_equal(revoke_with(f, &head, FIRST), SB_E_LEDGER_SUPERSEDED);
    assert_string_equal(f->fail.arg[1], f->fail.arg[0]);
    /* witness keys sign no entries */
    head = fed_head(f, "lege/witness");
    assert_int_equal(revoke_with(f, &head, "lege/witness"), SB_E_LEDGER_CAPABILITY);
    /* gaps are fine */
    head = fed_head(f, key);
    head.signer_seq += 1000;
    assert_int_equal(revoke_with(f, &head, key), SB_OK);
    uint64_t seq = 0, anchor = 1, index = 0;
    assert_true(sb_ledger_signer(f->ledger, fed_key_of(f, key)->pk, &seq, &anchor));
    assert_int_equal(seq, 1001);
    assert_int_equal(anchor, 0);
    assert_true(sb_ledger_find_submission(f->ledger, fed_key_of(f, key)->pk, 1001, &index));
    assert_int_equal(index, f->leaf_count - 1);
    assert_false(sb_ledger_find_submission(f->ledger, fed_key_of(f, key)->pk, 1000, &index));
    fed_free(f);
}

static void test_anchor(void **state)
{
    (void)state;
    const char *key = "lege/recovery", *other = "bruker/recovery";
    fed *f = fed_new(NULL);
    fed_run(f);
    uint64_t size = f->leaf_count; /* ends with a STATE */
    uint8_t root[32];
    assert_true(sb_ledger_root_at(f->ledger, size, root));
    assert_false(sb_ledger_root_at(f->ledger, size - 1, root));

    sb_entry_head head = fed_head(f, key);
    head.anchor_root[0] ^= 1;
    assert_int_equal(revoke_with(f, &head, key), SB_E_LEDGER_ANCHOR_ROOT);
    head = fed_head(f, key);
    head.anchor_size = size - 1; /* no STATE there */
    assert_int_equal(revoke_with(f, &head, key), SB_E_LEDGER_ANCHOR_UNKNOWN);
    head.anchor_size = size;
    assert_int_equal(revoke_with(f, &head, key), SB_E_LEDGER_ANCHOR_ROOT);
    assert_true(sb_ledger_root_at(f->ledger, size, head.anchor_root));
    assert_int_equal(revoke_with(f, &head, key), SB_OK);

    /* never lower than the key's last */
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = pk_of(f, "lege/authority");
    m.new_pk = pk_of(f, "lege/authority-2");
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, key), SB_E_LEDGER_ANCHOR_LOWER);
    fed_key_of(f, key)->anchor_size = size;
    memcpy(fed_key_of(f, key)->anchor_root, head.anchor_root, 32);
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, key), SB_OK);
    m.old_pk = pk_of(f, "bruker/authority");
    m.new_pk = pk_of(f, "bruker/authority-2");
    assert_int_equal(fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, other), SB_OK);
    fed_free(f);
}

static void test_time_and_quota(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.per_key_and_day = 40});
    fed_run(f);
    uint64_t before = f->now_ms;
    f->now_ms -= 5000;
    assert_int_equal(fed_state(f), SB_E_LEDGER_TIME);
    f->now_ms = before - f->tick_ms; /* the same millisecond is fine */
    assert_int_equal(fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"), SB_OK);
    sb_err err = SB_OK;
    int taken = 0;
    for (; taken < 100 && err == SB_OK; taken++)
        err = fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k");
    assert_int_equal(err, SB_E_LEDGER_QUOTA_DAY);
    assert_string_equal(f->fail.arg[0], "40");
    assert_int_equal(fed_appoint_seat(f, "lege-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "l"), SB_OK);
    fed_at(f, 20211201, 23, 59);
    f->tick_ms = 0;
    assert_int_equal(fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"),
                     SB_E_LEDGER_QUOTA_DAY);
    fed_at(f, 20211202, 0, 0); /* the day is Oslo's */
    assert_int_equal(fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"), SB_OK);
    fed_free(f);
}

/* ---- the charter ---- */

static void test_parts(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.part_bytes = 400});
    fed_genesis(f);
    assert_int_equal(fed_send_part(f, 2, FIRST), SB_E_LEDGER_CHARTER_PART);
    assert_int_equal(fed_send_part(f, 1, "lege/authority"), SB_E_LEDGER_CAPABILITY);
    assert_int_equal(fed_send_part(f, 1, FIRST), SB_OK);
    assert_int_equal(fed_send_part(f, 1, FIRST), SB_E_LEDGER_CHARTER_PART);
    assert_int_equal(fed_send_part(f, 3, FIRST), SB_E_LEDGER_CHARTER_PART);
    uint32_t parts = fed_genesis_message(f)->charter_parts;
    assert_true(parts > 2);
    for (uint32_t i = 2; i < parts; i++)
        assert_int_equal(fed_send_part(f, i, FIRST), SB_OK);
    assert_null(sb_ledger_charter(f->ledger));
    f->charter_bytes.data[f->charter_bytes.len - 1] ^= 1;
    assert_int_equal(fed_send_part(f, parts, FIRST), SB_E_LEDGER_CHARTER_HASH);
    f->charter_bytes.data[f->charter_bytes.len - 1] ^= 1;
    f->charter_bytes.len--;
    assert_int_equal(fed_send_part(f, parts, FIRST), SB_E_LEDGER_CHARTER_HASH);
    f->charter_bytes.len++;
    assert_int_equal(fed_send_part(f, parts, FIRST), SB_OK);
    assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_ACCEPTING);
    assert_string_equal(sb_ledger_charter(f->ledger)->name, "Prøvesambandet");
    fed_free(f);
}

static void edit_partner_twice(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->partners[3]->id = "unn";
}

static void edit_seat_twice(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[1]->seats[0]->id = "unn-1";
}

static void edit_org_partner(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->organisations[2]->partner = "ukjent";
}

static void edit_host(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->appointers[0]->host = "ukjent";
}

static void edit_parent_cycle(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[0]->parent = "pm";
    c->bodies[1]->parent = "ssu";
}

static void edit_parent(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[0]->parent = "ukjent";
}

static void edit_seat_partner(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[0]->seats[0]->partner = "ukjent";
}

static void edit_seat_appointer(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[0]->seats[0]->appointer = "ukjent";
}

static void edit_office_body(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->offices[0]->body = "ukjent";
}

static void edit_office_by(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->offices[0]->appointed_by = "ukjent";
}

static void edit_office_seat(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->offices[0]->seat = "ukjent";
}

static void edit_amendment(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)arg;
    Sb__Amendment *m = SB_ARENA_NEW(a, Sb__Amendment);
    *m = (Sb__Amendment)SB__AMENDMENT__INIT;
    m->body = "ukjent";
    m->pass = c->bodies[0]->pass;
    c->amendment = m;
}

static void edit_rule(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a;
    c->bodies[0]->pass->text = arg;
}

static void edit_quorum(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a;
    c->bodies[0]->quorum->text = arg;
}

static void edit_policy(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->policy->more_than_num = 3;
}

static void edit_deadline(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[0]->deadlines[1]->most = 9; /* least 10 */
}

static void edit_numbers(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    Sb__Body *b = c->bodies[0];
    b->first_numbers[b->n_first_numbers++] = b->first_numbers[0];
}

static void test_charter_refused(void **state)
{
    (void)state;
    static const struct {
        void (*edit)(Sb__Charter *c, sb_arena *a, void *arg);
        const char *arg;
        sb_err err;
    } cases[] = {
        {edit_partner_twice, NULL, SB_E_LEDGER_CHARTER_ID},
        {edit_seat_twice, NULL, SB_E_LEDGER_CHARTER_ID},
        {edit_org_partner, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_host, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_parent_cycle, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_parent, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_seat_partner, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_seat_appointer, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_office_body, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_office_by, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_office_seat, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_amendment, NULL, SB_E_LEDGER_CHARTER_REFERENCE},
        {edit_rule, "pass for", SB_E_LEDGER_CHARTER_RULE},            /* no rule */
        {edit_rule, "quorum present >= 1", SB_E_LEDGER_CHARTER_RULE}, /* wrong kind */
        {edit_rule, "pass  for >= 1", SB_E_LEDGER_CHARTER_RULE},      /* not as printed */
        {edit_rule, "pass for > 1 of present", SB_E_LEDGER_CHARTER_RULE},
        {edit_quorum, "quorum each partner in (ukjent): present >= 1", SB_E_LEDGER_CHARTER_RULE},
        {edit_policy, NULL, SB_E_LEDGER_CHARTER_POLICY},
        {edit_deadline, NULL, SB_E_LEDGER_CHARTER_DEADLINE},
        {edit_numbers, NULL, SB_E_LEDGER_CHARTER_NUMBERS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fed *f = fed_new(&(fed_options){
            .edit = cases[i].edit, .edit_arg = (void *)cases[i].arg, .part_bytes = 50000});
        fed_genesis(f);
        sb_err err = fed_send_part(f, 1, FIRST);
        if (err != cases[i].err)
            print_message("case %zu: %s\n", i, sb_err_name(err));
        assert_int_equal(err, cases[i].err);
        assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_CHARTER);
        fed_free(f);
    }
}

/* More seats than a federation may have, in two bodies. */
static void edit_many_seats(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)arg;
    for (int b = 0; b < 2; b++) {
        Sb__Body *body = c->bodies[b];
        body->seats = SB_ARENA_ARRAY(a, Sb__Seat *, 5001);
        for (body->n_seats = 0; body->n_seats < 5001; body->n_seats++) {
            Sb__Seat *seat = SB_ARENA_NEW(a, Sb__Seat);
            *seat = (Sb__Seat)SB__SEAT__INIT;
            seat->id = sb_arena_printf(a, "s-%d-%zu", b, body->n_seats);
            seat->title = "Plass";
            body->seats[body->n_seats] = seat;
        }
        body->quorum->text = "";
        body->pass->text = "";
    }
    c->n_offices = 1;
}

static void test_charter_too_many_seats(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.edit = edit_many_seats, .part_bytes = 50000});
    fed_genesis(f);
    uint32_t parts = fed_genesis_message(f)->charter_parts;
    for (uint32_t i = 1; i < parts; i++)
        assert_int_equal(fed_send_part(f, i, FIRST), SB_OK);
    assert_int_equal(fed_send_part(f, parts, FIRST), SB_E_LEDGER_CHARTER_SEATS);
    assert_string_equal(f->fail.arg[0], "10002");
    fed_free(f);
}

/* A row that can't be read: nothing is taken any more. */
static void test_unreadable_row(void **state)
{
    (void)state;
    static const uint8_t value[] = {9};
    fed *f = fed_new(NULL);
    fed_run(f);
    sb_ledger_flush(f->ledger);
    sb_row_key_by_pk by_pk = {.no = 0};
    memcpy(by_pk.pk, fed_key_of(f, "unn/authority")->pk, 32);
    assert_true(sb_row_key_by_pk_get(f->kv, NULL, &by_pk));
    uint8_t key[5] = {0x04, 0, 0, 0, (uint8_t)by_pk.no};
    sb_kv_put(f->kv, sb_slice_of(key, sizeof key), sb_slice_of(value, sizeof value));
    size_t size = f->leaf_count;
    assert_int_equal(fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "k"),
                     SB_E_LEDGER_STATE);
    sb_ledger_position at;
    sb_ledger_position_get(f->ledger, &at);
    assert_int_equal(at.size, size);
    fed_free(f);
}

static void test_charter_other_federation(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.part_bytes = 50000});
    Sb__Genesis *m = fed_genesis_message(f);
    m->slug = "other";
    assert_int_equal(fed_send_genesis(f, m, FIRST), SB_OK);
    assert_int_equal(fed_send_part(f, 1, FIRST), SB_E_LEDGER_CHARTER_SLUG);
    fed_free(f);
    for (int turn = 0; turn < 2; turn++) {
        f = fed_new(&(fed_options){.part_bytes = 50000});
        m = fed_genesis_message(f);
        if (turn == 0) /* another order */
            m->organisations[3]->id = "x";
        else /* one fewer */
            m->n_organisations--;
        assert_int_equal(fed_send_genesis(f, m, FIRST), SB_OK);
        assert_int_equal(fed_send_part(f, 1, FIRST), SB_E_LEDGER_CHARTER_ORGANISATIONS);
        fed_free(f);
    }
}

/* ---- ACCEPT ---- */

static void test_accept(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    uint8_t hash[32];
    fed_genesis(f);
    fed_charter(f);
    sb_hash(sb_buf_slice(&f->charter_bytes), hash);
    Sb__Accept m = SB__ACCEPT__INIT;
    m.charter_sha256 = (ProtobufCBinaryData){.len = 32, .data = hash};
    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &m.base, "lege/recovery"),
                     SB_E_LEDGER_CAPABILITY);
    hash[0] ^= 1;
    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &m.base, "lege/authority"),
                     SB_E_LEDGER_ACCEPT_OTHER);
    hash[0] ^= 1;
    static const char *const order[] = {"lege/authority", "unn/authority", "bruker/authority"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &m.base, order[i]), SB_OK);
    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &m.base, "lege/authority"),
                     SB_E_LEDGER_ACCEPT_TWICE);
    assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_ACCEPTING);
    assert_int_equal(fed_submit(f, SB_ENTRY_ACCEPT, &m.base, "kommune-a/authority"), SB_OK);
    assert_int_equal(sb_ledger_phase_get(f->ledger), SB_PHASE_RUNNING);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_genesis),
        cmocka_unit_test(test_genesis_refused),
        cmocka_unit_test(test_phases),
        cmocka_unit_test(test_head),
        cmocka_unit_test(test_anchor),
        cmocka_unit_test(test_time_and_quota),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_charter_refused),
        cmocka_unit_test(test_charter_other_federation),
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_charter_too_many_seats),
        cmocka_unit_test(test_unreadable_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
