/* A node's own rows that stay well-formed with a bit flipped: what the log, a signature or a proof can
 * tell is found. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>

#include "nodes/follower/rows.h"
#include "proto/base/cursor.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/proof.h"
#include "proto/wire/frame.h"
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
    every_flip_is_found(r, sb_slice_of(key, sizeof key), 16);
}

/* When it was restored nobody can tell; of which term it caught up the log can. */
static void test_restored(void **state)
{
    rig *r = *state;
    uint8_t key = SB_FOL_ROW_RESTORED;
    number(r, 1700000000, 8);
    number(r, 1, 1);
    number(r, 1, 4);
    assert_int_equal(verdict(r, sb_slice_of(&key, 1)), SB_FOL_ROW_HOLDS);
    r->value.data[11] ^= 2;
    assert_int_equal(verdict(r, sb_slice_of(&key, 1)), SB_FOL_ROW_RECORD);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_outbox), T(test_evidence), T(test_restored)};
    return cmocka_run_group_tests_name("own rows", tests, NULL, NULL);
}
