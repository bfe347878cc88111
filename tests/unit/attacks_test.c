/* Lying members and nodes: votes twice and elsewhere, keys and signatures that don't hold, other
 * people's names. Every one is refused by its own code and leaves no trace in the state.
 *
 *   two ballots under one number    the first counts; the other: SUPERSEDED, at the node it went to
 *   replayed into another question  the same bytes are the same entry; moved: SIGNATURE
 *   … into another federation       FEDERATION; moved: SIGNATURE
 *   forged, revoked, small-order    entries, cosignatures, promises, statements, attestations and the
 *     or non-canonical              enrolment of keys: a table
 *   under another's name            SIGNATURE; for another's seat: the seat's refusal
 */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "proto/base/hash.h"
#include "proto/evidence/decision_proof.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/liar.h"
#include "tests/lib/play.h"

static int setup(void **state)
{
    fed *f = fed_new(NULL);
    fed_run(f);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fed_free(*state);
    return 0;
}

/* ---- what is tried, and what it leaves ---- */

static sb_err opened(sb_slice entry)
{
    sb_arena arena;
    sb_leaf leaf;
    sb_arena_init(&arena);
    sb_err err = sb_entry_open(entry, &arena, &leaf, NULL);
    sb_arena_deinit(&arena);
    return err;
}

/* The entry is refused, by node, broker and ledger alike, and the state is as it was. */
static void refused_at(fed *f, sb_slice entry, sb_err code, int line)
{
    char digest[65];
    (void)snprintf(digest, sizeof digest, "%s", fed_digest(f));
    sb_err err = opened(entry);
    if (err == SB_OK)
        err = fed_take(f, entry);
    if (err != code)
        fail_msg("line %d: %s, not %s", line, sb_err_name(err), sb_err_name(code));
    assert_string_equal(fed_digest(f), digest);
}
#define refused(f, entry, code) refused_at(f, entry, code, __LINE__)

static sb_slice kept(fed *f, const sb_buf *bytes)
{
    return sb_arena_copy(&f->arena, sb_buf_slice(bytes));
}

static sb_slice made(fed *f, sb_entry_type type, const ProtobufCMessage *m, const char *key,
                     const sb_entry_head *head)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    fed_make(f, type, m, key, head, &bytes);
    sb_slice entry = kept(f, &bytes);
    sb_buf_deinit(&bytes);
    return entry;
}

static sb_slice with_bytes(fed *f, sb_slice entry, size_t at, const uint8_t *bytes, size_t len)
{
    sb_slice copy = sb_arena_copy(&f->arena, entry);
    memcpy((uint8_t *)(uintptr_t)copy.data + at, bytes, len);
    return copy;
}

static sb_slice ballot_for(fed *f, play_id q, const char *seat, Sb__Choice choice, const char *key,
                           const sb_entry_head *head)
{
    sb_row_question row = play_question(f, q);
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = q;
    m.wording_sha256 = (play_id){32, row.wording};
    m.seat = (char *)(uintptr_t)seat;
    m.choice = choice;
    return made(f, SB_ENTRY_BALLOT, &m.base, key, head);
}

static uint32_t votes(fed *f, play_id q, Sb__Choice choice)
{
    play_ok(play_end(f, q, SEC));
    sb_leaf leaf;
    for (size_t i = f->leaf_count; i-- > 0;) {
        assert_int_equal(sb_leaf_open(fed_leaf(f, i), &f->arena, &leaf, NULL), SB_OK);
        if (leaf.entry.type == SB_ENTRY_RESULT)
            break;
    }
    const Sb__Result *m = (const void *)leaf.message;
    return choice == FOR ? m->counts[0]->votes_for : m->counts[0]->votes_against;
}

/* ---- 33 ---- */

