/* Evidence of each kind: true ones convict whom they should, false ones nobody. */
#include "proto/evidence/evidence.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

static fed *f;
static sb_evidence_tie tie;
static sb_arena arena, judging;
static sb_buf file;
static sb_evidence_verdict verdict;
static sb_fail why;
static const sb_tile_reader no_tiles;

static int setup(void **state)
{
    (void)state;
    f = fed_new(NULL);
    play_id id;
    fed_run(f);
    play_ok(play_report(f, "ssu", "En sak", INFORMATION, SEC, &id)); /* no STATE at the end */
    assert_true(f->leaf_count > 20 && f->leaf_count < 250);
    sb_slice first = fed_leaf(f, 0);
    tie = (sb_evidence_tie){.federation_id = f->federation_id,
                            .genesis = sb_slice_of(first.data + 8, first.len - 8)};
    sb_arena_init(&arena);
    sb_arena_init(&judging);
    sb_buf_init(&file);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_buf_deinit(&file);
    sb_arena_deinit(&arena);
    sb_arena_deinit(&judging);
    fed_free(f);
    return 0;
}

/* ---- what the log says ---- */

/* The tree of the first `size` leaves; leaf `changed` (SIZE_MAX: none) is another one. */
static void tree_of(sb_tree *tree, size_t size, size_t changed)
{
    sb_tree_init(tree);
    for (size_t i = 0; i < size; i++) {
        uint8_t hash[32];
        sb_leaf_hash(i == changed ? sb_slice_str("another leaf") : fed_leaf(f, i), hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
}

static sb_checkpoint head_of(const sb_tree *tree, uint32_t term)
{
    sb_checkpoint head = {.size = tree->size};
    assert_int_equal(
        sb_origin(fed_genesis_message(f)->slug, f->federation_id, term, head.origin, NULL), SB_OK);
    sb_tree_root(tree, head.root);
    return head;
}

static sb_slice sign(const sb_checkpoint *head, const char *key)
{
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(head, fed_key_of(f, key)->secret, &note, NULL), SB_OK);
    sb_slice out = sb_arena_copy(&arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return out;
}

static sb_slice cosign(sb_slice note, const sb_checkpoint *head, const char *key)
{
    sb_buf out;
    sb_cosignature made;
    sb_buf_init(&out);
    sb_buf_add(&out, note);
    assert_int_equal(sb_cosign(head, fed_key_of(f, key)->secret, 1600000000, &made, NULL), SB_OK);
    sb_cosignature_add_line(&out, sb_slice_str(key), fed_key_of(f, key)->pk, &made);
    sb_slice copy = sb_arena_copy(&arena, sb_buf_slice(&out));
    sb_buf_deinit(&out);
    return copy;
}

static sb_slice note_of(const sb_tree *tree, const char *key)
{
    sb_checkpoint head = head_of(tree, 1);
    return sign(&head, key);
}

/* ---- judging ---- */

static sb_err judge_with(const sb_evidence_help *help)
{
    why = (sb_fail){0};
    sb_arena_reset(&judging);
    sb_err err = sb_evidence_judge(sb_buf_slice(&file), help, &judging, &verdict, &why);
    assert_int_equal(err, why.code);
    if (err != SB_OK)
        assert_int_equal(sb_err_exit(err), SB_EXIT_VERIFY);
    assert_true(err != SB_OK || verdict.convicted_count > 0);
    return err;
}

/* evidence_test DIR writes what holds there: the corpus of evidence_fuzz. */
static const char *corpus;

static void keep(void)
{
    static unsigned number;
    char path[300];
    if (corpus == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s-%u", corpus, sb_evidence_kind_name(verdict.kind), number++);
    FILE *to = fopen(path, "wb");
    if (to == NULL || fwrite(file.data, 1, file.len, to) != file.len || fclose(to) != 0)
        abort();
}

static void convicts(sb_evidence_kind kind, const char *key)
{
    if (judge_with(NULL) != SB_OK)
        fail_msg("%s %s %s", sb_err_name(why.code), why.arg[0], why.arg[1]);
    assert_int_equal(verdict.kind, kind);
    assert_memory_equal(verdict.convicted[0].pk, fed_key_of(f, key)->pk, 32);
    assert_memory_equal(verdict.federation_id, f->federation_id, 32);
    keep();
}

/* No bit of the file can change without it proving nothing. */
static void no_bit_may_change(void)
{
    for (size_t i = 0; i < file.len; i++) {
        file.data[i] ^= (uint8_t)(1u << (i % 8));
        if (judge_with(NULL) == SB_OK)
            fail_msg("byte %zu of %s", i, sb_evidence_kind_name(verdict.kind));
        file.data[i] ^= (uint8_t)(1u << (i % 8));
    }
    for (size_t len = 0; len < file.len; len += 7) {
        sb_err err = sb_evidence_judge(sb_slice_of(file.data, len), NULL, &judging, &verdict, NULL);
        assert_int_not_equal(err, SB_OK);
    }
    sb_buf_str(&file, "\n");
    assert_int_equal(judge_with(NULL), SB_E_EVIDENCE_MALFORMED);
    file.len--;
}

/* ---- heads ---- */

static void test_heads(void **state)
{
    (void)state;
    sb_tree a, b;
    sb_checkpoint heads[2];
    tree_of(&a, 20, SIZE_MAX);
    tree_of(&b, 20, 11);
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_heads(&tie, note_of(&a, "log"), note_of(&b, "log"), NULL,
                                            NULL, &file, &why),
                     SB_OK);
    convicts(SB_EVIDENCE_HEADS, "log");
    assert_int_equal(verdict.convicted_count, 1);
    assert_int_equal(verdict.convicted[0].tied, SB_TIED_GENESIS);
    assert_true(verdict.has_genesis && verdict.heads[0].size == 20);
    no_bit_may_change();

    heads[0] = head_of(&a, 1);
    heads[1] = head_of(&b, 1);
    sb_slice notes[] = {cosign(sign(&heads[0], "log"), &heads[0], "unn/witness"),
                        cosign(sign(&heads[1], "log"), &heads[1], "unn/witness")};
    notes[1] = cosign(notes[1], &heads[1], "lege/witness");
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_heads(&tie, notes[1], notes[0], NULL, NULL, &file, &why),
                     SB_OK);
    convicts(SB_EVIDENCE_HEADS, "log");
    assert_int_equal(verdict.convicted_count, 2); /* it cosigned both */
    assert_string_equal(verdict.convicted[1].name, "unn");
}

static void test_heads_of_sizes(void **state)
{
    (void)state;
    sb_tree a, b;
    sb_proof proof;
    uint8_t root[32];
    tree_of(&a, 13, SIZE_MAX);
    tree_of(&b, 20, 11);
    assert_int_equal(sb_tree_consistency(&b, 13, 20, no_tiles, &proof, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(&b, 13, no_tiles, root, NULL), SB_OK);
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_heads(&tie, note_of(&b, "log"), note_of(&a, "log"), root,
                                            &proof, &file, &why),
                     SB_OK);
    convicts(SB_EVIDENCE_HEADS, "log");
    assert_memory_equal(verdict.contains, root, 32);
    assert_true(verdict.heads[0].size == 13 && verdict.heads[1].size == 20);
    no_bit_may_change();
}

static void test_false_heads(void **state)
{
    (void)state;
    sb_tree a, b, c;
    sb_proof proof;
    uint8_t root[32];
    sb_checkpoint other;
    tree_of(&a, 13, SIZE_MAX);
    tree_of(&b, 20, SIZE_MAX);
    tree_of(&c, 20, 3);
    assert_int_equal(sb_tree_consistency(&b, 13, 20, no_tiles, &proof, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(&b, 13, no_tiles, root, NULL), SB_OK);
    sb_buf_clear(&file);
    sb_slice log_a = note_of(&a, "log"), log_b = note_of(&b, "log");
    assert_int_equal(sb_evidence_make_heads(&tie, log_a, log_b, root, &proof, &file, &why),
                     SB_E_EVIDENCE_NO_CONFLICT); /* one grew out of the other */
    assert_int_equal(sb_evidence_make_heads(&tie, log_b, log_b, NULL, NULL, &file, &why),
                     SB_E_EVIDENCE_NO_CONFLICT);
    root[0] ^= 1;
    assert_int_equal(sb_evidence_make_heads(&tie, log_a, log_b, root, &proof, &file, &why),
                     SB_E_EVIDENCE_PROOF);
    assert_int_equal(sb_evidence_make_heads(&tie, log_a, log_b, NULL, NULL, &file, &why),
                     SB_E_EVIDENCE_MALFORMED); /* a smaller head isn't a contradiction */
    assert_int_equal(
        sb_evidence_make_heads(&tie, log_b, note_of(&c, "unn/witness"), NULL, NULL, &file, &why),
        SB_E_EVIDENCE_UNSIGNED);
    other = head_of(&c, 1);
    other.origin[strlen(other.origin) - 3] ^= 1; /* of another federation */
    assert_int_equal(
        sb_evidence_make_heads(&tie, log_b, sign(&other, "log"), NULL, NULL, &file, &why),
        SB_E_EVIDENCE_FOREIGN);
    other = head_of(&c, 2); /* nothing says who signs in term 2 */
    assert_int_equal(
        sb_evidence_make_heads(&tie, log_b, sign(&other, "log"), NULL, NULL, &file, &why),
        SB_E_EVIDENCE_UNTIED);
    assert_int_equal(file.len, 0);
}

/* ---- a later term ---- */

static ProtobufCBinaryData data_of(const uint8_t *bytes, size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)bytes};
}

