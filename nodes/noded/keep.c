#include "nodes/noded/keep.h"

#include <stdio.h>

#include "nodes/follower/rows.h"
#include "nodes/host/config.h"
#include "proto/base/cursor.h"
#include "proto/wire/missing.h"

enum { SHELL_ROWS = 0x80 };

static bool has_row(sb_kv *kv, uint8_t table)
{
    return sb_kv_get(kv, sb_slice_of(&table, 1), NULL);
}

/* ---- checking ---- */

/* It holds, of a head that the log doesn't reach: so it is after a repair. */
static void tell_ahead(const sb_check_own *own, uint32_t term, uint64_t size)
{
    char a[24], b[24], c[24];
    sb_check_finding f = {.part = SB_CHECK_OWN, .cure = SB_CURE_NONE};
    (void)snprintf(a, sizeof a, "%llu", (unsigned long long)size);
    (void)snprintf(b, sizeof b, "%u", (unsigned)term);
    (void)snprintf(c, sizeof c, "%llu", (unsigned long long)sb_ledger_tree(own->ledger)->size);
    sb_fail_set(&f.what, SB_E_CHECK_RECORD_AHEAD, a, b, c, NULL);
    own->tell(own->arg, &f);
}

static void check_one(const sb_check_own *own, const sb_fol_rows *rows, sb_slice key,
                      sb_slice value)
{
    const char *name = NULL;
    char number[8];
    uint32_t term;
    uint64_t size;
    if (key.data[0] >= SHELL_ROWS)
        return;
    switch (sb_follower_row_check(rows, key, value, &name, &term, &size)) {
    case SB_FOL_ROW_HOLDS:
        if (key.data[0] == SB_FOL_ROW_MISSING && own->is_whole &&
            !sb_missing_row_holds(&own->log, key, value))
            sb_check_tell_row(own, SB_CURE_DROP, SB_E_CHECK_ROW, name);
        break;
    case SB_FOL_ROW_AHEAD: /* its leaves are damaged, or it is */
        if (own->is_whole)
            sb_check_tell_row(own, SB_CURE_DROP, SB_E_CHECK_ROW, name);
        break;
    case SB_FOL_ROW_BAD:
        sb_check_tell_row(own, SB_CURE_DROP, SB_E_CHECK_ROW, name);
        break;
    case SB_FOL_ROW_RECORD:
        sb_check_tell_row(own, SB_CURE_RECORD, SB_E_CHECK_RECORD, name);
        break;
    case SB_FOL_ROW_RECORD_AHEAD:
        if (own->is_whole)
            tell_ahead(own, term, size);
        break;
    case SB_FOL_ROW_UNKNOWN:
        (void)snprintf(number, sizeof number, "%u", key.data[0]);
        sb_check_tell_row(own, SB_CURE_DROP, SB_E_CHECK_ROW_UNKNOWN, number);
        break;
    }
}

/* The last SEAL of the log bears our own cosignature of a head that the record doesn't reach: the
 * row is gone, or an older one. */
static bool is_behind_log(const sb_check_own *own)
{
    uint64_t index, sealed;
    sb_slice bytes, row = {0};
    const uint8_t key = SB_FOL_ROW_COSIGNED;
    sb_arena arena;
    sb_leaf leaf;
    if (own->context == NULL || has_row(own->own, SB_FOL_ROW_RESTORED) ||
        !sb_ledger_last_seal(own->ledger, &index, &sealed) ||
        !own->log.leaf(own->log.arg, index, &bytes))
        return false;
    sb_reader r = sb_reader_over(row);
    if (sb_kv_get(own->own, sb_slice_of(&key, 1), &row))
        r = sb_reader_over(row);
    sb_head recorded = {.term = sb_read_u32(&r)};
    recorded.size = sb_read_u64(&r);
    sb_head head = {.term = sb_ledger_term_at(own->ledger, index + 1), .size = sealed};
    if (!r.failed && sb_head_rank(&recorded, &head) >= 0)
        return false;
    sb_arena_init(&arena);
    bool is_ours = sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK &&
                   sb_follower_cosigned_seal(own->ledger, own->context, &leaf);
    sb_arena_deinit(&arena);
    return is_ours;
}

void sb_node_keep_check(const sb_check_own *own)
{
    const sb_fol_rows rows = {.ledger = own->ledger,
                              .tiles = own->log.tiles,
                              .is_whole = own->is_whole,
                              .organisation = own->context};
    sb_kv_walk row = {.kv = own->own};
    while (sb_kv_walk_next(&row))
        check_one(own, &rows, row.key, row.value);
    if (own->is_whole && is_behind_log(own))
        sb_check_tell_row(own, SB_CURE_RECORD, SB_E_CHECK_RECORD, "COSIGNED");
}

/* ---- repairing ---- */

static bool has_cure(const sb_check_report *r, sb_check_cure cure)
{
    return (r->cures >> cure & 1) != 0;
}

/* Copy what holds and doesn't speak of leaves that are to be fetched. */
static void keep_rows(const sb_repair_own *own, const sb_fol_rows *rows)
{
    sb_kv_walk row = {.kv = own->from};
    while (sb_kv_walk_next(&row)) {
        const char *name;
        if (row.key.data[0] == SB_HISTORY_ROW_TIP || row.key.data[0] == SB_FOL_ROW_MISSING)
            continue;
        sb_fol_row_verdict verdict = SB_FOL_ROW_HOLDS;
        if (row.key.data[0] < SHELL_ROWS)
            verdict = sb_follower_row_check(rows, row.key, row.value, &name, NULL, NULL);
        if (verdict == SB_FOL_ROW_HOLDS || verdict == SB_FOL_ROW_RECORD_AHEAD)
            sb_kv_put(own->to, row.key, row.value);
    }
}

void sb_node_keep_repair(const sb_repair_own *own)
{
    const sb_fol_rows rows = {.ledger = own->made->ledger,
                              .tiles = own->made->reader.tiles,
                              .organisation = own->context};
    if (own->from != NULL)
        keep_rows(own, &rows);
    if (own->from == NULL || has_cure(own->report, SB_CURE_RECORD)) {
        uint8_t key[1], value[13];
        sb_follower_restored_row(0, key, value);
        sb_kv_put(own->to, sb_slice_of(key, sizeof key), sb_slice_of(value, sizeof value));
    }
}

/* ---- the command ---- */

static sb_err where(const char *dir, sb_arena *arena, sb_keeper_place *out, sb_fail *fail)
{
    sb_node_config config;
    sb_err err = sb_node_config_read(dir, arena, &config, fail);
    if (err == SB_OK)
        *out = (sb_keeper_place){.store = config.store,
                                 .federation = config.federation,
                                 .organisation = config.organisation,
                                 .may_refetch = true};
    return err;
}

const sb_keeper SB_NODE_KEEPER = {.program = "samband-node",
                                  .kind = "node",
                                  .missing_table = SB_FOL_ROW_MISSING,
                                  .where = where,
                                  .check_own = sb_node_keep_check,
                                  .repair_own = sb_node_keep_repair};
