/* Terms at a node: what it promises and to whom, which HANDOVER it follows, what it drops for it and
 * what comes back. */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

#include "nodes/follower/follower.h"
#include "proto/base/cursor.h"
#include "proto/base/hash.h"
#include "proto/evidence/evidence.h"
#include "proto/merkle/checkpoint.h"
#include "tests/lib/fed_terms.h"
#include "tests/lib/play.h"
#include "tests/sim/sim_store.h"
#include "tests/sim/sim_trace.h"

enum { LINKS_MAX = 8 };

typedef struct rig {
    fed *f; /* its log is what the followed broker would give */
    sim_store store;
    sb_ledger *ledger;
    sb_follower *fol;
    sb_now now;
    sb_buf trace;
    sb_arena arena;
    struct {
        uint32_t link;
        sb_fol_role role;
    } up[LINKS_MAX];
    size_t up_count, rewinds;
    uint64_t later_s; /* what the others' clocks are before ours */
    uint64_t rewound_to;
    sb_err refused_probe;
    uint64_t last_at_s; /* of certified_on's last organisation; 0: now */
} rig;

/* ---- the rig ---- */

static void open_follower(rig *r)
{
    sb_fail fail = {0};
    r->ledger = sim_store_ledger(&r->store);
    sb_fol_opts opts = {.ledger = r->ledger,
                        .log = sim_store_reader(&r->store),
                        .own = r->store.own,
                        .witness = fed_key_of(r->f, "unn/witness")->secret,
                        .organisation = "unn",
                        .has_federation_id = true};
    memcpy(opts.federation_id, r->f->federation_id, 32);
    sb_err err = sb_follower_open(&r->fol, &opts, &fail);
    if (err != SB_OK)
        print_error("%s %s\n", sb_err_name(err), fail.arg[0]);
    assert_int_equal(err, SB_OK);
}

static void reopen(rig *r)
{
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
    open_follower(r);
    r->up_count = 0;
}

static void add(rig *r, sb_fol_event event);

static void rewind_store(rig *r, const sb_fol_effect *e)
{
    sb_fail fail = {0};
    sb_slice probe = sb_arena_copy(&r->arena, e->bytes);
    r->rewinds++;
    r->rewound_to = e->index;
    r->refused_probe = sim_store_rewind(&r->store, e->index, probe, e->commit->puts,
                                        e->commit->put_count, &r->ledger, &fail);
    assert_true(r->refused_probe == SB_OK || probe.len > 0);
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
    open_follower(r);
    if (r->refused_probe != SB_OK)
        add(r, (sb_fol_event){.kind = SB_FOL_REWIND_REFUSED, .entry = probe, .refusal = &fail});
    for (size_t i = 0; i < r->up_count; i++)
        add(r,
            (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = r->up[i].link, .role = r->up[i].role});
}

/* One event; its effects are added to the trace. */
static void add(rig *r, sb_fol_event event)
{
    sb_fol_effects effects;
    event.now = r->now;
    sb_follower_step(r->fol, &event, &effects);
    sim_trace_fol(&effects, &r->trace);
    if (effects.count == 0)
        return;
    const sb_fol_effect *last = &effects.items[effects.count - 1];
    if (last->kind == SB_FOL_REWIND) {
        rewind_store(r, last);
    } else if (last->kind == SB_FOL_COMMIT) {
        sim_store_commit(&r->store, last->commit, r->ledger);
        sb_fol_event done = {.kind = SB_FOL_COMMITTED, .now = r->now};
        sb_follower_step(r->fol, &done, &effects);
        sim_trace_fol(&effects, &r->trace);
    }
}

static const char *feed(rig *r, sb_fol_event event)
{
    sb_buf_clear(&r->trace);
    add(r, event);
    return sb_buf_cstr(&r->trace);
}

static const char *tick(rig *r, uint64_t ms)
{
    r->now.mono_ms += ms;
    r->now.legal_ms += ms;
    return feed(r, (sb_fol_event){.kind = SB_FOL_TICK});
}

static sb_fol_status status_of(rig *r)
{
    sb_fol_status status;
    sb_follower_status(r->fol, r->now, &status);
    return status;
}

/* Three of four organisations are a quorum; a reserve may take over after a minute. */
static void with_standby(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    fed *keys = fed_new(NULL); /* names make the same keys everywhere */
    Sb__Standby *s = SB_ARENA_NEW(arena, Sb__Standby);
    *s = (Sb__Standby)SB__STANDBY__INIT;
    s->id = (char *)"reserve";
    sb_slice pk = sb_arena_copy(arena, sb_slice_of(fed_key_of(keys, "log-2")->pk, 32));
    s->log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)pk.data};
    s->curve_pk = s->log_pk;
    s->address = (char *)"tcp://reserve.example.no:7117";
    charter->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 1);
    charter->standbys[0] = s;
    charter->n_standbys = 1;
    charter->silence_s = 180;
    charter->rehearsal = false;
    fed_free(keys);
}

static int setup(void **state)
{
    fed_options options = {.edit = with_standby, .silent = 1};
    rig *r = calloc(1, sizeof *r);
    r->f = fed_new(&options);
    fed_run(r->f);
    sim_store_init(&r->store);
    sb_buf_init(&r->trace);
    sb_arena_init(&r->arena);
    r->now = (sb_now){.legal_ms = r->f->now_ms, .mono_ms = 1000};
    open_follower(r);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    rig *r = *state;
    sb_follower_close(r->fol);
    sb_ledger_close(r->ledger);
    sim_store_deinit(&r->store);
    fed_free(r->f);
    sb_buf_deinit(&r->trace);
    sb_arena_deinit(&r->arena);
    free(r);
    return 0;
}

/* ---- what others say ---- */

static sb_checkpoint head_at(rig *r, uint64_t size, uint32_t term)
{
    sb_checkpoint head = {.size = size};
    sb_tree *tree = sb_xmalloc(sizeof *tree);
    char ours[SB_ORIGIN_BYTES_MAX + 1];
    assert_true(sb_ledger_origin(r->f->ledger, ours, sizeof ours));
    *strrchr(ours, '/') = '\0';
    snprintf(head.origin, sizeof head.origin, "%.100s/%u", ours, term);
    sb_tree_init(tree);
    for (uint64_t i = 0; i < size; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(r->f, (size_t)i), hash);
        sb_tree_append(tree, hash, NULL, NULL);
    }
    sb_tree_root(tree, head.root);
    free(tree);
    return head;
}

static sb_slice sign_head(rig *r, const sb_checkpoint *head, const char *key)
{
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(head, fed_key_of(r->f, key)->secret, &note, NULL), SB_OK);
    sb_slice copy = sb_arena_copy(&r->arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

/* The head of this size in this term, by its key. */
static sb_slice note_at(rig *r, uint64_t size, uint32_t term)
{
    sb_checkpoint head = head_at(r, size, term);
    char key[16] = "log";
    if (term > 1)
        snprintf(key, sizeof key, "log-%u", term);
    return sign_head(r, &head, key);
}

static ProtobufCBinaryData data_of(sb_slice s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = (uint8_t *)(uintptr_t)s.data};
}

static const char *frame_on(rig *r, uint32_t link, const Sb__Frame *f, const sb_leaf *leaf)
{
    return feed(r, (sb_fol_event){.kind = SB_FOL_FRAME, .link = link, .frame = f, .leaf = leaf});
}

static const char *link_up(rig *r, uint32_t link, sb_fol_role role)
{
    r->up[r->up_count].link = link;
    r->up[r->up_count++].role = role;
    return feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = link, .role = role});
}

static void link_down(rig *r, uint32_t link)
{
    for (size_t i = 0; i < r->up_count; i++)
        if (r->up[i].link == link)
            r->up[i] = r->up[--r->up_count];
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = link});
}

static const char *welcome(rig *r, uint32_t link, uint64_t size, uint32_t term)
{
    Sb__Welcome m = SB__WELCOME__INIT;
    m.size = size;
    m.term = term;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_WELCOME;
    f.welcome = &m;
    return frame_on(r, link, &f, NULL);
}

/* Leaves first…last-1 of the federation under this note, with a proof when it is of a longer head. */
static const char *leaves_under(rig *r, uint32_t link, uint64_t first, uint64_t last, sb_slice note)
{
    size_t count = (size_t)(last - first);
    ProtobufCBinaryData *list = SB_ARENA_ARRAY(&r->arena, ProtobufCBinaryData, count);
    sb_leaf *opened = SB_ARENA_ARRAY(&r->arena, sb_leaf, count);
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = link, .leaves = opened, .opened = count};
    for (size_t i = 0; i < count; i++) {
        sb_slice leaf = sb_arena_copy(&r->arena, fed_leaf(r->f, (size_t)first + i));
        list[i] = data_of(leaf);
        assert_int_equal(sb_leaf_open(leaf, &r->arena, &opened[i], NULL), SB_OK);
        for (size_t b = 0; b < opened[i].blob_count; b++)
            sim_store_blob(&r->store, opened[i].blobs[b]->sha256.data);
    }
    Sb__Leaves m = SB__LEAVES__INIT;
    m.from = first;
    m.n_leaves = count;
    m.leaves = list;
    m.head = data_of(note);
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_LEAVES;
    f.leaves = &m;
    event.frame = &f;
    return feed(r, event);
}

static const char *leaves(rig *r, uint32_t link, uint64_t first, uint64_t last, uint32_t term)
{
    return leaves_under(r, link, first, last, note_at(r, last, term));
}

/* Follow the federation's log of term 1 over link 1. */
static void follow(rig *r, uint64_t size)
{
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, 1, size, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    for (uint64_t at = status_of(r).size; at < size;) {
        uint64_t end = at + 200 < size ? at + 200 : size;
        leaves(r, 1, at, end, 1);
        at = end;
    }
    assert_int_equal(status_of(r).size, size);
}