static int by_pk(const void *a, const void *b)
{
    const Sb__Promised *const *x = a, *const *y = b;
    return memcmp((*x)->witness_pk.data, (*y)->witness_pk.data, 32);
}

/* A HANDOVER to "log-2" in term 2 that these founders promised. */
static sb_slice handover(uint32_t founders)
{
    sb_entry_head head;
    sb_buf leaf;
    static uint8_t root[32] = {7}, bytes[64];
    Sb__Handover m = SB__HANDOVER__INIT;
    Sb__Head sealed = SB__HEAD__INIT, *heads[] = {&sealed};
    Sb__Cosignature cosignature = SB__COSIGNATURE__INIT, *cosignatures[] = {&cosignature};
    sealed.term = 1;
    sealed.size = 20;
    sealed.root = data_of(root, 32);
    cosignature.witness_pk = data_of(root, 32);
    cosignature.time_s = 1;
    cosignature.signature = data_of(bytes, 64);
    m.term = 2;
    m.log_pk = data_of(fed_key_of(f, "log-2")->pk, 32);
    m.continues_size = 20;
    m.continues_root = data_of(root, 32);
    m.heads = heads;
    m.n_heads = 1;
    m.cosignatures = cosignatures;
    m.n_cosignatures = 1;
    m.promises = SB_ARENA_ARRAY(&arena, Sb__Promised *, founders);
    m.n_promises = founders;
    for (uint32_t i = 0; i < founders; i++) {
        char key[96];
        uint8_t *sig = sb_arena_alloc(&arena, 64);
        sb_promise p = {.term = 2, .seal = {.term = 1, .size = 20}};
        memcpy(p.log_pk, m.log_pk.data, 32);
        memcpy(p.seal.root, root, 32);
        snprintf(key, sizeof key, "%s/witness", f->charter->organisations[i]->id);
        assert_int_equal(
            sb_promise_sign(f->federation_id, &p, fed_key_of(f, key)->secret, sig, NULL), SB_OK);
        m.promises[i] = SB_ARENA_NEW(&arena, Sb__Promised);
        *m.promises[i] = (Sb__Promised)SB__PROMISED__INIT;
        m.promises[i]->witness_pk = data_of(fed_key_of(f, key)->pk, 32);
        m.promises[i]->seal = 1;
        m.promises[i]->signature = data_of(sig, 64);
    }
    qsort(m.promises, founders, sizeof *m.promises, by_pk);
    sb_entry_head_init(&head, f->federation_id, 20);
    sb_buf_init(&leaf);
    sb_buf_add(&leaf, sb_slice_of("\0\0\1\0\0\0\0\0", 8));
    fed_make(f, SB_ENTRY_HANDOVER, &m.base, "log-2", &head, &leaf);
    sb_slice out = sb_arena_copy(&arena, sb_buf_slice(&leaf));
    sb_buf_deinit(&leaf);
    return out;
}

