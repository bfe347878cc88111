/* A node that is far behind commits several frames at a time: which, and when not. */
#include "tests/lib/play.h"
#include "tests/unit/follower_says.h"

/* Leaves first…last-1, while those of frames up to `here` are with the shell. */
static const char *leaves_and_more(rig *r, uint64_t first, uint64_t last, uint64_t here)
{
    sb_slice list[SB_FOL_LEAVES_MAX];
    assert_true(last - first <= SB_FOL_LEAVES_MAX);
    for (uint64_t i = first; i < last; i++)
        list[i - first] = fed_leaf(r->f, (size_t)i);
    hold_blobs(r, first, last);
    sb_fol_event event =
        sim_leaves(&r->arena, 1, first, list, (size_t)(last - first), note_at(r, last, 1), NULL);
    event.here = here;
    return feed(r, event);
}

static const char *flush(rig *r)
{
    return feed(r, (sb_fol_event){.kind = SB_FOL_FLUSH});
}

/* The first leaves of a log of which the broker says that it has so many. */
static void begin(rig *r, uint32_t credit, uint64_t size)
{
    r->credit = credit;
    reopen(r);
    r->now.legal_ms = r->f->now_ms + 1000;
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, size);
    assert_string_equal(leaves_and_more(r, 0, 3, 9),
                        "commit GENESIS CHARTER_PART CHARTER_PART +HEAD\n"); /* alone */
}

/* One commit of several frames; asked on as soon as all that was asked for is here. */
static void test_several_frames(void **state)
{
    rig *r = *state;
    begin(r, 12, 1000);
    assert_string_equal(leaves_and_more(r, 3, 4, 5), "");
    assert_true(sb_follower_has_put_off(r->fol));
    assert_string_equal(leaves_and_more(r, 4, 5, 12), "send Pull from 12 credit 12\n");
    assert_string_equal(leaves_and_more(r, 5, 6, 12), "");
    const char *did = flush(r);
    assert_int_equal(strncmp(did, "commit ACCEPT ", 14), 0);
    assert_true(has(did, " +HEAD +HEAD +HEAD"));
    assert_null(strstr(did, "send"));
    assert_false(sb_follower_has_put_off(r->fol));
    assert_int_equal(status_of(r).size, 6);
    assert_string_equal(flush(r), "");
    /* what is asked for and doesn't come is asked for again, from what is here */
    assert_string_equal(tick(r, 999), "");
    assert_string_equal(tick(r, 1), "send Pull from 6 credit 12\n");
}

/* What was right is committed when something isn't; what wasn't committed isn't there after a start. */
static void test_until_something_is_wrong(void **state)
{
    rig *r = *state;
    begin(r, 100, 1000);
    sb_checkpoint six = head_at(r, 6);
    sb_slice broken = sb_slice_str("no leaf");
    assert_string_equal(leaves_and_more(r, 3, 5, 6), "");
    assert_true(has(leaves_under(r, 5, 6, note_of(r, &six, "another key"), NULL), "commit"));
    assert_int_equal(status_of(r).size, 5);
    assert_string_equal(leaves_and_more(r, 5, 6, 7), "");
    assert_true(has(leaves_and_more(r, 8, 9, 10), "commit")); /* a gap */
    assert_int_equal(status_of(r).size, 6);
    assert_string_equal(leaves_and_more(r, 6, 7, 8), "");
    assert_true(has(leaves_under(r, 7, 8, note_at(r, 8, 1), &broken), "commit"));
    assert_int_equal(status_of(r).size, 7);
    assert_string_equal(leaves_and_more(r, 7, 8, 9), "");
    reopen(r);
    assert_int_equal(status_of(r).size, 7);
}

