/* Real answers of a real ledger become minutes (nodes/cli/minutes_model.c). */
#include "nodes/cli/minutes_model.h"
#include "nodes/host/json_read.h"
#include "proto/base/hash.h"
#include "proto/ledger/query.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

typedef struct sample {
    fed *f;
    play_table t;
    play_id second;
    sb_arena arena;
    sb_minutes_model m;
    bool holds_blobs;
    sb_lang lang;
} sample;

static const sb_doc *ask(sample *s, const char *name, const char *arg)
{
    sb_buf json;
    const sb_doc *doc = NULL;
    sb_fail failure = {0};
    sb_buf_init(&json);
    assert_int_equal(
        sb_ledger_query(s->f->ledger, name, &arg, arg == NULL ? 0 : 1, &json, &failure), SB_OK);
    assert_int_equal(sb_json_parse(name, sb_buf_slice(&json), &s->arena, &doc, &failure), SB_OK);
    sb_buf_deinit(&json);
    return doc;
}

static const sb_doc *certificate(void *arg, const char *question)
{
    return sb_doc_get(ask(arg, "certificate", question), "certificate");
}

/* The blobs that this test names; others are "(prose)". */
static bool blob(void *arg, const char *sha256, sb_slice *content)
{
    static const char *const texts[] = {"Vedlegg 1: Presentasjon\nselve filen", "En merknad.",
                                        "Rådgiver", "Melde inn navn"};
    sample *s = arg;
    if (!s->holds_blobs)
        return false;
    *content = sb_slice_str("(prose)");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char hex[65];
        sb_hex(sb_slice_of(fed_blob(s->f, texts[i])->sha256.data, 32), hex);
        if (strcmp(hex, sha256) == 0)
            *content = sb_slice_str(texts[i]);
    }
    return true;
}

static void make(sample *s, const char *status)
{
    char id[65];
    sb_fail failure = {0};
    sb_minutes_source source = {.certificate = certificate, .blob = blob, .arg = s};
    sb_hex(sb_slice_of(s->t.meeting.data, 32), id);
    source.meeting = ask(s, "meeting", id);
    source.charter = ask(s, "charter", NULL);
    assert_int_equal(
        sb_json_parse("status", sb_slice_str(status), &s->arena, &source.status, &failure), SB_OK);
    assert_int_equal(sb_minutes_model_of(&source, s->lang, &s->arena, &s->m, &failure), SB_OK);
}

#define FINAL                                                                                      \
    "{\"rehearsal\":true,\"state\":\"final\",\"final_size\":100000,\"final_root\":\"aa\","         \
    "\"size\":100002,\"root\":\"bb\",\"digest\":\"cc\",\"origin\":\"o\",\"confirmed\":7,"          \
    "\"needed\":5,\"organisations\":7}"

static void remark(sample *s)
{
    Sb__Remark r = SB__REMARK__INIT;
    r.meeting_id = s->t.meeting;
    r.case_id = s->t.c;
    r.seat = (char *)(uintptr_t) "bruker-1";
    r.text = fed_blob(s->f, "En merknad.");
    fed_must(s->f, SB_ENTRY_REMARK, &r.base, SEC);
}

static void participant(sample *s)
{
    Sb__Attendance a = SB__ATTENDANCE__INIT;
    Sb__AttendanceEvent e = SB__ATTENDANCE_EVENT__INIT, *events[] = {&e};
    e.who_case = SB__ATTENDANCE_EVENT__WHO_PARTICIPANT;
    e.participant = SB__PARTICIPANT_KIND__PARTICIPANT_KIND_ON_CASE;
    e.case_id = s->t.c;
    e.kind = ARRIVED;
    e.person = fed_blob(s->f, "Rådgiver");
    e.whole_meeting = true;
    a.meeting_id = s->t.meeting;
    a.events = events;
    a.n_events = 1;
    fed_must(s->f, SB_ENTRY_ATTENDANCE, &a.base, SEC);
}

/* An SSU meeting: a clause changed, an objection and a divided vote, a task, a remark, a case from
 * before the log postponed. */
