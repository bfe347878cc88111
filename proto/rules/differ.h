/* Do two rules mean the same, each in its own body? If not, a smallest example (RULES.md §10). */
#ifndef SB_RULES_DIFFER_H
#define SB_RULES_DIFFER_H

#include "proto/rules/find.h"

/* One side: before, or after. */
typedef struct sb_differ_side {
    const sb_rule *rule;   /* NULL: no rule, which holds always (a quorum rule alone) */
    const sb_rule *quorum; /* where a pass rule is compared; NULL: none, or not looked at */
    const sb_rule_shape *shape;
} sb_differ_side;

typedef enum sb_differ_verdict {
    SB_DIFFER_SAME = 0, /* every attendance and vote comes out alike on both sides */
    SB_DIFFER_UNQUORATE, /* … in all meetings with a quorum on both sides; the example is another */
    SB_DIFFER_SILENT,    /* only where nobody votes for or against (quorum: where nobody comes) */
    SB_DIFFER_DIFFERS,
    SB_DIFFER_NOT_SEARCHED /* too large to search; nothing is known but the two flags */
} sb_differ_verdict;

typedef struct sb_differ_result {
    sb_differ_verdict verdict; /* of the formulas */
    bool discussion_differs;   /* the suffix stands on one side alone */
    bool failure_differs;      /* what it is called when it fails */
    bool quorum_left_out;      /* with the quorum it was too large: searched without */
    bool held[2];              /* in the example: the formula of each side */
    bool quorate[2];           /* … and its quorum */
    uint32_t group_count;
    const sb_find_group *groups;
    const sb_find_acts *example; /* one a group; NULL where there is none */
} sb_differ_result;

/* Exact over every 0 <= for + against + abstain <= present <= filled <= seats in each group, within
 * the bounds of find.h. Preferred as an example of a pass rule: a meeting with a quorum on both sides;
 * there, one where in every group somebody votes for or against, else where anybody does; of a
 * quorum rule: one where somebody comes; then one without the seats that one side has alone. Of the
 * preferred ones the example has the fewest present, then the fewest that vote or abstain, the
 * fewest that abstain, the fewest vacant seats. What no rule counts is filled in as people would
 * expect: all seats filled, who is present and isn't counted votes against. The rules must have no structural errors for their shapes (sb_rule_check). */
void sb_rule_differ(sb_arena *arena, const sb_differ_side sides[2], sb_differ_result *out);

/* Equal in meaning altogether: the formulas, the suffix and the name of the failure. */
bool sb_differ_is_same(const sb_differ_result *result);

#endif
