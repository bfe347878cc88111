#include "nodes/host/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, READ_BYTES = 16384 };

/* The errors that people meet have words of their own, in their language. */
static sb_err file_fail(sb_fail *fail, sb_err otherwise, const char *path, int rc)
{
    if (rc == ENOENT || rc == ENOTDIR)
        return sb_fail_set(
            fail, otherwise == SB_E_FILE_WRITE ? SB_E_DIR_MISSING : SB_E_FILE_MISSING, path, NULL);
    if (rc == EACCES || rc == EPERM || rc == EROFS)
        return sb_fail_set(fail, SB_E_FILE_ACCESS, path, NULL);
    if (rc == ENOSPC || rc == EDQUOT)
        return sb_fail_set(fail, SB_E_FILE_DISK_FULL, path, NULL);
    if (rc == EISDIR)
        return sb_fail_set(fail, SB_E_FILE_NOT_REGULAR, path, NULL);
    return sb_fail_set(fail, otherwise, path, strerror(rc), NULL);
}

static sb_err too_large(sb_fail *fail, const char *path, size_t bytes, size_t limit)
{
    char a[24], b[24];
    (void)snprintf(a, sizeof a, "%zu", bytes);
    (void)snprintf(b, sizeof b, "%zu", limit);
    return sb_fail_set(fail, SB_E_TOO_LARGE, path, a, b, NULL);
}

static sb_err read_fd(int fd, const char *path, size_t bytes_max, sb_buf *out, sb_fail *fail)
{
    size_t total = 0;
    for (;;) {
        uint8_t part[READ_BYTES];
        ssize_t got = read(fd, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return file_fail(fail, SB_E_FILE_READ, path, errno);
        if (got == 0)
            return SB_OK;
        total += (size_t)got;
        if (total > bytes_max)
            return too_large(fail, path, total, bytes_max);
        sb_buf_add(out, sb_slice_of(part, (size_t)got));
    }
}

/* Secrets: a file that others may use is refused, whatever it holds. */
static sb_err open_path(const char *path, bool secret, int *fd, struct stat *st, sb_fail *fail)
{
    sb_err err = SB_OK;
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0)
        return file_fail(fail, SB_E_FILE_READ, path, errno);
    if (fstat(*fd, st) != 0)
        err = file_fail(fail, SB_E_FILE_READ, path, errno);
    else if (S_ISDIR(st->st_mode))
        err = sb_fail_set(fail, SB_E_FILE_NOT_REGULAR, path, NULL);
    else if (secret && S_ISREG(st->st_mode) && (st->st_mode & 077) != 0)
        err = sb_fail_set(fail, SB_E_FILE_OPEN_TO_OTHERS, path, NULL);
    if (err != SB_OK) {
        (void)close(*fd);
        *fd = -1;
    }
    return err;
}

static sb_err read_path(const char *path, size_t bytes_max, bool secret, sb_buf *out, sb_fail *fail)
{
    struct stat st;
    int fd;
    sb_err err = open_path(path, secret, &fd, &st, fail);
    if (err != SB_OK)
        return err;
    if (S_ISREG(st.st_mode) && (uint64_t)st.st_size > bytes_max)
        err = too_large(fail, path, (size_t)st.st_size, bytes_max);
    else
        err = read_fd(fd, path, bytes_max, out, fail);
    (void)close(fd);
    return err;
}

sb_err sb_file_open_secret(const char *path, int *fd, sb_fail *fail)
{
    struct stat st;
    return open_path(path, true, fd, &st, fail);
}

sb_err sb_file_read(const char *path, size_t bytes_max, sb_buf *out, sb_fail *fail)
{
    if (strcmp(path, "-") == 0)
        return read_fd(STDIN_FILENO, path, bytes_max, out, fail);
    return read_path(path, bytes_max, false, out, fail);
}

sb_err sb_file_read_secret(const char *path, size_t bytes_max, sb_buf *out, sb_fail *fail)
{
    return read_path(path, bytes_max, true, out, fail);
}

static int write_all(int fd, sb_slice bytes)
{
    size_t at = 0;
    while (at < bytes.len) {
        ssize_t got = write(fd, bytes.data + at, bytes.len - at);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got > 0)
            at += (size_t)got;
    }
    return 0;
}

static void dir_of(const char *path, char dir[PATH_BYTES])
{
    (void)snprintf(dir, PATH_BYTES, "%s", path);
    char *slash = strrchr(dir, '/');
    if (slash == NULL)
        (void)snprintf(dir, PATH_BYTES, ".");
    else
        slash[slash == dir ? 1 : 0] = '\0';
}

/* A name that was made, moved or removed is on the disk when its directory is. */
static int sync_dir_of(const char *path)
{
    char dir[PATH_BYTES];
    dir_of(path, dir);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int rc = fsync(fd) != 0 ? errno : 0;
    (void)close(fd);
    return rc;
}

/* Everything but the name: mode and bytes, on the disk. Closes fd. */
static int fill(int fd, sb_slice bytes, unsigned mode)
{
    int rc = write_all(fd, bytes);
    if (rc == 0 && fchmod(fd, (mode_t)mode) != 0)
        rc = errno;
    if (rc == 0 && fsync(fd) != 0)
        rc = errno;
    return rc;
}

static int close_with(int fd, int rc)
{
    return close(fd) != 0 && rc == 0 ? errno : rc;
}

/* Beside it under another name, then renamed over it. */
static int write_over(const char *path, sb_slice bytes, unsigned mode)
{
    char temporary[PATH_BYTES];
    int len = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof temporary)
        return ENAMETOOLONG;
    int fd = mkostemp(temporary, O_CLOEXEC); /* 0600 until it has its own mode */
    if (fd < 0)
        return errno;
    int rc = close_with(fd, fill(fd, bytes, mode));
    if (rc == 0 && rename(temporary, path) != 0)
        rc = errno;
    if (rc != 0)
        (void)unlink(temporary);
    return rc;
}

