/* STATE, RESULT, TICK, SEAL, and the quorum of witnesses. */
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/ledger/core.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

static const uint32_t ALL[] = {0, 1, 2, 3};

static void something(fed *f)
{
    assert_int_equal(
        fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "unn-1/primary"), SB_OK);
}

static sb_ledger_position position(fed *f)
{
    sb_ledger_position at;
    sb_ledger_position_get(f->ledger, &at);
    return at;
}

/* ---- STATE ---- */

static void test_state(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_genesis(f);
    assert_false(position(f).ends_with_state);
    sb_ledger_position before = position(f);
    Sb__State m = SB__STATE__INIT;
    m.digest = (ProtobufCBinaryData){.len = 32, .data = before.digest};
    before.digest[7] ^= 1;
    assert_int_equal(fed_system(f, SB_ENTRY_STATE, &m.base), SB_E_LEDGER_DIGEST);
    before.digest[7] ^= 1;
    assert_int_equal(fed_system(f, SB_ENTRY_STATE, &m.base), SB_OK);
    assert_true(position(f).ends_with_state);
    uint8_t root[32];
    assert_true(sb_ledger_root_at(f->ledger, 2, root));
    assert_memory_equal(root, position(f).root, 32);
    assert_false(sb_ledger_root_at(f->ledger, 1, root));
    assert_int_equal(fed_state(f), SB_E_LEDGER_STATE_TWICE);
    assert_int_equal(f->leaf_count, 2);
    fed_free(f);
}

static sb_err state_with(fed *f, const sb_entry_head *head, const char *key)
{
    sb_ledger_position at = position(f);
    Sb__State m = SB__STATE__INIT;
    m.digest = (ProtobufCBinaryData){.len = 32, .data = at.digest};
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(f, SB_ENTRY_STATE, &m.base, key, head, &entry);
    sb_err err = fed_take(f, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    return err;
}

static void test_system_head(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    something(f);
    sb_entry_head head;
    sb_entry_head_init(&head, f->federation_id, f->leaf_count + 1);
    assert_int_equal(state_with(f, &head, "log"), SB_E_LEDGER_SYSTEM_SEQ);
    head.signer_seq = f->leaf_count - 1;
    assert_int_equal(state_with(f, &head, "log"), SB_E_LEDGER_SYSTEM_SEQ);
    head.signer_seq = f->leaf_count;
    assert_int_equal(state_with(f, &head, "unn/authority"), SB_E_LEDGER_LOG_KEY);
    assert_int_equal(state_with(f, &head, "stranger"), SB_E_LEDGER_LOG_KEY);
    head.anchor_size = f->leaf_count - 1;
    assert_int_equal(state_with(f, &head, "log"), SB_E_LEDGER_ANCHOR_UNKNOWN);
    head.anchor_size = 0;
    head.anchor_root[0] ^= 1;
    assert_int_equal(state_with(f, &head, "log"), SB_E_LEDGER_ANCHOR_ROOT);
    head.anchor_root[0] ^= 1;
    assert_int_equal(state_with(f, &head, "log"), SB_OK);
    fed_free(f);
}

/* ---- SEAL ---- */

static void test_seal(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_genesis(f);
    fed_state(f);
    uint64_t index = 0, size = 0;
    assert_false(sb_ledger_last_seal(f->ledger, &index, &size));
    assert_int_equal(fed_seal_by(f, ALL, 4), SB_E_LEDGER_PHASE); /* no policy before the charter */
    fed_charter(f);
    fed_accept(f);
    assert_int_equal(fed_seal_by(f, ALL, 4), SB_E_LEDGER_SEAL_HEAD); /* no STATE at the end */
    assert_int_equal(fed_state(f), SB_OK);
    assert_int_equal(fed_seal_by(f, ALL, 2), SB_E_LEDGER_SEAL_QUORUM);
    assert_string_equal(f->fail.arg[0], "2");
    assert_string_equal(f->fail.arg[1], "3");
    uint64_t sealed = f->leaf_count;
    assert_false(position(f).ends_only_system);
    Sb__Seal *m = fed_seal_message(f, ALL + 1, 3);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_OK);
    assert_true(position(f).ends_only_system);
    assert_true(sb_ledger_last_seal(f->ledger, &index, &size));
    assert_int_equal(index, sealed);
    assert_int_equal(size, sealed);

    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_SEAL_ORDER);
    /* a head that adds only STATE and SEAL isn't sealed again */
    assert_int_equal(fed_state(f), SB_OK);
    assert_true(position(f).ends_only_system);
    assert_int_equal(fed_seal_by(f, ALL, 4), SB_E_LEDGER_SEAL_NOTHING);
    something(f);
    assert_false(position(f).ends_only_system);
    assert_int_equal(fed_state(f), SB_OK);
    uint64_t second = f->leaf_count;
    assert_int_equal(fed_seal_by(f, ALL, 4), SB_OK);
    assert_true(sb_ledger_seal_before(f->ledger, second, &index, &size));
    assert_int_equal(index, sealed);
    assert_true(sb_ledger_seal_before(f->ledger, second + 1, &index, &size));
    assert_int_equal(index, second);
    assert_int_equal(size, second);
    assert_false(sb_ledger_seal_before(f->ledger, sealed, &index, &size));
    fed_free(f);
}

