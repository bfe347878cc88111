/* From a step to the commands that a person would type, and who that person is. */
#include "nodes/cli/rehearse_maker.h"
#include "nodes/host/file.h"

/* ---- people and keys ---- */

static void make_key(sb_maker *m, const char *path)
{
    if (sb_file_exists(path))
        return;
    sb_mk_begin(m, NULL, "key", "new");
    sb_mk_word(m, path);
    sb_mk_word(m, "--rehearsal-cost");
}

static void appoint_to_seat(sb_maker *m, const Sb__Seat *seat, uint32_t role)
{
    bool has_key = sb_reh_number(m->step, SB_REH_F_KEY, 1) != 0;
    const char *key = sb_reh_seat_key(m->p->fed, seat->id, role);
    const char *name = sb_reh_text(m->step, SB_REH_F_NAME);
    sb_reh_person by = {0};
    if (m->step->fields[SB_REH_F_BY] != NULL)
        by = sb_mk_actor(m, "", 0);
    else if (!sb_reh_appointer_of_seat(m->p->fed, seat->id, &by))
        sb_mk_need_person(m, "secretariat", 0, &by);
    if (has_key)
        make_key(m, key);
    sb_mk_begin(m, &by, "member", "appoint");
    sb_mk_option(m, "--seat", seat->id);
    if (role == DEPUTY)
        sb_mk_word(m, "--deputy");
    if (name == NULL)
        name = role == DEPUTY ? sb_arena_printf(&m->p->scratch, "Vara for %s", seat->title)
                              : seat->title;
    sb_mk_option(m, "--name", name);
    if (has_key)
        sb_mk_option(m, "--device", key);
    sb_mk_date_option(m, "--from", SB_REH_F_FROM_DATE);
    sb_mk_date_option(m, "--until", SB_REH_F_UNTIL);
}

static void appoint_to_office(sb_maker *m, const Sb__Office *office)
{
    bool has_key = sb_reh_number(m->step, SB_REH_F_KEY, 1) != 0;
    bool of_seat = office->seat[0] != '\0' && m->step->fields[SB_REH_F_BODY] != NULL;
    const char *key = of_seat ? sb_reh_seat_key(m->p->fed, office->seat, PRIMARY)
                              : sb_reh_office_key(m->p->fed, office->id);
    const char *name = sb_reh_text(m->step, SB_REH_F_NAME);
    const Sb__Seat *seat = sb_reh_seat(m->p->fed->charter, office->seat, NULL);
    sb_reh_person by = {0};
    if (m->step->fields[SB_REH_F_BY] != NULL)
        by = sb_mk_actor(m, "", 0);
    else
        (void)sb_reh_appointer_of_office(m->p->fed, office, &by);
    if (has_key && !of_seat)
        make_key(m, key);
    sb_mk_begin(m, &by, "member", "appoint");
    sb_mk_option(m, "--office", office->id);
    sb_mk_option(m, "--name", name != NULL ? name : seat != NULL ? seat->title : office->name);
    if (has_key)
        sb_mk_option(m, "--device", key);
    sb_mk_date_option(m, "--from", SB_REH_F_FROM_DATE);
    sb_mk_date_option(m, "--until", SB_REH_F_UNTIL);
}

static const char *appoint(sb_maker *m)
{
    const Sb__Charter *c = m->p->fed->charter;
    const char *body_id = sb_reh_text(m->step, SB_REH_F_BODY);
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    const char *office = sb_reh_text(m->step, SB_REH_F_OFFICE);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, PRIMARY);
    const Sb__Body *body = body_id == NULL ? NULL : sb_reh_body(c, body_id);
    if (seat != NULL)
        appoint_to_seat(m, sb_reh_seat(c, seat, NULL), role);
    for (size_t i = 0; body != NULL && i < body->n_seats; i++)
        if (role == PRIMARY || body->seats[i]->has_deputy)
            appoint_to_seat(m, body->seats[i], role);
    for (size_t i = 0; i < c->n_offices; i++)
        if ((office != NULL && strcmp(c->offices[i]->id, office) == 0) ||
            (body != NULL && role == PRIMARY && strcmp(c->offices[i]->body, body_id) == 0))
            appoint_to_office(m, c->offices[i]);
    return body != NULL ? body->name : seat != NULL ? seat : office;
}

