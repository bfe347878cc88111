/* From a step to commands: appointments, delegations and keys. */
#include "nodes/cli/rehearse_acts.h"
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

const char *sb_act_appoint(sb_maker *m)
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

const char *sb_act_change_key(sb_maker *m)
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

/* The delegate has the deputy's place, and so the deputy's key file. */
const char *sb_act_delegate(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    const char *key = sb_reh_seat_key(m->p->fed, seat, DEPUTY);
    bool has_key = sb_reh_number(m->step, SB_REH_F_KEY, 1) != 0;
    sb_reh_person by = sb_mk_actor(m, seat, PRIMARY);
    if (has_key)
        make_key(m, key);
    sb_mk_begin(m, &by, "member", "delegate");
    sb_mk_option(m, "--seat", seat);
    sb_mk_text_option(m, "--name", SB_REH_F_NAME);
    if (has_key)
        sb_mk_option(m, "--device", key);
    sb_mk_date_option(m, "--from", SB_REH_F_FROM_DATE);
    sb_mk_date_option(m, "--until", SB_REH_F_UNTIL);
    sb_mk_claim_options(m);
    return seat;
}

/* An appointment that the case's adoption makes. */
const char *sb_act_propose_appointment(sb_maker *m)
{
    const char *seat = sb_reh_text(m->step, SB_REH_F_SEAT);
    const char *office = sb_reh_text(m->step, SB_REH_F_OFFICE);
    const char *name = sb_reh_text(m->step, SB_REH_F_NAME);
    uint32_t role = (uint32_t)sb_reh_number(m->step, SB_REH_F_ROLE, PRIMARY);
    const char *key = seat != NULL ? sb_reh_seat_key(m->p->fed, seat, role)
                                   : sb_reh_office_key(m->p->fed, office);
    const Sb__Seat *place = sb_reh_seat(m->p->fed->charter, seat != NULL ? seat : "", NULL);
    bool has_key = sb_reh_number(m->step, SB_REH_F_KEY, 1) != 0;
    if (has_key)
        make_key(m, key);
    sb_mk_begin_as_secretariat(m, "action", "add");
    sb_mk_word(m, sb_mk_case_id(m));
    sb_mk_word(m, "appoint");
    sb_mk_option(m, seat != NULL ? "--seat" : "--office", seat != NULL ? seat : office);
    if (seat != NULL && role == DEPUTY)
        sb_mk_word(m, "--deputy");
    sb_mk_option(m, "--name", name != NULL ? name : place != NULL ? place->title : office);
    if (has_key)
        sb_mk_option(m, "--device", key);
    sb_mk_date_option(m, "--from", SB_REH_F_FROM_DATE);
    sb_mk_date_option(m, "--until", SB_REH_F_UNTIL);
    return seat != NULL ? seat : office;
}
