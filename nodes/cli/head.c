#include "nodes/cli/head.h"

#include "nodes/cli/inside.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/wire/entry.h"

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

/* The keys of those believed that cosigned the head. */
static size_t cosigners(const sb_checkpoint *head, sb_slice note, const sb_trust *trust,
                        uint8_t (*pks)[32], size_t cap)
{
    sb_note parsed;
    sb_cosignature cosignature;
    sb_fail ignored;
    size_t count = 0;
    if (sb_note_parse(note, &parsed, &ignored) != SB_OK)
        return 0;
    for (uint32_t p = 0; p < trust->policy_count; p++)
        for (uint32_t i = 0; i < trust->policies[p].name_count && count < cap; i++) {
            const sb_tlog_name *name = &trust->policies[p].names[i];
            if (!name->is_group && sb_cosignature_find(&parsed, head, name->pk, &cosignature))
                memcpy(pks[count++], name->pk, 32);
        }
    return count;
}

/* The certified head: the signature of its term's log key and a quorum's cosignatures. */
static sb_err check_certified(const sb_doc *map, const sb_trust *trust, sb_checkpoint *head,
                              uint8_t log_pk[32], sb_arena *arena, sb_fail *fail)
{
    const char *note = NULL;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_err err = sb_doc_need_text(map, "note", &note, fail);
    if (err != SB_OK)
        return err;
    const sb_trust_term *term = sb_trust_term_of(trust, sb_slice_str(note), origin);
    if (term == NULL) /* says what is wrong with it */
        err = sb_checkpoint_verify(sb_slice_str(note), trust->origin, trust->log_pk, head, fail);
    else
        err = sb_checkpoint_verify(sb_slice_str(note), origin, term->log_pk, head, fail);
    if (err != SB_OK || term == NULL)
        return err != SB_OK ? err : bad(fail, "origin");
    memcpy(log_pk, term->log_pk, 32);
    size_t cap = 2 * SB_TLOG_POLICY_NAMES_MAX;
    uint8_t(*pks)[32] = sb_arena_alloc(arena, 32 * cap);
    size_t count = cosigners(head, sb_slice_str(note), trust, pks, cap);
    return sb_trust_satisfied(trust, (const uint8_t(*)[32])pks, count, arena, fail);
}

static sb_err check_seal_cosigners(const Sb__Seal *seal, const char *origin, const sb_trust *trust,
                                   sb_arena *arena, sb_fail *fail)
{
    sb_checkpoint sealed = {.size = seal->size};
    memcpy(sealed.origin, origin, strlen(origin) + 1);
    memcpy(sealed.root, seal->root.data, 32);
    uint8_t(*pks)[32] = sb_arena_alloc(arena, 32 * (seal->n_cosignatures + 1));
    size_t count = 0;
    for (size_t c = 0; c < seal->n_cosignatures; c++)
        if (sb_seal_cosignature_holds(&sealed, seal->cosignatures[c]))
            memcpy(pks[count++], seal->cosignatures[c]->witness_pk.data, 32);
    return sb_trust_satisfied(trust, (const uint8_t(*)[32])pks, count, arena, fail);
}

static sb_err read_leaf(const char *hex, sb_arena *arena, sb_slice *leaf, sb_fail *fail)
{
    size_t len = strlen(hex) / 2;
    uint8_t *bytes = sb_arena_alloc(arena, len + 1);
    *leaf = sb_slice_of(bytes, len);
    return sb_unhex(sb_slice_str(hex), bytes, len) ? SB_OK : bad(fail, "hex");
}

/* A leaf, its place and its way to the certified head. */
static sb_err read_placed(const sb_doc *map, uint64_t *index, sb_slice *leaf, sb_hash32 *path,
                          size_t *count, sb_arena *arena, sb_fail *fail)
{
    const char *hex = NULL;
    sb_err err = sb_doc_need_u64(map, "index", 0, INT64_MAX, index, fail);
    if (err == SB_OK)
        err = sb_doc_need_text(map, "leaf", &hex, fail);
    if (err == SB_OK)
        err = sb_head_read_path(sb_doc_get(map, "proof"), path, count, fail);
    return err == SB_OK ? read_leaf(hex, arena, leaf, fail) : err;
}

