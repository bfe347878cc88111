/* The sequencer's traces: what goes in, which effects come out and in which order. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/sequencer/sequencer.h"
#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"
#include "tests/sim/sim_script.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_trace.h"

enum { PEER = 1, OTHER = 2 };

typedef struct rig {
    fed *f;
    sim_script script;
    fed *keys;
    sim_store store;
    sb_ledger *ledger;
    sb_sequencer *seq;
    sb_now now;
    sb_buf trace;
    sb_arena arena;
    bool no_room;
} rig;

static void open_seq(rig *r)
{
    sb_fail fail;
    r->ledger = sim_store_ledger(&r->store);
    sb_seq_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .log_key = fed_key_of(r->keys, "log")->secret,
                        .watches_jumps = true};
    assert_int_equal(sb_sequencer_open(&r->seq, &opts, &fail), SB_OK);
}

static void close_seq(rig *r)
{
    sb_sequencer_close(r->seq);
    sb_ledger_close(r->ledger);
}

/* No rehearsal: its clock would be let off. */
static void for_real(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena, (void)arg;
    charter->rehearsal = false;
}

static int setup(void **state)
{
    fed_options options = {.edit = for_real};
    rig *r = calloc(1, sizeof *r);
    r->f = fed_new(&options);
    r->script = sim_script_make(r->f, 0);
    r->keys = fed_new(&options);
    sim_store_init(&r->store);
    sb_buf_init(&r->trace);
    sb_arena_init(&r->arena);
    r->now = (sb_now){.legal_ms = r->keys->now_ms, .mono_ms = 1000};
    open_seq(r);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    close_seq(r);
    sim_store_deinit(&r->store);
    sim_script_free(&r->script);
    fed_free(r->keys);
    fed_free(r->f);
    sb_buf_deinit(&r->trace);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

/* Step, commit when asked, and give the trace of all of it. */
static const char *feed(rig *r, sb_seq_event event)
{
    sb_seq_effects effects;
    sb_buf_clear(&r->trace);
    event.now = r->now;
    event.no_room = r->no_room;
    sb_sequencer_step(r->seq, &event, &effects);
    sim_trace_seq(&effects, &r->trace);
    if (effects.count > 0 && effects.items[effects.count - 1].kind == SB_SEQ_COMMIT) {
        sim_store_commit(&r->store, effects.items[effects.count - 1].commit, r->ledger);
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = r->now};
        sb_sequencer_step(r->seq, &done, &effects);
        sim_trace_seq(&effects, &r->trace);
    }
    return sb_buf_cstr(&r->trace);
}

static const char *tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    return feed(r, (sb_seq_event){.kind = SB_SEQ_TICK});
}

static const char *frame(rig *r, uint64_t peer, const Sb__Frame *f)
{
    return feed(r, (sb_seq_event){.kind = SB_SEQ_FRAME, .peer = peer, .frame = f});
}

static const char *submit(rig *r, sb_slice entry)
{
    Sb__Submit m = SB__SUBMIT__INIT;
    m.entry = (ProtobufCBinaryData){.len = entry.len, .data = (uint8_t *)entry.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.request = 7;
    f.body_case = SB__FRAME__BODY_SUBMIT;
    f.submit = &m;
    sb_fail fail = {0};
    sb_leaf leaf;
    sb_seq_event event = {.kind = SB_SEQ_FRAME, .peer = PEER, .frame = &f};
    if (sb_entry_open(entry, &r->arena, &leaf, &fail) == SB_OK)
        event.opened = &leaf;
    else
        event.refusal = &fail;
    return feed(r, event);
}

static void hold_blobs(rig *r, sb_slice entry)
{
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(entry, &r->arena, &leaf, NULL), SB_OK);
    for (size_t i = 0; i < leaf.blob_count; i++)
        sim_store_blob(&r->store, leaf.blobs[i]->sha256.data);
}

static const char *hello(rig *r, uint64_t peer)
{
    Sb__Hello m = SB__HELLO__INIT;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HELLO;
    f.hello = &m;
    return frame(r, peer, &f);
}

static const char *pull(rig *r, uint64_t from, uint32_t credit)
{
    Sb__Pull m = SB__PULL__INIT;
    m.from = from;
    m.credit = credit;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PULL;
    f.pull = &m;
    return frame(r, PEER, &f);
}

