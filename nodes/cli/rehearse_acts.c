/* From a step to the commands that a person would type, and who that person is: a row per step. Most
 * are a verb with the step's fields as options; the others have a maker (rehearse_acts.h). */
#include "nodes/cli/rehearse_acts.h"

typedef enum option_kind { NO_OPTION = 0, TEXT, LIST, CASE, CASES, MEETING } option_kind;

enum { OPTIONS_MAX = 4 };

typedef struct act_row {
    const char *(*make)(sb_maker *m); /* or: */
    const char *noun, *verb;
    enum {
        OF_NOTHING = 0,
        OF_CASE,
        OF_CASE_AND_NUMBER,
        OF_MEETING,
        OF_BODY,
        OF_BODY_AND_YEAR,
        OF_TASK
    } of;
    sb_reh_field number; /* OF_CASE_AND_NUMBER */
    struct {
        const char *name;
        option_kind kind;
        sb_reh_field field;
    } options[OPTIONS_MAX];
    bool claims;        /* claimed and source */
    sb_reh_field about; /* what the line says; 0: the case or meeting */
} act_row;

static const act_row ROWS[SB_REH_KINDS] = {
    [SB_REH_APPOINT] = {.make = sb_act_appoint},
    [SB_REH_REVOKE_KEY] = {.make = sb_act_change_key},
    [SB_REH_REPLACE_KEY] = {.make = sb_act_change_key},
    [SB_REH_DELEGATE] = {.make = sb_act_delegate},
    [SB_REH_REPORT] = {.make = sb_act_report},
    [SB_REH_PROPOSE] = {.noun = "wording",
                        .verb = "propose",
                        .of = OF_CASE,
                        .options = {{"--clause", LIST, SB_REH_F_CLAUSES}}},
    [SB_REH_AMEND_CASE] = {.noun = "case",
                           .verb = "amend",
                           .of = OF_CASE,
                           .options = {{"--title", TEXT, SB_REH_F_TITLE},
                                       {"--text", TEXT, SB_REH_F_TEXT},
                                       {"--enclosed", LIST, SB_REH_F_ATTACHMENTS}}},
    [SB_REH_POSTPONE] = {.make = sb_act_postpone},
    [SB_REH_WITHDRAW] = {.noun = "case",
                         .verb = "withdraw",
                         .of = OF_CASE,
                         .options = {{"--reason", TEXT, SB_REH_F_REASON}}},
    [SB_REH_RELATE] = {.make = sb_act_relate},
    [SB_REH_DISCUSS] = {.noun = "case",
                        .verb = "discuss",
                        .of = OF_CASE,
                        .options = {{"--meeting", MEETING, SB_REH_F_MEETING}}},
    [SB_REH_CONDITION] = {.make = sb_act_condition},
    [SB_REH_ANSWER] = {.make = sb_act_answer},
    [SB_REH_INPUT] = {.make = sb_act_input},
    [SB_REH_GIVE_INPUT] = {.make = sb_act_give_input},
    [SB_REH_ERASE] = {.make = sb_act_erase},
    [SB_REH_PLAN] = {.noun = "meeting",
                     .verb = "plan",
                     .of = OF_BODY_AND_YEAR,
                     .options = {{"--dates", LIST, SB_REH_F_DATES},
                                 {"--case", CASE, SB_REH_F_CASE}},
                     .about = SB_REH_F_BODY},
    [SB_REH_CALL] = {.make = sb_act_call},
    [SB_REH_PAPERS] = {.noun = "meeting",
                       .verb = "papers",
                       .of = OF_MEETING,
                       .options = {{"--cases", CASES, SB_REH_F_CASES},
                                   {"--enclosed", LIST, SB_REH_F_ATTACHMENTS}},
                       .claims = true},
    [SB_REH_OPEN_MEETING] = {.noun = "meeting", .verb = "open", .of = OF_MEETING},
    [SB_REH_CHAIR] = {.make = sb_act_chair},
    [SB_REH_CLOSE_MEETING] = {.noun = "meeting", .verb = "close", .of = OF_MEETING},
    [SB_REH_ARRIVE] = {.make = sb_act_attend},
    [SB_REH_DEPUTY] = {.make = sb_act_attend},
    [SB_REH_LEAVE] = {.make = sb_act_attend},
    [SB_REH_ABSENT] = {.make = sb_act_attend},
    [SB_REH_NOT_MET] = {.make = sb_act_attend},
    [SB_REH_NOT_DOCUMENTED] = {.make = sb_act_attend},
    [SB_REH_DISQUALIFY] = {.make = sb_act_attend},
    [SB_REH_QUALIFY] = {.make = sb_act_attend},
    [SB_REH_PRESENT] = {.make = sb_act_present},
    [SB_REH_RULE] = {.noun = "meeting",
                     .verb = "rule",
                     .of = OF_MEETING,
                     .options = {{"--kind", TEXT, SB_REH_F_RULING},
                                 {"--text", TEXT, SB_REH_F_TEXT},
                                 {"--case", CASE, SB_REH_F_CASE}}},
    [SB_REH_CREATE_BODY] = {.make = sb_act_create_body},
    [SB_REH_MANDATE_BODY] = {.noun = "body",
                             .verb = "mandate",
                             .of = OF_BODY,
                             .options = {{"--case", CASE, SB_REH_F_CASE},
                                         {"--mandate", TEXT, SB_REH_F_MANDATE}},
                             .about = SB_REH_F_BODY},
    [SB_REH_DISSOLVE_BODY] = {.noun = "body",
                              .verb = "dissolve",
                              .of = OF_BODY,
                              .options = {{"--case", CASE, SB_REH_F_CASE}},
                              .about = SB_REH_F_BODY},
    [SB_REH_PROPOSE_APPOINTMENT] = {.make = sb_act_propose_appointment},
    [SB_REH_PROPOSE_CHARTER] = {.make = sb_act_propose_charter},
    [SB_REH_ADD_ORGANISATION] = {.make = sb_act_add_organisation},
    [SB_REH_REMOVE_ORGANISATION] = {.make = sb_act_remove_organisation},
    [SB_REH_PROPOSE_WITNESSING] = {.make = sb_act_propose_witnessing},
    [SB_REH_STRIKE_ACTION] = {.noun = "action",
                              .verb = "strike",
                              .of = OF_CASE_AND_NUMBER,
                              .number = SB_REH_F_ACTION},
    [SB_REH_CANDIDATE] = {.make = sb_act_candidate},
    [SB_REH_WITHDRAW_CANDIDATE] = {.noun = "candidate",
                                   .verb = "withdraw",
                                   .of = OF_CASE_AND_NUMBER,
                                   .number = SB_REH_F_CANDIDATE},
    [SB_REH_AMEND] = {.make = sb_act_amend},
    [SB_REH_OPEN] = {.noun = "question",
                     .verb = "open",
                     .of = OF_CASE,
                     .options = {{"--mode", TEXT, SB_REH_F_MODE}}},
    [SB_REH_OBJECT] = {.make = sb_act_object},
    [SB_REH_VOTE] = {.make = sb_act_vote},
    [SB_REH_RECORD_VOTE] = {.make = sb_act_vote},
    [SB_REH_CONFIRM] = {.make = sb_act_confirm},
    [SB_REH_CLOSE] = {.noun = "question", .verb = "close", .of = OF_CASE},
    [SB_REH_FINALISE] = {.make = sb_act_finalise},
    [SB_REH_DISPUTE] = {.make = sb_act_dispute},
    [SB_REH_CLOSE_DISPUTE] = {.make = sb_act_close_dispute},
    [SB_REH_REMARK] = {.make = sb_act_remark},
    [SB_REH_TASK] = {.make = sb_act_task},
    [SB_REH_TASK_DONE] = {.noun = "task",
                          .verb = "done",
                          .of = OF_TASK,
                          .options = {{"--note", TEXT, SB_REH_F_NOTE}},
                          .about = SB_REH_F_TASK},
    [SB_REH_MINUTES_DRAFT] = {.make = sb_act_minutes_draft},
    [SB_REH_MINUTES_REQUEST] = {.make = sb_act_minutes_request},
    [SB_REH_MINUTES_CORRECT] = {.make = sb_act_minutes_correct},
    [SB_REH_MINUTES_APPROVE] = {.make = sb_act_minutes_approve},
};

