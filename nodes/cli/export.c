#include "nodes/cli/export.h"

#include "nodes/cli/leaves.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"
#include "proto/merkle/tree.h"

typedef struct exporter {
    sb_cli *cli;
    const char *dir;
    sb_checkpoint head;
    sb_tree tree;
    sb_arena scratch; /* paths, for one leaf */
    sb_buf entries;   /* the entry bundle being filled */
    uint32_t entry_count;
    uint64_t bundles; /* full ones written */
    uint64_t blobs, blobs_missing;
    const sb_doc *erased; /* the query's answer */
    sb_err tile_err;
} exporter;

static const char README[] =
    "Dette er hele historien i en føderasjon av Samband, som filer.\n"
    "Kontroller den med: samband-audit KATALOG\n"
    "\n"
    "This is the whole history of a Samband federation, as files.\n"
    "Verify it with: samband-audit DIRECTORY\n"
    "\n"
    "checkpoint, checkpoints/  C2SP tlog-checkpoint, signed notes with cosignature/v1\n"
    "tile/                     C2SP tlog-tiles; tile/entries: u16 length, leaf\n"
    "federation.samband        genesis and charter\n"
    "blobs/                    content by SHA-256 (32 random bytes, then the content);\n"
    "                          what the log has erased isn't there\n";

/* ---- files ---- */

static sb_err write_at(exporter *x, const char *name, sb_slice bytes)
{
    const char *path = sb_path_join(&x->scratch, x->dir, name);
    sb_err err = sb_dir_make(sb_path_dir(&x->scratch, path), 0755, &x->cli->fail);
    return err == SB_OK ? sb_file_write(path, bytes, SB_FILE_MODE, &x->cli->fail) : err;
}

static sb_err write_tile(exporter *x, bool is_entries, uint32_t level, uint64_t index,
                         uint32_t width, sb_slice bytes)
{
    char path[SB_TILE_PATH_BYTES];
    sb_tile_path(is_entries, level, index, width, path);
    return write_at(x, sb_arena_printf(&x->scratch, "tile/%s", path), bytes);
}

static void on_tile(void *arg, uint32_t level, uint64_t index,
                    const sb_hash32 hashes[SB_TILE_WIDTH])
{
    exporter *x = arg;
    if (x->tile_err == SB_OK)
        x->tile_err =
            write_tile(x, false, level, index, SB_TILE_WIDTH, sb_slice_of(hashes, SB_TILE_BYTES));
}

/* ---- blobs ---- */

static bool is_erased(const exporter *x, const char *hex)
{
    for (uint32_t i = 0; x->erased->kind == SB_DOC_LIST && i < x->erased->count; i++)
        if (strcmp(sb_doc_str(x->erased->items[i], "sha256"), hex) == 0)
            return true;
    return false;
}

static sb_err export_blob(exporter *x, const Sb__BlobRef *ref)
{
    sb_cli *cli = x->cli;
    char hex[65];
    sb_buf bytes;
    sb_hex(sb_slice_of(ref->sha256.data, 32), hex);
    const char *name = sb_arena_printf(&x->scratch, "blobs/%s", hex);
    if (is_erased(x, hex) || sb_file_exists(sb_path_join(&x->scratch, x->dir, name)))
        return SB_OK;
    sb_buf_init(&bytes);
    sb_err err = sb_blob_fetch(cli, hex, &bytes);
    if (err == SB_E_CLI_BLOB_MISSING) {
        cli->fail = (sb_fail){0};
        x->blobs_missing++;
        err = SB_OK;
    } else if (err == SB_OK) {
        x->blobs++;
        err = write_at(x, name, sb_buf_slice(&bytes));
    }
    sb_buf_deinit(&bytes);
    return err;
}

/* ---- leaves ---- */

static sb_err flush_entries(exporter *x)
{
    if (x->entry_count == 0)
        return SB_OK;
    sb_err err = write_tile(x, true, 0, x->bundles, x->entry_count, sb_buf_slice(&x->entries));
    sb_buf_clear(&x->entries);
    x->bundles += x->entry_count == SB_TILE_WIDTH;
    x->entry_count = 0;
    return err;
}

static sb_err export_leaf(void *arg, uint64_t index, const sb_leaf *leaf)
{
    exporter *x = arg;
    const uint8_t length[2] = {(uint8_t)(leaf->bytes.len >> 8), (uint8_t)leaf->bytes.len};
    sb_arena_reset(&x->scratch);
    sb_buf_add(&x->entries, sb_slice_of(length, sizeof length));
    sb_buf_add(&x->entries, leaf->bytes);
    x->entry_count++;
    sb_tree_append(&x->tree, leaf->hash, on_tile, x);
    sb_err err = x->tile_err;
    if (err == SB_OK && x->entry_count == SB_TILE_WIDTH)
        err = flush_entries(x);
    for (size_t i = 0; err == SB_OK && i < leaf->blob_count; i++)
        err = export_blob(x, leaf->blobs[i]);
    if (index % 10000 == 0 && index > 0)
        sb_cli_progress(x->cli, "%llu …", (unsigned long long)index);
    return err;
}

