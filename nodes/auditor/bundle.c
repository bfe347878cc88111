#include "nodes/auditor/bundle.h"

#include <stdio.h>
#include <sys/stat.h>

#include "nodes/host/file.h"
#include "nodes/host/nfc.h"

enum { DEPTH_MAX = 16 };

void sb_bundle_init(sb_bundle *b, const char *dir)
{
    *b = (sb_bundle){.dir = dir, .asked = sb_kv_memory_new()};
    sb_buf_init(&b->file);
}

void sb_bundle_deinit(sb_bundle *b)
{
    sb_kv_memory_free(b->asked);
    sb_buf_deinit(&b->file);
}

/* A pipe would be waited for; a link leads to what isn't in the bundle. */
static bool is_irregular(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

sb_err sb_bundle_read_into(sb_bundle *b, const char *path, size_t bytes_max, sb_buf *into,
                           sb_fail *fail, sb_fail *cause)
{
    sb_buf full;
    sb_buf_init(&full);
    sb_buf_printf(&full, "%s/%s", b->dir, path);
    if (strlen(path) <= SB_BUNDLE_PATH_BYTES_MAX)
        sb_kv_put(b->asked, sb_slice_str(path), sb_slice_str("."));
    sb_buf_clear(into);
    sb_err err = is_irregular(sb_buf_cstr(&full))
                     ? SB_E_FILE_NOT_REGULAR
                     : sb_file_read(sb_buf_cstr(&full), bytes_max, into, cause);
    sb_buf_deinit(&full);
    switch ((int)err) {
    case SB_OK:
        return SB_OK;
    case SB_E_FILE_MISSING:
        *cause = (sb_fail){0};
        return sb_fail_set(fail, SB_E_AUDIT_MISSING, path, NULL);
    case SB_E_FILE_NOT_REGULAR:
    case SB_E_TOO_LARGE:
        return sb_fail_set(fail, SB_E_AUDIT_FILE, path, NULL);
    }
    *fail = *cause;
    *cause = (sb_fail){0};
    return err;
}

sb_err sb_bundle_read(sb_bundle *b, const char *path, size_t bytes_max, sb_slice *bytes,
                      sb_fail *fail, sb_fail *cause)
{
    sb_err err = sb_bundle_read_into(b, path, bytes_max, &b->file, fail, cause);
    *bytes = sb_buf_slice(&b->file);
    return err;
}

void sb_bundle_tile_path(bool is_entries, uint32_t level, uint64_t index, uint32_t width,
                         char out[SB_BUNDLE_PATH_BYTES_MAX])
{
    char inside[SB_TILE_PATH_BYTES];
    sb_tile_path(is_entries, level, index, width, inside);
    snprintf(out, SB_BUNDLE_PATH_BYTES_MAX, "tile/%s", inside);
}

sb_err sb_bundle_compare_tile(sb_bundle *b, uint32_t level, uint64_t index, const sb_hash32 *hashes,
                              uint32_t width, sb_fail *fail, sb_fail *cause)
{
    char path[SB_BUNDLE_PATH_BYTES_MAX];
    sb_slice bytes;
    sb_bundle_tile_path(false, level, index, width, path);
    sb_err err = sb_bundle_read(b, path, SB_TILE_BYTES, &bytes, fail, cause);
    if (err != SB_OK)
        return err;
    if (bytes.len != (size_t)width * SB_HASH_BYTES)
        return sb_fail_set(fail, SB_E_AUDIT_FILE, path, NULL);
    for (uint32_t i = 0; i < width; i++) {
        char number[16];
        if (memcmp(bytes.data + (size_t)i * SB_HASH_BYTES, hashes[i].b, SB_HASH_BYTES) == 0)
            continue;
        snprintf(number, sizeof number, "%u", i + 1);
        return sb_fail_set(fail, SB_E_AUDIT_TILE, path, number, NULL);
    }
    return SB_OK;
}

bool sb_bundle_has(const sb_bundle *b, const char *path)
{
    sb_buf full;
    sb_buf_init(&full);
    sb_buf_printf(&full, "%s/%s", b->dir, path);
    bool found = sb_file_exists(sb_buf_cstr(&full));
    sb_buf_deinit(&full);
    return found;
}

sb_err sb_bundle_compare(sb_bundle *b, const char *path, sb_slice expected, sb_fail *fail,
                         sb_fail *cause)
{
    sb_slice bytes;
    sb_err err = sb_bundle_read(b, path, expected.len, &bytes, fail, cause);
    if (err == SB_OK && !sb_slice_eq(bytes, expected))
        err = sb_fail_set(fail, SB_E_AUDIT_FILE, path, NULL);
    return err;
}

/* ---- what doesn't belong ---- */

typedef struct walk {
    sb_bundle *b;
    sb_arena *arena;
    const char *found;
} walk;

static sb_err walk_folder(walk *w, const char *folder, unsigned depth, sb_fail *fail)
{
    const char *const *names = NULL;
    size_t count = 0;
    sb_err err =
        sb_dir_list(sb_path_join(w->arena, w->b->dir, folder), w->arena, &names, &count, fail);
    for (size_t i = 0; err == SB_OK && w->found == NULL && i < count; i++) {
        struct stat st;
        const char *path = folder[0] == '\0' ? names[i] : sb_path_join(w->arena, folder, names[i]);
        const char *full = sb_path_join(w->arena, w->b->dir, path);
        bool is_known = (strcmp(path, "README.txt") == 0 && !is_irregular(full)) ||
                        (strlen(path) <= SB_BUNDLE_PATH_BYTES_MAX &&
                         sb_kv_get(w->b->asked, sb_slice_str(path), NULL));
        if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
            err = walk_folder(w, path, depth + 1, fail);
        else if (!is_known)
            w->found = path;
    }
    return err;
}

sb_err sb_bundle_stranger(sb_bundle *b, sb_arena *arena, const char **path, sb_fail *fail)
{
    walk w = {.b = b, .arena = arena};
    *path = NULL;
    sb_err err = walk_folder(&w, "", 0, fail);
    if (err == SB_OK && w.found != NULL) {
        sb_buf safe; /* a name may hold anything */
        sb_buf_init(&safe);
        sb_nfc_printable(sb_slice_str(w.found), false, &safe);
        *path = sb_arena_str(arena, sb_buf_slice(&safe));
        sb_buf_deinit(&safe);
    }
    return err;
}
