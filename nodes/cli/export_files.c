/* The files of a bundle that is being written. */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nodes/cli/export_inside.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"

enum { PATH_BYTES = 4096, DEPTH_MAX = 8, NOTES_MAX = 64, SUFFIX = 7 };

bool sb_export_read(sb_exporter *x, const char *name, size_t bytes_max, sb_buf *into)
{
    sb_fail ignored = {0};
    sb_buf_clear(into);
    return sb_file_read(sb_path_join(&x->scratch, x->dir, name), bytes_max, into, &ignored) ==
           SB_OK;
}

sb_err sb_export_put(sb_exporter *x, const char *name, sb_slice bytes)
{
    sb_buf there;
    const char *path = sb_path_join(&x->scratch, x->dir, name);
    sb_buf_init(&there);
    bool is_same =
        sb_export_read(x, name, bytes.len, &there) && sb_slice_eq(sb_buf_slice(&there), bytes);
    sb_buf_deinit(&there);
    if (is_same)
        return SB_OK;
    sb_err err = sb_dir_make(sb_path_dir(&x->scratch, path), 0755, &x->cli->fail);
    return err == SB_OK ? sb_file_write(path, bytes, SB_FILE_MODE, &x->cli->fail) : err;
}

sb_err sb_export_put_tile(sb_exporter *x, bool is_entries, uint32_t level, uint64_t index,
                          uint32_t width, sb_slice bytes)
{
    char path[SB_TILE_PATH_BYTES];
    sb_tile_path(is_entries, level, index, width, path);
    return sb_export_put(x, sb_arena_printf(&x->scratch, "tile/%s", path), bytes);
}

/* A node's, broker's or witness's own folder has a federation file too. */
static bool is_of_a_daemon(const sb_exporter *x)
{
    static const char *const names[] = {"node.yaml", "broker.yaml", "witness.yaml"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        found = found || sb_file_exists(sb_path_join(&x->cli->arena, x->dir, names[i]));
    return found;
}

sb_err sb_export_check_dir(sb_exporter *x, sb_slice federation_file)
{
    sb_buf there;
    sb_err err = SB_OK;
    if (sb_dir_is_empty(x->dir))
        return sb_dir_make(x->dir, 0755, &x->cli->fail);
    sb_buf_init(&there);
    if (is_of_a_daemon(x) ||
        !sb_export_read(x, "federation.samband", SB_FEDERATION_BYTES_MAX, &there))
        err = sb_fail_set(&x->cli->fail, SB_E_CLI_DIR_NOT_EMPTY, x->dir, NULL);
    else if (!sb_slice_eq(sb_buf_slice(&there), federation_file))
        err = sb_fail_set(&x->cli->fail, SB_E_CLI_BUNDLE_FOREIGN, x->dir, NULL);
    sb_buf_deinit(&there);
    return err;
}

/* ---- removing ---- */

typedef bool (*keep_fn)(const sb_exporter *x, const char *path, const char *name);

/* Every file below DIR/folder that isn't to be kept; folders that are empty then. */
static void sweep(const sb_exporter *x, const char *folder, keep_fn keep, unsigned depth)
{
    char full[PATH_BYTES], path[PATH_BYTES];
    struct dirent *entry;
    snprintf(full, sizeof full, "%s/%s", x->dir, folder);
    DIR *d = depth > DEPTH_MAX ? NULL : opendir(full);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        struct stat st;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int a = snprintf(path, sizeof path, "%s%s%s", folder, folder[0] == '\0' ? "" : "/",
                         entry->d_name);
        int b = snprintf(full, sizeof full, "%s/%s", x->dir, path);
        if (a < 0 || b < 0 || a >= PATH_BYTES || b >= PATH_BYTES || lstat(full, &st) != 0)
            continue;
        if (S_ISDIR(st.st_mode)) {
            sweep(x, path, keep, depth + 1);
            (void)rmdir(full); /* when it is empty */
        } else if (!keep(x, path, entry->d_name)) {
            (void)unlink(full);
        }
    }
    if (d != NULL)
        closedir(d);
}

