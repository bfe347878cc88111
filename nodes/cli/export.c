#include "nodes/cli/export.h"

#include <stdio.h>
#include <sys/stat.h>

#include "nodes/cli/export_inside.h"
#include "nodes/cli/leaves.h"
#include "nodes/host/file.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

enum { ENTRIES_BYTES_MAX = SB_TILE_WIDTH * (2 + SB_LEAF_BYTES_MAX), PROGRESS_EVERY = 4096 };

static const char README[] =
    "Dette er hele historien i en føderasjon av Samband, som filer. Alt her kan kontrolleres uten\n"
    "nett, uten noden og uten å stole på den som ga deg filene:\n"
    "\n"
    "    samband-audit KATALOG\n"
    "\n"
    "Programmet leser hver oppføring, kontrollerer hver signatur, regner ut hvert vedtak på nytt "
    "og\n"
    "sier GODKJENT, eller hva som er galt og hvor. Sammenlign fellesskapets kjennetegn med det du\n"
    "kjenner fra før. Ett vedtak: samband-audit --decision NN/ÅÅ KATALOG. Når du har kontrollert "
    "en\n"
    "eldre pakke før, viser --from FIL (checkpoint fra den) at dette er samme historie.\n"
    "\n"
    "This is the whole history of a Samband federation, as files. Everything here can be verified\n"
    "without a network, without the node and without trusting whoever gave you the files:\n"
    "\n"
    "    samband-audit --lang en DIRECTORY\n"
    "\n"
    "It reads every entry, checks every signature, works out every decision anew and says "
    "ACCEPTED,\n"
    "or what is wrong and where. Compare the federation's id with the one you know.\n"
    "\n"
    "Other people's tools (the formats are public, see c2sp.org):\n"
    "  checkpoint, checkpoints/TERM/SIZE   tlog-checkpoint in signed-note, with cosignature/v1 "
    "lines;\n"
    "                        golang.org/x/mod/sumdb/note opens them with the keys in policy\n"
    "  policy                tlog-policy: the log's key, the witnesses' keys and the quorum\n"
    "  tile/                 tlog-tiles; tile/entries: u16 length, leaf; leaf hash by RFC 6962;\n"
    "                        golang.org/x/mod/sumdb/tlog reads tiles and checks proofs\n"
    "  federation.samband    the founding entries: u32 length, entry\n"
    "  blobs/SHA256          attachments and texts: 32 random bytes, then the content\n"
    "                        (tail -c +33 FILE), named by sha256sum of the file\n"
    "  erased                what the log has erased; those aren't here\n"
    "proto/PROTOCOL.md of Samband says how to write a verifier of your own; tests/oracle/verify is "
    "one.\n"
    "Nothing but these files may stand here; only this README is not verified.\n";

static void on_tile(void *arg, uint32_t level, uint64_t index,
                    const sb_hash32 hashes[SB_TILE_WIDTH])
{
    sb_exporter *x = arg;
    if (x->tile_err == SB_OK)
        x->tile_err = sb_export_put_tile(x, false, level, index, SB_TILE_WIDTH,
                                         sb_slice_of(hashes, SB_TILE_BYTES));
}

/* ---- blobs ---- */

static bool has_size(const char *path, uint64_t size)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == size;
}

static sb_err export_blob(sb_exporter *x, const Sb__BlobRef *ref)
{
    sb_cli *cli = x->cli;
    char hex[65];
    sb_buf bytes;
    sb_slice key = sb_slice_of(ref->sha256.data, 32);
    sb_hex(key, hex);
    const char *name = sb_arena_printf(&x->scratch, "blobs/%s", hex);
    if (sb_kv_get(x->erased, key, NULL) ||
        has_size(sb_path_join(&x->scratch, x->dir, name), ref->size))
        return SB_OK;
    sb_buf_init(&bytes);
    sb_err err = sb_blob_fetch(cli, hex, &bytes);
    if (err == SB_E_CLI_BLOB_MISSING) {
        cli->fail = (sb_fail){0};
        x->blobs_missing++;
        err = SB_OK;
    } else if (err == SB_OK) {
        x->blobs++;
        err = sb_export_put(x, name, sb_buf_slice(&bytes));
    }
    sb_buf_deinit(&bytes);
    return err;
}

/* ---- leaves ---- */

static sb_err flush_entries(sb_exporter *x)
{
    if (x->entry_count == 0)
        return SB_OK;
    sb_err err =
        sb_export_put_tile(x, true, 0, x->bundles, x->entry_count, sb_buf_slice(&x->entries));
    sb_buf_clear(&x->entries);
    x->bundles += x->entry_count == SB_TILE_WIDTH;
    x->entry_count = 0;
    return err;
}

