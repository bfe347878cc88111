/* How a node gets the log: greetings, leaves asked for and taken, heads that say how far it goes; and
 * what it gives and gets among the other nodes. */
#include <stdio.h>

#include "tests/unit/follower_says.h"

/* ---- the broker ---- */

static void test_greeting(void **state)
{
    rig *r = *state;
    assert_string_equal(tick(r, 50), "");
    assert_string_equal(
        feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER}),
        "send Hello unn size 0 term 0\n");
    assert_string_equal(tick(r, 500), "");
    assert_string_equal(tick(r, 2000), "send Hello unn size 0 term 0\n");
    assert_string_equal(welcome(r, 9), "send Pull from 0 credit 4096\n");
    assert_string_equal(tick(r, 500), "");
    /* the broker has more, and nothing comes: asked for again */
    assert_string_equal(tick(r, 600), "send Pull from 0 credit 1024\n");
}

static void test_takes_ranges(void **state)
{
    rig *r = *state;
    link_broker(r);
    assert_string_equal(leaves(r, 3, 5), ""); /* a gap */
    assert_string_equal(leaves(r, 0, 3), "commit GENESIS CHARTER_PART CHARTER_PART +HEAD\n");
    assert_string_equal(leaves(r, 0, 2), "");                      /* known */
    assert_string_equal(leaves(r, 1, 4), "commit ACCEPT +HEAD\n"); /* partly known */
    assert_int_equal(status_of(r).size, 4);
    reopen(r);
    assert_int_equal(status_of(r).size, 4);
    assert_string_equal(
        feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER}),
        "send Hello unn size 4 term 1\n");
}

static void test_asks_on_when_the_credit_is_used(void **state)
{
    rig *r = *state;
    r->credit = 3;
    reopen(r);
    link_broker(r);
    assert_string_equal(leaves(r, 0, 2), "commit GENESIS CHARTER_PART +HEAD\n");
    assert_string_equal(leaves(r, 2, 3), "commit CHARTER_PART +HEAD\nsend Pull from 3 credit 3\n");
}

static void test_heads_that_prove_nothing(void **state)
{
    rig *r = *state;
    link_broker(r);
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
    frame_on(r, link, sim_welcome(&r->arena, 0, 1), NULL);
    peer_head_on(r, link, note);
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

/* ---- other nodes ---- */

/* A node that we dialled and that dialled us is one. */
static void test_peers_are_counted_once(void **state)
{
    rig *r = *state;
    const uint8_t who[2][32] = {{1}, {2}};
    for (uint32_t link = 5; link < 9; link++) { /* the last one isn't told who */
        feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP,
                               .link = link,
                               .role = SB_FOL_ROLE_NODE,
                               .who = link == 8 ? NULL : who[link / 7]});
        welcome_on(r, link, 0, 1);
        assert_int_equal(status_of(r).peers_up, link == 5 ? 1 : link - 5);
    }
}

/* What the broker doesn't give and a quorum has confirmed comes from another node. */
static void test_withheld(void **state)
{
    rig *r = *state;
    uint64_t ours = r->f->leaf_count;
    follow(r, ours);
    uint64_t theirs = unsealed(r);
    unsealed(r);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome_on(r, 4, theirs, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    certified_on(r, 4, theirs, 1, 3, true);
    assert_int_equal(status_of(r).withheld_size, 0);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 Pull from %llu", (unsigned long long)ours);
    assert_true(has(tick(r, 5000), wanted));
    assert_int_equal(status_of(r).withheld_size, theirs);
    assert_int_equal(status_of(r).withheld_since_ms, r->now.legal_ms);
    leaves_on(r, 4, ours, theirs, 1);
    assert_int_equal(status_of(r).size, theirs);
    tick(r, 50);
    assert_int_equal(status_of(r).withheld_size, 0);
}

/* The frames that answer this Pull of node 4; how many. */
static size_t served(rig *r, uint64_t from, uint32_t credit, const Sb__Frame *given[8])
{
    Sb__Pull pull = SB__PULL__INIT;
    pull.from = from;
    pull.credit = credit;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PULL;
    f.pull = &pull;
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = 4, .frame = &f, .now = r->now};
    sb_fol_effects effects;
    sb_follower_step(r->fol, &event, &effects);
    assert_true(effects.count < 8);
    for (size_t i = 0; i < effects.count; i++) {
        assert_int_equal(sb_frame_decode(effects.items[i].bytes, &r->arena, &given[i], NULL),
                         SB_OK);
        assert_int_equal(given[i]->body_case, SB__FRAME__BODY_LEAVES);
    }
    return effects.count;
}