static const char *certified_on(rig *r, uint32_t link, uint64_t size, uint32_t term,
                                uint32_t organisations, bool is_peer_head)
{
    sb_checkpoint head = head_at(r, size, term);
    uint64_t time_s = r->now.legal_ms / 1000 + r->later_s;
    sb_buf note;
    sb_buf_init(&note);
    sb_buf_add(&note, note_at(r, size, term));
    for (uint32_t i = 0; i < organisations; i++) {
        sb_cosignature c;
        const fed_key *key = fed_witness(r->f, i);
        bool is_last = i + 1 == organisations;
        uint64_t at_s = is_last && r->last_at_s != 0 ? r->last_at_s : time_s;
        assert_int_equal(sb_cosign(&head, key->secret, at_s, &c, NULL), SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(key->name), key->pk, &c);
    }
    Sb__Certified m = SB__CERTIFIED__INIT;
    Sb__PeerHead p = SB__PEER_HEAD__INIT;
    m.note = p.note = data_of(sb_buf_slice(&note));
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = is_peer_head ? SB__FRAME__BODY_PEER_HEAD : SB__FRAME__BODY_CERTIFIED;
    if (is_peer_head)
        f.peer_head = &p;
    else
        f.certified = &m;
    const char *trace = frame_on(r, link, &f, NULL);
    sb_buf_deinit(&note);
    return trace;
}

static const char *ask_promise(rig *r, uint32_t term, const char *key)
{
    Sb__PromiseAsk m = SB__PROMISE_ASK__INIT;
    m.term = term;
    m.log_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(r->f, key)->pk};
    Sb__Frame f = SB__FRAME__INIT;
    f.request = 7;
    f.body_case = SB__FRAME__BODY_PROMISE_ASK;
    f.promise_ask = &m;
    return frame_on(r, 2, &f, NULL);
}

static const char *consent(rig *r, uint32_t term, const char *log_key, const char *signer)
{
    Sb__Consent m = SB__CONSENT__INIT;
    sb_consent c = {.term = term, .address = sb_slice_str("tcp://ny.example.no:7117")};
    uint8_t sig[64];
    memcpy(c.log_pk, fed_key_of(r->f, log_key)->pk, 32);
    memcpy(c.curve_pk, fed_key_of(r->f, "curve")->pk, 32);
    assert_int_equal(
        sb_consent_sign(r->f->federation_id, &c, fed_key_of(r->f, signer)->secret, sig, NULL),
        SB_OK);
    m.term = term;
    m.log_pk = (ProtobufCBinaryData){.len = 32, .data = c.log_pk};
    m.curve_pk = (ProtobufCBinaryData){.len = 32, .data = c.curve_pk};
    m.address = (char *)(uintptr_t) "tcp://ny.example.no:7117";
    m.signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CONSENT;
    f.consent = &m;
    return feed(r, (sb_fol_event){.kind = SB_FOL_MEMBER_CONSENT, .frame = &f, .member = 5});
}

/* The HANDOVER at this index of the federation's log, under this head. */
static const char *offer(rig *r, uint32_t link, uint64_t index, sb_slice note)
{
    sb_slice bytes = sb_arena_copy(&r->arena, fed_leaf(r->f, (size_t)index));
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(bytes, &r->arena, &leaf, NULL), SB_OK);
    Sb__HandoverOffer m = SB__HANDOVER_OFFER__INIT;
    m.index = index;
    m.leaf = data_of(bytes);
    m.head = data_of(note);
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    f.handover_offer = &m;
    return frame_on(r, link, &f, &leaf);
}

static bool has(const char *trace, const char *what)
{
    bool found = strstr(trace, what) != NULL;
    if (!found)
        print_error("no \"%s\" in:\n%s\n", what, trace);
    return found;
}

/* ---- promises ---- */

/* A node that we dialled and that dialled us is one. */
static void test_peers_are_counted_once(void **state)
{
    rig *r = *state;
    const uint8_t who[2][32] = {{1}, {2}};
    for (uint32_t link = 5; link < 9; link++) { /* the last one isn't told who */
        feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP,
                               .link = link,
                               .role = SB_FOL_ROLE_NODE,
                               .who = link == 8 ? NULL : who[link / 7]});
        welcome(r, link, 0, 1);
        assert_int_equal(status_of(r).peers_up, link == 5 ? 1 : link - 5);
    }
}

