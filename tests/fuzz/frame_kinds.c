/* One frame of each kind, as an honest or a lying peer signs it; then perhaps with fields changed. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "tests/fuzz/frame_pool_inside.h"

static const Sb__Frame *any_leaves(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    uint64_t first = sb_script_below(s, h->count), n = sb_script_u8(s), size;
    if (n > h->count - first)
        n = h->count - first;
    size = sb_script_u8(s) % 2 == 0 ? first + n : fz_any_size(h, s);
    return fz_leaves(p, h, first, n, size, arena);
}

static void *receipt(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    uint64_t index = sb_script_below(s, h->count), size = fz_any_size(h, s);
    Sb__Receipt *m = SB_ARENA_NEW(arena, Sb__Receipt);
    sb_proof proof = {0};
    uint8_t id[32];
    *m = (Sb__Receipt)SB__RECEIPT__INIT;
    size = size <= index ? h->count : size;
    sb_fuzz_must(sb_tree_inclusion(h->tree, index, size, (sb_tile_reader){0}, &proof, NULL) ==
                 SB_OK);
    sb_slice leaf = h->leaves[index];
    sb_reader r = sb_reader_over(leaf);
    sb_hash(sb_slice_of(leaf.data + 8, leaf.len - 8 - 64), id);
    m->entry_id = fz_data(sb_arena_copy(arena, sb_slice_of(id, 32)));
    m->index = index;
    m->sequenced_at_ms = sb_read_u64(&r);
    m->n_proof = fz_put_proof(&proof, &m->proof, arena);
    m->head = fz_data(fz_note(p, h, size, 0, p->now_ms / 1000, arena));
    return m;
}

static void *refused(fz_pool *p, sb_script *s, sb_arena *arena)
{
    static const sb_err CODES[] = {SB_E_SEQUENCER_BLOB_MISSING, SB_E_SEQUENCER_CLOCK,
                                   SB_E_SEQUENCER_FEDERATION, SB_E_SIGNATURE,
                                   SB_E_FOLLOWER_PROMISE_TERM};
    Sb__Refused *m = SB_ARENA_NEW(arena, Sb__Refused);
    *m = (Sb__Refused)SB__REFUSED__INIT;
    sb_slice entry = p->entries[sb_script_below(s, p->entry_count)];
    uint8_t id[32];
    sb_hash(sb_slice_of(entry.data, entry.len - 64), id);
    m->entry_id = fz_data(sb_arena_copy(arena, sb_slice_of(id, 32)));
    m->code = (uint32_t)CODES[sb_script_below(s, sizeof CODES / sizeof *CODES)];
    m->args = SB_ARENA_ARRAY(arena, char *, 8);
    for (size_t n = sb_script_below(s, 8); m->n_args < n;)
        m->args[m->n_args++] = sb_arena_str(arena, sb_slice_str("æ"));
    return m;
}

static void *cosign(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    const fed_key *witness = fed_witness(p->f, (uint32_t)sb_script_below(s, FZ_ORGS));
    sb_checkpoint head = {.size = fz_any_size(h, s)};
    sb_cosignature c;
    Sb__Cosign *m = SB_ARENA_NEW(arena, Sb__Cosign);
    *m = (Sb__Cosign)SB__COSIGN__INIT;
    if (head.size == 0)
        head.size = h->count;
    fz_root(h, head.size, head.root);
    sb_fuzz_must(sb_origin(p->f->charter->slug, p->f->federation_id, fz_term_at(h, head.size),
                           head.origin, NULL) == SB_OK);
    sb_fuzz_must(sb_cosign(&head, witness->secret, p->now_ms / 1000 - 400 + sb_script_u16(s) % 1000,
                           &c, NULL) == SB_OK);
    m->size = head.size;
    m->root = fz_data(sb_arena_copy(arena, sb_slice_of(head.root, 32)));
    m->witness_pk = fz_data(sb_slice_of(witness->pk, 32));
    m->time_s = c.time_s;
    m->signature = fz_data(sb_arena_copy(arena, sb_slice_of(c.sig, 64)));
    return m;
}

static void *offer(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = &p->histories[sb_script_below(s, 2) * 2]; /* the two with a HANDOVER */
    Sb__HandoverOffer *m = SB_ARENA_NEW(arena, Sb__HandoverOffer);
    *m = (Sb__HandoverOffer)SB__HANDOVER_OFFER__INIT;
    uint64_t size = h->handover + 1 + sb_script_below(s, h->count - h->handover);
    m->index = h->handover;
    m->leaf = fz_data(h->leaves[h->handover]);
    m->head = fz_data(fz_note(p, h, size, 0, p->now_ms / 1000, arena));
    return m;
}

