/* Commands in the making: words, names, people and places of a step. */
#include "nodes/cli/rehearse_maker.h"

#include <stdio.h>

#include "nodes/host/file.h"
#include "proto/calendar/oslo.h"

/* ---- commands ---- */

void sb_mk_word(sb_maker *m, const char *text)
{
    if (m->err == SB_OK && m->n < SB_REH_WORDS_MAX)
        m->act->words[m->n++] = text;
}

void sb_mk_begin(sb_maker *m, const sb_reh_person *person, const char *noun, const char *verb)
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
    sb_mk_word(m, noun);
    sb_mk_word(m, verb);
}

/* --name text, unless there is none. */
void sb_mk_option(sb_maker *m, const char *name, const char *text)
{
    if (text == NULL)
        return;
    sb_mk_word(m, name);
    sb_mk_word(m, text);
}

const char *sb_mk_date_text(sb_maker *m, uint64_t yyyymmdd)
{
    return sb_arena_printf(
        &m->p->scratch, "%04llu-%02llu-%02llu", (unsigned long long)(yyyymmdd / 10000),
        (unsigned long long)(yyyymmdd / 100 % 100), (unsigned long long)(yyyymmdd % 100));
}

static const char *moment_text(sb_maker *m, uint64_t ms)
{
    sb_civil at;
    char date[SB_DATE_TEXT_BYTES];
    sb_oslo_from_utc((int64_t)ms, &at, NULL);
    sb_date_iso(at.date, date);
    return sb_arena_printf(&m->p->scratch, "%s %02u:%02u", date, at.hour, at.minute);
}

/* A field of the step as an option of the verb, by its kind; absent fields are left out. */
void sb_mk_text_option(sb_maker *m, const char *name, sb_reh_field field)
{
    sb_mk_option(m, name, sb_reh_text(m->step, field));
}

void sb_mk_date_option(sb_maker *m, const char *name, sb_reh_field field)
{
    if (m->step->fields[field] != NULL)
        sb_mk_option(m, name, sb_mk_date_text(m, m->step->fields[field]->number));
}

void sb_mk_clock_option(sb_maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    if (v != NULL)
        sb_mk_option(m, name,
                     sb_arena_printf(&m->p->scratch, "%02u:%02u", (unsigned)(v->number / 60),
                                     (unsigned)(v->number % 60)));
}

void sb_mk_moment_option(sb_maker *m, const char *name, sb_reh_field field)
{
    if (m->step->fields[field] != NULL)
        sb_mk_option(m, name, moment_text(m, m->step->fields[field]->number));
}

void sb_mk_list_option(sb_maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        sb_mk_option(m, name, v->items[i].text);
}

void sb_mk_number_option(sb_maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    if (v != NULL)
        sb_mk_option(m, name,
                     sb_arena_printf(&m->p->scratch, "%llu", (unsigned long long)v->number));
}

void sb_mk_flag(sb_maker *m, const char *name, sb_reh_field field)
{
    if (sb_reh_number(m->step, field, 0) != 0)
        sb_mk_word(m, name);
}

const char *sb_mk_document(sb_maker *m, const char *text)
{
    const char *path = sb_path_join(&m->p->scratch, m->p->fed->dir, "document.md");
    if (m->err == SB_OK)
        m->err = sb_file_write(path, sb_slice_str(text), SB_FILE_MODE, m->fail);
    return path;
}

void sb_mk_document_option(sb_maker *m, const char *name, const char *text)
{
    sb_mk_option(m, name, sb_mk_document(m, text));
}

void sb_mk_gives(sb_maker *m, sb_reh_name *name)
{
    if (m->err == SB_OK && name != NULL)
        m->act->gives = name->id;
}

void sb_mk_now_option(sb_maker *m, const char *name)
{
    sb_mk_option(m, name, moment_text(m, (uint64_t)m->p->fed->clock_ms));
}

/* claimed and source: `at` is the clock's time when only the source is given. */
void sb_mk_claim_options(sb_maker *m)
{
    if (m->step->fields[SB_REH_F_CLAIMED] == NULL && m->step->fields[SB_REH_F_SOURCE] != NULL)
        sb_mk_now_option(m, "--when");
    sb_mk_moment_option(m, "--when", SB_REH_F_CLAIMED);
    sb_mk_text_option(m, "--source", SB_REH_F_SOURCE);
}

/* ---- names ---- */

const char *sb_mk_id_of(sb_maker *m, sb_reh_name_kind kind, sb_reh_field field)
{
    sb_reh_name *name = sb_reh_named(m->p, kind, m->step, field);
    return name == NULL || name->id[0] == '\0' ? "?" : name->id;
}

const char *sb_mk_case_id(sb_maker *m)
{
    return sb_mk_id_of(m, SB_REH_NAME_CASE, SB_REH_F_CASE);
}

const char *sb_mk_meeting_id(sb_maker *m)
{
    return sb_mk_id_of(m, SB_REH_NAME_MEETING, SB_REH_F_MEETING);
}

