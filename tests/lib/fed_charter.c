/* The charter of tests/lib/fed.h. */
#include <stdlib.h>

#include "proto/rules/rule.h"
#include "tests/lib/fed.h"

#define SSU_QUORUM                                                                                 \
    "quorum each partner in (unn, kommune, fastlege, bruker): present >= 1/2 of seats"
#define SSU_PASS "pass against = 0 and for >= 1 else no_consensus"
#define PM_PASS "pass each partner in (unn, kommune): for > 1/2 of cast else fallen"

#define NEW(type, INIT, name)                                                                      \
    type *name = SB_ARENA_NEW(a, type);                                                            \
    *name = (type)INIT

static char *text(sb_arena *a, const char *s)
{
    return sb_arena_str(a, sb_slice_str(s));
}

/* The canonical print, so that tests may write rules as they like. */
static char *canonical(sb_arena *a, const char *rule)
{
    sb_rule parsed;
    if (rule[0] == '\0' || sb_rule_parse(a, sb_slice_str(rule), &parsed, NULL) != SB_OK)
        return text(a, rule);
    sb_buf out;
    sb_buf_init(&out);
    sb_rule_print(&parsed, SB_RULE_EN, &out);
    char *print = sb_arena_str(a, sb_buf_slice(&out));
    sb_buf_deinit(&out);
    return print;
}

static Sb__Rule *rule_of(sb_arena *a, const char *rule, const char *cite)
{
    NEW(Sb__Rule, SB__RULE__INIT, r);
    r->text = canonical(a, rule);
    r->cite = text(a, cite);
    return r;
}

static void add_partner(sb_arena *a, Sb__Charter *c, const char *id, const char *name)
{
    NEW(Sb__Partner, SB__PARTNER__INIT, p);
    p->id = text(a, id);
    p->name = text(a, name);
    c->partners[c->n_partners++] = p;
}

static void add_organisation(sb_arena *a, Sb__Charter *c, const char *id, const char *partner)
{
    NEW(Sb__Organisation, SB__ORGANISATION__INIT, o);
    o->id = text(a, id);
    o->name = text(a, id);
    o->partner = text(a, partner);
    c->organisations[c->n_organisations++] = o;
    NEW(Sb__Appointer, SB__APPOINTER__INIT, p);
    p->id = text(a, id);
    p->name = text(a, id);
    p->host = text(a, id);
    c->appointers[c->n_appointers++] = p;
}

static void add_seat(sb_arena *a, Sb__Body *b, const char *id, const char *partner,
                     const char *appointer, bool voting, bool has_deputy)
{
    NEW(Sb__Seat, SB__SEAT__INIT, s);
    s->id = text(a, id);
    s->title = sb_arena_printf(a, "Plass %s", id);
    s->partner = text(a, partner);
    s->appointer = text(a, appointer);
    s->voting = voting;
    s->has_deputy = has_deputy;
    b->seats[b->n_seats++] = s;
}

static void add_deadline(sb_arena *a, Sb__Body *b, Sb__DeadlineKind kind, uint32_t least,
                         uint32_t most, Sb__DeadlineUnit unit, const char *cite)
{
    NEW(Sb__Deadline, SB__DEADLINE__INIT, d);
    d->kind = kind;
    d->least = least;
    d->most = most;
    d->unit = unit;
    d->effect = SB__DEADLINE_EFFECT__DEADLINE_EFFECT_NOTED;
    d->cite = text(a, cite);
    b->deadlines[b->n_deadlines++] = d;
}

static Sb__Body *add_body(sb_arena *a, Sb__Charter *c, const char *id, const char *short_name)
{
    NEW(Sb__Body, SB__BODY__INIT, b);
    b->id = text(a, id);
    b->name = sb_arena_printf(a, "Organet %s", short_name);
    b->short_name = text(a, short_name);
    b->seats = SB_ARENA_ARRAY(a, Sb__Seat *, 16);
    b->deadlines = SB_ARENA_ARRAY(a, Sb__Deadline *, 8);
    NEW(Sb__FirstNumber, SB__FIRST_NUMBER__INIT, n);
    n->year = 2022;
    n->number = 1;
    b->first_numbers = SB_ARENA_ARRAY(a, Sb__FirstNumber *, 4);
    b->first_numbers[b->n_first_numbers++] = n;
    c->bodies[c->n_bodies++] = b;
    return b;
}

static void add_office(sb_arena *a, Sb__Charter *c, const char *id, const char *by,
                       const char *seat)
{
    NEW(Sb__Office, SB__OFFICE__INIT, o);
    o->id = text(a, id);
    o->name = text(a, id);
    o->appointed_by = text(a, by);
    o->seat = text(a, seat);
    c->offices[c->n_offices++] = o;
}

