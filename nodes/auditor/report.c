#include "nodes/auditor/report.h"

#include "proto/base/hash.h"
#include "proto/base/json.h"

/* ---- JSON ---- */

static void put_hash(sb_json *j, const char *key, const uint8_t *hash)
{
    sb_json_key(j, key);
    if (hash == NULL)
        sb_json_null(j);
    else
        sb_json_hex(j, sb_slice_of(hash, 32));
}

static void put_u64(sb_json *j, const char *key, uint64_t value)
{
    sb_json_key(j, key);
    sb_json_u64(j, value);
}

static void put_text(sb_json *j, const char *key, const char *value)
{
    sb_json_key(j, key);
    sb_json_cstr(j, value);
}

static const char *or_null(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static void put_cases(sb_audit *a, sb_json *j)
{
    const sb_audit_case *cases;
    size_t count;
    sb_json_key(j, "cases");
    sb_json_array(j);
    if (sb_audit_cases(a, &cases, &count, NULL) == SB_OK)
        for (size_t i = 0; i < count; i++) {
            sb_json_object(j);
            put_text(j, "number", or_null(cases[i].number));
            put_text(j, "body", cases[i].body);
            put_text(j, "title", cases[i].title);
            put_text(j, "outcome", or_null(cases[i].outcome));
            put_text(j, "mode", or_null(cases[i].mode));
            sb_json_end_object(j);
        }
    sb_json_end_array(j);
}

/* [{sha256, index}]: what the log has erased, by leaf. */
static void put_erased(const sb_audit *a, sb_json *j)
{
    uint64_t index = 0;
    uint8_t sha256[32];
    sb_json_key(j, "erased");
    sb_json_array(j);
    for (; a->ledger != NULL && sb_ledger_erasure_next(a->ledger, &index, sha256); index++) {
        sb_json_object(j);
        put_hash(j, "sha256", sha256);
        put_u64(j, "index", index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* Who ordered the log since which leaf, and what each HANDOVER rests on. */
static void put_terms(const sb_audit *a, sb_json *j)
{
    sb_json_key(j, "terms");
    sb_json_array(j);
    for (uint32_t i = 0; i < a->term_count; i++) {
        const sb_audit_term *t = &a->terms[i];
        sb_json_object(j);
        put_u64(j, "term", t->term);
        put_u64(j, "index", t->index);
        put_hash(j, "log_pk", t->log_pk);
        sb_json_key(j, "handover");
        if (t->term == 1) {
            sb_json_null(j);
        } else {
            sb_json_object(j);
            put_u64(j, "promises", t->promises);
            put_u64(j, "sealed_term", t->sealed.term);
            put_u64(j, "sealed_size", t->sealed.size);
            put_hash(j, "sealed_root", t->sealed.root);
            sb_json_end_object(j);
        }
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

static void put_failure(sb_json *j, const char *key, const sb_fail *failed)
{
    sb_buf words;
    sb_json_key(j, key);
    if (failed->code == SB_OK) {
        sb_json_null(j);
        return;
    }
    sb_buf_init(&words);
    sb_text_fail(failed, SB_LANG_EN, &words);
    sb_json_object(j);
    put_text(j, "code", sb_err_name(failed->code));
    sb_json_key(j, "args");
    sb_json_array(j);
    for (uint32_t i = 0; i < failed->argc; i++)
        sb_json_cstr(j, failed->arg[i]);
    sb_json_end_array(j);
    put_text(j, "message", sb_buf_cstr(&words));
    sb_json_end_object(j);
    sb_buf_deinit(&words);
}

void sb_audit_json(sb_audit *a, const sb_fail *failed, sb_slice decision, sb_buf *out)
{
    sb_json j;
    sb_ledger_position at;
    sb_ledger_position_get(a->ledger, &at);
    sb_json_begin(&j, out);
    sb_json_object(&j);
    put_hash(&j, "federation", a->has_federation ? a->federation.federation_id : NULL);
    put_text(&j, "origin", a->origin[0] == '\0' ? NULL : a->origin);
    sb_json_key(&j, "rehearsal");
    sb_json_bool(&j, a->has_federation && a->federation.charter->rehearsal);
    put_u64(&j, "size", at.size);
    put_hash(&j, "root", at.root);
    put_hash(&j, "digest", at.digest);
    sb_json_key(&j, "final");
    sb_json_bool(&j, a->is_all_final);
    put_u64(&j, "final_size", a->final_size);
    put_hash(&j, "final_root", a->has_final ? a->final_root : NULL);
    put_u64(&j, "confirmed", a->cosigners);
    put_u64(&j, "needed", a->needed);
    put_u64(&j, "organisations", a->organisations);
    put_cases(a, &j);
    put_u64(&j, "blobs_named", a->blobs_named);
    put_u64(&j, "blobs_held", a->blobs_held);
    put_erased(a, &j);
    put_u64(&j, "earlier_checkpoints", a->sealed_heads);
    put_terms(a, &j);
    put_u64(&j, "from_size", a->from_size);
    put_u64(&j, "results_since", a->from_size > 0 ? sb_audit_results_since(a, a->from_size) : 0);
    sb_json_key(&j, "decision");
    if (decision.len > 0)
        sb_json_raw(&j, decision);
    else
        sb_json_null(&j);
    put_text(&j, "verdict", failed->code == SB_OK ? "ok" : sb_err_name(failed->code));
    put_failure(&j, "failure", failed);
    put_failure(&j, "cause", &a->cause);
    sb_json_end_object(&j);
    sb_buf_str(out, "\n");
}
