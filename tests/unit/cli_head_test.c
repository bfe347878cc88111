/* What a node calls final is believed only with every proof: each is forged here in turn. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/cli/head.h"
#include "nodes/host/json_read.h"
#include "proto/base/json.h"
#include "proto/merkle/tree.h"
#include "tests/lib/fed_terms.h"

enum { ORGS = 4, NEEDED = 3 };

/* A federation whose last leaves are STATE, SEAL, STATE, and what a node would answer to "head". */
typedef struct world {
    fed *f;
    sb_tree tree;
    sb_trust trust;
    uint64_t seal_index, old_size, certified_size;
    sb_seen_head old, final;
    /* What the answer says; a test bends it before answer(). */
    uint32_t cosigners, distinct;
    const char *log_key, *origin;
    uint64_t leaf_index, claimed_index;
    uint8_t flip_old, flip_certified, flip_seal;
    sb_slice leaf; /* instead of the one at leaf_index; empty: that one */
    sb_seen_head said;
    const char *policy; /* NULL: none said */
    sb_arena arena;
} world;

static sb_hash32 tile_hashes[64][SB_TILE_WIDTH];
static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    (void)arg;
    if (level != 0 || index >= 64)
        return false;
    memcpy(out, &tile_hashes[index][first], count * sizeof *out);
    return true;
}
static void keep_tile(void *arg, uint32_t level, uint64_t index, const sb_hash32 hashes[])
{
    (void)arg;
    assert_true(level == 0 && index < 64);
    memcpy(tile_hashes[index], hashes, sizeof tile_hashes[index]);
}
static const sb_tile_reader TILES = {.read = read_tile};

static void root_at(world *w, uint64_t size, uint8_t root[32])
{
    assert_int_equal(sb_tree_root_at(&w->tree, size, TILES, root, NULL), SB_OK);
}

static void report_case(fed *f)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char[]){"ssu"};
    m.title = (char[]){"En sak"};
    m.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    fed_must(f, SB_ENTRY_CASE_REPORT, &m.base, "secretariat");
}

/* Term 1's key and its witnesses, as the federation file would say. */
static void believe(world *w)
{
    sb_buf text;
    sb_buf_init(&text);
    memcpy(w->trust.federation_id, w->f->federation_id, 32);
    Sb__Genesis *g = fed_genesis_message(w->f);
    assert_int_equal(sb_trust_add_term(&w->trust, g->slug, 1, fed_key_of(w->f, "log")->pk, NULL),
                     SB_OK);
    assert_true(sb_ledger_policy_text(w->f->ledger, w->f->leaf_count, 0, &text));
    sb_slice one = sb_buf_slice(&text);
    assert_int_equal(sb_trust_set_policies(&w->trust, &one, 1, &w->arena, NULL), SB_OK);
    sb_buf_deinit(&text);
}

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    w->f = fed_new(NULL);
    fed_run(w->f);
    sb_ledger_position at;
    sb_ledger_position_get(w->f->ledger, &at);
    uint64_t index;
    assert_true(sb_ledger_last_seal(w->f->ledger, &index, &w->old_size));
    report_case(w->f);
    fed_seal(w->f);
    assert_true(sb_ledger_last_seal(w->f->ledger, &w->seal_index, &w->final.size));
    w->certified_size = w->f->leaf_count;
    sb_tree_init(&w->tree);
    for (size_t i = 0; i < w->f->leaf_count; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(w->f, i), hash);
        sb_tree_append(&w->tree, hash, keep_tile, NULL);
    }
    root_at(w, w->old_size, w->old.root);
    root_at(w, w->final.size, w->final.root);
    w->old.size = w->old_size;
    w->said = w->final;
    sb_arena_init(&w->arena);
    believe(w);
    w->cosigners = w->distinct = ORGS;
    w->log_key = "log";
    w->origin = w->trust.origin;
    w->leaf_index = w->claimed_index = w->seal_index;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    sb_arena_deinit(&w->arena);
    fed_free(w->f);
    free(w);
    return 0;
}

/* ---- the answer ---- */

static void put_path(sb_json *j, const char *key, const sb_proof *proof, uint8_t flip)
{
    sb_json_key(j, key);
    sb_json_array(j);
    for (uint32_t i = 0; i < proof->count; i++) {
        sb_hash32 h = proof->hashes[i];
        h.b[0] = (uint8_t)(h.b[0] ^ (i == 0 ? flip : 0));
        sb_json_hex(j, sb_slice_of(h.b, 32));
    }
    sb_json_end_array(j);
}

