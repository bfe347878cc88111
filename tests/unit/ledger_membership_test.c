/* Organisations, witness policy and standbys that change: who decides, who confirms meanwhile, what
 * can be taken back; over a HANDOVER too. */
#include <stdlib.h>

#include "proto/base/hash.h"
#include "proto/ledger/charter_change.h"
#include "proto/ledger/core.h"
#include "proto/ledger/policy.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/play_actions.h"

static const char *const clause[] = {"Slik blir det."};

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

static fed *start(void (*edit)(Sb__Charter *c, sb_arena *a, void *arg))
{
    fed *f = fed_new(&(fed_options){.edit = edit});
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

/* ---- the actions ---- */

static play_id pk_of(fed *f, const char *key)
{
    return (play_id){32, fed_key_of(f, key)->pk};
}

static Sb__ActionPropose *admitting(fed *f, play_id c, const char *id, const char *partner)
{
    sb_arena *a = &f->arena;
    Sb__ActionPropose *m = SB_ARENA_NEW(a, Sb__ActionPropose);
    *m = (Sb__ActionPropose)SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisation *add = SB_ARENA_NEW(a, Sb__ActionOrganisation);
    *add = (Sb__ActionOrganisation)SB__ACTION_ORGANISATION__INIT;
    Sb__Organisation *o = SB_ARENA_NEW(a, Sb__Organisation);
    *o = (Sb__Organisation)SB__ORGANISATION__INIT;
    Sb__GenesisOrganisation *keys = SB_ARENA_NEW(a, Sb__GenesisOrganisation);
    *keys = (Sb__GenesisOrganisation)SB__GENESIS_ORGANISATION__INIT;
    o->id = keys->id = text(id);
    o->name = sb_arena_printf(a, "Organisasjonen %s", id);
    o->partner = text(partner);
    keys->authority_pk = pk_of(f, sb_arena_printf(a, "%s/authority", id));
    keys->witness_pk = pk_of(f, sb_arena_printf(a, "%s/witness", id));
    keys->recovery_pk = pk_of(f, sb_arena_printf(a, "%s/recovery", id));
    keys->curve_pk = pk_of(f, sb_arena_printf(a, "%s/curve", id));
    add->organisation = o;
    add->keys = keys;
    m->case_id = c;
    m->action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION;
    m->organisation = add;
    return m;
}

static sb_err admit(fed *f, play_id c, const char *id, play_id *out)
{
    return play_action(f, admitting(f, c, id, "kommune"), SEC, out);
}

static sb_err take_out(fed *f, play_id c, const char *id, play_id *out)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisationRemove remove = SB__ACTION_ORGANISATION_REMOVE__INIT;
    remove.organisation = text(id);
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE;
    m.organisation_remove = &remove;
    return play_action(f, &m, SEC, out);
}

static sb_err more_than(fed *f, play_id c, uint32_t num, uint32_t den, play_id *out)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing witnessing = SB__ACTION_WITNESSING__INIT;
    Sb__WitnessPolicy policy = SB__WITNESS_POLICY__INIT;
    policy.more_than_num = num;
    policy.more_than_den = den;
    witnessing.policy = &policy;
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    m.witnessing = &witnessing;
    return play_action(f, &m, SEC, out);
}

