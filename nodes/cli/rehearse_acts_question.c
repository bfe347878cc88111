/* From a step to commands: what members say and vote, tasks and minutes. */
#include "nodes/cli/rehearse_acts.h"

/* With a seat's own key: `role` if it is said, else whoever represents it in the case's question. */
static sb_reh_person voter(sb_maker *m, const sb_doc *question, const char *seat, uint32_t role)
{
    return sb_mk_actor(m, seat, role != 0 ? role : sb_mk_role_in_question(question, seat));
}

const char *sb_act_object(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    sb_reh_person person =
        voter(m, sb_mk_question_of(m), seat, (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0));
    sb_mk_begin(m, &person, "question", "object");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--reason", SB_REH_F_REASON);
    return seat;
}

/* Every ballot of one choice; how many. */
static uint32_t ballots(sb_maker *m, const sb_doc *question, sb_reh_field field, const char *choice)
{
    bool recorded = m->step->kind == SB_REH_RECORD_VOTE;
    const sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_CASE, m->step, SB_REH_F_CASE);
    const Sb__Body *body = sb_reh_body(m->p->fed->charter, name->body);
    const sb_reh_value *v = m->step->fields[field];
    uint32_t count = 0;
    for (uint32_t i = 0; v != NULL && i < v->count; i++) {
        const sb_reh_value one = {.count = 1, .items = &v->items[i]};
        sb_places list = sb_mk_read_places(m, &one, body, true);
        for (uint32_t k = 0; k < list.count; k++) {
            const sb_place *at = &list.items[k];
            sb_reh_person person = recorded ? sb_mk_actor(m, "secretariat", 0)
                                            : voter(m, question, at->seat, at->role);
            sb_mk_begin(m, &person, "question", recorded ? "record" : "vote");
            sb_mk_word(m, name->id);
            if (choice[0] != '\0')
                sb_mk_word(m, choice);
            else
                sb_mk_option(
                    m, "--candidate",
                    sb_arena_printf(&m->p->scratch, "%llu", (unsigned long long)v->items[i].a));
            sb_mk_option(m, "--seat", at->seat);
            count++;
        }
    }
    return count;
}

const char *sb_act_vote(sb_maker *m)
{
    const sb_doc *question = sb_mk_question_of(m);
    bool elects =
        m->step->fields[SB_REH_F_CANDIDATES] != NULL || m->step->fields[SB_REH_F_BLANK] != NULL;
    uint32_t chosen = ballots(m, question, SB_REH_F_CANDIDATES, "");
    uint32_t blank = ballots(m, question, SB_REH_F_BLANK, "--blank");
    uint32_t for_ = ballots(m, question, SB_REH_F_FOR, "for");
    uint32_t against = ballots(m, question, SB_REH_F_AGAINST, "against");
    uint32_t abstain = ballots(m, question, SB_REH_F_ABSTAIN, "abstain");
    if (elects)
        return sb_arena_printf(&m->p->scratch,
                               sb_reh_either(m->p, "%u på kandidatene, blanke: %u",
                                             "%u for the candidates, blank: %u"),
                               chosen, blank);
    return sb_arena_printf(
        &m->p->scratch,
        sb_reh_either(m->p, "%u for, %u mot, %u avstår", "%u for, %u against, %u abstaining"), for_,
        against, abstain);
}

const char *sb_act_confirm(sb_maker *m)
{
    const sb_reh_value *v = m->step->fields[SB_REH_F_SEATS];
    const sb_doc *question = sb_mk_question_of(m);
    const char *about = "";
    for (uint32_t i = 0; i < v->count; i++) {
        const char *seat = v->items[i].text;
        sb_reh_person person = voter(m, question, seat, v->items[i].role);
        sb_mk_begin(m, &person, "question", "confirm");
        sb_mk_word(m, sb_mk_case_id(m));
        sb_mk_option(m, "--seat", seat);
        about = sb_arena_printf(&m->p->scratch, "%s%s%s", about, i == 0 ? "" : ", ", seat);
    }
    return about;
}

/* Somebody's own words, with the seat's key. */
static sb_reh_person speaker(sb_maker *m, const char *seat)
{
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0 && m->step->fields[SB_REH_F_MEETING] != NULL)
        role = sb_mk_role_in_meeting(m, sb_mk_meeting_id(m), seat);
    return sb_mk_actor(m, seat, role);
}

const char *sb_act_remark(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    sb_reh_person person = speaker(m, seat);
    sb_mk_begin(m, &person, "remark", "add");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_option(m, "--seat", seat);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    return seat;
}

const char *sb_act_dispute(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    sb_reh_person person = speaker(m, seat);
    sb_mk_begin(m, &person, "dispute", "open");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_gives(m, sb_reh_named(m->p, SB_REH_NAME_DISPUTE, m->step, SB_REH_F_DISPUTE));
    return seat;
}

const char *sb_act_close_dispute(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "dispute", "close");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_text_option(m, "--end", SB_REH_F_ENDED);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    if (m->step->fields[SB_REH_F_DISPUTE] != NULL)
        sb_mk_option(m, "--dispute", sb_mk_id_of(m, SB_REH_NAME_DISPUTE, SB_REH_F_DISPUTE));
    return NULL;
}

const char *sb_act_task(sb_maker *m)
{
    const sb_reh_value *due = m->step->fields[SB_REH_F_DUE];
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_TASK, m->step, SB_REH_F_TASK);
    sb_mk_begin_as_secretariat(m, "task", "set");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--meeting", sb_mk_meeting_id(m));
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_list_option(m, "--responsible", SB_REH_F_RESPONSIBLE);
    if (due->due == SB_REH_DUE_DATE)
        sb_mk_date_option(m, "--due", SB_REH_F_DUE);
    else if (due->due == SB_REH_DUE_MEETING)
        sb_mk_option(m, "--due-meeting", sb_mk_id_of(m, SB_REH_NAME_MEETING, SB_REH_F_DUE));
    else if (due->due == SB_REH_DUE_CONTINUOUS)
        sb_mk_option(m, "--due", "continuous");
    else
        sb_mk_text_option(m, "--due-event", SB_REH_F_DUE);
    sb_mk_gives(m, name);
    return sb_reh_text(m->step, SB_REH_F_TEXT);
}

static const char *minutes(sb_maker *m, const char *verb)
{
    const char *text = sb_reh_text(m->step, SB_REH_F_TEXT);
    sb_mk_begin_as_secretariat(m, "minutes", verb);
    sb_mk_word(m, sb_mk_meeting_id(m));
    if (text != NULL)
        sb_mk_document_option(m, "--document", text);
    sb_mk_claim_options(m);
    return NULL;
}

const char *sb_act_minutes_draft(sb_maker *m)
{
    return minutes(m, "draft");
}

const char *sb_act_minutes_correct(sb_maker *m)
{
    return minutes(m, "correct");
}

const char *sb_act_minutes_approve(sb_maker *m)
{
    sb_mk_begin_as_secretariat(m, "minutes", "approve");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_option(m, "--case", sb_mk_case_id(m));
    return NULL;
}

const char *sb_act_minutes_request(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    sb_reh_person person = speaker(m, seat);
    sb_mk_begin(m, &person, "minutes", "request");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    return seat;
}
