/* Which outcomes a body can reach under a rule: exact, by combining partner after partner.
 *
 * A group is a partner that some scope of the rule counts; all other voting seats are one group.
 * Reachable in a group of S voting seats: 0 <= for + against + abstain <= present <= filled <= S,
 * eligible = present. Counts that the rule does not mention are not enumerated: they are set so
 * that they allow most. For each group the combinations are reduced to what the rest of the rule
 * can see: which scoped parts held, and the words that unscoped comparisons count. */
#ifndef SB_RULES_SEARCH_H
#define SB_RULES_SEARCH_H

#include "proto/rules/check.h"

typedef enum sb_search_votes {
    SB_SEARCH_ANY = 0,
    SB_SEARCH_SILENT, /* nobody votes, nobody abstains */
    SB_SEARCH_TIED    /* in every group as many for as against, and at least one vote for */
} sb_search_votes;

typedef struct sb_search_result {
    bool is_exact; /* false: the bound was reached, the rest says nothing */
    bool can_pass, can_fail;
} sb_search_result;

/* The formula alone: the suffix about an earlier meeting is taken as met. The rule must have no
 * structural errors for the shape (sb_rule_check looks first). */
sb_search_result sb_rule_search(const sb_rule *rule, const sb_rule_shape *shape,
                                sb_search_votes votes);

#endif
