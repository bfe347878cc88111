/* Each planted mistake is found, in a scenario in which the rules as they are break nothing
 * (model_safety_test explores the same ones). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/model/model.h"

#include <stdio.h>
#include <string.h>

#define LOST "is final, and lost by a valid HANDOVER"
#define FORK "neither extends the other"
#define DROP "is certified, and an honest HANDOVER"
#define STUCK "the honest alone cannot go on"

static const struct {
    sb_mistake mistake;
    const char *scenario;
    const char *found; /* what must be broken */
} planted[] = {
    /* those that DESIGN §4 lists at its end */
    {SB_WRONG_ONE_ROUND, "small", LOST},
    {SB_WRONG_SEAL_OLD_TERM, "late-win", LOST},
    {SB_WRONG_RANK_SIZE, "two-lines", LOST},
    {SB_WRONG_RANK_LEAF_TERM, "two-lines", LOST},
    {SB_WRONG_SEAL_FROM_LOG, "three-terms", LOST},
    {SB_WRONG_SEAL_UNVERIFIED, "small", LOST},
    {SB_WRONG_RECORD_PER_KEY, "rekey", LOST},
    {SB_WRONG_OLD_UNTIL_FINAL, "change-short", LOST},
    /* those of issue 4 */
    {SB_WRONG_PROMISE_UNSTORED, "small", LOST},
    {SB_WRONG_OLD_AFTER_PROMISE, "small", LOST},
    {SB_WRONG_LAST_UNSTORED, "small", ""},
    {SB_WRONG_QUORUM_BY_KEY, "small", LOST},
    /* others that look harmless */
    {SB_WRONG_FINAL_ACROSS, "small", LOST},
    {SB_WRONG_NEW_AT_SEAL, "change-short", LOST},
    {SB_WRONG_JUDGED_AT_HEAD, "change-short", LOST},
    {SB_WRONG_SEAL_OLD_ONLY, "change-dead", STUCK},
    {SB_WRONG_SEAL_AT_LEAF, "change-dead", STUCK},
    {SB_WRONG_KEPT_IS_SEALED, "change-dead", STUCK},
    {SB_WRONG_DESTROY_EARLY, "change-short", STUCK},
    {SB_WRONG_KEEP_ANY, "small", DROP},
};

static void each_mistake_is_found(void **test)
{
    (void)test;
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++) {
        const sb_cfg *known = sb_model_scenario(planted[i].scenario);
        assert_non_null(known);
        sb_cfg cfg = *known;
        cfg.wrong = 1u << planted[i].mistake;
        cfg.keeps = cfg.keeps && !strcmp(planted[i].found, DROP);
        cfg.live = !strcmp(planted[i].found, STUCK);
        sb_result result;
        sb_model_explore(&cfg, 3000000, false, &result);
        printf("%s in %s: %u steps, %llu states: %s\n", sb_model_mistake_name(planted[i].mistake),
               planted[i].scenario, result.depth, (unsigned long long)result.states,
               result.broken ? result.words : "NOT FOUND");
        assert_true(result.broken);
        assert_non_null(strstr(result.words, planted[i].found));
    }
}

/* The bound is sharp: with a second liar among four, the rules as they are don't hold. */
static void one_liar_too_many_is_found(void **test)
{
    (void)test;
    sb_cfg cfg = *sb_model_scenario("small");
    cfg.liars = 0xc;
    cfg.live = cfg.keeps = false;
    sb_result result;
    sb_model_explore(&cfg, 100000, false, &result);
    assert_true(result.broken);
    assert_non_null(strstr(result.words, LOST));
}

/* What doesn't become final in the honest scenarios: model_ending_test. */
static void none_is_forgotten(void **test)
{
    (void)test;
    uint32_t found = 1u << SB_WRONG_NO_RESEND | 1u << SB_WRONG_NO_NEW_NUMBER |
                     1u << SB_WRONG_HANDOVER_UNSEALED | 1u << SB_WRONG_CHANGE_UNSEALED;
    for (size_t i = 0; i < sizeof planted / sizeof *planted; i++)
        found |= 1u << planted[i].mistake;
    assert_int_equal(found, (1u << SB_WRONG_COUNT) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_mistake_is_found),
        cmocka_unit_test(one_liar_too_many_is_found),
        cmocka_unit_test(none_is_forgotten),
    };
    return cmocka_run_group_tests_name("model_mistakes", tests, NULL, NULL);
}
