/* samband meeting: called, opened, chaired, closed. Attendance is in cmd_attend.c, `show` in
 * meeting_show.c. */
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

const sb_arg_position SB_MEETING_POSITION[] = {
    {.name = "MØTE"}, {.name = "DATO", .is_optional = true}, {.name = NULL}};
const sb_arg_position SB_CASE_POSITION[] = {{.name = "SAK"}, {.name = NULL}};
const sb_arg_position SB_OPTIONAL_BODY[] = {{.name = "ORGAN", .is_optional = true}, {.name = NULL}};
static const sb_arg_position CALL_POSITIONS[] = {
    {.name = "ORGAN"}, {.name = "DATO"}, {.name = NULL}};

/* The cases of an option as ids, in the order given. */
static sb_err case_ids(sb_cli *cli, const char *option, ProtobufCBinaryData **ids, size_t *count)
{
    const char **refs = sb_option_list(cli, option, count);
    *ids = SB_ARENA_ARRAY(&cli->arena, ProtobufCBinaryData, *count + 1);
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < *count; i++) {
        const sb_doc *doc = NULL;
        uint8_t *id = sb_arena_alloc(&cli->arena, 32);
        err = sb_ref_case(cli, refs[i], &doc, id);
        (*ids)[i] = sb_bytes32(id);
    }
    return err;
}

/* ---- call ---- */

static const sb_arg_option CALL_OPTIONS[] = {
    {.name = "start",
     .value = "KL",
     .nb = "når møtet begynner, 12:00",
     .en = "when it begins, 12:00",
     .is_required = true},
    {.name = "end", .value = "KL", .nb = "når møtet slutter", .en = "when it ends"},
    {.name = "form",
     .value = "FORM",
     .nb = "physical (fysisk møte), video eller telephone (telefonmøte)",
     .en = "physical, video or telephone"},
    SB_OPTION_TEXT("place", "hvor møtet er", "where it is"),
    {.name = "extraordinary", .nb = "ekstraordinært møte", .en = "an extraordinary meeting"},
    SB_OPTION_TEXT("reason", "hvorfor det kalles inn ekstraordinært",
                   "why it is called extraordinarily"),
    {.name = "agenda",
     .value = "SAKER",
     .nb = "sakene i rekkefølge; «all»: alle som er meldt",
     .en = "the cases in order; \"all\": all that are reported",
     .is_required = true,
     .may_repeat = true},
    SB_OPTION_CLAIM("når innkallingen ble sendt", "when the notice went out"),
    SB_OPTION_END};

/* All cases of the body that are reported and stand on no agenda. */
static sb_err all_reported(sb_cli *cli, const char *body, Sb__MeetingCall *m)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "cases", body, NULL);
    if (err != SB_OK)
        return err;
    m->agenda = SB_ARENA_ARRAY(&cli->arena, ProtobufCBinaryData, sb_doc_count(list) + 1);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        const char *status = sb_doc_str(list->items[i], "status");
        if (strcmp(status, "reported") != 0 && strcmp(status, "postponed") != 0)
            continue;
        uint8_t *id = sb_arena_alloc(&cli->arena, 32);
        err = sb_doc_hex32(list->items[i], "id", id, &cli->fail);
        m->agenda[m->n_agenda++] = sb_bytes32(id);
    }
    return err;
}

static sb_err call_times(sb_cli *cli, Sb__MeetingCall *m)
{
    const char *end = sb_args_value(cli->args, "end");
    sb_err err = sb_read_clock(cli, sb_args_value(cli->args, "start"), &m->start_minute);
    if (err == SB_OK && end != NULL)
        err = sb_read_clock(cli, end, &m->end_minute);
    if (err == SB_OK && end != NULL && m->end_minute <= m->start_minute)
        m->end_minute += 24 * 60; /* past midnight */
    return err;
}

