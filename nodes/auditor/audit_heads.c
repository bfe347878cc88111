/* Heads: the checkpoint that the bundle ends with, earlier ones, and what is final. */
#include <stdio.h>

#include "nodes/auditor/audit_inside.h"
#include "proto/ledger/rows.h"
#include "proto/sign/lines.h"

#define CHECKPOINT "checkpoint"

sb_err sb_audit_read_checkpoint(sb_auditing *x)
{
    sb_slice bytes;
    sb_audit *a = x->a;
    sb_err err =
        sb_bundle_read(&x->bundle, CHECKPOINT, SB_NOTE_BYTES_MAX, &bytes, x->fail, &a->cause);
    if (err == SB_E_AUDIT_MISSING)
        return sb_fail_set(x->fail, SB_E_AUDIT_NOT_A_BUNDLE, x->opts->dir, CHECKPOINT, NULL);
    if (err != SB_OK)
        return err;
    a->note = sb_arena_copy(&a->arena, bytes);
    if (sb_checkpoint_parse(a->note, &a->checkpoint, &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, CHECKPOINT, NULL);
    return SB_OK;
}

/* ---- cosignatures ---- */

typedef struct witnesses {
    uint8_t (*pks)[32]; /* all there ever were, also those replaced since */
    size_t count;
} witnesses;

static witnesses witnesses_of(sb_audit *a)
{
    witnesses w = {.pks = NULL};
    sb_row_key row = {.no = 0};
    sb_kv *kv = sb_ledger_kv(a->ledger);
    size_t count = 0;
    for (bool more = sb_row_key_next(kv, NULL, &row, true, 0); more;
         more = sb_row_key_next(kv, NULL, &row, false, 0))
        count += row.kind == SB_KEY_KIND_WITNESS;
    w.pks = sb_arena_alloc(&a->arena, count * 32 + 1);
    row = (sb_row_key){.no = 0};
    for (bool more = sb_row_key_next(kv, NULL, &row, true, 0); more && w.count < count;
         more = sb_row_key_next(kv, NULL, &row, false, 0))
        if (row.kind == SB_KEY_KIND_WITNESS)
            memcpy(w.pks[w.count++], row.pk, 32);
    return w;
}

/* Whose key id the line has; SIZE_MAX: a stranger's. */
static size_t witness_of(const witnesses *w, const sb_note_line *line)
{
    for (size_t i = 0; i < w->count; i++) {
        uint8_t id[4];
        sb_note_key_id(line->name, SB_NOTE_TYPE_COSIGNATURE, w->pks[i], id);
        if (memcmp(id, line->key_id, 4) == 0)
            return i;
    }
    return SIZE_MAX;
}

/* Named as one of ours: "<origin>/…". */
static bool is_named_ours(const sb_audit *a, const sb_note_line *line)
{
    size_t len = strlen(a->origin);
    return line->name.len > len && memcmp(line->name.data, a->origin, len) == 0 &&
           line->name.data[len] == '/';
}

static sb_err bad_line(sb_auditing *x, const char *path, const sb_note_line *line)
{
    char name[SB_FAIL_ARG_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)line->name.len, (const char *)line->name.data);
    return sb_fail_set(x->fail, SB_E_AUDIT_COSIGNATURE, path, name, NULL);
}

/* Every line by a witness's key must be valid, and so must one that is named as ours. pks gets the
 * distinct keys (room for w->count). */
