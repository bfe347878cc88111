/* The standby that asks first, binding nobody: what makes it bind (standby_promise_test has the plain cases). */
#include "tests/lib/cmocka_all.h"

#include "broker/standby/standby.h"
#include "tests/lib/play_actions.h"
#include "tests/unit/standby_rig.h"

static const char *const clause[] = {"Slik blir det."};

/* All four must confirm from now on; it takes effect at the SEAL that covers it. */
static void adopt_that_all_confirm(fed *f)
{
    play_id c, meeting, q;
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing witnessing = SB__ACTION_WITNESSING__INIT;
    Sb__WitnessPolicy policy = SB__WITNESS_POLICY__INIT;
    policy.more_than_num = 3;
    policy.more_than_den = 4;
    witnessing.policy = &policy;
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    m.witnessing = &witnessing;
    play_ok(play_action(f, &m, SEC, NULL));
    play_next_meeting(f, "pm", 20220120, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
}

/* The broker is lost; of the nodes only the last has the SEAL of a stricter policy, and the standby. */
typedef struct only_one_has_it {
    fed *f;
    rig *r;
    sb_head at, before;
    const Sb__Seal *seal;
} only_one_has_it;

static only_one_has_it setup(void)
{
    only_one_has_it t = {.f = fed_new(&(fed_options){.edit = play_amendable})};
    fed_run(t.f);
    fed_at(t.f, 20211215, 9, 0);
    adopt_that_all_confirm(t.f);
    assert_int_equal(fed_state(t.f), SB_OK);
    t.at = fed_head_now(t.f);
    t.seal = fed_last_seal(t.f, &t.before);
    fed_seal(t.f);
    t.r = rig_new(t.f, "log-2", true);
    rig_node *last = rig_node_up(t.r, 3, 3);
    last->consents = last->promises = false;
    rig_run(t.r, 1000);
    assert_int_equal(rig_status(t.r).size, t.f->leaf_count);
    return t;
}

static void up_without_it(only_one_has_it *t, uint32_t place)
{
    rig_node *n = rig_node_up(t->r, place, place);
    n->consents = false;
    n->size = t->at.size;
    n->seal = t->before;
    n->sealed = t->seal;
    n->cosigned = t->at;
}

static void teardown(only_one_has_it *t)
{
    rig_free(t->r);
    fed_free(t->f);
}

/* It is gone too: the other three are enough for a HANDOVER that names no such SEAL, and are asked. */
static void a_seal_that_it_holds_alone_asks_for_nothing(void **state)
{
    (void)state;
    only_one_has_it t = setup();
    rig_node_down(t.r, 3);
    for (uint32_t i = 0; i < 3; i++)
        up_without_it(&t, i);
    rig_until_taken_over(t.r, 12000);
    assert_int_equal(rig_handover(t.r, t.at.size)->n_promises, 3);
    teardown(&t);
}

/* It is there, and says so: then it takes all four, and three aren't bound for nothing. */
static void a_seal_that_one_of_them_holds_counts(void **state)
{
    (void)state;
    only_one_has_it t = setup();
    t.r->nodes[3].promises = true;
    for (uint32_t i = 1; i < 3; i++)
        up_without_it(&t, i);
    rig_run(t.r, 30000);
    assert_int_equal(rig_status(t.r).would, 3);
    assert_int_equal(rig_status(t.r).promised, 0);
    up_without_it(&t, 0);
    rig_until_taken_over(t.r, 12000);
    assert_int_equal(rig_handover(t.r, t.at.size)->n_promises, 4);
    teardown(&t);
}

/* One that says now that it would and now that it wouldn't has nobody asked more often for it. */
static void who_says_now_this_now_that_hurries_nobody(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    rig *r = rig_new(f, "log-2", true);
    for (uint32_t i = 0; i < 4; i++) {
        rig_node *n = rig_node_up(r, i, i);
        n->consents = n->promises = false;
        n->would = i < 2;
        if (i >= 2)
            sb_fail_num(&n->refusal, SB_E_FOLLOWER_PROMISE_SILENCE, 1, 30, 0);
    }
    rig_run(r, 1000);
    assert_int_equal(rig_status(r).would, 2);
    for (int i = 0; i < 100; i++) {
        rig_node_would(r, 2, false);
        rig_node_would(r, 0, true);
        rig_run(r, 50);
        rig_node_would(r, 2, true);
        rig_run(r, 50);
    }
    assert_in_range(r->nodes[3].asks, 1, 4);
    rig_free(r);
    fed_free(f);
}

/* One that lies says it on several connections, each time in another's name: it counts once. */
static void a_liar_speaks_for_one(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    rig *r = rig_new(f, "log-2", true);
    for (uint32_t i = 0; i < 4; i++) {
        rig_node *n = rig_node_up(r, i, i);
        n->consents = false;
        n->promises = i == 0;
        n->would = i > 0;
        rig_node_curve(r, i, i == 0 ? 1 : 2);
    }
    rig_run(r, 20000);
    assert_int_equal(rig_status(r).would, 2);
    assert_int_equal(r->nodes[0].asks, 0);
    r->nodes[1].consents = r->nodes[1].promises = true; /* its true name too */
    rig_run(r, 20000);
    assert_int_equal(rig_status(r).promised, 1);
    assert_int_equal(rig_status(r).would, 2);
    assert_int_equal(r->nodes[0].asks, 0);
    rig_free(r);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seal_that_it_holds_alone_asks_for_nothing),
        cmocka_unit_test(a_seal_that_one_of_them_holds_counts),
        cmocka_unit_test(who_says_now_this_now_that_hurries_nobody),
        cmocka_unit_test(a_liar_speaks_for_one),
    };
    return cmocka_run_group_tests_name("standby_ask", tests, NULL, NULL);
}
