/* The follower's traces: what goes in, which effects come out and in which order. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/follower/follower.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/checkpoint.h"
#include "tests/sim/sim_script.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_trace.h"

typedef struct rig {
    fed *f;         /* its log is what the broker would push */
    sb_tree *trees; /* of every size, to sign heads of */
    sim_store store;
    sb_ledger *ledger;
    sb_follower *fol;
    sb_now now;
    sb_buf trace;
    sb_arena arena;
    uint32_t credit;
    bool dies;     /* COMMIT is done, COMMITTED is not fed */
    bool knows_id; /* which federation it is, before it has anything */
    const char *witness;
    sb_buf receipt; /* the last one that a member was given */
} rig;

static void open_follower(rig *r)
{
    sb_fail fail;
    const char *witness = r->witness != NULL ? r->witness : "unn/witness";
    r->ledger = sim_store_ledger(&r->store);
    sb_fol_opts opts = {.ledger = r->ledger,
                        .credit = r->credit,
                        .log = sim_store_reader(&r->store),
                        .own = r->store.own,
                        .witness = fed_key_of(r->f, witness)->secret,
                        .organisation = "unn",
                        .has_federation_id = r->knows_id};
    memcpy(opts.federation_id, r->f->federation_id, 32);
    assert_int_equal(sb_follower_open(&r->fol, &opts, &fail), SB_OK);
}

static void reopen(rig *r)
{
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
    open_follower(r);
}

static void for_real(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena;
    charter->rehearsal = *(const bool *)arg;
}

static int setup_as(void **state, bool rehearsal)
{
    fed_options options = {.edit = for_real, .edit_arg = &rehearsal, .silent = 1};
    rig *r = calloc(1, sizeof *r);
    r->f = fed_new(&options);
    sim_script script = sim_script_make(r->f, 0);
    sim_script_free(&script);
    r->trees = sb_xmalloc((r->f->leaf_count + 1) * sizeof *r->trees);
    sb_tree_init(&r->trees[0]);
    for (size_t i = 0; i < r->f->leaf_count; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(r->f, i), hash);
        sb_tree_copy(&r->trees[i + 1], &r->trees[i]);
        sb_tree_append(&r->trees[i + 1], hash, NULL, NULL);
    }
    sim_store_init(&r->store);
    sb_buf_init(&r->trace);
    sb_buf_init(&r->receipt);
    sb_arena_init(&r->arena);
    r->now = (sb_now){.legal_ms = r->f->now_ms, .mono_ms = 1000};
    open_follower(r);
    *state = r;
    return 0;
}

static int setup(void **state)
{
    return setup_as(state, false);
}

static int setup_rehearsal(void **state)
{
    return setup_as(state, true);
}

static int teardown(void **state)
{
    rig *r = *state;
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
    sim_store_deinit(&r->store);
    free(r->trees);
    fed_free(r->f);
    sb_buf_deinit(&r->trace);
    sb_buf_deinit(&r->receipt);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

static void keep_receipt(rig *r, const sb_fol_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++)
        if (effects->items[i].kind == SB_FOL_NOTIFY && effects->items[i].note == SB_FOL_RECEIPT) {
            sb_buf_clear(&r->receipt);
            sb_buf_add(&r->receipt, effects->items[i].receipt);
        }
}

static const char *feed(rig *r, sb_fol_event event)
{
    sb_fol_effects effects;
    sb_buf_clear(&r->trace);
    event.now = r->now;
    sb_follower_step(r->fol, &event, &effects);
    sim_trace_fol(&effects, &r->trace);
    keep_receipt(r, &effects);
    if (effects.count > 0 && effects.items[effects.count - 1].kind == SB_FOL_COMMIT) {
        sim_store_commit(&r->store, effects.items[effects.count - 1].commit, r->ledger);
        if (r->dies)
            return sb_buf_cstr(&r->trace);
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = r->now};
        sb_follower_step(r->fol, &done, &effects);
        sim_trace_fol(&effects, &r->trace);
        keep_receipt(r, &effects);
    }
    return sb_buf_cstr(&r->trace);
}

static const char *tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    return feed(r, (sb_fol_event){.kind = SB_FOL_TICK});
}

static sb_fol_status status_of(rig *r)
{
    sb_fol_status status;
    sb_follower_status(r->fol, r->now, &status);
    return status;
}

/* The newest evidence kept proves what it says, to anybody. */
static void assert_convicts(rig *r, sb_evidence_kind kind)
{
    sb_fol_evidence e = {0}, last = {0};
    sb_evidence_verdict verdict;
    sb_fail why = {0};
    for (uint64_t at = 0; sb_follower_evidence_next(r->fol, &at, &e);)
        last = e;
    sb_err err = sb_evidence_judge(last.file, NULL, &r->arena, &verdict, &why);
    if (err != SB_OK)
        print_error("%s %s\n", sb_err_name(err), why.arg[0]);
    assert_int_equal(err, SB_OK);
    assert_int_equal(verdict.kind, kind);
}

/* ---- what the broker says ---- */

static sb_checkpoint head_at(rig *r, uint64_t size)
{
    sb_checkpoint head = {.size = size};
    assert_true(sb_ledger_origin(r->f->ledger, head.origin, sizeof head.origin));
    sb_tree_root(&r->trees[size], head.root);
    return head;
}

