/* What a tally starts from: a question at the node, or a file (RULES.md §11). */
#ifndef SB_CLI_TALLY_BASE_H
#define SB_CLI_TALLY_BASE_H

#include "nodes/cli/inside.h"
#include "proto/rules/check.h"
#include "proto/rules/tally.h"

typedef struct sb_tally_base {
    const char *title;     /* "04/22  Etablering …", or the file */
    const char *body_id;   /* NULL: from a file */
    const char *body_name; /* "" : from a file */
    const char *recorded;  /* the outcome in the certificate, a code; NULL: open, or a file */
    bool by_consensus;
    const sb_rule *quorum, *pass; /* NULL: none */
    sb_tally_seat *seats;         /* those of votes, to be changed */
    sb_tally_case votes;
    const sb_rule_shape *names; /* of the partners; NULL: a file */
} sb_tally_base;

/* The question's own rules, electorate, attendance and ballots: of a closed one what its certificate
 * says, of an open one as things stand. Everything in the command's arena.
 * Errors: as sb_ref_question; SB_E_CLI_WHAT_IF_MODE (an election, a poll); SB_E_CLI_ANSWER. */
sb_err sb_tally_from_question(sb_cli *cli, const char *ref, sb_tally_base *out);
/* Input as `rules eval` takes it; no rules. Errors: as sb_rules_input. */
sb_err sb_tally_from_file(sb_cli *cli, const char *path, sb_tally_base *out);

#endif