static void *promise_ask(fz_pool *p, sb_script *s, sb_arena *arena)
{
    Sb__PromiseAsk *m = SB_ARENA_NEW(arena, Sb__PromiseAsk);
    *m = (Sb__PromiseAsk)SB__PROMISE_ASK__INIT;
    uint32_t term =
        (uint32_t)sb_script_below(s, 12); /* one number, so that old scripts read alike */
    m->term = term % 6;
    m->would = term >= 6;
    m->log_pk = fz_data(sb_slice_of(fz_any_log_key(p, s)->pk, 32));
    return m;
}

static sb_head head_of(const fz_history *h, uint64_t size)
{
    sb_head head = {.size = size};
    if (size > 0) {
        head.term = fz_term_at(h, size);
        fz_root(h, size, head.root);
    }
    return head;
}

static Sb__Head *wire_head(const sb_head *head, sb_arena *arena)
{
    if (head->size == 0)
        return NULL;
    Sb__Head *m = SB_ARENA_NEW(arena, Sb__Head);
    *m = (Sb__Head)SB__HEAD__INIT;
    m->term = head->term;
    m->size = head->size;
    m->root = fz_data(sb_arena_copy(arena, sb_slice_of(head->root, 32)));
    return m;
}

/* The cosignatures of the SEAL in this history that seals the first term's head. */
static void put_cosignatures(const fz_history *h, Sb__PromiseGiven *m, sb_arena *arena)
{
    sb_leaf leaf;
    sb_fuzz_must(sb_leaf_open(h->leaves[h->sealed], arena, &leaf, NULL) == SB_OK);
    const Sb__Seal *seal = (const Sb__Seal *)(const void *)leaf.message;
    m->n_cosignatures = seal->n_cosignatures;
    m->cosignatures = seal->cosignatures;
}

static void *promise_given(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    const fed_key *witness = fed_witness(p->f, (uint32_t)sb_script_below(s, FZ_ORGS));
    const fed_key *log = fz_any_log_key(p, s);
    uint8_t how = sb_script_u8(s), sig[64];
    sb_promise said = {.term = 2 + (uint32_t)sb_script_below(s, 4),
                       .seal = head_of(h, how % 4 == 0 ? 0 : h->sealed),
                       .cosigned = head_of(h, how % 8 < 4 ? h->sealed : fz_any_size(h, s))};
    memcpy(said.log_pk, log->pk, 32);
    sb_fuzz_must(sb_promise_sign(p->f->federation_id, &said, witness->secret, sig, NULL) == SB_OK);
    Sb__PromiseGiven *m = SB_ARENA_NEW(arena, Sb__PromiseGiven);
    *m = (Sb__PromiseGiven)SB__PROMISE_GIVEN__INIT;
    m->term = said.term;
    m->log_pk = fz_data(sb_slice_of(log->pk, 32));
    m->witness_pk = fz_data(sb_slice_of(witness->pk, 32));
    m->seal = wire_head(&said.seal, arena);
    m->cosigned = wire_head(&said.cosigned, arena);
    if (m->seal != NULL)
        put_cosignatures(h, m, arena);
    m->signature = fz_data(sb_arena_copy(arena, sb_slice_of(sig, 64)));
    return m;
}

static void *peer_head(fz_pool *p, sb_script *s, sb_arena *arena)
{
    Sb__PeerHead *m = SB_ARENA_NEW(arena, Sb__PeerHead);
    *m = (Sb__PeerHead)SB__PEER_HEAD__INIT;
    m->note = fz_data(fz_any_note(p, s, arena));
    return m;
}

static void *consistency(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    Sb__Consistency *m = SB_ARENA_NEW(arena, Sb__Consistency);
    *m = (Sb__Consistency)SB__CONSISTENCY__INIT;
    m->from = fz_any_size(h, s);
    m->to = fz_any_size(h, s);
    uint8_t root[32];
    fz_root(h, m->from, root);
    m->root = fz_data(sb_arena_copy(arena, sb_slice_of(root, 32)));
    fz_put_consistency(h, m->from, m->to, &m->n_proof, &m->proof, arena);
    return m;
}