static const char *number_text(sb_maker *m, sb_reh_field field)
{
    return sb_arena_printf(&m->p->scratch, "%llu",
                           (unsigned long long)sb_reh_number(m->step, field, 0));
}

static void positions(sb_maker *m, const act_row *row)
{
    switch (row->of) {
    case OF_NOTHING:
        return;
    case OF_CASE:
        sb_mk_word(m, sb_mk_case_id(m));
        return;
    case OF_CASE_AND_NUMBER:
        sb_mk_word(m, sb_mk_case_id(m));
        sb_mk_word(m, number_text(m, row->number));
        return;
    case OF_MEETING:
        sb_mk_word(m, sb_mk_meeting_id(m));
        return;
    case OF_BODY:
        sb_mk_word(m, sb_reh_text(m->step, SB_REH_F_BODY));
        return;
    case OF_BODY_AND_YEAR:
        sb_mk_word(m, sb_reh_text(m->step, SB_REH_F_BODY));
        sb_mk_word(m, number_text(m, SB_REH_F_YEAR));
        return;
    case OF_TASK:
        sb_mk_word(m, sb_mk_id_of(m, SB_REH_NAME_TASK, SB_REH_F_TASK));
        return;
    }
}

static void option(sb_maker *m, const char *name, option_kind kind, sb_reh_field field)
{
    if (m->step->fields[field] == NULL)
        return;
    switch (kind) {
    case NO_OPTION:
        return;
    case TEXT:
        sb_mk_text_option(m, name, field);
        return;
    case LIST:
        sb_mk_list_option(m, name, field);
        return;
    case CASE:
        sb_mk_option(m, name, sb_mk_id_of(m, SB_REH_NAME_CASE, field));
        return;
    case CASES:
        sb_mk_case_list_option(m, name, field);
        return;
    case MEETING:
        sb_mk_option(m, name, sb_mk_id_of(m, SB_REH_NAME_MEETING, field));
        return;
    }
}

