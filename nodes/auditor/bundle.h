/* The files of a bundle, by path inside it; what was asked for is remembered, so that strangers can
 * be told apart. */
#ifndef SB_AUDITOR_BUNDLE_H
#define SB_AUDITOR_BUNDLE_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/kv.h"
#include "proto/base/limits.h"
#include "proto/merkle/tree.h"

typedef struct sb_bundle {
    const char *dir; /* borrowed */
    sb_kv *asked;    /* paths */
    sb_buf file;     /* the one being read */
} sb_bundle;

void sb_bundle_init(sb_bundle *b, const char *dir);
void sb_bundle_deinit(sb_bundle *b);

/* Read a whole file; *bytes is borrowed until the next read.
 * Errors: SB_E_AUDIT_MISSING, SB_E_AUDIT_FILE with *cause (too large, not a file), SB_E_FILE_READ,
 * SB_E_FILE_ACCESS. */
sb_err sb_bundle_read(sb_bundle *b, const char *path, size_t bytes_max, sb_slice *bytes,
                      sb_fail *fail, sb_fail *cause);
/* … into a buffer of the caller's, cleared before. */
sb_err sb_bundle_read_into(sb_bundle *b, const char *path, size_t bytes_max, sb_buf *into,
                           sb_fail *fail, sb_fail *cause);
/* "tile/0/000.p/12", "tile/entries/001". */
void sb_bundle_tile_path(bool is_entries, uint32_t level, uint64_t index, uint32_t width,
                         char out[SB_BUNDLE_PATH_BYTES_MAX]);
/* Compare a stored tile with the hashes that the entries give.
 * Errors: as sb_bundle_read; SB_E_AUDIT_FILE (its length), SB_E_AUDIT_TILE. */
sb_err sb_bundle_compare_tile(sb_bundle *b, uint32_t level, uint64_t index, const sb_hash32 *hashes,
                              uint32_t width, sb_fail *fail, sb_fail *cause);
/* Is there anything of this name? */
bool sb_bundle_has(const sb_bundle *b, const char *path);
/* The file must hold exactly these bytes. Errors: as sb_bundle_read; SB_E_AUDIT_FILE. */
sb_err sb_bundle_compare(sb_bundle *b, const char *path, sb_slice expected, sb_fail *fail,
                         sb_fail *cause);
/* The first file, symbolic link or other thing that was never asked for, made safe to show; NULL:
 * none. Errors: SB_E_FILE_*. */
sb_err sb_bundle_stranger(sb_bundle *b, sb_arena *arena, const char **path, sb_fail *fail);

#endif
