#include "tests/lib/bundle_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "proto/base/hash.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/tlog_policy.h"

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

typedef struct cosigner {
    char name[256];
    uint8_t pk[32];
    sb_cosignature cosignature;
} cosigner;

static int by_pk(const void *a, const void *b)
{
    return memcmp(((const cosigner *)a)->pk, ((const cosigner *)b)->pk, 32);
}

/* 15 cosignatures a note, each after the log's line; in path, path.2 … */
static void put_notes(const char *dir, const char *path, const sb_checkpoint *cp,
                      const uint8_t log_pk[32], const uint8_t log_sig[64], const cosigner *all,
                      size_t count)
{
    for (size_t first = 0; first == 0 || first < count; first += 15) {
        char at[120];
        uint8_t id[4];
        sb_buf note;
        sb_buf_init(&note);
        sb_checkpoint_body(cp, &note);
        sb_buf_str(&note, "\n");
        sb_note_key_id(sb_slice_str(cp->origin), SB_NOTE_TYPE_LOG, log_pk, id);
        sb_note_add_line(&note, sb_slice_str(cp->origin), id, sb_slice_of(log_sig, 64));
        for (size_t i = first; i < count && i < first + 15; i++)
            sb_cosignature_add_line(&note, sb_slice_str(all[i].name), all[i].pk,
                                    &all[i].cosignature);
        snprintf(at, sizeof at, first == 0 ? "%s" : "%s.%zu", path, first / 15 + 1);
        bundle_put(dir, at, note.data, note.len);
        sb_buf_deinit(&note);
    }
}

static void put_checkpoint(fed *f, const bundle_opts *o, size_t size, const uint8_t root[32])
{
    sb_checkpoint cp = {.size = size};
    sb_buf body;
    uint8_t sig[64];
    cosigner all[64];
    size_t count = 0;
    fed_key *log = fed_key_of(f, o->log_key == NULL ? f->log_key : o->log_key);
    memcpy(cp.root, root, 32);
    (void)sb_ledger_origin(f->ledger, cp.origin, sizeof cp.origin);
    sb_buf_init(&body);
    sb_checkpoint_body(&cp, &body);
    if (sb_sign(log->secret, sb_buf_slice(&body), sig, NULL) != SB_OK)
        abort();
    sb_buf_deinit(&body);
    for (uint32_t i = 0; i < sb_ledger_org_count(f->ledger) && i < o->cosigners && i < 60; i++) {
        sb_ledger_org org;
        fed_key *by = i + 1 == o->bad_cosigner ? fed_key_of(f, "somebody") : fed_witness(f, i);
        (void)sb_ledger_org_get(f->ledger, i, &org);
        snprintf(all[count].name, sizeof all[count].name, "%s/%s", cp.origin, org.id);
        memcpy(all[count].pk, fed_witness(f, i)->pk, 32);
        if (sb_cosign(&cp, by->secret, f->now_ms / 1000, &all[count++].cosignature, NULL) != SB_OK)
            abort();
    }
    if (o->foreign_line) {
        snprintf(all[count].name, sizeof all[count].name, "witness.example/w");
        memcpy(all[count].pk, fed_key_of(f, "stranger")->pk, 32);
        (void)sb_cosign(&cp, fed_key_of(f, "stranger")->secret, f->now_ms / 1000,
                        &all[count++].cosignature, NULL);
    }
    qsort(all, count, sizeof all[0], by_pk);
    for (size_t i = 0; o->is_unsorted && i < count / 2; i++) {
        cosigner swap = all[i];
        all[i] = all[count - 1 - i];
        all[count - 1 - i] = swap;
    }
    put_notes(o->dir, "checkpoint", &cp, log->pk, sig, all, count);
}

/* ---- what follows from the leaves ---- */

/* The organisation whose key this is or was. */
static const char *owner(fed *f, const uint8_t pk[32])
{
    static sb_ledger_org org;
    for (uint32_t i = 0; i < sb_ledger_org_count(f->ledger); i++) {
        char name[120];
        (void)sb_ledger_org_get(f->ledger, i, &org);
        snprintf(name, sizeof name, "%s/witness", org.id);
        if (memcmp(fed_key_of(f, name)->pk, pk, 32) == 0 || memcmp(org.witness_pk, pk, 32) == 0)
            return org.id;
    }
    return "?";
}

static void put_sealed(fed *f, const char *dir, const Sb__Seal *seal, uint32_t term,
                       const uint8_t log_pk[32])
{
    sb_checkpoint cp = {.size = seal->size};
    cosigner all[64];
    char path[60];
    memcpy(cp.root, seal->root.data, 32);
    (void)sb_origin(fed_genesis_message(f)->slug, f->federation_id, term, cp.origin, NULL);
    for (size_t i = 0; i < seal->n_cosignatures && i < 64; i++) {
        const Sb__Cosignature *from = seal->cosignatures[i];
        snprintf(all[i].name, sizeof all[i].name, "%s/%s", cp.origin,
                 owner(f, from->witness_pk.data));
        memcpy(all[i].pk, from->witness_pk.data, 32);
        all[i].cosignature.time_s = from->time_s;
        memcpy(all[i].cosignature.sig, from->signature.data, 64);
    }
    snprintf(path, sizeof path, "checkpoints/%u/%llu", term, (unsigned long long)seal->size);
    put_notes(dir, path, &cp, log_pk, seal->log_signature.data, all, seal->n_cosignatures);
}

