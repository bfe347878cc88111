/* A short history for tests of the disk: leaves, own rows and blobs, in commits. */
#ifndef SB_TEST_POWER_STORY_H
#define SB_TEST_POWER_STORY_H

#include "nodes/store/history.h"
#include "tests/lib/fed.h"

enum { STORY_LEAVES = 300, STORY_BLOBS = 6, STORY_BLOB_BYTES = 70000 };

/* The leaves, in memory: a meeting, cases, heads sealed now and then. */
fed *story_make(void);
/* The next `count` of them and an own row, in one commit. Errors: sb_history_commit's. */
sb_err story_forward(sb_history *h, fed *f, size_t count, uint32_t row);
/* The n-th blob, in chunks, as from a node. Errors: sb_history_blob_put's. */
sb_err story_blob(sb_history *h, uint32_t n);
/* What that blob holds. */
sb_slice story_blob_bytes(uint32_t n);

#endif
