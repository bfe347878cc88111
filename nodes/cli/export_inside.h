/* Shared by the parts of an export. */
#ifndef SB_CLI_EXPORT_INSIDE_H
#define SB_CLI_EXPORT_INSIDE_H

#include "nodes/cli/export.h"
#include "proto/base/kv.h"
#include "proto/merkle/head_notes.h"
#include "proto/merkle/tlog_policy.h"
#include "proto/merkle/tree.h"

enum { SB_EXPORT_POLICIES_MAX = 2 };

typedef struct sb_exporter {
    sb_cli *cli;
    const char *dir;     /* where it is being written */
    const char *target;  /* where it goes when it is whole; NULL: dir is it */
    sb_signed_head head; /* the newest certified one */
    sb_slice policies[SB_EXPORT_POLICIES_MAX];
    uint32_t policy_count;
    sb_tree tree;     /* of the leaves so far */
    sb_arena scratch; /* for one leaf */
    sb_buf entries;   /* the entry bundle being filled */
    uint32_t entry_count;
    uint64_t bundles; /* full ones behind us */
    uint32_t term;    /* of the leaves so far, and its log key */
    uint8_t log_pk[32];
    sb_kv *erased;   /* sha256 -> u64be index of the leaf, below the head */
    sb_kv *names;    /* witness key -> organisation */
    sb_kv *proposed; /* the same, of organisations that actions propose */
    uint64_t blobs, blobs_missing, kept;
    sb_err tile_err;
} sb_exporter;

/* ---- export_files.c ---- */

/* Write DIR/name unless it holds these bytes already. */
sb_err sb_export_put(sb_exporter *x, const char *name, sb_slice bytes);
sb_err sb_export_put_tile(sb_exporter *x, bool is_entries, uint32_t level, uint64_t index,
                          uint32_t width, sb_slice bytes);
/* The whole file into `into`; false: missing or larger. */
bool sb_export_read(sb_exporter *x, const char *name, size_t bytes_max, sb_buf *into);
/* DIR may become our bundle: it is empty, or an older one. Errors: see sb_export_bundle. */
sb_err sb_export_check_dir(sb_exporter *x, sb_slice federation_file);
/* Remove partial tiles of other sizes, notes and policies beyond those there are, erased
 * attachments, and what an interrupted run left behind. */
void sb_export_sweep(sb_exporter *x);
/* Remove tiles, sealed heads and attachments altogether. */
void sb_export_wipe(sb_exporter *x);

/* ---- export_place.c ---- */

/* Write beside DIR from now on, where links to what it has stand, and what a killed export left, if
 * that can be done.
 * Errors: SB_E_CLI_DIR_NOT_EMPTY (something else lies there). */
sb_err sb_export_place(sb_exporter *x, sb_slice federation_file);
/* It is whole: all of it on the disk, and in the place of the older one. Errors: SB_E_FILE_WRITE. */
sb_err sb_export_settle(sb_exporter *x);

/* ---- export_heads.c ---- */

/* Take a certified head from a note by the node: its policies are asked for, and its lines by those
 * whom they name are kept, in their one order. Errors: SB_E_CLI_NO_MATCH (no note), SB_E_POLICY_*,
 * SB_E_CHECKPOINT_*, the session's. */
sb_err sb_export_take_certified(sb_exporter *x, sb_slice note);
/* Ask for the newest certified head, its policies and what is erased. */
sb_err sb_export_ask_head(sb_exporter *x);
/* What a leaf says of keys and terms; a SEAL's notes are written. */
sb_err sb_export_learn(sb_exporter *x, const sb_leaf *leaf);
/* policy, erased and, last of all, checkpoint. Errors: SB_E_CLI_DIFFERS (another log key). */
sb_err sb_export_finish(sb_exporter *x);

#endif