static void test_two_ballots_under_one_number(void **state)
{
    fed *f = *state;
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    sb_entry_head head = fed_head(f, "unn-1/primary");
    sb_slice yes = ballot_for(f, q, "unn-1", FOR, "unn-1/primary", &head),
             no = ballot_for(f, q, "unn-1", AGAINST, "unn-1/primary", &head);
    play_ok(fed_take(f, yes));
    refused(f, no, SB_E_LEDGER_SUPERSEDED);
    /* under the next number, without saying that it replaces the first */
    refused(f, ballot_for(f, q, "unn-1", AGAINST, "unn-1/primary", NULL), SB_E_LEDGER_BALLOT_STALE);
    assert_int_equal(votes(f, q, FOR), 1);
}

/* The two go to two nodes at once; the broker orders one. Both nodes show the same, and the other
 * node tells its member. */
static void test_two_ballots_at_two_nodes(void **state)
{
    (void)state;
    liar *l = liar_new();
    fed *f = l->f;
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    liar_show_fed(l);
    liar_node *first = liar_node_new(l, 0), *second = liar_node_new(l, 1);
    sb_entry_head head = fed_head(f, "unn-1/primary");
    sb_slice yes = ballot_for(f, q, "unn-1", FOR, "unn-1/primary", &head),
             no = ballot_for(f, q, "unn-1", AGAINST, "unn-1/primary", &head);
    liar_has(liar_submit(first, yes, 7), "queued");
    liar_has(liar_submit(second, no, 8), "queued");
    play_ok(fed_take(f, yes)); /* the broker had it first */
    play_ok(fed_state(f));
    liar_show_fed(l);
    liar_push(first, LIAR_BROKER, l->count, 1);
    liar_has(liar_push(second, LIAR_BROKER, l->count, 1),
             "notify 8 refused SB_E_LEDGER_SUPERSEDED");
    sb_fol_status a = liar_status(first), b = liar_status(second);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.root, b.root, 32);
    assert_int_equal(b.outbox, 0);
    liar_node_free(first);
    liar_node_free(second);
    liar_free(l);
}

/* ---- 34 ---- */

static void test_replayed_into_another_question(void **state)
{
    fed *f = *state;
    play_table t, u;
    play_id q, again;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    sb_slice vote = ballot_for(f, q, "unn-1", FOR, "unn-1/primary", NULL);
    play_ok(fed_take(f, vote));
    assert_int_equal(votes(f, q, FOR), 1);
    play_pm(f, &u);
    play_ok(play_ask(f, u.meeting, u.c, VOTE, SEC, &again));
    /* the same bytes: the entry that is there */
    refused(f, vote, SB_E_LEDGER_SUPERSEDED);
    /* the question's id in the payload is the other's: the signature doesn't reach there */
    sb_entry e;
    assert_int_equal(sb_entry_parse(vote, &e, NULL), SB_OK);
    const uint8_t *at = memmem(vote.data, vote.len, q.data, 32);
    assert_non_null(at);
    refused(f, with_bytes(f, vote, (size_t)(at - vote.data), again.data, 32), SB_E_SIGNATURE);
    /* a new number alone */
    const uint8_t seq[8] = {0, 0, 0, 0, 0, 0, 1, 0};
    refused(f, with_bytes(f, vote, 2 + 32 + 32, seq, sizeof seq), SB_E_SIGNATURE);
    /* signed anew for the closed question */
    sb_slice late = ballot_for(f, q, "kommune-1", FOR, "kommune-1/primary", NULL);
    refused(f, late, SB_E_LEDGER_QUESTION_CLOSED);
    assert_int_equal(votes(f, again, FOR), 0);
}

static void another_slug(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena, (void)arg;
    charter->slug = (char *)(uintptr_t) "helse-annen";
}

