/* Two wordings side by side: equal clauses meet, and between them an old and a new one meet as
 * changed. For certificates and queries. */
#ifndef SB_LEDGER_CLAUSE_PAIRS_H
#define SB_LEDGER_CLAUSE_PAIRS_H

#include "proto/base/arena.h"

typedef struct sb_clause_pair {
    const char *then, *now; /* NULL: it is new, or struck */
    uint32_t number;        /* of `now`, from 1; 0: struck */
} sb_clause_pair;

/* At most SB_CLAUSES_MAX clauses on each side. The pairs live in the arena; their number. */
size_t sb_clauses_align(sb_arena *arena, const char *const *then, size_t then_count,
                        const char *const *now, size_t now_count, sb_clause_pair **out);

#endif