static const char *cosign_at(rig *r, const char *org, int64_t off_s, bool spoil)
{
    char name[96];
    sb_checkpoint head;
    sb_cosignature made;
    snprintf(name, sizeof name, "%s/witness", org);
    sb_ledger_position p;
    sb_ledger_position_get(r->ledger, &p);
    head.size = p.size;
    memcpy(head.root, p.root, 32);
    assert_true(sb_ledger_origin(r->ledger, head.origin, sizeof head.origin));
    fed_key *key = fed_key_of(r->keys, name);
    assert_int_equal(sb_cosign(&head, key->secret,
                               (uint64_t)((int64_t)(r->now.legal_ms / 1000) + off_s), &made, NULL),
                     SB_OK);
    if (spoil)
        made.sig[5] ^= 1;
    Sb__Cosign m = SB__COSIGN__INIT;
    m.size = head.size;
    m.root = (ProtobufCBinaryData){.len = 32, .data = head.root};
    m.witness_pk = (ProtobufCBinaryData){.len = 32, .data = key->pk};
    m.time_s = made.time_s;
    m.signature = (ProtobufCBinaryData){.len = 64, .data = made.sig};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_COSIGN;
    f.cosign = &m;
    return frame(r, PEER, &f);
}

static const char *cosign(rig *r, const char *org)
{
    return cosign_at(r, org, 0, false);
}

static void peer_up(rig *r, uint64_t peer)
{
    feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = peer});
}

/* Genesis and the charter's parts, each with its tick. Gives how many entries that took. */
static size_t found(rig *r)
{
    size_t i = 0;
    while (sb_ledger_phase_get(r->ledger) != SB_PHASE_RUNNING) {
        submit(r, r->script.lines[i++].entry);
        tick(r, 1);
    }
    return i;
}

/* ---- tests ---- */

static void test_order_of_effects(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    peer_up(r, OTHER);
    assert_string_equal(hello(r, PEER), "send 1 Welcome size 0 term 0 no head\n");
    assert_string_equal(pull(r, 0, 100), "");
    /* nothing is said before the commit; then the receipt, then the push */
    assert_string_equal(submit(r, r->script.lines[0].entry), "");
    assert_string_equal(tick(r, 50), "commit GENESIS STATE\n"
                                     "send 1 Receipt index 0 head 2\n"
                                     "send 1 Leaves 0+2 head 2\n");
    sb_seq_status status;
    sb_sequencer_status(r->seq, &status);
    assert_int_equal(status.needed, 0); /* no charter yet: nobody knows */
    assert_string_equal(tick(r, 50), "");
    /* uncertified: offered again, to everyone */
    assert_string_equal(tick(r, 2000), "send 1 Certified head 2\nsend 2 Certified head 2\n");
}

static void test_group_commit(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    assert_string_equal(submit(r, r->script.lines[0].entry), "");
    assert_string_equal(submit(r, r->script.lines[1].entry), "");
    assert_string_equal(submit(r, r->script.lines[2].entry), "");
    assert_string_equal(tick(r, 50), "commit GENESIS CHARTER_PART CHARTER_PART STATE\n"
                                     "send 1 Receipt index 0 head 4\n"
                                     "send 1 Receipt index 1 head 4\n"
                                     "send 1 Receipt index 2 head 4\n");
}

/* It gives what it has, takes nothing, and goes on when there is room. */
static void test_full_disk(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    submit(r, r->script.lines[0].entry);
    tick(r, 50);
    r->no_room = true;
    assert_string_equal(hello(r, PEER), "send 1 Welcome size 2 term 1 head 2\n");
    assert_string_equal(pull(r, 0, 100), "");
    assert_string_equal(tick(r, 50), "send 1 Leaves 0+2 head 2\n");
    assert_string_equal(submit(r, r->script.lines[0].entry), "send 1 Receipt index 0 head 2\n");
    assert_string_equal(submit(r, r->script.lines[1].entry),
                        "send 1 Refused SB_E_SEQUENCER_DISK_FULL\n");
    cosign(r, "unn");
    for (int i = 0; i < 10; i++)
        assert_null(strstr(tick(r, 2000), "commit"));
    r->no_room = false;
    assert_string_equal(submit(r, r->script.lines[1].entry), "");
    assert_string_equal(tick(r, 50), "commit CHARTER_PART STATE\n"
                                     "send 1 Receipt index 2 head 4\n"
                                     "send 1 Leaves 2+2 head 4\n");
}

