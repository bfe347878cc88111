#include "proto/ledger/machine.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/ledger/charter_change.h"
#include "proto/merkle/checkpoint.h"

void sb_ledger_reload_federation(sb_ledger *l)
{
    sb_arena_reset(&l->federation_arena);
    l->federation = (sb_row_federation){0};
    (void)sb_row_federation_get(sb_ledger_kv(l), &l->federation_arena, &l->federation);
}

void sb_ledger_reload_due(sb_ledger *l)
{
    sb_kv *kv = sb_ledger_kv(l);
    sb_row_pending_result pending = {0};
    l->deadline = (sb_row_deadline){0};
    l->has_deadline = sb_row_deadline_next(kv, NULL, &l->deadline, true, 0);
    l->has_pending = sb_row_pending_result_next(kv, NULL, &pending, true, 0);
    l->pending = pending.question;
    l->due_known = true;
}

const Sb__Charter *sb_ledger_load_charter(sb_ledger *l, sb_kv *kv)
{
    sb_row_federation f = {0};
    if (!sb_row_federation_get(kv, &l->arena, &f) || f.charter_version == 0)
        return NULL;
    if (l->charter != NULL && l->charter_version == f.charter_version)
        return l->charter;
    sb_arena_reset(&l->charter_arena);
    l->charter = NULL;
    sb_slice bytes = sb_charter_bytes_of(kv, &l->charter_arena, f.charter_version);
    const Sb__Charter *charter = NULL;
    if (bytes.len != f.charter_bytes ||
        sb_charter_decode(bytes, &l->charter_arena, &charter, NULL) != SB_OK)
        return NULL;
    l->charter = charter;
    l->charter_version = f.charter_version;
    return charter;
}

/* `batch`: owned, may be NULL. */
static sb_err open_over(sb_ledger **out, sb_kv *state, sb_overlay *batch, const sb_tree *tree,
                        sb_fail *fail)
{
    sb_ledger *l = sb_xmalloc(sizeof *l);
    *l = (sb_ledger){.state = state, .batch = batch, .keeps_certificates = true};
    sb_tree_init(&l->tree);
    if (tree != NULL)
        sb_tree_copy(&l->tree, tree);
    l->step = sb_overlay_new(sb_ledger_kv(l));
    sb_arena_init(&l->arena);
    sb_arena_init(&l->federation_arena);
    sb_arena_init(&l->charter_arena);
    sb_arena_init(&l->asked_arena);
    sb_buf_init(&l->effects);
    (void)sb_row_position_get(state, NULL, &l->position);
    sb_ledger_reload_federation(l);
    sb_ledger_reload_due(l);
    sb_err err = SB_OK;
    if (l->position.size != l->tree.size)
        err = sb_fail_num(fail, SB_E_LEDGER_SIZE, 2, l->position.size, l->tree.size);
    else if (l->federation.phase >= SB_PHASE_ACCEPTING &&
             sb_ledger_load_charter(l, sb_ledger_kv(l)) == NULL)
        err = sb_fail_set(fail, SB_E_LEDGER_STATE, "charter", NULL);
    else if (sb_kv_error(sb_ledger_kv(l)) != SB_OK)
        err = sb_fail_set(fail, SB_E_LEDGER_STATE, "kv", NULL);
    sb_arena_reset(&l->arena);
    if (err != SB_OK) {
        sb_ledger_close(l);
        l = NULL;
    }
    *out = l;
    return err;
}

sb_err sb_ledger_open(sb_ledger **out, sb_kv *state, const sb_tree *tree, sb_fail *fail)
{
    return open_over(out, state, sb_overlay_new(state), tree, fail);
}

sb_err sb_ledger_open_unbatched(sb_ledger **out, sb_kv *state, sb_fail *fail)
{
    return open_over(out, state, NULL, NULL, fail);
}

void sb_ledger_close(sb_ledger *l)
{
    if (l == NULL)
        return;
    sb_overlay_free(l->step);
    if (l->batch != NULL)
        sb_overlay_free(l->batch);
    sb_arena_deinit(&l->arena);
    sb_arena_deinit(&l->federation_arena);
    sb_arena_deinit(&l->charter_arena);
    sb_arena_deinit(&l->asked_arena);
    sb_buf_deinit(&l->effects);
    free(l);
}

void sb_ledger_keep_certificates(sb_ledger *l, bool keeps)
{
    l->keeps_certificates = keeps;
}

bool sb_keeps_certificates(const sb_ledger *l)
{
    return l->keeps_certificates;
}

void sb_ledger_flush(sb_ledger *l)
{
    assert(sb_overlay_count(l->step) == 0);
    if (l->batch != NULL)
        sb_overlay_flush(l->batch);
    l->unflushed = 0;
}

void sb_ledger_changes(const sb_ledger *l, sb_overlay_visit visit, void *arg)
{
    if (l->batch != NULL)
        sb_overlay_each(l->batch, visit, arg);
}

uint64_t sb_ledger_unflushed(const sb_ledger *l)
{
    return l->unflushed;
}

size_t sb_ledger_unflushed_bytes(const sb_ledger *l)
{
    return l->batch != NULL ? sb_overlay_bytes(l->batch) : 0;
}

sb_kv *sb_ledger_kv(sb_ledger *l)
{
    return l->batch != NULL ? sb_overlay_kv(l->batch) : l->state;
}

/* ---- what it knows ---- */