/* What isn't a full tile yet. */
static sb_err export_edges(exporter *x)
{
    sb_err err = flush_entries(x);
    for (uint32_t level = 0; err == SB_OK && level < SB_TREE_LEVELS; level++) {
        uint32_t width = 0;
        const sb_hash32 *edge = sb_tree_edge(&x->tree, level, &width);
        if (width > 0)
            err = write_tile(x, false, level, sb_tree_full_tiles(x->tree.size, level), width,
                             sb_slice_of(edge, (size_t)width * SB_HASH_BYTES));
    }
    return err;
}

/* ---- heads ---- */

static sb_err write_checkpoint(exporter *x, const char *note, sb_checkpoint *head)
{
    const sb_trust *trust = &x->cli->session->trust;
    sb_err err =
        sb_checkpoint_verify(sb_slice_str(note), trust->origin, trust->log_pk, head, &x->cli->fail);
    if (err != SB_OK)
        return err;
    return write_at(
        x, sb_arena_printf(&x->scratch, "checkpoints/%llu", (unsigned long long)head->size),
        sb_slice_str(note));
}

/* The newest certified head; and the one that proves what is final, should it be another. */
static sb_err export_heads(exporter *x)
{
    const sb_doc *answer = NULL, *proof = NULL;
    sb_checkpoint other;
    sb_err err = sb_session_ask(x->cli, &answer, "checkpoint", NULL);
    if (err == SB_OK)
        err = sb_session_ask(x->cli, &proof, "head", NULL);
    if (err != SB_OK)
        return err;
    const char *note = sb_doc_str(answer, "certified");
    if (note[0] == '\0')
        return sb_fail_set(&x->cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(x->cli, "noe bekreftet hode hos", "confirmed head at"),
                           x->cli->session->socket, NULL);
    err = write_checkpoint(x, note, &x->head);
    const char *certified = sb_doc_str(sb_doc_get(proof, "certified"), "note");
    if (err == SB_OK && certified[0] != '\0')
        err = write_checkpoint(x, certified, &other);
    return err == SB_OK ? write_at(x, "checkpoint", sb_slice_str(note)) : err;
}

static sb_err export_federation(exporter *x)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    for (size_t i = 0; i < x->cli->session->federation.entry_count; i++) {
        sb_slice entry = x->cli->session->federation.entries[i];
        const uint8_t length[4] = {(uint8_t)(entry.len >> 24), (uint8_t)(entry.len >> 16),
                                   (uint8_t)(entry.len >> 8), (uint8_t)entry.len};
        sb_buf_add(&bytes, sb_slice_of(length, sizeof length));
        sb_buf_add(&bytes, entry);
    }
    sb_err err = write_at(x, "federation.samband", sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    return err;
}

static sb_err check_root(exporter *x)
{
    uint8_t root[32];
    char ours[65], theirs[65];
    sb_tree_root(&x->tree, root);
    if (x->tree.size == x->head.size && memcmp(root, x->head.root, 32) == 0)
        return SB_OK;
    sb_hex(sb_slice_of(root, 32), ours);
    sb_hex(sb_slice_of(x->head.root, 32), theirs);
    ours[16] = theirs[16] = '\0';
    return sb_fail_set(&x->cli->fail, SB_E_CLI_DIFFERS, ours,
                       sb_cli_either(x->cli, "hodet", "the head"), theirs, NULL);
}

sb_err sb_export_bundle(sb_cli *cli, const char *dir, uint64_t *size, uint64_t *blobs,
                        uint64_t *blobs_missing)
{
    exporter *x = SB_ARENA_NEW(&cli->arena, exporter);
    x->cli = cli;
    x->dir = dir;
    sb_arena_init(&x->scratch);
    sb_buf_init(&x->entries);
    sb_tree_init(&x->tree);
    sb_session *s = NULL;
    sb_err err = sb_session_open(cli, &s);
    if (err == SB_OK && !sb_dir_is_empty(dir))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, dir, NULL);
    if (err == SB_OK)
        err = sb_dir_make(dir, 0755, &cli->fail);
    if (err == SB_OK)
        err = sb_dir_make(sb_path_join(&x->scratch, dir, "blobs"), 0755, &cli->fail);
    if (err == SB_OK)
        err = sb_session_ask(cli, &x->erased, "erased", NULL);
    if (err == SB_OK)
        err = export_heads(x);
    if (err == SB_OK)
        err = sb_leaves_each(cli, 0, x->head.size, export_leaf, x);
    if (err == SB_OK)
        err = export_edges(x);
    if (err == SB_OK)
        err = check_root(x);
    if (err == SB_OK)
        err = export_federation(x);
    if (err == SB_OK)
        err = write_at(x, "README.txt", sb_slice_str(README));
    *size = x->head.size;
    *blobs = x->blobs;
    *blobs_missing = x->blobs_missing;
    sb_buf_deinit(&x->entries);
    sb_arena_deinit(&x->scratch);
    return err;
}
