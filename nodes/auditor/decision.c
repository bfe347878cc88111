/* One decision of an audited history. */
#include "nodes/auditor/report.h"
#include "nodes/host/json_read.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/base/json.h"

static uint64_t index_of(sb_slice value)
{
    sb_reader r = sb_reader_over(value);
    return sb_read_u64(&r);
}

uint64_t sb_audit_results_since(sb_audit *a, uint64_t index)
{
    uint64_t count = 0;
    sb_kv_walk result = {.kv = a->results};
    while (sb_kv_walk_next(&result))
        count += index_of(result.value) >= index;
    return count;
}

sb_err sb_audit_decision_find(sb_audit *a, const char *ref, sb_lang lang, sb_audit_decision *out,
                              sb_fail *fail)
{
    sb_buf json;
    sb_slice value;
    uint8_t id[32];
    const sb_doc *answer = NULL;
    *out = (sb_audit_decision){.ref = ref};
    sb_buf_init(&json);
    sb_err err = sb_ledger_query(a->ledger, "certificate", &ref, 1, &json, fail);
    if (err == SB_OK)
        err = sb_json_parse("certificate", sb_buf_slice(&json), &a->arena, &answer, fail);
    sb_buf_deinit(&json);
    if (err == SB_E_NOT_FOUND)
        return sb_fail_set(fail, SB_E_AUDIT_DECISION, ref, NULL);
    if (err != SB_OK)
        return err;
    out->question = sb_doc_str(answer, "question");
    out->sha256 = sb_doc_str(answer, "sha256");
    out->text = sb_doc_str(answer, lang == SB_LANG_NB ? "text_nb" : "text_en");
    if (!sb_unhex(sb_slice_str(out->question), id, 32) ||
        !sb_kv_get(a->results, sb_slice_of(id, 32), &value))
        return sb_fail_set(fail, SB_E_AUDIT_DECISION, ref, NULL);
    out->result_index = index_of(value);
    out->is_final = a->has_final && out->result_index < a->final_size;
    return SB_OK;
}

static void say(sb_buf *out, sb_lang lang, sb_msg msg, const char *argument)
{
    sb_text_format(out, lang, msg, argument, NULL);
    sb_buf_str(out, "\n");
}

void sb_audit_decision_text(sb_audit *a, const sb_audit_decision *d, sb_lang lang, sb_buf *out)
{
    const char *index = sb_arena_printf(&a->arena, "%llu", (unsigned long long)d->result_index);
    const char *final = sb_arena_printf(&a->arena, "%llu", (unsigned long long)a->final_size);
    sb_buf_str(out, "\n");
    sb_buf_str(out, d->text);
    sb_buf_str(out, "\n");
    say(out, lang, SB_MSG_AUDIT_PLACE, index);
    say(out, lang, d->is_final ? SB_MSG_AUDIT_PLACE_FINAL : SB_MSG_AUDIT_PLACE_OPEN, final);
    say(out, lang, SB_MSG_AUDIT_CERTIFICATE, d->sha256);
}

void sb_audit_decision_json(const sb_audit_decision *d, sb_buf *out)
{
    sb_json j;
    sb_json_begin(&j, out);
    sb_json_object(&j);
    sb_json_key(&j, "ref");
    sb_json_cstr(&j, d->ref);
    sb_json_key(&j, "question");
    sb_json_cstr(&j, d->question);
    sb_json_key(&j, "result_index");
    sb_json_u64(&j, d->result_index);
    sb_json_key(&j, "final");
    sb_json_bool(&j, d->is_final);
    sb_json_key(&j, "certificate_sha256");
    sb_json_cstr(&j, d->sha256);
    sb_json_key(&j, "text");
    sb_json_cstr(&j, d->text);
    sb_json_end_object(&j);
}
