#include "tests/unit/standby_rig.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/wire/frame.h"
#include "tests/lib/cmocka_all.h"

static void feed(rig *r, sb_standby_event *event);

/* Level 0 of a federation's log, from its leaves: enough for logs below 65,536. */
static bool read_tile(void *arg, uint32_t level, uint64_t index, uint32_t first, uint32_t count,
                      sb_hash32 *out)
{
    const fed *log = arg;
    for (uint32_t i = 0; i < count && level == 0; i++)
        sb_leaf_hash(fed_leaf(log, (size_t)index * SB_TILE_WIDTH + first + i), out[i].b);
    return level == 0;
}

static sb_tile_reader tiles_of(fed *log)
{
    return (sb_tile_reader){.read = read_tile, .arg = log};
}

/* ---- opening ---- */

static void open_standby(rig *r, const sb_standby *before)
{
    sb_fail fail = {0};
    r->ledger = sim_store_ledger(&r->store);
    sb_standby_opts opts = {.ledger = r->ledger,
                            .log = sim_store_reader(&r->store),
                            .own = r->store.own,
                            .log_key = fed_key_of(r->f, r->key)->secret,
                            .slug = r->f->charter->slug,
                            .take_over = r->take_over,
                            .before = before};
    memcpy(opts.federation_id, r->f->federation_id, 32);
    assert_int_equal(sb_standby_open(&r->standby, &opts, &fail), SB_OK);
}

static void close_standby(rig *r)
{
    sb_standby_close(r->standby);
    sb_ledger_close(r->ledger);
    r->standby = NULL;
}

rig *rig_new(fed *f, const char *key, bool take_over)
{
    rig *r = calloc(1, sizeof *r);
    r->f = f;
    r->key = key;
    r->take_over = take_over;
    r->now = (sb_now){.legal_ms = f->now_ms, .mono_ms = 100000};
    sim_store_init(&r->store);
    sb_arena_init(&r->arena);
    open_standby(r, NULL);
    return r;
}

void rig_free(rig *r)
{
    close_standby(r);
    sim_store_deinit(&r->store);
    sb_arena_deinit(&r->arena);
    free(r);
}

static void everybody_up(rig *r)
{
    for (uint32_t i = 0; i < RIG_NODES_MAX; i++) {
        sb_standby_event up = {.kind = SB_STANDBY_PEER_UP, .peer = i + 1};
        memcpy(up.curve_pk, r->nodes[i].curve_pk, 32);
        if (r->nodes[i].is_up)
            feed(r, &up);
    }
}

void rig_restart(rig *r)
{
    close_standby(r);
    open_standby(r, NULL);
    everybody_up(r);
}

/* ---- what a node says ---- */

