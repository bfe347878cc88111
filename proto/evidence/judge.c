/* What each kind of evidence proves. */
#include <stdio.h>

#include "proto/evidence/inside.h"
#include "proto/merkle/proof.h"
#include "proto/sign/lines.h"

static sb_err no_conflict(sb_judging *x, const char *a, const char *b)
{
    return sb_fail_set(x->fail, SB_E_EVIDENCE_NO_CONFLICT, a, b, NULL);
}

/* Can `small` not be a part of `large`, a head of the same log? Sections root and proof say what
 * large contains there instead; without them their sizes must be the same. */
static sb_err heads_conflict(sb_judging *x, uint64_t small, const uint8_t small_root[32],
                             uint64_t large, const uint8_t large_root[32])
{
    const sb_evidence_file *f = &x->file;
    bool has_root = f->has[SB_SECTION_ROOT], has_proof = f->has[SB_SECTION_PROOF];
    if (has_root != has_proof || has_root != (small < large))
        return sb_evidence_malformed(x->fail, "root");
    const uint8_t *there = has_root ? f->at[SB_SECTION_ROOT].data : large_root;
    sb_proof proof = sb_section_proof(f, SB_SECTION_PROOF);
    if (has_root &&
        !sb_verify_consistency(small, there, large, large_root, proof.hashes, proof.count))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_PROOF, "proof", NULL);
    memcpy(x->out->contains, there, 32);
    return memcmp(there, small_root, 32) == 0 ? no_conflict(x, "note", "other-note") : SB_OK;
}

/* ---- conflicting heads ---- */

typedef struct both {
    sb_judging *x;
    sb_note notes[2];
    sb_checkpoint heads[2];
} both;

/* Who cosigned both heads broke the rule too: a head extends what was cosigned before it in its
 * term. */
static void convict_cosigner(void *arg, const sb_evidence_convicted *witness)
{
    both *b = arg;
    if (sb_cosignature_find(&b->notes[0], &b->heads[0], witness->pk, NULL) &&
        sb_cosignature_find(&b->notes[1], &b->heads[1], witness->pk, NULL))
        sb_convict(b->x, witness);
}

/* note and other-note, both by one log key. */
static sb_err two_notes(sb_judging *x, both *b, sb_evidence_convicted *log)
{
    static const sb_section which[] = {SB_SECTION_NOTE, SB_SECTION_OTHER_NOTE};
    b->x = x;
    for (int i = 0; i < 2; i++) {
        sb_err err = sb_tie_note(x, which[i], &b->heads[i], log);
        if (err == SB_OK)
            err = sb_note_parse(x->file.at[which[i]], &b->notes[i], x->fail);
        if (err != SB_OK)
            return err;
        sb_verdict_head(x, &b->heads[i]);
    }
    if (strcmp(b->heads[0].origin, b->heads[1].origin) != 0)
        return sb_fail_set(x->fail, SB_E_EVIDENCE_ORIGINS, b->heads[0].origin, b->heads[1].origin,
                           NULL);
    return SB_OK;
}

static sb_err judge_heads(sb_judging *x)
{
    both b;
    sb_evidence_convicted log;
    sb_err err = two_notes(x, &b, &log);
    if (err != SB_OK)
        return err;
    const sb_checkpoint *small = &b.heads[0], *large = &b.heads[1];
    if (small->size > large->size ||
        (small->size == large->size && memcmp(small->root, large->root, 32) > 0))
        return sb_evidence_malformed(x->fail, "other-note"); /* one spelling: the smaller first */
    err = heads_conflict(x, small->size, small->root, large->size, large->root);
    if (err != SB_OK)
        return err;
    sb_convict(x, &log);
    sb_tie_each_witness(x, convict_cosigner, &b);
    return SB_OK;
}

/* ---- a broken receipt ---- */

static sb_err read_index(sb_judging *x)
{
    if (!sb_decimal_parse(x->file.at[SB_SECTION_INDEX], INT64_MAX, &x->out->index))
        return sb_evidence_malformed(x->fail, "index");
    return SB_OK;
}

static bool is_included(sb_judging *x, const uint8_t hash[32], const sb_checkpoint *head,
                        sb_section section)
{
    sb_proof proof = sb_section_proof(&x->file, section);
    return sb_verify_inclusion(hash, x->out->index, head->size, proof.hashes, proof.count,
                               head->root);
}

static sb_err judge_receipt(sb_judging *x)
{
    both b;
    sb_evidence_convicted log;
    sb_entry entry;
    sb_slice leaf = x->file.at[SB_SECTION_LEAF];
    sb_err err = read_index(x);
    if (err == SB_OK)
        err = two_notes(x, &b, &log);
    if (err != SB_OK)
        return err;
    if (leaf.len > 8 &&
        sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, NULL) == SB_OK)
        x->out->type = entry.type;
    sb_leaf_hash(leaf, x->out->leaf_hash);
    memcpy(x->out->other_hash, x->file.at[SB_SECTION_OTHER_HASH].data, 32);
    if (!is_included(x, x->out->leaf_hash, &b.heads[0], SB_SECTION_PROOF))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_PROOF, "proof", NULL);
    if (!is_included(x, x->out->other_hash, &b.heads[1], SB_SECTION_OTHER_PROOF))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_PROOF, "other-proof", NULL);
    if (memcmp(x->out->leaf_hash, x->out->other_hash, 32) == 0)
        return no_conflict(x, "leaf", "other-hash");
    sb_convict(x, &log);
    return SB_OK;
}

