/* HANDOVER and terms: each refusal by one cause; what is kept; what takes effect. */
#include <stdlib.h>

#include "proto/base/hash.h"
#include "proto/ledger/core.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/fed_terms.h"

static const uint32_t ALL[] = {0, 1, 2, 3};

#define PRIMARY SB__SEAT_ROLE__SEAT_ROLE_PRIMARY

static void something(fed *f, const char *key)
{
    assert_int_equal(fed_appoint_seat(f, "unn-1", PRIMARY, key), SB_OK);
}

/* A running federation with a suffix of two cosignable heads behind the last SEAL. */
typedef struct world {
    fed *f;
    sb_head first, second;
} world;

static world begin(void)
{
    world w = {.f = fed_new(NULL)};
    fed_run(w.f);
    something(w.f, "a");
    assert_int_equal(fed_state(w.f), SB_OK);
    w.first = fed_head_now(w.f);
    something(w.f, "b");
    assert_int_equal(fed_state(w.f), SB_OK);
    w.second = fed_head_now(w.f);
    return w;
}

/* A HANDOVER of term 2 that holds, by three of four. */
static fed_handover good(fed *f)
{
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    return h;
}

static sb_err judged(fed *f, const Sb__Handover *m)
{
    sb_handover_verdict verdict;
    f->fail = (sb_fail){0};
    return sb_ledger_handover_judge(f->ledger, m, &verdict, &f->fail);
}

/* Refused by the fold and by the judge for the same reason. */
static void refused(fed *f, const Sb__Handover *m, sb_err err)
{
    assert_int_equal(fed_hand_over(f, m, "log-2"), err);
    assert_int_equal(judged(f, m), err);
}

/* ---- it holds ---- */

static void test_taken(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    Sb__Handover *m = fed_handover_message(f, &h);
    sb_handover_verdict verdict;
    assert_int_equal(sb_ledger_handover_judge(f->ledger, m, &verdict, &f->fail), SB_OK);
    assert_true(sb_head_eq(&verdict.sealed, &h.sealed));
    assert_int_equal(verdict.have, 3);
    assert_int_equal(verdict.needed, 3);
    assert_int_equal(verdict.may_lie, 1);
    uint64_t at = f->leaf_count, index = 0, size = 0;
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_OK);

    sb_ledger_term_info term;
    uint8_t pk[32];
    assert_int_equal(sb_ledger_term(f->ledger), 2);
    assert_true(sb_ledger_log_pk(f->ledger, pk));
    assert_memory_equal(pk, fed_key_of(f, "log-2")->pk, 32);
    assert_true(sb_ledger_term_get(f->ledger, 1, &term));
    assert_int_equal(term.index, 0);
    assert_memory_equal(term.log_pk, fed_key_of(f, "log")->pk, 32);
    assert_true(sb_ledger_term_get(f->ledger, 2, &term));
    assert_int_equal(term.index, at);
    assert_memory_equal(term.log_pk, fed_key_of(f, "log-2")->pk, 32);
    assert_false(sb_ledger_term_get(f->ledger, 3, &term));
    assert_int_equal(sb_ledger_term_at(f->ledger, 0), 0);
    assert_int_equal(sb_ledger_term_at(f->ledger, at), 1);
    assert_int_equal(sb_ledger_term_at(f->ledger, at + 1), 2);
    /* what term 1 sealed is no SEAL of term 2 */
    assert_true(sb_ledger_seal_before(f->ledger, at, &index, &size));
    assert_int_equal(size, h.sealed.size);
    assert_false(sb_ledger_seal_before(f->ledger, at + 1, &index, &size));
    assert_true(sb_ledger_last_seal(f->ledger, &index, &size));
    sb_ledger_position now;
    sb_ledger_position_get(f->ledger, &now);
    assert_false(now.ends_only_system);
    char origin[160];
    assert_true(sb_ledger_origin(f->ledger, origin, sizeof origin));
    assert_string_equal(strrchr(origin, '/'), "/2");

    /* the old key is out of force, the new one signs */
    strcpy(f->log_key, "log");
    assert_int_equal(fed_state(f), SB_E_LEDGER_LOG_KEY);
    strcpy(f->log_key, "log-2");
    assert_int_equal(fed_state(f), SB_OK);
    fed_seal(f);
    assert_true(sb_ledger_seal_before(f->ledger, f->leaf_count, &index, &size));
    assert_true(size > at);
    assert_int_equal(sb_ledger_term_at(f->ledger, size), 2);
    fed_free(f);
}

