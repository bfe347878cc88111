#include "proto/evidence/decision_proof.h"

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/merkle/base64.h"
#include "proto/merkle/proof.h"

enum { VERSION = 1 };

static void add_u16(sb_buf *out, size_t value)
{
    const uint8_t bytes[2] = {(uint8_t)(value >> 8), (uint8_t)value};
    sb_buf_add(out, sb_slice_of(bytes, sizeof bytes));
}

void sb_decision_proof_write(const sb_decision_proof *p, sb_buf *out)
{
    sb_buf extra;
    const uint8_t version = VERSION, count = (uint8_t)p->seal_proof->count;
    uint8_t index[8];
    sb_writer w = sb_writer_over(index, sizeof index);
    sb_write_u64(&w, p->seal_index);
    sb_buf_init(&extra);
    sb_buf_add(&extra, sb_slice_of(&version, 1));
    add_u16(&extra, p->result.len);
    sb_buf_add(&extra, p->result);
    add_u16(&extra, p->seal.len);
    sb_buf_add(&extra, p->seal);
    sb_buf_add(&extra, sb_slice_of(index, sizeof index));
    sb_buf_add(&extra, sb_slice_of(&count, 1));
    sb_buf_add(&extra, sb_slice_of(p->seal_proof->hashes, (size_t)count * 32));
    sb_tlog_proof_write(p->result_index, p->result_proof, sb_buf_slice(&extra), p->note, out);
    sb_buf_deinit(&extra);
}

/* ---- judging ---- */

typedef struct judging {
    sb_arena *arena;
    sb_decision_verdict *out;
    sb_fail *fail;
    sb_slice result, seal;
    sb_proof seal_proof;
} judging;

static sb_err bad_extra(judging *x, const char *what)
{
    return sb_fail_set(x->fail, SB_E_DECISION_EXTRA, what, NULL);
}

static sb_err read_extra(judging *x, sb_slice base64)
{
    size_t len = 0;
    uint8_t *bytes = sb_arena_alloc(x->arena, SB_TLOG_PROOF_EXTRA_BYTES_MAX);
    if (base64.len == 0 || !sb_base64_decode(base64, bytes, SB_TLOG_PROOF_EXTRA_BYTES_MAX, &len))
        return bad_extra(x, "extra");
    sb_reader r = sb_reader_over(sb_slice_of(bytes, len));
    if (sb_read_u8(&r) != VERSION)
        return bad_extra(x, "version");
    x->result = sb_read_var16(&r);
    x->seal = sb_read_var16(&r);
    x->out->seal_index = sb_read_u64(&r);
    x->seal_proof.count = sb_read_u8(&r);
    if (x->seal_proof.count > SB_PROOF_HASHES_MAX)
        return bad_extra(x, "proof");
    for (uint32_t i = 0; i < x->seal_proof.count; i++)
        sb_read_into(&r, x->seal_proof.hashes[i].b, 32);
    return sb_reader_done(&r) ? SB_OK : bad_extra(x, "extra");
}

static bool is_included(judging *x, sb_slice leaf, uint64_t index, const sb_proof *proof)
{
    uint8_t hash[32];
    sb_leaf_hash(leaf, hash);
    return sb_verify_inclusion(hash, index, x->out->head.size, proof->hashes, proof->count,
                               x->out->head.root);
}

/* The entry's federation is the origin's: samband/<slug>/<16 hex of it>/<term>. A slug may look like
 * another federation's id. */
static bool is_ours(const judging *x, const sb_leaf *leaf)
{
    char id[18] = "/";
    sb_hex(sb_slice_of(leaf->entry.federation_id, 8), id + 1);
    const char *origin = x->out->head.origin, *term = strrchr(origin, '/');
    return term != NULL && term - origin >= 17 && memcmp(term - 17, id, 17) == 0;
}

static sb_err judge_result(judging *x, const sb_proof *proof)
{
    sb_leaf leaf;
    sb_err err = sb_leaf_open(x->result, x->arena, &leaf, NULL);
    if (err != SB_OK || leaf.entry.type != SB_ENTRY_RESULT || !is_ours(x, &leaf) ||
        !is_included(x, x->result, x->out->result_index, proof))
        return sb_fail_set(x->fail, SB_E_DECISION_RESULT, NULL);
    memcpy(x->out->federation_id, leaf.entry.federation_id, 32);
    x->out->time_ms = leaf.sequenced_at_ms;
    x->out->result = (const Sb__Result *)leaf.message;
    return SB_OK;
}

/* By the log of this very term, in the head, and over a head that contains the RESULT. */
static sb_err judge_seal(judging *x, const sb_tlog_log *log)
{
    sb_leaf leaf;
    sb_err err = sb_leaf_open(x->seal, x->arena, &leaf, NULL);
    if (err != SB_OK || leaf.entry.type != SB_ENTRY_SEAL ||
        memcmp(leaf.entry.signer_pk, log->pk, 32) != 0 ||
        memcmp(leaf.entry.federation_id, x->out->federation_id, 32) != 0)
        return sb_fail_set(x->fail, SB_E_DECISION_SEAL, "SEAL", NULL);
    if (!is_included(x, x->seal, x->out->seal_index, &x->seal_proof))
        return sb_fail_set(x->fail, SB_E_DECISION_SEAL, "proof", NULL);
    x->out->sealed_size = ((const Sb__Seal *)leaf.message)->size;
    if (x->out->sealed_size <= x->out->result_index || x->out->sealed_size > x->out->seal_index)
        return sb_fail_set(x->fail, SB_E_DECISION_SEAL, "size", NULL);
    return SB_OK;
}

sb_err sb_decision_proof_judge(sb_slice text, const sb_tlog_policy *policy, sb_arena *arena,
                               sb_decision_verdict *out, sb_fail *fail)
{
    sb_tlog_proof proof;
    judging x = {.arena = arena, .out = out, .fail = fail};
    *out = (sb_decision_verdict){.head = {.size = 0}};
    sb_err err = sb_tlog_proof_parse(text, &proof, fail);
    if (err != SB_OK)
        return err;
    bool *cosigned = SB_ARENA_ARRAY(arena, bool, policy->name_count);
    err = sb_tlog_policy_verify(policy, proof.note, arena, &out->head, cosigned, fail);
    for (uint32_t i = 0; i < policy->name_count; i++) {
        out->cosigned += cosigned[i];
        out->witnesses += !policy->names[i].is_group;
    }
    if (err == SB_OK)
        err = read_extra(&x, proof.extra_base64);
    out->result_index = proof.index;
    if (err == SB_OK)
        err = judge_result(&x, &proof.proof);
    if (err == SB_OK)
        err = judge_seal(&x, sb_tlog_policy_log(policy, out->head.origin));
    return err;
}
