/* From a step to commands: calling a meeting, its chair, and who is there. */
#include "nodes/cli/rehearse_acts.h"

const char *sb_act_call(sb_maker *m)
{
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_MEETING, m->step, SB_REH_F_MEETING);
    sb_mk_begin_as_secretariat(m, "meeting", "call");
    sb_mk_word(m, sb_reh_text(m->step, SB_REH_F_BODY));
    sb_mk_word(m, sb_mk_date_text(m, sb_reh_number(m->step, SB_REH_F_DATE, 0)));
    sb_mk_clock_option(m, "--start", SB_REH_F_START);
    sb_mk_clock_option(m, "--end", SB_REH_F_END);
    sb_mk_text_option(m, "--form", SB_REH_F_FORM);
    sb_mk_text_option(m, "--place", SB_REH_F_PLACE);
    sb_mk_case_list_option(m, "--agenda", SB_REH_F_AGENDA);
    if (sb_reh_number(m->step, SB_REH_F_EXTRAORDINARY, 0) != 0)
        sb_mk_word(m, "--extraordinary");
    sb_mk_text_option(m, "--reason", SB_REH_F_REASON);
    sb_mk_claim_options(m);
    sb_mk_gives(m, name);
    return NULL;
}

const char *sb_act_chair(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = sb_mk_role_in_meeting(m, sb_mk_meeting_id(m), seat);
    sb_reh_person person = sb_mk_actor(m, seat, role);
    sb_mk_begin(m, &person, "meeting", "chair");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--basis", SB_REH_F_BASIS);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        sb_mk_option(m, "--case", sb_mk_case_id(m));
    return seat;
}

/* The verb's option for a step about seats, by role. */
static const char *attend_option(sb_reh_kind kind, uint32_t role)
{
    bool deputy = role == DEPUTY;
    if (kind == SB_REH_ARRIVE || kind == SB_REH_DEPUTY)
        return deputy ? "--deputy" : "--arrived";
    if (kind == SB_REH_LEAVE)
        return deputy ? "--deputy-left" : "--left";
    if (kind == SB_REH_ABSENT)
        return deputy ? "--deputy-absent" : "--absent";
    if (kind == SB_REH_DISQUALIFY)
        return deputy ? "--deputy-disqualified" : "--disqualified";
    if (kind == SB_REH_QUALIFY)
        return deputy ? "--deputy-qualified" : "--qualified";
    return kind == SB_REH_NOT_MET ? "--not-met" : "--not-documented";
}

static uint32_t attendance_kind(sb_reh_kind kind)
{
    if (kind == SB_REH_LEAVE)
        return SB__ATTENDANCE_KIND__ATTENDANCE_KIND_LEFT;
    if (kind == SB_REH_ABSENT)
        return SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ABSENT_WITH_NOTICE;
    if (kind == SB_REH_NOT_MET)
        return SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_MET;
    if (kind == SB_REH_DISQUALIFY)
        return SB__ATTENDANCE_KIND__ATTENDANCE_KIND_DISQUALIFIED;
    if (kind == SB_REH_QUALIFY)
        return SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED;
    return kind == SB_REH_NOT_DOCUMENTED ? SB__ATTENDANCE_KIND__ATTENDANCE_KIND_NOT_DOCUMENTED
                                         : SB__ATTENDANCE_KIND__ATTENDANCE_KIND_ARRIVED;
}

static bool moves(sb_reh_kind kind)
{
    return kind == SB_REH_ARRIVE || kind == SB_REH_DEPUTY || kind == SB_REH_LEAVE;
}

static bool whole_meeting(const sb_maker *m)
{
    bool comes = m->step->kind == SB_REH_ARRIVE || m->step->kind == SB_REH_DEPUTY;
    bool otherwise = comes && !m->p->questions_opened && m->step->fields[SB_REH_F_AT] == NULL;
    return sb_reh_number(m->step, SB_REH_F_WHOLE, otherwise) != 0;
}

