#include "nodes/cli/charter_follow.h"

#include <string.h>

/* ---- in the order of the one in force ---- */

/* Every list of the charter whose items have an id, as its field says. */
static const char *const ORDERED[] = {"partners", "organisations", "appointers",
                                      "parties",  "bodies",        "offices"};

static size_t *count_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    return (size_t *)(void *)((uint8_t *)(uintptr_t)m + f->quantifier_offset);
}

static void *value_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    return (uint8_t *)(uintptr_t)m + f->offset;
}

static ProtobufCMessage **items_at(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
    return *(ProtobufCMessage ***)value_at(m, f);
}

/* An item's id; NULL: items of this kind have none. */
static const char *id_of(const ProtobufCMessage *m)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(m->descriptor, "id");
    return f == NULL || f->type != PROTOBUF_C_TYPE_STRING ? NULL : *(char **)value_at(m, f);
}

static ProtobufCMessage *find(ProtobufCMessage *const *items, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(id_of(items[i]), id) == 0)
            return items[i];
    return NULL;
}

static sb_err order_list(const Sb__Charter *now, Sb__Charter *next, const char *name,
                         sb_arena *arena, sb_fail *fail)
{
    const ProtobufCFieldDescriptor *f =
        protobuf_c_message_descriptor_get_field_by_name(&sb__charter__descriptor, name);
    ProtobufCMessage **old = items_at(&now->base, f), **given = items_at(&next->base, f);
    size_t n_old = *count_at(&now->base, f), n_given = *count_at(&next->base, f), n = 0;
    ProtobufCMessage **out = SB_ARENA_ARRAY(arena, ProtobufCMessage *, n_old + n_given + 1);
    for (size_t i = 0; i < n_old; i++) {
        ProtobufCMessage *same = find(given, n_given, id_of(old[i]));
        if (same == NULL && strcmp(name, "bodies") != 0)
            return sb_fail_set(fail, SB_E_CLI_CHARTER_GONE,
                               sb_arena_printf(arena, "%s %s", name, id_of(old[i])), NULL);
        out[n++] = same != NULL ? same : old[i];
    }
    for (size_t i = 0; i < n_given; i++)
        if (find(old, n_old, id_of(given[i])) == NULL)
            out[n++] = given[i];
    *(ProtobufCMessage ***)value_at(&next->base, f) = out;
    *count_at(&next->base, f) = n;
    return SB_OK;
}

/* What decisions have given the body, and no file says. */
static void keep_decided(const Sb__Charter *now, Sb__Charter *next, sb_arena *arena)
{
    for (size_t i = 0; i < now->n_bodies; i++) {
        const Sb__Body *was = now->bodies[i];
        if (next->bodies[i] == was || was->mandate_size == 0)
            continue;
        Sb__Body *body = SB_ARENA_NEW(arena, Sb__Body);
        *body = *next->bodies[i];
        body->mandate_sha256 = was->mandate_sha256;
        body->mandate_size = was->mandate_size;
        next->bodies[i] = body;
    }
}

sb_err sb_charter_follow(const Sb__Charter *now, const Sb__Charter *file, sb_arena *arena,
                         Sb__Charter **out, sb_fail *fail)
{
    Sb__Charter *next = SB_ARENA_NEW(arena, Sb__Charter);
    *next = *file;
    next->rehearsal = now->rehearsal;
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && i < sizeof ORDERED / sizeof ORDERED[0]; i++)
        err = order_list(now, next, ORDERED[i], arena, fail);
    if (err == SB_OK)
        keep_decided(now, next, arena);
    *out = next;
    return err;
}
