/* What a HANDOVER continues from: SEALs and cosigned heads that promises name, true and made up. */
#include "tests/lib/cmocka_all.h"

#include "tests/unit/standby_rig.h"

static void lags_behind_the_seal_and_fetches(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_node_up(r, 0, 0);
    r->nodes[0].promises = false;
    rig_run(r, 1000);
    size_t held = f->leaf_count;
    assert_int_equal(rig_status(r).size, held);
    rig_node_down(r, 0);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    fed_seal(f);
    rig_all_up(r, 4);
    r->nodes[0].size = held; /* the first to be asked has no more than we */
    rig_until_taken_over(r, 12000);
    assert_true(rig_handover(r, f->leaf_count)->continues_size == f->leaf_count);
    rig_free(r);
}

/* One of those who name the head answers with leaves that are here, on and on: another has it. */
static void who_repeats_known_leaves_holds_no_fetch(void **state)
{
    fed *f = *state;
    for (uint32_t liar = 0; liar < 4; liar++) {
        rig *r = rig_new(f, "log-2", true);
        rig_node_up(r, 0, 0)->promises = false;
        rig_run(r, 1000);
        rig_node_down(r, 0);
        assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
        fed_seal(f);
        for (uint32_t i = 0; i < 4; i++) {
            rig_node *n = rig_node_up(r, i, i);
            n->repeats = i == liar;
            n->is_mute = i != (liar + 2) % 4; /* two have slow lines */
        }
        rig_until_taken_over(r, SB_STANDBY_FETCH_MS - 1000);
        assert_true(rig_handover(r, f->leaf_count)->continues_size == f->leaf_count);
        rig_free(r);
    }
}

static void false_seal_is_left_out(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    rig_run(r, 50);
    sb_head made_up = fed_head_now(f); /* of higher rank than what was sealed; never sealed */
    r->nodes[3].seal = made_up;
    rig_until_taken_over(r, 60000);
    const Sb__Handover *m = rig_handover(r, f->leaf_count);
    assert_int_equal(m->n_promises, 3);
    rig_free(r);
}

static void seal_that_nobody_has_is_left_out(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    r->nodes[3].seal.size += 1000;
    r->nodes[3].seal.root[0] ^= 1;
    rig_until_taken_over(r, 60000);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

/* What one of them says, who may lie, doesn't keep the others from it. */
static void absurd_heads_are_not_taken(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    r->nodes[1].cosigned.term = 9; /* later than the term that it is about */
    rig_until_taken_over(r, 20000);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

static void another_ones_cosignatures_stand_for_false_ones(void **state)
{
    fed *f = *state;
    sb_head sealed;
    Sb__Seal bad = *fed_last_seal(f, &sealed);
    Sb__Cosignature one = *bad.cosignatures[0];
    uint8_t sig[64];
    memcpy(sig, one.signature.data, 64);
    sig[0] ^= 1;
    one.signature.data = sig;
    Sb__Cosignature **list = SB_ARENA_ARRAY(&f->arena, Sb__Cosignature *, bad.n_cosignatures);
    memcpy(list, bad.cosignatures, bad.n_cosignatures * sizeof *list);
    list[0] = &one;
    bad.cosignatures = list;
    for (uint32_t liar = 0; liar < 4; liar++) {
        rig *r = rig_new(f, "log-2", true);
        rig_all_up(r, 4);
        r->nodes[liar].sealed = &bad;
        rig_until_taken_over(r, 20000);
        rig_free(r);
    }
}

/* A SEAL that is made up, where we hold another head, takes nothing of our log away. */
static void false_seal_cuts_nothing(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    r->nodes[3].seal = fed_head_now(f);
    r->nodes[3].seal.root[0] ^= 1;
    rig_until_taken_over(r, 60000);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 3);
    rig_free(r);
}

/* Our log goes on where nobody cosigned: it is cut off. */
static void cuts_what_too_few_cosigned(void **state)
{
    fed *f = *state;
    sb_head sealed;
    const Sb__Seal *seal = fed_last_seal(f, &sealed);
    sb_head before = fed_head_now(f);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    for (uint32_t i = 0; i < 4; i++) {
        r->nodes[i].seal = sealed;
        r->nodes[i].sealed = seal;
        if (i > 0)
            r->nodes[i].cosigned = before; /* only one, who may lie, cosigned the longer one */
    }
    rig_until_taken_over(r, 60000);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, before.size);
    assert_int_equal(rig_leaf_type(r, before.size), SB_ENTRY_HANDOVER);
    rig_free(r);
}

/* Two cosigned the longer head, one the longest: that proves itself an extension. */
static void keeps_what_enough_cosigned(void **state)
{
    fed *f = *state;
    sb_head sealed;
    const Sb__Seal *seal = fed_last_seal(f, &sealed);
    sb_head before = fed_head_now(f), longer, longest;
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    longer = fed_head_now(f);
    assert_int_equal(fed_appoint_office(f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    longest = fed_head_now(f);
    rig *r = rig_new(f, "log-2", true);
    rig_all_up(r, 4);
    const sb_head cosigned[] = {longer, longest, before, before};
    for (uint32_t i = 0; i < 4; i++) {
        r->nodes[i].seal = sealed;
        r->nodes[i].sealed = seal;
        r->nodes[i].cosigned = cosigned[i];
    }
    rig_until_taken_over(r, 60000);
    assert_int_equal(r->rewound_to, longer.size);
    const Sb__Handover *m = rig_handover(r, longer.size);
    assert_int_equal(m->continues_size, longer.size);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lags_behind_the_seal_and_fetches, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(who_repeats_known_leaves_holds_no_fetch, rig_setup,
                                        rig_teardown),
        cmocka_unit_test_setup_teardown(false_seal_is_left_out, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(seal_that_nobody_has_is_left_out, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(absurd_heads_are_not_taken, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(another_ones_cosignatures_stand_for_false_ones, rig_setup,
                                        rig_teardown),
        cmocka_unit_test_setup_teardown(false_seal_cuts_nothing, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(cuts_what_too_few_cosigned, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(keeps_what_enough_cosigned, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
