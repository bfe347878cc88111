/* What each kind of action needs, and what it would make: the same check when it is proposed, when
 * its question opens and when it acts. Inside the ledger; actions.h is what others call. */
#ifndef SB_LEDGER_ACTION_PLAN_H
#define SB_LEDGER_ACTION_PLAN_H

#include "proto/ledger/charter_change.h"

/* A case's actions, one after the other: a later one may rest on an earlier (create a body, then
 * fill it), so the charter here is as it would be then. */
typedef struct sb_action_plan {
    sb_step *s;
    uint32_t body; /* that decides */
    const Sb__Charter *charter;
    sb_charter_next next;            /* what the last structural one made */
    const Sb__ActionCharter *change; /* the case's change of the charter; NULL: none */
    bool membership;                 /* it changes organisations, or replaces their keys */
    bool members;                    /* it changes organisations, policy or standbys */
    const Sb__GenesisOrganisation *admitted[SB_ACTIONS_MAX + 1];
    size_t admitted_count;
    sb_fail *fail;
} sb_action_plan;

/* Begin with the charter in force. Errors: SB_E_LEDGER_BODY_DISSOLVED. */
sb_err sb_action_plan_begin(sb_action_plan *p, sb_step *s, uint32_t body, sb_fail *fail);
/* The next action. Errors: all that actions can be refused for (PROTOCOL.md "Actions"). */
sb_err sb_action_plan_add(sb_action_plan *p, const Sb__ActionPropose *m);

sb_action_kind sb_action_kind_of(const Sb__ActionPropose *m);
/* Does it make a new version of the charter? */
bool sb_action_is_structural(sb_action_kind kind);
/* A stored action's payload, in the arena. NULL: unreadable. */
const Sb__ActionPropose *sb_action_decode(sb_arena *arena, sb_slice payload);

/* ---- drafts of the charter (charter_draft.c) ---- */

/* A draft by its entry id, whole. Errors: SB_E_LEDGER_CHARTER_DRAFT_UNKNOWN,
 * SB_E_LEDGER_DRAFT_NOT_WHOLE {parts in, parts}. */
sb_err sb_charter_draft_need(sb_step *s, ProtobufCBinaryData id, sb_row_charter_draft *out,
                             sb_fail *fail);
/* Decoded into the arena; NULL: parts are missing, or unreadable. */
const Sb__Charter *sb_charter_draft_decode(sb_kv *kv, sb_arena *arena, uint32_t draft);
/* Write: an action names it, so it stays. */
void sb_charter_draft_named(sb_kv *kv, uint32_t draft);
/* What the draft would bring over `from`, ready. Errors: those of sb_charter_prepare,
 * SB_E_LEDGER_AMEND_SAME. */
sb_err sb_charter_draft_prepare(sb_step *s, const Sb__Charter *from, const Sb__Charter *draft,
                                sb_charter_next *out, sb_fail *fail);

#endif