static void say(rig *r, uint32_t place, const Sb__Frame *frame)
{
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_frame_encode(frame, &bytes);
    sb_slice copy = sb_arena_copy(&r->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    const Sb__Frame *decoded;
    sb_fail fail = {0};
    assert_int_equal(sb_frame_decode(copy, &r->arena, &decoded, &fail), SB_OK);
    sb_standby_event event = {
        .kind = SB_STANDBY_FRAME, .peer = place + 1, .frame = decoded, .refusal = &fail};
    sb_leaf *leaves = NULL;
    if (decoded->body_case == SB__FRAME__BODY_LEAVES) {
        const Sb__Leaves *m = decoded->leaves;
        leaves = SB_ARENA_ARRAY(&r->arena, sb_leaf, m->n_leaves + 1);
        while (event.opened < m->n_leaves &&
               sb_leaf_open(sb_slice_of(m->leaves[event.opened].data, m->leaves[event.opened].len),
                            &r->arena, &leaves[event.opened], &fail) == SB_OK)
            event.opened++;
    } else if (decoded->body_case == SB__FRAME__BODY_HANDOVER_OFFER) {
        ProtobufCBinaryData leaf = decoded->handover_offer->leaf;
        leaves = SB_ARENA_NEW(&r->arena, sb_leaf);
        event.opened =
            sb_leaf_open(sb_slice_of(leaf.data, leaf.len), &r->arena, leaves, &fail) == SB_OK;
    }
    event.leaves = leaves;
    feed(r, &event);
}

/* The log key of the term of the head of this size, by its name in the federation. */
static sb_slice note_of(rig *r, fed *log, size_t size, const char *key, uint32_t cosigners)
{
    sb_checkpoint head = {.size = size};
    uint32_t term = sb_ledger_term_at(log->ledger, size);
    assert_int_equal(sb_origin(log->charter->slug, log->federation_id, term, head.origin, NULL),
                     SB_OK);
    assert_int_equal(
        sb_tree_root_at(sb_ledger_tree(log->ledger), size, tiles_of(log), head.root, NULL), SB_OK);
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(log, key)->secret, &note, NULL), SB_OK);
    for (uint32_t i = 0; i < cosigners; i++) {
        const fed_key *witness = fed_witness(log, i);
        sb_cosignature c;
        assert_int_equal(sb_cosign(&head, witness->secret, r->now.legal_ms / 1000, &c, NULL),
                         SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(witness->name), witness->pk, &c);
    }
    sb_slice copy = sb_arena_copy(&r->arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

static ProtobufCBinaryData data_of(sb_slice s)
{
    return (ProtobufCBinaryData){.len = s.len, .data = (uint8_t *)s.data};
}

static uint32_t term_of(const rig_node *n)
{
    return sb_ledger_term_at(n->log->ledger, n->size);
}

/* By the name that fed.h gives the key of each term in these tests. */
static const char *key_of_term(uint32_t term)
{
    return term == 1 ? "log" : term == 2 ? "log-2" : "log-3";
}

/* Over the index that is offered, of a history that nobody has. */
static sb_slice made_up_note(rig *r, const rig_node *n)
{
    sb_checkpoint head = {.size = n->offer_index + 1};
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(
        sb_origin(n->log->charter->slug, n->log->federation_id, n->offer_term, head.origin, NULL),
        SB_OK);
    assert_int_equal(
        sb_checkpoint_sign(&head, fed_key_of(n->log, n->offer_key)->secret, &note, NULL), SB_OK);
    sb_slice copy = sb_arena_copy(&r->arena, sb_buf_slice(&note));
    sb_buf_deinit(&note);
    return copy;
}

static void offer(rig *r, uint32_t place, uint32_t their_term)
{
    rig_node *n = &r->nodes[place];
    Sb__HandoverOffer m = SB__HANDOVER_OFFER__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_HANDOVER_OFFER;
    frame.handover_offer = &m;
    if (n->offer_leaf.len > 0) {
        m.index = n->offer_index;
        m.leaf = data_of(n->offer_leaf);
        m.head = data_of(n->offer_term > 0 ? made_up_note(r, n)
                                           : note_of(r, n->log, n->size, n->offer_key, 0));
        say(r, place, &frame);
        return;
    }
    for (uint32_t term = their_term + 1; term <= term_of(n); term++) {
        sb_ledger_term_info info;
        if (term == 1 || !sb_ledger_term_get(n->log->ledger, term, &info))
            continue;
        m.index = info.index;
        m.leaf = data_of(fed_leaf(n->log, info.index));
        m.head = data_of(note_of(r, n->log, n->size, key_of_term(term_of(n)), 0));
        say(r, place, &frame);
    }
}

static void on_hello(rig *r, uint32_t place, const Sb__Hello *hello)
{
    rig_node *n = &r->nodes[place];
    if (hello->term < term_of(n) || n->offer_leaf.len > 0)
        offer(r, place, hello->term);
    Sb__Welcome m = SB__WELCOME__INIT;
    m.federation_id = (ProtobufCBinaryData){.len = 32, .data = r->f->federation_id};
    m.size = n->size;
    m.term = n->claims > 0 ? n->claims : term_of(n);
    m.head = data_of(note_of(r, n->log, n->size, key_of_term(term_of(n)), 0));
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_WELCOME;
    frame.welcome = &m;
    say(r, place, &frame);
}

static void repeat(rig *r, uint32_t place)
{
    ProtobufCBinaryData leaf = data_of(fed_leaf(r->nodes[place].log, 0));
    Sb__Leaves m = SB__LEAVES__INIT;
    m.leaves = &leaf;
    m.n_leaves = 1;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_LEAVES;
    frame.leaves = &m;
    say(r, place, &frame);
}

static void on_pull(rig *r, uint32_t place, const Sb__Pull *pull)
{
    rig_node *n = &r->nodes[place];
    enum { PIECE = 16 };
    n->pulls++;
    n->credit = pull->credit;
    if (n->repeats)
        repeat(r, place);
    if (n->is_mute || n->repeats)
        return;
    uint64_t first = n->spoils && pull->from > 0 ? pull->from - 1 : pull->from;
    for (uint64_t from = first; from < n->size; from += PIECE) {
        ProtobufCBinaryData list[PIECE], path[SB_PROOF_HASHES_MAX];
        sb_proof proof;
        Sb__Leaves m = SB__LEAVES__INIT;
        m.from = from;
        m.leaves = list;
        while (m.n_leaves < PIECE && from + m.n_leaves < n->size) {
            list[m.n_leaves] = data_of(fed_leaf(n->log, from + m.n_leaves));
            m.n_leaves++;
        }
        if (from < pull->from) {
            list[0] = data_of(sb_arena_copy(&r->arena, fed_leaf(n->log, from)));
            list[0].data[list[0].len - 1] ^= 1;
        }
        assert_int_equal(sb_tree_consistency(sb_ledger_tree(n->log->ledger), from + m.n_leaves,
                                             n->size, tiles_of(n->log), &proof, NULL),
                         SB_OK);
        for (uint32_t i = 0; i < proof.count; i++)
            path[i] = (ProtobufCBinaryData){.len = 32, .data = proof.hashes[i].b};
        m.n_proof = proof.count;
        m.proof = path;
        m.head = data_of(note_of(r, n->log, n->size,
                                 n->offer_key != NULL ? n->offer_key : key_of_term(term_of(n)), 0));
        Sb__Frame frame = SB__FRAME__INIT;
        frame.body_case = SB__FRAME__BODY_LEAVES;
        frame.leaves = &m;
        say(r, place, &frame);
    }
}

static Sb__Head *wire_head(rig *r, const sb_head *head)
{
    if (head->size == 0)
        return NULL;
    Sb__Head *m = SB_ARENA_NEW(&r->arena, Sb__Head);
    *m = (Sb__Head)SB__HEAD__INIT;
    m->term = head->term;
    m->size = head->size;
    m->root = data_of(sb_arena_copy(&r->arena, sb_slice_of(head->root, 32)));
    return m;
}

static void refuse(rig *r, uint32_t place, const Sb__PromiseAsk *ask)
{
    rig_node *n = &r->nodes[place];
    char *args[1] = {n->refusal.arg[0]};
    Sb__Refused m = SB__REFUSED__INIT;
    m.entry_id = ask->log_pk;
    m.code = (uint32_t)n->refusal.code;
    m.n_args = n->refusal.argc;
    m.args = args;
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_REFUSED;
    frame.refused = &m;
    say(r, place, &frame);
}

static void would(rig *r, uint32_t place, const Sb__PromiseAsk *ask)
{
    Sb__PromiseGiven m = SB__PROMISE_GIVEN__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    m.term = ask->term;
    m.log_pk = ask->log_pk;
    m.witness_pk = (ProtobufCBinaryData){
        .len = 32, .data = (uint8_t *)fed_witness(r->f, r->nodes[place].organisation)->pk};
    m.seal = wire_head(r, &r->nodes[place].seal);
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = &m;
    say(r, place, &frame);
}

static void on_ask(rig *r, uint32_t place, const Sb__PromiseAsk *ask)
{
    rig_node *n = &r->nodes[place];
    n->asked_term = ask->term;
    bool binds = !ask->would || n->consents;
    n->asks += binds;
    n->woulds += !binds;
    if (!binds && (n->would || n->promises) && n->promised_term != ask->term) {
        would(r, place, ask);
        return;
    }
    if (!n->promises) {
        if (n->refusal.code != SB_OK)
            refuse(r, place, ask);
        return;
    }
    const fed_key *witness = fed_witness(r->f, n->organisation);
    sb_promise said = {.term = ask->term, .seal = n->seal, .cosigned = n->cosigned};
    memcpy(said.log_pk, ask->log_pk.data, 32);
    uint8_t sig[64];
    assert_int_equal(sb_promise_sign(r->f->federation_id, &said, witness->secret, sig, NULL),
                     SB_OK);
    Sb__PromiseGiven m = SB__PROMISE_GIVEN__INIT;
    m.term = ask->term;
    m.log_pk = ask->log_pk;
    m.witness_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)witness->pk};
    m.seal = wire_head(r, &n->seal);
    m.cosigned = wire_head(r, &n->cosigned);
    if (n->sealed != NULL) {
        m.n_cosignatures = n->sealed->n_cosignatures;
        m.cosignatures = n->sealed->cosignatures;
    }
    m.signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PROMISE_GIVEN;
    frame.promise_given = &m;
    n->promised_term = ask->term;
    say(r, place, &frame);
}

