/* From a step to the commands that a person would type, and who that person is. */
#include <stdio.h>

#include "nodes/cli/rehearse_play.h"
#include "nodes/host/file.h"
#include "proto/calendar/oslo.h"

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY
#define DEPUTY SB__SEAT_ROLE__SEAT_ROLE_DEPUTY

/* Acts in the making; after a failure nothing is added. */
typedef struct maker {
    sb_reh_play *p;
    const sb_reh_step *step;
    sb_reh_act *first, **end, *act;
    size_t n; /* words of the act */
    sb_err err;
    sb_fail *fail;
} maker;

/* ---- commands ---- */

static void word(maker *m, const char *text)
{
    if (m->err == SB_OK && m->n < SB_REH_WORDS_MAX)
        m->act->words[m->n++] = text;
}

static void begin(maker *m, const sb_reh_person *person, const char *noun, const char *verb)
{
    if (m->err != SB_OK)
        return;
    m->act = SB_ARENA_NEW(&m->p->scratch, sb_reh_act);
    m->act->words = SB_ARENA_ARRAY(&m->p->scratch, const char *, SB_REH_WORDS_MAX + 1);
    m->n = 0;
    if (person != NULL)
        m->act->person = *person;
    *m->end = m->act;
    m->end = &m->act->next;
    word(m, noun);
    word(m, verb);
}

/* --name text, unless there is none. */
static void option(maker *m, const char *name, const char *text)
{
    if (text == NULL)
        return;
    word(m, name);
    word(m, text);
}

static const char *date_text(maker *m, uint64_t yyyymmdd)
{
    return sb_arena_printf(
        &m->p->scratch, "%04llu-%02llu-%02llu", (unsigned long long)(yyyymmdd / 10000),
        (unsigned long long)(yyyymmdd / 100 % 100), (unsigned long long)(yyyymmdd % 100));
}

static const char *moment_text(maker *m, uint64_t ms)
{
    sb_civil at;
    char date[SB_DATE_TEXT_BYTES];
    sb_oslo_from_utc((int64_t)ms, &at, NULL);
    sb_date_iso(at.date, date);
    return sb_arena_printf(&m->p->scratch, "%s %02u:%02u", date, at.hour, at.minute);
}

/* A field of the step as an option of the verb, by its kind; absent fields are left out. */
static void text_option(maker *m, const char *name, sb_reh_field field)
{
    option(m, name, sb_reh_text(m->step, field));
}

static void date_option(maker *m, const char *name, sb_reh_field field)
{
    if (m->step->fields[field] != NULL)
        option(m, name, date_text(m, m->step->fields[field]->number));
}

static void clock_option(maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    if (v != NULL)
        option(m, name,
               sb_arena_printf(&m->p->scratch, "%02u:%02u", (unsigned)(v->number / 60),
                               (unsigned)(v->number % 60)));
}

static void moment_option(maker *m, const char *name, sb_reh_field field)
{
    if (m->step->fields[field] != NULL)
        option(m, name, moment_text(m, m->step->fields[field]->number));
}

static void list_option(maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        option(m, name, v->items[i].text);
}

/* claimed and source: `at` is the clock's time when only the source is given. */
static void claim_options(maker *m)
{
    if (m->step->fields[SB_REH_F_CLAIMED] == NULL && m->step->fields[SB_REH_F_SOURCE] != NULL)
        option(m, "--when", moment_text(m, (uint64_t)m->p->fed->clock_ms));
    moment_option(m, "--when", SB_REH_F_CLAIMED);
    text_option(m, "--source", SB_REH_F_SOURCE);
}

/* ---- names ---- */

static const char *id_of(maker *m, sb_reh_name_kind kind, sb_reh_field field)
{
    sb_reh_name *name = sb_reh_named(m->p, kind, m->step, field);
    return name == NULL || name->id[0] == '\0' ? "?" : name->id;
}

static const char *case_id(maker *m)
{
    return id_of(m, SB_REH_NAME_CASE, SB_REH_F_CASE);
}

static const char *meeting_id(maker *m)
{
    return id_of(m, SB_REH_NAME_MEETING, SB_REH_F_MEETING);
}

static void case_list_option(maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        option(m, name, sb_reh_names_find(&m->p->names, SB_REH_NAME_CASE, v->items[i].text)->id);
}

/* ---- people ---- */