/* The key of the seat or office, and who appointed it. */
static const char *key_and_authority(sb_maker *m, sb_reh_person *by)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    const char *office = sb_reh_text(m->step, SB_REH_F_OFFICE);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, PRIMARY);
    const Sb__Charter *c = m->p->fed->charter;
    sb_reh_person holder = {0};
    sb_mk_need_person(m, seat != NULL ? seat : office, role, &holder);
    if (m->step->fields[SB_REH_F_BY] != NULL)
        *by = sb_mk_actor(m, "", 0);
    else if (seat != NULL)
        (void)sb_reh_appointer_of_seat(m->p->fed, seat, by);
    for (size_t i = 0; seat == NULL && i < c->n_offices; i++)
        if (m->step->fields[SB_REH_F_BY] == NULL && strcmp(c->offices[i]->id, office) == 0)
            (void)sb_reh_appointer_of_office(m->p->fed, c->offices[i], by);
    return holder.key;
}

static const char *change_key(sb_maker *m)
{
    sb_reh_person by = {0};
    const char *key = key_and_authority(m, &by);
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    if (m->step->kind == SB_REH_REVOKE_KEY) {
        sb_mk_begin(m, &by, "key", "revoke");
        sb_mk_word(m, key);
        sb_mk_text_option(m, "--reason", SB_REH_F_WHY);
    } else if (m->err == SB_OK) {
        const char *newer = sb_arena_printf(&m->p->scratch, "%s.new", key);
        make_key(m, newer);
        sb_mk_begin(m, &by, "key", "replace");
        sb_mk_word(m, key);
        sb_mk_word(m, newer);
    }
    return seat != NULL ? seat : sb_reh_text(m->step, SB_REH_F_OFFICE);
}

/* ---- cases and wording ---- */

static void propose(sb_maker *m, const char *of_case)
{
    sb_mk_begin_as_secretariat(m, "wording", "propose");
    sb_mk_word(m, of_case);
    sb_mk_list_option(m, "--clause", SB_REH_F_CLAUSES);
}

static void report(sb_maker *m)
{
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_CASE, m->step, SB_REH_F_CASE);
    sb_mk_begin_as_secretariat(m, "case", "report");
    sb_mk_text_option(m, "--body", SB_REH_F_BODY);
    sb_mk_text_option(m, "--kind", SB_REH_F_KIND);
    sb_mk_text_option(m, "--title", SB_REH_F_TITLE);
    sb_mk_text_option(m, "--from", SB_REH_F_FROM);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    sb_mk_list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
    sb_mk_claim_options(m);
    if (m->err != SB_OK || name == NULL) /* one that is to be refused gives no name */
        return;
    name->title = sb_reh_text(m->step, SB_REH_F_TITLE);
    m->act->gives = name->id;
    /* the words borrow name->id, which the report fills in before they are used */
    if (m->step->fields[SB_REH_F_CLAUSES] != NULL)
        propose(m, name->id);
}

static void change_case(sb_maker *m)
{
    const char *external = sb_reh_text(m->step, SB_REH_F_EXTERNAL);
    if (m->step->kind == SB_REH_AMEND_CASE) {
        sb_mk_begin_as_secretariat(m, "case", "amend");
        sb_mk_word(m, sb_mk_case_id(m));
        sb_mk_text_option(m, "--title", SB_REH_F_TITLE);
        sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
        sb_mk_list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
    } else if (m->step->kind == SB_REH_WITHDRAW) {
        sb_mk_begin_as_secretariat(m, "case", "withdraw");
        sb_mk_word(m, sb_mk_case_id(m));
        sb_mk_text_option(m, "--reason", SB_REH_F_REASON);
    } else {
        sb_mk_begin_as_secretariat(m, "case", "postpone");
        sb_mk_word(m, external != NULL ? external : sb_mk_case_id(m));
        if (external != NULL)
            sb_mk_word(m, "--external");
        sb_mk_option(m, "--meeting", sb_mk_meeting_id(m));
        sb_mk_date_option(m, "--to", SB_REH_F_TO);
    }
}

