/* samband-audit decision FILE --policy P: one decision, without the rest of the history. */
#include <stdio.h>

#include "nodes/auditor/commands.h"
#include "nodes/auditor/tell.h"
#include "nodes/host/file.h"
#include "nodes/host/term.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"
#include "proto/base/limits.h"
#include "proto/calendar/oslo.h"
#include "proto/evidence/decision_proof.h"

typedef struct teller {
    sb_teller tell;
    const sb_args *args;
    const sb_decision_verdict *v;
} teller;

static void say_decision(const teller *t)
{
    const Sb__Result *r = t->v->result;
    sb_lang lang = t->tell.lang;
    char moment[SB_CIVIL_TEXT_BYTES];
    (lang == SB_LANG_NB ? sb_oslo_nb : sb_oslo_en)((int64_t)t->v->time_ms, moment);
    sb_tell(&t->tell, SB_MSG_AUDIT_ID, sb_tell_hex(&t->tell, t->v->federation_id), NULL, NULL,
            NULL);
    sb_tell(&t->tell, SB_MSG_PROOF_LOG, t->v->head.origin, NULL, NULL, NULL);
    sb_tell(&t->tell, SB_MSG_PROOF_QUESTION, sb_tell_hex(&t->tell, r->question_id.data),
            sb_text_word(SB_TEXT_MODE, (uint32_t)r->mode, lang), NULL, NULL);
    sb_tell(&t->tell, SB_MSG_PROOF_OUTCOME,
            sb_text_word(SB_TEXT_OUTCOME, (uint32_t)r->outcome, lang), NULL, NULL, NULL);
    for (size_t i = 0; i < r->n_counts; i++) {
        const Sb__Count *c = r->counts[i];
        if (c->votes_for + c->votes_against + c->votes_abstain == 0)
            continue;
        sb_tell(&t->tell, SB_MSG_PROOF_COUNT,
                c->partner[0] == '\0' ? sb_text(SB_MSG_PROOF_ALL, lang) : c->partner,
                sb_tell_number(&t->tell, c->votes_for), sb_tell_number(&t->tell, c->votes_against),
                sb_tell_number(&t->tell, c->votes_abstain));
    }
    sb_tell(&t->tell, SB_MSG_AUDIT_CERTIFICATE, sb_tell_hex(&t->tell, r->certificate_sha256.data),
            NULL, NULL, NULL);
    sb_tell(&t->tell, SB_MSG_PROOF_PLACE, sb_tell_number(&t->tell, t->v->result_index),
            sb_tell_number(&t->tell, t->v->head.size), moment, NULL);
    sb_tell(&t->tell, SB_MSG_PROOF_CONFIRMED, sb_tell_number(&t->tell, t->v->cosigned),
            sb_tell_number(&t->tell, t->v->witnesses), NULL, NULL);
    sb_buf_str(t->tell.out, "\n");
    sb_tell(&t->tell, SB_MSG_PROOF_FINAL, sb_tell_number(&t->tell, t->v->sealed_size),
            sb_tell_number(&t->tell, t->v->seal_index), sb_tell_number(&t->tell, t->v->head.size),
            NULL);
    sb_tell(&t->tell, SB_MSG_PROOF_LIMITS, NULL, NULL, NULL, NULL);
}

static void tell(const teller *t, const sb_fail *fail)
{
    sb_tell(&t->tell, SB_MSG_PROOF_OF, sb_args_position(t->args, 0), NULL, NULL, NULL);
    sb_buf_str(t->tell.out, "\n");
    if (fail->code == SB_OK) {
        say_decision(t);
        return;
    }
    sb_buf words;
    sb_buf_init(&words);
    sb_text_fail(fail, t->tell.lang, &words);
    sb_tell(&t->tell, SB_MSG_PROOF_NOTHING, sb_buf_cstr(&words), NULL, NULL, NULL);
    sb_buf_deinit(&words);
}

static void put_hash(sb_json *j, const char *key, const uint8_t *hash)
{
    sb_json_key(j, key);
    sb_json_hex(j, sb_slice_of(hash, 32));
}

static void put_u64(sb_json *j, const char *key, uint64_t value)
{
    sb_json_key(j, key);
    sb_json_u64(j, value);
}

static void tell_json(const sb_decision_verdict *v, const sb_fail *fail, sb_buf *out)
{
    sb_json j;
    sb_json_begin(&j, out);
    sb_json_object(&j);
    if (fail->code == SB_OK) {
        put_hash(&j, "federation", v->federation_id);
        sb_json_key(&j, "origin");
        sb_json_cstr(&j, v->head.origin);
        put_u64(&j, "size", v->head.size);
        put_hash(&j, "root", v->head.root);
        put_hash(&j, "question", v->result->question_id.data);
        sb_json_key(&j, "mode");
        sb_json_cstr(&j, sb_text_code(SB_TEXT_MODE, (uint32_t)v->result->mode));
        sb_json_key(&j, "outcome");
        sb_json_cstr(&j, sb_text_code(SB_TEXT_OUTCOME, (uint32_t)v->result->outcome));
        put_hash(&j, "certificate_sha256", v->result->certificate_sha256.data);
        put_u64(&j, "result_index", v->result_index);
        put_u64(&j, "time_ms", v->time_ms);
        put_u64(&j, "seal_index", v->seal_index);
        put_u64(&j, "final_size", v->sealed_size);
    }
    put_u64(&j, "confirmed", v->cosigned);
    put_u64(&j, "witnesses", v->witnesses);
    sb_json_key(&j, "verdict");
    sb_json_cstr(&j, fail->code == SB_OK ? "final" : sb_err_name(fail->code));
    sb_json_end_object(&j);
    sb_buf_str(out, "\n");
}

static int judge(const sb_args *args, sb_slice proof, sb_slice policy_text, sb_arena *arena)
{
    sb_fail fail = {0};
    sb_buf out;
    sb_tlog_policy policy;
    sb_decision_verdict v = {.cosigned = 0};
    const teller t = {
        .tell = {.lang = args->lang, .arena = arena, .out = &out}, .args = args, .v = &v};
    sb_err err = sb_tlog_policy_parse(policy_text, arena, &policy, &fail);
    if (err == SB_OK)
        err = sb_decision_proof_judge(proof, &policy, arena, &v, &fail);
    sb_buf_init(&out);
    if (args->wants_json)
        tell_json(&v, &fail, &out);
    else
        tell(&t, &fail);
    sb_audit_print(args, &out);
    sb_buf_deinit(&out);
    return err == SB_OK ? SB_EXIT_OK : SB_EXIT_VERIFY;
}

int sb_audit_decision_proof(const sb_args *args)
{
    sb_arena arena;
    sb_fail fail = {0};
    sb_buf proof, policy;
    sb_arena_init(&arena);
    sb_buf_init(&proof);
    sb_buf_init(&policy);
    sb_err err = sb_file_read(sb_args_position(args, 0), SB_PROOF_FILE_BYTES_MAX, &proof, &fail);
    if (err == SB_OK)
        err = sb_file_read(sb_args_value(args, "policy"), SB_TLOG_POLICY_BYTES_MAX, &policy, &fail);
    int code = err == SB_OK ? judge(args, sb_buf_slice(&proof), sb_buf_slice(&policy), &arena)
                            : sb_term_fail(SB_AUDIT_NAME, args->lang, &fail);
    sb_buf_deinit(&proof);
    sb_buf_deinit(&policy);
    sb_arena_deinit(&arena);
    return code;
}
