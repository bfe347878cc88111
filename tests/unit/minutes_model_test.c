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
    play_id second, third;
    sb_arena arena;
    sb_minutes_model m;
    bool holds_blobs;
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
    assert_int_equal(sb_minutes_model_of(&source, SB_LANG_NB, &s->arena, &s->m, &failure), SB_OK);
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
    return cmocka_run_group_tests(tests, setup, teardown);
}
