/* A node's own rows, one at a time: is it well-formed, do its signatures hold, does it fit the log?
 * For whoever checks or repairs a store (nodes/store/check.h). Pure.
 */
#ifndef SB_FOLLOWER_ROWS_H
#define SB_FOLLOWER_ROWS_H

#include "nodes/follower/follower.h"

typedef struct sb_fol_rows {
    sb_ledger *ledger; /* over all leaves, or the first of them that are whole */
    sb_tile_reader tiles;
    bool is_whole;            /* the ledger stands over all leaves */
    const char *organisation; /* NULL: not known */
} sb_fol_rows;

typedef enum sb_fol_row_verdict {
    SB_FOL_ROW_HOLDS = 0,
    SB_FOL_ROW_BAD,          /* damaged; the node does without it */
    SB_FOL_ROW_RECORD,       /* damaged, and it is of the organisation's record */
    SB_FOL_ROW_RECORD_AHEAD, /* holds: of a head that the log here doesn't reach */
    SB_FOL_ROW_AHEAD,        /* holds, of a head that the log here doesn't reach */
    SB_FOL_ROW_UNKNOWN       /* no table of the follower's */
} sb_fol_row_verdict;

/* *name: the row's, for people ("COSIGNED"). *term, *size (may be NULL): of RECORD_AHEAD. */
sb_fol_row_verdict sb_follower_row_check(const sb_fol_rows *rows, sb_slice key, sb_slice value,
                                         const char **name, uint32_t *term, uint64_t *size);
/* Does this SEAL bear a cosignature of the organisation, by the key it has in force? */
bool sb_follower_cosigned_seal(sb_ledger *ledger, const char *organisation, const sb_leaf *leaf);

#endif
