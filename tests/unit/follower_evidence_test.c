/* What convicts who orders the log and is kept as evidence, what stops a node, and what convicts
 * nobody. */
#include <stdio.h>

#include "tests/unit/follower_says.h"

/* ---- two histories ---- */

static void test_conflict_is_kept(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size);
    leaves(r, 0, size - 2);
    /* the log key signs another tree over the same leaves */
    sb_checkpoint other = head_at(r, size - 1);
    other.root[7] ^= 1;
    sb_slice note = note_of(r, &other, "log");
    /* leaves alone convict nobody: who gives them may have spoilt them */
    assert_string_equal(leaves_under(r, size - 2, size - 1, note, NULL), "");
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).faults, 1);
    assert_int_equal(status_of(r).fault.code, SB_E_MERKLE_PROOF);
    /* with the true ones here it is two heads */
    leaves(r, size - 2, size - 1);
    assert_string_equal(leaves_under(r, size - 2, size - 1, note, NULL),
                        "commit +EVIDENCE\nconflict SB_E_FOLLOWER_CONFLICT\n");
    assert_true(status_of(r).conflict);
    assert_convicts(r, SB_EVIDENCE_HEADS);
    /* it follows on, but cosigns no more, also after a restart */
    assert_null(strstr(leaves(r, size - 1, size), "COSIGNED"));
    reopen(r);
    link_broker(r);
    assert_true(status_of(r).conflict);
    assert_null(strstr(certified(r, size, THREE, 3, 1), "COSIGNED"));
}

/* A conflicting head of a size that we passed. */
static void test_conflict_with_the_past(void **state)
{
    rig *r = *state;
    link_broker(r);
    leaves(r, 0, 6);
    sb_checkpoint other = head_at(r, 4);
    other.root[7] ^= 1;
    assert_string_equal(leaves_under(r, 2, 4, note_of(r, &other, "log"), NULL),
                        "commit +EVIDENCE\nconflict SB_E_FOLLOWER_CONFLICT\n");
    assert_convicts(r, SB_EVIDENCE_HEADS);
}

/* A log of the same key with another leaf: what another group of nodes would be shown. */
static void test_peer_shows_another_history(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    assert_int_equal(r->f->leaf_count, ours);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    const char *trace = certified_on(r, 4, ours, 1, 0, true);
    assert_true(has(trace, "+EVIDENCE"));
    assert_true(has(trace, "conflict SB_E_FOLLOWER_CONFLICT"));
    assert_int_equal(status_of(r).state, SB_FOL_STATE_CONFLICT);
    sb_fol_evidence e;
    uint64_t at = 0;
    sb_evidence_verdict verdict;
    assert_true(sb_follower_evidence_next(r->fol, &at, &e));
    assert_int_equal(sb_evidence_judge(e.file, NULL, &r->arena, &verdict, NULL), SB_OK);
    assert_int_equal(verdict.kind, SB_EVIDENCE_HEADS);
    /* it holds in this term only */
    fed_cut(r->f, (size_t)common);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, common, note_at(r, end, 2));
    offer(r, 2, common, note_at(r, end, 2));
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 2, common, end, 2), "+COSIGNED"));
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).evidence, 1);
}

/* The other's log is longer, and not ours: its own proof convicts the log key. */
static void test_longer_history_of_a_peer(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
        assert_int_equal(fed_state(r->f), SB_OK);
    }
    uint64_t theirs = r->f->leaf_count;
    link_up(r, 4, SB_FOL_ROLE_NODE);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 ConsistencyGet %llu to %llu", (unsigned long long)ours,
             (unsigned long long)theirs);
    assert_true(has(certified_on(r, 4, theirs, 1, 0, true), wanted));
    sb_proof proof;
    sb_checkpoint at_ours = head_in(r, ours, 1);
    assert_int_equal(sb_tree_consistency(sb_ledger_tree(r->f->ledger), ours, theirs,
                                         (sb_tile_reader){0}, &proof, NULL),
                     SB_OK);
    ProtobufCBinaryData hashes[SB_PROOF_HASHES_MAX];
    for (uint32_t i = 0; i < proof.count; i++)
        hashes[i] = (ProtobufCBinaryData){.len = 32, .data = proof.hashes[i].b};
    Sb__Consistency m = SB__CONSISTENCY__INIT;
    m.from = ours;
    m.to = theirs;
    m.n_proof = proof.count;
    m.proof = hashes;
    m.root = (ProtobufCBinaryData){.len = 32, .data = at_ours.root};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CONSISTENCY;
    f.consistency = &m;
    at_ours.root[3] ^= 1; /* a proof that fails proves nothing */
    assert_string_equal(frame_on(r, 4, &f, NULL), "");
    at_ours.root[3] ^= 1;
    tick(r, 6000);
    certified_on(r, 4, theirs, 1, 0, true);
    assert_true(has(frame_on(r, 4, &f, NULL), "conflict SB_E_FOLLOWER_CONFLICT"));
    sb_fol_evidence e;
    uint64_t at = 0;
    sb_evidence_verdict verdict;
    assert_true(sb_follower_evidence_next(r->fol, &at, &e));
    assert_int_equal(sb_evidence_judge(e.file, NULL, &r->arena, &verdict, NULL), SB_OK);
}

