/* What the reviews of issue B found in actions, versions of the charter and erasing; each was a
 * fault once. */
#include "proto/base/hash.h"
#include "proto/ledger/charter_change.h"
#include "proto/ledger/charter_check.h"
#include "proto/ledger/machine.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

static const char *const clause[] = {"Slik blir det."};

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

static fed *start(void (*edit)(Sb__Charter *, sb_arena *, void *))
{
    fed *f = fed_new(&(fed_options){.edit = edit, .part_bytes = 50000});
    fed_run(f);
    fed_at(f, 20211215, 9, 0);
    return f;
}

static play_id report(fed *f, const char *body)
{
    play_id c;
    play_ok(play_report(f, body, "En sak", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    return c;
}

static play_id draft_of(fed *f, const char *name, const char *by)
{
    play_id id;
    Sb__Charter *c = play_charter_copy(f);
    c->name = text(name);
    play_ok(play_draft_charter(f, c, by, &id));
    return id;
}

/* ---- what a draft costs ---- */

enum { BODIES = 60 };

static void many_bodies(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    Sb__Body **bodies = SB_ARENA_ARRAY(a, Sb__Body *, BODIES + 2);
    memcpy(bodies, c->bodies, c->n_bodies * sizeof bodies[0]);
    c->bodies = bodies;
    while (c->n_bodies < BODIES) {
        Sb__Body *b = SB_ARENA_NEW(a, Sb__Body);
        *b = *c->bodies[1];
        b->id = sb_arena_printf(a, "organ-%u", (unsigned)c->n_bodies);
        b->seats = NULL;
        b->n_seats = 0;
        b->pass = b->quorum; /* none */
        c->bodies[c->n_bodies++] = b;
    }
}

/* A member's draft that leaves all bodies out read the charter once for each of them: in a great
 * federation the memory of the broker. */
static void a_draft_without_bodies_is_cheap(void **state)
{
    (void)state;
    fed *f = start(many_bodies);
    sb_arena arena;
    Sb__Charter *draft = play_charter_copy(f);
    draft->n_bodies = 2;
    sb_arena_init(&arena);
    (void)sb_charter_carry(sb_ledger_kv(f->ledger), &arena, sb_ledger_charter(f->ledger), draft);
    size_t carried = arena.used_bytes;
    sb_arena_reset(&arena);
    assert_non_null(sb_charter_of_version(sb_ledger_kv(f->ledger), &arena, 1));
    assert_true(carried < arena.used_bytes);
    sb_arena_deinit(&arena);
    play_id id;
    assert_int_equal(play_draft_charter(f, draft, SEC, &id), SB_E_LEDGER_SUCCEED_PLACE);
    fed_free(f);
}

/* One SEAL may cover any number of adopted actions; each makes a whole charter. */
static void a_seal_holds_one_charter_at_a_time(void **state)
{
    (void)state;
    fed *f = start(many_bodies);
    play_id c, a, m, q;
    play_ok(play_report(f, "pm", "En sak", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    c = report(f, "ssu");
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &a));
    for (int i = 0; i < 20; i++)
        play_ok(play_mandate(f, c, "fsu", SEC, &a));
    play_next_meeting(f, "ssu", 20220120, c, &m);
    play_ok(play_ask(f, m, c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    sb_overlay *dry = sb_overlay_new(sb_ledger_kv(f->ledger));
    sb_arena arena;
    sb_arena_init(&arena);
    sb_step s = {.ledger = f->ledger,
                 .kv = sb_overlay_kv(dry),
                 .arena = &arena,
                 .charter = sb_ledger_charter(f->ledger),
                 .index = f->leaf_count,
                 .date = 20220120};
    sb_waiting_settle(&s, f->leaf_count);
    sb_arena one;
    sb_arena_init(&one);
    assert_non_null(sb_charter_of_version(s.kv, &one, 1 + 21));
    assert_true(arena.used_bytes < 2 * one.used_bytes);
    sb_arena_deinit(&one);
    assert_int_equal(s.charter->bodies[BODIES]->mandate_size, 32 + strlen("mandat"));
    sb_overlay_clear(dry);
    sb_overlay_free(dry);
    sb_arena_deinit(&arena);
    fed_seal(f);
    assert_int_equal(play_version(f), 1 + 21);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    fed_free(f);
}

/* ---- drafts that nobody uses ---- */

static size_t drafts(fed *f)
{
    size_t count = 0;
    sb_row_charter_draft d = {.no = 0};
    while (sb_row_charter_draft_next(sb_ledger_kv(f->ledger), NULL, &d, false, 0))
        count++;
    return count;
}

static void drafts_of_one_key_have_an_end(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "ssu"), first = draft_of(f, "Brukt", SEC), second, last = {0};
    play_ok(play_change(f, c, first, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    second = draft_of(f, "Nummer to", SEC);
    for (int i = 0; i < SB_DRAFTS_MAX; i++)
        last = draft_of(f, sb_arena_printf(&f->arena, "Navn %d", i), SEC);
    assert_int_equal(drafts(f), 1 + SB_DRAFTS_MAX); /* what an action names stays */
    (void)draft_of(f, "Et annet medlems", "unn-1/primary");
    assert_int_equal(drafts(f), 2 + SB_DRAFTS_MAX);
    c = report(f, "ssu");
    play_refused(f, play_change(f, c, second, SB__OVERLAP__OVERLAP_NONE, SEC, NULL),
                 SB_E_LEDGER_CHARTER_DRAFT_UNKNOWN, NULL);
    play_ok(play_change(f, c, last, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    fed_free(f);
}

/* ---- by less than the rule ---- */

/* Who hosts a node, and whose key counts for what is final, has an amendment rule of its own; the
 * membership body's everyday rule doesn't replace such keys. */
static void keys_of_organisations_go_by_the_membership_rule(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "pm"), m, q, a;
    play_ok(play_new_key(f, c, "lege/authority", "lege/ny", SEC, &a));
    play_next_meeting(f, "pm", 20220120, c, &m);
    play_refused(f, play_ask(f, m, c, CONSENSUS, SEC, &q), SB_E_LEDGER_AMEND_MODE, NULL);
    play_ok(play_ask(f, m, c, VOTE, SEC, &q));
    /* one of each partner: enough for "each partner: for > 1/2 of cast", not for 1/2 of seats */
    play_ok(play_vote(f, q, "pm-unn-1", FOR));
    play_ok(play_vote(f, q, "pm-kommune-1", FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), FALLEN);
    assert_non_null(strstr(play_certificate(f, q), "pass for > 1/2 of seats"));
    fed_free(f);
}

static void in_one_body(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    c->membership->body = text("ssu");
}

static void one_case_has_one_rule(void **state)
{
    (void)state;
    fed *f = start(in_one_body);
    play_id c = report(f, "ssu"), d = report(f, "ssu"), draft = draft_of(f, "Nytt", SEC);
    play_ok(play_new_key(f, c, "lege/authority", "lege/ny", SEC, NULL));
    play_refused(f, play_change(f, c, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL),
                 SB_E_LEDGER_AMEND_MIXED, NULL);
    play_ok(play_change(f, d, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    play_refused(f, play_new_key(f, d, "lege/authority", "lege/ny", SEC, NULL),
                 SB_E_LEDGER_AMEND_MIXED, NULL);
    play_ok(play_new_key(f, d, "lege-1/primary", "lege-1/ny", SEC, NULL)); /* a device */
    fed_free(f);
}

/* ---- bodies that can't go ---- */

static void pm_over_ssu(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    c->bodies[0]->parent = text("pm");
    c->bodies[1]->may_create = true;
}

/* Dissolving the body that amends would make the bylaws unchangeable, by an everyday rule. */
static void who_amends_is_not_dissolved(void **state)
{
    (void)state;
    fed *f = start(pm_over_ssu);
    play_id p = report(f, "pm"), id;
    play_refused(f, play_dissolve(f, p, "ssu", SEC, NULL), SB_E_LEDGER_CHARTER_AMENDS, "ssu");
    Sb__Charter *c = play_charter_copy(f);
    c->bodies[1]->dissolved = true; /* the membership's, and the ssu is below */
    assert_int_equal(play_draft_charter(f, c, SEC, &id), SB_E_LEDGER_BODY_HAS_BODIES);
    c->bodies[0]->parent = text("");
    assert_int_equal(play_draft_charter(f, c, SEC, &id), SB_E_LEDGER_CHARTER_AMENDS);
    fed_free(f);
}

/* A draft that forgets it is overruled (carried over); nothing else may revive a body either. */
static void the_dissolved_stay_dissolved(void **state)
{
    (void)state;
    fed *f = start(pm_over_ssu);
    Sb__Charter *then = play_charter_copy(f), *now = play_charter_copy(f);
    then->bodies[0]->dissolved = true;
    assert_int_equal(sb_charter_succeeds(then, now, false, &f->fail),
                     SB_E_LEDGER_SUCCEED_DISSOLVED);
    assert_string_equal(f->fail.arg[0], "ssu");
    const Sb__Charter *carried = sb_charter_carry(sb_ledger_kv(f->ledger), &f->arena, then, now);
    assert_true(carried->bodies[0]->dissolved);
    assert_int_equal(sb_charter_succeeds(then, carried, false, &f->fail), SB_OK);
    fed_free(f);
}

/* ---- delegations and a new charter ---- */

static void delegating(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    c->amendment->body = text("pm");
    c->amendment->pass->text = text("");
    c->bodies[0]->delegation_cite = text("§ 3");
    c->bodies[0]->seats[0]->ex_officio = true;
}

static void delegate(fed *f, const char *key)
{
    Sb__Delegate m = SB__DELEGATE__INIT;
    m.seat = text("unn-1");
    m.device_pk = (play_id){32, fed_key_of(f, key)->pk};
    m.name = fed_blob(f, key);
    m.from_date = 20211201;
    fed_must(f, SB_ENTRY_DELEGATE, &m.base, "unn-1/primary");
    fed_seal(f);
}

static void adopt_charter(fed *f, const Sb__Charter *charter)
{
    play_id c = report(f, "pm"), draft, m, q;
    play_ok(play_draft_charter(f, charter, SEC, &draft));
    play_ok(play_change(f, c, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    play_next_meeting(f, "pm", 20220120, c, &m);
    play_ok(play_ask(f, m, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    assert_int_equal(play_version(f), 2);
}

static bool is_member(fed *f, const char *key)
{
    return play_report(f, "ssu", "Er med", DECISION, key, NULL) == SB_OK;
}

/* Who acts by a delegation that the bylaws no longer know would act for ever. */
static void delegations_end_with_the_right_to_delegate(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        fed *f = start(delegating);
        delegate(f, "fullmektig");
        assert_true(is_member(f, "fullmektig"));
        Sb__Charter *c = play_charter_copy(f);
        if (i == 0)
            c->bodies[0]->seats[0]->ex_officio = false;
        else
            c->bodies[0]->delegation_cite = text("");
        adopt_charter(f, c);
        assert_false(is_member(f, "fullmektig"));
        fed_free(f);
    }
}

/* The deputy who has a delegation too keeps that when the seat has deputies no longer. */
static void a_delegation_outlives_the_deputy(void **state)
{
    (void)state;
    fed *f = start(delegating);
    delegate(f, "unn-1/deputy");
    Sb__Charter *c = play_charter_copy(f);
    c->bodies[0]->seats[0]->has_deputy = false;
    c->bodies[0]->seats[1]->has_deputy = false;
    adopt_charter(f, c);
    assert_true(is_member(f, "unn-1/deputy"));
    assert_false(is_member(f, "unn-2/deputy"));
    fed_free(f);
}

/* ---- erasing ---- */

static play_id task_of(fed *f, const char *by, const char *words)
{
    play_id c;
    play_ok(play_report(f, "ssu", words, DECISION, by, &c));
    return c;
}

/* One organisation's authority key could delete everybody's attachments, on every node. */
static void an_organisation_erases_its_own(void **state)
{
    (void)state;
    fed *f = start(NULL);
    (void)task_of(f, "kommune-1/primary", "Kommunens tekst");
    (void)task_of(f, "unn-1/primary", "UNNs tekst");
    (void)task_of(f, "kommune-1/primary", "UNNs tekst"); /* who named it first */
    play_refused(f, play_erase(f, "Kommunens tekst", "lege/authority"), SB_E_LEDGER_ERASE_NOT_YOURS,
                 NULL);
    play_refused(f, play_erase(f, "UNNs tekst", "kommune-a/authority"), SB_E_LEDGER_ERASE_NOT_YOURS,
                 NULL);
    play_refused(f, play_erase(f, "Aldri nevnt", "lege/authority"), SB_E_LEDGER_ERASE_NOT_YOURS,
                 NULL);
    play_refused(f, play_erase(f, "UNNs tekst", "unn-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_erase(f, "Kommunens tekst", "kommune-a/authority"));
    play_ok(play_erase(f, "UNNs tekst", SEC));
    play_ok(play_erase(f, "Aldri nevnt", SEC));
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_draft_without_bodies_is_cheap),
        cmocka_unit_test(a_seal_holds_one_charter_at_a_time),
        cmocka_unit_test(drafts_of_one_key_have_an_end),
        cmocka_unit_test(keys_of_organisations_go_by_the_membership_rule),
        cmocka_unit_test(one_case_has_one_rule),
        cmocka_unit_test(who_amends_is_not_dissolved),
        cmocka_unit_test(the_dissolved_stay_dissolved),
        cmocka_unit_test(delegations_end_with_the_right_to_delegate),
        cmocka_unit_test(a_delegation_outlives_the_deputy),
        cmocka_unit_test(an_organisation_erases_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