static void test_refusals(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    /* an entry before genesis; bytes that are no entry; a signature that doesn't hold */
    assert_string_equal(submit(r, r->script.lines[1].entry), "send 1 Refused SB_E_LEDGER_PHASE\n");
    assert_string_equal(submit(r, sb_slice_str("short")), "send 1 Refused SB_E_ENTRY_TRUNCATED\n");
    sb_slice copy = sb_arena_copy(&r->arena, r->script.lines[0].entry);
    ((uint8_t *)copy.data)[copy.len - 1] ^= 1;
    assert_string_equal(submit(r, copy), "send 1 Refused SB_E_SIGNATURE\n");
    size_t i = found(r);
    /* an appointment whose attachment nobody uploaded */
    assert_string_equal(submit(r, r->script.lines[i].entry),
                        "send 1 Refused SB_E_SEQUENCER_BLOB_MISSING\n");
    sb_leaf named;
    assert_int_equal(sb_entry_open(r->script.lines[i].entry, &r->arena, &named, NULL), SB_OK);
    sim_store_blob_of(&r->store, named.blobs[0]->sha256.data, named.blobs[0]->size + 1);
    assert_string_equal(submit(r, r->script.lines[i].entry),
                        "send 1 Refused SB_E_SEQUENCER_BLOB_SIZE\n");
    hold_blobs(r, r->script.lines[i].entry);
    assert_string_equal(submit(r, r->script.lines[i].entry), "");
    /* the log's own kinds come from nobody else */
    sb_buf entry;
    sb_buf_init(&entry);
    Sb__Tick m = SB__TICK__INIT;
    m.due_ms = 1;
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, 1);
    assert_int_equal(sb_make_TICK(&m, &head, fed_key_of(r->keys, "log")->secret, &entry, NULL),
                     SB_OK);
    assert_string_equal(submit(r, sb_buf_slice(&entry)),
                        "send 1 Refused SB_E_SEQUENCER_SYSTEM_ENTRY\n");
    sb_buf_deinit(&entry);
}

static void test_resubmission(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    size_t count = found(r);
    assert_true(count > 3);
    /* the very same bytes: the original receipt, under the newest head */
    tick(r, 200);
    char wanted[96];
    snprintf(wanted, sizeof wanted, "send 1 Receipt index 0 head %llu\n",
             (unsigned long long)r->store.leaf_count);
    assert_string_equal(submit(r, r->script.lines[0].entry), wanted);
    /* twice in one batch: one leaf, two receipts */
    hold_blobs(r, r->script.lines[count].entry);
    uint64_t size = r->store.leaf_count;
    assert_string_equal(submit(r, r->script.lines[count].entry), "");
    assert_string_equal(submit(r, r->script.lines[count].entry), "");
    const char *trace = tick(r, 1);
    snprintf(wanted, sizeof wanted, "send 1 Receipt index %llu head %llu\n",
             (unsigned long long)size, (unsigned long long)r->store.leaf_count);
    assert_non_null(strstr(trace, wanted));
    assert_non_null(strstr(strstr(trace, wanted) + 1, wanted));
    /* the same number, other bytes */
    sb_buf other;
    sb_buf_init(&other);
    Sb__Accept m = SB__ACCEPT__INIT;
    uint8_t hash[32] = {1};
    m.charter_sha256 = (ProtobufCBinaryData){.len = 32, .data = hash};
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, 1);
    assert_int_equal(
        sb_make_ACCEPT(&m, &head, fed_key_of(r->keys, "unn/authority")->secret, &other, NULL),
        SB_OK);
    trace = submit(r, sb_buf_slice(&other));
    assert_non_null(strstr(trace, "send 1 Refused SB_E_LEDGER_"));
    sb_buf_deinit(&other);
}