static void test_later_term(void **state)
{
    (void)state;
    sb_tree a, b;
    sb_evidence_tie later = tie;
    tree_of(&a, 30, SIZE_MAX);
    tree_of(&b, 30, 29);
    sb_checkpoint heads[] = {head_of(&a, 2), head_of(&b, 2)};
    later.handover = handover(3);
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_heads(&later, sign(&heads[0], "log-2"),
                                            sign(&heads[1], "log-2"), NULL, NULL, &file, &why),
                     SB_OK);
    convicts(SB_EVIDENCE_HEADS, "log-2");
    assert_int_equal(verdict.convicted[0].tied, SB_TIED_HANDOVER);

    later.handover = handover(2); /* 2 of 4 promised it: anybody could have made this key up */
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_heads(&later, sign(&heads[0], "log-2"),
                                            sign(&heads[1], "log-2"), NULL, NULL, &file, &why),
                     SB_OK);
    assert_int_equal(judge_with(NULL), SB_E_EVIDENCE_UNTIED);

    sb_buf text; /* but the judge may know better */
    sb_tlog_policy policy;
    sb_buf_init(&text);
    sb_buf_str(&text, "log ");
    sb_vkey_add(&text, sb_slice_str(heads[0].origin), SB_NOTE_TYPE_LOG, fed_key_of(f, "log-2")->pk);
    sb_buf_str(&text, "\nquorum none\n");
    assert_int_equal(sb_tlog_policy_parse(sb_buf_slice(&text), &arena, &policy, &why), SB_OK);
    assert_int_equal(judge_with(&(sb_evidence_help){.policy = &policy}), SB_OK);
    assert_int_equal(verdict.convicted[0].tied, SB_TIED_POLICY);
    policy.logs[0].name = sb_slice_str("samband/troms/0000000000000000/2");
    assert_int_equal(judge_with(&(sb_evidence_help){.policy = &policy}), SB_E_EVIDENCE_FOREIGN);
    sb_buf_deinit(&text);
}

