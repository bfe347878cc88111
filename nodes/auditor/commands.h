/* The commands of samband-audit, and what they share. Each returns its exit code: 0 it holds, 3 it
 * doesn't, 2 wrong use, 1 a file can't be read. */
#ifndef SB_AUDITOR_COMMANDS_H
#define SB_AUDITOR_COMMANDS_H

#include "nodes/host/args.h"

#define SB_AUDIT_NAME "samband-audit"

int sb_audit_evidence(const sb_args *args);       /* cmd_evidence.c */
int sb_audit_decision_proof(const sb_args *args); /* cmd_proof.c */

/* On stdout, made safe for a terminal unless it is JSON. */
void sb_audit_print(const sb_args *args, const sb_buf *text);
/* A counter on stderr. */
void sb_audit_progress(void *arg, uint64_t done, uint64_t total);

#endif
