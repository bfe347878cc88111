/* The rules of DESIGN §4 as they are: nothing is broken in any state of the lying-broker scenarios. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/model/model.h"

#include <stdio.h>
#include <string.h>

/* states_min guards against a scenario that explores nothing any more. */
static void clean(const char *name, uint64_t states_min)
{
    const sb_cfg *cfg = sb_model_scenario(name);
    assert_non_null(cfg);
    sb_result result;
    sb_model_explore(cfg, 10000000, true, &result);
    printf("%s: %llu states\n", name, (unsigned long long)result.states);
    if (result.broken)
        fail_msg("%s: %s", name, result.words);
    assert_true(result.whole);
    assert_true(result.states >= states_min);
}

static void two_terms_are_safe(void **test)
{
    (void)test;
    clean("small", 50000);
    clean("lossy", 40000);
    clean("rekey", 80000);
    clean("seven", 20000);
}

static void more_terms_are_safe(void **test)
{
    (void)test;
    clean("three-terms", 100000);
    clean("two-lines", 20000);
    clean("late-win", 40000);
}

static void a_change_of_organisations_is_safe(void **test)
{
    (void)test;
    clean("change-short", 20000);
    clean("change-add", 30000);
    clean("change-liar", 10000);
    clean("change-dead", 10000);
}

static void a_change_across_terms_is_safe(void **test)
{
    (void)test;
    clean("change-terms", 40000);
}

/* ---- the explorer itself ---- */

typedef struct {
    const sb_cfg *cfg;
    sb_names names;
    sb_state some; /* one of the next states */
    uint32_t seen, choice;
} walker;

static void pick(void *ctx, const sb_state *next, const sb_action *action)
{
    (void)action;
    walker *w = ctx;
    if (w->seen++ == 0 || w->choice % w->seen == 0)
        w->some = *next;
}

static sb_state renamed(const sb_cfg *cfg, const sb_state *state, const uint8_t *to)
{
    sb_state out = *state;
    for (int i = 0; i < cfg->orgs; i++)
        out.org[to[i]] = state->org[i];
    for (int n = 0; n < state->count; n++) {
        unsigned cos = 0;
        for (int i = 0; i < cfg->orgs; i++)
            cos |= (unsigned)(state->node[n].cos >> i & 1) << to[i];
        out.node[n].cos = (uint8_t)cos;
    }
    return out;
}

/* A state under other names has the same spelling, and the spelling gives the state back. */
static void names_do_not_matter(void **test)
{
    (void)test;
    const sb_cfg *cfg = sb_model_scenario("three-terms");
    walker w = {.cfg = cfg};
    sb_model_namings(cfg, &w.names);
    assert_int_equal(w.names.count, 6);
    for (uint32_t walk = 0; walk < 500; walk++) {
        sb_state state;
        sb_model_genesis(cfg, &state);
        for (uint32_t step = 0; step < 14; step++) {
            w.seen = 0;
            w.choice = (walk * 2654435761u) ^ (step * 40503u + walk);
            sb_model_step(cfg, &state, pick, &w);
            if (w.seen == 0)
                break;
            state = w.some;
            uint8_t code[SB_MODEL_CODE_MAX], other[SB_MODEL_CODE_MAX];
            size_t length = sb_model_encode(cfg, &w.names, &state, code);
            for (size_t i = 0; i < w.names.count; i++) {
                sb_state twin = renamed(cfg, &state, w.names.to[i]);
                assert_int_equal(sb_model_encode(cfg, &w.names, &twin, other), length);
                assert_memory_equal(code, other, length);
            }
            sb_state back;
            sb_model_decode(cfg, code, &back);
            assert_int_equal(sb_model_encode(cfg, &w.names, &back, other), length);
            assert_memory_equal(code, other, length);
        }
    }
}

typedef struct {
    const sb_cfg *cfg;
    sb_names names;
    sb_space space;
    uint32_t now;
} plain;

static void found(void *ctx, const sb_state *next, const sb_action *action)
{
    (void)action;
    plain *p = ctx;
    uint8_t code[SB_MODEL_CODE_MAX];
    size_t length = sb_model_encode(p->cfg, &p->names, next, code);
    sb_space_add(&p->space, code, length, p->now);
}

/* All states without renaming organisations, then renamed: the same as those explored with it. */
static void symmetry_loses_nothing(void **test)
{
    (void)test;
    sb_cfg cfg = *sb_model_scenario("small");
    cfg.nodes = 3;
    plain p = {.cfg = &cfg, .names = {.count = 1}, .space = {.limit = 1000000}};
    plain merged = {.cfg = &cfg, .space = {.limit = 1000000}};
    for (uint8_t i = 0; i < cfg.orgs; i++)
        p.names.to[0][i] = i;
    sb_model_namings(&cfg, &merged.names);
    sb_state state;
    sb_model_genesis(&cfg, &state);
    found(&p, &state, NULL);
    for (; p.now < p.space.count; p.now++) {
        size_t length;
        sb_model_decode(&cfg, sb_space_at(&p.space, p.now, &length), &state);
        found(&merged, &state, NULL);
        sb_model_step(&cfg, &state, found, &p);
    }
    sb_result result;
    sb_model_explore(&cfg, 1000000, true, &result);
    printf("%u states under all names, %u merged\n", p.space.count, merged.space.count);
    assert_true(result.whole);
    assert_true(p.space.count > 4 * merged.space.count);
    assert_int_equal(merged.space.count, result.states);
    sb_space_free(&p.space);
    sb_space_free(&merged.space);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_do_not_matter),
        cmocka_unit_test(symmetry_loses_nothing),
        cmocka_unit_test(two_terms_are_safe),
        cmocka_unit_test(more_terms_are_safe),
        cmocka_unit_test(a_change_of_organisations_is_safe),
        cmocka_unit_test(a_change_across_terms_is_safe),
    };
    return cmocka_run_group_tests_name("model_safety", tests, NULL, NULL);
}
