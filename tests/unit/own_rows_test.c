/* A node's own rows that stay well-formed with a bit flipped: what the log, a signature or a proof can
 * tell is found. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "broker/standby/rows.h"
#include "nodes/follower/rows.h"
#include "proto/base/cursor.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/proof.h"
#include "proto/wire/frame.h"
#include "proto/wire/missing.h"
#include "proto/wire/promise.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/store_sample.h"

typedef struct rig {
    fed *f;
    sb_fol_rows rows;
    sb_buf value, note, other;
} rig;

static bool no_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                    sb_hash32 *out)
{
    (void)arg, (void)level, (void)index, (void)first, (void)count, (void)out;
    return false;
}

static int setup(void **state)
{
    rig *r = calloc(1, sizeof *r);
    r->f = store_sample_fed(60);
    r->rows = (sb_fol_rows){.ledger = r->f->ledger,
                            .tiles = {.read = no_tile},
                            .is_whole = true,
                            .organisation = "unn"};
    sb_buf_init(&r->value);
    sb_buf_init(&r->note);
    sb_buf_init(&r->other);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    sb_buf_deinit(&r->value);
    sb_buf_deinit(&r->note);
    sb_buf_deinit(&r->other);
    fed_free(r->f);
    free(r);
    return 0;
}

static sb_fol_row_verdict verdict(rig *r, sb_slice key)
{
    const char *name;
    return sb_follower_row_check(&r->rows, key, sb_buf_slice(&r->value), &name, NULL, NULL);
}

/* One bit of each byte from `from` on, a different one each time. */
static void every_flip_is_found(rig *r, sb_slice key, size_t from)
{
    assert_int_equal(verdict(r, key), SB_FOL_ROW_HOLDS);
    for (size_t at = from; at < r->value.len; at++) {
        r->value.data[at] ^= (uint8_t)(1 << at % 8);
        if (verdict(r, key) == SB_FOL_ROW_HOLDS)
            print_error("byte %zu of %zu\n", at, r->value.len);
        assert_int_not_equal(verdict(r, key), SB_FOL_ROW_HOLDS);
        r->value.data[at] ^= (uint8_t)(1 << at % 8);
    }
}

static void number(rig *r, uint64_t n, size_t bytes)
{
    uint8_t be[8];
    sb_writer w = sb_writer_over(be, sizeof be);
    sb_write_u64(&w, n);
    sb_buf_add(&r->value, sb_slice_of(be + 8 - bytes, bytes));
}

static void table_is_whole(rig *r, uint8_t table)
{
    every_flip_is_found(r, sb_slice_of(&table, 1), 0);
}

/* A head of the log's, signed by the log; with a root of its own when it is bent. */
static void sign_head(rig *r, bool is_bent, sb_buf *out)
{
    const sb_tree *tree = sb_ledger_tree(r->f->ledger);
    sb_checkpoint head = {.size = tree->size};
    assert_true(sb_ledger_origin(r->f->ledger, head.origin, sizeof head.origin));
    sb_tree_root(tree, head.root);
    head.root[0] ^= is_bent;
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(r->f, r->f->log_key)->secret, out, NULL),
                     SB_OK);
}

/* flags ‖ index ‖ time ‖ Receipt ‖ entry, of an entry that is in the log. */
static void test_outbox(void **state)
{
    rig *r = *state;
    const sb_tree *tree = sb_ledger_tree(r->f->ledger);
    uint64_t index = 40;
    sb_slice leaf = fed_leaf(r->f, index);
    sb_reader t = sb_reader_over(leaf);
    uint64_t time_ms = sb_read_u64(&t);
    sb_entry entry;
    sb_proof proof;
    assert_int_equal(sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, NULL), SB_OK);
    assert_int_equal(sb_tree_inclusion(tree, index, tree->size, r->rows.tiles, &proof, NULL),
                     SB_OK);
    sign_head(r, false, &r->note);
    ProtobufCBinaryData path[SB_PROOF_HASHES_MAX];
    for (size_t i = 0; i < proof.count; i++)
        path[i] = (ProtobufCBinaryData){.len = 32, .data = proof.hashes[i].b};
    Sb__Receipt m = SB__RECEIPT__INIT;
    m.entry_id = (ProtobufCBinaryData){.len = 32, .data = entry.id};
    m.index = index;
    m.sequenced_at_ms = time_ms;
    m.proof = path;
    m.n_proof = proof.count;
    m.head = (ProtobufCBinaryData){.len = r->note.len, .data = r->note.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_RECEIPT;
    frame.receipt = &m;
    sb_frame_encode(&frame, &r->other);

    uint8_t key[1 + 32 + 8] = {SB_FOL_ROW_OUTBOX};
    memcpy(key + 1, entry.signer_pk, 32);
    sb_writer w = sb_writer_over(key + 33, 8);
    sb_write_u64(&w, entry.signer_seq);
    number(r, 1, 1);
    number(r, index, 8);
    number(r, time_ms, 8);
    number(r, r->other.len, 4);
    sb_buf_add(&r->value, sb_buf_slice(&r->other));
    sb_buf_add(&r->value, entry.bytes);
    every_flip_is_found(r, sb_slice_of(key, sizeof key), 1);
}

