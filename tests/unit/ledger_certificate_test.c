/* Certificates: golden JSON and texts, the RESULT that carries their hash, the same on replay.
 *
 * SB_GOLDEN_WRITE=1 in the environment writes the golden files instead of comparing; look at the
 * difference before you commit it. */
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/hash.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

static void assert_golden(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "tests/unit/golden/%s", name);
    if (getenv("SB_GOLDEN_WRITE") != NULL) {
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        fputs(text, out);
        assert_int_equal(fclose(out), 0);
        return;
    }
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    sb_buf golden;
    sb_buf_init(&golden);
    uint8_t part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, in)) > 0;)
        sb_buf_add(&golden, sb_slice_of(part, n));
    fclose(in);
    assert_string_equal(text, sb_buf_cstr(&golden));
    sb_buf_deinit(&golden);
}

static void with_assumptions(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arg;
    Sb__Body *ssu = charter->bodies[0];
    ssu->quorum->assumed = sb_arena_str(arena, sb_slice_str("medlemmer er plasser, også ubesatte"));
    ssu->deputy_assumed = sb_arena_str(arena, sb_slice_str("vara trer inn også ved inhabilitet"));
    ssu->deadlines[1]->assumed = sb_arena_str(arena, sb_slice_str("dager er kalenderdager"));
}

/* Objection, vote, a deputy beside, one stepping in for a disqualified representative, a ballot
 * recorded by the secretariat, one that doesn't count since its seat left. */
