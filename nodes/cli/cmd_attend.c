/* samband meeting attend: several events in one command, in the order they are written. */
#include "nodes/cli/inside.h"
#include "proto/calendar/oslo.h"

static const sb_arg_option ATTEND_OPTIONS[] = {
    {.name = "arrived",
     .value = "PLASSER",
     .nb = "fast representant kom; «all»: alle plassene",
     .en = "the representative arrived; \"all\": every seat",
     .may_repeat = true},
    {.name = "left",
     .value = "PLASSER",
     .nb = "fast representant gikk",
     .en = "the representative left",
     .may_repeat = true},
    {.name = "absent",
     .value = "PLASSER",
     .nb = "fast representant har meldt forfall",
     .en = "the representative is absent with notice",
     .may_repeat = true},
    {.name = "not-met",
     .value = "PLASSER",
     .nb = "fast representant møtte ikke",
     .en = "the representative did not come",
     .may_repeat = true},
    {.name = "not-documented",
     .value = "PLASSER",
     .nb = "det er ikke dokumentert",
     .en = "it is not documented",
     .may_repeat = true},
    {.name = "disqualified",
     .value = "PLASSER",
     .nb = "fast representant er inhabil i saken (--case)",
     .en = "the representative is disqualified on the case (--case)",
     .may_repeat = true},
    {.name = "qualified",
     .value = "PLASSER",
     .nb = "fast representant er likevel ikke inhabil i saken (--case)",
     .en = "the representative is not disqualified on the case after all (--case)",
     .may_repeat = true},
    {.name = "deputy",
     .value = "PLASSER",
     .nb = "personlig vara kom",
     .en = "the deputy arrived",
     .may_repeat = true},
    {.name = "deputy-left",
     .value = "PLASSER",
     .nb = "personlig vara gikk",
     .en = "the deputy left",
     .may_repeat = true},
    {.name = "deputy-absent",
     .value = "PLASSER",
     .nb = "personlig vara har meldt forfall",
     .en = "the deputy is absent with notice",
     .may_repeat = true},
    {.name = "deputy-disqualified",
     .value = "PLASSER",
     .nb = "personlig vara er inhabil i saken (--case)",
     .en = "the deputy is disqualified on the case (--case)",
     .may_repeat = true},
    {.name = "deputy-qualified",
     .value = "PLASSER",
     .nb = "personlig vara er likevel ikke inhabil i saken (--case)",
     .en = "the deputy is not disqualified on the case after all (--case)",
     .may_repeat = true},
    {.name = "secretariat",
     .value = "NAVN",
     .nb = "fra sekretariatet",
     .en = "of the secretariat",
     .may_repeat = true},
    {.name = "observer",
     .value = "NAVN",
     .nb = "observatør; med --case bare på saken",
     .en = "observer; with --case on that case only",
     .may_repeat = true},
    {.name = "participant",
     .value = "NAVN",
     .nb = "deltaker på saken (--case)",
     .en = "participant on the case (--case)",
     .may_repeat = true},
    {.name = "case", .value = "SAK", .nb = "saken det gjelder", .en = "the case it is about"},
    {.name = "at",
     .value = "KL",
     .nb = "klokkeslett på møtedagen",
     .en = "time on the day of the meeting"},
    {.name = "whole-meeting",
     .nb = "hele møtet: det føres ikke klokkeslett",
     .en = "the whole meeting: no times are kept"},
    SB_OPTION_TEXT("person", "hvem det er, når oppnevningen ikke sier det",
                   "who it is, where the appointment doesn't say"),
    SB_OPTION_TEXT("reason", "grunn til forfall eller inhabilitet",
                   "reason for absence or disqualification"),
    SB_OPTION_END};

/* What an option about seats means. */
static const struct {
    const char *option;
    Sb__SeatRole role;
    Sb__AttendanceKind kind;
} MEANINGS[] = {
    {"arrived", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED},
    {"left", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT},
    {"absent", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE},
    {"not-met", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_MET},
    {"not-documented", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_DOCUMENTED},
    {"disqualified", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED},
    {"qualified", 1, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED},
    {"deputy", 2, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED},
    {"deputy-left", 2, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT},
    {"deputy-absent", 2, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE},
    {"deputy-disqualified", 2, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED},
    {"deputy-qualified", 2, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED},
};

typedef struct room {
    sb_cli *cli;
    const sb_doc *meeting;
    Sb__Attendance m;
    bool has_case;
    uint8_t case_id[32];
    uint64_t at_ms;
    Sb__BlobRef *person, *reason;
} room;

static Sb__AttendanceEvent *add_event(room *r, Sb__AttendanceKind kind)
{
    sb_cli *cli = r->cli;
    if (r->m.n_events == SB_ATTENDANCE_PER_ENTRY_MAX)
        return NULL;
    Sb__AttendanceEvent *e = SB_ARENA_NEW(&cli->arena, Sb__AttendanceEvent);
    sb__attendance_event__init(e);
    e->kind = kind;
    e->whole_meeting = sb_args_flag(cli->args, "whole-meeting");
    e->at_ms = r->at_ms;
    r->m.events[r->m.n_events++] = e;
    return e;
}

static sb_err too_many(room *r)
{
    return sb_fail_num(&r->cli->fail, SB_E_PAYLOAD_COUNT, 2, SB_ATTENDANCE_PER_ENTRY_MAX + 1,
                       SB_ATTENDANCE_PER_ENTRY_MAX);
}

