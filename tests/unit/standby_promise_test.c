/* The standby asks for promises: whom, of which term, and what the answers come to. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "tests/unit/standby_rig.h"

/* A silence that only two see: nobody is bound, and the broker goes on. Found by the simulator (1305):
 * the two confirmed nothing more, and what took more than a quorum was stuck for ever. */
static void binds_nobody_before_a_quorum_would(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 4);
    for (uint32_t i = 2; i < 4; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_SILENCE, 1, 30, 0);
    }
    rig_run(r, 100000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.phase, SB_STANDBY_ASKS);
    assert_int_equal(s.asked_term, 2);
    assert_int_equal(s.would, 2);
    assert_int_equal(s.promised, 0);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(r->nodes[i].asks, 0);
        assert_in_range(r->nodes[i].woulds, 7, 9);
    }
    rig_life(r, 1, f->leaf_count, 3); /* it was none */
    rig_run(r, 20000);
    assert_int_equal(rig_status(r).phase, SB_STANDBY_FOLLOWS);
    r->nodes[2].promises = true;
    rig_until_taken_over(r, 50000);
    assert_int_equal(rig_handover(r, f->leaf_count)->term, 2);
    rig_free(r);
}

/* Nor does its operator's word bind them, only their own authorities': 1305 was one told so. */
static void an_order_binds_who_consented(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    for (uint32_t i = 1; i < 4; i++)
        r->nodes[i].consents = false;
    for (uint32_t i = 2; i < 4; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_SILENCE, 1, 30, 0);
    }
    rig_run(r, 20000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.promised, 1); /* and is kept */
    assert_int_equal(s.would, 2);
    assert_int_equal(r->nodes[1].asks, 0);
    rig_node_down(r, 0);
    rig_run(r, 20000);
    assert_int_equal(rig_status(r).would, 2);
    r->nodes[3].promises = true;
    rig_until_taken_over(r, 12000);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

/* What was said more than ten seconds ago counts no more. */
static void old_answers_make_no_quorum(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 3);
    r->nodes[2].promises = false;
    rig_run(r, 62000);
    assert_int_equal(rig_status(r).would, 2);
    for (uint32_t i = 0; i < 2; i++)
        r->nodes[i].promises = false; /* and says nothing */
    rig_run(r, 11000);
    assert_int_equal(rig_status(r).would, 0);
    r->nodes[2].promises = true;
    rig_run(r, 10000);
    assert_int_equal(rig_status(r).would, 1);
    assert_int_equal(r->nodes[2].asks, 0);
    rig_free(r);
}

/* Who says that it would and then doesn't binds others; it is asked at the usual pace, and holds up nobody. */
static void a_false_word_holds_up_nobody(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 4);
    r->nodes[0].promises = r->nodes[3].promises = false;
    r->nodes[0].would = true;
    rig_run(r, 90000);
    assert_int_equal(rig_status(r).promised, 2);
    assert_int_equal(rig_status(r).would, 3);
    assert_in_range(r->nodes[0].asks, 1, 8);
    r->nodes[3].promises = true;
    rig_until_taken_over(r, 12000);
    rig_free(r);
}

static void too_few_and_then_enough(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 3);
    r->nodes[2].promises = false;
    sb_fail_set(&r->nodes[2].refusal, SB_E_FOLLOWER_PROMISE_CONSENT, NULL);
    rig_run(r, 20000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.promised, 2);
    assert_int_equal(s.needed, 3);
    assert_int_equal(s.asked_term, 2);
    assert_true(s.has_refusal);
    assert_int_equal(s.refusal.code, SB_E_FOLLOWER_PROMISE_CONSENT);
    assert_int_equal(r->nodes[0].asks, 1); /* who promised isn't asked again before… */
    rig_restart(r);                        /* the promises and the term stay */
    for (uint32_t i = 0; i < 3; i++) {
        bool promises = r->nodes[i].promises;
        rig_node_up(r, i, i)->promises = promises;
    }
    rig_run(r, 1000);
    assert_int_equal(rig_status(r).promised, 2);
    r->nodes[2].promises = true;
    rig_until_taken_over(r, 12000);
    assert_int_equal(rig_handover(r, f->leaf_count)->term, 2);
    rig_free(r);
}

static void split_vote_goes_higher(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    for (uint32_t i = 0; i < 2; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_OTHER, 1, 2, 0);
    }
    rig_run(r, 20000);
    assert_int_equal(r->nodes[0].asked_term, 2);
    sb_fail_num(&r->nodes[0].refusal, SB_E_FOLLOWER_PROMISE_TERM, 1, 6, 0);
    rig_run(r, 100000);
    assert_true(r->nodes[0].asked_term >= 7);
    r->nodes[0].promises = true;
    rig_until_taken_over(r, 70000);
    assert_true(rig_handover(r, f->leaf_count)->term >= 7);
    rig_free(r);
}

/* A single node can't use the numbers up. */
static void absurd_terms_are_not_believed(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    for (uint32_t i = 0; i < 2; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_TERM, 1, UINT32_MAX - 1, 0);
    }
    rig_run(r, 100000);
    assert_true(r->nodes[0].asked_term < 100);
    rig_free(r);
}

/* Somebody claims a term far up: believed within bounds only, or the numbers would be used up. */
static void a_claimed_term_is_bounded(void **state)
{
    fed *f = *state;
    for (uint32_t over = 0; over < 2; over++) {
        char told[16];
        rig *r = rig_new(f, "log-2", true);
        rig_all_up(r, 2); /* no quorum */
        (void)snprintf(told, sizeof told, "%u", 2 + SB_STANDBY_TOLD_TERMS_MAX + over);
        r->nodes[0].promises = false;
        sb_fail_set(&r->nodes[0].refusal, SB_E_FOLLOWER_PROMISE_TERM, told, NULL);
        rig_run(r, 90 * 1000);
        assert_int_equal(r->nodes[1].asked_term > SB_STANDBY_TOLD_TERMS_MAX, !over);
        rig_free(r);
    }
}

/* A key that ordered a term can't order another: said, not tried for ever. */
static void used_key_ends_it(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log", true);
    rig_all_up(r, 4);
    rig_run(r, 5000);
    assert_true(r->failed);
    assert_int_equal(r->fail.code, SB_E_LEDGER_HANDOVER_KEY);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(r->nodes[i].asks, 0); /* who promises confirms nothing until then */
    rig_free(r);
}

/* A listed one that ordered a term already follows on: in a silence it asks for none, and says why. */
static void used_key_asks_nobody(void **state)
{
    fed *f = *state;
    fed_take_over(f, 2, "log-2");
    fed_seal(f);
    fed_take_over(f, 3, "log-3");
    fed_seal(f);
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 4);
    rig_run(r, 400 * 1000);
    assert_false(r->failed);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(r->nodes[i].asks, 0);
    assert_true(rig_status(r).has_refusal);
    assert_int_equal(rig_status(r).refusal.code, SB_E_LEDGER_HANDOVER_KEY);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(binds_nobody_before_a_quorum_would, rig_setup,
                                        rig_teardown),
        cmocka_unit_test_setup_teardown(an_order_binds_who_consented, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(old_answers_make_no_quorum, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(a_false_word_holds_up_nobody, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(too_few_and_then_enough, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(split_vote_goes_higher, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(absurd_terms_are_not_believed, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(a_claimed_term_is_bounded, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(used_key_ends_it, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(used_key_asks_nobody, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