static void amend_clause(sb_maker *m)
{
    const sb_reh_value *clause = m->step->fields[SB_REH_F_CLAUSE];
    sb_mk_begin_as_secretariat(m, "wording", "amend");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--clause",
                 sb_arena_printf(&m->p->scratch, "%llu", (unsigned long long)clause->number));
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
    if (sb_reh_number(m->step, SB_REH_F_STRIKE, 0) != 0)
        sb_mk_word(m, "--strike");
}

/* ---- meetings ---- */

static void call(sb_maker *m)
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
    if (m->err == SB_OK && name != NULL)
        m->act->gives = name->id;
}

static void simple_meeting(sb_maker *m, const char *verb)
{
    sb_mk_begin_as_secretariat(m, "meeting", verb);
    sb_mk_word(m, sb_mk_meeting_id(m));
    if (m->step->kind == SB_REH_PAPERS) {
        sb_mk_case_list_option(m, "--cases", SB_REH_F_CASES);
        sb_mk_list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
        sb_mk_claim_options(m);
    }
}

static void chair(sb_maker *m)
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

static const char *attend(sb_maker *m)
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

static const char *present(sb_maker *m)
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

/* ---- questions ---- */

static void simple_question(sb_maker *m, const char *verb)
{
    sb_mk_begin_as_secretariat(m, "question", verb);
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_text_option(m, "--mode", SB_REH_F_MODE);
}

static void object(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = sb_mk_role_in_question(sb_mk_question_of(m), seat);
    sb_reh_person person = sb_mk_actor(m, seat, role);
    sb_mk_begin(m, &person, "question", "object");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--reason", SB_REH_F_REASON);
}

static const char *vote(sb_maker *m)
{
    static const sb_reh_field fields[] = {SB_REH_F_FOR, SB_REH_F_AGAINST, SB_REH_F_ABSTAIN};
    static const char *const choices[] = {"for", "against", "abstain"};
    bool recorded = m->step->kind == SB_REH_RECORD_VOTE;
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_CASE, m->step, SB_REH_F_CASE);
    const Sb__Body *body = sb_reh_body(m->p->fed->charter, name->body);
    const sb_doc *question = sb_mk_question_of(m);
    uint32_t counts[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        sb_places list = sb_mk_read_places(m, m->step->fields[fields[i]], body, true);
        counts[i] = list.count;
        for (uint32_t k = 0; k < list.count; k++) {
            const sb_place *at = &list.items[k];
            uint32_t role = at->role != 0 ? at->role : sb_mk_role_in_question(question, at->seat);
            sb_reh_person person =
                recorded ? sb_mk_actor(m, "secretariat", 0) : sb_mk_actor(m, at->seat, role);
            sb_mk_begin(m, &person, "question", recorded ? "record" : "vote");
            sb_mk_word(m, name->id);
            sb_mk_word(m, choices[i]);
            sb_mk_option(m, "--seat", at->seat);
        }
    }
    return sb_arena_printf(
        &m->p->scratch,
        sb_reh_either(m->p, "%u for, %u mot, %u avstår", "%u for, %u against, %u abstaining"),
        counts[0], counts[1], counts[2]);
}

static void remark(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = sb_mk_role_in_meeting(m, sb_mk_meeting_id(m), seat);
    sb_reh_person person = sb_mk_actor(m, seat, role);
    sb_mk_begin(m, &person, "remark", "add");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_option(m, "--seat", seat);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        sb_mk_option(m, "--case", sb_mk_case_id(m));
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
}

/* ---- follow-up and minutes ---- */

static void set_task(sb_maker *m)
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
    if (m->err == SB_OK && name != NULL)
        m->act->gives = name->id;
}

/* The verb takes a document as a file. */
static void text_as_document(sb_maker *m)
{
    const char *text = sb_reh_text(m->step, SB_REH_F_TEXT);
    const char *path = sb_path_join(&m->p->scratch, m->p->fed->dir, "document.md");
    if (text == NULL || m->err != SB_OK)
        return;
    m->err = sb_file_write(path, sb_slice_str(text), SB_FILE_MODE, m->fail);
    sb_mk_option(m, "--document", path);
}

