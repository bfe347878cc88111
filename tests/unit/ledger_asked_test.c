/* What the ledger keeps of the question of the last ballot or objection changes nothing: a log that is folded on
 * and on, and one whose ledger is opened anew for each leaf, say the same after each. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

#include <stdlib.h>

/* Two questions at once, one with objections between its ballots; a deadline passes, and whoever comes first
 * after it is refused; late ballots. */
static fed *two_questions(void)
{
    static const char *const clauses[] = {"Ett punkt."}, *const parties[] = {"lege", "bruker"};
    fed *f = fed_new(NULL);
    play_id c[2], m, q[2], k;
    fed_run(f);
    for (size_t i = 0; i < 2; i++) {
        play_ok(play_report(f, "ssu", i == 0 ? "Første" : "Andre", DECISION, SEC, &c[i]));
        play_ok(play_propose(f, c[i], SEC, 1, clauses));
    }
    play_ok(play_call(f, "ssu", 20220120, SEC, 2, c, &m));
    fed_at(f, 20220107, 9, 0);
    play_ok(play_papers(f, m, 2, c, 0, SEC));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_condition(f, c[1], BEFORE_EFFECT, 20220120, true, 2, parties, SEC, &k));
    play_ok(play_ask(f, m, c[0], CONSENSUS, SEC, &q[0]));
    play_ok(play_ask(f, m, c[1], VOTE, SEC, &q[1]));
    play_refused(f, play_vote(f, q[0], "unn-1", FOR), SB_E_LEDGER_BALLOT_CONSENSUS, NULL);
    play_ok(play_object(f, q[0], "lege-1"));
    play_ok(play_vote(f, q[0], "unn-1", FOR));
    play_ok(play_vote(f, q[1], "unn-1", AGAINST));
    play_ok(play_vote(f, q[0], "unn-2", FOR));
    play_ok(play_object(f, q[0], "bruker-1"));
    play_refused(f, play_object(f, q[0], "lege-1"), SB_E_LEDGER_OBJECTION_TWICE, NULL);
    play_ok(play_object(f, q[0], "kommune-1"));
    play_ok(play_vote(f, q[0], "kommune-1", AGAINST));
    fed_at(f, 20220121, 0, 5);
    play_refused(f, play_object(f, q[1], "unn-1"), SB_E_LEDGER_OBJECTION_MODE, NULL);
    play_ok(play_vote(f, q[1], "unn-1", FOR));
    for (size_t i = 1; i < 6; i++)
        play_ok(play_vote(f, q[1], play_ssu_seats[i], FOR));
    play_ok(play_end(f, q[1], SEC));
    play_refused(f, play_vote(f, q[1], "unn-2", AGAINST), SB_E_LEDGER_QUESTION_CLOSED, NULL);
    play_ok(play_vote(f, q[0], "unn-1", ABSTAIN));
    play_ok(play_end(f, q[0], SEC));
    assert_int_equal(play_question(f, q[0]).objections, 3);
    return f;
}

/* The leaf into a ledger that keeps what it read of the last question, asked about it and the next one first. */
static void step_warm(fed *f, sb_ledger *l, size_t i)
{
    sb_arena arena;
    sb_leaf leaf;
    sb_arena_init(&arena);
    if (i + 1 < f->leaf_count) {
        assert_int_equal(sb_leaf_open(fed_leaf(f, i + 1), &arena, &leaf, NULL), SB_OK);
        (void)sb_ledger_check(l, &leaf, NULL); /* taken or not */
    }
    assert_int_equal(sb_leaf_open(fed_leaf(f, i), &arena, &leaf, NULL), SB_OK);
    assert_int_equal(sb_ledger_check(l, &leaf, NULL), SB_OK);
    assert_int_equal(sb_ledger_step(l, &leaf, NULL, NULL, NULL), SB_OK);
    sb_arena_deinit(&arena);
}

/* … and into one that was opened for it, and has read nothing. */
static void step_cold(fed *f, sb_kv *kv, size_t i, sb_tree *tree, uint8_t digest[32])
{
    sb_ledger *l;
    sb_ledger_position at;
    assert_int_equal(sb_ledger_open(&l, kv, i == 0 ? NULL : tree, NULL), SB_OK);
    fed_replay(f, i, i + 1, l);
    sb_ledger_flush(l);
    *tree = *sb_ledger_tree(l);
    sb_ledger_position_get(l, &at);
    memcpy(digest, at.digest, 32);
    sb_ledger_close(l);
}

static void what_is_kept_changes_nothing(void **state)
{
    (void)state;
    fed *f = two_questions();
    sb_kv *warm_kv = sb_kv_memory_new(), *cold_kv = sb_kv_memory_new();
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_ledger *warm;
    sb_ledger_position at;
    uint8_t cold[32], rows[2][32];
    assert_int_equal(sb_ledger_open(&warm, warm_kv, NULL, NULL), SB_OK);
    for (size_t i = 0; i < f->leaf_count; i++) {
        step_warm(f, warm, i);
        step_cold(f, cold_kv, i, tree, cold);
        sb_ledger_position_get(warm, &at);
        assert_memory_equal(at.digest, cold, 32);
    }
    sb_ledger_position_get(f->ledger, &at);
    assert_memory_equal(at.digest, cold, 32);
    sb_ledger_flush(warm);
    fed_rows_hash(warm_kv, rows[0]); /* views too */
    fed_rows_hash(cold_kv, rows[1]);
    assert_memory_equal(rows[0], rows[1], 32);
    sb_ledger_close(warm);
    sb_kv_memory_free(warm_kv);
    sb_kv_memory_free(cold_kv);
    free(tree);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_kept_changes_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
