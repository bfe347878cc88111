/* What two charters' rules come to differently, told in words and in the answer (RULES.md §10). */
#ifndef SB_CLI_RULES_DIFFER_H
#define SB_CLI_RULES_DIFFER_H

#include "nodes/cli/inside.h"

typedef struct sb_rules_side {
    const Sb__Charter *charter;
    const Sb__Body *body;
    const Sb__Rule *rule; /* NULL or without text: no rule */
    bool with_quorum;     /* the rule is asked where the body's quorum rule holds */
    bool is_election;     /* who votes for a candidate is for, who votes for another against */
} sb_rules_side;

typedef enum sb_rules_change {
    SB_RULES_UNCHANGED = 0,
    SB_RULES_REWORDED, /* another text, the same meaning */
    SB_RULES_RESEATED, /* the same text on other seats, and another outcome */
    SB_RULES_CHANGED   /* another meaning, or it is not known that it is the same */
} sb_rules_change;

/* Say it under `label` ("Beslutningsdyktig") and put it as an object in the answer. */
sb_rules_change sb_rules_differ(sb_cli *cli, const char *label, const sb_rules_side sides[2]);

#endif
