#include "nodes/papers/diff.h"

#include <stdlib.h>

/* A text longer than this many words isn't compared word by word. A clause has at most 4,000 bytes,
 * hence 2,000 words. */
enum { WORDS_MAX = 2000 };

typedef struct words {
    sb_slice *at;
    size_t count;
} words;

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static words split(sb_arena *arena, sb_slice text)
{
    words w = {.at = SB_ARENA_ARRAY(arena, sb_slice, text.len / 2 + 1)};
    for (size_t i = 0; i < text.len;) {
        while (i < text.len && is_space(text.data[i]))
            i++;
        size_t from = i;
        while (i < text.len && !is_space(text.data[i]))
            i++;
        if (i > from)
            w.at[w.count++] = sb_slice_of(text.data + from, i - from);
    }
    return w;
}

/* What is being joined into runs. */
typedef struct joiner {
    sb_diff_run *runs;
    size_t count;
} joiner;

/* Words of one text that follow each other join into one run. */
static void join(joiner *j, sb_diff_op op, sb_slice word)
{
    if (j->count > 0 && j->runs[j->count - 1].op == op) {
        sb_slice *text = &j->runs[j->count - 1].text;
        text->len = (size_t)(word.data + word.len - text->data);
        return;
    }
    j->runs[j->count++] = (sb_diff_run){.op = op, .text = word};
}

static void join_all(joiner *j, sb_diff_op op, words w, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        join(j, op, w.at[i]);
}

/* kept[i]: the word of `b` that word i of `a` is, or SIZE_MAX. Longest common subsequence. */
static void match(sb_arena *arena, words a, words b, size_t *kept)
{
    size_t head = 0, tail = 0;
    while (head < a.count && head < b.count && sb_slice_eq(a.at[head], b.at[head])) {
        kept[head] = head;
        head++;
    }
    while (tail < a.count - head && tail < b.count - head &&
           sb_slice_eq(a.at[a.count - 1 - tail], b.at[b.count - 1 - tail])) {
        kept[a.count - 1 - tail] = b.count - 1 - tail;
        tail++;
    }
    size_t n = a.count - head - tail, m = b.count - head - tail;
    if (n == 0 || m == 0 || n > WORDS_MAX || m > WORDS_MAX)
        return;
    /* length[i][j]: of the best match of the words from i and j on */
    uint16_t *length = SB_ARENA_ARRAY(arena, uint16_t, (n + 1) * (m + 1));
    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            uint16_t *at = &length[i * (m + 1) + j];
            uint16_t down = length[(i + 1) * (m + 1) + j], right = at[1];
            if (sb_slice_eq(a.at[head + i], b.at[head + j]))
                *at = (uint16_t)(length[(i + 1) * (m + 1) + j + 1] + 1);
            else
                *at = down >= right ? down : right;
        }
    for (size_t i = 0, j = 0; i < n && j < m;) {
        if (sb_slice_eq(a.at[head + i], b.at[head + j])) {
            kept[head + i] = head + j;
            i++;
            j++;
        } else if (length[(i + 1) * (m + 1) + j] >= length[i * (m + 1) + j + 1]) {
            i++;
        } else {
            j++;
        }
    }
}

/* Words that both have, in a row. */
typedef struct block {
    size_t a, b, len;
} block;

static size_t blocks_of(words a, const size_t *kept, block *blocks)
{
    size_t count = 0;
    for (size_t i = 0; i < a.count; i++) {
        block *last = count > 0 ? &blocks[count - 1] : NULL;
        if (kept[i] == SIZE_MAX)
            continue;
        if (last != NULL && last->a + last->len == i && last->b + last->len == kept[i])
            last->len++;
        else
            blocks[count++] = (block){.a = i, .b = kept[i], .len = 1};
    }
    return count;
}

/* A single word kept between longer changes only makes them harder to read: "~~a b~~ c ~~d e~~". */
static size_t drop_islands(block *blocks, size_t count, words a, words b)
{
    enum { LONG = 3 };
    size_t left = 0, a_end = 0, b_end = 0;
    for (size_t i = 0; i < count; i++) {
        block k = blocks[i];
        size_t before = k.a - a_end + k.b - b_end;
        size_t a_next = i + 1 < count ? blocks[i + 1].a : a.count;
        size_t b_next = i + 1 < count ? blocks[i + 1].b : b.count;
        size_t after = a_next - k.a + b_next - k.b - 2 * k.len;
        if (k.len == 1 && before >= LONG && after >= LONG)
            continue;
        blocks[left++] = k;
        a_end = k.a + k.len;
        b_end = k.b + k.len;
    }
    return left;
}

