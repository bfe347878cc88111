/* What a charter's author must know about a rule before it is used, and the rule in plain words. */
#ifndef SB_RULES_CHECK_H
#define SB_RULES_CHECK_H

#include "proto/rules/rule.h"

/* A body as the checker sees it: how many voting seats each partner has there. */
typedef struct sb_rule_group {
    sb_slice id;    /* charter id */
    sb_slice name;  /* shown in explanations; empty: the id is shown */
    uint32_t seats; /* voting seats; 0: a partner of the federation without a vote here */
} sb_rule_group;

typedef struct sb_rule_shape {
    const sb_rule_group *partners; /* borrowed */
    uint32_t partner_count;        /* at most SB_PARTNERS_MAX */
    uint32_t free_seats;           /* voting seats of no partner */
} sb_rule_shape;

typedef enum sb_rule_level { SB_RULE_NOTE = 1, SB_RULE_WARNING, SB_RULE_ERROR } sb_rule_level;

typedef struct sb_rule_finding {
    sb_rule_level level;
    uint32_t at;  /* byte offset in the text that was parsed */
    sb_fail fail; /* code and arguments: proto/text says it in words */
} sb_rule_finding;

enum { SB_RULE_FINDINGS_MAX = 64 };

typedef struct sb_rule_report {
    sb_rule_finding *findings; /* in the arena; structure first, then what the rule does */
    uint32_t count;
    bool has_errors;
    /* can_pass, can_fail and the tie were searched exactly over all attendances and votes; false
     * when errors stopped it or the body is too large for the bound (then a warning says so). */
    bool is_exact;
    bool can_pass, can_fail; /* only with is_exact */
} sb_rule_report;

/* Findings:
 *  error    SB_E_RULE_UNKNOWN_PARTNER, SB_E_RULE_PARTNER_TWICE, SB_E_RULE_PARTNER_NO_SEATS,
 *           SB_E_RULE_OVER_ONE, SB_E_RULE_ZERO_DENOMINATOR, SB_E_RULE_NO_PARTNERS,
 *           SB_E_RULE_TOO_FEW_PARTNERS, SB_E_RULE_NEVER_PASSES
 *  warning  SB_E_RULE_NEVER_FAILS, SB_E_RULE_SILENCE_PASSES (passes without a vote cast),
 *           SB_E_RULE_QUORUM_VOTES (a quorum rule counts votes), SB_E_RULE_QUORUM_ELSE,
 *           SB_E_RULE_NOT_SEARCHED
 *  note     SB_E_RULE_TIE_FALLS, SB_E_RULE_TIE_PASSES, SB_E_RULE_TIE_DEPENDS
 * A tie: at least one vote for or against, and as many for as against in each partner that a scope
 * of the rule counts, and among all other voting seats together.
 *
 * How never-pass, never-fail, silence and the tie are found: by an exact search over every
 * reachable combination of 0 <= for + against + abstain <= present <= filled <= seats in each
 * partner, with eligible = present; combinations that the rule can't tell apart are merged,
 * partners are combined one by one. Pass rules with the suffix are searched as if the case had been
 * discussed. */
void sb_rule_check(sb_arena *arena, const sb_rule *rule, const sb_rule_shape *shape,
                   sb_rule_report *out);

/* One or two plain sentences with the numbers of this body, e.g. "Hver av unn, kommune, fastlege og
 * bruker må ha minst halvparten av plassene representert: unn 3 av 6, kommune 3 av 6, fastlege 1 av
 * 2, bruker 1 av 2." shape may be NULL, or have no seats at all and only give names: then without
 * numbers. */
void sb_rule_explain(const sb_rule *rule, const sb_rule_shape *shape, sb_rule_lang lang,
                     sb_buf *out);

/* The same of a rule by which a body elects: for are the votes for the candidate. */
void sb_rule_explain_election(const sb_rule *rule, const sb_rule_shape *shape, sb_rule_lang lang,
                              sb_buf *out);

#endif
