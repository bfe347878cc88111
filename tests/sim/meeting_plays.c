/* The plays: what happens in each simulated meeting. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/meeting_inside.h"

typedef struct cases {
    play_id meeting, a, b, note, poll, election;
} cases;

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

#define MUST(call) meeting_must(k, (call), #call)

/* Taken, and written down. */
#define DO(call)                                                                                   \
    do {                                                                                           \
        MUST(call);                                                                                \
        meeting_write(k);                                                                          \
    } while (0)

/* ---- the charter ---- */

enum { ORDINARY, OBJECTED, ADMITTED, LEFT_OUT, STRICTER, REPLACED };

uint32_t meeting_organisations(uint32_t variant)
{
    switch (variant) {
    case LEFT_OUT:
        return 5;
    case STRICTER:
        return 7;
    default:
        return 4;
    }
}

static void add_standbys(Sb__Charter *c, sb_arena *a)
{
    static const char *const KEYS[] = {"log-2", "log-3"};
    fed *names = fed_new(NULL);
    c->standbys = SB_ARENA_ARRAY(a, Sb__Standby *, 2);
    for (size_t i = 0; i < 2; i++) {
        Sb__Standby *s = c->standbys[i] = SB_ARENA_NEW(a, Sb__Standby);
        *s = (Sb__Standby)SB__STANDBY__INIT;
        s->id = sb_arena_printf(a, "reserve-%zu", i + 1);
        sb_slice pk = sb_arena_copy(a, sb_slice_of(fed_key_of(names, KEYS[i])->pk, 32));
        s->log_pk = s->curve_pk = (play_id){32, (uint8_t *)(uintptr_t)pk.data};
        s->address = text("tcp://reserve.example.no:7117");
    }
    c->n_standbys = 2;
    c->silence_s = MEETING_SILENCE_S;
    fed_free(names);
}

/* SSU elects a spokesman by majority. */
static void add_election(Sb__Charter *c, sb_arena *a)
{
    Sb__Election *e = SB_ARENA_NEW(a, Sb__Election);
    *e = (Sb__Election)SB__ELECTION__INIT;
    e->elect = SB_ARENA_NEW(a, Sb__Rule);
    *e->elect = (Sb__Rule)SB__RULE__INIT;
    e->elect->text = text("pass for > 1/2 of cast");
    e->elect->cite = text("§ 6 SSU nr. 2");
    e->rounds = 1;
    e->tie = SB__ELECTION_TIE__ELECTION_TIE_NOBODY;
    e->cite = text("§ 6 SSU nr. 2");
    c->bodies[0]->election = e;
    Sb__Office *o = SB_ARENA_NEW(a, Sb__Office);
    *o = *c->offices[1];
    o->id = text("spokesman");
    o->name = text("talsperson");
    o->body = o->elected_by = text("ssu");
    o->seat = text("");
    c->offices[c->n_offices++] = o;
}

void meeting_charter(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    add_election(c, a);
    add_standbys(c, a);
    c->rehearsal = false; /* there the same cosignatures count again */
}

/* ---- founding ---- */

typedef struct place {
    const char *seat, *office;
    Sb__SeatRole role;
} place;

/* In rounds, so that no authority has two in one. */
static const place PLACES[][4] = {
    {{NULL, "secretariat", 0},
     {NULL, "leader", 0},
     {"lege-1", 0, PRIMARY},
     {"bruker-1", 0, PRIMARY}},
    {{NULL, "deputy-leader", 0},
     {"kommune-1", 0, PRIMARY},
     {"lege-1", 0, DEPUTY},
     {"bruker-1", 0, DEPUTY}},
    {{"unn-1", 0, PRIMARY}, {"kommune-1", 0, DEPUTY}},
    {{"unn-1", 0, DEPUTY}, {"kommune-2", 0, PRIMARY}},
    {{"unn-2", 0, PRIMARY}, {"kommune-2", 0, DEPUTY}},
    {{"unn-2", 0, DEPUTY}, {"pm-kommune-1", 0, PRIMARY}},
    {{"pm-unn-1", 0, PRIMARY}, {"pm-kommune-2", 0, PRIMARY}},
    {{"pm-unn-2", 0, PRIMARY}},
};

