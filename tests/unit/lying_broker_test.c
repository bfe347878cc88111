/* A lying broker: what it puts into the log. (What it signs, and terms: lying_broker_heads_test.c.)
 * None of it becomes final; each is named. The broker has the log key and three of four witness
 * keys; the node is the fourth's.
 *
 *   forged entry                  DIVERGED at its index: SIGNATURE, KEY_UNKNOWN, CAPABILITY,
 *                                 LOG_KEY, KEY_OUT_OF_FORCE; evidence
 *   altered entry                 DIVERGED: SIGNATURE; after it was seen: CONFLICT, evidence of two
 *                                 heads; under a true head: CONFLICT
 *   reordered after receipts      CONFLICT: RECEIPT, evidence: receipt and log
 *   dropped after its receipt     the same
 *   other history below a receipt CONFLICT, evidence of two heads
 *   backdated on a quiet log      not cosigned: LEAF_EARLY; before the leaf before it: DIVERGED: TIME
 *   ballot held past the close    held back is shown, offered to other nodes; sequenced after the
 *                                 close: DIVERGED; with a receipt: CONFLICT; refused: told why
 *   wrong RESULT                  DIVERGED: RESULT_DIFFERS; left out: RESULT_EXPECTED
 *   wrong STATE                   DIVERGED: DIGEST
 *   SEAL with too few or false    DIVERGED: SEAL_QUORUM, COSIGNATURE, COSIGNATURE_KEY,
 *     cosignatures                COSIGNATURE_ORDER, SEAL_LOG, SEAL_ROOT
 *   a policy no longer in force   not certified, the status says of how many; its SEAL: DIVERGED
 */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "proto/base/hash.h"
#include "tests/lib/liar.h"
#include "tests/lib/play_actions.h"

static int setup(void **state)
{
    *state = liar_new();
    return 0;
}

static int teardown(void **state)
{
    liar_free(*state);
    return 0;
}

/* The next leaves of an honest log: a case, by this key. */
static uint64_t case_by(liar *l, const char *title, const char *key)
{
    play_id id;
    play_ok(play_report(l->f, "ssu", title, DECISION, key, &id));
    return l->f->leaf_count - 1;
}

static sb_slice entry_of(sb_slice leaf)
{
    return sb_slice_of(leaf.data + 8, leaf.len - 8);
}

/* It shows this leaf next: the node refuses it there. */
static void refused(liar *l, sb_slice leaf, sb_err code)
{
    size_t at = l->count;
    liar_node *n = liar_node_new(l, 0);
    liar_show(l, leaf);
    liar_has(liar_push(n, LIAR_BROKER, l->count, 1), "diverged at");
    liar_diverged(n, at, code);
    liar_node_free(n);
    liar_cut(l, at);
}

/* ---- entries ---- */

static void test_forged_entry(void **state)
{
    liar *l = *state;
    uint64_t at = case_by(l, "Slik vil vi ha det", SEC);
    sb_slice honest = fed_leaf(l->f, at);
    refused(l, liar_bent(l, honest, 0), SB_E_SIGNATURE);
    /* signed, by a key that nobody was given */
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)(uintptr_t) "ssu";
    m.title = (char *)(uintptr_t) "Megleren vil";
    m.kind = DECISION;
    sb_slice entry = liar_entry(l, SB_ENTRY_CASE_REPORT, &m.base, "stranger");
    refused(l, liar_leaf(l, liar_time(honest), entry), SB_E_LEDGER_KEY_UNKNOWN);
    /* by the log's own */
    entry = liar_entry(l, SB_ENTRY_CASE_REPORT, &m.base, "log");
    refused(l, liar_leaf(l, liar_time(honest), entry), SB_E_LEDGER_CAPABILITY);
    /* a STATE, by somebody else than the log */
    sb_buf payload;
    const ProtobufCMessage *message;
    sb_buf_init(&payload);
    sb_ledger_state_payload(l->f->ledger, &payload);
    assert_int_equal(
        sb_payload_decode(SB_ENTRY_STATE, sb_buf_slice(&payload), &l->arena, &message, NULL),
        SB_OK);
    refused(l, liar_system(l, SB_ENTRY_STATE, message, SEC), SB_E_LEDGER_LOG_KEY);
    sb_buf_deinit(&payload);
}

