/* A disk that fails on demand, for tests: preloaded (LD_PRELOAD), it stands between a process and the
 * files under one folder. Nothing in the product knows about it.
 *
 *   SHIM_DIR=/tmp/x/broker      the folder; other files are left alone
 *   SHIM_FAULT=kill@7           what goes wrong, and when; several with commas between
 *   SHIM_SLEEP_MS=500           each sync takes so much longer
 *   SHIM_ARMED=/tmp/x/armed     all of this, the counting too, only while this file exists
 *   SHIM_LOG=/tmp/x/ops         a line an operation: number, kind, file, milliseconds (monotonic)
 *
 * A fault is WHAT[:KIND]@N, N from 1, with a + behind it: and from then on.
 *   WHAT  kill: SIGKILL before it; tear: half of the write is done, then SIGKILL;
 *         eio, enospc, enomem: it is refused so; short: half of the write is done
 *   KIND  write; meta: a write that is its own sync (O_DSYNC: LMDB's meta page); sync: fsync,
 *         fdatasync, msync; name: ftruncate, rename, link, unlink; open; read; map: mmap of a file;
 *         alloc: realloc, the product's one way to memory; anon: 1 MiB or more of anonymous memory
 *         (Argon2id's); these two whatever SHIM_DIR says.
 *         None: write, meta, sync and name together, counted as one row, as SHIM_LOG has them.
 *
 * What LMDB 0.9.24 does in a commit: pwrite, or lseek and writev, for the pages; fdatasync; pwrite
 * of the meta page to a descriptor that was opened O_DSYNC. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

typedef enum kind {
    WRITE,
    META,
    SYNC,
    NAME,
    OPEN,
    READ,
    MAP,
    ALLOC,
    ANON,
    KINDS,
    ANY = KINDS
} kind;
static const char *const KIND_NAMES[] = {"write", "meta", "sync",  "name", "open",
                                         "read",  "map",  "alloc", "anon"};

typedef enum what { NOTHING, KILL, TEAR, SHORT, REFUSE } what;

typedef struct verdict {
    what what;
    int error;
} verdict;

static unsigned long counts[KINDS + 1];

static bool is_armed(void)
{
    const char *armed = getenv("SHIM_ARMED");
    return armed == NULL || syscall(SYS_faccessat, AT_FDCWD, armed, F_OK, 0) == 0;
}

static bool is_under(const char *path)
{
    const char *dir = getenv("SHIM_DIR");
    return dir != NULL && strncmp(path, dir, strlen(dir)) == 0;
}

/* The name of an open file that is ours; false: it isn't. */
static bool name_of(int fd, char name[512])
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long len = syscall(SYS_readlinkat, AT_FDCWD, link, name, 511);
    if (len <= 0)
        return false;
    name[len] = '\0';
    return is_under(name);
}

static void note(unsigned long number, kind k, const char *name)
{
    const char *path = getenv("SHIM_LOG"), *base = strrchr(name, '/');
    struct timespec now;
    char line[256];
    if (path == NULL || k > NAME)
        return;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int len = snprintf(line, sizeof line, "%lu %s %.60s %lld\n", number, KIND_NAMES[k],
                       base == NULL ? name : base + 1,
                       (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    int fd =
        (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd >= 0) {
        (void)!syscall(SYS_write, fd, line, (size_t)len);
        (void)syscall(SYS_close, fd);
    }
}

/* One fault of the list against this operation. */
static verdict judge_one(const char *fault, kind k)
{
    static const struct {
        const char *word;
        verdict v;
    } WORDS[] = {{"kill", {KILL, 0}},          {"tear", {TEAR, 0}},
                 {"short", {SHORT, 0}},        {"eio", {REFUSE, EIO}},
                 {"enospc", {REFUSE, ENOSPC}}, {"enomem", {REFUSE, ENOMEM}}};
    const char *at = strchr(fault, '@'),
               *colon = memchr(fault, ':', at == NULL ? 0 : (size_t)(at - fault));
    kind wanted = ANY;
    char *end;
    if (at == NULL)
        return (verdict){NOTHING, 0};
    unsigned long n = strtoul(at + 1, &end, 10);
    for (int i = 0; colon != NULL && i < KINDS; i++)
        if (strlen(KIND_NAMES[i]) == (size_t)(at - colon - 1) &&
            strncmp(KIND_NAMES[i], colon + 1, (size_t)(at - colon - 1)) == 0)
            wanted = (kind)i;
    if (wanted == ANY ? k > NAME : wanted != k)
        return (verdict){NOTHING, 0};
    if (*end == '+' ? counts[wanted] < n : counts[wanted] != n)
        return (verdict){NOTHING, 0};
    size_t len = (size_t)((colon == NULL ? at : colon) - fault);
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++)
        if (strlen(WORDS[i].word) == len && strncmp(WORDS[i].word, fault, len) == 0)
            return WORDS[i].v;
    return (verdict){NOTHING, 0};
}

/* What becomes of the next operation of this kind. Killed here when so it is said. */
static verdict judge(kind k, const char *name)
{
    verdict v = {NOTHING, 0};
    if (!is_armed())
        return v;
    counts[k]++;
    if (k <= NAME)
        counts[ANY]++;
    note(counts[ANY], k, name);
    const char *sleep_ms = getenv("SHIM_SLEEP_MS");
    if (sleep_ms != NULL && (k == SYNC || k == META)) {
        long ms = atol(sleep_ms);
        struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
        (void)syscall(SYS_nanosleep, &pause, NULL);
    }
    for (const char *fault = getenv("SHIM_FAULT"); fault != NULL && v.what == NOTHING;) {
        v = judge_one(fault, k);
        fault = strchr(fault, ',');
        fault = fault == NULL ? NULL : fault + 1;
    }
    if (v.what == KILL || (v.what == TEAR && k != WRITE && k != META))
        (void)syscall(SYS_kill, getpid(), SIGKILL);
    return v;
}

static long refuse(int error)
{
    errno = error;
    return -1;
}

/* ---- writes ---- */

static kind write_kind(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_DSYNC) != 0 ? META : WRITE;
}