void sb_ledger_position_get(const sb_ledger *l, sb_ledger_position *out)
{
    uint64_t seal_index = 0, sealed = 0;
    (void)sb_ledger_seal_before((sb_ledger *)l, l->position.size, &seal_index, &sealed);
    *out = (sb_ledger_position){.size = l->position.size,
                                .last_time_ms = l->position.last_time_ms,
                                .ends_with_state = l->position.last_type == SB_ENTRY_STATE,
                                .ends_only_system = l->position.last_other <= sealed};
    memcpy(out->digest, l->position.digest, 32);
    sb_tree_root(&l->tree, out->root);
}

uint64_t sb_ledger_size(const sb_ledger *l)
{
    return l->position.size;
}

uint64_t sb_ledger_last_time_ms(const sb_ledger *l)
{
    return l->position.last_time_ms;
}

bool sb_ledger_ends_with_state(const sb_ledger *l)
{
    return l->position.last_type == SB_ENTRY_STATE;
}

const sb_tree *sb_ledger_tree(const sb_ledger *l)
{
    return &l->tree;
}

sb_ledger_phase sb_ledger_phase_get(sb_ledger *l)
{
    return (sb_ledger_phase)l->federation.phase;
}

const Sb__Charter *sb_ledger_charter(sb_ledger *l)
{
    return l->federation.phase >= SB_PHASE_ACCEPTING ? l->charter : NULL;
}

uint32_t sb_charter_version(const sb_ledger *l)
{
    return l->federation.charter_version;
}

bool sb_ledger_federation_id(sb_ledger *l, uint8_t out[32])
{
    memcpy(out, l->federation.id, 32);
    return l->federation.phase != SB_PHASE_EMPTY;
}

uint32_t sb_ledger_term(sb_ledger *l)
{
    return l->federation.term;
}

bool sb_ledger_log_pk(sb_ledger *l, uint8_t out[32])
{
    memcpy(out, l->federation.log_pk, 32);
    return l->federation.phase != SB_PHASE_EMPTY;
}

bool sb_ledger_origin(sb_ledger *l, char *out, size_t cap)
{
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    const sb_row_federation *f = &l->federation;
    if (f->phase == SB_PHASE_EMPTY || sb_origin(f->slug, f->id, f->term, origin, NULL) != SB_OK ||
        strlen(origin) >= cap)
        return false;
    memcpy(out, origin, strlen(origin) + 1);
    return true;
}

uint32_t sb_ledger_org_count(sb_ledger *l)
{
    sb_row_org row = {.no = 0};
    uint32_t count = 0;
    sb_arena arena;
    if (memcmp(l->counted, l->position.digest, 32) == 0)
        return l->organisations; /* asked for at each note and each tick */
    sb_arena_init(&arena);
    for (bool more = sb_row_org_next(sb_ledger_kv(l), &arena, &row, true, 0); more;
         more = sb_row_org_next(sb_ledger_kv(l), &arena, &row, false, 0))
        count++;
    sb_arena_deinit(&arena);
    if (sb_kv_error(sb_ledger_kv(l)) == SB_OK) {
        memcpy(l->counted, l->position.digest, 32);
        l->organisations = count;
    }
    return count;
}

bool sb_ledger_org_is_in(sb_ledger *l, uint32_t number)
{
    const Sb__Charter *charter = sb_ledger_charter(l);
    return charter == NULL ||
           (number < charter->n_organisations && !charter->organisations[number]->withdrawn);
}

uint32_t sb_ledger_orgs_in(sb_ledger *l)
{
    const Sb__Charter *charter = sb_ledger_charter(l);
    uint32_t count = 0;
    if (charter == NULL)
        return sb_ledger_org_count(l);
    for (uint32_t i = 0; i < charter->n_organisations; i++)
        count += sb_ledger_org_is_in(l, i);
    return count;
}

bool sb_ledger_org_get(sb_ledger *l, uint32_t number, sb_ledger_org *out)
{
    sb_row_org row = {.no = number};
    sb_arena arena;
    sb_arena_init(&arena);
    *out = (sb_ledger_org){0};
    bool found = sb_row_org_get(sb_ledger_kv(l), &arena, &row);
    if (found) {
        assert(strlen(row.id) <= SB_ID_BYTES_MAX);
        out->number = number;
        memcpy(out->id, row.id, strlen(row.id) + 1);
        memcpy(out->authority_pk, row.authority_pk, 32);
        memcpy(out->witness_pk, row.witness_pk, 32);
        memcpy(out->recovery_pk, row.recovery_pk, 32);
        memcpy(out->curve_pk, row.curve_pk, 32);
        out->accepted = row.accepted != 0;
    }
    sb_arena_deinit(&arena);
    return found;
}

bool sb_ledger_root_at(sb_ledger *l, uint64_t size, uint8_t root[32])
{
    sb_row_root row = {.size = size};
    if (!sb_row_root_get(sb_ledger_kv(l), NULL, &row))
        return false;
    memcpy(root, row.root, 32);
    return true;
}

bool sb_ledger_signer(sb_ledger *l, const uint8_t signer_pk[32], uint64_t *last_seq,
                      uint64_t *last_anchor)
{
    sb_row_key key;
    if (!sb_key_find(sb_ledger_kv(l), signer_pk, &key))
        return false;
    sb_row_key_seq row = {.no = key.no};
    (void)sb_row_key_seq_get(sb_ledger_kv(l), NULL, &row);
    *last_seq = row.last_seq;
    *last_anchor = row.last_anchor;
    return true;
}
