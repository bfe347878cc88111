/* One step around the close, around a deadline, and around summer time. Whatever the order in the
 * log, the log's order decides; each history is folded in several ways, all with one digest, and by the
 * second verifier (verifier_replay). What must come out is counted here by hand. */
#include "proto/ledger/conditions.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

#include <stdio.h>
#include <string.h>

/* ---- several folds ---- */

/* All at once, flushed at the end; flushed after each leaf; closed and opened again in the middle of
 * each pair. The rows are the same, byte for byte. */
static void folds_agree(fed *f)
{
    uint8_t ours[32], theirs[32];
    sb_ledger_flush(f->ledger);
    fed_rows_hash(f->kv, ours);
    for (size_t every = 0; every < 4; every++) { /* 0: only at the end */
        sb_kv *kv = sb_kv_memory_new();
        sb_ledger *l = NULL;
        assert_int_equal(sb_ledger_open(&l, kv, NULL, NULL), SB_OK);
        for (size_t i = 0; i < f->leaf_count; i++) {
            fed_replay(f, i, i + 1, l);
            if (every == 0 || (i + 1) % every != 0)
                continue;
            sb_ledger_flush(l);
            if (every < 3)
                continue;
            sb_tree tree;
            sb_tree_copy(&tree, sb_ledger_tree(l));
            sb_ledger_close(l);
            assert_int_equal(sb_ledger_open(&l, kv, &tree, NULL), SB_OK);
        }
        sb_ledger_flush(l);
        fed_rows_hash(kv, theirs);
        assert_memory_equal(ours, theirs, 32);
        sb_ledger_close(l);
        sb_kv_memory_free(kv);
    }
}

/* ---- around the close ---- */

typedef enum step { YES, NO, CLOSE, STEPS } step;

static sb_slice signed_entry(fed *f, sb_entry_type type, const ProtobufCMessage *m, const char *key)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    fed_make(f, type, m, key, NULL, &bytes);
    sb_slice entry = sb_arena_copy(&f->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    return entry;
}

static sb_slice ballot(fed *f, play_id q, const char *seat, Sb__Choice choice)
{
    char key[80];
    sb_row_question row = play_question(f, q);
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = q;
    m.wording_sha256 = (play_id){32, row.wording};
    m.seat = (char *)(uintptr_t)seat;
    m.choice = choice;
    (void)snprintf(key, sizeof key, "%s/primary", seat);
    return signed_entry(f, SB_ENTRY_BALLOT, &m.base, key);
}

static const Sb__Result *result_of(fed *f)
{
    sb_leaf leaf;
    for (size_t i = f->leaf_count; i-- > 0;) {
        assert_int_equal(sb_leaf_open(fed_leaf(f, i), &f->arena, &leaf, NULL), SB_OK);
        if (leaf.entry.type == SB_ENTRY_RESULT)
            return (const void *)leaf.message;
    }
    return NULL;
}

/* All three are signed before any is sequenced: what decides is where they land. */
static void play_order(const step order[STEPS], uint64_t apart_ms)
{
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "bruker-1", FOR));
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = q;
    const sb_slice entries[STEPS] = {ballot(f, q, "unn-1", FOR), ballot(f, q, "kommune-1", AGAINST),
                                     signed_entry(f, SB_ENTRY_QUESTION_CLOSE, &m.base, SEC)};
    uint32_t counted[STEPS] = {1, 0, 0}; /* bruker-1 */
    bool closed = false;
    f->tick_ms = apart_ms;
    for (size_t i = 0; i < STEPS; i++) {
        step s = order[i];
        sb_err err = fed_take(f, entries[s]);
        assert_string_equal(sb_err_name(err), closed ? "SB_E_LEDGER_QUESTION_CLOSED" : "SB_OK");
        counted[s] += !closed;
        closed = closed || s == CLOSE;
        fed_due(f);
    }
    const Sb__Result *r = result_of(f);
    assert_non_null(r);
    assert_int_equal(r->counts[0]->votes_for, counted[YES]);
    assert_int_equal(r->counts[0]->votes_against, counted[NO]);
    fed_seal(f);
    folds_agree(f);
    fed_free(f);
}

