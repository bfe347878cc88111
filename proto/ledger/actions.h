/* What adopting a case does by itself (DESIGN §5): change the charter, create, mandate or dissolve
 * a body, appoint, replace a key.
 *
 * A case's actions are part of its wording. When the question is adopted they are adopted with it;
 * each then acts at the SEAL that covers both the close and the leaf that met the last condition
 * BEFORE_EFFECT, in index order then action order, its preconditions checked again. What no longer
 * holds is dropped, with the reason. Nothing else makes an action act (DESIGN §4 nr. 2).
 *
 * A structural change makes a new whole charter, one version higher; every version stays in the
 * state. Questions that are open keep the rules and the electorate that they opened with. */
#ifndef SB_LEDGER_ACTIONS_H
#define SB_LEDGER_ACTIONS_H

#include "proto/base/json.h"
#include "proto/ledger/domain.h"

/* Numbers are stored. */
typedef enum sb_action_kind {
    SB_ACTION_CHARTER = 1,
    SB_ACTION_BODY_CREATE,
    SB_ACTION_BODY_MANDATE,
    SB_ACTION_BODY_DISSOLVE,
    SB_ACTION_APPOINT,
    SB_ACTION_KEY_REPLACE,
    SB_ACTION_ORGANISATION,
    SB_ACTION_ORGANISATION_REMOVE,
    SB_ACTION_WITNESSING
} sb_action_kind;

typedef enum sb_action_status {
    SB_ACTION_PROPOSED = 1,
    SB_ACTION_STRUCK,
    SB_ACTION_ADOPTED, /* decided, not in force: waits for conditions or for the SEAL */
    SB_ACTION_IN_FORCE,
    SB_ACTION_DROPPED /* adopted; could no longer be done when its SEAL came */
} sb_action_status;

/* ---- for QUESTION_OPEN (questions.c) ---- */

/* May this question open, as far as the case's actions go? Call it in check for every mode; NOTE
 * and POLL decide nothing and pass. Checks every action's preconditions as they are now.
 * Errors: SB_E_LEDGER_AMEND_MODE {case},
 * SB_E_LEDGER_AMEND_INVOLVE {case, cite}, SB_E_LEDGER_DRAFT_BASE, and those of ACTION_PROPOSE. */
sb_err sb_actions_check_open(sb_step *s, const sb_row_case *c, Sb__Mode mode);
/* The rule to pin as the question's pass rule, and to cite: amendment.pass for a case that changes
 * the charter, else the body's own. Borrowed from `charter`. Never NULL. */
const Sb__Rule *sb_actions_pass_rule(sb_kv *kv, const Sb__Charter *charter, uint32_t body,
                                     uint32_t case_no);

/* ---- for the close (closing.c) and for conditions (conditions.c) ---- */

/* Write: the question closed as ADOPTED; call it in the same step, after the question's row is
 * put. */
void sb_actions_adopted(sb_step *s, const sb_row_question *question);
/* Write: the last condition BEFORE_EFFECT of the case was met by this leaf, or lapsed and was
 * settled by it. Does nothing where nothing was adopted. May be called while settling. */
void sb_actions_ready(sb_step *s, uint32_t case_no);
/* The charter draft that stood among the case's actions at this leaf: its SHA-256. False: none.
 * For the certificate's `earlier`. */
bool sb_actions_draft_at(sb_kv *kv, uint32_t case_no, uint64_t index, uint8_t sha256[32]);

/* The certificate's members "actions" and its text are sb_certificate_put_actions and
 * sb_certificate_text_actions (certificate.h). */

/* ---- versions of the charter (charter_change.c) ---- */

/* The charter of this version, decoded into the arena. What is said about a question uses the
 * version that it opened with (sb_row_question.charter_version): sb_step_charter, which is the
 * step's own while that is in force.
 * Positions of partners, organisations, bodies, offices and appointers are the same in every
 * version; a seat is found with sb_seat_words. NULL: no such version, or unreadable. */
const Sb__Charter *sb_charter_of_version(sb_kv *kv, sb_arena *arena, uint32_t version);
/* The leaf at which this version came into force; version 1: 0. */
uint64_t sb_charter_since(sb_kv *kv, uint32_t version);
const Sb__Charter *sb_step_charter(sb_step *s, uint32_t version);

/* Is the body dissolved? Nothing new is then reported, called, opened or appointed to it.
 * Refusing: SB_E_LEDGER_BODY_DISSOLVED {short name}. */
bool sb_body_is_dissolved(const Sb__Charter *charter, uint32_t body);
sb_err sb_body_live_need(sb_step *s, uint32_t body);
/* Is `body` below `above` in the tree (not the same)? */
bool sb_body_is_below(const Sb__Charter *charter, uint32_t body, uint32_t above);

#endif