static void test_promise_after_silence(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    assert_true(has(ask_promise(r, 2, "log-2"), "send 2 Refused SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 179000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    certified_on(r, 1, r->f->leaf_count, 1, 3, false); /* confirmed anew: no silence */
    tick(r, 179000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 1000);
    /* stored first; what it says is the record */
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    char wanted[128];
    snprintf(wanted, sizeof wanted,
             "commit +PROMISED\nsend 2 PromiseGiven 2 seal 1/%llu cosigned 1/%llu\n",
             (unsigned long long)sealed.size, (unsigned long long)r->f->leaf_count);
    assert_string_equal(ask_promise(r, 2, "log-2"), wanted);
    /* the very same again, without storing; also after a restart */
    assert_string_equal(ask_promise(r, 2, "log-2"), strchr(wanted, '\n') + 1);
    reopen(r);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_string_equal(ask_promise(r, 2, "log-2"), strchr(wanted, '\n') + 1);
    assert_int_equal(status_of(r).promised_term, 2);
}

/* Nor does it name what was learned since: that would be another promise of the term, which convicts. */
static void test_promise_names_what_was_held(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    char first[128];
    snprintf(first, sizeof first, "%s", strchr(ask_promise(r, 2, "log-2"), '\n') + 1);
    assert_true(has(first, "PromiseGiven 2 seal 1/"));
    fed_at(r->f, 20211222, 12, 0);
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_seal(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    const char *trace = leaves(r, 1, size, r->f->leaf_count, 1);
    assert_true(has(trace, "+SEALED"));
    assert_null(strstr(trace, "+COSIGNED"));
    assert_string_equal(ask_promise(r, 2, "log-2"), first);
    reopen(r);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_string_equal(ask_promise(r, 2, "log-2"), first);
    tick(r, 181000); /* the next one does */
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    assert_true(sealed.size > size);
    snprintf(first, sizeof first, "PromiseGiven 3 seal 1/%llu cosigned 1/%llu\n",
             (unsigned long long)sealed.size, (unsigned long long)size);
    assert_true(has(ask_promise(r, 3, "log-2"), first));
}

/* Whose clock was hours ahead once doesn't seem to be there for hours, with two of four who are. */
static void test_promise_though_one_was_ahead(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    r->last_at_s = r->now.legal_ms / 1000 + 2 * 3600;
    for (int i = 0; i < 3; i++) {
        assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
        tick(r, 61000);
        certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    }
    assert_true(has(ask_promise(r, 2, "log-2"), "commit +PROMISED"));
}

static void test_one_term_a_silence(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "log-2"), "PromiseGiven 2"));
    assert_true(has(ask_promise(r, 2, "log-3"), "SB_E_FOLLOWER_PROMISE_OTHER"));
    assert_true(has(ask_promise(r, 1, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_true(has(ask_promise(r, 3, "log-2"), "SB_E_FOLLOWER_PROMISE_SILENCE"));
    tick(r, 181000);
    assert_true(has(ask_promise(r, 3, "log-2"), "PromiseGiven 3"));
}

static void test_promise_refusals(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "stranger"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 0, "log-2"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 1, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_true(has(ask_promise(r, UINT32_MAX, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    assert_true(
        has(ask_promise(r, 2 + SB_FOL_TERM_STEP_MAX, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
    /* a key as long as a frame can hold isn't given back: the answer wouldn't fit */
    const size_t len = SB_FRAME_BYTES_MAX - 32;
    Sb__PromiseAsk m = SB__PROMISE_ASK__INIT;
    m.term = 2;
    m.log_pk = (ProtobufCBinaryData){.len = len, .data = sb_arena_alloc(&r->f->arena, len)};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PROMISE_ASK;
    f.promise_ask = &m;
    assert_true(has(frame_on(r, 2, &f, NULL), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_int_equal(status_of(r).promised_term, 0);
}

static void test_promise_by_consent(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    certified_on(r, 1, r->f->leaf_count, 1, 3, false);
    assert_true(has(consent(r, 2, "stranger", "unn/witness"),
                    "notify 5 refused SB_E_FOLLOWER_CONSENT_SIGNATURE"));
    assert_true(has(consent(r, 2, "stranger", "bruker/authority"),
                    "notify 5 refused SB_E_FOLLOWER_CONSENT_SIGNATURE"));
    assert_true(has(consent(r, 1, "stranger", "unn/authority"),
                    "notify 5 refused SB_E_FOLLOWER_CONSENT_TERM"));
    assert_string_equal(consent(r, 4, "stranger", "unn/authority"),
                        "commit +CONSENT\nnotify 5 consented\n");
    reopen(r); /* it is kept */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    sb_consent kept;
    assert_true(sb_follower_consent(r->fol, &kept));
    assert_int_equal(kept.term, 4);
    assert_true(sb_slice_eq(kept.address, sb_slice_str("tcp://ny.example.no:7117")));
    assert_true(has(ask_promise(r, 3, "stranger"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 4, "log-9"), "SB_E_FOLLOWER_PROMISE_CONSENT"));
    assert_true(has(ask_promise(r, 4, "stranger"), "PromiseGiven 4"));
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_TERM"));
}

/* From then on nothing older is cosigned; not the same head again either. */
static void test_promise_ends_the_old_term(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_int_equal(status_of(r).cosigned_size, size);
    tick(r, 181000);
    ask_promise(r, 2, "log-2");
    assert_null(strstr(certified_on(r, 1, size, 1, 0, false), "Cosign"));
    fed_at(r->f, 20211222, 12, 0);
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_null(strstr(leaves(r, 1, size, r->f->leaf_count, 1), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_PROMISED);
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_null(strstr(welcome(r, 1, size, 1), "Cosign"));
    assert_null(strstr(tick(r, 31000), "Cosign"));
}

/* ---- handovers ---- */

/* A STATE of things that aren't sealed, at the end of the log: `suffix` leaves. */
static uint64_t unsealed(rig *r)
{
    assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    return r->f->leaf_count;
}

static void test_follows_what_it_holds(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    fed_take_over(r->f, 2, "log-2"); /* HANDOVER STATE */
    uint64_t end = r->f->leaf_count;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    /* our log ends right there: nothing is dropped */
    const char *trace = offer(r, 2, size, note_at(r, end, 2));
    assert_true(has(trace, "commit +CATCHUP\nsend 2 Pull from"));
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).catchup_term, 2);
    welcome(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    trace = leaves(r, 2, size, end, 2);
    assert_true(has(trace, "commit HANDOVER STATE"));
    assert_true(has(trace, "+COSIGNED"));
    assert_true(has(trace, "send 2 Cosign"));
    sb_fol_status s = status_of(r);
    assert_int_equal(s.term, 2);
    assert_int_equal(s.cosigned_term, 2);
    assert_false(s.catching_up);
    assert_true(s.broker_up);
    assert_int_equal(s.broker_link, 2);
    /* the old broker is shown what ended it, and isn't followed */
    link_up(r, 3, SB_FOL_ROLE_BROKER);
    assert_true(has(welcome(r, 3, size, 1), "send 3 HandoverOffer"));
    assert_int_equal(status_of(r).broker_link, 2);
}

static void test_drops_what_is_not_kept(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count, longer = unsealed(r);
    follow(r, longer);
    certified_on(r, 1, kept, 1, 3, false);
    uint64_t final = status_of(r).final_size;
    assert_true(final > 0);
    fed_cut(r->f, (size_t)kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    const char *trace = offer(r, 2, kept, note_at(r, end, 2));
    char wanted[64];
    snprintf(wanted, sizeof wanted, "rewind to %llu probe commit -HEAD", (unsigned long long)kept);
    assert_true(has(trace, wanted));
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->refused_probe, SB_OK);
    assert_int_equal(status_of(r).size, kept);
    assert_int_equal(status_of(r).final_size, final); /* … stays so */
    /* the record didn't fall with the leaves: it can't be made to cosign term 1 anew */
    assert_int_equal(status_of(r).cosigned_size, longer);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 2, kept, end, 2), "+COSIGNED"));
    reopen(r);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).final_size, final);
}

/* Somebody hands an entry in through this node. Returns what it did. */
static const char *hand_in(rig *r, const sb_buf *entry, uint64_t member)
{
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(sb_buf_slice(entry), &r->arena, &leaf, NULL), SB_OK);
    return feed(r, (sb_fol_event){.kind = SB_FOL_MEMBER_SUBMIT,
                                  .entry = sb_buf_slice(entry),
                                  .leaf = &leaf,
                                  .member = member});
}

static sb_buf make_and_hand_in(rig *r, sb_entry_type type, const ProtobufCMessage *message,
                               const char *key, uint64_t member)
{
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, type, message, key, NULL, &entry);
    hand_in(r, &entry, member);
    return entry;
}

static sb_buf make_case(rig *r, const char *title)
{
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)(uintptr_t) "ssu";
    report.title = (char *)(uintptr_t)title;
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat", NULL, &entry);
    return entry;
}

/* The secretariat reports a case through this node. */
static sb_buf report_case(rig *r, const char *title, uint64_t member)
{
    sb_buf entry = make_case(r, title);
    hand_in(r, &entry, member);
    return entry;
}

/* A HANDOVER to term 2 that keeps so many leaves comes, and both brokers have a link. Whole: what was
 * sent meanwhile. */
static void hand_over(rig *r, uint64_t kept, sb_buf *all)
{
    fed_cut(r->f, (size_t)kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    offer(r, 2, kept, note_at(r, end, 2));
    welcome(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    sb_buf_init(all);
    sb_buf_str(all, leaves(r, 2, kept, end, 2));
    sb_buf_str(all, tick(r, 600));
}

/* It is in the log of term 1, and a HANDOVER doesn't keep it. */
static sb_buf report_and_cut(rig *r, sb_buf *all)
{
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    sb_buf entry = report_case(r, "En sak", 3);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 1, kept, r->f->leaf_count, 1), "notify 3 receipt"));
    hand_over(r, kept, all);
    return entry;
}

/* An entry that is cut off, or has only the old broker's receipt, is handed in again. */
static void test_entries_come_back(void **state)
{
    rig *r = *state;
    sb_buf all, entry = report_and_cut(r, &all);
    assert_true(has(sb_buf_cstr(&all), "send 2 Submit"));
    assert_int_equal(status_of(r).outbox, 1);
    sb_buf_deinit(&all);
    sb_buf_deinit(&entry);
}

/* So is one that another node had brought into the log before a member handed it in here: that node
 * may be gone. */
static void test_known_entries_come_back(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    sb_buf entry = make_case(r, "En sak");
    assert_int_equal(fed_take(r->f, sb_buf_slice(&entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 1, kept, r->f->leaf_count, 1);
    assert_int_equal(status_of(r).outbox, 0);
    const char *trace = hand_in(r, &entry, 3);
    assert_true(has(trace, "commit +OUTBOX\nnotify 3 receipt"));
    assert_null(strstr(trace, "Submit")); /* it is there */
    assert_int_equal(status_of(r).outbox, 1);
    assert_null(strstr(hand_in(r, &entry, 4), "commit"));
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_null(strstr(welcome(r, 1, r->f->leaf_count, 1), "Submit"));
    fed_cut(r->f, (size_t)kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    assert_int_equal(r->rewound_to, kept);
    offer(r, 2, kept, note_at(r, end, 2));
    welcome(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 2, kept, end, 2), "send 2 Submit"));
    assert_int_equal(status_of(r).outbox, 1);
    sb_buf_deinit(&entry);
}

static const char *refuse(rig *r, const sb_buf *entry, sb_err code)
{
    uint8_t id[32];
    sb_hash(sb_slice_of(entry->data, entry->len - 64), id);
    Sb__Refused m = SB__REFUSED__INIT;
    m.entry_id = (ProtobufCBinaryData){.len = 32, .data = id};
    m.code = (uint32_t)code;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_REFUSED;
    f.refused = &m;
    return frame_on(r, 2, &f, NULL);
}

/* What it builds on may come back later than it: it isn't given up for a refusal; the key's later
 * entries wait behind it. One that never had its place is. */
static void test_cut_and_refused(void **state)
{
    rig *r = *state;
    sb_buf all, entry = report_and_cut(r, &all);
    fed_key_of(r->f, "secretariat")->seq++; /* the entry that was cut off has it */
    sb_buf later = report_case(r, "En annen sak", 4);
    assert_null(strstr(refuse(r, &entry, SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    assert_null(strstr(tick(r, SB_FOL_CUT_AGAIN_MS - 601), "Submit")); /* sent 600 ms ago */
    assert_true(has(tick(r, 600), "send 2 Submit"));
    assert_int_equal(status_of(r).outbox, 2);
    uint64_t end = r->f->leaf_count;
    r->f->now_ms = r->now.legal_ms;
    assert_int_equal(fed_take(r->f, sb_buf_slice(&entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    const char *trace = leaves(r, 2, end, r->f->leaf_count, 2);
    assert_true(has(trace, "receipt"));
    assert_true(has(trace, "send 2 Submit")); /* the later one */
    assert_true(has(refuse(r, &later, SB_E_LEDGER_QUESTION_UNKNOWN), "notify 4 refused"));
    assert_int_equal(status_of(r).outbox, 1);
    sb_buf_deinit(&all);
    sb_buf_deinit(&later);
    sb_buf_deinit(&entry);
}

/* … for so long, from when it was refused first since the node started. */
static void test_cut_and_given_up(void **state)
{
    rig *r = *state;
    sb_buf all, entry = report_and_cut(r, &all);
    assert_null(strstr(refuse(r, &entry, SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    reopen(r); /* its row remembers */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    welcome(r, 2, r->f->leaf_count, 2);
    tick(r, SB_FOL_CUT_MS);
    assert_null(strstr(refuse(r, &entry, SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    tick(r, SB_FOL_CUT_MS - 1);
    assert_null(strstr(refuse(r, &entry, SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    tick(r, 1);
    assert_true(has(refuse(r, &entry, SB_E_LEDGER_QUESTION_UNKNOWN), "refused"));
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&all);
    sb_buf_deinit(&entry);
}

/* … but at once for what nothing that comes back can change. */
static void test_cut_and_hopeless(void **state)
{
    rig *r = *state;
    sb_buf all, entry = report_and_cut(r, &all);
    assert_true(has(refuse(r, &entry, SB_E_LEDGER_SUPERSEDED), "refused"));
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&all);
    sb_buf_deinit(&entry);
}

/* The log of term 1 with an open question in a meeting, followed. */
static play_id question_open(rig *r)
{
    play_table t;
    play_id question;
    play_ssu(r->f, &t);
    play_ok(play_ask(r->f, t.meeting, t.c, VOTE, SEC, &question));
    fed_seal(r->f);
    follow(r, r->f->leaf_count);
    return question;
}

static sb_buf close_question(rig *r, play_id question, uint64_t member)
{
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = question;
    return make_and_hand_in(r, SB_ENTRY_QUESTION_CLOSE, &m.base, SEC, member);
}

/* In the log of term 1 and here: a ballot, the close and the RESULT. Cut off. */
static void vote_and_close_and_cut(rig *r, sb_buf *ballot, sb_buf *closing, sb_buf *all)
{
    play_id question = question_open(r);
    uint64_t kept = r->f->leaf_count;
    Sb__Ballot m = SB__BALLOT__INIT;
    sb_row_question row = play_question(r->f, question);
    m.question_id = question;
    m.wording_sha256 = (play_id){32, row.wording};
    m.seat = (char *)(uintptr_t) "unn-1";
    m.choice = FOR;
    *ballot = make_and_hand_in(r, SB_ENTRY_BALLOT, &m.base, "unn-1/primary", 3);
    assert_int_equal(fed_take(r->f, sb_buf_slice(ballot)), SB_OK);
    *closing = close_question(r, question, 4);
    assert_int_equal(fed_take(r->f, sb_buf_slice(closing)), SB_OK);
    fed_due(r->f);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 1, kept, r->f->leaf_count, 1), "notify 4 receipt"));
    hand_over(r, kept, all);
}

/* Another node's votes on a question that a HANDOVER cut off come back before its close does. */
static void test_cut_close_waits(void **state)
{
    rig *r = *state;
    sb_buf ballot, closing, all;
    vote_and_close_and_cut(r, &ballot, &closing, &all);
    char *sent = strstr(sb_buf_cstr(&all), "send 2 Submit");
    assert_non_null(sent);
    assert_null(strstr(sent + 1, "send 2 Submit")); /* the ballot alone */
    assert_int_equal(status_of(r).outbox, 2);
    refuse(r, &ballot, SB_E_LEDGER_SUPERSEDED); /* not sent again */
    assert_null(strstr(tick(r, SB_FOL_CUT_CLOSE_MS - 1000), "Submit"));
    assert_true(has(tick(r, 1000), "send 2 Submit"));
    /* what it ends may be late itself: it isn't at its heels */
    assert_null(strstr(refuse(r, &closing, SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    assert_null(strstr(tick(r, SB_FOL_CUT_CLOSE_MS - 1), "Submit"));
    assert_true(has(tick(r, 600), "send 2 Submit"));
    sb_buf_deinit(&all);
    sb_buf_deinit(&closing);
    sb_buf_deinit(&ballot);
}

/* … counted anew by a process that starts meanwhile. */
static void test_cut_close_waits_after_a_start(void **state)
{
    rig *r = *state;
    sb_buf ballot, closing, all;
    vote_and_close_and_cut(r, &ballot, &closing, &all);
    refuse(r, &ballot, SB_E_LEDGER_SUPERSEDED);
    reopen(r);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    welcome(r, 2, r->f->leaf_count, 2);
    assert_null(strstr(tick(r, SB_FOL_CUT_CLOSE_MS - 1), "Submit"));
    assert_true(has(tick(r, 600), "send 2 Submit"));
    sb_buf_deinit(&all);
    sb_buf_deinit(&closing);
    sb_buf_deinit(&ballot);
}

/* A case that the secretariat reported comes back into the log of term 2. What that made us do. */
static const char *is_back(rig *r, const sb_buf *entry)
{
    uint64_t end = r->f->leaf_count;
    r->f->now_ms = r->now.legal_ms;
    assert_int_equal(fed_take(r->f, sb_buf_slice(entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    return leaves(r, 2, end, r->f->leaf_count, 2);
}

/* … from when it is the key's next, also when what stands before it comes back late. */
static void test_cut_close_waits_behind_others(void **state)
{
    rig *r = *state;
    play_id question = question_open(r);
    uint64_t kept = r->f->leaf_count;
    sb_buf all, before = report_case(r, "En sak", 3);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&before)), SB_OK);
    sb_buf closing = close_question(r, question, 4);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&closing)), SB_OK);
    fed_due(r->f);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 1, kept, r->f->leaf_count, 1), "notify 4 receipt"));
    hand_over(r, kept, &all);
    tick(r, SB_FOL_HELD_BACK_MS);
    tick(r, SB_FOL_CUT_CLOSE_MS);
    assert_null(strstr(is_back(r, &before), "Submit"));
    assert_null(strstr(tick(r, SB_FOL_CUT_CLOSE_MS - 1), "Submit"));
    assert_true(has(tick(r, 600), "send 2 Submit"));
    sb_buf_deinit(&all);
    sb_buf_deinit(&closing);
    sb_buf_deinit(&before);
}

/* So does one handed in afterwards, behind what was cut off and is on its way: it may be the opening
 * of what it ends, on which others voted. */
static void test_new_close_behind_cut_ones_waits(void **state)
{
    rig *r = *state;
    play_id question = question_open(r);
    uint64_t kept = r->f->leaf_count;
    sb_buf all, before = report_case(r, "En sak", 3);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&before)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 1, kept, r->f->leaf_count, 1), "notify 3 receipt"));
    hand_over(r, kept, &all);
    fed_key_of(r->f, SEC)->seq++; /* the entry that was cut off has it */
    sb_buf closing = close_question(r, question, 4);
    tick(r, SB_FOL_CUT_CLOSE_MS);
    assert_null(strstr(is_back(r, &before), "Submit"));
    assert_null(strstr(tick(r, SB_FOL_CUT_CLOSE_MS - 1), "Submit"));
    assert_true(has(tick(r, 600), "send 2 Submit"));
    sb_buf_deinit(&all);
    sb_buf_deinit(&closing);
    sb_buf_deinit(&before);
}

/* One that the old broker never answered waits for what it had answered, and goes no other way round
 * meanwhile; one handed in afterwards waits for nothing. */
static void test_close_without_receipt_waits(void **state)
{
    rig *r = *state;
    play_id question = question_open(r);
    sb_buf all, closing = close_question(r, question, 4);
    tick(r, SB_FOL_HELD_BACK_MS - 1000);
    hand_over(r, r->f->leaf_count, &all);
    link_up(r, 5, SB_FOL_ROLE_NODE);
    welcome(r, 5, r->f->leaf_count, 2);
    assert_null(strstr(sb_buf_cstr(&all), "Submit"));
    assert_null(strstr(tick(r, SB_FOL_CUT_CLOSE_MS - 1000), "Submit"));
    assert_true(has(tick(r, 1000), "send 2 Submit"));
    assert_true(has(sb_buf_cstr(&r->trace), "send 5 Submit"));
    assert_true(has(refuse(r, &closing, SB_E_LEDGER_QUESTION_UNKNOWN), "notify 4 refused"));
    sb_buf again = close_question(r, question, 5);
    assert_true(has(sb_buf_cstr(&r->trace), "send 2 Submit"));
    sb_buf_deinit(&all);
    sb_buf_deinit(&again);
    sb_buf_deinit(&closing);
}

/* In the log and here, by way of another node. */
static void take_here(rig *r, const sb_buf *entry, uint32_t link, uint32_t term)
{
    uint64_t before = r->f->leaf_count;
    r->f->now_ms = r->now.legal_ms;
    assert_int_equal(fed_take(r->f, sb_buf_slice(entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, link, before, r->f->leaf_count, term);
}

static size_t submits(const char *trace)
{
    size_t count = 0;
    while ((trace = strstr(trace, "Submit")) != NULL) {
        count++;
        trace++;
    }
    return count;
}

/* Two cases of a key that another node had brought into the log are cut off, and its third waits
 * here: it isn't sent before them, for then the log would never take them. */
static void test_cut_goes_before_later(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    sb_buf all, entries[2], later;
    for (size_t i = 0; i < 2; i++) {
        entries[i] = make_case(r, i == 0 ? "En sak" : "En annen sak");
        take_here(r, &entries[i], 1, 1);
    }
    later = report_case(r, "En tredje sak", 3);
    assert_int_equal(status_of(r).outbox, 1);
    hand_over(r, kept, &all);
    assert_int_equal(r->rewound_to, kept);
    assert_int_equal(status_of(r).outbox, 3); /* no STATE */
    assert_int_equal(submits(sb_buf_cstr(&all)), 1);
    /* a member of this node hands in what is there already: it is the same row */
    assert_null(strstr(hand_in(r, &entries[1], 4), "Submit"));
    reopen(r); /* all of it stands in the store */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_int_equal(submits(welcome(r, 2, r->f->leaf_count, 2)), 1);
    for (size_t i = 0; i < 2; i++) {
        assert_null(strstr(tick(r, 600), "Submit"));
        take_here(r, &entries[i], 2, 2);
        assert_int_equal(submits(sb_buf_cstr(&r->trace)), 1); /* the key's next */
    }
    assert_true(has(refuse(r, &later, SB_E_LEDGER_QUESTION_UNKNOWN), "notify 0 refused"));
    for (size_t i = 0; i < 2; i++)
        sb_buf_deinit(&entries[i]);
    sb_buf_deinit(&later);
    sb_buf_deinit(&all);
}

/* Nor does a later one go another way round while its turn hasn't come. */
static void test_offers_in_turn(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 5, SB_FOL_ROLE_NODE);
    welcome(r, 5, r->f->leaf_count, 1);
    sb_buf first = report_case(r, "En sak", 3);
    fed_key_of(r->f, "secretariat")->seq++;
    sb_buf later = report_case(r, "En annen sak", 3);
    tick(r, SB_FOL_HELD_BACK_MS);
    assert_true(has(sb_buf_cstr(&r->trace), "send 5 Submit"));
    assert_null(strstr(strstr(sb_buf_cstr(&r->trace), "send 5 Submit") + 1, "send 5 Submit"));
    fed_key_of(r->f, "secretariat")->seq--;
    take_here(r, &first, 1, 1);
    assert_true(has(tick(r, 600), "send 5 Submit"));
    sb_buf_deinit(&first);
    sb_buf_deinit(&later);
}

/* So many of others as are kept of others in all, those first that stand first; all, when a later one
 * of the key waits here. */
static void cut_many(rig *r, bool has_later, uint32_t expected)
{
    uint64_t kept = r->f->leaf_count, before = kept;
    follow(r, kept);
    for (size_t i = 0; i < SB_FOL_PEER_ENTRIES_MAX + 1; i++) {
        sb_buf entry = make_case(r, "En sak");
        assert_int_equal(fed_take(r->f, sb_buf_slice(&entry)), SB_OK);
        sb_buf_deinit(&entry);
    }
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    for (uint64_t end; before < r->f->leaf_count; before = end) {
        end = before + 100 < r->f->leaf_count ? before + 100 : r->f->leaf_count;
        leaves(r, 1, before, end, 1);
    }
    sb_buf all, later;
    sb_buf_init(&later);
    if (has_later)
        later = report_case(r, "En sak her", 3);
    hand_over(r, kept, &all);
    assert_int_equal(status_of(r).outbox, expected);
    size_t at = 0;
    sb_fol_outbox_row row;
    uint64_t seq = fed_key_of(r->f, "secretariat")->seq;
    while (sb_follower_outbox_next(r->fol, r->now, &at, &row)) {
        sb_entry entry;
        assert_int_equal(row.of_peer, !has_later);
        assert_int_equal(sb_entry_parse(row.entry, &entry, NULL), SB_OK);
        assert_int_equal(entry.signer_seq, ++seq);
    }
    sb_buf_deinit(&later);
    sb_buf_deinit(&all);
}

static void test_cut_of_others_is_bounded(void **state)
{
    cut_many(*state, false, SB_FOL_PEER_ENTRIES_MAX);
}

static void test_cut_before_ours_is_kept(void **state)
{
    cut_many(*state, true, SB_FOL_PEER_ENTRIES_MAX + 2);
}

/* A node whose log ends far below, or is empty, takes leaves under the new key's heads; nothing is
 * cosigned before the HANDOVER is folded. */
static void test_catches_up(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    welcome(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_null(strstr(leaves(r, 2, part, kept, 2), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_CATCHUP);
    assert_int_equal(status_of(r).term, 1);
    reopen(r); /* it remembers that this isn't proved */
    assert_int_equal(status_of(r).catchup_term, 2);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    assert_true(has(leaves(r, 2, kept, end, 2), "+COSIGNED"));
    assert_int_equal(status_of(r).term, 2);
}

static void test_catches_up_from_nothing(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    welcome(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, 0, end - 1, 2);
    leaves(r, 2, end - 1, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).cosigned_size, end);
}

/* … and goes back to where it began when the HANDOVER isn't what it was said to be. */
static void test_refused_in_its_place(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 0);
    fed_promise_of(r->f, &h, 1); /* two of four */
    const Sb__Handover *m = fed_handover_message(r->f, &h);
    /* the fold would refuse it: so it is put into a log that isn't folded */
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, kept);
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_buf_add(&bytes, sb_slice_of("\0\0\1\x7d\x75\0\0\0", 8));
    assert_int_equal(sb_make_HANDOVER(m, &head, fed_key_of(r->f, "log-2")->secret, &bytes, NULL),
                     SB_OK);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(sb_buf_slice(&bytes), &r->arena, &leaf, NULL), SB_OK);
    sb_checkpoint under = head_at(r, kept, 2);
    under.size = kept + 1;
    Sb__HandoverOffer o = SB__HANDOVER_OFFER__INIT;
    o.index = kept;
    o.leaf = data_of(sb_buf_slice(&bytes));
    o.head = data_of(sign_head(r, &under, "log-2"));
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    f.handover_offer = &o;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(frame_on(r, 2, &f, &leaf), "+CATCHUP")); /* we can't judge it yet */
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, part, kept, 2);
    assert_int_equal(status_of(r).size, kept);
    /* the leaf itself */
    sb_tree tree;
    sb_tree_init(&tree);
    for (uint64_t i = 0; i < kept; i++) {
        uint8_t hash[32];
        sb_leaf_hash(fed_leaf(r->f, (size_t)i), hash);
        sb_tree_append(&tree, hash, NULL, NULL);
    }
    sb_tree_append(&tree, leaf.hash, NULL, NULL);
    sb_tree_root(&tree, under.root);
    ProtobufCBinaryData one = data_of(sb_buf_slice(&bytes));
    Sb__Leaves l = SB__LEAVES__INIT;
    l.from = kept;
    l.n_leaves = 1;
    l.leaves = &one;
    l.head = data_of(sign_head(r, &under, "log-2"));
    f.body_case = SB__FRAME__BODY_LEAVES;
    f.leaves = &l;
    char wanted[64];
    snprintf(wanted, sizeof wanted, "rewind to %llu commit", (unsigned long long)part);
    assert_true(
        has(feed(r,
                 (sb_fol_event){
                     .kind = SB_FOL_FRAME, .link = 2, .frame = &f, .leaves = &leaf, .opened = 1}),
            wanted));
    sb_fol_status s = status_of(r);
    assert_int_equal(s.size, part);
    assert_false(s.catching_up);
    assert_false(s.diverged);
    assert_int_equal(s.term, 1);
    sb_buf_deinit(&bytes);
}

/* Offer a HANDOVER that isn't in any log, by this key, after `kept` leaves. */
static const char *offer_by(rig *r, uint32_t link, const Sb__Handover *m, const char *key,
                            uint64_t kept)
{
    sb_entry_head head;
    sb_entry_head_init(&head, r->f->federation_id, kept);
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_buf_add(&bytes, sb_slice_of("\0\0\1\x7d\x75\0\0\0", 8));
    assert_int_equal(sb_make_HANDOVER(m, &head, fed_key_of(r->f, key)->secret, &bytes, NULL),
                     SB_OK);
    sb_slice leaf_bytes = sb_arena_copy(&r->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(leaf_bytes, &r->arena, &leaf, NULL), SB_OK);
    sb_checkpoint under = head_at(r, r->f->leaf_count < kept ? r->f->leaf_count : kept, m->term);
    under.size = kept + 1;
    Sb__HandoverOffer o = SB__HANDOVER_OFFER__INIT;
    o.index = kept;
    o.leaf = data_of(leaf_bytes);
    o.head = data_of(sign_head(r, &under, key));
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    f.handover_offer = &o;
    return frame_on(r, link, &f, &leaf);
}

static const char *offer_made(rig *r, uint32_t link, const Sb__Handover *m, uint64_t kept)
{
    return offer_by(r, link, m, "log-2", kept);
}

/* One promiser who lies makes up a SEAL that isn't in our log: a quorum's promises don't make it one
 * that we would drop ours for. */
static void test_made_up_seal_drops_nothing(void **state)
{
    rig *r = *state;
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    uint64_t kept = unsealed(r);
    follow(r, kept);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 1);
    fed_promise_of(r->f, &h, 2);
    fed_promise(r->f, &h, 3, &made_up, &h.cosigned);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    const char *trace = offer_made(r, 2, fed_handover_message(r->f, &h), kept);
    assert_null(strstr(trace, "rewind"));
    assert_int_equal(status_of(r).size, kept);
    assert_int_equal(r->rewinds, 0);
}

/* Leaves that don't fit, from another link than the one that we catch up with, stop nothing. */
static void test_catches_up_past_a_lying_peer(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    link_up(r, 3, SB_FOL_ROLE_NODE);
    offer(r, 2, kept, note_at(r, end, 2));
    sb_checkpoint wrong = head_at(r, kept + 1, 2);
    wrong.size = kept; /* as if other leaves stood below it */
    leaves_under(r, 3, part, kept, sign_head(r, &wrong, "log-2"));
    assert_int_equal(r->rewinds, 0);
    assert_false(status_of(r).broker_refused);
    assert_int_equal(status_of(r).catchup_term, 2);
    leaves(r, 2, part, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

/* Whom we refused once shows what is valid: it is followed. */
static void test_refused_then_right(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise_of(r->f, &h, 2); /* no quorum */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer_made(r, 2, fed_handover_message(r->f, &h), kept);
    assert_true(status_of(r).broker_refused || status_of(r).broker_fail.code != SB_OK);
    fed_take_over(r->f, 3, "log-3");
    uint64_t end = r->f->leaf_count;
    offer(r, 2, kept, note_at(r, end, 3));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, kept, end, 3);
    assert_int_equal(status_of(r).term, 3);
}

/* Our log parts from the kept one below the HANDOVER: down to the sealed head, and on from there. */
static void test_fork_below(void **state)
{
    rig *r = *state;
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK); /* another suffix, of the same length */
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "rewind to %llu commit", (unsigned long long)sealed.size);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), wanted));
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, sealed.size, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).cosigned_size, end);
}

