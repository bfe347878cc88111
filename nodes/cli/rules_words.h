/* Who is there and how they vote, as parts of a sentence. Everything in the command's arena. */
#ifndef SB_CLI_RULES_WORDS_H
#define SB_CLI_RULES_WORDS_H

#include "nodes/cli/inside.h"
#include "proto/rules/find.h"

/* "a, b og c"; "" for none. */
const char *sb_words_and(sb_cli *cli, const char *const *items, size_t count);
/* "UNN"; "de andre" for the rest, "organet" where that is everybody. */
const char *sb_words_group(sb_cli *cli, const sb_find_group *group);
/* "3 for, 1 mot, 2 avstår"; "" where nobody votes. */
const char *sb_words_votes(sb_cli *cli, uint32_t for_, uint32_t against, uint32_t abstain);

/* "3 av 6 fra UNN (2 for, 1 mot) og ingen av de 2 fra brukerne": a part for every group with seats.
 * `bodies` 2: where they count differently, both are said. */
const char *sb_words_attendance(sb_cli *cli, const sb_find_group *groups, const sb_find_acts *acts,
                                uint32_t count, uint32_t bodies, bool votes);

/* As sb_charter_shape, with the partners' names in the command's language. */
void sb_words_shape(sb_cli *cli, const Sb__Charter *charter, const Sb__Body *body,
                    sb_rule_shape *out);
/* The rule in plain words (sb_rule_explain), without a last blank. */
const char *sb_words_rule(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape);
/* … as one by which a candidate is elected. */
const char *sb_words_election(sb_cli *cli, const sb_rule *rule, const sb_rule_shape *shape);

#endif