/* pm adopts what the case says. Days rise by one from 20 January. */
static play_id decide(fed *f, play_id c, uint32_t day)
{
    play_id meeting, q;
    play_next_meeting(f, "pm", 20220100 + day, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    return q;
}

static sb_err seal_by(fed *f, const char *orgs)
{
    uint32_t list[8];
    size_t count = 0;
    for (; orgs[count] != '\0'; count++)
        list[count] = (uint32_t)(orgs[count] - '0');
    sb_ledger_position at;
    sb_ledger_position_get(f->ledger, &at);
    if (!at.ends_with_state)
        assert_int_equal(fed_state(f), SB_OK);
    return fed_seal_by(f, list, count);
}

static void something(fed *f)
{
    play_ok(fed_appoint_seat(f, "unn-1", PRIMARY, "unn-1/primary"));
}

static bool certified(fed *f, uint64_t size, const char *orgs)
{
    uint8_t pks[8][32];
    size_t count = strlen(orgs);
    for (size_t i = 0; i < count; i++)
        memcpy(pks[i], fed_witness(f, (uint32_t)(orgs[i] - '0'))->pk, 32);
    return sb_ledger_quorum(f->ledger, size, (const uint8_t(*)[32])pks, count, NULL, NULL);
}

static bool quorum_of(fed *f, uint64_t size, const char *orgs, uint32_t *have, uint32_t *needed)
{
    uint8_t pks[8][32];
    size_t count = strlen(orgs);
    for (size_t i = 0; i < count; i++)
        memcpy(pks[i], fed_witness(f, (uint32_t)(orgs[i] - '0'))->pk, 32);
    return sb_ledger_quorum_seal(f->ledger, size, (const uint8_t(*)[32])pks, count, have, needed);
}

static bool sealable(fed *f, uint64_t size, const char *orgs)
{
    return quorum_of(f, size, orgs, NULL, NULL);
}

static sb_row_policy_state now(fed *f)
{
    sb_row_policy_state at = {.index = UINT64_MAX};
    assert_true(sb_row_policy_state_next(sb_ledger_kv(f->ledger), NULL, &at, true, 0));
    return at;
}

static void refolds(fed *f)
{
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *l = NULL;
    uint8_t a[32], b[32];
    assert_int_equal(sb_ledger_open(&l, kv, NULL, NULL), SB_OK);
    fed_replay(f, 0, f->leaf_count, l);
    sb_ledger_flush(l);
    sb_ledger_flush(f->ledger);
    fed_rows_hash(kv, a);
    fed_rows_hash(f->kv, b);
    assert_memory_equal(a, b, 32);
    sb_ledger_close(l);
    sb_kv_memory_free(kv);
}

/* ---- admitted ---- */

/* Of 4, 3 confirm; of 5, 4. From the change to the SEAL that covers it the old policy certifies and
 * both seal; then both certify; after a SEAL of that, the new. */
static void test_admitted(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    sb_ledger_org org;
    strcpy(f->witness[4], "ny/witness");
    play_id c = report(f, "pm"), a;
    play_ok(admit(f, c, "ny", &a));
    uint64_t before = f->leaf_count;
    assert_false(sb_ledger_witness(f->ledger, fed_key_of(f, "ny/witness")->pk, &org));
    play_id q = decide(f, c, 20);
    uint64_t pend_at = play_question(f, q).closed_index;
    assert_int_equal(now(f).pend_at, pend_at);
    assert_non_null(strstr(play_certificate(f, q), "\"kind\":\"organisation\""));
    assert_non_null(strstr(play_certificate(f, q), "\"organisation\":\"ny\""));
    assert_non_null(strstr(play_certificate(f, q), "pass for > 1/2 of seats"));
    /* its node may come, and cosign; its keys sign no entries */
    assert_true(sb_ledger_waiting_org(f->ledger, 0, &org));
    assert_string_equal(org.id, "ny");
    assert_int_equal(org.number, 4);
    assert_false(sb_ledger_waiting_org(f->ledger, 1, &org));
    assert_true(sb_ledger_witness(f->ledger, fed_key_of(f, "ny/witness")->pk, &org));
    assert_int_equal(sb_ledger_org_count(f->ledger), 4);
    Sb__KeyRevoke revoke = SB__KEY_REVOKE__INIT;
    revoke.pk = pk_of(f, "ny/witness");
    revoke.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    play_refused(f, fed_submit(f, SB_ENTRY_KEY_REVOKE, &revoke.base, "ny/recovery"),
                 SB_E_LEDGER_KEY_OUT_OF_FORCE, NULL);

    const char *answer = play_query(f, "membership", NULL);
    assert_non_null(strstr(answer, "\"waits_for\":\"seal\""));
    assert_non_null(strstr(answer, "\"state\":\"waiting\""));
    assert_non_null(strstr(answer, "\"holds\":\"waits\""));
    fed_state(f);
    uint64_t x = f->leaf_count;
    assert_true(certified(f, x, "012"));
    assert_false(certified(f, x, "014")); /* it doesn't count for what is certified */
    assert_false(sealable(f, x, "012"));  /* three of five */
    uint32_t have = 0, needed = 0;
    assert_false(sb_ledger_quorum_seal(f->ledger, x, NULL, 0, &have, &needed));
    assert_int_equal(needed, 3); /* by the first that lacks one: the old */
    assert_false(quorum_of(f, x, "012", &have, &needed));
    assert_int_equal(have, 3);
    assert_int_equal(needed, 4); /* the new */
    assert_true(sealable(f, x, "0124"));
    assert_true(sealable(f, x, "0123"));
    assert_true(sealable(f, before, "012")); /* a head without the change: a function of the head */
    assert_int_equal(seal_by(f, "012"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "014"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "0124"), SB_OK);

    /* in force, beside the old policy */
    uint64_t start_at = f->leaf_count - 1;
    assert_int_equal(now(f).start, start_at);
    assert_int_equal(now(f).pend, 0);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    assert_int_equal(sb_ledger_org_count(f->ledger), 5);
    assert_true(sb_ledger_org_get(f->ledger, 4, &org));
    assert_memory_equal(org.witness_pk, fed_key_of(f, "ny/witness")->pk, 32);
    assert_string_equal(sb_ledger_charter(f->ledger)->organisations[4]->id, "ny");
    assert_int_equal(play_version(f), 2);
    assert_true(sb_ledger_policy_waits(f->ledger));
    answer = play_query(f, "membership", NULL);
    assert_non_null(strstr(answer, "\"waits_for\":\"second_seal\""));
    assert_non_null(strstr(answer, "\"holds\":\"next\""));
    fed_state(f);
    uint64_t y = f->leaf_count;
    assert_true(certified(f, y, "0124"));
    assert_false(certified(f, y, "014"));
    assert_false(certified(f, y, "012"));
    assert_true(certified(f, x, "012")); /* as before */
    /* though it adds only STATE and SEAL this head is sealed: the policy waits for it */
    assert_int_equal(seal_by(f, "014"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    assert_int_equal(now(f).next, 0);
    assert_false(sb_ledger_policy_waits(f->ledger));
    assert_non_null(strstr(play_query(f, "membership", NULL), "\"change\":null"));
    fed_state(f);
    assert_int_equal(seal_by(f, "0124"), SB_E_LEDGER_SEAL_NOTHING);
    /* the new alone */
    play_ok(fed_submit(f, SB_ENTRY_KEY_REVOKE, &revoke.base, "ny/recovery"));
    something(f);
    assert_int_equal(seal_by(f, "012"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "0123"), SB_OK);
    refolds(f);
    fed_free(f);
}

static void test_admit_refused(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "pm"), s = report(f, "ssu"), q, meeting;
    play_refused(f, admit(f, s, "ny", NULL), SB_E_LEDGER_MEMBERSHIP_BODY, "PM");
    play_refused(f, admit(f, c, "lege", NULL), SB_E_LEDGER_MEMBERSHIP_MEMBER, "lege");
    Sb__ActionPropose *m = admitting(f, c, "ny", "kommune");
    m->organisation->keys->id = text("annen");
    play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_MEMBERSHIP_CARD, NULL);
    m = admitting(f, c, "ny", "kommune");
    m->organisation->organisation->withdrawn = true;
    play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_MEMBERSHIP_CARD, NULL);
    m = admitting(f, c, "ny", "ukjent");
    play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_CHARTER_REFERENCE, NULL);
    /* each key once, and new */
    static const char *const used[] = {"lege/witness", "log", "unn-1/primary", "ny/authority"};
    for (size_t i = 0; i < 4; i++) {
        m = admitting(f, c, "ny", "kommune");
        m->organisation->keys->witness_pk = pk_of(f, used[i]);
        play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_KEY_TWICE, NULL);
    }
    uint8_t curve[32], neutral[32] = {1};
    sb_hash(sb_slice_str("curve of 2"), curve);
    m = admitting(f, c, "ny", "kommune");
    m->organisation->keys->curve_pk = (play_id){32, curve};
    play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_KEY_TWICE, NULL);
    m = admitting(f, c, "ny", "kommune");
    m->organisation->keys->recovery_pk = (play_id){32, neutral};
    play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_KEY_INVALID, NULL);
    /* two in one case: the second may not have the first one's keys */
    play_ok(admit(f, c, "ny", NULL));
    play_refused(f, admit(f, c, "ny", NULL), SB_E_LEDGER_MEMBERSHIP_MEMBER, NULL);
    m = admitting(f, c, "nyere", "kommune");
    m->organisation->keys->curve_pk = pk_of(f, "ny/curve");
    play_refused(f, play_action(f, m, SEC, NULL), SB_E_LEDGER_KEY_TWICE, NULL);
    play_ok(admit(f, c, "nyere", NULL));
    /* by a vote */
    play_next_meeting(f, "pm", 20220120, c, &meeting);
    play_refused(f, play_ask(f, meeting, c, CONSENSUS, SEC, &q), SB_E_LEDGER_AMEND_MODE, NULL);
    fed_free(f);
    f = start(NULL);
    c = report(f, "pm");
    play_refused(f, admit(f, c, "ny", NULL), SB_E_LEDGER_MEMBERSHIP_NONE, NULL);
    fed_free(f);
}

