/* Whether what a power cut left of a store is what was once committed, and nothing promised is lost. */
#ifndef SB_TEST_POWER_JUDGE_H
#define SB_TEST_POWER_JUDGE_H

#include "nodes/store/history.h"
#include "tests/fault/replay.h"

enum { JUDGE_COMMITS_MAX = 20000 };

typedef struct judge_seen {
    sb_err err;
    uint64_t all; /* of leaves, rows, blobs and archive */
    uint64_t leaves;
} judge_seen;

typedef struct judge {
    replay *r;
    char into[160], store[200];
    sb_store_opts opts;
    judge_seen *after; /* after so many commits; [0]: an empty store */
    size_t commits;
    size_t tried, refused, lost, mixed;
    replay_cut worst;
} judge;

/* The journal of one store, `below` the recorded folder; outcomes are made in `into`. Opens the store
 * as it was after each commit ("commit" marks); false: one of them couldn't be opened. */
bool judge_learn(judge *j, const char *journal, const char *base, const char *into,
                 const char *below, const char *kind);
/* Every planned outcome is opened as a daemon would: it is as after some commit, and not an older one
 * than the last that was promised; marks "size N" promise so many leaves. */
void judge_try(judge *j, const replay_plan *plan);
/* The store at j->store as it is now. */
judge_seen judge_look(const judge *j);
void judge_free(judge *j);

#endif
