/* A node's store on disk, deterministic: a federation of four (fed.h) whose leaves fill a tile and an
 * edge, attachments held and one missing, own rows with real signatures, and (with cut) an archive of
 * leaves that were taken out. */
#ifndef SB_TESTS_LIB_STORE_SAMPLE_H
#define SB_TESTS_LIB_STORE_SAMPLE_H

#include "nodes/store/history.h"
#include "tests/lib/fed.h"

typedef struct store_sample {
    fed *f;
    uint64_t size;       /* leaves stored */
    uint8_t missing[32]; /* the attachment that isn't held */
} store_sample;

/* A federation with at least `leaves` leaves, ended by a sealed head. */
fed *store_sample_fed(size_t leaves);
/* The store in the new directory `dir`. kind "node" (own rows of unn) or "broker" (none). */
void store_sample_make(store_sample *s, fed *f, const char *dir, const char *kind, bool cut);
/* Append leaves first…last-1 of f to the history; blobs of them too, but for `missing`. */
void store_sample_append(sb_history *h, fed *f, uint64_t first, uint64_t last,
                         const uint8_t *missing);
/* The present head of the first `size` leaves, with the log's signature and all cosignatures. */
void store_sample_note(fed *f, const sb_tree *tree, sb_buf *out);

#endif
