/* Terms at a node: which HANDOVER it follows, and how it catches up with one that it can't judge yet.
 * Where its log parts from the one that is handed over: follower_fork_test.c. */
#include <stdio.h>

#include "tests/unit/follower_says.h"

static void test_follows_what_it_holds(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    fed_take_over(r->f, 2, "log-2"); /* HANDOVER STATE */
    uint64_t end = r->f->leaf_count;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    /* our log ends right there: nothing is dropped */
    const char *trace = offer(r, 2, size, note_at(r, end, 2));
    assert_true(has(trace, "commit +CATCHUP\nsend 2 Pull from"));
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).catchup_term, 2);
    welcome_on(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    trace = leaves_on(r, 2, size, end, 2);
    assert_true(has(trace, "commit HANDOVER STATE"));
    assert_true(has(trace, "+COSIGNED"));
    assert_true(has(trace, "send 2 Cosign"));
    sb_fol_status s = status_of(r);
    assert_int_equal(s.term, 2);
    assert_int_equal(s.cosigned_term, 2);
    assert_false(s.catching_up);
    assert_true(s.broker_up);
    assert_int_equal(s.broker_link, 2);
    /* the old broker is shown what ended it, and isn't followed */
    link_up(r, 3, SB_FOL_ROLE_BROKER);
    assert_true(has(welcome_on(r, 3, size, 1), "send 3 HandoverOffer"));
    assert_int_equal(status_of(r).broker_link, 2);
}

static void test_bad_offers(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    sb_checkpoint head = head_in(r, end, 2), early = head_in(r, kept, 2), old = head_in(r, end, 1);
    struct {
        uint64_t index;
        sb_slice note;
    } bad[] = {
        {kept, note_of(r, &head, "log")},    /* not by the promised key */
        {kept, note_of(r, &early, "log-2")}, /* doesn't contain it */
        {kept, note_of(r, &old, "log-2")},   /* of the old term */
        {kept, sb_slice_str("no note")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        link_up(r, 2, SB_FOL_ROLE_BROKER);
        assert_string_equal(offer(r, 2, bad[i].index, bad[i].note), "");
        assert_int_equal(status_of(r).size, kept);
        assert_false(status_of(r).catching_up);
        link_down(r, 2);
    }
    assert_int_equal(status_of(r).broker_link, 1); /* all the while the old one is followed */
}

/* Whom we refused once shows what is valid: it is followed. */
static void test_refused_then_right(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 2); /* no quorum */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer_made(r, 2, fed_handover_message(r->f, &h), kept);
    assert_true(status_of(r).broker_refused || status_of(r).broker_fail.code != SB_OK);
    fed_take_over(r->f, 3, "log-3");
    uint64_t end = r->f->leaf_count;
    offer(r, 2, kept, note_at(r, end, 3));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, kept, end, 3);
    assert_int_equal(status_of(r).term, 3);
}

