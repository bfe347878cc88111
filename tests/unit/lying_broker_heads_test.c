/* A lying broker: what it signs, shows and hands over. (What it puts into the log:
 * lying_broker_test.c.) None of it becomes final; each is named. Followers are real; with two groups,
 * one in each.
 *
 *   two roots at one size         both groups' nodes compare heads: CONFLICT, evidence of two heads;
 *                                 a longer history: by the other's own proof
 *   shrunken head                 a Welcome with less: fault SHRUNKEN, its own head is shown to it;
 *                                 an old head: nothing falls; less, and another: CONFLICT, evidence
 *   right proof for another size  receipt, leaves: fault MERKLE_PROOF; a peer's: proves nothing
 *   a head by another key         fault CHECKPOINT_UNSIGNED, CHECKPOINT_SIGNATURE, CHECKPOINT_ORIGIN
 *   a cosignature counted twice   once; fault COSIGNED_TWICE; the status says how many confirmed
 *   under two names
 *   a name bent                   doesn't count, and isn't kept
 *   a non-canonical root          fault NOTE_MALFORMED
 *   HANDOVER with false promises  refused: HANDOVER_QUORUM, HANDOVER_PROMISE, HANDOVER_PROMISE_KEY,
 *                                 HANDOVER_SEAL; HANDOVER_FINAL where it drops what is final; in the
 *                                 log: DIVERGED
 *   a broker of an older term     refused: OLD_TERM; told of the HANDOVER; fault OLD_TERM when it
 *   that goes on                  goes on; after a promise: not cosigned: PROMISED
 */
#include "tests/lib/cmocka_all.h"

#include <stdio.h>

#include "tests/lib/liar.h"
#include "tests/lib/play.h"
#include "tests/sim/sim_frame.h"

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

static void case_and_state(liar *l, const char *title)
{
    play_id id;
    play_ok(play_report(l->f, "ssu", title, DECISION, SEC, &id));
    assert_int_equal(fed_state(l->f), SB_OK);
    liar_show_fed(l);
}

/* ---- two histories ---- */

/* Two groups of nodes, a history each, the same size. */
static void two_groups(liar *l, liar_node *a, liar_node *b, int longer)
{
    size_t common = l->count;
    case_and_state(l, "Slik ble det vedtatt");
    liar_push(a, LIAR_BROKER, l->count, 1);
    liar_certify(a, LIAR_BROKER, l->count, "01"); /* its own group */
    fed_cut(l->f, common);
    liar_cut(l, common);
    for (int i = 0; i <= longer; i++)
        case_and_state(l, "Nei, slik");
    liar_push(b, LIAR_BROKER, l->count, 1);
    liar_certify(b, LIAR_BROKER, l->count, "23");
    liar_node *both[] = {a, b};
    for (int i = 0; i < 2; i++) {
        assert_false(liar_status(both[i]).conflict); /* each by itself sees nothing wrong */
        assert_true(liar_status(both[i]).cosigned_size > common);
        liar_not_final(both[i]);
        liar_up(both[i], LIAR_PEER, SB_FOL_ROLE_NODE);
        liar_welcome(both[i], LIAR_PEER, liar_status(both[1 - i]).size, 1);
    }
}

