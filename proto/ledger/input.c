/* INPUT_OPEN, INPUT_RECEIVE: an input round on a case, and who has answered (§ 4). Nothing waits
 * for it: who must have answered before a decision is a condition. */
#include "proto/ledger/case_parts.h"
#include "proto/ledger/handlers.h"

/* ---- INPUT_OPEN ---- */

sb_err sb_check_input_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__InputOpen *m = (const void *)message;
    sb_row_case c;
    sb_err err = sb_case_need(s, m->case_id, &c);
    if (err != SB_OK)
        return err;
    sb_scope scope = sb_scope_body(c.body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (c.status == SB_CASE_WITHDRAWN)
        return sb_fail_set(s->fail, SB_E_LEDGER_CASE_WITHDRAWN, sb_case_label(s->arena, &c), NULL);
    if ((err = sb_asked_check(s, m->asked, m->n_asked, true)) != SB_OK)
        return err;
    return sb_due_check(s, m->due_date);
}

void sb_apply_input_open(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__InputOpen *m = (const void *)message;
    sb_row_case c;
    if (sb_case_need(s, m->case_id, &c) != SB_OK)
        return;
    sb_row_input row = {.no = sb_number_next(s->kv, SB_REF_INPUT),
                        .case_no = c.no,
                        .due_date = m->due_date,
                        .asked = (uint32_t)m->n_asked,
                        .index = s->index,
                        .asked_ms = s->now_ms};
    memcpy(row.id, s->leaf->entry.id, 32);
    sb_row_input_put(s->kv, &row);
    sb_ref_put(s->kv, row.id, SB_REF_INPUT, row.no);
    sb_row_case_input by_case = {.case_no = c.no, .input = row.no};
    sb_row_case_input_put(s->kv, &by_case);
    for (size_t i = 0; i < m->n_asked; i++) {
        sb_row_input_asked asked = {.input = row.no, .n = (uint32_t)i + 1, .id = m->asked[i]};
        sb_row_input_asked_put(s->kv, &asked);
    }
    sb_row_input_text text = {.input = row.no};
    sb_blob_set(text.sha256, &text.size, m->text);
    sb_row_input_text_put(s->kv, &text);
}

/* ---- INPUT_RECEIVE ---- */

static sb_err input_need(sb_step *s, ProtobufCBinaryData id, sb_row_input *out)
{
    sb_err err = sb_ref_need(s, id, SB_REF_INPUT, &out->no);
    if (err == SB_OK && !sb_row_input_get(s->kv, s->arena, out))
        err = SB_E_LEDGER_STATE;
    return err;
}

static bool asked_find(sb_step *s, uint32_t input, const char *id, sb_row_input_asked *out)
{
    *out = (sb_row_input_asked){.input = input};
    for (bool more = sb_row_input_asked_next(s->kv, s->arena, out, true, 1); more;
         more = sb_row_input_asked_next(s->kv, s->arena, out, false, 1))
        if (strcmp(out->id, id) == 0)
            return true;
    return false;
}

/* Does the signer hold a seat of this partner, body or appointer? */
static bool sits_for(sb_step *s, const char *id)
{
    const Sb__Charter *c = s->charter;
    uint32_t partner = sb_partner_find(c, id), body = sb_body_find(c, id);
    uint32_t appointer = sb_appointer_find(c, id);
    sb_row_place place = {.key = s->signer.no, .kind = SB_PLACE_SEAT};
    for (bool more = sb_row_place_next(s->kv, NULL, &place, true, 2); more;
         more = sb_row_place_next(s->kv, NULL, &place, false, 2)) {
        sb_row_seat seat = {.no = place.number};
        if (!sb_row_seat_get(s->kv, s->arena, &seat) ||
            !sb_key_holds_seat(s, s->signer.no, seat.no, NULL))
            continue;
        if ((partner != SB_NONE && seat.partner == partner) ||
            (body != SB_NONE && seat.body == body) ||
            (appointer != SB_NONE && seat.appointer == appointer))
            return true;
    }
    return false;
}

sb_err sb_check_input_receive(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__InputReceive *m = (const void *)message;
    sb_row_input row;
    sb_row_input_asked asked;
    sb_err err = input_need(s, m->input_id, &row);
    if (err != SB_OK)
        return err;
    sb_row_case c = {.no = row.case_no};
    (void)sb_row_case_get(s->kv, s->arena, &c);
    sb_scope scope = sb_scope_body(c.body);
    if ((err = sb_may(s, &scope)) != SB_OK)
        return err;
    if (!asked_find(s, row.no, m->from, &asked))
        return sb_fail_set(s->fail, SB_E_LEDGER_NOT_ASKED, m->from, NULL);
    if (!sb_signer_can(s, SB_CAP_SECRETARIAT, &scope) && !sb_speaks_for(s, m->from) &&
        !sits_for(s, m->from))
        return sb_fail_set(s->fail, SB_E_LEDGER_INPUT_SIGNER, m->from, NULL);
    if ((m->kind == SB__INPUT_KIND__INPUT_KIND_RECEIVED) != (m->text != NULL))
        return sb_fail_set(s->fail, SB_E_LEDGER_INPUT_TEXT, NULL);
    return sb_claim_check(s, m->claim);
}

void sb_apply_input_receive(sb_step *s, const ProtobufCMessage *message)
{
    const Sb__InputReceive *m = (const void *)message;
    sb_row_input row;
    sb_row_input_asked asked;
    if (input_need(s, m->input_id, &row) != SB_OK || !asked_find(s, row.no, m->from, &asked))
        return;
    sb_row_input_received got = {.input = row.no,
                                 .n = asked.n,
                                 .index = s->index,
                                 .kind = (uint8_t)m->kind,
                                 .at_ms = sb_claim_ms(m->claim, s->now_ms),
                                 .source = sb_claim_source(m->claim)};
    sb_blob_set(got.sha256, &got.size, m->text);
    sb_row_input_received_put(s->kv, &got);
    if (asked.kind == 0) /* the first answer says whether it came in time */
        asked.at_ms = got.at_ms;
    if (asked.kind != SB__INPUT_KIND__INPUT_KIND_RECEIVED)
        asked.kind = (uint8_t)m->kind; /* who has sent input, has */
    asked.index = s->index;
    sb_row_input_asked_put(s->kv, &asked);
}