/* What follows from a leaf besides the tree. */
static sb_err export_rest(sb_exporter *x, uint64_t index, const sb_leaf *leaf)
{
    sb_err err = sb_export_learn(x, leaf);
    for (size_t i = 0; err == SB_OK && i < leaf->blob_count; i++)
        err = export_blob(x, leaf->blobs[i]);
    if (index % PROGRESS_EVERY == 0 && index > 0)
        sb_cli_progress(x->cli, "%llu / %llu …", (unsigned long long)index,
                        (unsigned long long)x->head.head.size);
    return err;
}

static sb_err export_leaf(void *arg, uint64_t index, const sb_leaf *leaf)
{
    sb_exporter *x = arg;
    const uint8_t length[2] = {(uint8_t)(leaf->bytes.len >> 8), (uint8_t)leaf->bytes.len};
    sb_arena_reset(&x->scratch);
    sb_buf_add(&x->entries, sb_slice_of(length, sizeof length));
    sb_buf_add(&x->entries, leaf->bytes);
    x->entry_count++;
    sb_tree_append(&x->tree, leaf->hash, on_tile, x);
    sb_err err = x->tile_err;
    if (err == SB_OK && x->entry_count == SB_TILE_WIDTH)
        err = flush_entries(x);
    return err == SB_OK ? export_rest(x, index, leaf) : err;
}

/* ---- what an earlier run wrote ---- */

/* A leaf's message and blobs; its signature was checked when it was fetched. */
static bool decode(sb_slice bytes, sb_arena *arena, sb_leaf *out)
{
    *out = (sb_leaf){.bytes = bytes};
    return bytes.len > 8 &&
           sb_entry_parse(sb_slice_of(bytes.data + 8, bytes.len - 8), &out->entry, NULL) == SB_OK &&
           sb_payload_decode(out->entry.type, out->entry.payload, arena, &out->message, NULL) ==
               SB_OK;
}

/* 256 leaves whose hashes are those of the tile beside them. */
static bool split(sb_exporter *x, uint64_t number, sb_slice file, sb_slice leaves[SB_TILE_WIDTH],
                  sb_hash32 hashes[SB_TILE_WIDTH])
{
    char path[SB_TILE_PATH_BYTES];
    sb_buf tile;
    sb_reader r = sb_reader_over(file);
    for (uint32_t i = 0; i < SB_TILE_WIDTH; i++) {
        leaves[i] = sb_read_var16(&r);
        sb_leaf_hash(leaves[i], hashes[i].b);
    }
    sb_tile_path(false, 0, number, SB_TILE_WIDTH, path);
    sb_buf_init(&tile);
    bool is_right =
        sb_reader_done(&r) &&
        sb_export_read(x, sb_arena_printf(&x->scratch, "tile/%s", path), SB_TILE_BYTES, &tile) &&
        tile.len == SB_TILE_BYTES && memcmp(tile.data, hashes, SB_TILE_BYTES) == 0;
    sb_buf_deinit(&tile);
    return is_right;
}

/* One full entry bundle of an earlier run. *kept false: it isn't there, or isn't right. */
static sb_err take_kept(sb_exporter *x, uint64_t number, sb_buf *file, bool *kept)
{
    char path[SB_TILE_PATH_BYTES];
    sb_slice leaves[SB_TILE_WIDTH];
    sb_hash32 hashes[SB_TILE_WIDTH];
    sb_err err = SB_OK;
    sb_arena_reset(&x->scratch);
    sb_tile_path(true, 0, number, SB_TILE_WIDTH, path);
    *kept =
        sb_export_read(x, sb_arena_printf(&x->scratch, "tile/%s", path), ENTRIES_BYTES_MAX, file) &&
        split(x, number, sb_buf_slice(file), leaves, hashes);
    for (uint32_t i = 0; err == SB_OK && *kept && i < SB_TILE_WIDTH; i++) {
        sb_leaf leaf;
        sb_arena_reset(&x->scratch);
        if (!decode(leaves[i], &x->scratch, &leaf)) {
            err = sb_fail_set(&x->cli->fail, SB_E_CLI_ANSWER, path, NULL);
            break;
        }
        sb_payload_blobs(leaf.message, &x->scratch, &leaf.blobs, &leaf.blob_count);
        sb_tree_append(&x->tree, hashes[i].b, on_tile, x);
        err = x->tile_err;
        if (err == SB_OK)
            err = export_rest(x, number * SB_TILE_WIDTH + i, &leaf);
    }
    return err;
}

static sb_err take_all_kept(sb_exporter *x)
{
    sb_buf file;
    bool kept = true;
    sb_err err = SB_OK;
    uint64_t full = x->head.head.size / SB_TILE_WIDTH;
    sb_buf_init(&file);
    for (uint64_t i = 0; err == SB_OK && kept && i < full; i++) {
        err = take_kept(x, i, &file, &kept);
        x->kept += err == SB_OK && kept ? SB_TILE_WIDTH : 0;
    }
    sb_buf_deinit(&file);
    x->bundles = x->kept / SB_TILE_WIDTH;
    return err;
}

