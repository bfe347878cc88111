/* Inside the reader of rehearsal scripts: one field's value from YAML. */
#ifndef SB_CLI_REHEARSE_READ_H
#define SB_CLI_REHEARSE_READ_H

#include "nodes/cli/rehearse_script.h"

typedef enum sb_reh_type {
    SB_REH_TEXT = 0,
    SB_REH_NAME_, /* a name that a script gives: [a-z0-9-]{1,64} */
    SB_REH_ID,    /* an id of the charter, same letters */
    SB_REH_ACTOR,
    SB_REH_TEXTS,
    SB_REH_NAMES_,
    SB_REH_IDS,
    SB_REH_PLACES,
    SB_REH_NUMBER_,
    SB_REH_NUMBERS,
    SB_REH_BOOL,
    SB_REH_DATE_,
    SB_REH_CLOCK,
    SB_REH_MOMENT_,
    SB_REH_DUE_,
    SB_REH_SHARES,
    SB_REH_VOTES_,
    SB_REH_TICKET_,  /* {leader: unn-1, deputy-leader: kommune-1}: office and seat */
    SB_REH_CHOICES_, /* {1: [unn-1], 2: {partner: kommune}}: candidate and places */
    SB_REH_POLLS_,   /* {1: 12, 2: 4}: candidate and votes */
    /* words */
    SB_REH_ROLE_,
    SB_REH_KIND_,
    SB_REH_SOURCE_,
    SB_REH_FORM_,
    SB_REH_BASIS_,
    SB_REH_MODE_,
    SB_REH_OUTCOME_,
    SB_REH_WHY_,
    SB_REH_MINUTES_,
    SB_REH_STATE_,
    SB_REH_RELATION_,
    SB_REH_BEFORE_,
    SB_REH_ASKS_,
    SB_REH_ANSWER_,
    SB_REH_RULING_,
    SB_REH_OVERLAP_,
    SB_REH_ENDED_,
    SB_REH_ERASE_,
    SB_REH_OPENNESS_
} sb_reh_type;

/* Errors: SB_E_DOC_*, SB_E_REHEARSE_DATE, _MOMENT, _CLOCK, _NAME, _SHARE, _VOTES, _LIST, _EMPTY. */
sb_err sb_reh_read_value(sb_reh_type type, const sb_doc *node, sb_arena *arena,
                         const sb_reh_value **out, sb_fail *fail);
/* "2022-01-20 12:00" in Oslo -> UTC ms. */
sb_err sb_reh_read_moment(const sb_doc *node, int64_t *ms, sb_fail *fail);
/* The word of the NULL-ended list that is most like `text`; NULL when none is. */
const char *sb_reh_nearest(const char *text, const char *const *words);
/* The `count` words that are most like it, nearest first: "mode, mode-later". At most 8. */
const char *sb_reh_nearest_few(const char *text, const char *const *words, size_t count,
                               sb_arena *arena);

#endif