/* Who showed the HANDOVER is gone, and the old broker is back: nothing of what came was proved. */
static void test_catching_up_is_given_up(void **state)
{
    rig *r = *state;
    uint64_t part = 5, kept = r->f->leaf_count;
    follow(r, part);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_down(r, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, part, kept, 2); /* ends with a STATE: what could be cosigned, were it proved */
    assert_int_equal(status_of(r).size, kept);
    link_down(r, 2);
    link_up(r, 3, SB_FOL_ROLE_BROKER);
    welcome(r, 3, kept, 1);
    assert_int_equal(r->rewinds, 0);
    assert_null(strstr(tick(r, 9000), "COSIGNED"));
    const char *trace = tick(r, 2000);
    assert_null(strstr(trace, "COSIGNED"));
    assert_true(has(trace, "rewind to 5 commit -HEAD"));
    assert_int_equal(status_of(r).size, part);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).outbox, 0); /* what isn't proved isn't handed in either */
    assert_false(status_of(r).catching_up);
    welcome(r, 3, kept, 1);
    assert_true(has(leaves(r, 3, part, kept, 1), "+COSIGNED"));
}

/* It is seen only when leaves come: our log was the shorter one. */
static void test_fork_seen_on_the_way(void **state)
{
    rig *r = *state;
    sb_head sealed;
    fed_last_seal(r->f, &sealed);
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
        assert_int_equal(fed_state(r->f), SB_OK);
    }
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, ours, end, 2);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, sealed.size);
    assert_false(status_of(r).conflict); /* the old key signed nothing of this */
    offer(r, 2, kept, note_at(r, end, 2));
    leaves(r, 2, sealed.size, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

/* Left alone on the one of two histories that term 1's key signed, `steps` things long, while the
 * others go on: two of the four that confirm get new keys there, which is sealed, and with them
 * they promise term 2. By the keys that we know that is no quorum. Returns how much it continues
 * from. */
static uint64_t left_alone(rig *r, int steps, bool is_convicted)
{
    static const char *const changed[][3] = {
        {"kommune-a/witness", "kommune-a/witness-2", "kommune-a/recovery"},
        {"lege/witness", "lege/witness-2", "lege/recovery"}};
    uint64_t common = r->f->leaf_count, ours = 0;
    for (int i = 0; i < steps; i++)
        ours = unsealed(r);
    follow(r, ours);
    certified_on(r, 1, common, 1, 4, false);
    assert_true(status_of(r).final_size > 0);
    link_down(r, 1);
    fed_cut(r->f, (size_t)common);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t parted = r->f->leaf_count;
    for (uint32_t i = 0; i < 2; i++) {
        Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
        m.old_pk = data_of(sb_slice_of(fed_key_of(r->f, changed[i][0])->pk, 32));
        m.new_pk = data_of(sb_slice_of(fed_key_of(r->f, changed[i][1])->pk, 32));
        assert_ptr_equal(fed_witness(r->f, i + 1), fed_key_of(r->f, changed[i][0]));
        fed_must(r->f, SB_ENTRY_KEY_REPLACE, &m.base, changed[i][2]);
        snprintf(r->f->witness[i + 1], sizeof r->f->witness[0], "%s", changed[i][1]);
    }
    fed_seal(r->f);
    uint64_t kept = r->f->leaf_count;
    fed_take_over(r->f, 2, "log-2");
    if (is_convicted) {
        link_up(r, 4, SB_FOL_ROLE_NODE);
        assert_true(has(certified_on(r, 4, parted, 1, 0, true), "+EVIDENCE"));
        link_down(r, 4);
    }
    assert_int_equal(status_of(r).conflict, is_convicted);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    r->now.legal_ms = r->f->now_ms + 1000;
    return kept;
}

static void comes_back(rig *r, uint64_t kept, uint64_t final)
{
    uint64_t end = r->f->leaf_count;
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, final); /* what is final is never dropped */
    assert_int_equal(status_of(r).final_size, final);
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    assert_true(has(leaves(r, 2, final, end, 2), "+COSIGNED"));
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).cosigned_size, end);
    assert_int_equal(r->rewinds, 1);
}

