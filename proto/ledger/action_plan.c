/* The kinds of action: preconditions, and the charter that each would make (§ 3 nr. 3, § 7). */
#include "proto/ledger/action_plan.h"

#include "proto/base/hash.h"
#include "proto/ledger/machine.h"
#include "proto/ledger/membership.h"

sb_action_kind sb_action_kind_of(const Sb__ActionPropose *m)
{
    switch (m->action_case) {
    case SB__ACTION_PROPOSE__ACTION_CHARTER:
        return SB_ACTION_CHARTER;
    case SB__ACTION_PROPOSE__ACTION_BODY_CREATE:
        return SB_ACTION_BODY_CREATE;
    case SB__ACTION_PROPOSE__ACTION_BODY_MANDATE:
        return SB_ACTION_BODY_MANDATE;
    case SB__ACTION_PROPOSE__ACTION_BODY_DISSOLVE:
        return SB_ACTION_BODY_DISSOLVE;
    case SB__ACTION_PROPOSE__ACTION_APPOINT:
        return SB_ACTION_APPOINT;
    case SB__ACTION_PROPOSE__ACTION_KEY_REPLACE:
        return SB_ACTION_KEY_REPLACE;
    case SB__ACTION_PROPOSE__ACTION_ORGANISATION:
        return SB_ACTION_ORGANISATION;
    case SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE:
        return SB_ACTION_ORGANISATION_REMOVE;
    case SB__ACTION_PROPOSE__ACTION_WITNESSING:
        return SB_ACTION_WITNESSING;
    case SB__ACTION_PROPOSE__ACTION__NOT_SET:
    case _SB__ACTION_PROPOSE__ACTION__CASE_IS_INT_SIZE:
        break;
    }
    return (sb_action_kind)0; /* the codec lets none through */
}

bool sb_action_is_structural(sb_action_kind kind)
{
    switch (kind) {
    case SB_ACTION_CHARTER:
    case SB_ACTION_BODY_CREATE:
    case SB_ACTION_BODY_MANDATE:
    case SB_ACTION_BODY_DISSOLVE:
    case SB_ACTION_ORGANISATION:
    case SB_ACTION_ORGANISATION_REMOVE:
    case SB_ACTION_WITNESSING:
        return true;
    case SB_ACTION_APPOINT:
    case SB_ACTION_KEY_REPLACE:
        return false;
    }
    return false;
}

const Sb__ActionPropose *sb_action_decode(sb_arena *arena, sb_slice payload)
{
    const ProtobufCMessage *m = NULL;
    if (sb_payload_decode(SB_ENTRY_ACTION_PROPOSE, payload, arena, &m, NULL) != SB_OK)
        return NULL;
    return (const Sb__ActionPropose *)(const void *)m;
}

sb_err sb_action_plan_begin(sb_action_plan *p, sb_step *s, uint32_t body, sb_fail *fail)
{
    *p = (sb_action_plan){.s = s, .body = body, .charter = s->charter, .fail = fail};
    if (!sb_body_is_dissolved(s->charter, body))
        return SB_OK;
    return sb_fail_set(fail, SB_E_LEDGER_BODY_DISSOLVED, sb_body_short(s->charter, body), NULL);
}

/* ---- the charter ---- */

static sb_err refuse_base(sb_action_plan *p, uint32_t base, uint32_t now)
{
    return sb_fail_num(p->fail, SB_E_LEDGER_DRAFT_BASE, 2, base, now);
}

