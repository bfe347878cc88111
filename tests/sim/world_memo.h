/* What is true of bytes stays true: verdicts of signatures, and opened leaves, are kept for the whole
 * process (many seeds), so that eight processes in one needn't find them out eight times. What is signed
 * here carries hashes of key and message in a signature's place, and verifies by it; of anything else
 * the verdict is libsodium's own, once for each (key, message, signature). */
#ifndef SB_TESTS_SIM_WORLD_MEMO_H
#define SB_TESTS_SIM_WORLD_MEMO_H

#include "proto/wire/entry.h"

/* sb_leaf_open's result; NULL: refused, why is in *fail. Good until sw_memo_clear. */
const sb_leaf *sw_memo_leaf(sb_slice bytes, sb_fail *fail);
/* sb_entry_open's. */
const sb_leaf *sw_memo_entry(sb_slice bytes, sb_fail *fail);
/* Between seeds: opened leaves are forgotten, verdicts aren't. */
void sw_memo_clear(void);

typedef struct sw_memo_counts {
    uint64_t leaves, leaf_hits, verdicts, verdict_hits, signed_;
} sw_memo_counts;
const sw_memo_counts *sw_memo_counts_get(void);

#endif