/* ---- one at a time ---- */

static void test_one_at_a_time(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    strcpy(f->witness[4], "ny/witness");
    play_id c = report(f, "pm"), d = report(f, "pm"), a, b, meeting, q, r;
    play_ok(admit(f, c, "ny", &a));
    play_ok(more_than(f, d, 3, 4, &b));
    /* two questions at once: the one that is adopted second finds the place taken */
    play_next_meeting(f, "pm", 20220120, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_id meeting_d;
    play_next_meeting(f, "pm", 20220121, d, &meeting_d);
    play_ok(play_ask(f, meeting_d, d, VOTE, SEC, &r));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, r, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    play_ok(play_end(f, r, SEC));
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_ADOPTED);
    assert_int_equal(play_action_row(f, b).status, SB_ACTION_DROPPED);
    assert_non_null(strstr(play_query(f, "actions", NULL), "SB_E_LEDGER_MEMBERSHIP_WAITS"));
    /* nor does another question open until it is all over */
    play_id e = report(f, "pm");
    play_ok(more_than(f, e, 3, 4, NULL));
    play_next_meeting(f, "pm", 20220122, e, &meeting);
    play_refused(f, play_ask(f, meeting, e, VOTE, SEC, &q), SB_E_LEDGER_MEMBERSHIP_WAITS, NULL);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    play_refused(f, play_ask(f, meeting, e, VOTE, SEC, &q), SB_E_LEDGER_MEMBERSHIP_WAITS, NULL);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    play_ok(play_ask(f, meeting, e, VOTE, SEC, &q));
    refolds(f);
    fed_free(f);
}

