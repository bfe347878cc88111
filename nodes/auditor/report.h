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

/* How many RESULTs stand at this index or later. */
uint64_t sb_audit_results_since(sb_audit *a, uint64_t index);

/* One decision, by number ("04/22", "ssu:04/22") or question id: what was decided, by whom and under
 * which rules (the certificate's text), where its RESULT stands and whether it is final. Of an audit
 * that keeps certificates.
 * Errors: SB_E_AUDIT_DECISION, SB_E_QUERY_AMBIGUOUS. */
typedef struct sb_audit_decision {
    const char *ref, *question; /* question: id, hex */
    const char *text;           /* in words */
    const char *sha256;         /* of the certificate */
    uint64_t result_index;
    bool is_final;
} sb_audit_decision;
sb_err sb_audit_decision_find(sb_audit *a, const char *ref, sb_lang lang, sb_audit_decision *out,
                              sb_fail *fail);
void sb_audit_decision_text(sb_audit *a, const sb_audit_decision *d, sb_lang lang, sb_buf *out);
/* A JSON object, without newline. */
void sb_audit_decision_json(const sb_audit_decision *d, sb_buf *out);

/* The JSON object and a newline. `failed`: what sb_audit_run refused with; code SB_OK: all is well.
 * `decision`: JSON of the one asked for, or empty. */
void sb_audit_json(sb_audit *a, const sb_fail *failed, sb_slice decision, sb_buf *out);
/* Lines for people; not yet safe for a terminal. `decision`: the one asked for, or NULL. */
void sb_audit_text(sb_audit *a, const sb_audit_opts *opts, const sb_audit_decision *decision,
                   const sb_fail *failed, sb_lang lang, sb_buf *out);

/* Hold summary.json against what the bundle gives: each node's size, root, digest and final, and
 * every case. Errors: SB_E_AUDIT_DIFFERS, SB_E_DOC_*, SB_E_FILE_*. */
sb_err sb_audit_compare(sb_audit *a, const char *path, sb_fail *fail);

#endif