static void minutes(sb_maker *m, const char *verb)
{
    sb_mk_begin_as_secretariat(m, "minutes", verb);
    sb_mk_word(m, sb_mk_meeting_id(m));
    text_as_document(m);
    sb_mk_claim_options(m);
}

static void minutes_request(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = sb_mk_role_in_meeting(m, sb_mk_meeting_id(m), seat);
    sb_reh_person person = sb_mk_actor(m, seat, role);
    sb_mk_begin(m, &person, "minutes", "request");
    sb_mk_word(m, sb_mk_meeting_id(m));
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--text", SB_REH_F_TEXT);
}

/* ---- by kind ---- */

/* What the printed line says it was about, where the step's case or meeting doesn't. */
static const char *make_acts(sb_maker *m)
{
    switch (m->step->kind) {
    case SB_REH_APPOINT:
        return appoint(m);
    case SB_REH_REVOKE_KEY:
    case SB_REH_REPLACE_KEY:
        return change_key(m);
    case SB_REH_REPORT:
        report(m);
        return NULL;
    case SB_REH_PROPOSE:
        propose(m, sb_mk_case_id(m));
        return NULL;
    case SB_REH_AMEND_CASE:
    case SB_REH_POSTPONE:
    case SB_REH_WITHDRAW:
        change_case(m);
        return sb_reh_text(m->step, SB_REH_F_EXTERNAL);
    case SB_REH_CALL:
        call(m);
        return NULL;
    case SB_REH_PAPERS:
        simple_meeting(m, "papers");
        return NULL;
    case SB_REH_OPEN_MEETING:
        simple_meeting(m, "open");
        return NULL;
    case SB_REH_CLOSE_MEETING:
        simple_meeting(m, "close");
        return NULL;
    case SB_REH_CHAIR:
        chair(m);
        return sb_reh_text(m->step, SB_REH_F_SEAT);
    case SB_REH_ARRIVE:
    case SB_REH_DEPUTY:
    case SB_REH_LEAVE:
    case SB_REH_ABSENT:
    case SB_REH_NOT_MET:
    case SB_REH_NOT_DOCUMENTED:
    case SB_REH_DISQUALIFY:
        return attend(m);
    case SB_REH_PRESENT:
        return present(m);
    case SB_REH_AMEND:
        amend_clause(m);
        return NULL;
    case SB_REH_OPEN:
        simple_question(m, "open");
        return NULL;
    case SB_REH_OBJECT:
        object(m);
        return sb_reh_text(m->step, SB_REH_F_SEAT);
    case SB_REH_VOTE:
    case SB_REH_RECORD_VOTE:
        return vote(m);
    case SB_REH_CLOSE:
        simple_question(m, "close");
        return NULL;
    case SB_REH_REMARK:
        remark(m);
        return sb_reh_text(m->step, SB_REH_F_SEAT);
    case SB_REH_TASK:
        set_task(m);
        return sb_reh_text(m->step, SB_REH_F_TEXT);
    case SB_REH_TASK_DONE:
        sb_mk_begin_as_secretariat(m, "task", "done");
        sb_mk_word(m, sb_mk_id_of(m, SB_REH_NAME_TASK, SB_REH_F_TASK));
        sb_mk_text_option(m, "--note", SB_REH_F_NOTE);
        return sb_reh_text(m->step, SB_REH_F_TASK);
    case SB_REH_MINUTES_DRAFT:
        minutes(m, "draft");
        return NULL;
    case SB_REH_MINUTES_CORRECT:
        minutes(m, "correct");
        return NULL;
    case SB_REH_MINUTES_REQUEST:
        minutes_request(m);
        return sb_reh_text(m->step, SB_REH_F_SEAT);
    case SB_REH_AT:
    case SB_REH_SAY:
    case SB_REH_WAIT:
    case SB_REH_KILL:
    case SB_REH_START:
    case SB_REH_ARM:
    case SB_REH_POSITIONS:
    case SB_REH_EXPECT:
    case SB_REH_KINDS:
        break; /* nobody signs these */
    }
    return "";
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