static void test_two_rounds(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    tick(r, 4000); /* a STATE after the last ACCEPT, if it isn't there */
    sb_seq_status status;
    sb_sequencer_status(r->seq, &status);
    uint64_t first = status.size;
    /* two of four are no quorum; a false signature is nobody's; a third makes it */
    assert_string_equal(cosign(r, "unn"), "");
    assert_string_equal(cosign(r, "kommune-a"), "");
    assert_string_equal(cosign_at(r, "lege", 0, true), "");
    const char *trace = cosign(r, "lege");
    char wanted[128];
    snprintf(wanted, sizeof wanted, "send 1 Certified head %llu cosigned 3\n",
             (unsigned long long)first);
    assert_string_equal(trace, wanted);
    sb_sequencer_status(r->seq, &status);
    assert_int_equal(status.certified_size, first);
    assert_int_equal(status.final_size, 0); /* round one */
    snprintf(wanted, sizeof wanted, "commit SEAL STATE\n");
    assert_string_equal(tick(r, 100), wanted);
    cosign(r, "unn");
    cosign(r, "lege");
    cosign(r, "bruker");
    sb_sequencer_status(r->seq, &status);
    assert_int_equal(status.certified_size, first + 2);
    assert_int_equal(status.final_size, first); /* round two */
    /* STATE and SEAL alone are not sealed again, and nothing new is stated */
    tick(r, 1000);
    tick(r, 1000);
    assert_int_equal(r->store.leaf_count, first + 2);
    sb_sequencer_status(r->seq, &status);
    assert_int_equal(status.cosigners, 3); /* nor is it collected anew */
    /* a late cosignature goes round too */
    assert_string_equal(cosign(r, "kommune-a"), "");
    snprintf(wanted, sizeof wanted, "send 1 Certified head %llu cosigned 4\n",
             (unsigned long long)first + 2);
    assert_string_equal(tick(r, 200), wanted);
    /* a minute later it is cosigned anew */
    snprintf(wanted, sizeof wanted, "send 1 Certified head %llu\n", (unsigned long long)first + 2);
    assert_string_equal(tick(r, 60 * 1000), wanted);
}

/* What a head's quorum was made of stays on its note, also when a later leaf replaces one of the keys
 * (seed 133 of the simulator). */
static void test_replaced_key(void **state)
{
    rig *r = *state;
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    sb_buf entry;
    sb_buf_init(&entry);
    peer_up(r, PEER);
    found(r);
    tick(r, 4000);
    cosign(r, "unn");
    cosign(r, "kommune-a");
    cosign(r, "lege");
    tick(r, 100); /* SEAL STATE */
    cosign(r, "unn");
    cosign(r, "kommune-a");
    assert_non_null(strstr(cosign(r, "lege"), "cosigned 3"));
    cosign(r, "bruker"); /* goes round at the next tick */
    m.old_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(r->f, "lege/witness")->pk};
    m.new_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(r->f, "lege/witness-2")->pk};
    fed_make(r->f, SB_ENTRY_KEY_REPLACE, &m.base, "lege/recovery", NULL, &entry);
    assert_string_equal(submit(r, sb_buf_slice(&entry)), "");
    const char *trace = tick(r, 200);
    assert_non_null(strstr(trace, "KEY_REPLACE"));
    assert_non_null(strstr(trace, "cosigned 4"));
    sb_buf_deinit(&entry);
}

static void test_credit(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    assert_string_equal(pull(r, 1, 2), "");
    assert_string_equal(pull(r, 1, 2), ""); /* many in a row cost no more than one */
    assert_string_equal(tick(r, 1), "send 1 Leaves 1+1 head 2\nsend 1 Leaves 2+1 head 3\n");
    assert_string_equal(tick(r, 1), "");
    uint64_t size = r->store.leaf_count;
    char wanted[96];
    snprintf(wanted, sizeof wanted, "send 1 Leaves %llu+1 head %llu\n",
             (unsigned long long)size - 1, (unsigned long long)size);
    assert_string_equal(pull(r, size - 1, 9), "");
    assert_string_equal(tick(r, 1), wanted);
    /* it has all: the head that waits for cosignatures is what it may lack */
    assert_non_null(strstr(pull(r, size, 9), "send 1 Certified head 2\n"));
}

static void test_restart(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    /* a batch that is durable, but its COMMITTED was never fed: no receipt went out */
    size_t i = 0;
    while (r->script.lines[i].entry.data[1] != SB_ENTRY_APPOINT)
        i++;
    hold_blobs(r, r->script.lines[i].entry);
    submit(r, r->script.lines[i].entry);
    sb_seq_effects effects;
    sb_seq_event event = {.kind = SB_SEQ_TICK, .now = r->now};
    sb_sequencer_step(r->seq, &event, &effects);
    assert_int_equal(effects.count, 1);
    assert_int_equal(effects.items[0].kind, SB_SEQ_COMMIT);
    sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
    close_seq(r);
    open_seq(r);
    uint64_t size = r->store.leaf_count;
    peer_up(r, PEER);
    /* an entry comes before the first TICK */
    hold_blobs(r, r->script.lines[i + 1].entry);
    assert_string_equal(submit(r, r->script.lines[i + 1].entry), "");
    tick(r, 1);
    sb_seq_status status;
    sb_sequencer_status(r->seq, &status);
    assert_true(status.head_size >= size);
    const char *trace = submit(r, r->script.lines[i].entry);
    assert_non_null(strstr(trace, "send 1 Receipt index "));
}