/* ---- leaves that nobody may take ---- */

static void test_diverges(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t size = state_size(r, 1);
    leaves(r, 0, 2);
    /* the log goes on with a leaf that the fold refuses: the same CHARTER_PART once more */
    sb_slice bad[] = {fed_leaf(r->f, 2), fed_leaf(r->f, 2), fed_leaf(r->f, 3)};
    sb_checkpoint head = head_at(r, 2);
    sb_tree tree = tree_at(r, 2);
    for (size_t i = 0; i < 3; i++) {
        uint8_t hash[32];
        sb_leaf_hash(bad[i], hash);
        sb_tree_append(&tree, hash, NULL, NULL);
    }
    head.size = 5;
    sb_tree_root(&tree, head.root);
    const char *trace = leaves_under(r, 2, 5, note_of(r, &head, "log"), bad);
    assert_non_null(
        strstr(trace, "commit CHARTER_PART +DIVERGED +EVIDENCE\ndiverged at 3 SB_E_LEDGER_"));
    sb_fol_status status = status_of(r);
    assert_true(status.diverged);
    assert_int_equal(status.diverged_index, 3);
    assert_int_equal(status.size, 3); /* what was right is kept */
    assert_convicts(r, SB_EVIDENCE_STATE);
    /* it takes, asks and cosigns no more */
    assert_string_equal(leaves(r, 3, size), "");
    assert_string_equal(tick(r, 10000), "");
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_DIVERGED);
}

/* Of a newer program: an entry of a type that this one doesn't know. It stops there, and its words say
 * what is needed. */
static void test_an_unknown_entry_in_the_log(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    leaves(r, 0, 2);
    sb_slice newer = sb_arena_copy(&r->arena, fed_leaf(r->f, 2));
    ((uint8_t *)(uintptr_t)newer.data)[8 + 1] = 250; /* u64 time, u8 version, u8 type */
    sb_slice bad[] = {newer};
    sb_checkpoint head = head_at(r, 2);
    sb_tree tree = tree_at(r, 2);
    uint8_t hash[32];
    sb_leaf_hash(newer, hash);
    sb_tree_append(&tree, hash, NULL, NULL);
    head.size = 3;
    sb_tree_root(&tree, head.root);
    const char *trace = leaves_under(r, 2, 3, note_of(r, &head, "log"), bad);
    assert_non_null(strstr(trace, "diverged at 2 SB_E_ENTRY_TYPE"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_DIVERGED);
}

/* A SEAL that comes with what is refused is in our log, and so in the record. */
static void test_diverges_behind_a_seal(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t seal = state_size(r, 2) - 2;
    assert_int_equal(type_at(r, seal), SB_ENTRY_SEAL);
    leaves(r, 0, seal);
    sb_slice bad[] = {fed_leaf(r->f, (size_t)seal), fed_leaf(r->f, 2)};
    sb_checkpoint head = head_at(r, seal);
    sb_tree tree = tree_at(r, seal);
    for (size_t i = 0; i < 2; i++) {
        uint8_t hash[32];
        sb_leaf_hash(bad[i], hash);
        sb_tree_append(&tree, hash, NULL, NULL);
    }
    head.size = seal + 2;
    sb_tree_root(&tree, head.root);
    const char *trace = leaves_under(r, seal, seal + 2, note_of(r, &head, "log"), bad);
    assert_non_null(strstr(trace, "+DIVERGED"));
    assert_non_null(strstr(trace, "+SEALED"));
}

static void test_a_leaf_that_cannot_be_opened(void **state)
{
    rig *r = *state;
    link_broker(r);
    leaves(r, 0, 2);
    sb_slice bad = sb_arena_copy(&r->arena, fed_leaf(r->f, 2));
    ((uint8_t *)bad.data)[bad.len - 1] ^= 1; /* its signature */
    uint8_t hash[32];
    sb_checkpoint head = head_at(r, 2);
    sb_tree tree = tree_at(r, 2);
    sb_leaf_hash(bad, hash);
    sb_tree_append(&tree, hash, NULL, NULL);
    head.size = 3;
    sb_tree_root(&tree, head.root);
    assert_string_equal(leaves_under(r, 2, 3, note_of(r, &head, "log"), &bad),
                        "commit +DIVERGED +EVIDENCE\ndiverged at 2 SB_E_SIGNATURE\n");
}

/* ---- leaves that were spoilt on the way ---- */

/* Whoever serves leaves can spoil those that we hold as well; the head stands over the others. */
static void test_a_known_leaf_spoilt_on_the_way(void **state)
{
    rig *r = *state;
    link_broker(r);
    leaves(r, 0, 3);
    sb_slice list[4];
    for (size_t i = 0; i < 4; i++)
        list[i] = sb_arena_copy(&r->arena, fed_leaf(r->f, 1 + i));
    ((uint8_t *)list[1].data)[list[1].len - 1] ^= 1; /* the signature of leaf 2, which is here */
    sb_checkpoint head = head_at(r, 5);
    assert_string_equal(leaves_under(r, 1, 5, note_of(r, &head, "log"), list), "");
    assert_int_equal(status_of(r).size, 3);
    assert_false(status_of(r).diverged);
    assert_int_equal(status_of(r).evidence, 0);
    leaves(r, 1, 5);
    assert_int_equal(status_of(r).size, 5);
}

/* A standby says that it orders our term while the broker is away for a moment, and spoils a leaf
 * under the broker's own head: that convicts nobody, and the broker is followed again at once. */
static void test_lying_standby_convicts_nobody(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    certified_on(r, 1, common, 1, 4, false);
    const uint8_t *standby = fed_key_of(r->f, "log-2")->pk; /* as in with_standby() */
    feed(r, (sb_fol_event){
                .kind = SB_FOL_LINK_UP, .link = 2, .role = SB_FOL_ROLE_BROKER, .who = standby});
    welcome_on(r, 2, ours, 1);
    link_down(r, 1);
    assert_int_equal(status_of(r).broker_link, 2);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t end = r->f->leaf_count;
    sb_slice bytes = sb_arena_copy(&r->arena, fed_leaf(r->f, (size_t)ours));
    ((uint8_t *)(uintptr_t)bytes.data)[bytes.len - 1] ^= 1;
    ProtobufCBinaryData list[] = {data_of(bytes), data_of(fed_leaf(r->f, (size_t)ours + 1))};
    assert_int_equal(end - ours, 2);
    sb_fail refusal = {.code = SB_E_SIGNATURE};
    Sb__Leaves m = SB__LEAVES__INIT;
    m.from = ours;
    m.n_leaves = 2;
    m.leaves = list;
    m.head = data_of(note_at(r, end, 1)); /* the honest broker's own */
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_LEAVES;
    f.leaves = &m;
    assert_string_equal(feed(r, (sb_fol_event){.kind = SB_FOL_FRAME,
                                               .link = 2,
                                               .frame = &f,
                                               .leaves = NULL,
                                               .opened = 0,
                                               .refusal = &refusal}),
                        "");
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).evidence, 0);
    assert_int_equal(status_of(r).fault.code, SB_E_MERKLE_PROOF);
    /* nor does it drop anything for a made-up HANDOVER */
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise(r->f, &h, 3, &made_up, &made_up);
    offer_made(r, 2, fed_handover_message(r->f, &h), ours);
    assert_int_equal(r->rewinds, 0);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome_on(r, 1, ours, 1);
    assert_int_equal(status_of(r).broker_link, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 1, ours, end, 1), "+COSIGNED"));
}