/* How many of `bytes` are written, or -1: refused. */
static long allowed(int fd, size_t bytes, bool *tears)
{
    char name[512];
    *tears = false;
    if (!name_of(fd, name))
        return (long)bytes;
    verdict v = judge(write_kind(fd), name);
    *tears = v.what == TEAR;
    if (v.what == REFUSE)
        return refuse(v.error);
    return (long)(v.what == TEAR || v.what == SHORT ? bytes / 2 : bytes);
}

static ssize_t written(long got, bool tears)
{
    if (tears)
        (void)syscall(SYS_kill, getpid(), SIGKILL);
    return got;
}

ssize_t write(int fd, const void *data, size_t bytes)
{
    bool tears;
    long may = allowed(fd, bytes, &tears);
    return may < 0 ? may : written(syscall(SYS_write, fd, data, (size_t)may), tears);
}

ssize_t pwrite(int fd, const void *data, size_t bytes, off_t at)
{
    bool tears;
    long may = allowed(fd, bytes, &tears);
    return may < 0 ? may : written(syscall(SYS_pwrite64, fd, data, (size_t)may, at), tears);
}

ssize_t pwrite64(int fd, const void *data, size_t bytes, off_t at)
{
    return pwrite(fd, data, bytes, at);
}

/* Of a torn or short one the first parts, as many as fit. */
ssize_t writev(int fd, const struct iovec *parts, int count)
{
    size_t bytes = 0;
    bool tears;
    for (int i = 0; i < count; i++)
        bytes += parts[i].iov_len;
    long may = allowed(fd, bytes, &tears);
    if (may < 0 || (size_t)may == bytes)
        return may < 0 ? may : syscall(SYS_writev, fd, parts, count);
    int whole = 0;
    for (size_t sum = 0; whole < count && sum + parts[whole].iov_len <= (size_t)may; whole++)
        sum += parts[whole].iov_len;
    return written(whole == 0 ? syscall(SYS_write, fd, parts[0].iov_base, (size_t)may)
                              : syscall(SYS_writev, fd, parts, whole),
                   tears);
}

/* ---- syncs ---- */

static int synced(int fd, long call)
{
    char name[512];
    if (name_of(fd, name)) {
        verdict v = judge(SYNC, name);
        if (v.what == REFUSE)
            return (int)refuse(v.error);
    }
    return (int)syscall(call, fd);
}

int fsync(int fd)
{
    return synced(fd, SYS_fsync);
}

int fdatasync(int fd)
{
    return synced(fd, SYS_fdatasync);
}

int msync(void *at, size_t bytes, int flags)
{
    const char *dir = getenv("SHIM_DIR");
    verdict v = dir == NULL ? (verdict){NOTHING, 0} : judge(SYNC, dir);
    return v.what == REFUSE ? (int)refuse(v.error) : (int)syscall(SYS_msync, at, bytes, flags);
}

/* ---- names and sizes ---- */

static bool named(const char *path)
{
    verdict v = path != NULL && is_under(path) ? judge(NAME, path) : (verdict){NOTHING, 0};
    if (v.what == REFUSE)
        errno = v.error;
    return v.what != REFUSE;
}

int ftruncate(int fd, off_t bytes)
{
    char name[512];
    if (name_of(fd, name) && !named(name))
        return -1;
    return (int)syscall(SYS_ftruncate, fd, bytes);
}

int ftruncate64(int fd, off_t bytes)
{
    return ftruncate(fd, bytes);
}

int rename(const char *from, const char *to)
{
    return named(to) ? (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0) : -1;
}

int link(const char *from, const char *to)
{
    return named(to) ? (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0) : -1;
}

int unlink(const char *path)
{
    return named(path) ? (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0) : -1;
}

/* ---- opening and reading ---- */

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & (O_CREAT | O_TMPFILE)) != 0) {
        va_list rest;
        va_start(rest, flags);
        mode = va_arg(rest, mode_t);
        va_end(rest);
    }
    if (is_under(path)) {
        verdict v = judge(OPEN, path);
        if (v.what == REFUSE)
            return (int)refuse(v.error);
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t pread(int fd, void *data, size_t bytes, off_t at)
{
    char name[512];
    if (name_of(fd, name)) {
        verdict v = judge(READ, name);
        if (v.what == REFUSE)
            return refuse(v.error);
    }
    return syscall(SYS_pread64, fd, data, bytes, at);
}

ssize_t pread64(int fd, void *data, size_t bytes, off_t at)
{
    return pread(fd, data, bytes, at);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    char name[512];
    verdict v = {NOTHING, 0};
    if (fd < 0 && bytes >= 1024 * 1024)
        v = judge(ANON, "");
    else if (fd >= 0 && name_of(fd, name))
        v = judge(MAP, name);
    if (v.what == REFUSE) {
        errno = v.error;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, bytes, protection, flags, fd, offset);
}

void *realloc(void *old, size_t bytes)
{
    static void *(*next)(void *, size_t);
    if (next == NULL)
        *(void **)&next = dlsym(RTLD_NEXT, "realloc");
    const char *fault = getenv("SHIM_FAULT");
    if (fault == NULL || strstr(fault, ":alloc") == NULL)
        return next(old, bytes);
    return judge(ALLOC, "").what == REFUSE ? NULL : next(old, bytes);
}