/* "meldt forfall: unn-4, bruker-1", "17 til stede". */
static const char *attendance_words(sb_maker *m, const sb_places *list, uint32_t role)
{
    enum { NAMED_MAX = 6 };
    sb_arena *s = &m->p->scratch;
    sb_lang lang = m->p->fed->lang;
    const char *kind = sb_text_word(SB_TEXT_ATTENDANCE_KIND, attendance_kind(m->step->kind), lang);
    if (role == DEPUTY)
        kind = sb_arena_printf(s, "%s %s", sb_text_word(SB_TEXT_SEAT_ROLE, DEPUTY, lang), kind);
    if (list->count > NAMED_MAX)
        return sb_arena_printf(s, "%u %s", list->count, kind);
    const char *words = sb_arena_printf(s, "%s: ", kind);
    for (uint32_t i = 0; i < list->count; i++)
        words = sb_arena_printf(s, "%s%s%s", words, i == 0 ? "" : ", ", list->items[i].seat);
    return words;
}

const char *sb_act_attend(sb_maker *m)
{
    sb_reh_name *meeting = sb_reh_named(m->p, SB_REH_NAME_MEETING, m->step, SB_REH_F_MEETING);
    const Sb__Body *body = sb_reh_body(m->p->fed->charter, meeting->body);
    const char *whole_body = sb_reh_text(m->step, SB_REH_F_BODY);
    const char *partner = sb_reh_text(m->step, SB_REH_F_PARTNER);
    const char *one = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE,
                                            m->step->kind == SB_REH_DEPUTY ? DEPUTY : PRIMARY);
    sb_places list = sb_mk_read_places(m, m->step->fields[SB_REH_F_SEATS], body, false);
    if (whole_body != NULL)
        sb_mk_add_seats(m, &list, sb_reh_body(m->p->fed->charter, whole_body), NULL, false, 0);
    if (partner != NULL)
        sb_mk_add_seats(m, &list, body, partner, false, 0);
    if (one != NULL)
        list.items[list.count++] = (sb_place){.seat = one, .role = 0};
    sb_mk_begin_as_secretariat(m, "meeting", "attend");
    sb_mk_word(m, meeting->id);
    for (uint32_t i = 0; i < list.count; i++)
        sb_mk_option(
            m, attend_option(m->step->kind, list.items[i].role != 0 ? list.items[i].role : role),
            list.items[i].seat);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_text_option(m, "--person", SB_REH_F_NAME);
    sb_mk_text_option(m, "--reason", SB_REH_F_REASON);
    sb_mk_moment_option(m, "--at", SB_REH_F_AT);
    if (whole_meeting(m))
        sb_mk_word(m, "--whole-meeting");
    else if (m->p->questions_opened && m->step->fields[SB_REH_F_AT] == NULL && moves(m->step->kind))
        sb_mk_now_option(m, "--at"); /* the minutes are to say when */
    return attendance_words(m, &list, role);
}

const char *sb_act_present(sb_maker *m)
{
    bool on_case = m->step->fields[SB_REH_F_ON_CASE] != NULL;
    bool watches = m->step->fields[SB_REH_F_OBSERVER_ON_CASE] != NULL;
    sb_mk_begin_as_secretariat(m, "meeting", "attend");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_list_option(m, "--secretariat", SB_REH_F_SECRETARIAT);
    sb_mk_list_option(m, "--observer", SB_REH_F_OBSERVER);
    if (on_case || watches)
        sb_mk_option(m, "--case",
                     sb_mk_id_of(m, SB_REH_NAME_CASE,
                                 on_case ? SB_REH_F_ON_CASE : SB_REH_F_OBSERVER_ON_CASE));
    if (on_case || watches)
        sb_mk_list_option(m, on_case ? "--participant" : "--observer", SB_REH_F_NAMES);
    if (!m->p->questions_opened)
        sb_mk_word(m, "--whole-meeting");
    uint32_t kind = on_case   ? SB__PARTICIPANT_KIND__PARTICIPANT_KIND_ON_CASE
                    : watches ? SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER_ON_CASE
                    : m->step->fields[SB_REH_F_SECRETARIAT] != NULL
                        ? SB__PARTICIPANT_KIND__PARTICIPANT_KIND_SECRETARIAT
                        : SB__PARTICIPANT_KIND__PARTICIPANT_KIND_OBSERVER;
    return sb_text_word(SB_TEXT_PARTICIPANT_KIND, kind, m->p->fed->lang);
}
