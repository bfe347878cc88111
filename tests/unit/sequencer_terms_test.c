/* The sequencer over terms: what a new term's broker shows, and how an old one ends. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

#include "broker/sequencer/sequencer.h"
#include "proto/merkle/checkpoint.h"
#include "proto/wire/frame.h"
#include "tests/lib/fed_terms.h"
#include "tests/sim/sim_store.h"

enum { PEER = 1 };

typedef struct rig {
    fed *f;
    sim_store store;
    sb_ledger *ledger;
    sb_sequencer *seq;
    sb_now now;
    sb_arena arena;
    const Sb__Frame *sent[64]; /* by the last event */
    size_t sent_count;
    sb_err fatal;
} rig;

/* A store with the first `size` leaves of f. */
static void fill(rig *r, size_t size)
{
    sim_store_init(&r->store);
    sb_ledger *l = sim_store_ledger(&r->store);
    sb_commit_builder c;
    sb_commit_builder_init(&c, (sb_tile_reader){0});
    sb_commit_builder_clear(&c, 0);
    for (size_t i = 0; i < size; i++) {
        sb_leaf leaf;
        assert_int_equal(sb_leaf_open(fed_leaf(r->f, i), &r->arena, &leaf, NULL), SB_OK);
        assert_int_equal(sb_ledger_step(l, &leaf, sb_commit_add_tile, &c, NULL), SB_OK);
        sb_commit_add_leaf(&c, leaf.bytes);
    }
    sim_store_commit(&r->store, sb_commit_builder_get(&c), l);
    sb_commit_builder_deinit(&c);
    sb_ledger_close(l);
}

static sb_err open_seq(rig *r, const char *key)
{
    sb_fail fail = {0};
    r->ledger = sim_store_ledger(&r->store);
    sb_seq_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .log_key = fed_key_of(r->f, key)->secret,
                        .over = sb_sequencer_over(r->store.own)};
    sb_err err = sb_sequencer_open(&r->seq, &opts, &fail);
    if (err != SB_OK) {
        sb_ledger_close(r->ledger);
        r->ledger = NULL;
        r->seq = NULL;
    }
    return err;
}

static void close_seq(rig *r)
{
    sb_sequencer_close(r->seq);
    if (r->ledger != NULL)
        sb_ledger_close(r->ledger);
    r->seq = NULL;
    r->ledger = NULL;
}

static int setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    sb_arena_init(&r->arena);
    r->f = fed_new(NULL);
    fed_run(r->f);
    r->now = (sb_now){.legal_ms = r->f->now_ms, .mono_ms = 1000};
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    close_seq(r);
    sim_store_deinit(&r->store);
    fed_free(r->f);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

static void collect(rig *r, const sb_seq_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++) {
        const sb_seq_effect *e = &effects->items[i];
        if (e->kind == SB_SEQ_FATAL)
            r->fatal = e->fail.code;
        if (e->kind != SB_SEQ_SEND)
            continue;
        sb_slice bytes = sb_arena_copy(&r->arena, e->bytes);
        assert_int_equal(sb_frame_decode(bytes, &r->arena, &r->sent[r->sent_count++], NULL), SB_OK);
    }
}

static void feed(rig *r, sb_seq_event event)
{
    sb_seq_effects effects;
    event.now = r->now;
    r->sent_count = 0;
    sb_sequencer_step(r->seq, &event, &effects);
    if (effects.count == 1 && effects.items[0].kind == SB_SEQ_COMMIT) {
        sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
        sb_seq_event done = {.kind = SB_SEQ_COMMITTED, .now = r->now};
        sb_sequencer_step(r->seq, &done, &effects);
    }
    collect(r, &effects);
}

static void tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    feed(r, (sb_seq_event){.kind = SB_SEQ_TICK});
}

static void hello(rig *r, uint32_t term)
{
    Sb__Hello m = SB__HELLO__INIT;
    m.federation_id = (ProtobufCBinaryData){.len = 32, .data = r->f->federation_id};
    m.organisation = "unn";
    m.term = term;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HELLO;
    f.hello = &m;
    feed(r, (sb_seq_event){.kind = SB_SEQ_FRAME, .peer = PEER, .frame = &f});
}

static void show(rig *r, fed *of, size_t index)
{
    sb_leaf leaf;
    Sb__HandoverOffer m = SB__HANDOVER_OFFER__INIT;
    sb_slice bytes = fed_leaf(of, index);
    m.index = index;
    m.leaf = (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)bytes.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    f.handover_offer = &m;
    assert_int_equal(sb_leaf_open(bytes, &r->arena, &leaf, NULL), SB_OK);
    feed(r, (sb_seq_event){.kind = SB_SEQ_FRAME, .peer = PEER, .frame = &f, .opened = &leaf});
}

