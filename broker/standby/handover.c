/* Making HANDOVER from the promises: once a term, stored before anybody sees it. */
#include "broker/standby/inside.h"

#include <stdlib.h>

/* ---- the message ---- */

static int by_head(const void *a, const void *b)
{
    const sb_head *x = a, *y = b;
    if (x->term != y->term)
        return x->term < y->term ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return memcmp(x->root, y->root, 32);
}

typedef struct table {
    sb_head *heads;
    size_t count;
} table;

static table gather(sb_standby *s)
{
    table t = {.heads = SB_ARENA_ARRAY(&s->scratch, sb_head, 2 * s->promise_count + 1)};
    for (size_t i = 0; i < s->promise_count; i++) {
        const stb_promise *p = &s->promises[i];
        if (p->left_out)
            continue;
        if (p->said.seal.size > 0)
            t.heads[t.count++] = p->said.seal;
        if (p->said.cosigned.size > 0)
            t.heads[t.count++] = p->said.cosigned;
    }
    qsort(t.heads, t.count, sizeof *t.heads, by_head);
    size_t kept = 0;
    for (size_t i = 0; i < t.count; i++)
        if (kept == 0 || by_head(&t.heads[kept - 1], &t.heads[i]) != 0)
            t.heads[kept++] = t.heads[i];
    t.count = kept;
    return t;
}

/* From 1; 0: none. */
static uint32_t place(const table *t, const sb_head *head)
{
    for (size_t i = 0; i < t->count && head->size > 0; i++)
        if (by_head(&t->heads[i], head) == 0)
            return (uint32_t)i + 1;
    return 0;
}

static uint32_t named_by(const sb_standby *s, const sb_head *head)
{
    uint32_t count = 0;
    for (size_t i = 0; i < s->promise_count; i++)
        count += !s->promises[i].left_out && sb_head_eq(&s->promises[i].said.cosigned, head);
    return count;
}

static void put_proof(sb_standby *s, const sb_head *base, Sb__Head *head)
{
    sb_proof proof;
    if (sb_tree_consistency(sb_ledger_tree(s->ledger), base->size, head->size,
                            sb_commit_tiles(&s->commit), &proof, NULL) != SB_OK)
        return;
    head->proof = SB_ARENA_ARRAY(&s->scratch, ProtobufCBinaryData, proof.count + 1);
    for (uint32_t i = 0; i < proof.count; i++) {
        sb_slice hash = sb_arena_copy(&s->scratch, sb_slice_of(proof.hashes[i].b, 32));
        head->proof[i] = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)hash.data};
    }
    head->n_proof = proof.count;
}

static void put_heads(sb_standby *s, Sb__Handover *m, const table *t, const sb_head *base,
                      uint32_t support)
{
    uint32_t have = named_by(s, base);
    m->heads = SB_ARENA_ARRAY(&s->scratch, Sb__Head *, t->count + 1);
    m->n_heads = t->count;
    for (size_t i = 0; i < t->count; i++) {
        Sb__Head *h = m->heads[i] = SB_ARENA_NEW(&s->scratch, Sb__Head);
        sb__head__init(h);
        h->term = t->heads[i].term;
        h->size = t->heads[i].size;
        h->root = (ProtobufCBinaryData){.len = 32, .data = t->heads[i].root};
        uint32_t named = named_by(s, &t->heads[i]);
        if (have >= support || named == 0 || h->size <= base->size ||
            !sb_stb_holds(s, &t->heads[i]))
            continue;
        put_proof(s, base, h);
        have += named;
    }
}

static void put_promises(sb_standby *s, Sb__Handover *m, const table *t)
{
    m->promises = SB_ARENA_ARRAY(&s->scratch, Sb__Promised *, s->promise_count + 1);
    for (size_t i = 0; i < s->promise_count; i++) {
        stb_promise *p = &s->promises[i];
        if (p->left_out)
            continue;
        Sb__Promised *row = m->promises[m->n_promises++] = SB_ARENA_NEW(&s->scratch, Sb__Promised);
        sb__promised__init(row);
        row->witness_pk = (ProtobufCBinaryData){.len = 32, .data = p->pk};
        row->signature = (ProtobufCBinaryData){.len = 64, .data = p->signature};
        row->seal = place(t, &p->said.seal);
        row->cosigned = place(t, &p->said.cosigned);
    }
}