static void test_each_order_around_the_close(void **state)
{
    (void)state;
    static const step orders[6][STEPS] = {{YES, NO, CLOSE}, {NO, YES, CLOSE}, {YES, CLOSE, NO},
                                          {NO, CLOSE, YES}, {CLOSE, YES, NO}, {CLOSE, NO, YES}};
    for (size_t i = 0; i < 6; i++)
        for (uint64_t apart_ms = 0; apart_ms < 2; apart_ms++)
            play_order(orders[i], apart_ms);
}

/* Between the close and its RESULT nothing else is taken, not even at the same millisecond. */
static void test_between_close_and_result(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    sb_slice late = ballot(f, q, "unn-1", FOR);
    f->tick_ms = 0;
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = q;
    fed_must(f, SB_ENTRY_QUESTION_CLOSE, &m.base, SEC);
    play_refused(f, fed_take(f, late), SB_E_LEDGER_RESULT_EXPECTED, NULL);
    fed_due(f);
    play_refused(f, fed_take(f, late), SB_E_LEDGER_QUESTION_CLOSED, NULL);
    assert_int_equal(result_of(f)->counts[0]->votes_for, 0);
    folds_agree(f);
    fed_free(f);
}

/* ---- around a deadline ---- */

static void with_a_party(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    Sb__Party *p = SB_ARENA_NEW(arena, Sb__Party);
    *p = (Sb__Party)SB__PARTY__INIT;
    p->id = (char *)(uintptr_t) "senja";
    p->name = (char *)(uintptr_t) "Senja kommune";
    charter->parties = SB_ARENA_ARRAY(arena, Sb__Party *, 1);
    charter->parties[0] = p;
    charter->n_parties = 1;
}

/* The end of the day in Oslo, in UTC, from the tz database: ordinary days, and both changes of summer
 * time, the day before and the day itself. */
static const struct {
    uint32_t day;
    uint64_t due_ms;
} DAYS[] = {
    {20220120, UINT64_C(1642719600000)}, {20220326, UINT64_C(1648335600000)},
    {20220327, UINT64_C(1648418400000)}, {20221029, UINT64_C(1667080800000)},
    {20221030, UINT64_C(1667170800000)},
};

/* "No" from a party whose silence counts as a yes: in time up to the deadline itself, whatever comes
 * with it; one step later too late. With a TICK before it, or settled by the answer's own leaf. */
static void answer_at(size_t day, int64_t off_ms, bool ticks)
{
    fed *f = fed_new(&(fed_options){.edit = with_a_party});
    fed_run(f);
    fed_at(f, 20211220, 9, 0);
    play_table t;
    play_id k;
    const char *const party[] = {"senja"};
    uint64_t due = 0;
    play_ssu(f, &t);
    play_ok(play_condition(f, t.c, BEFORE_QUESTION, DAYS[day].day, true, 1, party, SEC, &k));
    assert_true(sb_ledger_earliest_deadline(f->ledger, &due));
    assert_int_equal(due, DAYS[day].due_ms);
    f->tick_ms = 0;
    f->now_ms = due + (uint64_t)off_ms;
    if (ticks)
        fed_due(f);
    size_t before = f->leaf_count;
    sb_err err = play_answer(f, k, "senja", CONDITION_REFUSED, "sak 1/22", SEC);
    assert_string_equal(sb_err_name(err), off_ms > 0 ? "SB_E_LEDGER_CONDITION_MET" : "SB_OK");
    assert_int_equal(f->leaf_count - before, off_ms > 0 ? 0 : 1);
    /* a quarter of an hour on, all the same: lapsed, or refused */
    f->now_ms = due + 15 * 60 * 1000;
    f->tick_ms = 1000;
    fed_due(f);
    assert_int_equal(
        sb_conditions_met(sb_ledger_kv(f->ledger), play_case(f, t.c).no, BEFORE_QUESTION),
        off_ms > 0);
    fed_seal(f);
    folds_agree(f);
    fed_free(f);
}

