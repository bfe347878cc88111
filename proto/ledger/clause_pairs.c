#include "proto/ledger/clause_pairs.h"

#include "proto/base/limits.h"

/* length[i][k]: the longest common subsequence of a[i…] and b[k…]. */
typedef struct lcs {
    uint8_t length[SB_CLAUSES_MAX + 1][SB_CLAUSES_MAX + 1];
} lcs;

static void fill_lcs(lcs *t, const char *const *a, size_t n, const char *const *b, size_t m)
{
    for (size_t i = n; i-- > 0;)
        for (size_t k = m; k-- > 0;) {
            uint8_t down = t->length[i + 1][k], right = t->length[i][k + 1];
            t->length[i][k] = strcmp(a[i], b[k]) == 0 ? (uint8_t)(t->length[i + 1][k + 1] + 1)
                              : down > right          ? down
                                                      : right;
        }
}

size_t sb_clauses_align(sb_arena *arena, const char *const *a, size_t n, const char *const *b,
                        size_t m, sb_clause_pair **out)
{
    lcs *t = SB_ARENA_NEW(arena, lcs);
    fill_lcs(t, a, n, b, m);
    sb_clause_pair *pairs = SB_ARENA_ARRAY(arena, sb_clause_pair, n + m + 1);
    size_t i = 0, k = 0, count = 0;
    while (i < n || k < m) {
        bool equal = i < n && k < m && strcmp(a[i], b[k]) == 0;
        /* may both move on without losing a common clause? */
        bool both = i < n && k < m && t->length[i + 1][k + 1] == t->length[i][k];
        sb_clause_pair *pair = &pairs[count++];
        if (equal || both)
            *pair = (sb_clause_pair){.then = a[i++], .now = b[k++]};
        else if (k >= m || (i < n && t->length[i + 1][k] >= t->length[i][k + 1]))
            *pair = (sb_clause_pair){.then = a[i++]};
        else
            *pair = (sb_clause_pair){.now = b[k++]};
        pair->number = pair->now != NULL ? (uint32_t)k : 0;
    }
    *out = pairs;
    return count;
}
