#include "proto/wire/frame.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/wire/strict.h"
#include "proto/wire/utf8.h"

typedef struct frame_memory {
    sb_arena *arena;
    size_t left;
} frame_memory;

static void *frame_alloc(void *arg, size_t bytes)
{
    frame_memory *m = arg;
    if (bytes > m->left)
        return NULL;
    m->left -= bytes;
    return sb_arena_alloc(m->arena, bytes);
}

static void frame_free(void *arg, void *pointer)
{
    (void)arg, (void)pointer; /* the arena's business */
}

/* Numbers that unpacking would cut to their type, and that re-pack to as many bytes as they came in.
 * False: there is one; what else is wrong with the bytes is found later. */
static bool numbers_fit(sb_slice bytes, const ProtobufCMessageDescriptor *d)
{
    uint64_t tag, value;
    for (size_t at = 0; at < bytes.len;) {
        if (sb_scan_varint(bytes, &at, &tag) != SB_OK || (tag & 7) == 1 || (tag & 7) > 2)
            return false;
        const ProtobufCFieldDescriptor *field =
            tag >> 3 <= UINT32_MAX
                ? protobuf_c_message_descriptor_get_field(d, (unsigned)(tag >> 3))
                : NULL;
        if (sb_scan_varint(bytes, &at, &value) != SB_OK)
            return false;
        if ((tag & 7) == 0) {
            if (field != NULL && field->type == PROTOBUF_C_TYPE_UINT32 && value > UINT32_MAX)
                return false;
            continue;
        }
        if (value > bytes.len - at)
            return false;
        if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE &&
            !numbers_fit(sb_slice_of(bytes.data + at, (size_t)value), field->descriptor))
            return false;
        at += (size_t)value;
    }
    return true;
}

static bool utf8_ok(const char *text)
{
    sb_slice s = sb_slice_str(text);
    uint32_t code_point;
    for (size_t at = 0; at < s.len;)
        if (!sb_utf8_next(s, &at, &code_point))
            return false;
    return true;
}

static sb_err check_message(const ProtobufCMessage *message, sb_fail *fail);

static sb_err check_inner(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message,
                          sb_fail *fail)
{
    const char *at = (const char *)message + field->offset;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        const ProtobufCMessage *inner = *(ProtobufCMessage *const *)(const void *)at;
        return inner == NULL ? SB_OK : check_message(inner, fail);
    }
    size_t count =
        *(const size_t *)(const void *)((const char *)message + field->quantifier_offset);
    ProtobufCMessage *const *inner = *(ProtobufCMessage *const *const *)(const void *)at;
    sb_err err = SB_OK;
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = check_message(inner[i], fail);
    return err;
}

/* The schema has no message inside itself: this goes no deeper than a promise's cosignatures. */
static sb_err check_message(const ProtobufCMessage *message, sb_fail *fail)
{
    if (message->n_unknown_fields > 0)
        return sb_fail_num(fail, SB_E_FRAME_UNKNOWN_FIELD, 1, message->unknown_fields[0].tag, 0);
    const ProtobufCMessageDescriptor *d = message->descriptor;
    for (unsigned i = 0; i < d->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &d->fields[i];
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            sb_err err = check_inner(field, message, fail);
            if (err != SB_OK)
                return err;
        }
        if (field->type != PROTOBUF_C_TYPE_STRING)
            continue;
        const char *at = (const char *)message + field->offset;
        if (field->label != PROTOBUF_C_LABEL_REPEATED) {
            if (!utf8_ok(*(char *const *)at))
                return sb_fail_set(fail, SB_E_FRAME_MALFORMED, NULL);
            continue;
        }
        size_t count = *(const size_t *)((const char *)message + field->quantifier_offset);
        char *const *texts = *(char *const *const *)at;
        for (size_t t = 0; t < count; t++)
            if (!utf8_ok(texts[t]))
                return sb_fail_set(fail, SB_E_FRAME_MALFORMED, NULL);
    }
    return SB_OK;
}

sb_err sb_frame_decode(sb_slice bytes, sb_arena *arena, const Sb__Frame **out, sb_fail *fail)
{
    if (bytes.len > SB_FRAME_BYTES_MAX)
        return sb_fail_num(fail, SB_E_FRAME_TOO_LARGE, 2, bytes.len, SB_FRAME_BYTES_MAX);
    if (!numbers_fit(bytes, &sb__frame__descriptor))
        return sb_fail_set(fail, SB_E_FRAME_MALFORMED, NULL);
    frame_memory memory = {.arena = arena, .left = SB_FRAME_ALLOC_MAX};
    ProtobufCAllocator allocator = {
        .alloc = frame_alloc, .free = frame_free, .allocator_data = &memory};
    Sb__Frame *frame = sb__frame__unpack(&allocator, bytes.len, bytes.data);
    if (frame == NULL)
        return sb_fail_set(fail, SB_E_FRAME_MALFORMED, NULL);
    if (frame->base.n_unknown_fields > 0)
        return check_message(&frame->base, fail);
    if (frame->body_case == SB__FRAME__BODY__NOT_SET)
        return sb_fail_set(fail, SB_E_FRAME_BODY, NULL);
    /* every body is a message, so all members of the union start alike */
    sb_err err = check_message(&frame->hello->base, fail);
    if (err != SB_OK)
        return err;
    /* two bodies, repeated fields, overlong numbers, a zero byte in a string */
    if (sb__frame__get_packed_size(frame) != bytes.len)
        return sb_fail_set(fail, SB_E_FRAME_MALFORMED, NULL);
    *out = frame;
    return SB_OK;
}

void sb_frame_encode(const Sb__Frame *frame, sb_buf *out)
{
    assert(frame->body_case != SB__FRAME__BODY__NOT_SET);
    size_t len = sb__frame__get_packed_size(frame);
    assert(len <= SB_FRAME_BYTES_MAX);
    size_t packed = sb__frame__pack(frame, sb_buf_more(out, len));
    assert(packed == len);
}

uint32_t sb_frame_leaves_max(uint32_t credit)
{
    return credit >= SB_LONG_FRAMES_CREDIT ? SB_LONG_FRAME_LEAVES_MAX : SB_SHORT_FRAME_LEAVES_MAX;
}