/* Of two terms the higher is followed, and one HANDOVER after another. */
static void test_two_terms_later(void **state)
{
    rig *r = *state;
    uint64_t first = r->f->leaf_count;
    uint64_t longer = unsealed(r);
    follow(r, longer);
    fed_cut(r->f, (size_t)first);
    fed_take_over(r->f, 2, "log-2");
    fed_seal(r->f);
    uint64_t second = r->f->leaf_count;
    fed_take_over(r->f, 3, "log-3");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, first, note_at(r, end, 3)); /* the first one drops our suffix… */
    assert_int_equal(r->rewound_to, first);
    offer(r, 2, first, note_at(r, end, 3));
    assert_false(status_of(r).catching_up); /* … and its key signs nothing any more */
    assert_true(has(offer(r, 2, second, note_at(r, end, 3)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, first, end, 3);
    assert_int_equal(status_of(r).term, 3);
    assert_int_equal(r->rewinds, 1);
    /* we show both to who is behind */
    link_up(r, 4, SB_FOL_ROLE_NODE);
    Sb__Hello hello = SB__HELLO__INIT;
    hello.term = 1;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HELLO;
    f.hello = &hello;
    const char *trace = frame_on(r, 4, &f, NULL);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 HandoverOffer %llu", (unsigned long long)first);
    assert_true(has(trace, wanted));
    snprintf(wanted, sizeof wanted, "send 4 HandoverOffer %llu", (unsigned long long)second);
    assert_true(has(trace, wanted));
    assert_true(has(trace, "send 4 Welcome"));
}

/* ---- catching up ---- */

/* A node whose log ends far below, or is empty, takes leaves under the new key's heads; nothing is
 * cosigned before the HANDOVER is folded. */
static void test_catches_up(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    welcome_on(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_null(strstr(leaves_on(r, 2, part, kept, 2), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_CATCHUP);
    assert_int_equal(status_of(r).term, 1);
    reopen(r); /* it remembers that this isn't proved */
    assert_int_equal(status_of(r).catchup_term, 2);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    assert_true(has(leaves_on(r, 2, kept, end, 2), "+COSIGNED"));
    assert_int_equal(status_of(r).term, 2);
}

static void test_catches_up_from_nothing(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    welcome_on(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, 0, end - 1, 2);
    leaves_on(r, 2, end - 1, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).cosigned_size, end);
}

/* … and goes back to where it began when the HANDOVER isn't what it was said to be. */
static void test_refused_in_its_place(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 0);
    fed_promise_of(r->f, &h, 1); /* two of four */
    const Sb__Handover *m = fed_handover_message(r->f, &h);
    /* the fold would refuse it: so it is put into a log that isn't folded */
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, kept);
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_buf_add(&bytes, sb_slice_of("\0\0\1\x7d\x75\0\0\0", 8));
    assert_int_equal(sb_make_HANDOVER(m, &head, fed_key_of(r->f, "log-2")->secret, &bytes, NULL),
                     SB_OK);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(sb_buf_slice(&bytes), &r->arena, &leaf, NULL), SB_OK);
    sb_checkpoint under = head_in(r, kept, 2);
    under.size = kept + 1;
    const Sb__Frame *f =
        sim_offer(&r->arena, kept, sb_buf_slice(&bytes), note_of(r, &under, "log-2"));
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(frame_on(r, 2, f, &leaf), "+CATCHUP")); /* we can't judge it yet */
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, part, kept, 2);
    assert_int_equal(status_of(r).size, kept);
    /* the leaf itself */
    sb_tree tree;
    sb_tree_init(&tree);
    for (uint64_t i = 0; i < kept; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(r->f, (size_t)i), hash);
        sb_tree_append(&tree, hash, NULL, NULL);
    }
    sb_tree_append(&tree, leaf.hash, NULL, NULL);
    sb_tree_root(&tree, under.root);
    sb_slice one = sb_buf_slice(&bytes);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "rewind to %llu commit", (unsigned long long)part);
    sb_fol_event event = sim_leaves(&r->arena, 2, kept, &one, 1, note_of(r, &under, "log-2"), NULL);
    assert_true(has(feed(r, event), wanted));
    sb_fol_status s = status_of(r);
    assert_int_equal(s.size, part);
    assert_false(s.catching_up);
    assert_false(s.diverged);
    assert_int_equal(s.term, 1);
    sb_buf_deinit(&bytes);
}

/* Leaves that don't fit, from another link than the one that we catch up with, stop nothing. */
static void test_catches_up_past_a_lying_peer(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    link_up(r, 3, SB_FOL_ROLE_NODE);
    offer(r, 2, kept, note_at(r, end, 2));
    sb_checkpoint wrong = head_in(r, kept + 1, 2);
    wrong.size = kept; /* as if other leaves stood below it */
    leaves_under_on(r, 3, part, kept, note_of(r, &wrong, "log-2"));
    assert_int_equal(r->rewinds, 0);
    assert_false(status_of(r).broker_refused);
    assert_int_equal(status_of(r).catchup_term, 2);
    leaves_on(r, 2, part, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

/* Who showed the HANDOVER is gone, and the old broker is back: nothing of what came was proved. */
static void test_catching_up_is_given_up(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 2, part, kept, 2); /* ends with a STATE: what could be cosigned, were it proved */
    assert_int_equal(status_of(r).size, kept);
    link_down(r, 2);
    link_up(r, 3, SB_FOL_ROLE_BROKER);
    welcome_on(r, 3, kept, 1);
    assert_int_equal(r->rewinds, 0);
    assert_null(strstr(tick(r, 9000), "COSIGNED"));
    const char *trace = tick(r, 2000);
    assert_null(strstr(trace, "COSIGNED"));
    assert_true(has(trace, "rewind to 5 commit -HEAD"));
    assert_int_equal(status_of(r).size, part);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).outbox, 0); /* what isn't proved isn't handed in either */
    assert_false(status_of(r).catching_up);
    welcome_on(r, 3, kept, 1);
    assert_true(has(leaves_on(r, 3, part, kept, 1), "+COSIGNED"));
}

/* Of a promiser whose key is the lowest: the highest rank that is named, under a made-up root. The
 * record takes what the log has, as the fold does. */
