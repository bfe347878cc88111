/* The same leaves give the same rows and digest, however they are batched, over whatever kv, with
 * restarts or without; a refusal and a check leave nothing behind; check and step agree. */
#include <stdlib.h>

#include "proto/base/hash.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

/* xorshift64*: the test's own, so that a seed means the same everywhere. */
static uint64_t next(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * 2685821657736338717u;
}

static size_t below(uint64_t *seed, size_t n)
{
    return (size_t)(next(seed) % n);
}

/* A meeting with a vote as the seed has it, a consensus, minutes approved by a TICK, new keys. */
static void story(fed *f, uint64_t seed)
{
    play_table t;
    play_id q, draft;
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (int i = 0; i < 12; i++)
        play_ok(
            play_vote(f, q, play_ssu_seats[below(&seed, 6)], (Sb__Choice)(FOR + below(&seed, 3))));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_draft(f, t.meeting, 0, &draft));
    assert_int_equal(fed_appoint_seat(f, "unn-1", PRIMARY, "newcomer"), SB_OK);
    fed_at(f, 20220301, 9, 0);
    fed_due(f);
    fed_seal(f);
}

static play_id decide(fed *f, play_id c, uint32_t date, Sb__Mode mode)
{
    play_id meeting, q;
    play_next_meeting(f, "ssu", date, c, &meeting);
    play_ok(play_ask(f, meeting, c, mode, SEC, &q));
    for (int i = 1; mode == VOTE && i < 6; i++) /* unn-1 has a new key */
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, meeting, SEC));
    return q;
}

/* A body created, mandated and filled by one SEAL; the charter changed over two meetings, a seat
 * gone and another come, while a question of the old rules is open; the body dissolved. */
