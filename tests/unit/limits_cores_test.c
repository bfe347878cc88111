/* The bounds of the cores crossed: connections, entries of others, the outbox, evidence, terms. And
 * the bounds that can't be crossed because others are smaller. */
#include "tests/lib/cmocka_all.h"

#include "broker/sequencer/sequencer.h"
#include "broker/standby/standby.h"
#include "nodes/transport/net_zmq.h"
#include "proto/base/cursor.h"
#include "proto/base/limits.h"
#include "proto/wire/federation.h"
#include "tests/lib/liar.h"
#include "tests/lib/play.h"

static int setup(void **state)
{
    *state = liar_new();
    return 0;
}

static int teardown(void **state)
{
    liar_free(*state);
    return 0;
}

/* ---- what can't be crossed ---- */

static void test_what_fits_into_what(void **state)
{
    (void)state;
    /* a node's calls: the broker, the standbys, one consent, its peers; and two served sockets */
    assert_true(1 + SB_STANDBYS_MAX + 1 + SB_NODE_PEERS_MAX <= SB_NODE_DIALS_MAX);
    assert_true(SB_NODE_DIALS_MAX + 2 <= SB_NET_LINKS_MAX);
    /* every organisation may hold all the connections that a key may */
    assert_int_equal(SB_SEQ_PEERS_MAX, SB_NET_PEERS_A_KEY_MAX * SB_ORGANISATIONS_MAX);
    assert_int_equal(SB_STANDBY_PEERS_MAX, SB_SEQ_PEERS_MAX);
    assert_true(SB_SEQ_PEERS_MAX + SB_NET_LOCAL_PEERS_MAX <= SB_NET_PEERS_MAX);
    /* a frame of leaves, with its note and its proof */
    const int beside =
        SB_NOTE_BYTES_MAX + 34 * SB_PROOF_HASHES_MAX + 4096 + 8 * SB_LONG_FRAME_LEAVES_MAX;
    assert_true(SB_SEQ_PUSH_BYTES_MAX + SB_LEAF_BYTES_MAX + beside <= SB_FRAME_BYTES_MAX);
    assert_true(SB_FOL_SERVE_BYTES_MAX + SB_LEAF_BYTES_MAX + beside <= SB_FRAME_BYTES_MAX);
    assert_true(SB_LONG_FRAME_LEAVES_MAX <= SB_FOL_LEAVES_MAX);
    assert_true(SB_LONG_FRAME_LEAVES_MAX <= SB_STANDBY_LEAVES_MAX);
    assert_true(SB_SEQ_PUSH_BYTES_MAX <= SB_SEQ_PUSH_STEP_BYTES_MAX);
    assert_true((int)SB_FOL_CREDIT <= (int)SB_SEQ_CREDIT_MAX);
    assert_true((int)(SB_FOL_SERVE_FRAMES_MAX * SB_LONG_FRAME_LEAVES_MAX) >= (int)SB_FOL_CREDIT);
    /* who takes long frames says it by its credit; older programs ask for 1,024 and take 256 */
    assert_true((int)SB_FOL_CREDIT >= (int)SB_LONG_FRAMES_CREDIT);
    assert_true((int)SB_STANDBY_CREDIT >= (int)SB_LONG_FRAMES_CREDIT);
    assert_true(SB_LONG_FRAMES_CREDIT > 1024 && SB_LONG_FRAMES_CREDIT <= SB_SEQ_CREDIT_MAX);
    assert_true(SB_SHORT_FRAME_LEAVES_MAX <= 256);
    /* a batch takes what one turn of the inbox brings, and one leaf always */
    assert_true(SB_SEQ_BATCH_LEAVES_MAX <= SB_SEQ_CREDIT_MAX);
    assert_true(SB_SEQ_BATCH_BYTES_MAX > SB_LEAF_BYTES_MAX);
    /* a node's takes several frames, and no more bytes than a broker's */
    assert_true(SB_FOL_BATCH_LEAVES_MAX >= 2 * SB_FOL_LEAVES_MAX);
    assert_true(SB_FOL_BATCH_BYTES_MAX >= 2 * SB_FRAME_BYTES_MAX);
    assert_true(SB_FOL_BATCH_BYTES_MAX <= SB_SEQ_BATCH_BYTES_MAX);
    /* each open meeting closes one question at a time */
    assert_true(SB_RESULTS_PENDING_MAX >= SB_MEETINGS_OPEN_MAX);
    /* a queue takes the largest frames, and all that one peer may have on its way */
    assert_true(SB_NET_QUEUE_BYTES_MAX >= 2 * SB_FRAME_BYTES_MAX);
    assert_true(SB_NET_WAITING_BYTES_MAX >= 4 * SB_NET_QUEUE_BYTES_MAX);
    assert_true(SB_QUEUE_FRAMES_MAX >= SB_SEQ_PUSH_STEP_BYTES_MAX / SB_SEQ_PUSH_BYTES_MAX);
    /* a connection has time for its handshake before it is taken for one that says nothing */
    assert_true((int)SB_NET_SILENT_MS > (int)SB_NET_HANDSHAKE_MS);
    /* what is asked for at a time has a place on its way */
    assert_true(SB_FOL_BLOBS_ASKED_MAX <= SB_TRANSFERS_MAX);
    assert_true(SB_STANDBY_BLOBS_ASKED_MAX <= SB_BROKER_FETCHES_MAX);
    assert_true(SB_NODE_REQUESTS_MAX >= SB_NET_LOCAL_PEERS_MAX);
    assert_true(SB_PAPER_TEXT_BYTES_MAX <= SB_BLOB_BYTES_MAX);
    assert_true((long)SB_BLOBS_UNNAMED_MIB_MAX * 1024 * 1024 >=
                (long)SB_BLOBS_PER_ENTRY_MAX * SB_BLOB_BYTES_MAX);
    assert_true(SB_CHARTER_BYTES_MAX / SB_CHARTER_PART_BYTES_MAX + 3 < SB_FOUNDING_ENTRIES_MAX);
}

