/* Threshold trees: satisfied, needed, stopped, overlap; and which are refused. */
#include <stdlib.h>

#include "proto/ledger/policy.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

static Sb__WitnessGroup *group(sb_arena *a, const char *name, uint32_t threshold,
                               const char *members)
{
    Sb__WitnessGroup *g = SB_ARENA_NEW(a, Sb__WitnessGroup);
    *g = (Sb__WitnessGroup)SB__WITNESS_GROUP__INIT;
    g->name = sb_arena_str(a, sb_slice_str(name));
    g->threshold = threshold;
    g->members = SB_ARENA_ARRAY(a, char *, 16);
    char *list = sb_arena_str(a, sb_slice_str(members)), *save = NULL;
    for (char *m = strtok_r(list, " ", &save); m != NULL; m = strtok_r(NULL, " ", &save))
        g->members[g->n_members++] = m;
    return g;
}

/* Seven organisations: unn kommune-a lege bruker org-5 org-6 org-7. */
static Sb__Charter *charter(sb_arena *a)
{
    return fed_default_charter(a, &(fed_options){.organisations = 7});
}

static void add(sb_arena *a, Sb__Charter *c, const char *name, uint32_t threshold,
                const char *members)
{
    Sb__WitnessPolicy *p = c->policy;
    if (p->n_groups == 0)
        p->groups = SB_ARENA_ARRAY(a, Sb__WitnessGroup *, 16);
    p->more_than_num = p->more_than_den = 0;
    p->groups[p->n_groups++] = group(a, name, threshold, members);
}

static bool by(const sb_policy *p, const char *bits)
{
    bool confirmed[8] = {false};
    for (size_t i = 0; bits[i] != '\0'; i++)
        confirmed[i] = bits[i] == '1';
    return sb_policy_satisfied(p, confirmed, strlen(bits));
}

static void test_more_than(void **state)
{
    (void)state;
    /* of n: needed, stopped by, overlap of more than 2/3 */
    static const uint32_t wanted[][4] = {{4, 3, 2, 2}, {5, 4, 2, 3},  {6, 5, 2, 4},
                                         {7, 5, 3, 3}, {10, 7, 4, 4}, {400, 267, 134, 134}};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        sb_arena a;
        sb_policy p;
        sb_arena_init(&a);
        sb_policy_of_charter(fed_default_charter(&a, &(fed_options){.organisations = wanted[i][0]}),
                             &a, &p);
        assert_int_equal(sb_policy_members(&p), wanted[i][0]);
        assert_int_equal(sb_policy_needs(&p), wanted[i][1]);
        assert_int_equal(sb_policy_stopped_by(&p), wanted[i][2]);
        assert_int_equal(sb_policy_overlap(&p), wanted[i][3]);
        assert_int_equal(sb_policy_may_lie(&p), wanted[i][3] - 1);
        sb_arena_deinit(&a);
    }
}

static void test_withdrawn(void **state)
{
    (void)state;
    sb_arena a;
    sb_policy p;
    sb_arena_init(&a);
    Sb__Charter *c = charter(&a);
    c->organisations[1]->withdrawn = true;
    assert_int_equal(sb_policy_check(c, NULL), SB_OK);
    sb_policy_of_charter(c, &a, &p);
    assert_int_equal(sb_policy_members(&p), 6);
    assert_false(sb_policy_has(&p, 1));
    assert_true(sb_policy_has(&p, 6));
    assert_true(by(&p, "1011110"));
    assert_false(by(&p, "1111100")); /* the one that is out doesn't count */
    for (size_t i = 0; i < c->n_organisations; i++)
        c->organisations[i]->withdrawn = true;
    assert_int_equal(sb_policy_check(c, NULL), SB_E_LEDGER_CHARTER_POLICY);
    sb_arena_deinit(&a);
}

/* unn, and two of three municipalities, and one of the others. */
static void test_tree(void **state)
{
    (void)state;
    sb_arena a;
    sb_policy p;
    sb_arena_init(&a);
    Sb__Charter *c = charter(&a);
    add(&a, c, "kommuner", 2, "kommune-a org-5 org-6");
    add(&a, c, "andre", 1, "lege bruker org-7");
    add(&a, c, "alle", 3, "unn kommuner andre");
    assert_int_equal(sb_policy_check(c, NULL), SB_OK);
    sb_policy_of_charter(c, &a, &p);
    assert_int_equal(p.group_count, 3);
    assert_true(by(&p, "1110100"));
    assert_true(by(&p, "1100111"));
    assert_false(by(&p, "0110111")); /* without unn */
    assert_false(by(&p, "1111001")); /* one municipality */
    assert_false(by(&p, "1100110"));
    assert_false(by(&p, ""));
    assert_int_equal(sb_policy_members(&p), 7);
    assert_int_equal(sb_policy_needs(&p), 4);
    assert_int_equal(sb_policy_stopped_by(&p), 1); /* unn */
    assert_int_equal(sb_policy_overlap(&p), 2);    /* unn and a municipality */
    sb_arena_deinit(&a);
}