/* term ‖ code ‖ size ‖ file: two heads of one size. */
static void test_evidence(void **state)
{
    rig *r = *state;
    sb_slice genesis = fed_leaf(r->f, 0);
    const sb_evidence_tie tie = {.federation_id = r->f->federation_id,
                                 .genesis = sb_slice_of(genesis.data + 8, genesis.len - 8)};
    uint8_t key[1 + 8] = {SB_FOL_ROW_EVIDENCE};
    sb_fail why = {0};
    sign_head(r, false, &r->note);
    sign_head(r, true, &r->other);
    number(r, 1, 4);
    number(r, SB_E_FOLLOWER_CONFLICT, 4);
    number(r, r->f->leaf_count, 8);
    assert_int_equal(sb_evidence_make_heads(&tie, sb_buf_slice(&r->note), sb_buf_slice(&r->other),
                                            NULL, NULL, &r->value, &why),
                     SB_OK);
    sb_slice found_by = sb_slice_of(key, sizeof key);
    every_flip_is_found(r, found_by, 16);
    for (size_t at = 0; at < 8; at++) { /* the term and the code; not the size */
        r->value.data[at] ^= 1;
        assert_int_equal(verdict(r, found_by), SB_FOL_ROW_RECORD);
        r->value.data[at] ^= 1;
    }
}

/* ---- notes ---- */

static void add_present_note(rig *r)
{
    store_sample_note(r->f, sb_ledger_tree(r->f->ledger), &r->value);
}

static void test_head(void **state)
{
    rig *r = *state;
    sign_head(r, false, &r->value);
    table_is_whole(r, SB_FOL_ROW_HEAD);
}

/* As a node catches up, the broker of a later term signs heads before its own HANDOVER: nobody can
 * verify that signature yet, but whose it says it is must be the same in both places. */
static void test_head_of_a_term_to_come(void **state)
{
    rig *r = *state;
    const uint8_t table = SB_FOL_ROW_HEAD;
    const sb_tree *tree = sb_ledger_tree(r->f->ledger);
    sb_checkpoint head = {.size = tree->size};
    assert_true(sb_ledger_origin(r->f->ledger, head.origin, sizeof head.origin));
    head.origin[strlen(head.origin) - 1] = '3';
    sb_tree_root(tree, head.root);
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(r->f, "log-3")->secret, &r->value, NULL),
                     SB_OK);
    assert_int_equal(verdict(r, sb_slice_of(&table, 1)), SB_FOL_ROW_HOLDS);
    sb_checkpoint parsed;
    sb_note note;
    assert_int_equal(sb_checkpoint_parse_note(sb_buf_slice(&r->value), &note, &parsed, NULL),
                     SB_OK);
    size_t end = note.text.len + 1 + strlen("\xe2\x80\x94 ") + strlen(head.origin);
    for (size_t at = 0; at < end; at++) {
        r->value.data[at] ^= (uint8_t)(1 << at % 8);
        assert_int_not_equal(verdict(r, sb_slice_of(&table, 1)), SB_FOL_ROW_HOLDS);
        r->value.data[at] ^= (uint8_t)(1 << at % 8);
    }
}

static void test_certified(void **state)
{
    rig *r = *state;
    add_present_note(r);
    table_is_whole(r, SB_FOL_ROW_CERTIFIED);
}

/* size ‖ root ‖ note */
static void test_final(void **state)
{
    rig *r = *state;
    const sb_tree *tree = sb_ledger_tree(r->f->ledger);
    uint8_t root[32];
    sb_tree_root(tree, root);
    number(r, tree->size, 8);
    sb_buf_add(&r->value, sb_slice_of(root, sizeof root));
    add_present_note(r);
    table_is_whole(r, SB_FOL_ROW_FINAL);
}