/* ---- who must be asked ---- */

static void involving(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    c->membership->involvement = c->amendment->involvement;
}

static void test_involvement(void **state)
{
    (void)state;
    fed *f = start(involving);
    static const char *const both[] = {"tromso", "karlsoy"};
    play_id c = report(f, "pm"), a, meeting, q, condition;
    play_ok(admit(f, c, "ny", &a));
    play_next_meeting(f, "pm", 20220120, c, &meeting);
    play_refused(f, play_ask(f, meeting, c, VOTE, SEC, &q), SB_E_LEDGER_AMEND_INVOLVE, "§ 7");
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 2, both, SEC, &condition));
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    /* adopted, and it doesn't wait for a SEAL before everybody has answered */
    assert_int_equal(now(f).pend, 0);
    assert_int_equal(seal_by(f, "012"), SB_OK);
    play_ok(play_answer(f, condition, "tromso", CONDITION_MET, "brev 1", SEC));
    assert_int_equal(now(f).pend, 0);
    play_ok(play_answer(f, condition, "karlsoy", CONDITION_MET, "brev 2", SEC));
    assert_int_equal(now(f).pend_at, f->leaf_count - 1);
    strcpy(f->witness[4], "ny/witness");
    assert_int_equal(seal_by(f, "012"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    fed_free(f);
}

/* ---- taken back ---- */

static int by_pk(const void *a, const void *b)
{
    const Sb__Statement *x = *(Sb__Statement *const *)a, *y = *(Sb__Statement *const *)b;
    return memcmp(x->pk.data, y->pk.data, 32);
}

static Sb__MembershipWithdraw *withdrawing(fed *f, play_id action, size_t count,
                                           const char *const *keys)
{
    Sb__MembershipWithdraw *m = SB_ARENA_NEW(&f->arena, Sb__MembershipWithdraw);
    *m = (Sb__MembershipWithdraw)SB__MEMBERSHIP_WITHDRAW__INIT;
    m->action_id = action;
    m->statements = SB_ARENA_ARRAY(&f->arena, Sb__Statement *, count);
    for (size_t i = 0; i < count; i++) {
        Sb__Statement *one = SB_ARENA_NEW(&f->arena, Sb__Statement);
        *one = (Sb__Statement)SB__STATEMENT__INIT;
        uint8_t *sig = sb_arena_alloc(&f->arena, 64);
        assert_int_equal(sb_withdraw_sign(f->federation_id, action.data,
                                          fed_key_of(f, keys[i])->secret, sig, NULL),
                         SB_OK);
        one->pk = pk_of(f, keys[i]);
        one->signature = (play_id){64, sig};
        m->statements[m->n_statements++] = one;
    }
    qsort(m->statements, count, sizeof m->statements[0], by_pk);
    return m;
}

static sb_err withdraw(fed *f, const Sb__MembershipWithdraw *m)
{
    return fed_submit(f, SB_ENTRY_MEMBERSHIP_WITHDRAW, &m->base, SEC);
}

static const char *const three[] = {"unn/authority", "lege/authority", "bruker/authority"};

static void test_withdrawn(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    strcpy(f->witness[4], "ny/witness");
    play_id c = report(f, "pm"), a, b;
    play_ok(admit(f, c, "ny", &a));
    play_ok(more_than(f, c, 3, 4, &b));
    Sb__MembershipWithdraw *m = withdrawing(f, a, 3, three);
    play_refused(f, withdraw(f, m), SB_E_LEDGER_MEMBERSHIP_NOT_WAITING, NULL); /* only proposed */
    decide(f, c, 20);
    fed_state(f);
    uint64_t x = f->leaf_count;

    play_refused(f, withdraw(f, withdrawing(f, a, 2, three)), SB_E_LEDGER_WITHDRAW_QUORUM, "3");
    static const char *const wrong[] = {"unn/authority", "lege/authority", "bruker/witness"};
    play_refused(f, withdraw(f, withdrawing(f, a, 3, wrong)), SB_E_LEDGER_STATEMENT_KEY, NULL);
    static const char *const newer[] = {"unn/authority", "lege/authority", "ny/authority"};
    play_refused(f, withdraw(f, withdrawing(f, a, 3, newer)), SB_E_LEDGER_STATEMENT_KEY, NULL);
    m->statements[1]->signature.data[3] ^= 1;
    play_refused(f, withdraw(f, m), SB_E_LEDGER_STATEMENT, NULL);
    m->statements[1]->signature.data[3] ^= 1;
    m->action_id = b; /* signed for the other one */
    play_refused(f, withdraw(f, m), SB_E_LEDGER_STATEMENT, NULL);
    m->action_id = c;
    play_refused(f, withdraw(f, m), SB_E_LEDGER_ACTION_UNKNOWN, NULL);
    m->action_id = a;
    Sb__Statement *first = m->statements[0];
    m->statements[0] = m->statements[1];
    m->statements[1] = first;
    play_refused(f, withdraw(f, m), SB_E_LEDGER_STATEMENT_ORDER, NULL);
    m->statements[0] = m->statements[1] = first;
    play_refused(f, withdraw(f, m), SB_E_LEDGER_STATEMENT_ORDER, NULL);

    /* at its index; the whole change of the case */
    m = withdrawing(f, b, 3, three);
    play_ok(withdraw(f, m));
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_DROPPED);
    assert_int_equal(play_action_row(f, b).status, SB_ACTION_DROPPED);
    assert_non_null(strstr(play_query(f, "actions", NULL), "SB_E_LEDGER_MEMBERSHIP_WITHDRAWN"));
    assert_int_equal(now(f).pend, 0);
    sb_ledger_org org;
    assert_false(sb_ledger_waiting_org(f->ledger, 0, &org));
    assert_false(sb_ledger_witness(f->ledger, fed_key_of(f, "ny/witness")->pk, &org));
    play_refused(f, withdraw(f, m), SB_E_LEDGER_MEMBERSHIP_NOT_WAITING, NULL);
    /* the head before it needs what it needed; a newer one doesn't */
    assert_false(sealable(f, x, "012"));
    assert_true(sealable(f, x, "01234"));
    assert_int_equal(seal_by(f, "012"), SB_OK);
    assert_int_equal(play_version(f), 1);
    /* the same card again, later */
    play_id d = report(f, "pm");
    play_ok(admit(f, d, "ny", &a));
    decide(f, d, 25);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    m = withdrawing(f, a, 3, three);
    play_refused(f, withdraw(f, m), SB_E_LEDGER_MEMBERSHIP_NOT_WAITING, NULL);
    refolds(f);
    fed_free(f);
}

