/* samband task and samband remark: what follows from a meeting, and what somebody wants on record.
 */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

/* ---- remark ---- */

static const sb_arg_option REMARK_OPTIONS[] = {SB_OPTION_OWN_SEAT,
                                               {.name = "case",
                                                .value = "SAK",
                                                .nb = "saken; ellers gjelder den møtet",
                                                .en = "the case; else it is to the meeting"},
                                               SB_OPTION_TEXT("text", "tilførselen", "the remark"),
                                               SB_OPTION_END};

static sb_err remark_add(sb_cli *cli)
{
    Sb__Remark m = SB__REMARK__INIT;
    const sb_doc *meeting = NULL, *c = NULL;
    const char *seat = NULL, *ref = sb_args_value(cli->args, "case");
    uint8_t id[32], case_id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK && ref != NULL) {
        err = sb_ref_case(cli, ref, &c, case_id);
        m.case_id = sb_bytes32(case_id);
    }
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(meeting, "body"), &seat);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", true, &m.text);
    m.meeting_id = sb_bytes32(id);
    m.seat = (char *)(uintptr_t)seat;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_REMARK, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_remark_add = {SB_MEETING_POSITION, REMARK_OPTIONS, remark_add};

/* ---- set ---- */

static const sb_arg_option SET_OPTIONS[] = {
    SB_OPTION_TEXT("text", "hva som skal gjøres", "what is to be done"),
    {.name = "responsible",
     .value = "HVEM",
     .nb = "plasser, samarbeidspartnere, organer, verv eller organisasjoner",
     .en = "seats, partners, bodies, offices or organisations",
     .is_required = true,
     .may_repeat = true},
    {.name = "due",
     .value = "DATO",
     .nb = "frist: en dato, eller continuous (fortløpende)",
     .en = "due: a date, or continuous"},
    {.name = "due-meeting",
     .value = "MØTE",
     .nb = "frist: til dette møtet",
     .en = "due: at this meeting"},
    {.name = "due-event",
     .value = "TEKST",
     .nb = "frist: «medio april 2022», «når veilederen foreligger»",
     .en = "due: \"mid April 2022\", \"when the guide is out\""},
    {.name = "meeting",
     .value = "MØTE",
     .nb = "møtet den ble gitt i (ellers det saken står på)",
     .en = "the meeting that set it (else the one the case is on)"},
    SB_OPTION_END};

static bool is_continuous(const char *text)
{
    return strcmp(text, "continuous") == 0 || strcmp(text, "fortløpende") == 0;
}

static sb_err set_due(sb_cli *cli, Sb__TaskSet *m, uint8_t meeting_id[32])
{
    const char *due = sb_args_value(cli->args, "due");
    const char *meeting = sb_args_value(cli->args, "due-meeting");
    const char *event = sb_args_value(cli->args, "due-event");
    const sb_doc *doc = NULL;
    char *text = NULL;
    sb_err err = SB_OK;
    if ((due != NULL) + (meeting != NULL) + (event != NULL) != 1)
        return sb_fail_set(&cli->fail, SB_E_CLI_ONE_OF, "due", "due-meeting | --due-event", NULL);
    if (due != NULL && is_continuous(due)) {
        m->due_case = SB__TASK_SET__DUE_CONTINUOUS;
        m->continuous = true;
    } else if (due != NULL) {
        m->due_case = SB__TASK_SET__DUE_DATE;
        err = sb_read_date(cli, due, &m->date);
    } else if (meeting != NULL) {
        m->due_case = SB__TASK_SET__DUE_MEETING;
        err = sb_ref_meeting(cli, meeting, NULL, &doc, meeting_id);
        m->meeting = sb_bytes32(meeting_id);
    } else {
        err = sb_read_text(cli, event, &text);
        m->due_case = SB__TASK_SET__DUE_EVENT;
        if (err == SB_OK)
            err = sb_upload(cli, sb_slice_str(text), &m->event);
    }
    return err;
}

