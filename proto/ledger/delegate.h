/* DELEGATE: who is a member by virtue of office lets somebody else represent the seat (§ 3 nr. 1:
 * "ordfører eller den ordfører delegerer stemmerett til"). While a delegation is in force, whoever
 * has it is the seat's deputy, before a personal one. */
#ifndef SB_LEDGER_DELEGATE_H
#define SB_LEDGER_DELEGATE_H

#include "proto/ledger/core.h"

/* The seat's delegation in force on a date (YYYYMMDD): of those that have begun and not ended, the
 * one that began last. False: none. */
bool sb_delegate_get(sb_kv *kv, uint32_t seat, uint32_t date, sb_row_delegate *out);
/* Write: it acts at the SEAL, when who signed may still delegate. The signer's organisation enrols
 * a new key; w names the entry and its index.
 * Errors: as DELEGATE's, when something holds no longer. */
sb_err sb_delegation_act(sb_step *s, const Sb__Delegate *m, const sb_row_waiting *w,
                         const sb_row_key *signer);
/* Write: who delegated doesn't sit there any longer. */
void sb_delegations_end(sb_step *s, uint32_t seat);
/* Write: a replaced key's delegations of a seat are the new key's. */
void sb_delegations_move(sb_step *s, uint32_t seat, uint32_t from_key, uint32_t to_key);
/* Write: the key no longer sits there as a deputy, unless some row of the seat says so. */
void sb_deputy_place_drop(sb_step *s, uint32_t seat, uint32_t key);

#endif
