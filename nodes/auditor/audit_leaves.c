/* The leaves: read a file at a time, decoded and verified by the pool, some at a time, folded in order. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "nodes/auditor/audit_inside.h"
#include "nodes/host/pool.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"

enum {
    SHARE = 16, /* leaves that a thread opens in one go: waking it costs as much as folding some */
    RING = 64,  /* shares under way */
    FILE_BYTES_MAX = SB_TILE_WIDTH * (2 + SB_LEAF_BYTES_MAX),
    PROGRESS_EVERY = 1000
};

/* A leaf under way. */
typedef struct job {
    sb_buf bytes;
    sb_leaf leaf;
    sb_err err;
    sb_fail fail;
} job;

typedef struct share {
    job jobs[SHARE];
    size_t count;
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    bool has_origin; /* genesis was folded */
    sb_arena arena;
} share;

typedef struct folding {
    sb_auditing *x;
    sb_pool *pool;
    share *ring;
    uint64_t read, folded, total; /* leaves; each share but the last is full */
    bool all_submitted;           /* what was read */
    size_t founded;               /* founding entries seen */
    sb_buf file;                  /* of leaves */
    sb_err tile_err;
} folding;

static void open_share(void *item)
{
    share *s = item;
    sb_arena_reset(&s->arena);
    for (job *j = s->jobs; j < s->jobs + s->count; j++)
        j->err = sb_leaf_open_under(s->has_origin ? s->origin : NULL, sb_buf_slice(&j->bytes),
                                    &s->arena, &j->leaf, &j->fail);
}

static share *share_of(const folding *f, uint64_t leaf)
{
    return &f->ring[leaf / SHARE % RING];
}

static void entries_path(const folding *f, uint64_t index, char out[SB_BUNDLE_PATH_BYTES_MAX])
{
    uint64_t file = index / SB_TILE_WIDTH, left = f->total - file * SB_TILE_WIDTH;
    sb_bundle_tile_path(true, 0, file, left < SB_TILE_WIDTH ? (uint32_t)left : SB_TILE_WIDTH, out);
}

static sb_err refuse_leaf(folding *f, const job *j)
{
    char index[24], path[SB_BUNDLE_PATH_BYTES_MAX];
    sb_entry entry;
    const char *type = "?";
    snprintf(index, sizeof index, "%llu", (unsigned long long)f->folded);
    entries_path(f, f->folded, path);
    if (j->bytes.len > 8 &&
        sb_entry_parse(sb_slice_of(j->bytes.data + 8, j->bytes.len - 8), &entry, NULL) == SB_OK)
        type = sb_entry_type_name(entry.type);
    return sb_fail_set(f->x->fail, SB_E_AUDIT_LEAF, index, type, path, NULL);
}

static void compare_tile(void *arg, uint32_t level, uint64_t index,
                         const sb_hash32 hashes[SB_TILE_WIDTH])
{
    folding *f = arg;
    if (f->tile_err == SB_OK)
        f->tile_err = sb_bundle_compare_tile(&f->x->bundle, level, index, hashes, SB_TILE_WIDTH,
                                             f->x->fail, &f->x->a->cause);
}

static void remember_blobs(folding *f, const sb_leaf *leaf)
{
    for (size_t i = 0; i < leaf->blob_count; i++) {
        const Sb__BlobRef *ref = leaf->blobs[i];
        uint8_t size[8];
        sb_writer w = sb_writer_over(size, sizeof size);
        sb_write_u64(&w, ref->size);
        sb_slice key = sb_slice_of(ref->sha256.data, ref->sha256.len);
        if (!sb_kv_get(f->x->blobs, key, NULL))
            f->x->a->blobs_named++;
        sb_kv_put(f->x->blobs, key, sb_writer_slice(&w));
    }
}

/* Which leaf states the outcome of which question. */
static void remember_result(folding *f, const Sb__Result *m)
{
    uint8_t index[8];
    sb_writer w = sb_writer_over(index, sizeof index);
    sb_write_u64(&w, f->folded);
    sb_kv_put(f->x->a->results, sb_slice_of(m->question_id.data, m->question_id.len),
              sb_writer_slice(&w));
}

/* A term begins: with genesis, then with each HANDOVER. */
static void remember_term(folding *f, const Sb__Handover *m)
{
    sb_audit *a = f->x->a;
    sb_ledger_term_info info;
    if (a->term_count == SB_AUDIT_TERMS_MAX ||
        !sb_ledger_term_get(a->ledger, m == NULL ? 1 : m->term, &info))
        return;
    sb_audit_term *t = &a->terms[a->term_count++];
    *t = (sb_audit_term){.term = info.term, .index = info.index};
    memcpy(t->log_pk, info.log_pk, 32);
    for (size_t i = 0; m != NULL && i < m->n_promises; i++) {
        uint32_t place = m->promises[i]->seal;
        if (place == 0 || place > m->n_heads)
            continue;
        const Sb__Head *from = m->heads[place - 1];
        sb_head head = {.term = from->term, .size = from->size};
        memcpy(head.root, from->root.data, 32);
        if (sb_head_rank(&head, &t->sealed) > 0)
            t->sealed = head;
    }
    t->promises = m == NULL ? 0 : (uint32_t)m->n_promises;
}