/* ---- receipts ---- */

static void test_broken_receipt_convicts(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    size_t all = r->f->leaf_count;
    leaves(r, 0, all - 1);
    sb_buf one = make_report(r, "Sak fire", 1000, false);
    submit(r, &one, 1);
    /* a receipt for the place where the log then has something else */
    r->f->leaf_count = all - 1;
    assert_non_null(strstr(receipt(r, &one, false), "notify 1 receipt"));
    r->f->leaf_count = all;
    const char *trace = leaves(r, all - 1, all);
    assert_non_null(strstr(trace, "+EVIDENCE"));
    assert_non_null(strstr(trace, "conflict SB_E_FOLLOWER_RECEIPT\n"));
    assert_convicts(r, SB_EVIDENCE_RECEIPT);
    sb_buf_deinit(&one);
}

/* The same, but the receipt comes after the log was seen. */
static void test_broken_receipt_that_comes_late(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak fire", 1000, false);
    submit(r, &one, 1);
    size_t all = r->f->leaf_count;
    r->f->leaf_count = all - 1;
    const char *trace = receipt(r, &one, false);
    r->f->leaf_count = all;
    assert_non_null(strstr(trace, "+EVIDENCE"));
    assert_non_null(strstr(trace, "conflict SB_E_FOLLOWER_RECEIPT\n"));
    assert_convicts(r, SB_EVIDENCE_RECEIPT);
    assert_null(strstr(trace, "notify 1 receipt"));
    assert_int_equal(status_of(r).outbox, 1); /* it waits on */
    sb_buf_deinit(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_conflict_is_kept, setup_script),
        TEST(test_conflict_with_the_past, setup_script),
        TEST(test_peer_shows_another_history, setup_terms),
        TEST(test_longer_history_of_a_peer, setup_terms),
        TEST(test_diverges, setup_script),
        TEST(test_an_unknown_entry_in_the_log, setup_script),
        TEST(test_diverges_behind_a_seal, setup_script),
        TEST(test_a_leaf_that_cannot_be_opened, setup_script),
        TEST(test_a_known_leaf_spoilt_on_the_way, setup_script),
        TEST(test_lying_standby_convicts_nobody, setup_terms),
        TEST(test_broken_receipt_convicts, setup_script),
        TEST(test_broken_receipt_that_comes_late, setup_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
