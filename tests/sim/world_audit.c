/* Auditors: each takes a node's log now and then, folds what is new, and compares with what the node
 * says; and verifies the certified head that the node shows. */
#include <stdlib.h>

#include "tests/sim/world_inside.h"
#include "tests/sim/world_memo.h"

typedef struct sw_auditor {
    sb_kv *kv;
    sb_ledger *ledger;
} sw_auditor;

static void begin(sw_auditor *a)
{
    sb_fail fail = {0};
    a->kv = sb_kv_memory_new();
    if (sb_ledger_open(&a->ledger, a->kv, NULL, &fail) != SB_OK)
        abort();
}

static void end(sw_auditor *a)
{
    sb_ledger_close(a->ledger);
    sb_kv_memory_free(a->kv);
}

static void fold(sw *w, sw_auditor *a, const char *whose, sb_slice bytes)
{
    sb_fail fail = {0};
    const sb_leaf *leaf = sw_memo_leaf(bytes, &fail);
    if (leaf == NULL || sb_ledger_step(a->ledger, leaf, NULL, NULL, &fail) != SB_OK)
        sw_fail(w, "an auditor refuses leaf %llu of %s: %s",
                (unsigned long long)sb_ledger_tree(a->ledger)->size, whose, sb_err_name(fail.code));
    w->counts.audited_leaves++;
}

/* Was what it has folded cut off since? */
static bool is_prefix(const sw_auditor *a, const sw_end *e)
{
    const sb_tree *tree = sb_ledger_tree(a->ledger);
    uint8_t ours[32], theirs[32];
    if (tree->size == 0)
        return true;
    sb_log_reader reader = sw_store_reader((sw_store *)&e->store);
    sb_tree_root(tree, ours);
    return sb_tree_root_at(sb_ledger_tree(e->ledger), tree->size, reader.tiles, theirs, NULL) ==
               SB_OK &&
           memcmp(ours, theirs, 32) == 0;
}

static void check_certified(sw *w, sw_auditor *a, sw_end *e)
{
    sb_slice note = sb_follower_certified(e->fol);
    uint32_t have = 0;
    sb_checkpoint head;
    sb_note parsed;
    uint8_t log_pk[32], root[32];
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_fail fail = {0};
    if (note.len == 0 || !sb_ledger_log_pk(a->ledger, log_pk) ||
        !sb_ledger_origin(a->ledger, origin, sizeof origin) ||
        sb_checkpoint_verify(note, origin, log_pk, &head, &fail) != SB_OK)
        return; /* of another term than what it has folded */
    if (sb_note_parse(note, &parsed, NULL) != SB_OK)
        sw_fail(w, "%s shows an auditor a note that can't be read", sw_name(w, e->number));
    for (uint32_t n = 0; n < w->o.nodes; n++)
        have += sw_note_has(w, &parsed, &head, n);
    if (have < sw_needed(w))
        sw_fail(w, "%s shows an auditor a certified head of %u organisations",
                sw_name(w, e->number), have);
    if (sb_ledger_root_at(a->ledger, head.size, root) && memcmp(root, head.root, 32) != 0)
        sw_fail(w, "%s shows an auditor a certified head of another log", sw_name(w, e->number));
}

static void audit_node(sw *w, sw_auditor *a, sw_end *e)
{
    sb_ledger_position ours, theirs;
    if (e->store.leaf_count < sb_ledger_tree(a->ledger)->size)
        return;
    if (!is_prefix(a, e)) {
        end(a);
        begin(a);
    }
    for (uint64_t i = sb_ledger_tree(a->ledger)->size; i < e->store.leaf_count; i++)
        fold(w, a, sw_name(w, e->number), e->store.leaves[i].bytes);
    sb_ledger_flush(a->ledger);
    sb_ledger_position_get(a->ledger, &ours);
    sb_ledger_position_get(e->ledger, &theirs);
    if (memcmp(ours.digest, theirs.digest, 32) != 0 || memcmp(ours.root, theirs.root, 32) != 0)
        sw_fail(w, "an auditor folds %llu leaves of %s to something else",
                (unsigned long long)ours.size, sw_name(w, e->number));
    check_certified(w, a, e);
    w->counts.audits++;
}

void sw_audit(sw *w, uint32_t auditor)
{
    sw_end *e = &w->ends[sw_below(w, w->o.nodes)];
    if (e->fol != NULL && !e->has_role && !e->diverged)
        audit_node(w, &w->auditors[auditor], e);
    sw_push(w, SW_AUDIT_MS / 2 + sw_below(w, SW_AUDIT_MS), SW_EV_AUDIT, auditor, 0, NULL);
}

void sw_audit_all(sw *w)
{
    sw_auditor a;
    uint8_t root[32];
    begin(&a);
    for (uint64_t i = 0; i < w->final_count; i++)
        fold(w, &a, "the final log", w->final[i]);
    sb_tree_root(sb_ledger_tree(a.ledger), root);
    for (uint32_t n = 0; n < w->o.nodes; n++) {
        sb_fol_status s;
        if (!w->ends[n].has_role && sw_status(w, n, &s) && s.final_size == w->final_count &&
            memcmp(root, s.final_root, 32) != 0)
            sw_fail(w, "an auditor doesn't agree with node %u on what is final", n);
    }
    end(&a);
}

void sw_audit_init(sw *w)
{
    w->auditors = sb_xmalloc((w->o.auditors + 1) * sizeof *w->auditors);
    for (uint32_t i = 0; i < w->o.auditors; i++) {
        begin(&w->auditors[i]);
        sw_push(w, sw_below(w, SW_AUDIT_MS), SW_EV_AUDIT, i, 0, NULL);
    }
}

void sw_audit_deinit(sw *w)
{
    for (uint32_t i = 0; i < w->o.auditors; i++)
        end(&w->auditors[i]);
    free(w->auditors);
}
