/* Changes of organisations, witness policy and standbys (DESIGN §4 "Quorum", §5): one at a time,
 * all that a case says of them together.
 *
 *   adopted ──> free of conditions: it waits, its organisations' witnesses may cosign ──> the SEAL
 *   that covers it, which old and new both must confirm: it acts ──> both hold ──> a SEAL of a head
 *   that contains that SEAL: the new alone
 *
 * Until it acts a quorum of the old policy can withdraw it. */
#ifndef SB_LEDGER_MEMBERSHIP_H
#define SB_LEDGER_MEMBERSHIP_H

#include "proto/ledger/action_plan.h"

/* Is it such a change? */
bool sb_action_is_membership(sb_action_kind kind);

/* ---- for action_plan.c ---- */

/* Errors: SB_E_LEDGER_MEMBERSHIP_*, SB_E_LEDGER_AMEND_MIXED, _AMEND_SAME, _KEY_INVALID, _KEY_TWICE, _STANDBY_ORDERS,
 * those of sb_charter_prepare. */
sb_err sb_plan_organisation(sb_action_plan *p, const Sb__ActionOrganisation *m);
sb_err sb_plan_remove(sb_action_plan *p, const Sb__ActionOrganisationRemove *m);
sb_err sb_plan_witnessing(sb_action_plan *p, const Sb__ActionWitnessing *m);

/* ---- for actions.c ---- */

/* Nothing of the kind is adopted and unfinished. Errors: SB_E_LEDGER_MEMBERSHIP_WAITS {case}. */
sb_err sb_membership_free_need(sb_step *s, sb_fail *fail);
/* Write: the case's is the one that is adopted. */
void sb_membership_take(sb_step *s, uint32_t case_no);
/* Is it this case's? */
bool sb_membership_is(sb_step *s, uint32_t case_no);
/* Write: it waits since this leaf; `changes` are its actions, `plan` what they make. */
void sb_membership_pend(sb_step *s, const sb_action_plan *plan,
                        const Sb__ActionPropose *const *changes, size_t count);
/* Write: what this action admits is enrolled; s->charter has it. */
void sb_membership_act(sb_step *s, const Sb__ActionPropose *m);
/* Write: given up, whether it waited or not. */
void sb_membership_end(sb_step *s);

/* ---- for policy_state.c ---- */

/* Write: it is in force, beside the old policy. */
void sb_membership_done(sb_step *s, uint32_t policy);
/* Write: the new policy holds alone; the keys of who is out are out of force. */
void sb_membership_retire(sb_step *s);

#endif