static sb_slice note_of(rig *r, const sb_checkpoint *head, const char *key)
{
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(head, fed_key_of(r->f, key)->secret, &note, NULL), SB_OK);
    sb_slice copy = sb_arena_copy(&r->arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

static const char *frame(rig *r, const Sb__Frame *f)
{
    return feed(r, (sb_fol_event){.kind = SB_FOL_FRAME, .link = 1, .frame = f});
}

/* Leaves first…last-1 (of `from` if not NULL, else the federation's), under this note. */
static const char *leaves_under(rig *r, uint64_t first, uint64_t last, sb_slice note,
                                const sb_slice *instead)
{
    size_t count = (size_t)(last - first);
    ProtobufCBinaryData *list = SB_ARENA_ARRAY(&r->arena, ProtobufCBinaryData, count);
    sb_leaf *opened = SB_ARENA_ARRAY(&r->arena, sb_leaf, count);
    sb_fail fail = {0};
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = 1, .leaves = opened, .refusal = &fail};
    bool is_open = true;
    for (size_t i = 0; i < count; i++) {
        sb_slice leaf = instead != NULL ? instead[i] : fed_leaf(r->f, (size_t)first + i);
        list[i] = (ProtobufCBinaryData){.len = leaf.len, .data = (uint8_t *)leaf.data};
        is_open = is_open && sb_leaf_open(leaf, &r->arena, &opened[i], &fail) == SB_OK;
        event.opened += is_open;
    }
    Sb__Leaves m = SB__LEAVES__INIT;
    m.from = first;
    m.n_leaves = count;
    m.leaves = list;
    m.head = (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)note.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_LEAVES;
    f.leaves = &m;
    event.frame = &f;
    return feed(r, event);
}

static const char *leaves(rig *r, uint64_t first, uint64_t last)
{
    sb_checkpoint head = head_at(r, last);
    return leaves_under(r, first, last, note_of(r, &head, "log"), NULL);
}

static const char *certified(rig *r, uint64_t size, const char *const *orgs, size_t count,
                             uint64_t time_s)
{
    sb_checkpoint head = head_at(r, size);
    sb_buf note;
    sb_buf_init(&note);
    sb_buf_add(&note, note_of(r, &head, "log"));
    for (size_t i = 0; i < count; i++) {
        char *key = sb_arena_printf(&r->arena, "%s/witness", orgs[i]);
        char *name = sb_arena_printf(&r->arena, "%s/%s", head.origin, orgs[i]);
        sb_cosignature c;
        assert_int_equal(sb_cosign(&head, fed_key_of(r->f, key)->secret, time_s, &c, NULL), SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(name), fed_key_of(r->f, key)->pk, &c);
    }
    Sb__Certified m = SB__CERTIFIED__INIT;
    m.note = (ProtobufCBinaryData){.len = note.len, .data = note.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CERTIFIED;
    f.certified = &m;
    const char *trace = frame(r, &f);
    sb_buf_deinit(&note);
    return trace;
}

static const char *const THREE[] = {"unn", "kommune-a", "bruker"};

static const char *welcome(rig *r, uint64_t size)
{
    Sb__Welcome m = SB__WELCOME__INIT;
    m.size = size;
    m.term = size > 0;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_WELCOME;
    f.welcome = &m;
    return frame(r, &f);
}

static void connect(rig *r)
{
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    welcome(r, r->f->leaf_count);
}

static sb_entry_type type_at(rig *r, uint64_t index)
{
    return (sb_entry_type)fed_leaf(r->f, (size_t)index).data[8 + 1];
}

/* The size of the n-th head that ends with a STATE (from 1). */
static uint64_t state_size(rig *r, int n)
{
    for (uint64_t i = 0; i < r->f->leaf_count; i++)
        if (type_at(r, i) == SB_ENTRY_STATE && --n == 0)
            return i + 1;
    fail();
    return 0;
}

static void hold_all_blobs(rig *r)
{
    for (size_t i = 0; i < r->f->leaf_count; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(r->f, i), &r->arena, &leaf, NULL), SB_OK);
        for (size_t b = 0; b < leaf.blob_count; b++)
            sim_store_blob(&r->store, leaf.blobs[b]->sha256.data);
    }
}

/* The clock of a moment shortly after this leaf. */
static void clock_after(rig *r, uint64_t index)
{
    sb_reader reader = sb_reader_over(fed_leaf(r->f, (size_t)index));
    r->now.legal_ms = sb_read_u64(&reader) + 1000;
}

/* ---- tests: following ---- */

static void test_greeting(void **state)
{
    rig *r = *state;
    assert_string_equal(tick(r, 50), "");
    assert_string_equal(
        feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER}),
        "send Hello unn size 0\n");
    assert_string_equal(tick(r, 500), "");
    assert_string_equal(tick(r, 2000), "send Hello unn size 0\n");
    assert_string_equal(welcome(r, 9), "send Pull from 0 credit 1024\n");
    assert_string_equal(tick(r, 500), "");
    /* the broker has more, and nothing comes: asked for again */
    assert_string_equal(tick(r, 600), "send Pull from 0 credit 1024\n");
}

static void test_takes_ranges(void **state)
{
    rig *r = *state;
    connect(r);
    assert_string_equal(leaves(r, 3, 5), ""); /* a gap */
    assert_string_equal(leaves(r, 0, 3), "commit GENESIS CHARTER_PART CHARTER_PART +HEAD\n");
    assert_string_equal(leaves(r, 0, 2), "");                      /* known */
    assert_string_equal(leaves(r, 1, 4), "commit ACCEPT +HEAD\n"); /* partly known */
    assert_int_equal(status_of(r).size, 4);
    reopen(r);
    assert_int_equal(status_of(r).size, 4);
    assert_string_equal(
        feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER}),
        "send Hello unn size 4\n");
}

static void test_asks_on_when_the_credit_is_used(void **state)
{
    rig *r = *state;
    r->credit = 3;
    reopen(r);
    connect(r);
    assert_string_equal(leaves(r, 0, 2), "commit GENESIS CHARTER_PART +HEAD\n");
    assert_string_equal(leaves(r, 2, 3), "commit CHARTER_PART +HEAD\nsend Pull from 3 credit 3\n");
}

static void test_heads_that_prove_nothing(void **state)
{
    rig *r = *state;
    connect(r);
    sb_checkpoint three = head_at(r, 3), two = head_at(r, 2);
    assert_string_equal(leaves_under(r, 0, 3, note_of(r, &three, "another key"), NULL), "");
    assert_string_equal(leaves_under(r, 0, 3, note_of(r, &two, "log"), NULL), "");
    assert_string_equal(leaves_under(r, 0, 3, sb_slice_str("no note"), NULL), "");
    snprintf(three.origin, sizeof three.origin, "another/log");
    assert_string_equal(leaves_under(r, 0, 3, note_of(r, &three, "log"), NULL), "");
    assert_int_equal(status_of(r).size, 0);
    assert_false(status_of(r).conflict);
}

