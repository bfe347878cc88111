/* Evaluate a rule on counts, in exact integers (a*q op p*b; zero present never divides). */
#ifndef SB_RULES_EVAL_H
#define SB_RULES_EVAL_H

#include "proto/rules/rule.h"

/* Counts of one partner, or of all voting seats of the body. RULES.md defines the words.
 * voted and cast are given, not derived: the caller keeps voted = for + against + abstain and
 * cast = for + against (sb_tally_votes does it). */
typedef struct sb_tally {
    uint32_t seats, filled, eligible, present, voted, cast, for_, against, abstain;
} sb_tally;

/* Set for, against and abstain, and from them voted and cast. */
void sb_tally_votes(sb_tally *t, uint32_t for_, uint32_t against, uint32_t abstain);
uint32_t sb_tally_get(const sb_tally *t, sb_count c);

typedef struct sb_partner_tally {
    sb_slice id; /* charter id; each at most once */
    sb_tally tally;
} sb_partner_tally;

typedef struct sb_rule_input {
    const sb_partner_tally *partners; /* borrowed; in the order in which lines are to be reported */
    uint32_t partner_count;
    sb_tally total;         /* all voting seats, also those of no partner */
    bool discussed_earlier; /* the case was discussed in an earlier meeting of the body */
} sb_rule_input;

typedef enum sb_needed_kind {
    SB_NEEDED_AT_LEAST = 1, /* a must be needed or more (0: any number does) */
    SB_NEEDED_EXACTLY,
    SB_NEEDED_AT_MOST,
    SB_NEEDED_IMPOSSIBLE /* no whole number does, with b as it is */
} sb_needed_kind;

/* One comparison on one set of seats. */
typedef struct sb_rule_line {
    uint16_t node;    /* index in rule->nodes: op, p, q, a, b stand there */
    bool is_total;    /* over all voting seats; else over `partner` */
    bool is_known;    /* false: the rule names a partner that the input has not (counts are 0) */
    sb_slice partner; /* id; empty where is_total; borrowed from the input or the rule */
    sb_count a, b;    /* b == a where the right side is a number */
    uint32_t a_value, b_value; /* b_value: the number where the right side is one */
    sb_needed_kind needed_kind;
    uint64_t needed; /* with b_value as it is, what a_value must be */
    bool held;
} sb_rule_line;

/* One scope: how many of its partners held. */
typedef struct sb_rule_scope {
    uint16_t node;
    uint32_t partners; /* in scope */
    uint32_t held;
    uint32_t needed; /* EACH: all of them (and at least one); AT_LEAST: k */
    bool passed;
} sb_rule_scope;

/* All comparisons are reported, in the order of the text; within a scope partner by partner:
 * nothing is short-circuited. The arrays live in the arena. */
typedef struct sb_rule_result {
    bool passed;
    sb_rule_failure failure; /* what to call it when not passed (pass rules) */
    bool formula_held;       /* without the suffix */
    bool discussion_missing; /* the suffix was written and the case was not discussed */
    sb_rule_line *lines;
    uint32_t line_count;
    sb_rule_scope *scopes;
    uint32_t scope_count;
} sb_rule_result;

/* Can't fail. `each partner` without a list means every partner of the input with tally.seats > 0.
 * A scope over no partner at all does not hold. */
void sb_rule_eval(sb_arena *arena, const sb_rule *rule, const sb_rule_input *input,
                  sb_rule_result *out);

/* The part of the rule under `node`, counted on `t`, nothing reported: for searches. `scopes` by
 * node says what the scopes in it came to; NULL inside a scope. Can't fail. */
bool sb_rule_holds(const sb_rule *rule, uint16_t node, const sb_tally *t, const bool *scopes);

/* What a must be for `a op p/q of b`; fills kind and number. Exact for p, q, b below 2^32. */
sb_needed_kind sb_rule_needed(sb_rule_op op, uint32_t p, uint32_t q, uint32_t b, uint64_t *needed);

#endif
