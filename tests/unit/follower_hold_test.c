/* For how long a HANDOVER holds the node that catches up with it, and what then lives on. */
#include "tests/unit/follower_says.h"

/* ---- one that isn't proved, and a leaf to go back over ---- */

static void leaf_of_liar(rig *r, uint32_t link, uint64_t size)
{
    sb_checkpoint head = head_in(r, size + 1, 900);
    leaves_under_on(r, link, size, size + 1, note_of(r, &head, "log-3"));
}

typedef struct held {
    size_t times, promises;
} held;

/* The liar on link 4 shows the same again and again, for ten minutes. */
static held hold(rig *r, uint64_t size, const Sb__Handover *m, bool has_broker)
{
    held h = {0};
    for (int i = 0; i < 60; i++) {
        offer_by(r, 4, m, "log-3", 1000000);
        h.times += status_of(r).catching_up;
        if (has_broker)
            welcome_on(r, 1, size, 1);
        if (status_of(r).catching_up)
            leaf_of_liar(r, 4, size);
        tick(r, 5000);
        tick(r, 5200);
        assert_int_equal(status_of(r).size, size);
        if (!has_broker)
            h.promises += strstr(ask_promise(r, 2, "log-2"), "PromiseGiven") != NULL;
    }
    return h;
}

/* A log that is followed, and a leaf more that the liar has. */
static const Sb__Handover *begin(rig *r, uint64_t *size)
{
    *size = r->f->leaf_count;
    follow(r, *size);
    const Sb__Handover *m = far_away(r, 900, "log-3");
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    return m;
}

