/* A document tree that YAML and JSON files are read into: immutable, arena-owned, every node with
 * its place, and accessors that say file, line, what is wrong and what to do.
 *
 * The accessors take NULL for an absent node and treat it as missing, so that
 * sb_doc_text(sb_doc_get(map, "title"), …) is safe.
 */
#ifndef SB_HOST_DOC_H
#define SB_HOST_DOC_H

#include "proto/base/arena.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

typedef enum sb_doc_kind {
    SB_DOC_TEXT = 1, /* a quoted or block scalar; a JSON string */
    SB_DOC_PLAIN,    /* unquoted YAML scalar, JSON number, true, false: text, number or bool */
    SB_DOC_NULL,     /* empty, ~ or null */
    SB_DOC_LIST,
    SB_DOC_MAP
} sb_doc_kind;

typedef struct sb_doc sb_doc;
struct sb_doc {
    sb_doc_kind kind;
    const char *file; /* as given to the reader */
    uint32_t line;    /* from 1 */
    uint32_t column;  /* from 1; 0 when not known (JSON) */
    const char *key;  /* the key it stands under, "" in a list or at the root */
    sb_slice text;    /* TEXT, PLAIN: valid UTF-8, NUL-terminated after len, no NUL inside */
    uint32_t count;   /* LIST, MAP: children */
    const sb_doc *const *items; /* LIST, MAP: the values in file order; names are items[i]->key */
};

/* The value under `key`, NULL when absent (or `map` is NULL or no map). */
const sb_doc *sb_doc_get(const sb_doc *map, const char *key);
/* Errors: SB_E_DOC_MISSING_KEY (file, line, key), SB_E_DOC_WANT_MAP. */
sb_err sb_doc_need(const sb_doc *map, const char *key, const sb_doc **value, sb_fail *fail);
/* Any scalar as text (also 12 or true written without quotes). Borrowed from the arena.
 * Errors: SB_E_DOC_WANT_TEXT. */
sb_err sb_doc_text(const sb_doc *node, const char **text, sb_fail *fail);
/* A decimal integer within [min, max]. Errors: SB_E_DOC_WANT_NUMBER, SB_E_DOC_RANGE. */
sb_err sb_doc_u64(const sb_doc *node, uint64_t min, uint64_t max, uint64_t *value, sb_fail *fail);
sb_err sb_doc_i64(const sb_doc *node, int64_t min, int64_t max, int64_t *value, sb_fail *fail);
/* true or false, nothing else (not yes, no, on, off). Errors: SB_E_DOC_WANT_BOOL. */
sb_err sb_doc_bool(const sb_doc *node, bool *value, sb_fail *fail);
/* One of the NULL-ended words; *index is its place. Errors: SB_E_DOC_CHOICE (with the words). */
sb_err sb_doc_choice(const sb_doc *node, const char *const *words, uint32_t *index, sb_fail *fail);
/* Errors: SB_E_DOC_WANT_LIST; SB_E_DOC_WANT_MAP. */
sb_err sb_doc_want_list(const sb_doc *node, sb_fail *fail);
sb_err sb_doc_want_map(const sb_doc *node, sb_fail *fail);

/* Key and value in one: required, and with a default when absent. */
sb_err sb_doc_need_text(const sb_doc *map, const char *key, const char **text, sb_fail *fail);
sb_err sb_doc_need_u64(const sb_doc *map, const char *key, uint64_t min, uint64_t max,
                       uint64_t *value, sb_fail *fail);
sb_err sb_doc_text_or(const sb_doc *map, const char *key, const char *otherwise, const char **text,
                      sb_fail *fail);
sb_err sb_doc_u64_or(const sb_doc *map, const char *key, uint64_t min, uint64_t max,
                     uint64_t otherwise, uint64_t *value, sb_fail *fail);
sb_err sb_doc_bool_or(const sb_doc *map, const char *key, bool otherwise, bool *value,
                      sb_fail *fail);

/* Where nothing is refused, as in answers of queries: what is absent, null or of another kind is "",
 * 0, false, of no items. Any scalar is text (as in sb_doc_text). */
const char *sb_doc_str(const sb_doc *map, const char *key);
uint64_t sb_doc_num(const sb_doc *map, const char *key);
bool sb_doc_true(const sb_doc *map, const char *key);
uint32_t sb_doc_count(const sb_doc *list);

/* A list that came in parts: *list becomes that of both (NULL: of `more` alone), in `arena`.
 * Errors: SB_E_DOC_WANT_LIST. */
sb_err sb_doc_append(const sb_doc **list, const sb_doc *more, sb_arena *arena, sb_fail *fail);

/* Every key of `map` is one of the NULL-ended names: sb_doc_only(m, fail, "a", "b", NULL).
 * Errors: SB_E_DOC_UNKNOWN_KEY (file, line, key, the allowed ones), SB_E_DOC_WANT_MAP. */
sb_err sb_doc_only(const sb_doc *map, sb_fail *fail, ...) __attribute__((sentinel));

/* For the caller's own checks: `code` with file, line and up to two arguments of its own. */
sb_err sb_doc_fail(const sb_doc *node, sb_err code, const char *a2, const char *a3, sb_fail *fail);

#endif