/* For effects it counts as the SEAL of the sealed head; what came after waits for a SEAL. */
static void test_effects(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    something(f, "a");
    fed_state(f);
    uint64_t before = f->leaf_count;
    Sb__Seal *seal = fed_seal_message(f, ALL, 3);
    sb_head sealed = fed_head_now(f);
    something(f, "b");
    fed_state(f);
    sb_row_waiting waiting = {.index = 0};
    sb_kv *kv = sb_ledger_kv(f->ledger);
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    h.seal = seal;
    h.sealed = sealed;
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"), SB_OK);
    sb_row_key key;
    assert_true(sb_key_find(kv, fed_key_of(f, "a")->pk, &key));
    assert_false(sb_key_find(kv, fed_key_of(f, "b")->pk, &key));
    sb_arena arena;
    sb_arena_init(&arena);
    assert_true(sb_row_waiting_next(kv, &arena, &waiting, true, 0));
    assert_int_equal(waiting.index, before);
    sb_arena_deinit(&arena);
    /* no finality: the head belongs to term 1, and a SEAL of it is refused */
    assert_int_equal(fed_state(f), SB_OK);
    Sb__Seal *old = fed_seal_message(f, ALL, 4);
    old->size = sealed.size;
    memcpy(old->root.data, sealed.root, 32);
    assert_int_equal(fed_system(f, SB_ENTRY_SEAL, &old->base), SB_E_LEDGER_SEAL_TERM);
    fed_seal(f);
    assert_true(sb_key_find(kv, fed_key_of(f, "b")->pk, &key));
    fed_free(f);
}

static void test_refolds(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_take_over(f, 2, "log-2");
    fed_seal(f);
    something(f, "c");
    fed_state(f);
    fed_take_over(f, 5, "log-5"); /* numbers may be left out */
    fed_seal(f);
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *l = NULL;
    assert_int_equal(sb_ledger_open(&l, kv, NULL, NULL), SB_OK);
    fed_replay(f, 0, f->leaf_count, l);
    sb_ledger_flush(l);
    sb_ledger_flush(f->ledger);
    uint8_t a[32], b[32];
    fed_rows_hash(kv, a);
    fed_rows_hash(f->kv, b);
    assert_memory_equal(a, b, 32);
    sb_ledger_close(l);
    sb_kv_memory_free(kv);
    fed_free(f);
}

/* ---- what is refused, each for one reason ---- */

static void test_term_and_key(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    Sb__Handover *m = fed_handover_message(f, &h);
    assert_int_equal(fed_hand_over(f, m, "log"), SB_E_LEDGER_HANDOVER_SIGNER);
    assert_int_equal(fed_hand_over(f, m, "log-3"), SB_E_LEDGER_HANDOVER_SIGNER);
    h = fed_handover_begin(f, 2, "unn/authority");
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    m = fed_handover_message(f, &h);
    assert_int_equal(fed_hand_over(f, m, "unn/authority"), SB_E_LEDGER_HANDOVER_KEY);
    uint8_t neutral[32] = {1};
    h = good(f);
    m = fed_handover_message(f, &h);
    m->log_pk.data = neutral;
    assert_int_equal(judged(f, m), SB_E_LEDGER_HANDOVER_KEY);

    fed_take_over(f, 3, "log-3");
    fed_seal(f);
    for (uint32_t term = 2; term <= 3; term++) {
        h = fed_handover_begin(f, term, "log-4");
        h.cosigned = (sb_head){0};
        h.sealed.term = term - 1;
        for (uint32_t i = 0; i < 3; i++)
            fed_promise_of(f, &h, i);
        assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-4"),
                         SB_E_LEDGER_HANDOVER_TERM);
    }
    h = fed_handover_begin(f, 4, "log"); /* that of term 1 */
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log"),
                     SB_E_LEDGER_HANDOVER_KEY);
    fed_free(f);
}

