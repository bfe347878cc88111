#include "tests/fuzz/frame_pool_inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "tests/lib/play.h"

/* ---- the histories ---- */

static void ok(sb_err err)
{
    if (err != SB_OK)
        (void)fprintf(stderr, "pool: %s\n", sb_err_name(err));
    sb_fuzz_must(err == SB_OK);
}

static char *words(sb_arena *arena, const char *text)
{
    return sb_arena_str(arena, sb_slice_str(text));
}

/* A standby that nodes may promise terms in a silence. */
static void with_standby(Sb__Charter *c, sb_arena *arena, void *arg)
{
    static const uint8_t SEED_NAME[] = "log-2";
    uint8_t seed[32];
    (void)arg;
    Sb__Standby *standby = SB_ARENA_NEW(arena, Sb__Standby);
    *standby = (Sb__Standby)SB__STANDBY__INIT;
    ok(sb_sign_init(NULL));
    sb_hash(sb_slice_of(SEED_NAME, sizeof SEED_NAME - 1), seed); /* as fed.h makes its keys */
    sb_secret *key = sb_secret_from_seed(seed);
    sb_slice pk = sb_arena_copy(arena, sb_slice_of(sb_secret_pk(key), 32));
    sb_secret_free(key);
    standby->id = words(arena, "reserve");
    standby->address = words(arena, "tcp://reserve:1");
    standby->log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)pk.data};
    standby->curve_pk = standby->log_pk;
    c->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 1);
    c->standbys[c->n_standbys++] = standby;
    c->silence_s = SB_SILENCE_S_MIN;
}

static void report(fed *f, const char *title)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = words(&f->arena, "ssu");
    m.title = words(&f->arena, title);
    m.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    m.text = fed_blob(f, title);
    fed_must(f, SB_ENTRY_CASE_REPORT, &m.base, SEC);
}

static void keep(fed *f, fz_history *h)
{
    h->leaves = SB_ARENA_ARRAY(&f->arena, sb_slice, f->leaf_count + 1);
    h->tree = SB_ARENA_NEW(&f->arena, sb_tree);
    sb_tree_init(h->tree);
    h->count = h->handover = f->leaf_count;
    h->log[0] = h->log[1] = fed_key_of(f, "log");
    for (size_t i = 0; i < f->leaf_count; i++) {
        uint8_t hash[32];
        h->leaves[i] = sb_arena_copy(&f->arena, fed_leaf(f, i));
        sb_leaf_hash(h->leaves[i], hash);
        sb_tree_append(h->tree, hash, NULL, NULL);
        if (h->leaves[i].data[8 + 1] == SB_ENTRY_HANDOVER)
            h->handover = i;
        if (h->leaves[i].data[8 + 1] == SB_ENTRY_SEAL && h->handover > i)
            h->sealed = i;
    }
    if (h->handover < h->count)
        h->log[1] = fed_key_of(f, f->log_key);
    sb_fuzz_must(h->count < SB_TILE_WIDTH && h->sealed > 0);
}

static fed *begin(void)
{
    fed *f = fed_new(&(fed_options){.part_bytes = 30000, .edit = with_standby});
    fed_run(f);
    report(f, "Felles sak");
    fed_seal(f);
    return f;
}

static void add_entries(fz_pool *p)
{
    static const char *const KEYS[] = {SEC, "unn-1/primary", "kommune-1/primary", "leader",
                                       "nobody"};
    for (size_t i = 0; i < 10; i++) {
        Sb__CaseReport m = SB__CASE_REPORT__INIT;
        sb_buf entry;
        sb_buf_init(&entry);
        m.body = words(&p->f->arena, i % 2 == 0 ? "ssu" : "pm");
        m.title = words(&p->f->arena, "En sak som ingen har sett");
        m.kind = SB__CASE_KIND__CASE_KIND_INFORMATION;
        m.text = i % 3 == 0 ? fed_blob(p->f, "Vedlegg") : NULL;
        sb_entry_head head = fed_head(p->f, KEYS[i % 5]);
        head.signer_seq += i / 5;
        fed_make(p->f, SB_ENTRY_CASE_REPORT, &m.base, KEYS[i % 5], &head, &entry);
        p->entries[p->entry_count++] = sb_arena_copy(&p->f->arena, sb_buf_slice(&entry));
        sb_buf_deinit(&entry);
    }
}

