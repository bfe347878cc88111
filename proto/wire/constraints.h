/* What each field of a payload or charter may hold: one row per field, total (a test walks the
 * descriptors). Private to proto/wire, and to its tests. */
#ifndef SB_WIRE_CONSTRAINTS_H
#define SB_WIRE_CONSTRAINTS_H

#include "proto/wire/entry.h"

typedef enum sb_field_kind {
    SB_FIELD_ID,     /* string of [a-z0-9-] */
    SB_FIELD_LINE,   /* string in one line */
    SB_FIELD_PROSE,  /* string; \n is allowed */
    SB_FIELD_BYTES,  /* min to max bytes */
    SB_FIELD_NUMBER, /* uint32 or uint64, min to max */
    SB_FIELD_FLAG,   /* bool; in a oneof always true */
    SB_FIELD_ENUM,   /* a known value; 0 is none */
    SB_FIELD_MESSAGE,
} sb_field_kind;

typedef struct sb_message_rules sb_message_rules;

typedef struct sb_field_rule {
    const char *name;
    sb_field_kind kind;
    bool optional;                 /* absent, empty or 0 is allowed beside min to max */
    uint64_t min, max;             /* bytes of a string or of bytes; value of a number */
    uint32_t count_min, count_max; /* of a repeated field, else 0 */
    const sb_message_rules *message;
} sb_field_rule;

/* fields[i] is the rule of descriptor->fields[i]. */
struct sb_message_rules {
    const ProtobufCMessageDescriptor *descriptor;
    const sb_field_rule *fields;
    size_t field_count;
};

/* NULL for an unknown type. */
const sb_message_rules *sb_rules_of_type(sb_entry_type type);
const sb_message_rules *sb_rules_of_charter(void);

#endif