static sb_err check_lines(sb_auditing *x, const char *path, sb_slice bytes, const sb_checkpoint *cp,
                          const witnesses *w, uint8_t (*pks)[32], size_t *count)
{
    sb_note note;
    sb_note_line line;
    sb_audit *a = x->a;
    bool *seen = SB_ARENA_ARRAY(&a->arena, bool, w->count);
    if (sb_note_parse(bytes, &note, &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, path, NULL);
    for (size_t at = 0; sb_note_next_line(&note, &at, &line);) {
        if (sb_slice_eq(line.name, sb_slice_str(a->origin)))
            continue; /* the log's own */
        size_t who = witness_of(w, &line);
        if (who == SIZE_MAX && !is_named_ours(a, &line)) {
            a->foreign_lines++;
            continue;
        }
        if (who == SIZE_MAX || !sb_cosignature_verify_line(cp, &line, w->pks[who], NULL))
            return bad_line(x, path, &line);
        if (!seen[who])
            memcpy(pks[(*count)++], w->pks[who], 32);
        seen[who] = true;
    }
    return SB_OK;
}

static sb_err check_quorum(sb_auditing *x)
{
    sb_audit *a = x->a;
    witnesses w = witnesses_of(a);
    uint8_t(*pks)[32] = sb_arena_alloc(&a->arena, w.count * 32 + 1);
    size_t count = 0;
    sb_err err = check_lines(x, CHECKPOINT, a->note, &a->checkpoint, &w, pks, &count);
    if (err != SB_OK)
        return err;
    a->organisations = sb_ledger_org_count(a->ledger);
    if (!sb_ledger_quorum(a->ledger, a->checkpoint.size, (const uint8_t(*)[32])pks, count,
                          &a->cosigners, &a->needed))
        return sb_fail_num(x->fail, SB_E_AUDIT_QUORUM, 2, a->cosigners, a->needed);
    return SB_OK;
}

/* ---- the bundle's own head ---- */

static void find_final(sb_audit *a, const sb_ledger_position *at)
{
    uint64_t seal_index;
    a->has_final = sb_ledger_last_seal(a->ledger, &seal_index, &a->final_size) &&
                   sb_ledger_root_at(a->ledger, a->final_size, a->final_root);
    a->is_all_final = a->has_final && at->ends_only_system;
}

sb_err sb_audit_verify_head(sb_auditing *x)
{
    sb_audit *a = x->a;
    uint8_t log_pk[32];
    char size[24];
    sb_ledger_position at;
    sb_checkpoint verified;
    if (sb_ledger_charter(a->ledger) == NULL ||
        !sb_ledger_origin(a->ledger, a->origin, sizeof a->origin) ||
        !sb_ledger_log_pk(a->ledger, log_pk))
        return sb_fail_set(x->fail, SB_E_AUDIT_UNFOUNDED, NULL);
    if (sb_checkpoint_verify(a->note, a->origin, log_pk, &verified, &a->cause) != SB_OK)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, CHECKPOINT, NULL);
    sb_ledger_position_get(a->ledger, &at);
    snprintf(size, sizeof size, "%llu", (unsigned long long)at.size);
    if (verified.size != at.size || memcmp(verified.root, at.root, 32) != 0)
        return sb_fail_set(x->fail, SB_E_AUDIT_ROOT, CHECKPOINT, size, NULL);
    sb_err err = check_quorum(x);
    if (err == SB_OK)
        find_final(a, &at);
    return err;
}

/* ---- earlier heads ---- */

static sb_err verify_one(sb_auditing *x, const char *name, uint64_t size)
{
    sb_audit *a = x->a;
    sb_slice bytes;
    sb_checkpoint cp;
    uint8_t log_pk[32], root[32];
    size_t count = 0;
    char path[SB_BUNDLE_PATH_BYTES_MAX];
    snprintf(path, sizeof path, "checkpoints/%s", name);
    sb_err err = sb_bundle_read(&x->bundle, path, SB_NOTE_BYTES_MAX, &bytes, x->fail, &a->cause);
    if (err != SB_OK)
        return err;
    bytes = sb_arena_copy(&a->arena, bytes); /* tiles are read into the same buffer */
    (void)sb_ledger_log_pk(a->ledger, log_pk);
    if (sb_checkpoint_verify(bytes, a->origin, log_pk, &cp, &a->cause) != SB_OK || cp.size != size)
        return sb_fail_set(x->fail, SB_E_AUDIT_FILE, path, NULL);
    const sb_tile_reader tiles = {.read = sb_bundle_read_tile, .arg = &x->bundle};
    if (size > a->leaves ||
        sb_tree_root_at(sb_ledger_tree(a->ledger), size, tiles, root, &a->cause) != SB_OK ||
        memcmp(root, cp.root, 32) != 0)
        return sb_fail_set(x->fail, SB_E_AUDIT_ROOT, path, name, NULL);
    a->earlier_checkpoints++;
    witnesses w = witnesses_of(a);
    uint8_t(*pks)[32] = sb_arena_alloc(&a->arena, w.count * 32 + 1);
    return check_lines(x, path, bytes, &cp, &w, pks, &count);
}

sb_err sb_audit_verify_earlier(sb_auditing *x)
{
    const char *const *names = NULL;
    size_t count = 0;
    sb_err err = sb_bundle_list(&x->bundle, "checkpoints", &x->a->arena, &names, &count, x->fail);
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        uint64_t size;
        if (sb_decimal_parse(sb_slice_str(names[i]), INT64_MAX, &size))
            err = verify_one(x, names[i], size);
    }
    return err;
}