/* ---- receipts ---- */

static void test_receipt(void **state)
{
    (void)state;
    sb_tree a, b;
    sb_proof proof, other_proof;
    uint8_t other[32], own[32];
    tree_of(&a, 15, SIZE_MAX);
    tree_of(&b, 22, 9);
    assert_int_equal(sb_tree_inclusion(&a, 9, 15, no_tiles, &proof, NULL), SB_OK);
    assert_int_equal(sb_tree_inclusion(&b, 9, 22, no_tiles, &other_proof, NULL), SB_OK);
    sb_leaf_hash(sb_slice_str("another leaf"), other);
    sb_evidence_receipt r = {.index = 9,
                             .leaf = fed_leaf(f, 9),
                             .note = note_of(&a, "log"),
                             .proof = &proof,
                             .other = other,
                             .later = note_of(&b, "log"),
                             .other_proof = &other_proof};
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_receipt(&tie, &r, &file, &why), SB_OK);
    convicts(SB_EVIDENCE_RECEIPT, "log");
    assert_int_equal(verdict.index, 9);
    assert_int_not_equal(verdict.type, 0);
    no_bit_may_change();

    sb_buf_clear(&file);
    r.index = 8; /* the proofs are of another place */
    assert_int_equal(sb_evidence_make_receipt(&tie, &r, &file, &why), SB_E_EVIDENCE_PROOF);
    r.index = 9;
    tree_of(&b, 22, SIZE_MAX);
    r.later = note_of(&b, "log");
    sb_leaf_hash(fed_leaf(f, 9), own);
    r.other = own;
    assert_int_equal(sb_tree_inclusion(&b, 9, 22, no_tiles, &other_proof, NULL), SB_OK);
    assert_int_equal(sb_evidence_make_receipt(&tie, &r, &file, &why), SB_E_EVIDENCE_NO_CONFLICT);
    r.later = note_of(&b, "unn/witness");
    assert_int_equal(sb_evidence_make_receipt(&tie, &r, &file, &why), SB_E_EVIDENCE_UNSIGNED);
}