/* The SEAL leaf: by the log key, confirmed by a quorum, and it stands in the certified head. */
static sb_err check_seal(const sb_doc *map, const sb_trust *trust, const sb_checkpoint *certified,
                         const uint8_t log_pk[32], sb_seen_head *sealed, sb_arena *arena,
                         sb_fail *fail)
{
    uint64_t index = 0;
    sb_slice bytes;
    sb_leaf leaf;
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    size_t count = 0;
    sb_err err = read_placed(map, &index, &bytes, path, &count, arena, fail);
    if (err == SB_OK)
        err = sb_leaf_open(bytes, arena, &leaf, fail);
    if (err != SB_OK)
        return err;
    if (leaf.entry.type != SB_ENTRY_SEAL || memcmp(leaf.entry.signer_pk, log_pk, 32) != 0)
        return bad(fail, "seal");
    if (!sb_verify_inclusion(leaf.hash, index, certified->size, path, count, certified->root))
        return bad(fail, "inclusion");
    const Sb__Seal *seal = (const Sb__Seal *)leaf.message;
    sealed->size = seal->size;
    memcpy(sealed->root, seal->root.data, 32);
    return check_seal_cosigners(seal, certified->origin, trust, arena, fail);
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

/* ---- what is believed moves on ---- */

/* HANDOVERs of terms that we don't know yet, rising; as far as those believed promised them. */
static sb_err take_handovers(const sb_doc *answer, sb_trust *trust, sb_arena *arena, sb_fail *fail)
{
    const sb_doc *list = sb_doc_get(answer, "handovers");
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && list != NULL && i < sb_doc_count(list); i++) {
        const char *hex = NULL;
        sb_slice leaf;
        err = sb_doc_text(list->items[i], &hex, fail);
        if (err == SB_OK)
            err = read_leaf(hex, arena, &leaf, fail);
        if (err == SB_OK)
            err = sb_trust_take_handover(trust, leaf, arena, fail);
    }
    return err;
}

static sb_err read_policies(const sb_doc *answer, sb_slice *texts, size_t *count, sb_fail *fail)
{
    const sb_doc *list = sb_doc_get(answer, "policies");
    *count = list == NULL ? 0 : sb_doc_count(list);
    if (*count > SB_TRUST_POLICIES_MAX)
        return bad(fail, "policies");
    sb_err err = SB_OK;
    for (uint32_t i = 0; err == SB_OK && i < *count; i++) {
        const char *text = NULL;
        err = sb_doc_text(list->items[i], &text, fail);
        if (err == SB_OK)
            texts[i] = sb_slice_str(text);
    }
    return err;
}

/* Who holds at the head that those believed before have confirmed: the node's word for it. */
static sb_err take_policies(const sb_doc *answer, sb_trust *trust, sb_arena *arena, sb_fail *fail)
{
    sb_slice texts[SB_TRUST_POLICIES_MAX];
    size_t count = 0;
    sb_err err = read_policies(answer, texts, &count, fail);
    bool is_same = count == trust->policy_count;
    for (uint32_t i = 0; err == SB_OK && is_same && i < count; i++)
        is_same = sb_slice_eq(texts[i], trust->texts[i]);
    if (err != SB_OK || count == 0 || is_same)
        return err;
    trust->changed = true;
    return sb_trust_set_policies(trust, texts, count, arena, fail);
}

/* One change of those who confirm, which stands in the certified head. */
static sb_err take_change(const sb_doc *map, sb_trust *trust, const sb_checkpoint *certified,
                          uint64_t old_size, sb_arena *arena, sb_fail *fail)
{
    sb_trust_change change = {0};
    sb_hash32 path[SB_PROOF_HASHES_MAX];
    uint64_t term = 0, index = 0;
    uint8_t hash[32];
    size_t count = 0;
    sb_err err = sb_doc_need_u64(map, "term", 1, UINT32_MAX, &term, fail);
    if (err == SB_OK)
        err = read_placed(sb_doc_get(map, "at"), &index, &change.leaf, path, &count, arena, fail);
    if (err == SB_OK)
        err = read_policies(map, change.texts, &change.text_count, fail);
    if (err != SB_OK)
        return err;
    sb_leaf_hash(change.leaf, hash);
    if (!sb_verify_inclusion(hash, index, certified->size, path, count, certified->root))
        return bad(fail, "inclusion");
    change.term = (uint32_t)term;
    return sb_trust_take_change(trust, &change, old_size, arena, fail);
}

/* From those believed, one change after the other, to those who hold at the certified head. What
 * isn't confirmed by those believed at that point is passed by: it was taken before, and in the end
 * the certified head itself must be. */