static void test_seal_of_an_older_head(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    something(f);
    fed_state(f);
    Sb__Seal *older = fed_seal_message(f, ALL, 4);
    something(f);
    something(f);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &older->base), SB_OK);
    assert_false(position(f).ends_only_system); /* two entries are not under it */
    fed_free(f);
}

static void test_seal_bent(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    something(f);
    fed_state(f);

    Sb__Seal *m = fed_seal_message(f, ALL, 4);
    m->root.data[3] ^= 1;
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_SEAL_ROOT);

    m = fed_seal_message(f, ALL, 4); /* another order */
    Sb__Cosignature *first = m->cosignatures[0];
    m->cosignatures[0] = m->cosignatures[1];
    m->cosignatures[1] = first;
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE_ORDER);

    m = fed_seal_message(f, ALL, 4); /* the same witness twice */
    m->cosignatures[1] = m->cosignatures[0];
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE_ORDER);

    m = fed_seal_message(f, ALL, 4); /* of another time */
    m->cosignatures[2]->time_s++;
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE);

    m = fed_seal_message(f, ALL, 4);
    m->cosignatures[0]->signature.data[10] ^= 1;
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE);

    m = fed_seal_message(f, ALL, 1); /* a key that is no witness */
    memcpy(m->cosignatures[0]->witness_pk.data, fed_key_of(f, "unn/authority")->pk, 32);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE_KEY);
    memcpy(m->cosignatures[0]->witness_pk.data, fed_key_of(f, "stranger")->pk, 32);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE_KEY);

    m = fed_seal_message(f, ALL, 4);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_OK);
    fed_free(f);
}

/* A SEAL opened under an origin, then asked about: is it known to hold, and does the fold take it? */
static sb_err ask_seal(fed *f, const Sb__Seal *m, const char *origin, bool *is_known)
{
    sb_entry_head head;
    sb_buf bytes;
    sb_arena arena;
    sb_leaf leaf;
    uint8_t time[8];
    sb_writer w = sb_writer_over(time, sizeof time);
    sb_buf_init(&bytes);
    sb_arena_init(&arena);
    sb_write_u64(&w, f->now_ms);
    sb_buf_add(&bytes, sb_writer_slice(&w));
    sb_entry_head_init(&head, f->federation_id, f->leaf_count);
    fed_make(f, SB_ENTRY_SEAL, &m->base, "log", &head, &bytes);
    assert_int_equal(sb_leaf_open_under(origin, sb_buf_slice(&bytes), &arena, &leaf, NULL), SB_OK);
    *is_known = leaf.cosigned_under != NULL;
    if (*is_known)
        assert_ptr_equal(leaf.cosigned_under, origin);
    sb_err err = sb_ledger_check(f->ledger, &leaf, NULL);
    sb_arena_deinit(&arena);
    sb_buf_deinit(&bytes);
    return err;
}