static void *consistency_get(fz_pool *p, sb_script *s, sb_arena *arena)
{
    Sb__ConsistencyGet *m = SB_ARENA_NEW(arena, Sb__ConsistencyGet);
    *m = (Sb__ConsistencyGet)SB__CONSISTENCY_GET__INIT;
    m->from = fz_any_size(fz_any_history(p, s), s);
    m->to = fz_any_size(fz_any_history(p, s), s);
    return m;
}

static void *consent(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fed_key *log = fz_any_log_key(p, s);
    Sb__Consent *m = SB_ARENA_NEW(arena, Sb__Consent);
    uint8_t sig[64];
    char name[96];
    *m = (Sb__Consent)SB__CONSENT__INIT;
    m->term = 2 + (uint32_t)sb_script_below(s, 4);
    m->log_pk = m->curve_pk = fz_data(sb_slice_of(log->pk, 32));
    m->address = sb_arena_str(arena, sb_slice_str("tcp://nytt:1"));
    sb_consent said = {.term = m->term, .address = sb_slice_str(m->address)};
    memcpy(said.log_pk, log->pk, 32);
    memcpy(said.curve_pk, log->pk, 32);
    (void)snprintf(name, sizeof name, "%.60s/authority",
                   p->f->charter->organisations[sb_script_below(s, FZ_ORGS)]->id);
    sb_fuzz_must(sb_consent_sign(p->f->federation_id, &said, fed_key_of(p->f, name)->secret, sig,
                                 NULL) == SB_OK);
    m->signature = fz_data(sb_arena_copy(arena, sb_slice_of(sig, 64)));
    return m;
}

static void *certified(fz_pool *p, sb_script *s, sb_arena *arena)
{
    Sb__Certified *m = SB_ARENA_NEW(arena, Sb__Certified);
    *m = (Sb__Certified)SB__CERTIFIED__INIT;
    m->note = fz_data(fz_any_note(p, s, arena));
    return m;
}

typedef void *(*maker)(fz_pool *p, sb_script *s, sb_arena *arena);

static const struct {
    Sb__Frame__BodyCase body;
    maker make;
} KINDS[] = {{SB__FRAME__BODY_RECEIPT, receipt},
             {SB__FRAME__BODY_REFUSED, refused},
             {SB__FRAME__BODY_COSIGN, cosign},
             {SB__FRAME__BODY_CERTIFIED, certified},
             {SB__FRAME__BODY_HANDOVER_OFFER, offer},
             {SB__FRAME__BODY_PROMISE_ASK, promise_ask},
             {SB__FRAME__BODY_PROMISE_GIVEN, promise_given},
             {SB__FRAME__BODY_PEER_HEAD, peer_head},
             {SB__FRAME__BODY_CONSISTENCY, consistency},
             {SB__FRAME__BODY_CONSISTENCY_GET, consistency_get},
             {SB__FRAME__BODY_CONSENT, consent}};

enum { KIND_COUNT = sizeof KINDS / sizeof *KINDS };

/* A body of any kind, its fields as the script says. */
static const Sb__Frame *filled(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const ProtobufCMessageDescriptor *d = &sb__frame__descriptor;
    const ProtobufCFieldDescriptor *body = &d->fields[1 + sb_script_below(s, d->n_fields - 1)];
    fz_fill_arg arg = {.p = p, .arena = arena};
    sb_fill fill = fz_filler(&arg);
    Sb__Frame *frame = fz_frame_of(arena, (Sb__Frame__BodyCase)body->id,
                                   sb_fill_message(body->descriptor, &fill, s, 6, arena));
    frame->request = sb_script_u8(s);
    return frame;
}

static const Sb__Frame *simple(fz_pool *p, sb_script *s, uint8_t kind, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    switch (kind % 5) {
    case 0:
        return fz_welcome(p, h, fz_any_size(h, s), arena);
    case 1:
        return fz_hello(p, fz_any_size(h, s), (uint32_t)sb_script_below(s, 4), arena);
    case 2:
        return fz_pull(fz_any_size(h, s), sb_script_u8(s), arena);
    case 3:
        return fz_submit(fz_entry(p, s, arena), arena);
    default:
        return any_leaves(p, s, arena);
    }
}

