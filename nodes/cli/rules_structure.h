/* What two charters differ in besides the meaning of their rules: everything of the schema, field
 * by field, so that a section that is added to the schema is compared too. */
#ifndef SB_CLI_RULES_STRUCTURE_H
#define SB_CLI_RULES_STRUCTURE_H

#include "nodes/cli/inside.h"

typedef struct sb_structure_count {
    uint32_t added, removed, changed;
    uint32_t worded; /* names, titles, paragraphs and readings alone */
} sb_structure_count;

/* Say what was added, removed and changed, and what is changed in wording alone, and put the same
 * as "structure" and "wording" in the answer. The texts of rules are left out: those are compared
 * by meaning (rules_differ.h). */
void sb_rules_structure(sb_cli *cli, const Sb__Charter *before, const Sb__Charter *after,
                        sb_structure_count *count);

#endif
