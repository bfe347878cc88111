/* Inside expectations: what is asked of a node, and how a difference is told. */
#ifndef SB_CLI_REHEARSE_EXPECT_H
#define SB_CLI_REHEARSE_EXPECT_H

#include "nodes/cli/rehearse_play.h"

typedef struct sb_reh_asked {
    sb_reh_play *p;
    const sb_reh_step *step;
    const sb_reh_process *node;
    const char *subject; /* the name that the script gave */
    sb_fail *fail;
} sb_reh_asked;

/* SB_E_REHEARSE_EXPECTED with file, line, what was expected and what came. */
sb_err sb_reh_differs(const sb_reh_asked *a, sb_reh_field field, const char *key,
                      const char *expected, const char *got);
/* The field, when given, is this. */
sb_err sb_reh_same_text(const sb_reh_asked *a, sb_reh_field field, const char *key,
                        const char *got);
sb_err sb_reh_same_number(const sb_reh_asked *a, sb_reh_field field, const char *key, uint64_t got);
sb_err sb_reh_same_bool(const sb_reh_asked *a, sb_reh_field field, const char *key, bool got);

/* Elections, conditions, actions, ballots and disputes of a case; offices, bodies, the charter. In
 * rehearse_expect_more.c. */
sb_err sb_reh_expect_case_more(sb_reh_asked *a, sb_reh_process *node, const sb_doc *case_doc,
                               const char *case_id);
sb_err sb_reh_expect_office(sb_reh_asked *a, sb_reh_process *node);
sb_err sb_reh_expect_body(sb_reh_asked *a, sb_reh_process *node);
sb_err sb_reh_expect_charter(sb_reh_asked *a, sb_reh_process *node);

#endif
