/* The bundle of a federation with a decided case, and the auditor run on it. */
#ifndef SB_TESTS_AUDIT_RIG_H
#define SB_TESTS_AUDIT_RIG_H

#include "nodes/auditor/report.h"
#include "tests/lib/bundle_files.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed.h"

enum { RIG_PATHS_MAX = 200 };

typedef struct rig {
    fed *whole; /* one case decided, the text of one erased, more than 256 leaves, all sealed */
    size_t more_cases;    /* … most of them these, that are only reported */
    char dir[64];         /* of the bundle */
    const char *decision; /* the auditor is asked for it; NULL: for none */
    /* what the last audit gave: json and words also when it refused */
    sb_fail failed, cause;
    char *json, *words;
    char paths[RIG_PATHS_MAX][200]; /* list_files */
    size_t path_count;
} rig;

/* cmocka's, of a group: no bundle is written yet. */
int rig_setup(void **state);
int rig_teardown(void **state);

/* The bundle of `whole`, anew; o.dir is set. */
void write_whole(rig *r, bundle_opts o);
/* The files of the bundle, in no order. */
void list_files(rig *r);
/* Audit it as `given`, but for the folder, threads and what is kept; then compare it with this summary, if
 * there is one. How the program would exit. */
int audit_with(rig *r, const sb_audit_opts *given, const char *summary);
int audit(rig *r);
/* Some argument of the failure is this. */
bool names(const rig *r, const char *what);
/* The audit fails with this code, and names this (NULL: anything). */
void is_refused(rig *r, sb_err code, const char *what);

#endif