static void test_replayed_into_another_federation(void **state)
{
    fed *f = *state, *other = fed_new(&(fed_options){.edit = another_slug});
    fed_run(other); /* the same keys and seats: names make the same keys everywhere */
    assert_memory_not_equal(f->federation_id, other->federation_id, 32);
    play_table t, u;
    play_id q, there;
    play_ssu(f, &t);
    play_ssu(other, &u);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_ask(other, u.meeting, u.c, VOTE, SEC, &there));
    sb_slice vote = ballot_for(f, q, "unn-1", FOR, "unn-1/primary", NULL);
    refused(other, vote, SB_E_LEDGER_FEDERATION);
    refused(other, with_bytes(other, vote, 2, other->federation_id, 32), SB_E_SIGNATURE);
    /* a promise, a cosignature: bound to the federation as well */
    fed_seal(f);
    fed_seal(other);
    fed_handover h = fed_handover_begin(f, 2, "log-2"), o = fed_handover_begin(other, 2, "log-2");
    for (uint32_t i = 0; i < 4; i++) {
        fed_promise_of(f, &h, i);
        fed_promise_of(other, &o, i);
    }
    Sb__Handover *m = fed_handover_message(other, &o), *from = fed_handover_message(f, &h);
    m->promises[0]->signature = from->promises[0]->signature;
    assert_string_equal(sb_err_name(fed_hand_over(other, m, "log-2")),
                        "SB_E_LEDGER_HANDOVER_PROMISE");
    const uint32_t all[] = {0, 1, 2, 3};
    play_ok(play_report(other, "ssu", "Noe nytt", DECISION, SEC, &there));
    play_ok(fed_state(other));
    play_ok(play_report(f, "ssu", "Noe nytt", DECISION, SEC, &q));
    play_ok(fed_state(f));
    Sb__Seal *seal = fed_seal_message(other, all, 4), *theirs = fed_seal_message(f, all, 4);
    seal->cosignatures[0]->signature = theirs->cosignatures[0]->signature;
    assert_string_equal(sb_err_name(fed_system(other, SB_ENTRY_SEAL, &seal->base)),
                        "SB_E_LEDGER_COSIGNATURE");
    fed_free(other);
}

static void slug_of(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    char *hex = sb_arena_alloc(arena, 17);
    sb_hex(sb_slice_of(arg, 8), hex);
    charter->slug = hex;
}

/* A federation that calls itself by another's id proves no decision of that other one: the third word
 * of the origin counts, not the second. */
static void test_decision_under_a_slug_like_an_id(void **state)
{
    fed *f = *state;
    fed *other = fed_new(&(fed_options){.edit = slug_of, .edit_arg = f->federation_id});
    fed_genesis(other);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_end(f, q, SEC));
    size_t at = f->leaf_count - 1;
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(f, at), &f->arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    /* a SEAL for the first federation, by the log key of the other (fed.h: the same) */
    const uint32_t all[] = {0, 1, 2, 3};
    play_ok(fed_state(f));
    Sb__Seal *m = fed_seal_message(f, all, 4);
    m->size = 1;
    sb_entry_head head;
    sb_entry_head_init(&head, f->federation_id, 1);
    sb_slice entry = made(f, SB_ENTRY_SEAL, &m->base, "log", &head);
    uint8_t *seal = sb_arena_alloc(&f->arena, 8 + entry.len);
    memcpy(seal, fed_leaf(f, at).data, 8);
    memcpy(seal + 8, entry.data, entry.len);
    /* a log of these two leaves, under each of the two names */
    sb_tree *tree = sb_arena_alloc(&f->arena, sizeof *tree);
    sb_proof result_proof, seal_proof;
    uint8_t hash[32];
    sb_tree_init(tree);
    sb_leaf_hash(fed_leaf(f, at), hash);
    sb_tree_append(tree, hash, NULL, NULL);
    sb_leaf_hash(sb_slice_of(seal, 8 + entry.len), hash);
    sb_tree_append(tree, hash, NULL, NULL);
    play_ok(sb_tree_inclusion(tree, 0, 2, (sb_tile_reader){0}, &result_proof, NULL));
    play_ok(sb_tree_inclusion(tree, 1, 2, (sb_tile_reader){0}, &seal_proof, NULL));
    for (int honest = 0; honest < 2; honest++) {
        sb_checkpoint top = {.size = 2};
        fed *named = honest ? f : other;
        sb_tree_root(tree, top.root);
        play_ok(sb_origin(named->charter->slug, named->federation_id, 1, top.origin, NULL));
        sb_buf note, policy, text;
        sb_buf_init(&note);
        sb_buf_init(&policy);
        sb_buf_init(&text);
        play_ok(sb_checkpoint_sign(&top, fed_key_of(f, "log")->secret, &note, NULL));
        sb_buf_str(&policy, "log ");
        sb_vkey_add(&policy, sb_slice_str(top.origin), SB_NOTE_TYPE_LOG, fed_key_of(f, "log")->pk);
        sb_buf_str(&policy, "\nquorum none\n");
        const sb_decision_proof proof = {.result_index = 0,
                                         .seal_index = 1,
                                         .result = fed_leaf(f, at),
                                         .seal = sb_slice_of(seal, 8 + entry.len),
                                         .result_proof = &result_proof,
                                         .seal_proof = &seal_proof,
                                         .note = sb_buf_slice(&note)};
        sb_decision_proof_write(&proof, &text);
        sb_tlog_policy parsed;
        sb_decision_verdict verdict;
        sb_fail fail = {0};
        play_ok(sb_tlog_policy_parse(sb_buf_slice(&policy), &f->arena, &parsed, &fail));
        assert_string_equal(sb_err_name(sb_decision_proof_judge(sb_buf_slice(&text), &parsed,
                                                                &f->arena, &verdict, &fail)),
                            honest ? "SB_OK" : "SB_E_DECISION_RESULT");
        sb_buf_deinit(&note);
        sb_buf_deinit(&policy);
        sb_buf_deinit(&text);
    }
    fed_free(other);
}