Sb__Handover *sb_stb_message(sb_standby *s, const sb_head *base, const stb_promise *sealed,
                             uint32_t support)
{
    Sb__Handover *m = SB_ARENA_NEW(&s->scratch, Sb__Handover);
    sb__handover__init(m);
    m->term = s->asked_term;
    m->log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)sb_secret_pk(s->log_key)};
    m->continues_size = base->size;
    sb_slice root = sb_arena_copy(&s->scratch, sb_slice_of(base->root, 32));
    m->continues_root = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)root.data};
    table t = gather(s);
    put_heads(s, m, &t, base, support);
    put_promises(s, m, &t);
    if (sealed == NULL)
        return m;
    m->n_cosignatures = sealed->cosignature_count;
    m->cosignatures = SB_ARENA_ARRAY(&s->scratch, Sb__Cosignature *, sealed->cosignature_count + 1);
    for (size_t i = 0; i < sealed->cosignature_count; i++)
        m->cosignatures[i] = &sealed->cosignatures[i];
    return m;
}

/* ---- the leaf ---- */

/* The clock, or the time of the leaf before it if that is later. */
static uint64_t leaf_time(sb_standby *s, uint64_t index, sb_now now)
{
    sb_slice before;
    if (index == 0 || !s->log.leaf(s->log.arg, index - 1, &before))
        return now.legal_ms;
    sb_reader r = sb_reader_over(before);
    uint64_t time_ms = sb_read_u64(&r);
    return time_ms > now.legal_ms ? time_ms : now.legal_ms;
}

static sb_err make_leaf(sb_standby *s, const Sb__Handover *m, sb_now now, sb_slice *leaf,
                        sb_fail *fail)
{
    sb_entry_head head;
    sb_buf entry;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, s->federation_id, m->continues_size);
    sb_err err = sb_entry_make(SB_ENTRY_HANDOVER, &m->base, &head, s->log_key, &entry, fail);
    if (err == SB_OK) {
        uint8_t *bytes = sb_arena_alloc(&s->scratch, 8 + entry.len);
        sb_writer w = sb_writer_over(bytes, 8 + entry.len);
        sb_write_u64(&w, leaf_time(s, m->continues_size, now));
        sb_write_bytes(&w, sb_buf_slice(&entry));
        *leaf = sb_writer_slice(&w);
    }
    sb_buf_deinit(&entry);
    return err;
}

/* As the next leaf of the log; it is committed at this step's end. */
static sb_err append(sb_standby *s, sb_slice bytes, sb_fail *fail)
{
    sb_leaf leaf;
    sb_err err = sb_leaf_open(bytes, &s->scratch, &leaf, fail);
    if (err == SB_OK)
        err = sb_ledger_step(s->ledger, &leaf, sb_commit_add_tile, &s->commit, fail);
    if (err != SB_OK)
        return err;
    sb_commit_add_leaf(&s->commit, bytes);
    s->done = true;
    return SB_OK;
}

static sb_slice stored_key(sb_standby *s)
{
    return sb_stb_key(s, SB_STANDBY_ROW_HANDOVER, s->asked_term, sb_slice_of(NULL, 0));
}

void sb_stb_change(sb_standby *s, const Sb__Handover *m, sb_now now)
{
    sb_slice leaf;
    sb_fail fail = {0};
    if (sb_kv_get(s->own, stored_key(s), NULL)) {
        s->split = true; /* this term has one that came to nothing: never a second */
        return;
    }
    sb_err err = make_leaf(s, m, now, &leaf, &fail);
    if (err == SB_OK && m->continues_size == s->committed)
        err = append(s, leaf, &fail);
    if (err != SB_OK) {
        sb_stb_fatal(s, &fail);
        return;
    }
    sb_commit_put_row(&s->commit, stored_key(s), leaf);
    if (m->continues_size < s->committed)
        sb_stb_rewind(s, m->continues_size, leaf);
}

/* A later term's HANDOVER was shown to us: nothing is opened over an earlier one any more. */
static bool is_over(sb_standby *s, uint32_t term)
{
    sb_slice row;
    if (!sb_stb_own_row(s, SB_STANDBY_ROW_OVER, &row))
        return false;
    sb_reader r = sb_reader_over(row);
    uint32_t later = sb_read_u32(&r);
    return r.failed || later > term;
}

bool sb_stb_append_stored(sb_standby *s)
{
    sb_slice leaf;
    sb_leaf opened;
    sb_fail fail = {0};
    if (s->done || s->asked_term <= sb_ledger_term(s->ledger) || is_over(s, s->asked_term) ||
        !sb_kv_get(s->own, stored_key(s), &leaf))
        return false;
    leaf = sb_arena_copy(&s->scratch, leaf);
    if (sb_leaf_open(leaf, &s->scratch, &opened, &fail) != SB_OK ||
        opened.entry.signer_seq != s->committed)
        return false;
    if (append(s, leaf, &fail) != SB_OK)
        return false; /* the log isn't the one it was made for: a higher term */
    return true;
}
