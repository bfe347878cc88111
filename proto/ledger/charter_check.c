#include "proto/ledger/charter_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/ledger/core.h"
#include "proto/ledger/policy.h"
#include "proto/rules/check.h"
#include "proto/sign/sign.h"

/* ---- ids ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static sb_err unique(const char **ids, size_t count, const char *list, sb_fail *fail)
{
    qsort(ids, count, sizeof ids[0], by_text);
    for (size_t i = 1; i < count; i++)
        if (strcmp(ids[i - 1], ids[i]) == 0)
            return sb_fail_set(fail, SB_E_LEDGER_CHARTER_ID, list, ids[i], NULL);
    return SB_OK;
}

static sb_err check_ids(const Sb__Charter *c, sb_arena *arena, sb_fail *fail)
{
    sb_err err;
#define UNIQUE(list)                                                                               \
    do {                                                                                           \
        const char **ids = SB_ARENA_ARRAY(arena, const char *, c->n_##list);                       \
        for (size_t i = 0; i < c->n_##list; i++)                                                   \
            ids[i] = c->list[i]->id;                                                               \
        err = unique(ids, c->n_##list, #list, fail);                                               \
        if (err != SB_OK)                                                                          \
            return err;                                                                            \
    } while (0)
    UNIQUE(partners);
    UNIQUE(organisations);
    UNIQUE(appointers);
    UNIQUE(parties);
    UNIQUE(bodies);
    UNIQUE(offices);
    UNIQUE(standbys);
#undef UNIQUE
    size_t count = 0, at = 0;
    for (size_t b = 0; b < c->n_bodies; b++)
        count += c->bodies[b]->n_seats;
    if (count > SB_SEATS_MAX)
        return sb_fail_num(fail, SB_E_LEDGER_CHARTER_SEATS, 2, count, SB_SEATS_MAX);
    const char **ids = SB_ARENA_ARRAY(arena, const char *, count);
    for (size_t b = 0; b < c->n_bodies; b++)
        for (size_t i = 0; i < c->bodies[b]->n_seats; i++)
            ids[at++] = c->bodies[b]->seats[i]->id;
    return unique(ids, count, "seats", fail);
}

/* ---- references ---- */

static sb_err resolves(uint32_t found, const char *where, const char *field, const char *id,
                       bool may_be_empty, sb_fail *fail)
{
    if (found != SB_NONE || (may_be_empty && id[0] == '\0'))
        return SB_OK;
    return sb_fail_set(fail, SB_E_LEDGER_CHARTER_REFERENCE, where, field, id, NULL);
}

static uint32_t seat_find(const Sb__Charter *c, const char *id)
{
    for (size_t b = 0; b < c->n_bodies; b++)
        for (size_t i = 0; i < c->bodies[b]->n_seats; i++)
            if (strcmp(c->bodies[b]->seats[i]->id, id) == 0)
                return (uint32_t)i;
    return SB_NONE;
}

static sb_err check_seats(const Sb__Charter *c, const Sb__Body *body, sb_fail *fail)
{
    for (size_t i = 0; i < body->n_seats; i++) {
        const Sb__Seat *seat = body->seats[i];
        sb_err err = resolves(sb_partner_find(c, seat->partner), seat->id, "partner", seat->partner,
                              true, fail);
        if (err == SB_OK)
            err = resolves(sb_appointer_find(c, seat->appointer), seat->id, "appointer",
                           seat->appointer, true, fail);
        if (err != SB_OK)
            return err;
    }
    return SB_OK;
}

/* The chain of parents ends. */
static sb_err check_parents(const Sb__Charter *c, const Sb__Body *body, sb_fail *fail)
{
    const Sb__Body *at = body;
    for (size_t steps = 0; at->parent[0] != '\0'; steps++) {
        uint32_t up = sb_body_find(c, at->parent);
        if (up == SB_NONE || steps >= c->n_bodies)
            return sb_fail_set(fail, SB_E_LEDGER_CHARTER_REFERENCE, body->id, "parent", at->parent,
                               NULL);
        at = c->bodies[up];
    }
    uint32_t above = sb_body_find(c, body->parent);
    if (above != SB_NONE && c->bodies[above]->dissolved && !body->dissolved)
        return sb_fail_set(fail, SB_E_LEDGER_BODY_HAS_BODIES, body->parent, body->id, NULL);
    return SB_OK;
}

