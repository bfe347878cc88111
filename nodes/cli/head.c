#include "nodes/cli/head.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/wire/entry.h"

sb_err sb_trust_of(const sb_federation *federation, uint8_t (*witnesses)[32], sb_trust *out,
                   sb_fail *fail)
{
    const Sb__Genesis *g = federation->genesis;
    const Sb__WitnessPolicy *policy = federation->charter->policy;
    *out = (sb_trust){.witness_pks = (const uint8_t(*)[32])witnesses};
    memcpy(out->log_pk, g->log_pk.data, 32);
    for (size_t i = 0; i < g->n_organisations; i++)
        memcpy(witnesses[i], g->organisations[i]->witness_pk.data, 32);
    out->organisations = (uint32_t)g->n_organisations;
    out->needed =
        (uint32_t)((uint64_t)out->organisations * policy->more_than_num / policy->more_than_den) +
        1;
    return sb_origin(g->slug, federation->federation_id, 1, out->origin, fail);
}

uint32_t sb_head_cosigners(const sb_checkpoint *head, sb_slice note, const sb_trust *trust)
{
    sb_note parsed;
    sb_cosignature cosignature;
    sb_fail ignored;
    uint32_t count = 0;
    if (sb_note_parse(note, &parsed, &ignored) != SB_OK)
        return 0;
    for (uint32_t i = 0; i < trust->organisations; i++)
        if (sb_cosignature_find(&parsed, head, trust->witness_pks[i], &cosignature))
            count++;
    return count;
}

/* ---- reading the answer ---- */

static sb_err bad(sb_fail *fail, const char *what)
{
    return sb_fail_set(fail, SB_E_CLI_HEAD_PROOF, what, NULL);
}

static sb_err read_hex32(const sb_doc *node, uint8_t out[32], sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_text(node, &text, fail);
    if (err == SB_OK && !sb_unhex(sb_slice_str(text), out, 32))
        err = bad(fail, "hex");
    return err;
}

sb_err sb_head_read_path(const sb_doc *list, sb_hash32 *out, size_t *count, sb_fail *fail)
{
    *count = 0;
    sb_err err = sb_doc_want_list(list, fail);
    if (err == SB_OK && list->count > SB_PROOF_HASHES_MAX)
        err = bad(fail, "proof");
    for (uint32_t i = 0; err == SB_OK && i < list->count; i++)
        err = read_hex32(list->items[i], out[(*count)++].b, fail);
    return err;
}

static sb_err read_size_root(const sb_doc *map, sb_seen_head *out, sb_fail *fail)
{
    sb_err err = sb_doc_need_u64(map, "size", 1, INT64_MAX, &out->size, fail);
    return err == SB_OK ? read_hex32(sb_doc_get(map, "root"), out->root, fail) : err;
}

/* ---- checking ---- */

/* The certified head: the log's signature and a quorum's cosignatures. */
static sb_err check_certified(const sb_doc *map, const sb_trust *trust, sb_checkpoint *head,
                              sb_fail *fail)
{
    const char *note = NULL;
    sb_err err = sb_doc_need_text(map, "note", &note, fail);
    if (err == SB_OK)
        err = sb_checkpoint_verify(sb_slice_str(note), trust->origin, trust->log_pk, head, fail);
    if (err != SB_OK)
        return err;
    uint32_t have = sb_head_cosigners(head, sb_slice_str(note), trust);
    if (have < trust->needed)
        return sb_fail_num(fail, SB_E_CLI_QUORUM, 2, have, trust->needed);
    return SB_OK;
}

static uint32_t seal_cosigners(const Sb__Seal *seal, const sb_trust *trust)
{
    sb_checkpoint sealed = {.size = seal->size};
    memcpy(sealed.origin, trust->origin, sizeof sealed.origin);
    memcpy(sealed.root, seal->root.data, 32);
    uint32_t count = 0;
    for (uint32_t i = 0; i < trust->organisations; i++)
        for (size_t c = 0; c < seal->n_cosignatures; c++) {
            const Sb__Cosignature *one = seal->cosignatures[c];
            sb_cosignature cosignature = {.time_s = one->time_s};
            memcpy(cosignature.sig, one->signature.data, 64);
            if (memcmp(one->witness_pk.data, trust->witness_pks[i], 32) == 0 &&
                sb_cosignature_verify(&sealed, trust->witness_pks[i], &cosignature)) {
                count++;
                break;
            }
        }
    return count;
}

/* The SEAL leaf: by the log key, confirmed by a quorum, and it stands in the certified head. */
static sb_err check_seal(const sb_doc *map, const sb_trust *trust, const sb_checkpoint *certified,
                         sb_seen_head *sealed, sb_arena *arena, sb_fail *fail)
{
    uint64_t index = 0;
    const char *hex = NULL;
    sb_leaf leaf;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    size_t count = 0;
    sb_err err = sb_doc_need_u64(map, "index", 0, INT64_MAX, &index, fail);
    if (err == SB_OK)
        err = sb_doc_need_text(map, "leaf", &hex, fail);
    if (err == SB_OK)
        err = sb_head_read_path(sb_doc_get(map, "proof"), path, &count, fail);
    if (err != SB_OK)
        return err;
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = sb_arena_alloc(arena, len);
    if (!sb_unhex(sb_slice_str(hex), bytes, len))
        return bad(fail, "hex");
    err = sb_leaf_open(sb_slice_of(bytes, len), arena, &leaf, fail);
    if (err != SB_OK)
        return err;
    if (leaf.entry.type != SB_ENTRY_SEAL || memcmp(leaf.entry.signer_pk, trust->log_pk, 32) != 0)
        return bad(fail, "seal");
    if (!sb_verify_inclusion(leaf.hash, index, certified->size, path, count, certified->root))
        return bad(fail, "inclusion");
    const Sb__Seal *seal = (const Sb__Seal *)leaf.message;
    uint32_t have = seal_cosigners(seal, trust);
    if (have < trust->needed)
        return sb_fail_num(fail, SB_E_CLI_QUORUM, 2, have, trust->needed);
    sealed->size = seal->size;
    memcpy(sealed->root, seal->root.data, 32);
    return SB_OK;
}