/* A refused leaf under a signed head: what stands before it is kept, of all frames. */
static void test_until_it_diverges(void **state)
{
    rig *r = *state;
    begin(r, 100, 1000);
    assert_string_equal(leaves_and_more(r, 3, 5, 6), "");
    sb_tree tree = tree_at(r, 5);
    sb_slice again = fed_leaf(r->f, 4);
    uint8_t hash[32];
    sb_leaf_hash(again, hash);
    sb_tree_append(&tree, hash, NULL, NULL);
    sb_checkpoint head = head_at(r, 6);
    sb_tree_root(&tree, head.root);
    const char *did = leaves_under(r, 5, 6, note_of(r, &head, "log"), &again);
    assert_int_equal(strncmp(did, "commit ACCEPT ", 14), 0);
    assert_true(has(did, "+DIVERGED"));
    assert_true(has(did, "diverged"));
    assert_int_equal(status_of(r).size, 5);
    assert_int_equal(status_of(r).diverged_index, 5);
    assert_convicts(r, SB_EVIDENCE_STATE);
}

/* Not without more that is here, not near the end, not what others wait for. */
static void test_not(void **state)
{
    rig *r = *state;
    uint64_t size = r->f->leaf_count;
    begin(r, 12, size);
    assert_true(has(leaves_and_more(r, 3, 4, 0), "commit"));
    assert_true(has(leaves_and_more(r, 4, 5, 5), "commit"));
    for (uint64_t at = 5; at < size; at++) {
        bool is_cosigned = strstr(leaves_and_more(r, at, at + 1, at + 2), "send Cosign") != NULL;
        bool is_far = size > at + 1 + 12;
        assert_int_equal(sb_follower_has_put_off(r->fol), is_far && !is_cosigned);
    }
    assert_int_equal(status_of(r).size, size);
}

/* So many leaves in one commit, and not one more. */
static void test_bounds(void **state)
{
    enum { FRAME = 1000, FRAMES_MAX = (SB_FOL_BATCH_LEAVES_MAX - SB_FOL_LEAVES_MAX) / FRAME + 1 };
    rig *r = *state;
    while (r->f->leaf_count < SB_FOL_BATCH_LEAVES_MAX + 2 * FRAME)
        assert_int_equal(fed_appoint_office(r->f, "leader", "leader"), SB_OK);
    begin(r, 10, 1000 * 1000);
    assert_true(has(leaves_and_more(r, 3, 10, 0), "commit"));
    uint64_t at = 10;
    for (size_t i = 0; i < FRAMES_MAX; i++, at += FRAME) {
        bool is_committed = strstr(leaves_and_more(r, at, at + FRAME, at + FRAME + 1), "commit");
        assert_int_equal(is_committed, i + 1 == FRAMES_MAX);
    }
    assert_int_equal(status_of(r).size, at);
    assert_true(FRAMES_MAX * FRAME <= SB_FOL_BATCH_LEAVES_MAX);
}

/* A close writes a certificate, many times its leaf: the rows are counted too. */
static void test_rows_are_counted(void **state)
{
    enum { FRAME = 100, CLOSES = 600 };
    rig *r = *state;
    play_table t;
    play_id q;
    play_ssu(r->f, &t);
    size_t first = r->f->leaf_count;
    for (int i = 0; i < CLOSES; i++) {
        play_ok(play_ask(r->f, t.meeting, t.c, POLL, "secretariat", &q));
        play_ok(play_end(r->f, q, "secretariat"));
    }
    begin(r, 10, 1000 * 1000);
    assert_true(has(leaves_and_more(r, 3, first, 0), "commit"));
    size_t at = first, bytes = 0, rows = 0;
    bool is_committed = false;
    while (!is_committed && at + FRAME <= r->f->leaf_count) {
        is_committed = strstr(leaves_and_more(r, at, at + FRAME, at + FRAME + 1), "commit");
        if (!is_committed)
            rows = sb_ledger_unflushed_bytes(r->ledger);
        for (size_t end = at + FRAME; at < end; at++)
            bytes += fed_leaf(r->f, at).len;
    }
    assert_true(is_committed && at - first + SB_FOL_LEAVES_MAX < SB_FOL_BATCH_LEAVES_MAX);
    assert_true(bytes + SB_FRAME_BYTES_MAX < SB_FOL_BATCH_BYTES_MAX);
    assert_true(rows > 0 && rows + SB_FRAME_BYTES_MAX <= SB_FOL_BATCH_BYTES_MAX);
}

/* ---- in any order ---- */

static uint32_t any(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33) % below;
}

/* A frame from the broker, seldom a node: what comes next, or not quite, at times broken, at times under a
 * head that it doesn't have. */