static sb_err take_changes(const sb_doc *answer, sb_trust *trust, const sb_seen_head *last,
                           sb_arena *arena, sb_fail *fail)
{
    const sb_doc *list = sb_doc_get(answer, "changes");
    const char *note = NULL;
    sb_checkpoint certified;
    if (list == NULL || sb_doc_count(list) == 0)
        return SB_OK;
    sb_err err = sb_doc_need_text(sb_doc_get(answer, "certified"), "note", &note, fail);
    if (err == SB_OK)
        err = sb_checkpoint_parse(sb_slice_str(note), &certified, fail);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        err = take_handovers(answer, trust, arena, fail);
        if (err == SB_OK || err == SB_E_CLI_QUORUM)
            err = take_change(list->items[i], trust, &certified, last->size, arena, fail);
        if (err == SB_E_CLI_QUORUM)
            err = SB_OK;
    }
    return err;
}

/* By those who were believed before, or those who hold at the certified head: a SEAL has the
 * cosignatures that were enough when it was made, and they may be fewer after a change. The head
 * that holds it is confirmed by those believed before. */
static sb_err check_seal_in(const sb_doc *answer, const sb_trust *trust,
                            const sb_checkpoint *certified, const uint8_t log_pk[32],
                            sb_seen_head *sealed, sb_arena *arena, sb_fail *fail)
{
    const sb_doc *seal = sb_doc_get(answer, "seal");
    sb_err err = check_seal(seal, trust, certified, log_pk, sealed, arena, fail);
    sb_trust next = *trust;
    if (err == SB_E_CLI_QUORUM && take_policies(answer, &next, arena, NULL) == SB_OK)
        err = check_seal(seal, &next, certified, log_pk, sealed, arena, fail);
    return err;
}

static sb_err check_all(const sb_doc *answer, sb_trust *trust, const sb_seen_head *last,
                        sb_seen_head *now, sb_arena *arena, sb_fail *fail)
{
    sb_checkpoint certified;
    sb_seen_head sealed;
    uint8_t log_pk[32];
    sb_err err = read_size_root(sb_doc_get(answer, "final"), now, fail);
    if (err == SB_OK && now->size < last->size)
        err = sb_fail_num(fail, SB_E_CLI_HEAD_SHRANK, 2, now->size, last->size);
    if (err == SB_OK)
        err = check_certified(sb_doc_get(answer, "certified"), trust, &certified, log_pk, arena,
                              fail);
    if (err == SB_OK)
        err = check_seal_in(answer, trust, &certified, log_pk, &sealed, arena, fail);
    if (err == SB_OK && (sealed.size != now->size || memcmp(sealed.root, now->root, 32) != 0))
        err = bad(fail, "final");
    if (err == SB_OK)
        err = check_growth(answer, last, now, &certified, fail);
    return err == SB_OK ? take_policies(answer, trust, arena, fail) : err;
}

static sb_err check_with(const sb_doc *answer, sb_trust *trust, const sb_seen_head *last,
                         sb_seen_head *now, sb_arena *arena, sb_fail *fail)
{
    const sb_doc *final = sb_doc_get(answer, "final");
    bool has_final = final != NULL && final->kind != SB_DOC_NULL;
    sb_err err = has_final ? take_changes(answer, trust, last, arena, fail) : SB_OK;
    if (err == SB_OK)
        err = take_handovers(answer, trust, arena, fail);
    if (err != SB_OK)
        return err;
    if (has_final)
        return check_all(answer, trust, last, now, arena, fail);
    /* A HANDOVER cut the proof off, not what it proved: the next SEAL proves it anew. */
    if (last->size > 0 && !sb_doc_true(answer, "proof_was_cut"))
        return sb_fail_num(fail, SB_E_CLI_HEAD_SHRANK, 2, 0, last->size);
    *now = *last;
    return SB_OK;
}

sb_err sb_head_check(const sb_doc *answer, sb_trust *trust, const sb_seen_head *last,
                     sb_seen_head *now, sb_arena *arena, sb_fail *fail)
{
    sb_trust next = *trust;
    sb_err err = check_with(answer, &next, last, now, arena, fail);
    if (err == SB_OK)
        *trust = next;
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
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    sb_slice note = sb_slice_of(receipt->head.data, receipt->head.len);
    const sb_trust_term *term = sb_trust_term_of(trust, note, origin);
    if (term == NULL || sb_checkpoint_verify(note, origin, term->log_pk, &head, fail) != SB_OK)
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
