/* A body created, mandated, filled and dissolved; appointments and keys by decision; what each
 * action is refused for; conditions before the effect; what can no longer be done is dropped. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

#define NO_OVERLAP SB__OVERLAP__OVERLAP_NONE

static const char *const clause[] = {"Organet opprettes."};

static fed *begin_with(void (*edit)(Sb__Charter *, sb_arena *, void *))
{
    fed *f = fed_new(&(fed_options){.edit = edit});
    fed_run(f);
    fed_at(f, 20211220, 12, 0);
    return f;
}

static fed *begin(void)
{
    return begin_with(play_amendable);
}

static play_id report(fed *f, const char *body)
{
    play_id c;
    play_ok(play_report(f, body, "Et organ", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    return c;
}

/* The case in a meeting of the SSU that day, decided by consensus; the meeting closes. */
static play_id adopt(fed *f, play_id c, uint32_t date)
{
    play_id meeting, q;
    play_next_meeting(f, "ssu", date, c, &meeting);
    play_ok(play_ask(f, meeting, c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    play_ok(play_close(f, meeting, SEC));
    return q;
}

static uint8_t status_of(fed *f, play_id action)
{
    return play_action_row(f, action).status;
}

static void assert_says(const char *text, const char *words)
{
    if (text == NULL || strstr(text, words) == NULL)
        fail_msg("\"%s\" is not in: %s", words, text == NULL ? "(null)" : text);
}

/* ---- a body's life ---- */

static void test_body_life(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), create, mandate, fill, deputy, c2, meeting;
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &create));
    play_ok(play_mandate(f, c, "fsu", SEC, &mandate)); /* of the body that the case creates */
    play_ok(play_fill(f, c, "fsu-1", PRIMARY, NULL, "fsu-1/primary", 20220101, SEC, &fill));
    play_ok(play_fill(f, c, "fsu-2", DEPUTY, NULL, NULL, 20220101, SEC, &deputy));
    play_id q = adopt(f, c, 20220120);
    assert_int_equal(play_version(f), 1); /* not before the SEAL */
    assert_int_equal(status_of(f, create), SB_ACTION_ADOPTED);
    play_refused(f, play_report(f, "fsu", "For tidlig", DECISION, SEC, NULL),
                 SB_E_LEDGER_BODY_UNKNOWN, "fsu");
    assert_says(play_certificate(f, q), "\"kind\":\"body_create\"");
    assert_says(play_certificate(f, q), "\"waits_for\":\"seal\"");
    assert_says(play_certificate_text(f, q, SB_LANG_NB), "Tiltak 1: oppretter Organet fsu");
    fed_seal(f);
    assert_int_equal(play_version(f), 3);
    assert_int_equal(status_of(f, create), SB_ACTION_IN_FORCE);
    assert_int_equal(status_of(f, mandate), SB_ACTION_IN_FORCE);
    assert_int_equal(status_of(f, fill), SB_ACTION_IN_FORCE);
    assert_int_equal(status_of(f, deputy), SB_ACTION_IN_FORCE);
    const Sb__Charter *now = sb_ledger_charter(f->ledger);
    assert_int_equal(now->n_bodies, 3);
    assert_int_equal(now->bodies[2]->mandate_size, 32 + strlen("mandat"));
    assert_says(play_query(f, "bodies", NULL), "\"id\":\"fsu\"");
    assert_says(play_query(f, "charter-versions", NULL), "\"kind\":\"body_mandate\"");

    /* the body works: its member reports, it meets */
    play_ok(play_report(f, "fsu", "Vår egen sak", DECISION, "fsu-1/primary", &c2));
    play_ok(play_call(f, "fsu", 20220215, SEC, 1, &c2, &meeting));

    /* and is dissolved */
    play_id c3 = report(f, "ssu"), dissolve;
    play_ok(play_dissolve(f, c3, "fsu", SEC, &dissolve));
    (void)adopt(f, c3, 20220210);
    fed_seal(f);
    assert_int_equal(status_of(f, dissolve), SB_ACTION_IN_FORCE);
    assert_int_equal(play_version(f), 4);
    assert_says(play_query(f, "bodies", NULL), "\"dissolved\":true");
    assert_says(play_query(f, "bodies", NULL), "\"dissolved\":true,\"created_by\":{\"id\":");
    assert_null(strstr(play_query(f, "bodies", NULL), "\"dissolved\":true,\"created_by\":null"));
    assert_says(play_query(f, "bodies", NULL), "\"dissolved_by\":{\"id\":");
    play_refused(f, play_report(f, "fsu", "For sent", DECISION, SEC, NULL),
                 SB_E_LEDGER_BODY_DISSOLVED, "oppløst");
    play_refused(f, play_report(f, "ssu", "Av en som var", DECISION, "fsu-1/primary", NULL),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_call(f, "fsu", 20220216, SEC, 1, &c2, NULL), SB_E_LEDGER_BODY_DISSOLVED,
                 NULL);
    play_refused(f, play_open(f, meeting, SEC), SB_E_LEDGER_BODY_DISSOLVED, NULL);
    play_refused(f, fed_appoint_seat(f, "fsu-1", DEPUTY, "en-til"), SB_E_LEDGER_BODY_DISSOLVED,
                 NULL);
    assert_non_null(play_query(f, "cases", "fsu")); /* what was stays readable */
    fed_free(f);
}