static void test_liars_seal_is_not_in_the_record(void **state)
{
    rig *r = *state;
    uint32_t low = 1;
    for (uint32_t i = 2; i < 4; i++)
        if (memcmp(fed_witness(r->f, i)->pk, fed_witness(r->f, low)->pk, 32) < 0)
            low = i;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    sb_head made_up = h.sealed;
    made_up.root[0] ^= 0xff;
    fed_cut(r->f, (size_t)h.sealed.size); /* its SEAL leaf too: known by the HANDOVER alone */
    h.continues = h.sealed;
    h.cosigned = h.sealed;
    for (uint32_t i = 1; i < 4; i++)
        fed_promise(r->f, &h, i, i == low ? &made_up : &h.sealed, &h.sealed);
    assert_int_equal(fed_hand_over(r->f, fed_handover_message(r->f, &h), "log-2"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    r->now.legal_ms = r->f->now_ms + 1000;
    offer(r, 2, h.sealed.size, note_at(r, end, 2));
    leaves_on(r, 2, 0, end, 2);
    assert_int_equal(status_of(r).term, 2);
    sb_slice row;
    const uint8_t table = SB_FOL_ROW_SEALED;
    assert_true(sb_kv_get(r->store.own, sb_slice_of(&table, 1), &row));
    assert_memory_equal(row.data + 12, h.sealed.root, 32);
}

/* ---- what nobody promised ---- */

/* The broker orders on, and the others take over: the node follows both. */
static void follows_on(rig *r, uint64_t size)
{
    something_happens(r);
    uint64_t more = r->f->leaf_count;
    leaves_on(r, 1, size, more, 1);
    assert_int_equal(status_of(r).size, more);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, more, note_at(r, end, 2));
    leaves_on(r, 2, more, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).size, end);
}

/* Another node shows a HANDOVER that can't be judged: not while the broker is there. */
static void test_another_node_holds_nobody(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    offer_by(r, 4, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    assert_int_equal(status_of(r).broker_link, 1);
    follows_on(r, size);
}

/* A standby does: it holds the node for so long as something comes, and then not again at once. */
static void test_what_is_not_proved_gives_way(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 5, SB_FOL_ROLE_BROKER);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_int_equal(status_of(r).catchup_term, 900);
    tick(r, 9000);
    assert_true(status_of(r).catching_up);
    tick(r, 1000);
    assert_false(status_of(r).catching_up);
    assert_int_equal(status_of(r).broker_link, 1);
    assert_int_equal(status_of(r).broker_fail.code, SB_E_FOLLOWER_HANDOVER_OFFER);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    offer_by(r, 5, far_away(r, 901, "log-3"), "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    tick(r, 30000); /* it may have been somebody slow: again, then twice as long not */
    offer_by(r, 5, far_away(r, 901, "log-3"), "log-3", 1000000);
    assert_true(status_of(r).catching_up);
    tick(r, 10000);
    tick(r, 30000);
    offer_by(r, 5, far_away(r, 901, "log-3"), "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    r->f->now_ms = r->now.legal_ms;
    follows_on(r, size);
}

/* What a quorum promised goes before a later term that nobody did. */
static void test_what_is_proved_goes_first(void **state)
{
    rig *r = *state;
    uint64_t size = unsealed(r);
    follow(r, size);
    fed_cut(r->f, (size_t)size - 2); /* the others don't have our last leaves */
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 5, SB_FOL_ROLE_BROKER);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_int_equal(status_of(r).catchup_term, 900);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, size - 2, note_at(r, end, 2));
    assert_int_equal(r->rewound_to, size - 2);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    offer(r, 2, size - 2, note_at(r, end, 2));
    assert_int_equal(status_of(r).catchup_term, 2);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_int_equal(status_of(r).catchup_term, 2);
    leaves_on(r, 2, size - 2, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_follows_what_it_holds, setup_terms),
        TEST(test_bad_offers, setup_terms),
        TEST(test_refused_then_right, setup_terms),
        TEST(test_two_terms_later, setup_terms),
        TEST(test_catches_up, setup_terms),
        TEST(test_catches_up_from_nothing, setup_terms),
        TEST(test_refused_in_its_place, setup_terms),
        TEST(test_catches_up_past_a_lying_peer, setup_terms),
        TEST(test_catching_up_is_given_up, setup_terms),
        TEST(test_liars_seal_is_not_in_the_record, setup_terms),
        TEST(test_another_node_holds_nobody, setup_terms),
        TEST(test_what_is_not_proved_gives_way, setup_terms),
        TEST(test_what_is_proved_goes_first, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
