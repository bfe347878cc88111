/* One representative payload for each entry type, the same on every call. All optional fields are
 * set; the values are made up. Used by the golden entries and by the tests of strict decoding. */
#ifndef SB_TESTS_WIRE_SAMPLES_H
#define SB_TESTS_WIRE_SAMPLES_H

#include "proto/wire/entry.h"

/* The payload of `type`, in the arena. */
const ProtobufCMessage *sb_sample_payload(sb_arena *arena, sb_entry_type type);
/* A small charter with every field set. */
Sb__Charter *sb_sample_charter(sb_arena *arena);
/* The sample, signed with sb_sample_secret's key under sb_sample_head. */
void sb_sample_entry(sb_arena *arena, sb_entry_type type, sb_buf *out);
sb_secret *sb_sample_secret(void); /* the caller frees it */
void sb_sample_head(sb_entry_type type, sb_entry_head *head);

/* Every entry type, in number order. */
extern const sb_entry_type sb_sample_types[];
extern const size_t sb_sample_type_count;

#endif
