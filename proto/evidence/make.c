/* Making evidence: the sections put together, then judged. */
#include <stdio.h>

#include "proto/evidence/inside.h"

static void put(sb_evidence_file *f, sb_section section, sb_slice bytes)
{
    f->has[section] = true;
    f->at[section] = bytes;
}

static void put_proof(sb_evidence_file *f, sb_section section, const sb_proof *proof)
{
    put(f, section, sb_slice_of(proof->hashes, (size_t)proof->count * 32));
}

static sb_evidence_file begin(sb_evidence_kind kind, const sb_evidence_tie *tie)
{
    sb_evidence_file f = {.kind = kind};
    put(&f, SB_SECTION_FEDERATION, sb_slice_of(tie->federation_id, 32));
    if (tie->genesis.len > 0)
        put(&f, SB_SECTION_GENESIS, tie->genesis);
    if (tie->handover.len > 0 && kind != SB_EVIDENCE_PROMISES)
        put(&f, SB_SECTION_HANDOVER, tie->handover);
    return f;
}

/* Write it, unless it proves nothing. */
static sb_err finish(const sb_evidence_file *f, sb_buf *out, sb_fail *fail)
{
    sb_arena arena;
    sb_evidence_verdict verdict;
    size_t before = out->len;
    sb_arena_init(&arena);
    sb_evidence_write(f, out);
    sb_err err = sb_evidence_examine(sb_slice_of(out->data + before, out->len - before), NULL, true,
                                     &arena, &verdict, fail);
    if (err != SB_OK)
        out->len = before;
    sb_arena_deinit(&arena);
    return err;
}

sb_err sb_evidence_make_heads(const sb_evidence_tie *tie, sb_slice note_a, sb_slice note_b,
                              const uint8_t root[32], const sb_proof *proof, sb_buf *out,
                              sb_fail *fail)
{
    sb_checkpoint a, b;
    sb_evidence_file f = begin(SB_EVIDENCE_HEADS, tie);
    sb_err err = sb_checkpoint_parse(note_a, &a, fail);
    if (err == SB_OK)
        err = sb_checkpoint_parse(note_b, &b, fail);
    if (err != SB_OK)
        return err;
    bool is_turned = a.size > b.size || (a.size == b.size && memcmp(a.root, b.root, 32) > 0);
    put(&f, SB_SECTION_NOTE, is_turned ? note_b : note_a);
    put(&f, SB_SECTION_OTHER_NOTE, is_turned ? note_a : note_b);
    if (proof != NULL) {
        put(&f, SB_SECTION_ROOT, sb_slice_of(root, 32));
        put_proof(&f, SB_SECTION_PROOF, proof);
    }
    return finish(&f, out, fail);
}

sb_err sb_evidence_make_receipt(const sb_evidence_tie *tie, const sb_evidence_receipt *r,
                                sb_buf *out, sb_fail *fail)
{
    char index[24];
    sb_evidence_file f = begin(SB_EVIDENCE_RECEIPT, tie);
    snprintf(index, sizeof index, "%llu", (unsigned long long)r->index);
    put(&f, SB_SECTION_INDEX, sb_slice_str(index));
    put(&f, SB_SECTION_LEAF, r->leaf);
    put(&f, SB_SECTION_NOTE, r->note);
    put_proof(&f, SB_SECTION_PROOF, r->proof);
    put(&f, SB_SECTION_OTHER_HASH, sb_slice_of(r->other, 32));
    put(&f, SB_SECTION_OTHER_NOTE, r->later);
    put_proof(&f, SB_SECTION_OTHER_PROOF, r->other_proof);
    return finish(&f, out, fail);
}

/* ---- a divergent state ---- */

/* The first leaf from which all up to `index` fit. */
static sb_err first_that_fits(const sb_evidence_state *s, uint64_t *from, sb_fail *fail)
{
    size_t bytes = 0;
    for (*from = s->index; *from > 0; (*from)--) {
        sb_slice leaf;
        if (!s->below->leaf(s->below->arg, *from - 1, &leaf))
            return sb_fail_num(fail, SB_E_MERKLE_LEAF_MISSING, 1, *from - 1, 0);
        if (bytes + leaf.len + 4 > SB_EVIDENCE_LEAVES_BYTES_MAX)
            break;
        bytes += leaf.len + 4;
    }
    return SB_OK;
}