/* What sb_file_write leaves behind when it is killed: NAME.XXXXXX. */
static bool is_temporary(const char *name)
{
    size_t len = strlen(name);
    if (len <= SUFFIX || name[len - SUFFIX] != '.')
        return false;
    for (size_t i = len - SUFFIX + 1; i < len; i++) {
        char c = name[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')))
            return false;
    }
    return true;
}

/* The partial file of this size at the level; false: there is none. */
static bool partial_path(const sb_exporter *x, bool is_entries, uint32_t level,
                         char out[SB_TILE_PATH_BYTES + 8])
{
    char path[SB_TILE_PATH_BYTES];
    uint32_t width = sb_tree_edge_width(x->head.head.size, level);
    if (width == 0)
        return false;
    sb_tile_path(is_entries, level, sb_tree_full_tiles(x->head.head.size, level), width, path);
    snprintf(out, SB_TILE_PATH_BYTES + 8, "tile/%s", path);
    return true;
}

static bool keep_tile(const sb_exporter *x, const char *path, const char *name)
{
    char expected[SB_TILE_PATH_BYTES + 8];
    if (is_temporary(name))
        return false;
    if (strstr(path, ".p/") == NULL)
        return true;
    if (partial_path(x, true, 0, expected) && strcmp(path, expected) == 0)
        return true;
    for (uint32_t level = 0; level < SB_TREE_LEVELS; level++)
        if (partial_path(x, false, level, expected) && strcmp(path, expected) == 0)
            return true;
    return false;
}

static bool keep_blob(const sb_exporter *x, const char *path, const char *name)
{
    uint8_t sha256[32];
    (void)path;
    return !is_temporary(name) && !(sb_unhex(sb_slice_str(name), sha256, 32) &&
                                    sb_kv_get(x->erased, sb_slice_of(sha256, 32), NULL));
}

static bool keep_note(const sb_exporter *x, const char *path, const char *name)
{
    (void)x, (void)path;
    return !is_temporary(name);
}

static bool keep_none(const sb_exporter *x, const char *path, const char *name)
{
    (void)x, (void)path, (void)name;
    return false;
}

/* NAME.2, NAME.3 … beyond those there are. */
static void remove_beyond(const sb_exporter *x, const char *name, uint32_t count)
{
    for (uint32_t i = count < 1 ? 1 : count; i < NOTES_MAX; i++) {
        char path[PATH_BYTES];
        int n = snprintf(path, sizeof path, "%s/%s.%u", x->dir, name, i + 1);
        if (n > 0 && n < PATH_BYTES)
            (void)unlink(path);
    }
}

/* At the top only files that an interrupted run left are ours to remove. */
static void sweep_top(const sb_exporter *x)
{
    char full[PATH_BYTES];
    struct dirent *entry;
    DIR *d = opendir(x->dir);
    while (d != NULL && (entry = readdir(d)) != NULL) {
        static const char *const names[] = {"federation.samband.", "checkpoint.", "policy.",
                                            "erased.", "README.txt."};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            size_t len = strlen(names[i]);
            if (strncmp(entry->d_name, names[i], len) != 0 ||
                strlen(entry->d_name) != len + SUFFIX - 1 || !is_temporary(entry->d_name))
                continue;
            int n = snprintf(full, sizeof full, "%s/%s", x->dir, entry->d_name);
            if (n > 0 && n < PATH_BYTES)
                (void)unlink(full);
        }
    }
    if (d != NULL)
        closedir(d);
}

void sb_export_sweep(sb_exporter *x)
{
    sweep(x, "tile", keep_tile, 0);
    sweep(x, "blobs", keep_blob, 0);
    sweep(x, "checkpoints", keep_note, 0);
    sweep_top(x);
    remove_beyond(x, "checkpoint", sb_head_note_count(&x->head));
    remove_beyond(x, "policy", x->policy_count);
}

void sb_export_wipe(sb_exporter *x)
{
    sweep(x, "tile", keep_none, 0);
    sweep(x, "blobs", keep_none, 0);
    sweep(x, "checkpoints", keep_none, 0);
}
