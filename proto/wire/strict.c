/* Strict decoding (DESIGN §3, PITFALLS "protobuf-c"): one meaning has one spelling.
 *
 *   1. scan   the wire bytes by the schema           (scan.c)
 *   2. unpack by protobuf-c, its memory counted
 *   3. check  each value against constraints.c       (check.c)
 *   4. re-pack: the same bytes, or they were not the one spelling
 */
#include "proto/wire/strict.h"

#include <assert.h>
#include <stdio.h>

/* ---- unpacking into the arena, counted ---- */

typedef struct counter {
    sb_arena *arena;
    size_t left;
    bool exceeded;
} counter;

static void *counted_alloc(void *arg, size_t bytes)
{
    counter *c = arg;
    if (bytes > c->left) {
        c->exceeded = true;
        return NULL;
    }
    c->left -= bytes;
    return sb_arena_alloc(c->arena, bytes);
}

static void counted_free(void *arg, void *pointer)
{
    (void)arg, (void)pointer; /* the arena's business */
}

static sb_err unpack(sb_slice bytes, const sb_message_rules *rules, size_t alloc_max,
                     sb_arena *arena, const sb_path *path, ProtobufCMessage **out, sb_fail *fail)
{
    counter c = {.arena = arena, .left = alloc_max};
    ProtobufCAllocator allocator = {
        .alloc = counted_alloc, .free = counted_free, .allocator_data = &c};
    *out = protobuf_c_message_unpack(rules->descriptor, &allocator, bytes.len, bytes.data);
    if (c.exceeded) {
        char limit[24];
        snprintf(limit, sizeof limit, "%zu", alloc_max);
        return sb_path_fail(fail, SB_E_PAYLOAD_ALLOC, path, limit);
    }
    if (*out == NULL)
        return sb_path_fail(fail, SB_E_PAYLOAD_MALFORMED, path, NULL);
    return SB_OK;
}

static bool repacks_to(const ProtobufCMessage *message, sb_slice bytes, sb_arena *arena)
{
    if (protobuf_c_message_get_packed_size(message) != bytes.len)
        return false;
    uint8_t *again = sb_arena_alloc(arena, bytes.len);
    protobuf_c_message_pack(message, again);
    return sb_slice_eq(sb_slice_of(again, bytes.len), bytes);
}

static sb_err decode(sb_slice bytes, const sb_message_rules *rules, size_t alloc_max,
                     sb_arena *arena, ProtobufCMessage **out, sb_fail *fail)
{
    sb_path root = {.name = rules->descriptor->short_name, .index = SB_PATH_NO_INDEX};
    sb_err err = sb_scan_wire(bytes, rules, &root, fail);
    if (err != SB_OK)
        return err;
    err = unpack(bytes, rules, alloc_max, arena, &root, out, fail);
    if (err != SB_OK)
        return err;
    err = sb_check_message(*out, rules, &root, fail);
    if (err != SB_OK)
        return err;
    if (!repacks_to(*out, bytes, arena))
        return sb_path_fail(fail, SB_E_PAYLOAD_NOT_CANONICAL, &root, NULL);
    return SB_OK;
}

/* ---- blobs ---- */

typedef struct blob_list {
    const Sb__BlobRef **to; /* NULL: only count */
    size_t count;
} blob_list;

static void collect_blobs(const ProtobufCMessage *message, blob_list *list)
{
    if (message->descriptor == &sb__blob_ref__descriptor) {
        if (list->to != NULL)
            list->to[list->count] = (const Sb__BlobRef *)message;
        list->count++;
        return;
    }
    const uint8_t *base = (const uint8_t *)message;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        const void *member = base + field->offset;
        const void *quantifier = base + field->quantifier_offset;
        const ProtobufCMessage *const *messages = member;
        size_t count = 1;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            messages = *(const ProtobufCMessage *const *const *)member;
            count = *(const size_t *)quantifier;
        } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
                   *(const uint32_t *)quantifier != field->id) {
            continue;
        }
        for (size_t k = 0; k < count; k++)
            if (messages[k] != NULL)
                collect_blobs(messages[k], list);
    }
}

void sb_payload_blobs(const ProtobufCMessage *message, sb_arena *arena,
                      const Sb__BlobRef *const **out, size_t *count)
{
    blob_list list = {0};
    collect_blobs(message, &list);
    list.to = SB_ARENA_ARRAY(arena, const Sb__BlobRef *, list.count);
    list.count = 0;
    collect_blobs(message, &list);
    *out = list.to;
    *count = list.count;
}

/* ---- public ---- */

sb_err sb_payload_decode(sb_entry_type type, sb_slice payload, sb_arena *arena,
                         const ProtobufCMessage **out, sb_fail *fail)
{
    const sb_message_rules *rules = sb_rules_of_type(type);
    if (rules == NULL)
        return sb_fail_num(fail, SB_E_ENTRY_TYPE, 1, (uint64_t)type, 0);
    if (payload.len > SB_PAYLOAD_BYTES_MAX)
        return sb_fail_num(fail, SB_E_ENTRY_TOO_LARGE, 2, payload.len, SB_PAYLOAD_BYTES_MAX);
    ProtobufCMessage *message;
    sb_err err = decode(payload, rules, SB_ALLOC_PER_ENTRY_MAX, arena, &message, fail);
    if (err != SB_OK)
        return err;
    blob_list blobs = {0};
    collect_blobs(message, &blobs);
    if (blobs.count > SB_BLOBS_PER_ENTRY_MAX) {
        sb_path path = {.name = rules->descriptor->short_name, .index = SB_PATH_NO_INDEX};
        return sb_path_fail_bounds(fail, SB_E_PAYLOAD_COUNT, &path, blobs.count, 0,
                                   SB_BLOBS_PER_ENTRY_MAX);
    }
    *out = message;
    return SB_OK;
}

sb_err sb_charter_decode(sb_slice bytes, sb_arena *arena, const Sb__Charter **out, sb_fail *fail)
{
    if (bytes.len > SB_CHARTER_BYTES_MAX)
        return sb_fail_num(fail, SB_E_ENTRY_TOO_LARGE, 2, bytes.len, SB_CHARTER_BYTES_MAX);
    ProtobufCMessage *message;
    sb_err err =
        decode(bytes, sb_rules_of_charter(), SB_ALLOC_PER_CHARTER_MAX, arena, &message, fail);
    if (err == SB_OK)
        *out = (const Sb__Charter *)message;
    return err;
}