static void found(maker *k)
{
    fed *f = k->f;
    fed_genesis(f);
    fed_charter(f);
    meeting_together(k);
    fed_accept(f);
    meeting_end_together(k);
    for (size_t i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++) {
        meeting_together(k);
        for (size_t p = 0; p < 4 && (PLACES[i][p].seat != NULL || PLACES[i][p].office != NULL);
             p++) {
            const place *at = &PLACES[i][p];
            char key[64];
            snprintf(key, sizeof key, "%s/%s", at->seat,
                     at->role == PRIMARY ? "primary" : "deputy");
            DO(at->office != NULL ? fed_appoint_office(f, at->office, at->office)
                                  : fed_appoint_seat(f, at->seat, at->role, key));
        }
        meeting_end_together(k);
    }
    fed_seal(f);
    k->m->story.founding = k->m->story.count;
}

/* ---- before the meeting ---- */

static void before(maker *k, cases *c)
{
    static const char *const seats[] = {"unn-2", "kommune-2", "lege-1", "unn-1", "kommune-1"};
    static const char *const first[] = {"Vi oppretter et utvalg.", "Sekretariatet følger opp."};
    static const char *const second[] = {"Vi gjør det."};
    fed *f = k->f;
    play_id extra;
    meeting_at(k, 20211215, 9, 0);
    meeting_together(k);
    DO(play_report(f, "ssu", "Sak en", DECISION, "unn-1/primary", &c->a));
    k->twice = true;
    DO(play_report(f, "ssu", "Sak to", DECISION, "kommune-1/primary", &c->b));
    DO(play_report(f, "ssu", "Til orientering", INFORMATION, "lege-1/primary", &c->note));
    DO(play_report(f, "ssu", "Rundspørring", DECISION, "bruker-1/primary", &c->poll));
    DO(play_report(f, "ssu", "Valg", ELECTION, SEC, &c->election));
    for (size_t i = 0; i < 5; i++)
        DO(play_report(f, "ssu", "En sak til", DECISION,
                       sb_arena_printf(&f->arena, "%s/deputy", seats[i]), &extra));
    meeting_end_together(k);
    DO(play_propose(f, c->a, SEC, 2, first));
    DO(play_propose(f, c->b, SEC, 1, second));
    DO(play_propose(f, c->note, SEC, 1, second));
    DO(play_propose(f, c->poll, SEC, 1, second));
    DO(play_candidate(f, c->election, "spokesman=unn-1", SEC, &extra));
    DO(play_candidate(f, c->election, "spokesman=kommune-2", SEC, &extra));
}

/* A body that is created once lege has consented, or has let the day pass. */
static void add_action(maker *k, const cases *c)
{
    static const char *const parties[] = {"lege"};
    fed *f = k->f;
    DO(play_create(f, c->a, play_new_body(f, "fsu", "ssu"), SEC, NULL));
    DO(play_fill(f, c->a, "fsu-1", PRIMARY, NULL, "fsu-1/primary", 20220101, SEC, NULL));
    DO(play_condition(f, c->a, BEFORE_EFFECT, 20220131, true, 1, parties, SEC, &k->m->condition));
    k->m->condition_due_ms = 1643670000000; /* the end of 31.01.2022 in Oslo, UTC+1 */
}