static void test_key_no_longer_in_force(void **state)
{
    liar *l = *state;
    Sb__KeyRevoke revoke = SB__KEY_REVOKE__INIT;
    revoke.pk = (play_id){32, fed_key_of(l->f, "bruker-1/primary")->pk};
    revoke.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    (void)case_by(l, "Før", "bruker-1/primary");
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)(uintptr_t) "ssu";
    m.title = (char *)(uintptr_t) "Etter";
    m.kind = DECISION;
    sb_slice entry = liar_entry(l, SB_ENTRY_CASE_REPORT, &m.base, "bruker-1/primary");
    fed_must(l->f, SB_ENTRY_KEY_REVOKE, &revoke.base, "bruker-1/primary");
    liar_show_fed(l);
    refused(l, liar_leaf(l, l->f->now_ms + 1000, entry), SB_E_LEDGER_KEY_OUT_OF_FORCE);
}

static void test_altered_entry(void **state)
{
    liar *l = *state;
    uint64_t at = case_by(l, "Budsjett", SEC);
    sb_slice altered = sb_arena_copy(&l->arena, fed_leaf(l->f, at));
    uint8_t *title = memmem(altered.data, altered.len, "Budsjett", 8);
    assert_non_null(title);
    title[1] = 'o';
    refused(l, altered, SB_E_SIGNATURE);
}

