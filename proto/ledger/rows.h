/* The ledger's rows: one struct and four typed functions for each line of rows.def.
 *
 *   sb_row_seat seat = {.no = 7};
 *   if (sb_row_seat_get(kv, arena, &seat)) …        key fields in, value fields out
 *   sb_row_seat_put(kv, &seat);
 *   sb_row_body_seat at = {.body = 2};
 *   for (bool more = sb_row_body_seat_next(kv, arena, &at, true, 1); more;
 *        more = sb_row_body_seat_next(kv, arena, &at, false, 1)) …   all with body == 2
 *
 * _next moves the row to the first one at (inclusive) or after its key whose first `prefix` key
 * fields are the same; on false the row is as it was. str and bytes are copied to the arena, which
 * may be NULL for rows without them. A row that can't be read sets the kv's sticky error. */
#ifndef SB_LEDGER_ROWS_H
#define SB_LEDGER_ROWS_H

#include "proto/base/arena.h"
#include "proto/base/cursor.h"
#include "proto/base/kv.h"

#define SB_NONE UINT32_MAX /* no partner, body, organisation, office, appointer */

typedef enum sb_ref_kind {
    SB_REF_SEAT = 1, /* counter only */
    SB_REF_KEY = 2,  /* counter only */
    SB_REF_CASE = 3,
    SB_REF_MEETING = 4,
    SB_REF_QUESTION = 5,
    SB_REF_DRAFT = 6,
    SB_REF_TASK = 7,
    SB_REF_CONDITION = 8,
    SB_REF_INPUT = 9,
    SB_REF_ACTION = 10,
    SB_REF_CHARTER_DRAFT = 11,
    SB_REF_CANDIDATE = 12,
    SB_REF_DISPUTE = 13
} sb_ref_kind;

typedef enum sb_key_kind {
    SB_KEY_KIND_AUTHORITY = 1,
    SB_KEY_KIND_WITNESS = 2,
    SB_KEY_KIND_RECOVERY = 3,
    SB_KEY_KIND_LOG = 4,
    SB_KEY_KIND_DEVICE = 5
} sb_key_kind;

typedef enum sb_key_status {
    SB_KEY_IN_FORCE = 1,
    SB_KEY_REVOKED = 2,
    SB_KEY_REPLACED = 3,
    SB_KEY_WAITING = 4 /* of an organisation that a change would admit */
} sb_key_status;

typedef enum sb_place_kind { SB_PLACE_SEAT = 1, SB_PLACE_OFFICE = 2 } sb_place_kind;

typedef enum sb_deadline_target {
    SB_DUE_MINUTES = 1,  /* number: the draft's */
    SB_DUE_CONDITION = 2 /* number: the condition's; it lapses */
} sb_deadline_target;

typedef enum sb_row_type {
    SB_ROW_u8,
    SB_ROW_u32,
    SB_ROW_u64,
    SB_ROW_b32,
    SB_ROW_str,
    SB_ROW_bytes,
    SB_ROW_d64
} sb_row_type;

typedef uint8_t sb_row_ctype_u8;
typedef uint32_t sb_row_ctype_u32;
typedef uint64_t sb_row_ctype_u64;
typedef uint64_t sb_row_ctype_d64;
typedef uint8_t sb_row_ctype_b32[32];
typedef const char *sb_row_ctype_str; /* NULL puts ""; never NULL after a get */
typedef sb_slice sb_row_ctype_bytes;

typedef struct sb_row_field {
    const char *name;
    uint16_t offset;
    uint8_t type; /* sb_row_type */
    bool is_key;
} sb_row_field;

typedef struct sb_row_desc {
    const char *name;
    const sb_row_field *fields; /* keys first */
    uint16_t key_count, field_count;
    uint8_t table;
    /* Made from the same list; write_keys writes the first `count`. */
    void (*read_keys)(sb_reader *r, sb_arena *arena, void *row);
    void (*read_values)(sb_reader *r, sb_arena *arena, void *row);
    void (*write_keys)(sb_writer *w, const void *row, uint32_t count);
    void (*write_values)(sb_writer *w, const void *row);
} sb_row_desc;

bool sb_row_get(const sb_row_desc *d, sb_kv *kv, sb_arena *arena, void *row);
void sb_row_put(const sb_row_desc *d, sb_kv *kv, const void *row);
void sb_row_del(const sb_row_desc *d, sb_kv *kv, const void *row);
bool sb_row_next(const sb_row_desc *d, sb_kv *kv, sb_arena *arena, void *row, bool inclusive,
                 uint32_t prefix);
/* Every kind of row, by table; for PROTOCOL.md and dumps. NULL: no such table. */
const sb_row_desc *sb_row_desc_of(uint8_t table);

#define K(type, field) sb_row_ctype_##type field;
#define V(type, field) sb_row_ctype_##type field;
#define SB_ROW(name, table, keys, values)                                                          \
    typedef struct sb_row_##name {                                                                 \
        keys values uint8_t end_;                                                                  \
    } sb_row_##name;                                                                               \
    const sb_row_desc *sb_row_desc_##name(void);                                                   \
    static inline bool sb_row_##name##_get(sb_kv *kv, sb_arena *arena, sb_row_##name *row)         \
    {                                                                                              \
        return sb_row_get(sb_row_desc_##name(), kv, arena, row);                                   \
    }                                                                                              \
    static inline void sb_row_##name##_put(sb_kv *kv, const sb_row_##name *row)                    \
    {                                                                                              \
        sb_row_put(sb_row_desc_##name(), kv, row);                                                 \
    }                                                                                              \
    static inline void sb_row_##name##_del(sb_kv *kv, const sb_row_##name *row)                    \
    {                                                                                              \
        sb_row_del(sb_row_desc_##name(), kv, row);                                                 \
    }                                                                                              \
    static inline bool sb_row_##name##_next(sb_kv *kv, sb_arena *arena, sb_row_##name *row,        \
                                            bool inclusive, uint32_t prefix)                       \
    {                                                                                              \
        return sb_row_next(sb_row_desc_##name(), kv, arena, row, inclusive, prefix);               \
    }
#include "proto/ledger/rows.def"
#undef SB_ROW
#undef K
#undef V

#endif
