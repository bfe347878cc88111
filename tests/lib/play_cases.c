#include <stdio.h>
#include <stdlib.h>

#include "tests/lib/play.h"

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

static sb_err submit(fed *f, sb_entry_type type, const ProtobufCMessage *m, const char *by,
                     play_id *id)
{
    sb_err err = fed_submit(f, type, m, by);
    if (err == SB_OK && id != NULL)
        *id = fed_last_id(f);
    return err;
}

sb_err play_discuss(fed *f, play_id meeting, play_id c, const char *by)
{
    Sb__CaseDiscuss m = SB__CASE_DISCUSS__INIT;
    m.meeting_id = meeting;
    m.case_id = c;
    return submit(f, SB_ENTRY_CASE_DISCUSS, &m.base, by, NULL);
}

sb_err play_relate(fed *f, play_id c, Sb__CaseRelation relation, const play_id *other,
                   const char *external, const char *by)
{
    Sb__CaseRelate m = SB__CASE_RELATE__INIT;
    m.case_id = c;
    m.relation = relation;
    if (other != NULL) {
        m.to_case = SB__CASE_RELATE__TO_OTHER_CASE;
        m.other_case = *other;
    } else {
        m.to_case = SB__CASE_RELATE__TO_EXTERNAL;
        m.external = text(external);
    }
    return submit(f, SB_ENTRY_CASE_RELATE, &m.base, by, NULL);
}

sb_err play_condition(fed *f, play_id c, Sb__ConditionMoment moment, uint32_t due, bool lapses,
                      size_t count, const char *const *parties, const char *by, play_id *id)
{
    Sb__ConditionSet m = SB__CONDITION_SET__INIT;
    m.case_id = c;
    m.moment = moment;
    m.kind = SB__CONDITION_KIND__CONDITION_KIND_CONSENTED;
    m.n_parties = count;
    m.parties = (char **)(uintptr_t)parties;
    m.cite = text("§ 4");
    m.due_date = due;
    m.lapses = lapses;
    return submit(f, SB_ENTRY_CONDITION_SET, &m.base, by, id);
}

sb_err play_answer(fed *f, play_id condition, const char *party, Sb__ConditionAnswer answer,
                   const char *reference, const char *by)
{
    Sb__ConditionFulfil m = SB__CONDITION_FULFIL__INIT;
    m.condition_id = condition;
    m.party = text(party);
    m.answer = answer;
    m.decided_by = text("styret");
    m.date = sb_yyyymmdd_of(f->now_ms);
    m.reference = text(reference);
    return submit(f, SB_ENTRY_CONDITION_FULFIL, &m.base, by, NULL);
}

sb_err play_input_open(fed *f, play_id c, uint32_t due, size_t count, const char *const *asked,
                       const char *by, play_id *id)
{
    Sb__InputOpen m = SB__INPUT_OPEN__INIT;
    m.case_id = c;
    m.n_asked = count;
    m.asked = (char **)(uintptr_t)asked;
    m.text = fed_blob(f, "Vi ber om innspill");
    m.due_date = due;
    return submit(f, SB_ENTRY_INPUT_OPEN, &m.base, by, id);
}

sb_err play_input(fed *f, play_id input, const char *from, const char *words, uint64_t claimed_ms,
                  const char *by)
{
    Sb__InputReceive m = SB__INPUT_RECEIVE__INIT;
    m.input_id = input;
    m.from = text(from);
    m.kind = words != NULL ? SB__INPUT_KIND__INPUT_KIND_RECEIVED : SB__INPUT_KIND__INPUT_KIND_NONE;
    m.text = words != NULL ? fed_blob(f, words) : NULL;
    m.claim = play_claim(f, claimed_ms);
    return submit(f, SB_ENTRY_INPUT_RECEIVE, &m.base, by, NULL);
}

