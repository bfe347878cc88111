/* The standby: following, silence, and taking over. */
#include "tests/lib/cmocka_all.h"

#include "tests/unit/standby_rig.h"

static void follows_from_nothing(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.phase, SB_STANDBY_FOLLOWS);
    assert_int_equal(s.size, f->leaf_count);
    assert_int_equal(s.term, 1);
    sb_head now = fed_head_now(f);
    assert_memory_equal(s.root, now.root, 32);
    assert_int_equal(r->nodes[0].asks, 0);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK); /* more comes */
    fed_seal(f);
    r->nodes[0].size = f->leaf_count;
    rig_life(r, 0, f->leaf_count, 4);
    rig_run(r, 1500);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    rig_free(r);
}

/* A node serves a leaf again that is here, spoilt: it isn't believed, and another one is asked. */
static void known_leaf_spoilt_on_the_way(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_node *n = rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    uint64_t before = rig_status(r).size;
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_seal(f);
    n->spoils = true;
    n->size = f->leaf_count;
    rig_life(r, 0, f->leaf_count, 4);
    rig_run(r, 1500);
    assert_int_equal(rig_status(r).size, before);
    rig_node_up(r, 1, 1);
    rig_run(r, 10000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    rig_free(r);
}

static void other_federation_is_refused(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    rig *r = rig_new(f, "log-2", false);
    f->federation_id[0] ^= 1;
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    f->federation_id[0] ^= 1;
    assert_int_equal(rig_status(r).size, 0);
    rig_free(r);
    fed_free(f);
}

static void asks_for_blobs(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    assert_true(rig_status(r).blobs_missing > 0); /* the names of those appointed */
    uint32_t wanted = r->wanted_blobs;
    assert_true(wanted > 0);
    rig_run(r, 11000);
    assert_true(r->wanted_blobs > wanted); /* again */
    rig_free(r);
}

static void silence_then_takes_over(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 3);
    rig_run(r, 58000);
    assert_int_equal(r->nodes[0].asks, 0);
    sb_standby_status status;
    sb_standby_status_get(r->standby, r->now, &status);
    assert_int_equal(status.silence_ms, 60000);
    rig_life(r, 1, f->leaf_count, 2); /* two are no quorum: no sign of life */
    rig_run(r, 1500);
    rig_until_taken_over(r, 8000);
    assert_int_equal(r->rewinds, 0);
    const Sb__Handover *m = rig_handover(r, f->leaf_count);
    assert_int_equal(m->term, 2);
    assert_int_equal(m->continues_size, f->leaf_count);
    assert_int_equal(m->n_promises, 3);
    assert_int_equal(sb_ledger_term(r->ledger), 2);
    rig_free(r);
}

static void signs_of_life_put_it_off(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 4);
    for (int i = 0; i < 10; i++) {
        rig_run(r, 30000);
        rig_life(r, (uint32_t)i % 4, f->leaf_count, 3);
    }
    assert_int_equal(r->nodes[0].asks, 0);
    rig_until_taken_over(r, 70000);
    rig_free(r);
}

/* Found by the simulator: a broker that is silent while a federation is founded. */
static void nothing_sealed_nothing_asked(void **state)
{
    (void)state;
    fed_options options = {.edit = rig_with_standby};
    fed *f = fed_new(&options);
    fed_genesis(f);
    fed_charter(f);
    fed_accept(f);
    assert_int_equal(fed_state(f), SB_OK);
    rig *r = rig_new(f, "log-2", false);
    rig_all_up(r, 4);
    rig_run(r, 200000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    assert_int_equal(r->nodes[0].asks, 0);
    rig_free(r);
    fed_free(f);
}

static void stranger_waits_for_the_operator(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-9", false);
    rig_all_up(r, 4);
    rig_run(r, 200000);
    sb_standby_status status;
    sb_standby_status_get(r->standby, r->now, &status);
    assert_int_equal(status.silence_ms, 0); /* no silence is long enough */
    assert_int_equal(r->nodes[0].asks, 0);
    r->take_over = true;
    rig_restart(r);
    for (uint32_t i = 0; i < 4; i++)
        rig_node_up(r, i, i);
    rig_until_taken_over(r, 8000);
    rig_free(r);
}

/* Nodes on slow lines: it asks one after another, more and more seldom, and for less. */
static void asks_again_more_and_more_seldom(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", false);
    uint32_t pulls = 0;
    for (uint32_t i = 0; i < 3; i++)
        rig_node_up(r, i, i)->is_mute = true;
    rig_run(r, 900);
    for (uint32_t i = 0; i < 3; i++) {
        pulls += r->nodes[i].pulls;
        assert_true(r->nodes[i].pulls == 0 || r->nodes[i].credit == 4096);
    }
    assert_int_equal(pulls, 1);
    rig_run(r, 59000); /* after 1, 3, 7, 15, 23 … 55 s */
    for (uint32_t i = 0; i < 3; i++) {
        assert_in_range(r->nodes[i].pulls, 3, 4);
        assert_int_equal(r->nodes[i].credit, 1024);
        r->nodes[i].is_mute = false;
    }
    rig_run(r, 8000);
    assert_int_equal(rig_status(r).size, f->leaf_count);
    rig_free(r);
}

/* A standby that holds less than the log has by now. */
static rig *behind(fed *f)
{
    rig *r = rig_new(f, "log-2", false);
    rig_node_up(r, 0, 0);
    rig_run(r, 1000);
    rig_node_down(r, 0);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_seal(f);
    return r;
}

/* Leaves that are here are no progress, however often they come: the next node is asked. */
static void who_repeats_known_leaves_holds_nobody(void **state)
{
    fed *f = *state;
    for (uint32_t liar = 0; liar < 2; liar++) {
        rig *r = behind(f);
        for (uint32_t i = 0; i < 2; i++)
            rig_node_up(r, i, i)->repeats = i == liar;
        rig_run(r, 10000);
        assert_int_equal(rig_status(r).size, f->leaf_count);
        rig_free(r);
    }
}

/* … nor does who says that it is in a later term than anybody showed. */
static void who_claims_a_later_term_holds_nobody(void **state)
{
    fed *f = *state;
    for (uint32_t liar = 0; liar < 2; liar++) {
        rig *r = behind(f);
        for (uint32_t i = 0; i < 2; i++) {
            rig_node *n = rig_node_up(r, i, i);
            n->is_mute = i == liar;
            n->claims = i == liar ? 4000000000 : 0;
            rig_node_hello(r, i);
        }
        rig_run(r, 10000);
        assert_int_equal(rig_status(r).size, f->leaf_count);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(follows_from_nothing, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(known_leaf_spoilt_on_the_way, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(asks_again_more_and_more_seldom, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(who_repeats_known_leaves_holds_nobody, rig_setup,
                                        rig_teardown),
        cmocka_unit_test_setup_teardown(who_claims_a_later_term_holds_nobody, rig_setup,
                                        rig_teardown),
        cmocka_unit_test(other_federation_is_refused),
        cmocka_unit_test_setup_teardown(asks_for_blobs, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(silence_then_takes_over, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(signs_of_life_put_it_off, rig_setup, rig_teardown),
        cmocka_unit_test(nothing_sealed_nothing_asked),
        cmocka_unit_test_setup_teardown(stranger_waits_for_the_operator, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
