/* What each organisation has said to a standby that asks for promises: its operator has to know whom
 * to call, and why nobody takes over. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "tests/unit/standby_rig.h"

static sb_standby_org answer_of(rig *r, uint32_t organisation)
{
    size_t count;
    const sb_standby_org *orgs = sb_standby_orgs(r->standby, r->now, &count);
    assert_int_equal(count, 4);
    sb_ledger_org org;
    assert_true(sb_ledger_org_get(r->f->ledger, organisation, &org));
    assert_string_equal(orgs[organisation].id, org.id);
    return orgs[organisation];
}

static void known_up(rig *r, uint32_t nodes)
{
    rig_all_up(r, nodes);
    for (uint32_t i = 0; i < nodes; i++)
        rig_node_known(r, i);
}

static void each_has_its_answer(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    known_up(r, 3);
    r->nodes[1].promises = r->nodes[2].promises = false; /* the latter says nothing */
    sb_fail_num(&r->nodes[1].refusal, SB_E_FOLLOWER_PROMISE_SILENCE, 1, 30, 0);
    rig_run(r, 5000);
    assert_int_equal(answer_of(r, 0).answer, SB_STANDBY_PROMISED);
    assert_int_equal(answer_of(r, 1).answer, SB_STANDBY_SAID_NO);
    assert_int_equal(answer_of(r, 1).refusal.code, SB_E_FOLLOWER_PROMISE_SILENCE);
    assert_string_equal(answer_of(r, 1).refusal.arg[0], "30");
    assert_int_equal(answer_of(r, 2).answer, SB_STANDBY_SILENT);
    assert_int_equal(answer_of(r, 3).answer, SB_STANDBY_AWAY);
    r->nodes[1].consents = false;
    r->nodes[1].would = true;
    rig_run(r, 10000);
    assert_int_equal(answer_of(r, 1).answer, SB_STANDBY_WOULD);
    rig_node_down(r, 0);
    rig_node_down(r, 1);
    rig_run(r, 1000);
    assert_int_equal(answer_of(r, 0).answer, SB_STANDBY_PROMISED); /* it is here, and kept */
    assert_int_equal(answer_of(r, 1).answer, SB_STANDBY_AWAY);
    rig_free(r);
}

/* Who said no to an earlier term hasn't answered for this one. */
static void a_no_is_of_its_term(void **state)
{
    fed *f = *state;
    rig *r = rig_new(f, "log-2", true);
    known_up(r, 2);
    for (uint32_t i = 0; i < 2; i++) {
        r->nodes[i].promises = false;
        sb_fail_num(&r->nodes[i].refusal, SB_E_FOLLOWER_PROMISE_OTHER, 1, 2, 0);
    }
    rig_run(r, 5000);
    assert_int_equal(answer_of(r, 0).answer, SB_STANDBY_SAID_NO);
    uint32_t term = rig_status(r).asked_term;
    for (uint32_t i = 0; i < 2; i++)
        r->nodes[i].refusal = (sb_fail){0};
    rig_run(r, 400 * 1000);
    assert_true(rig_status(r).asked_term > term);
    assert_int_equal(answer_of(r, 0).answer, SB_STANDBY_SILENT);
    rig_free(r);
}

/* Simulator, seed 30680: an organisation replaced its witness key and no SEAL covers that yet, another
 * may not promise. The log's own policy would have counted three. */
static void a_new_key_counts_for_nothing(void **state)
{
    fed *f = *state;
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, "lege/witness")->pk};
    m.new_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, "lege/witness-2")->pk};
    fed_must(f, SB_ENTRY_KEY_REPLACE, &m.base, "lege/recovery");
    assert_int_equal(fed_state(f), SB_OK);
    snprintf(f->witness[2], sizeof f->witness[2], "lege/witness-2");
    rig *r = rig_new(f, "log-2", false);
    known_up(r, 4);
    r->nodes[1].promises = false;
    sb_fail_set(&r->nodes[1].refusal, SB_E_FOLLOWER_PROMISE_RESTORED, NULL);
    rig_run(r, 100000);
    sb_standby_status s = rig_status(r);
    assert_int_equal(s.phase, SB_STANDBY_ASKS);
    assert_int_equal(s.needed, 3);
    assert_int_equal(s.would, 2);
    assert_int_equal(r->nodes[0].asks, 0);
    assert_int_equal(answer_of(r, 0).answer, SB_STANDBY_WOULD);
    assert_false(answer_of(r, 0).has_new_key);
    assert_int_equal(answer_of(r, 1).answer, SB_STANDBY_SAID_NO);
    assert_int_equal(answer_of(r, 2).answer, SB_STANDBY_WOULD);
    assert_true(answer_of(r, 2).has_new_key);
    r->nodes[1].promises = true; /* its authority consented */
    rig_until_taken_over(r, 12000);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_has_its_answer, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(a_no_is_of_its_term, rig_setup, rig_teardown),
        cmocka_unit_test_setup_teardown(a_new_key_counts_for_nothing, rig_setup, rig_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