/* ---- divergence ---- */

static bool read_leaf(void *arg, uint64_t index, sb_slice *leaf)
{
    (void)arg;
    if (index >= f->leaf_count)
        return false;
    *leaf = fed_leaf(f, (size_t)index);
    return true;
}

/* A STATE leaf by the log at the end, with the right digest or another. */
static sb_slice state_leaf(bool is_true, sb_slice *computed)
{
    uint8_t digest[32];
    sb_ledger_position at;
    sb_entry_head head;
    sb_buf leaf, payload;
    Sb__State m = SB__STATE__INIT;
    sb_ledger_position_get(f->ledger, &at);
    memcpy(digest, at.digest, 32);
    digest[5] ^= is_true ? 0 : 1;
    m.digest = data_of(digest, 32);
    sb_entry_head_init(&head, f->federation_id, f->leaf_count);
    sb_buf_init(&leaf);
    sb_buf_init(&payload);
    sb_buf_add(&leaf, sb_slice_of(fed_leaf(f, f->leaf_count - 1).data, 8));
    fed_make(f, SB_ENTRY_STATE, &m.base, "log", &head, &leaf);
    sb_ledger_state_payload(f->ledger, &payload);
    *computed = sb_arena_copy(&arena, sb_buf_slice(&payload));
    sb_slice out = sb_arena_copy(&arena, sb_buf_slice(&leaf));
    sb_buf_deinit(&payload);
    sb_buf_deinit(&leaf);
    return out;
}

/* The whole log, this leaf after it and one more, under a head of the log. */
static sb_err make_state(sb_slice leaf, sb_slice computed, sb_err refusal,
                         const sb_log_reader *below)
{
    static sb_tree tree;
    uint8_t hash[32];
    sb_fail said = {.code = refusal};
    tree_of(&tree, f->leaf_count, SIZE_MAX);
    sb_leaf_hash(leaf, hash);
    sb_tree_append(&tree, hash, NULL, NULL);
    sb_tree_append(&tree, hash, NULL, NULL);
    sb_evidence_state s = {.index = f->leaf_count,
                           .leaf = leaf,
                           .note = note_of(&tree, "log"),
                           .tree = &tree,
                           .below = below,
                           .refusal = &said,
                           .computed = computed};
    sb_buf_clear(&file);
    return sb_evidence_make_state(&tie, &s, &file, &why);
}

static void test_state(void **state)
{
    (void)state;
    const sb_log_reader below = {.leaf = read_leaf};
    sb_slice computed, none = {0};
    sb_slice lie = state_leaf(false, &computed);
    assert_int_equal(make_state(lie, computed, SB_E_LEDGER_DIGEST, &below), SB_OK);
    convicts(SB_EVIDENCE_STATE, "log");
    assert_int_equal(verdict.index, f->leaf_count);
    assert_int_equal(verdict.refusal.code, SB_E_LEDGER_DIGEST);
    assert_int_equal(verdict.type, SB_ENTRY_STATE);
    assert_true(verdict.is_computed_same);
    for (size_t i = 0; i < file.len;
         i += 997) { /* what is in doubt is said; the rest can't change */
        file.data[i] ^= 1;
        if (judge_with(NULL) == SB_OK && verdict.is_computed_same)
            fail_msg("byte %zu", i);
        file.data[i] ^= 1;
    }
    assert_int_equal(make_state(lie, none, SB_E_LEDGER_TIME, &below), SB_OK);
    convicts(SB_EVIDENCE_STATE, "log"); /* for another reason than the accuser's */
    assert_false(verdict.is_computed_same);

    assert_int_equal(make_state(state_leaf(true, &computed), computed, SB_E_LEDGER_DIGEST, &below),
                     SB_OK);
    assert_int_equal(judge_with(NULL), SB_E_EVIDENCE_ACCEPTED); /* the log is right */
    assert_int_equal(make_state(sb_slice_str("no leaf"), none, SB_E_ENTRY_TRUNCATED, &below),
                     SB_OK);
    convicts(SB_EVIDENCE_STATE, "log");
    assert_int_equal(verdict.type, 0);
}