static sb_err add_charter(sb_action_plan *p, const Sb__ActionCharter *m)
{
    const Sb__Amendment *amendment = p->charter->amendment;
    sb_row_charter_draft draft;
    if (p->change != NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_AMEND_TWICE, NULL);
    if (p->membership)
        return sb_fail_set(p->fail, SB_E_LEDGER_AMEND_MIXED, NULL);
    if (amendment == NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_AMEND_NONE, NULL);
    uint32_t amends = sb_body_find(p->charter, amendment->body);
    if (amends != p->body)
        return sb_fail_set(p->fail, SB_E_LEDGER_AMEND_BODY, sb_body_short(p->charter, p->body),
                           sb_body_short(p->charter, amends), NULL);
    sb_err err = sb_charter_draft_need(p->s, m->draft_id, &draft, p->fail);
    if (err != SB_OK)
        return err;
    uint32_t whole = sb_charter_whole_version(p->s->kv);
    if (draft.base < whole) /* another whole charter came in between: it would be undone unseen */
        return refuse_base(p, draft.base, whole);
    const Sb__Charter *words = sb_charter_draft_decode(p->s->kv, p->s->arena, draft.no);
    if (words == NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_STATE, "draft", NULL);
    err = sb_charter_draft_prepare(p->s, p->charter, words, &p->next, p->fail);
    if (err == SB_OK) {
        p->charter = p->next.charter;
        p->change = m;
    }
    return err;
}

/* ---- bodies ---- */

static sb_err may_create(const sb_action_plan *p)
{
    if (p->charter->bodies[p->body]->may_create)
        return SB_OK;
    return sb_fail_set(p->fail, SB_E_LEDGER_BODY_MAY_NOT, sb_body_short(p->charter, p->body), NULL);
}

/* The charter with another body in a place; the place after the last adds it. */
static sb_err with_body(sb_action_plan *p, size_t at, Sb__Body *body)
{
    Sb__Charter *c = SB_ARENA_NEW(p->s->arena, Sb__Charter);
    *c = *p->charter;
    c->bodies = SB_ARENA_ARRAY(p->s->arena, Sb__Body *, c->n_bodies + 1);
    memcpy(c->bodies, p->charter->bodies, c->n_bodies * sizeof c->bodies[0]);
    c->bodies[at] = body;
    if (at == c->n_bodies)
        c->n_bodies++;
    sb_err err = sb_charter_prepare(p->s, p->charter, c, false, &p->next, p->fail);
    if (err == SB_OK)
        p->charter = p->next.charter;
    return err;
}

static sb_err add_create(sb_action_plan *p, const Sb__ActionBodyCreate *m)
{
    sb_err err = may_create(p);
    const char *id = m->body->id;
    if (err != SB_OK)
        return err;
    if (strcmp(m->body->parent, p->charter->bodies[p->body]->id) != 0)
        return sb_fail_set(p->fail, SB_E_LEDGER_BODY_PARENT, id, sb_body_short(p->charter, p->body),
                           NULL);
    if (m->body->dissolved || m->body->mandate_size != 0 || m->body->mandate_sha256.len != 0)
        return sb_fail_set(p->fail, SB_E_LEDGER_BODY_NEW, id, NULL);
    return with_body(p, p->charter->n_bodies, m->body);
}

/* A live body below the one that decides. */
static sb_err below_need(sb_action_plan *p, const char *id, uint32_t *body)
{
    sb_err err = may_create(p);
    if (err != SB_OK)
        return err;
    *body = sb_body_find(p->charter, id);
    if (*body == SB_NONE)
        return sb_fail_set(p->fail, SB_E_LEDGER_BODY_UNKNOWN, id, NULL);
    if (!sb_body_is_below(p->charter, *body, p->body))
        return sb_fail_set(p->fail, SB_E_LEDGER_BODY_NOT_BELOW, id,
                           sb_body_short(p->charter, p->body), NULL);
    if (sb_body_is_dissolved(p->charter, *body))
        return sb_fail_set(p->fail, SB_E_LEDGER_BODY_DISSOLVED, sb_body_short(p->charter, *body),
                           NULL);
    return SB_OK;
}

static Sb__Body *copy_of(sb_action_plan *p, uint32_t body)
{
    Sb__Body *copy = SB_ARENA_NEW(p->s->arena, Sb__Body);
    *copy = *p->charter->bodies[body];
    return copy;
}