static const char *peer_head(rig *r, uint32_t link, sb_slice note)
{
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = link, .role = SB_FOL_ROLE_NODE});
    Sb__Welcome welcome = SB__WELCOME__INIT;
    welcome.term = 1;
    Sb__PeerHead m = SB__PEER_HEAD__INIT;
    m.note = (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)(uintptr_t)note.data};
    Sb__Frame f = SB__FRAME__INIT, w = SB__FRAME__INIT;
    w.body_case = SB__FRAME__BODY_WELCOME;
    w.welcome = &welcome;
    feed(r, (sb_fol_event){.kind = SB_FOL_FRAME, .link = link, .frame = &w});
    f.body_case = SB__FRAME__BODY_PEER_HEAD;
    f.peer_head = &m;
    feed(r, (sb_fol_event){.kind = SB_FOL_FRAME, .link = link, .frame = &f});
    return tick(r, 50);
}

/* An empty node asks whoever says that he has something; how far the log goes it says only when it
 * can tell whose signature it is. */
static void test_a_head_before_genesis_is_a_claim(void **state)
{
    rig *r = *state;
    enum { LIAR = 4, PEER = 5 };
    uint64_t size = state_size(r, 1), whole = state_size(r, 2);
    sb_checkpoint lie = {.size = 1000000}, head = head_at(r, whole);
    assert_true(sb_ledger_origin(r->f->ledger, lie.origin, sizeof lie.origin));
    r->knows_id = true;
    reopen(r);
    assert_non_null(strstr(peer_head(r, LIAR, note_of(r, &lie, "another")), "send 4 Pull from 0"));
    sb_checkpoint empty = head_at(r, 0); /* who has nothing has no more than we: not kept */
    for (int i = 0; i < 3; i++)
        assert_null(strstr(peer_head(r, PEER, note_of(r, &empty, "log")), "send 5 Pull"));
    assert_non_null(strstr(peer_head(r, PEER, note_of(r, &head, "log")), "send 5 Pull from 0"));
    assert_int_equal(status_of(r).known_size, 0);
    clock_after(r, size);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    welcome(r, size);
    leaves(r, 0, size);
    tick(r, 50);
    assert_int_equal(status_of(r).size, size);
    assert_int_equal(status_of(r).known_size, whole);
}

static void test_conflict_is_kept(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
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
    connect(r);
    assert_true(status_of(r).conflict);
    assert_null(strstr(certified(r, size, THREE, 3, 1), "COSIGNED"));
}

/* A conflicting head of a size that we passed. */
static void test_conflict_with_the_past(void **state)
{
    rig *r = *state;
    connect(r);
    leaves(r, 0, 6);
    sb_checkpoint other = head_at(r, 4);
    other.root[7] ^= 1;
    assert_string_equal(leaves_under(r, 2, 4, note_of(r, &other, "log"), NULL),
                        "commit +EVIDENCE\nconflict SB_E_FOLLOWER_CONFLICT\n");
    assert_convicts(r, SB_EVIDENCE_HEADS);
}

static void test_diverges(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 1);
    leaves(r, 0, 2);
    /* the log goes on with a leaf that the fold refuses: the same CHARTER_PART once more */
    sb_slice bad[] = {fed_leaf(r->f, 2), fed_leaf(r->f, 2), fed_leaf(r->f, 3)};
    sb_checkpoint head = head_at(r, 2);
    sb_tree tree = r->trees[2];
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

/* A SEAL that comes with what is refused is in our log, and so in the record. */
/* Of a newer program: an entry of a type that this one doesn't know. It stops there, and its words say
 * what is needed. */