static void need_person(maker *m, const char *id, uint32_t role, sb_reh_person *out)
{
    char line[16];
    if (m->err != SB_OK || sb_reh_person_of(m->p->fed, id, role, out))
        return;
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)m->step->line);
    m->err = sb_fail_set(m->fail, SB_E_REHEARSE_NO_KEY, m->step->file, line, id, NULL);
}

/* Whoever `by` names, else `id` in `role`. */
static sb_reh_person actor(maker *m, const char *id, uint32_t role)
{
    sb_reh_person person = {0};
    const sb_reh_value *by = m->step->fields[SB_REH_F_BY];
    if (by != NULL)
        need_person(m, by->text, (uint32_t)by->number, &person);
    else
        need_person(m, id, role, &person);
    return person;
}

static void begin_as_secretariat(maker *m, const char *noun, const char *verb)
{
    sb_reh_person person = actor(m, "secretariat", 0);
    begin(m, &person, noun, verb);
}

static bool is_person_here(const sb_doc *list, const char *seat, const char *role)
{
    for (uint32_t i = 0; i < sb_reh_doc_count(list); i++)
        if (strcmp(sb_reh_doc_str(list->items[i], "seat"), seat) == 0 &&
            strcmp(sb_reh_doc_str(list->items[i], "role"), role) == 0 &&
            sb_reh_doc_true(list->items[i], "here"))
            return true;
    return false;
}

/* Who sits on the seat in the meeting: its deputy only when the permanent one isn't there. */
static uint32_t role_in_meeting(maker *m, const char *meeting, const char *seat)
{
    const sb_doc *doc = NULL;
    sb_reh_process *node = sb_reh_any_node(m->p->fed);
    if (node == NULL ||
        sb_reh_ask(m->p->fed, node, &m->p->scratch, &doc, NULL, "meeting", meeting, NULL) != SB_OK)
        return PRIMARY;
    const sb_doc *attendance = sb_doc_get(doc, "attendance");
    static const char *const lists[] = {"voting", "speaking"};
    for (size_t i = 0; i < 2; i++) {
        const sb_doc *list = sb_doc_get(attendance, lists[i]);
        if (!is_person_here(list, seat, "primary") && is_person_here(list, seat, "deputy"))
            return DEPUTY;
    }
    return PRIMARY;
}

/* The open question of the step's case, with its seats; NULL: none. */
static const sb_doc *question_of(maker *m)
{
    const sb_doc *question = NULL;
    sb_reh_process *node = sb_reh_any_node(m->p->fed);
    if (node == NULL || sb_reh_ask(m->p->fed, node, &m->p->scratch, &question, NULL, "question",
                                   case_id(m), NULL) != SB_OK)
        return NULL;
    return question;
}

static uint32_t role_in_question(const sb_doc *question, const char *seat)
{
    const sb_doc *seats = sb_doc_get(question, "seats");
    for (uint32_t i = 0; i < sb_reh_doc_count(seats); i++)
        if (strcmp(sb_reh_doc_str(seats->items[i], "seat"), seat) == 0)
            return strcmp(sb_reh_doc_str(seats->items[i], "represented_by"), "deputy") == 0
                       ? DEPUTY
                       : PRIMARY;
    return PRIMARY;
}

/* ---- places: seats, partners and bodies as single seats ---- */

typedef struct place {
    const char *seat;
    uint32_t role; /* 0: whoever represents it */
} place;

typedef struct places {
    place *items;
    uint32_t count;
} places;

static bool has_place(const places *list, const char *seat)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].seat, seat) == 0)
            return true;
    return false;
}

static bool is_excepted(const maker *m, const char *seat)
{
    const sb_reh_value *v = m->step->fields[SB_REH_F_EXCEPT];
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        if (strcmp(v->items[i].text, seat) == 0)
            return true;
    return false;
}

/* Seats of the body: all of them, or a partner's voting ones. */
static void add_seats(maker *m, places *list, const Sb__Body *body, const char *partner,
                      bool voting_only, uint32_t role)
{
    for (size_t i = 0; body != NULL && i < body->n_seats; i++) {
        const Sb__Seat *seat = body->seats[i];
        if ((voting_only && !seat->voting) ||
            (partner != NULL && strcmp(seat->partner, partner) != 0) || is_excepted(m, seat->id) ||
            has_place(list, seat->id))
            continue;
        list->items[list->count++] = (place){.seat = seat->id, .role = role};
    }
}