static int setup(void **state)
{
    static sample samples;
    sample *s = &samples;
    play_id question, task;
    *s = (sample){.f = fed_new(NULL), .holds_blobs = true};
    sb_arena_init(&s->arena);
    fed_run(s->f);
    play_ssu(s->f, &s->t);
    play_ok(play_clause(s->f, s->t.c, NULL, 2, "Et helt nytt andre punkt.", SEC));
    play_ok(play_ask(s->f, s->t.meeting, s->t.c, CONSENSUS, SEC, &question));
    play_ok(play_object(s->f, question, "unn-2"));
    play_ok(play_vote(s->f, question, "unn-1", FOR));
    play_ok(play_vote(s->f, question, "unn-2", AGAINST));
    play_ok(play_vote(s->f, question, "lege-1", ABSTAIN));
    play_ok(play_end(s->f, question, SEC));
    remark(s);
    participant(s);
    play_ok(play_task(s->f, s->t.meeting, s->t.c, "fastlege", 20220207, &task));
    play_ok(play_postpone(s->f, NULL, "42/21", s->t.meeting, 20220222, SEC));
    play_ok(play_close(s->f, s->t.meeting, SEC));
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    sample *s = *state;
    fed_free(s->f);
    sb_arena_deinit(&s->arena);
    return 0;
}

static void test_meeting(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    assert_int_equal(s->m.date, 20220120);
    assert_int_equal(s->m.people[SB_MINUTES_VOTING].count, 6);
    assert_int_equal(s->m.people[SB_MINUTES_ON_CASE].count, 1);
    assert_string_equal(s->m.people[SB_MINUTES_ON_CASE].items[0].name, "Rådgiver");
    assert_string_equal(s->m.people[SB_MINUTES_ON_CASE].items[0].cases, "01/22");
    assert_true(s->m.quorum.has_rule);
    assert_true(s->m.quorum.is_quorate);
    assert_true(s->m.quorum.count_count >= 4);
    assert_int_equal(s->m.quorum.counts[0].have, 2);
    assert_int_equal(s->m.external_count, 1);
    assert_string_equal(s->m.externals[0].ref, "42/21");
    assert_int_equal(s->m.state, SB_MINUTES_NO_DRAFT);
    assert_true(s->m.is_rehearsal);
}

static void test_case(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    assert_int_equal(s->m.case_count, 1);
    const sb_minutes_case *c = &s->m.cases[0];
    assert_string_equal(c->number, "01/22");
    assert_int_equal(c->outcome, NO_CONSENSUS);
    assert_int_equal(c->mode, CONSENSUS);
    assert_int_equal(c->proposed_count, 2);
    assert_int_equal(c->decided_count, 2);
    assert_string_equal(c->decided[1], "Et helt nytt andre punkt.");
    assert_int_equal(c->objection_count, 1);
    assert_int_equal(c->vote_count, 3);
    assert_false(c->is_unanimous);
    assert_int_equal(c->remark_count, 1);
    assert_string_equal(c->remarks[0].text, "En merknad.");
    assert_int_equal(c->task_count, 1);
    assert_int_equal(c->tasks[0].due_date, 20220207);
    assert_non_null(c->quorum);
    assert_int_equal(strlen(c->certificate_sha256), 64);
    /* against = 0 is not met, for >= 1 is */
    const sb_minutes_count *all = &c->tally[0];
    assert_string_equal(all->partner, "");
    assert_int_equal(all->votes_for, 1);
    assert_int_equal(all->votes_against, 1);
    assert_int_equal(all->votes_abstain, 1);
    assert_int_equal(all->demand_count, 2);
    assert_string_equal(all->demands[0].what, "against");
    assert_false(all->demands[0].is_met);
    assert_string_equal(all->demands[1].what, "for");
    assert_true(all->demands[1].is_met);
}

static void test_head(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    assert_true(s->m.is_final);
    assert_int_equal(s->m.size, 100000);
    assert_string_equal(s->m.root, "aa");
    /* a final head that doesn't hold the meeting's last entry is none for these minutes */
    make(s, "{\"state\":\"final\",\"final_size\":20,\"final_root\":\"aa\",\"size\":22,\"root\":"
            "\"bb\"}");
    assert_false(s->m.is_final);
    assert_int_equal(s->m.size, 22);
    assert_string_equal(s->m.root, "bb");
    make(s, "{\"state\":\"certified\",\"final_size\":100000,\"size\":100000,\"root\":\"bb\"}");
    assert_false(s->m.is_final);
}

static void test_missing_blobs(void **state)
{
    sample *s = *state;
    s->holds_blobs = false;
    make(s, FINAL);
    s->holds_blobs = true;
    assert_string_equal(s->m.people[SB_MINUTES_VOTING].items[0].name, "");
    assert_string_equal(s->m.cases[0].remarks[0].text, "");
}