static void test_an_unknown_entry_in_the_log(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    leaves(r, 0, 2);
    sb_slice newer = sb_arena_copy(&r->arena, fed_leaf(r->f, 2));
    ((uint8_t *)(uintptr_t)newer.data)[8 + 1] = 250; /* u64 time, u8 version, u8 type */
    sb_slice bad[] = {newer};
    sb_checkpoint head = head_at(r, 2);
    sb_tree tree = r->trees[2];
    uint8_t hash[32];
    sb_leaf_hash(newer, hash);
    sb_tree_append(&tree, hash, NULL, NULL);
    head.size = 3;
    sb_tree_root(&tree, head.root);
    const char *trace = leaves_under(r, 2, 3, note_of(r, &head, "log"), bad);
    assert_non_null(strstr(trace, "diverged at 2 SB_E_ENTRY_TYPE"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_DIVERGED);
}

static void test_diverges_behind_a_seal(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t seal = state_size(r, 2) - 2;
    assert_int_equal(type_at(r, seal), SB_ENTRY_SEAL);
    leaves(r, 0, seal);
    sb_slice bad[] = {fed_leaf(r->f, (size_t)seal), fed_leaf(r->f, 2)};
    sb_checkpoint head = head_at(r, seal);
    sb_tree tree = r->trees[seal];
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
    connect(r);
    leaves(r, 0, 2);
    sb_slice bad = sb_arena_copy(&r->arena, fed_leaf(r->f, 2));
    ((uint8_t *)bad.data)[bad.len - 1] ^= 1; /* its signature */
    uint8_t hash[32];
    sb_checkpoint head = head_at(r, 2);
    sb_tree tree = r->trees[2];
    sb_leaf_hash(bad, hash);
    sb_tree_append(&tree, hash, NULL, NULL);
    head.size = 3;
    sb_tree_root(&tree, head.root);
    assert_string_equal(leaves_under(r, 2, 3, note_of(r, &head, "log"), &bad),
                        "commit +DIVERGED +EVIDENCE\ndiverged at 2 SB_E_SIGNATURE\n");
}

/* Whoever serves leaves can spoil those that we hold as well; the head stands over the others. */
static void test_a_known_leaf_spoilt_on_the_way(void **state)
{
    rig *r = *state;
    connect(r);
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

/* ---- tests: cosigning and finality ---- */

static void test_record_before_cosignature(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size);
    leaves(r, 0, size - 1);
    /* killed between the commit and the send */
    r->dies = true;
    assert_string_equal(leaves(r, size - 1, size), "commit STATE +HEAD +COSIGNED\n");
    uint64_t time_s = r->now.legal_ms / 1000;
    r->dies = false;
    reopen(r);
    r->now.legal_ms += 30000;
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    char wanted[128];
    snprintf(wanted, sizeof wanted, "send Cosign %llu at %llu\n", (unsigned long long)size,
             (unsigned long long)time_s);
    assert_non_null(strstr(welcome(r, size), wanted)); /* the identical one */
}

static void test_final_in_two_rounds(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    clock_after(r, second);
    uint64_t now_s = r->now.legal_ms / 1000;
    assert_false(status_of(r).stale); /* nothing was ever confirmed */
    leaves(r, 0, second);             /* … STATE SEAL STATE */
    assert_int_equal(status_of(r).state, SB_FOL_STATE_NOT_CONFIRMED);
    r->now.mono_ms += SB_FOL_STALE_MS;
    assert_int_equal(status_of(r).state, SB_FOL_STATE_STALE);
    assert_int_equal(type_at(r, second - 2), SB_ENTRY_SEAL);
    assert_string_equal(certified(r, first, THREE, 2, now_s), ""); /* no quorum */
    assert_int_equal(status_of(r).certified_size, 0);
    assert_int_equal(status_of(r).confirmed, 2);
    assert_false(status_of(r).enough);
    for (uint32_t org = 0; org < 4; org++)
        assert_int_equal(sb_follower_has_confirmed(r->fol, org), org < 2);
    assert_string_equal(certified(r, first, THREE, 3, now_s), "commit +CERTIFIED\n");
    assert_true(status_of(r).enough);
    assert_int_equal(status_of(r).certified_size, first);
    assert_int_equal(status_of(r).final_size, 0);
    certified(r, second, THREE, 3, now_s);
    assert_int_equal(status_of(r).certified_size, second);
    assert_int_equal(status_of(r).final_size, first);
    assert_memory_equal(status_of(r).final_root, head_at(r, first).root, 32);
    assert_false(status_of(r).stale);
    /* asked anew, by a broker that was restarted: the proof that is kept stays */
    const char *proof = sb_arena_str(&r->arena, sb_follower_certified(r->fol));
    certified(r, second, THREE, 0, now_s);
    certified(r, second, THREE, 2, now_s);
    assert_true(sb_slice_eq(sb_follower_certified(r->fol), sb_slice_str(proof)));
    r->now.mono_ms += SB_FOL_STALE_MS;
    assert_true(status_of(r).stale);
    reopen(r);
    assert_true(status_of(r).stale); /* who knows what came since */
    assert_int_equal(status_of(r).final_size, first);
    /* an old certified head again is no news */
    connect(r);
    certified(r, first, THREE, 3, now_s);
    assert_int_equal(status_of(r).certified_size, second);
    assert_int_equal(status_of(r).final_size, first);
}

static uint32_t lines_of(sb_slice note)
{
    sb_note parsed;
    assert_int_equal(sb_note_parse(note, &parsed, NULL), SB_OK);
    return parsed.line_count;
}

/* Asked anew, others answer first: what is kept has them all, each once; the proof of what is final
 * too. Whoever believes an older policy may need them. */
static void test_keeps_the_fullest_note(void **state)
{
    rig *r = *state;
    static const char *const others[] = {"kommune-a", "lege", "bruker"};
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 2);
    clock_after(r, size);
    leaves(r, 0, size);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 3);
    certified(r, size, others, 3, now_s + 1);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 4);
    assert_int_equal(lines_of(sb_follower_final_proof(r->fol)), 1 + 4);
    for (uint64_t i = 2; i < 5; i++) /* it doesn't grow with each minute's */
        certified(r, size, THREE, 3, now_s + i);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 4);
    reopen(r);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 4);
    assert_int_equal(lines_of(sb_follower_final_proof(r->fol)), 1 + 4);
}

/* Replayed cosignatures don't make a head fresh. */
static void test_stale_times(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size);
    leaves(r, 0, size);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s - 10 * 60);
    assert_int_equal(status_of(r).certified_size, size);
    assert_true(status_of(r).stale);
}

/* The same cosignatures, sent again and again, don't hide that the witnesses are silent… */
static void test_stale_replays(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size);
    leaves(r, 0, size);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s);
    for (int i = 0; i < 4; i++) {
        assert_false(status_of(r).stale);
        tick(r, SB_FOL_STALE_MS / 4);
        certified(r, size, THREE, 3, now_s);
    }
    assert_true(status_of(r).stale);
    /* one of the three isn't enough, all three are */
    now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 1, now_s);
    assert_true(status_of(r).stale);
    certified(r, size, THREE, 3, now_s);
    assert_false(status_of(r).stale);
}

/* … but in a rehearsal, whose clock stands still, there are no other ones. */
static void test_rehearsal_stays_fresh(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size);
    leaves(r, 0, size);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s);
    r->now.mono_ms += SB_FOL_STALE_MS;
    assert_true(status_of(r).stale);
    certified(r, size, THREE, 3, now_s);
    assert_false(status_of(r).stale);
}

