/* How often a node asks for leaves, and for how many: on a slow line, of another node, of whom nothing
 * is proved (proto/wire/pace.h). */
#include <stdio.h>

#include "tests/unit/follower_says.h"

/* How often this is said while so many ms pass, 50 at a time. */
static size_t said(rig *r, uint64_t ms, const char *what)
{
    size_t count = 0;
    for (uint64_t at = 0; at < ms; at += 50)
        count += strstr(tick(r, 50), what) != NULL;
    return count;
}

static void test_asks_again_more_and_more_seldom(void **state)
{
    rig *r = *state;
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_string_equal(welcome(r, 9), "send Pull from 0 credit 4096\n");
    assert_int_equal(said(r, 950, "Pull"), 0);
    for (uint64_t ms = 1000; ms <= 8000; ms *= 2) {
        assert_string_equal(tick(r, 50), "send Pull from 0 credit 1024\n");
        assert_int_equal(said(r, (ms < 8000 ? 2 * ms : ms) - 50, "Pull"), 0);
    }
    assert_string_equal(tick(r, 50), "send Pull from 0 credit 1024\n");
    leaves(r, 0, 3); /* which answer it was can't be told */
    assert_int_equal(said(r, 7950, "Pull"), 0);
    leaves(r, 3, 4);
    assert_int_equal(said(r, 100, "Pull"), 0);
    leaves(r, 4, 5); /* a line that is good again */
    assert_int_equal(said(r, 950, "Pull"), 0);
    assert_true(has(tick(r, 50), "send Pull from 5"));
}

/* What is here already says that what was asked for is behind it. */
static void test_waits_for_what_is_under_way(void **state)
{
    rig *r = *state;
    link_broker(r);
    tick(r, 100);
    leaves(r, 0, 2);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(said(r, 900, "Pull"), 0);
        leaves(r, 0, 2);
    }
    assert_int_equal(said(r, 3500, "Pull"), 0); /* four times what the last one took */
    assert_true(has(tick(r, 100), "send Pull from 2 credit 1024"));
}

/* Behind by ten and a HANDOVER; who shows it: link 2, a broker, and link 4, a node. */
static uint64_t behind(rig *r, uint64_t *kept)
{
    *kept = r->f->leaf_count;
    follow(r, *kept - 10);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    r->now.legal_ms = r->f->now_ms + 1000;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome_on(r, 2, end, 2);
    welcome_on(r, 4, end, 2);
    return end;
}

/* A HANDOVER is shown every two seconds until it is here. */
static void test_is_shown_the_same_and_asks_once(void **state)
{
    rig *r = *state;
    uint64_t kept, end = behind(r, &kept);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "send 2 Pull"));
    for (uint64_t ms = 1000; ms <= 4000; ms *= 2) {
        assert_null(strstr(offer(r, 2, kept, note_at(r, end, 2)), "Pull"));
        assert_int_equal(said(r, ms - 50, "Pull"), 0);
        assert_true(has(tick(r, 50), "send 2 Pull"));
    }
}

/* Another node answers a Pull with four frames, however short; a broker with as many as it takes. */
static void test_asks_a_node_on_after_its_frames(void **state)
{
    rig *r = *state;
    for (uint32_t link = 2; link <= 4; link += 2) {
        sim_store_deinit(&r->store);
        sim_store_init(&r->store);
        reopen(r);
        r->up_count = 0;
        uint64_t kept = 0, end = 0;
        if (link == 2)
            end = behind(r, &kept);
        else {
            for (end = r->f->leaf_count; type_at(r, kept) != SB_ENTRY_HANDOVER;)
                kept++;
            follow(r, kept - 10);
            link_down(r, 1);
            link_up(r, 4, SB_FOL_ROLE_NODE);
            welcome_on(r, 4, end, 2);
        }
        assert_true(has(offer(r, link, kept, note_at(r, end, 2)), "Pull"));
        for (uint64_t i = 0; i < 8; i++) {
            uint64_t first = kept - 10 + i;
            bool is_asked = strstr(leaves_on(r, link, first, first + 1, 2), "Pull") != NULL;
            assert_int_equal(status_of(r).size, first + 1);
            assert_int_equal(is_asked, link == 4 && i % 4 == 3);
        }
    }
}

/* What isn't proved is asked for in short frames, so that some come in time; then, on a good line, as
 * all else. */
static void test_asks_less_of_what_is_not_proved(void **state)
{
    rig *r = *state;
    for (int i = 0; i < 1100; i++)
        assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_state(r->f);
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    r->now.legal_ms = r->f->now_ms + 1000;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "send 2 Pull from 0 credit 1024"));
    welcome_on(r, 2, end, 2);
    for (uint64_t at = 0; at < 1024 - 128; at += 128) {
        assert_null(strstr(leaves_on(r, 2, at, at + 128, 2), "Pull"));
        assert_int_equal(said(r, 100, "Pull"), 0);
    }
    assert_true(has(leaves_on(r, 2, 1024 - 128, 1024, 2), "send 2 Pull from 1024 credit 4096"));
}

/* Whoever is ahead is asked for less: all give the same. */
static void test_asks_who_is_ahead_for_less(void **state)
{
    rig *r = *state;
    uint64_t ours = r->f->leaf_count;
    follow(r, ours);
    uint64_t theirs = unsealed(r);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome_on(r, 4, theirs, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    certified_on(r, 4, theirs, 1, 3, true);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 Pull from %llu credit 1024", (unsigned long long)ours);
    assert_true(has(tick(r, 5000), wanted));
    for (uint64_t ms = 1000; ms <= 8000; ms *= 2) {
        assert_int_equal(said(r, ms - 50, "send 4 Pull"), 0);
        assert_true(has(tick(r, 50), wanted));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_asks_again_more_and_more_seldom, setup_script),
        TEST(test_waits_for_what_is_under_way, setup_script),
        TEST(test_is_shown_the_same_and_asks_once, setup_terms),
        TEST(test_asks_a_node_on_after_its_frames, setup_terms),
        TEST(test_asks_less_of_what_is_not_proved, setup_terms),
        TEST(test_asks_who_is_ahead_for_less, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
