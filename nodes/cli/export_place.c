/* Where an export is made: beside the bundle, as DIR.unfinished, with links to what the older one has;
 * when it is whole the two change places at once. Whoever is killed leaves the old bundle as it was. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nodes/cli/export_inside.h"
#include "nodes/host/file.h"

enum { PATH_BYTES = 4096, DEPTH_MAX = 8, FOLDERS_OPEN = 16 };

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    (void)remove(path);
    return 0;
}

static void remove_all(const char *dir)
{
    (void)nftw(dir, remove_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
}

static int sync_dir(const char *dir)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        (void)close(fd);
    return rc;
}

static int sync_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)ftw;
    return type == FTW_DP ? sync_dir(path) : 0;
}

/* A file that can't be linked isn't there, and is written anew. */
static void link_all(const char *from, const char *to, unsigned depth)
{
    char a[PATH_BYTES], b[PATH_BYTES];
    struct dirent *e;
    DIR *d = depth > DEPTH_MAX ? NULL : opendir(from);
    while (d != NULL && (e = readdir(d)) != NULL) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            snprintf(a, sizeof a, "%s/%s", from, e->d_name) >= PATH_BYTES ||
            snprintf(b, sizeof b, "%s/%s", to, e->d_name) >= PATH_BYTES || lstat(a, &st) != 0)
            continue;
        if (S_ISREG(st.st_mode))
            (void)!link(a, b);
        else if (S_ISDIR(st.st_mode) && (mkdir(b, 0755) == 0 || errno == EEXIST))
            link_all(a, b, depth + 1);
    }
    if (d != NULL)
        closedir(d);
}

static bool is_bundle_name(const char *name)
{
    static const char *const names[] = {"federation.samband", "checkpoint", "policy", "erased",
                                        "README.txt",         "tile",       "blobs"};
    bool is = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        is = is || strncmp(name, names[i], strlen(names[i])) == 0;
    return is;
}

/* Nothing lies there but what a killed export left. */
static bool is_ours(sb_cli *cli, const char *dir)
{
    const char *const *names = NULL;
    size_t count = 0;
    sb_fail ignored = {0};
    bool is =
        sb_dir_is_empty(dir) || sb_dir_list(dir, &cli->arena, &names, &count, &ignored) == SB_OK;
    for (size_t i = 0; i < count; i++)
        is = is && is_bundle_name(names[i]);
    return is;
}

/* The directory can change places with another: it has a name of its own, in the same file system as
 * the one above it. */
static bool can_move(sb_cli *cli, const char *dir)
{
    struct stat here, above;
    const char *slash = strrchr(dir, '/'), *name = slash == NULL ? dir : slash + 1;
    return name[0] != '\0' && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
           lstat(dir, &here) == 0 && S_ISDIR(here.st_mode) &&
           stat(sb_path_dir(&cli->arena, dir), &above) == 0 && here.st_dev == above.st_dev;
}

/* A killed export of this federation left what is written on; anything else of ours goes. */
static void keep_or_remove(sb_cli *cli, const char *dir, sb_slice federation_file)
{
    sb_buf there;
    sb_fail ignored = {0};
    sb_buf_init(&there);
    if (sb_file_read(sb_path_join(&cli->arena, dir, "federation.samband"), SB_FEDERATION_BYTES_MAX,
                     &there, &ignored) != SB_OK ||
        !sb_slice_eq(sb_buf_slice(&there), federation_file))
        remove_all(dir);
    sb_buf_deinit(&there);
}

sb_err sb_export_place(sb_exporter *x, sb_slice federation_file)
{
    sb_cli *cli = x->cli;
    size_t len = strlen(x->dir);
    while (len > 1 && x->dir[len - 1] == '/')
        len--;
    const char *dir = sb_arena_printf(&cli->arena, "%.*s", (int)len, x->dir);
    const char *beside = sb_arena_printf(&cli->arena, "%s.unfinished", dir);
    if (!can_move(cli, dir))
        return SB_OK;
    if (!is_ours(cli, beside))
        return sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, beside, NULL);
    keep_or_remove(cli, beside, federation_file);
    if (mkdir(beside, 0755) != 0 && errno != EEXIST)
        return SB_OK; /* only the directory itself is ours: file by file, the checkpoint last */
    x->target = dir;
    x->dir = beside;
    link_all(dir, beside, 0);
    return SB_OK;
}

/* At once where the system can; else there is no bundle for a moment. */
static int change_places(const char *from, const char *to, const char *aside)
{
    if (rename(from, to) == 0) /* an empty one was there */
        return 0;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return errno;
    remove_all(aside);
    return rename(to, aside) != 0 || rename(from, to) != 0 ? errno : 0;
}

sb_err sb_export_settle(sb_exporter *x)
{
    sb_cli *cli = x->cli;
    if (x->target == NULL)
        return SB_OK;
    const char *aside = sb_arena_printf(&cli->arena, "%s.old", x->dir);
    int rc = nftw(x->dir, sync_one, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
    if (rc == 0)
        rc = change_places(x->dir, x->target, aside);
    if (rc == 0)
        rc = sync_dir(sb_path_dir(&cli->arena, x->target));
    if (rc != 0)
        return sb_fail_set(&cli->fail, SB_E_FILE_WRITE, x->target, strerror(rc), NULL);
    remove_all(x->dir); /* the old one lies there now */
    remove_all(aside);
    x->dir = x->target;
    return SB_OK;
}