static void put_certified(world *w, sb_json *j)
{
    sb_checkpoint head = {.size = w->certified_size};
    sb_buf note;
    sb_buf_init(&note);
    strcpy(head.origin, w->origin);
    root_at(w, head.size, head.root);
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(w->f, w->log_key)->secret, &note, NULL),
                     SB_OK);
    for (uint32_t i = 0; i < w->cosigners; i++) {
        sb_ledger_org org;
        char name[80];
        sb_cosignature c;
        assert_true(sb_ledger_org_get(w->f->ledger, i % w->distinct, &org));
        snprintf(name, sizeof name, "%s/witness", org.id);
        fed_key *key = fed_key_of(w->f, name);
        assert_int_equal(sb_cosign(&head, key->secret, 1640000000 + i, &c, NULL), SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(org.id), key->pk, &c);
    }
    sb_json_key(j, "certified");
    sb_json_object(j);
    sb_json_key(j, "size");
    sb_json_u64(j, head.size);
    sb_json_key(j, "note");
    sb_json_str(j, sb_buf_slice(&note));
    sb_json_end_object(j);
    sb_buf_deinit(&note);
}

static const sb_doc *answer(world *w, uint64_t old_size)
{
    sb_buf text;
    sb_json j;
    sb_proof proof;
    const sb_doc *doc = NULL;
    sb_buf_init(&text);
    sb_json_begin(&j, &text);
    sb_json_object(&j);
    sb_json_key(&j, "final");
    sb_json_object(&j);
    sb_json_key(&j, "size");
    sb_json_u64(&j, w->said.size);
    sb_json_key(&j, "root");
    sb_json_hex(&j, sb_slice_of(w->said.root, 32));
    sb_json_end_object(&j);
    put_certified(w, &j);
    sb_json_key(&j, "seal");
    sb_json_object(&j);
    sb_json_key(&j, "index");
    sb_json_u64(&j, w->claimed_index);
    sb_json_key(&j, "leaf");
    sb_json_hex(&j, w->leaf.len > 0 ? w->leaf : fed_leaf(w->f, w->leaf_index));
    assert_int_equal(
        sb_tree_inclusion(&w->tree, w->leaf_index, w->certified_size, TILES, &proof, NULL), SB_OK);
    put_path(&j, "proof", &proof, w->flip_seal);
    sb_json_end_object(&j);
    proof.count = 0;
    if (old_size > 0)
        assert_int_equal(
            sb_tree_consistency(&w->tree, old_size, w->final.size, TILES, &proof, NULL), SB_OK);
    put_path(&j, "from_old", &proof, w->flip_old);
    assert_int_equal(
        sb_tree_consistency(&w->tree, w->final.size, w->certified_size, TILES, &proof, NULL),
        SB_OK);
    put_path(&j, "to_certified", &proof, w->flip_certified);
    if (w->policy != NULL) {
        sb_json_key(&j, "policies");
        sb_json_array(&j);
        sb_json_cstr(&j, w->policy);
        sb_json_end_array(&j);
    }
    sb_json_end_object(&j);
    assert_int_equal(sb_json_parse("head", sb_buf_slice(&text), &w->arena, &doc, NULL), SB_OK);
    sb_buf_deinit(&text);
    return doc;
}

static sb_err check(world *w, const sb_seen_head *last)
{
    sb_seen_head now;
    sb_fail fail;
    sb_err err = sb_head_check(answer(w, last->size), &w->trust, last, &now, &w->arena, &fail);
    if (err == SB_OK) {
        assert_int_equal(now.size, w->final.size);
        assert_memory_equal(now.root, w->final.root, 32);
    }
    return err;
}

/* ---- tests ---- */

static void test_true_head_is_believed(void **state)
{
    world *w = *state;
    sb_seen_head none = {.size = 0};
    sb_empty_root(none.root);
    assert_int_equal(check(w, &none), SB_OK);
    assert_int_equal(check(w, &w->old), SB_OK);
    assert_int_equal(check(w, &w->final), SB_OK);
    w->cosigners = NEEDED;
    assert_int_equal(check(w, &w->old), SB_OK);
}