/* A question that is open in a body that is dissolved meanwhile is still decided. */
static void test_dissolved_with_open_question(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), c2, meeting, q, dissolve;
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, NULL));
    play_ok(play_fill(f, c, "fsu-1", PRIMARY, NULL, "fsu-1/primary", 20220101, SEC, NULL));
    (void)adopt(f, c, 20220120);
    fed_seal(f);
    play_ok(play_report(f, "fsu", "Vår egen sak", DECISION, "fsu-1/primary", &c2));
    play_ok(play_propose(f, c2, SEC, 1, clause));
    play_ok(play_call(f, "fsu", 20220207, SEC, 1, &c2, &meeting));
    fed_at(f, 20220207, 9, 0);
    play_ok(play_open(f, meeting, SEC));
    play_ok(play_chair(f, meeting, NULL, "fsu-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    play_ok(play_here(f, meeting, "fsu-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, meeting, c2, VOTE, SEC, &q));
    play_id c3 = report(f, "ssu");
    play_ok(play_dissolve(f, c3, "fsu", SEC, &dissolve));
    (void)adopt(f, c3, 20220210);
    fed_seal(f);
    assert_int_equal(status_of(f, dissolve), SB_ACTION_IN_FORCE);
    play_ok(play_vote(f, q, "fsu-1", FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    play_refused(f, play_ask(f, meeting, c2, VOTE, SEC, NULL), SB_E_LEDGER_CASE_DECIDED, NULL);
    play_ok(play_close(f, meeting, SEC));
    fed_free(f);
}

/* ---- refusals of ACTION_PROPOSE and ACTION_STRIKE ---- */

static void test_who_and_when(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), a, meeting, q, info, own;
    Sb__Body *fsu = play_new_body(f, "fsu", "ssu");
    play_refused(f, play_create(f, fed_blob(f, "ingen sak")->sha256, fsu, SEC, NULL),
                 SB_E_LEDGER_CASE_UNKNOWN, NULL);
    play_refused(f, play_create(f, c, fsu, "unn-1/primary", NULL), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_report(f, "ssu", "Til orientering", INFORMATION, SEC, &info));
    play_refused(f, play_create(f, info, fsu, SEC, NULL), SB_E_LEDGER_ACTION_CASE,
                 "orienteringssak");
    play_ok(play_report(f, "ssu", "Valg", ELECTION, SEC, &info));
    play_refused(f, play_create(f, info, fsu, SEC, NULL), SB_E_LEDGER_ACTION_CASE, "valgsak");

    /* who reported it may, until the meeting is open; the wording's hash moves */
    play_ok(play_report(f, "ssu", "Egen", DECISION, "unn-1/primary", &own));
    play_ok(play_propose(f, own, SEC, 1, clause));
    sb_row_case before = play_case(f, own);
    play_ok(play_create(f, own, fsu, "unn-1/primary", &a));
    assert_memory_not_equal(before.wording, play_case(f, own).wording, 32);
    play_refused(f, play_strike(f, a, "unn-2/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_strike(f, c, SEC), SB_E_LEDGER_ACTION_UNKNOWN, NULL);
    play_ok(play_strike(f, a, "unn-1/primary"));
    assert_memory_equal(before.wording, play_case(f, own).wording, 32);
    play_refused(f, play_strike(f, a, SEC), SB_E_LEDGER_ACTION_DONE, NULL);
    play_next_meeting(f, "ssu", 20220120, own, &meeting);
    play_refused(f, play_create(f, own, fsu, "unn-1/primary", NULL), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_create(f, own, fsu, "kommune-1/primary", &a)); /* the chair */
    assert_int_equal(play_action_row(f, a).number, 2);
    play_ok(play_ask(f, meeting, own, CONSENSUS, SEC, &q));
    play_refused(f, play_mandate(f, own, "fsu", SEC, NULL), SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    play_refused(f, play_strike(f, a, SEC), SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_mandate(f, own, "fsu", SEC, NULL), SB_E_LEDGER_CASE_DECIDED, NULL);
    play_refused(f, play_strike(f, a, SEC), SB_E_LEDGER_CASE_DECIDED, NULL);
    play_ok(play_close(f, meeting, SEC));
    play_refused(f, play_strike(f, a, SEC), SB_E_LEDGER_CASE_DECIDED, NULL);
    play_ok(play_withdraw(f, c, SEC));
    play_refused(f, play_create(f, c, fsu, SEC, NULL), SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    fed_free(f);
}

static void test_bodies_refused(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), p = report(f, "pm"), a;
    play_refused(f, play_create(f, p, play_new_body(f, "x", "pm"), SEC, NULL),
                 SB_E_LEDGER_BODY_MAY_NOT, "PM");
    play_refused(f, play_create(f, c, play_new_body(f, "x", "pm"), SEC, NULL),
                 SB_E_LEDGER_BODY_PARENT, "SSU");
    play_refused(f, play_create(f, c, play_new_body(f, "x", ""), SEC, NULL),
                 SB_E_LEDGER_BODY_PARENT, "SSU");
    Sb__Body *b = play_new_body(f, "x", "ssu");
    b->dissolved = true;
    play_refused(f, play_create(f, c, b, SEC, NULL), SB_E_LEDGER_BODY_NEW, "x");
    b = play_new_body(f, "x", "ssu");
    b->mandate_sha256 = fed_blob(f, "m")->sha256;
    b->mandate_size = 33;
    play_refused(f, play_create(f, c, b, SEC, NULL), SB_E_LEDGER_BODY_NEW, "x");
    play_refused(f, play_create(f, c, play_new_body(f, "pm", "ssu"), SEC, NULL),
                 SB_E_LEDGER_CHARTER_ID, "pm");
    b = play_new_body(f, "x", "ssu");
    b->seats[0]->id = (char *)(uintptr_t) "unn-1"; /* a seat of the SSU */
    play_refused(f, play_create(f, c, b, SEC, NULL), SB_E_LEDGER_CHARTER_ID, "unn-1");
    b = play_new_body(f, "x", "ssu");
    b->seats[0]->partner = (char *)(uintptr_t) "ingen";
    play_refused(f, play_create(f, c, b, SEC, NULL), SB_E_LEDGER_CHARTER_REFERENCE, "ingen");
    b = play_new_body(f, "x", "ssu");
    b->quorum->text = (char *)(uintptr_t) "quorum present > 3/2 of seats";
    play_refused(f, play_create(f, c, b, SEC, NULL), SB_E_LEDGER_CHARTER_RULE, "x");

    play_refused(f, play_mandate(f, c, "ingen", SEC, NULL), SB_E_LEDGER_BODY_UNKNOWN, "ingen");
    play_refused(f, play_mandate(f, c, "pm", SEC, NULL), SB_E_LEDGER_BODY_NOT_BELOW, "pm");
    play_refused(f, play_mandate(f, c, "ssu", SEC, NULL), SB_E_LEDGER_BODY_NOT_BELOW, "ssu");
    play_refused(f, play_dissolve(f, p, "ssu", SEC, NULL), SB_E_LEDGER_BODY_MAY_NOT, "PM");
    play_refused(f, play_dissolve(f, c, "ssu", SEC, NULL), SB_E_LEDGER_BODY_NOT_BELOW, "ssu");

    /* later actions of a case stand on the earlier ones */
    b = play_new_body(f, "x", "ssu");
    b->may_create = true;
    play_ok(play_create(f, c, b, SEC, &a));
    play_refused(f, play_create(f, c, b, SEC, NULL), SB_E_LEDGER_CHARTER_ID, "x");
    play_ok(play_dissolve(f, c, "x", SEC, NULL));
    play_refused(f, play_mandate(f, c, "x", SEC, NULL), SB_E_LEDGER_BODY_DISSOLVED, NULL);
    play_refused(f, play_dissolve(f, c, "x", SEC, NULL), SB_E_LEDGER_BODY_DISSOLVED, NULL);

    /* a body below a body: the lower one first */
    play_id c2 = report(f, "ssu"), c3, c4;
    play_ok(play_create(f, c2, b, SEC, NULL));
    (void)adopt(f, c2, 20220120);
    fed_seal(f);
    play_ok(play_report(f, "x", "Et utvalg", DECISION, SEC, &c3));
    play_ok(play_create(f, c3, play_new_body(f, "y", "x"), SEC, NULL));
    c4 = report(f, "ssu");
    play_ok(play_dissolve(f, c4, "x", SEC, NULL)); /* so far nothing is below it */
    sb_row_case row = play_case(f, c3);
    assert_int_equal(row.clauses, 0);
    fed_free(f);
}

static void test_body_with_bodies(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), c2;
    Sb__Body *x = play_new_body(f, "x", "ssu"), *y = play_new_body(f, "y", "x");
    x->may_create = true;
    play_ok(play_create(f, c, x, SEC, NULL));
    play_ok(play_fill(f, c, "x-1", PRIMARY, NULL, "x-1/primary", 20220101, SEC, NULL));
    (void)adopt(f, c, 20220120);
    fed_seal(f);
    play_id meeting, q;
    play_ok(play_report(f, "x", "Et utvalg", DECISION, "x-1/primary", &c2));
    play_ok(play_propose(f, c2, SEC, 1, clause));
    play_ok(play_create(f, c2, y, SEC, NULL));
    play_ok(play_call(f, "x", 20220207, SEC, 1, &c2, &meeting));
    fed_at(f, 20220207, 9, 0);
    play_ok(play_open(f, meeting, SEC));
    play_ok(play_chair(f, meeting, NULL, "x-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    play_ok(play_here(f, meeting, "x-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, meeting, c2, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "x-1", FOR));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    play_id c3 = report(f, "ssu");
    play_refused(f, play_dissolve(f, c3, "x", SEC, NULL), SB_E_LEDGER_BODY_HAS_BODIES, "y");
    play_ok(play_dissolve(f, c3, "y", SEC, NULL)); /* two levels below */
    play_ok(play_dissolve(f, c3, "x", SEC, NULL));
    fed_free(f);
}

static void with_fsu(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    Sb__Body *b = SB_ARENA_NEW(a, Sb__Body);
    *b = *c->bodies[1]; /* as the pm */
    b->id = (char *)(uintptr_t) "fsu";
    b->parent = (char *)(uintptr_t) "ssu";
    b->seats = SB_ARENA_ARRAY(a, Sb__Seat *, 4);
    static const char *const ids[] = {"fsu-unn", "fsu-fri", "fsu-utenfor"};
    static const char *const appointers[] = {"unn", "", "utenfor"};
    static const char *const partners[] = {"unn", "kommune", "kommune"};
    for (size_t i = 0; i < 3; i++) {
        Sb__Seat *s = SB_ARENA_NEW(a, Sb__Seat);
        *s = *c->bodies[1]->seats[0];
        s->id = (char *)(uintptr_t)ids[i];
        s->appointer = (char *)(uintptr_t)appointers[i];
        s->partner = (char *)(uintptr_t)partners[i];
        b->seats[i] = s;
    }
    b->n_seats = 3;
    c->bodies[c->n_bodies++] = b;
    for (size_t i = 0; i < 2; i++) {
        Sb__Office *o = SB_ARENA_NEW(a, Sb__Office);
        *o = *c->offices[0];
        o->id = (char *)(uintptr_t)(i == 0 ? "fsu-leader" : "ssu-scribe");
        o->body = (char *)(uintptr_t)(i == 0 ? "fsu" : "ssu");
        c->offices[c->n_offices++] = o;
    }
}

static void test_appointments(void **state)
{
    (void)state;
    fed *f = begin_with(with_fsu);
    play_id c = report(f, "ssu"), fill, office, later;
    uint32_t from = 20211220;
#define FILL(seat, role, office_id, key)                                                           \
    play_fill(f, c, seat, role, office_id, key, from, SEC, NULL)
    play_refused(f, FILL("ingen", PRIMARY, NULL, "k"), SB_E_LEDGER_PLACE_UNKNOWN, "ingen");
    play_refused(f, FILL(NULL, PRIMARY, "ingen", "k"), SB_E_LEDGER_OFFICE_UNKNOWN, "ingen");
    play_refused(f, FILL("unn-1", PRIMARY, NULL, "k"), SB_E_LEDGER_APPOINT_NOT_BELOW, "unn-1");
    play_refused(f, FILL("pm-unn-1", PRIMARY, NULL, "k"), SB_E_LEDGER_APPOINT_NOT_BELOW, NULL);
    play_refused(f, FILL(NULL, PRIMARY, "ssu-scribe", "k"), SB_E_LEDGER_APPOINT_NOT_BELOW, NULL);
    play_refused(f, FILL(NULL, PRIMARY, "leader", "k"), SB_E_LEDGER_APPOINT_NOT_BELOW, NULL);
    play_refused(f, FILL("fsu-unn", PRIMARY, NULL, "k"), SB_E_LEDGER_APPOINT_HOST, "unn");
    play_refused(f, FILL("fsu-fri", DEPUTY, NULL, "k"), SB_E_LEDGER_NO_SUCH_DEPUTY, "fsu-fri");
    play_refused(f, FILL("fsu-fri", PRIMARY, NULL, "unn/authority"), SB_E_LEDGER_KEY_OTHER_USE,
                 NULL);
    from = 20220230;
    play_refused(f, FILL("fsu-fri", PRIMARY, NULL, "k"), SB_E_LEDGER_APPOINT_DATE, NULL);
    from = 20220101;
    Sb__Appoint a = SB__APPOINT__INIT;
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = (char *)(uintptr_t) "fsu-fri";
    place.role = PRIMARY;
    a.place_case = SB__APPOINT__PLACE_SEAT;
    a.seat = &place;
    a.name = fed_blob(f, "navn");
    a.from_date = 20220101;
    a.claim = play_claim(f, f->now_ms);
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_APPOINT;
    m.appoint = &a;
    play_refused(f, play_action(f, &m, SEC, NULL), SB_E_LEDGER_APPOINT_CLAIM, NULL);
    a.claim = NULL;
    a.until_date = 20211231;
    play_refused(f, play_action(f, &m, SEC, NULL), SB_E_LEDGER_APPOINT_TERM, NULL);
#undef FILL

    play_ok(play_fill(f, c, "fsu-fri", PRIMARY, NULL, "ny", 20220101, SEC, &fill));
    play_ok(play_fill(f, c, NULL, PRIMARY, "fsu-leader", "ny", 20220101, SEC, &office));
    play_ok(play_fill(f, c, "fsu-utenfor", PRIMARY, NULL, "senere", 20220301, SEC, &later));
    (void)adopt(f, c, 20220120);
    fed_seal(f);
    assert_int_equal(status_of(f, fill), SB_ACTION_IN_FORCE);
    assert_int_equal(status_of(f, office), SB_ACTION_IN_FORCE);
    assert_int_equal(status_of(f, later), SB_ACTION_ADOPTED); /* its date hasn't come */
    assert_says(play_query(f, "actions", NULL), "\"waits_for\":\"date\"");
    sb_row_seat seat;
    sb_row_holder holder;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_true(sb_seat_find(kv, &f->arena, "fsu-fri", &seat));
    assert_true(sb_holder_get(kv, seat.no, PRIMARY, 0, &holder));
    assert_memory_equal(holder.entry_id, fill.data, 32);
    play_ok(play_report(f, "fsu", "Fra den nye", DECISION, "ny", NULL));
    play_refused(f, play_report(f, "fsu", "For tidlig", DECISION, "senere", NULL),
                 SB_E_LEDGER_KEY_UNKNOWN, NULL);
    fed_at(f, 20220301, 9, 0);
    play_ok(play_report(f, "fsu", "Mer", DECISION, "ny", NULL));
    fed_seal(f);
    assert_int_equal(status_of(f, later), SB_ACTION_IN_FORCE);
    play_ok(play_report(f, "fsu", "Nå", DECISION, "senere", NULL));
    fed_free(f);
}

/* A charter in which the leader is elected: no appointment then. */
static void with_elected(Sb__Charter *c, sb_arena *a, void *arg)
{
    with_fsu(c, a, arg);
    Sb__Election *e = SB_ARENA_NEW(a, Sb__Election);
    *e = (Sb__Election)SB__ELECTION__INIT;
    e->elect = SB_ARENA_NEW(a, Sb__Rule);
    *e->elect = (Sb__Rule)SB__RULE__INIT;
    e->rounds = 1;
    e->tie = SB__ELECTION_TIE__ELECTION_TIE_INCUMBENTS;
    c->bodies[2]->election = e;
    c->offices[3]->elected_by = (char *)(uintptr_t) "fsu";
}

static void test_elected_office(void **state)
{
    (void)state;
    fed *f = begin_with(with_elected);
    play_id c = report(f, "ssu");
    play_refused(f, play_fill(f, c, NULL, PRIMARY, "fsu-leader", "k", 20220101, SEC, NULL),
                 SB_E_LEDGER_APPOINT_ELECTED, "fsu-leader");
    fed_free(f);
}

static void test_keys(void **state)
{
    (void)state;
    fed *f = begin_with(with_fsu);
    play_id c = report(f, "ssu"), p = report(f, "pm"), a;
    play_refused(f, play_new_key(f, c, "ukjent", "n", SEC, NULL), SB_E_LEDGER_KEY_UNKNOWN, NULL);
    play_refused(f, play_new_key(f, c, "unn-1/primary", "unn-2/primary", SEC, NULL),
                 SB_E_LEDGER_KEY_TWICE, NULL);
    play_refused(f, play_new_key(f, c, "unn/recovery", "n", SEC, NULL), SB_E_LEDGER_KEY_FIXED,
                 NULL);
    play_refused(f, play_new_key(f, c, "log", "n", SEC, NULL), SB_E_LEDGER_KEY_FIXED, NULL);
    /* authority and witness keys: whoever changes the membership; the ssu amends, so all devices */
    play_refused(f, play_new_key(f, c, "lege/authority", "n", SEC, NULL), SB_E_LEDGER_KEY_NOT_BELOW,
                 "SSU");
    play_refused(f, play_new_key(f, c, "lege/witness", "n", SEC, NULL), SB_E_LEDGER_KEY_NOT_BELOW,
                 NULL);
    play_ok(play_new_key(f, p, "lege/witness", "n", SEC, NULL));
    play_ok(play_new_key(f, c, "pm-unn-1/primary", "pm-unn-1/ny", SEC, NULL));
    play_ok(play_new_key(f, c, "unn-1/primary", "unn-1/ny", SEC, &a));
    (void)adopt(f, c, 20220120);
    play_ok(play_report(f, "ssu", "Gammel nøkkel", DECISION, "unn-1/primary", NULL));
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_IN_FORCE);
    play_ok(play_report(f, "ssu", "Ny nøkkel", DECISION, "unn-1/ny", NULL));
    play_refused(f, play_report(f, "ssu", "Gammel nøkkel", DECISION, "unn-1/primary", NULL),
                 SB_E_LEDGER_KEY_OUT_OF_FORCE, NULL);
    fed_free(f);
}

/* Where neither the bylaws nor the membership are its own, a body replaces keys of its own and
 * below. */
static void in_pm(Sb__Charter *c, sb_arena *a, void *arg)
{
    with_fsu(c, a, arg);
    c->amendment->body = (char *)(uintptr_t) "pm";
}

static void test_keys_of_others(void **state)
{
    (void)state;
    fed *f = begin_with(in_pm);
    play_id c = report(f, "ssu");
    play_refused(f, play_new_key(f, c, "pm-unn-1/primary", "n", SEC, NULL),
                 SB_E_LEDGER_KEY_NOT_BELOW, NULL);
    play_refused(f, play_new_key(f, c, "secretariat", "n", SEC, NULL), SB_E_LEDGER_KEY_NOT_BELOW,
                 NULL);
    play_ok(play_new_key(f, c, "lege-1/primary", "n", SEC, NULL));
    play_ok(play_new_key(f, c, "fsu-unn/primary", "m", SEC, NULL));
    fed_free(f);
}

static void test_organisation_needs_its_body(void **state)
{
    (void)state;
    fed *f = begin();
    play_id p = report(f, "ssu");
    Sb__Organisation o = SB__ORGANISATION__INIT;
    Sb__GenesisOrganisation keys = SB__GENESIS_ORGANISATION__INIT;
    Sb__ActionOrganisation a = SB__ACTION_ORGANISATION__INIT;
    o.id = o.name = keys.id = (char *)(uintptr_t) "ny";
    o.partner = (char *)(uintptr_t) "kommune";
    keys.authority_pk = (play_id){32, fed_key_of(f, "ny/a")->pk};
    keys.witness_pk = (play_id){32, fed_key_of(f, "ny/w")->pk};
    keys.recovery_pk = (play_id){32, fed_key_of(f, "ny/r")->pk};
    keys.curve_pk = (play_id){32, fed_key_of(f, "ny/c")->pk};
    a.organisation = &o;
    a.keys = &keys;
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    m.case_id = p;
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION;
    m.organisation = &a;
    play_refused(f, play_action(f, &m, SEC, NULL), SB_E_LEDGER_MEMBERSHIP_BODY, "PM");
    fed_free(f);
}

static void test_too_many(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), a;
    for (int i = 0; i < SB_ACTIONS_MAX; i++)
        play_ok(play_new_key(f, c, sb_arena_printf(&f->arena, "%s/primary", play_ssu_seats[i % 6]),
                             sb_arena_printf(&f->arena, "ny-%d", i), SEC, &a));
    play_refused(f, play_new_key(f, c, "lege-1/primary", "ny-x", SEC, NULL),
                 SB_E_LEDGER_ACTIONS_MANY, "32");
    play_ok(play_strike(f, a, SEC));
    play_ok(play_new_key(f, c, "lege-1/primary", "ny-x", SEC, NULL));
    fed_free(f);
}