/* What was verified beforehand counts under the ledger's own origin, and under no other. */
static void test_seal_opened_under(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    something(f);
    fed_state(f);
    bool is_known = true;
    char own[SB_ORIGIN_BYTES_MAX + 1], next[SB_ORIGIN_BYTES_MAX + 1];
    assert_true(sb_ledger_origin(f->ledger, own, sizeof own));
    assert_int_equal(sb_origin("another", f->federation_id, 1, next, NULL), SB_OK);
    char too_long[SB_ORIGIN_BYTES_MAX + 20];
    memset(too_long, 'x', sizeof too_long);
    too_long[sizeof too_long - 1] = '\0';

    Sb__Seal *m = fed_seal_message(f, ALL, 4);
    assert_int_equal(ask_seal(f, m, own, &is_known), SB_OK);
    assert_true(is_known);
    assert_int_equal(ask_seal(f, m, NULL, &is_known), SB_OK);
    assert_false(is_known);
    assert_int_equal(ask_seal(f, m, next, &is_known), SB_OK); /* the fold verifies it */
    assert_false(is_known);
    assert_int_equal(ask_seal(f, m, too_long, &is_known), SB_OK);
    assert_false(is_known);

    /* known to hold, but of too few */
    m = fed_seal_message(f, ALL, 2);
    assert_int_equal(ask_seal(f, m, own, &is_known), SB_E_LEDGER_SEAL_QUORUM);
    assert_true(is_known);

    for (size_t bent = 0; bent < 4; bent++) { /* each of them must hold */
        m = fed_seal_message(f, ALL, 4);
        m->cosignatures[bent]->signature.data[10] ^= 1;
        assert_int_equal(ask_seal(f, m, own, &is_known), SB_E_LEDGER_COSIGNATURE);
        assert_false(is_known);
    }
    m = fed_seal_message(f, ALL, 4);
    m->root.data[3] ^= 1;
    assert_int_equal(ask_seal(f, m, own, &is_known), SB_E_LEDGER_SEAL_ROOT);
    assert_false(is_known);
    fed_free(f);
}

/* The origin, and so the federation and the term, are in what a witness signs. */
static void test_seal_wrong_origin(void **state)
{
    (void)state;
    fed *other = fed_new(&(fed_options){.per_case = 7}); /* another charter: another id */
    fed *f = fed_new(NULL);
    fed_run(f);
    fed_run(other);
    something(f);
    fed_state(f);
    sb_checkpoint head = {.size = position(f).size};
    memcpy(head.root, position(f).root, 32);
    assert_true(sb_ledger_origin(other->ledger, head.origin, sizeof head.origin));
    Sb__Seal *m = fed_seal_message(f, ALL, 4);
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < f->key_count; k++) {
            sb_cosignature made;
            if (memcmp(f->keys[k]->pk, m->cosignatures[i]->witness_pk.data, 32) != 0)
                continue;
            assert_int_equal(
                sb_cosign(&head, f->keys[k]->secret, m->cosignatures[i]->time_s, &made, NULL),
                SB_OK);
            memcpy(m->cosignatures[i]->signature.data, made.sig, 64);
        }
    }
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE);
    /* verified, but under the other's origin: worth nothing here */
    bool is_known = false;
    assert_int_equal(ask_seal(f, m, head.origin, &is_known), SB_E_LEDGER_COSIGNATURE);
    assert_true(is_known);
    fed_free(f);
    fed_free(other);
}

/* ---- the quorum ---- */

static void witness(fed *f, const char *name, uint8_t out[32])
{
    memcpy(out, fed_key_of(f, name)->pk, 32);
}

static void test_quorum(void **state)
{
    (void)state;
    uint8_t pks[6][32];
    uint32_t have = 9, needed = 9;
    fed *f = fed_new(NULL);
    witness(f, "unn/witness", pks[0]);
    fed_genesis(f);
    assert_false(
        sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pks, 1, &have, &needed));
    assert_int_equal(needed, UINT32_MAX);
    fed_charter(f);
    fed_accept(f);
    fed_appoint_all(f);
    fed_seal(f);
    witness(f, "kommune-a/witness", pks[1]);
    witness(f, "lege/witness", pks[2]);
    witness(f, "unn/witness", pks[3]);      /* again */
    witness(f, "bruker/authority", pks[4]); /* not a witness key */
    witness(f, "stranger", pks[5]);
    assert_false(
        sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pks, 2, &have, &needed));
    assert_int_equal(have, 2);
    assert_int_equal(needed, 3);
    assert_true(
        sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pks, 6, &have, &needed));
    assert_int_equal(have, 3);
    memcpy(pks[2], pks[0], 32);
    assert_false(
        sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pks, 6, &have, &needed));
    assert_int_equal(have, 2);
    assert_false(sb_ledger_quorum(f->ledger, f->leaf_count, NULL, 0, NULL, NULL));
    fed_free(f);
}