static void hear(rig *r, uint64_t peer, sb_slice bytes)
{
    uint32_t place = (uint32_t)peer - 1;
    const Sb__Frame *frame;
    assert_int_equal(sb_frame_decode(bytes, &r->arena, &frame, NULL), SB_OK);
    if (place >= RIG_NODES_MAX || !r->nodes[place].is_up)
        return;
    if (frame->body_case == SB__FRAME__BODY_HELLO)
        on_hello(r, place, frame->hello);
    else if (frame->body_case == SB__FRAME__BODY_PULL)
        on_pull(r, place, frame->pull);
    else if (frame->body_case == SB__FRAME__BODY_PROMISE_ASK)
        on_ask(r, place, frame->promise_ask);
}

/* ---- carrying out effects ---- */

static void rewind_to(rig *r, const sb_standby_effect *e)
{
    sb_slice probe = sb_arena_copy(&r->arena, e->probe);
    uint64_t size = e->size;
    size_t count = e->commit->put_count;
    sb_commit_put *puts = SB_ARENA_ARRAY(&r->arena, sb_commit_put, count + 1);
    for (size_t i = 0; i < count; i++)
        puts[i] = (sb_commit_put){.key = sb_arena_copy(&r->arena, e->commit->puts[i].key),
                                  .value = sb_arena_copy(&r->arena, e->commit->puts[i].value),
                                  .is_delete = e->commit->puts[i].is_delete};
    sb_standby *before = r->standby;
    sb_fail fail = {0};
    bool taken = sim_store_rewind(&r->store, size, probe, puts, count, &r->ledger, &fail) == SB_OK;
    sb_ledger_close(r->ledger);
    r->rewinds++;
    r->rewound_to = size;
    open_standby(r, before);
    sb_standby_close(before);
    if (!taken) {
        r->refused_cuts++;
        sb_standby_event refused = {.kind = SB_STANDBY_REFUSED, .probe = probe, .refusal = &fail};
        feed(r, &refused);
    }
    everybody_up(r);
}