/* Evidence against who ordered its term lets a node leave what isn't final. */
static void test_left_alone_with_evidence(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 1, true), end = r->f->leaf_count, ours = status_of(r).size;
    uint64_t final = status_of(r).final_size;
    assert_true(final < ours && ours < kept); /* seen when leaves come */
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    assert_int_equal(r->rewinds, 0);
    leaves(r, 2, ours, end, 2);
    comes_back(r, kept, final);
}

static void test_left_alone_with_evidence_and_more(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 8, true), end = r->f->leaf_count;
    uint64_t final = status_of(r).final_size;
    assert_true(status_of(r).size > kept); /* seen at once */
    offer(r, 2, kept, note_at(r, end, 2));
    comes_back(r, kept, final);
}

/* … and nothing but evidence does, where the promises are none that it knows. */
static void test_left_alone_without_evidence(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 1, false), end = r->f->leaf_count, ours = status_of(r).size;
    assert_true(has(offer(r, 2, kept, note_at(r, end, 2)), "+CATCHUP"));
    leaves(r, 2, ours, end, 2);
    assert_int_equal(status_of(r).broker_fail.code, SB_E_FOLLOWER_FORK);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).size, ours);
    assert_int_equal(status_of(r).term, 1);
    assert_false(status_of(r).catching_up);
}