/* Sent, and approved by silence. */
static void test_draft(void **state)
{
    sample *s = *state;
    play_id draft;
    fed_at(s->f, 20220120, 18, 0);
    play_ok(play_draft(s->f, s->t.meeting, 0, &draft));
    make(s, FINAL);
    assert_int_equal(s->m.state, SB_MINUTES_DRAFT);
    assert_int_equal(s->m.sent_date, 20220120);
    assert_int_equal(s->m.silence_date, 20220127);
    fed_at(s->f, 20220127, 8, 0);
    fed_due(s->f);
    make(s, FINAL);
    assert_int_equal(s->m.state, SB_MINUTES_APPROVED);
    assert_int_equal(s->m.approved_date, 20220127);
    sb_buf out;
    sb_buf_init(&out);
    sb_minutes_markdown(&s->m, SB_LANG_NB, &out);
    assert_non_null(strstr(sb_buf_cstr(&out), "godkjent 27. januar 2022"));
    sb_buf_deinit(&out);
}

/* ---- another meeting: late, gone, deputies, two cases, corrected minutes ---- */

static void come(sample *s, const char *seat, Sb__SeatRole role, Sb__AttendanceKind kind)
{
    play_ok(play_here(s->f, s->t.meeting, seat, role, kind, NULL, SEC));
}

static void decide(sample *s, play_id c)
{
    play_id question;
    play_ok(play_ask(s->f, s->t.meeting, c, CONSENSUS, SEC, &question));
    play_ok(play_end(s->f, question, SEC));
}

static void call_two(sample *s)
{
    static const char *const clauses[] = {"Saken tas opp."};
    play_id cases[2];
    fed_at(s->f, 20211220, 9, 0);
    for (size_t i = 0; i < 2; i++) {
        play_ok(play_report(s->f, "ssu", "En sak", DECISION, SEC, &cases[i]));
        play_ok(play_propose(s->f, cases[i], SEC, 1, clauses));
    }
    fed_at(s->f, 20220105, 9, 0);
    play_ok(play_call(s->f, "ssu", 20220120, SEC, 2, cases, &s->t.meeting));
    fed_at(s->f, 20220107, 9, 0);
    play_ok(play_papers(s->f, s->t.meeting, 2, cases, 0, SEC));
    s->t.c = cases[0];
    s->second = cases[1];
}

/* unn-1 came late and its deputy was there; lege-1's deputy sits in for one case; bruker-1's never
 * does; kommune-2 left; unn-2's deputy sat alone. */
static int setup_people(void **state)
{
    static sample samples;
    static const char *const first[] = {"kommune-1", "kommune-2", "lege-1", "bruker-1"};
    static const char *const deputies[] = {"unn-1", "unn-2", "lege-1", "bruker-1"};
    sample *s = &samples;
    *s = (sample){.f = fed_new(NULL), .holds_blobs = true};
    sb_arena_init(&s->arena);
    fed_run(s->f);
    call_two(s);
    fed_at(s->f, 20220120, 12, 3);
    play_ok(play_open(s->f, s->t.meeting, SEC));
    play_arrive(s->f, s->t.meeting, first, 4);
    for (size_t i = 0; i < 4; i++)
        come(s, deputies[i], DEPUTY, ARRIVED);
    play_ok(play_chair(s->f, s->t.meeting, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER,
                       SEC));
    decide(s, s->t.c);
    fed_at(s->f, 20220120, 12, 40);
    come(s, "unn-1", PRIMARY, ARRIVED);
    play_ok(play_here(s->f, s->t.meeting, "lege-1", PRIMARY, DISQUALIFIED, &s->second, SEC));
    /* taken back before anything was decided: as if it had not been */
    play_ok(play_here(s->f, s->t.meeting, "unn-2", DEPUTY, DISQUALIFIED, &s->second, SEC));
    play_ok(play_here(s->f, s->t.meeting, "unn-2", DEPUTY,
                      SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED, &s->second, SEC));
    decide(s, s->second);
    /* … and afterwards: it was so when it was decided */
    play_ok(play_here(s->f, s->t.meeting, "lege-1", PRIMARY,
                      SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED, &s->second, SEC));
    fed_at(s->f, 20220120, 13, 30);
    come(s, "kommune-2", PRIMARY, LEFT);
    play_ok(play_close(s->f, s->t.meeting, SEC));
    *state = s;
    return 0;
}

