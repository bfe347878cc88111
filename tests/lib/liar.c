#include "tests/lib/liar.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/base/cursor.h"
#include "proto/merkle/checkpoint.h"
#include "proto/merkle/proof.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"
#include "tests/sim/sim_frame.h"
#include "tests/sim/sim_trace.h"

/* ---- life ---- */

static void for_real(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    play_amendable(charter, arena, arg);
    charter->rehearsal = false;
}

liar *liar_new(void)
{
    liar *l = sb_xmalloc(sizeof *l);
    *l = (liar){.f = fed_new(&(fed_options){.edit = for_real})};
    sb_arena_init(&l->arena);
    fed_run(l->f);
    liar_show_fed(l);
    return l;
}

void liar_free(liar *l)
{
    fed_free(l->f);
    sb_arena_deinit(&l->arena);
    free(l->log);
    free(l);
}

static void open_follower(liar_node *n, sb_follower *before)
{
    sb_fail fail = {0};
    n->ledger = sim_store_ledger(&n->store);
    sb_fol_opts opts = {.ledger = n->ledger,
                        .log = sim_store_reader(&n->store),
                        .own = n->store.own,
                        .witness = fed_witness(n->l->f, n->org)->secret,
                        .organisation = n->l->f->charter->organisations[n->org]->id,
                        .has_federation_id = true,
                        .before = before};
    memcpy(opts.federation_id, n->l->f->federation_id, 32);
    assert_int_equal(sb_follower_open(&n->fol, &opts, &fail), SB_OK);
}

static const char *others_of(uint32_t org)
{
    static const char *const orgs[] = {"123", "023", "013", "012"};
    return orgs[org];
}

liar_node *liar_node_new(liar *l, uint32_t org)
{
    liar_node *n = sb_xmalloc(sizeof *n);
    *n = (liar_node){.l = l, .org = org, .now = {.legal_ms = l->f->now_ms + 1000, .mono_ms = 1000}};
    sim_store_init(&n->store);
    sb_buf_init(&n->trace);
    open_follower(n, NULL);
    liar_up(n, LIAR_BROKER, SB_FOL_ROLE_BROKER);
    uint64_t cosignable = l->count;
    while (l->log[cosignable - 1].data[8 + 1] != SB_ENTRY_STATE)
        cosignable--;
    liar_welcome(n, LIAR_BROKER, cosignable, 1); /* the rest comes later */
    liar_push(n, LIAR_BROKER, cosignable, 1);
    liar_certify(n, LIAR_BROKER, cosignable, "0123");
    if (cosignable < l->count)
        liar_push(n, LIAR_BROKER, l->count, 1);
    sb_fol_status s = liar_status(n);
    n->final_0 = s.final_size;
    assert_int_equal(s.size, l->count);
    assert_int_equal(s.cosigned_size, cosignable);
    assert_true(s.final_size > 0);
    assert_int_equal(s.faults, 0); /* nothing honest is named */
    return n;
}

void liar_node_restart(liar_node *n)
{
    sb_follower_close(n->fol);
    sb_ledger_close(n->ledger);
    n->up_count = 0;
    open_follower(n, NULL);
    liar_up(n, LIAR_BROKER, SB_FOL_ROLE_BROKER);
    liar_welcome(n, LIAR_BROKER, n->l->count, 1);
}

void liar_node_free(liar_node *n)
{
    sb_follower_close(n->fol);
    sb_ledger_close(n->ledger);
    sim_store_deinit(&n->store);
    sb_buf_deinit(&n->trace);
    free(n);
}

/* ---- the log that it shows ---- */

void liar_show(liar *l, sb_slice leaf)
{
    if (l->count == l->cap) {
        l->cap = l->cap == 0 ? 256 : 2 * l->cap;
        l->log = sb_xrealloc(l->log, l->cap * sizeof *l->log);
    }
    l->log[l->count++] = sb_arena_copy(&l->arena, leaf);
}

