/* A leaf that the rules refuse: all leaves up to there are folded anew. */
#include "proto/base/cursor.h"
#include "proto/evidence/inside.h"
#include "proto/merkle/proof.h"
#include "proto/sign/lines.h"

typedef struct refold {
    sb_judging *x;
    sb_kv *kv;
    sb_ledger *ledger;
    sb_tree tree; /* of all leaves, also after the refused one */
    sb_arena scratch;
    bool refused;
    uint64_t refused_at;
} refold;

/* What the fold would have taken instead: the payload of a STATE or RESULT. */
static void compare_computed(refold *f, sb_slice bytes)
{
    sb_entry entry;
    sb_buf own;
    sb_evidence_verdict *out = f->x->out;
    sb_slice theirs = f->x->file.at[SB_SECTION_COMPUTED];
    sb_reader r = sb_reader_over(bytes);
    uint64_t time_ms = sb_read_u64(&r);
    sb_buf_init(&own);
    out->type = 0;
    if (sb_entry_parse(sb_read_bytes(&r, sb_reader_left(&r)), &entry, NULL) == SB_OK) {
        out->type = entry.type;
        if (entry.type == SB_ENTRY_STATE)
            sb_ledger_state_payload(f->ledger, &own);
        else if (entry.type == SB_ENTRY_RESULT &&
                 sb_ledger_next_due(f->ledger, time_ms, &own) != SB_DUE_RESULT)
            sb_buf_clear(&own);
    }
    bool is_same = theirs.len == 0 || sb_slice_eq(sb_buf_slice(&own), theirs); /* if it says any */
    out->is_computed_same = is_same && out->refusal.code == out->accused.code;
    sb_buf_deinit(&own);
}

static void take(refold *f, uint64_t index, sb_slice bytes)
{
    uint8_t hash[32];
    sb_leaf leaf;
    sb_evidence_verdict *out = f->x->out;
    if (!f->refused) {
        sb_arena_reset(&f->scratch);
        sb_err err = sb_leaf_open(bytes, &f->scratch, &leaf, &out->refusal);
        if (err == SB_OK)
            err = sb_ledger_step(f->ledger, &leaf, NULL, NULL, &out->refusal);
        if (err != SB_OK) {
            f->refused = true;
            f->refused_at = index;
            compare_computed(f, bytes);
        }
    }
    sb_leaf_hash(bytes, hash);
    sb_tree_append(&f->tree, hash, NULL, NULL);
}

/* Every leaf up to the one accused, from the judge's bundle and the file. */
static sb_err take_all(refold *f, uint64_t from)
{
    sb_judging *x = f->x;
    uint64_t total = x->out->index + 1;
    sb_reader r = sb_reader_over(x->file.at[SB_SECTION_LEAVES]);
    for (uint64_t i = 0; i < total; i++) {
        sb_slice leaf = x->file.at[SB_SECTION_LEAF];
        if (i < from && !x->help->leaf(x->help->leaf_arg, i, &leaf))
            return sb_fail_num(x->fail, SB_E_EVIDENCE_BUNDLE, 1, from, 0);
        if (i >= from && i + 1 < total)
            leaf = sb_read_var32(&r);
        if (r.failed)
            return sb_evidence_malformed(x->fail, "leaves");
        take(f, i, leaf);
        if (x->help->progress != NULL && i % 1000 == 999)
            x->help->progress(x->help->progress_arg, i + 1, total);
    }
    return sb_reader_done(&r) ? SB_OK : sb_evidence_malformed(x->fail, "leaves");
}

/* These very leaves stand under the head, and the first of them is our genesis. */
static sb_err check_leaves(refold *f, const sb_checkpoint *head)
{
    sb_judging *x = f->x;
    uint8_t root[32], id[32];
    sb_proof proof = sb_section_proof(&x->file, SB_SECTION_CONSISTENCY);
    sb_tree_root(&f->tree, root);
    if (!sb_verify_consistency(x->out->index + 1, root, head->size, head->root, proof.hashes,
                               proof.count))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_LEAVES, NULL);
    if (sb_ledger_federation_id(f->ledger, id) && memcmp(id, x->federation_id, 32) != 0)
        return sb_fail_set(x->fail, SB_E_EVIDENCE_FOREIGN, "leaves", NULL);
    return SB_OK;
}

static sb_err fold_anew(sb_judging *x, uint64_t from, const sb_checkpoint *head,
                        const sb_evidence_convicted *log)
{
    refold f = {.x = x, .kv = sb_kv_memory_new()};
    sb_arena_init(&f.scratch);
    sb_tree_init(&f.tree);
    sb_err err = sb_ledger_open_unbatched(&f.ledger, f.kv, x->fail);
    if (err == SB_OK) {
        sb_ledger_keep_certificates(f.ledger, false);
        err = take_all(&f, from);
    }
    if (err == SB_OK)
        err = check_leaves(&f, head);
    if (err == SB_OK && !f.refused)
        err = sb_fail_num(x->fail, SB_E_EVIDENCE_ACCEPTED, 1, x->out->index, 0);
    if (err == SB_OK) {
        x->out->index = f.refused_at;
        sb_convict(x, log);
    }
    if (f.ledger != NULL)
        sb_ledger_close(f.ledger);
    sb_kv_memory_free(f.kv);
    sb_arena_deinit(&f.scratch);
    return err;
}

/* The name of a refusal, as the accuser's fold gave it. */
static sb_err read_refusal(sb_judging *x)
{
    sb_slice name = x->file.at[SB_SECTION_REFUSAL];
    static const sb_err all[] = {
#define SB_ERROR(symbol, number, exit, nb, en) symbol,
#include "proto/base/errors.def"
#undef SB_ERROR
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (sb_slice_eq(name, sb_slice_str(sb_err_name(all[i])))) {
            x->out->accused.code = all[i];
            return SB_OK;
        }
    return sb_evidence_malformed(x->fail, "refusal");
}

sb_err sb_judge_state(sb_judging *x)
{
    sb_checkpoint head;
    sb_evidence_convicted log;
    uint64_t from = 0;
    sb_proof proof = sb_section_proof(&x->file, SB_SECTION_PROOF);
    sb_err err = sb_tie_note(x, SB_SECTION_NOTE, &head, &log);
    if (err == SB_OK)
        err = read_refusal(x);
    if (err != SB_OK)
        return err;
    sb_verdict_head(x, &head);
    sb_leaf_hash(x->file.at[SB_SECTION_LEAF], x->out->leaf_hash);
    if (!sb_verify_inclusion(x->out->leaf_hash, x->out->index, head.size, proof.hashes, proof.count,
                             head.root))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_PROOF, "proof", NULL);
    if (!sb_decimal_parse(x->file.at[SB_SECTION_FROM], x->out->index, &from))
        return sb_evidence_malformed(x->fail, "from");
    if (x->is_making)
        return SB_OK;
    if (from > 0 && x->help->leaf == NULL)
        return sb_fail_num(x->fail, SB_E_EVIDENCE_BUNDLE, 1, from, 0);
    return fold_anew(x, from, &head, &log);
}
