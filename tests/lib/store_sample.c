#include "tests/lib/store_sample.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/follower/follower.h"
#include "proto/base/cursor.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/play.h"

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "store_sample: %s\n", what);
        abort();
    }
}

fed *store_sample_fed(size_t leaves)
{
    fed *f = fed_new(NULL);
    play_id c;
    fed_run(f);
    while (f->leaf_count < leaves) {
        must(play_report(f, "ssu", f->leaf_count % 2 == 0 ? "En sak" : "En sak til", DECISION, SEC,
                         &c) == SB_OK,
             "report");
        if (f->leaf_count % 40 == 0)
            fed_seal(f);
    }
    fed_seal(f);
    sb_ledger_flush(f->ledger);
    return f;
}

static void put_blob(sb_history *h, fed *f, const Sb__BlobRef *ref)
{
    uint8_t salt[32] = {0};
    sb_slice text;
    sb_buf blob;
    if (sb_store_blob_has(h->store, ref->sha256.data) ||
        !sb_kv_get(f->texts, sb_slice_of(ref->sha256.data, 32), &text))
        return;
    sb_buf_init(&blob);
    sb_buf_add(&blob, sb_slice_of(salt, sizeof salt));
    sb_buf_add(&blob, text);
    must(sb_store_begin(h->store, 0, NULL) == SB_OK &&
             sb_store_blob_put(h->store, ref->sha256.data, sb_buf_slice(&blob), NULL) == SB_OK &&
             sb_store_commit(h->store, NULL) == SB_OK,
         "blob");
    sb_buf_deinit(&blob);
}

static void step(sb_history *h, fed *f, uint64_t index, sb_commit_builder *commit, sb_arena *arena,
                 const uint8_t *missing)
{
    sb_leaf leaf;
    sb_fail fail = {0};
    must(sb_leaf_open(fed_leaf(f, index), arena, &leaf, &fail) == SB_OK &&
             sb_ledger_step(h->ledger, &leaf, sb_commit_add_tile, commit, &fail) == SB_OK,
         "step");
    sb_commit_add_leaf(commit, leaf.bytes);
    for (size_t i = 0; i < leaf.blob_count; i++)
        if (missing == NULL || memcmp(missing, leaf.blobs[i]->sha256.data, 32) != 0)
            put_blob(h, f, leaf.blobs[i]);
}

void store_sample_append(sb_history *h, fed *f, uint64_t first, uint64_t last,
                         const uint8_t *missing)
{
    enum { A_COMMIT = 24 };
    sb_commit_builder commit;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_commit_builder_init(&commit, (sb_tile_reader){0});
    while (first < last) {
        uint64_t end = last - first < A_COMMIT ? last : first + A_COMMIT;
        sb_commit_builder_clear(&commit, first);
        for (; first < end; first++)
            step(h, f, first, &commit, &arena, missing);
        must(sb_history_commit(h, sb_commit_builder_get(&commit), NULL) == SB_OK, "commit");
        sb_arena_reset(&arena);
    }
    sb_commit_builder_deinit(&commit);
    sb_arena_deinit(&arena);
}

static sb_checkpoint head_of(fed *f, const sb_tree *tree)
{
    sb_checkpoint head = {.size = tree->size};
    must(sb_ledger_origin(f->ledger, head.origin, sizeof head.origin), "origin");
    sb_tree_root(tree, head.root);
    return head;
}

void store_sample_note(fed *f, const sb_tree *tree, sb_buf *out)
{
    sb_checkpoint head = head_of(f, tree);
    sb_ledger_org org;
    must(sb_checkpoint_sign(&head, fed_key_of(f, f->log_key)->secret, out, NULL) == SB_OK, "sign");
    for (uint32_t i = 0; sb_ledger_org_get(f->ledger, i, &org); i++) {
        const fed_key *key = fed_witness(f, i);
        sb_cosignature cosignature;
        must(sb_cosign(&head, key->secret, f->now_ms / 1000, &cosignature, NULL) == SB_OK,
             "cosign");
        sb_cosignature_add_line(out, sb_slice_str(org.id), key->pk, &cosignature);
    }
}

static void own(sb_history *h, uint8_t table, sb_slice more, sb_slice value)
{
    uint8_t key[48] = {table};
    if (more.len > 0)
        memcpy(key + 1, more.data, more.len);
    sb_kv_put(sb_store_own(h->store), sb_slice_of(key, 1 + more.len), value);
}

static void put_cosigned(sb_history *h, fed *f)
{
    sb_checkpoint head = head_of(f, sb_ledger_tree(h->ledger));
    const fed_key *key = fed_witness(f, 0);
    sb_cosignature cosignature;
    uint8_t row[4 + 8 + 32 + 8 + 64 + 32];
    sb_writer w = sb_writer_over(row, sizeof row);
    must(sb_cosign(&head, key->secret, f->now_ms / 1000, &cosignature, NULL) == SB_OK, "cosign");
    sb_write_u32(&w, 1);
    sb_write_u64(&w, head.size);
    sb_write_bytes(&w, sb_slice_of(head.root, 32));
    sb_write_u64(&w, cosignature.time_s);
    sb_write_bytes(&w, sb_slice_of(cosignature.sig, 64));
    sb_write_bytes(&w, sb_slice_of(key->pk, 32));
    own(h, SB_FOL_ROW_COSIGNED, (sb_slice){0}, sb_writer_slice(&w));
}

