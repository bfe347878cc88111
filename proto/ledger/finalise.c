/* TEXT_FINALISE: a text that was decided on and finished afterwards, as decided; both hashes stand
 * in the history (DESIGN §1). */
#include "proto/base/hash.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/handlers.h"
#include "proto/ledger/out.h"

static bool same_blob(const uint8_t sha256[32], const Sb__BlobRef *ref)
{
    return ref->sha256.len == 32 && memcmp(sha256, ref->sha256.data, 32) == 0;
}

/* ---- TEXT_FINALISE ---- */

/* A text of the case, or a paper of the meeting that decided, from before the close. */
static bool is_text_of(sb_kv *kv, const sb_row_question *q, const Sb__BlobRef *ref)
{
    sb_row_case_blob of_case = {.case_no = q->case_no}, of_meeting = {.meeting = q->meeting};
    memcpy(of_case.sha256, ref->sha256.data, 32);
    memcpy(of_meeting.sha256, ref->sha256.data, 32);
    return (sb_row_case_blob_get(kv, NULL, &of_case) && of_case.index < q->closed_index) ||
           (sb_row_case_blob_get(kv, NULL, &of_meeting) && of_meeting.index < q->closed_index);
}

static uint32_t count_of(sb_kv *kv, uint32_t question)
{
    uint32_t count = 0;
    sb_row_finalised row = {.question = question};
    for (bool more = sb_row_finalised_next(kv, NULL, &row, true, 1); more;
         more = sb_row_finalised_next(kv, NULL, &row, false, 1))
        count++;
    return count;
}

/* May `decided` be finalised: the final text of a chain once only, so that there is one newest. */
static bool may_finalise(sb_kv *kv, const sb_row_question *q, const Sb__BlobRef *decided)
{
    bool is_final = false;
    sb_row_finalised row = {.question = q->no};
    for (bool more = sb_row_finalised_next(kv, NULL, &row, true, 1); more;
         more = sb_row_finalised_next(kv, NULL, &row, false, 1)) {
        if (same_blob(row.decided_sha256, decided))
            return false;
        is_final |= same_blob(row.final_sha256, decided);
    }
    return is_final || is_text_of(kv, q, decided);
}

sb_err sb_check_text_finalise(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__TextFinalise *m = (const void *)message;
    sb_row_question q;
    sb_err err = sb_question_need(s, m->question_id, &q);
    if (err != SB_OK)
        return err;
    sb_row_case c = {.no = q.case_no};
    (void)sb_row_case_get(s->kv, s->arena, &c);
    sb_scope scope = sb_scope_body(q.body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    const char *label = sb_case_label(s->arena, &c);
    if (q.outcome != SB__OUTCOME__OUTCOME_ADOPTED)
        return sb_fail_set(s->fail, SB_E_LEDGER_FINALISE_OUTCOME, label, NULL);
    if (same_blob(m->decided->sha256.data, m->final))
        return sb_fail_set(s->fail, SB_E_LEDGER_FINALISE_SAME, NULL);
    if (!may_finalise(s->kv, &q, m->decided)) {
        char hex[17];
        sb_hex(sb_slice_of(m->decided->sha256.data, 8), hex);
        return sb_fail_set(s->fail, SB_E_LEDGER_FINALISE_TEXT, hex, label, NULL);
    }
    if (count_of(s->kv, q.no) >= SB_FINALISED_MAX)
        return sb_fail_set(s->fail, SB_E_LEDGER_FINALISED_MANY, label,
                           sb_arena_printf(s->arena, "%d", SB_FINALISED_MAX), NULL);
    return SB_OK;
}

void sb_apply_text_finalise(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__TextFinalise *m = (const void *)message;
    sb_row_question q;
    if (sb_question_need(s, m->question_id, &q) != SB_OK)
        return;
    sb_row_finalised row = {.question = q.no, .index = s->index, .at_ms = s->now_ms};
    sb_blob_set(row.decided_sha256, &row.decided_size, m->decided);
    sb_blob_set(row.final_sha256, &row.final_size, m->final);
    sb_blob_set(row.note_sha256, &row.note_size, m->note);
    sb_row_finalised_put(s->kv, &row);
}

static void put_hash(sb_json *j, const char *key, const uint8_t sha256[32], uint64_t size)
{
    sb_json_key(j, key);
    if (size != 0)
        sb_json_hex(j, sb_slice_of(sha256, 32));
    else
        sb_json_null(j);
}

void sb_later_put_texts(sb_json *j, sb_kv *kv, const sb_row_question *question)
{
    sb_json_key(j, "texts");
    sb_json_array(j);
    sb_row_finalised row = {.question = question->no};
    for (bool more = sb_row_finalised_next(kv, NULL, &row, true, 1); more;
         more = sb_row_finalised_next(kv, NULL, &row, false, 1)) {
        sb_json_object(j);
        put_hash(j, "decided_sha256", row.decided_sha256, row.decided_size);
        put_hash(j, "final_sha256", row.final_sha256, row.final_size);
        put_hash(j, "note_sha256", row.note_sha256, row.note_size);
        sb_out_u64(j, "index", row.index);
        sb_out_u64(j, "at_ms", row.at_ms);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_later_text_texts(sb_buf *out, sb_lang lang, sb_kv *kv, const sb_row_question *question)
{
    sb_row_finalised row = {.question = question->no};
    for (bool more = sb_row_finalised_next(kv, NULL, &row, true, 1); more;
         more = sb_row_finalised_next(kv, NULL, &row, false, 1)) {
        char before[65], after[65];
        sb_hex(sb_slice_of(row.decided_sha256, 32), before);
        sb_hex(sb_slice_of(row.final_sha256, 32), after);
        sb_buf_str(out, lang == SB_LANG_NB ? "Tekst ferdigstilt etter vedtaket, "
                                           : "Text finalised after the decision, ");
        sb_text_wire_date(out, lang, sb_yyyymmdd_of(row.at_ms));
        sb_buf_printf(out,
                      lang == SB_LANG_NB ? "\n  Vedtatt: %s\n  Ferdig: %s\n"
                                         : "\n  Decided: %s\n  Final: %s\n",
                      before, after);
    }
}