void liar_show_fed(liar *l)
{
    while (l->count < l->f->leaf_count)
        liar_show(l, fed_leaf(l->f, l->count));
}

void liar_cut(liar *l, size_t size)
{
    assert_true(size <= l->count);
    l->count = size;
}

uint64_t liar_time(sb_slice leaf)
{
    sb_reader r = sb_reader_over(leaf);
    return sb_read_u64(&r);
}

sb_slice liar_leaf(liar *l, uint64_t time_ms, sb_slice entry)
{
    size_t len = 8 + entry.len;
    sb_writer w = sb_writer_over(sb_arena_alloc(&l->arena, len), len);
    sb_write_u64(&w, time_ms);
    sb_write_bytes(&w, entry);
    return sb_writer_slice(&w);
}

static sb_slice made(liar *l, sb_entry_type type, const ProtobufCMessage *m, const char *key,
                     const sb_entry_head *head)
{
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(l->f, type, m, key, head, &entry);
    sb_slice copy = sb_arena_copy(&l->arena, sb_buf_slice(&entry));
    sb_buf_deinit(&entry);
    return copy;
}

sb_slice liar_entry(liar *l, sb_entry_type type, const ProtobufCMessage *m, const char *key)
{
    return made(l, type, m, key, NULL);
}

sb_slice liar_system(liar *l, sb_entry_type type, const ProtobufCMessage *m, const char *key)
{
    sb_entry_head head;
    sb_entry_head_init(&head, l->f->federation_id, l->count);
    return liar_leaf(l, l->f->now_ms + 1000, made(l, type, m, key, &head));
}

sb_slice liar_bent(liar *l, sb_slice leaf, size_t at)
{
    sb_slice copy = sb_arena_copy(&l->arena, leaf);
    ((uint8_t *)(uintptr_t)copy.data)[copy.len - 1 - at] ^= 1;
    return copy;
}