/* A SEAL of the head before the withdrawal, that comes after it: it needs old and new, and changes
 * nothing any more. */
static void test_withdrawn_before_the_seal(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    strcpy(f->witness[4], "ny/witness");
    play_id c = report(f, "pm"), a;
    play_ok(admit(f, c, "ny", &a));
    decide(f, c, 20);
    fed_state(f);
    static const uint32_t enough[] = {0, 1, 2, 4}, old[] = {0, 1, 2};
    Sb__Seal *seal = fed_seal_message(f, enough, 4), *few = fed_seal_message(f, old, 3);
    play_ok(withdraw(f, withdrawing(f, a, 3, three)));
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &few->base), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &seal->base), SB_OK);
    assert_int_equal(now(f).next, 0);
    assert_int_equal(now(f).pend, 0);
    assert_int_equal(sb_ledger_org_count(f->ledger), 4);
    fed_free(f);
}

/* ---- taken out ---- */

static void test_taken_out(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "pm"), a;
    play_refused(f, take_out(f, c, "unn", NULL), SB_E_LEDGER_MEMBERSHIP_OFFICE, "secretariat");
    play_refused(f, take_out(f, c, "ukjent", NULL), SB_E_LEDGER_MEMBERSHIP_UNKNOWN, NULL);
    play_ok(take_out(f, c, "bruker", &a));
    play_refused(f, take_out(f, c, "bruker", NULL), SB_E_LEDGER_MEMBERSHIP_UNKNOWN, NULL);
    decide(f, c, 20);
    assert_int_equal(seal_by(f, "013"), SB_E_LEDGER_SEAL_QUORUM); /* two of the three that stay */
    assert_int_equal(seal_by(f, "012"), SB_OK);
    assert_true(sb_ledger_charter(f->ledger)->organisations[3]->withdrawn);
    fed_state(f);
    assert_true(certified(f, f->leaf_count, "012"));
    assert_false(certified(f, f->leaf_count, "013"));
    /* its keys are in force until the new policy holds alone */
    play_ok(fed_appoint_seat(f, "unn-1", PRIMARY, "unn-1/primary"));
    assert_int_equal(seal_by(f, "0123"), SB_OK);
    sb_row_key key;
    static const char *const uses[] = {"bruker/authority", "bruker/witness", "bruker/recovery"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(sb_key_find(sb_ledger_kv(f->ledger), fed_key_of(f, uses[i])->pk, &key));
        assert_int_equal(key.status, SB_KEY_REVOKED);
    }
    something(f);
    assert_int_equal(seal_by(f, "0123"), SB_E_LEDGER_COSIGNATURE_KEY);
    assert_int_equal(seal_by(f, "012"), SB_OK);
    /* its seat goes on; the secretariat now enters who sits there */
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = text("bruker-1");
    place.role = PRIMARY;
    Sb__Appoint m = SB__APPOINT__INIT;
    m.place_case = SB__APPOINT__PLACE_SEAT;
    m.seat = &place;
    m.name = fed_blob(f, "ny");
    m.device_pk = pk_of(f, "bruker-1/ny");
    m.from_date = 20220101;
    play_refused(f, fed_submit(f, SB_ENTRY_APPOINT, &m.base, "bruker/authority"),
                 SB_E_LEDGER_KEY_OUT_OF_FORCE, NULL);
    play_ok(fed_submit(f, SB_ENTRY_APPOINT, &m.base, SEC));
    /* it may come back, with new keys, in its old place */
    play_id d = report(f, "pm"), b;
    play_refused(f, admit(f, d, "bruker", NULL), SB_E_LEDGER_KEY_TWICE, NULL);
    Sb__ActionPropose *back = admitting(f, d, "bruker", "bruker");
    back->organisation->keys->authority_pk = pk_of(f, "b2/authority");
    back->organisation->keys->witness_pk = pk_of(f, "b2/witness");
    back->organisation->keys->recovery_pk = pk_of(f, "b2/recovery");
    play_ok(play_action(f, back, SEC, &b));
    decide(f, d, 25);
    strcpy(f->witness[3], "b2/witness");
    assert_int_equal(seal_by(f, "0123"), SB_OK);
    assert_int_equal(play_action_row(f, b).status, SB_ACTION_IN_FORCE);
    assert_int_equal(sb_ledger_org_count(f->ledger), 4);
    assert_false(sb_ledger_charter(f->ledger)->organisations[3]->withdrawn);
    refolds(f);
    fed_free(f);
}

