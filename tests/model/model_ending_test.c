/* Brokers that don't lie: from every state the end stays in reach of the honest alone, and the check
 * sees it when a rule of going on is missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/model/model.h"

#include <stdio.h>

static sb_result explored(const char *name, uint32_t wrong)
{
    const sb_cfg *known = sb_model_scenario(name);
    assert_non_null(known);
    sb_cfg cfg = *known;
    cfg.wrong = wrong;
    sb_result result;
    sb_model_explore_ending(&cfg, 5000000, wrong == 0, &result);
    printf("%s%s: %llu states\n", name, wrong ? ", with a mistake" : "",
           (unsigned long long)result.states);
    return result;
}

static void ends(const char *name, uint64_t states_min)
{
    sb_result result = explored(name, 0);
    if (result.broken)
        fail_msg("%s: %s", name, result.words);
    assert_true(result.whole);
    assert_true(result.states >= states_min);
}

static void everything_becomes_final(void **test)
{
    (void)test;
    ends("honest", 200000);
    ends("honest-three", 200000);
    ends("honest-split", 10000);
}

static void a_change_of_organisations_is_finished(void **test)
{
    (void)test;
    ends("honest-change", 100000);
}

static void what_is_missing_is_seen(void **test)
{
    (void)test;
    assert_true(explored("honest-split", 1u << SB_WRONG_NO_RESEND).broken);
    assert_true(explored("honest-split", 1u << SB_WRONG_NO_NEW_NUMBER).broken);
    assert_true(explored("honest-three", 1u << SB_WRONG_HANDOVER_UNSEALED).broken);
    assert_true(explored("honest-change", 1u << SB_WRONG_CHANGE_UNSEALED).broken);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_becomes_final),
        cmocka_unit_test(a_change_of_organisations_is_finished),
        cmocka_unit_test(what_is_missing_is_seen),
    };
    return cmocka_run_group_tests_name("model_ending", tests, NULL, NULL);
}
