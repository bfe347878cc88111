#include "tests/lib/bundle_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"

/* ---- files ---- */

static void full_path(const char *dir, const char *path, char out[300])
{
    snprintf(out, 300, "%s/%s", dir, path);
}

void bundle_put(const char *dir, const char *path, const void *data, size_t len)
{
    char full[300];
    full_path(dir, path, full);
    for (char *slash = full + strlen(dir) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(full, 0755);
        *slash = '/';
    }
    FILE *f = fopen(full, "wb");
    if (f == NULL || fwrite(data, 1, len, f) != len || fclose(f) != 0)
        abort();
}

uint8_t *bundle_read(const char *dir, const char *path, size_t *len)
{
    char full[300];
    full_path(dir, path, full);
    FILE *f = fopen(full, "rb");
    if (f == NULL)
        abort();
    (void)fseek(f, 0, SEEK_END);
    *len = (size_t)ftell(f);
    rewind(f);
    uint8_t *data = malloc(*len + 1);
    if (data == NULL || fread(data, 1, *len, f) != *len)
        abort();
    data[*len] = 0;
    fclose(f);
    return data;
}

void bundle_blob(const char *dir, const char *text)
{
    uint8_t hash[32];
    char path[80] = "blobs/";
    sb_buf blob;
    sb_buf_init(&blob);
    sb_buf_add(&blob, sb_slice_of((const uint8_t[32]){0}, 32));
    sb_buf_str(&blob, text);
    sb_hash(sb_buf_slice(&blob), hash);
    sb_hex(sb_slice_of(hash, 32), path + strlen(path));
    bundle_put(dir, path, blob.data, blob.len);
    sb_buf_deinit(&blob);
}

/* ---- the tree ---- */

/* "x001/x234/067" as tlog-tiles says. */
static void group(size_t n, char out[40])
{
    char parts[4][8];
    int count = 0;
    do {
        snprintf(parts[count++], sizeof parts[0], "%03u", (unsigned)(n % 1000));
        n /= 1000;
    } while (n > 0);
    out[0] = '\0';
    for (int i = count; i-- > 0;) {
        strcat(out, i > 0 ? "x" : "");
        strcat(out, parts[i]);
        strcat(out, i > 0 ? "/" : "");
    }
}

static void put_width(const char *dir, const char *folder, size_t index, size_t width,
                      const void *data, size_t len)
{
    char path[120], grouped[40], partial[16] = "";
    group(index, grouped);
    if (width < 256)
        snprintf(partial, sizeof partial, ".p/%zu", width);
    snprintf(path, sizeof path, "tile/%s/%s%s", folder, grouped, partial);
    bundle_put(dir, path, data, len);
}

/* Level by level: hashes of a level are the roots of 256 full ones below. */
static void put_tiles(const char *dir, const uint8_t (*hashes)[32], size_t count, unsigned level)
{
    char folder[8];
    snprintf(folder, sizeof folder, "%u", level);
    size_t full = count / 256;
    uint8_t(*above)[32] = malloc(full * 32 + 32);
    for (size_t i = 0; i < count; i += 256) {
        size_t width = count - i < 256 ? count - i : 256;
        put_width(dir, folder, i / 256, width, hashes[i], width * 32);
        if (width < 256)
            continue;
        uint8_t work[256][32];
        memcpy(work, hashes[i], sizeof work);
        for (size_t n = 256; n > 1; n /= 2)
            for (size_t k = 0; k < n / 2; k++)
                sb_node_hash(work[2 * k], work[2 * k + 1], work[k]);
        memcpy(above[i / 256], work[0], 32);
    }
    if (full > 0)
        put_tiles(dir, (const uint8_t(*)[32])above, full, level + 1);
    free(above);
}

/* RFC 6962 by its definition. */
static void root_of(const uint8_t (*hashes)[32], size_t count, uint8_t out[32])
{
    if (count == 0) {
        sb_empty_root(out);
        return;
    }
    if (count == 1) {
        memcpy(out, hashes[0], 32);
        return;
    }
    size_t split = 1;
    while (split * 2 < count)
        split *= 2;
    uint8_t left[32], right[32];
    root_of(hashes, split, left);
    root_of(hashes + split, count - split, right);
    sb_node_hash(left, right, out);
}

/* ---- notes ---- */

