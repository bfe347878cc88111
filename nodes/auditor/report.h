/* What an audit found, for people and as JSON (PROTOCOL.md "Bundle", Summary). */
#ifndef SB_AUDITOR_REPORT_H
#define SB_AUDITOR_REPORT_H

#include "nodes/auditor/audit.h"
#include "proto/text/text.h"

/* A case as its last treatment left it; "" for what it hasn't. Strings live in the audit's arena.
 */
typedef struct sb_audit_case {
    const char *number, *body, *title;
    const char *outcome, *mode; /* codes */
    const char *date;           /* of the meeting, ISO */
    bool after_objection;       /* consensus was asked for, but it came to a vote by name */
} sb_audit_case;

/* All cases, in the order reported. Errors: those of queries. */
sb_err sb_audit_cases(sb_audit *a, const sb_audit_case **cases, size_t *count, sb_fail *fail);

/* The JSON object and a newline. `failed`: what sb_audit_run refused with; code SB_OK: all is well.
 */
void sb_audit_json(sb_audit *a, const sb_fail *failed, sb_buf *out);
/* Lines for people; not yet safe for a terminal. */
void sb_audit_text(sb_audit *a, const sb_audit_opts *opts, const sb_fail *failed, sb_lang lang,
                   sb_buf *out);

/* Hold summary.json against what the bundle gives: each node's size, root, digest and final, and
 * every case. Errors: SB_E_AUDIT_DIFFERS, SB_E_DOC_*, SB_E_FILE_*. */
sb_err sb_audit_compare(sb_audit *a, const char *path, sb_fail *fail);

#endif