static void some_leaves(rig *r, uint64_t *seed)
{
    enum { MOST = 5 };
    sb_slice list[MOST], note;
    uint64_t size = sb_ledger_size(r->ledger), total = r->f->leaf_count;
    uint64_t back = any(seed, 4) == 0 ? any(seed, 4) : 0, skipped = any(seed, 20) == 0 ? 2 : 0;
    uint64_t first = (size > back ? size - back : 0) + skipped;
    uint64_t last = first + 1 + any(seed, MOST);
    last = size == 0 ? 3 : last > total ? total : last;
    first = size == 0 ? 0 : first;
    if (first >= last)
        return;
    for (uint64_t i = first; i < last; i++)
        list[i - first] = fed_leaf(r->f, (size_t)i);
    if (any(seed, 12) == 0)
        list[any(seed, (uint32_t)(last - first))] = sb_slice_str("no leaf");
    note = note_at(r, any(seed, 12) == 0 && last > 1 ? last - 1 : last, 1);
    sb_fol_event event = sim_leaves(&r->arena, any(seed, 5) == 0 ? 2 : 1, first, list,
                                    (size_t)(last - first), note, NULL);
    event.here = any(seed, 3) == 0 ? 0 : last + any(seed, 5);
    feed(r, event);
}

/* The shell flushes before anything else comes. */
static void something_else(rig *r, uint64_t *seed)
{
    static const char *const OTHERS[] = {"kommune-a", "lege", "bruker"};
    uint64_t size = sb_ledger_size(r->ledger);
    if (sb_follower_has_put_off(r->fol))
        flush(r);
    if (any(seed, 2) == 0 || size < 5)
        tick(r, 500 + any(seed, 3000));
    else
        certified(r, size - any(seed, 3), OTHERS, 3, r->now.legal_ms / 1000);
}

/* Whatever came, and in how many commits: what is stored is a fold of the leaves, each taken by itself. */
static void assert_stored_is_folded(rig *r)
{
    uint8_t stored[32], folded[32];
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *ledger = NULL;
    uint64_t size = sb_ledger_size(r->ledger);
    assert_int_equal(r->store.leaf_count, size);
    assert_int_equal(sb_ledger_open_unbatched(&ledger, kv, NULL), SB_OK);
    fed_replay(r->f, 0, (size_t)size, ledger);
    fed_rows_hash(r->store.state, stored);
    fed_rows_hash(kv, folded);
    assert_memory_equal(stored, folded, 32);
    sb_ledger_close(ledger);
    sb_kv_memory_free(kv);
}

static void test_any_order(void **state)
{
    enum { SEEDS = 150, STEPS = 200 };
    rig *r = *state;
    size_t put_off = 0, ends = 0;
    for (uint64_t s = 1; s <= SEEDS; s++) {
        uint64_t seed = s * 77777;
        r->credit = 1 + any(&seed, 6);
        open_anew(r);
        r->now.legal_ms = r->f->now_ms + 1000;
        link_up(r, 1, SB_FOL_ROLE_BROKER);
        link_up(r, 2, SB_FOL_ROLE_NODE);
        welcome(r, 1000);
        welcome_on(r, 2, r->f->leaf_count, 1);
        hold_all_blobs(r);
        for (int i = 0; i < STEPS && sb_ledger_size(r->ledger) < r->f->leaf_count; i++) {
            put_off += sb_follower_has_put_off(r->fol);
            if (any(&seed, 10) < 8)
                some_leaves(r, &seed);
            else
                something_else(r, &seed);
        }
        if (sb_follower_has_put_off(r->fol))
            flush(r);
        assert_stored_is_folded(r);
        ends += sb_ledger_size(r->ledger) == r->f->leaf_count;
    }
    assert_true(put_off > SEEDS && ends > SEEDS / 2); /* else nothing was tried */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_several_frames, setup_script),
        TEST(test_until_something_is_wrong, setup_script),
        TEST(test_until_it_diverges, setup_script),
        TEST(test_not, setup_script),
        TEST(test_bounds, setup_terms),
        TEST(test_any_order, setup_script),
        TEST(test_rows_are_counted, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