/* As many entries as a founding file may have, and one more. */
static void test_founding_file(void **state)
{
    liar *l = *state;
    sb_slice leaf = fed_leaf(l->f, 0), entry = sb_slice_of(leaf.data + 8, leaf.len - 8);
    for (int over = 0; over < 2; over++) {
        sb_federation federation;
        sb_fail fail = {0};
        sb_buf bytes;
        sb_buf_init(&bytes);
        for (int i = 0; i < SB_FOUNDING_ENTRIES_MAX + over; i++) {
            const uint8_t len[4] = {0, 0, (uint8_t)(entry.len >> 8), (uint8_t)entry.len};
            sb_buf_add(&bytes, sb_slice_of(len, 4));
            sb_buf_add(&bytes, entry);
        }
        assert_int_equal(sb_federation_parse(sb_buf_slice(&bytes), &l->arena, &federation, &fail),
                         SB_E_CHARTER_FEDERATION_FILE);
        assert_int_equal(strcmp(fail.arg[0], "lengden") == 0, over);
        sb_buf_deinit(&bytes);
    }
}

/* ---- a node ---- */

static void test_connections_of_a_node(void **state)
{
    liar_node *n = liar_node_new(*state, 0); /* has one */
    for (uint32_t i = 1; i < SB_FOL_LINKS_MAX; i++)
        liar_has(liar_feed(n, (sb_fol_event){.kind = SB_FOL_LINK_UP,
                                             .link = 100 + i,
                                             .role = SB_FOL_ROLE_NODE}),
                 "send");
    assert_string_equal(
        liar_feed(n,
                  (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 5000, .role = SB_FOL_ROLE_NODE}),
        "");
    liar_feed(n, (sb_fol_event){.kind = SB_FOL_LINK_DOWN, .link = 101});
    liar_has(liar_feed(
                 n, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 5001, .role = SB_FOL_ROLE_NODE}),
             "send");
    liar_node_free(n);
}