static sb_err add_mandate(sb_action_plan *p, const Sb__ActionBodyMandate *m)
{
    uint32_t body;
    sb_err err = below_need(p, m->body, &body);
    if (err != SB_OK)
        return err;
    Sb__Body *changed = copy_of(p, body);
    changed->mandate_sha256 = m->mandate->sha256;
    changed->mandate_size = m->mandate->size;
    return with_body(p, body, changed);
}

static sb_err add_dissolve(sb_action_plan *p, const Sb__ActionBodyDissolve *m)
{
    uint32_t body;
    sb_err err = below_need(p, m->body, &body);
    for (uint32_t i = 0; err == SB_OK && i < p->charter->n_bodies; i++)
        if (strcmp(p->charter->bodies[i]->parent, m->body) == 0 &&
            !p->charter->bodies[i]->dissolved)
            err = sb_fail_set(p->fail, SB_E_LEDGER_BODY_HAS_BODIES, m->body,
                              p->charter->bodies[i]->id, NULL);
    if (err != SB_OK)
        return err;
    Sb__Body *changed = copy_of(p, body);
    changed->dissolved = true;
    return with_body(p, body, changed);
}

/* ---- appointments ---- */

static const Sb__Seat *seat_of(const Sb__Charter *c, const char *id, uint32_t *body)
{
    for (uint32_t b = 0; b < c->n_bodies; b++)
        for (size_t i = 0; i < c->bodies[b]->n_seats; i++)
            if (strcmp(c->bodies[b]->seats[i]->id, id) == 0) {
                *body = b;
                return c->bodies[b]->seats[i];
            }
    return NULL;
}

static sb_err place_below(sb_action_plan *p, const char *place, uint32_t body)
{
    if (body == SB_NONE || !sb_body_is_below(p->charter, body, p->body))
        return sb_fail_set(p->fail, SB_E_LEDGER_APPOINT_NOT_BELOW, place,
                           sb_body_short(p->charter, p->body), NULL);
    if (sb_body_is_dissolved(p->charter, body))
        return sb_fail_set(p->fail, SB_E_LEDGER_BODY_DISSOLVED, sb_body_short(p->charter, body),
                           NULL);
    return SB_OK;
}

static sb_err check_office(sb_action_plan *p, const char *id)
{
    const Sb__Charter *c = p->charter;
    uint32_t at = sb_office_find(c, id);
    if (at == SB_NONE)
        return sb_fail_set(p->fail, SB_E_LEDGER_OFFICE_UNKNOWN, id, NULL);
    const Sb__Office *office = c->offices[at];
    if (office->elected_by[0] != '\0')
        return sb_fail_set(p->fail, SB_E_LEDGER_APPOINT_ELECTED, id,
                           sb_body_short(c, sb_body_find(c, office->elected_by)), NULL);
    return place_below(p, id, sb_body_find(c, office->body));
}

/* Seats of a body below that nobody else appoints to: what an organisation may fill, it fills. */
static sb_err check_seat(sb_action_plan *p, const Sb__SeatPlace *place)
{
    const Sb__Charter *c = p->charter;
    uint32_t body;
    const Sb__Seat *seat = seat_of(c, place->seat, &body);
    if (seat == NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_PLACE_UNKNOWN, place->seat, NULL);
    sb_err err = place_below(p, seat->id, body);
    if (err != SB_OK)
        return err;
    if (place->role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY && !seat->has_deputy)
        return sb_fail_set(p->fail, SB_E_LEDGER_NO_SUCH_DEPUTY, seat->id, NULL);
    uint32_t appointer = sb_appointer_find(c, seat->appointer);
    const char *host = sb_appointer_host(c, appointer);
    return host[0] == '\0' ? SB_OK
                           : sb_fail_set(p->fail, SB_E_LEDGER_APPOINT_HOST, seat->id, host, NULL);
}

static sb_err add_appoint(sb_action_plan *p, const Sb__Appoint *m)
{
    if (m->claim != NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_APPOINT_CLAIM, NULL);
    sb_err err = m->place_case == SB__APPOINT__PLACE_OFFICE ? check_office(p, m->office)
                                                            : check_seat(p, m->seat);
    return err != SB_OK ? err : sb_appointment_check(p->s, m, p->fail);
}

