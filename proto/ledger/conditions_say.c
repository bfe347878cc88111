/* Conditions in certificates, and what has come after the close. */
#include "proto/ledger/case_parts.h"
#include "proto/ledger/certificate.h"
#include "proto/ledger/conditions.h"
#include "proto/ledger/out.h"

static const char *answer_code(const sb_row_condition *row, const sb_row_condition_party *party)
{
    if (party->answer == 0)
        return row->lapsed ? "lapsed" : NULL;
    return sb_text_code(SB_TEXT_CONDITION_ANSWER, party->answer);
}

static void put_parties(sb_json *j, sb_kv *kv, sb_arena *arena, const sb_row_condition *row)
{
    sb_json_key(j, "parties");
    sb_json_array(j);
    sb_row_condition_party party = {.condition = row->no};
    for (bool more = sb_row_condition_party_next(kv, arena, &party, true, 1); more;
         more = sb_row_condition_party_next(kv, arena, &party, false, 1)) {
        sb_json_object(j);
        sb_out_str(j, "party", party.id);
        sb_out_str(j, "answer", answer_code(row, &party));
        sb_out_some(j, "decided_by", party.decided_by);
        sb_out_date(j, "date", party.date);
        sb_out_some(j, "reference", party.reference);
        sb_json_key(j, "document_sha256");
        if (party.document_size != 0)
            sb_json_hex(j, sb_slice_of(party.document_sha256, 32));
        else
            sb_json_null(j);
        sb_out_index(j, "index", party.answer != 0, party.index);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

/* Met or set after this leaf? */
static bool is_since(const sb_row_condition *row, uint64_t index)
{
    return row->index > index || (row->unmet == 0 && row->met_index > index);
}

void sb_conditions_put(sb_json *j, sb_kv *kv, sb_arena *arena, uint32_t case_no,
                       uint64_t since_index)
{
    sb_json_key(j, "conditions");
    sb_json_array(j);
    sb_row_case_condition at = {.case_no = case_no};
    for (bool more = sb_row_case_condition_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_condition_next(kv, NULL, &at, false, 1)) {
        sb_row_condition row = {.no = at.condition};
        if (!sb_row_condition_get(kv, arena, &row) ||
            (since_index != 0 && !is_since(&row, since_index)))
            continue;
        sb_json_object(j);
        sb_out_hash(j, "id", row.id);
        sb_out_str(j, "moment", sb_text_code(SB_TEXT_CONDITION_MOMENT, row.moment));
        sb_out_str(j, "kind", sb_text_code(SB_TEXT_CONDITION_KIND, row.kind));
        sb_out_str(j, "cite", row.cite);
        sb_out_date(j, "due_date", row.due_date);
        sb_out_bool(j, "lapses", row.lapses);
        sb_out_u64(j, "index", row.index);
        sb_out_bool(j, "met", row.unmet == 0);
        sb_out_index(j, "met_index", row.unmet == 0, row.met_index);
        put_parties(j, kv, arena, &row);
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}

void sb_certificate_put_conditions(sb_json *j, const sb_certificate *c)
{
    sb_conditions_put(j, c->kv, c->arena, c->c.no, 0);
}

void sb_later_put_conditions(sb_json *j, sb_kv *kv, sb_arena *arena,
                             const sb_row_question *question)
{
    sb_conditions_put(j, kv, arena, question->case_no, question->closed_index);
}

/* ---- words ---- */

static const char *word(sb_lang lang, const char *nb, const char *en)
{
    return lang == SB_LANG_NB ? nb : en;
}

/* "  Karlsøy kommune: samtykket, kommunestyret 11.02.2022, sak 12/22" */
static void text_party(sb_buf *out, sb_lang lang, const Sb__Charter *charter,
                       const sb_row_condition *row, const sb_row_condition_party *party)
{
    const char *name = sb_asked_name(charter, party->id, false);
    sb_buf_printf(out, "  %s: ", name != NULL ? name : party->id);
    if (party->answer == 0) {
        sb_buf_printf(out, "%s\n",
                      row->lapsed
                          ? word(lang, "har ikke svart innen fristen, og det regnes som oppfylt",
                                 "gave no answer by the due date, which counts as met")
                          : word(lang, "har ikke svart", "has not answered"));
        return;
    }
    bool met = party->answer == SB__CONDITION_ANSWER__CONDITION_ANSWER_MET;
    sb_buf_printf(out, "%s, %s ",
                  met ? sb_text_word(SB_TEXT_CONDITION_KIND, row->kind, lang)
                      : sb_text_word(SB_TEXT_CONDITION_ANSWER, party->answer, lang),
                  party->decided_by);
    sb_text_wire_date_short(out, lang, party->date);
    if (party->reference[0] != '\0')
        sb_buf_printf(out, ", %s", party->reference);
    sb_buf_str(out, "\n");
}

static void text_condition(sb_buf *out, sb_lang lang, sb_kv *kv, sb_arena *arena,
                           const Sb__Charter *charter, const sb_row_condition *row)
{
    sb_buf_printf(out, "%s (%s), %s: ", word(lang, "Vilkår", "Condition"),
                  sb_text_word(SB_TEXT_CONDITION_MOMENT, row->moment, lang), row->cite);
    sb_buf_str(out, row->unmet == 0 ? word(lang, "oppfylt", "met")
                                    : word(lang, "ikke oppfylt", "not met"));
    if (row->due_date != 0) {
        sb_buf_printf(out, ", %s ", word(lang, "frist", "due"));
        sb_text_wire_date_short(out, lang, row->due_date);
    }
    sb_buf_str(out, "\n");
    sb_row_condition_party party = {.condition = row->no};
    for (bool more = sb_row_condition_party_next(kv, arena, &party, true, 1); more;
         more = sb_row_condition_party_next(kv, arena, &party, false, 1))
        text_party(out, lang, charter, row, &party);
}

static void text_all(sb_buf *out, sb_lang lang, sb_kv *kv, sb_arena *arena,
                     const Sb__Charter *charter, uint32_t case_no, uint64_t since_index)
{
    sb_row_case_condition at = {.case_no = case_no};
    for (bool more = sb_row_case_condition_next(kv, NULL, &at, true, 1); more;
         more = sb_row_case_condition_next(kv, NULL, &at, false, 1)) {
        sb_row_condition row = {.no = at.condition};
        if (sb_row_condition_get(kv, arena, &row) &&
            (since_index == 0 || is_since(&row, since_index)))
            text_condition(out, lang, kv, arena, charter, &row);
    }
}

void sb_certificate_text_conditions(const sb_certificate *c, sb_lang lang, sb_buf *out)
{
    text_all(out, lang, c->kv, c->arena, c->charter, c->c.no, 0);
}

void sb_later_text_conditions(sb_buf *out, sb_lang lang, sb_kv *kv, sb_arena *arena,
                              const Sb__Charter *charter, const sb_row_question *question)
{
    text_all(out, lang, kv, arena, charter, question->case_no, question->closed_index);
}