static play_id contested(fed *f)
{
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_id m = t.meeting;
    play_ok(play_here(f, m, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_here(f, m, "unn-2", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_ok(play_here(f, m, "unn-2", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_clause(f, t.c, NULL, 2, "Sekretariatet og \"UNN\" følger opp.", SEC));
    play_ok(play_ask(f, m, t.c, CONSENSUS, SEC, &q));
    play_ok(play_object(f, q, "lege-1"));
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    play_ok(play_vote(f, q, "unn-1", FOR));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT, q, "unn-2", FOR, NULL, "unn-2/deputy"));
    play_ok(play_vote(f, q, "kommune-1", FOR));
    play_ok(play_vote(f, q, "kommune-2", AGAINST));
    play_ok(play_vote(f, q, "lege-1", AGAINST));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT_RECORDED, q, "bruker-1", ABSTAIN, NULL, SEC));
    play_ok(play_here(f, m, "kommune-2", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    return q;
}

static void the_contested_vote(void **state)
{
    (void)state;
    fed_options options = {.edit = with_assumptions};
    fed *f = fed_new(&options);
    fed_run(f);
    play_id q = contested(f);
    assert_int_equal(play_outcome(f, q), NO_CONSENSUS);
    assert_golden("certificate_contested.json", play_certificate(f, q));
    assert_golden("certificate_contested.nb.txt", play_certificate_text(f, q, SB_LANG_NB));
    assert_golden("certificate_contested.en.txt", play_certificate_text(f, q, SB_LANG_EN));
    fed_free(f);
}

static void the_consensus(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_golden("certificate_consensus.json", play_certificate(f, q));
    assert_golden("certificate_consensus.nb.txt", play_certificate_text(f, q, SB_LANG_NB));
    fed_free(f);
}

static const Sb__Result *result_of(fed *f, sb_arena *arena)
{
    sb_leaf leaf;
    assert_int_equal(sb_leaf_open(fed_leaf(f, f->leaf_count - 1), arena, &leaf, NULL), SB_OK);
    assert_int_equal(leaf.entry.type, SB_ENTRY_RESULT);
    return (const void *)leaf.message;
}

static void the_result_carries_hash_and_counts(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_id q = contested(f);
    const Sb__Result *r = result_of(f, &f->arena);
    uint8_t hash[32];
    sb_hash(sb_slice_str(play_certificate(f, q)), hash);
    assert_memory_equal(r->certificate_sha256.data, hash, 32);
    assert_memory_equal(r->question_id.data, q.data, 32);
    assert_int_equal(r->outcome, NO_CONSENSUS);
    assert_int_equal(r->mode, CONSENSUS);
    assert_int_equal(r->objections, 1);
    assert_int_equal(r->charter_version, 1);
    assert_int_equal(r->n_counts, 5);
    static const struct {
        const char *partner;
        uint32_t seats, present, votes_for, votes_against, votes_abstain;
    } expected[] = {{"", 6, 5, 3, 1, 1},
                    {"unn", 2, 2, 2, 0, 0},
                    {"kommune", 2, 1, 1, 0, 0},
                    {"fastlege", 1, 1, 0, 1, 0},
                    {"bruker", 1, 1, 0, 0, 1}};
    for (size_t i = 0; i < 5; i++) {
        assert_string_equal(r->counts[i]->partner, expected[i].partner);
        assert_int_equal(r->counts[i]->seats, expected[i].seats);
        assert_int_equal(r->counts[i]->filled, expected[i].seats);
        assert_int_equal(r->counts[i]->present, expected[i].present);
        assert_int_equal(r->counts[i]->eligible, expected[i].present);
        assert_int_equal(r->counts[i]->votes_for, expected[i].votes_for);
        assert_int_equal(r->counts[i]->votes_against, expected[i].votes_against);
        assert_int_equal(r->counts[i]->votes_abstain, expected[i].votes_abstain);
    }
    assert_non_null(strstr(r->quorum_rule, "quorum each partner"));
    assert_non_null(strstr(r->pass_rule, "against = 0"));
    fed_free(f);
}

/* No ballot, objection or count stays in the state. */
static void a_closed_question_leaves_no_ballots(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    contested(f);
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_ballot ballot = {0};
    sb_row_tally tally = {0};
    sb_row_objection objection = {0};
    assert_false(sb_row_ballot_next(kv, NULL, &ballot, true, 0));
    assert_false(sb_row_tally_next(kv, NULL, &tally, true, 0));
    assert_false(sb_row_objection_next(kv, NULL, &objection, true, 0));
    fed_free(f);
}

static void replay_gives_the_same_certificate(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_id q = contested(f);
    const char *json = play_certificate(f, q), *nb = play_certificate_text(f, q, SB_LANG_NB);
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *other;
    assert_int_equal(sb_ledger_open(&other, kv, NULL, NULL), SB_OK);
    /* in two batches, with a flush between */
    fed_replay(f, 0, f->leaf_count / 2, other);
    sb_ledger_flush(other);
    fed_replay(f, f->leaf_count / 2, f->leaf_count, other);
    sb_ledger_position mine, theirs;
    sb_ledger_position_get(f->ledger, &mine);
    sb_ledger_position_get(other, &theirs);
    assert_memory_equal(mine.digest, theirs.digest, 32);
    assert_memory_equal(mine.root, theirs.root, 32);
    sb_row_certificate row = {.question = play_question(f, q).no};
    assert_true(sb_row_certificate_get(sb_ledger_kv(other), &f->arena, &row));
    assert_string_equal(sb_arena_str(&f->arena, row.json), json);
    assert_string_equal(sb_arena_str(&f->arena, row.text_nb), nb);
    sb_ledger_close(other);
    sb_kv_memory_free(kv);
    fed_free(f);
}

/* Who folds to verify keeps the hash alone. */
static void certificates_can_be_left_out(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_id q = contested(f);
    sb_kv *kv = sb_kv_memory_new();
    sb_ledger *other;
    assert_int_equal(sb_ledger_open(&other, kv, NULL, NULL), SB_OK);
    sb_ledger_keep_certificates(other, false);
    fed_replay(f, 0, f->leaf_count, other);
    sb_ledger_position mine, theirs;
    sb_ledger_position_get(f->ledger, &mine);
    sb_ledger_position_get(other, &theirs);
    assert_memory_equal(mine.digest, theirs.digest, 32);
    sb_row_certificate kept = {.question = play_question(f, q).no}, left = kept;
    assert_true(sb_row_certificate_get(sb_ledger_kv(f->ledger), &f->arena, &kept));
    assert_true(sb_row_certificate_get(sb_ledger_kv(other), &f->arena, &left));
    assert_memory_equal(left.sha256, kept.sha256, 32);
    assert_int_equal(left.json.len + left.text_nb.len + left.text_en.len, 0);
    sb_buf json, ours;
    sb_buf_init(&json);
    sb_buf_init(&ours);
    char id[65];
    sb_hex(sb_slice_of(play_question(f, q).id, 32), id);
    const char *args[] = {id};
    assert_int_equal(sb_ledger_query(other, "certificate", args, 1, &json, NULL), SB_E_NOT_FOUND);
    assert_int_equal(sb_ledger_query(other, "question", args, 1, &json, NULL), SB_OK);
    assert_int_equal(sb_ledger_query(f->ledger, "question", args, 1, &ours, NULL), SB_OK);
    assert_string_equal(sb_buf_cstr(&json), sb_buf_cstr(&ours));
    sb_buf_deinit(&ours);
    sb_buf_deinit(&json);
    sb_ledger_close(other);
    sb_kv_memory_free(kv);
    fed_free(f);
}

/* A RESULT that says otherwise is refused, and nothing else is taken first. */
static void only_the_true_result_comes_next(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    fed_run(f);
    play_table t;
    play_id q, c;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    Sb__QuestionClose m = SB__QUESTION_CLOSE__INIT;
    m.question_id = q;
    fed_must(f, SB_ENTRY_QUESTION_CLOSE, &m.base, SEC);
    play_refused(f, play_report(f, "ssu", "Sak", DECISION, SEC, &c), SB_E_LEDGER_RESULT_EXPECTED,
                 NULL);
    sb_buf payload;
    sb_buf_init(&payload);
    assert_int_equal(sb_ledger_next_due(f->ledger, f->now_ms, &payload), SB_DUE_RESULT);
    Sb__Result *r = sb__result__unpack(NULL, payload.len, payload.data);
    r->outcome = FALLEN;
    play_refused(f, fed_system(f, SB_ENTRY_RESULT, &r->base), SB_E_LEDGER_RESULT_DIFFERS, NULL);
    r->outcome = ADOPTED;
    play_ok(fed_system(f, SB_ENTRY_RESULT, &r->base));
    sb__result__free_unpacked(r, NULL);
    sb_buf_deinit(&payload);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_contested_vote),
        cmocka_unit_test(the_consensus),
        cmocka_unit_test(the_result_carries_hash_and_counts),
        cmocka_unit_test(a_closed_question_leaves_no_ballots),
        cmocka_unit_test(replay_gives_the_same_certificate),
        cmocka_unit_test(certificates_can_be_left_out),
        cmocka_unit_test(only_the_true_result_comes_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