static void test_an_answer_around_its_deadline(void **state)
{
    (void)state;
    for (size_t day = 0; day < sizeof DAYS / sizeof DAYS[0]; day++)
        for (int64_t off_ms = -1; off_ms <= 1; off_ms++) {
            answer_at(day, off_ms, false);
            answer_at(day, off_ms, true);
        }
}

/* Silence approves the minutes at the end of the fourth arbeidsdag, over both changes of summer time:
 * by midnight in Oslo, an hour earlier or later in UTC. */
static void test_silence_over_summer_time(void **state)
{
    (void)state;
    static const struct {
        uint32_t sent;
        uint64_t due_ms; /* from the tz database and the list of holidays */
    } at[] = {{20220322, UINT64_C(1648504800000)},  /* Tue 22.3: 23, 24, 25, 28 */
              {20221025, UINT64_C(1667257200000)}}; /* Tue 25.10: 26, 27, 28, 31 */
    for (size_t i = 0; i < 2; i++) {
        fed *f = fed_new(NULL);
        fed_run(f);
        play_table t;
        play_id q, draft;
        uint64_t due = 0;
        play_ssu(f, &t);
        play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
        play_ok(play_end(f, q, SEC));
        play_ok(play_close(f, t.meeting, SEC));
        fed_at(f, at[i].sent, 12, 0);
        play_ok(play_draft(f, t.meeting, 0, &draft));
        assert_true(sb_ledger_earliest_deadline(f->ledger, &due));
        assert_int_equal(due, at[i].due_ms);
        f->now_ms = due + 1;
        fed_due(f);
        assert_false(sb_ledger_earliest_deadline(f->ledger, &due));
        folds_agree(f);
        fed_free(f);
    }
}

/* The hour from two to three comes twice on 30.10.2022: votes stand in the log's order, and the one
 * that was replaced "later" by the clock on the wall is the earlier one. */
static void test_votes_in_the_hour_that_comes_twice(void **state)
{
    (void)state;
    const uint64_t second_hour_ms = UINT64_C(1667091600000); /* 01:00 UTC: three becomes two */
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    f->tick_ms = 1;
    f->now_ms = second_hour_ms - 2000;
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    f->now_ms = second_hour_ms - 2; /* 02:59:59.999 on the wall */
    play_ok(play_vote(f, q, "unn-1", FOR));
    f->now_ms = second_hour_ms; /* 02:00:00 again */
    play_id first = play_ballot(f, q, "unn-1");
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-1", AGAINST, &first, "unn-1/primary"));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(result_of(f)->counts[0]->votes_for, 0);
    assert_int_equal(result_of(f)->counts[0]->votes_against, 1);
    folds_agree(f);
    fed_free(f);
}

/* A leap second comes as a second that is there twice: the broker's leaves stand still, or are a
 * smeared few milliseconds apart. An earlier time is no leaf. */
static void test_leap_second(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    f->tick_ms = 0;
    uint64_t twice = f->now_ms;
    for (size_t i = 0; i < 6; i++) /* all in the second that is there twice */
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    f->now_ms = twice - 1;
    play_refused(f, play_end(f, q, SEC), SB_E_LEDGER_TIME, NULL);
    f->now_ms = twice;
    play_ok(play_end(f, q, SEC));
    assert_int_equal(result_of(f)->counts[0]->votes_for, 6);
    folds_agree(f);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_order_around_the_close),
        cmocka_unit_test(test_between_close_and_result),
        cmocka_unit_test(test_an_answer_around_its_deadline),
        cmocka_unit_test(test_silence_over_summer_time),
        cmocka_unit_test(test_votes_in_the_hour_that_comes_twice),
        cmocka_unit_test(test_leap_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