/* Going back forgets neither who held us nor how long it has been silent: the others can take over. */
static void test_hold_and_silence_outlive_going_back(void **state)
{
    rig *r = *state;
    uint64_t size;
    const Sb__Handover *m = begin(r, &size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    link_down(r, 1);
    held h = hold(r, size, m, false);
    assert_in_range(h.times, 1, 6); /* 10 s, then not for 30 s, 60 s, … */
    assert_int_equal(r->rewinds, h.times);
    assert_in_range(h.promises, 40, 43); /* after three minutes */
}

static void test_standby_holds_seldom(void **state)
{
    rig *r = *state;
    uint64_t size;
    const Sb__Handover *m = begin(r, &size);
    link_up(r, 4, SB_FOL_ROLE_BROKER);
    held h = hold(r, size, m, true);
    assert_in_range(h.times, 1, 6);
    assert_int_equal(r->rewinds, h.times);
    assert_int_equal(status_of(r).broker_link, 1);
}

/* A broker that starts gives no Welcome yet: it is there all the same. */
static void test_node_holds_nobody_while_the_broker_starts(void **state)
{
    rig *r = *state;
    uint64_t size;
    const Sb__Handover *m = begin(r, &size);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    link_down(r, 1);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_int_equal(hold(r, size, m, true).times, 0);
}

static void up_as(rig *r, uint32_t link, const uint8_t who[32])
{
    feed(r, (sb_fol_event){
                .kind = SB_FOL_LINK_UP, .link = link, .role = SB_FOL_ROLE_BROKER, .who = who});
}

/* Who goes and comes again is known by its key. */
static void test_who_goes_holds_not_at_once(void **state)
{
    rig *r = *state;
    const uint8_t who[32] = {9};
    uint64_t size;
    const Sb__Handover *m = begin(r, &size);
    up_as(r, 4, who);
    offer_by(r, 4, m, "log-3", 1000000);
    assert_true(status_of(r).catching_up);
    leaf_of_liar(r, 4, size);
    tick(r, 5000);
    link_down(r, 4);
    tick(r, 10000);
    assert_int_equal(r->rewinds, 1);
    welcome_on(r, 1, size, 1);
    up_as(r, 5, who);
    offer_by(r, 5, m, "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    tick(r, 30000);
    offer_by(r, 5, m, "log-3", 1000000);
    assert_true(status_of(r).catching_up);
}

/* One after another, each before a TICK finds that nothing came of the last: no longer than one. The
 * broker lives all the while. */
static void test_another_holds_no_longer(void **state)
{
    rig *r = *state;
    uint64_t size;
    const char *const keys[] = {"log-4", "log-3"};
    const Sb__Handover *m[2] = {far_away(r, 901, keys[0]), begin(r, &size)};
    uint32_t times = 0;
    link_up(r, 4, SB_FOL_ROLE_BROKER);
    for (int i = 0; i < 240; i++) { /* a minute */
        r->now.mono_ms += 200;
        for (int k = 0; k < 2; k++)
            offer_by(r, 4, m[k], keys[k], 1000000);
        tick(r, 50);
        times += status_of(r).catching_up;
    }
    assert_in_range(times, 40, 2 * 41); /* 10 s, and again after 30 s */
}

/* How long the log is says who orders it, not who made up a head. */
static void test_made_up_size_is_forgotten(void **state)
{
    rig *r = *state;
    uint64_t size;
    const Sb__Handover *m = begin(r, &size);
    link_up(r, 4, SB_FOL_ROLE_BROKER);
    offer_by(r, 4, m, "log-3", 1000000);
    assert_true(status_of(r).broker_size > size);
    tick(r, 10000);
    assert_int_equal(status_of(r).broker_link, 1);
    assert_int_equal(status_of(r).broker_size, size);
}

static void test_older_terms_size_is_forgotten(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    link_up(r, 3, SB_FOL_ROLE_BROKER);
    link_down(r, 1);
    welcome_on(r, 3, kept + 50, 1); /* nobody kept these */
    assert_int_equal(status_of(r).broker_size, kept + 50);
    link_down(r, 3);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    r->now.legal_ms = r->f->now_ms + 1000;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    welcome_on(r, 2, end, 2);
    offer(r, 2, kept, note_at(r, end, 2));
    leaves_on(r, 2, kept, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).broker_size, end);
}

/* While leaves come no other link gets hold of it, to be silent; a broker neither. */
static void test_other_link_ends_nothing(void **state)
{
    rig *r = *state;
    uint64_t size;
    const Sb__Handover *m = begin(r, &size);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    link_down(r, 1);
    tick(r, 180000);
    assert_true(has(offer_by(r, 4, m, "log-3", 1000000), "send 4 Pull"));
    assert_null(strstr(offer_by(r, 2, m, "log-3", 1000000), "Pull"));
}

/* ---- one that is proved, and nothing comes ---- */

/* Behind by more than the last leaves, with three links that show the HANDOVER of term 2. */
static uint64_t behind(rig *r, uint64_t *kept)
{
    *kept = r->f->leaf_count;
    follow(r, *kept - 3);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    r->now.legal_ms = r->f->now_ms + 1000;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    welcome_on(r, 2, end, 2);
    for (uint32_t link = 4; link <= 5; link++) {
        link_up(r, link, SB_FOL_ROLE_NODE);
        welcome_on(r, link, end, 2);
    }
    offer(r, 2, *kept, note_at(r, end, 2));
    assert_true(status_of(r).catching_up);
    return end;
}

static void test_link_that_gives_is_kept(void **state)
{
    rig *r = *state;
    uint64_t kept, end = behind(r, &kept);
    assert_null(strstr(offer(r, 4, kept, note_at(r, end, 2)), "Pull"));
    assert_true(has(tick(r, 1000), "send 2 Pull"));
}

static void asks_around(rig *r, uint64_t kept, uint64_t end)
{
    const char *t = tick(r, 1000);
    assert_true(has(t, "send 5 Hello"));
    assert_null(strstr(tick(r, 500), "Hello")); /* at its pace */
    assert_true(has(offer(r, 5, kept, note_at(r, end, 2)), "send 5 Pull"));
    leaves_on(r, 5, kept - 3, kept - 1, 2);
    assert_true(status_of(r).catching_up);
    assert_null(strstr(tick(r, 2000), "Hello"));
    leaves_on(r, 5, kept - 1, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

static void test_silent_link_gives_way(void **state)
{
    rig *r = *state;
    uint64_t kept, end = behind(r, &kept);
    for (int i = 0; i < 9; i++)
        assert_null(strstr(tick(r, 1000), "Hello"));
    asks_around(r, kept, end);
}

static void test_link_that_goes_gives_way(void **state)
{
    rig *r = *state;
    uint64_t kept, end = behind(r, &kept);
    tick(r, 3000);
    link_down(r, 2);
    asks_around(r, kept, end);
}

/* Who shows it, gives nothing, goes and comes again: the others are asked all the same. */
static void test_link_that_comes_again_gives_way(void **state)
{
    rig *r = *state;
    uint64_t kept, end = behind(r, &kept);
    link_down(r, 2);
    for (int i = 0; i < 3; i++) {
        link_down(r, 4);
        link_up(r, 4, SB_FOL_ROLE_NODE);
        assert_true(has(offer(r, 4, kept, note_at(r, end, 2)), "send 4 Pull"));
        assert_null(strstr(offer(r, 5, kept, note_at(r, end, 2)), "Pull"));
        tick(r, 3000);
    }
    link_down(r, 4);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome_on(r, 4, end, 2);
    offer(r, 4, kept, note_at(r, end, 2));
    tick(r, 1000);
    asks_around(r, kept, end);
}

/* A node that shows it first doesn't keep the broker from giving. */
static void test_broker_goes_before_a_node(void **state)
{
    rig *r = *state;
    uint64_t kept, end = behind(r, &kept);
    link_down(r, 2);
    assert_true(has(offer(r, 4, kept, note_at(r, end, 2)), "send 4 Pull"));
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "send 2 Pull"));
    assert_null(strstr(offer(r, 4, kept, note_at(r, end, 2)), "Pull"));
}

/* ---- a new node, to which nothing can be proved ---- */

static uint64_t new_node(rig *r, uint64_t *kept, uint64_t part)
{
    *kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    r->now.legal_ms = r->f->now_ms + 1000;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, *kept, note_at(r, end, 2));
    welcome_on(r, 2, end, 2);
    leaves_on(r, 2, 0, part, 2);
    assert_int_equal(status_of(r).size, part);
    return end;
}

