/* A rehearsal script held against the charter and the names before it, so that what can't work is
 * said before any process starts. */
#include <stdio.h>

#include "nodes/cli/rehearse_script.h"
#include "proto/calendar/oslo.h"

/* ---- names ---- */

sb_reh_name *sb_reh_names_find(const sb_reh_names *names, sb_reh_name_kind kind, const char *name)
{
    for (sb_reh_name *n = names->first; n != NULL; n = n->next)
        if (n->kind == kind && strcmp(n->name, name) == 0)
            return n;
    return NULL;
}

sb_reh_name *sb_reh_names_add(sb_reh_names *names, sb_arena *arena, sb_reh_name_kind kind,
                              const char *name, const char *body)
{
    sb_reh_name *n = SB_ARENA_NEW(arena, sb_reh_name);
    *n = (sb_reh_name){.kind = kind, .name = name, .body = body};
    if (names->end == NULL)
        names->end = &names->first;
    *names->end = n;
    names->end = &n->next;
    return n;
}

/* ---- the charter ---- */

static bool has_partner(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_partners; i++)
        if (strcmp(c->partners[i]->id, id) == 0)
            return true;
    return false;
}

static bool has_organisation(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_organisations; i++)
        if (strcmp(c->organisations[i]->id, id) == 0)
            return true;
    return false;
}

static bool has_office(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_offices; i++)
        if (strcmp(c->offices[i]->id, id) == 0)
            return true;
    return false;
}

/* A party to the agreement, or an appointer; "parties" means all of the former. */
static bool has_party(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_parties; i++)
        if (strcmp(c->parties[i]->id, id) == 0)
            return true;
    for (size_t i = 0; i < c->n_appointers; i++)
        if (strcmp(c->appointers[i]->id, id) == 0)
            return true;
    return strcmp(id, "parties") == 0;
}

const Sb__Body *sb_reh_body(const Sb__Charter *c, const char *id)
{
    for (size_t i = 0; i < c->n_bodies; i++)
        if (strcmp(c->bodies[i]->id, id) == 0)
            return c->bodies[i];
    return NULL;
}

const Sb__Seat *sb_reh_seat(const Sb__Charter *c, const char *id, const Sb__Body **body)
{
    for (size_t i = 0; i < c->n_bodies; i++)
        for (size_t k = 0; k < c->bodies[i]->n_seats; k++)
            if (strcmp(c->bodies[i]->seats[k]->id, id) == 0) {
                if (body != NULL)
                    *body = c->bodies[i];
                return c->bodies[i]->seats[k];
            }
    return NULL;
}

/* ---- the walk ---- */

typedef struct walk {
    const Sb__Charter *charter;
    sb_arena *arena;
    sb_reh_names *names;
    const char *meeting; /* the one that steps mean; NULL: none yet */
    bool meeting_is_open;
    int64_t clock_ms;
    sb_fail *fail;
} walk;

static sb_err refuse(const walk *w, sb_err code, const sb_reh_step *step, uint32_t line,
                     const char *a2, const char *a3)
{
    char number[16];
    (void)snprintf(number, sizeof number, "%lu", (unsigned long)line);
    return sb_fail_set(w->fail, code, step->file, number, a2, a3 != NULL ? a3 : "", NULL);
}

typedef enum id_kind {
    A_BODY = 1,
    A_SEAT = 2,
    A_PARTNER = 4,
    AN_OFFICE = 8,
    AN_ORGANISATION = 16,
    A_PROCESS = 32,
    A_PARTY = 64
} id_kind;

