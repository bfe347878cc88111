/* What may be on the disk after a power cut, from the journal that record.so made.
 *
 * The rules, as strict as POSIX lets a file system be: what a sync of a file came after is there;
 * of what was written since, each page may or may not be, and a file may have grown without its
 * new bytes (zeros). A name made, moved or removed is settled by a sync of its folder only, and a
 * sync of a file says nothing of its name. A rename and a write within a sector are whole or not.
 */
#ifndef SB_TEST_REPLAY_H
#define SB_TEST_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/fault/record.h"

typedef struct replay replay;

typedef struct replay_plan {
    size_t unit;   /* bytes that are written whole: 4096 or 512 */
    size_t each;   /* at most so many of: the first n, only the n-th, all but the n-th */
    size_t random; /* subsets by the seed */
    uint32_t seed;
    size_t from; /* no cuts before this record */
} replay_plan;

typedef struct replay_cut {
    size_t record;  /* before this one, from 0 */
    size_t marks;   /* how many were given before */
    size_t waiting; /* units that weren't synced */
    size_t kept;    /* of them */
    const char *how;
} replay_cut;

/* The journal; files that were there before it began are read from the folder `base` (or NULL).
 * Ends the process with a word when it can't be read. */
replay *replay_read(const char *journal, const char *base);
void replay_free(replay *r);
size_t replay_records(const replay *r);
record_kind replay_kind(const replay *r, size_t record);
size_t replay_marks(const replay *r);
/* The n-th mark's text, and the record that it is. */
const char *replay_mark(const replay *r, size_t n, size_t *record);
/* How often a kind of record is there. */
size_t replay_count(const replay *r, record_kind kind);

/* The folder as a process saw it before record `record`: what a SIGKILL leaves. `into` is made anew. */
void replay_killed(replay *r, size_t record, const char *into);
/* Every planned outcome of a power cut just before each sync, and at the end. `into` is made anew for
 * each; false from `visit` ends it. How many there were is returned. */
typedef bool replay_visit(void *arg, const replay_cut *cut);
size_t replay_power_cuts(replay *r, const replay_plan *plan, const char *into, replay_visit *visit,
                         void *arg);

#endif