/* The overlap against all pairs of sets. */
static void test_overlap_by_force(void **state)
{
    (void)state;
    static const struct {
        uint32_t a, b, top;
    } shapes[] = {{1, 1, 1}, {2, 1, 2}, {2, 2, 2}, {3, 2, 3}, {2, 2, 3}, {3, 3, 2}, {1, 3, 2}};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        sb_arena arena;
        sb_policy p;
        sb_arena_init(&arena);
        Sb__Charter *c = charter(&arena);
        add(&arena, c, "a", shapes[s].a, "unn kommune-a lege");
        add(&arena, c, "b", shapes[s].b, "bruker org-5 org-6");
        add(&arena, c, "top", shapes[s].top, "a b org-7");
        assert_int_equal(sb_policy_check(c, NULL), SB_OK);
        sb_policy_of_charter(c, &arena, &p);
        uint32_t least = 99, needs = 99, stops = 99;
        bool good[128];
        for (uint32_t x = 0; x < 128; x++) {
            bool confirmed[7];
            for (uint32_t i = 0; i < 7; i++)
                confirmed[i] = (x >> i & 1) != 0;
            good[x] = sb_policy_satisfied(&p, confirmed, 7);
        }
        for (uint32_t x = 0; x < 128; x++) {
            uint32_t bits = (uint32_t)__builtin_popcount(x);
            if (good[x] && bits < needs)
                needs = bits;
            if (!good[127 ^ x] && bits < stops)
                stops = bits;
            for (uint32_t y = 0; y < 128; y++)
                if (good[x] && good[y] && (uint32_t)__builtin_popcount(x & y) < least)
                    least = (uint32_t)__builtin_popcount(x & y);
        }
        assert_int_equal(sb_policy_overlap(&p), least);
        assert_int_equal(sb_policy_needs(&p), needs);
        assert_int_equal(sb_policy_stopped_by(&p), stops);
        sb_arena_deinit(&arena);
    }
}

static void refused(const char *name, uint32_t threshold, const char *members, sb_err err)
{
    sb_arena a;
    sb_arena_init(&a);
    Sb__Charter *c = charter(&a);
    add(&a, c, "first", 1, "unn lege");
    add(&a, c, name, threshold, members);
    add(&a, c, "last", 1, "first kommune-a second");
    assert_int_equal(sb_policy_check(c, NULL), err);
    sb_arena_deinit(&a);
}

static void test_refused(void **state)
{
    (void)state;
    refused("second", 1, "bruker", SB_OK);
    refused("second", 1, "bruker lege", SB_E_LEDGER_CHARTER_GROUP);   /* in two groups */
    refused("second", 1, "bruker bruker", SB_E_LEDGER_CHARTER_GROUP); /* twice in one */
    refused("second", 1, "bruker nobody", SB_E_LEDGER_CHARTER_GROUP);
    refused("second", 1, "bruker last", SB_E_LEDGER_CHARTER_GROUP); /* stands after it */
    refused("second", 1, "bruker second", SB_E_LEDGER_CHARTER_GROUP);
    refused("second", 1, "first", SB_E_LEDGER_CHARTER_GROUP); /* then it is in last too */
    refused("second", 2, "bruker", SB_E_LEDGER_CHARTER_THRESHOLD);
    refused("first", 1, "bruker", SB_E_LEDGER_CHARTER_GROUP); /* names are used once */
    refused("unn", 1, "bruker", SB_E_LEDGER_CHARTER_GROUP);
    refused("none", 1, "bruker", SB_E_LEDGER_CHARTER_GROUP);
    sb_arena a;
    sb_arena_init(&a);
    Sb__Charter *c = charter(&a);
    add(&a, c, "loose", 1, "unn lege"); /* a member of none */
    add(&a, c, "last", 1, "bruker");
    assert_int_equal(sb_policy_check(c, NULL), SB_E_LEDGER_CHARTER_GROUP);
    c = charter(&a);
    add(&a, c, "last", 1, "bruker");
    c->policy->more_than_den = 3; /* both */
    assert_int_equal(sb_policy_check(c, NULL), SB_E_LEDGER_CHARTER_POLICY);
    c = charter(&a);
    c->policy->more_than_den = 2;
    assert_int_equal(sb_policy_check(c, NULL), SB_E_LEDGER_CHARTER_POLICY);
    sb_arena_deinit(&a);
}

/* A federation that is run by a tree. */
static void tree_charter(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)arg;
    add(a, c, "others", 1, "lege bruker");
    add(a, c, "all", 3, "unn kommune-a others");
}

static void test_in_the_fold(void **state)
{
    (void)state;
    static const uint32_t few[] = {0, 2, 3}, right[] = {0, 1, 3};
    fed *f = fed_new(&(fed_options){.edit = tree_charter});
    fed_run(f);
    assert_int_equal(fed_appoint_seat(f, "unn-1", SB__SEAT_ROLE__SEAT_ROLE_PRIMARY, "x"), SB_OK);
    fed_state(f);
    assert_int_equal(fed_seal_by(f, few, 3), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(fed_seal_by(f, right, 3), SB_OK);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than), cmocka_unit_test(test_withdrawn),
        cmocka_unit_test(test_tree),      cmocka_unit_test(test_overlap_by_force),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_in_the_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
