/* What must come next: RESULTs after a close, TICKs and the deadlines that any leaf settles; quotas
 * of a case. */
#include "proto/ledger/core.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

/* Close without appending the RESULT. */
static void close_only(fed *f, play_id q)
{
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = q;
    fed_must(f, SB_ENTRY_QUESTION_CLOSE, &m.base, SEC);
}

static void test_result(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    close_only(f, q);
    /* only the RESULT is taken now, whatever else comes */
    play_refused(f, play_close(f, t.meeting, SEC), SB_E_LEDGER_RESULT_EXPECTED, NULL);
    play_refused(f, fed_state(f), SB_E_LEDGER_RESULT_EXPECTED, NULL);

    sb_buf payload;
    sb_buf_init(&payload);
    assert_int_equal(sb_ledger_next_due(f->ledger, f->now_ms, &payload), SB_DUE_RESULT);
    const ProtobufCMessage *message = NULL;
    assert_int_equal(
        sb_payload_decode(SB_ENTRY_RESULT, sb_buf_slice(&payload), &f->arena, &message, &f->fail),
        SB_OK);
    Sb__Result *m = (Sb__Result *)(void *)message;
    assert_int_equal(m->outcome, ADOPTED);
    assert_memory_equal(m->question_id.data, q.data, 32);
    m->outcome = FALLEN;
    play_refused(f, fed_system(f, SB_ENTRY_RESULT, &m->base), SB_E_LEDGER_RESULT_DIFFERS, NULL);
    m->outcome = ADOPTED;
    m->counts[0]->present++;
    play_refused(f, fed_system(f, SB_ENTRY_RESULT, &m->base), SB_E_LEDGER_RESULT_DIFFERS, NULL);
    m->counts[0]->present--;
    m->certificate_sha256.data[31] ^= 1;
    play_refused(f, fed_system(f, SB_ENTRY_RESULT, &m->base), SB_E_LEDGER_RESULT_DIFFERS, NULL);
    m->certificate_sha256.data[31] ^= 1;
    play_ok(fed_system(f, SB_ENTRY_RESULT, &m->base));
    play_refused(f, fed_system(f, SB_ENTRY_RESULT, &m->base), SB_E_LEDGER_RESULT_UNEXPECTED, NULL);
    play_ok(fed_state(f));
    sb_buf_deinit(&payload);
    fed_free(f);
}

/* A pending RESULT survives a restart. */
static void test_result_after_restart(void **state)
{
    (void)state;
    play_table t;
    play_id q;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    close_only(f, q);
    sb_ledger_flush(f->ledger);
    sb_tree tree;
    sb_tree_copy(&tree, sb_ledger_tree(f->ledger));
    sb_ledger_close(f->ledger);
    play_ok(sb_ledger_open(&f->ledger, f->kv, &tree, &f->fail));
    play_refused(f, fed_state(f), SB_E_LEDGER_RESULT_EXPECTED, NULL);
    fed_due(f);
    play_ok(fed_state(f));
    fed_free(f);
}

/* A meeting with draft minutes that silence will approve; the deadline. */
static uint64_t minutes(fed *f)
{
    play_table t;
    play_id q, draft;
    uint64_t due = 0;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, t.meeting, SEC));
    assert_false(sb_ledger_earliest_deadline(f->ledger, &due));
    play_ok(play_draft(f, t.meeting, 0, &draft));
    assert_true(sb_ledger_earliest_deadline(f->ledger, &due));
    return due;
}

static sb_err tick(fed *f, uint64_t due_ms)
{
    Sb__Tick m = SB__TICK__INIT;
    m.due_ms = due_ms;
    return fed_system(f, SB_ENTRY_TICK, &m.base);
}

static void test_tick(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    uint64_t due = minutes(f), left = 0;
    sb_buf payload;
    sb_buf_init(&payload);
    /* sent on 20.01.2022: four arbeidsdager, approved from 27.01 (DOMAIN §3) */
    assert_int_equal(due, play_ms(20220127, 0, 0));
    f->tick_ms = 0;
    f->now_ms = due;
    assert_int_equal(sb_ledger_next_due(f->ledger, f->now_ms, &payload), SB_DUE_NOTHING);
    play_refused(f, tick(f, due), SB_E_LEDGER_TICK, NULL); /* not earlier than the leaf */
    f->now_ms = due + 1;
    play_refused(f, tick(f, due + 1), SB_E_LEDGER_TICK, NULL);
    play_refused(f, tick(f, due - 1), SB_E_LEDGER_TICK, NULL);
    assert_true(sb_ledger_earliest_deadline(f->ledger, &left)); /* a refusal settles nothing */
    assert_int_equal(sb_ledger_next_due(f->ledger, f->now_ms, &payload), SB_DUE_TICK);
    fed_due(f);
    assert_false(sb_ledger_earliest_deadline(f->ledger, &left));
    play_refused(f, tick(f, due), SB_E_LEDGER_TICK, NULL);
    sb_buf_deinit(&payload);
    fed_free(f);
}

/* Any later leaf settles it just as well, to the same rows but for the leaf itself. */
static void test_any_leaf_settles(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    uint64_t due = minutes(f), left = 0;
    f->now_ms = due - f->tick_ms;
    play_ok(fed_state(f)); /* at the deadline: not yet */
    assert_true(sb_ledger_earliest_deadline(f->ledger, &left));
    play_ok(fed_appoint_seat(f, "unn-1", PRIMARY, "unn-1/primary"));
    assert_false(sb_ledger_earliest_deadline(f->ledger, &left));
    sb_row_draft draft = {.no = 1};
    assert_true(sb_row_draft_get(sb_ledger_kv(f->ledger), &f->arena, &draft));
    assert_int_equal(draft.approved_ms, due); /* as of the deadline's own moment */
    fed_free(f);
}

static void test_quota_of_a_case(void **state)
{
    (void)state;
    static const char *const clauses[] = {"Et punkt."}, *const others[] = {"Et annet."};
    play_id c, d;
    fed *f = fed_new(&(fed_options){.per_case = 3});
    fed_run(f);
    play_ok(play_report(f, "ssu", "En sak", DECISION, "unn-1/primary", &c));
    play_ok(play_report(f, "ssu", "En annen", DECISION, "unn-1/primary", &d));
    play_ok(play_propose(f, c, "unn-1/primary", 1, clauses));
    play_ok(play_propose(f, c, "unn-1/primary", 1, others));
    play_ok(play_propose(f, c, "unn-1/primary", 1, clauses));
    play_refused(f, play_propose(f, c, "unn-1/primary", 1, others), SB_E_LEDGER_QUOTA_CASE, "3");
    play_ok(play_propose(f, d, "unn-1/primary", 1, clauses));
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_result),
        cmocka_unit_test(test_result_after_restart),
        cmocka_unit_test(test_tick),
        cmocka_unit_test(test_any_leaf_settles),
        cmocka_unit_test(test_quota_of_a_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
