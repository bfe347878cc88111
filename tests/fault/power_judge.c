#include "tests/fault/power_judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/base/limits.h"

/* Fast, and good enough to tell the states of one story from each other. */
static void mix(uint64_t *hash, sb_slice bytes)
{
    size_t i = 0;
    for (; i + 8 <= bytes.len; i += 8) {
        uint64_t word;
        memcpy(&word, bytes.data + i, 8);
        *hash = (*hash ^ word) * 0x9E3779B97F4A7C15u;
        *hash ^= *hash >> 29;
    }
    for (; i < bytes.len; i++)
        *hash = (*hash ^ bytes.data[i]) * 0x100000001B3u;
    *hash = (*hash ^ bytes.len) * 0x100000001B3u;
}

static void add_rows(uint64_t *hash, sb_kv *kv)
{
    sb_kv_walk row = {.kv = kv};
    while (sb_kv_walk_next(&row)) {
        mix(hash, row.key);
        mix(hash, row.value);
    }
}

static void add_blobs(uint64_t *hash, sb_store *s)
{
    uint8_t name[32];
    const uint8_t *after = NULL;
    sb_buf bytes;
    sb_buf_init(&bytes);
    for (; sb_store_blob_next(s, after, name); after = name) {
        sb_buf_clear(&bytes);
        if (sb_store_blob_read(s, name, 0, SB_BLOB_BYTES_MAX, &bytes, NULL) == SB_OK)
            mix(hash, sb_buf_slice(&bytes));
    }
    sb_buf_deinit(&bytes);
}

judge_seen judge_look(const judge *j)
{
    judge_seen s = {0};
    sb_history h;
    uint64_t hash = 1;
    sb_fail fail = {0};
    s.err = sb_history_open(&h, j->store, &j->opts, &fail);
    if (s.err != SB_OK)
        return s;
    for (uint64_t i = 0; i < sb_store_count(h.store); i++) {
        sb_slice leaf;
        if (!h.reader.leaf(h.reader.arg, i, &leaf))
            s.err = SB_E_HISTORY_DAMAGED;
        else
            mix(&hash, leaf);
    }
    for (uint32_t cut = 0; cut < sb_store_cuts(h.store); cut++) {
        sb_slice leaf;
        for (uint64_t i = 0; sb_store_cut_leaf(h.store, cut, &i, &leaf); i++)
            mix(&hash, leaf);
    }
    add_rows(&hash, sb_store_own(h.store));
    add_rows(&hash, sb_store_state(h.store));
    add_blobs(&hash, h.store);
    if (sb_store_error(h.store) != SB_OK)
        s.err = sb_store_error(h.store);
    s.leaves = sb_store_count(h.store);
    s.all = hash;
    sb_history_close(&h);
    return s;
}

/* What was promised before the cut: commits and leaves. */
static void promised(const judge *j, size_t marks, size_t *commits, uint64_t *leaves)
{
    *commits = 0;
    *leaves = 0;
    for (size_t i = 0; i < marks; i++) {
        size_t at;
        const char *text = replay_mark(j->r, i, &at);
        if (strcmp(text, "commit") == 0)
            ++*commits;
        else if (strncmp(text, "size ", 5) == 0 && strtoull(text + 5, NULL, 10) > *leaves)
            *leaves = strtoull(text + 5, NULL, 10);
    }
}

static bool one(void *arg, const replay_cut *cut)
{
    judge *j = arg;
    size_t commits;
    uint64_t leaves;
    (void)mkdir(j->into, 0700);
    promised(j, cut->marks, &commits, &leaves);
    judge_seen s = judge_look(j);
    bool was = false, is_new = false;
    for (size_t i = 0; s.err == SB_OK && i <= j->commits; i++)
        if (j->after[i].all == s.all) {
            was = true;
            is_new = is_new || (i >= commits && s.leaves >= leaves);
        }
    if (!is_new)
        j->worst = *cut;
    j->refused += s.err != SB_OK;
    j->mixed += s.err == SB_OK && !was;
    j->lost += was && !is_new;
    return true;
}

bool judge_learn(judge *j, const char *journal, const char *base, const char *into,
                 const char *below, const char *kind)
{
    *j = (judge){.r = replay_read(journal, base),
                 .opts = {.kind = kind, .create = true, .map_bytes_start = 1}};
    (void)snprintf(j->into, sizeof j->into, "%s", into);
    (void)snprintf(j->store, sizeof j->store, "%.150s/%s", into, below);
    j->after = calloc(JUDGE_COMMITS_MAX, sizeof *j->after);
    (void)mkdir(j->into, 0700);
    j->after[0] = judge_look(j);
    for (size_t i = 0; i < replay_marks(j->r); i++) {
        size_t record;
        if (strcmp(replay_mark(j->r, i, &record), "commit") != 0 ||
            j->commits + 1 == JUDGE_COMMITS_MAX)
            continue;
        replay_killed(j->r, record, j->into);
        j->after[++j->commits] = judge_look(j);
        if (j->after[j->commits].err != SB_OK)
            return false;
    }
    return true;
}

void judge_try(judge *j, const replay_plan *plan)
{
    size_t count = replay_power_cuts(j->r, plan, j->into, one, j);
    j->tried += count;
    printf("%zu outcomes of %zu bytes a unit after %zu commits: refused %zu, lost %zu, mixed %zu\n",
           count, plan->unit, j->commits, j->refused, j->lost, j->mixed);
    if (j->refused + j->lost + j->mixed > 0)
        printf("the last of them: before record %zu, %zu marks, %zu of %zu units kept (%s)\n",
               j->worst.record, j->worst.marks, j->worst.kept, j->worst.waiting, j->worst.how);
}

void judge_free(judge *j)
{
    replay_free(j->r);
    free(j->after);
}