void liar_change_policy(liar *l)
{
    fed *f = l->f;
    play_id c, meeting, q;
    static const char *const clause[] = {"Alle må bekrefte."};
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing witnessing = SB__ACTION_WITNESSING__INIT;
    Sb__WitnessPolicy policy = SB__WITNESS_POLICY__INIT;
    policy.more_than_num = 3;
    policy.more_than_den = 4;
    witnessing.policy = &policy;
    m.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    m.witnessing = &witnessing;
    fed_at(f, 20211215, 9, 0);
    play_ok(play_report(f, "pm", "Flere må bekrefte", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    m.case_id = c;
    play_ok(play_action(f, &m, SEC, NULL));
    play_next_meeting(f, "pm", 20220120, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_vote(f, q, play_pm_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    fed_seal(f); /* now both hold */
    const uint32_t all[] = {0, 1, 2, 3};
    assert_int_equal(fed_seal_by(f, all, 4), SB_OK);
    assert_int_equal(fed_state(f), SB_OK);
    assert_false(sb_ledger_policy_waits(f->ledger));
    liar_show_fed(l);
}

/* ---- what it signs ---- */

static void tree_of(liar *l, uint64_t size, sb_tree *tree)
{
    sb_tree_init(tree);
    for (uint64_t i = 0; i < size; i++) {
        uint8_t hash[32];
        sb_leaf_hash(l->log[i], hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
}

const char *liar_log_key(uint32_t term)
{
    return term == 1 ? "log" : term == 2 ? "log-2" : "log-3";
}

sb_checkpoint liar_head(liar *l, uint64_t size, uint32_t term)
{
    sb_checkpoint head = {.size = size};
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    char ours[SB_ORIGIN_BYTES_MAX + 1];
    assert_true(sb_ledger_origin(l->f->ledger, ours, sizeof ours));
    *strrchr(ours, '/') = '\0';
    snprintf(head.origin, sizeof head.origin, "%.100s/%u", ours, term);
    tree_of(l, size, tree);
    sb_tree_root(tree, head.root);
    free(tree);
    return head;
}

sb_slice liar_note(liar *l, const sb_checkpoint *head, const char *orgs)
{
    sb_buf note;
    sb_buf_init(&note);
    uint32_t term = (uint32_t)(strrchr(head->origin, '/')[1] - '0');
    const fed_key *log = fed_key_of(l->f, liar_log_key(term));
    assert_int_equal(sb_checkpoint_sign(head, log->secret, &note, NULL), SB_OK);
    for (; *orgs != '\0'; orgs++) {
        uint32_t org = (uint32_t)(*orgs - '0');
        const fed_key *key = fed_witness(l->f, org);
        sb_cosignature c;
        char name[256];
        snprintf(name, sizeof name, "%s/%.64s", head->origin,
                 l->f->charter->organisations[org]->id);
        assert_int_equal(sb_cosign(head, key->secret, (l->f->now_ms + 2000) / 1000, &c, NULL),
                         SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(name), key->pk, &c);
    }
    sb_slice copy = sb_arena_copy(&l->arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

sb_proof liar_inclusion(liar *l, uint64_t index, uint64_t size)
{
    sb_proof proof;
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    tree_of(l, size, tree);
    assert_int_equal(sb_tree_inclusion(tree, index, size, (sb_tile_reader){0}, &proof, NULL),
                     SB_OK);
    free(tree);
    return proof;
}

sb_proof liar_consistency(liar *l, uint64_t from, uint64_t to)
{
    sb_proof proof;
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    tree_of(l, to, tree);
    assert_int_equal(sb_tree_consistency(tree, from, to, (sb_tile_reader){0}, &proof, NULL), SB_OK);
    free(tree);
    return proof;
}

/* ---- what it sends ---- */

static void add(liar_node *n, sb_fol_event event);

static void keep_sent(liar_node *n, const sb_fol_effects *effects)
{
    for (size_t i = 0; i < effects->count && n->sent_count < LIAR_SENT_MAX; i++) {
        if (effects->items[i].kind != SB_FOL_SEND)
            continue;
        n->sent[n->sent_count].link = effects->items[i].link;
        n->sent[n->sent_count++].bytes = sb_arena_copy(&n->l->arena, effects->items[i].bytes);
    }
}

static void rewind_store(liar_node *n, const sb_fol_effect *e)
{
    sb_fail fail = {0};
    sb_slice probe = sb_arena_copy(&n->l->arena, e->bytes);
    sb_err err = sim_store_rewind(&n->store, e->index, probe, e->commit->puts, e->commit->put_count,
                                  &n->ledger, &fail);
    sb_follower *before = n->fol;
    sb_ledger_close(n->ledger);
    open_follower(n, before);
    sb_follower_close(before);
    if (err != SB_OK)
        add(n, (sb_fol_event){.kind = SB_FOL_REWIND_REFUSED, .entry = probe, .refusal = &fail});
    for (size_t i = 0; i < n->up_count; i++)
        add(n,
            (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = n->up[i].link, .role = n->up[i].role});
}

static void add(liar_node *n, sb_fol_event event)
{
    sb_fol_effects effects;
    event.now = n->now;
    sb_follower_step(n->fol, &event, &effects);
    sim_trace_fol(&effects, &n->trace);
    keep_sent(n, &effects);
    if (effects.count == 0)
        return;
    const sb_fol_effect *last = &effects.items[effects.count - 1];
    if (last->kind == SB_FOL_REWIND) {
        rewind_store(n, last);
    } else if (last->kind == SB_FOL_COMMIT) {
        sim_store_commit(&n->store, last->commit, n->ledger);
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = n->now};
        sb_follower_step(n->fol, &done, &effects);
        sim_trace_fol(&effects, &n->trace);
        keep_sent(n, &effects);
    }
}

const char *liar_feed(liar_node *n, sb_fol_event event)
{
    sb_buf_clear(&n->trace);
    n->sent_count = 0;
    add(n, event);
    return sb_buf_cstr(&n->trace);
}

const char *liar_frame(liar_node *n, uint32_t link, const Sb__Frame *frame, const sb_leaf *leaf)
{
    return liar_feed(
        n, (sb_fol_event){.kind = SB_FOL_FRAME, .link = link, .frame = frame, .leaf = leaf});
}

const char *liar_up(liar_node *n, uint32_t link, sb_fol_role role)
{
    n->up[n->up_count].link = link;
    n->up[n->up_count++].role = role;
    return liar_feed(n, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = link, .role = role});
}

void liar_down(liar_node *n, uint32_t link)
{
    for (size_t i = 0; i < n->up_count; i++)
        if (n->up[i].link == link)
            n->up[i] = n->up[--n->up_count];
    liar_feed(n, (sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = link});
}

const char *liar_tick(liar_node *n, uint64_t ms)
{
    n->now.mono_ms += ms;
    n->now.legal_ms += ms;
    return liar_feed(n, (sb_fol_event){.kind = SB_FOL_TICK});
}

const char *liar_welcome(liar_node *n, uint32_t link, uint64_t size, uint32_t term)
{
    return liar_frame(n, link, sim_welcome(&n->l->arena, size, term), NULL);
}

const char *liar_push_under(liar_node *n, uint32_t link, uint64_t first, uint64_t last,
                            sb_slice note, const sb_proof *proof)
{
    sb_fol_event event = sim_leaves(&n->l->arena, link, first, n->l->log + first,
                                    (size_t)(last - first), note, proof);
    for (size_t i = 0; i < event.opened; i++)
        for (size_t b = 0; b < event.leaves[i].blob_count; b++)
            sim_store_blob(&n->store, event.leaves[i].blobs[b]->sha256.data);
    return liar_feed(n, event);
}

const char *liar_push(liar_node *n, uint32_t link, uint64_t last, uint32_t term)
{
    if (n->now.legal_ms < n->l->f->now_ms + 1000)
        n->now.legal_ms = n->l->f->now_ms + 1000;
    sb_checkpoint head = liar_head(n->l, last, term);
    return liar_push_under(n, link, liar_status(n).size, last, liar_note(n->l, &head, ""), NULL);
}

const char *liar_certify_note(liar_node *n, uint32_t link, sb_slice note)
{
    return liar_frame(n, link, sim_certified(&n->l->arena, note), NULL);
}

const char *liar_certify(liar_node *n, uint32_t link, uint64_t size, const char *orgs)
{
    sb_checkpoint head = liar_head(n->l, size, 1);
    return liar_certify_note(n, link, liar_note(n->l, &head, orgs));
}

const char *liar_submit(liar_node *n, sb_slice entry, uint64_t member)
{
    sb_leaf leaf;
    sb_fail fail = {0};
    sb_fol_event event = {
        .kind = SB_FOL_MEMBER_SUBMIT, .entry = entry, .member = member, .refusal = &fail};
    if (sb_entry_open(entry, &n->l->arena, &leaf, &fail) == SB_OK)
        event.leaf = &leaf;
    for (size_t i = 0; event.leaf != NULL && i < leaf.blob_count; i++)
        sim_store_blob(&n->store, leaf.blobs[i]->sha256.data);
    return liar_feed(n, event);
}

const char *liar_receipt(liar_node *n, uint64_t index, uint64_t size, const sb_proof *proof)
{
    sb_slice leaf = n->l->log[index];
    sb_proof right = liar_inclusion(n->l, index, size);
    sb_checkpoint head = liar_head(n->l, size, 1);
    const Sb__Frame *f =
        sim_receipt(&n->l->arena, sb_slice_of(leaf.data + 8, leaf.len - 8), index, liar_time(leaf),
                    proof != NULL ? proof : &right, liar_note(n->l, &head, ""));
    return liar_frame(n, LIAR_BROKER, f, NULL);
}

void liar_carry(liar_node *from, uint32_t link, liar_node *to)
{
    sb_slice frames[LIAR_SENT_MAX];
    size_t count = 0;
    for (size_t i = 0; i < from->sent_count; i++)
        if (from->sent[i].link == link)
            frames[count++] = from->sent[i].bytes;
    for (size_t i = 0; i < count; i++) {
        const Sb__Frame *frame;
        assert_int_equal(sb_frame_decode(frames[i], &to->l->arena, &frame, NULL), SB_OK);
        liar_frame(to, link, frame, NULL);
    }
}

/* ---- how it is named ---- */

sb_fol_status liar_status(liar_node *n)
{
    sb_fol_status status;
    sb_follower_status(n->fol, n->now, &status);
    return status;
}

void liar_not_final(liar_node *n)
{
    assert_int_equal(liar_status(n).final_size, n->final_0);
}

static void judged(liar_node *n, sb_err code, sb_evidence_kind kind, uint64_t index)
{
    sb_fol_evidence e = {0}, last = {0};
    sb_evidence_verdict verdict;
    sb_fail why = {0};
    for (uint64_t at = 0; sb_follower_evidence_next(n->fol, &at, &e);)
        last = e;
    assert_string_equal(sb_err_name(last.code), sb_err_name(code));
    sb_err err = sb_evidence_judge(last.file, NULL, &n->l->arena, &verdict, &why);
    if (err != SB_OK)
        print_error("%s [%s]\n", sb_err_name(err), why.arg[0]);
    assert_int_equal(err, SB_OK);
    assert_int_equal(verdict.kind, kind);
    assert_true(verdict.convicted_count == 1 && verdict.convicted[0].is_log);
    if (kind != SB_EVIDENCE_STATE)
        return;
    assert_int_equal(verdict.index, index);
    assert_string_equal(sb_err_name(verdict.refusal.code), sb_err_name(code));
}

void liar_diverged(liar_node *n, uint64_t index, sb_err code)
{
    sb_fol_status s = liar_status(n);
    assert_true(s.diverged);
    assert_string_equal(sb_err_name(s.diverged_fail.code), sb_err_name(code));
    assert_int_equal(s.diverged_index, index);
    assert_int_equal(s.size, index); /* nothing is skipped */
    assert_true(s.cosigned_size <= index);
    assert_int_equal(s.state, SB_FOL_STATE_DIVERGED);
    judged(n, code, SB_EVIDENCE_STATE, index);
    /* whoever else is deceived: here it isn't final */
    liar_certify(n, LIAR_BROKER, n->l->count, others_of(n->org));
    liar_not_final(n);
}

void liar_convicted(liar_node *n, sb_err code, sb_evidence_kind kind)
{
    sb_fol_status s = liar_status(n);
    assert_int_equal(s.state, SB_FOL_STATE_CONFLICT);
    assert_int_equal(s.block, SB_FOL_BLOCK_CONFLICT);
    judged(n, code, kind, 0);
    liar_not_final(n);
    /* asked again for the head that it holds: it cosigns nothing more in this term */
    sb_slice own = sb_arena_copy(&n->l->arena, sb_follower_head(n->fol));
    liar_tick(n, 60 * 1000);
    liar_hasnt(liar_certify_note(n, s.broker_link, own), "Cosign");
    liar_hasnt(sb_buf_cstr(&n->trace), "COSIGNED");
}

void liar_faulted(liar_node *n, sb_err code)
{
    sb_fol_status s = liar_status(n);
    assert_true(s.faults > 0);
    assert_string_equal(sb_err_name(s.fault.code), sb_err_name(code));
    assert_int_equal(s.fault_ms, n->now.legal_ms);
    liar_not_final(n);
}

void liar_has(const char *trace, const char *words)
{
    if (strstr(trace, words) == NULL)
        fail_msg("no \"%s\" in:\n%s", words, trace);
}

void liar_hasnt(const char *trace, const char *words)
{
    if (strstr(trace, words) != NULL)
        fail_msg("\"%s\" in:\n%s", words, trace);
}
