/* The same or other votes under the same or other rules, side by side. */
#ifndef SB_CLI_RULES_TABLE_H
#define SB_CLI_RULES_TABLE_H

#include "nodes/cli/inside.h"
#include "proto/rules/eval.h"
#include "proto/rules/tally.h"

enum { SB_COLUMNS_MAX = 8 };

/* What one rule comes to on a column's votes. */
typedef struct sb_column_rule {
    const sb_rule *rule; /* NULL: none */
    sb_rule_result result;
    bool held;               /* also without an objection that stops it */
    const char *certificate; /* JSON, RULES.md §8 */
} sb_column_rule;

typedef struct sb_column {
    /* Set by the caller. */
    const char *name;
    const sb_rule *quorum_rule, *pass_rule; /* NULL: none */
    const sb_tally_case *votes;
    bool by_consensus; /* without ballots the pass rule isn't asked, only whether anybody objects */
    /* Set by sb_columns_judge. */
    sb_column_rule quorum, pass;
    sb_rule_input counts;
    bool has_ballots, has_objections; /* of those present */
    bool quorate;
    /* Of SB_TEXT_OUTCOME; "objected": without ballots an objection asks for a vote; "quorate": there
     * is no pass rule to ask. */
    const char *outcome;
} sb_column;

/* Errors: SB_E_TALLY_PARTNERS. */
sb_err sb_columns_judge(sb_cli *cli, sb_column *columns, uint32_t count);
/* The outcome in words: "vedtatt". */
const char *sb_column_words(const sb_cli *cli, const sb_column *column);
/* One table: who is there, how they vote, each comparison with what it needs, and the outcome.
 * `names` gives the partners' names (may be NULL). */
void sb_columns_say(sb_cli *cli, const sb_column *columns, uint32_t count,
                    const sb_rule_shape *names);
/* {"name","outcome","quorum","pass"}: both certificates or null. */
void sb_column_put(sb_json *j, const sb_column *column);

/* A partner's name by its id; the id where it has none. */
const char *sb_partner_words(sb_cli *cli, const sb_rule_shape *names, sb_slice id);

#endif
