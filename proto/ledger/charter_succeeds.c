/* What one charter may change of the one before it. */
#include "proto/ledger/charter_check.h"
#include "proto/ledger/core.h"

static sb_err refuse_place(sb_fail *fail, const char *list, const char *id, size_t at)
{
    sb_fail place;
    (void)sb_fail_num(&place, SB_E_LEDGER_SUCCEED_PLACE, 1, at + 1, 0);
    return sb_fail_set(fail, SB_E_LEDGER_SUCCEED_PLACE, list, id, place.arg[0], NULL);
}

/* What was there is there, in its place. */
static sb_err check_places(const Sb__Charter *then, const Sb__Charter *now, sb_fail *fail)
{
#define PREFIX(list)                                                                               \
    for (size_t i = 0; i < then->n_##list; i++)                                                    \
        if (i >= now->n_##list || strcmp(then->list[i]->id, now->list[i]->id) != 0)                \
            return refuse_place(fail, #list, then->list[i]->id, i);
    PREFIX(partners)
    PREFIX(organisations)
    PREFIX(appointers)
    PREFIX(parties)
    PREFIX(bodies)
    PREFIX(offices)
#undef PREFIX
    return SB_OK;
}

static bool same_message(const ProtobufCMessage *a, const ProtobufCMessage *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    size_t len = protobuf_c_message_get_packed_size(a);
    if (len != protobuf_c_message_get_packed_size(b))
        return false;
    sb_arena arena;
    sb_arena_init(&arena);
    uint8_t *x = sb_arena_alloc(&arena, len), *y = sb_arena_alloc(&arena, len);
    bool same =
        protobuf_c_message_pack(a, x) == protobuf_c_message_pack(b, y) && memcmp(x, y, len) == 0;
    sb_arena_deinit(&arena);
    return same;
}

static sb_err fixed(sb_fail *fail, bool same, const char *field)
{
    return same ? SB_OK : sb_fail_set(fail, SB_E_LEDGER_SUCCEED_FIXED, field, NULL);
}

static const ProtobufCMessage *base_of(const Sb__Amendment *a)
{
    return a == NULL ? NULL : &a->base;
}

/* Finality and who hosts a node have an amendment rule of their own. */
static sb_err check_membership(const Sb__Charter *then, const Sb__Charter *now, sb_fail *fail)
{
    bool same = then->n_organisations == now->n_organisations;
    for (size_t i = 0; same && i < now->n_organisations; i++)
        same = same_message(&then->organisations[i]->base, &now->organisations[i]->base);
    sb_err err = fixed(fail, same, "organisations");
    if (err == SB_OK)
        err = fixed(fail, same_message(&then->policy->base, &now->policy->base), "policy");
    if (err == SB_OK)
        err = fixed(fail, same_message(base_of(then->membership), base_of(now->membership)),
                    "membership");
    return err;
}

static const Sb__Seat *seat_of(const Sb__Charter *c, const char *id, size_t *body)
{
    for (size_t b = 0; b < c->n_bodies; b++)
        for (size_t i = 0; i < c->bodies[b]->n_seats; i++)
            if (strcmp(c->bodies[b]->seats[i]->id, id) == 0) {
                *body = b;
                return c->bodies[b]->seats[i];
            }
    return NULL;
}

/* A seat that votes for another partner, or elsewhere, is another seat: open questions have fixed
 * electorates. */
static sb_err check_seat(const Sb__Charter *then, const Sb__Seat *seat, size_t body, sb_fail *fail)
{
    size_t was_body;
    const Sb__Seat *was = seat_of(then, seat->id, &was_body);
    const char *field = NULL;
    if (was == NULL)
        return SB_OK;
    if (was_body != body)
        field = "body";
    else if (strcmp(was->partner, seat->partner) != 0)
        field = "partner";
    else if (was->voting != seat->voting)
        field = "voting";
    return field == NULL ? SB_OK
                         : sb_fail_set(fail, SB_E_LEDGER_SUCCEED_SEAT, seat->id, field, NULL);
}

static sb_err check_body(const Sb__Charter *then, const Sb__Charter *now, size_t at, sb_fail *fail)
{
    const Sb__Body *body = now->bodies[at];
    const Sb__Body *was = at < then->n_bodies ? then->bodies[at] : NULL;
    if (was != NULL && was->dissolved && !body->dissolved)
        return sb_fail_set(fail, SB_E_LEDGER_SUCCEED_DISSOLVED, body->id, NULL);
    if (was == NULL && body->mandate_size != 0)
        return sb_fail_set(fail, SB_E_LEDGER_SUCCEED_MANDATE, body->id, NULL);
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < body->n_seats; i++)
        err = check_seat(then, body->seats[i], at, fail);
    return err;
}

sb_err sb_charter_succeeds(const Sb__Charter *then, const Sb__Charter *now, bool by_membership,
                           sb_fail *fail)
{
    sb_err err = fixed(fail, strcmp(then->slug, now->slug) == 0, "slug");
    if (err == SB_OK)
        err = fixed(fail, then->rehearsal == now->rehearsal, "rehearsal");
    if (err == SB_OK)
        err = check_places(then, now, fail);
    if (err == SB_OK && !by_membership)
        err = check_membership(then, now, fail);
    for (size_t i = 0; err == SB_OK && i < now->n_bodies; i++)
        err = check_body(then, now, i, fail);
    return err;
}