static bool known_id(const Sb__Charter *c, unsigned kinds, const char *id)
{
    return ((kinds & A_BODY) != 0 && sb_reh_body(c, id) != NULL) ||
           ((kinds & A_SEAT) != 0 && sb_reh_seat(c, id, NULL) != NULL) ||
           ((kinds & A_PARTNER) != 0 && has_partner(c, id)) ||
           ((kinds & AN_OFFICE) != 0 && has_office(c, id)) ||
           ((kinds & AN_ORGANISATION) != 0 && has_organisation(c, id)) ||
           ((kinds & A_PARTY) != 0 && has_party(c, id)) ||
           ((kinds & A_PROCESS) != 0 &&
            (strcmp(id, "broker") == 0 || strcmp(id, "all") == 0 || strcmp(id, "nodes") == 0));
}

static sb_err check_id(const walk *w, const sb_reh_step *step, uint32_t line, unsigned kinds,
                       const char *id)
{
    static const struct {
        unsigned kind;
        const char *word;
    } words[] = {{A_BODY, "organ/body"},
                 {A_SEAT, "plass/seat"},
                 {A_PARTNER, "partner"},
                 {AN_OFFICE, "verv/office"},
                 {AN_ORGANISATION, "organisasjon/organisation"},
                 {A_PARTY, "part/party, oppnevner/appointer"},
                 {A_PROCESS, "broker, nodes, all"}};
    if (known_id(w->charter, kinds, id))
        return SB_OK;
    const char *expected = "";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if ((kinds & words[i].kind) != 0)
            expected = sb_arena_printf(w->arena, "%s%s%s", expected, *expected == 0 ? "" : ", ",
                                       words[i].word);
    return refuse(w, SB_E_REHEARSE_UNKNOWN_ID, step, line, id, expected);
}

/* The fields that hold ids or lists of them, and of what. */
static const struct {
    sb_reh_field field;
    unsigned kinds;
} id_fields[] = {
    {SB_REH_F_BODY, A_BODY},
    {SB_REH_F_PARTNER, A_PARTNER},
    {SB_REH_F_SEAT, A_SEAT},
    {SB_REH_F_EXCEPT, A_SEAT},
    {SB_REH_F_WITHOUT, A_SEAT},
    {SB_REH_F_OFFICE, AN_OFFICE},
    {SB_REH_F_NODE, AN_ORGANISATION},
    {SB_REH_F_BY, A_SEAT | AN_OFFICE | AN_ORGANISATION},
    {SB_REH_F_RESPONSIBLE, A_BODY | A_SEAT | A_PARTNER | AN_OFFICE | AN_ORGANISATION},
    {SB_REH_F_PROCESSES, AN_ORGANISATION | A_PROCESS},
    {SB_REH_F_DEAD, AN_ORGANISATION | A_PROCESS},
    {SB_REH_F_PARTIES, A_PARTY | AN_ORGANISATION | A_PARTNER},
    {SB_REH_F_PARTY, A_PARTY | AN_ORGANISATION | A_PARTNER | A_BODY},
    {SB_REH_F_ASKED, A_PARTY | AN_ORGANISATION | A_PARTNER | A_BODY},
    {SB_REH_F_RECORDED, A_SEAT},
    {SB_REH_F_CONFIRMED, A_SEAT},
    {SB_REH_F_HOLDER, A_SEAT},
    {SB_REH_F_FILLED, A_PARTNER},
    {SB_REH_F_VOTES, A_PARTNER},
    {SB_REH_F_PRESENT, A_PARTNER},
};

static sb_err check_ids(const walk *w, const sb_reh_step *step)
{
    for (size_t i = 0; i < sizeof id_fields / sizeof id_fields[0]; i++) {
        const sb_reh_value *v = step->fields[id_fields[i].field];
        if (v == NULL || (id_fields[i].field == SB_REH_F_BODY && step->kind == SB_REH_EXPECT))
            continue; /* whether a body exists may be asked of any */
        sb_err err =
            v->items == NULL ? check_id(w, step, v->line, id_fields[i].kinds, v->text) : SB_OK;
        for (uint32_t k = 0; k < v->count && err == SB_OK; k++)
            err = check_id(w, step, v->items[k].line, id_fields[i].kinds, v->items[k].text);
        if (err != SB_OK)
            return err;
    }
    return SB_OK;
}