static void convene(maker *k, cases *c)
{
    fed *f = k->f;
    play_id agenda[] = {c->a, c->b, c->note, c->poll, c->election};
    meeting_at(k, 20220105, 9, 0);
    DO(play_call(f, "ssu", 20220120, SEC, 5, agenda, &c->meeting));
    meeting_at(k, 20220107, 9, 0);
    DO(play_papers(f, c->meeting, 5, agenda, 0, SEC));
    meeting_at(k, 20220120, 9, 0);
    DO(play_open(f, c->meeting, SEC));
    DO(play_chair(f, c->meeting, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    for (size_t i = 0; i < 6; i++)
        DO(play_here(f, c->meeting, play_ssu_seats[i], i == 1 ? DEPUTY : PRIMARY, ARRIVED, NULL,
                     SEC));
}

/* ---- deciding ---- */

static sb_err vote(maker *k, play_id q, const char *seat, const char *role, Sb__Choice choice)
{
    return play_vote_as(k->f, SB_ENTRY_BALLOT, q, seat, choice, NULL,
                        sb_arena_printf(&k->f->arena, "%s/%s", seat, role));
}

/* A ballot that nobody takes here: it comes after the close. */
static void late_vote(maker *k, play_id q, play_id replaces, const char *seat, Sb__Choice choice)
{
    fed *f = k->f;
    sb_row_question row = play_question(f, q);
    Sb__Ballot m = SB__BALLOT__INIT;
    m.question_id = q;
    m.wording_sha256 = (play_id){32, row.wording};
    m.seat = text(seat);
    m.choice = choice;
    m.replaces = replaces;
    meeting_late(k, SB_ENTRY_BALLOT, &m.base, sb_arena_printf(&f->arena, "%s/primary", seat));
}

static void consensus(maker *k, const cases *c, bool objected)
{
    fed *f = k->f;
    play_id q;
    DO(play_ask(f, c->meeting, c->a, CONSENSUS, SEC, &q));
    if (objected) {
        DO(play_object(f, q, "bruker-1"));
        meeting_together(k);
        DO(vote(k, q, "unn-1", "primary", FOR));
        DO(vote(k, q, "unn-2", "deputy", FOR));
        DO(vote(k, q, "kommune-1", "primary", FOR));
        DO(vote(k, q, "kommune-2", "primary", FOR));
        DO(vote(k, q, "bruker-1", "primary", ABSTAIN));
        meeting_end_together(k);
    }
    DO(play_end(f, q, SEC));
}

/* With one who changes it, one whose ballot the secretariat records, and around the close one who
 * comes late and one who thinks again. */
static void named(maker *k, const cases *c)
{
    fed *f = k->f;
    play_id q, recorded;
    DO(play_ask(f, c->meeting, c->b, VOTE, SEC, &q));
    meeting_together(k);
    DO(vote(k, q, "unn-1", "primary", AGAINST));
    k->twice = true;
    DO(vote(k, q, "unn-2", "deputy", FOR));
    DO(vote(k, q, "kommune-1", "primary", FOR));
    DO(vote(k, q, "kommune-2", "primary", ABSTAIN));
    DO(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "bruker-1", FOR, NULL, SEC));
    meeting_end_together(k);
    recorded = play_ballot(f, q, "bruker-1");
    DO(vote(k, q, "unn-1", "primary", FOR));
    DO(play_confirm(f, q, "bruker-1", recorded, "bruker-1/primary"));
    play_id standing = play_ballot(f, q, "kommune-2");
    meeting_together(k);
    k->is_rival = true;
    DO(vote(k, q, "kommune-2", "primary", FOR));
    k->is_rival = false;
    k->after_ms = 30;
    DO(play_end(f, q, SEC));
    k->after_ms = 20;
    late_vote(k, q, (play_id){0, NULL}, "lege-1", AGAINST);
    k->after_ms = 30;
    late_vote(k, q, standing, "unn-1", AGAINST); /* names a ballot that isn't its own */
    meeting_end_together(k);
}

static void noted(maker *k, const cases *c)
{
    play_id q;
    DO(play_ask(k->f, c->meeting, c->note, NOTE, SEC, &q));
    DO(play_end(k->f, q, SEC));
}

/* Everybody at the last moment, from everywhere. */
static void polled(maker *k, const cases *c)
{
    fed *f = k->f;
    play_id q, none = {0, NULL};
    DO(play_ask(f, c->meeting, c->poll, POLL, SEC, &q));
    DO(vote(k, q, "unn-1", "primary", FOR));
    meeting_together(k);
    k->is_rival = true;
    k->twice = true;
    DO(vote(k, q, "kommune-1", "primary", FOR));
    k->after_ms = 40;
    DO(vote(k, q, "kommune-2", "primary", AGAINST));
    k->is_rival = false;
    k->after_ms = 40;
    DO(play_end(f, q, SEC));
    late_vote(k, q, none, "bruker-1", AGAINST);
    k->after_ms = 30;
    k->twice = true;
    late_vote(k, q, none, "lege-1", FOR);
    meeting_end_together(k);
}

/* lege-1 has a new key meanwhile. */
static void elected(maker *k, const cases *c)
{
    fed *f = k->f;
    play_id q;
    DO(fed_appoint_seat(f, "lege-1", PRIMARY, "lege-1/new"));
    DO(play_here(f, c->meeting, "unn-1", PRIMARY, LEFT, NULL, SEC));
    DO(play_here(f, c->meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    fed_seal(f);
    DO(play_ask(f, c->meeting, c->election, ELECT, SEC, &q));
    meeting_together(k);
    DO(play_choose_as(f, SB_ENTRY_BALLOT, q, "unn-1", SB__CHOICE__CHOICE_CANDIDATE, 2,
                      "unn-1/deputy"));
    DO(play_choose_as(f, SB_ENTRY_BALLOT, q, "unn-2", SB__CHOICE__CHOICE_CANDIDATE, 1,
                      "unn-2/deputy"));
    DO(play_choose(f, q, "kommune-1", 2));
    DO(play_choose(f, q, "bruker-1", 2));
    DO(play_choose_as(f, SB_ENTRY_BALLOT, q, "lege-1", SB__CHOICE__CHOICE_CANDIDATE, 2,
                      "lege-1/new"));
    meeting_end_together(k);
    DO(play_end(f, q, SEC));
}

/* ---- after it ---- */

/* Rivals of a deadline: taken if they come before it. */
static void request(maker *k, const char *seat, const char *key)
{
    fed *f = k->f;
    Sb__MinutesRequest m = SB__MINUTES_REQUEST__INIT;
    m.draft_id = k->m->draft;
    m.seat = text(seat);
    m.text = fed_blob(f, "Det står noe feil.");
    k->must_fit = true;
    meeting_late(k, SB_ENTRY_MINUTES_REQUEST, &m.base, key);
}

static void answer(maker *k, const char *key)
{
    Sb__ConditionFulfil m = SB__CONDITION_FULFIL__INIT;
    m.condition_id = k->m->condition;
    m.party = text("lege");
    m.answer = CONDITION_MET;
    m.decided_by = text("styret");
    m.date = 20220128;
    m.reference = text("sak 1/22");
    k->must_fit = true;
    meeting_late(k, SB_ENTRY_CONDITION_FULFIL, &m.base, key);
}

/* The ledger's next deadline is the one that was counted by hand. */
static void must_end(maker *k, uint64_t due_ms)
{
    uint64_t is_ms = 0;
    if (!sb_ledger_earliest_deadline(k->f->ledger, &is_ms) || is_ms != due_ms)
        fprintf(stderr, "meeting: %llu, not %llu\n", (unsigned long long)is_ms,
                (unsigned long long)due_ms);
    if (is_ms != due_ms)
        abort();
}

static void minutes(maker *k, const cases *c)
{
    fed *f = k->f;
    DO(play_close(f, c->meeting, SEC));
    meeting_at(k, 20220124, 9, 0);
    DO(play_draft(f, c->meeting, 0, &k->m->draft));
    /* Monday's draft: four working days after it, 25.–28., have passed on Friday at midnight */
    k->m->draft_due_ms = 1643410800000; /* the end of 28.01.2022 in Oslo, UTC+1 */
    must_end(k, k->m->draft_due_ms);
    DO(play_erase(f, "Sak to", SEC));
    /* half a second before that, and a little later */
    meeting_write(k);
    k->at_ms = k->m->draft_due_ms - 150;
    meeting_together(k);
    request(k, "unn-2", "unn-2/deputy");
    k->after_ms = 100;
    request(k, "kommune-2", "kommune-2/primary");
    k->after_ms = 60;
    request(k, "bruker-1", "bruker-1/primary");
    meeting_end_together(k);
    meeting_at(k, 20220129, 9, 0);
    fed_due(f);
    DO(play_report(f, "ssu", "Ny sak", DECISION, "kommune-1/primary", NULL));
}

static void condition(maker *k)
{
    fed *f = k->f;
    meeting_write(k);
    must_end(k, k->m->condition_due_ms);
    k->at_ms = k->m->condition_due_ms - 120;
    meeting_together(k);
    answer(k, SEC);
    k->after_ms = 130;
    answer(k, "lege/authority");
    meeting_end_together(k);
    meeting_at(k, 20220201, 9, 0);
    fed_due(f);
    DO(play_report(f, "ssu", "Enda en", DECISION, "unn-2/primary", NULL));
    fed_seal(f);
    DO(play_report(f, "fsu", "Utvalgets første", DECISION, "fsu-1/primary", NULL));
}

/* ---- who we are ---- */

static play_id pk_of(fed *f, const char *key)
{
    return (play_id){32, fed_key_of(f, key)->pk};
}

static sb_err admit(fed *f, play_id c, const char *id)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisation add = SB__ACTION_ORGANISATION__INIT;
    Sb__Organisation o = SB__ORGANISATION__INIT;
    Sb__GenesisOrganisation keys = SB__GENESIS_ORGANISATION__INIT;
    o.id = keys.id = text(id);
    o.name = text("Den nye");
    o.partner = text("kommune");
    keys.authority_pk = pk_of(f, "ny/authority");
    keys.witness_pk = pk_of(f, "ny/witness");
    keys.recovery_pk = pk_of(f, "ny/recovery");
    keys.curve_pk = pk_of(f, "ny/curve");
    add.organisation = &o;
    add.keys = &keys;
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION;
    m.organisation = &add;
    return play_action(f, &m, SEC, NULL);
}

static sb_err take_out(fed *f, play_id c, const char *id)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisationRemove remove = SB__ACTION_ORGANISATION_REMOVE__INIT;
    remove.organisation = text(id);
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE;
    m.organisation_remove = &remove;
    return play_action(f, &m, SEC, NULL);
}

static sb_err more_than(fed *f, play_id c, uint32_t num, uint32_t den)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing witnessing = SB__ACTION_WITNESSING__INIT;
    Sb__WitnessPolicy policy = SB__WITNESS_POLICY__INIT;
    policy.more_than_num = num;
    policy.more_than_den = den;
    witnessing.policy = &policy; /* and who may take over is as before: the action replaces all */
    witnessing.silence_s = f->charter->silence_s;
    witnessing.n_standbys = f->charter->n_standbys;
    witnessing.standbys = f->charter->standbys;
    m.case_id = c;
    m.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    m.witnessing = &witnessing;
    return play_action(f, &m, SEC, NULL);
}

