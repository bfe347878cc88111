#include "proto/wire/strict.h"

#include <stdio.h>

enum { WIRE_VARINT = 0, WIRE_LENGTH = 2, VARINT_BYTES_MAX = 10 };

void sb_path_print(const sb_path *path, char out[SB_PATH_BYTES_MAX])
{
    const sb_path *steps[2 * SB_SCHEMA_DEPTH_MAX];
    size_t depth = 0, at = 0;
    for (const sb_path *p = path; p != NULL && depth < sizeof steps / sizeof steps[0]; p = p->up)
        steps[depth++] = p;
    out[0] = '\0';
    while (depth-- > 0 && at < SB_PATH_BYTES_MAX) {
        const sb_path *p = steps[depth];
        const char *dot = at > 0 ? "." : "";
        int len = p->index == SB_PATH_NO_INDEX
                      ? snprintf(out + at, SB_PATH_BYTES_MAX - at, "%s%s", dot, p->name)
                      : snprintf(out + at, SB_PATH_BYTES_MAX - at, "%s%s[%u]", dot, p->name,
                                 (unsigned)p->index);
        at += len > 0 ? (size_t)len : 0;
    }
}

sb_err sb_path_fail(sb_fail *fail, sb_err code, const sb_path *path, const char *arg)
{
    char text[SB_PATH_BYTES_MAX];
    sb_path_print(path, text);
    return sb_fail_set(fail, code, text, arg, NULL);
}

sb_err sb_path_fail_bounds(sb_fail *fail, sb_err code, const sb_path *path, uint64_t value,
                           uint64_t min, uint64_t max)
{
    char text[SB_PATH_BYTES_MAX], numbers[3][24];
    sb_path_print(path, text);
    snprintf(numbers[0], sizeof numbers[0], "%llu", (unsigned long long)value);
    snprintf(numbers[1], sizeof numbers[1], "%llu", (unsigned long long)min);
    snprintf(numbers[2], sizeof numbers[2], "%llu", (unsigned long long)max);
    return sb_fail_set(fail, code, text, numbers[0], numbers[1], numbers[2], NULL);
}

sb_err sb_scan_varint(sb_slice bytes, size_t *at, uint64_t *out)
{
    uint64_t value = 0;
    for (uint32_t i = 0; i < VARINT_BYTES_MAX; i++) {
        if (*at >= bytes.len)
            return SB_E_PAYLOAD_MALFORMED;
        uint8_t byte = bytes.data[(*at)++];
        value |= (uint64_t)(byte & 0x7Fu) << (7 * i);
        if (byte < 0x80) {
            if ((i > 0 && byte == 0) || (i == VARINT_BYTES_MAX - 1 && byte > 1))
                return SB_E_PAYLOAD_NOT_CANONICAL;
            *out = value;
            return SB_OK;
        }
    }
    return SB_E_PAYLOAD_MALFORMED;
}

static uint32_t wire_type(sb_field_kind kind)
{
    switch (kind) {
    case SB_FIELD_NUMBER:
    case SB_FIELD_FLAG:
    case SB_FIELD_ENUM:
        return WIRE_VARINT;
    case SB_FIELD_ID:
    case SB_FIELD_LINE:
    case SB_FIELD_PROSE:
    case SB_FIELD_BYTES:
    case SB_FIELD_MESSAGE:
        return WIRE_LENGTH;
    }
    return WIRE_LENGTH;
}

static bool is_string(sb_field_kind kind)
{
    return kind == SB_FIELD_ID || kind == SB_FIELD_LINE || kind == SB_FIELD_PROSE;
}

static sb_err scan_content(sb_slice content, const sb_field_rule *rule, const sb_path *path,
                           sb_fail *fail)
{
    if (rule->kind == SB_FIELD_MESSAGE)
        return sb_scan_wire(content, rule->message, path, fail);
    /* protobuf-c would cut the string there */
    if (is_string(rule->kind) && content.len > 0 && memchr(content.data, 0, content.len) != NULL)
        return sb_path_fail(fail, SB_E_PAYLOAD_CODE_POINT, path, "U+0000");
    return SB_OK;
}

sb_err sb_scan_wire(sb_slice bytes, const sb_message_rules *rules, const sb_path *path,
                    sb_fail *fail)
{
    const ProtobufCMessageDescriptor *descriptor = rules->descriptor;
    size_t at = 0;
    while (at < bytes.len) {
        uint64_t tag, value;
        sb_err err = sb_scan_varint(bytes, &at, &tag);
        if (err != SB_OK)
            return sb_path_fail(fail, err, path, NULL);
        uint64_t number = tag >> 3;
        const ProtobufCFieldDescriptor *field =
            number > 0 && number <= UINT32_MAX
                ? protobuf_c_message_descriptor_get_field(descriptor, (unsigned)number)
                : NULL;
        if (field == NULL) {
            char text[24];
            snprintf(text, sizeof text, "%llu", (unsigned long long)number);
            return sb_path_fail(fail, SB_E_PAYLOAD_UNKNOWN_FIELD, path, text);
        }
        const sb_field_rule *rule = &rules->fields[field - descriptor->fields];
        sb_path here = {.up = path, .name = field->name, .index = SB_PATH_NO_INDEX};
        if ((tag & 7) != wire_type(rule->kind))
            return sb_path_fail(fail, SB_E_PAYLOAD_MALFORMED, &here, NULL);
        err = sb_scan_varint(bytes, &at, &value);
        if (err != SB_OK)
            return sb_path_fail(fail, err, &here, NULL);
        if (wire_type(rule->kind) == WIRE_VARINT)
            continue;
        if (value > bytes.len - at)
            return sb_path_fail(fail, SB_E_PAYLOAD_MALFORMED, &here, NULL);
        err = scan_content(sb_slice_of(bytes.data + at, (size_t)value), rule, &here, fail);
        if (err != SB_OK)
            return err;
        at += (size_t)value;
    }
    return SB_OK;
}
