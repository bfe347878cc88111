/* Remarks, tasks, minutes: approval by silence, requests, corrections. */
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

/* An SSU meeting of 20.01.2022, held and closed on the day. */
static fed *held(play_table *t)
{
    fed *f = fed_new(NULL);
    fed_run(f);
    play_ssu(f, t);
    play_id q;
    play_ok(play_ask(f, t->meeting, t->c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    return f;
}

static sb_err remark(fed *f, play_id m, const play_id *c, const char *seat, const char *by)
{
    Sb__Remark r = SB__REMARK__INIT;
    r.meeting_id = m;
    if (c != NULL)
        r.case_id = *c;
    r.seat = (char *)(uintptr_t)seat;
    r.text = fed_blob(f, "Merknad");
    return fed_submit(f, SB_ENTRY_REMARK, &r.base, by);
}

static sb_err request(fed *f, play_id draft, const char *seat, const char *by)
{
    Sb__MinutesRequest r = SB__MINUTES_REQUEST__INIT;
    r.draft_id = draft;
    r.seat = (char *)(uintptr_t)seat;
    r.text = fed_blob(f, "Rett dette");
    return fed_submit(f, SB_ENTRY_MINUTES_REQUEST, &r.base, by);
}

static sb_err correct(fed *f, play_id draft, const char *by, play_id *id)
{
    Sb__MinutesCorrect m = SB__MINUTES_CORRECT__INIT;
    m.draft_id = draft;
    m.document = fed_blob(f, "Rettet referat");
    sb_err err = fed_submit(f, SB_ENTRY_MINUTES_CORRECT, &m.base, by);
    if (err == SB_OK && id != NULL)
        *id = fed_last_id(f);
    return err;
}

static sb_err done(fed *f, play_id task, const char *by)
{
    Sb__TaskDone m = SB__TASK_DONE__INIT;
    m.task_id = task;
    return fed_submit(f, SB_ENTRY_TASK_DONE, &m.base, by);
}

static const char *status_of(fed *f)
{
    const char *json = play_query(f, "minutes", "ssu:2022-01-20");
    assert_non_null(json);
    return strstr(json, "\"status\":") + strlen("\"status\":");
}

static void assert_status(fed *f, const char *expected)
{
    assert_int_equal(strncmp(status_of(f), expected, strlen(expected)), 0);
}

static void remarks(void **state)
{
    (void)state;
    play_table t;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_id c, m;
    play_ok(play_report(f, "ssu", "En annen", DECISION, SEC, &c));
    play_ok(play_call(f, "ssu", 20220301, SEC, 1, &c, &m));
    play_refused(f, remark(f, m, NULL, "unn-1", "unn-1/primary"), SB_E_LEDGER_MEETING_NOT_OPEN,
                 NULL);
    fed_free(f);
    f = held(&t);
    play_ok(remark(f, t.meeting, &t.c, "unn-1", "unn-1/primary"));
    play_ok(remark(f, t.meeting, NULL, "lege-1", SEC));
    play_ok(play_report(f, "ssu", "En annen", DECISION, SEC, &c));
    play_refused(f, remark(f, t.meeting, &c, "unn-1", SEC), SB_E_LEDGER_NOT_ON_AGENDA, NULL);
    play_refused(f, remark(f, t.meeting, &t.c, "unn-1", "unn-2/primary"), SB_E_LEDGER_CAPABILITY,
                 NULL);
    play_refused(f, remark(f, t.meeting, &t.c, "pm-unn-1", SEC), SB_E_LEDGER_SEAT_OTHER_BODY, NULL);
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(remark(f, t.meeting, &t.c, "unn-2", "unn-2/primary"));
    const char *json = play_query(f, "meeting", "ssu:2022-01-20");
    assert_non_null(strstr(json, "\"remarks\":[{\"seat\":\"unn-1\""));
    fed_free(f);
}

static void tasks(void **state)
{
    (void)state;
    play_table t;
    play_id task, other, c;
    fed *f = held(&t);
    play_refused(f, play_task(f, t.meeting, t.c, "ingen", 20220207, &task),
                 SB_E_LEDGER_RESPONSIBLE_UNKNOWN, "ingen");
    play_refused(f, play_task(f, t.meeting, t.c, "unn", 20220101, &task), SB_E_LEDGER_TASK_DUE,
                 "01.01.2022");
    play_refused(f, play_task(f, t.meeting, t.c, "unn", 20220230, &task), SB_E_LEDGER_DATE_INVALID,
                 NULL);
    play_ok(play_report(f, "ssu", "En annen", DECISION, SEC, &c));
    play_refused(f, play_task(f, t.meeting, c, "unn", 20220207, &task), SB_E_LEDGER_NOT_ON_AGENDA,
                 NULL);
    play_ok(play_task(f, t.meeting, t.c, "unn", 20220207, &task));
    play_ok(play_task(f, t.meeting, t.c, "lege-1", 20220207, &other));
    play_refused(f, done(f, task, "lege-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(done(f, task, "unn-2/primary")); /* a seat of the partner */
    play_refused(f, done(f, task, SEC), SB_E_LEDGER_TASK_DONE, NULL);
    play_ok(done(f, other, "lege-1/deputy"));
    play_refused(f, done(f, t.c, SEC), SB_E_LEDGER_TASK_UNKNOWN, NULL);

    Sb__TaskSet m = SB__TASK_SET__INIT;
    char *all[] = {(char *)"secretariat", (char *)"ssu", (char *)"kommune"};
    m.meeting_id = t.meeting;
    m.case_id = t.c;
    m.text = fed_blob(f, "Fortløpende");
    m.responsible = all;
    m.n_responsible = 3;
    m.due_case = SB__TASK_SET__DUE_CONTINUOUS;
    m.continuous = true;
    play_refused(f, fed_submit(f, SB_ENTRY_TASK_SET, &m.base, "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(fed_submit(f, SB_ENTRY_TASK_SET, &m.base, "kommune-1/primary")); /* the chair */
    m.due_case = SB__TASK_SET__DUE_MEETING;
    m.meeting = t.c;
    play_refused(f, fed_submit(f, SB_ENTRY_TASK_SET, &m.base, SEC), SB_E_LEDGER_MEETING_UNKNOWN,
                 NULL);
    m.meeting = t.meeting;
    play_ok(fed_submit(f, SB_ENTRY_TASK_SET, &m.base, SEC));
    m.due_case = SB__TASK_SET__DUE_EVENT;
    m.event = fed_blob(f, "medio april 2022");
    play_ok(fed_submit(f, SB_ENTRY_TASK_SET, &m.base, SEC));
    const char *json = play_query(f, "tasks", NULL);
    assert_non_null(strstr(json, "\"due\":{\"kind\":\"continuous\",\"date\":null"));
    assert_non_null(strstr(json, "\"due\":{\"kind\":\"date\",\"date\":\"2022-02-07\""));
    assert_non_null(strstr(json, "{\"id\":\"unn\",\"name\":\"UNN\"}"));
    fed_free(f);
}

static void approved_by_silence_at_a_tick(void **state)
{
    (void)state;
    play_table t;
    play_id draft, again;
    fed *f = held(&t);
    play_refused(f, play_draft(f, t.meeting, 0, &draft), SB_E_LEDGER_MEETING_STILL_OPEN,
                 "SSU 20.01.2022");
    play_ok(play_close(f, t.meeting, SEC));
    assert_status(f, "\"none\"");
    Sb__MinutesDraft by_other = SB__MINUTES_DRAFT__INIT;
    by_other.meeting_id = t.meeting;
    by_other.document = fed_blob(f, "Referat");
    play_refused(f, fed_submit(f, SB_ENTRY_MINUTES_DRAFT, &by_other.base, "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_draft(f, t.meeting, f->now_ms + 3600000, &draft), SB_E_LEDGER_CLAIM_FUTURE,
                 NULL);
    play_refused(f, play_draft(f, t.meeting, play_ms(20220119, 23, 59), &draft),
                 SB_E_LEDGER_SENT_BEFORE_MEETING, "møtets referat");
    play_ok(play_draft(f, t.meeting, 0, &draft));
    play_refused(f, play_draft(f, t.meeting, 0, &again), SB_E_LEDGER_DRAFT_EXISTS, NULL);
    assert_status(f, "\"sent\"");
    /* Thursday the 20th: 21, 24, 25, 26 are the four working days */
    uint64_t due;
    assert_true(sb_ledger_earliest_deadline(f->ledger, &due));
    assert_int_equal(due, play_ms(20220127, 0, 0));
    fed_at(f, 20220126, 23, 59);
    fed_due(f);
    assert_status(f, "\"sent\"");
    size_t leaves = f->leaf_count;
    fed_at(f, 20220127, 0, 1);
    fed_due(f);
    assert_int_equal(f->leaf_count, leaves + 1); /* a TICK */
    assert_status(f, "\"approved\"");
    assert_non_null(
        strstr(play_query(f, "minutes", "ssu:2022-01-20"), "\"approved_date\":\"2022-01-27\""));
    assert_false(sb_ledger_earliest_deadline(f->ledger, &due));
    /* it is over: no requests, corrections, remarks, tasks or drafts */
    play_refused(f, request(f, draft, "unn-1", "unn-1/primary"), SB_E_LEDGER_MINUTES_APPROVED,
                 "referat");
    play_refused(f, correct(f, draft, SEC, NULL), SB_E_LEDGER_MINUTES_APPROVED, NULL);
    play_refused(f, remark(f, t.meeting, NULL, "unn-1", SEC), SB_E_LEDGER_MINUTES_APPROVED, NULL);
    play_refused(f, play_task(f, t.meeting, t.c, "unn", 20220207, NULL),
                 SB_E_LEDGER_MINUTES_APPROVED, NULL);
    play_refused(f, play_draft(f, t.meeting, 0, &again), SB_E_LEDGER_MINUTES_APPROVED, NULL);
    fed_free(f);
}

static void approved_by_silence_at_another_leaf(void **state)
{
    (void)state;
    play_table t;
    play_id draft, c;
    fed *f = held(&t);
    play_ok(play_close(f, t.meeting, SEC));
    fed_at(f, 20220121, 9, 0);
    /* sent on the 20th, entered on the 21st: the claim counts */
    play_ok(play_draft(f, t.meeting, play_ms(20220120, 15, 0), &draft));
    fed_at(f, 20220127, 8, 0);
    play_refused(f, request(f, draft, "unn-1", "unn-1/primary"), SB_E_LEDGER_MINUTES_APPROVED,
                 NULL);
    assert_status(f, "\"sent\""); /* a refused leaf settles nothing */
    play_ok(play_report(f, "ssu", "En annen", DECISION, SEC, &c));
    assert_status(f, "\"approved\"");
    fed_free(f);
}

static void sent_a_day_later_is_approved_a_day_later(void **state)
{
    (void)state;
    play_table t;
    play_id draft;
    uint64_t due;
    fed *f = held(&t);
    play_ok(play_close(f, t.meeting, SEC));
    fed_at(f, 20220121, 9, 0);
    play_ok(play_draft(f, t.meeting, 0, &draft));
    assert_true(sb_ledger_earliest_deadline(f->ledger, &due));
    assert_int_equal(due, play_ms(20220128, 0, 0));
    fed_free(f);
}

static void a_request_breaks_the_silence_and_a_correction_begins_it_anew(void **state)
{
    (void)state;
    play_table t;
    play_id draft, corrected, task;
    uint64_t due;
    fed *f = held(&t);
    play_ok(play_here(f, t.meeting, "unn-2", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_draft(f, t.meeting, 0, &draft));
    fed_at(f, 20220125, 9, 0);
    play_refused(f, request(f, draft, "unn-1", "unn-2/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, request(f, draft, "obs-1", SEC), SB_E_LEDGER_WAS_NOT_THERE, "obs-1");
    play_ok(request(f, draft, "unn-2", "unn-2/primary"));
    assert_false(sb_ledger_earliest_deadline(f->ledger, &due));
    play_ok(request(f, draft, "unn-1", "unn-1/primary")); /* another one may join */
    assert_status(f, "\"change_requested\"");
    fed_at(f, 20220201, 9, 0);
    play_ok(play_task(f, t.meeting, t.c, "unn", 20220207, &task));
    assert_status(f, "\"change_requested\"");
    play_refused(f, correct(f, draft, "leader", NULL), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(correct(f, draft, SEC, &corrected));
    play_refused(f, correct(f, draft, SEC, NULL), SB_E_LEDGER_DRAFT_REPLACED, NULL);
    play_refused(f, request(f, draft, "unn-1", "unn-1/primary"), SB_E_LEDGER_DRAFT_REPLACED, NULL);
    assert_true(sb_ledger_earliest_deadline(f->ledger, &due));
    assert_int_equal(due, play_ms(20220208, 0, 0)); /* 2, 3, 4, 7 February */
    assert_non_null(strstr(play_query(f, "deadlines", NULL), "\"kind\":\"minutes_silence\""));
    fed_at(f, 20220208, 8, 0);
    fed_due(f);
    assert_status(f, "\"approved\"");
    const char *json = play_query(f, "minutes", "ssu:2022-01-20");
    assert_non_null(strstr(json, "\"status\":\"replaced\""));
    assert_non_null(strstr(json, "\"requests\":[{\"seat\":\"unn-2\""));
    fed_free(f);
}

static void the_partnership_meeting_has_no_silent_approval(void **state)
{
    (void)state;
    play_table t;
    play_id draft;
    uint64_t due;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_pm(f, &t);
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_draft(f, t.meeting, 0, &draft));
    assert_false(sb_ledger_earliest_deadline(f->ledger, &due));
    assert_non_null(strstr(play_query(f, "minutes", "pm:2022-01-20"), "\"name\":\"protokoll\""));
    fed_free(f);
}

static sb_err approve(fed *f, play_id draft, play_id question, const char *by)
{
    Sb__MinutesApprove m = SB__MINUTES_APPROVE__INIT;
    m.draft_id = draft;
    m.question_id = question;
    return fed_submit(f, SB_ENTRY_MINUTES_APPROVE, &m.base, by);
}

/* The case "Referat fra …" of the next meeting; a change was asked for, so silence doesn't do it. */
static void approved_in_the_next_meeting(void **state)
{
    (void)state;
    play_table t;
    play_id draft, corrected, c, pm, early, m, q, pm_m, pm_q;
    uint64_t due;
    static const char *const clause[] = {"Referatet godkjennes."};
    fed *f = held(&t);
    play_ok(play_report(f, "ssu", "Referat fra SSU-møtet 20.01.22", PROCEDURAL, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    play_ok(play_report(f, "pm", "Referat", PROCEDURAL, SEC, &pm));
    play_ok(play_propose(f, pm, SEC, 1, clause));
    sb_row_question row = {.no = play_item(f, t.meeting, t.c).question};
    assert_true(sb_row_question_get(sb_ledger_kv(f->ledger), NULL, &row));
    early = (play_id){32, row.id};
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_draft(f, t.meeting, 0, &draft));
    play_refused(f, approve(f, draft, early, SEC), SB_E_LEDGER_APPROVE_MEETING, "referat");
    fed_at(f, 20220125, 9, 0);
    play_ok(request(f, draft, "unn-2", "unn-2/primary"));
    fed_at(f, 20220218, 9, 0);
    play_ok(correct(f, draft, SEC, &corrected));
    fed_at(f, 20220220, 9, 0);
    play_next_meeting(f, "ssu", 20220222, c, &m);
    play_ok(play_ask(f, m, c, CONSENSUS, SEC, &q));
    play_refused(f, approve(f, corrected, q, SEC), SB_E_LEDGER_APPROVE_OUTCOME, "02/22");
    play_ok(play_end(f, q, SEC));
    play_refused(f, approve(f, corrected, q, "unn-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, approve(f, draft, q, SEC), SB_E_LEDGER_DRAFT_REPLACED, NULL);
    play_next_meeting(f, "pm", 20220222, pm, &pm_m);
    play_ok(play_ask(f, pm_m, pm, CONSENSUS, SEC, &pm_q));
    play_ok(play_end(f, pm_q, SEC));
    play_refused(f, approve(f, corrected, pm_q, SEC), SB_E_LEDGER_APPROVE_MEETING, NULL);
    play_ok(approve(f, corrected, q, SEC));
    assert_status(f, "\"approved\"");
    assert_false(sb_ledger_earliest_deadline(f->ledger, &due)); /* the silence is over */
    const char *json = play_query(f, "minutes", "ssu:2022-01-20");
    assert_non_null(strstr(json, "\"approved_date\":\"2022-02-22\",\"approved_by\":\""));
    play_refused(f, approve(f, corrected, q, SEC), SB_E_LEDGER_MINUTES_APPROVED, NULL);
    fed_free(f);
}

/* A draft that came after the decision isn't what was approved; the protokoll has no other way. */
static void what_was_approved_was_there(void **state)
{
    (void)state;
    play_table t;
    play_id c, m, q, draft;
    static const char *const clause[] = {"Protokollen godkjennes."};
    fed *f = fed_new(NULL);
    fed_run(f);
    play_pm(f, &t);
    play_ok(play_report(f, "pm", "Protokoll", PROCEDURAL, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    play_ok(play_close(f, t.meeting, SEC));
    fed_at(f, 20220201, 9, 0);
    play_next_meeting(f, "pm", 20220222, c, &m);
    play_ok(play_ask(f, m, c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_ok(play_draft(f, t.meeting, 0, &draft));
    play_refused(f, approve(f, draft, q, SEC), SB_E_LEDGER_APPROVE_DRAFT, NULL);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(approved_in_the_next_meeting),
        cmocka_unit_test(what_was_approved_was_there),
        cmocka_unit_test(remarks),
        cmocka_unit_test(tasks),
        cmocka_unit_test(approved_by_silence_at_a_tick),
        cmocka_unit_test(approved_by_silence_at_another_leaf),
        cmocka_unit_test(sent_a_day_later_is_approved_a_day_later),
        cmocka_unit_test(a_request_breaks_the_silence_and_a_correction_begins_it_anew),
        cmocka_unit_test(the_partnership_meeting_has_no_silent_approval),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