static const sb_reh_field PLACE_FIELDS[] = {SB_REH_F_SEATS,   SB_REH_F_FOR,        SB_REH_F_AGAINST,
                                            SB_REH_F_ABSTAIN, SB_REH_F_CANDIDATES, SB_REH_F_BLANK};

static sb_err check_ticket(const walk *w, const sb_reh_step *step)
{
    const sb_reh_value *v = step->fields[SB_REH_F_TICKET];
    sb_err err = SB_OK;
    for (uint32_t i = 0; v != NULL && i < v->count && err == SB_OK; i++) {
        err = check_id(w, step, v->items[i].line, AN_OFFICE, v->items[i].text);
        if (err == SB_OK)
            err = check_id(w, step, v->items[i].line, A_SEAT, v->items[i].other);
    }
    return err;
}

static sb_err check_places(const walk *w, const sb_reh_step *step)
{
    static const unsigned kinds[] = {A_SEAT, A_PARTNER, A_BODY}; /* as sb_reh_place */
    for (size_t i = 0; i < sizeof PLACE_FIELDS / sizeof PLACE_FIELDS[0]; i++) {
        const sb_reh_value *v = step->fields[PLACE_FIELDS[i]];
        for (uint32_t k = 0; v != NULL && k < v->count; k++) {
            const sb_reh_item *item = &v->items[k];
            sb_err err = check_id(w, step, item->line, kinds[item->place], item->text);
            if (err != SB_OK)
                return err;
        }
    }
    return SB_OK;
}

/* A personal deputy, or one by delegation. */
static sb_err check_deputy(const walk *w, const sb_reh_step *step, uint32_t line, const char *seat)
{
    const Sb__Body *body = NULL;
    const Sb__Seat *s = sb_reh_seat(w->charter, seat, &body);
    bool may = s == NULL || s->has_deputy || (s->ex_officio && body->delegation_cite[0] != '\0');
    return may ? SB_OK : refuse(w, SB_E_REHEARSE_NO_DEPUTY, step, line, seat, NULL);
}

/* Deputies that a step names, unless it is to be refused, for that or another reason. */
static sb_err check_deputies(const walk *w, const sb_reh_step *step)
{
    const uint32_t deputy = SB__SEAT_ROLE__SEAT_ROLE_DEPUTY;
    const sb_reh_value *seat = step->fields[SB_REH_F_SEAT], *by = step->fields[SB_REH_F_BY];
    uint32_t role =
        (uint32_t)sb_reh_number(step, SB_REH_F_ROLE, step->kind == SB_REH_DEPUTY ? deputy : 0);
    sb_err err = SB_OK;
    if (step->is_refused)
        return SB_OK;
    if (seat != NULL && role == deputy)
        err = check_deputy(w, step, seat->line, seat->text);
    if (err == SB_OK && by != NULL && by->number == deputy)
        err = check_deputy(w, step, by->line, by->text);
    for (size_t i = 0; i < sizeof PLACE_FIELDS / sizeof PLACE_FIELDS[0]; i++) {
        const sb_reh_value *v = step->fields[PLACE_FIELDS[i]];
        for (uint32_t k = 0; v != NULL && k < v->count && err == SB_OK; k++) {
            const sb_reh_item *item = &v->items[k];
            if (item->place == SB_REH_A_SEAT && (item->role != 0 ? item->role : role) == deputy)
                err = check_deputy(w, step, item->line, item->text);
        }
    }
    return err;
}

static const char *kind_word(sb_reh_name_kind kind)
{
    switch (kind) {
    case SB_REH_NAME_CASE:
        return "report";
    case SB_REH_NAME_MEETING:
        return "call";
    case SB_REH_NAME_TASK:
        return "task";
    case SB_REH_NAME_CONDITION:
        return "condition";
    case SB_REH_NAME_INPUT:
        return "input";
    case SB_REH_NAME_DISPUTE:
        return "dispute";
    }
    return "";
}