/* ---- conditions, and what no longer holds ---- */

static void test_conditions_before_effect(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), a, condition, q;
    static const char *const parties[] = {"tromso", "karlsoy"};
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &a));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 2, parties, SEC, &condition));
    q = adopt(f, c, 20220120);
    assert_says(play_certificate(f, q), "\"waits_for\":\"conditions\"");
    assert_says(play_certificate_text(f, q, SB_LANG_NB), "ikke i kraft");
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_ADOPTED);
    assert_says(play_query(f, "actions", NULL), "vedtatt – ikke i kraft");
    play_ok(play_answer(f, condition, "tromso", CONDITION_MET, "sak 1/22", SEC));
    fed_seal(f);
    assert_int_equal(play_version(f), 1);
    play_ok(play_answer(f, condition, "karlsoy", CONDITION_MET, "sak 2/22", SEC));
    assert_int_equal(play_action_row(f, a).ready_index, f->leaf_count - 1);
    assert_int_equal(play_version(f), 1);
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_IN_FORCE);
    assert_int_equal(play_version(f), 2);
    fed_free(f);
}

/* Who hasn't answered in time counts as having: the TICK that settles it makes the action ready. */
static void test_condition_lapses(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), a, condition;
    static const char *const parties[] = {"tromso"};
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &a));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 20220201, true, 1, parties, SEC, &condition));
    (void)adopt(f, c, 20220120);
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_ADOPTED);
    fed_at(f, 20220202, 9, 0);
    fed_due(f);
    assert_int_not_equal(play_action_row(f, a).ready_index, 0);
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_IN_FORCE);
    fed_free(f);
}