typedef struct sent {
    uint64_t peer;
    sb_slice bytes;
} sent;

static void feed(rig *r, sb_standby_event *event)
{
    sb_standby_effects effects;
    if (r->took_over || r->failed)
        return;
    event->now = r->now;
    sb_standby_step(r->standby, event, &effects);
    if (effects.count == 1 && effects.items[0].kind == SB_STANDBY_COMMIT) {
        r->commits++;
        sim_store_commit(&r->store, effects.items[0].commit, r->ledger);
        sb_standby_event done = {.kind = SB_STANDBY_COMMITTED, .now = r->now};
        sb_standby_step(r->standby, &done, &effects);
    }
    sent *out = SB_ARENA_ARRAY(&r->arena, sent, effects.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < effects.count; i++) {
        const sb_standby_effect *e = &effects.items[i];
        if (e->kind == SB_STANDBY_SEND)
            out[count++] = (sent){.peer = e->peer, .bytes = sb_arena_copy(&r->arena, e->bytes)};
        r->wanted_blobs += e->kind == SB_STANDBY_WANT_BLOB;
        r->took_over = r->took_over || e->kind == SB_STANDBY_TAKE_OVER;
        if (e->kind == SB_STANDBY_FATAL) {
            r->failed = true;
            r->fail = e->fail;
        }
        if (e->kind == SB_STANDBY_REWIND) {
            rewind_to(r, e);
            return;
        }
    }
    for (size_t i = 0; i < count; i++)
        hear(r, out[i].peer, out[i].bytes);
}

