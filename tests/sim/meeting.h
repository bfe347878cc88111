/* What members hand in during a simulation: whole meetings, signed once a process on a ledger of their
 * own and shared by all seeds (story.h). At least four organisations, three cases decided in different
 * ways, fifty entries besides the founding, attendance, deputies, a ballot that is changed and ballots
 * around a close, the same entry at two nodes, a new key in the middle, a conditional action, an erased
 * text, deadlines that pass, minutes; some change the organisations, who confirms, or a witness key.
 *
 *   const sw_story *s = meeting_of(seed);    one of MEETING_VARIANTS; all it needs is in it
 *
 * Lines carry no anchor, so that any log they fit into takes them.
 */
#ifndef SB_TESTS_SIM_MEETING_H
#define SB_TESTS_SIM_MEETING_H

#include "tests/sim/story.h"

enum {
    MEETING_VARIANTS = 6,
    MEETING_SILENCE_S = 180, /* of the charter; standbys with the keys "log-2" and "log-3" */
};

/* The same each time, made when first asked for; as long as the process runs. */
const sw_story *meeting_of(uint64_t seed);
const char *meeting_name(const sw_story *story);

#endif
