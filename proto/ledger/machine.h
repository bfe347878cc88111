/* The ledger's own struct and the parts of a step; private to the core's files. Of the domain's, questions.c
 * alone reads it: for the question that the last ballot was about. */
#ifndef SB_LEDGER_MACHINE_H
#define SB_LEDGER_MACHINE_H

#include "proto/ledger/core.h"
#include "proto/ledger/handlers.h"

struct sb_ledger {
    sb_kv *state;
    sb_overlay *batch; /* over state: leaves taken since the last flush; NULL: they are in state */
    sb_overlay *step;  /* over sb_ledger_kv: the leaf being taken */
    sb_tree tree;
    uint64_t unflushed;
    bool keeps_certificates;
    sb_arena arena; /* of one step, or of one call from outside */
    sb_buf effects;

    /* Copies of rows, so that a step need not read them again. */
    sb_row_position position;
    sb_row_federation federation; /* slug lives in federation_arena; phase 0 before genesis */
    sb_arena federation_arena;
    const Sb__Charter *charter; /* in charter_arena; NULL until charter_version is decoded */
    uint32_t charter_version;
    sb_arena charter_arena;
    bool due_known; /* the next two are as the batch says */
    bool has_deadline, has_pending;
    sb_row_deadline deadline; /* the earliest */
    uint32_t pending;         /* the lowest question that awaits its RESULT */
    bool asked_known;         /* the next two are as the batch says */
    sb_row_question asked;    /* what the last ballot or objection was about */
    sb_row_case asked_case;   /* its title lives in asked_arena */
    sb_arena asked_arena;
    uint8_t counted[32]; /* the digest of the log at which the organisations were counted */
    uint32_t organisations;
};

/* After a step changed the rows behind them. */
void sb_ledger_reload_federation(sb_ledger *l);
void sb_ledger_reload_due(sb_ledger *l);
/* Decode the charter in force by `kv` (all parts are in) once per version. NULL: unreadable. A step
 * that changes the charter works with its own copy (sb_charter_enact); this one follows when the
 * leaf is taken, so that a refusal leaves it as it was. */
const Sb__Charter *sb_ledger_load_charter(sb_ledger *l, sb_kv *kv);

/* What every entry must satisfy before its handler looks at it (common.c). Fills s->signer. */
sb_err sb_common_check(sb_step *s);
/* The entry names no blob that is erased (erase.c). Errors: SB_E_LEDGER_BLOB_ERASED. */
sb_err sb_erased_check(sb_step *s);
/* Whose the blobs are that the entry names first (erase.c). */
void sb_blobs_apply(sb_step *s);
/* The entry is found by its signer and signer_seq (submissions.c). Apply only. */
void sb_submission_put(sb_step *s);
/* The signer's sequence, anchor and quotas, and the resubmission index. */
void sb_common_apply(sb_step *s);

/* A SEAL took effect, or a HANDOVER: what waited below `size` acts, and the policies move on
 * (system.c). */
void sb_sealed(sb_step *s, uint64_t size);
/* What waited below `size` acts, in index order (people.c). */
void sb_waiting_settle(sb_step *s, uint64_t size);
/* The leaf with which the term of a head of `size` leaves begins (terms.c). */
uint64_t sb_term_since(sb_kv *kv, uint64_t size);
/* An adopted action's turn at a SEAL (actions.c). False: not yet (its date hasn't come). */
bool sb_action_settle(sb_step *s, uint32_t action);
/* The case's adopted change of organisations or witnessing is dropped, for this reason (actions.c). */
void sb_membership_give_up(sb_step *s, uint32_t case_no, sb_err why);

/* ---- people.c, for delegations, and for actions that appoint and replace keys ---- */

/* The entry waits for the SEAL that covers it. */
void sb_wait_for_seal(sb_step *s);
/* No key, a new one, or a device key in force. Errors: SB_E_LEDGER_KEY_INVALID, _OTHER_USE,
 * _OUT_OF_FORCE {first hex}. */
sb_err sb_device_key_check(sb_step *s, ProtobufCBinaryData pk, sb_fail *fail);
/* The same of a key that has been checked once: whether it is a point on the curve (as dear as a
 * signature) isn't asked again. */
sb_err sb_device_key_holds(sb_step *s, ProtobufCBinaryData pk, sb_fail *fail);
/* Real dates in order; until 0: no end. Errors: SB_E_LEDGER_APPOINT_DATE, _TERM. */
sb_err sb_term_check(uint32_t from_date, uint32_t until_date, sb_fail *fail);

/* The rest of what must hold for an appointment to a place that exists: dates and key.
 * Errors: SB_E_LEDGER_APPOINT_DATE, _TERM, SB_E_LEDGER_KEY_INVALID, _OTHER_USE, _OUT_OF_FORCE. */
sb_err sb_appointment_check(sb_step *s, const Sb__Appoint *m, sb_fail *fail);
/* Write: the appointment acts. `org` enrols a new key; w names the entry and its index. */
sb_err sb_appointment_act(sb_step *s, const Sb__Appoint *m, const sb_row_waiting *w, uint32_t org);
/* Errors: SB_E_LEDGER_KEY_UNKNOWN, _OUT_OF_FORCE, _INVALID, _TWICE, _FIXED. */
sb_err sb_replacement_check(sb_step *s, const Sb__KeyReplace *m, sb_row_key *old, sb_fail *fail);
/* Write: the new key takes the old one's places: all, or those that its own organisation gave. */
sb_err sb_replacement_act(sb_step *s, const Sb__KeyReplace *m, bool all_places);

#endif
