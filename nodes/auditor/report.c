#include "nodes/auditor/report.h"

#include "nodes/host/json_read.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"

/* ---- what was decided ---- */

static sb_err ask(sb_audit *a, const char *name, const char *arg, const sb_doc **doc, sb_fail *fail)
{
    sb_buf json;
    sb_buf_init(&json);
    sb_err err = sb_ledger_query(a->ledger, name, &arg, arg == NULL ? 0 : 1, &json, fail);
    if (err == SB_OK)
        err = sb_json_parse(name, sb_buf_slice(&json), &a->arena, doc, fail);
    sb_buf_deinit(&json);
    return err;
}

static const char *text_of(const sb_doc *map, const char *key)
{
    const sb_doc *node = sb_doc_get(map, key);
    const char *text = "";
    if (node == NULL || node->kind == SB_DOC_NULL || sb_doc_text(node, &text, NULL) != SB_OK)
        return "";
    return text;
}

/* As its last treatment left it. */
static sb_audit_case case_of(const sb_doc *c)
{
    const sb_doc *treatments = sb_doc_get(c, "treatments"), *last = NULL;
    if (treatments != NULL && treatments->kind == SB_DOC_LIST && treatments->count > 0)
        last = treatments->items[treatments->count - 1];
    return (sb_audit_case){.number = text_of(c, "number"),
                           .body = text_of(c, "body"),
                           .title = text_of(c, "title"),
                           .outcome = text_of(last, "outcome"),
                           .mode = text_of(last, "mode"),
                           .date = text_of(sb_doc_get(last, "meeting"), "date")};
}

/* By the question that was closed last: what the case was decided by in its last treatment. */
static sb_err find_objection(sb_audit *a, const sb_doc *decisions, const char *case_id,
                             sb_audit_case *out, sb_fail *fail)
{
    const sb_doc *question = NULL;
    const char *id = "";
    if (strcmp(out->mode, "consensus") != 0)
        return SB_OK;
    for (uint32_t i = 0; i < decisions->count; i++)
        if (strcmp(text_of(decisions->items[i], "case"), case_id) == 0)
            id = text_of(decisions->items[i], "question");
    sb_err err = id[0] == '\0' ? SB_OK : ask(a, "question", id, &question, fail);
    const sb_doc *ballots = sb_doc_get(question, "ballots");
    out->after_objection = ballots != NULL && ballots->kind == SB_DOC_LIST && ballots->count > 0;
    return err;
}

sb_err sb_audit_cases(sb_audit *a, const sb_audit_case **cases, size_t *count, sb_fail *fail)
{
    const sb_doc *list = NULL, *decisions = NULL;
    *cases = NULL;
    *count = 0;
    if (sb_ledger_phase_get(a->ledger) != SB_PHASE_RUNNING)
        return SB_OK;
    sb_err err = ask(a, "cases", NULL, &list, fail);
    if (err == SB_OK)
        err = ask(a, "decisions", NULL, &decisions, fail);
    if (err != SB_OK)
        return err;
    sb_audit_case *all = SB_ARENA_ARRAY(&a->arena, sb_audit_case, list->count);
    for (uint32_t i = 0; err == SB_OK && i < list->count; i++) {
        const sb_doc *one = NULL;
        err = ask(a, "case", text_of(list->items[i], "id"), &one, fail);
        if (err == SB_OK)
            all[i] = case_of(one);
        if (err == SB_OK)
            err = find_objection(a, decisions, text_of(one, "id"), &all[i], fail);
    }
    if (err != SB_OK)
        return err;
    *cases = all;
    *count = list->count;
    return SB_OK;
}

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
