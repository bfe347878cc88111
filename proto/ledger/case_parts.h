/* What is known about a case besides the vote, for certificates (certificate.h), queries, and what
 * comes after a close: what was discussed earlier, the chair's rulings, related cases, conditions,
 * finalised texts. Each _put writes one member (key and value) of the open JSON object, each _text
 * whole lines, none where there is nothing to say. Only rows of the state are read (certificates
 * are hashed), never blobs. */
#ifndef SB_LEDGER_CASE_PARTS_H
#define SB_LEDGER_CASE_PARTS_H

#include "proto/base/json.h"
#include "proto/ledger/domain.h"
#include "proto/text/text.h"

/* ---- discussed in an earlier meeting (RULES.md; § 7) ---- */

/* The latest closed meeting other than `meeting` (0: any) in which the case was discussed. */
bool sb_discussed_find(sb_kv *kv, uint32_t case_no, uint32_t meeting, sb_row_discussed *out);
bool sb_discussed_earlier(sb_kv *kv, uint32_t case_no, uint32_t meeting);
/* Does a question that closes so count as a discussion? adopted fallen no_consensus noted elected
 * tied polled; not postponed, withdrawn, not_quorate. */
bool sb_outcome_discusses(uint32_t outcome);
/* Write: this meeting discussed the case with its wording as it stands. by_entry: CASE_DISCUSS. */
void sb_discussed_put(sb_step *s, uint32_t meeting, uint32_t item, const sb_row_case *c,
                      bool by_entry);
/* "earlier" of a case as it stands, in or for `meeting`. */
void sb_earlier_put(sb_json *j, sb_kv *kv, sb_arena *arena, const Sb__Charter *charter,
                    uint32_t meeting, const sb_row_case *c);

/* ---- the members of certificates, also for queries ---- */

void sb_rulings_put(sb_json *j, sb_kv *kv, sb_arena *arena, uint32_t meeting, uint32_t case_no);
void sb_relations_put(sb_json *j, sb_kv *kv, sb_arena *arena, uint32_t case_no);
/* since_index: only conditions met or set after this leaf, for `later`; 0: all. */
void sb_conditions_put(sb_json *j, sb_kv *kv, sb_arena *arena, uint32_t case_no,
                       uint64_t since_index);

/* ---- members of `later`, and lines of its addendum ---- */

/* "texts": [{decided_sha256, final_sha256, note_sha256, index, at_ms}]. */
void sb_later_put_texts(sb_json *j, sb_kv *kv, const sb_row_question *question);
void sb_later_text_texts(sb_buf *out, sb_lang lang, sb_kv *kv, const sb_row_question *question);
/* "conditions": those that were met or set after the close, as in the certificate. */
void sb_later_put_conditions(sb_json *j, sb_kv *kv, sb_arena *arena,
                             const sb_row_question *question);
void sb_later_text_conditions(sb_buf *out, sb_lang lang, sb_kv *kv, sb_arena *arena,
                              const Sb__Charter *charter, const sb_row_question *question);

/* ---- who may be asked (conditions, input) ---- */

/* The name of a party, organisation, appointer, partner or body of the charter; NULL: no such. */
const char *sb_asked_name(const Sb__Charter *charter, const char *id, bool bodies_too);
/* Every id known and none twice. Errors: SB_E_LEDGER_ASKED_UNKNOWN, SB_E_LEDGER_ASKED_TWICE {id}.
 */
sb_err sb_asked_check(sb_step *s, char *const *ids, size_t count, bool bodies_too);
/* A day that exists and has not passed. Errors: SB_E_LEDGER_DATE_INVALID, SB_E_LEDGER_DUE_PAST. */
sb_err sb_due_check(sb_step *s, uint32_t yyyymmdd);
/* May the signer, an authority key, speak for this id: its organisation, or who hosts the
 * appointer? */
bool sb_speaks_for(sb_step *s, const char *id);

#endif