static void test_blobs_first(void **state)
{
    rig *r = *state;
    connect(r);
    uint64_t size = 0; /* the first STATE above an entry with an attachment */
    for (int n = 1; size == 0; n++) {
        uint64_t at = state_size(r, n);
        for (uint64_t i = 0; i < at; i++)
            if (type_at(r, i) == SB_ENTRY_APPOINT)
                size = at;
    }
    clock_after(r, size);
    const char *trace = leaves(r, 0, size);
    assert_non_null(strstr(trace, "+MISSING"));
    assert_null(strstr(trace, "COSIGNED"));
    uint32_t missing = status_of(r).blobs_missing;
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_BLOBS);
    assert_non_null(strstr(tick(r, 50), "want blob\n"));
    reopen(r); /* it remembers */
    connect(r);
    assert_int_equal(status_of(r).blobs_missing, missing);
    leaves(r, size - 1, size); /* the broker offers again */
    for (uint64_t i = 0; i < size; i++) {
        sb_leaf leaf;
        sb_leaf_open(fed_leaf(r->f, (size_t)i), &r->arena, &leaf, NULL);
        for (size_t b = 0; b < leaf.blob_count; b++) {
            assert_true(status_of(r).cosigned_size == 0);
            sb_fol_event event = {.kind = SB_FOL_BLOB_STORED};
            memcpy(event.blob, leaf.blobs[b]->sha256.data, 32);
            sim_store_blob(&r->store, event.blob);
            uint32_t before = status_of(r).blobs_missing; /* some are named twice */
            bool gone = strstr(feed(r, event), "-MISSING") != NULL;
            assert_int_equal(gone, status_of(r).blobs_missing < before);
        }
    }
    assert_int_equal(status_of(r).cosigned_size, size);
    assert_int_equal(status_of(r).blobs_missing, 0);
}

/* ---- erased attachments ---- */

/* Heads of the leaves that were added to the federation's log since. */
static void more_trees(rig *r, size_t from)
{
    r->trees = sb_xrealloc(r->trees, (r->f->leaf_count + 1) * sizeof *r->trees);
    for (size_t i = from; i < r->f->leaf_count; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(r->f, i), hash);
        sb_tree_copy(&r->trees[i + 1], &r->trees[i]);
        sb_tree_append(&r->trees[i + 1], hash, NULL, NULL);
    }
}

typedef struct erasing {
    uint64_t named, erased; /* sizes of the heads after the leaf that names it, that erases it */
    uint64_t sealed, end;   /* the head after the SEAL that covers both, and the last one */
    const uint8_t *sha256;
} erasing;

/* A case whose text is erased, each under a STATE of its own, then sealed. */
static erasing erase_something(rig *r)
{
    size_t from = r->f->leaf_count;
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)"ssu";
    report.title = (char *)"Med for mye";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    report.text = fed_blob(r->f, "et navn for mye");
    fed_must(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat");
    fed_state(r->f);
    erasing e = {.named = r->f->leaf_count, .sha256 = report.text->sha256.data};
    Sb__BlobErase erase = SB__BLOB_ERASE__INIT;
    erase.blob_sha256 = report.text->sha256;
    erase.reason = SB__ERASE_REASON__ERASE_REASON_PERSONAL;
    fed_must(r->f, SB_ENTRY_BLOB_ERASE, &erase.base, "secretariat");
    fed_state(r->f);
    e.erased = r->f->leaf_count;
    fed_seal(r->f); /* ends with a STATE */
    e.sealed = e.end = r->f->leaf_count;
    more_trees(r, from);
    return e;
}

static void test_cosigns_without_what_is_erased(void **state)
{
    rig *r = *state;
    size_t before = r->f->leaf_count;
    hold_all_blobs(r); /* of what was there before */
    erasing e = erase_something(r);
    connect(r);
    clock_after(r, e.end - 1);
    leaves(r, 0, before);
    leaves(r, before, e.named);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_BLOBS);
    assert_int_equal(status_of(r).blobs_missing, 1);
    assert_non_null(strstr(tick(r, 50), "want blob"));
    leaves(r, e.named, e.erased); /* the head that erases it needs it no more */
    assert_int_equal(status_of(r).cosigned_size, e.erased);
    assert_int_equal(status_of(r).blobs_missing, 0);
    assert_null(strstr(tick(r, 20000), "want blob"));
    reopen(r); /* not final yet: still remembered, still not wanted */
    connect(r);
    assert_int_equal(status_of(r).blobs_missing, 0);
    assert_null(strstr(tick(r, 20000), "want blob"));
}

static void test_erases_what_is_final(void **state)
{
    rig *r = *state;
    erasing e = erase_something(r);
    hold_all_blobs(r);
    connect(r);
    clock_after(r, e.end - 1);
    uint64_t time_s = r->now.legal_ms / 1000;
    leaves(r, 0, e.erased);
    certified(r, e.erased, THREE, 3, time_s);
    assert_true(sim_store_has_blob(&r->store, e.sha256)); /* certified isn't final */
    leaves(r, e.erased, e.end);
    assert_true(sim_store_has_blob(&r->store, e.sha256)); /* nor is sealed */
    certified(r, e.end, THREE, 3, time_s + 1);
    assert_true(status_of(r).final_size >= e.erased);
    assert_false(sim_store_has_blob(&r->store, e.sha256));
    assert_string_equal(tick(r, 50), ""); /* once */
    /* kept by mistake: it goes when the node starts next */
    sim_store_blob(&r->store, e.sha256);
    reopen(r);
    tick(r, 50);
    assert_false(sim_store_has_blob(&r->store, e.sha256));
}

/* Nobody takes what names it any more, and nobody waits for it. */
static void test_nothing_names_what_is_erased(void **state)
{
    rig *r = *state;
    erasing e = erase_something(r);
    hold_all_blobs(r);
    connect(r);
    clock_after(r, e.end - 1);
    leaves(r, 0, e.end);
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)"ssu";
    report.title = (char *)"En gang til";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    report.text = fed_blob(r->f, "et navn for mye");
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat", NULL, &entry);
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(sb_buf_slice(&entry), &r->arena, &leaf, NULL), SB_OK);
    const char *trace = feed(
        r,
        (sb_fol_event){.kind = SB_FOL_MEMBER_SUBMIT, .entry = sb_buf_slice(&entry), .leaf = &leaf});
    assert_non_null(strstr(trace, "SB_E_LEDGER_BLOB_ERASED"));
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&entry);
}