static void test_place(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    fed_handover_at(f, &h, w.first.size); /* not where the log stands */
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"),
                     SB_E_LEDGER_HANDOVER_CONTINUES);
    h = good(f);
    h.continues.root[3] ^= 1;
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"),
                     SB_E_LEDGER_HANDOVER_CONTINUES);
    h = good(f);
    something(f, "c"); /* no STATE at the end */
    h.continues.size = f->leaf_count;
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"),
                     SB_E_LEDGER_HANDOVER_CONTINUES);
    /* it continues from before its sealed head */
    fed_cut(f, w.second.size);
    h = good(f);
    h.continues.size = h.sealed.size - 1;
    assert_int_equal(judged(f, fed_handover_message(f, &h)), SB_E_LEDGER_HANDOVER_CONTINUES);
    fed_free(f);
}

static void test_heads(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    Sb__Handover *m = fed_handover_message(f, &h);
    assert_int_equal(m->n_heads, 2);
    Sb__Head *first = m->heads[0], *second = m->heads[1];
    m->heads[0] = second;
    m->heads[1] = first;
    refused(f, m, SB_E_LEDGER_HANDOVER_HEAD);
    m->heads[0] = first;
    m->heads[1] = first; /* twice */
    refused(f, m, SB_E_LEDGER_HANDOVER_HEAD);
    m->heads[1] = second;
    second->term = 2; /* of the new term itself */
    refused(f, m, SB_E_LEDGER_HANDOVER_HEAD);
    second->term = 1;
    ProtobufCBinaryData hash = m->continues_root;
    second->proof = &hash; /* a proof where none belongs */
    second->n_proof = 1;
    refused(f, m, SB_E_LEDGER_HANDOVER_HEAD);
    second->n_proof = 0;
    for (size_t i = 0; i < m->n_promises; i++)
        m->promises[i]->cosigned = 0; /* one that nobody names */
    refused(f, m, SB_E_LEDGER_HANDOVER_HEAD);
    fed_free(f);
}

static void test_promises(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    Sb__Handover *m = fed_handover_message(f, &h);
    Sb__Promised *one = m->promises[0], *two = m->promises[1];
    m->promises[0] = two;
    m->promises[1] = one;
    refused(f, m, SB_E_LEDGER_HANDOVER_PROMISE_ORDER);
    m->promises[0] = m->promises[1] = one; /* the same twice */
    refused(f, m, SB_E_LEDGER_HANDOVER_PROMISE_ORDER);
    m->promises[1] = two;
    one->cosigned = 3;
    refused(f, m, SB_E_LEDGER_HANDOVER_PROMISE_HEAD);
    one->cosigned = 2;
    one->seal = 9;
    refused(f, m, SB_E_LEDGER_HANDOVER_PROMISE_HEAD);
    one->seal = 0; /* another promise than was signed */
    refused(f, m, SB_E_LEDGER_HANDOVER_PROMISE);
    one->seal = 1;
    one->signature.data[5] ^= 1;
    refused(f, m, SB_E_LEDGER_HANDOVER_PROMISE);
    one->signature.data[5] ^= 1;
    /* promised for another term, or to another key */
    h = good(f);
    h.promises[1].term = 3;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_PROMISE);
    h = good(f);
    h.promises[1].log_pk[0] ^= 1;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_PROMISE);
    /* keys that are no witness keys in force */
    static const char *const others[] = {"stranger", "bruker/authority", "log"};
    for (size_t i = 0; i < 3; i++) {
        h = good(f);
        strcpy(h.witnesses[2], others[i]);
        refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_PROMISE_KEY);
    }
    /* too few */
    h = fed_handover_begin(f, 2, "log-2");
    fed_promise_of(f, &h, 1);
    fed_promise_of(f, &h, 3);
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_QUORUM);
    assert_string_equal(f->fail.arg[0], "2");
    assert_string_equal(f->fail.arg[1], "3");
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_OK);
    fed_free(f);
}

/* Whose key it is goes by the sealed head: a key that came later doesn't count, and one that went
 * later does. */
static void test_keys_at_the_sealed_head(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    Sb__KeyReplace replace = SB__KEY_REPLACE__INIT;
    replace.old_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, "unn/witness")->pk};
    replace.new_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(f, "unn/new")->pk};
    fed_must(f, SB_ENTRY_KEY_REPLACE, &replace.base, "unn/recovery");
    fed_state(f);
    fed_handover h = good(f);
    strcpy(h.witnesses[0], "unn/new");
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_PROMISE_KEY);
    h = good(f);
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"), SB_OK);
    fed_free(f);
}