/* pm decides on it; the SEAL of that is in the middle of what follows. */
static void membership(maker *k, uint32_t variant)
{
    static const char *const clause[] = {"Slik blir det."};
    fed *f = k->f;
    play_id c, day;
    DO(play_report(f, "pm", "Hvem vi er", DECISION, SEC, &c));
    DO(play_propose(f, c, SEC, 1, clause));
    if (variant == ADMITTED)
        DO(admit(f, c, "ny"));
    else if (variant == LEFT_OUT)
        DO(take_out(f, c, "org-5"));
    /* who orders may be a standby of the list by then: then this is refused, and isn't decided */
    k->is_rival = variant == STRICTER;
    if (variant == STRICTER)
        DO(more_than(f, c, 3, 4));
    k->is_rival = false;
    DO(play_call(f, "pm", 20220112, SEC, 1, &c, &day));
    DO(play_papers(f, day, 1, &c, 0, SEC));
    meeting_at(k, 20220112, 9, 0);
    DO(play_open(f, day, SEC));
    DO(play_chair(f, day, NULL, "pm-unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    for (size_t i = 0; i < 4; i++)
        DO(play_here(f, day, play_pm_seats[i], PRIMARY, ARRIVED, NULL, SEC));
    k->is_rival = variant == STRICTER;
    DO(play_ask(f, day, c, VOTE, SEC, &k->m->change));
    meeting_together(k);
    for (size_t i = 0; i < 4; i++)
        DO(play_vote(f, k->m->change, play_pm_seats[i], FOR));
    meeting_end_together(k);
    DO(play_end(f, k->m->change, SEC));
    k->is_rival = false;
    DO(play_close(f, day, SEC));
    if (variant == ADMITTED) {
        snprintf(f->witness[4], sizeof f->witness[4], "ny/witness");
        k->m->witness[4][0] = fed_key_of(f, "ny/witness");
        k->m->organisation[4] = "ny";
        k->m->story.nodes = 5;
        Sb__Organisation *o = SB_ARENA_NEW(&f->arena, Sb__Organisation);
        *o = (Sb__Organisation)SB__ORGANISATION__INIT;
        o->id = text("ny");
        f->charter->organisations[4] = o; /* beyond n_organisations: so that it has a name */
    }
}

static void replace_witness(maker *k)
{
    fed *f = k->f;
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = pk_of(f, "lege/witness");
    m.new_pk = pk_of(f, "lege/witness-2");
    DO(fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, "lege/recovery"));
    snprintf(f->witness[2], sizeof f->witness[2], "lege/witness-2");
    k->m->witness[2][1] = fed_key_of(f, "lege/witness-2");
}

static void set_policies(meeting *m, uint32_t variant)
{
    m->story.quorum = 3;
    m->story.may_lie = 1;
    switch (variant) {
    case ADMITTED: /* more than two thirds of 4, of 5 */
        m->policy = (meeting_policy){.members = 0xF, .needed = 3};
        m->policy_after = (meeting_policy){.members = 0x1F, .needed = 4};
        break;
    case LEFT_OUT:
        m->policy = (meeting_policy){.members = 0x1F, .needed = 4};
        m->policy_after = (meeting_policy){.members = 0xF, .needed = 3};
        break;
    case STRICTER: /* of 7 more than two thirds, more than three quarters */
        m->story.quorum = 5;
        m->names_standbys = true;
        m->policy = (meeting_policy){.members = 0x7F, .needed = 5};
        m->policy_after = (meeting_policy){.members = 0x7F, .needed = 6};
        break;
    default:
        m->policy = m->policy_after = (meeting_policy){.members = 0xF, .needed = 3};
    }
}

void meeting_play(maker *k, uint32_t variant)
{
    static const char *const names[] = {"ordinary", "objected", "admitted",
                                        "left out", "stricter", "replaced"};
    cases c;
    snprintf(k->m->name, sizeof k->m->name, "%s", names[variant]);
    set_policies(k->m, variant);
    found(k);
    before(k, &c);
    add_action(k, &c);
    bool changes = variant == ADMITTED || variant == LEFT_OUT || variant == STRICTER;
    if (changes)
        membership(k, variant);
    convene(k, &c);
    consensus(k, &c, variant == OBJECTED);
    if (variant == REPLACED)
        replace_witness(k);
    named(k, &c);
    noted(k, &c);
    polled(k, &c);
    elected(k, &c);
    minutes(k, &c);
    condition(k);
    memcpy(k->m->story.erased, fed_blob(k->f, "Sak to")->sha256.data, 32);
    memcpy(k->m->story.kept, fed_blob(k->f, "Sak en")->sha256.data, 32);
    k->m->story.has_blobs = true;
}