/* ---- 35 ---- */

/* Of order 1 and 8; y = p and p + 1; a point with a part of small order; no point at all. */
static const char *const BAD_KEYS[] = {
    "0100000000000000000000000000000000000000000000000000000000000000",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0200000000000000000000000000000000000000000000000000000000000000",
};
enum { BAD_KEY_COUNT = sizeof BAD_KEYS / sizeof BAD_KEYS[0] };

static const uint8_t *bad_key(fed *f, size_t i)
{
    uint8_t *pk = sb_arena_alloc(&f->arena, 32);
    assert_true(sb_unhex(sb_slice_str(BAD_KEYS[i]), pk, 32));
    return pk;
}

typedef enum bend { FORGED, OF_ANOTHER, NOT_REDUCED, SMALL_R, NOT_CANONICAL_R, BENDS } bend;

/* S + L says the same to a lax verifier; so does R of small order with S = 0 under such a key. */
static void bent(bend how, uint8_t sig[64])
{
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                      0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                      0,    0,    0,    0,    0,    0,    0,    0,
                                      0,    0,    0,    0,    0,    0,    0,    0x10};
    unsigned carry = 0;
    switch (how) {
    case FORGED:
        sig[3] ^= 1;
        break;
    case OF_ANOTHER:
        memset(sig, 0x5a, 64);
        sig[63] = 0;
        break;
    case NOT_REDUCED:
        for (size_t i = 0; i < 32; i++) {
            carry += sig[32 + i] + (unsigned)order[i];
            sig[32 + i] = (uint8_t)carry;
            carry >>= 8;
        }
        assert_int_equal(carry, 0);
        break;
    case SMALL_R:
        memset(sig, 0, 64);
        sig[0] = 1;
        break;
    case NOT_CANONICAL_R:
        memset(sig, 0xff, 32);
        sig[0] = 0xee;
        sig[31] = 0x7f;
        memset(sig + 32, 0, 32);
        break;
    case BENDS:
        break;
    }
}

static void test_signatures_of_entries(void **state)
{
    fed *f = *state;
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    sb_slice vote = ballot_for(f, q, "unn-1", FOR, "unn-1/primary", NULL);
    for (bend how = 0; how < BENDS; how++) {
        uint8_t sig[64];
        memcpy(sig, vote.data + vote.len - 64, 64);
        bent(how, sig);
        refused(f, with_bytes(f, vote, vote.len - 64, sig, 64), SB_E_SIGNATURE);
    }
    /* by a key for which "anything" is signed: A and R of small order, S = 0 */
    for (size_t i = 0; i < BAD_KEY_COUNT; i++)
        for (size_t k = 0; k < BAD_KEY_COUNT; k++) {
            sb_slice entry = with_bytes(f, vote, 2 + 32, bad_key(f, i), 32);
            uint8_t sig[64] = {0};
            memcpy(sig, bad_key(f, k), 32);
            refused(f, with_bytes(f, entry, entry.len - 64, sig, 64), SB_E_SIGNATURE);
        }
    play_ok(fed_take(f, vote)); /* it was good all the time */
}

