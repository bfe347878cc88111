/* What the property tests of proto/rules share: chance from a seed, random rules over partners a, b
 * and c, everything that can happen in a small body, and the evaluator's opinion of it. */
#ifndef SB_TESTS_RULES_GEN_H
#define SB_TESTS_RULES_GEN_H

#include "proto/rules/analyse.h"
#include "proto/rules/eval.h"
#include "tests/lib/cmocka_all.h"

/* `arena` is the test's own, reset at the end of each round; `scratch` the evaluator's. */
extern sb_arena arena, scratch;

/* For cmocka_run_group_tests: both arenas. */
int rules_setup(void **state);
int rules_teardown(void **state);

extern uint64_t pick_seed; /* set at the start of each test */

/* From 0 up to but not including `below`. */
uint32_t pick(uint32_t below);

#define PICK(words) (words)[pick(sizeof(words) / sizeof *(words))]

extern const char *const rules_counts[SB_COUNTS]; /* by sb_count */
extern const char *const rules_operators[5];

/* Fails the test, telling the text, where it is no rule. */
void parse_rule(const char *text, sb_rule *rule);

/* Any rule over partners a and b, and now and then `other`; into `text` too. A quorum rule counts no
 * votes. */
void random_rule(sb_buf *text, bool quorum, const char *other, sb_rule *rule);

/* The text of a rule that counts only for upwards, over a, b and c: a vote turned into a vote for,
 * or one more vote for, can only help (for a quorum rule: one more present). */
const char *upward_rule(sb_buf *text, bool quorum);

void tally_add(sb_tally *to, const sb_tally *t);

/* All that so many seats can do, at most `most` ways. Returns the number of ways. */
uint32_t all_tallies(uint32_t seats, sb_tally *out, uint32_t most);

/* Does the formula hold on the partners and the seats of none (NULL: there are none)? */
bool rule_holds_on(const sb_rule *rule, const sb_partner_tally *partners, uint32_t count,
                   const sb_tally *of_none);

/* ---- a body of three partners and of seats of none, all of them filled ---- */

enum { RULES_PARTNERS = 3, RULES_GROUPS = RULES_PARTNERS + 1 };

typedef struct rules_body {
    sb_rule_group groups[RULES_PARTNERS]; /* a, b, c */
    sb_rule_shape shape;
    sb_analyse_seats present; /* of a quorum rule: who could come */
} rules_body;

/* At most so many seats in each group, a and b at least one; some of them are not present. */
void random_body(rules_body *b, const uint32_t most[RULES_GROUPS]);

/* Of each group: how many are there, and vote so. */
typedef struct rules_votes {
    uint32_t there[RULES_GROUPS], for_[RULES_GROUPS], against[RULES_GROUPS], abstain[RULES_GROUPS];
} rules_votes;

bool rule_holds_in(const sb_rule *rule, const rules_body *b, const rules_votes *v);

#endif