/* ---- keys ---- */

/* The body decides for itself and those below; who amends the bylaws or the membership, for all. */
static bool rules_over(const sb_action_plan *p, uint32_t body)
{
    const Sb__Charter *c = p->charter;
    bool over_all = (c->amendment != NULL && sb_body_find(c, c->amendment->body) == p->body) ||
                    (c->membership != NULL && sb_body_find(c, c->membership->body) == p->body);
    return over_all || body == p->body || (body != SB_NONE && sb_body_is_below(c, body, p->body));
}

static bool places_are_ours(const sb_action_plan *p, uint32_t key)
{
    uint32_t count = 0;
    sb_row_place place = {.key = key};
    for (bool more = sb_row_place_next(p->s->kv, NULL, &place, true, 1); more;
         more = sb_row_place_next(p->s->kv, NULL, &place, false, 1)) {
        uint32_t body = SB_NONE;
        sb_row_seat seat = {.no = place.number};
        if (place.kind == SB_PLACE_OFFICE)
            body = sb_body_find(p->charter, p->charter->offices[place.number]->body);
        else if (sb_row_seat_get(p->s->kv, p->s->arena, &seat))
            body = seat.body;
        if (!rules_over(p, body))
            return false;
        count++;
    }
    return count > 0;
}

static sb_err add_key_replace(sb_action_plan *p, const Sb__KeyReplace *m)
{
    sb_row_key old;
    char hex[17];
    sb_hex(sb_slice_of(m->old_pk.data, 8), hex);
    sb_err err = sb_replacement_check(p->s, m, &old, p->fail);
    if (err != SB_OK)
        return err;
    bool may = false;
    const Sb__Amendment *membership = p->charter->membership;
    switch ((sb_key_kind)old.kind) {
    case SB_KEY_KIND_DEVICE:
        may = places_are_ours(p, old.no);
        break;
    case SB_KEY_KIND_AUTHORITY:
    case SB_KEY_KIND_WITNESS: /* who hosts a node, and counts for what is final */
        may = membership != NULL && sb_body_find(p->charter, membership->body) == p->body;
        p->membership |= may;
        break;
    case SB_KEY_KIND_RECOVERY:
    case SB_KEY_KIND_LOG:
        return sb_fail_set(p->fail, SB_E_LEDGER_KEY_FIXED, hex, NULL);
    }
    if (may && p->membership && p->change != NULL)
        return sb_fail_set(p->fail, SB_E_LEDGER_AMEND_MIXED, NULL);
    if (may)
        return SB_OK;
    return sb_fail_set(p->fail, SB_E_LEDGER_KEY_NOT_BELOW, hex, sb_body_short(p->charter, p->body),
                       NULL);
}

sb_err sb_action_plan_add(sb_action_plan *p, const Sb__ActionPropose *m)
{
    switch (sb_action_kind_of(m)) {
    case SB_ACTION_CHARTER:
        return add_charter(p, m->charter);
    case SB_ACTION_BODY_CREATE:
        return add_create(p, m->body_create);
    case SB_ACTION_BODY_MANDATE:
        return add_mandate(p, m->body_mandate);
    case SB_ACTION_BODY_DISSOLVE:
        return add_dissolve(p, m->body_dissolve);
    case SB_ACTION_APPOINT:
        return add_appoint(p, m->appoint);
    case SB_ACTION_KEY_REPLACE:
        return add_key_replace(p, m->key_replace);
    case SB_ACTION_ORGANISATION:
        return sb_plan_organisation(p, m->organisation);
    case SB_ACTION_ORGANISATION_REMOVE:
        return sb_plan_remove(p, m->organisation_remove);
    case SB_ACTION_WITNESSING:
        return sb_plan_witnessing(p, m->witnessing);
    }
    return SB_E_LEDGER_STATE; /* the codec lets none through */
}