static void test_history_that_shrank_or_changed(void **state)
{
    world *w = *state;
    sb_seen_head longer = {.size = w->final.size + 1};
    sb_seen_head now, other = w->old;
    sb_fail fail;
    const sb_doc *doc = NULL;
    assert_int_equal(sb_head_check(answer(w, 0), &w->trust, &longer, &now, &w->arena, &fail),
                     SB_E_CLI_HEAD_SHRANK);
    assert_int_equal(sb_json_parse("head", sb_slice_str("{\"final\":null}"), &w->arena, &doc, NULL),
                     SB_OK);
    assert_int_equal(sb_head_check(doc, &w->trust, &w->old, &now, &w->arena, &fail),
                     SB_E_CLI_HEAD_SHRANK);
    other.root[5] ^= 1;
    assert_int_equal(check(w, &other), SB_E_CLI_HEAD_CONFLICT);
    other = w->final;
    other.root[31] ^= 0x80;
    assert_int_equal(check(w, &other), SB_E_CLI_HEAD_CONFLICT);
    w->flip_old = 1;
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_CONFLICT);
}

static void test_nothing_final_yet(void **state)
{
    world *w = *state;
    sb_seen_head none = {.size = 0}, now;
    sb_fail fail;
    const sb_doc *doc = NULL;
    sb_empty_root(none.root);
    assert_int_equal(sb_json_parse("head", sb_slice_str("{\"final\":null}"), &w->arena, &doc, NULL),
                     SB_OK);
    assert_int_equal(sb_head_check(doc, &w->trust, &none, &now, &w->arena, &fail), SB_OK);
    assert_int_equal(now.size, 0);
    assert_memory_equal(now.root, none.root, 32);
}

static void test_too_few_have_confirmed(void **state)
{
    world *w = *state;
    w->cosigners = NEEDED - 1;
    assert_int_equal(check(w, &w->old), SB_E_CLI_QUORUM);
    w->cosigners = 0;
    assert_int_equal(check(w, &w->old), SB_E_CLI_QUORUM);
}

static void test_one_organisation_counts_once(void **state)
{
    world *w = *state;
    w->cosigners = 6; /* lines, of two organisations */
    w->distinct = 2;
    assert_int_equal(check(w, &w->old), SB_E_CLI_QUORUM);
}

static void test_seal_of_too_few(void **state)
{
    world *w = *state;
    static const uint32_t three[] = {0, 1, 2};
    report_case(w->f);
    assert_int_equal(fed_state(w->f), SB_OK);
    assert_int_equal(fed_seal_by(w->f, three, 3), SB_OK);
    assert_int_equal(fed_state(w->f), SB_OK);
    uint64_t index;
    assert_true(sb_ledger_last_seal(w->f->ledger, &index, &w->final.size));
    for (size_t i = w->certified_size; i < w->f->leaf_count; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(w->f, i), hash);
        sb_tree_append(&w->tree, hash, keep_tile, NULL);
    }
    w->certified_size = w->f->leaf_count;
    w->leaf_index = w->claimed_index = index;
    root_at(w, w->final.size, w->final.root);
    w->said = w->final;
    assert_int_equal(check(w, &w->old), SB_OK);
    w->trust.policies[0].names[w->trust.policies[0].quorum].threshold =
        ORGS; /* the head has four, the SEAL three */
    assert_int_equal(check(w, &w->old), SB_E_CLI_QUORUM);
}

static void test_another_log_or_key(void **state)
{
    world *w = *state;
    w->log_key = "somebody";
    assert_int_equal(check(w, &w->old), SB_E_CHECKPOINT_UNSIGNED);
    w->log_key = "log";
    w->origin = "samband/another/0000000000000000/1";
    assert_int_equal(check(w, &w->old), SB_E_CHECKPOINT_ORIGIN);
}

static void test_seal_that_is_none(void **state)
{
    world *w = *state;
    w->leaf_index = w->claimed_index = w->seal_index - 1; /* a STATE */
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
    w->leaf_index = w->seal_index;
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF); /* at another place */
    w->claimed_index = w->seal_index;
    w->flip_seal = 4;
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
}