/* ---- promises ---- */

static sb_err read_promise(sb_judging *x, sb_section section)
{
    sb_evidence_promise p;
    if (!sb_promise_unpack(x->file.at[section], &p))
        return sb_evidence_malformed(x->fail, sb_section_name(section));
    if (!sb_promise_verify(x->federation_id, &p.promise, x->file.at[SB_SECTION_WITNESS].data,
                           p.signature))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_UNSIGNED, sb_section_name(section), NULL);
    x->out->promises[x->out->promise_count++] = p.promise;
    return SB_OK;
}

static bool is_same_promise(const sb_promise *a, const sb_promise *b)
{
    return memcmp(a->log_pk, b->log_pk, 32) == 0 && sb_head_eq(&a->seal, &b->seal) &&
           sb_head_eq(&a->cosigned, &b->cosigned);
}

static sb_err judge_promises(sb_judging *x)
{
    sb_evidence_convicted who;
    sb_slice a = x->file.at[SB_SECTION_PROMISE], b = x->file.at[SB_SECTION_OTHER_PROMISE];
    sb_err err = sb_tie_witness(x, x->file.at[SB_SECTION_WITNESS].data, &who);
    if (err == SB_OK)
        err = read_promise(x, SB_SECTION_PROMISE);
    if (err == SB_OK)
        err = read_promise(x, SB_SECTION_OTHER_PROMISE);
    if (err != SB_OK)
        return err;
    if (x->out->promises[0].term != x->out->promises[1].term ||
        is_same_promise(&x->out->promises[0], &x->out->promises[1]))
        return no_conflict(x, "promise", "other-promise");
    if (memcmp(a.data, b.data, a.len) > 0)
        return sb_evidence_malformed(x->fail, "other-promise"); /* one spelling */
    sb_convict(x, &who);
    return SB_OK;
}

/* The cosigned head: later than the last that the promise names, or not a part of it? */
static sb_err beyond_promise(sb_judging *x, const sb_checkpoint *head, uint32_t term)
{
    const sb_promise *p = &x->out->promises[0];
    const sb_head *last = &p->cosigned;
    bool has_root = x->file.has[SB_SECTION_ROOT] || x->file.has[SB_SECTION_PROOF];
    if (term >= p->term || head->size == 0 || (last->size != 0 && term < last->term))
        return no_conflict(x, "promise", "note");
    if (last->size == 0 || term > last->term || head->size > last->size)
        return has_root ? sb_evidence_malformed(x->fail, "root") : SB_OK;
    return heads_conflict(x, head->size, head->root, last->size, last->root);
}

static sb_err judge_broken_promise(sb_judging *x)
{
    sb_evidence_convicted who;
    sb_checkpoint head;
    sb_note note;
    uint32_t term = 0;
    const uint8_t *pk = x->file.at[SB_SECTION_WITNESS].data;
    sb_err err = sb_tie_witness(x, pk, &who);
    if (err == SB_OK)
        err = read_promise(x, SB_SECTION_PROMISE);
    if (err == SB_OK)
        err = sb_checkpoint_parse(x->file.at[SB_SECTION_NOTE], &head, x->fail);
    if (err == SB_OK)
        err = sb_note_parse(x->file.at[SB_SECTION_NOTE], &note, x->fail);
    if (err == SB_OK)
        err = sb_tie_term(x, head.origin, &term);
    if (err != SB_OK)
        return err;
    sb_verdict_head(x, &head);
    if (!sb_cosignature_find(&note, &head, pk, NULL))
        return sb_fail_set(x->fail, SB_E_EVIDENCE_UNSIGNED, "note", NULL);
    err = beyond_promise(x, &head, term);
    if (err == SB_OK)
        sb_convict(x, &who);
    return err;
}

/* ---- any of them ---- */

sb_err sb_evidence_examine(sb_slice bytes, const sb_evidence_help *help, bool is_making,
                           sb_arena *arena, sb_evidence_verdict *out, sb_fail *fail)
{
    static const sb_evidence_help none;
    sb_judging x = {.help = help == NULL ? &none : help,
                    .is_making = is_making,
                    .arena = arena,
                    .out = out,
                    .fail = fail};
    *out = (sb_evidence_verdict){.convicted_count = 0};
    sb_err err = sb_evidence_parse(bytes, &x.file, fail);
    if (err != SB_OK)
        return err;
    out->kind = x.file.kind;
    err = sb_tie_open(&x);
    if (err != SB_OK)
        return err;
    switch (x.file.kind) {
    case SB_EVIDENCE_HEADS:
        return judge_heads(&x);
    case SB_EVIDENCE_RECEIPT:
        return judge_receipt(&x);
    case SB_EVIDENCE_STATE:
        err = read_index(&x);
        return err == SB_OK ? sb_judge_state(&x) : err;
    case SB_EVIDENCE_PROMISES:
        return judge_promises(&x);
    case SB_EVIDENCE_BROKEN_PROMISE:
        return judge_broken_promise(&x);
    }
    return sb_evidence_malformed(fail, "samband-evidence/1");
}

sb_err sb_evidence_judge(sb_slice bytes, const sb_evidence_help *help, sb_arena *arena,
                         sb_evidence_verdict *out, sb_fail *fail)
{
    return sb_evidence_examine(bytes, help, false, arena, out, fail);
}