static void add_ssu(sb_arena *a, Sb__Charter *c, const fed_options *o)
{
    Sb__Body *b = add_body(a, c, "ssu", "SSU");
    add_seat(a, b, "unn-1", "unn", "unn", true, true);
    add_seat(a, b, "unn-2", "unn", "unn", true, true);
    add_seat(a, b, "kommune-1", "kommune", "kommune-a", true, true);
    add_seat(a, b, "kommune-2", "kommune", "kommune-a", true, true);
    add_seat(a, b, "lege-1", "fastlege", "lege", true, true);
    add_seat(a, b, "bruker-1", "bruker", "bruker", true, true);
    add_seat(a, b, "obs-1", "", "utenfor", false, false);
    b->quorum = rule_of(a, o->quorum == NULL ? SSU_QUORUM : o->quorum, "§ 6 SSU nr. 10");
    b->pass = rule_of(a, o->pass == NULL ? SSU_PASS : o->pass, "§ 6 SSU nr. 12");
    add_deadline(a, b, SB__DEADLINE_KIND__DEADLINE_KIND_CASE_REPORTED, 3, 0,
                 SB__DEADLINE_UNIT__DEADLINE_UNIT_WEEK, "§ 6 SSU nr. 5");
    add_deadline(a, b, SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT, 10, 14,
                 SB__DEADLINE_UNIT__DEADLINE_UNIT_DAY, "§ 6 SSU nr. 7");
    add_deadline(a, b, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE, 4, 0,
                 SB__DEADLINE_UNIT__DEADLINE_UNIT_WORKING_DAY, "§ 6 SSU nr. 14");
    b->bar_cite = text(a, "§ 6 SSU nr. 9");
    b->minutes_name = text(a, "referat");
    b->minutes_silence = true;
    b->deputy_cite = text(a, "§ 3 nr. 2");
    b->dispute_cite = text(a, "§ 6 SSU nr. 12");
}

static void add_pm(sb_arena *a, Sb__Charter *c, const fed_options *o)
{
    Sb__Body *b = add_body(a, c, "pm", "PM");
    add_seat(a, b, "pm-unn-1", "unn", "unn", true, false);
    add_seat(a, b, "pm-unn-2", "unn", "unn", true, false);
    add_seat(a, b, "pm-kommune-1", "kommune", "kommune-a", true, false);
    add_seat(a, b, "pm-kommune-2", "kommune", "kommune-a", true, false);
    b->quorum = rule_of(a, "", "");
    b->pass = rule_of(a, o->pm_pass == NULL ? PM_PASS : o->pm_pass, "§ 3 nr. 1");
    b->minutes_name = text(a, "protokoll");
}

Sb__Charter *fed_default_charter(sb_arena *a, const fed_options *o)
{
    uint32_t organisations = o->organisations == 0 ? 4 : o->organisations;
    NEW(Sb__Charter, SB__CHARTER__INIT, c);
    c->slug = text(a, "test");
    c->name = text(a, "Prøvesambandet");
    c->rehearsal = true;
    c->source = text(a, "Oppdiktede vedtekter");
    c->partners = SB_ARENA_ARRAY(a, Sb__Partner *, SB_PARTNERS_MAX);
    c->organisations = SB_ARENA_ARRAY(a, Sb__Organisation *, organisations + 4);
    c->appointers = SB_ARENA_ARRAY(a, Sb__Appointer *, organisations + 5);
    c->bodies = SB_ARENA_ARRAY(a, Sb__Body *, 8);
    c->offices = SB_ARENA_ARRAY(a, Sb__Office *, 8);
    add_partner(a, c, "unn", "UNN");
    add_partner(a, c, "kommune", "kommunene");
    add_partner(a, c, "fastlege", "fastlegene");
    add_partner(a, c, "bruker", "brukerne");
    add_organisation(a, c, "unn", "unn");
    add_organisation(a, c, "kommune-a", "kommune");
    add_organisation(a, c, "lege", "fastlege");
    add_organisation(a, c, "bruker", "bruker");
    for (uint32_t i = 4; i < organisations; i++)
        add_organisation(a, c, sb_arena_printf(a, "org-%u", i + 1), "kommune");
    NEW(Sb__Appointer, SB__APPOINTER__INIT, outside);
    outside->id = text(a, "utenfor");
    outside->name = text(a, "Utenfor");
    c->appointers[c->n_appointers++] = outside;
    add_ssu(a, c, o);
    add_pm(a, c, o);
    add_office(a, c, "secretariat", "unn", "");
    add_office(a, c, "leader", "kommune-a", "kommune-1");
    add_office(a, c, "deputy-leader", "unn", "unn-1");
    NEW(Sb__WitnessPolicy, SB__WITNESS_POLICY__INIT, policy);
    policy->more_than_num = 2;
    policy->more_than_den = 3;
    c->policy = policy;
    NEW(Sb__Quotas, SB__QUOTAS__INIT, quotas);
    quotas->entries_per_key_and_day = o->per_key_and_day;
    quotas->entries_per_case = o->per_case;
    c->quotas = quotas;
    return c;
}
