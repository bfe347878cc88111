/* Between replay.c, which plays a journal, and replay_cuts.c, which makes outcomes of it. */
#ifndef SB_TEST_REPLAY_INSIDE_H
#define SB_TEST_REPLAY_INSIDE_H

#include <limits.h>

#include "tests/fault/replay.h"

enum { ROOT = 0, NONE = -1 };

typedef struct bytes {
    uint8_t *data;
    size_t len, cap;
} bytes;

/* A file or a folder. */
typedef struct node {
    uint64_t inode;
    bool is_dir;
    bytes live, durable;
} node;

typedef struct name {
    int dir, node;
    char text[NAME_MAX + 1];
} name;

typedef struct names {
    name *items;
    size_t count, cap;
} names;

typedef enum unit_kind {
    UNIT_DATA,
    UNIT_GROW,
    UNIT_SHRINK,
    UNIT_ADD,
    UNIT_DEL,
    UNIT_MOVE,
    UNIT_SWAP
} unit_kind;

/* What isn't synced yet, in the order in which it was done. */
typedef struct unit {
    unit_kind kind;
    int node; /* of data; what a name stands for */
    uint64_t offset;
    const uint8_t *data;
    size_t len;
    size_t record;
    int dir, dir2;
    const char *text, *text2;
} unit;

typedef struct record {
    record_head head;
    char *path, *path2;
    const uint8_t *data;
} record;

struct replay {
    uint8_t *journal;
    size_t journal_len;
    const char *base;
    record *records;
    size_t record_count, mark_count;
    /* while playing */
    node *nodes;
    size_t node_count, node_cap;
    names live, durable;
    unit *units;
    size_t unit_count, unit_cap;
    size_t marks, unit_bytes;
    char *strings[65536]; /* names that units point to */
    size_t string_count;
};

/* ---- replay.c ---- */

__attribute__((noreturn)) void replay_give_up(const char *what, const char *which);
void replay_begin(replay *r, size_t unit_bytes);
void replay_play(replay *r, size_t at);
bool replay_is_data(const unit *u);
void replay_apply_data(bytes *b, const unit *u);
void replay_apply_name(names *n, const unit *u);
void replay_set_name(names *n, int dir, const char *text, int is);
void replay_copy(bytes *to, const bytes *from);

#endif
