/* The auditor over a bundle that somebody changed: files of any name and content beside, instead of
 * and inside what was right. What is found right holds what the right one held. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nodes/auditor/audit.h"
#include "nodes/auditor/bundle.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/bundle_files.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { FILES_MAX = 64, PATH_MAX_BYTES = 200, CHANGES_MAX = 8 };

typedef struct file {
    char path[PATH_MAX_BYTES];
    uint8_t *bytes;
    size_t len;
} file;

static char dir[64];
static file files[FILES_MAX];
static size_t file_count;
static uint8_t right_root[32];
static uint64_t right_size;

/* ---- the right one ---- */

static void drop(const char *path)
{
    DIR *d = opendir(path);
    struct dirent *entry;
    while (d != NULL && (entry = readdir(d)) != NULL) {
        char inside[600];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        (void)snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (unlink(inside) != 0)
            drop(inside);
    }
    if (d != NULL)
        (void)closedir(d);
    (void)rmdir(path);
}

static void drop_dir(void)
{
    drop(dir);
}

static void remember(const char *folder)
{
    char full[400];
    (void)snprintf(full, sizeof full, "%s/%s", dir, folder);
    DIR *d = opendir(full);
    struct dirent *entry;
    sb_fuzz_must(d != NULL);
    while ((entry = readdir(d)) != NULL) {
        char path[PATH_MAX_BYTES], at[700];
        struct stat st;
        if (entry->d_name[0] == '.')
            continue;
        sb_fuzz_must(snprintf(path, sizeof path, "%s%s%.100s", folder, folder[0] ? "/" : "",
                              entry->d_name) < (int)sizeof path);
        (void)snprintf(at, sizeof at, "%s/%s", dir, path);
        sb_fuzz_must(stat(at, &st) == 0);
        if (S_ISDIR(st.st_mode)) {
            remember(path);
            continue;
        }
        sb_fuzz_must(file_count < FILES_MAX);
        file *f = &files[file_count++];
        (void)snprintf(f->path, sizeof f->path, "%s", path);
        f->bytes = bundle_read(dir, path, &f->len);
    }
    (void)closedir(d);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const file *)a)->path, ((const file *)b)->path);
}

static void restore(void)
{
    drop(dir);
    (void)mkdir(dir, 0755);
    for (size_t i = 0; i < file_count; i++)
        bundle_put(dir, files[i].path, files[i].bytes, files[i].len);
}

static sb_err audit(sb_audit *a, sb_fail *fail)
{
    sb_audit_opts opts = {.dir = dir, .threads = 1};
    return sb_audit_run(&opts, a, fail);
}

static void get_ready(void)
{
    static sb_audit a;
    play_table t;
    fed *f = fed_new(&(fed_options){.part_bytes = 30000});
    sb_fail fail = {0};
    (void)snprintf(dir, sizeof dir, "/dev/shm/sb-fuzz-a-%ld", (long)getpid());
    drop(dir);
    (void)mkdir(dir, 0755);
    (void)atexit(drop_dir);
    fed_run(f);
    play_ssu(f, &t);
    fed_seal(f);
    fed_take_over(f, 2, "log-2");
    fed_seal(f);
    bundle_write(f, &(bundle_opts){.dir = dir, .cosigners = UINT32_MAX});
    remember("");
    qsort(files, file_count, sizeof files[0], by_path);
    sb_fuzz_must(audit(&a, &fail) == SB_OK);
    right_size = a.checkpoint.size;
    memcpy(right_root, a.checkpoint.root, 32);
    sb_audit_deinit(&a);
    fed_free(f);
}

/* ---- changes ---- */

static void full_path(const char *path, char out[300])
{
    (void)snprintf(out, 300, "%s/%s", dir, path);
}

/* A name inside the directory; no part of it goes up or begins with a dot. */
static bool some_name(sb_script *s, char out[PATH_MAX_BYTES])
{
    static const char *const NAMES[] = {
        "tile/0/000", "tile/0/001.p/3",        "tile/1/000.p/1", "checkpoint.2",
        "blobs/aa",   "tile/entries/001",      "checkpoints/9",  "policy",
        "x",          "tile/entries/000.p/255"};
    if (sb_script_u8(s) % 4 != 0) {
        (void)snprintf(out, PATH_MAX_BYTES, "%s",
                       NAMES[sb_script_below(s, sizeof NAMES / sizeof *NAMES)]);
        return true;
    }
    sb_slice raw = sb_script_bytes(s);
    if (raw.len == 0 || raw.len >= PATH_MAX_BYTES || memchr(raw.data, 0, raw.len) != NULL)
        return false;
    memcpy(out, raw.data, raw.len);
    out[raw.len] = '\0';
    return out[0] != '/' && out[0] != '.' && strstr(out, "/.") == NULL &&
           strstr(out, "//") == NULL && out[raw.len - 1] != '/';
}

static void put_raw(const char *path, sb_slice bytes)
{
    char full[300];
    full_path(path, full);
    for (char *slash = full + strlen(dir) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(full, 0755);
        *slash = '/';
    }
    FILE *f = fopen(full, "wb");
    if (f == NULL)
        return; /* a directory stands there */
    if (bytes.len > 0)
        sb_fuzz_must(fwrite(bytes.data, 1, bytes.len, f) == bytes.len);
    sb_fuzz_must(fclose(f) == 0);
}

static void change_bytes(const file *f, sb_script *s)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_buf_add(&bytes, sb_slice_of(f->bytes, f->len));
    size_t at = f->len == 0 ? 0 : sb_script_u16(s) % f->len;
    uint8_t how = sb_script_u8(s) % 4;
    if (how == 0 && f->len > 0)
        bytes.data[at] ^= (uint8_t)(1 + sb_script_u8(s) % 255);
    else if (how == 1)
        bytes.len = at;
    else if (how == 2)
        sb_buf_add(&bytes, sb_script_bytes(s));
    else
        for (sb_slice raw = sb_script_bytes(s); at < bytes.len && raw.len > 0; at++, raw.len--)
            bytes.data[at] = *raw.data++;
    put_raw(f->path, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
}

static void change(sb_script *s)
{
    char name[PATH_MAX_BYTES], full[300], other[300];
    const file *f = &files[sb_script_below(s, file_count)];
    full_path(f->path, full);
    switch (sb_script_u8(s) % 8) {
    case 0:
        (void)unlink(full);
        break;
    case 1:
        if (some_name(s, name))
            put_raw(name, sb_script_long_bytes(s));
        break;
    case 2:
        put_raw(f->path, sb_script_long_bytes(s));
        break;
    case 3:
        full_path(files[sb_script_below(s, file_count)].path, other);
        (void)rename(full, other);
        break;
    case 4:
        (void)unlink(full);
        (void)symlink("/etc/passwd", full);
        break;
    default:
        change_bytes(f, s);
        break;
    }
}

static bool one(sb_slice input)
{
    static sb_audit a;
    sb_script s = sb_script_over(input);
    sb_fail fail = {0};
    if (file_count == 0)
        get_ready();
    restore();
    for (int i = 0; i < CHANGES_MAX && sb_script_left(&s) > 0; i++)
        change(&s);
    sb_err err = audit(&a, &fail);
    sb_fuzz_must(err == fail.code);
    if (err == SB_OK)
        sb_fuzz_must(a.checkpoint.size == right_size &&
                     memcmp(a.checkpoint.root, right_root, 32) == 0);
    sb_audit_deinit(&a);
    return err == SB_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    return sb_fuzz_run_keeping(one, data, len,
                               (sb_fuzz_bound){64 * 1024 * 1024, 4096}); /* a window of entries */
}