/* ---- who confirms, standbys ---- */

static Sb__WitnessGroup *group(fed *f, const char *name, uint32_t threshold, const char *a,
                               const char *b, const char *c)
{
    Sb__WitnessGroup *g = SB_ARENA_NEW(&f->arena, Sb__WitnessGroup);
    *g = (Sb__WitnessGroup)SB__WITNESS_GROUP__INIT;
    g->name = text(name);
    g->threshold = threshold;
    g->members = SB_ARENA_ARRAY(&f->arena, char *, 3);
    g->members[g->n_members++] = text(a);
    g->members[g->n_members++] = text(b);
    if (c != NULL)
        g->members[g->n_members++] = text(c);
    return g;
}

static sb_err grouped(fed *f, play_id c, uint32_t silence_s, const char *standby_key, play_id *out)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing w = SB__ACTION_WITNESSING__INIT;
    Sb__WitnessPolicy policy = SB__WITNESS_POLICY__INIT;
    Sb__WitnessGroup *groups[] = {group(f, "en", 1, "lege", "bruker", NULL),
                                  group(f, "alle", 3, "unn", "kommune-a", "en")};
    Sb__Standby standby = SB__STANDBY__INIT, *standbys[] = {&standby};
    standby.id = text("reserve");
    standby.address = text("tcp://127.0.0.1:7000");
    standby.curve_pk = pk_of(f, "reserve/curve");
    policy.groups = groups;
    policy.n_groups = 2;
    w.policy = &policy;
    w.silence_s = silence_s;
    if (standby_key != NULL) {
        standby.log_pk = pk_of(f, standby_key);
        w.standbys = standbys;
        w.n_standbys = 1;
    }
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    m.witnessing = &w;
    return play_action(f, &m, SEC, out);
}

/* The standby took over; the list still names it, and words say what to do. */
static void test_standby_that_orders(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "pm");
    play_ok(grouped(f, c, 3600, "reserve/log", NULL));
    fed_seal(f);
    fed_take_over(f, 2, "reserve/log");
    play_id d = report(f, "pm");
    play_refused(f, grouped(f, d, 3600, "reserve/log", NULL), SB_E_LEDGER_STANDBY_ORDERS,
                 "reserve");
    play_refused(f, grouped(f, d, 3600, "log", NULL), SB_E_LEDGER_STANDBY_ORDERS, "reserve");
    play_refused(f, grouped(f, d, 3600, "lege/witness", NULL), SB_E_LEDGER_KEY_TWICE, NULL);
    play_ok(grouped(f, d, 0, NULL, NULL));
    fed_free(f);
}

