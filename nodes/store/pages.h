/* The data file's pages, read as a file before LMDB maps it: LMDB trusts its pages, so a file that
 * was cut short or a flipped bit in a page's head ends a process by a signal. What is walked here
 * it can read. Layout: LMDB 0.9.24 on 64-bit little-endian machines (mdb.c "MDB_page", "MDB_meta").
 */
#ifndef SB_STORE_PAGES_H
#define SB_STORE_PAGES_H

#include "proto/base/err.h"

typedef struct sb_pages {
    uint64_t txn;        /* the commit that was looked at */
    uint32_t page_bytes; /* 4096 where the system's pages are */
    uint64_t pages;      /* that the file should have */
    uint64_t in_use;     /* … of which the walk reached so many */
    uint64_t file_bytes;
} sb_pages;

/* The head of the file alone: which commit is the newest (or that of transaction `txn`, when not 0),
 * how many pages it has. Errors: SB_E_STORE_IO, SB_E_STORE_EMPTY_FILE, SB_E_STORE_FOREIGN. */
sb_err sb_pages_head(int fd, const char *path, uint64_t txn, sb_pages *out, sb_fail *fail);
/* Walk every page in use from the head that `p` was filled with. Stops at the first that is not as
 * it must be. Errors: SB_E_STORE_IO, SB_E_STORE_TRUNCATED {path, bytes, wanted},
 * SB_E_STORE_PAGE {path, page, table, what}. */
sb_err sb_pages_walk(int fd, const char *path, sb_pages *p, sb_fail *fail);

/* What a daemon asks of a file before it is mapped: the head; the walk too where the file is short
 * or not large (so that a start takes no longer than a second). Errors: of both. */
sb_err sb_pages_before_open(const char *path, sb_fail *fail);

#endif
