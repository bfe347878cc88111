/* Is a store whole? Everything in it is read again and compared with what can be worked out: the
 * pages of the file, every leaf and its signature, every tile, the fold redone in memory and each row
 * of the state, blobs by their hash, the archive of handovers, the undo rows, the process's own rows.
 * Read-only, also beside a running daemon (of the commit that it saw first).
 *
 * The reading is done in a child process: a file that LMDB cannot stand ends the child, and that is
 * a finding. Findings come as they are found; sb_check_tell makes words of them.
 */
#ifndef SB_STORE_CHECK_H
#define SB_STORE_CHECK_H

#include "nodes/store/store.h"
#include "proto/ledger/ledger.h"
#include "proto/text/text.h"
#include "proto/wire/logio.h"

enum { SB_CHECK_FINDINGS_MAX = 40 }; /* kept of each part; more are counted */

typedef enum sb_check_part {
    SB_CHECK_FILE = 0, /* the file and its format */
    SB_CHECK_LEAVES,
    SB_CHECK_TILES,
    SB_CHECK_STATE,
    SB_CHECK_BLOBS,
    SB_CHECK_ARCHIVE, /* leaves that a handover cut off, and undo rows */
    SB_CHECK_OWN,     /* the process's own rows */
    SB_CHECK_PARTS
} sb_check_part;

/* Where what is damaged can come from. */
typedef enum sb_check_cure {
    SB_CURE_NONE = 0,  /* nothing is wrong: it is told */
    SB_CURE_RECOMPUTE, /* repair makes it anew from the leaves */
    SB_CURE_REFETCH,   /* repair sets it aside; the daemon fetches it */
    SB_CURE_DROP,      /* nobody needs it: repair leaves it out */
    SB_CURE_RECORD,    /* nobody else has it */
    SB_CURE_PROGRAM,   /* no damage: another version of the program */
    SB_CURE_STORE,     /* the file can't be read */
    SB_CURES
} sb_check_cure;

typedef struct sb_check_finding {
    sb_check_part part;
    sb_check_cure cure;
    sb_fail what;
    sb_fail why; /* code SB_OK: nothing more to say */
} sb_check_finding;

typedef struct sb_check_report {
    bool finished; /* all was read; else `broke` says why not */
    sb_fail broke; /* no store there, no access…: not the store's damage */
    char kind[17];
    uint32_t format;
    uint64_t leaves, tiles, rows, blobs, blob_bytes, archived, own_rows;
    uint64_t awaited; /* blobs that the daemon still fetches */
    uint64_t good;    /* leaves from 0 that are as they were written: what repair keeps */
    uint32_t damages; /* findings with a cure */
    uint32_t cures;   /* bits 1 << sb_check_cure */
    sb_check_finding *findings;
    uint32_t count, left_out; /* kept, not kept */
} sb_check_report;

/* The store as its owner's rows are checked over it. */
typedef struct sb_check_own {
    sb_kv *own;
    sb_ledger *ledger; /* folded anew from the leaves, as far as they are whole */
    sb_log_reader log;
    bool is_whole; /* … all of them: what the rows say of the log can be compared */
    void *context; /* sb_check_opts.context */
    /* Tell of a row. */
    void (*tell)(void *arg, const sb_check_finding *finding);
    void *arg;
} sb_check_own;
typedef void sb_check_own_fn(const sb_check_own *own);

typedef struct sb_check_opts {
    const char *dir, *kind;
    const uint8_t *federation_id; /* NULL: any */
    sb_check_own_fn *own;         /* NULL: own rows aren't looked at */
    void *context;
    uint8_t missing_table; /* of proto/wire/missing.h: blobs that the daemon knows it lacks */
    /* Now and then in the caller's process; NULL: not. total 0: not known. */
    void (*progress)(sb_check_part part, uint64_t done, uint64_t total);
} sb_check_opts;

/* Check in a child process. The report is the caller's: sb_check_report_deinit. */
void sb_check_run(const sb_check_opts *opts, sb_check_report *out);
void sb_check_report_deinit(sb_check_report *r);
/* SB_EXIT_OK, SB_EXIT_VERIFY, or of report.broke. */
int sb_check_exit(const sb_check_report *r);

/* What was found, what it means and what to do, in words or (json) as one JSON object; appended. */
void sb_check_tell(const sb_check_report *r, const char *dir, sb_lang lang, bool json, sb_buf *out);
const char *sb_check_part_name(sb_check_part part, sb_lang lang);

/* ---- for whoever checks own rows ---- */

/* A row of this name is damaged. */
void sb_check_tell_row(const sb_check_own *own, sb_check_cure cure, sb_err code, const char *name);

#endif
