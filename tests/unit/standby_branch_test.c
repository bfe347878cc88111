/* A broker showed the nodes different histories, or some make heads up: the standby gets through. */
#include "tests/lib/cmocka_all.h"

#include "tests/unit/standby_rig.h"

typedef struct forked {
    fed *f, *other; /* the same up to a SEAL; then each goes its own way */
    sb_head before; /* what that SEAL sealed */
    const Sb__Seal *before_seal;
    sb_head sealed; /* what f sealed after it */
    const Sb__Seal *seal;
    sb_head f_longest, other_longest; /* few cosigned them */
} forked;

static fed *founded(uint32_t organisations)
{
    fed_options options = {.organisations = organisations};
    fed *f = fed_new(&options);
    fed_run(f);
    return f;
}

static void goes_on(fed *f, const char *office)
{
    assert_int_equal(fed_appoint_office(f, office, office), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
}

/* Both go on beyond what f sealed after the fork; f has more leaves. */
static forked fork_of(uint32_t organisations)
{
    forked k = {.f = founded(organisations), .other = founded(organisations)};
    assert_memory_equal(k.f->federation_id, k.other->federation_id, 32);
    k.before_seal = fed_last_seal(k.other, &k.before);
    goes_on(k.f, "leader");
    fed_seal(k.f);
    k.seal = fed_last_seal(k.f, &k.sealed);
    while (k.other->leaf_count <= k.sealed.size)
        goes_on(k.other, "deputy-leader");
    k.other_longest = fed_head_now(k.other);
    while (k.f->leaf_count <= k.other_longest.size)
        goes_on(k.f, "leader");
    k.f_longest = fed_head_now(k.f);
    return k;
}

static void unfork(forked *k)
{
    fed_free(k->f);
    fed_free(k->other);
}

/* A node that holds f's log and cosigned this head of it last. */
static void up(rig *r, const forked *k, uint32_t place, const sb_head *cosigned)
{
    rig_node *n = rig_node_up(r, place, place);
    n->seal = k->sealed;
    n->sealed = k->seal;
    n->cosigned = *cosigned;
}

static void up_other(rig *r, const forked *k, uint32_t place)
{
    rig_node *n = rig_node_up(r, place, place);
    n->log = k->other;
    n->size = k->other->leaf_count;
    n->seal = k->before;
    n->sealed = k->before_seal;
    n->cosigned = k->other_longest;
}

static void taken_over_at(rig *r, const sb_head *head, uint64_t ms)
{
    rig_until_taken_over(r, ms);
    assert_int_equal(rig_leaf_type(r, head->size), SB_ENTRY_HANDOVER);
    assert_int_equal(rig_handover(r, head->size)->continues_size, head->size);
}

/* One of four cosigned another history, one a longer head of ours: together they are more than may
 * lie, but a longer head bears only what lies in it. (Simulator, seeds 15998 and 16166.) */
static void a_longer_head_bears_no_other_branch(void **state)
{
    (void)state;
    forked k = fork_of(4);
    rig *r = rig_new(k.f, "log-2", true);
    up_other(r, &k, 0);
    up(r, &k, 1, &k.sealed);
    up(r, &k, 2, &k.f_longest);
    up(r, &k, 3, &k.sealed);
    taken_over_at(r, &k.sealed, SB_STANDBY_FETCH_MS / 2); /* it doesn't wait for it */
    assert_true(r->rewinds <= 2);
    rig_free(r);
    unfork(&k);
}

/* More than may lie cosigned the other history, which doesn't go on from what was sealed: it can't be
 * had, whatever is cut off of ours, and how often. */
static void a_head_beside_the_sealed_one_is_given_up(void **state)
{
    (void)state;
    forked k = fork_of(7);
    rig *r = rig_new(k.f, "log-2", true);
    for (uint32_t i = 0; i < 3; i++)
        up_other(r, &k, i);
    for (uint32_t i = 3; i < 7; i++)
        up(r, &k, i, &k.sealed);
    taken_over_at(r, &k.sealed, 2 * SB_STANDBY_FETCH_MS);
    assert_true(r->rewinds <= 2); /* for it, and for the HANDOVER */
    rig_free(r);
    unfork(&k);
}

/* As many as may lie name SEALs that nobody has, each another one: each is looked for, none twice. */
static void made_up_seals_are_given_up_one_by_one(void **state)
{
    (void)state;
    fed *f = founded(13);
    rig *r = rig_new(f, "log-2", true);
    for (uint32_t i = 0; i < 13; i++)
        rig_node_up(r, i, i);
    for (uint32_t i = 0; i < 4; i++) {
        r->nodes[3 * i].seal.size += 1000 + i;
        r->nodes[3 * i].seal.root[0] ^= 1;
    }
    rig_until_taken_over(r, 5 * SB_STANDBY_FETCH_MS);
    assert_int_equal(rig_handover(r, f->leaf_count)->n_promises, 9);
    rig_free(r);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_longer_head_bears_no_other_branch),
        cmocka_unit_test(a_head_beside_the_sealed_one_is_given_up),
        cmocka_unit_test(made_up_seals_are_given_up_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