static void test_left_alone_without_evidence_and_more(void **state)
{
    rig *r = *state;
    uint64_t kept = left_alone(r, 8, false), end = r->f->leaf_count, ours = status_of(r).size;
    assert_true(ours > kept);
    offer(r, 2, kept, note_at(r, end, 2));
    assert_int_equal(status_of(r).broker_fail.code, SB_E_FOLLOWER_FORK);
    assert_int_equal(r->rewinds, 0);
    assert_int_equal(status_of(r).size, ours);
    assert_false(status_of(r).catching_up);
}

static void test_evidence_alone_drops_nothing_sealed(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count;
    unsealed(r);
    sb_head sealed = fed_head_now(r->f);
    fed_seal(r->f); /* a quorum cosigned it, and nothing above it is certified */
    uint64_t ours = r->f->leaf_count;
    follow(r, ours);
    certified_on(r, 1, common, 1, 4, false);
    assert_true(status_of(r).final_size < sealed.size && sealed.size < ours);
    /* another head by the same key */
    sb_checkpoint other = head_at(r, ours, 1);
    other.root[0] ^= 1;
    sb_slice note = sign_head(r, &other, "log");
    Sb__PeerHead p = SB__PEER_HEAD__INIT;
    p.note = data_of(note);
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PEER_HEAD;
    f.peer_head = &p;
    link_up(r, 4, SB_FOL_ROLE_NODE);
    frame_on(r, 4, &f, NULL);
    assert_true(status_of(r).conflict);
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise(r->f, &h, 3, &made_up, &made_up); /* a liar alone */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer_made(r, 2, fed_handover_message(r->f, &h), ours);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, sealed.size);
}

static void test_bad_offers(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    sb_checkpoint head = head_at(r, end, 2), early = head_at(r, kept, 2), old = head_at(r, end, 1);
    struct {
        uint64_t index;
        sb_slice note;
    } bad[] = {
        {kept, sign_head(r, &head, "log")},    /* not by the promised key */
        {kept, sign_head(r, &early, "log-2")}, /* doesn't contain it */
        {kept, sign_head(r, &old, "log-2")},   /* of the old term */
        {kept, sb_slice_str("no note")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        link_up(r, 2, SB_FOL_ROLE_BROKER);
        assert_string_equal(offer(r, 2, bad[i].index, bad[i].note), "");
        assert_int_equal(status_of(r).size, kept);
        assert_false(status_of(r).catching_up);
        link_down(r, 2);
    }
    assert_int_equal(status_of(r).broker_link, 1); /* all the while the old one is followed */
}

/* Of two terms the higher is followed, and one HANDOVER after another. */
static void test_two_terms_later(void **state)
{
    rig *r = *state;
    uint64_t first = r->f->leaf_count;
    uint64_t longer = unsealed(r);
    follow(r, longer);
    fed_cut(r->f, (size_t)first);
    fed_take_over(r->f, 2, "log-2");
    fed_seal(r->f);
    uint64_t second = r->f->leaf_count;
    fed_take_over(r->f, 3, "log-3");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, first, note_at(r, end, 3)); /* the first one drops our suffix… */
    assert_int_equal(r->rewound_to, first);
    offer(r, 2, first, note_at(r, end, 3));
    assert_false(status_of(r).catching_up); /* … and its key signs nothing any more */
    assert_true(has(offer(r, 2, second, note_at(r, end, 3)), "+CATCHUP"));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, first, end, 3);
    assert_int_equal(status_of(r).term, 3);
    assert_int_equal(r->rewinds, 1);
    /* we show both to who is behind */
    link_up(r, 4, SB_FOL_ROLE_NODE);
    Sb__Hello hello = SB__HELLO__INIT;
    hello.term = 1;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_HELLO;
    f.hello = &hello;
    const char *trace = frame_on(r, 4, &f, NULL);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 HandoverOffer %llu", (unsigned long long)first);
    assert_true(has(trace, wanted));
    snprintf(wanted, sizeof wanted, "send 4 HandoverOffer %llu", (unsigned long long)second);
    assert_true(has(trace, wanted));
    assert_true(has(trace, "send 4 Welcome"));
}

/* ---- a restored store ---- */

/* A listed standby that ordered a term already, or a consent to its key: nothing could come of it. */
static void test_used_key_is_promised_nothing(void **state)
{
    rig *r = *state;
    uint64_t first = r->f->leaf_count;
    follow(r, first);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, first, note_at(r, end, 2));
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, 2, first, end, 2);
    assert_int_equal(status_of(r).term, 2);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 4, "log-2"), "SB_E_LEDGER_HANDOVER_KEY"));
    consent(r, 4, "log-2", "unn/authority");
    assert_true(has(ask_promise(r, 4, "log-2"), "SB_E_LEDGER_HANDOVER_KEY"));
}

static void test_restored(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    uint8_t key[1], row[13];
    r->now.legal_ms = r->f->now_ms + 1000;
    uint64_t restored_s = r->now.legal_ms / 1000 + 30;
    sb_follower_restored_row(restored_s, key, row);
    sb_kv_put(r->store.own, sb_slice_of(key, 1), sb_slice_of(row, sizeof row));
    reopen(r);
    follow(r, size);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_RESTORED);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_RESTORED"));
    /* what a quorum confirmed before says nothing of what we did since */
    uint64_t now_ms = r->now.legal_ms;
    r->now.legal_ms = restored_s * 1000 - 5000;
    assert_null(strstr(certified_on(r, 1, size, 1, 3, false), "COSIGNED"));
    assert_true(status_of(r).restored);
    r->now.legal_ms = now_ms;
    assert_true(has(certified_on(r, 1, size, 1, 3, false), "+COSIGNED"));
    assert_int_equal(status_of(r).cosigned_size, size);
    /* promises by itself only in a later term */
    tick(r, 181000);
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_RESTORED"));
    consent(r, 2, "log-2", "unn/authority");
    assert_true(has(ask_promise(r, 2, "log-2"), "PromiseGiven 2"));
}

/* A store that was lost, while the witness key was kept: the log bears our own hand, the record knows
 * nothing of it. The node notices by itself, and takes care like one that was restored. */
static void test_lost_store(void **state)
{
    rig *r = *state;
    const uint32_t with_us[] = {0, 1, 2};
    uint64_t sealed = unsealed(r), before = r->f->leaf_count;
    assert_int_equal(fed_seal_by(r->f, with_us, 3), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t size = r->f->leaf_count;
    follow(r, before - 1);
    assert_false(status_of(r).restored); /* nothing of ours yet */
    assert_true(has(leaves(r, 1, before - 1, size, 1), "+RESTORED"));
    assert_true(status_of(r).restored);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_RESTORED);
    assert_int_equal(status_of(r).cosigned_size, sealed); /* so much the log says of it */
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, 1, size, 1);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_null(strstr(tick(r, 61000), "Cosign"));
    assert_true(has(ask_promise(r, 2, "log-2"), "SB_E_FOLLOWER_PROMISE_RESTORED"));
    certified_on(r, 1, size, 1, 3, false);
    assert_int_equal(status_of(r).cosigned_size, size);
    assert_true(status_of(r).restored); /* promises only by consent in this term */
}

static uint64_t time_cosigned(rig *r)
{
    sb_slice row;
    uint8_t key = SB_FOL_ROW_COSIGNED;
    assert_true(sb_kv_get(r->store.own, sb_slice_of(&key, 1), &row));
    sb_reader reader = sb_reader_over(row);
    sb_read_bytes(&reader, 4 + 8 + 32);
    return sb_read_u64(&reader);
}

/* Before the log gives the record back something was cosigned anew, at a time that the record then
 * doesn't have: the next one isn't dated before it, though the clock was set back meanwhile. */
static void test_lost_time(void **state)
{
    rig *r = *state;
    const uint32_t with_us[] = {0, 1, 2};
    uint64_t before = r->f->leaf_count;
    unsealed(r);
    assert_int_equal(fed_seal_by(r->f, with_us, 3), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t size = r->f->leaf_count;
    follow(r, before - 1);
    r->now.legal_ms += 90 * 1000;
    leaves(r, 1, before - 1, before, 1);
    uint64_t anew_s = time_cosigned(r);
    assert_int_equal(anew_s, r->now.legal_ms / 1000);
    assert_true(has(leaves(r, 1, before, size, 1), "+RESTORED"));
    assert_true(time_cosigned(r) < anew_s); /* what the log has of us */
    r->now.legal_ms -= 60 * 1000;
    r->later_s = 61;
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, 1, size, 1);
    assert_true(has(certified_on(r, 1, size, 1, 3, false), "+COSIGNED"));
    assert_int_equal(time_cosigned(r), anew_s);
}