/* Replacing a witness key doesn't give an organisation two voices. */
static void test_quorum_counts_organisations(void **state)
{
    (void)state;
    uint8_t pks[3][32];
    uint32_t have = 0;
    fed *f = fed_new(NULL);
    fed_run(f);
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, "unn/witness")->pk};
    m.new_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, "unn/witness-2")->pk};
    fed_must(f, SB_ENTRY_KEY_REPLACE, &m.base, "unn/recovery");
    witness(f, "unn/witness", pks[0]);
    witness(f, "unn/witness-2", pks[1]);
    witness(f, "lege/witness", pks[2]);
    (void)sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pks, 3, &have, NULL);
    assert_int_equal(have, 2);
    /* at its own index: the old one counts for older heads alone, the new one for newer */
    (void)sb_ledger_quorum(f->ledger, f->leaf_count, (const uint8_t(*)[32])pks, 1, &have, NULL);
    assert_int_equal(have, 0);
    (void)sb_ledger_quorum(f->ledger, f->leaf_count - 1, (const uint8_t(*)[32])pks, 1, &have, NULL);
    assert_int_equal(have, 1);
    (void)sb_ledger_quorum(f->ledger, f->leaf_count - 1, (const uint8_t(*)[32])(pks + 1), 1, &have,
                           NULL);
    assert_int_equal(have, 0);
    /* its cosignature is refused from now on */
    fed_state(f);
    assert_int_equal(fed_seal_by(f, ALL, 4), SB_E_LEDGER_COSIGNATURE_KEY);
    strcpy(f->witness[0], "unn/witness-2");
    assert_int_equal(fed_seal_by(f, ALL, 3), SB_OK);
    fed_free(f);
}

static void needed_of(uint32_t organisations, uint32_t wanted)
{
    uint32_t needed = 0;
    fed *f = fed_new(&(fed_options){.organisations = organisations});
    fed_genesis(f);
    fed_charter(f);
    (void)sb_ledger_quorum(f->ledger, f->leaf_count, NULL, 0, NULL, &needed);
    assert_int_equal(needed, wanted);
    fed_free(f);
}

static void test_needed(void **state)
{
    (void)state; /* more than two thirds */
    needed_of(4, 3);
    needed_of(5, 4);
    needed_of(6, 5);
    needed_of(7, 5);
    needed_of(9, 7);
}

/* ---- RESULT, TICK, HANDOVER where nothing is due ---- */

static void test_nothing_due(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    uint8_t hash[32] = {1};
    uint64_t due = 0;
    Sb__Result result = SB__RESULT__INIT;
    ProtobufCBinaryData some = {.len = 32, .data = hash};
    result.question_id = result.wording_sha256 = result.electorate_sha256 = some;
    result.certificate_sha256 = some;
    result.mode = SB__MODE__MODE_NOTE;
    result.outcome = SB__OUTCOME__OUTCOME_NOTED;
    Sb__Count count = SB__COUNT__INIT, *counts[] = {&count};
    result.counts = counts;
    result.n_counts = 1;
    assert_int_equal(fed_system(f, SB_ENTRY_RESULT, &result.base), SB_E_LEDGER_RESULT_UNEXPECTED);
    Sb__Tick tick = SB__TICK__INIT;
    tick.due_ms = f->now_ms - 1;
    assert_int_equal(fed_system(f, SB_ENTRY_TICK, &tick.base), SB_E_LEDGER_TICK);
    assert_false(sb_ledger_earliest_deadline(f->ledger, &due));
    sb_buf payload;
    sb_buf_init(&payload);
    assert_int_equal(sb_ledger_next_due(f->ledger, UINT64_MAX, &payload), SB_DUE_NOTHING);
    assert_int_equal(payload.len, 0);
    sb_buf_deinit(&payload);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_system_head),
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_seal_of_an_older_head),
        cmocka_unit_test(test_seal_bent),
        cmocka_unit_test(test_seal_wrong_origin),
        cmocka_unit_test(test_quorum),
        cmocka_unit_test(test_quorum_counts_organisations),
        cmocka_unit_test(test_needed),
        cmocka_unit_test(test_nothing_due),
        cmocka_unit_test(test_seal_opened_under),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