static void put_line(fed *f, sb_buf *note, const sb_checkpoint *cp, const char *name,
                     const char *key, const uint8_t pk[32])
{
    sb_cosignature made;
    if (sb_cosign(cp, fed_key_of(f, key)->secret, f->now_ms / 1000, &made, NULL) != SB_OK)
        abort();
    sb_cosignature_add_line(note, sb_slice_str(name), pk, &made);
}

static void put_checkpoint(fed *f, const bundle_opts *o, const char *path, size_t size,
                           const uint8_t root[32])
{
    sb_checkpoint cp = {.size = size};
    sb_buf note;
    char name[256];
    const char *log_key = o->log_key == NULL ? "log" : o->log_key;
    memcpy(cp.root, root, 32);
    (void)sb_ledger_origin(f->ledger, cp.origin, sizeof cp.origin);
    sb_buf_init(&note);
    if (sb_checkpoint_sign(&cp, fed_key_of(f, log_key)->secret, &note, NULL) != SB_OK)
        abort();
    for (uint32_t i = 0; i < f->charter->n_organisations && i < o->cosigners; i++) {
        char key[96];
        snprintf(key, sizeof key, "%s/witness", f->charter->organisations[i]->id);
        snprintf(name, sizeof name, "%s/%s", cp.origin, f->charter->organisations[i]->id);
        put_line(f, &note, &cp, name, i + 1 == o->bad_cosigner ? "somebody" : key,
                 fed_key_of(f, key)->pk);
    }
    if (o->foreign_line)
        put_line(f, &note, &cp, "witness.example/w", "stranger", fed_key_of(f, "stranger")->pk);
    bundle_put(o->dir, path, note.data, note.len);
    sb_buf_deinit(&note);
}

/* ---- all of it ---- */

static void put_entries(const char *dir, const sb_slice *leaves, size_t count)
{
    for (size_t i = 0; i < count; i += 256) {
        sb_buf file;
        size_t width = count - i < 256 ? count - i : 256;
        sb_buf_init(&file);
        for (size_t k = i; k < i + width; k++) {
            uint8_t len[2] = {(uint8_t)(leaves[k].len >> 8), (uint8_t)leaves[k].len};
            sb_buf_add(&file, sb_slice_of(len, 2));
            sb_buf_add(&file, leaves[k]);
        }
        put_width(dir, "entries", i / 256, width, file.data, file.len);
        sb_buf_deinit(&file);
    }
}

static void put_federation(fed *f, const char *dir)
{
    sb_buf file;
    size_t parts = 1 + (f->charter_bytes.len + f->options.part_bytes - 1) / f->options.part_bytes;
    sb_buf_init(&file);
    for (size_t i = 0; i < parts; i++) {
        sb_slice leaf = fed_leaf(f, i);
        size_t n = leaf.len - 8;
        uint8_t len[4] = {(uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        sb_buf_add(&file, sb_slice_of(len, 4));
        sb_buf_add(&file, sb_slice_of(leaf.data + 8, n));
    }
    bundle_put(dir, "federation.samband", file.data, file.len);
    sb_buf_deinit(&file);
}

void bundle_write(fed *f, const bundle_opts *o)
{
    size_t count = o->leaves == NULL ? f->leaf_count : o->leaf_count;
    sb_slice *leaves = malloc((count + 1) * sizeof *leaves);
    uint8_t(*hashes)[32] = malloc((count + 1) * 32);
    uint8_t root[32];
    for (size_t i = 0; i < count; i++) {
        leaves[i] = o->leaves == NULL ? fed_leaf(f, i) : o->leaves[i];
        sb_leaf_hash(leaves[i], hashes[i]);
    }
    put_federation(f, o->dir);
    put_entries(o->dir, leaves, count);
    put_tiles(o->dir, (const uint8_t(*)[32])hashes, count, 0);
    root_of((const uint8_t(*)[32])hashes, count, root);
    put_checkpoint(f, o, "checkpoint", count, root);
    for (size_t i = 0; i < o->earlier_count; i++) {
        char path[40];
        snprintf(path, sizeof path, "checkpoints/%zu", o->earlier[i]);
        root_of((const uint8_t(*)[32])hashes, o->earlier[i], root);
        put_checkpoint(f, o, path, o->earlier[i], root);
    }
    bundle_put(o->dir, "README.txt", "hei\n", 4);
    free(leaves);
    free(hashes);
}