/* ---- for tests ---- */

void rig_node_hello(rig *r, uint32_t place)
{
    rig_node *n = &r->nodes[place];
    Sb__Hello m = SB__HELLO__INIT;
    m.federation_id = (ProtobufCBinaryData){.len = 32, .data = r->f->federation_id};
    m.organisation = r->f->charter->organisations[n->organisation]->id;
    m.size = n->size;
    m.term = n->claims > 0 ? n->claims : term_of(n);
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_HELLO;
    frame.hello = &m;
    say(r, place, &frame);
    if (n->offer_leaf.len > 0)
        offer(r, place, 0);
}

rig_node *rig_node_up(rig *r, uint32_t place, uint32_t organisation)
{
    rig_node *n = &r->nodes[place];
    *n = (rig_node){
        .is_up = true, .log = r->f, .size = r->f->leaf_count, .organisation = organisation};
    n->sealed = fed_last_seal(r->f, &n->seal);
    n->cosigned = fed_head_now(r->f);
    n->promises = true;
    n->consents = r->take_over; /* operators agreed upon it */
    sb_standby_event up = {.kind = SB_STANDBY_PEER_UP, .peer = place + 1};
    feed(r, &up);
    rig_node_hello(r, place);
    return n;
}

static void connect(rig *r, uint32_t place, const uint8_t curve_pk[32])
{
    sb_standby_event up = {.kind = SB_STANDBY_PEER_UP, .peer = place + 1};
    memcpy(up.curve_pk, curve_pk, 32);
    memcpy(r->nodes[place].curve_pk, curve_pk, 32);
    feed(r, &up);
    rig_node_hello(r, place);
}

void rig_node_curve(rig *r, uint32_t place, uint8_t curve)
{
    uint8_t pk[32] = {curve};
    connect(r, place, pk);
}

void rig_node_known(rig *r, uint32_t place)
{
    sb_ledger_org org;
    assert_true(sb_ledger_org_get(r->f->ledger, r->nodes[place].organisation, &org));
    connect(r, place, org.curve_pk);
}

void rig_node_would(rig *r, uint32_t place, bool yes)
{
    Sb__PromiseAsk ask = SB__PROMISE_ASK__INIT;
    ask.term = r->nodes[place].asked_term;
    ask.log_pk = (ProtobufCBinaryData){.len = 32, .data = fed_key_of(r->f, r->key)->pk};
    if (yes)
        would(r, place, &ask);
    else
        refuse(r, place, &ask);
}