/* Another node, with two leaves, is given these. */
static const char *another_takes(rig *r, const Sb__Frame *given, const sb_leaf *opened)
{
    sim_store_deinit(&r->store);
    sim_store_init(&r->store);
    reopen(r);
    follow(r, 2);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    return feed(r, (sb_fol_event){.kind = SB_FOL_FRAME,
                                  .link = 4,
                                  .frame = given,
                                  .leaves = opened,
                                  .opened = given->leaves->n_leaves});
}

/* Leaves under a longer head, with the proof that they are below it. */
static void test_serves_and_takes_proved_leaves(void **state)
{
    rig *r = *state;
    const Sb__Frame *frames[8];
    follow(r, r->f->leaf_count);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    assert_int_equal(served(r, 2, 3, frames), 1);
    const Sb__Leaves *given = frames[0]->leaves;
    assert_int_equal(given->from, 2);
    assert_int_equal(given->n_leaves, 3);
    assert_true(given->n_proof > 0);
    sb_leaf opened[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sb_leaf_open(sb_slice_of(given->leaves[i].data, given->leaves[i].len),
                                      &r->arena, &opened[i], NULL),
                         SB_OK);
    another_takes(r, frames[0], opened);
    assert_int_equal(status_of(r).size, 5);
    /* a broken proof is nobody's fault but the link's */
    given->proof[0].data[0] ^= 1;
    assert_string_equal(another_takes(r, frames[0], opened), "");
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).size, 2);
}

/* A program that takes no frame of more than 256 leaves says so by its credit. */
static void test_serves_as_long_frames_as_the_credit_says(void **state)
{
    rig *r = *state;
    const Sb__Frame *frames[8];
    for (int i = 0; i < 1800; i++)
        assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    follow(r, unsealed(r));
    link_up(r, 4, SB_FOL_ROLE_NODE);
    assert_int_equal(served(r, 2, 1024, frames), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(frames[i]->leaves->n_leaves, SB_SHORT_FRAME_LEAVES_MAX);
    assert_int_equal(served(r, 2, SB_LONG_FRAMES_CREDIT, frames), 2);
    assert_int_equal(frames[0]->leaves->n_leaves, SB_LONG_FRAME_LEAVES_MAX);
    assert_int_equal(frames[1]->leaves->n_leaves, r->f->leaf_count - 2 - SB_LONG_FRAME_LEAVES_MAX);
    assert_in_range(frames[1]->leaves->n_leaves, SB_SHORT_FRAME_LEAVES_MAX + 1,
                    SB_LONG_FRAME_LEAVES_MAX);
}

/* Another node gives leaves first…last-1 of its log of `size` leaves, proved to be in that. */
static const char *leaves_of_node(rig *r, uint64_t first, uint64_t last, uint64_t size)
{
    sb_slice list[32];
    sb_proof proof;
    for (uint64_t i = first; i < last; i++)
        list[i - first] = fed_leaf(r->f, (size_t)i);
    hold_blobs(r, first, last);
    sb_tree tree = tree_at(r, size);
    assert_int_equal(sb_tree_consistency(&tree, last, size, (sb_tile_reader){0}, &proof, NULL),
                     SB_OK);
    sb_fol_event event =
        sim_leaves(&r->arena, 4, first, list, (size_t)(last - first), note_at(r, size, 1), &proof);
    assert_int_equal(event.opened, last - first);
    return feed(r, event);
}

/* A broker over too old a copy is shown the longest head that we have of it: also where our leaves
 * came from others, under heads that aren't of just them. */
static void test_shows_the_longest_head(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count, first = size - 20, copy = size - 10;
    follow(r, first);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    link_down(r, 1);
    leaves_of_node(r, first, size - 5, size);
    assert_int_equal(status_of(r).size, size - 5);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send Certified head %llu", (unsigned long long)size);
    assert_true(has(welcome_on(r, 1, copy, 1), wanted));
    /* … a certified one, after a start */
    link_down(r, 1);
    certified_on(r, 4, size - 5, 1, 3, true);
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    snprintf(wanted, sizeof wanted, "send Certified head %llu", (unsigned long long)size - 5);
    assert_true(has(welcome_on(r, 1, copy, 1), wanted));
    /* and none to one that has as much */
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_null(strstr(welcome_on(r, 1, size - 5, 1), "Certified"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_greeting, setup_script),
        TEST(test_takes_ranges, setup_script),
        TEST(test_asks_on_when_the_credit_is_used, setup_script),
        TEST(test_heads_that_prove_nothing, setup_script),
        TEST(test_a_head_before_genesis_is_a_claim, setup_script),
        TEST(test_peers_are_counted_once, setup_terms),
        TEST(test_withheld, setup_terms),
        TEST(test_serves_and_takes_proved_leaves, setup_terms),
        TEST(test_serves_as_long_frames_as_the_credit_says, setup_terms),
        TEST(test_shows_the_longest_head, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
