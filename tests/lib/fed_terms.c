#include "tests/lib/fed_terms.h"

#include <stdio.h>
#include <stdlib.h>

static void must(fed *f, sb_err err, const char *what)
{
    if (err == SB_OK)
        return;
    const char *name = sb_err_name(err);
    fprintf(stderr, "fed: %s: %s [%s] [%s]\n", what, name == NULL ? "?" : name, f->fail.arg[0],
            f->fail.arg[1]);
    abort();
}

static ProtobufCBinaryData bytes_of(fed *f, const void *data, size_t len)
{
    sb_slice copy = sb_arena_copy(&f->arena, sb_slice_of(data, len));
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)copy.data};
}

static sb_head head_at(fed *f, uint64_t size)
{
    sb_head head = {.term = sb_ledger_term_at(f->ledger, size), .size = size};
    must(f, sb_ledger_root_at(f->ledger, size, head.root) ? SB_OK : SB_E_INTERNAL, "head");
    return head;
}

sb_head fed_head_now(fed *f)
{
    return head_at(f, f->leaf_count);
}

const Sb__Seal *fed_last_seal(fed *f, sb_head *sealed)
{
    *sealed = (sb_head){0};
    for (size_t i = f->leaf_count; i-- > 0;) {
        sb_leaf leaf;
        must(f, sb_leaf_open(fed_leaf(f, i), &f->arena, &leaf, &f->fail), "leaf");
        if (leaf.entry.type != SB_ENTRY_SEAL)
            continue;
        const Sb__Seal *seal = (const Sb__Seal *)(const void *)leaf.message;
        *sealed = head_at(f, seal->size);
        return seal;
    }
    return NULL;
}

/* ---- promises ---- */

fed_handover fed_handover_begin(fed *f, uint32_t term, const char *key)
{
    fed_handover h = {.term = term};
    snprintf(h.key, sizeof h.key, "%s", key);
    h.continues = h.cosigned = fed_head_now(f);
    h.seal = fed_last_seal(f, &h.sealed);
    return h;
}

void fed_handover_at(fed *f, fed_handover *h, uint64_t size)
{
    h->continues = head_at(f, size);
}

void fed_promise(fed *f, fed_handover *h, uint32_t organisation, const sb_head *sealed,
                 const sb_head *cosigned)
{
    sb_promise *p = &h->promises[h->count];
    *p = (sb_promise){.term = h->term, .seal = *sealed, .cosigned = *cosigned};
    memcpy(p->log_pk, fed_key_of(f, h->key)->pk, 32);
    snprintf(h->witnesses[h->count], sizeof h->witnesses[0], "%s",
             fed_witness(f, organisation)->name);
    h->count++;
}

void fed_promise_of(fed *f, fed_handover *h, uint32_t organisation)
{
    fed_promise(f, h, organisation, &h->sealed, &h->cosigned);
}

/* ---- the message ---- */

static int by_head(const void *a, const void *b)
{
    const sb_head *x = a, *y = b;
    int rank = sb_head_rank(x, y);
    return rank != 0 ? rank : memcmp(x->root, y->root, 32);
}

static int by_witness(const void *a, const void *b)
{
    const Sb__Promised *x = *(Sb__Promised *const *)a, *y = *(Sb__Promised *const *)b;
    return memcmp(x->witness_pk.data, y->witness_pk.data, 32);
}

static uint32_t place_of(const sb_head *heads, size_t count, const sb_head *head)
{
    for (size_t i = 0; i < count; i++)
        if (head->size != 0 && by_head(&heads[i], head) == 0)
            return (uint32_t)i + 1;
    return 0;
}

static size_t list_heads(const fed_handover *h, sb_head *heads)
{
    size_t count = 0;
    for (size_t i = 0; i < h->count; i++) {
        const sb_head *two[] = {&h->promises[i].seal, &h->promises[i].cosigned};
        for (size_t k = 0; k < 2; k++)
            if (two[k]->size != 0 && place_of(heads, count, two[k]) == 0)
                heads[count++] = *two[k];
    }
    qsort(heads, count, sizeof heads[0], by_head);
    return count;
}

static Sb__Promised *promised(fed *f, const fed_handover *h, size_t i, const sb_head *heads,
                              size_t count)
{
    const sb_promise *p = &h->promises[i];
    const fed_key *key = fed_key_of(f, h->witnesses[i]);
    uint8_t sig[64];
    must(f, sb_promise_sign(f->federation_id, p, key->secret, sig, &f->fail), "promise");
    Sb__Promised *out = SB_ARENA_NEW(&f->arena, Sb__Promised);
    *out = (Sb__Promised)SB__PROMISED__INIT;
    out->witness_pk = bytes_of(f, key->pk, 32);
    out->seal = place_of(heads, count, &p->seal);
    out->cosigned = place_of(heads, count, &p->cosigned);
    out->signature = bytes_of(f, sig, 64);
    return out;
}

Sb__Handover *fed_handover_message(fed *f, const fed_handover *h)
{
    sb_head heads[2 * FED_PROMISES_MAX];
    size_t count = list_heads(h, heads);
    Sb__Handover *m = SB_ARENA_NEW(&f->arena, Sb__Handover);
    *m = (Sb__Handover)SB__HANDOVER__INIT;
    m->term = h->term;
    m->log_pk = bytes_of(f, fed_key_of(f, h->key)->pk, 32);
    m->continues_size = h->continues.size;
    m->continues_root = bytes_of(f, h->continues.root, 32);
    m->heads = SB_ARENA_ARRAY(&f->arena, Sb__Head *, count);
    for (size_t i = 0; i < count; i++) {
        Sb__Head *head = SB_ARENA_NEW(&f->arena, Sb__Head);
        *head = (Sb__Head)SB__HEAD__INIT;
        head->term = heads[i].term;
        head->size = heads[i].size;
        head->root = bytes_of(f, heads[i].root, 32);
        m->heads[m->n_heads++] = head;
    }
    m->promises = SB_ARENA_ARRAY(&f->arena, Sb__Promised *, h->count);
    for (size_t i = 0; i < h->count; i++)
        m->promises[m->n_promises++] = promised(f, h, i, heads, count);
    qsort(m->promises, m->n_promises, sizeof m->promises[0], by_witness);
    if (h->seal != NULL) {
        m->n_cosignatures = h->seal->n_cosignatures;
        m->cosignatures = h->seal->cosignatures;
    }
    return m;
}

sb_err fed_hand_over(fed *f, const Sb__Handover *m, const char *key)
{
    sb_entry_head head;
    sb_buf entry;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, f->federation_id, f->leaf_count);
    fed_make(f, SB_ENTRY_HANDOVER, &m->base, key, &head, &entry);
    sb_err err = fed_take(f, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    if (err == SB_OK)
        snprintf(f->log_key, sizeof f->log_key, "%s", key);
    return err;
}

void fed_take_over(fed *f, uint32_t term, const char *key)
{
    fed_handover h = fed_handover_begin(f, term, key);
    for (uint32_t i = f->options.silent;
         i < f->charter->n_organisations && h.count < FED_PROMISES_MAX; i++)
        fed_promise_of(f, &h, i);
    must(f, fed_hand_over(f, fed_handover_message(f, &h), key), "HANDOVER");
    must(f, fed_state(f), "STATE");
}
