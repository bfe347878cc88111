/* Conditions: what parties must have answered before a case can be decided, or before what was
 * decided takes effect (DESIGN §5; § 4, § 7). Acts on rows condition, condition_party. */
#ifndef SB_LEDGER_CONDITIONS_H
#define SB_LEDGER_CONDITIONS_H

#include "proto/ledger/domain.h"

/* Are all conditions of the case for this moment met? True where there are none. Deadlines are
 * settled before a leaf is checked, so the rows know what has lapsed. */
bool sb_conditions_met(sb_kv *kv, uint32_t case_no, Sb__ConditionMoment moment);
/* The same of those set before a leaf (SB_NOW: of all): what was decided waits for no condition that
 * is set later. met_index: the leaf that met the last of them (a lapse: the leaf that settled it); 0:
 * there are none. */
bool sb_conditions_met_of(sb_kv *kv, uint32_t case_no, Sb__ConditionMoment moment,
                          uint64_t set_before, uint64_t *met_index);

/* Has the case a condition of this moment and kind that asks every party of the charter, and lapses
 * only where the bylaws let it? What a charter change that overlaps the parties' agreement needs. */
bool sb_conditions_involve(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter, uint32_t case_no,
                           const Sb__Involvement *needs);

/* For QUESTION_OPEN in other modes than NOTE and POLL.
 * Errors: SB_E_LEDGER_CONDITION_OPEN {case, who hasn't answered, cite}. */
sb_err sb_conditions_check_question(sb_step *s, const sb_row_case *c);

/* Write: the deadline of a condition that lapses has passed (minutes.c sb_settle_deadline). */
void sb_condition_lapse(sb_step *s, uint32_t condition_no);

#endif