static sb_err add_seat(room *r, const char *seat, Sb__SeatRole role, Sb__AttendanceKind kind)
{
    Sb__AttendanceEvent *e = add_event(r, kind);
    if (e == NULL)
        return too_many(r);
    e->who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
    e->seat = SB_ARENA_NEW(&r->cli->arena, Sb__SeatPlace);
    sb__seat_place__init(e->seat);
    e->seat->seat = (char *)(uintptr_t)seat;
    e->seat->role = role;
    e->person = r->person;
    e->reason = r->reason;
    if (r->has_case && (kind == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED ||
                        kind == SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED))
        e->case_id = sb_bytes32(r->case_id);
    return SB_OK;
}

/* Every seat of the meeting's body. */
static sb_err add_all(room *r, Sb__SeatRole role, Sb__AttendanceKind kind)
{
    const sb_doc *seats = NULL;
    sb_err err = sb_session_ask(r->cli, &seats, "seats", sb_doc_str(r->meeting, "body"), NULL);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(seats); i++)
        err = add_seat(r, sb_doc_str(seats->items[i], "seat"), role, kind);
    return err;
}

static sb_err add_participant(room *r, Sb__ParticipantKind kind, const char *name, bool on_case)
{
    sb_cli *cli = r->cli;
    char *text = NULL;
    Sb__AttendanceEvent *e = add_event(r, SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED);
    if (e == NULL)
        return too_many(r);
    if (on_case && !r->has_case)
        return sb_args_missing(cli->args, "case", &cli->fail);
    e->who_case = SB__ATTENDANCE_EVENT__WHO_PARTICIPANT;
    e->participant = kind;
    if (on_case)
        e->case_id = sb_bytes32(r->case_id);
    sb_err err = sb_read_text(cli, name, &text);
    return err == SB_OK ? sb_upload(cli, sb_slice_str(text), &e->person) : err;
}

static sb_err add_seats(room *r, const char *list, Sb__SeatRole role, Sb__AttendanceKind kind)
{
    sb_err err = SB_OK;
    while (err == SB_OK && *list != '\0') {
        size_t len = strcspn(list, ", ");
        const char *seat = sb_arena_str(&r->cli->arena, sb_slice_of(list, len));
        if (strcmp(seat, "all") == 0 || strcmp(seat, "alle") == 0)
            err = add_all(r, role, kind);
        else if (len > 0)
            err = add_seat(r, seat, role, kind);
        list += len + (list[len] != '\0' ? 1 : 0);
    }
    return err;
}

/* One option as it was given. */
static sb_err add_given(room *r, const char *option, const char *value)
{
    for (size_t i = 0; i < sizeof MEANINGS / sizeof MEANINGS[0]; i++)
        if (strcmp(option, MEANINGS[i].option) == 0)
            return add_seats(r, value, MEANINGS[i].role, MEANINGS[i].kind);
    if (strcmp(option, "secretariat") == 0)
        return add_participant(r, SB__PARTICIPANT_KIND__PARTICIPANT_KIND_SECRETARIAT, value, false);
    if (strcmp(option, "observer") == 0)
        return add_participant(r,
                               r->has_case ? SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER_ON_CASE
                                           : SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER,
                               value, r->has_case);
    if (strcmp(option, "participant") == 0)
        return add_participant(r, SB__PARTICIPANT_KIND__PARTICIPANT_KIND_ON_CASE, value, true);
    return SB_OK;
}

/* --at 12:30 on the meeting's day, or a whole date and time. */
static sb_err read_at(room *r)
{
    const char *at = sb_args_value(r->cli->args, "at");
    if (at == NULL)
        return SB_OK;
    const char *moment = strlen(at) > 5 ? at
                                        : sb_arena_printf(&r->cli->arena, "%s %s",
                                                          sb_doc_str(r->meeting, "date"), at);
    return sb_read_moment(r->cli, moment, &r->at_ms);
}

static sb_err meeting_attend(sb_cli *cli)
{
    Sb__AttendanceEvent *events[SB_ATTENDANCE_PER_ENTRY_MAX];
    room r = {.cli = cli, .m = SB__ATTENDANCE__INIT};
    const sb_doc *c = NULL;
    uint8_t id[32];
    r.m.events = events;
    sb_err err = sb_position_meeting(cli, &r.meeting, id);
    if (err == SB_OK)
        err = read_at(&r);
    if (err == SB_OK && sb_args_value(cli->args, "case") != NULL) {
        err = sb_ref_case(cli, sb_args_value(cli->args, "case"), &c, r.case_id);
        r.has_case = true;
    }
    if (err == SB_OK)
        err = sb_option_blob(cli, "person", false, &r.person);
    if (err == SB_OK)
        err = sb_option_blob(cli, "reason", false, &r.reason);
    for (uint32_t i = 0; err == SB_OK && i < cli->args->given_count; i++)
        err = add_given(&r, cli->args->given[i].option->name, cli->args->given[i].value);
    if (err == SB_OK && r.m.n_events == 0)
        err = sb_fail_set(&cli->fail, SB_E_CLI_EMPTY, "samband meeting attend", NULL);
    r.m.meeting_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_ATTENDANCE, &r.m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_meeting_attend = {SB_MEETING_POSITION, ATTEND_OPTIONS, meeting_attend};
