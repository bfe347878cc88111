/* The sequencer over terms: what a new term's broker shows, and how an old one ends. */
#include "tests/unit/sequencer_rig.h"

enum { PEER = 1 };

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
    rig_say(r, PEER, &f, &leaf);
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
    rig_fill(r, r->f->leaf_count);
    assert_int_equal(rig_open(r, "log-2", false, 0), SB_E_SEQUENCER_LOG_KEY);
    assert_int_equal(rig_open(r, "log-3", false, 0), SB_OK);
    rig_tick(r, 20);
    rig_feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    rig_hello(r, PEER, 0, 1);
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
    rig_hello(r, PEER, 0, 2);
    assert_int_equal(r->sent_count, 2);
    rig_hello(r, PEER, 0, 3);
    assert_int_equal(r->sent_count, 1);
}

/* Who was connected to the standby hears of it unasked, once in a while. */
static void announces(void **state)
{
    rig *r = *state;
    fed_take_over(r->f, 2, "log-2");
    rig_fill(r, r->f->leaf_count);
    assert_int_equal(rig_open(r, "log-2", false, 0), SB_OK);
    rig_feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    rig_tick(r, 20);
    assert_int_equal(r->sent_count, 1);
    assert_int_equal(r->sent[0]->body_case, SB__FRAME__BODY_HANDOVER_OFFER);
    rig_tick(r, 20);
    assert_int_equal(r->sent_count, 0);
    rig_tick(r, 2000);
    assert_true(r->sent_count > 0); /* the newest head goes again too */
    assert_int_equal(r->sent[r->sent_count - 1]->body_case, SB__FRAME__BODY_HANDOVER_OFFER);
}

/* An old broker ends when it is shown a valid HANDOVER, also one that rests on what it never had. */
static void ends(rig *r, size_t held)
{
    fed_take_over(r->f, 2, "log-2");
    size_t index = r->f->leaf_count - 2;
    rig_fill(r, held);
    assert_int_equal(rig_open(r, "log", false, 0), SB_OK);
    rig_feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    rig_tick(r, 20);
    rig_hello(r, PEER, 0, 2); /* a claim alone ends nobody */
    assert_int_equal(r->fatal, SB_OK);
    show(r, r->f, index);
    assert_int_equal(r->fatal, SB_E_SEQUENCER_TERM_OVER);
    assert_int_equal(r->sent_count, 0);
    rig_close(r);
    assert_int_equal(sb_sequencer_over(r->store.own), 2);
    assert_int_equal(rig_open(r, "log", false, 0), SB_E_SEQUENCER_TERM_OVER); /* for good */
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
    rig_fill(r, held);
    assert_int_equal(rig_open(r, "log", false, 0), SB_OK);
    rig_feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_UP, .peer = PEER});
    rig_tick(r, 20);
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
    rig_say(r, PEER, &f, &leaf);
    assert_int_equal(r->fatal, SB_OK);
    rig_tick(r, 20);
    assert_int_equal(r->fatal, SB_OK);
    assert_int_equal(sb_sequencer_over(r->store.own), 0);
    sb_buf_deinit(&entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_handovers, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(announces, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(old_broker_ends, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(restored_broker_ends, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(false_handover_ends_nothing, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
