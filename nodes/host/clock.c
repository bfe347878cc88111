#include "nodes/host/clock.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "nodes/host/file.h"

enum { CLOCK_FILE_BYTES_MAX = 32 };

static uint64_t clock_ms(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void sb_clock_system(sb_clock *clock)
{
    *clock = (sb_clock){0};
}

bool sb_clock_is_rehearsal(const sb_clock *clock)
{
    return clock->path[0] != '\0';
}

uint64_t sb_clock_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}

uint64_t sb_clock_monotonic_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* One decimal number, maybe a newline. Below 2^53, so that every reader can hold it. */
static bool parse_ms(sb_slice text, uint64_t *ms)
{
    uint64_t value = 0;
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    if (text.len == 0 || text.len > 15)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *ms = value;
    return true;
}

static sb_err read_clock(const char *path, uint64_t *ms, sb_fail *fail)
{
    sb_buf text;
    sb_fail why = {0};
    sb_buf_init(&text);
    sb_err err = sb_file_read(path, CLOCK_FILE_BYTES_MAX, &text, &why);
    if (err != SB_OK)
        err = sb_fail_set(fail, SB_E_CLOCK_FILE, path, sb_err_name(err), NULL);
    else if (!parse_ms(sb_buf_slice(&text), ms))
        err = sb_fail_set(fail, SB_E_CLOCK_FILE, path, sb_buf_cstr(&text), NULL);
    sb_buf_deinit(&text);
    return err;
}

static sb_err backwards(sb_fail *fail, const char *path, uint64_t shows, uint64_t earlier)
{
    char a[24], b[24];
    (void)snprintf(a, sizeof a, "%llu", (unsigned long long)shows);
    (void)snprintf(b, sizeof b, "%llu", (unsigned long long)earlier);
    return sb_fail_set(fail, SB_E_CLOCK_BACKWARDS, path, a, b, NULL);
}

/* Read the file when it isn't the one read last. The times of stat come first: a replacement in
 * between is then read again, never missed. */
static sb_err refresh(sb_clock *clock, sb_fail *fail)
{
    struct stat st;
    uint64_t ms = 0;
    if (stat(clock->path, &st) != 0)
        return sb_fail_set(fail, SB_E_CLOCK_FILE, clock->path, sb_err_name(SB_E_FILE_MISSING),
                           NULL);
    int64_t mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    if (mtime_ns == clock->seen_mtime_ns && st.st_ino == clock->seen_inode)
        return SB_OK;
    sb_err err = read_clock(clock->path, &ms, fail);
    if (err == SB_OK && ms < clock->legal_ms)
        err = backwards(fail, clock->path, clock->legal_ms, ms);
    if (err != SB_OK)
        return err;
    clock->legal_ms = ms;
    clock->seen_mtime_ns = mtime_ns;
    clock->seen_inode = st.st_ino;
    return SB_OK;
}

sb_err sb_clock_file(sb_clock *clock, const char *path, sb_fail *fail)
{
    *clock = (sb_clock){0};
    int len = snprintf(clock->path, sizeof clock->path, "%s", path);
    if (len <= 0 || (size_t)len >= sizeof clock->path)
        return sb_fail_set(fail, SB_E_CLOCK_FILE, path, strerror(ENAMETOOLONG), NULL);
    return refresh(clock, fail);
}

sb_err sb_clock_legal_ms(sb_clock *clock, uint64_t *ms, sb_fail *fail)
{
    sb_err err = SB_OK;
    if (sb_clock_is_rehearsal(clock)) {
        err = refresh(clock, fail);
    } else {
        uint64_t now = clock_ms(CLOCK_REALTIME);
        if (now > clock->legal_ms)
            clock->legal_ms = now;
    }
    *ms = clock->legal_ms;
    return err;
}

sb_err sb_clock_file_write(const char *path, uint64_t ms, sb_fail *fail)
{
    char text[32];
    uint64_t before = 0;
    if (sb_file_exists(path)) {
        sb_err err = read_clock(path, &before, fail);
        if (err != SB_OK)
            return err;
        if (ms < before)
            return backwards(fail, path, before, ms);
    }
    (void)snprintf(text, sizeof text, "%llu\n", (unsigned long long)ms);
    return sb_file_write(path, sb_slice_str(text), SB_FILE_MODE, fail);
}