static const sb_minutes_person *person_of(const sample *s, const char *seat, bool is_deputy)
{
    const sb_minutes_people *people = &s->m.people[SB_MINUTES_VOTING];
    for (size_t i = 0; i < people->count; i++)
        if (strcmp(people->items[i].seat, seat) == 0 && people->items[i].is_deputy == is_deputy)
            return &people->items[i];
    fail_msg("nobody sits on %s", seat);
    return NULL;
}

static void test_late_and_gone(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    const sb_minutes_person *late = person_of(s, "Plass unn-1", false);
    assert_int_equal(late->moment_count, 1);
    assert_true(late->moments[0].has_arrived);
    assert_int_equal(late->moments[0].minute, 12 * 60 + 40);
    const sb_minutes_person *gone = person_of(s, "Plass kommune-2", false);
    assert_int_equal(gone->moment_count, 1);
    assert_false(gone->moments[0].has_arrived);
    assert_int_equal(gone->moments[0].minute, 13 * 60 + 30);
    assert_int_equal(person_of(s, "Plass kommune-1", false)->moment_count, 0);
}

static void test_deputies(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    const sb_minutes_person *until_came = person_of(s, "Plass unn-1", true);
    assert_string_equal(until_came->cases_away, "01/22");
    assert_string_equal(until_came->cases_disqualified, "");
    assert_false(until_came->no_vote);
    const sb_minutes_person *for_one = person_of(s, "Plass lege-1", true);
    assert_string_equal(for_one->cases_away, "");
    assert_string_equal(for_one->cases_disqualified, "02/22");
    assert_false(for_one->no_vote);
    const sb_minutes_person *beside = person_of(s, "Plass bruker-1", true);
    assert_null(beside->cases_away);
    assert_true(beside->no_vote);
    const sb_minutes_person *alone = person_of(s, "Plass unn-2", true);
    assert_null(alone->cases_away);
    assert_false(alone->no_vote);
    assert_int_equal(s->m.cases[1].disqualified_count, 1);
    assert_string_equal(s->m.cases[1].disqualified[0], "Plass lege-1");
    assert_int_equal(s->m.cases[0].disqualified_count, 0);
}

/* A request, a corrected draft: both are there, the last one is in force. */
static void test_corrected(void **state)
{
    sample *s = *state;
    play_id draft;
    Sb__MinutesRequest r = SB__MINUTES_REQUEST__INIT;
    Sb__MinutesCorrect c = SB__MINUTES_CORRECT__INIT;
    fed_at(s->f, 20220120, 18, 0);
    play_ok(play_draft(s->f, s->t.meeting, 0, &draft));
    r.draft_id = draft;
    r.seat = (char *)(uintptr_t) "bruker-1";
    r.text = fed_blob(s->f, "En merknad.");
    fed_must(s->f, SB_ENTRY_MINUTES_REQUEST, &r.base, "bruker-1/primary");
    make(s, FINAL);
    assert_int_equal(s->m.state, SB_MINUTES_REQUESTED);
    assert_int_equal(s->m.drafts[0].state, SB_MINUTES_DOC_REQUESTED);
    fed_at(s->f, 20220121, 9, 0);
    c.draft_id = draft;
    c.document = fed_blob(s->f, "Rettet");
    fed_must(s->f, SB_ENTRY_MINUTES_CORRECT, &c.base, SEC);
    make(s, FINAL);
    char hex[65];
    sb_hex(sb_slice_of(fed_blob(s->f, "Rettet")->sha256.data, 32), hex);
    assert_int_equal(s->m.draft_count, 2);
    assert_int_equal(s->m.drafts[0].state, SB_MINUTES_DOC_REPLACED);
    assert_int_equal(s->m.drafts[0].request_count, 1);
    assert_string_equal(s->m.drafts[0].requests[0].text, "En merknad.");
    assert_int_equal(s->m.drafts[1].state, SB_MINUTES_DOC_SENT);
    assert_int_equal(s->m.drafts[1].sent_date, 20220121);
    assert_string_equal(s->m.drafts[1].sha256, hex);
}

/* Two rounds of an election; what the chair ruled; a condition; discussed for another meeting. */
static int setup_election(void **state)
{
    static sample samples;
    sample *s = &samples;
    *s = (sample){.f = fed_new(NULL), .holds_blobs = true};
    sb_arena_init(&s->arena);
    fed_run(s->f);
    play_pm(s->f, &s->t);
    *state = s;
    return 0;
}