/* ---- the highest SEAL ---- */

static void test_sealed(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    h.sealed = (sb_head){0};
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(f, &h, i);
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_UNSEALED);
    /* ranks higher than all others, and isn't one */
    h = good(f);
    h.promises[2].seal = w.first;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_COSIGNATURE);
    h.promises[2].seal = w.first;
    h.promises[2].seal.root[0] ^= 1;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_FORK);
    h.promises[2].seal = w.first;
    h.promises[2].seal.size--; /* no STATE there */
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_FORK);
    h.promises[2].seal = w.second;
    h.promises[2].seal.size += 50;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_BEHIND);
    /* ranks the same with a made-up root: doesn't disturb; lower: neither */
    h = good(f);
    h.promises[2].seal.root[31] ^= 1;
    assert_int_equal(judged(f, fed_handover_message(f, &h)), SB_OK);
    h.promises[2].seal.root[31] ^= 1;
    h.promises[2].seal.size -= 1;
    assert_int_equal(judged(f, fed_handover_message(f, &h)), SB_OK);
    h.promises[2].seal = (sb_head){0};
    assert_int_equal(fed_hand_over(f, fed_handover_message(f, &h), "log-2"), SB_OK);
    fed_free(f);
}

static void test_cosignatures(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    fed_handover h = good(f);
    Sb__Handover *m = fed_handover_message(f, &h);
    Sb__Cosignature **all = m->cosignatures;
    assert_int_equal(m->n_cosignatures, 4);
    m->n_cosignatures = 2;
    refused(f, m, SB_E_LEDGER_HANDOVER_SEAL);
    assert_string_equal(f->fail.arg[0], "2");
    Sb__Cosignature *bent[] = {all[1], all[0], all[2]};
    m->cosignatures = bent;
    m->n_cosignatures = 3;
    refused(f, m, SB_E_LEDGER_COSIGNATURE_ORDER);
    bent[0] = bent[1] = all[0]; /* counted twice */
    refused(f, m, SB_E_LEDGER_COSIGNATURE_ORDER);
    bent[1] = all[1];
    all[1]->signature.data[0] ^= 1;
    refused(f, m, SB_E_LEDGER_COSIGNATURE);
    all[1]->signature.data[0] ^= 1;
    all[1]->time_s++;
    refused(f, m, SB_E_LEDGER_COSIGNATURE);
    all[1]->time_s--;
    uint8_t pk[32];
    memcpy(pk, all[2]->witness_pk.data, 32);
    uint8_t *was = all[2]->witness_pk.data;
    all[2]->witness_pk.data = pk;
    memset(pk, 0xff, 32);
    refused(f, m, SB_E_LEDGER_COSIGNATURE_KEY);
    all[2]->witness_pk.data = was;
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_OK);
    fed_free(f);
}

/* ---- what is kept ---- */

/* may_lie = 1: two must bear what is kept beyond the sealed head. */
static void test_kept(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    h.promises[0].cosigned = (sb_head){0};
    h.promises[1].cosigned = w.first;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_MORE);
    assert_string_equal(f->fail.arg[0], "1");
    assert_string_equal(f->fail.arg[1], "1");
    /* a head of the same size that isn't ours bears nothing */
    h.promises[1].cosigned = w.second;
    h.promises[1].cosigned.root[0] ^= 1;
    refused(f, fed_handover_message(f, &h), SB_E_LEDGER_HANDOVER_MORE);
    h.promises[1].cosigned = w.second;
    assert_int_equal(judged(f, fed_handover_message(f, &h)), SB_OK);
    /* the sealed head itself needs nobody to bear it: the longest is the new broker's duty */
    fed_handover_at(f, &h, h.sealed.size);
    Sb__Handover *m = fed_handover_message(f, &h);
    assert_int_equal(judged(f, m), SB_OK);
    fed_cut(f, h.sealed.size);
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_OK);
    fed_free(f);
}

static void add_hash(Sb__Head *head, ProtobufCBinaryData *proof, const uint8_t hash[32])
{
    proof[head->n_proof++] = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)hash};
    head->proof = proof;
}

