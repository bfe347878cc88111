/* From seats, attendance and ballots to counts, and a rule's evaluation as one JSON object: what
 * `samband rules eval` does without any log (RULES.md §8). */
#ifndef SB_RULES_TALLY_H
#define SB_RULES_TALLY_H

#include "proto/base/json.h"
#include "proto/rules/eval.h"

typedef enum sb_tally_presence {
    SB_TALLY_ABSENT = 0,
    SB_TALLY_PRIMARY,
    SB_TALLY_DEPUTY,
    SB_TALLY_DISQUALIFIED /* and nobody in its place */
} sb_tally_presence;

typedef enum sb_tally_vote {
    SB_TALLY_NO_BALLOT = 0,
    SB_TALLY_FOR,
    SB_TALLY_AGAINST,
    SB_TALLY_ABSTAIN
} sb_tally_vote;

/* One voting seat. */
typedef struct sb_tally_seat {
    sb_slice id;
    sb_slice partner; /* empty: of no partner */
    bool filled;
    sb_tally_presence presence;
    sb_tally_vote vote;
    bool objects;
} sb_tally_seat;

/* Why the seat's ballot or objection is not counted: "vacant", "disqualified", "absent"; NULL when
 * it is represented. A vacant seat is not, whatever its presence says. */
const char *sb_tally_no_say(const sb_tally_seat *seat);

/* The counts of RULES.md §2; eligible is present. Partners stand in the order of their first seat,
 * in the arena; each seat is counted once. Errors: SB_E_TALLY_PARTNERS (more than SB_PARTNERS_MAX).
 */
sb_err sb_tally_count(sb_arena *arena, const sb_tally_seat *seats, uint32_t count,
                      sb_rule_input *out, sb_fail *fail);

/* Whether the case was discussed in an earlier meeting. */
typedef enum sb_tally_earlier {
    SB_TALLY_EARLIER_UNKNOWN = 0, /* taken as discussed, and the certificate says so */
    SB_TALLY_EARLIER_YES,
    SB_TALLY_EARLIER_NO
} sb_tally_earlier;

typedef struct sb_tally_case {
    const sb_tally_seat *seats; /* borrowed; ids differ */
    uint32_t count;             /* at most SB_SEATS_MAX */
    sb_tally_earlier earlier;
} sb_tally_case;

/* Evaluate and append the certificate, one canonical JSON object as RULES.md §8 lists it; *passed
 * may be NULL. Errors: as sb_tally_count. */
sb_err sb_tally_certificate(sb_arena *arena, const sb_rule *rule, const sb_tally_case *one,
                            sb_buf *out, bool *passed, sb_fail *fail);

#endif
