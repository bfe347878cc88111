/* Who confirms, changed: a member follows from the SEALs that changed it, and from nothing else. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

#include "nodes/cli/head.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/play_actions.h"

enum { CHANGES = 4 };

/* Of four organisations (3 confirm) bruker goes out, and then all of the three must confirm: each
 * time a SEAL that sets the new ones beside the old, and one that leaves them alone. */
typedef struct world {
    fed *f;
    sb_arena arena;
    sb_trust trust; /* the founding's */
    sb_trust_change changes[CHANGES];
    uint64_t index[CHANGES];
} world;

static void decide(fed *f, const Sb__ActionPropose *m, uint32_t day)
{
    static const char *const clause[] = {"Slik blir det."};
    play_id c, meeting, q, action;
    Sb__ActionPropose own = *m;
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    own.case_id = c;
    play_ok(play_action(f, &own, SEC, &action));
    play_next_meeting(f, "pm", day, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
}

static void seal(fed *f, uint32_t count)
{
    static const uint32_t orgs[] = {0, 1, 2, 3};
    assert_int_equal(fed_state(f), SB_OK);
    assert_int_equal(fed_seal_by(f, orgs, count), SB_OK);
}

static void change_twice(fed *f)
{
    Sb__ActionPropose out = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisationRemove remove = SB__ACTION_ORGANISATION_REMOVE__INIT;
    remove.organisation = (char[]){"bruker"};
    out.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE;
    out.organisation_remove = &remove;
    decide(f, &out, 20220120);
    seal(f, 3);
    seal(f, 4);
    Sb__ActionPropose all = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing witnessing = SB__ACTION_WITNESSING__INIT;
    Sb__WitnessPolicy policy = SB__WITNESS_POLICY__INIT;
    policy.more_than_num = 1;
    policy.more_than_den = 2;
    witnessing.policy = &policy;
    all.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    all.witnessing = &witnessing;
    decide(f, &all, 20220125);
    seal(f, 3);
    seal(f, 3);
    assert_int_equal(fed_state(f), SB_OK);
}

static size_t texts_at(world *w, uint64_t size, sb_slice *out)
{
    size_t count = 0;
    for (sb_buf text;; count++) {
        sb_buf_init(&text);
        bool found = sb_ledger_policy_text(w->f->ledger, size, (uint32_t)count, &text);
        if (found)
            out[count] = sb_arena_copy(&w->arena, sb_buf_slice(&text));
        sb_buf_deinit(&text);
        if (!found)
            return count;
    }
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    sb_slice texts[SB_TRUST_POLICIES_MAX];
    uint64_t index = 0;
    w->f = fed_new(&(fed_options){.edit = play_amendable});
    sb_arena_init(&w->arena);
    fed_run(w->f);
    fed_at(w->f, 20211215, 9, 0);
    memcpy(w->trust.federation_id, w->f->federation_id, 32);
    assert_int_equal(sb_trust_add_term(&w->trust, fed_genesis_message(w->f)->slug, 1,
                                       fed_key_of(w->f, "log")->pk, NULL),
                     SB_OK);
    assert_int_equal(texts_at(w, w->f->leaf_count, texts), 1);
    assert_int_equal(sb_trust_set_policies(&w->trust, texts, 1, &w->arena, NULL), SB_OK);
    change_twice(w->f);
    for (size_t i = 0; i < CHANGES; i++, index++) {
        assert_true(sb_ledger_policy_change(w->f->ledger, &index));
        w->index[i] = index;
        w->changes[i].term = 1;
        w->changes[i].leaf = fed_leaf(w->f, (size_t)index);
        w->changes[i].text_count = texts_at(w, index + 1, w->changes[i].texts);
        assert_int_equal(w->changes[i].text_count, i % 2 == 0 ? 2 : 1);
    }
    assert_false(sb_ledger_policy_change(w->f->ledger, &index));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sb_arena_deinit(&w->arena);
    fed_free(w->f);
    free(w);
    return 0;
}

static sb_err take(world *w, const sb_trust_change *change, uint64_t old_size)
{
    sb_fail fail;
    return sb_trust_take_change(&w->trust, change, old_size, &w->arena, &fail);
}

static void believes(const world *w, size_t change)
{
    assert_int_equal(w->trust.policy_count, w->changes[change].text_count);
    for (size_t i = 0; i < w->changes[change].text_count; i++)
        assert_true(sb_slice_eq(w->trust.texts[i], w->changes[change].texts[i]));
}

/* From the founding on, over both; and once more from the first, as a member's node may send them. */
static void test_followed(void **state)
{
    world *w = *state;
    for (size_t i = 0; i < CHANGES; i++) {
        assert_int_equal(take(w, &w->changes[i], 0), SB_OK);
        believes(w, i);
        assert_true(w->trust.changed);
    }
    for (size_t i = 0; i < CHANGES; i++) {
        sb_err err = take(w, &w->changes[i], 0);
        assert_true(err == SB_OK || err == SB_E_CLI_QUORUM);
    }
    believes(w, CHANGES - 1);
}

/* A change of a head below what was seen: those who are out don't come back. */
static void test_of_the_past(void **state)
{
    world *w = *state;
    for (size_t i = 0; i < CHANGES; i++)
        assert_int_equal(take(w, &w->changes[i], 0), SB_OK);
    assert_int_equal(take(w, &w->changes[0], w->index[1]), SB_E_CLI_QUORUM);
    believes(w, CHANGES - 1);
}

static void test_made_up(void **state)
{
    world *w = *state;
    const sb_slice founding = w->trust.texts[0];
    sb_trust_change bent = w->changes[0];
    bent.term = 2; /* cosigned under another origin */
    assert_int_equal(take(w, &bent, 0), SB_E_CLI_QUORUM);
    bent = w->changes[0];
    bent.leaf = fed_leaf(w->f, (size_t)w->index[0] - 1); /* a STATE */
    assert_int_equal(take(w, &bent, 0), SB_E_CLI_HEAD_PROOF);
    bent = w->changes[0];
    bent.text_count = 0;
    assert_int_equal(take(w, &bent, 0), SB_E_CLI_HEAD_PROOF);
    /* more than those who cosigned it: not they changed it so */
    char *text = sb_arena_printf(&w->arena, "%s", sb_arena_str(&w->arena, founding));
    char *threshold = strstr(text, "QUORUM 3");
    assert_non_null(threshold);
    threshold[7] = '4';
    bent.texts[0] = sb_slice_str(text);
    bent.text_count = 1;
    assert_int_equal(take(w, &bent, 0), SB_E_CLI_QUORUM);
    /* by three of the four, and we believe only in all four */
    sb_trust before = w->trust;
    const sb_slice four = sb_slice_str(text);
    assert_int_equal(sb_trust_set_policies(&w->trust, &four, 1, &w->arena, NULL), SB_OK);
    assert_int_equal(take(w, &w->changes[0], 0), SB_E_CLI_QUORUM);
    w->trust = before;
    assert_int_equal(w->trust.policy_count, 1);
    assert_true(sb_slice_eq(w->trust.texts[0], founding));
    assert_false(w->trust.changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_followed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_of_the_past, setup, teardown),
        cmocka_unit_test_setup_teardown(test_made_up, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
