#include "broker/brokerd/keep.h"

#include <stdio.h>

#include "broker/standby/standby.h"
#include "nodes/host/config.h"

/* What the rows say of terms that were made or are over must not be lost: a broker that doesn't know
 * it might order what it may not. */
typedef enum verdict { HOLDS, BAD, BAD_TERM, UNKNOWN } verdict;

static bool is_leaf(sb_slice bytes)
{
    sb_arena arena;
    sb_leaf leaf;
    sb_arena_init(&arena);
    bool holds = sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK;
    sb_arena_deinit(&arena);
    return holds;
}

static bool is_frame(sb_slice bytes)
{
    const Sb__Frame *frame;
    sb_arena arena;
    sb_arena_init(&arena);
    bool holds = sb_frame_decode(bytes, &arena, &frame, NULL) == SB_OK;
    sb_arena_deinit(&arena);
    return holds;
}

static verdict check_row(sb_slice key, sb_slice value, const char **name)
{
    enum { TERM = 4, PK = 32 };
    switch (key.data[0]) {
    case SB_STANDBY_ROW_ASKED:
        *name = "ASKED";
        return key.len == 1 && value.len == TERM ? HOLDS : BAD_TERM;
    case SB_STANDBY_ROW_PROMISE:
        *name = "PROMISE";
        return key.len == 1 + TERM + PK && (value.len == 0 || is_frame(value) || value.len > PK)
                   ? HOLDS
                   : BAD;
    case SB_STANDBY_ROW_HANDOVER:
        *name = "HANDOVER";
        return key.len == 1 + TERM && is_leaf(value) ? HOLDS : BAD_TERM;
    case SB_STANDBY_ROW_OVER:
        *name = "OVER";
        return key.len == 1 && value.len > TERM &&
                       is_leaf(sb_slice_of(value.data + TERM, value.len - TERM))
                   ? HOLDS
                   : BAD_TERM;
    case SB_STANDBY_ROW_MISSING:
        *name = "MISSING";
        return key.len == 1 + 32 && value.len == 16 ? HOLDS : BAD;
    case SB_STANDBY_ROW_SEEN:
        *name = "SEEN";
        return key.len == 1 && value.len == TERM ? HOLDS : BAD;
    case SB_STANDBY_ROW_REFUSED:
        *name = "REFUSED";
        return key.len == 1 + TERM + PK ? HOLDS : BAD;
    case SB_HISTORY_ROW_TIP:
    case SB_HISTORY_ROW_UNNAMED:
        return HOLDS;
    case SB_BROKER_ROW_RESTORED:
        *name = "RESTORED";
        return key.len == 1 && value.len == TERM ? HOLDS : BAD_TERM;
    default:
        return UNKNOWN;
    }
}

/* ---- every row ---- */

static void check_one(const sb_check_own *own, sb_slice key, sb_slice value)
{
    const char *name = "?";
    char number[8];
    switch (check_row(key, value, &name)) {
    case HOLDS:
        break;
    case BAD:
        sb_check_tell_row(own, SB_CURE_DROP, SB_E_CHECK_ROW, name);
        break;
    case BAD_TERM:
        sb_check_tell_row(own, SB_CURE_STORE, SB_E_CHECK_ROW, name);
        break;
    case UNKNOWN:
        (void)snprintf(number, sizeof number, "%u", key.data[0]);
        sb_check_tell_row(own, SB_CURE_STORE, SB_E_CHECK_ROW_UNKNOWN, number);
        break;
    }
}

static void check_own(const sb_check_own *own)
{
    sb_kv_walk row = {.kv = own->own};
    while (sb_kv_walk_next(&row))
        check_one(own, row.key, row.value);
}

static void repair_own(const sb_repair_own *own)
{
    const char *name;
    if (own->from == NULL)
        return;
    sb_kv_walk row = {.kv = own->from};
    while (sb_kv_walk_next(&row))
        if (row.key.data[0] != SB_HISTORY_ROW_TIP && row.key.data[0] != SB_STANDBY_ROW_MISSING &&
            check_row(row.key, row.value, &name) == HOLDS)
            sb_kv_put(own->to, row.key, row.value);
}

static sb_err where(const char *dir, sb_arena *arena, sb_keeper_place *out, sb_fail *fail)
{
    sb_broker_config config;
    sb_err err = sb_broker_config_read(dir, arena, &config, fail);
    if (err == SB_OK)
        *out = (sb_keeper_place){.store = config.store, .federation = config.federation};
    return err;
}

const sb_keeper SB_BROKER_KEEPER = {.program = "samband-broker",
                                    .kind = "broker",
                                    .missing_table = SB_STANDBY_ROW_MISSING,
                                    .where = where,
                                    .check_own = check_own,
                                    .repair_own = repair_own};
