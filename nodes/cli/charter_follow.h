/* A new charter in the order that may follow the one in force. */
#ifndef SB_CLI_CHARTER_FOLLOW_H
#define SB_CLI_CHARTER_FOLLOW_H

#include "nodes/cli/cli.h"
#include "proto/base/arena.h"
#include "proto/wire/payload.h"

/* The charter of `file` as one that may follow `now`: partners, organisations, appointers, parties,
 * bodies and offices of `now` stand first and in its order, new ones after them; bodies that the
 * file doesn't have (made by a decision, or dissolved) are kept as they are; mandates stay; and so
 * does whether it is a rehearsal. Both are borrowed. Errors: SB_E_CLI_CHARTER_GONE {what}. */
sb_err sb_charter_follow(const Sb__Charter *now, const Sb__Charter *file, sb_arena *arena,
                         Sb__Charter **out, sb_fail *fail);

#endif