static void remember(folding *f, const sb_leaf *leaf)
{
    remember_blobs(f, leaf);
    if (leaf->entry.type == SB_ENTRY_RESULT)
        remember_result(f, (const Sb__Result *)leaf->message);
    else if (leaf->entry.type == SB_ENTRY_HANDOVER)
        remember_term(f, (const Sb__Handover *)leaf->message);
    else if (leaf->entry.type == SB_ENTRY_GENESIS)
        remember_term(f, NULL);
}

static sb_err differs_from_wanted(folding *f, sb_err code, const uint8_t hash[32])
{
    char size[24], hex[65];
    snprintf(size, sizeof size, "%llu", (unsigned long long)f->folded);
    sb_hex(sb_slice_of(hash, 32), hex);
    return sb_fail_set(f->x->fail, code, size, hex, NULL);
}

/* Is this the head, or the digest, that somebody asked for? */
static sb_err check_wanted(folding *f)
{
    const sb_audit_opts *o = f->x->opts;
    bool is_head = o->head.is_given && o->head.size == f->folded;
    bool is_from = f->x->from.size > 0 && f->x->from.size == f->folded;
    bool is_digest = o->digest.is_given && o->digest.size == f->folded;
    sb_ledger_position at;
    if (!is_head && !is_digest && !is_from)
        return SB_OK;
    sb_ledger_position_get(f->x->a->ledger, &at);
    if (is_from && memcmp(at.root, f->x->from.root, 32) != 0)
        return sb_fail_num(f->x->fail, SB_E_AUDIT_FROM, 1, f->folded, 0);
    if (is_head && memcmp(at.root, o->head.hash, 32) != 0)
        return differs_from_wanted(f, SB_E_AUDIT_HEAD, at.root);
    if (is_digest && memcmp(at.digest, o->digest.hash, 32) != 0)
        return differs_from_wanted(f, SB_E_AUDIT_DIGEST, at.digest);
    f->x->a->head_found |= is_head;
    f->x->a->digest_found |= is_digest;
    return SB_OK;
}

/* The oldest leaf under way. */
static sb_err take(folding *f)
{
    sb_audit *a = f->x->a;
    const sb_federation *founding = &a->federation;
    const share *s = share_of(f, f->folded);
    const job *j = &s->jobs[f->folded % SHARE];
    if (j == s->jobs) {
        const share *oldest = sb_pool_collect(f->pool, true);
        assert(oldest == s);
    }
    if (j->err != SB_OK) {
        a->cause = j->fail;
        return refuse_leaf(f, j);
    }
    /* A STATE or SEAL may come between the parts of the charter. */
    if (f->founded < founding->entry_count && !sb_entry_type_is_system(j->leaf.entry.type) &&
        !sb_slice_eq(j->leaf.entry.bytes, founding->entries[f->founded++]))
        return sb_fail_num(f->x->fail, SB_E_AUDIT_FOUNDING, 1, f->folded, 0);
    bool is_seal = j->leaf.entry.type == SB_ENTRY_SEAL;
    if (is_seal)
        sb_audit_seal_begin(f->x, (const Sb__Seal *)j->leaf.message);
    if (sb_ledger_step(a->ledger, &j->leaf, compare_tile, f, &a->cause) != SB_OK)
        return refuse_leaf(f, j);
    if (f->tile_err != SB_OK)
        return f->tile_err;
    sb_err err = is_seal ? sb_audit_seal_compare(f->x) : SB_OK;
    if (err != SB_OK)
        return err;
    remember(f, &j->leaf);
    f->folded++;
    a->leaves = f->folded;
    if (f->x->opts->progress != NULL && f->folded % PROGRESS_EVERY == 0)
        f->x->opts->progress(f->x->opts->progress_arg, f->folded, f->total);
    return check_wanted(f);
}

static void submit_share(folding *f)
{
    bool fits = sb_pool_submit(f->pool, open_share, share_of(f, f->read - 1));
    assert(fits); /* the queue is as long as the ring */
    f->all_submitted = true;
}

/* Nothing is read afterwards: the last share may be short. */
static sb_err take_all(folding *f)
{
    sb_err err = SB_OK;
    if (!f->all_submitted)
        submit_share(f);
    while (err == SB_OK && f->folded < f->read)
        err = take(f);
    return err;
}

/* Room for the share that begins. The first one is folded before the next: with the genesis known, the
 * pool verifies the SEALs' cosignatures too. */