static void story_of_versions(fed *f, uint64_t seed)
{
    static const char *const clause[] = {"Slik blir det."};
    play_id c, change, p, meeting, q, draft, draft_meeting;
    play_ok(play_report(f, "ssu", "Et organ", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    play_ok(play_create(f, c, play_new_body(f, "fsu", "ssu"), SEC, NULL));
    play_ok(play_mandate(f, c, "fsu", SEC, NULL));
    play_ok(play_fill(f, c, "fsu-1", PRIMARY, NULL, "fsu-1/primary", 20220301, SEC, NULL));
    play_ok(play_report(f, "ssu", "Vedtektene", DECISION, SEC, &change));
    play_ok(play_propose(f, change, SEC, 1, clause));
    Sb__Charter *next_charter = play_charter_copy(f);
    next_charter->name = sb_arena_printf(&f->arena, "Navn %u", (unsigned)below(&seed, 100));
    next_charter->bodies[1]->n_seats = 3; /* pm-kommune-2 goes */
    (void)play_add_seat(f, next_charter->bodies[1], "pm-ny", "kommune", "utenfor", true);
    play_ok(play_draft_charter(f, next_charter, "unn-2/primary", &draft));
    play_ok(play_change(f, change, draft, SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    (void)decide(f, c, 20220315, CONSENSUS);
    fed_seal(f);
    play_next_meeting(f, "ssu", 20220401, change, &draft_meeting);
    play_ok(play_discuss(f, draft_meeting, change, SEC));
    play_ok(play_close(f, draft_meeting, SEC));
    play_ok(play_report(f, "pm", "Åpen sak", DECISION, SEC, &p));
    play_ok(play_propose(f, p, SEC, 1, clause));
    play_next_meeting(f, "pm", 20220420, p, &meeting);
    play_ok(play_ask(f, meeting, p, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "pm-kommune-2", (Sb__Choice)(FOR + below(&seed, 3))));
    (void)decide(f, change, 20220501, VOTE);
    fed_seal(f);
    assert_int_equal(play_version(f), 4);
    play_ok(play_vote(f, q, "pm-unn-1", (Sb__Choice)(FOR + below(&seed, 3))));
    play_ok(play_end(f, q, SEC));
    play_ok(play_report(f, "ssu", "Oppløsning", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    play_ok(play_dissolve(f, c, "fsu", SEC, NULL));
    (void)decide(f, c, 20220601, CONSENSUS);
    fed_seal(f);
    assert_int_equal(play_version(f), 5);
}

/* Conditions, one of which lapses; input, rulings, relations, a plan, a finalised and an erased
 * text, an extraordinary call refused, minutes approved in the next meeting. */
static void story_of_cases(fed *f, uint64_t seed)
{
    static const char *const clause[] = {"Slik blir det."}, *const parties[] = {"unn", "bruker"};
    static const uint32_t dates[] = {20230120, 20230222};
    play_id c, other, m, q, k, i;
    play_ok(play_report(f, "ssu", "Med vilkår", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    play_ok(play_report(f, "ssu", "Beslektet", DECISION, SEC, &other));
    play_ok(play_relate(f, c, SB__CASE_RELATION__CASE_RELATION_AMENDS, &other, NULL, SEC));
    play_ok(play_relate(f, c, SB__CASE_RELATION__CASE_RELATION_FOLLOWS, NULL, "9/21", SEC));
    play_ok(play_condition(f, c, BEFORE_QUESTION, 20220610, true, 2, parties, SEC, &k));
    play_ok(play_answer(f, k, "unn", below(&seed, 2) ? CONDITION_MET : CONDITION_REFUSED, "",
                        "unn/authority"));
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, parties, SEC, &i));
    play_ok(play_input_open(f, c, 20220610, 2, parties, SEC, &q));
    play_ok(play_input(f, q, "bruker", below(&seed, 2) ? "Ja" : NULL, 0, SEC));
    fed_at(f, 20220615, 9, 0); /* the first condition has lapsed, for who hasn't answered */
    fed_due(f);
    (void)play_answer(f, k, "unn", CONDITION_MET, "", "unn/authority");
    play_next_meeting(f, "ssu", 20220620, c, &m);
    play_ok(play_rule(f, m, &c, SB__RULING_KIND__RULING_KIND_NEW_CLAUSE, SEC));
    play_ok(play_ask(f, m, c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_ok(play_finalise(f, q, "Med vilkår", "Ferdig", SEC));
    play_ok(play_answer(f, i, "unn", CONDITION_MET, "", "unn/authority"));
    play_ok(play_plan(f, "ssu", 2023, 1 + below(&seed, 2), dates, &q, SEC));
    play_ok(play_erase(f, "Ferdig", "unn/authority"));
    play_ok(play_close(f, m, SEC));
}

static fed *begin(void)
{
    return fed_new(&(fed_options){.edit = play_amendable});
}

/* The charter in force is the same bytes, whether it was changed under way or read at the start. */
static void same_charter(fed *f, sb_ledger *l)
{
    sb_buf a, b;
    sb_buf_init(&a);
    sb_buf_init(&b);
    assert_int_equal(sb_charter_encode(sb_ledger_charter(f->ledger), &a, NULL), SB_OK);
    assert_int_equal(sb_charter_encode(sb_ledger_charter(l), &b, NULL), SB_OK);
    assert_true(sb_slice_eq(sb_buf_slice(&a), sb_buf_slice(&b)));
    sb_buf_deinit(&b);
    sb_buf_deinit(&a);
}

static void compare(fed *f, sb_ledger *l, sb_kv *kv)
{
    uint8_t a[32], b[32];
    sb_ledger_position x, y;
    sb_ledger_position_get(f->ledger, &x);
    sb_ledger_position_get(l, &y);
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.digest, y.digest, 32);
    assert_memory_equal(x.root, y.root, 32);
    assert_int_equal(x.last_time_ms, y.last_time_ms);
    assert_int_equal(x.ends_with_state, y.ends_with_state);
    assert_int_equal(x.ends_only_system, y.ends_only_system);
    same_charter(f, l);
    fed_rows_hash(sb_ledger_kv(f->ledger), a);
    fed_rows_hash(sb_ledger_kv(l), b);
    assert_memory_equal(a, b, 32);
    sb_ledger_flush(l);
    assert_int_equal(sb_ledger_unflushed(l), 0);
    fed_rows_hash(kv, b);
    assert_memory_equal(a, b, 32);
}

static void refold(fed *f, size_t batch, bool over_overlay, bool restart)
{
    sb_kv *memory = sb_kv_memory_new();
    sb_overlay *overlay = sb_overlay_new(memory);
    sb_kv *kv = over_overlay ? sb_overlay_kv(overlay) : memory;
    sb_ledger *l = NULL;
    sb_fail fail;
    assert_int_equal(sb_ledger_open(&l, kv, NULL, &fail), SB_OK);
    for (size_t at = 0; at < f->leaf_count; at += batch) {
        size_t end = at + batch < f->leaf_count ? at + batch : f->leaf_count;
        fed_replay(f, at, end, l);
        assert_int_equal(sb_ledger_unflushed(l), end - at);
        sb_ledger_flush(l);
        if (!restart)
            continue;
        sb_tree tree;
        sb_ledger *again = NULL;
        sb_tree_copy(&tree, sb_ledger_tree(l));
        assert_int_equal(sb_ledger_open(&again, kv, &tree, &fail), SB_OK);
        sb_ledger_close(l);
        l = again;
    }
    compare(f, l, kv);
    sb_ledger_close(l);
    sb_overlay_free(overlay);
    sb_kv_memory_free(memory);
}

/* Each leaf straight into the rows. */
static void refold_unbatched(fed *f)
{
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *l = NULL;
    sb_fail fail;
    assert_int_equal(sb_ledger_open_unbatched(&l, kv, &fail), SB_OK);
    assert_ptr_equal(sb_ledger_kv(l), kv);
    fed_replay(f, 0, f->leaf_count, l);
    assert_int_equal(sb_ledger_unflushed(l), 0);
    compare(f, l, kv);
    sb_ledger_close(l);
    sb_kv_memory_free(kv);
}

static void test_refold(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        fed *f = begin();
        story(f, seed * 7919);
        story_of_versions(f, seed * 7919);
        story_of_cases(f, seed * 104729);
        refold(f, 1, false, false);
        refold(f, 1, true, true);
        refold(f, 7, false, true);
        refold(f, 7, true, false);
        refold(f, f->leaf_count, false, false);
        refold(f, f->leaf_count, true, false);
        refold_unbatched(f);
        fed_free(f);
    }
}

/* Another vote, another digest: the seeds tell stories apart. */
static void test_digest_moves(void **state)
{
    (void)state;
    char first[65];
    fed *f = fed_new(NULL), *g = fed_new(NULL);
    story(f, 1);
    memcpy(first, fed_digest(f), sizeof first);
    story(g, 2);
    assert_string_not_equal(first, fed_digest(g));
    fed_free(f);
    fed_free(g);
}

/* A state of the wrong size, and rows that can't be read, don't open. */
static void test_open_refused(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    sb_ledger_flush(f->ledger);
    sb_ledger *l = NULL;
    sb_fail fail;
    assert_int_equal(sb_ledger_open(&l, f->kv, NULL, &fail), SB_E_LEDGER_SIZE);
    assert_null(l);
    sb_kv *copy = sb_kv_memory_clone(f->kv);
    static const uint8_t part[] = {0x02, 0, 0, 0, 1, 0, 0, 0, 2};
    sb_kv_del(copy, sb_slice_of(part, sizeof part));
    assert_int_equal(sb_ledger_open(&l, copy, sb_ledger_tree(f->ledger), &fail), SB_E_LEDGER_STATE);
    static const uint8_t federation[] = {0x01};
    sb_kv_put(copy, sb_slice_of(federation, 1), sb_slice_of(part, 3));
    assert_int_equal(sb_ledger_open(&l, copy, sb_ledger_tree(f->ledger), &fail), SB_E_LEDGER_STATE);
    sb_kv_memory_free(copy);
    fed_free(f);
}

/* ---- refusals leave nothing ---- */

typedef struct snapshot {
    uint8_t rows[32], digest[32], root[32];
    uint64_t size, unflushed;
} snapshot;

static snapshot look(fed *f)
{
    snapshot s;
    memset(&s, 0, sizeof s);
    sb_ledger_position at;
    sb_ledger_position_get(f->ledger, &at);
    fed_rows_hash(sb_ledger_kv(f->ledger), s.rows);
    memcpy(s.digest, at.digest, 32);
    memcpy(s.root, at.root, 32);
    s.size = at.size;
    s.unflushed = sb_ledger_unflushed(f->ledger);
    return s;
}

/* Some earlier message once more, signed anew by some key. */
static void say_again(fed *f, uint64_t *seed, sb_buf *entry)
{
    sb_arena arena;
    sb_leaf leaf;
    sb_fail fail;
    sb_arena_init(&arena);
    sb_slice bytes = fed_leaf(f, below(seed, f->leaf_count));
    assert_int_equal(sb_leaf_open(bytes, &arena, &leaf, &fail), SB_OK);
    const char *key = f->keys[below(seed, f->key_count)]->name;
    sb_entry_head head = fed_head(f, key);
    if (below(seed, 4) == 0) { /* as the log would */
        key = "log";
        sb_entry_head_init(&head, f->federation_id, f->leaf_count);
    }
    fed_make(f, leaf.entry.type, leaf.message, key, &head, entry);
    sb_arena_deinit(&arena);
}

static void test_refusals_leave_nothing(void **state)
{
    (void)state;
    uint64_t seed = 20220120;
    size_t taken = 0, refused = 0;
    fed *f = begin();
    story(f, seed);
    story_of_versions(f, seed);
    f->tick_ms = 0;
    for (int i = 0; i < 1500; i++) {
        sb_buf entry;
        sb_buf_init(&entry);
        say_again(f, &seed, &entry);
        snapshot before = look(f);
        sb_err verdict = fed_check(f, sb_buf_slice(&entry));
        snapshot after = look(f);
        assert_memory_equal(&before, &after, sizeof before);
        sb_err err = fed_take(f, sb_buf_slice(&entry));
        assert_string_equal(sb_err_name(verdict), sb_err_name(err));
        after = look(f);
        if (err == SB_OK)
            assert_int_equal(after.size, before.size + 1);
        else
            assert_memory_equal(&before, &after, sizeof before);
        *(err == SB_OK ? &taken : &refused) += 1;
        fed_due(f);
        sb_buf_deinit(&entry);
    }
    assert_true(taken > 20);
    assert_true(refused > 500);
    refold(f, 7, true, true);
    fed_free(f);
}

/* ---- the digest by its definition ---- */

static bool next_state_row(sb_kv *kv, uint8_t at[SB_KV_KEY_MAX], size_t *len, sb_slice *value)
{
    sb_slice key;
    if (!sb_kv_next(kv, sb_slice_of(at, *len), false, &key, value) || key.data[0] >= 0x80)
        return false;
    memcpy(at, key.data, key.len);
    *len = key.len;
    return true;
}

static void add_effect(sb_buf *out, uint8_t op, sb_slice key, sb_slice value)
{
    const uint8_t head[] = {op, (uint8_t)(key.len >> 8), (uint8_t)key.len};
    const uint8_t len[] = {(uint8_t)(value.len >> 24), (uint8_t)(value.len >> 16),
                           (uint8_t)(value.len >> 8), (uint8_t)value.len};
    sb_buf_add(out, sb_slice_of(head, 3));
    sb_buf_add(out, key);
    sb_buf_add(out, sb_slice_of(len, 4));
    sb_buf_add(out, value);
}

/* The difference of two states, by walking both. */
static void difference(sb_kv *before, sb_kv *after, sb_buf *out)
{
    uint8_t ka[SB_KV_KEY_MAX] = {0}, kb[SB_KV_KEY_MAX] = {0}; /* after table 0 */
    size_t la = 1, lb = 1;
    sb_slice va, vb;
    bool a = next_state_row(before, ka, &la, &va), b = next_state_row(after, kb, &lb, &vb);
    while (a || b) {
        sb_slice key_a = sb_slice_of(ka, la), key_b = sb_slice_of(kb, lb);
        int order = !a ? 1 : !b ? -1 : sb_slice_cmp(key_a, key_b);
        if (order < 0)
            add_effect(out, 0, key_a, (sb_slice){0});
        else if (order > 0 || !sb_slice_eq(va, vb))
            add_effect(out, 1, key_b, vb);
        if (order <= 0)
            a = next_state_row(before, ka, &la, &va);
        if (order >= 0)
            b = next_state_row(after, kb, &lb, &vb);
    }
}

static void test_digest_is_as_defined(void **state)
{
    (void)state;
    fed *f = begin();
    story(f, 42);
    story_of_versions(f, 42);
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *l = NULL;
    sb_fail fail;
    uint8_t digest[32] = {0};
    size_t with_delete = 0;
    assert_int_equal(sb_ledger_open(&l, kv, NULL, &fail), SB_OK);
    for (uint64_t n = 0; n < f->leaf_count; n++) {
        sb_kv *before = sb_kv_memory_clone(kv);
        sb_ledger_position at;
        uint8_t leaf_hash[32];
        sb_buf effects;
        sb_sha256 h;
        fed_replay(f, n, n + 1, l);
        sb_ledger_flush(l);
        sb_buf_init(&effects);
        difference(before, kv, &effects);
        with_delete += effects.len > 0 && effects.data[0] == 0;
        sb_leaf_hash(fed_leaf(f, n), leaf_hash);
        sb_sha256_init(&h);
        sb_sha256_add(&h, sb_slice_of("samband/digest/v1", 18));
        sb_sha256_add(&h, sb_slice_of(digest, 32));
        sb_sha256_add_u64(&h, n);
        sb_sha256_add(&h, sb_slice_of(leaf_hash, 32));
        sb_sha256_add_u32(&h, (uint32_t)effects.len);
        sb_sha256_add(&h, sb_buf_slice(&effects));
        sb_sha256_final(&h, digest);
        sb_ledger_position_get(l, &at);
        assert_memory_equal(digest, at.digest, 32);
        sb_buf_deinit(&effects);
        sb_kv_memory_free(before);
    }
    assert_true(with_delete > 0);
    sb_ledger_close(l);
    sb_kv_memory_free(kv);
    fed_free(f);
}

/* ---- golden ---- */

/* Fixed keys, fixed times: these digests are the protocol's. A change of any state row, of the
 * effects or of the digest itself shows here; then the engine number must change too (once there
 * are federations). */
static void test_golden(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    assert_string_equal(fed_digest(f),
                        "0000000000000000000000000000000000000000000000000000000000000000");
    fed_genesis(f);
    assert_string_equal(fed_digest(f),
                        "1c6b1671c5ff5f56637d78f6005000f75079ae530ab6fefc207c21b4fc13a22b");
    fed_free(f);
    f = fed_new(NULL);
    fed_run(f);
    assert_string_equal(fed_digest(f),
                        "81af6ea477ab3920fe1d3fd4e0d2f317969eda3dac1340010b84bb90f5c448b9");
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_refold),
        cmocka_unit_test(test_digest_moves),
        cmocka_unit_test(test_open_refused),
        cmocka_unit_test(test_refusals_leave_nothing),
        cmocka_unit_test(test_digest_is_as_defined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