/* link() refuses to replace where rename() would not. */
static int write_beside(const char *path, sb_slice bytes, unsigned mode)
{
    char temporary[PATH_BYTES];
    int len = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (len < 0 || (size_t)len >= sizeof temporary)
        return ENAMETOOLONG;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return errno;
    int rc = close_with(fd, fill(fd, bytes, mode));
    if (rc == 0 && link(temporary, path) != 0)
        rc = errno;
    (void)unlink(temporary);
    return rc;
}

/* A file that has no name until it is whole: whoever is killed leaves no part of a key behind. */
static int write_unnamed(const char *path, sb_slice bytes, unsigned mode)
{
    char dir[PATH_BYTES], own[64];
    dir_of(path, dir);
    int fd = open(dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) /* not every file system can */
        return errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT
                   ? write_beside(path, bytes, mode)
                   : errno;
    (void)snprintf(own, sizeof own, "/proc/self/fd/%d", fd);
    int rc = fill(fd, bytes, mode);
    if (rc == 0 && linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW) != 0)
        rc = errno;
    rc = close_with(fd, rc);
    return rc == ENOENT ? write_beside(path, bytes, mode) : rc; /* a machine without /proc */
}

static sb_err write_path(const char *path, sb_slice bytes, unsigned mode, bool replace,
                         sb_fail *fail)
{
    int rc = replace ? write_over(path, bytes, mode) : write_unnamed(path, bytes, mode);
    if (rc == 0)
        rc = sync_dir_of(path);
    if (rc == EEXIST && !replace)
        return sb_fail_set(fail, SB_E_FILE_EXISTS, path, NULL);
    return rc == 0 ? SB_OK : file_fail(fail, SB_E_FILE_WRITE, path, rc);
}

sb_err sb_file_write(const char *path, sb_slice bytes, unsigned mode, sb_fail *fail)
{
    return write_path(path, bytes, mode, true, fail);
}

sb_err sb_file_write_new(const char *path, sb_slice bytes, unsigned mode, sb_fail *fail)
{
    return write_path(path, bytes, mode, false, fail);
}

static int make_one(const char *path, unsigned mode)
{
    struct stat st;
    if (mkdir(path, (mode_t)mode) == 0) /* chmod: whatever the umask took away */
        return chmod(path, (mode_t)mode) != 0 ? errno : sync_dir_of(path);
    int rc = errno;
    if (stat(path, &st) == 0)
        return S_ISDIR(st.st_mode) ? 0 : EEXIST;
    return rc;
}

sb_err sb_dir_make(const char *path, unsigned mode, sb_fail *fail)
{
    char part[PATH_BYTES];
    size_t len = strlen(path);
    int rc = len == 0 ? ENOENT : len >= sizeof part ? ENAMETOOLONG : 0;
    for (size_t i = 1; i <= len && rc == 0; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        rc = make_one(part, mode);
    }
    if (rc == 0)
        return SB_OK;
    if (rc == EACCES || rc == ENOSPC)
        return file_fail(fail, SB_E_DIR_MAKE, path, rc);
    return sb_fail_set(fail, SB_E_DIR_MAKE, path, strerror(rc), NULL);
}

sb_err sb_dir_move(const char *from, const char *to, sb_fail *fail)
{
    int rc = rename(from, to) != 0 ? errno : sync_dir_of(to);
    return rc == 0 ? SB_OK : file_fail(fail, SB_E_FILE_WRITE, to, rc);
}

static bool is_dot(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool sb_dir_is_empty(const char *path)
{
    DIR *dir = opendir(path);
    bool empty = true;
    if (dir == NULL)
        return errno == ENOENT;
    for (const struct dirent *e = readdir(dir); e != NULL && empty; e = readdir(dir))
        empty = is_dot(e->d_name);
    (void)closedir(dir);
    return empty;
}

bool sb_file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

sb_err sb_dir_list(const char *path, sb_arena *arena, const char *const **names, size_t *count,
                   sb_fail *fail)
{
    const char **list = NULL;
    size_t n = 0, cap = 0;
    DIR *dir = opendir(path);
    if (dir == NULL)
        return file_fail(fail, SB_E_FILE_READ, path, errno);
    for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
        if (is_dot(e->d_name))
            continue;
        if (n == cap) {
            cap = cap == 0 ? 16 : 2 * cap;
            const char **larger = SB_ARENA_ARRAY(arena, const char *, cap);
            if (n > 0)
                memcpy(larger, list, n * sizeof *list);
            list = larger;
        }
        list[n++] = sb_arena_str(arena, sb_slice_str(e->d_name));
    }
    (void)closedir(dir);
    if (n > 0)
        qsort(list, n, sizeof *list, compare_names);
    *names = list;
    *count = n;
    return SB_OK;
}

const char *sb_path_join(sb_arena *arena, const char *dir, const char *name)
{
    size_t len = strlen(dir);
    if (len == 0 || name[0] == '/')
        return sb_arena_str(arena, sb_slice_str(name));
    return sb_arena_printf(arena, "%s%s%s", dir, dir[len - 1] == '/' ? "" : "/", name);
}

const char *sb_path_dir(sb_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    if (slash == path)
        return "/";
    return sb_arena_str(arena, sb_slice_of(path, (size_t)(slash - path)));
}

sb_err sb_dir_check_private(const char *path, sb_fail *fail)
{
    struct stat st;
    if (stat(path, &st) != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) == 0)
        return SB_OK;
    return sb_fail_set(fail, SB_E_DIR_OPEN_TO_OTHERS, path, NULL);
}