/* The same SEAL, but signed by somebody else, in a tree of its own that all have confirmed. */
static void test_seal_by_another_key(void **state)
{
    world *w = *state;
    sb_buf leaf;
    sb_leaf seal;
    sb_entry_head head;
    uint8_t hash[32];
    sb_buf_init(&leaf);
    assert_int_equal(sb_leaf_open(fed_leaf(w->f, w->seal_index), &w->arena, &seal, NULL), SB_OK);
    sb_buf_add(&leaf, sb_slice_of(seal.bytes.data, 8)); /* its time */
    sb_entry_head_init(&head, seal.entry.federation_id, seal.entry.signer_seq);
    assert_int_equal(sb_entry_make(SB_ENTRY_SEAL, seal.message, &head,
                                   fed_key_of(w->f, "somebody")->secret, &leaf, NULL),
                     SB_OK);
    w->leaf = sb_buf_slice(&leaf);
    sb_tree_init(&w->tree);
    for (size_t i = 0; i < w->f->leaf_count; i++) {
        sb_leaf_hash(i == w->seal_index ? w->leaf : fed_leaf(w->f, i), hash);
        sb_tree_append(&w->tree, hash, keep_tile, NULL);
    }
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
    sb_buf_deinit(&leaf);
}

static void test_final_head_that_the_seal_does_not_name(void **state)
{
    world *w = *state;
    w->said.size = w->certified_size;
    root_at(w, w->said.size, w->said.root);
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
    w->said = w->final;
    w->said.root[0] ^= 1;
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
    w->said = w->final;
    w->flip_certified = 1;
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
}

static void test_answers_with_parts_missing(void **state)
{
    world *w = *state;
    static const char *const texts[] = {
        "{}",
        "[]",
        "{\"final\":7}",
        "{\"final\":{\"size\":9}}",
        "{\"final\":{\"size\":9,\"root\":\"00\"}}",
        "{\"final\":{\"size\":9999,"
        "\"root\":\"0000000000000000000000000000000000000000000000000000000000000000\"}}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const sb_doc *doc = NULL;
        sb_seen_head now;
        sb_fail fail;
        assert_int_equal(sb_json_parse("head", sb_slice_str(texts[i]), &w->arena, &doc, NULL),
                         SB_OK);
        assert_int_not_equal(sb_head_check(doc, &w->trust, &w->old, &now, &w->arena, &fail), SB_OK);
    }
}

/* ---- what is believed moves on ---- */

/* A new term's key is believed when a quorum of those known promised it. */
static void test_handover_is_believed(void **state)
{
    world *w = *state;
    sb_fail fail;
    uint64_t index = w->f->leaf_count;
    fed_take_over(w->f, 2, "log-2");
    sb_slice leaf = fed_leaf(w->f, (size_t)index);
    assert_int_equal(w->trust.term, 1);
    assert_int_equal(sb_trust_take_handover(&w->trust, leaf, &w->arena, &fail), SB_OK);
    assert_int_equal(w->trust.term, 2);
    assert_memory_equal(w->trust.log_pk, fed_key_of(w->f, "log-2")->pk, 32);
    assert_true(w->trust.changed);
    /* both terms' heads can be judged now, and no other's */
    char origin[SB_ORIGIN_BYTES_MAX + 1];
    for (uint32_t term = 1; term <= 3; term++) {
        sb_checkpoint head = {.size = 1};
        sb_buf note;
        sb_buf_init(&note);
        Sb__Genesis *g = fed_genesis_message(w->f);
        assert_int_equal(sb_origin(g->slug, w->f->federation_id, term, head.origin, NULL), SB_OK);
        assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(w->f, "log-2")->secret, &note, NULL),
                         SB_OK);
        const sb_trust_term *t = sb_trust_term_of(&w->trust, sb_buf_slice(&note), origin);
        assert_int_equal(t == NULL ? 0 : t->term, term <= 2 ? term : 0);
        sb_buf_deinit(&note);
    }
    /* once more, or an older one: nothing changes */
    assert_int_equal(sb_trust_take_handover(&w->trust, leaf, &w->arena, &fail), SB_OK);
    assert_int_equal(w->trust.term_count, 2);
}