static void test_discussed_and_more(void **state)
{
    sample *s = *state;
    const Sb__Charter *charter = s->f->charter;
    const char *party[] = {charter->n_parties > 0 ? charter->parties[0]->id
                                                  : charter->organisations[0]->id};
    play_id condition;
    play_ok(
        play_rule(s->f, s->t.meeting, &s->t.c, SB__RULING_KIND__RULING_KIND_QUALIFICATION, SEC));
    play_ok(play_rule(s->f, s->t.meeting, NULL, SB__RULING_KIND__RULING_KIND_OTHER, SEC));
    play_ok(play_relate(s->f, s->t.c, SB__CASE_RELATION__CASE_RELATION_FOLLOWS, NULL, "9/21", SEC));
    play_ok(play_condition(s->f, s->t.c, BEFORE_EFFECT, 0, false, 1, party, SEC, &condition));
    play_ok(play_clause(s->f, s->t.c, NULL, 1, "Endret i møtet.", SEC));
    play_ok(play_discuss(s->f, s->t.meeting, s->t.c, SEC));
    make(s, FINAL);
    const sb_minutes_case *c = &s->m.cases[0];
    assert_true(c->is_discussed);
    assert_string_equal(c->decided[0], "Endret i møtet.");
    assert_int_equal(c->ruling_count, 1);
    assert_string_equal(c->rulings[0].kind, "habilitet");
    assert_int_equal(s->m.ruling_count, 1);
    assert_string_equal(s->m.rulings[0].kind, "");
    assert_string_equal(c->relations, "følger opp sak 9/21");
    assert_int_equal(c->condition_count, 1);
    assert_string_not_equal(c->conditions[0].missing, "");
    assert_false(c->is_waiting);
    decide(s, s->t.c);
    make(s, FINAL);
    c = &s->m.cases[0];
    assert_false(c->is_discussed);
    assert_true(c->is_waiting);
    assert_false(s->m.is_extraordinary);
}

/* ---- a case voted on twice, in English, and who was entered too late ---- */

static void name_in_english(Sb__Charter *charter, sb_arena *a, void *arg)
{
    (void)arg;
    for (size_t i = 0; i < charter->n_partners; i++)
        if (strcmp(charter->partners[i]->id, "kommune") == 0)
            charter->partners[i]->name_en = sb_arena_str(a, sb_slice_str("the municipalities"));
}

static void vote_all(sample *s, Sb__Choice of_last, play_id *question)
{
    static const char *const seats[] = {"unn-1", "kommune-1", "lege-1", "bruker-1"};
    play_ok(play_ask(s->f, s->t.meeting, s->t.c, VOTE, SEC, question));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(s->f, *question, seats[i], i < 3 ? FOR : of_last));
    play_ok(play_end(s->f, *question, SEC));
}

static int setup_twice(void **state)
{
    static sample samples;
    static const fed_options options = {.edit = name_in_english};
    sample *s = &samples;
    play_id question;
    *s = (sample){.f = fed_new(&options), .holds_blobs = true, .lang = SB_LANG_EN};
    sb_arena_init(&s->arena);
    fed_run(s->f);
    play_ssu(s->f, &s->t);
    vote_all(s, AGAINST, &question);
    play_ok(play_clause(s->f, s->t.c, NULL, 2, "Et helt nytt andre punkt.", SEC));
    play_ok(play_here(s->f, s->t.meeting, "unn-2", PRIMARY, DISQUALIFIED, &s->t.c, SEC));
    *state = s;
    return 0;
}

/* The second vote decides; the first one stands before it with its own words and votes. */
static void test_twice(void **state)
{
    sample *s = *state;
    play_id question;
    make(s, FINAL);
    const sb_minutes_case *c = &s->m.cases[0];
    assert_int_equal(c->other_count, 0);
    /* only afterwards so far, but it may be asked again */
    assert_string_equal(c->disqualified[0],
                        "Plass unn-2 (entered after the case had been decided)");
    vote_all(s, FOR, &question);
    play_ok(play_here(s->f, s->t.meeting, "kommune-2", PRIMARY, DISQUALIFIED, &s->t.c, SEC));
    make(s, FINAL);
    c = &s->m.cases[0];
    assert_int_equal(c->outcome, ADOPTED);
    assert_int_equal(c->other_count, 1);
    assert_int_equal(c->others_before, 1);
    assert_int_equal(c->others[0].outcome, NO_CONSENSUS);
    assert_false(c->others[0].is_unanimous);
    assert_int_equal(c->others[0].vote_count, 4);
    assert_int_equal(c->others[0].decided_count, 2);
    assert_string_not_equal(c->others[0].decided[1], c->decided[1]);
    assert_int_equal(c->disqualified_count, 2);
    for (size_t i = 0; i < 2; i++) {
        bool in_time = strcmp(c->disqualified[i], "Plass unn-2") == 0;
        assert_true(in_time ||
                    strcmp(c->disqualified[i],
                           "Plass kommune-2 (entered after the case had been decided)") == 0);
    }
    assert_string_not_equal(c->disqualified[0], c->disqualified[1]);
    /* the meeting's quorum is as it was when it first decided: unn-2 was not disqualified then */
    assert_int_equal(s->m.quorum.counts[0].have, 2);
    assert_int_equal(c->quorum->counts[0].have, 1);
}