/* A shell that says so too soon: what isn't held isn't held. */
static void test_blob_that_is_not_there(void **state)
{
    rig *r = *state;
    connect(r);
    leaves(r, 0, r->f->leaf_count);
    uint32_t missing = status_of(r).blobs_missing;
    assert_true(missing > 0);
    for (size_t i = 0; i < r->f->leaf_count; i++) {
        sb_leaf leaf;
        sb_leaf_open(fed_leaf(r->f, i), &r->arena, &leaf, NULL);
        for (size_t b = 0; b < leaf.blob_count; b++) {
            sb_fol_event event = {.kind = SB_FOL_BLOB_STORED};
            memcpy(event.blob, leaf.blobs[b]->sha256.data, 32);
            feed(r, event);
        }
    }
    assert_int_equal(status_of(r).blobs_missing, missing);
    assert_int_equal(status_of(r).cosigned_size, 0);
}

/* The record is unn's; the key file that lies there is another organisation's. */
static void test_another_organisations_key(void **state)
{
    rig *r = *state;
    r->witness = "lege/witness";
    reopen(r);
    hold_all_blobs(r);
    connect(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size - 1);
    leaves(r, 0, size);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_NO_KEY);
}

static void test_times(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    /* the last leaf is six minutes ahead of our clock: not yet */
    clock_after(r, first - 1);
    r->now.legal_ms -= 6 * 60 * 1000;
    leaves(r, 0, first);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_LEAF_LATE);
    assert_non_null(strstr(tick(r, 70 * 1000), "+COSIGNED"));
    /* an hour later by our clock the same head again; then leaves that are older than that */
    r->now.legal_ms += 60 * 60 * 1000;
    r->now.mono_ms += SB_FOL_RECOSIGN_MS;
    sb_checkpoint head = head_at(r, first);
    assert_non_null(strstr(leaves_under(r, first - 1, first, note_of(r, &head, "log"), NULL),
                           "commit +COSIGNED\nsend Cosign"));
    assert_null(strstr(leaves(r, first, second), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_LEAF_EARLY);
    /* leaves under a certified head are exempt */
    certified(r, second, (const char *const[]){"kommune-a", "lege", "bruker"}, 3,
              r->now.legal_ms / 1000);
    tick(r, 50);
    assert_int_equal(status_of(r).cosigned_size, second);
}

/* The same head asked for again: the very same bytes, or now and then a later time. */
static void test_cosigns_anew(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    clock_after(r, second);
    uint64_t time_s = r->now.legal_ms / 1000;
    leaves(r, 0, first);
    char same[96], anew[96];
    snprintf(same, sizeof same, "send Cosign %llu at %llu\n", (unsigned long long)first,
             (unsigned long long)time_s);
    snprintf(anew, sizeof anew, "commit +COSIGNED\nsend Cosign %llu at %llu\n",
             (unsigned long long)first, (unsigned long long)time_s + 40);
    r->now.mono_ms += 5000;
    r->now.legal_ms += 5000;
    assert_string_equal(certified(r, first, NULL, 0, 0), same);
    r->now.mono_ms += 35000;
    r->now.legal_ms += 35000;
    assert_string_equal(certified(r, first, NULL, 0, 0), anew);
    /* our clock was set back: our own times don't fall */
    r->now.legal_ms -= 20000;
    snprintf(anew, sizeof anew, "send Cosign %llu at %llu\n", (unsigned long long)second,
             (unsigned long long)time_s + 40);
    assert_non_null(strstr(leaves(r, first, second), anew));
}

/* ---- tests: the outbox ---- */

static sb_buf make_report(rig *r, const char *title, uint64_t seq, bool with_text)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)"ssu";
    m.title = (char *)title;
    m.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    if (with_text)
        m.text = fed_blob(r->f, title);
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, seq);
    sb_buf entry;
    sb_buf_init(&entry);
    assert_int_equal(
        sb_make_CASE_REPORT(&m, &head, fed_key_of(r->f, "bruker-1/primary")->secret, &entry, NULL),
        SB_OK);
    return entry;
}

static const char *submit(rig *r, const sb_buf *entry, uint64_t member)
{
    sb_leaf leaf;
    sb_fail fail = {0};
    sb_fol_event event = {
        .kind = SB_FOL_MEMBER_SUBMIT, .entry = sb_buf_slice(entry), .member = member};
    if (sb_entry_open(event.entry, &r->arena, &leaf, &fail) == SB_OK)
        event.leaf = &leaf;
    event.refusal = &fail;
    return feed(r, event);
}

static const char *refused(rig *r, const sb_buf *entry, sb_err code)
{
    uint8_t id[32];
    sb_hash(sb_slice_of(entry->data, entry->len - 64), id);
    Sb__Refused m = SB__REFUSED__INIT;
    m.entry_id = (ProtobufCBinaryData){.len = 32, .data = id};
    m.code = (uint32_t)code;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_REFUSED;
    f.refused = &m;
    return frame(r, &f);
}

/* A receipt for the entry as the leaf after the whole log; spoil: its proof is of another leaf. */
static const char *receipt(rig *r, const sb_buf *entry, bool spoil)
{
    uint8_t id[32], hash[32], time[8] = {0, 0, 1, 0x80};
    sb_buf leaf;
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_slice_of(time, 8));
    sb_buf_add(&leaf, sb_buf_slice(entry));
    sb_leaf_hash(sb_buf_slice(&leaf), hash);
    hash[3] ^= spoil;
    uint64_t size = r->f->leaf_count;
    sb_tree tree = r->trees[size];
    sb_tree_append(&tree, hash, NULL, NULL);
    sb_checkpoint head = head_at(r, size);
    head.size = size + 1;
    sb_tree_root(&tree, head.root);
    sb_proof proof;
    assert_int_equal(sb_tree_inclusion(&tree, size, size + 1, (sb_tile_reader){0}, &proof, NULL),
                     SB_OK);
    ProtobufCBinaryData path[64];
    for (uint32_t i = 0; i < proof.count; i++)
        path[i] = (ProtobufCBinaryData){.len = 32, .data = proof.hashes[i].b};
    sb_hash(sb_slice_of(entry->data, entry->len - 64), id);
    sb_slice note = note_of(r, &head, "log");
    Sb__Receipt m = SB__RECEIPT__INIT;
    m.entry_id = (ProtobufCBinaryData){.len = 32, .data = id};
    m.index = size;
    m.sequenced_at_ms = (uint64_t)0x180 << 32;
    m.n_proof = proof.count;
    m.proof = path;
    m.head = (ProtobufCBinaryData){.len = note.len, .data = (uint8_t *)note.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_RECEIPT;
    f.receipt = &m;
    const char *trace = frame(r, &f);
    sb_buf_deinit(&leaf);
    return trace;
}