/* It was seen; then the log is another there. Its time is part of it. */
static void test_altered_after_it_was_seen(void **state)
{
    liar *l = *state;
    uint64_t at = case_by(l, "Budsjett", SEC);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    liar_node *n = liar_node_new(l, 0);
    sb_slice honest = l->log[at];
    l->log[at] = liar_leaf(l, liar_time(honest) - 1, entry_of(honest));
    const char *trace = liar_certify(n, LIAR_BROKER, l->count, "123");
    liar_has(trace, "conflict SB_E_FOLLOWER_CONFLICT");
    liar_convicted(n, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_node_free(n);
}

/* A true head over leaves that aren't those: nothing is taken. */
static void test_altered_on_the_way(void **state)
{
    liar *l = *state;
    uint64_t at = case_by(l, "Budsjett", SEC);
    liar_node *n = liar_node_new(l, 0);
    liar_show_fed(l);
    sb_checkpoint head = liar_head(l, l->count, 1);
    sb_slice note = liar_note(l, &head, "");
    l->log[at] = liar_leaf(l, liar_time(l->log[at]) + 1, entry_of(l->log[at]));
    assert_string_equal(liar_push_under(n, LIAR_BROKER, at, l->count, note, NULL), "");
    assert_int_equal(liar_status(n).size, at);
    assert_false(liar_status(n).conflict); /* the head is true: its key is convicted of nothing */
    assert_int_equal(liar_status(n).faults, 1);
    assert_int_equal(liar_status(n).fault.code, SB_E_MERKLE_PROOF);
    liar_not_final(n);
    liar_node_free(n);
}

/* ---- receipts ---- */

/* Two members' entries, handed in at the node; each has its receipt. */
static liar_node *two_receipts(liar *l, uint64_t *first)
{
    *first = l->count;
    liar_node *n = liar_node_new(l, 0);
    (void)case_by(l, "Den første", SEC);
    (void)case_by(l, "Den andre", "bruker-1/primary");
    liar_show_fed(l);
    for (uint64_t i = 0; i < 2; i++)
        liar_has(liar_submit(n, entry_of(l->log[*first + i]), 7 + i), "queued");
    liar_has(liar_receipt(n, *first, *first + 1, NULL), "notify 7 receipt");
    liar_has(liar_receipt(n, *first + 1, *first + 2, NULL), "notify 8 receipt");
    assert_int_equal(liar_status(n).faults, 0);
    return n;
}

/* In the log, in the other order. */
static void test_reordered(void **state)
{
    liar *l = *state;
    uint64_t at;
    liar_node *n = two_receipts(l, &at);
    sb_slice a = l->log[at], b = l->log[at + 1];
    l->log[at] = liar_leaf(l, liar_time(a), entry_of(b));
    l->log[at + 1] = liar_leaf(l, liar_time(b), entry_of(a));
    liar_has(liar_push(n, LIAR_BROKER, at + 2, 1), "conflict SB_E_FOLLOWER_RECEIPT");
    assert_int_equal(liar_status(n).size, at + 2); /* the rules have nothing against it */
    liar_convicted(n, SB_E_FOLLOWER_RECEIPT, SB_EVIDENCE_RECEIPT);
    liar_node_free(n);
}

/* … the receipt comes when the entry is in the log already, elsewhere. */
static void test_reordered_receipt_comes_late(void **state)
{
    liar *l = *state;
    uint64_t at = l->count;
    liar_node *n = liar_node_new(l, 0);
    (void)case_by(l, "Den første", SEC);
    (void)case_by(l, "Den andre", "bruker-1/primary");
    liar_show_fed(l);
    sb_slice a = l->log[at], b = l->log[at + 1];
    liar_has(liar_submit(n, entry_of(a), 7), "queued");
    l->log[at] = liar_leaf(l, liar_time(a), entry_of(b));
    l->log[at + 1] = liar_leaf(l, liar_time(b), entry_of(a));
    liar_has(liar_push(n, LIAR_BROKER, at + 2, 1), "notify 7 receipt");
    l->log[at] = a;
    l->log[at + 1] = b;
    liar_has(liar_receipt(n, at, at + 1, NULL), "conflict SB_E_FOLLOWER_RECEIPT");
    liar_convicted(n, SB_E_FOLLOWER_RECEIPT, SB_EVIDENCE_RECEIPT);
    liar_node_free(n);
}

static void test_dropped_after_its_receipt(void **state)
{
    liar *l = *state;
    uint64_t at;
    liar_node *n = two_receipts(l, &at);
    l->log[at] = liar_leaf(l, liar_time(l->log[at]), entry_of(l->log[at + 1]));
    liar_cut(l, at + 1);
    liar_has(liar_push(n, LIAR_BROKER, at + 1, 1), "conflict SB_E_FOLLOWER_RECEIPT");
    liar_convicted(n, SB_E_FOLLOWER_RECEIPT, SB_EVIDENCE_RECEIPT);
    /* it isn't forgotten: it waits for a broker that takes it */
    assert_int_equal(liar_status(n).outbox, 2);
    liar_node_free(n);
}

/* The same key's other entry under the same number stands there: the receipt convicts all the same. */
static void test_dropped_for_another_of_the_same_key(void **state)
{
    liar *l = *state;
    uint64_t at = l->count;
    liar_node *n = liar_node_new(l, 0);
    (void)case_by(l, "Den ene", SEC);
    sb_slice one = sb_arena_copy(&l->arena, fed_leaf(l->f, at));
    fed_cut(l->f, at);
    (void)case_by(l, "Den andre", SEC);
    sb_slice other = sb_arena_copy(&l->arena, fed_leaf(l->f, at));
    liar_has(liar_submit(n, entry_of(one), 7), "queued");
    liar_show(l, one);
    liar_has(liar_receipt(n, at, at + 1, NULL), "notify 7 receipt");
    l->log[at] = other;
    liar_has(liar_push(n, LIAR_BROKER, at + 1, 1), "conflict SB_E_FOLLOWER_RECEIPT");
    liar_convicted(n, SB_E_FOLLOWER_RECEIPT, SB_EVIDENCE_RECEIPT);
    liar_node_free(n);
}

/* In its place, but the receipt's head is of another history below it. */
static void test_other_history_below_a_receipt(void **state)
{
    liar *l = *state;
    uint64_t at = l->count;
    liar_node *n = liar_node_new(l, 0);
    (void)case_by(l, "Den første", SEC);
    (void)case_by(l, "Den andre", "bruker-1/primary");
    liar_show_fed(l);
    liar_has(liar_submit(n, entry_of(l->log[at + 1]), 8), "queued");
    liar_has(liar_receipt(n, at + 1, at + 2, NULL), "notify 8 receipt");
    l->log[at] = liar_leaf(l, liar_time(l->log[at]) - 1, entry_of(l->log[at]));
    liar_has(liar_push(n, LIAR_BROKER, at + 2, 1), "conflict SB_E_FOLLOWER_CONFLICT");
    liar_convicted(n, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_node_free(n);
}

/* ---- times ---- */

/* Nothing happened for an hour, and the node has said so each minute. */
static void test_backdated_on_a_quiet_log(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    for (int minute = 0; minute < 60; minute++) {
        liar_tick(n, 60 * 1000);
        (void)liar_certify(n, LIAR_BROKER, l->count, "");
    }
    uint64_t cosigned = liar_status(n).cosigned_size;
    (void)case_by(l, "For lenge siden", SEC); /* a second after the last leaf */
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    liar_hasnt(liar_push(n, LIAR_BROKER, l->count, 1), "COSIGNED");
    sb_fol_status s = liar_status(n);
    assert_int_equal(s.block, SB_FOL_BLOCK_LEAF_EARLY);
    assert_int_equal(s.cosigned_size, cosigned);
    assert_int_equal(s.size, l->count); /* it is held, and shown as not confirmed */
    liar_not_final(n);
    liar_node_free(n);
}

static void test_earlier_than_the_leaf_before(void **state)
{
    liar *l = *state;
    uint64_t at = case_by(l, "Før", SEC);
    uint64_t before = liar_time(l->log[l->count - 1]);
    refused(l, liar_leaf(l, before - 1, entry_of(fed_leaf(l->f, at))), SB_E_LEDGER_TIME);
}

/* ---- questions ---- */

typedef struct asked {
    play_table t;
    play_id q;
    sb_slice ballot; /* unn-1's, signed in time; the broker hasn't sequenced it */
} asked;

static asked ask(liar *l)
{
    asked a;
    play_ssu(l->f, &a.t);
    play_ok(play_ask(l->f, a.t.meeting, a.t.c, VOTE, SEC, &a.q));
    play_ok(play_vote(l->f, a.q, "kommune-1", FOR));
    play_ok(play_vote(l->f, a.q, "bruker-1", FOR));
    sb_row_question row = play_question(l->f, a.q);
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = a.q;
    m.wording_sha256 = (play_id){32, row.wording};
    m.seat = (char *)(uintptr_t) "unn-1";
    m.choice = AGAINST;
    a.ballot = liar_entry(l, SB_ENTRY_BALLOT, &m.base, "unn-1/primary");
    assert_int_equal(fed_check(l->f, a.ballot), SB_OK);
    liar_show_fed(l);
    return a;
}

static void test_ballot_held_past_the_close(void **state)
{
    liar *l = *state;
    asked a = ask(l);
    liar_node *n = liar_node_new(l, 0);
    liar_up(n, LIAR_PEER, SB_FOL_ROLE_NODE);
    liar_welcome(n, LIAR_PEER, l->count, 1);
    liar_has(liar_submit(n, a.ballot, 7), "queued");
    liar_hasnt(liar_tick(n, 29 * 1000), "send 4 Submit");
    assert_int_equal(liar_status(n).held_back, 0);
    /* no receipt for half a minute: said, and handed to another node */
    liar_has(liar_tick(n, 1000), "send 4 Submit");
    assert_int_equal(liar_status(n).held_back, 1);
    sb_fol_outbox_row row;
    size_t place = 0;
    assert_true(sb_follower_outbox_next(n->fol, n->now, &place, &row));
    assert_true(row.held_back && row.waited_ms >= 30 * 1000);
    /* closed without it; what is decided is decided without it, for everybody to see */
    play_ok(play_end(l->f, a.q, SEC));
    liar_show_fed(l);
    liar_push(n, LIAR_BROKER, l->count, 1);
    assert_false(liar_status(n).diverged);
    assert_int_equal(liar_status(n).held_back, 1);
    assert_null(strstr(play_certificate(l->f, a.q), "unn-1\",\"choice\":\"against"));
    /* now it lets it in */
    uint64_t at = l->count;
    liar_show(l, liar_leaf(l, l->f->now_ms + 1000, a.ballot));
    liar_has(liar_push(n, LIAR_BROKER, l->count, 1), "diverged at");
    liar_diverged(n, at, SB_E_LEDGER_QUESTION_CLOSED);
    liar_node_free(n);
}

/* It says no, at last: the member hears why, and has the ballot back. */
static void test_ballot_refused_after_the_close(void **state)
{
    liar *l = *state;
    asked a = ask(l);
    liar_node *n = liar_node_new(l, 0);
    liar_submit(n, a.ballot, 7);
    play_ok(play_end(l->f, a.q, SEC));
    liar_show_fed(l);
    liar_push(n, LIAR_BROKER, l->count, 1);
    uint8_t id[32];
    sb_hash(sb_slice_of(a.ballot.data, a.ballot.len - 64), id);
    Sb__Refused m = SB__REFUSED__INIT;
    m.entry_id = (ProtobufCBinaryData){.len = 32, .data = id};
    m.code = SB_E_LEDGER_QUESTION_CLOSED;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_REFUSED;
    f.refused = &m;
    liar_has(liar_frame(n, LIAR_BROKER, &f, NULL), "notify 7 refused SB_E_LEDGER_QUESTION_CLOSED");
    liar_node_free(n);
}

/* It gave a receipt, and closed the question in that place. */
static void test_ballot_dropped_at_the_close(void **state)
{
    liar *l = *state;
    asked a = ask(l);
    liar_node *n = liar_node_new(l, 0);
    uint64_t at = l->count;
    liar_submit(n, a.ballot, 7);
    liar_show(l, liar_leaf(l, l->f->now_ms + 1000, a.ballot));
    liar_has(liar_receipt(n, at, at + 1, NULL), "notify 7 receipt");
    liar_cut(l, at);
    play_ok(play_end(l->f, a.q, SEC));
    liar_show_fed(l);
    liar_has(liar_push(n, LIAR_BROKER, l->count, 1), "conflict SB_E_FOLLOWER_RECEIPT");
    liar_convicted(n, SB_E_FOLLOWER_RECEIPT, SB_EVIDENCE_RECEIPT);
    liar_node_free(n);
}

static void test_wrong_result(void **state)
{
    liar *l = *state;
    asked a = ask(l);
    play_ok(play_end(l->f, a.q, SEC));
    size_t result_at = l->f->leaf_count - 1;
    while (l->count < result_at)
        liar_show(l, fed_leaf(l->f, l->count));
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(l->f, result_at), &l->arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    Sb__Result m = *(const Sb__Result *)(const void *)leaf.message;
    m.outcome = m.outcome == FALLEN ? ADOPTED : FALLEN;
    liar_cut(l, result_at - 1); /* the node sees the close with it */
    liar_show(l, fed_leaf(l->f, result_at - 1));
    size_t at = l->count;
    sb_slice wrong = liar_system(l, SB_ENTRY_RESULT, &m.base, "log");
    liar_cut(l, at - 1);
    liar_node *n = liar_node_new(l, 0);
    liar_show(l, fed_leaf(l->f, result_at - 1));
    liar_show(l, wrong);
    liar_has(liar_push(n, LIAR_BROKER, l->count, 1), "diverged at");
    liar_diverged(n, at, SB_E_LEDGER_RESULT_DIFFERS);
    liar_node_free(n);
    /* none at all */
    liar_cut(l, at - 1);
    n = liar_node_new(l, 0);
    liar_show(l, fed_leaf(l->f, result_at - 1));
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)(uintptr_t) "ssu";
    report.title = (char *)(uintptr_t) "Videre";
    report.kind = DECISION;
    liar_show(l, liar_leaf(l, l->f->now_ms + 1000,
                           liar_entry(l, SB_ENTRY_CASE_REPORT, &report.base, SEC)));
    liar_has(liar_push(n, LIAR_BROKER, l->count, 1), "diverged at");
    liar_diverged(n, at, SB_E_LEDGER_RESULT_EXPECTED);
    liar_node_free(n);
}

static void test_wrong_state(void **state)
{
    liar *l = *state;
    uint8_t digest[32] = {1};
    Sb__State m = SB__STATE__INIT;
    m.digest = (ProtobufCBinaryData){.len = 32, .data = digest};
    (void)case_by(l, "Noe nytt", SEC);
    liar_show_fed(l);
    refused(l, liar_system(l, SB_ENTRY_STATE, &m.base, "log"), SB_E_LEDGER_DIGEST);
}

/* ---- SEALs ---- */

static void bend(Sb__Cosignature *c)
{
    c->signature.data[5] ^= 1;
}

static void sealed(liar *l, const Sb__Seal *m, sb_err code)
{
    refused(l, liar_system(l, SB_ENTRY_SEAL, &m->base, "log"), code);
}

static void test_false_seal(void **state)
{
    liar *l = *state;
    const uint32_t all[] = {0, 1, 2, 3};
    (void)case_by(l, "Noe nytt", SEC);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    sealed(l, fed_seal_message(l->f, all, 2), SB_E_LEDGER_SEAL_QUORUM); /* too few */
    Sb__Seal *m = fed_seal_message(l->f, all, 3);
    bend(m->cosignatures[1]); /* forged */
    sealed(l, m, SB_E_LEDGER_COSIGNATURE);
    m = fed_seal_message(l->f, all, 3);
    m->cosignatures[1] = m->cosignatures[0]; /* one of them twice */
    sealed(l, m, SB_E_LEDGER_COSIGNATURE_ORDER);
    m = fed_seal_message(l->f, all, 4);
    m->root.data[3] ^= 1; /* of another history */
    sealed(l, m, SB_E_LEDGER_SEAL_ROOT);
    m = fed_seal_message(l->f, all, 4);
    m->log_signature.data[3] ^= 1;
    sealed(l, m, SB_E_LEDGER_SEAL_LOG);
}

/* A name more for the same organisation, or nobody's. */
static void test_seal_by_strangers(void **state)
{
    liar *l = *state;
    const uint32_t all[] = {0, 1, 2};
    (void)case_by(l, "Noe nytt", SEC);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    snprintf(l->f->witness[2], sizeof l->f->witness[2], "stranger");
    Sb__Seal *m = fed_seal_message(l->f, all, 3);
    l->f->witness[2][0] = '\0';
    sealed(l, m, SB_E_LEDGER_COSIGNATURE_KEY);
}

/* ---- policies ---- */

static void test_policy_no_longer_in_force(void **state)
{
    liar *l = *state;
    const uint32_t all[] = {0, 1, 2, 3};
    liar_change_policy(l);
    liar_node *n = liar_node_new(l, 0);
    uint64_t certified = liar_status(n).certified_size;
    (void)case_by(l, "Noe nytt", SEC);
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
    liar_push(n, LIAR_BROKER, l->count, 1);
    liar_certify(n, LIAR_BROKER, l->count, "123"); /* three were enough before */
    sb_fol_status s = liar_status(n);
    assert_int_equal(s.certified_size, certified);
    assert_int_equal(s.confirmed_size, l->count);
    assert_int_equal(s.confirmed, 3);
    assert_int_equal(s.needed, 4);
    assert_int_equal(s.state, SB_FOL_STATE_NOT_CONFIRMED);
    liar_not_final(n);
    liar_node_free(n);
    sealed(l, fed_seal_message(l->f, all, 3), SB_E_LEDGER_SEAL_QUORUM);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_forged_entry),
        T(test_key_no_longer_in_force),
        T(test_altered_entry),
        T(test_altered_after_it_was_seen),
        T(test_altered_on_the_way),
        T(test_reordered),
        T(test_reordered_receipt_comes_late),
        T(test_dropped_after_its_receipt),
        T(test_dropped_for_another_of_the_same_key),
        T(test_other_history_below_a_receipt),
        T(test_backdated_on_a_quiet_log),
        T(test_earlier_than_the_leaf_before),
        T(test_ballot_held_past_the_close),
        T(test_ballot_refused_after_the_close),
        T(test_ballot_dropped_at_the_close),
        T(test_wrong_result),
        T(test_wrong_state),
        T(test_false_seal),
        T(test_seal_by_strangers),
        T(test_policy_no_longer_in_force),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
