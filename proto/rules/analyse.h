/* Who decides and who can stop a decision, worked out from a rule and a body's seats (RULES.md §9).
 *
 * A choice of seats is given as a number a group: the partners of the shape in their order, then the
 * voting seats of no partner. Every seat is filled. Of each group `present` are there; of these
 *   pass rule    the chosen vote for, all others present vote against;
 *   quorum rule  the chosen are there, the others stay away (then `present` is who could come).
 * The formula alone counts: the suffix about an earlier meeting is taken as met.
 *
 * WINNING: the chosen make the rule hold. BLOCKING: the chosen vote against (stay away), all others
 * present vote for (come), and the rule doesn't hold. A choice is minimal when it wins (blocks) and
 * no longer does without any one of its seats. Where one more `for` never harms, as in all bylaws we
 * have seen, that means that no smaller choice does, and a blocking one blocks whatever the others
 * do. */
#ifndef SB_RULES_ANALYSE_H
#define SB_RULES_ANALYSE_H

#include "proto/rules/check.h"

enum {
    SB_ANALYSE_SEATS_MAX = 64,
    SB_ANALYSE_PARTNERS_MAX = 8, /* partners with voting seats */
    SB_ANALYSE_GROUPS_MAX = SB_PARTNERS_MAX + 1,
    SB_ANALYSE_SCOPES_MAX = 6,
    SB_ANALYSE_LIST_MAX = 16
};

typedef enum sb_analyse_side { SB_ANALYSE_WINNING = 0, SB_ANALYSE_BLOCKING } sb_analyse_side;

/* How many are there of each group; entries past partner_count + 1 are not looked at. */
typedef struct sb_analyse_seats {
    uint32_t of[SB_ANALYSE_GROUPS_MAX];
} sb_analyse_seats;

/* Everybody. */
void sb_analyse_all(const sb_rule_shape *shape, sb_analyse_seats *out);

/* Does the rule hold when these choose one side? Nothing above present->of is read. The rule must
 * have no structural errors for the shape (sb_rule_check), the shape at most SB_PARTNERS_MAX
 * partners. */
bool sb_analyse_holds(const sb_rule *rule, const sb_rule_shape *shape,
                      const sb_analyse_seats *present, const sb_analyse_seats *chosen);

typedef struct sb_analyse_block {
    uint32_t least; /* how many of the group can block alone; 0: none can, not even all of them */
    bool whole;     /* the whole group together blocks */
} sb_analyse_block;

typedef struct sb_analyse_blocks {
    bool can_hold; /* it holds when everybody present is for; else nobody is needed to block */
    sb_analyse_block of[SB_ANALYSE_GROUPS_MAX];
} sb_analyse_blocks;

/* Per group the smallest number that blocks alone; nobody blocks where can_hold is false. */
void sb_analyse_block_alone(const sb_rule *rule, const sb_rule_shape *shape,
                            const sb_analyse_seats *present, sb_analyse_blocks *out);

typedef struct sb_analyse_minimal {
    bool is_exact;  /* false: over the limits above, nothing else is set */
    uint64_t kinds; /* minimal choices, seats of one group being alike */
    uint64_t sets;  /* minimal choices, each seat counted for itself */
    /* The first min(kinds, SB_ANALYSE_LIST_MAX), fewest of the first group first. */
    uint32_t list_count;
    sb_analyse_seats list[SB_ANALYSE_LIST_MAX];
} sb_analyse_minimal;

/* All minimal choices, counted group by group: choices that the rule can't tell apart are one. */
void sb_analyse_minimal_choices(const sb_rule *rule, const sb_rule_shape *shape,
                                const sb_analyse_seats *present, sb_analyse_side side,
                                sb_analyse_minimal *out);

/* A pass rule that counts present, eligible, voted or cast: how many it takes falls with how many
 * are there. */
bool sb_analyse_counts_presence(const sb_rule *rule);

#endif
