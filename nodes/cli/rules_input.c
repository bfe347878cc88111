#include "nodes/cli/rules_input.h"

#include <stdlib.h>

#include "proto/base/limits.h"

typedef struct reader {
    sb_arena *arena;
    sb_fail *fail;
    sb_tally_seat *seats;
    sb_tally_seat **by_id; /* sorted */
    uint32_t count;
} reader;

static sb_err expected(const reader *r, const sb_doc *at, const char *path, const char *what)
{
    return sb_doc_fail(at, SB_E_CLI_INPUT, path, what, r->fail);
}

/* One of the NULL-ended words, as a JSON string. */
static bool word(const sb_doc *value, const char *const *words, uint32_t *index)
{
    if (value->kind != SB_DOC_TEXT)
        return false;
    for (*index = 0; words[*index] != NULL; ++*index)
        if (sb_slice_eq(value->text, sb_slice_str(words[*index])))
            return true;
    return false;
}

static bool truth(const sb_doc *value, bool *out)
{
    if (value->kind != SB_DOC_PLAIN)
        return false;
    *out = sb_slice_eq(value->text, sb_slice_str("true"));
    return *out || sb_slice_eq(value->text, sb_slice_str("false"));
}

/* Every key is one of the NULL-ended names. */
static sb_err only(const reader *r, const sb_doc *map, const char *path, const char *const *names,
                   const char *what)
{
    for (uint32_t i = 0; i < map->count; i++) {
        bool known = false;
        for (uint32_t k = 0; names[k] != NULL; k++)
            known = known || strcmp(names[k], map->items[i]->key) == 0;
        if (!known)
            return expected(r, map->items[i],
                            sb_arena_printf(r->arena, "%s.%s", path, map->items[i]->key), what);
    }
    return SB_OK;
}

/* ---- seats ---- */

static sb_err read_seat(const reader *r, const sb_doc *seat, uint32_t i, sb_tally_seat *out)
{
    static const char *const KEYS[] = {"id", "partner", "filled", NULL};
    const char *path = sb_arena_printf(r->arena, "$.seats[%u]", i);
    *out = (sb_tally_seat){.filled = true};
    if (seat->kind != SB_DOC_MAP)
        return expected(r, seat, path, "{\"id\", \"partner\", \"filled\"}");
    sb_err err = only(r, seat, path, KEYS, "id | partner | filled");
    if (err != SB_OK)
        return err;
    const sb_doc *id = sb_doc_get(seat, "id"), *partner = sb_doc_get(seat, "partner");
    const sb_doc *filled = sb_doc_get(seat, "filled");
    if (id == NULL || id->kind != SB_DOC_TEXT || id->text.len == 0)
        return expected(r, id != NULL ? id : seat, sb_arena_printf(r->arena, "%s.id", path),
                        "\"…\"");
    out->id = id->text;
    if (partner != NULL && partner->kind != SB_DOC_NULL) {
        if (partner->kind != SB_DOC_TEXT || !sb_rule_is_partner_id(partner->text))
            return expected(r, partner, sb_arena_printf(r->arena, "%s.partner", path),
                            "\"a-z 0-9 -\" (1-64) | null");
        out->partner = partner->text;
    }
    if (filled != NULL && !truth(filled, &out->filled))
        return expected(r, filled, sb_arena_printf(r->arena, "%s.filled", path), "true | false");
    return SB_OK;
}

static int by_id(const void *left, const void *right)
{
    const sb_tally_seat *const *a = left, *const *b = right;
    return sb_slice_cmp((*a)->id, (*b)->id);
}

static sb_tally_seat *find(const reader *r, sb_slice id)
{
    sb_tally_seat key = {.id = id}, *wanted = &key;
    sb_tally_seat **found = bsearch(&wanted, r->by_id, r->count, sizeof wanted, by_id);
    return found != NULL ? *found : NULL;
}

static sb_err read_seats(reader *r, const sb_doc *root)
{
    const sb_doc *list = sb_doc_get(root, "seats");
    if (list == NULL || list->kind != SB_DOC_LIST || list->count > SB_SEATS_MAX)
        return expected(r, list != NULL ? list : root, "$.seats",
                        "[{\"id\", \"partner\", \"filled\"}], 0-10000");
    r->count = list->count;
    r->seats = SB_ARENA_ARRAY(r->arena, sb_tally_seat, list->count);
    r->by_id = SB_ARENA_ARRAY(r->arena, sb_tally_seat *, list->count);
    for (uint32_t i = 0; i < list->count; i++) {
        sb_err err = read_seat(r, list->items[i], i, &r->seats[i]);
        if (err != SB_OK)
            return err;
        r->by_id[i] = &r->seats[i];
    }
    if (r->count > 1)
        qsort(r->by_id, r->count, sizeof(sb_tally_seat *), by_id);
    for (uint32_t i = 1; i < r->count; i++)
        if (sb_slice_eq(r->by_id[i - 1]->id, r->by_id[i]->id)) {
            const sb_tally_seat *first = r->by_id[i - 1], *second = r->by_id[i];
            uint32_t at = (uint32_t)((first > second ? first : second) - r->seats);
            return sb_doc_fail(list->items[at], SB_E_CLI_INPUT_TWICE,
                               sb_arena_printf(r->arena, "$.seats[%u].id", at),
                               sb_arena_str(r->arena, second->id), r->fail);
        }
    return SB_OK;
}