/* Nothing that was seen has changed: from `last` to `now`, and on to the certified head. */
static sb_err check_growth(const sb_doc *answer, const sb_seen_head *last, const sb_seen_head *now,
                           const sb_checkpoint *certified, sb_fail *fail)
{
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    size_t count = 0;
    sb_err err = SB_OK;
    if (last->size > 0) {
        err = sb_head_read_path(sb_doc_get(answer, "from_old"), path, &count, fail);
        if (err == SB_OK &&
            !sb_verify_consistency(last->size, last->root, now->size, now->root, path, count))
            err = sb_fail_num(fail, SB_E_CLI_HEAD_CONFLICT, 1, last->size, 0);
    }
    if (err == SB_OK)
        err = sb_head_read_path(sb_doc_get(answer, "to_certified"), path, &count, fail);
    if (err == SB_OK &&
        !sb_verify_consistency(now->size, now->root, certified->size, certified->root, path, count))
        err = bad(fail, "consistency");
    return err;
}

sb_err sb_head_check(const sb_doc *answer, const sb_trust *trust, const sb_seen_head *last,
                     sb_seen_head *now, sb_fail *fail)
{
    const sb_doc *final = sb_doc_get(answer, "final");
    if (final == NULL || final->kind == SB_DOC_NULL) {
        if (last->size > 0)
            return sb_fail_num(fail, SB_E_CLI_HEAD_SHRANK, 2, 0, last->size);
        *now = *last;
        return SB_OK;
    }
    sb_arena arena;
    sb_checkpoint certified;
    sb_seen_head sealed;
    sb_arena_init(&arena);
    sb_err err = read_size_root(final, now, fail);
    if (err == SB_OK && now->size < last->size)
        err = sb_fail_num(fail, SB_E_CLI_HEAD_SHRANK, 2, now->size, last->size);
    if (err == SB_OK)
        err = check_certified(sb_doc_get(answer, "certified"), trust, &certified, fail);
    if (err == SB_OK)
        err = check_seal(sb_doc_get(answer, "seal"), trust, &certified, &sealed, &arena, fail);
    if (err == SB_OK && (sealed.size != now->size || memcmp(sealed.root, now->root, 32) != 0))
        err = bad(fail, "final");
    if (err == SB_OK)
        err = check_growth(answer, last, now, &certified, fail);
    sb_arena_deinit(&arena);
    return err;
}

/* ---- receipts ---- */

void sb_receipt_leaf_hash(sb_slice entry, uint64_t time_ms, uint8_t out[32])
{
    uint8_t time[8];
    sb_buf leaf;
    sb_writer w = sb_writer_over(time, sizeof time);
    sb_write_u64(&w, time_ms);
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_writer_slice(&w));
    sb_buf_add(&leaf, entry);
    sb_leaf_hash(sb_buf_slice(&leaf), out);
    sb_buf_deinit(&leaf);
}

sb_err sb_receipt_check(const Sb__Receipt *receipt, sb_slice entry, const uint8_t id[32],
                        const sb_trust *trust, sb_fail *fail)
{
    sb_checkpoint head;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    uint8_t leaf_hash[32];
    if (receipt->entry_id.len != 32 || memcmp(receipt->entry_id.data, id, 32) != 0)
        return sb_fail_set(fail, SB_E_CLI_RECEIPT, "entry", NULL);
    if (receipt->head.len == 0)
        return SB_OK;
    if (sb_checkpoint_verify(sb_slice_of(receipt->head.data, receipt->head.len), trust->origin,
                             trust->log_pk, &head, fail) != SB_OK)
        return sb_fail_set(fail, SB_E_CLI_RECEIPT, "head", NULL);
    if (receipt->n_proof > SB_PROOF_HASHES_MAX)
        return sb_fail_set(fail, SB_E_CLI_RECEIPT, "proof", NULL);
    for (size_t i = 0; i < receipt->n_proof; i++) {
        if (receipt->proof[i].len != 32)
            return sb_fail_set(fail, SB_E_CLI_RECEIPT, "proof", NULL);
        memcpy(path[i].b, receipt->proof[i].data, 32);
    }
    sb_receipt_leaf_hash(entry, receipt->sequenced_at_ms, leaf_hash);
    if (!sb_verify_inclusion(leaf_hash, receipt->index, head.size, path, receipt->n_proof,
                             head.root))
        return sb_fail_set(fail, SB_E_CLI_RECEIPT, "inclusion", NULL);
    return SB_OK;
}