/* Two cases create the same body: the second can't any more, and says why. */
static void test_dropped(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), c2 = report(f, "ssu"), a, b;
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &a));
    play_ok(play_create(f, c2, play_new_body(f, "fsu", "ssu"), SEC, &b));
    (void)adopt(f, c, 20220120);
    (void)adopt(f, c2, 20220127);
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_IN_FORCE);
    assert_int_equal(status_of(f, b), SB_ACTION_DROPPED);
    assert_says(play_query(f, "certificate", "02/22"), "falt bort: ");
    assert_says(play_query(f, "certificate", "01/22"), "i kraft fra 27. januar 2022");
    assert_int_equal(play_version(f), 2);
    const char *json = play_query(f, "actions", NULL);
    assert_says(json, "\"code\":\"SB_E_LEDGER_CHARTER_ID\"");
    assert_says(json, "fsu");
    fed_free(f);
}

/* A decision that fell does nothing; the actions go with the case to its next treatment. */
static void test_fallen(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), a, meeting, q;
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, &a));
    play_next_meeting(f, "ssu", 20220120, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NO_CONSENSUS);
    assert_says(play_certificate(f, q), "\"waits_for\":null");
    play_ok(play_close(f, meeting, SEC));
    fed_seal(f);
    assert_int_equal(status_of(f, a), SB_ACTION_PROPOSED);
    assert_int_equal(play_version(f), 1);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_body_life),
        cmocka_unit_test(test_dissolved_with_open_question),
        cmocka_unit_test(test_who_and_when),
        cmocka_unit_test(test_bodies_refused),
        cmocka_unit_test(test_body_with_bodies),
        cmocka_unit_test(test_appointments),
        cmocka_unit_test(test_elected_office),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_keys_of_others),
        cmocka_unit_test(test_organisation_needs_its_body),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_conditions_before_effect),
        cmocka_unit_test(test_condition_lapses),
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_fallen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