static void replace_witness(fed *f, uint32_t organisation)
{
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    char recovery[96], other[96];
    sb_ledger_org org;
    assert_true(sb_ledger_org_get(f->ledger, organisation, &org));
    (void)snprintf(recovery, sizeof recovery, "%s/recovery", org.id);
    (void)snprintf(other, sizeof other, "%s/new", org.id);
    m.old_pk = (ProtobufCBinaryData){.len = 32, .data = fed_witness(f, organisation)->pk};
    m.new_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, other)->pk};
    fed_must(f, SB_ENTRY_KEY_REPLACE, &m.base, recovery);
}

/* Its key was replaced since, and then a change of term may have cut off where the log named it. */
static void test_certified_by_other_keys(void **state)
{
    rig *r = *state;
    const uint8_t table = SB_FOL_ROW_CERTIFIED;
    const sb_tree *tree = sb_ledger_tree(r->f->ledger);
    fed_key *stranger = fed_key_of(r->f, "cut off");
    sb_checkpoint head = {.size = tree->size};
    sb_cosignature cosignature;
    assert_true(sb_ledger_origin(r->f->ledger, head.origin, sizeof head.origin));
    sb_tree_root(tree, head.root);
    assert_int_equal(sb_cosign(&head, stranger->secret, 1700000000, &cosignature, NULL), SB_OK);
    add_present_note(r);
    sb_cosignature_add_line(&r->value, sb_slice_str("a/unn"), stranger->pk, &cosignature);
    assert_int_equal(verdict(r, sb_slice_of(&table, 1)), SB_FOL_ROW_HOLDS);
    sb_buf_clear(&r->value);

    sb_ledger_org org;
    uint8_t old[32];
    memcpy(old, fed_witness(r->f, 1)->pk, 32);
    add_present_note(r);
    replace_witness(r->f, 1);
    assert_true(sb_ledger_org_get(r->f->ledger, 1, &org) && memcmp(org.witness_pk, old, 32) != 0);
    sb_ledger_flush(r->f->ledger);
    table_is_whole(r, table);
}

/* ---- promises ---- */

static void as_message(const sb_head *head, Sb__Head *out)
{
    sb__head__init(out);
    out->term = head->term;
    out->size = head->size;
    out->root = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)head->root};
}

/* A promise of term 2 with the last SEAL and its cosignatures. */
static void pack_promise(rig *r, const fed_key *witness, const fed_key *log, sb_buf *out)
{
    sb_promise promise = {.term = 2, .cosigned = fed_head_now(r->f)};
    const Sb__Seal *seal = fed_last_seal(r->f, &promise.seal);
    Sb__PromiseGiven given = SB__PROMISE_GIVEN__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    Sb__Head sealed, cosigned;
    uint8_t sig[64];
    memcpy(promise.log_pk, log->pk, 32);
    assert_int_equal(sb_promise_sign(r->f->federation_id, &promise, witness->secret, sig, NULL),
                     SB_OK);
    as_message(&promise.seal, &sealed);
    as_message(&promise.cosigned, &cosigned);
    given.term = promise.term;
    given.log_pk = (ProtobufCBinaryData){.len = 32, .data = promise.log_pk};
    given.witness_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)witness->pk};
    given.seal = &sealed;
    given.cosigned = &cosigned;
    given.cosignatures = seal->cosignatures;
    given.n_cosignatures = seal->n_cosignatures;
    given.signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = &given;
    assert_true(given.n_cosignatures > 0);
    sb_frame_encode(&frame, out);
}

/* term ‖ log_pk ‖ PromiseGiven with the cosignatures of its SEAL. */
static void test_promised(void **state)
{
    rig *r = *state;
    const fed_key *log = fed_key_of(r->f, "log-2");
    pack_promise(r, fed_witness(r->f, 0), log, &r->other);
    number(r, 2, 4);
    sb_buf_add(&r->value, sb_slice_of(log->pk, 32));
    sb_buf_add(&r->value, sb_buf_slice(&r->other));
    table_is_whole(r, SB_FOL_ROW_PROMISED);
}

static bool standby_finds(rig *r, sb_slice key)
{
    const char *name;
    return sb_standby_row_check(r->f->federation_id, key, sb_buf_slice(&r->value), &name) !=
           SB_STANDBY_ROW_HOLDS;
}