static void follow_all(rig *r)
{
    hold_all_blobs(r);
    connect(r);
    leaves(r, 0, r->f->leaf_count);
    assert_int_equal(status_of(r).size, r->f->leaf_count);
}

static void test_outbox_while_broker_is_away(void **state)
{
    rig *r = *state;
    follow_all(r);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = 1});
    sb_buf one = make_report(r, "Sak fire", 1000, false);
    assert_string_equal(submit(r, &one, 5), "commit +OUTBOX\nnotify 5 queued\n");
    assert_string_equal(submit(r, &one, 6), "notify 6 queued\n"); /* the same bytes */
    tick(r, 31000);
    assert_int_equal(status_of(r).held_back, 1);
    reopen(r);
    assert_int_equal(status_of(r).outbox, 1);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    assert_non_null(strstr(welcome(r, r->f->leaf_count), "send Submit\n"));
    assert_string_equal(tick(r, 600), "");
    assert_non_null(strstr(tick(r, 5000), "send Submit\n")); /* no answer: once more */
    assert_string_equal(refused(r, &one, SB_E_LEDGER_TIME),
                        "commit -OUTBOX\nnotify 0 refused SB_E_LEDGER_TIME\n");
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&one);
}

/* The member was given the broker's receipt as it came: with its proof and the signed head. */
static void expect_whole_receipt(rig *r, const sb_buf *entry)
{
    const Sb__Frame *frame = NULL;
    uint8_t id[32];
    sb_hash(sb_slice_of(entry->data, entry->len - 64), id);
    assert_int_equal(sb_frame_decode(sb_buf_slice(&r->receipt), &r->arena, &frame, NULL), SB_OK);
    assert_int_equal(frame->body_case, SB__FRAME__BODY_RECEIPT);
    assert_memory_equal(frame->receipt->entry_id.data, id, 32);
    assert_int_equal(frame->receipt->index, r->f->leaf_count);
    assert_true(frame->receipt->n_proof > 0 && frame->receipt->head.len > 0);
}

static void test_outbox_keeps_each_keys_order(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak fire", 1000, false);
    sb_buf two = make_report(r, "Sak fem", 1001, false);
    assert_string_equal(submit(r, &one, 1), "commit +OUTBOX\nnotify 1 queued\nsend Submit\n");
    assert_string_equal(submit(r, &two, 2), "commit +OUTBOX\nnotify 2 queued\n");
    assert_string_equal(receipt(r, &one, true), ""); /* proves nothing */
    char wanted[128];
    snprintf(wanted, sizeof wanted, "commit +OUTBOX\nnotify 1 receipt index %zu\nsend Submit\n",
             r->f->leaf_count);
    assert_string_equal(receipt(r, &one, false), wanted);
    assert_int_equal(status_of(r).outbox, 2); /* kept until final */
    expect_whole_receipt(r, &one);
    /* the broker's clock is off: it stays */
    assert_string_equal(refused(r, &two, SB_E_SEQUENCER_CLOCK), "");
    assert_int_equal(status_of(r).outbox, 2);
    reopen(r); /* the receipt is durable */
    sb_buf_clear(&r->receipt);
    assert_non_null(strstr(submit(r, &one, 3), "notify 3 receipt"));
    expect_whole_receipt(r, &one);
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    const char *trace = strstr(welcome(r, r->f->leaf_count), "send Submit\n");
    assert_non_null(trace);
    assert_null(strstr(trace + 1, "send Submit\n"));
    sb_buf_deinit(&one);
    sb_buf_deinit(&two);
}

/* A list in parts goes on behind the row that it came to, though one before it has left. */
static void test_outbox_in_parts(void **state)
{
    rig *r = *state;
    size_t count;
    follow_all(r);
    sb_buf reports[3];
    for (uint32_t i = 0; i < 3; i++) {
        reports[i] = make_report(r, "Sak", 1000 + (uint64_t)i, false);
        submit(r, &reports[i], i + 1);
    }
    sb_fol_outbox_place *all = sb_follower_outbox_since(r->fol, 0, &count);
    assert_int_equal(count, 3);
    assert_non_null(strstr(refused(r, &reports[0], SB_E_LEDGER_SUPERSEDED), "refused"));
    assert_int_equal(status_of(r).outbox, 2);
    sb_fol_outbox_place *rest = sb_follower_outbox_since(r->fol, all[1].number, &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < 2; i++) {
        sb_fol_outbox_row row;
        sb_entry entry;
        size_t at = rest[i].at;
        assert_int_equal(rest[i].number, all[i + 1].number);
        assert_true(sb_follower_outbox_next(r->fol, r->now, &at, &row));
        assert_int_equal(sb_entry_parse(row.entry, &entry, NULL), SB_OK);
        assert_int_equal(entry.signer_seq, 1001 + i);
    }
    free(all);
    free(rest);
    for (uint32_t i = 0; i < 3; i++)
        sb_buf_deinit(&reports[i]);
}

static void test_outbox_sends_attachments_first(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak med vedlegg", 1000, true);
    assert_string_equal(submit(r, &one, 1), "notify 1 refused SB_E_FOLLOWER_BLOB_MISSING\n");
    sb_fol_event event = {.kind = SB_FOL_BLOB_AT_LINK, .link = 1};
    memcpy(event.blob, fed_blob(r->f, "Sak med vedlegg")->sha256.data, 32);
    sim_store_blob(&r->store, event.blob);
    assert_string_equal(submit(r, &one, 1), "commit +OUTBOX\nnotify 1 queued\nput blob\n");
    assert_string_equal(feed(r, event), "send Submit\n");
    sb_buf_deinit(&one);
}

