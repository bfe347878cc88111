/* A broker's own rows that a standby wrote, one at a time: is it well-formed, do its signatures hold?
 * For whoever checks or repairs a store (nodes/store/check.h). Pure.
 */
#ifndef SB_STANDBY_ROWS_H
#define SB_STANDBY_ROWS_H

#include "broker/standby/standby.h"

typedef enum sb_standby_row_verdict {
    SB_STANDBY_ROW_HOLDS = 0,
    SB_STANDBY_ROW_BAD,      /* damaged; the broker does without it */
    SB_STANDBY_ROW_BAD_TERM, /* damaged, and it says which terms were made or are over */
    SB_STANDBY_ROW_UNKNOWN   /* no table of the standby's */
} sb_standby_row_verdict;

/* federation_id: NULL when it isn't known. *name: the row's, for people ("PROMISE"). */
sb_standby_row_verdict sb_standby_row_check(const uint8_t *federation_id, sb_slice key,
                                            sb_slice value, const char **name);

#endif