static sb_err take_bent(world *w, const Sb__Handover *m, const char *key)
{
    sb_entry_head head;
    sb_buf bytes;
    sb_fail fail;
    sb_buf_init(&bytes);
    sb_buf_add(&bytes, sb_slice_of("\0\0\1\x7d\x75\0\0\0", 8));
    sb_entry_head_init(&head, w->f->federation_id, m->continues_size);
    assert_int_equal(sb_make_HANDOVER(m, &head, fed_key_of(w->f, key)->secret, &bytes, NULL),
                     SB_OK);
    sb_slice leaf = sb_arena_copy(&w->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    return sb_trust_take_handover(&w->trust, leaf, &w->arena, &fail);
}

static void test_handover_that_is_not(void **state)
{
    world *w = *state;
    fed_handover h = fed_handover_begin(w->f, 2, "log-2");
    fed_promise_of(w->f, &h, 0);
    fed_promise_of(w->f, &h, 1);
    assert_int_equal(take_bent(w, fed_handover_message(w->f, &h), "log-2"), SB_E_CLI_QUORUM);
    fed_promise_of(w->f, &h, 2);
    Sb__Handover *m = fed_handover_message(w->f, &h);
    assert_int_equal(take_bent(w, m, "log-3"), SB_E_CLI_HEAD_PROOF); /* another's signature */
    m->term = 3;                                                     /* they promised term 2 */
    assert_int_equal(take_bent(w, m, "log-2"), SB_E_CLI_QUORUM);
    m->term = 2;
    m->promises[0]->signature.data[5] ^= 1;
    assert_int_equal(take_bent(w, m, "log-2"), SB_E_CLI_QUORUM);
    m->promises[0]->signature.data[5] ^= 1;
    assert_int_equal(w->trust.term, 1);
    assert_int_equal(take_bent(w, m, "log-2"), SB_OK);
}

/* Other witnesses are believed on the word of the node, once those known confirmed the head. */
static void test_policies_move_on(void **state)
{
    world *w = *state;
    sb_fail fail;
    sb_seen_head now;
    const char *old = sb_arena_str(&w->arena, w->trust.texts[0]);
    char *text = sb_arena_printf(&w->arena, "%s", old);
    char *threshold = strstr(text, "QUORUM 3");
    assert_non_null(threshold);
    threshold[7] = '4';
    w->policy = text;
    w->cosigners = NEEDED - 1; /* not by so few */
    assert_int_equal(check(w, &w->old), SB_E_CLI_QUORUM);
    assert_string_equal(sb_arena_str(&w->arena, w->trust.texts[0]), old);
    w->cosigners = NEEDED;
    assert_int_equal(check(w, &w->old), SB_OK);
    assert_true(w->trust.changed);
    assert_string_equal(sb_arena_str(&w->arena, w->trust.texts[0]), text);
    /* from now on it takes four */
    assert_int_equal(
        sb_head_check(answer(w, w->old.size), &w->trust, &w->old, &now, &w->arena, &fail),
        SB_E_CLI_QUORUM);
    w->policy = "quorum none\n"; /* would believe anything */
    w->cosigners = ORGS;
    assert_int_equal(check(w, &w->old), SB_E_CLI_HEAD_PROOF);
}

/* A HANDOVER cut the proof off: what was seen stands, and nothing newer is believed. */
static void test_proof_that_was_cut(void **state)
{
    world *w = *state;
    sb_seen_head now;
    sb_fail fail;
    const sb_doc *doc = NULL;
    assert_int_equal(sb_json_parse("head", sb_slice_str("{\"final\":null,\"proof_was_cut\":true}"),
                                   &w->arena, &doc, NULL),
                     SB_OK);
    assert_int_equal(sb_head_check(doc, &w->trust, &w->old, &now, &w->arena, &fail), SB_OK);
    assert_int_equal(now.size, w->old.size);
}

/* ---- receipts ---- */

typedef struct paper {
    Sb__Receipt m;
    ProtobufCBinaryData path[SB_PROOF_HASHES_MAX];
    sb_proof proof;
    sb_buf note;
    sb_slice entry;
    uint8_t id[32];
} paper;

/* What the broker gives for the entry at `index`, under the newest head. */
static void make_receipt(world *w, uint64_t index, paper *p)
{
    sb_checkpoint head = {.size = w->certified_size};
    sb_slice leaf = fed_leaf(w->f, index);
    sb_leaf opened;
    memset(p, 0, sizeof *p);
    sb_buf_init(&p->note);
    strcpy(head.origin, w->origin);
    root_at(w, head.size, head.root);
    assert_int_equal(
        sb_checkpoint_sign(&head, fed_key_of(w->f, w->log_key)->secret, &p->note, NULL), SB_OK);
    assert_int_equal(sb_tree_inclusion(&w->tree, index, head.size, TILES, &p->proof, NULL), SB_OK);
    assert_int_equal(sb_leaf_open(leaf, &w->arena, &opened, NULL), SB_OK);
    sb__receipt__init(&p->m);
    p->entry = sb_slice_of(leaf.data + 8, leaf.len - 8);
    memcpy(p->id, opened.entry.id, 32);
    p->m.entry_id = (ProtobufCBinaryData){.len = 32, .data = p->id};
    p->m.index = index;
    p->m.sequenced_at_ms = opened.sequenced_at_ms;
    p->m.n_proof = p->proof.count;
    p->m.proof = p->path;
    for (uint32_t i = 0; i < p->proof.count; i++)
        p->path[i] = (ProtobufCBinaryData){.len = 32, .data = p->proof.hashes[i].b};
    p->m.head = (ProtobufCBinaryData){.len = p->note.len, .data = p->note.data};
}

static void receipt_is(world *w, const paper *p, sb_err err, const char *why)
{
    sb_fail fail = {0};
    uint8_t id[32];
    memcpy(id, p->id, 32);
    assert_int_equal(sb_receipt_check(&p->m, p->entry, id, &w->trust, &fail), err);
    if (err != SB_OK)
        assert_string_equal(fail.arg[0], why);
}

static void test_receipts(void **state)
{
    world *w = *state;
    paper p;
    const uint64_t index = w->seal_index - 2; /* the case */
    make_receipt(w, index, &p);
    assert_true(p.proof.count > 1);
    receipt_is(w, &p, SB_OK, NULL);
    p.m.index--; /* another place */
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "inclusion");
    p.m.index++;
    p.m.sequenced_at_ms++; /* another time */
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "inclusion");
    p.m.sequenced_at_ms--;
    p.proof.hashes[1].b[7] ^= 1;
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "inclusion");
    p.proof.hashes[1].b[7] ^= 1;
    p.m.n_proof--;
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "inclusion");
    p.m.n_proof++;
    p.path[0].len = 31;
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "proof");
    p.path[0].len = 32;
    p.m.n_proof = SB_PROOF_HASHES_MAX + 1;
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "proof");
    p.m.n_proof = p.proof.count;
    receipt_is(w, &p, SB_OK, NULL);
    p.note.data[p.note.len - 5] ^= 1; /* the signature */
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "head");
    sb_buf_deinit(&p.note);
}