/* Cut away the first leaves from the file, as when they are too many. */
static void test_state_with_bundle(void **state)
{
    (void)state;
    const sb_log_reader below = {.leaf = read_leaf};
    sb_slice computed, lie = state_leaf(false, &computed);
    sb_buf cut;
    char length[40];
    assert_int_equal(make_state(lie, computed, SB_E_LEDGER_DIGEST, &below), SB_OK);
    sb_buf_str(&file, "");
    const char *from = memmem(file.data, file.len, "\nfrom 1\n0\nleaves ", 17);
    assert_non_null(from);
    size_t first = fed_leaf(f, 0).len + 4, all = strtoul(from + 17, NULL, 10);
    const char *leaves = (const char *)memchr(from + 17, '\n', 20) + 1;
    sb_buf_init(&cut);
    sb_buf_add(&cut, sb_slice_of(file.data, (size_t)(from - (const char *)file.data)));
    snprintf(length, sizeof length, "\nfrom 1\n1\nleaves %zu\n", all - first);
    sb_buf_str(&cut, length);
    sb_buf_add(&cut, sb_slice_of(leaves + first,
                                 file.len - (size_t)(leaves + first - (const char *)file.data)));
    sb_buf_clear(&file);
    sb_buf_add(&file, sb_buf_slice(&cut));
    sb_buf_deinit(&cut);
    assert_int_equal(judge_with(NULL), SB_E_EVIDENCE_BUNDLE);
    assert_int_equal(judge_with(&(sb_evidence_help){.leaf = read_leaf}), SB_OK);
    assert_true(verdict.is_computed_same);
}

/* ---- promises ---- */

static sb_evidence_promise promise(uint32_t term, const char *log_key, size_t cosigned,
                                   const char *witness)
{
    sb_tree tree;
    sb_evidence_promise p = {.promise = {.term = term}};
    memcpy(p.promise.log_pk, fed_key_of(f, log_key)->pk, 32);
    if (cosigned > 0) {
        tree_of(&tree, cosigned, SIZE_MAX);
        p.promise.cosigned = (sb_head){.term = 1, .size = cosigned};
        sb_tree_root(&tree, p.promise.cosigned.root);
    }
    assert_int_equal(sb_promise_sign(f->federation_id, &p.promise, fed_key_of(f, witness)->secret,
                                     p.signature, NULL),
                     SB_OK);
    return p;
}

static void test_promises(void **state)
{
    (void)state;
    const uint8_t *pk = fed_key_of(f, "lege/witness")->pk;
    sb_evidence_promise a = promise(2, "log-2", 20, "lege/witness"),
                        b = promise(2, "log-3", 20, "lege/witness"),
                        later = promise(3, "log-3", 20, "lege/witness"),
                        other = promise(2, "log-3", 20, "unn/witness"),
                        shorter = promise(2, "log-2", 13, "lege/witness");
    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_promises(&tie, pk, &a, &b, &file, &why), SB_OK);
    convicts(SB_EVIDENCE_PROMISES, "lege/witness");
    assert_string_equal(verdict.convicted[0].name, "lege");
    assert_false(verdict.convicted[0].is_log);
    no_bit_may_change();
    sb_buf_clear(&file); /* one key, but it tells two stories of what it holds */
    assert_int_equal(sb_evidence_make_promises(&tie, pk, &a, &shorter, &file, &why), SB_OK);
    convicts(SB_EVIDENCE_PROMISES, "lege/witness");

    sb_buf_clear(&file);
    assert_int_equal(sb_evidence_make_promises(&tie, pk, &a, &a, &file, &why),
                     SB_E_EVIDENCE_NO_CONFLICT);
    assert_int_equal(sb_evidence_make_promises(&tie, pk, &a, &later, &file, &why),
                     SB_E_EVIDENCE_NO_CONFLICT);
    assert_int_equal(sb_evidence_make_promises(&tie, pk, &a, &other, &file, &why),
                     SB_E_EVIDENCE_UNSIGNED);
    a = promise(2, "log-2", 20, "stranger");
    b = promise(2, "log-3", 20, "stranger");
    assert_int_equal(
        sb_evidence_make_promises(&tie, fed_key_of(f, "stranger")->pk, &a, &b, &file, &why), SB_OK);
    assert_int_equal(judge_with(NULL), SB_E_EVIDENCE_UNTIED);
}

