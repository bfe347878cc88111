/* What a charter must satisfy beyond its form before it can rule a federation: ids unique,
 * references resolved, rules parsed, checked and canonical, a sane witness policy. The same check
 * when the charter is made and when its last part is admitted. */
#ifndef SB_LEDGER_CHARTER_CHECK_H
#define SB_LEDGER_CHARTER_CHECK_H

#include "proto/base/arena.h"
#include "proto/base/err.h"
#include "proto/wire/payload.h"

/* `c` is decoded (sb_charter_decode). Errors: SB_E_LEDGER_CHARTER_ID {list, id} (twice),
 * SB_E_LEDGER_CHARTER_REFERENCE {where, field, id} (names nothing), SB_E_LEDGER_CHARTER_RULE {body,
 * which ("quorum", "pass", "elect", "amendment", "membership"), cause}, SB_E_LEDGER_CHARTER_POLICY
 * {num, den}, SB_E_LEDGER_CHARTER_SEATS {count, most}, SB_E_LEDGER_CHARTER_DEADLINE {body, number
 * of the deadline}, SB_E_LEDGER_CHARTER_NUMBERS {body}, SB_E_LEDGER_CHARTER_ELECTION {body} (no rule
 * to elect by), SB_E_LEDGER_CHARTER_ELECTED {office, body} (which can't elect),
 * SB_E_LEDGER_CHARTER_OFFICE_NORM {office, number}, SB_E_LEDGER_CHARTER_EXTRAORDINARY {body},
 * SB_E_LEDGER_CHARTER_MANDATE {body}, SB_E_LEDGER_CHARTER_PARTIES. */
sb_err sb_charter_check(const Sb__Charter *c, sb_arena *arena, sb_fail *fail);

/* May `now` follow `then`? Numbers in the state are positions in the charter, so partners,
 * organisations, appointers, parties, bodies and offices stay where they are, by id, and new ones
 * come after them; a seat keeps its body, its partner and whether it votes. Slug, rehearsal and,
 * unless by_membership, organisations, witness policy and the membership section stay as they are;
 * nothing that was dissolved comes back; a mandate is given by a decision, not by a draft.
 * Errors: SB_E_LEDGER_SUCCEED_PLACE {list, id, place from 1}, SB_E_LEDGER_SUCCEED_FIXED {field},
 * SB_E_LEDGER_SUCCEED_SEAT {seat, field}, SB_E_LEDGER_SUCCEED_DISSOLVED {body},
 * SB_E_LEDGER_SUCCEED_MANDATE {body}. (charter_succeeds.c) */
sb_err sb_charter_succeeds(const Sb__Charter *then, const Sb__Charter *now, bool by_membership,
                           sb_fail *fail);

/* Do two charters say the same of who confirms; of the standbys and their silence? */
bool sb_charter_same_policy(const Sb__Charter *a, const Sb__Charter *b);
bool sb_charter_same_standbys(const Sb__Charter *a, const Sb__Charter *b);

#endif