/* ---- all of it ---- */

/* What isn't a full tile yet. */
static sb_err export_edges(sb_exporter *x)
{
    sb_err err = flush_entries(x);
    for (uint32_t level = 0; err == SB_OK && level < SB_TREE_LEVELS; level++) {
        uint32_t width = 0;
        const sb_hash32 *edge = sb_tree_edge(&x->tree, level, &width);
        if (width > 0)
            err = sb_export_put_tile(x, false, level, sb_tree_full_tiles(x->tree.size, level),
                                     width, sb_slice_of(edge, (size_t)width * SB_HASH_BYTES));
    }
    return err;
}

static sb_err check_root(sb_exporter *x)
{
    uint8_t root[32];
    char ours[65], theirs[65];
    sb_tree_root(&x->tree, root);
    if (x->tree.size == x->head.head.size && memcmp(root, x->head.head.root, 32) == 0)
        return SB_OK;
    sb_hex(sb_slice_of(root, 32), ours);
    sb_hex(sb_slice_of(x->head.head.root, 32), theirs);
    ours[16] = theirs[16] = '\0';
    return sb_fail_set(&x->cli->fail, SB_E_CLI_DIFFERS, ours,
                       sb_cli_either(x->cli, "hodet", "the head"), theirs, NULL);
}

/* Leaves, tiles, sealed heads and attachments; `resume`: over what an earlier run left. */
static sb_err export_leaves(sb_exporter *x, bool resume)
{
    sb_tree_init(&x->tree);
    sb_buf_clear(&x->entries);
    x->entry_count = 0;
    x->kept = x->bundles = x->blobs_missing = 0;
    x->tile_err = SB_OK;
    sb_err err = resume ? take_all_kept(x) : SB_OK;
    if (err == SB_OK)
        err = sb_leaves_each(x->cli, x->kept, x->head.head.size, export_leaf, x);
    if (err == SB_OK)
        err = export_edges(x);
    return err == SB_OK ? check_root(x) : err;
}

static void pack_federation(const sb_federation *f, sb_buf *out)
{
    for (size_t i = 0; i < f->entry_count; i++) {
        sb_slice entry = f->entries[i];
        const uint8_t length[4] = {(uint8_t)(entry.len >> 24), (uint8_t)(entry.len >> 16),
                                   (uint8_t)(entry.len >> 8), (uint8_t)entry.len};
        sb_buf_add(out, sb_slice_of(length, sizeof length));
        sb_buf_add(out, entry);
    }
}

static sb_err export_all(sb_exporter *x, sb_slice federation)
{
    sb_err err = sb_export_check_dir(x, federation);
    if (err == SB_OK)
        err = sb_export_ask_head(x);
    if (err == SB_OK)
        err = sb_export_place(x, federation);
    if (err == SB_OK)
        err = sb_export_put(x, "federation.samband", federation);
    if (err == SB_OK)
        err = export_leaves(x, true);
    if (err != SB_OK && x->kept > 0) { /* what is there isn't this history any more */
        x->cli->fail = (sb_fail){0};
        sb_export_wipe(x);
        err = export_leaves(x, false);
    }
    if (err == SB_OK && x->blobs_missing > 0)
        err = sb_fail_num(&x->cli->fail, SB_E_CLI_BUNDLE_BLOBS, 1, x->blobs_missing, 0);
    if (err == SB_OK)
        err = sb_export_put(x, "README.txt", sb_slice_str(README));
    if (err == SB_OK)
        err = sb_export_finish(x);
    return err == SB_OK ? sb_export_settle(x) : err;
}

sb_err sb_export_bundle(sb_cli *cli, const char *dir, sb_exported *out)
{
    sb_exporter *x = SB_ARENA_NEW(&cli->arena, sb_exporter);
    sb_session *s = NULL;
    sb_buf federation;
    x->cli = cli;
    x->dir = dir;
    x->erased = sb_kv_memory_new();
    x->names = sb_kv_memory_new();
    x->proposed = sb_kv_memory_new();
    sb_arena_init(&x->scratch);
    sb_buf_init(&x->entries);
    sb_buf_init(&federation);
    sb_err err = sb_session_open(cli, &s);
    if (err == SB_OK) {
        pack_federation(&s->federation, &federation);
        err = export_all(x, sb_buf_slice(&federation));
    }
    *out = (sb_exported){.size = x->head.head.size, .kept = x->kept, .blobs = x->blobs};
    sb_buf_deinit(&federation);
    sb_buf_deinit(&x->entries);
    sb_arena_deinit(&x->scratch);
    sb_kv_memory_free(x->erased);
    sb_kv_memory_free(x->names);
    sb_kv_memory_free(x->proposed);
    return err;
}