static void test_outbox_until_final(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t first = state_size(r, 1), second = state_size(r, 2), third = state_size(r, 3);
    clock_after(r, second);
    leaves(r, 0, second);
    /* the next member entry, handed in here, then seen in the log */
    uint64_t at = second;
    while (sb_entry_type_is_system(type_at(r, at)))
        at++;
    assert_true(at < third);
    sb_slice leaf = fed_leaf(r->f, (size_t)at);
    sb_buf entry;
    sb_buf_init(&entry);
    sb_buf_add(&entry, sb_slice_of(leaf.data + 8, leaf.len - 8));
    assert_non_null(strstr(submit(r, &entry, 3), "notify 3 queued"));
    clock_after(r, r->f->leaf_count - 1);
    uint64_t fourth = state_size(r, 4);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "notify 3 receipt index %llu\n", (unsigned long long)at);
    sb_buf_str(&r->receipt, "of another");
    assert_non_null(strstr(leaves(r, second, fourth), wanted));
    assert_int_equal(r->receipt.len, 0); /* seen in the log: no receipt to pass on */
    (void)first;
    certified(r, third, THREE, 3, r->now.legal_ms / 1000);
    assert_int_equal(status_of(r).outbox, 1);
    snprintf(wanted, sizeof wanted, "notify 3 final index %llu\n", (unsigned long long)at);
    assert_non_null(strstr(certified(r, fourth, THREE, 3, r->now.legal_ms / 1000), wanted));
    assert_int_equal(status_of(r).outbox, 0);
    /* handed in once more: it is in the log, and final */
    snprintf(wanted, sizeof wanted, "notify 9 final index %llu\n", (unsigned long long)at);
    assert_string_equal(submit(r, &entry, 9), wanted);
    sb_buf_deinit(&entry);
}

/* It is in the log already, and not final: kept as well, its member hears when it is. */
static void test_outbox_keeps_what_is_known(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
    uint64_t at = state_size(r, 2), third = state_size(r, 3), fourth = state_size(r, 4);
    clock_after(r, r->f->leaf_count - 1);
    leaves(r, 0, fourth);
    while (sb_entry_type_is_system(type_at(r, at)))
        at++;
    sb_slice leaf = fed_leaf(r->f, (size_t)at);
    sb_buf entry;
    sb_buf_init(&entry);
    sb_buf_add(&entry, sb_slice_of(leaf.data + 8, leaf.len - 8));
    char wanted[80];
    snprintf(wanted, sizeof wanted, "commit +OUTBOX\nnotify 3 receipt index %llu\n",
             (unsigned long long)at);
    assert_string_equal(submit(r, &entry, 3), wanted);
    assert_string_equal(submit(r, &entry, 3), strchr(wanted, '\n') + 1);
    assert_int_equal(status_of(r).outbox, 1);
    certified(r, third, THREE, 3, r->now.legal_ms / 1000);
    snprintf(wanted, sizeof wanted, "notify 3 final index %llu\n", (unsigned long long)at);
    assert_non_null(strstr(certified(r, fourth, THREE, 3, r->now.legal_ms / 1000), wanted));
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&entry);
}

static void test_broken_receipt_convicts(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    connect(r);
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

/* No other node could fetch it: no head would ever be cosigned again. */
static void test_blob_of_another_size(void **state)
{
    rig *r = *state;
    follow_all(r);
    sb_buf one = make_report(r, "Sak med vedlegg", 1000, true);
    const Sb__BlobRef *blob = fed_blob(r->f, "Sak med vedlegg");
    sim_store_blob_of(&r->store, blob->sha256.data, blob->size + 1);
    assert_string_equal(submit(r, &one, 1), "notify 1 refused SB_E_SEQUENCER_BLOB_SIZE\n");
    sb_buf_deinit(&one);
}

static void test_superseded_goes_back(void **state)
{
    rig *r = *state;
    follow_all(r);
    /* the number of an entry that is in the log, under other bytes */
    sb_buf one = make_report(r, "Sak fire", 1000, false),
           two = make_report(r, "Sak fem", 1000, false);
    submit(r, &one, 1);
    assert_string_equal(submit(r, &two, 2), "notify 2 refused SB_E_LEDGER_SUPERSEDED\n");
    assert_string_equal(refused(r, &one, SB_E_LEDGER_SUPERSEDED),
                        "commit -OUTBOX\nnotify 1 refused SB_E_LEDGER_SUPERSEDED\n");
    sb_buf_deinit(&one);
    sb_buf_deinit(&two);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_greeting),
        T(test_takes_ranges),
        T(test_asks_on_when_the_credit_is_used),
        T(test_heads_that_prove_nothing),
        T(test_a_head_before_genesis_is_a_claim),
        T(test_conflict_is_kept),
        T(test_conflict_with_the_past),
        T(test_diverges),
        T(test_an_unknown_entry_in_the_log),
        T(test_diverges_behind_a_seal),
        T(test_a_leaf_that_cannot_be_opened),
        T(test_a_known_leaf_spoilt_on_the_way),
        T(test_record_before_cosignature),
        T(test_final_in_two_rounds),
        T(test_keeps_the_fullest_note),
        T(test_stale_times),
        T(test_stale_replays),
        cmocka_unit_test_setup_teardown(test_rehearsal_stays_fresh, setup_rehearsal, teardown),
        T(test_blobs_first),
        T(test_blob_that_is_not_there),
        T(test_cosigns_without_what_is_erased),
        T(test_erases_what_is_final),
        T(test_nothing_names_what_is_erased),
        T(test_another_organisations_key),
        T(test_times),
        T(test_cosigns_anew),
        T(test_outbox_while_broker_is_away),
        T(test_outbox_keeps_each_keys_order),
        T(test_outbox_in_parts),
        T(test_outbox_sends_attachments_first),
        T(test_outbox_until_final),
        T(test_outbox_keeps_what_is_known),
        T(test_broken_receipt_convicts),
        T(test_broken_receipt_that_comes_late),
        T(test_blob_of_another_size),
        T(test_superseded_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
