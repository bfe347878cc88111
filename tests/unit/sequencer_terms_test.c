/* The sequencer over terms: what a new term's broker shows, and how an old one ends. */
#include "tests/unit/sequencer_rig.h"

enum { PEER = 1, OUTSIDER = 9 };

static void show(rig *r, uint64_t peer, uint64_t index, sb_slice bytes)
{
    sb_leaf leaf;
    Sb__HandoverOffer m = SB__HANDOVER_OFFER__INIT;
    m.index = index;
    m.leaf = (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)bytes.data};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    f.handover_offer = &m;
    assert_int_equal(sb_leaf_open(bytes, &r->arena, &leaf, NULL), SB_OK);
    rig_say(r, peer, &f, &leaf);
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
    show(r, PEER, index, fed_leaf(r->f, index));
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

/* A peer shows the HANDOVER of h, which stands in no log. */
static void show_made(rig *r, uint64_t peer, const fed_handover *h)
{
    Sb__Handover *m = fed_handover_message(r->f, h);
    sb_entry_head head;
    sb_buf entry;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, r->f->federation_id, h->continues.size);
    fed_make(r->f, SB_ENTRY_HANDOVER, &m->base, h->key, &head, &entry);
    uint8_t *bytes = sb_arena_alloc(&r->arena, 8 + entry.len);
    memset(bytes, 0, 8);
    memcpy(bytes + 8, entry.data, entry.len);
    show(r, peer, h->continues.size, sb_slice_of(bytes, 8 + entry.len));
    sb_buf_deinit(&entry);
}

static fed_handover made_by(rig *r, uint32_t promises)
{
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    for (uint32_t org = 0; org < promises; org++)
        fed_promise_of(r->f, &h, org);
    return h;
}

/* Promises of too few, or of nobody known, end nothing. */
static void false_handover_ends_nothing(void **state)
{
    rig *r = *state;
    rig_fill(r, r->f->leaf_count);
    assert_int_equal(rig_open(r, "log", false, 0), SB_OK);
    fed_handover h = made_by(r, 2);
    for (uint32_t org = 0; org < 4; org++) { /* whoever shows it */
        rig_up(r, PEER + org, org);
        show_made(r, PEER + org, &h);
    }
    rig_tick(r, 20);
    assert_int_equal(r->fatal, SB_OK);
    assert_int_equal(sb_sequencer_over(r->store.own), 0);
}

/* An old copy doesn't know who promised. It ends when so many organisations show a later term that
 * the others are no quorum: two of four; and that isn't for good, as it isn't proof. */
static void unknown_promisers(void **state)
{
    rig *r = *state;
    rig_fill(r, r->f->leaf_count);
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_seal(r->f);
    fed_handover h = made_by(r, 2); /* two whom it knows: no quorum, as none at all */
    assert_int_equal(rig_open(r, "log", false, 0), SB_OK);
    rig_tick(r, 20);
    for (uint32_t i = 0; i < 3; i++) { /* one organisation, on several connections */
        rig_up(r, PEER + i, 0);
        show_made(r, PEER + i, &h);
    }
    rig_up(r, PEER + 3, OUTSIDER);
    show_made(r, PEER + 3, &h);
    rig_up(r, PEER + 4, 1);
    show_made(r, PEER + 4 + 1, &h); /* nobody's connection */
    rig_tick(r, 20);
    assert_int_equal(r->fatal, SB_OK);
    for (uint32_t i = 0; i < 3; i++) /* who has gone doesn't count */
        rig_feed(r, (sb_seq_event){.kind = SB_SEQ_PEER_DOWN, .peer = PEER + i});
    show_made(r, PEER + 4, &h);
    assert_int_equal(r->fatal, SB_OK);
    uint64_t held = r->store.leaf_count;
    rig_up(r, PEER, 2);
    show_made(r, PEER, &h);
    assert_int_equal(r->fatal, SB_E_SEQUENCER_OVERTAKEN);
    assert_int_equal(r->store.leaf_count, held);
    assert_int_equal(sb_sequencer_over(r->store.own), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_handovers, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(announces, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(old_broker_ends, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(restored_broker_ends, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(false_handover_ends_nothing, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(unknown_promisers, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
