/* What record.so writes of a process and replay.c reads: every write, sync and change of a folder.
 *
 *   SB_RECORD_ROOT=DIR     only files below DIR (an absolute path, no links in it)
 *   SB_RECORD_FILE=FILE    the journal; processes append to one. None: nothing is recorded.
 *   SB_RECORD_DEAF=1       syncs of files aren't recorded, as if the disk lied: replays must find losses
 *   SB_RECORD_KILL=N       SIGKILL just before the N-th recorded change
 *   SB_RECORD_TORN=1       … and when that is a write, its first half is done
 *   SB_RECORD_KILL_SYNCED=N   SIGKILL within the N-th write through a descriptor that syncs each:
 *                          written, and not yet on the disk
 *   SB_RECORD_FLIP=NAME:N:BYTE   the N-th write to a file called NAME has one bit flipped at BYTE
 *                          (counted from its end when negative): on its way to the disk
 *   LD_PRELOAD=record.so   with asan: ASAN_OPTIONS=verify_asan_link_order=0
 */
#ifndef SB_TEST_RECORD_H
#define SB_TEST_RECORD_H

#include <stdint.h>

typedef enum record_kind {
    RECORD_OPEN = 1, /* of a file that was there: path */
    RECORD_CREATE,   /* path; empty: it has no name yet (O_TMPFILE) */
    RECORD_MKDIR,    /* path */
    RECORD_WRITE,    /* at offset, data; is_sync: through a descriptor that syncs each write */
    RECORD_WRITTEN,  /* that write is on the disk */
    RECORD_TRUNCATE, /* to offset */
    RECORD_SYNC,     /* of a file */
    RECORD_SYNC_DIR, /* of a folder: path */
    RECORD_LINK,     /* inode (or what path2 is) becomes path too */
    RECORD_UNLINK,   /* path, of a file or a folder */
    RECORD_RENAME,   /* path to path2 */
    RECORD_EXCHANGE, /* path and path2 change places */
    RECORD_MARK      /* what a process or a test says that it promised: data */
} record_kind;

typedef struct record_head {
    uint32_t kind, process;
    uint64_t inode, offset;
    uint32_t path_len, path2_len, data_len, is_sync;
} record_head; /* then path, path2 and data */

#endif