static sb_err add_leaves(const sb_evidence_state *s, uint64_t from, sb_buf *out, sb_fail *fail)
{
    for (uint64_t i = from; i < s->index; i++) {
        sb_slice leaf;
        if (!s->below->leaf(s->below->arg, i, &leaf))
            return sb_fail_num(fail, SB_E_MERKLE_LEAF_MISSING, 1, i, 0);
        const uint8_t len[4] = {(uint8_t)(leaf.len >> 24), (uint8_t)(leaf.len >> 16),
                                (uint8_t)(leaf.len >> 8), (uint8_t)leaf.len};
        sb_buf_add(out, sb_slice_of(len, sizeof len));
        sb_buf_add(out, leaf);
    }
    return SB_OK;
}

sb_err sb_evidence_make_state(const sb_evidence_tie *tie, const sb_evidence_state *s, sb_buf *out,
                              sb_fail *fail)
{
    char index[24], first[24];
    sb_proof inclusion, consistency;
    sb_buf leaves;
    uint64_t from = 0;
    sb_evidence_file f = begin(SB_EVIDENCE_STATE, tie);
    const char *name = sb_err_name(s->refusal->code);
    sb_buf_init(&leaves);
    sb_err err = sb_tree_inclusion(s->tree, s->index, s->tree->size, s->tiles, &inclusion, fail);
    if (err == SB_OK)
        err =
            sb_tree_consistency(s->tree, s->index + 1, s->tree->size, s->tiles, &consistency, fail);
    if (err == SB_OK)
        err = first_that_fits(s, &from, fail);
    if (err == SB_OK)
        err = add_leaves(s, from, &leaves, fail);
    if (err != SB_OK)
        goto out;
    snprintf(index, sizeof index, "%llu", (unsigned long long)s->index);
    snprintf(first, sizeof first, "%llu", (unsigned long long)from);
    put(&f, SB_SECTION_INDEX, sb_slice_str(index));
    put(&f, SB_SECTION_LEAF, s->leaf);
    put(&f, SB_SECTION_NOTE, s->note);
    put_proof(&f, SB_SECTION_PROOF, &inclusion);
    put(&f, SB_SECTION_REFUSAL, sb_slice_str(name == NULL ? "?" : name));
    put(&f, SB_SECTION_COMPUTED, s->computed);
    put(&f, SB_SECTION_FROM, sb_slice_str(first));
    put(&f, SB_SECTION_LEAVES, sb_buf_slice(&leaves));
    put_proof(&f, SB_SECTION_CONSISTENCY, &consistency);
    err = finish(&f, out, fail);
out:
    sb_buf_deinit(&leaves);
    return err;
}

/* ---- promises ---- */

sb_err sb_evidence_make_promises(const sb_evidence_tie *tie, const uint8_t witness_pk[32],
                                 const sb_evidence_promise *a, const sb_evidence_promise *b,
                                 sb_buf *out, sb_fail *fail)
{
    uint8_t packed[2][SB_PROMISE_BYTES];
    sb_evidence_file f = begin(SB_EVIDENCE_PROMISES, tie);
    sb_promise_pack(a, packed[0]);
    sb_promise_pack(b, packed[1]);
    int first = memcmp(packed[0], packed[1], SB_PROMISE_BYTES) > 0;
    put(&f, SB_SECTION_WITNESS, sb_slice_of(witness_pk, 32));
    put(&f, SB_SECTION_PROMISE, sb_slice_of(packed[first], SB_PROMISE_BYTES));
    put(&f, SB_SECTION_OTHER_PROMISE, sb_slice_of(packed[!first], SB_PROMISE_BYTES));
    return finish(&f, out, fail);
}

sb_err sb_evidence_make_broken_promise(const sb_evidence_tie *tie, const uint8_t witness_pk[32],
                                       const sb_evidence_promise *promise, sb_slice note,
                                       const uint8_t root[32], const sb_proof *proof, sb_buf *out,
                                       sb_fail *fail)
{
    uint8_t packed[SB_PROMISE_BYTES];
    sb_evidence_file f = begin(SB_EVIDENCE_BROKEN_PROMISE, tie);
    sb_promise_pack(promise, packed);
    put(&f, SB_SECTION_WITNESS, sb_slice_of(witness_pk, 32));
    put(&f, SB_SECTION_PROMISE, sb_slice_of(packed, sizeof packed));
    put(&f, SB_SECTION_NOTE, note);
    if (proof != NULL) {
        put(&f, SB_SECTION_ROOT, sb_slice_of(root, 32));
        put_proof(&f, SB_SECTION_PROOF, proof);
    }
    return finish(&f, out, fail);
}