static void test_two_roots_to_two_groups(void **state)
{
    liar *l = *state;
    liar_node *a = liar_node_new(l, 0), *b = liar_node_new(l, 2);
    two_groups(l, a, b, 0);
    assert_int_equal(liar_status(a).size, liar_status(b).size);
    assert_memory_not_equal(liar_status(a).root, liar_status(b).root, 32);
    /* they tell each other their heads */
    liar_has(liar_tick(a, SB_FOL_PEER_HEAD_MS), "send 4 PeerHead");
    liar_has(liar_tick(b, SB_FOL_PEER_HEAD_MS), "send 4 PeerHead");
    liar_carry(a, LIAR_PEER, b);
    liar_has(sb_buf_cstr(&b->trace), "conflict SB_E_FOLLOWER_CONFLICT");
    liar_tick(a, SB_FOL_PEER_HEAD_MS);
    liar_tick(b, SB_FOL_PEER_HEAD_MS);
    liar_carry(b, LIAR_PEER, a);
    liar_has(sb_buf_cstr(&a->trace), "conflict SB_E_FOLLOWER_CONFLICT");
    liar_convicted(a, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_convicted(b, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_node_free(a);
    liar_node_free(b);
}

/* The other group's history is longer: its node's own proof shows that it isn't ours. */
static void test_two_histories_of_two_lengths(void **state)
{
    liar *l = *state;
    liar_node *a = liar_node_new(l, 0), *b = liar_node_new(l, 2);
    two_groups(l, a, b, 1);
    assert_true(liar_status(a).size < liar_status(b).size);
    liar_tick(b, SB_FOL_PEER_HEAD_MS);
    liar_carry(b, LIAR_PEER, a);
    liar_has(sb_buf_cstr(&a->trace), "send 4 ConsistencyGet");
    liar_carry(a, LIAR_PEER, b);
    liar_has(sb_buf_cstr(&b->trace), "send 4 Consistency");
    liar_carry(b, LIAR_PEER, a);
    liar_has(sb_buf_cstr(&a->trace), "conflict SB_E_FOLLOWER_CONFLICT");
    liar_convicted(a, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    /* the shorter head is enough for the other */
    liar_tick(a, SB_FOL_PEER_HEAD_MS);
    liar_carry(a, LIAR_PEER, b);
    liar_convicted(b, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_node_free(a);
    liar_node_free(b);
}

/* ---- less than before ---- */

static void test_shrunken_head(void **state)
{
    liar *l = *state;
    size_t before = l->count;
    liar_node *n = liar_node_new(l, 0);
    case_and_state(l, "Noe nytt");
    liar_push(n, LIAR_BROKER, l->count, 1);
    sb_fol_status s = liar_status(n);
    /* an old head again: nothing falls */
    liar_certify(n, LIAR_BROKER, before, "123");
    assert_int_equal(liar_status(n).size, s.size);
    assert_int_equal(liar_status(n).cosigned_size, s.cosigned_size);
    assert_int_equal(liar_status(n).certified_size, s.certified_size);
    liar_not_final(n);
    /* it comes back with less */
    liar_down(n, LIAR_BROKER);
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    liar_has(liar_welcome(n, LIAR_OTHER_BROKER, before, 1), "send 2 Certified");
    liar_faulted(n, SB_E_FOLLOWER_SHRUNKEN);
    assert_int_equal(liar_status(n).size, s.size);
    /* … and goes on from there, another way */
    fed_cut(l->f, before);
    liar_cut(l, before);
    case_and_state(l, "Noe annet");
    liar_has(liar_certify(n, LIAR_OTHER_BROKER, l->count, "123"), "conflict");
    liar_convicted(n, SB_E_FOLLOWER_CONFLICT, SB_EVIDENCE_HEADS);
    liar_node_free(n);
}

/* ---- proofs ---- */

static void test_right_proof_for_another_size(void **state)
{
    liar *l = *state;
    uint64_t at = l->count;
    liar_node *n = liar_node_new(l, 0);
    case_and_state(l, "Noe nytt");
    case_and_state(l, "Og mer");
    sb_slice entry = sb_slice_of(l->log[at].data + 8, l->log[at].len - 8);
    liar_has(liar_submit(n, entry, 7), "queued");
    sb_proof other = liar_inclusion(l, at, at + 1);
    assert_string_equal(liar_receipt(n, at, l->count, &other), "");
    liar_faulted(n, SB_E_MERKLE_PROOF);
    /* leaves under a longer head: the proof is to a size between */
    liar_tick(n, 1);
    sb_checkpoint head = liar_head(l, l->count, 1);
    other = liar_consistency(l, at + 1, l->count - 1);
    const char *trace =
        liar_push_under(n, LIAR_BROKER, at, at + 1, liar_note(l, &head, ""), &other);
    assert_string_equal(trace, "");
    liar_faulted(n, SB_E_MERKLE_PROOF);
    assert_int_equal(liar_status(n).size, at);
    assert_int_equal(liar_status(n).faults, 2);
    /* a head of fewer leaves than are sent with it */
    liar_tick(n, 1);
    head = liar_head(l, at + 1, 1);
    trace = liar_push_under(n, LIAR_BROKER, at, l->count, liar_note(l, &head, ""), NULL);
    assert_string_equal(trace, "");
    liar_faulted(n, SB_E_MERKLE_PROOF);
    /* the right ones do */
    other = liar_consistency(l, at + 1, l->count);
    head = liar_head(l, l->count, 1);
    liar_has(liar_push_under(n, LIAR_BROKER, at, at + 1, liar_note(l, &head, ""), &other),
             "commit");
    assert_int_equal(liar_status(n).size, at + 1);
    liar_node_free(n);
}

/* ---- notes ---- */

static void test_head_by_another_key(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    size_t at = l->count;
    case_and_state(l, "Noe nytt");
    sb_checkpoint head = liar_head(l, l->count, 1);
    sb_buf note;
    sb_buf_init(&note);
    assert_int_equal(sb_checkpoint_sign(&head, fed_key_of(l->f, SEC)->secret, &note, NULL), SB_OK);
    assert_string_equal(liar_push_under(n, LIAR_BROKER, at, l->count, sb_buf_slice(&note), NULL),
                        "");
    liar_faulted(n, SB_E_CHECKPOINT_UNSIGNED);
    liar_certify_note(n, LIAR_BROKER, sb_buf_slice(&note));
    assert_int_equal(liar_status(n).faults, 2);
    /* the log's, bent */
    sb_buf_clear(&note);
    sb_buf_add(&note, liar_note(l, &head, ""));
    char *line = strstr(sb_buf_cstr(&note), "\n\n");
    size_t sig = (size_t)(line - (char *)note.data) + strlen(line) - 20;
    note.data[sig] = note.data[sig] == 'A' ? 'B' : 'A';
    liar_push_under(n, LIAR_BROKER, at, l->count, sb_buf_slice(&note), NULL);
    liar_faulted(n, SB_E_CHECKPOINT_SIGNATURE);
    /* of another log */
    sb_buf_clear(&note);
    memcpy(strstr(head.origin, "/test/"), "/tast/", 6);
    sb_buf_add(&note, liar_note(l, &head, ""));
    liar_push_under(n, LIAR_BROKER, at, l->count, sb_buf_slice(&note), NULL);
    liar_faulted(n, SB_E_CHECKPOINT_ORIGIN);
    assert_int_equal(liar_status(n).size, at);
    sb_buf_deinit(&note);
    liar_node_free(n);
}

/* Two organisations, three lines; three are a quorum. */
static void test_counted_twice_under_two_names(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    uint64_t certified = liar_status(n).certified_size;
    case_and_state(l, "Noe nytt");
    liar_push(n, LIAR_BROKER, l->count, 1);
    sb_checkpoint head = liar_head(l, l->count, 1);
    const fed_key *key = fed_witness(l->f, 2);
    static const char *const names[] = {"bruker", "lege-igjen"};
    for (int i = 0; i < 2; i++) {
        sb_cosignature c;
        char name[256];
        sb_buf note;
        sb_buf_init(&note);
        sb_buf_add(&note, liar_note(l, &head, "12"));
        snprintf(name, sizeof name, "%s/%s", head.origin, names[i]);
        /* at another second: not even the same line */
        assert_int_equal(
            sb_cosign(&head, key->secret, l->f->now_ms / 1000 + 3 + (uint64_t)i, &c, NULL), SB_OK);
        sb_cosignature_add_line(&note, sb_slice_str(name), key->pk, &c);
        liar_certify_note(n, LIAR_BROKER, sb_buf_slice(&note));
        liar_faulted(n, SB_E_FOLLOWER_COSIGNED_TWICE);
        assert_string_equal(liar_status(n).fault.arg[0], "lege");
        sb_fol_status s = liar_status(n);
        assert_int_equal(s.certified_size, certified);
        assert_int_equal(s.confirmed_size, l->count);
        assert_int_equal(s.confirmed, 2);
        assert_int_equal(s.needed, 3);
        sb_buf_deinit(&note);
    }
    liar_node_free(n);
}

static void bend(sb_slice note, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i + len <= note.len; i++)
        if (memcmp(note.data + i, word, len) == 0)
            ((uint8_t *)(uintptr_t)note.data)[i + len - 2] ^= 1;
}

/* True signatures, known from before, under names that were bent on the way: their keys' ids fit no
 * longer, nobody else would count them, and a note that needs them is not kept. One that doesn't is kept
 * without them. */
static void test_bent_names_do_not_count(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    uint64_t certified = liar_status(n).certified_size;
    case_and_state(l, "Noe nytt");
    liar_push(n, LIAR_BROKER, l->count, 1);
    sb_checkpoint head = liar_head(l, l->count, 1);
    liar_up(n, LIAR_PEER, SB_FOL_ROLE_NODE);
    liar_certify(n, LIAR_BROKER, l->count, "12");
    sb_slice bent = liar_note(l, &head, "123");
    bend(bent, "/kommune-a ");
    bend(bent, "/lege ");
    liar_certify_note(n, LIAR_PEER, bent);
    assert_int_equal(liar_status(n).certified_size, certified);
    assert_int_equal(liar_status(n).confirmed, 3); /* each was seen, in one note or another */

    liar_certify(n, LIAR_BROKER, l->count, "123");
    assert_int_equal(liar_status(n).certified_size, l->count);
    liar_certify_note(n, LIAR_PEER, bent);
    sb_note kept;
    assert_int_equal(sb_note_parse(sb_follower_certified(n->fol), &kept, NULL), SB_OK);
    assert_int_equal(kept.line_count, 4); /* the log's, and three that hold */
    for (uint32_t org = 1; org < 4; org++)
        assert_true(sb_cosignature_find(&kept, &head, fed_witness(l->f, org)->pk, NULL));
    liar_node_free(n);
}

/* 32 bytes are 43 characters: of the last one two bits mean nothing, and must be zero. */
static void test_root_that_is_not_canonical(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    uint64_t certified = liar_status(n).certified_size;
    size_t at = l->count;
    case_and_state(l, "Noe nytt");
    sb_checkpoint head = liar_head(l, l->count, 1);
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    sb_buf body, note;
    sb_buf_init(&body);
    sb_buf_init(&note);
    sb_checkpoint_body(&head, &body);
    char *last = (char *)&body.data[body.len - 3]; /* before "=\n" */
    *last = digits[(strchr(digits, *last) - digits) | 1];
    /* the log really signs this text */
    const sb_secret *log = fed_key_of(l->f, "log")->secret;
    sb_slice name = sb_slice_str(head.origin);
    assert_int_equal(sb_note_sign(sb_buf_slice(&body), name, log, &note, NULL), SB_OK);
    liar_push_under(n, LIAR_BROKER, at, l->count, sb_buf_slice(&note), NULL);
    liar_faulted(n, SB_E_NOTE_MALFORMED);
    assert_int_equal(liar_status(n).size, at);
    liar_push(n, LIAR_BROKER, l->count, 1);
    liar_tick(n, 1);
    liar_certify_note(n, LIAR_BROKER, sb_buf_slice(&note));
    liar_faulted(n, SB_E_NOTE_MALFORMED);
    assert_int_equal(liar_status(n).certified_size, certified);
    /* the same key and way of signing, with the canonical spelling, is taken */
    sb_buf_clear(&body);
    sb_checkpoint_body(&head, &body);
    sb_buf_clear(&note);
    assert_int_equal(sb_note_sign(sb_buf_slice(&body), name, log, &note, NULL), SB_OK);
    uint32_t faults = liar_status(n).faults;
    liar_has(liar_certify_note(n, LIAR_BROKER, sb_buf_slice(&note)), "send Cosign");
    assert_int_equal(liar_status(n).faults, faults);
    sb_buf_deinit(&body);
    sb_buf_deinit(&note);
    liar_node_free(n);
}

/* ---- terms ---- */

/* This HANDOVER as the next leaf of what is shown, under a head by its key. */
static const char *offer(liar_node *n, const Sb__Handover *m, const char *key)
{
    liar *l = n->l;
    size_t at = l->count;
    sb_leaf leaf;
    liar_cut(l, m->continues_size);
    sb_slice bytes = liar_system(l, SB_ENTRY_HANDOVER, &m->base, key);
    assert_int_equal(sb_leaf_open(bytes, &l->arena, &leaf, NULL), SB_OK);
    sb_slice cut = at > l->count ? l->log[l->count] : (sb_slice){0};
    liar_show(l, bytes);
    sb_checkpoint head = liar_head(l, l->count, m->term);
    const Sb__Frame *f = sim_offer(&l->arena, m->continues_size, bytes, liar_note(l, &head, ""));
    const char *trace = liar_frame(n, LIAR_OTHER_BROKER, f, &leaf);
    if (cut.len > 0)
        l->log[m->continues_size] = cut;
    l->count = at;
    return trace;
}

/* Refused by name; it isn't followed and nothing is dropped. */
static void handover_refused(liar_node *n, const Sb__Handover *m, sb_err code)
{
    uint64_t size = liar_status(n).size;
    liar_down(n, LIAR_BROKER);
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    liar_hasnt(offer(n, m, "log-2"), "rewind");
    sb_fol_status s = liar_status(n);
    assert_true(s.broker_refused);
    assert_string_equal(sb_err_name(s.broker_fail.code), sb_err_name(code));
    assert_int_equal(s.term, 1);
    assert_int_equal(s.size, size);
    assert_false(s.catching_up);
    liar_not_final(n);
    liar_down(n, LIAR_OTHER_BROKER);
    liar_up(n, LIAR_BROKER, SB_FOL_ROLE_BROKER);
    liar_welcome(n, LIAR_BROKER, size, 1);
}

static Sb__Handover *promised_by(liar *l, fed_handover *h, const char *orgs)
{
    h->count = 0;
    for (; *orgs != '\0'; orgs++)
        fed_promise_of(l->f, h, (uint32_t)(*orgs - '0'));
    return fed_handover_message(l->f, h);
}

static void test_handover_with_false_promises(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    fed_handover h = fed_handover_begin(l->f, 2, "log-2");
    handover_refused(n, promised_by(l, &h, "12"), SB_E_LEDGER_HANDOVER_QUORUM);
    Sb__Handover *m = promised_by(l, &h, "123");
    m->promises[1]->signature.data[9] ^= 1;
    handover_refused(n, m, SB_E_LEDGER_HANDOVER_PROMISE);
    /* promised to another key, in another term */
    fed_handover other = fed_handover_begin(l->f, 2, "log-3");
    m = promised_by(l, &other, "123");
    m->log_pk = (ProtobufCBinaryData){32, fed_key_of(l->f, "log-2")->pk};
    handover_refused(n, m, SB_E_LEDGER_HANDOVER_PROMISE);
    other = fed_handover_begin(l->f, 3, "log-2");
    m = promised_by(l, &other, "123");
    m->term = 2;
    handover_refused(n, m, SB_E_LEDGER_HANDOVER_PROMISE);
    /* by nobody's witness key */
    snprintf(l->f->witness[3], sizeof l->f->witness[3], "stranger");
    m = promised_by(l, &h, "123");
    l->f->witness[3][0] = '\0';
    handover_refused(n, m, SB_E_LEDGER_HANDOVER_PROMISE_KEY);
    /* one counted twice */
    m = promised_by(l, &h, "12");
    Sb__Promised *three[] = {m->promises[0], m->promises[0], m->promises[1]};
    m->promises = three;
    m->n_promises = 3;
    handover_refused(n, m, SB_E_LEDGER_HANDOVER_PROMISE_ORDER);
    /* the highest SEAL they name has two cosignatures */
    m = promised_by(l, &h, "123");
    m->n_cosignatures = 2;
    handover_refused(n, m, SB_E_LEDGER_HANDOVER_SEAL);
    /* and a true one is followed */
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    liar_has(offer(n, promised_by(l, &h, "123"), "log-2"), "+CATCHUP");
    liar_node_free(n);
}

/* The old key puts a made-up HANDOVER into its own log. */
static void test_false_handover_in_the_log(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    size_t at = l->count;
    fed_handover h = fed_handover_begin(l->f, 2, "log-2");
    const Sb__Handover *m = promised_by(l, &h, "12");
    liar_show(l, liar_system(l, SB_ENTRY_HANDOVER, &m->base, "log-2"));
    liar_has(liar_push(n, LIAR_BROKER, l->count, 1), "diverged at");
    liar_diverged(n, at, SB_E_LEDGER_HANDOVER_QUORUM);
    liar_node_free(n);
}

/* It continues from below what is final here, by an older SEAL: those who promised have lied. */
static void test_handover_that_drops_what_is_final(void **state)
{
    liar *l = *state;
    fed_handover old = fed_handover_begin(l->f, 2, "log-2");
    case_and_state(l, "Noe nytt");
    fed_seal(l->f);
    liar_show_fed(l);
    liar_node *n = liar_node_new(l, 0);
    assert_true(n->final_0 > old.sealed.size);
    fed_handover_at(l->f, &old, old.sealed.size);
    old.cosigned = old.sealed;
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    const char *trace = offer(n, promised_by(l, &old, "123"), "log-2");
    liar_hasnt(trace, "rewind");
    liar_has(trace, "conflict SB_E_FOLLOWER_HANDOVER_FINAL");
    sb_fol_status s = liar_status(n);
    assert_int_equal(s.size, l->count);
    assert_int_equal(s.final_size, n->final_0);
    assert_string_equal(sb_err_name(s.broker_fail.code), "SB_E_FOLLOWER_HANDOVER_FINAL");
    liar_node_free(n);
}

static void test_older_term_goes_on(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    size_t kept = l->count;
    fed_take_over(l->f, 2, "log-2");
    liar_show_fed(l);
    sb_slice handover = l->log[kept];
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(handover, &l->arena, &leaf, NULL), SB_OK);
    sb_checkpoint head = liar_head(l, l->count, 2);
    const Sb__Frame *f = sim_offer(&l->arena, kept, handover, liar_note(l, &head, ""));
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    liar_frame(n, LIAR_OTHER_BROKER, f, &leaf);
    liar_welcome(n, LIAR_OTHER_BROKER, l->count, 2);
    liar_push(n, LIAR_OTHER_BROKER, l->count, 2);
    assert_int_equal(liar_status(n).term, 2);
    assert_int_equal(liar_status(n).broker_link, LIAR_OTHER_BROKER);
    uint64_t size = l->count;
    sb_fol_status before = liar_status(n);
    /* the old one's log, of the same size and longer, with a quorum's cosignatures */
    liar_cut(l, kept);
    fed_cut(l->f, kept);
    snprintf(l->f->log_key, sizeof l->f->log_key, "log");
    case_and_state(l, "Videre som før");
    case_and_state(l, "Og videre");
    sb_checkpoint old = liar_head(l, l->count, 1);
    const char *trace = liar_certify_note(n, LIAR_BROKER, liar_note(l, &old, "123"));
    liar_has(trace, "send HandoverOffer"); /* it may not know */
    assert_int_equal(liar_status(n).faults, 0);
    liar_tick(n, 10 * 1000);
    liar_certify_note(n, LIAR_BROKER, liar_note(l, &old, "123"));
    liar_faulted(n, SB_E_FOLLOWER_OLD_TERM);
    liar_tick(n, 1000);
    liar_push_under(n, LIAR_BROKER, size, l->count, liar_note(l, &old, ""), NULL);
    liar_faulted(n, SB_E_FOLLOWER_OLD_TERM);
    sb_fol_status s = liar_status(n);
    assert_int_equal(s.size, before.size);
    assert_int_equal(s.cosigned_term, before.cosigned_term);
    assert_int_equal(s.cosigned_size, before.cosigned_size);
    assert_int_equal(s.certified_size, before.certified_size);
    /* alone there, it isn't followed, and that is why */
    liar_down(n, LIAR_OTHER_BROKER);
    liar_down(n, LIAR_BROKER);
    liar_up(n, LIAR_BROKER, SB_FOL_ROLE_BROKER);
    liar_has(liar_welcome(n, LIAR_BROKER, l->count, 1), "send HandoverOffer");
    s = liar_status(n);
    assert_false(s.broker_up);
    assert_true(s.broker_refused);
    assert_string_equal(sb_err_name(s.broker_fail.code), "SB_E_FOLLOWER_OLD_TERM");
    liar_node_free(n);
}

/* Its organisation has promised the next term: the old broker gets nothing more from it. */
static void test_older_term_after_a_promise(void **state)
{
    liar *l = *state;
    liar_node *n = liar_node_new(l, 0);
    sb_consent c = {.term = 2, .address = sb_slice_str("tcp://ny.example.no:7117")};
    uint8_t sig[64];
    memcpy(c.log_pk, fed_key_of(l->f, "log-2")->pk, 32);
    memcpy(c.curve_pk, fed_key_of(l->f, "curve")->pk, 32);
    assert_int_equal(sb_consent_sign(l->f->federation_id, &c,
                                     fed_key_of(l->f, "unn/authority")->secret, sig, NULL),
                     SB_OK);
    Sb__Consent m = SB__CONSENT__INIT;
    m.term = 2;
    m.log_pk = (ProtobufCBinaryData){32, c.log_pk};
    m.curve_pk = (ProtobufCBinaryData){32, c.curve_pk};
    m.address = (char *)(uintptr_t) "tcp://ny.example.no:7117";
    m.signature = (ProtobufCBinaryData){64, sig};
    Sb__Frame f = SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_CONSENT;
    f.consent = &m;
    liar_has(liar_feed(n, (sb_fol_event){.kind = SB_FOL_MEMBER_CONSENT, .frame = &f, .member = 5}),
             "consented");
    Sb__PromiseAsk ask = SB__PROMISE_ASK__INIT;
    ask.term = 2;
    ask.log_pk = m.log_pk;
    f = (Sb__Frame)SB__FRAME__INIT;
    f.body_case = SB__FRAME__BODY_PROMISE_ASK;
    f.promise_ask = &ask;
    liar_up(n, LIAR_OTHER_BROKER, SB_FOL_ROLE_BROKER);
    liar_has(liar_frame(n, LIAR_OTHER_BROKER, &f, NULL), "PromiseGiven 2");
    uint64_t cosigned = liar_status(n).cosigned_size;
    case_and_state(l, "Videre som før");
    liar_hasnt(liar_push(n, LIAR_BROKER, l->count, 1), "COSIGNED");
    liar_hasnt(sb_buf_cstr(&n->trace), "Cosign");
    assert_int_equal(liar_status(n).block, SB_FOL_BLOCK_PROMISED);
    assert_int_equal(liar_status(n).cosigned_size, cosigned);
    liar_not_final(n);
    liar_node_free(n);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_two_roots_to_two_groups),
        T(test_two_histories_of_two_lengths),
        T(test_shrunken_head),
        T(test_right_proof_for_another_size),
        T(test_head_by_another_key),
        T(test_counted_twice_under_two_names),
        T(test_bent_names_do_not_count),
        T(test_root_that_is_not_canonical),
        T(test_handover_with_false_promises),
        T(test_false_handover_in_the_log),
        T(test_handover_that_drops_what_is_final),
        T(test_older_term_goes_on),
        T(test_older_term_after_a_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