static void test_revoked_and_unknown_keys(void **state)
{
    fed *f = *state;
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    refused(f, ballot_for(f, q, "unn-1", FOR, "ukjent", NULL), SB_E_LEDGER_KEY_UNKNOWN);
    Sb__KeyRevoke m = SB__KEY_REVOKE__INIT;
    m.pk = (play_id){32, fed_key_of(f, "unn-1/primary")->pk};
    m.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    play_ok(fed_submit(f, SB_ENTRY_KEY_REVOKE, &m.base, "unn/authority"));
    refused(f, ballot_for(f, q, "unn-1", FOR, "unn-1/primary", NULL), SB_E_LEDGER_KEY_OUT_OF_FORCE);
}

static void test_signatures_of_cosigners(void **state)
{
    fed *f = *state;
    const uint32_t all[] = {0, 1, 2, 3};
    play_id id;
    play_ok(play_report(f, "ssu", "Noe nytt", DECISION, SEC, &id));
    play_ok(fed_state(f));
    for (bend how = 0; how < BENDS; how++) {
        Sb__Seal *m = fed_seal_message(f, all, 4);
        bent(how, m->cosignatures[1]->signature.data);
        play_refused(f, fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_COSIGNATURE, NULL);
        m = fed_seal_message(f, all, 4);
        bent(how, m->log_signature.data);
        play_refused(f, fed_system(f, SB_ENTRY_SEAL, &m->base), SB_E_LEDGER_SEAL_LOG, NULL);
    }
    for (size_t i = 0; i < BAD_KEY_COUNT; i++) {
        Sb__Seal *m = fed_seal_message(f, all, 3);
        Sb__Cosignature *c = m->cosignatures[0];
        c->witness_pk.data = (uint8_t *)(uintptr_t)bad_key(f, i);
        bent(SMALL_R, c->signature.data);
        sb_err err = fed_system(f, SB_ENTRY_SEAL, &m->base);
        assert_true(err == SB_E_LEDGER_COSIGNATURE_KEY || err == SB_E_LEDGER_COSIGNATURE_ORDER);
    }
    play_ok(fed_seal_by(f, all, 4));
}

static void test_signatures_of_promises(void **state)
{
    fed *f = *state;
    for (bend how = 0; how < BENDS; how++) {
        fed_handover h = fed_handover_begin(f, 2, "log-2");
        for (uint32_t i = 0; i < 4; i++)
            fed_promise_of(f, &h, i);
        Sb__Handover *m = fed_handover_message(f, &h);
        bent(how, m->promises[2]->signature.data);
        play_refused(f, fed_hand_over(f, m, "log-2"), SB_E_LEDGER_HANDOVER_PROMISE, NULL);
        m = fed_handover_message(f, &h);
        bent(how, m->cosignatures[2]->signature.data);
        play_refused(f, fed_hand_over(f, m, "log-2"), SB_E_LEDGER_COSIGNATURE, NULL);
    }
    for (size_t i = 0; i < BAD_KEY_COUNT; i++) {
        fed_handover h = fed_handover_begin(f, 2, "log-2");
        for (uint32_t k = 0; k < 4; k++)
            fed_promise_of(f, &h, k);
        Sb__Handover *m = fed_handover_message(f, &h);
        m->log_pk.data = (uint8_t *)(uintptr_t)bad_key(f, i);
        sb_err err = fed_hand_over(f, m, "log-2");
        assert_true(err == SB_E_LEDGER_HANDOVER_KEY || err == SB_E_LEDGER_HANDOVER_SIGNER);
    }
}