/* Who cosigned a longer extension bears the kept one too, where it proves so. */
static void test_kept_with_proof(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    fed_state(f);
    /* a head of 2^k leaves, so that the proof to the next size is short: pad up to it */
    something(f, "a");
    while (((f->leaf_count + 1) & 7) != 0)
        something(f, "a");
    assert_int_equal(fed_state(f), SB_OK);
    sb_head kept = fed_head_now(f);
    sb_tree before;
    sb_tree_copy(&before, sb_ledger_tree(f->ledger));
    something(f, "b");
    assert_int_equal(fed_state(f), SB_OK);
    sb_head longer = fed_head_now(f);
    fed_handover h = fed_handover_begin(f, 2, "log-2");
    fed_promise(f, &h, 0, &h.sealed, &kept);
    fed_promise(f, &h, 1, &h.sealed, &longer);
    fed_promise_of(f, &h, 2);
    h.promises[2].cosigned = (sb_head){0};
    h.continues = kept;
    Sb__Handover *m = fed_handover_message(f, &h);
    Sb__Head *head = m->heads[m->n_heads - 1];
    assert_int_equal(head->size, longer.size);
    assert_int_equal(judged(f, m), SB_E_LEDGER_HANDOVER_MORE); /* no proof */

    /* RFC 9162 §2.1.4.1: the complete subtrees that `kept` ends with (the smallest first), then the
     * new one to their right; the older ones to the left make a hash each */
    ProtobufCBinaryData proof[64];
    uint8_t right[32], two[2][32];
    sb_leaf_hash(fed_leaf(f, f->leaf_count - 2), two[0]);
    sb_leaf_hash(fed_leaf(f, f->leaf_count - 1), two[1]);
    sb_node_hash(two[0], two[1], right);
    uint32_t low = (uint32_t)__builtin_ctzll(kept.size);
    add_hash(head, proof, before.peak[low].b);
    /* the new pair is the right part of the smallest subtree's neighbour */
    add_hash(head, proof, right);
    for (uint32_t bit = low + 1; bit < 63; bit++)
        if ((kept.size >> bit & 1) != 0)
            add_hash(head, proof, before.peak[bit].b);
    assert_int_equal(judged(f, m), SB_OK);
    head->proof[1].data = two[0];
    assert_int_equal(judged(f, m), SB_E_LEDGER_HANDOVER_HEAD);
    head->proof[1].data = right;
    fed_cut(f, kept.size);
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_OK);
    fed_free(f);
}

/* ---- the judge elsewhere ---- */

static void test_judge_elsewhere(void **state)
{
    (void)state;
    world w = begin();
    fed *f = w.f;
    fed_handover h = good(f);
    fed_handover_at(f, &h, h.sealed.size);
    Sb__Handover *m = fed_handover_message(f, &h);
    /* who has more: also leaves that are cut off, another term even */
    assert_int_equal(judged(f, m), SB_OK);
    fed_take_over(f, 2, "other");
    assert_int_equal(judged(f, m), SB_OK);
    /* who has less */
    fed_cut(f, h.sealed.size - 1);
    assert_int_equal(judged(f, m), SB_E_LEDGER_HANDOVER_BEHIND);
    assert_int_equal(strtoull(f->fail.arg[0], NULL, 10), h.sealed.size);
    /* who has something else there */
    while (f->leaf_count < h.sealed.size + 5)
        something(f, "z");
    assert_int_equal(judged(f, m), SB_E_LEDGER_HANDOVER_FORK);
    fed_free(f);
}

static void test_phase(void **state)
{
    (void)state;
    world w = begin();
    fed_handover h = good(w.f);
    Sb__Handover *m = fed_handover_message(w.f, &h);
    fed *f = fed_new(NULL);
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_E_LEDGER_PHASE);
    fed_genesis(f);
    fed_state(f);
    assert_int_equal(fed_hand_over(f, m, "log-2"), SB_E_LEDGER_PHASE);
    fed_free(f);
    fed_free(w.f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_taken),
        cmocka_unit_test(test_effects),
        cmocka_unit_test(test_refolds),
        cmocka_unit_test(test_term_and_key),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_promises),
        cmocka_unit_test(test_keys_at_the_sealed_head),
        cmocka_unit_test(test_sealed),
        cmocka_unit_test(test_cosignatures),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_kept_with_proof),
        cmocka_unit_test(test_judge_elsewhere),
        cmocka_unit_test(test_phase),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