static sb_err meeting_call(sb_cli *cli)
{
    Sb__MeetingCall m = SB__MEETING_CALL__INIT;
    const char *body = NULL;
    const char *agenda = sb_args_value(cli->args, "agenda");
    uint32_t form = SB__MEETING_FORM__MEETING_FORM_PHYSICAL;
    sb_err err = sb_ref_body(cli, sb_args_position(cli->args, 0), &body);
    if (err == SB_OK)
        err = sb_read_date(cli, sb_args_position(cli->args, 1), &m.date);
    if (err == SB_OK)
        err = call_times(cli, &m);
    if (err == SB_OK)
        err = sb_option_word(cli, SB_TEXT_MEETING_FORM, "form", form, &form);
    if (err == SB_OK && (strcmp(agenda, "all") == 0 || strcmp(agenda, "alle") == 0))
        err = all_reported(cli, body, &m);
    else if (err == SB_OK)
        err = case_ids(cli, "agenda", &m.agenda, &m.n_agenda);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    m.extraordinary = sb_args_flag(cli->args, "extraordinary");
    if (err == SB_OK)
        err = sb_option_blob(cli, "place", false, &m.place);
    if (err == SB_OK)
        err = sb_option_blob(cli, "reason", m.extraordinary, &m.reason);
    if (err == SB_OK && m.reason != NULL && !m.extraordinary)
        err = sb_args_missing(cli->args, "extraordinary", &cli->fail);
    if (err != SB_OK)
        return err;
    m.body = (char *)(uintptr_t)body;
    m.form = (Sb__MeetingForm)form;
    return sb_submit_new(cli, SB_ENTRY_MEETING_CALL, &m.base, "meeting", "Møtets referanse",
                         "The meeting's reference");
}

const sb_verb_spec sb_spec_meeting_call = {CALL_POSITIONS, CALL_OPTIONS, meeting_call};

/* ---- papers ---- */

static const sb_arg_option PAPERS_OPTIONS[] = {
    {.name = "cases",
     .value = "SAKER",
     .nb = "bare papirene til disse sakene (ellers hele dagsordenen)",
     .en = "only these cases' papers (else the whole agenda's)",
     .may_repeat = true},
    SB_OPTION_ATTACH,
    SB_OPTION_CLAIM("når de ble sendt ut", "when they were sent out"),
    SB_OPTION_END};

static sb_err whole_agenda(sb_cli *cli, const sb_doc *meeting, Sb__PapersSent *m)
{
    const sb_doc *agenda = sb_doc_get(meeting, "agenda");
    m->case_ids = SB_ARENA_ARRAY(&cli->arena, ProtobufCBinaryData, sb_doc_count(agenda) + 1);
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(agenda); i++) {
        uint8_t *id = sb_arena_alloc(&cli->arena, 32);
        err = sb_doc_hex32(agenda->items[i], "case", id, &cli->fail);
        m->case_ids[m->n_case_ids++] = sb_bytes32(id);
    }
    return err;
}

static sb_err meeting_papers(sb_cli *cli)
{
    Sb__PapersSent m = SB__PAPERS_SENT__INIT;
    const sb_doc *meeting = NULL;
    uint8_t id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK && sb_args_value(cli->args, "cases") != NULL)
        err = case_ids(cli, "cases", &m.case_ids, &m.n_case_ids);
    else if (err == SB_OK)
        err = whole_agenda(cli, meeting, &m);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = sb_option_attachments(cli, &m.papers, &m.n_papers);
    m.meeting_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_PAPERS_SENT, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_meeting_papers = {SB_MEETING_POSITION, PAPERS_OPTIONS, meeting_papers};

/* ---- open, chair, close ---- */

