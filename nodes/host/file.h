/* Files: whole reads with a cap, atomic writes, directories, secrets' permission bits. */
#ifndef SB_HOST_FILE_H
#define SB_HOST_FILE_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"

enum { SB_FILE_MODE = 0644, SB_FILE_MODE_SECRET = 0600 };

/* Append the whole file to out; more than bytes_max is refused. "-" reads standard input.
 * Errors: SB_E_FILE_MISSING, SB_E_FILE_ACCESS, SB_E_FILE_NOT_REGULAR (a directory),
 * SB_E_FILE_READ (path, reason), SB_E_TOO_LARGE. */
sb_err sb_file_read(const char *path, size_t bytes_max, sb_buf *out, sb_fail *fail);
/* As sb_file_read, for secrets: refuses a file that group or others may use. A pipe is fine.
 * The caller wipes out->data. Errors: also SB_E_FILE_OPEN_TO_OTHERS. */
sb_err sb_file_read_secret(const char *path, size_t bytes_max, sb_buf *out, sb_fail *fail);
/* Open for reading with the same check; *fd is the caller's to close. */
sb_err sb_file_open_secret(const char *path, int *fd, sb_fail *fail);
/* Replace or make `path` so that a reader sees the old or the new bytes, never a mix, also after
 * a power cut: temporary file beside it, fsync, rename, fsync of the directory.
 * Errors: SB_E_FILE_WRITE (path, reason), SB_E_DIR_MISSING, SB_E_FILE_ACCESS,
 * SB_E_FILE_DISK_FULL. */
sb_err sb_file_write(const char *path, sb_slice bytes, unsigned mode, sb_fail *fail);
/* As sb_file_write but never over an existing file, and (where the file system can) without a
 * temporary name that a killed process would leave behind. Errors: also SB_E_FILE_EXISTS. */
sb_err sb_file_write_new(const char *path, sb_slice bytes, unsigned mode, sb_fail *fail);
/* mkdir -p: missing directories get `mode`, whatever the umask, and are on the disk then; existing
 * ones keep theirs.
 * Errors: SB_E_DIR_MAKE (path, reason). */
sb_err sb_dir_make(const char *path, unsigned mode, sb_fail *fail);
/* Move a directory to a name where nothing lies, or an empty directory; on the disk then.
 * Errors: as of sb_file_write. */
sb_err sb_dir_move(const char *from, const char *to, sb_fail *fail);
/* True when the directory has no entries but "." and "..", or doesn't exist. */
bool sb_dir_is_empty(const char *path);
bool sb_file_exists(const char *path);
/* Names in a directory in byte order (arena-owned), without "." and "..".
 * Errors: SB_E_FILE_MISSING, SB_E_FILE_READ. */
sb_err sb_dir_list(const char *path, sb_arena *arena, const char *const **names, size_t *count,
                   sb_fail *fail);
/* dir + "/" + name, in the arena; an absolute `name` (or an empty dir) stands alone. */
const char *sb_path_join(sb_arena *arena, const char *dir, const char *name);
/* Everything before the last "/", "." when there is none. */
const char *sb_path_dir(sb_arena *arena, const char *path);

/* Others can't write in it, so nobody puts a key or a store in ours' place; what isn't there is fine.
 * Errors: SB_E_DIR_OPEN_TO_OTHERS. */
sb_err sb_dir_check_private(const char *path, sb_fail *fail);

#endif