static sb_slice report_by(liar *l, const char *key, uint64_t seq)
{
    sb_buf bytes;
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    m.body = (char *)(uintptr_t) "ssu";
    m.title = (char *)(uintptr_t) "En av mange";
    m.kind = DECISION;
    sb_entry_head head = fed_head(l->f, key);
    head.signer_seq = seq;
    sb_buf_init(&bytes);
    fed_make(l->f, SB_ENTRY_CASE_REPORT, &m.base, key, &head, &bytes);
    sb_slice entry = sb_arena_copy(&l->arena, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    return entry;
}

static sb_slice report_of(liar *l, uint64_t seq)
{
    return report_by(l, SEC, seq);
}

static void test_entries_of_other_nodes(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    liar_up(n, LIAR_PEER, SB_FOL_ROLE_NODE);
    liar_welcome(n, LIAR_PEER, l->count, 1);
    uint64_t seq = fed_head(l->f, SEC).signer_seq;
    for (uint32_t i = 0; i <= SB_FOL_PEER_ENTRIES_MAX; i++) {
        sb_slice entry = report_of(l, seq + i);
        sb_leaf leaf;
        assert_int_equal(sb_entry_open(entry, &l->arena, &leaf, NULL), SB_OK);
        Sb__Submit m = SB__SUBMIT__INIT;
        m.entry = (ProtobufCBinaryData){.len = entry.len, .data = (uint8_t *)(uintptr_t)entry.data};
        Sb__Frame f = SB__FRAME__INIT;
        f.body_case = SB__FRAME__BODY_SUBMIT;
        f.submit = &m;
        const char *trace = liar_frame(n, LIAR_PEER, &f, &leaf);
        if (i < SB_FOL_PEER_ENTRIES_MAX)
            liar_has(trace, "+OUTBOX");
        else
            liar_hasnt(trace, "+OUTBOX");
    }
    assert_int_equal(liar_status(n).outbox, SB_FOL_PEER_ENTRIES_MAX);
    /* its own members' still are taken */
    liar_has(liar_submit(n, report_of(l, seq + 1000), 9), "queued");
    liar_node_free(n);
}

/* So many waiting, stored by hand: `own` by the secretary, the rest by keys with as many as each may
 * have. */
static void fill_outbox(liar *l, liar_node *n, uint64_t count, uint64_t own)
{
    enum { PK = 2 + 32, SEQ = 2 + 64 };
    sb_slice entry = sb_arena_copy(&l->arena, report_of(l, 1));
    uint8_t *bytes = (uint8_t *)(uintptr_t)entry.data;
    for (uint64_t i = 0; i < count; i++) {
        uint8_t key[41], row[21 + 1024];
        if (i >= own && (i - own) % SB_OUTBOX_A_KEY_MAX == 0)
            memset(bytes + PK, (int)(i / SB_OUTBOX_A_KEY_MAX) + 1, 32);
        sb_writer w = sb_writer_over(bytes + SEQ, 8);
        sb_write_u64(&w, 1000000 + i);
        w = sb_writer_over(key, sizeof key);
        sb_write_u8(&w, SB_FOL_ROW_OUTBOX);
        sb_write_bytes(&w, sb_slice_of(bytes + PK, 32));
        sb_write_u64(&w, 1000000 + i);
        sb_slice k = sb_writer_slice(&w);
        w = sb_writer_over(row, sizeof row);
        sb_write_u8(&w, 0);
        sb_write_u64(&w, 0);
        sb_write_u64(&w, 0);
        sb_write_var32(&w, sb_slice_of(NULL, 0));
        sb_write_bytes(&w, entry);
        sb_kv_put(n->store.own, k, sb_writer_slice(&w));
    }
    sb_follower_close(n->fol);
    sb_fol_opts opts = {.ledger = n->ledger,
                        .log = sim_store_reader(&n->store),
                        .own = n->store.own,
                        .witness = fed_witness(l->f, 0)->secret,
                        .organisation = l->f->charter->organisations[0]->id};
    assert_int_equal(sb_follower_open(&n->fol, &opts, NULL), SB_OK);
    assert_int_equal(liar_status(n).outbox, count);
}

static void test_outbox(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    fill_outbox(l, n, SB_OUTBOX_ENTRIES_MAX - 1, SB_OUTBOX_A_KEY_MAX - 1);
    liar_has(liar_submit(n, report_of(l, 10), 7), "notify 7 queued");
    liar_has(liar_submit(n, report_of(l, 11), 8), "notify 8 refused SB_E_FOLLOWER_OUTBOX_FULL");
    liar_node_free(n);
}

static void test_outbox_of_a_key(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    fill_outbox(l, n, SB_OUTBOX_A_KEY_MAX - 1, SB_OUTBOX_A_KEY_MAX - 1);
    liar_has(liar_submit(n, report_of(l, 12), 7), "notify 7 queued");
    liar_has(liar_submit(n, report_of(l, 13), 8), "notify 8 refused SB_E_FOLLOWER_OUTBOX_KEY");
    liar_node_free(n);
}

/* Whoever reaches the local socket can make keys: those that the log doesn't know share a bound. */
static void test_outbox_of_unknown_keys(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    fill_outbox(l, n, SB_OUTBOX_UNKNOWN_MAX - 1, 0);
    liar_has(liar_submit(n, report_by(l, "stranger", 14), 7), "notify 7 queued");
    liar_has(liar_submit(n, report_by(l, "another", 14), 8),
             "notify 8 refused SB_E_FOLLOWER_OUTBOX_UNKNOWN");
    liar_has(liar_submit(n, report_of(l, 15), 9), "notify 9 queued");
    liar_node_free(n);
}

static void test_evidence_of_a_term(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    for (uint8_t i = 1; i <= SB_FOL_EVIDENCE_A_TERM + 3; i++) {
        sb_checkpoint wrong = liar_head(l, l->count, 1);
        wrong.root[0] ^= i;
        liar_certify_note(n, LIAR_BROKER, liar_note(l, &wrong, ""));
        liar_tick(n, 1000);
    }
    assert_true(liar_status(n).evidence >= 1);
    assert_true(liar_status(n).evidence <= SB_FOL_EVIDENCE_A_TERM);
    liar_node_free(n);
}

/* ---- a broker and a standby ---- */

static void test_nodes_of_a_broker(void **state)
{
    liar *l = *state;
    sim_store store;
    sb_seq_effects effects;
    sb_seq_status status;
    sb_sequencer *seq = NULL;
    sim_store_init(&store);
    sb_ledger *ledger = sim_store_ledger(&store);
    const sb_seq_opts opts = {.ledger = ledger,
                              .log = sim_store_reader(&store),
                              .log_key = fed_key_of(l->f, "log")->secret};
    assert_int_equal(sb_sequencer_open(&seq, &opts, NULL), SB_OK);
    for (uint64_t peer = 1; peer <= SB_SEQ_PEERS_MAX + 1; peer++) {
        sb_seq_event up = {.kind = SB_SEQ_PEER_UP, .peer = peer, .now = {.mono_ms = 1}};
        sb_sequencer_step(seq, &up, &effects);
    }
    sb_sequencer_status(seq, &status);
    assert_int_equal(status.peers, SB_SEQ_PEERS_MAX);
    sb_sequencer_close(seq);
    sb_ledger_close(ledger);
    sim_store_deinit(&store);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits_into_what),
        T(test_founding_file),
        T(test_connections_of_a_node),
        T(test_entries_of_other_nodes),
        T(test_outbox),
        T(test_outbox_of_a_key),
        T(test_outbox_of_unknown_keys),
        T(test_evidence_of_a_term),
        T(test_nodes_of_a_broker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