static void add_lie(fz_pool *p, const fz_history *from, fz_history *lie)
{
    fed *f = p->f;
    *lie = *from;
    lie->count = lie->handover = from->sealed + 2;
    lie->leaves = SB_ARENA_ARRAY(&f->arena, sb_slice, lie->count);
    memcpy(lie->leaves, from->leaves, lie->count * sizeof *lie->leaves);
    Sb__State state = SB__STATE__INIT;
    uint8_t wrong[32] = {1};
    sb_entry_head head;
    sb_buf leaf;
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_slice_of(lie->leaves[lie->count - 1].data, 8)); /* its time */
    state.digest = (ProtobufCBinaryData){.len = 32, .data = wrong};
    sb_entry_head_init(&head, f->federation_id, lie->count - 1);
    fed_make(f, SB_ENTRY_STATE, &state.base, "log", &head, &leaf);
    lie->leaves[lie->count - 1] = sb_arena_copy(&f->arena, sb_buf_slice(&leaf));
    sb_buf_deinit(&leaf);
    lie->tree = SB_ARENA_NEW(&f->arena, sb_tree);
    sb_tree_init(lie->tree);
    for (size_t i = 0; i < lie->count; i++) {
        uint8_t hash[32];
        sb_leaf_hash(lie->leaves[i], hash);
        sb_tree_append(lie->tree, hash, NULL, NULL);
    }
}

fz_pool *fz_pool_get(void)
{
    static fz_pool *p;
    if (p != NULL)
        return p;
    p = sb_xmalloc(sizeof *p);
    *p = (fz_pool){.f = begin()};
    play_table t;
    play_id question;
    play_ssu(p->f, &t);
    ok(play_ask(p->f, t.meeting, t.c, VOTE, SEC, &question));
    ok(play_vote(p->f, question, "unn-1", FOR));
    fed_seal(p->f);
    fed_take_over(p->f, 2, "log-2");
    report(p->f, "I den andre perioden");
    fed_seal(p->f);
    keep(p->f, &p->histories[0]);
    add_lie(p, &p->histories[0], &p->histories[3]);

    fed *b = p->b = begin(), *c = p->c = begin();
    report(b, "Noe annet");
    fed_seal(b);
    report(b, "Og mer");
    ok(fed_state(b));
    keep(b, &p->histories[1]);
    report(c, "Noe tredje");
    ok(fed_state(c));
    fed_take_over(c, 2, "log-3");
    report(c, "Hos en annen");
    fed_seal(c);
    keep(c, &p->histories[2]);
    add_entries(p);
    p->now_ms = p->f->now_ms + 10 * 1000;
    return p;
}

uint32_t fz_term_at(const fz_history *h, uint64_t size)
{
    return size > h->handover ? 2 : 1;
}

void fz_root(const fz_history *h, uint64_t size, uint8_t root[32])
{
    ok(sb_tree_root_at(h->tree, size, (sb_tile_reader){0}, root, NULL));
}

/* ---- what is signed ---- */

static void head_of(fz_pool *p, const fz_history *h, uint64_t size, uint32_t term,
                    sb_checkpoint *head)
{
    *head = (sb_checkpoint){.size = size};
    fz_root(h, size, head->root);
    ok(sb_origin(p->f->charter->slug, p->f->federation_id, term, head->origin, NULL));
}