typedef struct facts {
    fed *f;
    const char *dir;
    uint32_t term;
    uint8_t log_pk[32];
    sb_kv *named; /* blobs */
    sb_buf erased;
} facts;

static void take_leaf(facts *x, size_t index, sb_slice bytes, sb_arena *arena)
{
    sb_leaf leaf;
    char hex[65];
    if (sb_leaf_open(bytes, arena, &leaf, NULL) != SB_OK)
        return;
    for (size_t i = 0; i < leaf.blob_count; i++)
        sb_kv_put(x->named, sb_slice_of(leaf.blobs[i]->sha256.data, 32), sb_slice_str(""));
    switch ((int)leaf.entry.type) {
    case SB_ENTRY_HANDOVER:
        x->term = ((const Sb__Handover *)(const void *)leaf.message)->term;
        memcpy(x->log_pk, ((const Sb__Handover *)(const void *)leaf.message)->log_pk.data, 32);
        break;
    case SB_ENTRY_SEAL:
        put_sealed(x->f, x->dir, (const Sb__Seal *)(const void *)leaf.message, x->term, x->log_pk);
        break;
    case SB_ENTRY_BLOB_ERASE: {
        const Sb__BlobErase *m = (const Sb__BlobErase *)(const void *)leaf.message;
        sb_hex(sb_slice_of(m->blob_sha256.data, 32), hex);
        sb_buf_printf(&x->erased, "%s %zu\n", hex, index);
        sb_kv_put(x->named, sb_slice_of(m->blob_sha256.data, 32), sb_slice_str("erased"));
        break;
    }
    }
}

static void put_blobs(facts *x)
{
    sb_kv_walk named = {.kv = x->named};
    while (sb_kv_walk_next(&named)) {
        char path[80] = "blobs/";
        sb_slice text;
        sb_buf blob;
        if (named.value.len > 0 || !sb_kv_get(x->f->texts, named.key, &text))
            continue;
        sb_buf_init(&blob);
        sb_buf_add(&blob, sb_slice_of((const uint8_t[32]){0}, 32));
        sb_buf_add(&blob, text);
        sb_hex(named.key, path + strlen(path));
        bundle_put(x->dir, path, blob.data, blob.len);
        sb_buf_deinit(&blob);
    }
}

static void put_facts(fed *f, const char *dir, const sb_slice *leaves, size_t count)
{
    sb_arena arena;
    facts x = {.f = f, .dir = dir, .term = 1, .named = sb_kv_memory_new()};
    memcpy(x.log_pk, fed_key_of(f, "log")->pk, 32);
    sb_buf_init(&x.erased);
    sb_arena_init(&arena);
    for (size_t i = 0; i < count; i++)
        take_leaf(&x, i, leaves[i], &arena);
    bundle_put(dir, "erased", x.erased.data == NULL ? (const uint8_t *)"" : x.erased.data,
               x.erased.len);
    put_blobs(&x);
    sb_arena_deinit(&arena);
    sb_buf_deinit(&x.erased);
    sb_kv_memory_free(x.named);
}

/* More than so many of the organisations; where the charter has groups, those. */
static void put_policy(fed *f, const char *dir)
{
    sb_buf text;
    char origin[200], name[300];
    uint32_t count = sb_ledger_org_count(f->ledger);
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    sb_ledger_org org;
    uint8_t pk[32];
    if (charter == NULL)
        return;
    const Sb__WitnessPolicy *p = charter->policy;
    (void)sb_ledger_origin(f->ledger, origin, sizeof origin);
    (void)sb_ledger_log_pk(f->ledger, pk);
    sb_buf_init(&text);
    sb_buf_str(&text, "log ");
    sb_vkey_add(&text, sb_slice_str(origin), 1, pk);
    sb_buf_str(&text, "\n");
    for (uint32_t i = 0; i < count; i++) {
        (void)sb_ledger_org_get(f->ledger, i, &org);
        snprintf(name, sizeof name, "%s/%s", origin, org.id);
        sb_buf_printf(&text, "witness %s ", org.id);
        sb_vkey_add(&text, sb_slice_str(name), 4, org.witness_pk);
        sb_buf_str(&text, "\n");
    }
    if (p->n_groups == 0)
        sb_buf_printf(&text, "group QUORUM %u", count * p->more_than_num / p->more_than_den + 1);
    for (uint32_t i = 0; p->n_groups == 0 && i < count; i++) {
        (void)sb_ledger_org_get(f->ledger, i, &org);
        sb_buf_printf(&text, " %s", org.id);
    }
    for (size_t g = 0; g < p->n_groups; g++) {
        sb_buf_printf(&text, "%sgroup %s %u", g == 0 ? "" : "\n", p->groups[g]->name,
                      p->groups[g]->threshold);
        for (size_t k = 0; k < p->groups[g]->n_members; k++)
            sb_buf_printf(&text, " %s", p->groups[g]->members[k]);
    }
    sb_buf_printf(&text, "\nquorum %s\n",
                  p->n_groups == 0 ? "QUORUM" : p->groups[p->n_groups - 1]->name);
    bundle_put(dir, "policy", text.data, text.len);
    sb_buf_deinit(&text);
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
    put_checkpoint(f, o, count, root);
    put_facts(f, o->dir, leaves, count);
    put_policy(f, o->dir);
    bundle_put(o->dir, "README.txt", "hei\n", 4);
    free(leaves);
    free(hashes);
}