/* The disk lost or changed a leaf: nothing is signed over it. */
static void test_reads_back(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    size_t i = 0;
    while (r->script.lines[i].entry.data[1] != SB_ENTRY_APPOINT)
        i++;
    hold_blobs(r, r->script.lines[i].entry);
    submit(r, r->script.lines[i].entry);
    sb_seq_effects effects;
    sb_seq_event event = {.kind = SB_SEQ_TICK, .now = r->now};
    sb_sequencer_step(r->seq, &event, &effects);
    sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
    r->store.leaves[r->store.leaf_count - 1].data[9] ^= 1;
    event.kind = SB_SEQ_COMMITTED;
    sb_sequencer_step(r->seq, &event, &effects);
    sb_buf_clear(&r->trace);
    sim_trace_seq(&effects, &r->trace);
    assert_string_equal(sb_buf_cstr(&r->trace), "fatal SB_E_SEQUENCER_STORE\n");
    r->store.leaves[r->store.leaf_count - 1].data[9] ^= 1;
}

static void test_restored_from_too_old_a_copy(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    tick(r, 200);
    /* a head of ours that is longer than our log */
    sb_checkpoint head = {.size = r->store.leaf_count + 5};
    head.root[0] = 1;
    assert_true(sb_ledger_origin(r->ledger, head.origin, sizeof head.origin));
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(r->keys, "log")->secret, &note, NULL),
                     SB_OK);
    Sb__Certified m = SB__CERTIFIED__INIT;
    m.note = (ProtobufCBinaryData){.len = note.len, .data = note.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CERTIFIED;
    f.certified = &m;
    assert_string_equal(frame(r, PEER, &f), "fatal SB_E_SEQUENCER_BEHIND\n");
    assert_string_equal(tick(r, 100), ""); /* nothing more, ever */
    sb_buf_deinit(&note);
}

static void test_clock(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    size_t i = found(r);
    tick(r, 4000);
    static const char *const orgs[] = {"unn", "kommune-a", "lege"};
    for (size_t o = 0; o < 3; o++)
        cosign_at(r, orgs[o], -1, false); /* the first time says nothing */
    for (size_t o = 0; o < 3; o++)
        cosign_at(r, orgs[o], 200, false);
    sb_seq_status status;
    sb_sequencer_status(r->seq, &status);
    assert_true(status.clock_bad);
    hold_blobs(r, r->script.lines[i].entry);
    assert_string_equal(submit(r, r->script.lines[i].entry),
                        "send 1 Refused SB_E_SEQUENCER_CLOCK\n");
    /* what is in the log already still gets its receipt */
    assert_non_null(strstr(submit(r, r->script.lines[0].entry), "Receipt index 0"));
}

/* A node that confirms another root, another size, or in another's name: it counts for nothing. */
static void test_cosigned_another_state(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    tick(r, 4000);
    sb_ledger_position p;
    sb_ledger_position_get(r->ledger, &p);
    static const char *const orgs[] = {"unn/witness", "kommune-a/witness", "lege/witness",
                                       "bruker/witness"};
    for (size_t how = 0; how < 3; how++)
        for (size_t o = 0; o < 4; o++) {
            sb_checkpoint head = {.size = p.size + (how == 1)};
            memcpy(head.root, p.root, 32);
            head.root[0] ^= how == 0;
            assert_true(sb_ledger_origin(r->ledger, head.origin, sizeof head.origin));
            sb_cosignature made;
            const fed_key *key = fed_key_of(r->keys, orgs[o]),
                          *said = how == 2 ? fed_key_of(r->keys, orgs[(o + 1) % 4]) : key;
            assert_int_equal(sb_cosign(&head, key->secret, r->now.legal_ms / 1000, &made, NULL),
                             SB_OK);
            Sb__Cosign m = SB__COSIGN__INIT;
            m.size = head.size;
            m.root = (ProtobufCBinaryData){.len = 32, .data = head.root};
            m.witness_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)said->pk};
            m.time_s = made.time_s;
            m.signature = (ProtobufCBinaryData){.len = 64, .data = made.sig};
            Sb__Frame f = SB__FRAME__INIT;
            f.body_case = SB__FRAME__BODY_COSIGN;
            f.cosign = &m;
            assert_string_equal(frame(r, PEER, &f), "");
        }
    sb_seq_status status;
    sb_sequencer_status(r->seq, &status);
    assert_int_equal(status.cosigners, 0);
    assert_int_equal(status.certified_size, 0);
    cosign(r, "unn");
    sb_sequencer_status(r->seq, &status);
    assert_int_equal(status.cosigners, 1);
}