static void test_lost_promise(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    assert_false(status_of(r).restored);
    uint64_t kept = r->f->leaf_count;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    for (uint32_t i = 0; i < 3; i++)
        fed_promise_of(r->f, &h, i);
    assert_int_equal(fed_hand_over(r->f, fed_handover_message(r->f, &h), "log-2"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    welcome(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 2, kept, end, 2), "+RESTORED"));
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_RESTORED);
    certified_on(r, 2, end, 2, 4, false);
    assert_int_equal(status_of(r).cosigned_term, 1);
    r->now.legal_ms += 2000;
    certified_on(r, 2, end, 2, 4, false);
    assert_int_equal(status_of(r).cosigned_term, 2);
}

/* ---- other nodes ---- */

/* A log of the same key with another leaf: what another group of nodes would be shown. */
static void test_peer_shows_another_history(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    assert_int_equal(r->f->leaf_count, ours);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    const char *trace = certified_on(r, 4, ours, 1, 0, true);
    assert_true(has(trace, "+EVIDENCE"));
    assert_true(has(trace, "conflict SB_E_FOLLOWER_CONFLICT"));
    assert_int_equal(status_of(r).state, SB_FOL_STATE_CONFLICT);
    sb_fol_evidence e;
    uint64_t at = 0;
    sb_evidence_verdict verdict;
    assert_true(sb_follower_evidence_next(r->fol, &at, &e));
    assert_int_equal(sb_evidence_judge(e.file, NULL, &r->arena, &verdict, NULL), SB_OK);
    assert_int_equal(verdict.kind, SB_EVIDENCE_HEADS);
    /* it holds in this term only */
    fed_cut(r->f, (size_t)common);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, common, note_at(r, end, 2));
    offer(r, 2, common, note_at(r, end, 2));
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 2, common, end, 2), "+COSIGNED"));
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).evidence, 1);
}

/* The other's log is longer, and not ours: its own proof convicts the log key. */
static void test_longer_history_of_a_peer(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    fed_cut(r->f, (size_t)common);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
        assert_int_equal(fed_state(r->f), SB_OK);
    }
    uint64_t theirs = r->f->leaf_count;
    link_up(r, 4, SB_FOL_ROLE_NODE);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 ConsistencyGet %llu %llu", (unsigned long long)ours,
             (unsigned long long)theirs);
    assert_true(has(certified_on(r, 4, theirs, 1, 0, true), wanted));
    sb_proof proof;
    sb_checkpoint at_ours = head_at(r, ours, 1);
    assert_int_equal(sb_tree_consistency(sb_ledger_tree(r->f->ledger), ours, theirs,
                                         (sb_tile_reader){0}, &proof, NULL),
                     SB_OK);
    ProtobufCBinaryData hashes[SB_PROOF_HASHES_MAX];
    for (uint32_t i = 0; i < proof.count; i++)
        hashes[i] = (ProtobufCBinaryData){.len = 32, .data = proof.hashes[i].b};
    Sb__Consistency m = SB__CONSISTENCY__INIT;
    m.from = ours;
    m.to = theirs;
    m.n_proof = proof.count;
    m.proof = hashes;
    m.root = (ProtobufCBinaryData){.len = 32, .data = at_ours.root};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CONSISTENCY;
    f.consistency = &m;
    at_ours.root[3] ^= 1; /* a proof that fails proves nothing */
    assert_string_equal(frame_on(r, 4, &f, NULL), "");
    at_ours.root[3] ^= 1;
    tick(r, 6000);
    certified_on(r, 4, theirs, 1, 0, true);
    assert_true(has(frame_on(r, 4, &f, NULL), "conflict SB_E_FOLLOWER_CONFLICT"));
    sb_fol_evidence e;
    uint64_t at = 0;
    sb_evidence_verdict verdict;
    assert_true(sb_follower_evidence_next(r->fol, &at, &e));
    assert_int_equal(sb_evidence_judge(e.file, NULL, &r->arena, &verdict, NULL), SB_OK);
}

/* What the broker doesn't give and a quorum has confirmed comes from another node. */
static void test_withheld(void **state)
{
    rig *r = *state;
    uint64_t ours = r->f->leaf_count;
    follow(r, ours);
    uint64_t theirs = unsealed(r);
    unsealed(r);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome(r, 4, theirs, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    certified_on(r, 4, theirs, 1, 3, true);
    assert_int_equal(status_of(r).withheld_size, 0);
    char wanted[64];
    snprintf(wanted, sizeof wanted, "send 4 Pull from %llu", (unsigned long long)ours);
    assert_true(has(tick(r, 5000), wanted));
    assert_int_equal(status_of(r).withheld_size, theirs);
    assert_int_equal(status_of(r).withheld_since_ms, r->now.legal_ms);
    leaves(r, 4, ours, theirs, 1);
    assert_int_equal(status_of(r).size, theirs);
    tick(r, 50);
    assert_int_equal(status_of(r).withheld_size, 0);
}

/* Leaves under a longer head, with the proof that they are below it. */
static void test_serves_and_takes_proved_leaves(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    Sb__Pull pull = SB__PULL__INIT;
    pull.from = 2;
    pull.credit = 3;
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PULL;
    f.pull = &pull;
    sb_fol_event event = {.kind = SB_FOL_FRAME, .link = 4, .frame = &f, .now = r->now};
    sb_fol_effects effects;
    sb_follower_step(r->fol, &event, &effects);
    assert_int_equal(effects.count, 1);
    const Sb__Frame *given;
    assert_int_equal(sb_frame_decode(effects.items[0].bytes, &r->arena, &given, NULL), SB_OK);
    assert_int_equal(given->body_case, SB__FRAME__BODY_LEAVES);
    assert_int_equal(given->leaves->from, 2);
    assert_int_equal(given->leaves->n_leaves, 3);
    assert_true(given->leaves->n_proof > 0);
    /* another node with two leaves takes them */
    sim_store_deinit(&r->store);
    sim_store_init(&r->store);
    reopen(r);
    follow(r, 2);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    sb_leaf opened[3];
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            sb_leaf_open(sb_slice_of(given->leaves->leaves[i].data, given->leaves->leaves[i].len),
                         &r->arena, &opened[i], NULL),
            SB_OK);
    feed(r, (sb_fol_event){
                .kind = SB_FOL_FRAME, .link = 4, .frame = given, .leaves = opened, .opened = 3});
    assert_int_equal(status_of(r).size, 5);
    /* a broken proof is nobody's fault but the link's */
    sim_store_deinit(&r->store);
    sim_store_init(&r->store);
    reopen(r);
    follow(r, 2);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    given->leaves->proof[0].data[0] ^= 1;
    assert_string_equal(
        feed(r,
             (sb_fol_event){
                 .kind = SB_FOL_FRAME, .link = 4, .frame = given, .leaves = opened, .opened = 3}),
        "");
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).size, 2);
}

/* What gets no receipt goes to the other nodes; what they hand in is ours to pass on. */
static void test_round_the_broker(void **state)
{
    rig *r = *state;
    follow(r, r->f->leaf_count);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    welcome(r, 4, r->f->leaf_count, 1);
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)(uintptr_t) "ssu";
    report.title = (char *)(uintptr_t) "En sak";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat", NULL, &entry);
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(sb_buf_slice(&entry), &r->arena, &leaf, NULL), SB_OK);
    sb_fol_event event = {
        .kind = SB_FOL_MEMBER_SUBMIT, .entry = sb_buf_slice(&entry), .leaf = &leaf, .member = 3};
    assert_true(has(feed(r, event), "send Submit"));
    assert_null(strstr(tick(r, 29000), "send 4 Submit"));
    assert_true(has(tick(r, 1500), "send 4 Submit"));
    assert_null(strstr(tick(r, 1000), "send 4 Submit"));
    assert_int_equal(status_of(r).held_back, 1);
    /* another node, that gets it from us */
    sim_store_deinit(&r->store);
    sim_store_init(&r->store);
    reopen(r);
    follow(r, r->f->leaf_count);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    Sb__Submit submit = SB__SUBMIT__INIT;
    submit.entry = data_of(sb_buf_slice(&entry));
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_SUBMIT;
    f.submit = &submit;
    sb_fol_event offered = {
        .kind = SB_FOL_FRAME, .link = 4, .frame = &f, .entry = sb_buf_slice(&entry), .leaf = &leaf};
    assert_true(has(feed(r, offered), "send Submit"));
    reopen(r);
    size_t at = 0;
    sb_fol_outbox_row row;
    assert_true(sb_follower_outbox_next(r->fol, r->now, &at, &row));
    assert_true(row.of_peer);
    sb_buf_deinit(&entry);
}

/* A HANDOVER of this term, beyond all logs, that nobody promised: the signature is nobody's. */
static const Sb__Handover *far_away(rig *r, uint32_t term, const char *key)
{
    sb_head made_up = {.term = 1, .size = 1000000};
    memset(made_up.root, 7, 32);
    fed_handover h = fed_handover_begin(r->f, term, key);
    fed_promise(r->f, &h, 3, &made_up, &made_up);
    Sb__Handover *m = fed_handover_message(r->f, &h);
    memset(m->promises[0]->signature.data, 0, 64);
    m->continues_size = 1000000;
    return m;
}

static void something_happens(rig *r)
{
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
}

/* The broker orders on, and the others take over: the node follows both. */
static void follows_on(rig *r, uint64_t size)
{
    something_happens(r);
    uint64_t more = r->f->leaf_count;
    leaves(r, 1, size, more, 1);
    assert_int_equal(status_of(r).size, more);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, more, note_at(r, end, 2));
    leaves(r, 2, more, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_int_equal(status_of(r).size, end);
}