static void test_witnessing(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "pm"), a;
    play_refused(f, more_than(f, c, 2, 3, NULL), SB_E_LEDGER_AMEND_SAME, NULL);
    play_refused(f, more_than(f, c, 3, 3, NULL), SB_E_LEDGER_CHARTER_POLICY, NULL);
    play_refused(f, grouped(f, c, 60, NULL, NULL), SB_E_LEDGER_CHARTER_SILENCE, NULL);
    play_refused(f, grouped(f, c, 0, "reserve/log", NULL), SB_E_LEDGER_CHARTER_SILENCE, NULL);
    play_refused(f, grouped(f, c, 60, "lege/witness", NULL), SB_E_LEDGER_KEY_TWICE, NULL);
    play_ok(grouped(f, c, 60, "reserve/log", &a));
    play_id q = decide(f, c, 20);
    assert_non_null(strstr(play_certificate(f, q), "\"silence_s\":60"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB), "reservemeglere: reserve"));
    assert_int_equal(seal_by(f, "023"), SB_E_LEDGER_SEAL_QUORUM); /* the old, not the new */
    assert_int_equal(seal_by(f, "01"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "013"), SB_OK);
    assert_int_equal(sb_ledger_charter(f->ledger)->n_standbys, 1);
    assert_int_equal(sb_ledger_charter(f->ledger)->policy->n_groups, 2);
    fed_state(f);
    sb_arena arena;
    sb_policies hold;
    sb_arena_init(&arena);
    sb_policies_hold(sb_ledger_kv(f->ledger), &arena, f->leaf_count, &hold);
    assert_int_equal(hold.count, 2);
    assert_int_equal(hold.of[0].version, 1);
    assert_int_equal(hold.of[1].version, 2);
    assert_int_equal(seal_by(f, "013"), SB_OK);
    fed_state(f);
    sb_policies_hold(sb_ledger_kv(f->ledger), &arena, f->leaf_count, &hold);
    assert_int_equal(hold.count, 1);
    assert_int_equal(hold.of[0].version, 2);
    sb_arena_deinit(&arena);
    /* who is to come in, and to count: in one case */
    play_id d = report(f, "pm");
    play_refused(f, take_out(f, d, "lege", NULL), SB_E_LEDGER_CHARTER_GROUP, NULL);
    play_ok(admit(f, d, "ny", NULL)); /* in no group: it confirms, and doesn't count */
    decide(f, d, 25);
    assert_int_equal(seal_by(f, "013"), SB_OK);
    assert_int_equal(seal_by(f, "013"), SB_OK);
    refolds(f);
    fed_free(f);
}

static void grouped_charter(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    Sb__WitnessGroup *g = SB_ARENA_NEW(a, Sb__WitnessGroup);
    *g = (Sb__WitnessGroup)SB__WITNESS_GROUP__INIT;
    g->name = text("alle");
    g->threshold = 3;
    g->members = SB_ARENA_ARRAY(a, char *, 4);
    for (size_t i = 0; i < 4; i++)
        g->members[g->n_members++] = c->organisations[i]->id;
    c->policy->more_than_num = c->policy->more_than_den = 0;
    c->policy->groups = SB_ARENA_ARRAY(a, Sb__WitnessGroup *, 1);
    c->policy->groups[c->policy->n_groups++] = g;
}