static sb_err task_set(sb_cli *cli)
{
    Sb__TaskSet m = SB__TASK_SET__INIT;
    const sb_doc *c = NULL;
    uint8_t id[32], meeting[32], due_meeting[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_meeting_of(cli, c, meeting);
    if (err == SB_OK)
        err = set_due(cli, &m, due_meeting);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", true, &m.text);
    if (err != SB_OK)
        return err;
    m.responsible = (char **)(uintptr_t)sb_option_list(cli, "responsible", &m.n_responsible);
    m.meeting_id = sb_bytes32(meeting);
    m.case_id = sb_bytes32(id);
    err = sb_submit_new(cli, SB_ENTRY_TASK_SET, &m.base, "task", "Oppgavens referanse",
                        "The task's reference");
    return err;
}

const sb_verb_spec sb_spec_task_set = {SB_CASE_POSITION, SET_OPTIONS, task_set};

/* ---- done ---- */

static const sb_arg_position TASK_POSITION[] = {{.name = "OPPGAVE"}, {.name = NULL}};
static const sb_arg_option DONE_OPTIONS[] = {
    SB_OPTION_TEXT("note", "hva som ble gjort", "what was done"), SB_OPTION_END};

static sb_err task_done(sb_cli *cli)
{
    Sb__TaskDone m = SB__TASK_DONE__INIT;
    const sb_doc *list = NULL;
    const char *hex = NULL;
    uint8_t id[32];
    sb_err err = sb_session_ask(cli, &list, "tasks", NULL);
    if (err == SB_OK)
        err = sb_ref_in(cli, list, sb_args_position(cli->args, 0),
                        sb_cli_either(cli, "oppgaven", "task"), &hex);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), id, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "tasks", NULL);
    if (err == SB_OK)
        err = sb_option_blob(cli, "note", false, &m.note);
    m.task_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_TASK_DONE, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_task_done = {TASK_POSITION, DONE_OPTIONS, task_done};

/* ---- list ---- */

static const char *due_words(sb_cli *cli, const sb_doc *due)
{
    const char *kind = sb_doc_str(due, "kind");
    if (strcmp(kind, "date") == 0)
        return sb_doc_date(cli, due, "date");
    if (strcmp(kind, "meeting") == 0)
        return sb_doc_date(cli, sb_doc_get(due, "meeting"), "date");
    if (strcmp(kind, "event") == 0)
        return sb_blob_text(cli, sb_doc_get(due, "event"));
    return sb_text(SB_MSG_CONTINUOUSLY, cli->lang);
}

static const char *names_of(sb_cli *cli, const sb_doc *list)
{
    const char *out = "";
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        out = sb_arena_printf(&cli->arena, "%s%s%s", out, i > 0 ? ", " : "",
                              sb_doc_str(list->items[i], "name"));
    return out;
}

static sb_err task_list(sb_cli *cli)
{
    const char *body = sb_args_position(cli->args, 0);
    const sb_doc *list = NULL;
    sb_err err = sb_session_show(cli, &list, "tasks", body);
    if (err != SB_OK)
        return err;
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *t = list->items[i];
        sb_cli_say(cli, "%.12s  %s %s: %s", sb_doc_str(t, "id"),
                   sb_text(SB_MSG_HEAD_CASE, cli->lang), sb_doc_str(t, "case_number"),
                   sb_blob_text(cli, sb_doc_get(t, "text")));
        sb_cli_say(cli, "  %s: %s. %s: %s%s%s", sb_text(SB_MSG_HEAD_RESPONSIBLE, cli->lang),
                   names_of(cli, sb_doc_get(t, "responsible")), sb_text(SB_MSG_HEAD_DUE, cli->lang),
                   due_words(cli, sb_doc_get(t, "due")), sb_doc_true(t, "done") ? ". " : "",
                   sb_doc_true(t, "done")
                       ? sb_text_word(SB_TEXT_ENTRY, SB_ENTRY_TASK_DONE, cli->lang)
                       : "");
    }
    if (sb_doc_count(list) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    return SB_OK;
}

const sb_verb_spec sb_spec_task_list = {SB_OPTIONAL_BODY, NULL, task_list};