/* Nobody enrols a key for which others can sign. */
static void test_enrolled_keys(void **state)
{
    fed *f = *state;
    for (size_t i = 0; i < BAD_KEY_COUNT; i++) {
        assert_false(sb_pk_valid(bad_key(f, i)));
        Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
        Sb__Appoint m = SB__APPOINT__INIT;
        place.seat = (char *)(uintptr_t) "unn-1";
        place.role = PRIMARY;
        m.place_case = SB__APPOINT__PLACE_SEAT;
        m.seat = &place;
        m.device_pk = (play_id){32, (uint8_t *)(uintptr_t)bad_key(f, i)};
        m.name = fed_blob(f, "en");
        m.from_date = 20211201;
        play_refused(f, fed_submit(f, SB_ENTRY_APPOINT, &m.base, "unn/authority"),
                     SB_E_LEDGER_KEY_INVALID, NULL);
        Sb__KeyReplace r = SB__KEY_REPLACE__INIT;
        r.old_pk = (play_id){32, fed_key_of(f, "unn/witness")->pk};
        r.new_pk = m.device_pk;
        play_refused(f, fed_submit(f, SB_ENTRY_KEY_REPLACE, &r.base, "unn/authority"),
                     SB_E_LEDGER_KEY_INVALID, NULL);
        fed *founding = fed_new(NULL);
        Sb__Genesis *g = fed_genesis_message(founding);
        g->organisations[1]->witness_pk = m.device_pk;
        assert_string_equal(sb_err_name(fed_send_genesis(founding, g, "unn/authority")),
                            "SB_E_LEDGER_KEY_INVALID");
        fed_free(founding);
    }
}

/* ---- 36 ---- */

static void test_under_anothers_name(void **state)
{
    fed *f = *state;
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    /* the signer's field says kommune-1, the signature is unn-1's */
    sb_slice vote = ballot_for(f, q, "kommune-1", FOR, "unn-1/primary", NULL);
    refused(f, with_bytes(f, vote, 2 + 32, fed_key_of(f, "kommune-1/primary")->pk, 32),
            SB_E_SIGNATURE);
    /* honestly signed, for another's seat */
    refused(f, vote, SB_E_LEDGER_CAPABILITY);
    /* the secretariat doesn't vote in a member's name, but records it, and it is marked as that */
    refused(f, ballot_for(f, q, "kommune-1", FOR, SEC, NULL), SB_E_LEDGER_CAPABILITY);
    /* a member doesn't open, close or decide in the chair's or the secretariat's name */
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = q;
    refused(f, made(f, SB_ENTRY_QUESTION_CLOSE, &m.base, "unn-2/primary", NULL),
            SB_E_LEDGER_CAPABILITY);
    assert_int_equal(votes(f, q, FOR), 0);
}

/* The node's local socket hands every entry to the same check as the broker does. */
static void test_under_anothers_name_at_the_node(void **state)
{
    (void)state;
    liar *l = liar_new();
    fed *f = l->f;
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    liar_show_fed(l);
    liar_node *n = liar_node_new(l, 0);
    sb_slice vote = ballot_for(f, q, "kommune-1", FOR, "unn-1/primary", NULL);
    sb_slice forged = with_bytes(f, vote, 2 + 32, fed_key_of(f, "kommune-1/primary")->pk, 32);
    sb_fail fail = {0};
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(forged, &f->arena, &leaf, &fail), SB_E_SIGNATURE);
    sb_fol_event event = {.kind = SB_FOL_MEMBER_SUBMIT, .entry = forged, .refusal = &fail};
    event.member = 9;
    liar_has(liar_feed(n, event), "notify 9 refused SB_E_SIGNATURE");
    assert_int_equal(liar_status(n).outbox, 0);
    liar_node_free(n);
    liar_free(l);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_two_ballots_under_one_number),
        cmocka_unit_test(test_two_ballots_at_two_nodes),
        T(test_replayed_into_another_question),
        T(test_replayed_into_another_federation),
        T(test_decision_under_a_slug_like_an_id),
        T(test_signatures_of_entries),
        T(test_revoked_and_unknown_keys),
        T(test_signatures_of_cosigners),
        T(test_signatures_of_promises),
        T(test_enrolled_keys),
        T(test_under_anothers_name),
        cmocka_unit_test(test_under_anothers_name_at_the_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