/* The new term's broker shows every HANDOVER that a peer lacks, then welcomes it in its own term. */
static void shows_handovers(void **state)
{
    rig *r = *state;
    size_t first = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    fed_seal(r->f);
    size_t second = r->f->leaf_count;
    fed_take_over(r->f, 3, "log-3");
    fill(r, r->f->leaf_count);
    assert_int_equal(open_seq(r, "log-2"), SB_E_SEQUENCER_LOG_KEY);
    assert_int_equal(open_seq(r, "log-3"), SB_OK);
    tick(r, 20);
    feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    hello(r, 1);
    assert_int_equal(r->sent_count, 3);
    assert_int_equal(r->sent[0]->body_case, SB__FRAME__BODY_HANDOVER_OFFER);
    assert_int_equal(r->sent[0]->handover_offer->index, first);
    assert_int_equal(r->sent[1]->handover_offer->index, second);
    assert_int_equal(r->sent[2]->body_case, SB__FRAME__BODY_WELCOME);
    assert_int_equal(r->sent[2]->welcome->term, 3);
    sb_checkpoint head; /* its heads are under its own key and origin */
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    assert_int_equal(sb_origin(r->f->charter->slug, r->f->federation_id, 3, origin, NULL), SB_OK);
    ProtobufCBinaryData note = r->sent[0]->handover_offer->head;
    assert_int_equal(sb_checkpoint_verify(sb_slice_of(note.data, note.len), origin,
                                          fed_key_of(r->f, "log-3")->pk, &head, NULL),
                     SB_OK);
    hello(r, 2);
    assert_int_equal(r->sent_count, 2);
    hello(r, 3);
    assert_int_equal(r->sent_count, 1);
}

/* Who was connected to the standby hears of it unasked, once in a while. */
static void announces(void **state)
{
    rig *r = *state;
    fed_take_over(r->f, 2, "log-2");
    fill(r, r->f->leaf_count);
    assert_int_equal(open_seq(r, "log-2"), SB_OK);
    feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    tick(r, 20);
    assert_int_equal(r->sent_count, 1);
    assert_int_equal(r->sent[0]->body_case, SB__FRAME__BODY_HANDOVER_OFFER);
    tick(r, 20);
    assert_int_equal(r->sent_count, 0);
    tick(r, 2000);
    assert_true(r->sent_count > 0); /* the newest head goes again too */
    assert_int_equal(r->sent[r->sent_count - 1]->body_case, SB__FRAME__BODY_HANDOVER_OFFER);
}

/* An old broker ends when it is shown a valid HANDOVER, also one that rests on what it never had. */
static void ends(rig *r, size_t held)
{
    fed_take_over(r->f, 2, "log-2");
    size_t index = r->f->leaf_count - 2;
    fill(r, held);
    assert_int_equal(open_seq(r, "log"), SB_OK);
    feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    tick(r, 20);
    hello(r, 2); /* a claim alone ends nobody */
    assert_int_equal(r->fatal, SB_OK);
    show(r, r->f, index);
    assert_int_equal(r->fatal, SB_E_SEQUENCER_TERM_OVER);
    assert_int_equal(r->sent_count, 0);
    close_seq(r);
    assert_int_equal(sb_sequencer_over(r->store.own), 2);
    assert_int_equal(open_seq(r, "log"), SB_E_SEQUENCER_TERM_OVER); /* for good */
}

static void old_broker_ends(void **state)
{
    rig *r = *state;
    ends(r, r->f->leaf_count);
}

static void restored_broker_ends(void **state)
{
    rig *r = *state;
    size_t held = r->f->leaf_count;
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_seal(r->f);
    ends(r, held);
}

/* Promises of too few, or of nobody known, end nothing. */
static void false_handover_ends_nothing(void **state)
{
    rig *r = *state;
    size_t held = r->f->leaf_count;
    fill(r, held);
    assert_int_equal(open_seq(r, "log"), SB_OK);
    feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    tick(r, 20);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 0);
    fed_promise_of(r->f, &h, 1);
    Sb__Handover *m = fed_handover_message(r->f, &h);
    sb_entry_head head;
    sb_buf entry;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, r->f->federation_id, held);
    fed_make(r->f, SB_ENTRY_HANDOVER, &m->base, "log-2", &head, &entry);
    uint8_t *bytes = sb_arena_alloc(&r->arena, 8 + entry.len);
    memset(bytes, 0, 8);
    memcpy(bytes + 8, entry.data, entry.len);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(sb_slice_of(bytes, 8 + entry.len), &r->arena, &leaf, NULL),
                     SB_OK);
    Sb__HandoverOffer offer = SB__HANDOVER_OFFER__INIT;
    offer.index = held;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    f.handover_offer = &offer;
    feed(r, (sb_seq_event){.kind = SB_SEQ_FRAME, .peer = PEER, .frame = &f, .opened = &leaf});
    assert_int_equal(r->fatal, SB_OK);
    tick(r, 20);
    assert_int_equal(r->fatal, SB_OK);
    assert_int_equal(sb_sequencer_over(r->store.own), 0);
    sb_buf_deinit(&entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_handovers, setup, teardown),
        cmocka_unit_test_setup_teardown(announces, setup, teardown),
        cmocka_unit_test_setup_teardown(old_broker_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(restored_broker_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(false_handover_ends_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
