/* What one charter may change of the one before it. */
#include <stdlib.h>

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

bool sb_charter_same_policy(const Sb__Charter *a, const Sb__Charter *b)
{
    return same_message(&a->policy->base, &b->policy->base);
}

bool sb_charter_same_standbys(const Sb__Charter *a, const Sb__Charter *b)
{
    bool same = a->silence_s == b->silence_s && a->n_standbys == b->n_standbys;
    for (size_t i = 0; same && i < a->n_standbys; i++)
        same = same_message(&a->standbys[i]->base, &b->standbys[i]->base);
    return same;
}

/* Finality and who hosts a node have an amendment rule of their own. */
static sb_err check_membership(const Sb__Charter *then, const Sb__Charter *now, sb_fail *fail)
{
    bool same = then->n_organisations == now->n_organisations;
    for (size_t i = 0; same && i < now->n_organisations; i++)
        same = same_message(&then->organisations[i]->base, &now->organisations[i]->base);
    sb_err err = fixed(fail, same, "organisations");
    if (err == SB_OK)
        err = fixed(fail, sb_charter_same_policy(then, now), "policy");
    if (err == SB_OK)
        err = fixed(fail, same_message(base_of(then->membership), base_of(now->membership)),
                    "membership");
    return err == SB_OK ? fixed(fail, sb_charter_same_standbys(then, now), "standby") : err;
}

/* The seats of the charter before, by id: there may be ten thousand of them. */
typedef struct place {
    const char *id;
    const Sb__Seat *seat;
    size_t body;
} place;

typedef struct places {
    sb_arena arena;
    place *rows;
    size_t count;
} places;

static int by_id(const void *a, const void *b)
{
    return strcmp(((const place *)a)->id, ((const place *)b)->id);
}

static void list_seats(const Sb__Charter *c, places *out)
{
    size_t count = 0;
    for (size_t b = 0; b < c->n_bodies; b++)
        count += c->bodies[b]->n_seats;
    *out = (places){.count = 0};
    sb_arena_init(&out->arena);
    out->rows = SB_ARENA_ARRAY(&out->arena, place, count);
    for (size_t b = 0; b < c->n_bodies; b++)
        for (size_t i = 0; i < c->bodies[b]->n_seats; i++) {
            const Sb__Seat *seat = c->bodies[b]->seats[i];
            out->rows[out->count++] = (place){seat->id, seat, b};
        }
    qsort(out->rows, count, sizeof out->rows[0], by_id);
}

/* A seat that votes for another partner, or elsewhere, is another seat: open questions have fixed
 * electorates. */
static sb_err check_seat(const places *then, const Sb__Seat *seat, size_t body, sb_fail *fail)
{
    const place key = {.id = seat->id};
    const place *found = then->count == 0
                             ? NULL
                             : bsearch(&key, then->rows, then->count, sizeof then->rows[0], by_id);
    const char *field = NULL;
    if (found == NULL)
        return SB_OK;
    const Sb__Seat *was = found->seat;
    if (found->body != body)
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
    return SB_OK;
}

static sb_err check_seats(const Sb__Charter *then, const Sb__Charter *now, sb_fail *fail)
{
    sb_err err = SB_OK;
    places before;
    list_seats(then, &before);
    for (size_t b = 0; b < now->n_bodies; b++)
        for (size_t i = 0; err == SB_OK && i < now->bodies[b]->n_seats; i++)
            err = check_seat(&before, now->bodies[b]->seats[i], b, fail);
    sb_arena_deinit(&before.arena);
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
    return err == SB_OK ? check_seats(then, now, fail) : err;
}