/* What differs is told, also where policies have groups. */
static void test_difference_of_groups(void **state)
{
    (void)state;
    fed *f = start(grouped_charter);
    Sb__Charter *words = play_charter_copy(f);
    play_id s = report(f, "ssu"), draft;
    words->name = text("Nytt navn");
    play_ok(play_draft_charter(f, words, SEC, &draft));
    play_ok(play_change(f, s, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    const char *answer = play_query(f, "actions", NULL);
    assert_non_null(strstr(answer, "Nytt navn"));
    assert_null(strstr(answer, "policy.groups"));
    words->policy->groups[0]->members[0] = text("annen");
    sb_buf out;
    sb_json j;
    sb_buf_init(&out);
    sb_json_begin(&j, &out);
    sb_json_object(&j);
    sb_charter_difference_json(&j, "changes", sb_ledger_charter(f->ledger), words);
    sb_json_end_object(&j);
    assert_non_null(strstr(sb_buf_cstr(&out), "\"now\":\"annen, kommune-a, lege, bruker\""));
    sb_buf_deinit(&out);
    fed_free(f);
}

/* A later draft that doesn't know of it doesn't undo it. */
static void test_carried_over(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    strcpy(f->witness[4], "ny/witness");
    Sb__Charter *words = play_charter_copy(f);
    play_id c = report(f, "pm"), draft, s = report(f, "ssu"), meeting, q, condition, a;
    static const char *const both[] = {"tromso", "karlsoy"};
    play_ok(admit(f, c, "ny", NULL));
    play_ok(more_than(f, c, 3, 4, NULL));
    decide(f, c, 20);
    assert_int_equal(seal_by(f, "01234"), SB_OK);
    assert_int_equal(seal_by(f, "01234"), SB_OK);
    words->name = text("Nytt navn");
    play_ok(play_draft_charter(f, words, SEC, &draft));
    play_ok(play_change(f, s, draft, SB__OVERLAP__OVERLAP_NONE, SEC, &a));
    play_ok(play_condition(f, s, BEFORE_EFFECT, 0, false, 2, both, SEC, &condition));
    play_next_meeting(f, "ssu", 20220210, s, &meeting);
    play_ok(play_discuss(f, meeting, s, SEC));
    play_ok(play_close(f, meeting, SEC));
    play_next_meeting(f, "ssu", 20220310, s, &meeting);
    play_ok(play_ask(f, meeting, s, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    play_ok(play_answer(f, condition, "tromso", CONDITION_MET, "brev 1", SEC));
    play_ok(play_answer(f, condition, "karlsoy", CONDITION_MET, "brev 2", SEC));
    assert_int_equal(seal_by(f, "01234"), SB_OK);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    const Sb__Charter *now_in_force = sb_ledger_charter(f->ledger);
    assert_string_equal(now_in_force->name, "Nytt navn");
    assert_int_equal(now_in_force->n_organisations, 5);
    assert_int_equal(now_in_force->policy->more_than_den, 4);
    /* but it can't change any of it */
    words = play_charter_copy(f);
    words->policy->more_than_den = 5;
    assert_int_equal(play_draft_charter(f, words, SEC, &draft), SB_E_LEDGER_SUCCEED_FIXED);
    words = play_charter_copy(f);
    words->organisations[3]->withdrawn = true;
    assert_int_equal(play_draft_charter(f, words, SEC, &draft), SB_E_LEDGER_AMEND_SAME);
    fed_free(f);
}

/* ---- over a HANDOVER ---- */

/* It waits when the broker is lost. The sealed head is without it: the old policy judges, and the
 * change goes on waiting in what is kept. */
static void test_handover_while_it_waits(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    strcpy(f->witness[4], "ny/witness");
    play_id c = report(f, "pm"), a;
    play_ok(admit(f, c, "ny", &a));
    fed_seal(f);
    decide(f, c, 20);
    fed_state(f);
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"), SB_OK);
    assert_int_not_equal(now(f).pend, 0);
    fed_state(f);
    assert_int_equal(seal_by(f, "012"), SB_E_LEDGER_SEAL_QUORUM);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    refolds(f);
    fed_free(f);
}

/* The sealed head holds the change, its SEAL leaf is lost: the HANDOVER is that SEAL, and is judged
 * by both policies. */
static void test_handover_seals_it(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    strcpy(f->witness[4], "ny/witness");
    play_id c = report(f, "pm"), a;
    play_ok(admit(f, c, "ny", &a));
    decide(f, c, 20);
    fed_state(f);
    static const uint32_t sealers[] = {0, 1, 2, 4};
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    h.sealed = fed_head_now(f);
    h.seal = fed_seal_message(f, sealers, 4);
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"),
                     SB_E_LEDGER_HANDOVER_QUORUM);
    fed_promise_of(f, &h, 4); /* not a member yet in the head; it is by the policy after it */
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"), SB_OK);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    assert_int_equal(now(f).start, f->leaf_count - 1);
    assert_int_equal(sb_ledger_org_count(f->ledger), 5);
    assert_int_equal(sb_ledger_term(f->ledger), 2);
    fed_state(f);
    assert_int_equal(seal_by(f, "0124"), SB_OK);
    assert_int_equal(now(f).next, 0);
    refolds(f);
    fed_free(f);
}

/* A second SEAL made the new policy hold alone; then it alone judges. */
static void test_handover_after_it(void **state)
{
    (void)state;
    fed *f = start(play_amendable);
    play_id c = report(f, "pm"), a;
    play_ok(take_out(f, c, "bruker", &a));
    decide(f, c, 20);
    assert_int_equal(seal_by(f, "012"), SB_OK);
    fed_state(f);
    assert_int_equal(seal_by(f, "012"), SB_OK);
    fed_state(f);
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    fed_promise_of(f, &h, 0);
    fed_promise_of(f, &h, 1);
    fed_promise_of(f, &h, 3); /* bruker's key is that of a head before it went; it doesn't count */
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"),
                     SB_E_LEDGER_HANDOVER_QUORUM);
    h = fed_handover_begin(f, 2, "log-2");
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"), SB_OK);
    refolds(f);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_admitted),          cmocka_unit_test(test_admit_refused),
        cmocka_unit_test(test_one_at_a_time),     cmocka_unit_test(test_involvement),
        cmocka_unit_test(test_withdrawn),         cmocka_unit_test(test_withdrawn_before_the_seal),
        cmocka_unit_test(test_taken_out),         cmocka_unit_test(test_standby_that_orders),
        cmocka_unit_test(test_witnessing),        cmocka_unit_test(test_difference_of_groups),
        cmocka_unit_test(test_carried_over),      cmocka_unit_test(test_handover_while_it_waits),
        cmocka_unit_test(test_handover_seals_it), cmocka_unit_test(test_handover_after_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