void sb_mk_case_list_option(sb_maker *m, const char *name, sb_reh_field field)
{
    const sb_reh_value *v = m->step->fields[field];
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        sb_mk_option(m, name,
                     sb_reh_names_find(&m->p->names, SB_REH_NAME_CASE, v->items[i].text)->id);
}

/* ---- people ---- */

void sb_mk_need_person(sb_maker *m, const char *id, uint32_t role, sb_reh_person *out)
{
    char line[16];
    if (m->err != SB_OK || sb_reh_person_of(m->p->fed, id, role, out))
        return;
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)m->step->line);
    m->err = sb_fail_set(m->fail, SB_E_REHEARSE_NO_KEY, m->step->file, line, id, NULL);
}

/* Whoever `by` names, else `id` in `role`. */
sb_reh_person sb_mk_actor(sb_maker *m, const char *id, uint32_t role)
{
    sb_reh_person person = {0};
    const sb_reh_value *by = m->step->fields[SB_REH_F_BY];
    if (by != NULL)
        sb_mk_need_person(m, by->text, (uint32_t)by->number, &person);
    else
        sb_mk_need_person(m, id, role, &person);
    return person;
}

void sb_mk_begin_as_secretariat(sb_maker *m, const char *noun, const char *verb)
{
    sb_reh_person person = sb_mk_actor(m, "secretariat", 0);
    sb_mk_begin(m, &person, noun, verb);
}

static bool is_person_here(const sb_doc *list, const char *seat, const char *role)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        if (strcmp(sb_doc_str(list->items[i], "seat"), seat) == 0 &&
            strcmp(sb_doc_str(list->items[i], "role"), role) == 0 &&
            sb_doc_true(list->items[i], "here"))
            return true;
    return false;
}

/* Who sits on the seat in the meeting: its deputy only when the permanent one isn't there. */
uint32_t sb_mk_role_in_meeting(sb_maker *m, const char *meeting, const char *seat)
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
const sb_doc *sb_mk_question_of(sb_maker *m)
{
    const sb_doc *question = NULL;
    sb_reh_process *node = sb_reh_any_node(m->p->fed);
    if (node == NULL || sb_reh_ask(m->p->fed, node, &m->p->scratch, &question, NULL, "question",
                                   sb_mk_case_id(m), NULL) != SB_OK)
        return NULL;
    return question;
}

uint32_t sb_mk_role_in_question(const sb_doc *question, const char *seat)
{
    const sb_doc *seats = sb_doc_get(question, "seats");
    for (uint32_t i = 0; i < sb_doc_count(seats); i++)
        if (strcmp(sb_doc_str(seats->items[i], "seat"), seat) == 0)
            return strcmp(sb_doc_str(seats->items[i], "represented_by"), "deputy") == 0 ? DEPUTY
                                                                                        : PRIMARY;
    return PRIMARY;
}

/* ---- places: seats, partners and bodies as single seats ---- */

static bool has_place(const sb_places *list, const char *seat)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i].seat, seat) == 0)
            return true;
    return false;
}

static bool is_excepted(const sb_maker *m, const char *seat)
{
    const sb_reh_value *v = m->step->fields[SB_REH_F_EXCEPT];
    for (uint32_t i = 0; v != NULL && i < v->count; i++)
        if (strcmp(v->items[i].text, seat) == 0)
            return true;
    return false;
}

/* Seats of the body: all of them, or a partner's voting ones. */
void sb_mk_add_seats(sb_maker *m, sb_places *list, const Sb__Body *body, const char *partner,
                     bool voting_only, uint32_t role)
{
    for (size_t i = 0; body != NULL && i < body->n_seats; i++) {
        const Sb__Seat *seat = body->seats[i];
        if ((voting_only && !seat->voting) ||
            (partner != NULL && strcmp(seat->partner, partner) != 0) || is_excepted(m, seat->id) ||
            has_place(list, seat->id))
            continue;
        list->items[list->count++] = (sb_place){.seat = seat->id, .role = role};
    }
}

static size_t seats_in_charter(const Sb__Charter *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_bodies; i++)
        n += c->bodies[i]->n_seats;
    return n;
}

sb_places sb_mk_read_places(sb_maker *m, const sb_reh_value *v, const Sb__Body *body,
                            bool voting_only)
{
    const Sb__Charter *c = m->p->fed->charter;
    sb_places list = {.items = SB_ARENA_ARRAY(&m->p->scratch, sb_place,
                                              seats_in_charter(c) + SB_REH_LIST_MAX + 1)};
    for (uint32_t i = 0; v != NULL && i < v->count; i++) {
        const sb_reh_item *item = &v->items[i];
        if (item->place == SB_REH_A_SEAT)
            list.items[list.count++] = (sb_place){.seat = item->text, .role = item->role};
        else if (item->place == SB_REH_A_PARTNER)
            sb_mk_add_seats(m, &list, body, item->text, true, item->role);
        else
            sb_mk_add_seats(m, &list, sb_reh_body(c, item->text), NULL, voting_only, item->role);
    }
    return list;
}