/* A broker's: all but the cosignatures, which it stores as it gets them. */
static void test_promise_of_a_broker(void **state)
{
    rig *r = *state;
    const fed_key *witness = fed_witness(r->f, 0);
    uint8_t key[1 + 4 + 32] = {SB_STANDBY_ROW_PROMISE, 0, 0, 0, 2};
    sb_slice at = sb_slice_of(key, sizeof key);
    memcpy(key + 5, witness->pk, 32);
    pack_promise(r, witness, fed_key_of(r->f, "log-2"), &r->value);
    assert_false(standby_finds(r, at));
    for (size_t i = 1; i < sizeof key; i++) {
        key[i] ^= (uint8_t)(1 << i % 8);
        assert_true(standby_finds(r, at));
        key[i] ^= (uint8_t)(1 << i % 8);
    }
    size_t unseen = 0, last = 0;
    for (size_t i = 0; i < r->value.len; i++) {
        r->value.data[i] ^= (uint8_t)(1 << i % 8);
        if (!standby_finds(r, at)) {
            unseen++;
            last = i;
        }
        r->value.data[i] ^= (uint8_t)(1 << i % 8);
    }
    sb_head sealed;
    size_t cosignatures = fed_last_seal(r->f, &sealed)->n_cosignatures;
    assert_true(unseen <= cosignatures * (32 + 64 + 16));
    assert_true(last + 64 < r->value.len); /* none in what the witness signed, nor its signature */
}

/* ---- the rest ---- */

static bool read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    fed *f = arg;
    if (index >= f->leaf_count)
        return false;
    *leaf = fed_leaf(f, index);
    return true;
}

/* The leaf at that index names the attachment, of that size. */
static void test_missing(void **state)
{
    rig *r = *state;
    const sb_log_reader log = {.leaf = read_leaf, .arg = r->f};
    uint8_t key[SB_MISSING_KEY_BYTES];
    sb_leaf leaf = {0};
    sb_arena arena;
    uint64_t index = 0;
    sb_arena_init(&arena);
    for (; leaf.blob_count == 0; index++)
        assert_int_equal(sb_leaf_open(fed_leaf(r->f, index), &arena, &leaf, NULL), SB_OK);
    (void)sb_missing_key(SB_FOL_ROW_MISSING, leaf.blobs[0]->sha256.data, key);
    number(r, leaf.blobs[0]->size, 8);
    number(r, index - 1, 8);
    sb_slice at = sb_slice_of(key, sizeof key);
    sb_arena_deinit(&arena);
    assert_true(sb_missing_row_holds(&log, at, sb_buf_slice(&r->value)));
    for (size_t i = 0; i < r->value.len; i++) {
        r->value.data[i] ^= (uint8_t)(1 << i % 8);
        assert_false(sb_missing_row_holds(&log, at, sb_buf_slice(&r->value)));
        r->value.data[i] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t i = 1; i < sizeof key; i++) {
        key[i] ^= (uint8_t)(1 << i % 8);
        assert_false(sb_missing_row_holds(&log, at, sb_buf_slice(&r->value)));
        key[i] ^= (uint8_t)(1 << i % 8);
    }
}

/* When it was restored nobody can tell; in which term it caught up the log can, and that it hasn't
 * must not become that it has. */
static void test_restored(void **state)
{
    rig *r = *state;
    uint8_t key, value[13];
    sb_follower_restored_row(1700000000, &key, value);
    sb_buf_add(&r->value, sb_slice_of(value, sizeof value));
    sb_slice at = sb_slice_of(&key, 1);
    assert_int_equal(verdict(r, at), SB_FOL_ROW_HOLDS);
    r->value.data[8] ^= 1;
    assert_int_equal(verdict(r, at), SB_FOL_ROW_RECORD);
    r->value.data[12] = 1;
    assert_int_equal(verdict(r, at), SB_FOL_ROW_HOLDS);
    r->value.data[11] ^= 2;
    assert_int_equal(verdict(r, at), SB_FOL_ROW_RECORD);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_outbox),
                                       T(test_evidence),
                                       T(test_head),
                                       T(test_head_of_a_term_to_come),
                                       T(test_certified),
                                       T(test_final),
                                       T(test_certified_by_other_keys),
                                       T(test_promised),
                                       T(test_promise_of_a_broker),
                                       T(test_missing),
                                       T(test_restored)};
    return cmocka_run_group_tests_name("own rows", tests, NULL, NULL);
}
