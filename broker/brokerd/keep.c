#include "broker/brokerd/keep.h"

#include <stdio.h>

#include "broker/standby/rows.h"
#include "nodes/host/config.h"

/* What the rows say of terms that were made or are over must not be lost: a broker that doesn't know
 * it might order what it may not. */
static sb_standby_row_verdict check_row(sb_ledger *ledger, sb_slice key, sb_slice value,
                                        const char **name)
{
    uint8_t id[32];
    switch (key.data[0]) {
    case SB_HISTORY_ROW_TIP:
    case SB_HISTORY_ROW_UNNAMED:
        return SB_STANDBY_ROW_HOLDS;
    case SB_BROKER_ROW_RESTORED:
        *name = "RESTORED";
        return key.len == 1 && value.len == 4 ? SB_STANDBY_ROW_HOLDS : SB_STANDBY_ROW_BAD_TERM;
    default:
        return sb_standby_row_check(sb_ledger_federation_id(ledger, id) ? id : NULL, key, value,
                                    name);
    }
}

/* ---- every row ---- */

static void check_one(const sb_check_own *own, sb_slice key, sb_slice value)
{
    const char *name = "?";
    char number[8];
    switch (check_row(own->ledger, key, value, &name)) {
    case SB_STANDBY_ROW_HOLDS:
        break;
    case SB_STANDBY_ROW_BAD:
        sb_check_tell_row(own, SB_CURE_DROP, SB_E_CHECK_ROW, name);
        break;
    case SB_STANDBY_ROW_BAD_TERM:
        sb_check_tell_row(own, SB_CURE_STORE, SB_E_CHECK_ROW, name);
        break;
    case SB_STANDBY_ROW_UNKNOWN:
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
            check_row(own->made->ledger, row.key, row.value, &name) == SB_STANDBY_ROW_HOLDS)
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
