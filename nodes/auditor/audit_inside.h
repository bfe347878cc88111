/* Shared by the parts of an audit. */
#ifndef SB_AUDITOR_AUDIT_INSIDE_H
#define SB_AUDITOR_AUDIT_INSIDE_H

#include "nodes/auditor/audit.h"
#include "nodes/auditor/bundle.h"
#include "proto/merkle/head_notes.h"

typedef struct sb_auditing {
    const sb_audit_opts *opts;
    sb_audit *a;
    sb_bundle bundle;
    sb_kv *blobs;          /* sha256 -> u64be size: what the leaves name */
    sb_checkpoint from;    /* opts->from; size 0: none */
    sb_arena scratch;      /* of one head */
    sb_signed_head sealed; /* by the SEAL under way */
    char sealed_path[SB_BUNDLE_PATH_BYTES_MAX];
    sb_fail *fail;
} sb_auditing;

/* In this order; each as sb_audit_run. */
sb_err sb_audit_read_founding(sb_auditing *x);   /* audit.c: federation.samband */
sb_err sb_audit_read_checkpoint(sb_auditing *x); /* audit_heads.c: its size; not verified yet */
sb_err sb_audit_fold(sb_auditing *x);            /* audit_leaves.c */
sb_err sb_audit_verify_head(sb_auditing *x);   /* audit_heads.c: root, signatures, quorum, final */
sb_err sb_audit_verify_policy(sb_auditing *x); /* audit_heads.c */
sb_err sb_audit_verify_from(sb_auditing *x);   /* audit_heads.c: its signature */
sb_err sb_audit_verify_blobs(sb_auditing *x);  /* audit_blobs.c: erased, blobs/ */

/* A SEAL's head and its notes (audit_sealed.c): made before the ledger takes the leaf, compared with
 * the files after. Errors of the second: SB_E_AUDIT_MISSING, SB_E_AUDIT_FILE. */
void sb_audit_seal_begin(sb_auditing *x, const Sb__Seal *seal);
sb_err sb_audit_seal_compare(sb_auditing *x);
/* Note number `which` of a head in this file: "checkpoint", "checkpoint.2"… */
void sb_audit_note_path(const char *path, uint32_t which, char out[SB_BUNDLE_PATH_BYTES_MAX]);

#endif
