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
 * "quorum" or "pass", cause}, SB_E_LEDGER_CHARTER_POLICY {num, den}, SB_E_LEDGER_CHARTER_SEATS
 * {count, most}, SB_E_LEDGER_CHARTER_DEADLINE {body, number of the deadline},
 * SB_E_LEDGER_CHARTER_NUMBERS {body}. */
sb_err sb_charter_check(const Sb__Charter *c, sb_arena *arena, sb_fail *fail);

#endif