static sb_err check_name(const walk *w, const sb_reh_step *step, uint32_t line,
                         sb_reh_name_kind kind, const char *name)
{
    if (sb_reh_names_find(w->names, kind, name) != NULL)
        return SB_OK;
    return refuse(w, SB_E_REHEARSE_UNKNOWN_NAME, step, line, name, kind_word(kind));
}

/* The field in which a step gives a new name; SB_REH_FIELDS: none. */
static sb_reh_field giving_field(sb_reh_kind kind, sb_reh_name_kind *name_kind)
{
    static const struct {
        sb_reh_kind step;
        sb_reh_name_kind name;
        sb_reh_field field;
    } givers[] = {{SB_REH_REPORT, SB_REH_NAME_CASE, SB_REH_F_CASE},
                  {SB_REH_CALL, SB_REH_NAME_MEETING, SB_REH_F_MEETING},
                  {SB_REH_TASK, SB_REH_NAME_TASK, SB_REH_F_TASK},
                  {SB_REH_CONDITION, SB_REH_NAME_CONDITION, SB_REH_F_CONDITION},
                  {SB_REH_INPUT, SB_REH_NAME_INPUT, SB_REH_F_INPUT},
                  {SB_REH_DISPUTE, SB_REH_NAME_DISPUTE, SB_REH_F_DISPUTE}};
    *name_kind = SB_REH_NAME_CASE;
    for (size_t i = 0; i < sizeof givers / sizeof givers[0]; i++)
        if (givers[i].step == kind) {
            *name_kind = givers[i].name;
            return givers[i].field;
        }
    return SB_REH_FIELDS;
}

static sb_err check_names(const walk *w, const sb_reh_step *step)
{
    static const struct {
        sb_reh_field field;
        sb_reh_name_kind kind;
    } names[] = {{SB_REH_F_CASE, SB_REH_NAME_CASE},
                 {SB_REH_F_CASES, SB_REH_NAME_CASE},
                 {SB_REH_F_AGENDA, SB_REH_NAME_CASE},
                 {SB_REH_F_ON_CASE, SB_REH_NAME_CASE},
                 {SB_REH_F_OBSERVER_ON_CASE, SB_REH_NAME_CASE},
                 {SB_REH_F_MEETING, SB_REH_NAME_MEETING},
                 {SB_REH_F_TASK, SB_REH_NAME_TASK},
                 {SB_REH_F_OTHER, SB_REH_NAME_CASE},
                 {SB_REH_F_CONDITION, SB_REH_NAME_CONDITION},
                 {SB_REH_F_INPUT, SB_REH_NAME_INPUT},
                 {SB_REH_F_DISPUTE, SB_REH_NAME_DISPUTE}};
    sb_reh_name_kind given_kind;
    sb_reh_field given = giving_field(step->kind, &given_kind);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const sb_reh_value *v = step->fields[names[i].field];
        if (v == NULL || names[i].field == given)
            continue;
        sb_err err =
            v->items == NULL ? check_name(w, step, v->line, names[i].kind, v->text) : SB_OK;
        for (uint32_t k = 0; k < v->count && err == SB_OK; k++)
            err = check_name(w, step, v->items[k].line, names[i].kind, v->items[k].text);
        if (err != SB_OK)
            return err;
    }
    const sb_reh_value *due = step->fields[SB_REH_F_DUE];
    if (due != NULL && due->due == SB_REH_DUE_MEETING)
        return check_name(w, step, due->line, SB_REH_NAME_MEETING, due->text);
    return SB_OK;
}