/* Everything holds together, but somebody else signed it, or it is of another log or entry. */
static void test_forged_receipts(void **state)
{
    world *w = *state;
    paper p, other;
    w->log_key = "somebody";
    make_receipt(w, w->seal_index - 2, &p);
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "head");
    sb_buf_deinit(&p.note);
    w->log_key = "log";
    w->origin = "samband/another/0000000000000000/1";
    make_receipt(w, w->seal_index - 2, &p);
    receipt_is(w, &p, SB_E_CLI_RECEIPT, "head");
    sb_buf_deinit(&p.note);
    w->origin = w->trust.origin;
    make_receipt(w, w->seal_index - 2, &p);
    make_receipt(w, w->seal_index, &other);
    sb_fail fail = {0};
    assert_int_equal(sb_receipt_check(&other.m, p.entry, p.id, &w->trust, &fail), SB_E_CLI_RECEIPT);
    assert_string_equal(fail.arg[0], "entry");
    memcpy(other.id, p.id, 32); /* our id on another entry's proof */
    assert_int_equal(sb_receipt_check(&other.m, p.entry, p.id, &w->trust, &fail), SB_E_CLI_RECEIPT);
    assert_string_equal(fail.arg[0], "inclusion");
    sb_buf_deinit(&p.note);
    sb_buf_deinit(&other.note);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_true_head_is_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_history_that_shrank_or_changed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_final_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_few_have_confirmed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_organisation_counts_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seal_of_too_few, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_log_or_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seal_that_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_seal_by_another_key, setup, teardown),
        cmocka_unit_test_setup_teardown(test_final_head_that_the_seal_does_not_name, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_answers_with_parts_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_handover_is_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_handover_that_is_not, setup, teardown),
        cmocka_unit_test_setup_teardown(test_policies_move_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_proof_that_was_cut, setup, teardown),
        cmocka_unit_test_setup_teardown(test_receipts, setup, teardown),
        cmocka_unit_test_setup_teardown(test_forged_receipts, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