static void test_english_names(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    size_t in_quorum = 0, in_votes = 0, in_tally = 0;
    for (size_t i = 0; i < s->m.quorum.count_count; i++)
        in_quorum += strcmp(s->m.quorum.counts[i].partner, "the municipalities") == 0;
    const sb_minutes_case *first = &s->m.cases[0].others[0];
    for (size_t i = 0; i < first->vote_count; i++)
        in_votes += strcmp(first->votes[i].partner, "the municipalities") == 0;
    for (size_t i = 0; i < first->tally_count; i++)
        in_tally += strcmp(first->tally[i].partner, "the municipalities") == 0;
    assert_int_equal(in_quorum, 1);
    assert_int_equal(in_votes, 1);
    assert_int_equal(in_tally, 1);
    assert_string_equal(person_of(s, "Plass kommune-1", false)->partner, "the municipalities");
    assert_string_not_equal(person_of(s, "Plass unn-1", false)->partner, "");
    s->lang = SB_LANG_NB;
    make(s, FINAL);
    assert_string_not_equal(person_of(s, "Plass kommune-1", false)->partner, "the municipalities");
    s->lang = SB_LANG_EN;
}

/* Asked, not decided, then postponed: the vote is told, and that it was postponed. */
static int setup_postponed(void **state)
{
    sample *s;
    play_id question;
    (void)setup_twice(state);
    s = *state;
    vote_all(s, AGAINST, &question);
    play_ok(play_postpone(s->f, &s->t.c, NULL, s->t.meeting, 20220222, SEC));
    return 0;
}

static void test_postponed(void **state)
{
    sample *s = *state;
    make(s, FINAL);
    const sb_minutes_case *c = &s->m.cases[0];
    assert_int_equal(c->outcome, POSTPONED);
    assert_int_equal(c->vote_count, 0);
    assert_int_equal(c->other_count, 2);
    assert_int_equal(c->others_before, 2);
    assert_int_equal(c->others[1].outcome, NO_CONSENSUS);
    assert_string_equal(c->disqualified[0], "Plass unn-2");
}

/* An answer that isn't one is refused, not guessed at. */
static void test_bad_answer(void **state)
{
    sample *s = *state;
    sb_fail failure = {0};
    sb_minutes_source source = {.certificate = certificate, .blob = blob, .arg = s};
    assert_int_equal(sb_json_parse("x", sb_slice_str("{}"), &s->arena, &source.meeting, &failure),
                     SB_OK);
    source.charter = source.status = source.meeting;
    assert_int_equal(sb_minutes_model_of(&source, SB_LANG_NB, &s->arena, &s->m, &failure),
                     SB_E_DOC_MISSING_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_meeting),    cmocka_unit_test(test_case),
        cmocka_unit_test(test_head),       cmocka_unit_test(test_missing_blobs),
        cmocka_unit_test(test_bad_answer), cmocka_unit_test(test_draft),
    };
    const struct CMUnitTest people[] = {
        cmocka_unit_test(test_late_and_gone),
        cmocka_unit_test(test_deputies),
        cmocka_unit_test(test_corrected),
    };
    const struct CMUnitTest election[] = {
        cmocka_unit_test(test_discussed_and_more),
    };
    const struct CMUnitTest twice[] = {
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_english_names),
    };
    const struct CMUnitTest postponed[] = {
        cmocka_unit_test(test_postponed),
    };
    int failed = cmocka_run_group_tests(tests, setup, teardown);
    failed += cmocka_run_group_tests(twice, setup_twice, teardown);
    failed += cmocka_run_group_tests(postponed, setup_postponed, teardown);
    failed += cmocka_run_group_tests(election, setup_election, teardown);
    return failed + cmocka_run_group_tests(people, setup_people, teardown);
}