static sb_err meeting_open(sb_cli *cli)
{
    Sb__MeetingOpen m = SB__MEETING_OPEN__INIT;
    const sb_doc *meeting = NULL;
    uint8_t id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    m.meeting_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_MEETING_OPEN, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_meeting_open = {SB_MEETING_POSITION, NULL, meeting_open};

static sb_err meeting_close(sb_cli *cli)
{
    Sb__MeetingClose m = SB__MEETING_CLOSE__INIT;
    const sb_doc *meeting = NULL;
    uint8_t id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    m.meeting_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_MEETING_CLOSE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_meeting_close = {SB_MEETING_POSITION, NULL, meeting_close};

static const sb_arg_option CHAIR_OPTIONS[] = {
    {.name = "seat",
     .value = "PLASS",
     .nb = "medlemsplassen møtelederen sitter på (ellers din egen)",
     .en = "the chair's seat (else your own)"},
    {.name = "case", .value = "SAK", .nb = "bare for denne saken", .en = "for this case only"},
    {.name = "basis",
     .value = "HVORDAN",
     .nb = "leder, nestleder eller chosen (valgt av møtet)",
     .en = "leader, deputy_leader or chosen",
     .is_required = true},
    SB_OPTION_END};

static sb_err meeting_chair(sb_cli *cli)
{
    Sb__ChairTake m = SB__CHAIR_TAKE__INIT;
    const sb_doc *meeting = NULL, *c = NULL;
    const char *seat = NULL;
    uint32_t basis = 0;
    uint8_t id[32], case_id[32];
    sb_err err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = sb_option_word(cli, SB_TEXT_CHAIR_BASIS, "basis", 0, &basis);
    if (err == SB_OK)
        err = sb_option_case(cli, "case", &c, case_id);
    if (c != NULL)
        m.case_id = sb_bytes32(case_id);
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(meeting, "body"), &seat);
    m.meeting_id = sb_bytes32(id);
    m.seat = (char *)(uintptr_t)seat;
    m.basis = (Sb__ChairBasis)basis;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CHAIR_TAKE, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_meeting_chair = {SB_MEETING_POSITION, CHAIR_OPTIONS, meeting_chair};

/* ---- plan, rule ---- */

static const sb_arg_position PLAN_POSITIONS[] = {{.name = "ORGAN"}, {.name = "ÅR"}, {.name = NULL}};
static const sb_arg_option PLAN_OPTIONS[] = {
    {.name = "dates",
     .value = "DATOER",
     .nb = "møtedatoene det året; erstatter planen som var (uten: vis planen)",
     .en = "the dates of that year's meetings; replaces the plan (without: show the plan)",
     .may_repeat = true},
    {.name = "case",
     .value = "SAK",
     .nb = "saken der organet vedtok planen",
     .en = "the case in which the body adopted it"},
    SB_OPTION_END};

static int by_date(const void *a, const void *b)
{
    uint32_t x = (*(Sb__PlannedDate *const *)a)->date, y = (*(Sb__PlannedDate *const *)b)->date;
    return x < y ? -1 : x > y;
}

static sb_err planned_dates(sb_cli *cli, Sb__MeetingPlan *m)
{
    size_t count = 0;
    const char **texts = sb_option_list(cli, "dates", &count);
    m->dates = SB_ARENA_ARRAY(&cli->arena, Sb__PlannedDate *, count + 1);
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        Sb__PlannedDate *d = SB_ARENA_NEW(&cli->arena, Sb__PlannedDate);
        sb__planned_date__init(d);
        err = sb_read_date(cli, texts[i], &d->date);
        m->dates[m->n_dates++] = d;
    }
    if (err == SB_OK)
        qsort(m->dates, m->n_dates, sizeof *m->dates, by_date);
    return err;
}

/* What the bylaws ask of the plan and it doesn't have: noted, never a bar. */
static void say_planning(sb_cli *cli, const sb_doc *norm)
{
    const char *cite = sb_doc_str(norm, "cite");
    if (sb_doc_get(norm, "enough") == NULL)
        return;
    if (!sb_doc_true(norm, "enough"))
        sb_cli_say(cli,
                   sb_cli_either(cli, "Det skal være minst %llu møter i året (%s).",
                                 "There must be at least %llu meetings a year (%s)."),
                   (unsigned long long)sb_doc_num(norm, "least_meetings"), cite);
    if (!sb_doc_true(norm, "in_time"))
        sb_cli_say(cli,
                   sb_cli_either(cli, "Planen skal vedtas før året begynner (%s).",
                                 "The plan must be decided before the year begins (%s)."),
                   cite);
}

static sb_err show_plan(sb_cli *cli, const char *body, const char *year)
{
    sb_slice json = {0};
    const sb_doc *plan = NULL;
    sb_err err = sb_session_query(cli, &json, "plan", body, year, NULL);
    if (err == SB_OK)
        err = sb_session_ask(cli, &plan, "plan", body, year, NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    const sb_doc *dates = sb_doc_get(plan, "dates");
    for (uint32_t i = 0; i < sb_doc_count(dates); i++) {
        uint32_t date = 0;
        if (sb_read_date(cli, (const char *)dates->items[i]->text.data, &date) == SB_OK)
            sb_cli_say(cli, "%s", sb_cli_date(cli, date));
    }
    if (sb_doc_count(dates) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    say_planning(cli, sb_doc_get(plan, "norm"));
    return SB_OK;
}

static sb_err meeting_plan(sb_cli *cli)
{
    Sb__MeetingPlan m = SB__MEETING_PLAN__INIT;
    const sb_doc *q = NULL;
    const char *body = NULL, *year = sb_args_position(cli->args, 1);
    const char *of_case = sb_args_value(cli->args, "case");
    char *end = NULL;
    uint8_t question[32];
    unsigned long number = strtoul(year, &end, 10);
    if (*end != '\0' || number < 1990 || number > 2199)
        return sb_fail_set(&cli->fail, SB_E_CLI_YEAR, year, NULL);
    sb_err err = sb_ref_body(cli, sb_args_position(cli->args, 0), &body);
    if (err == SB_OK && sb_args_value(cli->args, "dates") == NULL)
        return show_plan(cli, body, year);
    if (err == SB_OK)
        err = planned_dates(cli, &m);
    if (err == SB_OK && of_case != NULL) {
        err = sb_ref_question(cli, of_case, &q, question);
        m.question_id = sb_bytes32(question);
    }
    m.body = (char *)(uintptr_t)body;
    m.year = (uint32_t)number;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_MEETING_PLAN, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_meeting_plan = {PLAN_POSITIONS, PLAN_OPTIONS, meeting_plan};

static const sb_arg_option RULE_OPTIONS[] = {
    {.name = "kind",
     .value = "SLAG",
     .nb = "new-clause (nytt punkt i en meldt sak), dagsorden, stemmerett, habilitet eller annet",
     .en = "new-clause, agenda, right-to-vote, qualification or other",
     .is_required = true},
    SB_OPTION_TEXT("text", "hva møtelederen avgjorde", "what the chair ruled"),
    {.name = "case",
     .value = "SAK",
     .nb = "saken det gjelder; ellers gjelder det møtet",
     .en = "the case it is about; else the meeting"},
    SB_OPTION_END};

static sb_err meeting_rule(sb_cli *cli)
{
    Sb__Ruling m = SB__RULING__INIT;
    const sb_doc *meeting = NULL, *c = NULL;
    uint32_t kind = 0;
    uint8_t id[32], case_id[32];
    sb_err err = sb_option_word(cli, SB_TEXT_RULING_KIND, "kind", 0, &kind);
    if (err == SB_OK)
        err = sb_position_meeting(cli, &meeting, id);
    if (err == SB_OK)
        err = sb_option_case(cli, "case", &c, case_id);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", true, &m.text);
    if (c != NULL)
        m.case_id = sb_bytes32(case_id);
    m.meeting_id = sb_bytes32(id);
    m.kind = (Sb__RulingKind)kind;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_RULING, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_meeting_rule = {SB_MEETING_POSITION, RULE_OPTIONS, meeting_rule};

/* ---- list ---- */

const char *sb_meeting_status_word(const sb_cli *cli, const char *code)
{
    static const char *const words[][3] = {{"called", "kalt inn", "called"},
                                           {"open", "åpent", "open"},
                                           {"closed", "avsluttet", "closed"},
                                           {NULL, NULL, NULL}};
    return sb_word_of(cli, words, code);
}

static sb_err meeting_list(sb_cli *cli)
{
    const char *body = sb_args_position(cli->args, 0);
    const sb_doc *list = NULL;
    sb_err err = sb_session_show(cli, &list, "meetings", body);
    if (err != SB_OK)
        return err;
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *m = list->items[i];
        sb_buf_printf(&lines, "%s\t%s\t%.12s\t%s\t%s\n", sb_doc_str(m, "body"),
                      sb_doc_date(cli, m, "date"), sb_doc_str(m, "id"),
                      sb_meeting_status_word(cli, sb_doc_str(m, "status")),
                      sb_doc_word(cli, SB_TEXT_MEETING_FORM, m, "form"));
    }
    if (lines.len == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_meeting_list = {SB_OPTIONAL_BODY, NULL, meeting_list};
