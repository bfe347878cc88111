/* The files of a bundle, by path inside it; what was asked for is remembered, so that strangers can
 * be told apart. */
#ifndef SB_AUDITOR_BUNDLE_H
#define SB_AUDITOR_BUNDLE_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/kv.h"
#include "proto/merkle/tree.h"

enum { SB_BUNDLE_PATH_BYTES_MAX = 120 };

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
/* "tile/0/000.p/12", "tile/entries/001". */
void sb_bundle_tile_path(bool is_entries, uint32_t level, uint64_t index, uint32_t width,
                         char out[SB_BUNDLE_PATH_BYTES_MAX]);
/* Compare a stored tile with the hashes that the entries give.
 * Errors: as sb_bundle_read; SB_E_AUDIT_FILE (its length), SB_E_AUDIT_TILE. */
sb_err sb_bundle_compare_tile(sb_bundle *b, uint32_t level, uint64_t index, const sb_hash32 *hashes,
                              uint32_t width, sb_fail *fail, sb_fail *cause);
/* An sb_tile_reader over full tiles that were compared before; arg: the bundle. */
bool sb_bundle_read_tile(void *bundle, uint32_t level, uint64_t index, uint32_t first,
                         uint32_t count, sb_hash32 *out);

/* Names in a folder of the bundle, none when it isn't there. Errors: SB_E_FILE_*. */
sb_err sb_bundle_list(sb_bundle *b, const char *folder, sb_arena *arena, const char *const **names,
                      size_t *count, sb_fail *fail);
/* Call `found` for each file, symbolic link or other thing that was never asked for. */
sb_err sb_bundle_strangers(sb_bundle *b, sb_arena *arena,
                           void (*found)(void *arg, const char *path), void *arg, sb_fail *fail);

#endif