static size_t seats_in_charter(const Sb__Charter *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_bodies; i++)
        n += c->bodies[i]->n_seats;
    return n;
}

static places read_places(maker *m, const sb_reh_value *v, const Sb__Body *body, bool voting_only)
{
    const Sb__Charter *c = m->p->fed->charter;
    places list = {
        .items = SB_ARENA_ARRAY(&m->p->scratch, place, seats_in_charter(c) + SB_REH_LIST_MAX + 1)};
    for (uint32_t i = 0; v != NULL && i < v->count; i++) {
        const sb_reh_item *item = &v->items[i];
        if (item->place == SB_REH_A_SEAT)
            list.items[list.count++] = (place){.seat = item->text, .role = item->role};
        else if (item->place == SB_REH_A_PARTNER)
            add_seats(m, &list, body, item->text, true, item->role);
        else
            add_seats(m, &list, sb_reh_body(c, item->text), NULL, voting_only, item->role);
    }
    return list;
}

/* ---- people and keys ---- */

static void make_key(maker *m, const char *path)
{
    if (sb_file_exists(path))
        return;
    begin(m, NULL, "key", "new");
    word(m, path);
    word(m, "--rehearsal-cost");
}

static void appoint_to_seat(maker *m, const Sb__Seat *seat, uint32_t role)
{
    bool has_key = sb_reh_number(m->step, SB_REH_F_KEY, 1) != 0;
    const char *key = sb_reh_seat_key(m->p->fed, seat->id, role);
    const char *name = sb_reh_text(m->step, SB_REH_F_NAME);
    sb_reh_person by = {0};
    if (m->step->fields[SB_REH_F_BY] != NULL)
        by = actor(m, "", 0);
    else if (!sb_reh_appointer_of_seat(m->p->fed, seat->id, &by))
        need_person(m, "secretariat", 0, &by);
    if (has_key)
        make_key(m, key);
    begin(m, &by, "member", "appoint");
    option(m, "--seat", seat->id);
    if (role == DEPUTY)
        word(m, "--deputy");
    if (name == NULL)
        name = role == DEPUTY ? sb_arena_printf(&m->p->scratch, "Vara for %s", seat->title)
                              : seat->title;
    option(m, "--name", name);
    if (has_key)
        option(m, "--device", key);
    date_option(m, "--from", SB_REH_F_FROM_DATE);
    date_option(m, "--until", SB_REH_F_UNTIL);
}

static void appoint_to_office(maker *m, const Sb__Office *office)
{
    bool has_key = sb_reh_number(m->step, SB_REH_F_KEY, 1) != 0;
    bool of_seat = office->seat[0] != '\0' && m->step->fields[SB_REH_F_BODY] != NULL;
    const char *key = of_seat ? sb_reh_seat_key(m->p->fed, office->seat, PRIMARY)
                              : sb_reh_office_key(m->p->fed, office->id);
    const char *name = sb_reh_text(m->step, SB_REH_F_NAME);
    const Sb__Seat *seat = sb_reh_seat(m->p->fed->charter, office->seat, NULL);
    sb_reh_person by = {0};
    if (m->step->fields[SB_REH_F_BY] != NULL)
        by = actor(m, "", 0);
    else
        (void)sb_reh_appointer_of_office(m->p->fed, office, &by);
    if (has_key && !of_seat)
        make_key(m, key);
    begin(m, &by, "member", "appoint");
    option(m, "--office", office->id);
    option(m, "--name", name != NULL ? name : seat != NULL ? seat->title : office->name);
    if (has_key)
        option(m, "--device", key);
    date_option(m, "--from", SB_REH_F_FROM_DATE);
    date_option(m, "--until", SB_REH_F_UNTIL);
}

static const char *appoint(maker *m)
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
static const char *key_and_authority(maker *m, sb_reh_person *by)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    const char *office = sb_reh_text(m->step, SB_REH_F_OFFICE);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, PRIMARY);
    const Sb__Charter *c = m->p->fed->charter;
    sb_reh_person holder = {0};
    need_person(m, seat != NULL ? seat : office, role, &holder);
    if (m->step->fields[SB_REH_F_BY] != NULL)
        *by = actor(m, "", 0);
    else if (seat != NULL)
        (void)sb_reh_appointer_of_seat(m->p->fed, seat, by);
    for (size_t i = 0; seat == NULL && i < c->n_offices; i++)
        if (m->step->fields[SB_REH_F_BY] == NULL && strcmp(c->offices[i]->id, office) == 0)
            (void)sb_reh_appointer_of_office(m->p->fed, c->offices[i], by);
    return holder.key;
}