/* Who elects it can hold elections; its norms name other offices where they should. */
static sb_err check_elected(const Sb__Charter *c, const Sb__Office *o, sb_fail *fail)
{
    uint32_t body = sb_body_find(c, o->elected_by);
    sb_err err = resolves(body, o->id, "elected_by", o->elected_by, true, fail);
    if (err == SB_OK && body != SB_NONE && c->bodies[body]->election == NULL)
        err = sb_fail_set(fail, SB_E_LEDGER_CHARTER_ELECTED, o->id, o->elected_by, NULL);
    for (size_t i = 0; err == SB_OK && i < o->n_norms; i++) {
        const Sb__OfficeNorm *n = o->norms[i];
        bool differs = n->kind == SB__OFFICE_NORM_KIND__OFFICE_NORM_KIND_DIFFERS;
        uint32_t other = sb_office_find(c, n->office);
        bool ok = differs ? other != SB_NONE && c->offices[other] != o : n->office[0] == '\0';
        if (!ok) {
            char number[24];
            (void)snprintf(number, sizeof number, "%zu", i + 1);
            err = sb_fail_set(fail, SB_E_LEDGER_CHARTER_OFFICE_NORM, o->id, number, NULL);
        }
    }
    return err;
}

static sb_err check_references(const Sb__Charter *c, sb_fail *fail)
{
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < c->n_organisations; i++) {
        const Sb__Organisation *o = c->organisations[i];
        err = resolves(sb_partner_find(c, o->partner), o->id, "partner", o->partner, false, fail);
    }
    for (size_t i = 0; err == SB_OK && i < c->n_appointers; i++) {
        const Sb__Appointer *a = c->appointers[i];
        err = resolves(sb_org_find(c, a->host), a->id, "host", a->host, true, fail);
    }
    for (size_t i = 0; err == SB_OK && i < c->n_bodies; i++) {
        const Sb__Body *b = c->bodies[i];
        err = check_parents(c, b, fail);
        if (err == SB_OK)
            err = check_seats(c, b, fail);
        if (err == SB_OK)
            err = resolves(sb_office_find(c, b->extraordinary_by), b->id, "extraordinary_by",
                           b->extraordinary_by, true, fail);
    }
    for (size_t i = 0; err == SB_OK && i < c->n_offices; i++) {
        const Sb__Office *o = c->offices[i];
        err = resolves(sb_body_find(c, o->body), o->id, "body", o->body, true, fail);
        if (err == SB_OK)
            err = resolves(sb_org_find(c, o->appointed_by), o->id, "appointed_by", o->appointed_by,
                           false, fail);
        if (err == SB_OK)
            err = resolves(seat_find(c, o->seat), o->id, "seat", o->seat, true, fail);
        if (err == SB_OK)
            err = check_elected(c, o, fail);
    }
    if (err == SB_OK && c->amendment != NULL)
        err = resolves(sb_body_find(c, c->amendment->body), "amendment", "body", c->amendment->body,
                       false, fail);
    if (err == SB_OK && c->membership != NULL)
        err = resolves(sb_body_find(c, c->membership->body), "membership", "body",
                       c->membership->body, false, fail);
    return err;
}

/* ---- rules and numbers ---- */

static sb_rule_shape shape_of(const Sb__Charter *c, const Sb__Body *body, sb_arena *arena)
{
    sb_rule_group *groups = SB_ARENA_ARRAY(arena, sb_rule_group, c->n_partners);
    sb_rule_shape shape = {.partners = groups, .partner_count = (uint32_t)c->n_partners};
    for (size_t i = 0; i < c->n_partners; i++)
        groups[i].id = sb_slice_str(c->partners[i]->id);
    for (size_t i = 0; i < body->n_seats; i++) {
        uint32_t partner = sb_partner_find(c, body->seats[i]->partner);
        if (body->seats[i]->voting && partner == SB_NONE)
            shape.free_seats++;
        else if (body->seats[i]->voting)
            groups[partner].seats++;
    }
    return shape;
}

static sb_err check_rule(const Sb__Charter *c, const Sb__Body *body, const Sb__Rule *text,
                         sb_rule_kind kind, const char *word, sb_arena *arena, sb_fail *fail)
{
    if (text == NULL || text->text[0] == '\0')
        return SB_OK;
    sb_fail cause = {0};
    sb_rule rule;
    sb_err err = sb_rule_parse(arena, sb_slice_str(text->text), &rule, &cause);
    if (err == SB_OK && rule.kind != kind)
        err = SB_E_LEDGER_CHARTER_RULE_KIND;
    if (err == SB_OK) {
        sb_rule_shape shape = shape_of(c, body, arena);
        sb_rule_report report;
        sb_rule_check(arena, &rule, &shape, &report);
        for (uint32_t i = 0; err == SB_OK && i < report.count; i++)
            if (report.findings[i].level == SB_RULE_ERROR)
                err = report.findings[i].fail.code;
    }
    if (err == SB_OK) {
        sb_buf print;
        sb_buf_init(&print);
        sb_rule_print(&rule, SB_RULE_EN, &print);
        if (!sb_slice_eq(sb_buf_slice(&print), sb_slice_str(text->text)))
            err = SB_E_LEDGER_CHARTER_RULE_PRINT;
        sb_buf_deinit(&print);
    }
    if (err == SB_OK)
        return SB_OK;
    const char *name = sb_err_name(err);
    return sb_fail_set(fail, SB_E_LEDGER_CHARTER_RULE, body->id, word, name == NULL ? "" : name,
                       NULL);
}

