/* Shared by the parts of an audit. */
#ifndef SB_AUDITOR_AUDIT_INSIDE_H
#define SB_AUDITOR_AUDIT_INSIDE_H

#include "nodes/auditor/audit.h"
#include "nodes/auditor/bundle.h"

typedef struct sb_auditing {
    const sb_audit_opts *opts;
    sb_audit *a;
    sb_bundle bundle;
    sb_kv *blobs; /* sha256 -> u64be size: what the leaves name */
    sb_fail *fail;
} sb_auditing;

/* In this order; each as sb_audit_run. */
sb_err sb_audit_read_founding(sb_auditing *x);   /* audit.c: federation.samband */
sb_err sb_audit_read_checkpoint(sb_auditing *x); /* audit_heads.c: its size; not verified yet */
sb_err sb_audit_fold(sb_auditing *x);            /* audit_leaves.c */
sb_err sb_audit_verify_head(sb_auditing *x);    /* audit_heads.c: root, signatures, quorum, final */
sb_err sb_audit_verify_earlier(sb_auditing *x); /* audit_heads.c: checkpoints/ */
sb_err sb_audit_verify_blobs(sb_auditing *x);   /* audit_blobs.c */

#endif
