/* What the files of the check give each other. All of it runs in the child. */
#ifndef SB_STORE_CHECK_INSIDE_H
#define SB_STORE_CHECK_INSIDE_H

#include "nodes/host/pool.h"
#include "nodes/store/check.h"
#include "nodes/store/history.h"
#include "nodes/store/store_internal.h"
#include "proto/wire/missing.h"

typedef struct sb_check {
    const sb_check_opts *opts;
    sb_check_report *report; /* its counts; findings go through `found` */
    void (*found)(void *arg, const sb_check_finding *finding);
    void (*step)(void *arg, sb_check_part part, uint64_t done, uint64_t total);
    void *arg;
    sb_store *store;
    sb_log_reader log;
    sb_pool *pool;

    /* the fold done again */
    sb_kv *rows;
    sb_ledger *ledger;
    uint64_t folded;     /* leaves it took */
    sb_fail refused;     /* why it took no more; SB_OK: it took all */
    uint64_t proved;     /* leaves below are as the broker's STATEs say */
    bool state_known;    /* compared: it is of today's format */
    uint64_t state_bad;  /* stored rows that aren't what the fold makes, … */
    uint8_t state_table; /* … the first one's table */
    sb_kv *blobs;        /* what leaves name, as rows of proto/wire/missing.h */
    sb_kv *then_rows;    /* the rows at then_size, to see where the undo rows lead */
    uint64_t then_size;
    bool has_then;
    bool tiles_bad;
} sb_check;

/* How a child ends that has no memory: that says nothing of the store. */
enum { SB_CHECK_NO_MEMORY = 75 };
void sb_check_no_memory(void);

void sb_check_found(sb_check *c, sb_check_part part, sb_check_cure cure, sb_err code, uint32_t argc,
                    uint64_t a0, uint64_t a1);
void sb_check_found_fail(sb_check *c, sb_check_part part, sb_check_cure cure, const sb_fail *what);

/* check_leaves.c: leaves, tiles, fold. */
void sb_check_part_leaves(sb_check *c);
/* check_rows.c */
void sb_check_part_state(sb_check *c);
void sb_check_part_blobs(sb_check *c);
void sb_check_part_archive(sb_check *c);
/* Where the undo rows lead back to; count when there are none. */
uint64_t sb_check_undo_reach(sb_check *c);

#endif
