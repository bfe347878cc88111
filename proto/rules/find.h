/* The smallest attendance and votes for which rules come out as wanted: exact, by counting group
 * after group (RULES.md §10, §11).
 *
 * Up to four rules look at the same seats. Up to two bodies (a charter before and after) may have
 * different seats: of a partner that has n voting seats in the one and m in the other, the smaller
 * number is in both, and the rest only in the one that has more. A GROUP is a partner that a scope
 * of some rule counts; all other voting seats are one group, the rest. A group's seats are alike.
 *
 * The caller offers everything that each group may do, with what it costs; what the rules can't
 * tell apart is merged, and of that the cheapest is kept. */
#ifndef SB_RULES_FIND_H
#define SB_RULES_FIND_H

#include "proto/rules/check.h"
#include "proto/rules/eval.h"

enum {
    SB_FIND_VIEWS_MAX = 4,
    SB_FIND_BODIES_MAX = 2,
    SB_FIND_GROUPS_MAX = SB_FIND_BODIES_MAX * SB_PARTNERS_MAX + 1,
    SB_FIND_LIST_MAX = 16
};

/* One rule and the body (0 or 1) whose seats it counts. */
typedef struct sb_find_view {
    const sb_rule *rule;
    uint32_t body;
} sb_find_view;

typedef struct sb_find_group {
    sb_slice id, name; /* of the partner, the first body's name; empty: the rest */
    bool is_rest;      /* the last group, if there is one */
    bool is_whole;     /* the rest, and there is no other group */
    uint32_t members;  /* bit i: the first body's partner i; bit partner_count: seats of none */
    uint32_t both;     /* voting seats that both bodies have; with one body: all */
    uint32_t
        only[SB_FIND_BODIES_MAX]; /* … that only this one has: not 0 for both in the rest alone */
} sb_find_group;

/* What some seats do; eligible is present. 0 <= for + against + abstain <= present <= filled. */
typedef struct sb_find_act {
    uint16_t filled, present, for_, against, abstain;
} sb_find_act;

/* What a group does: its seats in both bodies, and those that one has alone. */
typedef struct sb_find_acts {
    sb_find_act both, only[SB_FIND_BODIES_MAX];
} sb_find_acts;

/* What a group does as one of the bodies counts it (seats, filled, present and the votes). */
sb_tally sb_find_group_tally(const sb_find_group *group, const sb_find_acts *acts, uint32_t body);

/* What an example shows, for goals that prefer one to another. */
enum {
    SB_FIND_SOMEBODY_PRESENT = 1,
    SB_FIND_SOMEBODY_CASTS = 2, /* votes for or against */
    SB_FIND_SILENT_GROUP = 4,   /* a group with seats, and nobody in it votes for or against */
    SB_FIND_ONLY_SEATS = 8      /* somebody comes on a seat that one body has alone */
};

typedef struct sb_find sb_find; /* one search, while it runs */

typedef struct sb_find_task {
    const sb_find_view *views; /* borrowed */
    uint32_t view_count;       /* 1 … SB_FIND_VIEWS_MAX */
    /* [1] NULL: one body. Each of at most SB_PARTNERS_MAX partners. */
    const sb_rule_shape *bodies[SB_FIND_BODIES_MAX];
    /* Call sb_find_offer for all that the group may do. */
    void (*offer)(sb_find *find, uint32_t group, const void *arg);
    /* Which rules (formulas, without suffix) hold → 0: not wanted, else a rank; the lowest rank is
     * preferred, then the lowest cost. */
    uint32_t (*goal)(const bool *held, uint32_t shows, const void *arg);
    const void *arg;
    bool all; /* count and list all the smallest; else one is enough */
} sb_find_task;

typedef struct sb_find_result {
    bool is_exact; /* false: a bound was reached, nothing else but the groups is set */
    bool found;
    uint32_t rank;
    uint64_t cost;
    bool held[SB_FIND_VIEWS_MAX]; /* of the first in the list */
    uint64_t ways;                /* how many of this rank and cost were offered */
    uint32_t group_count;
    const sb_find_group *groups; /* in the arena; partners in charter order, the rest last */
    uint32_t list_count;         /* min(ways, SB_FIND_LIST_MAX); 1 without `all` */
    const sb_find_acts *list[SB_FIND_LIST_MAX]; /* group_count each, in the arena */
} sb_find_result;

/* Rules may name partners that a body has not (their counts are 0). Bounds: two million
 * combinations in a group or of groups, 131,072 that differ, 16,383 seats, six scopes a rule. */
void sb_find_run(sb_arena *arena, const sb_find_task *task, sb_find_result *out);

/* For `offer`: */
const sb_find_group *sb_find_group_at(const sb_find *find, uint32_t group);
/* Is the word in any of the rules? */
bool sb_find_uses(const sb_find *find, sb_count word);
/* False: the bound is reached, don't go on. */
bool sb_find_offer(sb_find *find, const sb_find_acts *acts, uint64_t cost);

#endif