static sb_slice sign_note(fz_pool *p, const sb_checkpoint *head, const fed_key *log, uint32_t orgs,
                          uint64_t time_s, sb_arena *arena)
{
    sb_buf note;
    sb_buf_init(&note);
    ok(sb_checkpoint_sign(head, log->secret, &note, NULL));
    for (uint32_t i = 0; i < FZ_ORGS; i++) {
        const fed_key *witness = fed_witness(p->f, i);
        sb_cosignature c;
        if ((orgs >> i & 1) == 0)
            continue;
        ok(sb_cosign(head, witness->secret, time_s, &c, NULL));
        sb_cosignature_add_line(&note, sb_slice_str(witness->name), witness->pk, &c);
    }
    sb_slice copy = sb_arena_copy(arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

sb_slice fz_note(fz_pool *p, const fz_history *h, uint64_t size, uint32_t orgs, uint64_t time_s,
                 sb_arena *arena)
{
    sb_checkpoint head;
    uint32_t term = fz_term_at(h, size);
    head_of(p, h, size, term, &head);
    return sign_note(p, &head, h->log[term - 1], orgs, time_s, arena);
}

const fz_history *fz_any_history(fz_pool *p, sb_script *s)
{
    return &p->histories[sb_script_below(s, FZ_HISTORIES)];
}

const fed_key *fz_any_log_key(fz_pool *p, sb_script *s)
{
    static const char *const NAMES[FZ_LOG_KEYS] = {"log", "log-2", "log-3"};
    return fed_key_of(p->f, NAMES[sb_script_below(s, FZ_LOG_KEYS)]);
}

uint64_t fz_any_size(const fz_history *h, sb_script *s)
{
    size_t n = sb_script_below(s, 256);
    if (n < 8)
        return h->sealed;
    return n < 16 ? h->count : n % (h->count + 1);
}

/* Mostly one of a real history, by the right key; else whatever one who has the keys can sign. */
sb_slice fz_any_note(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    uint8_t how = sb_script_u8(s);
    uint64_t size = fz_any_size(h, s);
    uint64_t time_s = p->now_ms / 1000 + sb_script_u16(s);
    if (size == 0 && how % 8 != 0)
        size = h->count;
    if (how % 8 != 0 && size > 0)
        return fz_note(p, h, size, how >> 4, time_s, arena);
    sb_checkpoint head;
    head_of(p, h, size, 1 + (uint32_t)sb_script_below(s, 3), &head);
    if (sb_script_u8(s) % 2 == 1 && size > 0)
        head.size = sb_script_u64(s) & INT64_MAX;
    if (head.size == 0)
        sb_empty_root(head.root);
    return sign_note(p, &head, fz_any_log_key(p, s), how >> 4, time_s, arena);
}

/* ---- values ---- */

static bool is_named(const ProtobufCFieldDescriptor *field, const char *part)
{
    return strstr(field->name, part) != NULL;
}

static sb_slice any_root(fz_pool *p, sb_script *s, sb_arena *arena)
{
    uint8_t root[32];
    const fz_history *h = fz_any_history(p, s);
    fz_root(h, fz_any_size(h, s), root);
    return sb_arena_copy(arena, sb_slice_of(root, 32));
}

static sb_slice any_id(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    sb_slice leaf = h->leaves[sb_script_below(s, h->count)];
    uint8_t id[32];
    sb_hash(sb_slice_of(leaf.data + 8, leaf.len - 8 - 64), id);
    return sb_arena_copy(arena, sb_slice_of(id, 32));
}

const fed_key *fz_any_key(fz_pool *p, sb_script *s)
{
    return p->f->keys[sb_script_below(s, p->f->key_count)];
}

/* So many bytes as a frame can hold: what is given back must still fit. */
static sb_slice much(sb_script *s, sb_arena *arena)
{
    size_t len = (size_t)sb_script_u16(s) * 16;
    uint8_t *bytes = sb_arena_alloc(arena, len);
    memset(bytes, 'x', len);
    return sb_slice_of(bytes, len);
}

static sb_slice some_bytes(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s)
{
    const fz_fill_arg *a = arg;
    fz_pool *p = a->p;
    const fz_history *h = fz_any_history(p, s);
    uint8_t how = sb_script_u8(s);
    if (how < 16)
        return sb_slice_of(NULL, 0); /* the script's own */
    if (how < 20)
        return much(s, a->arena);
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        static const char *const TEXTS[] = {"unn",       "kommune-a", "lege",   "bruker",
                                            "ssu",       "pm",        "status", "case",
                                            "tcp://a:1", "",          "4"};
        return sb_slice_str(TEXTS[sb_script_below(s, sizeof TEXTS / sizeof *TEXTS)]);
    }
    if (is_named(field, "head") || is_named(field, "note"))
        return fz_any_note(p, s, a->arena);
    if (is_named(field, "leaf") || is_named(field, "leaves"))
        return h->leaves[sb_script_below(s, h->count)];
    if (is_named(field, "entry") && !is_named(field, "id"))
        return fz_entry(p, s, a->arena);
    if (is_named(field, "federation_id"))
        return sb_slice_of(p->f->federation_id, 32);
    if (is_named(field, "log_pk"))
        return sb_slice_of(fz_any_log_key(p, s)->pk, 32);
    if (is_named(field, "_pk"))
        return sb_slice_of(fz_any_key(p, s)->pk, 32);
    if (is_named(field, "root") || is_named(field, "proof"))
        return any_root(p, s, a->arena);
    return any_id(p, s, a->arena);
}

static uint64_t some_number(void *arg, const ProtobufCFieldDescriptor *field, sb_script *s)
{
    const fz_fill_arg *a = arg;
    uint8_t how = sb_script_u8(s);
    if (how < 16)
        return sb_script_u64(s);
    if (how < 24)
        return UINT64_MAX - sb_script_below(s, 3);
    if (is_named(field, "time_s"))
        return a->p->now_ms / 1000 - 100 + sb_script_u16(s);
    if (is_named(field, "_ms"))
        return a->p->now_ms - 1000 + sb_script_u16(s);
    if (is_named(field, "term"))
        return sb_script_below(s, 5);
    if (is_named(field, "code"))
        return 700 + sb_script_u16(s);
    return sb_script_below(s, 256);
}

sb_fill fz_filler(fz_fill_arg *a)
{
    return (sb_fill){.arg = a, .bytes = some_bytes, .number = some_number};
}

/* ---- entries ---- */

/* A payload of the script's, or a real one with changes, signed by a key of the federation. */
static sb_slice sign_entry(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    sb_slice leaf = h->leaves[sb_script_below(s, h->count)];
    sb_leaf opened;
    fz_fill_arg arg = {.p = p, .arena = arena};
    sb_fill fill = fz_filler(&arg);
    ok(sb_leaf_open(leaf, arena, &opened, NULL));
    const fed_key *key = fz_any_key(p, s);
    sb_entry_head head;
    sb_buf entry;
    sb_buf_init(&entry);
    sb_entry_head_init(&head, p->f->federation_id, key->seq + sb_script_below(s, 4));
    const ProtobufCMessage *m = sb_fill_change(opened.message, &fill, s, arena);
    sb_slice made = {0};
    if (sb_entry_make(opened.entry.type, m, &head, key->secret, &entry, NULL) == SB_OK)
        made = sb_arena_copy(arena, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    return made;
}

sb_slice fz_entry(fz_pool *p, sb_script *s, sb_arena *arena)
{
    const fz_history *h = fz_any_history(p, s);
    uint8_t how = sb_script_u8(s);
    if (how % 4 == 0)
        return p->entries[sb_script_below(s, p->entry_count)];
    if (how % 4 == 1) {
        sb_slice leaf = h->leaves[sb_script_below(s, h->count)];
        return sb_slice_of(leaf.data + 8, leaf.len - 8);
    }
    return how % 4 == 2 ? sign_entry(p, s, arena) : sb_script_long_bytes(s);
}

/* ---- frames that are right ---- */

ProtobufCBinaryData fz_data(sb_slice s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = (uint8_t *)(uintptr_t)s.data};
}

/* Through the wire: what isn't a frame doesn't come. */
const Sb__Frame *fz_wired(const Sb__Frame *frame, sb_arena *arena)
{
    const Sb__Frame *back = NULL;
    sb_buf bytes;
    if (sb__frame__get_packed_size(frame) > SB_FRAME_BYTES_MAX)
        return NULL;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    if (sb_frame_decode(sb_buf_slice(&bytes), arena, &back, NULL) != SB_OK)
        back = NULL;
    sb_buf_deinit(&bytes);
    return back;
}

Sb__Frame *fz_frame_of(sb_arena *arena, Sb__Frame__BodyCase body, void *message)
{
    Sb__Frame *frame = SB_ARENA_NEW(arena, Sb__Frame);
    *frame = (Sb__Frame)SB__FRAME__INIT;
    frame->body_case = body;
    frame->hello = message; /* all members of the union are pointers */
    return frame;
}

size_t fz_put_proof(const sb_proof *proof, ProtobufCBinaryData **out, sb_arena *arena)
{
    *out = SB_ARENA_ARRAY(arena, ProtobufCBinaryData, proof->count + 1);
    for (uint32_t i = 0; i < proof->count; i++)
        (*out)[i] = fz_data(sb_arena_copy(arena, sb_slice_of(proof->hashes[i].b, 32)));
    return proof->count;
}

void fz_put_consistency(const fz_history *h, uint64_t from, uint64_t to, size_t *n,
                        ProtobufCBinaryData **out, sb_arena *arena)
{
    sb_proof proof;
    if (from > 0 && from < to && to <= h->count &&
        sb_tree_consistency(h->tree, from, to, (sb_tile_reader){0}, &proof, NULL) == SB_OK)
        *n = fz_put_proof(&proof, out, arena);
}

const Sb__Frame *fz_leaves(fz_pool *p, const fz_history *h, uint64_t first, uint64_t n,
                           uint64_t size, sb_arena *arena)
{
    Sb__Leaves *m = SB_ARENA_NEW(arena, Sb__Leaves);
    *m = (Sb__Leaves)SB__LEAVES__INIT;
    m->from = first;
    m->leaves = SB_ARENA_ARRAY(arena, ProtobufCBinaryData, n + 1);
    for (uint64_t i = first; i < first + n && i < h->count; i++)
        m->leaves[m->n_leaves++] = fz_data(h->leaves[i]);
    if (size > 0)
        m->head = fz_data(fz_note(p, h, size, 0, p->now_ms / 1000, arena));
    fz_put_consistency(h, first + m->n_leaves, size, &m->n_proof, &m->proof, arena);
    return fz_wired(fz_frame_of(arena, SB__FRAME__BODY_LEAVES, m), arena);
}

const Sb__Frame *fz_welcome(fz_pool *p, const fz_history *h, uint64_t size, sb_arena *arena)
{
    Sb__Welcome *m = SB_ARENA_NEW(arena, Sb__Welcome);
    *m = (Sb__Welcome)SB__WELCOME__INIT;
    m->federation_id = fz_data(sb_slice_of(p->f->federation_id, 32));
    m->size = size;
    m->term = fz_term_at(h, size);
    if (size > 0)
        m->head = fz_data(fz_note(p, h, size, 0, p->now_ms / 1000, arena));
    return fz_wired(fz_frame_of(arena, SB__FRAME__BODY_WELCOME, m), arena);
}

const Sb__Frame *fz_certified(fz_pool *p, const fz_history *h, uint64_t size, uint32_t orgs,
                              sb_arena *arena)
{
    Sb__Certified *m = SB_ARENA_NEW(arena, Sb__Certified);
    *m = (Sb__Certified)SB__CERTIFIED__INIT;
    m->note = fz_data(fz_note(p, h, size, orgs, p->now_ms / 1000, arena));
    return fz_wired(fz_frame_of(arena, SB__FRAME__BODY_CERTIFIED, m), arena);
}

const Sb__Frame *fz_pull(uint64_t from, uint32_t credit, sb_arena *arena)
{
    Sb__Pull *m = SB_ARENA_NEW(arena, Sb__Pull);
    *m = (Sb__Pull)SB__PULL__INIT;
    m->from = from;
    m->credit = credit;
    return fz_wired(fz_frame_of(arena, SB__FRAME__BODY_PULL, m), arena);
}

const Sb__Frame *fz_hello(fz_pool *p, uint64_t size, uint32_t term, sb_arena *arena)
{
    Sb__Hello *m = SB_ARENA_NEW(arena, Sb__Hello);
    *m = (Sb__Hello)SB__HELLO__INIT;
    m->federation_id = fz_data(sb_slice_of(p->f->federation_id, 32));
    m->organisation = words(arena, "lege");
    m->size = size;
    m->engine = SB_ENGINE;
    m->term = term;
    return fz_wired(fz_frame_of(arena, SB__FRAME__BODY_HELLO, m), arena);
}

const Sb__Frame *fz_submit(sb_slice entry, sb_arena *arena)
{
    Sb__Submit *m = SB_ARENA_NEW(arena, Sb__Submit);
    *m = (Sb__Submit)SB__SUBMIT__INIT;
    m->entry = fz_data(entry);
    return fz_wired(fz_frame_of(arena, SB__FRAME__BODY_SUBMIT, m), arena);
}