static const char *change_key(maker *m)
{
    sb_reh_person by = {0};
    const char *key = key_and_authority(m, &by);
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    if (m->step->kind == SB_REH_REVOKE_KEY) {
        begin(m, &by, "key", "revoke");
        word(m, key);
        text_option(m, "--reason", SB_REH_F_WHY);
    } else if (m->err == SB_OK) {
        const char *newer = sb_arena_printf(&m->p->scratch, "%s.new", key);
        make_key(m, newer);
        begin(m, &by, "key", "replace");
        word(m, key);
        word(m, newer);
    }
    return seat != NULL ? seat : sb_reh_text(m->step, SB_REH_F_OFFICE);
}

/* ---- cases and wording ---- */

static void propose(maker *m, const char *of_case)
{
    begin_as_secretariat(m, "wording", "propose");
    word(m, of_case);
    list_option(m, "--clause", SB_REH_F_CLAUSES);
}

static void report(maker *m)
{
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_CASE, m->step, SB_REH_F_CASE);
    name->title = sb_reh_text(m->step, SB_REH_F_TITLE);
    begin_as_secretariat(m, "case", "report");
    text_option(m, "--body", SB_REH_F_BODY);
    text_option(m, "--kind", SB_REH_F_KIND);
    text_option(m, "--title", SB_REH_F_TITLE);
    text_option(m, "--from", SB_REH_F_FROM);
    text_option(m, "--text", SB_REH_F_TEXT);
    list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
    claim_options(m);
    if (m->err == SB_OK)
        m->act->gives = name->id;
    /* the words borrow name->id, which the report fills in before they are used */
    if (m->step->fields[SB_REH_F_CLAUSES] != NULL)
        propose(m, name->id);
}

static void change_case(maker *m)
{
    const char *external = sb_reh_text(m->step, SB_REH_F_EXTERNAL);
    if (m->step->kind == SB_REH_AMEND_CASE) {
        begin_as_secretariat(m, "case", "amend");
        word(m, case_id(m));
        text_option(m, "--title", SB_REH_F_TITLE);
        text_option(m, "--text", SB_REH_F_TEXT);
        list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
    } else if (m->step->kind == SB_REH_WITHDRAW) {
        begin_as_secretariat(m, "case", "withdraw");
        word(m, case_id(m));
        text_option(m, "--reason", SB_REH_F_REASON);
    } else {
        begin_as_secretariat(m, "case", "postpone");
        word(m, external != NULL ? external : case_id(m));
        if (external != NULL)
            word(m, "--external");
        option(m, "--meeting", meeting_id(m));
        date_option(m, "--to", SB_REH_F_TO);
    }
}

static void amend_clause(maker *m)
{
    const sb_reh_value *clause = m->step->fields[SB_REH_F_CLAUSE];
    begin_as_secretariat(m, "wording", "amend");
    word(m, case_id(m));
    option(m, "--clause",
           sb_arena_printf(&m->p->scratch, "%llu", (unsigned long long)clause->number));
    text_option(m, "--text", SB_REH_F_TEXT);
    if (sb_reh_number(m->step, SB_REH_F_STRIKE, 0) != 0)
        word(m, "--strike");
}

/* ---- meetings ---- */

static void call(maker *m)
{
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_MEETING, m->step, SB_REH_F_MEETING);
    begin_as_secretariat(m, "meeting", "call");
    word(m, sb_reh_text(m->step, SB_REH_F_BODY));
    word(m, date_text(m, sb_reh_number(m->step, SB_REH_F_DATE, 0)));
    clock_option(m, "--start", SB_REH_F_START);
    clock_option(m, "--end", SB_REH_F_END);
    text_option(m, "--form", SB_REH_F_FORM);
    text_option(m, "--place", SB_REH_F_PLACE);
    case_list_option(m, "--agenda", SB_REH_F_AGENDA);
    if (m->err == SB_OK)
        m->act->gives = name->id;
}

static void simple_meeting(maker *m, const char *verb)
{
    begin_as_secretariat(m, "meeting", verb);
    word(m, meeting_id(m));
    if (m->step->kind == SB_REH_PAPERS) {
        case_list_option(m, "--cases", SB_REH_F_CASES);
        list_option(m, "--enclosed", SB_REH_F_ATTACHMENTS);
        claim_options(m);
    }
}