/* Another node shows a HANDOVER that can't be judged: not while the broker is there. */
static void test_another_node_holds_nobody(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    offer_by(r, 4, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    assert_int_equal(status_of(r).broker_link, 1);
    follows_on(r, size);
}

/* A standby does: it holds the node for so long as something comes, and then not again at once. */
static void test_what_is_not_proved_gives_way(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    follow(r, size);
    link_up(r, 5, SB_FOL_ROLE_BROKER);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_int_equal(status_of(r).catchup_term, 900);
    tick(r, 9000);
    assert_true(status_of(r).catching_up);
    tick(r, 1000);
    assert_false(status_of(r).catching_up);
    assert_int_equal(status_of(r).broker_link, 1);
    assert_int_equal(status_of(r).broker_fail.code, SB_E_FOLLOWER_HANDOVER_OFFER);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    offer_by(r, 5, far_away(r, 901, "log-3"), "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    tick(r, 30000); /* it may have been somebody slow: again, then twice as long not */
    offer_by(r, 5, far_away(r, 901, "log-3"), "log-3", 1000000);
    assert_true(status_of(r).catching_up);
    tick(r, 10000);
    tick(r, 30000);
    offer_by(r, 5, far_away(r, 901, "log-3"), "log-3", 1000000);
    assert_false(status_of(r).catching_up);
    r->f->now_ms = r->now.legal_ms;
    follows_on(r, size);
}

/* What a quorum promised goes before a later term that nobody did. */
static void test_what_is_proved_goes_first(void **state)
{
    rig *r = *state;
    uint64_t size = unsealed(r);
    follow(r, size);
    fed_cut(r->f, (size_t)size - 2); /* the others don't have our last leaves */
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 5, SB_FOL_ROLE_BROKER);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_int_equal(status_of(r).catchup_term, 900);
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, size - 2, note_at(r, end, 2));
    assert_int_equal(r->rewound_to, size - 2);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    offer(r, 2, size - 2, note_at(r, end, 2));
    assert_int_equal(status_of(r).catchup_term, 2);
    offer_by(r, 5, far_away(r, 900, "log-3"), "log-3", 1000000);
    assert_int_equal(status_of(r).catchup_term, 2);
    leaves(r, 2, size - 2, end, 2);
    assert_int_equal(status_of(r).term, 2);
}

/* A broker that was convicted: also then nobody goes back to the term before by a liar's word. */
static void test_evidence_keeps_the_term(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    fed_take_over(r->f, 2, "log-2");
    something_happens(r);
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    leaves(r, 2, kept, end, 2);
    assert_int_equal(status_of(r).term, 2);
    assert_true(status_of(r).final_size <= kept);
    sb_checkpoint other = head_at(r, end, 2); /* another head by the same key */
    other.root[0] ^= 1;
    Sb__PeerHead p = SB__PEER_HEAD__INIT;
    p.note = data_of(sign_head(r, &other, "log-2"));
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PEER_HEAD;
    f.peer_head = &p;
    link_up(r, 4, SB_FOL_ROLE_NODE);
    frame_on(r, 4, &f, NULL);
    assert_true(status_of(r).conflict);
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    fed_handover h = fed_handover_begin(r->f, 3, "log-3");
    fed_promise(r->f, &h, 3, &made_up, &made_up); /* a liar alone */
    offer_by(r, 4, fed_handover_message(r->f, &h), "log-3", end);
    assert_int_equal(r->rewinds, 1);
    assert_int_equal(r->rewound_to, kept + 1); /* its HANDOVER stays */
    assert_int_equal(status_of(r).term, 2);
}

/* A standby says that it orders our term while the broker is away for a moment, and spoils a leaf
 * under the broker's own head: that convicts nobody, and the broker is followed again at once. */
static void test_lying_standby_convicts_nobody(void **state)
{
    rig *r = *state;
    uint64_t common = r->f->leaf_count, ours = unsealed(r);
    follow(r, ours);
    certified_on(r, 1, common, 1, 4, false);
    const uint8_t *standby = fed_key_of(r->f, "log-2")->pk; /* as in with_standby() */
    feed(r, (sb_fol_event){
                .kind = SB_FOL_LINK_UP, .link = 2, .role = SB_FOL_ROLE_BROKER, .who = standby});
    welcome(r, 2, ours, 1);
    link_down(r, 1);
    assert_int_equal(status_of(r).broker_link, 2);
    assert_int_equal(fed_appoint_office(r->f, "deputy-leader", "deputy-leader"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t end = r->f->leaf_count;
    sb_slice bytes = sb_arena_copy(&r->arena, fed_leaf(r->f, (size_t)ours));
    ((uint8_t *)(uintptr_t)bytes.data)[bytes.len - 1] ^= 1;
    ProtobufCBinaryData list[] = {data_of(bytes), data_of(fed_leaf(r->f, (size_t)ours + 1))};
    assert_int_equal(end - ours, 2);
    sb_fail refusal = {.code = SB_E_SIGNATURE};
    Sb__Leaves m = SB__LEAVES__INIT;
    m.from = ours;
    m.n_leaves = 2;
    m.leaves = list;
    m.head = data_of(note_at(r, end, 1)); /* the honest broker's own */
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_LEAVES;
    f.leaves = &m;
    assert_string_equal(feed(r, (sb_fol_event){.kind = SB_FOL_FRAME,
                                               .link = 2,
                                               .frame = &f,
                                               .leaves = NULL,
                                               .opened = 0,
                                               .refusal = &refusal}),
                        "");
    assert_false(status_of(r).conflict);
    assert_int_equal(status_of(r).evidence, 0);
    assert_int_equal(status_of(r).fault.code, SB_E_MERKLE_PROOF);
    /* nor does it drop anything for a made-up HANDOVER */
    sb_head made_up = fed_head_now(r->f);
    made_up.root[0] ^= 1;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    fed_promise(r->f, &h, 3, &made_up, &made_up);
    offer_made(r, 2, fed_handover_message(r->f, &h), ours);
    assert_int_equal(r->rewinds, 0);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, 1, ours, 1);
    assert_int_equal(status_of(r).broker_link, 1);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves(r, 1, ours, end, 1), "+COSIGNED"));
}

/* Of a promiser whose key is the lowest: the highest rank that is named, under a made-up root. The
 * record takes what the log has, as the fold does. */
static void test_liars_seal_is_not_in_the_record(void **state)
{
    rig *r = *state;
    uint32_t low = 1;
    for (uint32_t i = 2; i < 4; i++)
        if (memcmp(fed_witness(r->f, i)->pk, fed_witness(r->f, low)->pk, 32) < 0)
            low = i;
    fed_handover h = fed_handover_begin(r->f, 2, "log-2");
    sb_head made_up = h.sealed;
    made_up.root[0] ^= 0xff;
    fed_cut(r->f, (size_t)h.sealed.size); /* its SEAL leaf too: known by the HANDOVER alone */
    h.continues = h.sealed;
    h.cosigned = h.sealed;
    for (uint32_t i = 1; i < 4; i++)
        fed_promise(r->f, &h, i, i == low ? &made_up : &h.sealed, &h.sealed);
    assert_int_equal(fed_hand_over(r->f, fed_handover_message(r->f, &h), "log-2"), SB_OK);
    assert_int_equal(fed_state(r->f), SB_OK);
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    r->now.legal_ms = r->f->now_ms + 1000;
    offer(r, 2, h.sealed.size, note_at(r, end, 2));
    leaves(r, 2, 0, end, 2);
    assert_int_equal(status_of(r).term, 2);
    sb_slice row;
    const uint8_t table = SB_FOL_ROW_SEALED;
    assert_true(sb_kv_get(r->store.own, sb_slice_of(&table, 1), &row));
    assert_memory_equal(row.data + 12, h.sealed.root, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(test_peers_are_counted_once),
        TEST(test_promise_after_silence),
        TEST(test_promise_names_what_was_held),
        TEST(test_promise_though_one_was_ahead),
        TEST(test_one_term_a_silence),
        TEST(test_promise_refusals),
        TEST(test_promise_by_consent),
        TEST(test_promise_ends_the_old_term),
        TEST(test_follows_what_it_holds),
        TEST(test_drops_what_is_not_kept),
        TEST(test_entries_come_back),
        TEST(test_known_entries_come_back),
        TEST(test_cut_and_refused),
        TEST(test_cut_and_given_up),
        TEST(test_cut_and_hopeless),
        TEST(test_cut_close_waits),
        TEST(test_cut_close_waits_after_a_start),
        TEST(test_cut_close_waits_behind_others),
        TEST(test_new_close_behind_cut_ones_waits),
        TEST(test_close_without_receipt_waits),
        TEST(test_cut_goes_before_later),
        TEST(test_offers_in_turn),
        TEST(test_cut_of_others_is_bounded),
        TEST(test_cut_before_ours_is_kept),
        TEST(test_catches_up),
        TEST(test_catches_up_from_nothing),
        TEST(test_refused_in_its_place),
        TEST(test_made_up_seal_drops_nothing),
        TEST(test_catches_up_past_a_lying_peer),
        TEST(test_refused_then_right),
        TEST(test_fork_below),
        TEST(test_fork_seen_on_the_way),
        TEST(test_left_alone_with_evidence),
        TEST(test_left_alone_with_evidence_and_more),
        TEST(test_left_alone_without_evidence),
        TEST(test_left_alone_without_evidence_and_more),
        TEST(test_evidence_alone_drops_nothing_sealed),
        TEST(test_catching_up_is_given_up),
        TEST(test_another_node_holds_nobody),
        TEST(test_what_is_not_proved_gives_way),
        TEST(test_what_is_proved_goes_first),
        TEST(test_evidence_keeps_the_term),
        TEST(test_lying_standby_convicts_nobody),
        TEST(test_liars_seal_is_not_in_the_record),
        TEST(test_bad_offers),
        TEST(test_two_terms_later),
        TEST(test_used_key_is_promised_nothing),
        TEST(test_restored),
        TEST(test_lost_store),
        TEST(test_lost_time),
        TEST(test_lost_promise),
        TEST(test_peer_shows_another_history),
        TEST(test_longer_history_of_a_peer),
        TEST(test_withheld),
        TEST(test_serves_and_takes_proved_leaves),
        TEST(test_round_the_broker),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