/* Nothing comes for a while: what it has it keeps, and by then it can judge. */
static void test_new_node_keeps_what_it_has(void **state)
{
    rig *r = *state;
    uint64_t kept, part = 25, end = new_node(r, &kept, part);
    for (int i = 0; i < 12; i++)
        tick(r, 1000);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).size, part);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "send 2 Pull"));
    for (int i = 0; i < 60; i++) /* it is proved now */
        tick(r, 1000);
    leaves_on(r, 2, part, end, 2);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).term, 2);
}

/* Who shows it once it can be judged gives the rest: the first may only have copied it. */
static void test_proved_goes_before_the_same(void **state)
{
    rig *r = *state;
    uint64_t kept, part = 25, end = new_node(r, &kept, part);
    for (uint32_t link = 4; link <= 5; link++)
        link_up(r, link, SB_FOL_ROLE_NODE);
    assert_true(has(offer(r, 4, kept, note_at(r, end, 2)), "send 4 Pull"));
    assert_null(strstr(offer(r, 5, kept, note_at(r, end, 2)), "Pull"));
}

/* Another HANDOVER, or a broker of its own term: then it begins anew. */
static void test_new_node_leaves_a_made_up_one(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    const Sb__Handover *m = far_away(r, 900, "log-3");
    sb_checkpoint head = head_in(r, 25, 900);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    offer_by(r, 4, m, "log-3", 1000000);
    leaves_under_on(r, 4, 0, 25, note_of(r, &head, "log-3"));
    assert_int_equal(status_of(r).catchup_term, 900);
    assert_int_equal(status_of(r).size, 25);
    tick(r, 10000);
    tick(r, 10000);
    assert_int_equal(status_of(r).size, 25);
    offer_by(r, 4, m, "log-3", 1000000); /* not the same again at once */
    assert_null(strstr(tick(r, 1000), "send 4 Pull"));
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome_on(r, 1, kept, 1);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, 0);
    offer_by(r, 4, m, "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    welcome_on(r, 1, kept, 1);
    leaves_on(r, 1, 0, kept, 1);
    assert_int_equal(status_of(r).size, kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_hold_and_silence_outlive_going_back, setup_terms),
        TEST(test_standby_holds_seldom, setup_terms),
        TEST(test_node_holds_nobody_while_the_broker_starts, setup_terms),
        TEST(test_who_goes_holds_not_at_once, setup_terms),
        TEST(test_another_holds_no_longer, setup_terms),
        TEST(test_other_link_ends_nothing, setup_terms),
        TEST(test_made_up_size_is_forgotten, setup_terms),
        TEST(test_older_terms_size_is_forgotten, setup_terms),
        TEST(test_link_that_gives_is_kept, setup_terms),
        TEST(test_silent_link_gives_way, setup_terms),
        TEST(test_link_that_goes_gives_way, setup_terms),
        TEST(test_link_that_comes_again_gives_way, setup_terms),
        TEST(test_broker_goes_before_a_node, setup_terms),
        TEST(test_new_node_keeps_what_it_has, setup_terms),
        TEST(test_proved_goes_before_the_same, setup_terms),
        TEST(test_new_node_leaves_a_made_up_one, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