/* The head of the log's last SEAL, with its cosignatures. */
static void put_sealed(sb_history *h)
{
    uint64_t index, size;
    sb_slice bytes;
    sb_arena arena;
    sb_leaf leaf;
    sb_buf row;
    uint8_t head[4 + 8 + 32];
    sb_arena_init(&arena);
    sb_buf_init(&row);
    must(sb_ledger_last_seal(h->ledger, &index, &size) && sb_store_leaf(h->store, index, &bytes) &&
             sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK,
         "seal");
    const Sb__Seal *m = (const void *)leaf.message;
    sb_writer w = sb_writer_over(head, sizeof head);
    sb_write_u32(&w, 1);
    sb_write_u64(&w, size);
    sb_write_bytes(&w, sb_slice_of(m->root.data, 32));
    sb_buf_add(&row, sb_writer_slice(&w));
    for (size_t i = 0; i < m->n_cosignatures; i++) {
        uint8_t one[104];
        sb_writer o = sb_writer_over(one, sizeof one);
        sb_write_bytes(&o, sb_slice_of(m->cosignatures[i]->witness_pk.data, 32));
        sb_write_u64(&o, m->cosignatures[i]->time_s);
        sb_write_bytes(&o, sb_slice_of(m->cosignatures[i]->signature.data, 64));
        sb_buf_add(&row, sb_writer_slice(&o));
    }
    own(h, SB_FOL_ROW_SEALED, (sb_slice){0}, sb_buf_slice(&row));
    sb_buf_deinit(&row);
    sb_arena_deinit(&arena);
}

static void put_missing(sb_history *h, const uint8_t sha256[32], uint64_t size, uint64_t index)
{
    uint8_t row[16];
    sb_writer w = sb_writer_over(row, sizeof row);
    sb_write_u64(&w, size);
    sb_write_u64(&w, index);
    own(h, SB_FOL_ROW_MISSING, sb_slice_of(sha256, 32), sb_writer_slice(&w));
}

static void put_own_rows(store_sample *s, sb_history *h)
{
    sb_buf note;
    sb_buf_init(&note);
    store_sample_note(s->f, sb_ledger_tree(h->ledger), &note);
    own(h, SB_FOL_ROW_HEAD, (sb_slice){0}, sb_buf_slice(&note));
    own(h, SB_FOL_ROW_CERTIFIED, (sb_slice){0}, sb_buf_slice(&note));
    put_cosigned(h, s->f);
    put_sealed(h);
    sb_buf_deinit(&note);
}

/* The first attachment: its size, and the entry that names it. */
static uint64_t choose_missing(store_sample *s, uint64_t *size)
{
    sb_arena arena;
    sb_arena_init(&arena);
    uint64_t found = 0;
    for (uint64_t i = 0; i < s->f->leaf_count && found == 0; i++) {
        sb_leaf leaf;
        sb_arena_reset(&arena);
        if (sb_leaf_open(fed_leaf(s->f, i), &arena, &leaf, NULL) == SB_OK && leaf.blob_count > 0) {
            memcpy(s->missing, leaf.blobs[0]->sha256.data, 32);
            *size = leaf.blobs[0]->size;
            found = i;
        }
    }
    sb_arena_deinit(&arena);
    return found;
}

void store_sample_make(store_sample *s, fed *f, const char *dir, const char *kind, bool cut)
{
    const sb_store_opts opts = {.kind = kind, .create = true};
    bool is_node = strcmp(kind, "node") == 0;
    sb_history h;
    sb_fail fail = {0};
    *s = (store_sample){.f = f, .size = f->leaf_count};
    must(sb_history_open(&h, dir, &opts, &fail) == SB_OK, "open");
    uint64_t size = 0, index = is_node ? choose_missing(s, &size) : 0;
    store_sample_append(&h, f, 0, s->size, is_node ? s->missing : NULL);
    if (cut) { /* as a handover does; then the same leaves again */
        must(sb_history_rewind(&h, s->size - 3, (sb_slice){0}, NULL, 0, &fail) == SB_OK, "rewind");
        store_sample_append(&h, f, s->size - 3, s->size, is_node ? s->missing : NULL);
    }
    if (is_node) {
        must(sb_store_begin(h.store, 0, NULL) == SB_OK, "begin");
        put_own_rows(s, &h);
        put_missing(&h, s->missing, size, index);
        must(sb_store_commit(h.store, NULL) == SB_OK, "own rows");
    }
    sb_history_close(&h);
}