/* What the printed line says it was about, where the step's case or meeting doesn't. */
static const char *make_acts(sb_maker *m)
{
    const act_row *row = &ROWS[m->step->kind];
    if (row->make != NULL)
        return row->make(m);
    if (row->noun == NULL)
        return ""; /* nobody signs it */
    sb_mk_begin_as_secretariat(m, row->noun, row->verb);
    positions(m, row);
    for (size_t i = 0; i < OPTIONS_MAX && row->options[i].name != NULL; i++)
        option(m, row->options[i].name, row->options[i].kind, row->options[i].field);
    if (row->claims)
        sb_mk_claim_options(m);
    return row->about == 0 ? NULL : sb_reh_text(m->step, row->about);
}

sb_err sb_reh_acts(sb_reh_play *p, const sb_reh_step *step, sb_reh_act **acts, const char **about,
                   sb_fail *fail)
{
    sb_maker m = {.p = p, .step = step, .fail = fail};
    m.end = &m.first;
    const char *what = make_acts(&m);
    const sb_reh_name *name = sb_reh_named(p, SB_REH_NAME_CASE, step, SB_REH_F_CASE);
    if (what == NULL && name != NULL)
        what = name->title != NULL ? sb_arena_printf(&p->scratch, "«%s»", name->title) : name->name;
    if (what == NULL)
        what = sb_reh_text(step, SB_REH_F_MEETING);
    *about = what == NULL ? "" : what;
    *acts = m.first;
    return m.err;
}