static sb_err check_numbers(const Sb__Body *body, sb_arena *arena, sb_fail *fail)
{
    for (size_t i = 1; i < body->n_first_numbers; i++)
        if (body->first_numbers[i - 1]->year >= body->first_numbers[i]->year)
            return sb_fail_set(fail, SB_E_LEDGER_CHARTER_NUMBERS, body->id, NULL);
    for (size_t i = 0; i < body->n_deadlines; i++) {
        const Sb__Deadline *d = body->deadlines[i];
        if ((d->most != 0 && d->most < d->least) || d->least > 366 || d->most > 366)
            return sb_fail_set(fail, SB_E_LEDGER_CHARTER_DEADLINE, body->id,
                               sb_arena_printf(arena, "%zu", i + 1), NULL);
    }
    return SB_OK;
}

/* What a body says beside its rules. */
static sb_err check_sections(const Sb__Charter *c, const Sb__Body *body, sb_arena *arena,
                             sb_fail *fail)
{
    const Sb__Election *e = body->election;
    if (e != NULL && e->elect->text[0] == '\0' && body->pass->text[0] == '\0')
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_ELECTION, body->id, NULL);
    if (body->extraordinary_by[0] != '\0' && body->extraordinary_cite[0] == '\0')
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_EXTRAORDINARY, body->id, NULL);
    if ((body->mandate_sha256.len == 0) != (body->mandate_size == 0))
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_MANDATE, body->id, NULL);
    return e == NULL ? SB_OK : check_rule(c, body, e->elect, SB_RULE_PASS, "elect", arena, fail);
}

static sb_err check_amendment(const Sb__Charter *c, const Sb__Amendment *a, const char *word,
                              sb_arena *arena, sb_fail *fail)
{
    if (a == NULL)
        return SB_OK;
    if (c->bodies[sb_body_find(c, a->body)]->dissolved) /* then nobody could */
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_AMENDS, a->body, NULL);
    if (a->involvement != NULL && c->n_parties == 0)
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_PARTIES, NULL);
    return check_rule(c, c->bodies[sb_body_find(c, a->body)], a->pass, SB_RULE_PASS, word, arena,
                      fail);
}

/* Each with keys of its own, and a silence exactly where there are any; one that an idle broker
 * isn't deposed by. */
static sb_err check_standbys(const Sb__Charter *c, sb_fail *fail)
{
    if ((c->n_standbys == 0) != (c->silence_s == 0))
        return sb_fail_set(fail, SB_E_LEDGER_CHARTER_SILENCE, NULL);
    if (c->n_standbys != 0 && c->silence_s < SB_SILENCE_S_MIN && !c->rehearsal)
        return sb_fail_num(fail, SB_E_LEDGER_CHARTER_SILENCE_SHORT, 2, c->silence_s,
                           SB_SILENCE_S_MIN);
    for (size_t i = 0; i < c->n_standbys; i++) {
        const Sb__Standby *one = c->standbys[i];
        bool good = sb_pk_valid(one->log_pk.data);
        for (size_t k = 0; good && k < i; k++)
            good = memcmp(c->standbys[k]->log_pk.data, one->log_pk.data, 32) != 0 &&
                   memcmp(c->standbys[k]->curve_pk.data, one->curve_pk.data, 32) != 0;
        if (!good)
            return sb_fail_set(fail, SB_E_LEDGER_CHARTER_STANDBY, one->id, NULL);
    }
    return SB_OK;
}

sb_err sb_charter_check(const Sb__Charter *c, sb_arena *arena, sb_fail *fail)
{
    sb_err err = check_ids(c, arena, fail);
    if (err == SB_OK)
        err = check_references(c, fail);
    for (size_t i = 0; err == SB_OK && i < c->n_bodies; i++) {
        const Sb__Body *body = c->bodies[i];
        err = check_rule(c, body, body->quorum, SB_RULE_QUORUM, "quorum", arena, fail);
        if (err == SB_OK)
            err = check_rule(c, body, body->pass, SB_RULE_PASS, "pass", arena, fail);
        if (err == SB_OK)
            err = check_sections(c, body, arena, fail);
        if (err == SB_OK)
            err = check_numbers(body, arena, fail);
    }
    if (err == SB_OK)
        err = check_amendment(c, c->amendment, "amendment", arena, fail);
    if (err == SB_OK)
        err = check_amendment(c, c->membership, "membership", arena, fail);
    if (err == SB_OK)
        err = check_standbys(c, fail);
    return err == SB_OK ? sb_policy_check(c, fail) : err;
}