/* ---- what the seats do ---- */

static sb_err need_seat(const reader *r, const sb_doc *at, const char *path, sb_slice id,
                        sb_tally_seat **out)
{
    *out = find(r, id);
    if (*out == NULL)
        return sb_doc_fail(at, SB_E_CLI_INPUT_SEAT, path, sb_arena_str(r->arena, id), r->fail);
    return SB_OK;
}

/* {"seat": one of the words}, each given to `set` with the word's place. */
static sb_err read_map(const reader *r, const sb_doc *root, const char *key,
                       const char *const *words, const char *what,
                       void (*set)(sb_tally_seat *seat, uint32_t index))
{
    const sb_doc *map = sb_doc_get(root, key);
    if (map == NULL)
        return SB_OK;
    if (map->kind != SB_DOC_MAP)
        return expected(r, map, sb_arena_printf(r->arena, "$.%s", key),
                        sb_arena_printf(r->arena, "{\"…\": %s}", what));
    for (uint32_t i = 0; i < map->count; i++) {
        const sb_doc *value = map->items[i];
        const char *path = sb_arena_printf(r->arena, "$.%s.%s", key, value->key);
        sb_tally_seat *seat;
        uint32_t index;
        sb_err err = need_seat(r, value, path, sb_slice_str(value->key), &seat);
        if (err != SB_OK)
            return err;
        if (!word(value, words, &index))
            return expected(r, value, path, what);
        set(seat, index);
    }
    return SB_OK;
}

static void set_presence(sb_tally_seat *seat, uint32_t index)
{
    static const sb_tally_presence PRESENCE[] = {SB_TALLY_PRIMARY, SB_TALLY_DEPUTY, SB_TALLY_ABSENT,
                                                 SB_TALLY_DISQUALIFIED};
    seat->presence = PRESENCE[index];
}

static void set_vote(sb_tally_seat *seat, uint32_t index)
{
    static const sb_tally_vote VOTE[] = {SB_TALLY_FOR, SB_TALLY_AGAINST, SB_TALLY_ABSTAIN};
    seat->vote = VOTE[index];
}

static sb_err read_objections(const reader *r, const sb_doc *root)
{
    const sb_doc *list = sb_doc_get(root, "objections");
    if (list == NULL)
        return SB_OK;
    if (list->kind != SB_DOC_LIST)
        return expected(r, list, "$.objections", "[\"…\"]");
    for (uint32_t i = 0; i < list->count; i++) {
        const sb_doc *value = list->items[i];
        const char *path = sb_arena_printf(r->arena, "$.objections[%u]", i);
        sb_tally_seat *seat;
        if (value->kind != SB_DOC_TEXT)
            return expected(r, value, path, "\"…\"");
        sb_err err = need_seat(r, value, path, value->text, &seat);
        if (err != SB_OK)
            return err;
        if (seat->objects)
            return sb_doc_fail(value, SB_E_CLI_INPUT_TWICE, path,
                               sb_arena_str(r->arena, value->text), r->fail);
        seat->objects = true;
    }
    return SB_OK;
}

static sb_err read_earlier(const reader *r, const sb_doc *root, sb_tally_earlier *out)
{
    const sb_doc *value = sb_doc_get(root, "discussed");
    bool yes;
    *out = SB_TALLY_EARLIER_UNKNOWN;
    if (value == NULL)
        return SB_OK;
    if (!truth(value, &yes))
        return expected(r, value, "$.discussed", "true | false");
    *out = yes ? SB_TALLY_EARLIER_YES : SB_TALLY_EARLIER_NO;
    return SB_OK;
}

sb_err sb_rules_input(const sb_doc *root, sb_arena *arena, sb_tally_case *out, sb_fail *fail)
{
    static const char *const KEYS[] = {"seats",      "attendance", "ballots",
                                       "objections", "discussed",  NULL};
    static const char *const PRESENCE[] = {"primary", "deputy", "absent", "disqualified", NULL};
    static const char *const VOTES[] = {"for", "against", "abstain", NULL};
    reader r = {.arena = arena, .fail = fail};
    if (root->kind != SB_DOC_MAP)
        return expected(&r, root, "$", "{\"seats\", \"attendance\", \"ballots\", \"objections\"}");
    sb_err err = only(&r, root, "$", KEYS, "seats | attendance | ballots | objections | discussed");
    if (err == SB_OK)
        err = read_seats(&r, root);
    if (err == SB_OK)
        err = read_map(&r, root, "attendance", PRESENCE,
                       "\"primary\" | \"deputy\" | \"absent\" | \"disqualified\"", set_presence);
    if (err == SB_OK)
        err = read_map(&r, root, "ballots", VOTES, "\"for\" | \"against\" | \"abstain\"", set_vote);
    if (err == SB_OK)
        err = read_objections(&r, root);
    if (err == SB_OK)
        err = read_earlier(&r, root, &out->earlier);
    out->seats = r.seats;
    out->count = r.count;
    return err;
}