size_t sb_diff_words(sb_arena *arena, sb_slice old_text, sb_slice new_text, sb_diff_run **runs)
{
    words a = split(arena, old_text), b = split(arena, new_text);
    size_t *kept = SB_ARENA_ARRAY(arena, size_t, a.count + 1);
    for (size_t i = 0; i < a.count; i++)
        kept[i] = SIZE_MAX;
    match(arena, a, b, kept);
    block *blocks = SB_ARENA_ARRAY(arena, block, a.count + 1);
    size_t count = drop_islands(blocks, blocks_of(a, kept, blocks), a, b);
    blocks[count] = (block){.a = a.count, .b = b.count, .len = 0};
    joiner j = {.runs = SB_ARENA_ARRAY(arena, sb_diff_run, a.count + b.count + 1)};
    size_t a_at = 0, b_at = 0;
    for (size_t i = 0; i <= count; i++) {
        join_all(&j, SB_DIFF_DELETE, a, a_at, blocks[i].a);
        join_all(&j, SB_DIFF_INSERT, b, b_at, blocks[i].b);
        a_at = blocks[i].a + blocks[i].len;
        b_at = blocks[i].b + blocks[i].len;
        join_all(&j, SB_DIFF_KEEP, b, blocks[i].b, b_at);
    }
    *runs = j.runs;
    return j.count;
}

/* ---- clauses ---- */

typedef struct clause {
    words words, sorted;
} clause;

static int by_bytes(const void *x, const void *y)
{
    return sb_slice_cmp(*(const sb_slice *)x, *(const sb_slice *)y);
}

static clause *clauses_of(sb_arena *arena, const char *const *texts, size_t count)
{
    clause *out = SB_ARENA_ARRAY(arena, clause, count + 1);
    for (size_t i = 0; i < count; i++) {
        out[i].words = split(arena, sb_slice_str(texts[i]));
        out[i].sorted = split(arena, sb_slice_str(texts[i]));
        qsort(out[i].sorted.at, out[i].sorted.count, sizeof(sb_slice), by_bytes);
    }
    return out;
}

/* How alike: 0…1000, the share of the longer one's words that both have; 1000 only when equal. */
static uint32_t likeness(const clause *a, const clause *b)
{
    size_t n = a->words.count, m = b->words.count, common = 0, same = 0;
    for (size_t i = 0, j = 0; i < n && j < m;) {
        int order = sb_slice_cmp(a->sorted.at[i], b->sorted.at[j]);
        common += order == 0;
        i += order <= 0;
        j += order >= 0;
    }
    while (same < n && same < m && sb_slice_eq(a->words.at[same], b->words.at[same]))
        same++;
    if (same == n && same == m)
        return 1000;
    return (uint32_t)(common * 999 / (n > m ? n : m));
}

enum { ALIKE = 333 };

size_t sb_diff_pair_clauses(sb_arena *arena, const char *const *old_clauses, size_t old_count,
                            const char *const *new_clauses, size_t new_count, sb_diff_pair **pairs)
{
    size_t n = old_count, m = new_count, count = 0;
    clause *a = clauses_of(arena, old_clauses, n), *b = clauses_of(arena, new_clauses, m);
    uint32_t *alike = SB_ARENA_ARRAY(arena, uint32_t, (n + 1) * (m + 1));
    uint32_t *best = SB_ARENA_ARRAY(arena, uint32_t, (n + 1) * (m + 1));
    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            uint32_t here = likeness(&a[i], &b[j]);
            alike[i * (m + 1) + j] = here < ALIKE ? 0 : here;
            uint32_t down = best[(i + 1) * (m + 1) + j], right = best[i * (m + 1) + j + 1];
            uint32_t most = down > right ? down : right;
            if (here >= ALIKE && best[(i + 1) * (m + 1) + j + 1] + here > most)
                most = best[(i + 1) * (m + 1) + j + 1] + here;
            best[i * (m + 1) + j] = most;
        }
    *pairs = SB_ARENA_ARRAY(arena, sb_diff_pair, n + m + 1);
    size_t i = 0, j = 0;
    while (i < n || j < m) {
        uint32_t here = i < n && j < m ? alike[i * (m + 1) + j] : 0;
        if (here > 0 && best[i * (m + 1) + j] == best[(i + 1) * (m + 1) + j + 1] + here)
            (*pairs)[count++] = (sb_diff_pair){i++, j++};
        else if (i < n && (j == m || best[(i + 1) * (m + 1) + j] == best[i * (m + 1) + j]))
            (*pairs)[count++] = (sb_diff_pair){i++, SIZE_MAX};
        else
            (*pairs)[count++] = (sb_diff_pair){SIZE_MAX, j++};
    }
    return count;
}
