/* A broker that stands still for ten minutes (SIGSTOP), with entries in mind that nobody else has; a
 * standby takes over meanwhile, by the charter's silence; then it goes on as if nothing had been. It
 * can't publish: nothing of it becomes confirmed or final, nobody has evidence of anything, and it ends.
 * Every invariant of the simulator (world_checks.c, world_signed.c) holds at each step. */
#include <stdio.h>

#include "tests/lib/cmocka_all.h"
#include "tests/sim/meeting.h"
#include "tests/sim/world_members.h"

enum { TURN_MS = 100, FROZEN_MS = 10 * 60 * 1000 };

static void turn(sw *w, sw_members *m)
{
    sw_members_turn(m);
    sw_run(w, TURN_MS);
}

/* How much it still wrote when it woke up. */
static uint64_t play(uint64_t seed, const sw_story *story)
{
    sw_options o = {.seed = seed, .nodes = story->nodes, .brokers = 2, .auditors = 1};
    o.story = story;
    o.quorum = story->quorum;
    o.may_lie = story->may_lie;
    o.delay_ms_min = 1;
    o.delay_ms_max = 40;
    o.replay = "frozen_test";
    sw *w = sw_new(&o, story->keys, story->federation_id);
    sw_members *m = sw_members_new(w, story, false);
    uint32_t old = story->nodes, term = 0;
    sb_seq_status before, s;
    while (sw_members_next(m) < story->founding + 10 + seed || sw_final_size(w) == 0)
        turn(w, m);
    sw_members_turn(m);
    sw_run(w, 3); /* what was handed in is on its way, or in the open batch */
    assert_true(sw_seq_status(w, old, &before));
    sw_freeze(w, old, FROZEN_MS);
    uint64_t thaws_ms = sw_time_ms(w) + FROZEN_MS, final = 0;
    while (sw_time_ms(w) < thaws_ms - 1000) {
        turn(w, m);
        assert_true(sw_seq_status(w, old, &s));
        assert_int_equal(s.size, before.size); /* it stands still */
    }
    assert_int_equal(sw_sequencer(w, &term), old + 1);
    assert_int_equal(term, 2);
    final = sw_final_size(w);
    assert_true(final > before.size); /* long since gone on without it */
    /* it wakes up, and everybody sees what it says */
    uint64_t wrote = 0;
    for (int i = 0; i < 6000; i++) {
        sw_run(w, 10);
        if (sw_seq_status(w, old, &s))
            wrote = s.size - before.size;
    }
    assert_false(sw_seq_status(w, old, &s)); /* it orders nothing any more */
    while (!sw_members_done(m) || !sw_members_all_final(m))
        turn(w, m);
    sw_members_check_end(m);
    sw_check_receipts(w);
    for (uint32_t n = 0; n < story->nodes; n++) {
        sb_fol_status status;
        assert_true(sw_status(w, n, &status));
        assert_int_equal(status.term, 2);
        assert_int_equal(status.evidence, 0);
        assert_false(status.conflict || status.diverged);
    }
    assert_int_equal(sw_counts_of(w)->conflicts + sw_counts_of(w)->divergences, 0);
    printf("seed %llu: had %llu entries, the others %llu final when it woke up\n",
           (unsigned long long)seed, (unsigned long long)before.size, (unsigned long long) final);
    sw_members_free(m);
    sw_free(w);
    return wrote;
}

static void test_broker_stands_still_for_ten_minutes(void **state)
{
    (void)state;
    uint64_t wrote = 0;
    for (uint64_t seed = 1; seed <= 6; seed++)
        wrote += play(seed, meeting_of(seed));
    printf("woken up it wrote %llu entries more\n", (unsigned long long)wrote);
    assert_true(wrote > 0); /* else it had nothing to publish */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_broker_stands_still_for_ten_minutes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