const Sb__Frame *fz_frame(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const Sb__Frame *frame = NULL, *back = NULL;
    uint8_t how = sb_script_u8(s), kind = sb_script_u8(s);
    if (how % 16 == 0) {
        sb_slice raw = sb_script_long_bytes(s);
        return sb_frame_decode(raw, arena, &back, NULL) == SB_OK ? back : NULL;
    }
    if (how % 16 < 4)
        frame = filled(p, s, arena);
    else if (how % 16 < 10)
        frame = simple(p, s, kind, arena);
    else
        frame = fz_frame_of(arena, KINDS[kind % KIND_COUNT].body,
                            KINDS[kind % KIND_COUNT].make(p, s, arena));
    if (frame != NULL && how >= 192) {
        fz_fill_arg arg = {.p = p, .arena = arena};
        sb_fill fill = fz_filler(&arg);
        Sb__Frame *changed = SB_ARENA_NEW(arena, Sb__Frame);
        *changed = *frame;
        changed->hello = (Sb__Hello *)(void *)sb_fill_change(&frame->hello->base, &fill, s, arena);
        frame = changed;
    }
    return frame == NULL ? NULL : fz_wired(frame, arena);
}

/* ---- as the shells open what came ---- */

void fz_open(const Sb__Frame *frame, sb_arena *arena, fz_opened *out)
{
    *out = (fz_opened){.leaves = SB_ARENA_NEW(arena, sb_leaf)};
    if (frame->body_case == SB__FRAME__BODY_LEAVES) {
        const Sb__Leaves *m = frame->leaves;
        out->leaves = SB_ARENA_ARRAY(arena, sb_leaf, m->n_leaves + 1);
        while (out->count < m->n_leaves &&
               sb_leaf_open(sb_slice_of(m->leaves[out->count].data, m->leaves[out->count].len),
                            arena, &out->leaves[out->count], &out->fail) == SB_OK)
            out->count++;
    } else if (frame->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData l = frame->handover_offer->leaf;
        out->count =
            sb_leaf_open(sb_slice_of(l.data, l.len), arena, out->leaves, &out->fail) == SB_OK;
    } else if (frame->body_case == SB__FRAME__BODY_SUBMIT) {
        ProtobufCBinaryData e = frame->submit->entry;
        out->count =
            sb_entry_open(sb_slice_of(e.data, e.len), arena, out->leaves, &out->fail) == SB_OK;
    }
}

/* ---- stores ---- */

void fz_store_of(const fz_history *h, uint64_t size, sim_store *out)
{
    sb_ledger *ledger;
    sb_commit_builder builder;
    sb_arena arena;
    sb_fail fail = {0};
    sim_store_init(out);
    ledger = sim_store_ledger(out);
    sb_arena_init(&arena);
    sb_commit_builder_init(&builder, (sb_tile_reader){0});
    sb_commit_builder_clear(&builder, 0);
    for (uint64_t i = 0; i < size; i++) {
        sb_leaf leaf;
        sb_fuzz_must(sb_leaf_open(h->leaves[i], &arena, &leaf, &fail) == SB_OK);
        sb_fuzz_must(sb_ledger_step(ledger, &leaf, sb_commit_add_tile, &builder, &fail) == SB_OK);
        sb_commit_add_leaf(&builder, h->leaves[i]);
        for (size_t b = 0; b < leaf.blob_count; b++)
            sim_store_blob_of(out, leaf.blobs[b]->sha256.data, leaf.blobs[b]->size);
    }
    sim_store_commit(out, sb_commit_builder_get(&builder), ledger);
    sb_commit_builder_deinit(&builder);
    sb_arena_deinit(&arena);
    sb_ledger_close(ledger);
}

void fz_store_clone(const sim_store *from, sim_store *to)
{
    *to = (sim_store){.state = sb_kv_memory_clone(from->state),
                      .own = sb_kv_memory_clone(from->own),
                      .tiles = sb_kv_memory_clone(from->tiles),
                      .blobs = sb_kv_memory_clone(from->blobs),
                      .leaf_count = from->leaf_count,
                      .leaf_cap = from->leaf_count};
    to->leaves = sb_xmalloc((from->leaf_count + 1) * sizeof *to->leaves);
    for (size_t i = 0; i < from->leaf_count; i++) {
        sb_buf_init(&to->leaves[i]);
        sb_buf_add(&to->leaves[i], sb_buf_slice(&from->leaves[i]));
    }
}

void fz_store_root(const sim_store *s, uint64_t size, uint8_t root[32])
{
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    sb_fuzz_must(size <= s->leaf_count);
    sb_tree_init(tree);
    for (uint64_t i = 0; i < size; i++) {
        uint8_t hash[32];
        sb_leaf_hash(sb_buf_slice(&s->leaves[i]), hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
    sb_tree_root(tree, root);
    free(tree);
}
