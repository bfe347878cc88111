/* What a certificate says about a case besides the vote: what was discussed earlier, the chair's
 * rulings, related cases, conditions; and what came after the close. Each _put writes one member
 * (key and value) of the open JSON object, each _text whole lines, none where there is nothing to
 * say. Only rows of the state are read (certificates are hashed), never blobs.
 *
 *   sb_case_at at = {.kv = s->kv, .arena = s->arena, .charter = s->charter,
 *                    .meeting = &c->meeting, .c = &c->c};
 *   sb_certificate_put_earlier(j, &at); …                     PROTOCOL.md "Certificates" */
#ifndef SB_LEDGER_CASE_PARTS_H
#define SB_LEDGER_CASE_PARTS_H

#include "proto/base/json.h"
#include "proto/ledger/domain.h"
#include "proto/text/text.h"

/* A case as it is treated in a meeting. All borrowed. */
typedef struct sb_case_at {
    sb_kv *kv;
    sb_arena *arena;
    const Sb__Charter *charter;
    const sb_row_meeting *meeting;
    const sb_row_case *c;
} sb_case_at;

/* "earlier": null, or {meeting, body, date, number, wording_sha256, clauses, same, difference,
 * attached_then, attached_now}: the wording last discussed in an earlier meeting, and how today's
 * differs. (wording.c's neighbour discussed.c) */
void sb_certificate_put_earlier(sb_json *j, const sb_case_at *at);
void sb_certificate_text_earlier(sb_buf *out, sb_lang lang, const sb_case_at *at);

/* "rulings": [{kind, of: case|meeting, chair, index, text_sha256}] of this case, then the meeting. */
void sb_certificate_put_rulings(sb_json *j, const sb_case_at *at);
void sb_certificate_text_rulings(sb_buf *out, sb_lang lang, const sb_case_at *at);

/* "relations": [{relation, direction: to|from, case, number, index}]. */
void sb_certificate_put_relations(sb_json *j, const sb_case_at *at);
void sb_certificate_text_relations(sb_buf *out, sb_lang lang, const sb_case_at *at);

/* "conditions": [{id, moment, kind, cite, due_date, lapses, met, met_index, parties: [{party,
 * answer, decided_by, date, reference, document_sha256, index}]}]; answer: met refused lapsed, or
 * null. */
void sb_certificate_put_conditions(sb_json *j, const sb_case_at *at);
void sb_certificate_text_conditions(sb_buf *out, sb_lang lang, const sb_case_at *at);

/* ---- after the close: members of `later`, and lines of the addendum ---- */

/* "texts": [{decided_sha256, final_sha256, note_sha256, index, at_ms}]. */
void sb_later_put_texts(sb_json *j, const sb_case_at *at, const sb_row_question *question);
void sb_later_text_texts(sb_buf *out, sb_lang lang, const sb_case_at *at,
                         const sb_row_question *question);
/* "conditions": those that were open at the close or set later, as in the certificate. */
void sb_later_put_conditions(sb_json *j, const sb_case_at *at, const sb_row_question *question);
void sb_later_text_conditions(sb_buf *out, sb_lang lang, const sb_case_at *at,
                              const sb_row_question *question);

/* ---- discussed in an earlier meeting (RULES.md) ---- */

/* The latest closed meeting other than `meeting` (0: any) where the case was discussed. */
bool sb_discussed_find(sb_kv *kv, uint32_t case_no, uint32_t meeting, sb_row_discussed *out);
bool sb_discussed_earlier(sb_kv *kv, uint32_t case_no, uint32_t meeting);
/* Does a question that closes so count as a discussion? adopted fallen no_consensus noted elected
 * tied polled. */
bool sb_outcome_discusses(Sb__Outcome outcome);
/* Write: this meeting discussed the case with its wording as it stands. */
void sb_discussed_put(sb_step *s, const sb_row_meeting *meeting, const sb_row_case *c,
                      uint32_t item, bool by_entry);

#endif