static sb_err begin_share(folding *f)
{
    sb_ledger *l = f->x->a->ledger;
    share *s = share_of(f, f->read);
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    while (f->folded < f->read && (f->read - f->folded > (RING - 1) * SHARE ||
                                   !sb_ledger_origin(l, origin, sizeof origin))) {
        sb_err err = take(f);
        if (err != SB_OK)
            return err;
    }
    s->count = 0;
    s->has_origin = sb_ledger_origin(l, s->origin, sizeof s->origin);
    return SB_OK;
}

static sb_err submit(folding *f, sb_slice leaf)
{
    sb_err err = f->read % SHARE == 0 ? begin_share(f) : SB_OK;
    if (err != SB_OK)
        return err;
    share *s = share_of(f, f->read);
    sb_buf *bytes = &s->jobs[s->count++].bytes;
    sb_buf_clear(bytes);
    sb_buf_add(bytes, leaf);
    f->read++;
    f->all_submitted = false;
    if (s->count == SHARE)
        submit_share(f);
    return SB_OK;
}

/* One file of leaves. What is wrong with it is said after what is wrong with leaves before it. */
static sb_err read_file(folding *f, uint64_t file)
{
    char path[SB_BUNDLE_PATH_BYTES_MAX], counts[2][24];
    sb_fail own = {0}, cause = {0};
    uint64_t left = f->total - file * SB_TILE_WIDTH;
    uint32_t width = left < SB_TILE_WIDTH ? (uint32_t)left : SB_TILE_WIDTH, count = 0;
    entries_path(f, file * SB_TILE_WIDTH, path);
    sb_err err = sb_bundle_read_into(&f->x->bundle, path, FILE_BYTES_MAX, &f->file, &own, &cause);
    if (err != SB_OK) {
        sb_err before = take_all(f);
        if (before != SB_OK)
            return before;
        f->x->a->cause = cause;
        *f->x->fail = own;
        return err;
    }
    sb_reader r = sb_reader_over(sb_buf_slice(&f->file));
    while (err == SB_OK && count < width && sb_reader_left(&r) > 0) {
        sb_slice leaf = sb_read_var16(&r);
        if (r.failed)
            break;
        err = submit(f, leaf);
        count++;
    }
    if (err != SB_OK || (count == width && sb_reader_done(&r)))
        return err;
    if ((err = take_all(f)) != SB_OK)
        return err;
    if (count == width || r.failed)
        return sb_fail_set(f->x->fail, SB_E_AUDIT_FILE, path, NULL);
    snprintf(counts[0], sizeof counts[0], "%u", width);
    snprintf(counts[1], sizeof counts[1], "%u", count);
    return sb_fail_set(f->x->fail, SB_E_AUDIT_LEAF_COUNT, path, counts[0], counts[1], NULL);
}

/* The growing tile of each level. */
static sb_err compare_edges(folding *f)
{
    const sb_tree *tree = sb_ledger_tree(f->x->a->ledger);
    sb_err err = SB_OK;
    for (uint32_t level = 0; err == SB_OK && level < SB_TREE_LEVELS; level++) {
        uint32_t width;
        const sb_hash32 *hashes = sb_tree_edge(tree, level, &width);
        if (width > 0)
            err =
                sb_bundle_compare_tile(&f->x->bundle, level, sb_tree_full_tiles(tree->size, level),
                                       hashes, width, f->x->fail, &f->x->a->cause);
    }
    return err;
}

sb_err sb_audit_fold(sb_auditing *x)
{
    folding f = {.x = x, .total = x->a->checkpoint.size, .all_submitted = true};
    f.ring = sb_xmalloc(RING * sizeof *f.ring);
    for (size_t i = 0; i < RING; i++) {
        sb_arena_init(&f.ring[i].arena);
        for (size_t k = 0; k < SHARE; k++) {
            f.ring[i].jobs[k] = (job){.err = SB_OK};
            sb_buf_init(&f.ring[i].jobs[k].bytes);
        }
    }
    sb_buf_init(&f.file);
    f.pool = sb_pool_new(x->opts->threads, RING);
    sb_err err = check_wanted(&f);
    uint64_t files = f.total / SB_TILE_WIDTH + (f.total % SB_TILE_WIDTH != 0);
    for (uint64_t file = 0; err == SB_OK && file < files; file++)
        err = read_file(&f, file);
    if (err == SB_OK)
        err = take_all(&f);
    if (err == SB_OK)
        err = compare_edges(&f);
    sb_pool_free(f.pool); /* before what it works on */
    sb_buf_deinit(&f.file);
    for (size_t i = 0; i < RING; i++) {
        sb_arena_deinit(&f.ring[i].arena);
        for (size_t k = 0; k < SHARE; k++)
            sb_buf_deinit(&f.ring[i].jobs[k].bytes);
    }
    free(f.ring);
    return err;
}