static sb_err give_name(walk *w, const sb_reh_step *step)
{
    sb_reh_name_kind kind;
    sb_reh_field field = giving_field(step->kind, &kind);
    const sb_reh_value *v = field < SB_REH_FIELDS ? step->fields[field] : NULL;
    if (v == NULL || step->is_refused)
        return SB_OK;
    if (sb_reh_names_find(w->names, kind, v->text) != NULL)
        return refuse(w, SB_E_REHEARSE_NAME_TWICE, step, v->line, v->text, NULL);
    const char *body = sb_reh_text(step, SB_REH_F_BODY);
    sb_reh_names_add(w->names, w->arena, kind, v->text, body == NULL ? "" : body);
    return SB_OK;
}

static bool takes_meeting(sb_reh_kind kind)
{
    return kind == SB_REH_CHAIR || (kind >= SB_REH_ARRIVE && kind <= SB_REH_PRESENT) ||
           kind == SB_REH_OPEN || kind == SB_REH_REMARK || kind == SB_REH_TASK ||
           kind == SB_REH_POSTPONE || kind == SB_REH_DISCUSS || kind == SB_REH_RULE;
}

/* Fill in the meeting that is meant, and follow which one that is. */
static sb_err follow_meeting(walk *w, sb_reh_step *step)
{
    const char *named = sb_reh_text(step, SB_REH_F_MEETING);
    if (takes_meeting(step->kind) && named == NULL) {
        if (w->meeting == NULL)
            return refuse(w, SB_E_REHEARSE_NO_MEETING, step, step->line, sb_reh_word(step->kind),
                          NULL);
        sb_reh_value *v = SB_ARENA_NEW(w->arena, sb_reh_value);
        *v = (sb_reh_value){.line = step->line, .text = w->meeting};
        step->fields[SB_REH_F_MEETING] = v;
    }
    if (step->is_refused)
        return SB_OK;
    if (step->kind == SB_REH_OPEN_MEETING || (step->kind == SB_REH_CALL && !w->meeting_is_open)) {
        w->meeting = named;
        w->meeting_is_open = step->kind == SB_REH_OPEN_MEETING;
    } else if (step->kind == SB_REH_CLOSE_MEETING && w->meeting != NULL &&
               strcmp(w->meeting, named) == 0) {
        w->meeting_is_open = false;
    }
    return SB_OK;
}

static sb_err move_clock(walk *w, const sb_reh_step *step, uint32_t line, int64_t to_ms)
{
    if (to_ms < w->clock_ms) {
        char now[SB_CIVIL_TEXT_BYTES];
        sb_oslo_nb(w->clock_ms, now);
        return refuse(w, SB_E_REHEARSE_BACKWARDS, step, line, now, NULL);
    }
    w->clock_ms = to_ms;
    return SB_OK;
}

static sb_err check_step(walk *w, sb_reh_step *step)
{
    sb_err err = SB_OK;
    if (step->kind == SB_REH_AT)
        err = move_clock(w, step, step->line, (int64_t)sb_reh_number(step, SB_REH_F_MOMENT, 0));
    if (err == SB_OK)
        err = check_ids(w, step);
    if (err == SB_OK)
        err = check_places(w, step);
    if (err == SB_OK)
        err = check_ticket(w, step);
    if (err == SB_OK)
        err = check_deputies(w, step);
    if (err == SB_OK)
        err = check_names(w, step);
    if (err == SB_OK)
        err = give_name(w, step);
    return err == SB_OK ? follow_meeting(w, step) : err;
}

sb_err sb_reh_check(sb_reh_script *script, const Sb__Charter *charter, int64_t *clock_ms,
                    sb_arena *arena, sb_reh_names *names, sb_fail *fail)
{
    walk w = {
        .charter = charter, .arena = arena, .names = names, .clock_ms = *clock_ms, .fail = fail};
    const sb_reh_step start = {.file = script->file};
    sb_err err = move_clock(&w, &start, script->start_line, script->start_ms);
    for (uint32_t i = 0; i < script->count && err == SB_OK; i++)
        err = check_step(&w, &script->steps[i]);
    if (err == SB_OK)
        *clock_ms = w.clock_ms;
    return err;
}
