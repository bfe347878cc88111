/* What it would take: the fewest arrivals that make a quorum, the fewest departures that undo it,
 * the fewest changed votes that turn a decision (RULES.md §11). */
#ifndef SB_RULES_SWING_H
#define SB_RULES_SWING_H

#include "proto/rules/find.h"

/* Who does what now, a tally a partner of the shape, in its order, then of the seats of no partner.
 */
typedef struct sb_swing_now {
    const sb_rule *rule;
    const sb_rule_shape *shape;
    const sb_tally *tallies;  /* partner_count + 1 */
    const uint32_t *may_come; /* filled seats that aren't there and could be; partner_count + 1 */
} sb_swing_now;

typedef struct sb_swing {
    bool is_exact;  /* false: too large to search */
    bool found;     /* false: nothing of the kind does it */
    uint32_t seats; /* how many must come, leave, or vote otherwise: no fewer do */
    uint64_t ways;  /* how many distributions of so few do it */
    uint32_t group_count;
    const sb_find_group *groups;
    const sb_tally *before;                     /* a group; only present and the votes are of use */
    uint32_t list_count;                        /* min(ways, SB_FIND_LIST_MAX) */
    const sb_find_acts *list[SB_FIND_LIST_MAX]; /* a group each: what it does then (`both`) */
} sb_swing;

/* The fewest that must come for the (quorum) rule to hold; 0 where it holds already. They come
 * without a vote. */
void sb_swing_arrivals(sb_arena *arena, const sb_swing_now *now, sb_swing *out);
/* The fewest that must leave for a rule that holds to hold no longer; 0 where it doesn't hold. A
 * rule that counts votes is not searched (is_exact false): whose vote goes isn't known. */
void sb_swing_departures(sb_arena *arena, const sb_swing_now *now, sb_swing *out);
/* The fewest seats present that must vote otherwise for the rule to come out otherwise. Who votes
 * may vote anything else; who gave no ballot may give one; nobody takes a ballot back. */
void sb_swing_votes(sb_arena *arena, const sb_swing_now *now, sb_swing *out);

/* The fewest that must vote for when every seat is filled, all come and the rest abstain. */
void sb_swing_carry(sb_arena *arena, const sb_rule *rule, const sb_rule_shape *shape,
                    sb_swing *out);

#endif
