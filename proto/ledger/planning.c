/* MEETING_PLAN (§ 6 SSU nr. 1–2; PM nr. 1–2) and RULING: what is recorded and bars nothing. */
#include "proto/ledger/case_parts.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/out.h"

/* ---- MEETING_PLAN ---- */

static sb_err check_dates(sb_step *s, const Sb__MeetingPlan *m)
{
    uint32_t last = 0;
    for (size_t i = 0; i < m->n_dates; i++) {
        sb_date date;
        uint32_t day = m->dates[i]->date;
        if (!sb_date_from_number(day, &date))
            return sb_fail_num(s->fail, SB_E_LEDGER_DATE_INVALID, 1, day, 0);
        if (day <= last || day / 10000 != m->year)
            return sb_fail_set(s->fail, SB_E_LEDGER_PLAN_DATES, sb_date_arg(s->arena, day),
                               sb_arena_printf(s->arena, "%u", (unsigned)m->year), NULL);
        last = day;
    }
    return SB_OK;
}

sb_err sb_check_meeting_plan(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingPlan *m = (const void *)message;
    uint32_t body;
    sb_err err = sb_body_need(s, m->body, &body);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(body);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = check_dates(s, m)) != SB_OK)
        return err;
    sb_row_question question;
    if (m->question_id.len == 0)
        return SB_OK;
    if ((err = sb_question_need(s, m->question_id, &question)) != SB_OK)
        return err;
    if (question.body != body || question.outcome != SB__OUTCOME__OUTCOME_ADOPTED)
        return sb_fail_set(s->fail, SB_E_LEDGER_PLAN_QUESTION, sb_body_short(s->charter, body),
                           NULL);
    return SB_OK;
}

void sb_apply_meeting_plan(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__MeetingPlan *m = (const void *)message;
    sb_row_plan plan = {.body = sb_body_find(s->charter, m->body),
                        .year = m->year,
                        .index = s->index,
                        .at_ms = s->now_ms,
                        .question = sb_ref_find(s->kv, m->question_id, SB_REF_QUESTION)};
    sb_row_plan_put(s->kv, &plan);
    sb_row_plan_date old = {.body = plan.body, .year = plan.year};
    while (sb_row_plan_date_next(s->kv, NULL, &old, true, 2)) {
        sb_row_plan_date_del(s->kv, &old);
        old.date = 0;
    }
    for (size_t i = 0; i < m->n_dates; i++) {
        sb_row_plan_date row = {.body = plan.body, .year = plan.year, .date = m->dates[i]->date};
        sb_row_plan_date_put(s->kv, &row);
    }
}

/* ---- RULING ---- */

sb_err sb_check_ruling(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Ruling *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c = {0};
    sb_row_agenda item;
    sb_err err = sb_meeting_need(s, m->meeting_id, &meeting);
    if (err != SB_OK || (m->case_id.len > 0 && (err = sb_case_need(s, m->case_id, &c)) != SB_OK))
        return err;
    sb_scope scope = sb_scope_meeting(s, &meeting, c.no);
    if ((err = sb_may(s, &scope)) != SB_OK || (err = sb_meeting_open_need(s, &meeting)) != SB_OK ||
        (c.no != 0 && (err = sb_agenda_need(s, &meeting, &c, &item)) != SB_OK))
        return err;
    if (sb_chair_of(s->kv, meeting.no, c.no) == 0)
        return sb_fail_set(s->fail, SB_E_LEDGER_NO_CHAIR,
                           sb_meeting_label(s->arena, s->charter, &meeting), NULL);
    uint32_t count = 0;
    sb_row_ruling row = {.meeting = meeting.no};
    for (bool more = sb_row_ruling_next(s->kv, NULL, &row, true, 1); more;
         more = sb_row_ruling_next(s->kv, NULL, &row, false, 1))
        count++;
    if (count >= SB_RULINGS_MAX)
        return sb_fail_set(s->fail, SB_E_LEDGER_RULINGS_MANY,
                           sb_meeting_label(s->arena, s->charter, &meeting),
                           sb_arena_printf(s->arena, "%d", SB_RULINGS_MAX), NULL);
    return SB_OK;
}

void sb_apply_ruling(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__Ruling *m = (const void *)message;
    sb_row_meeting meeting;
    sb_row_case c = {0};
    if (sb_meeting_need(s, m->meeting_id, &meeting) != SB_OK ||
        (m->case_id.len > 0 && sb_case_need(s, m->case_id, &c) != SB_OK))
        return;
    sb_row_ruling row = {.meeting = meeting.no,
                         .index = s->index,
                         .case_no = c.no,
                         .kind = (uint8_t)m->kind,
                         .chair = sb_chair_of(s->kv, meeting.no, c.no)};
    sb_blob_set(row.sha256, &row.size, m->text);
    sb_row_ruling_put(s->kv, &row);
}

/* ---- rulings in certificates ---- */

static const char *seat_id(sb_kv *kv, sb_arena *arena, uint32_t no)
{
    sb_row_seat seat = {.no = no};
    return no != 0 && sb_row_seat_get(kv, arena, &seat) ? seat.id : NULL;
}

static bool is_about(const sb_row_ruling *row, uint32_t case_no)
{
    return row->case_no == 0 || row->case_no == case_no;
}

void sb_rulings_put(sb_json *j, sb_kv *kv, sb_arena *arena, uint32_t meeting, uint32_t case_no)
{
    sb_json_key(j, "rulings");
    sb_json_array(j);
    sb_row_ruling row = {.meeting = meeting};
    for (bool more = sb_row_ruling_next(kv, NULL, &row, true, 1); more;
         more = sb_row_ruling_next(kv, NULL, &row, false, 1)) {
        if (!is_about(&row, case_no))
            continue;
        sb_json_object(j);
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_RULING_KIND, row.kind));
        sb_out_str(j, "of", row.case_no == 0 ? "meeting" : "case");
        sb_out_str(j, "chair", seat_id(kv, arena, row.chair));
        sb_out_hash(j, "text_sha256", row.sha256);
        sb_out_u64(j, "index", row.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_certificate_put_rulings(sb_json *j, const sb_certificate *c)
{
    sb_rulings_put(j, c->kv, c->arena, c->meeting.no, c->c.no);
}

/* "Møtelederen – Rådmann, Senja kommune (kommune-6) – avgjorde et spørsmål om nytt punkt i en meldt
 * sak." */
void sb_certificate_text_rulings(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    sb_row_ruling row = {.meeting = c->meeting.no};
    for (bool more = sb_row_ruling_next(c->kv, NULL, &row, true, 1); more;
         more = sb_row_ruling_next(c->kv, NULL, &row, false, 1)) {
        sb_row_seat chair = {.no = row.chair};
        if (!is_about(&row, c->c.no))
            continue;
        if (row.chair == 0 || !sb_row_seat_get(c->kv, c->arena, &chair))
            chair = (sb_row_seat){.title = "–", .id = "–"};
        sb_buf_printf(out,
                      lang == SB_LANG_NB ? "Møtelederen – %s (%s) – avgjorde et spørsmål om %s%s.\n"
                                         : "The chair – %s (%s) – ruled on %s%s.\n",
                      chair.title, chair.id, sb_text_word(SB_TEXT_RULING_KIND, row.kind, lang),
                      row.case_no != 0     ? ""
                      : lang == SB_LANG_NB ? " (gjelder møtet)"
                                           : " (of the meeting)");
    }
}