static void chair(maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = role_in_meeting(m, meeting_id(m), seat);
    sb_reh_person person = actor(m, seat, role);
    begin(m, &person, "meeting", "chair");
    word(m, meeting_id(m));
    option(m, "--seat", seat);
    text_option(m, "--basis", SB_REH_F_BASIS);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        option(m, "--case", case_id(m));
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

static bool whole_meeting(const maker *m)
{
    bool comes = m->step->kind == SB_REH_ARRIVE || m->step->kind == SB_REH_DEPUTY;
    bool otherwise = comes && !m->p->questions_opened && m->step->fields[SB_REH_F_AT] == NULL;
    return sb_reh_number(m->step, SB_REH_F_WHOLE, otherwise) != 0;
}

static const char *attend(maker *m)
{
    sb_reh_name *meeting = sb_reh_named(m->p, SB_REH_NAME_MEETING, m->step, SB_REH_F_MEETING);
    const Sb__Body *body = sb_reh_body(m->p->fed->charter, meeting->body);
    const char *whole_body = sb_reh_text(m->step, SB_REH_F_BODY);
    const char *partner = sb_reh_text(m->step, SB_REH_F_PARTNER);
    const char *one = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE,
                                            m->step->kind == SB_REH_DEPUTY ? DEPUTY : PRIMARY);
    places list = read_places(m, m->step->fields[SB_REH_F_SEATS], body, false);
    if (whole_body != NULL)
        add_seats(m, &list, sb_reh_body(m->p->fed->charter, whole_body), NULL, false, 0);
    if (partner != NULL)
        add_seats(m, &list, body, partner, false, 0);
    if (one != NULL)
        list.items[list.count++] = (place){.seat = one, .role = 0};
    begin_as_secretariat(m, "meeting", "attend");
    word(m, meeting->id);
    for (uint32_t i = 0; i < list.count; i++)
        option(m, attend_option(m->step->kind, list.items[i].role != 0 ? list.items[i].role : role),
               list.items[i].seat);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        option(m, "--case", case_id(m));
    text_option(m, "--person", SB_REH_F_NAME);
    text_option(m, "--reason", SB_REH_F_REASON);
    moment_option(m, "--at", SB_REH_F_AT);
    if (whole_meeting(m))
        word(m, "--whole-meeting");
    return list.count == 1 ? list.items[0].seat : sb_arena_printf(&m->p->scratch, "%u", list.count);
}

static void present(maker *m)
{
    bool on_case = m->step->fields[SB_REH_F_ON_CASE] != NULL;
    bool watches = m->step->fields[SB_REH_F_OBSERVER_ON_CASE] != NULL;
    begin_as_secretariat(m, "meeting", "attend");
    word(m, meeting_id(m));
    list_option(m, "--secretariat", SB_REH_F_SECRETARIAT);
    list_option(m, "--observer", SB_REH_F_OBSERVER);
    if (on_case || watches)
        option(m, "--case",
               id_of(m, SB_REH_NAME_CASE, on_case ? SB_REH_F_ON_CASE : SB_REH_F_OBSERVER_ON_CASE));
    if (on_case || watches)
        list_option(m, on_case ? "--participant" : "--observer", SB_REH_F_NAMES);
    if (!m->p->questions_opened)
        word(m, "--whole-meeting");
}

/* ---- questions ---- */

static void simple_question(maker *m, const char *verb)
{
    begin_as_secretariat(m, "question", verb);
    word(m, case_id(m));
    text_option(m, "--mode", SB_REH_F_MODE);
}

static void object(maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = role_in_question(question_of(m), seat);
    sb_reh_person person = actor(m, seat, role);
    begin(m, &person, "question", "object");
    word(m, case_id(m));
    option(m, "--seat", seat);
    text_option(m, "--reason", SB_REH_F_REASON);
}

