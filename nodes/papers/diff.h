/* What the meeting changed: clauses paired with what became of them, and the words that differ.
 * Bounded by SB_CLAUSES_MAX and SB_CLAUSE_BYTES_MAX; longer input is shown as struck and new. */
#ifndef SB_PAPERS_DIFF_H
#define SB_PAPERS_DIFF_H

#include "proto/base/arena.h"

typedef enum sb_diff_op { SB_DIFF_KEEP = 0, SB_DIFF_DELETE, SB_DIFF_INSERT } sb_diff_op;

/* A run of text; borrowed from the texts compared. Runs alternate; a deletion comes before the
 * insertion that replaces it. Joined, KEEP and DELETE give the old text, KEEP and INSERT the new.
 */
typedef struct sb_diff_run {
    sb_diff_op op;
    sb_slice text;
} sb_diff_run;

/* The words that differ; which white space parts them doesn't matter. A kept word or two between
 * changes is shown as changed too when that reads better. */
size_t sb_diff_words(sb_arena *arena, sb_slice old_text, sb_slice new_text, sb_diff_run **runs);

/* old_at or new_at is SIZE_MAX where there is none: struck, or new. */
typedef struct sb_diff_pair {
    size_t old_at, new_at;
} sb_diff_pair;

/* Pair clauses in order: equal ones first, then those that share at least a third of their words.
 * At most old_count + new_count pairs. */
size_t sb_diff_pair_clauses(sb_arena *arena, const char *const *old_clauses, size_t old_count,
                            const char *const *new_clauses, size_t new_count, sb_diff_pair **pairs);

#endif
