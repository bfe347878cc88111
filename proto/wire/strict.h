/* The parts of strict decoding, in the order in which strict.c runs them. Private to proto/wire. */
#ifndef SB_WIRE_STRICT_H
#define SB_WIRE_STRICT_H

#include "proto/wire/constraints.h"

enum { SB_SCHEMA_DEPTH_MAX = 6, SB_PATH_BYTES_MAX = 150, SB_PATH_NO_INDEX = UINT32_MAX };

/* Where we are, from the inside out: "Attendance.events[3].person.sha256". Lives on the stack. */
typedef struct sb_path {
    const struct sb_path *up; /* NULL at the message itself */
    const char *name;
    uint32_t index; /* of a repeated field, or SB_PATH_NO_INDEX */
} sb_path;

void sb_path_print(const sb_path *path, char out[SB_PATH_BYTES_MAX]);
/* Set `fail` to `code` with the path and one more argument (NULL: none). */
sb_err sb_path_fail(sb_fail *fail, sb_err code, const sb_path *path, const char *arg);
/* … with the path, a number and the bounds that it broke. */
sb_err sb_path_fail_bounds(sb_fail *fail, sb_err code, const sb_path *path, uint64_t value,
                           uint64_t min, uint64_t max);

/* A varint in its shortest form; *at moves behind it. Errors: SB_E_PAYLOAD_MALFORMED without an end,
 * _NOT_CANONICAL when longer than needed or beyond 64 bits: then other parsers would read something
 * else. */
sb_err sb_scan_varint(sb_slice bytes, size_t *at, uint64_t *out);

/* Walk the wire bytes by the schema before protobuf-c sees them: what unpacking would hide or what
 * would cost it too much. Known fields of the right wire type only, minimal varints, lengths that
 * fit, no zero byte in a string. Goes as deep as the schema, which is not recursive.
 * Errors: SB_E_PAYLOAD_MALFORMED, _UNKNOWN_FIELD, _CODE_POINT, _NOT_CANONICAL. */
sb_err sb_scan_wire(sb_slice bytes, const sb_message_rules *rules, const sb_path *path,
                    sb_fail *fail);

/* Walk an unpacked message: each value against its row in constraints.c.
 * Errors: SB_E_PAYLOAD_ENUM, _UTF8, _CODE_POINT, _LENGTH, _COUNT, _MISSING, _RANGE. */
sb_err sb_check_message(const ProtobufCMessage *message, const sb_message_rules *rules,
                        const sb_path *path, sb_fail *fail);

#endif
