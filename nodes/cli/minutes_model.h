/* From a node's answers to the minutes' model (nodes/papers/minutes.h). Only looks: what fetches
 * the answers and the blobs is the caller's (minutes_write.c, and tests). */
#ifndef SB_CLI_MINUTES_MODEL_H
#define SB_CLI_MINUTES_MODEL_H

#include "nodes/host/doc.h"
#include "nodes/papers/minutes.h"

typedef struct sb_minutes_source {
    const sb_doc *meeting; /* query "meeting REF" */
    const sb_doc *charter; /* query "charter" */
    const sb_doc *status;  /* query "status" of the node */
    /* The "certificate" member of query "certificate QUESTION"; NULL: none. */
    const sb_doc *(*certificate)(void *arg, const char *question_id);
    /* Query "actions CASE"; NULL: none, or not asked. May be NULL. */
    const sb_doc *(*actions)(void *arg, const char *case_id);
    /* The content of a blob (without its 32 random bytes); false: not held. Borrowed from `arena`.
     * content->len at most what papers print; a longer one is cut. */
    bool (*blob)(void *arg, const char *sha256_hex, sb_slice *content);
    void *arg;
} sb_minutes_source;

/* Everything lives in the arena. Errors: SB_E_DOC_* when an answer isn't what queries promise. */
sb_err sb_minutes_model_of(const sb_minutes_source *source, sb_lang lang, sb_arena *arena,
                           sb_minutes_model *out, sb_fail *fail);
/* Only who was there (`people`) and where the minutes stand (`state`, `drafts` and their dates), from
 * the meeting alone; charter, status and certificate may be NULL. Errors as above. */
sb_err sb_minutes_presence_of(const sb_minutes_source *source, sb_lang lang, sb_arena *arena,
                              sb_minutes_model *out, sb_fail *fail);
/* The name that the charter (query "charter") gives the office by which somebody chairs a body's meeting; "": none.
 * basis as in query "meeting". */
const char *sb_minutes_chair_office(const sb_doc *charter, const char *body, const char *basis);

#endif