static sb_err break_promise(const sb_evidence_promise *p, size_t size, size_t changed,
                            const uint8_t root[32], const sb_proof *proof)
{
    static sb_tree tree;
    tree_of(&tree, size, changed);
    sb_checkpoint head = head_of(&tree, 1);
    sb_buf_clear(&file);
    return sb_evidence_make_broken_promise(&tie, fed_key_of(f, "lege/witness")->pk, p,
                                           cosign(sign(&head, "log"), &head, "lege/witness"), root,
                                           proof, &file, &why);
}

static void test_broken_promise(void **state)
{
    (void)state;
    sb_tree tree;
    sb_proof proof;
    uint8_t root[32];
    sb_evidence_promise p = promise(2, "log-2", 20, "lege/witness");
    assert_int_equal(break_promise(&p, 22, SIZE_MAX, NULL, NULL), SB_OK); /* cosigned on */
    convicts(SB_EVIDENCE_BROKEN_PROMISE, "lege/witness");
    assert_int_equal(break_promise(&p, 20, 4, NULL, NULL), SB_OK); /* another of that size */
    convicts(SB_EVIDENCE_BROKEN_PROMISE, "lege/witness");
    assert_int_equal(break_promise(&p, 20, SIZE_MAX, NULL, NULL), SB_E_EVIDENCE_NO_CONFLICT);
    tree_of(&tree, 20, SIZE_MAX);
    assert_int_equal(sb_tree_consistency(&tree, 13, 20, no_tiles, &proof, NULL), SB_OK);
    assert_int_equal(sb_tree_root_at(&tree, 13, no_tiles, root, NULL), SB_OK);
    assert_int_equal(break_promise(&p, 13, 4, root, &proof), SB_OK); /* not within it */
    convicts(SB_EVIDENCE_BROKEN_PROMISE, "lege/witness");
    assert_int_equal(break_promise(&p, 13, SIZE_MAX, root, &proof), SB_E_EVIDENCE_NO_CONFLICT);
    assert_int_equal(break_promise(&p, 13, SIZE_MAX, NULL, NULL), SB_E_EVIDENCE_MALFORMED);
    p = promise(2, "log-2", 0, "lege/witness"); /* "I have cosigned nothing" */
    assert_int_equal(break_promise(&p, 13, SIZE_MAX, NULL, NULL), SB_OK);
    convicts(SB_EVIDENCE_BROKEN_PROMISE, "lege/witness");
    assert_int_equal(break_promise(&p, 0, SIZE_MAX, NULL, NULL),
                     SB_E_EVIDENCE_NO_CONFLICT); /* a head of nothing is no longer than none */
    p = promise(1, "log-2", 0, "lege/witness");  /* forbids only what is older */
    assert_int_equal(break_promise(&p, 13, SIZE_MAX, NULL, NULL), SB_E_EVIDENCE_NO_CONFLICT);
}

int main(int argc, char **argv)
{
    corpus = argc > 1 ? argv[1] : NULL;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_heads_of_sizes),
        cmocka_unit_test(test_false_heads),
        cmocka_unit_test(test_later_term),
        cmocka_unit_test(test_receipt),
        cmocka_unit_test(test_state),
        cmocka_unit_test(test_state_with_bundle),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_broken_promise),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