static bool clock_bad(rig *r)
{
    sb_seq_status status;
    tick(r, 0);
    sb_sequencer_status(r->seq, &status);
    return status.clock_bad;
}

/* The nodes' clocks say that ours was right; then it jumps, before any node can say so. */
static void test_clock_jumps(void **state)
{
    const uint64_t day = 24 * 3600 * 1000;
    static const char *const orgs[] = {"unn", "kommune-a", "lege"};
    rig *r = *state;
    peer_up(r, PEER);
    size_t i = found(r);
    tick(r, 4000);
    for (int64_t off = -1; off <= 0; off++)
        for (size_t o = 0; o < 3; o++)
            cosign_at(r, orgs[o], off, false);
    assert_false(clock_bad(r));
    hold_blobs(r, r->script.lines[i].entry);
    for (int way = 0; way < 2; way++) {
        r->now.legal_ms += way == 0 ? day : -day;
        assert_true(clock_bad(r));
        assert_string_equal(submit(r, r->script.lines[i].entry),
                            "send 1 Refused SB_E_SEQUENCER_CLOCK\n");
        r->now.legal_ms -= way == 0 ? day : -day;
        assert_false(clock_bad(r));
    }
    /* half the tolerance is no jump, a leap second neither */
    r->now.legal_ms -= SB_TIME_TOLERANCE_MS / 2;
    assert_false(clock_bad(r));
    r->now.legal_ms -= 1000;
    assert_true(clock_bad(r));
    r->now.legal_ms += SB_TIME_TOLERANCE_MS / 2;
    assert_false(clock_bad(r));
    r->now.legal_ms += 1000;
    assert_string_equal(submit(r, r->script.lines[i].entry), "");
    tick(r, 4000);
    /* the machine slept: the nodes' clocks went on as ours did, and say so when they cosign anew */
    r->now.legal_ms += day;
    assert_true(clock_bad(r));
    for (int round = 0; round < 3; round++) { /* the heads go on meanwhile */
        tick(r, 4000);
        for (size_t o = 0; o < 3; o++)
            cosign_at(r, orgs[o], 0, false);
    }
    assert_false(clock_bad(r));
}

/* Our clock was set back: the log's time stands still until it has caught up. */
static void test_time_never_falls(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    size_t i = found(r);
    sb_ledger_position before, after;
    sb_ledger_position_get(r->ledger, &before);
    r->now.legal_ms -= 3600 * 1000;
    hold_blobs(r, r->script.lines[i].entry);
    assert_string_equal(submit(r, r->script.lines[i].entry), "");
    sb_ledger_position_get(r->ledger, &after);
    assert_int_equal(after.size, before.size + 1);
    assert_int_equal(after.last_time_ms, before.last_time_ms);
}

static void test_other_log_key(void **state)
{
    rig *r = *state;
    peer_up(r, PEER);
    found(r);
    sb_sequencer *other = NULL;
    sb_fail fail;
    sb_seq_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .log_key = fed_key_of(r->keys, "another")->secret};
    tick(r, 1000);
    assert_int_equal(sb_sequencer_open(&other, &opts, &fail), SB_E_SEQUENCER_LOG_KEY);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_order_of_effects),
        T(test_group_commit),
        T(test_refusals),
        T(test_resubmission),
        T(test_two_rounds),
        T(test_replaced_key),
        T(test_credit),
        T(test_restart),
        T(test_reads_back),
        T(test_restored_from_too_old_a_copy),
        T(test_full_disk),
        T(test_clock),
        T(test_cosigned_another_state),
        T(test_clock_jumps),
        T(test_time_never_falls),
        T(test_other_log_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
