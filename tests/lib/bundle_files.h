/* Writing a bundle (PROTOCOL.md "Bundle") from the leaves of a test federation, by code of its own:
 * what the auditor reads isn't written by what it shares with the product. */
#ifndef SB_TESTS_LIB_BUNDLE_FILES_H
#define SB_TESTS_LIB_BUNDLE_FILES_H

#include "tests/lib/fed.h"

typedef struct bundle_opts {
    const char *dir; /* exists */
    /* The leaves: NULL: those of the federation. */
    const sb_slice *leaves;
    size_t leaf_count;
    uint32_t cosigners;    /* how many organisations, from the first; UINT32_MAX: all */
    const char *log_key;   /* name of the key that signs; NULL: the term's */
    bool foreign_line;     /* a cosignature by somebody else too */
    bool is_unsorted;      /* the lines fall by key instead of rising */
    uint32_t bad_cosigner; /* 1 + the organisation whose line is signed by another key; 0: none */
} bundle_opts;

/* The head is of all leaves, by the log and the organisations of f as they are now. */
void bundle_write(fed *f, const bundle_opts *opts);

/* The whole file, NUL-terminated; malloc'ed. */
uint8_t *bundle_read(const char *dir, const char *path, size_t *len);
void bundle_put(const char *dir, const char *path, const void *data, size_t len);

#endif