void rig_node_down(rig *r, uint32_t place)
{
    r->nodes[place].is_up = false;
    sb_standby_event down = {.kind = SB_STANDBY_PEER_DOWN, .peer = place + 1};
    feed(r, &down);
}

void rig_run(rig *r, uint64_t ms)
{
    for (uint64_t t = 0; t < ms && !r->took_over && !r->failed; t += 50) {
        r->now.mono_ms += 50;
        r->now.legal_ms += 50;
        sb_standby_event tick = {.kind = SB_STANDBY_TICK};
        feed(r, &tick);
        for (uint32_t i = 0; i < RIG_NODES_MAX && r->now.mono_ms % 500 == 0; i++)
            if (r->nodes[i].is_up && r->nodes[i].repeats && r->nodes[i].pulls > 0)
                repeat(r, i);
    }
}

void rig_until_taken_over(rig *r, uint64_t ms)
{
    rig_run(r, ms);
    if (r->failed)
        fail_msg("%s %s", sb_err_name(r->fail.code), r->fail.arg[0]);
    if (!r->took_over) {
        sb_standby_status s = rig_status(r);
        fail_msg("phase %d size %llu promised %u of %u refusal %s %s", (int)s.phase,
                 (unsigned long long)s.size, s.promised, s.needed,
                 s.has_refusal ? sb_err_name(s.refusal.code) : "-", s.refusal.arg[0]);
    }
}

void rig_life(rig *r, uint32_t place, size_t size, uint32_t cosigners)
{
    rig_node *n = &r->nodes[place];
    Sb__PeerHead m = SB__PEER_HEAD__INIT;
    m.note = data_of(note_of(r, n->log, size, key_of_term(term_of(n)), cosigners));
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_PEER_HEAD;
    frame.peer_head = &m;
    say(r, place, &frame);
}

sb_entry_type rig_leaf_type(rig *r, uint64_t index)
{
    sb_leaf leaf;
    assert_true(index < r->store.leaf_count);
    assert_int_equal(sb_leaf_open(sb_buf_slice(&r->store.leaves[index]), &r->arena, &leaf, NULL),
                     SB_OK);
    return leaf.entry.type;
}

const Sb__Handover *rig_handover(rig *r, uint64_t index)
{
    sb_leaf leaf;
    assert_int_equal(rig_leaf_type(r, index), SB_ENTRY_HANDOVER);
    assert_int_equal(sb_leaf_open(sb_buf_slice(&r->store.leaves[index]), &r->arena, &leaf, NULL),
                     SB_OK);
    return (const Sb__Handover *)leaf.message;
}

sb_standby_status rig_status(rig *r)
{
    sb_standby_status s;
    sb_standby_status_get(r->standby, r->now, &s);
    return s;
}

/* ---- cmocka's ---- */

void rig_with_standby(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    fed *keys = fed_new(NULL); /* names make the same keys everywhere */
    Sb__Standby *s = SB_ARENA_NEW(arena, Sb__Standby);
    *s = (Sb__Standby)SB__STANDBY__INIT;
    s->id = "reserve";
    sb_slice pk = sb_arena_copy(arena, sb_slice_of(fed_key_of(keys, "log-2")->pk, 32));
    s->log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)pk.data};
    s->curve_pk = s->log_pk;
    s->address = "tcp://reserve.example.no:7117";
    charter->standbys = SB_ARENA_ARRAY(arena, Sb__Standby *, 1);
    charter->standbys[0] = s;
    charter->n_standbys = 1;
    charter->silence_s = 60;
    fed_free(keys);
}

int rig_setup(void **state)
{
    fed_options options = {.edit = rig_with_standby};
    *state = fed_new(&options);
    fed_run(*state);
    return 0;
}

int rig_teardown(void **state)
{
    fed_free(*state);
    return 0;
}

void rig_all_up(rig *r, uint32_t nodes)
{
    for (uint32_t i = 0; i < nodes; i++)
        rig_node_up(r, i, i);
}