sb_err play_call_extraordinary(fed *f, const char *body, uint32_t date, const char *reason,
                               bool extraordinary, uint64_t claimed_ms, const char *by,
                               const play_id *c, play_id *id)
{
    Sb__MeetingCall m = SB__MEETING_CALL__INIT;
    m.body = text(body);
    m.date = date;
    m.start_minute = 9 * 60;
    m.form = SB__MEETING_FORM__MEETING_FORM_VIDEO;
    m.n_agenda = 1;
    m.agenda = (play_id *)(uintptr_t)c;
    m.extraordinary = extraordinary;
    m.reason = reason == NULL ? NULL : fed_blob(f, reason);
    m.claim = play_claim(f, claimed_ms);
    return submit(f, SB_ENTRY_MEETING_CALL, &m.base, by, id);
}

sb_err play_plan(fed *f, const char *body, uint32_t year, size_t count, const uint32_t *dates,
                 const play_id *question, const char *by)
{
    Sb__PlannedDate *rows = SB_ARENA_ARRAY(&f->arena, Sb__PlannedDate, count);
    Sb__PlannedDate **list = SB_ARENA_ARRAY(&f->arena, Sb__PlannedDate *, count);
    for (size_t i = 0; i < count; i++) {
        rows[i] = (Sb__PlannedDate)SB__PLANNED_DATE__INIT;
        rows[i].date = dates[i];
        list[i] = &rows[i];
    }
    Sb__MeetingPlan m = SB__MEETING_PLAN__INIT;
    m.body = text(body);
    m.year = year;
    m.n_dates = count;
    m.dates = list;
    if (question != NULL)
        m.question_id = *question;
    return submit(f, SB_ENTRY_MEETING_PLAN, &m.base, by, NULL);
}

sb_err play_rule(fed *f, play_id meeting, const play_id *c, Sb__RulingKind kind, const char *by)
{
    Sb__Ruling m = SB__RULING__INIT;
    m.meeting_id = meeting;
    if (c != NULL)
        m.case_id = *c;
    m.kind = kind;
    m.text = fed_blob(f, "Avgjørelsen");
    return submit(f, SB_ENTRY_RULING, &m.base, by, NULL);
}

sb_err play_finalise(fed *f, play_id question, const char *decided, const char *final,
                     const char *by)
{
    Sb__TextFinalise m = SB__TEXT_FINALISE__INIT;
    m.question_id = question;
    m.decided = fed_blob(f, decided);
    m.final = fed_blob(f, final);
    return submit(f, SB_ENTRY_TEXT_FINALISE, &m.base, by, NULL);
}

sb_err play_erase(fed *f, const char *words, const char *by)
{
    Sb__BlobErase m = SB__BLOB_ERASE__INIT;
    m.blob_sha256 = fed_blob(f, words)->sha256;
    m.reason = SB__ERASE_REASON__ERASE_REASON_PERSONAL;
    return submit(f, SB_ENTRY_BLOB_ERASE, &m.base, by, NULL);
}

static void must(fed *f, sb_err err, const char *what)
{
    if (err == SB_OK)
        return;
    fprintf(stderr, "play: %s: %s [%s] [%s]\n", what, sb_err_name(err), f->fail.arg[0],
            f->fail.arg[1]);
    abort();
}

void play_next_meeting(fed *f, const char *body, uint32_t date, play_id c, play_id *meeting)
{
    must(f, play_call(f, body, date, SEC, 1, &c, meeting), "call");
    must(f, play_papers(f, *meeting, 1, &c, 0, SEC), "papers");
    fed_at(f, date, 9, 0);
    must(f, play_open(f, *meeting, SEC), "open");
    bool pm = strcmp(body, "pm") == 0;
    must(f,
         play_chair(f, *meeting, NULL, pm ? "pm-unn-1" : "kommune-1",
                    pm ? SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN : SB__CHAIR_BASIS__CHAIR_BASIS_LEADER,
                    SEC),
         "chair");
    play_arrive(f, *meeting, pm ? play_pm_seats : play_ssu_seats, pm ? 4 : 6);
}

const char *play_query2(fed *f, const char *name, const char *a, const char *b)
{
    sb_buf json;
    sb_buf_init(&json);
    const char *args[] = {a, b};
    const char *answer = NULL;
    if (sb_ledger_query(f->ledger, name, args, 2, &json, &f->fail) == SB_OK)
        answer = sb_arena_str(&f->arena, sb_buf_slice(&json));
    sb_buf_deinit(&json);
    return answer;
}
