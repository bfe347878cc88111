#include "proto/wire/strict.h"

#include "proto/wire/utf8.h"

#include <assert.h>
#include <stdio.h>

static sb_err code_point_fail(sb_fail *fail, const sb_path *path, uint32_t code_point)
{
    char text[16];
    snprintf(text, sizeof text, "U+%04X", (unsigned)code_point);
    return sb_path_fail(fail, SB_E_PAYLOAD_CODE_POINT, path, text);
}

static bool is_id_char(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

static sb_err check_text(sb_slice text, const sb_field_rule *rule, const sb_path *path,
                         sb_fail *fail)
{
    size_t at = 0;
    while (at < text.len) {
        uint32_t c;
        if (!sb_utf8_next(text, &at, &c))
            return sb_path_fail(fail, SB_E_PAYLOAD_UTF8, path, NULL);
        bool allowed = rule->kind == SB_FIELD_ID ? is_id_char(c)
                       : c == '\n'               ? rule->kind == SB_FIELD_PROSE
                                                 : !sb_code_point_forbidden(c);
        if (!allowed)
            return code_point_fail(fail, path, c);
    }
    return SB_OK;
}

/* `may_be_empty` only where the field is singular and outside a oneof: there empty means absent. */
static sb_err check_length(size_t len, const sb_field_rule *rule, bool may_be_empty,
                           const sb_path *path, sb_fail *fail)
{
    if (len == 0 && may_be_empty)
        return SB_OK;
    if (len == 0)
        return sb_path_fail(fail, SB_E_PAYLOAD_MISSING, path, NULL);
    if (len < rule->min || len > rule->max)
        return sb_path_fail_bounds(fail, SB_E_PAYLOAD_LENGTH, path, len, rule->min, rule->max);
    return SB_OK;
}

static sb_err check_number(uint64_t value, const sb_field_rule *rule, bool may_be_empty,
                           const sb_path *path, sb_fail *fail)
{
    if (value == 0 && may_be_empty)
        return SB_OK;
    if (value == 0 && rule->min > 0)
        return sb_path_fail(fail, SB_E_PAYLOAD_MISSING, path, NULL);
    if (value < rule->min || value > rule->max)
        return sb_path_fail_bounds(fail, SB_E_PAYLOAD_RANGE, path, value, rule->min, rule->max);
    return SB_OK;
}

static sb_err check_enum(int32_t value, const ProtobufCFieldDescriptor *field, const sb_path *path,
                         sb_fail *fail)
{
    if (value == 0)
        return sb_path_fail(fail, SB_E_PAYLOAD_MISSING, path, NULL);
    if (protobuf_c_enum_descriptor_get_value(field->descriptor, value) == NULL) {
        char text[16];
        snprintf(text, sizeof text, "%d", (int)value);
        return sb_path_fail(fail, SB_E_PAYLOAD_ENUM, path, text);
    }
    return SB_OK;
}

/* One value: `member` points at it as protobuf-c lays it out. */
static sb_err check_value(const void *member, const ProtobufCFieldDescriptor *field,
                          const sb_field_rule *rule, bool may_be_empty, const sb_path *path,
                          sb_fail *fail)
{
    switch (rule->kind) {
    case SB_FIELD_ID:
    case SB_FIELD_LINE:
    case SB_FIELD_PROSE: {
        const char *text = *(const char *const *)member;
        sb_slice bytes = text != NULL ? sb_slice_str(text) : (sb_slice){0};
        sb_err err = check_length(bytes.len, rule, may_be_empty, path, fail);
        return err == SB_OK ? check_text(bytes, rule, path, fail) : err;
    }
    case SB_FIELD_BYTES: {
        const ProtobufCBinaryData *bytes = member;
        return check_length(bytes->len, rule, may_be_empty, path, fail);
    }
    case SB_FIELD_NUMBER: {
        bool wide = field->type == PROTOBUF_C_TYPE_UINT64;
        uint64_t value = wide ? *(const uint64_t *)member : *(const uint32_t *)member;
        return check_number(value, rule, may_be_empty, path, fail);
    }
    case SB_FIELD_FLAG:
        if (!may_be_empty && !*(const protobuf_c_boolean *)member)
            return sb_path_fail(fail, SB_E_PAYLOAD_MISSING, path, NULL);
        return SB_OK;
    case SB_FIELD_ENUM:
        return check_enum(*(const int32_t *)member, field, path, fail);
    case SB_FIELD_MESSAGE: {
        const ProtobufCMessage *message = *(const ProtobufCMessage *const *)member;
        if (message == NULL && may_be_empty)
            return SB_OK;
        if (message == NULL)
            return sb_path_fail(fail, SB_E_PAYLOAD_MISSING, path, NULL);
        return sb_check_message(message, rule->message, path, fail);
    }
    }
    assert(false);
    return SB_E_INTERNAL;
}

static size_t element_bytes(sb_field_kind kind)
{
    return kind == SB_FIELD_BYTES ? sizeof(ProtobufCBinaryData) : sizeof(void *);
}

static sb_err check_repeated(const uint8_t *base, const ProtobufCFieldDescriptor *field,
                             const sb_field_rule *rule, sb_path *path, sb_fail *fail)
{
    size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
    const uint8_t *elements = *(const uint8_t *const *)(const void *)(base + field->offset);
    if (count < rule->count_min || count > rule->count_max)
        return sb_path_fail_bounds(fail, SB_E_PAYLOAD_COUNT, path, count, rule->count_min,
                                   rule->count_max);
    for (size_t i = 0; i < count; i++) {
        path->index = (uint32_t)i;
        sb_err err =
            check_value(elements + i * element_bytes(rule->kind), field, rule, false, path, fail);
        if (err != SB_OK)
            return err;
    }
    return SB_OK;
}

sb_err sb_check_message(const ProtobufCMessage *message, const sb_message_rules *rules,
                        const sb_path *path, sb_fail *fail)
{
    const ProtobufCMessageDescriptor *descriptor = rules->descriptor;
    const uint8_t *base = (const uint8_t *)message;
    assert(message->descriptor == descriptor);
    for (size_t i = 0; i < rules->field_count; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        const sb_field_rule *rule = &rules->fields[i];
        sb_path here = {.up = path, .name = field->name, .index = SB_PATH_NO_INDEX};
        sb_err err;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            err = check_repeated(base, field, rule, &here, fail);
        } else if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            /* every oneof must be set: an empty one is named by its first field */
            uint32_t set = *(const uint32_t *)(const void *)(base + field->quantifier_offset);
            if (set == 0)
                return sb_path_fail(fail, SB_E_PAYLOAD_MISSING, &here, NULL);
            err = set == field->id
                      ? check_value(base + field->offset, field, rule, false, &here, fail)
                      : SB_OK;
        } else {
            err = check_value(base + field->offset, field, rule, rule->optional, &here, fail);
        }
        if (err != SB_OK)
            return err;
    }
    return SB_OK;
}