static const char *vote(maker *m)
{
    static const sb_reh_field fields[] = {SB_REH_F_FOR, SB_REH_F_AGAINST, SB_REH_F_ABSTAIN};
    static const char *const choices[] = {"for", "against", "abstain"};
    bool recorded = m->step->kind == SB_REH_RECORD_VOTE;
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_CASE, m->step, SB_REH_F_CASE);
    const Sb__Body *body = sb_reh_body(m->p->fed->charter, name->body);
    const sb_doc *question = question_of(m);
    uint32_t counts[3] = {0};
    for (size_t i = 0; i < 3; i++) {
        places list = read_places(m, m->step->fields[fields[i]], body, true);
        counts[i] = list.count;
        for (uint32_t k = 0; k < list.count; k++) {
            const place *at = &list.items[k];
            uint32_t role = at->role != 0 ? at->role : role_in_question(question, at->seat);
            sb_reh_person person = recorded ? actor(m, "secretariat", 0) : actor(m, at->seat, role);
            begin(m, &person, "question", recorded ? "record" : "vote");
            word(m, name->id);
            word(m, choices[i]);
            option(m, "--seat", at->seat);
        }
    }
    return sb_arena_printf(
        &m->p->scratch,
        sb_reh_either(m->p, "%u for, %u mot, %u avstår", "%u for, %u against, %u abstaining"),
        counts[0], counts[1], counts[2]);
}

static void remark(maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = role_in_meeting(m, meeting_id(m), seat);
    sb_reh_person person = actor(m, seat, role);
    begin(m, &person, "remark", "add");
    word(m, meeting_id(m));
    option(m, "--seat", seat);
    if (m->step->fields[SB_REH_F_CASE] != NULL)
        option(m, "--case", case_id(m));
    text_option(m, "--text", SB_REH_F_TEXT);
}

/* ---- follow-up and minutes ---- */

static void set_task(maker *m)
{
    const sb_reh_value *due = m->step->fields[SB_REH_F_DUE];
    sb_reh_name *name = sb_reh_named(m->p, SB_REH_NAME_TASK, m->step, SB_REH_F_TASK);
    begin_as_secretariat(m, "task", "set");
    word(m, case_id(m));
    option(m, "--meeting", meeting_id(m));
    text_option(m, "--text", SB_REH_F_TEXT);
    list_option(m, "--responsible", SB_REH_F_RESPONSIBLE);
    if (due->due == SB_REH_DUE_DATE)
        date_option(m, "--due", SB_REH_F_DUE);
    else if (due->due == SB_REH_DUE_MEETING)
        option(m, "--due-meeting", id_of(m, SB_REH_NAME_MEETING, SB_REH_F_DUE));
    else if (due->due == SB_REH_DUE_CONTINUOUS)
        option(m, "--due", "continuous");
    else
        text_option(m, "--due-event", SB_REH_F_DUE);
    if (m->err == SB_OK && name != NULL)
        m->act->gives = name->id;
}

/* The verb takes a document as a file. */
static void text_as_document(maker *m)
{
    const char *text = sb_reh_text(m->step, SB_REH_F_TEXT);
    const char *path = sb_path_join(&m->p->scratch, m->p->fed->dir, "document.md");
    if (text == NULL || m->err != SB_OK)
        return;
    m->err = sb_file_write(path, sb_slice_str(text), SB_FILE_MODE, m->fail);
    option(m, "--document", path);
}

static void minutes(maker *m, const char *verb)
{
    begin_as_secretariat(m, "minutes", verb);
    word(m, meeting_id(m));
    text_as_document(m);
    claim_options(m);
}

static void minutes_request(maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, 0);
    if (role == 0)
        role = role_in_meeting(m, meeting_id(m), seat);
    sb_reh_person person = actor(m, seat, role);
    begin(m, &person, "minutes", "request");
    word(m, meeting_id(m));
    option(m, "--seat", seat);
    text_option(m, "--text", SB_REH_F_TEXT);
}

/* ---- by kind ---- */

/* What the printed line says it was about, where the step's case or meeting doesn't. */
static const char *make_acts(maker *m)
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
        propose(m, case_id(m));
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
        present(m);
        return "";
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
        begin_as_secretariat(m, "task", "done");
        word(m, id_of(m, SB_REH_NAME_TASK, SB_REH_F_TASK));
        text_option(m, "--note", SB_REH_F_NOTE);
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
    case SB_REH_EXPECT:
    case SB_REH_KINDS:
        break; /* nobody signs these */
    }
    return "";
}

sb_err sb_reh_acts(sb_reh_play *p, const sb_reh_step *step, sb_reh_act **acts, const char **about,
                   sb_fail *fail)
{
    maker m = {.p = p, .step = step, .fail = fail};
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
