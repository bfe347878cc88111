#include "broker/standby/rows.h"

#include "proto/base/cursor.h"
#include "proto/wire/missing.h"
#include "proto/wire/promise.h"

enum { TERM_BYTES = 4, PK_BYTES = 32 };

static uint32_t read_term(sb_slice bytes)
{
    sb_reader r = sb_reader_over(bytes);
    return sb_read_u32(&r);
}

/* A HANDOVER of this term. */
static bool is_handover(sb_slice bytes, uint32_t term)
{
    sb_arena arena;
    sb_leaf leaf;
    sb_arena_init(&arena);
    bool holds = sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK &&
                 leaf.entry.type == SB_ENTRY_HANDOVER &&
                 ((const Sb__Handover *)leaf.message)->term == term;
    sb_arena_deinit(&arena);
    return holds;
}

static bool take_head(const Sb__Head *from, sb_head *out)
{
    *out = (sb_head){0};
    if (from == NULL)
        return true;
    *out = (sb_head){.term = from->term, .size = from->size};
    if (from->root.len != 32)
        return false;
    memcpy(out->root, from->root.data, 32);
    return true;
}

/* What the witness signed. The cosignatures of its SEAL are what it was given, true or not: they are
 * judged when a HANDOVER is made of them. */
static bool is_signed(const uint8_t *federation_id, const Sb__PromiseGiven *given)
{
    sb_promise promise = {.term = given->term};
    if (given->log_pk.len != 32 || given->signature.len != 64 ||
        !take_head(given->seal, &promise.seal) || !take_head(given->cosigned, &promise.cosigned))
        return false;
    memcpy(promise.log_pk, given->log_pk.data, 32);
    return federation_id == NULL ||
           sb_promise_verify(federation_id, &promise, given->witness_pk.data,
                             given->signature.data);
}

/* u32 term ‖ witness_pk -> PromiseGiven */
static bool promise_holds(const uint8_t *federation_id, sb_slice key, sb_slice value)
{
    const Sb__Frame *frame;
    sb_arena arena;
    if (key.len != 1 + TERM_BYTES + PK_BYTES)
        return false;
    const uint8_t *pk = key.data + 1 + TERM_BYTES;
    sb_arena_init(&arena);
    bool holds = sb_frame_decode(value, &arena, &frame, NULL) == SB_OK &&
                 frame->body_case == SB__FRAME__BODY_PROMISE_GIVEN;
    if (holds) {
        const Sb__PromiseGiven *given = frame->promise_given;
        holds = given->term == read_term(sb_slice_of(key.data + 1, TERM_BYTES)) &&
                given->witness_pk.len == PK_BYTES &&
                memcmp(given->witness_pk.data, pk, PK_BYTES) == 0 &&
                is_signed(federation_id, given);
    }
    sb_arena_deinit(&arena);
    return holds;
}

static sb_standby_row_verdict holds_or(bool holds, sb_standby_row_verdict otherwise)
{
    return holds ? SB_STANDBY_ROW_HOLDS : otherwise;
}

sb_standby_row_verdict sb_standby_row_check(const uint8_t *federation_id, sb_slice key,
                                            sb_slice value, const char **name)
{
    uint64_t size, index;
    bool is_term = value.len == TERM_BYTES;
    switch ((sb_standby_table)key.data[0]) {
    case SB_STANDBY_ROW_ASKED:
        *name = "ASKED";
        return holds_or(key.len == 1 && is_term, SB_STANDBY_ROW_BAD_TERM);
    case SB_STANDBY_ROW_PROMISE:
        *name = "PROMISE";
        return holds_or(promise_holds(federation_id, key, value), SB_STANDBY_ROW_BAD);
    case SB_STANDBY_ROW_HANDOVER:
        *name = "HANDOVER";
        return holds_or(key.len == 1 + TERM_BYTES &&
                            is_handover(value, read_term(sb_slice_of(key.data + 1, TERM_BYTES))),
                        SB_STANDBY_ROW_BAD_TERM);
    case SB_STANDBY_ROW_OVER:
        *name = "OVER";
        return holds_or(
            key.len == 1 && value.len > TERM_BYTES &&
                is_handover(sb_slice_of(value.data + TERM_BYTES, value.len - TERM_BYTES),
                            read_term(value)),
            SB_STANDBY_ROW_BAD_TERM);
    case SB_STANDBY_ROW_MISSING: /* perhaps of a leaf that a HANDOVER has cut off since */
        *name = "MISSING";
        return holds_or(key.len == SB_MISSING_KEY_BYTES &&
                            sb_missing_read_row(value, &size, &index),
                        SB_STANDBY_ROW_BAD);
    case SB_STANDBY_ROW_SEEN:
        *name = "SEEN";
        return holds_or(key.len == 1 && is_term, SB_STANDBY_ROW_BAD);
    case SB_STANDBY_ROW_REFUSED:
        *name = "REFUSED";
        return holds_or(key.len == 1 + TERM_BYTES + PK_BYTES, SB_STANDBY_ROW_BAD);
    }
    return SB_STANDBY_ROW_UNKNOWN;
}
