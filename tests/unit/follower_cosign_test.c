/* What a node cosigns and when: its record, times, attachments that must be here first; what is
 * certified, final and stale. */
#include <stdio.h>

#include "tests/unit/follower_says.h"

/* The log to its n-th STATE is here, shortly after that was made, with all that it needs: its size. */
static uint64_t follow_to_state(rig *r, int n)
{
    uint64_t size = state_size(r, n);
    hold_all_blobs(r);
    link_broker(r);
    clock_after(r, size);
    leaves(r, 0, size);
    return size;
}

/* ---- cosigning and finality ---- */

static void test_record_before_cosignature(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size);
    leaves(r, 0, size - 1);
    /* killed between the commit and the send */
    r->dies = true;
    assert_string_equal(leaves(r, size - 1, size), "commit STATE +HEAD +COSIGNED\n");
    uint64_t time_s = r->now.legal_ms / 1000;
    r->dies = false;
    reopen(r);
    r->now.legal_ms += 30000;
    feed(r, (sb_fol_event){.kind = SB_FOL_LINK_UP, .link = 1, .role = SB_FOL_ROLE_BROKER});
    char wanted[128];
    snprintf(wanted, sizeof wanted, "send Cosign %llu at %llu\n", (unsigned long long)size,
             (unsigned long long)time_s);
    assert_non_null(strstr(welcome(r, size), wanted)); /* the identical one */
}

static void test_final_in_two_rounds(void **state)
{
    rig *r = *state;
    hold_all_blobs(r);
    link_broker(r);
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    clock_after(r, second);
    uint64_t now_s = r->now.legal_ms / 1000;
    assert_false(status_of(r).stale); /* nothing was ever confirmed */
    leaves(r, 0, second);             /* … STATE SEAL STATE */
    assert_int_equal(status_of(r).state, SB_FOL_STATE_NOT_CONFIRMED);
    r->now.mono_ms += SB_FOL_STALE_MS;
    assert_int_equal(status_of(r).state, SB_FOL_STATE_STALE);
    assert_int_equal(type_at(r, second - 2), SB_ENTRY_SEAL);
    assert_string_equal(certified(r, first, THREE, 2, now_s), ""); /* no quorum */
    assert_int_equal(status_of(r).certified_size, 0);
    assert_int_equal(status_of(r).confirmed, 2);
    assert_false(status_of(r).enough);
    for (uint32_t org = 0; org < 4; org++)
        assert_int_equal(sb_follower_has_confirmed(r->fol, org), org < 2);
    assert_string_equal(certified(r, first, THREE, 3, now_s), "commit +CERTIFIED\n");
    assert_true(status_of(r).enough);
    assert_int_equal(status_of(r).certified_size, first);
    assert_int_equal(status_of(r).final_size, 0);
    certified(r, second, THREE, 3, now_s);
    assert_int_equal(status_of(r).certified_size, second);
    assert_int_equal(status_of(r).final_size, first);
    assert_memory_equal(status_of(r).final_root, head_at(r, first).root, 32);
    assert_false(status_of(r).stale);
    /* asked anew, by a broker that was restarted: the proof that is kept stays */
    const char *proof = sb_arena_str(&r->arena, sb_follower_certified(r->fol));
    certified(r, second, THREE, 0, now_s);
    certified(r, second, THREE, 2, now_s);
    assert_true(sb_slice_eq(sb_follower_certified(r->fol), sb_slice_str(proof)));
    r->now.mono_ms += SB_FOL_STALE_MS;
    assert_true(status_of(r).stale);
    reopen(r);
    assert_true(status_of(r).stale); /* who knows what came since */
    assert_int_equal(status_of(r).final_size, first);
    /* an old certified head again is no news */
    link_broker(r);
    certified(r, first, THREE, 3, now_s);
    assert_int_equal(status_of(r).certified_size, second);
    assert_int_equal(status_of(r).final_size, first);
}

static uint32_t lines_of(sb_slice note)
{
    sb_note parsed;
    assert_int_equal(sb_note_parse(note, &parsed, NULL), SB_OK);
    return parsed.line_count;
}

/* Asked anew, others answer first: what is kept has them all, each once; the proof of what is final
 * too. Whoever believes an older policy may need them. */
static void test_keeps_the_fullest_note(void **state)
{
    rig *r = *state;
    static const char *const others[] = {"kommune-a", "lege", "bruker"};
    uint64_t size = follow_to_state(r, 2);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 3);
    certified(r, size, others, 3, now_s + 1);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 4);
    assert_int_equal(lines_of(sb_follower_final_proof(r->fol)), 1 + 4);
    for (uint64_t i = 2; i < 5; i++) /* it doesn't grow with each minute's */
        certified(r, size, THREE, 3, now_s + i);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 4);
    reopen(r);
    assert_int_equal(lines_of(sb_follower_certified(r->fol)), 1 + 4);
    assert_int_equal(lines_of(sb_follower_final_proof(r->fol)), 1 + 4);
}

/* Replayed cosignatures don't make a head fresh. */
static void test_stale_times(void **state)
{
    rig *r = *state;
    uint64_t size = follow_to_state(r, 1);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s - 10 * 60);
    assert_int_equal(status_of(r).certified_size, size);
    assert_true(status_of(r).stale);
}

/* The same cosignatures, sent again and again, don't hide that the witnesses are silent… */
static void test_stale_replays(void **state)
{
    rig *r = *state;
    uint64_t size = follow_to_state(r, 1);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s);
    for (int i = 0; i < 4; i++) {
        assert_false(status_of(r).stale);
        tick(r, SB_FOL_STALE_MS / 4);
        certified(r, size, THREE, 3, now_s);
    }
    assert_true(status_of(r).stale);
    /* one of the three isn't enough, all three are */
    now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 1, now_s);
    assert_true(status_of(r).stale);
    certified(r, size, THREE, 3, now_s);
    assert_false(status_of(r).stale);
}

/* … but in a rehearsal, whose clock stands still, there are no other ones. */
static void test_rehearsal_stays_fresh(void **state)
{
    rig *r = *state;
    uint64_t size = follow_to_state(r, 1);
    uint64_t now_s = r->now.legal_ms / 1000;
    certified(r, size, THREE, 3, now_s);
    r->now.mono_ms += SB_FOL_STALE_MS;
    assert_true(status_of(r).stale);
    certified(r, size, THREE, 3, now_s);
    assert_false(status_of(r).stale);
}

/* The record is unn's; the key file that lies there is another organisation's. */
static void test_another_organisations_key(void **state)
{
    rig *r = *state;
    r->witness = "lege/witness";
    reopen(r);
    hold_all_blobs(r);
    link_broker(r);
    uint64_t size = state_size(r, 1);
    clock_after(r, size - 1);
    leaves(r, 0, size);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_NO_KEY);
}

static void link_broker_of(rig *r, uint64_t size)
{
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, size);
}

static void test_times(void **state)
{
    rig *r = *state;
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    hold_all_blobs(r);
    link_broker_of(r, first);
    /* the last leaf is six minutes ahead of our clock: not yet */
    clock_after(r, first - 1);
    r->now.legal_ms -= 6 * 60 * 1000;
    leaves(r, 0, first);
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_LEAF_LATE);
    assert_non_null(strstr(tick(r, 70 * 1000), "+COSIGNED"));
    /* an hour later by our clock the same head again; then leaves that are older than that */
    r->now.legal_ms += 60 * 60 * 1000;
    r->now.mono_ms += SB_FOL_RECOSIGN_MS;
    sb_checkpoint head = head_at(r, first);
    assert_non_null(strstr(leaves_under(r, first - 1, first, note_of(r, &head, "log"), NULL),
                           "commit +COSIGNED\nsend Cosign"));
    assert_null(strstr(leaves(r, first, second), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_LEAF_EARLY);
    /* leaves under a certified head are exempt */
    certified(r, second, (const char *const[]){"kommune-a", "lege", "bruker"}, 3,
              r->now.legal_ms / 1000);
    tick(r, 50);
    assert_int_equal(status_of(r).cosigned_size, second);
}

/* The same head asked for again: the very same bytes, or now and then a later time. */
static void test_cosigns_anew(void **state)
{
    rig *r = *state;
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    hold_all_blobs(r);
    link_broker_of(r, first);
    clock_after(r, second);
    uint64_t time_s = r->now.legal_ms / 1000;
    leaves(r, 0, first);
    char same[96], anew[96];
    snprintf(same, sizeof same, "send Cosign %llu at %llu\n", (unsigned long long)first,
             (unsigned long long)time_s);
    snprintf(anew, sizeof anew, "commit +COSIGNED\nsend Cosign %llu at %llu\n",
             (unsigned long long)first, (unsigned long long)time_s + 40);
    r->now.mono_ms += 5000;
    r->now.legal_ms += 5000;
    assert_string_equal(certified(r, first, NULL, 0, 0), same);
    r->now.mono_ms += 35000;
    r->now.legal_ms += 35000;
    assert_string_equal(certified(r, first, NULL, 0, 0), anew);
    /* our clock was set back: our own times don't fall */
    r->now.legal_ms -= 20000;
    snprintf(anew, sizeof anew, "send Cosign %llu at %llu\n", (unsigned long long)second,
             (unsigned long long)time_s + 40);
    assert_non_null(strstr(leaves(r, first, second), anew));
}

/* The broker was away for an hour, with leaves that nobody has: no later time is given meanwhile, whoever
 * shows the head again, nor when it is back and shows more. Else they would be too early for us, and with
 * a third of the others nothing would be confirmed any more (simulator, seed 689). */
static void test_a_broker_that_was_away(void **state)
{
    rig *r = *state;
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    hold_all_blobs(r);
    link_broker_of(r, first);
    link_up(r, 2, SB_FOL_ROLE_NODE);
    clock_after(r, first);
    leaves(r, 0, first);
    uint64_t time_s = time_cosigned(r);
    certified(r, first, THREE, 3, r->now.legal_ms / 1000);
    link_down(r, 1);
    for (int i = 0; i < 60; i++) {
        tick(r, 60 * 1000);
        assert_null(strstr(certified_on(r, 2, first, 1, 3, false), "COSIGNED"));
    }
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, second);
    assert_null(strstr(certified(r, first, THREE, 3, r->now.legal_ms / 1000), "COSIGNED"));
    assert_int_equal(time_cosigned(r), time_s);
    assert_true(has(leaves(r, first, second), "+COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_NONE);
    assert_int_equal(status_of(r).cosigned_size, second);
    tick(r, SB_FOL_RECOSIGN_MS); /* and then anew */
    assert_true(has(certified(r, second, NULL, 0, 0), "+COSIGNED"));
}

/* Who was followed before, and claimed more, doesn't keep us from it. */
static void test_what_another_claimed(void **state)
{
    rig *r = *state;
    uint64_t first = state_size(r, 1);
    hold_all_blobs(r);
    link_broker_of(r, first);
    clock_after(r, first);
    leaves(r, 0, first);
    link_down(r, 1);
    link_broker_of(r, 1000 * 1000);
    tick(r, SB_FOL_RECOSIGN_MS);
    assert_null(strstr(certified(r, first, NULL, 0, 0), "COSIGNED"));
    link_down(r, 1);
    link_broker_of(r, first);
    assert_true(has(certified(r, first, NULL, 0, 0), "+COSIGNED"));
}

static const char *blobs_come(rig *r, uint64_t size)
{
    const char *last = "";
    for (uint64_t i = 0; i < size; i++) {
        sb_leaf leaf;
        sb_leaf_open(fed_leaf(r->f, (size_t)i), &r->arena, &leaf, NULL);
        for (size_t b = 0; b < leaf.blob_count; b++) {
            sb_fol_event event = {.kind = SB_FOL_BLOB_STORED};
            memcpy(event.blob, leaf.blobs[b]->sha256.data, 32);
            sim_store_blob(&r->store, event.blob);
            last = feed(r, event);
        }
    }
    return last;
}

/* What it asked for before it went is not what it asks for. */
static void test_what_was_asked_before(void **state)
{
    rig *r = *state;
    uint64_t first = state_size(r, 1);
    link_broker_of(r, first);
    clock_after(r, first);
    assert_null(strstr(leaves(r, 0, first), "COSIGNED"));
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_BLOBS);
    for (int is_gone = 0; is_gone < 2; is_gone++) { /* or stands still, and its link is there */
        if (is_gone)
            link_down(r, 1);
        tick(r, 60 * 60 * 1000);
        assert_null(strstr(blobs_come(r, first), "COSIGNED"));
        assert_null(strstr(tick(r, 1000), "COSIGNED"));
    }
    link_broker_of(r, first);
    assert_null(strstr(tick(r, 1000), "COSIGNED"));
    assert_true(has(certified(r, first, NULL, 0, 0), "+COSIGNED"));
    /* that somebody else has more is seen: the log signed it */
    link_up(r, 2, SB_FOL_ROLE_NODE);
    certified_on(r, 2, state_size(r, 2), 1, 0, true);
    tick(r, SB_FOL_RECOSIGN_MS);
    assert_null(strstr(certified(r, first, NULL, 0, 0), "COSIGNED"));
}

/* Nor is a head confirmed for the first time then: a node that was stopped with it, say, as the broker was. */
static void test_an_old_head_waits(void **state)
{
    rig *r = *state;
    uint64_t first = state_size(r, 1), second = state_size(r, 2);
    link_broker_of(r, first); /* an attachment is missing when the line is cut */
    clock_after(r, first);
    assert_null(strstr(leaves(r, 0, first), "COSIGNED"));
    link_down(r, 1);
    hold_all_blobs(r);
    r->now.legal_ms += 60 * 60 * 1000;
    reopen(r);
    link_up(r, 2, SB_FOL_ROLE_NODE);
    assert_null(strstr(certified_on(r, 2, first, 1, 2, false), "COSIGNED"));
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    welcome(r, second);
    assert_null(strstr(certified(r, first, NULL, 0, 0), "COSIGNED"));
    assert_int_equal(status_of(r).cosigned_size, 0);
    assert_true(has(leaves(r, first, second), "+COSIGNED"));
    assert_int_equal(status_of(r).cosigned_size, second);
}

/* ---- attachments ---- */

static void test_blobs_first(void **state)
{
    rig *r = *state;
    link_broker(r);
    uint64_t size = 0; /* the first STATE above an entry with an attachment */
    for (int n = 1; size == 0; n++) {
        uint64_t at = state_size(r, n);
        for (uint64_t i = 0; i < at; i++)
            if (type_at(r, i) == SB_ENTRY_APPOINT)
                size = at;
    }
    clock_after(r, size);
    const char *trace = leaves(r, 0, size);
    assert_non_null(strstr(trace, "+MISSING"));
    assert_null(strstr(trace, "COSIGNED"));
    uint32_t missing = status_of(r).blobs_missing;
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_BLOBS);
    assert_non_null(strstr(tick(r, 50), "want blob\n"));
    reopen(r); /* it remembers */
    link_broker(r);
    assert_int_equal(status_of(r).blobs_missing, missing);
    leaves(r, size - 1, size); /* the broker offers again */
    for (uint64_t i = 0; i < size; i++) {
        sb_leaf leaf;
        sb_leaf_open(fed_leaf(r->f, (size_t)i), &r->arena, &leaf, NULL);
        for (size_t b = 0; b < leaf.blob_count; b++) {
            assert_true(status_of(r).cosigned_size == 0);
            sb_fol_event event = {.kind = SB_FOL_BLOB_STORED};
            memcpy(event.blob, leaf.blobs[b]->sha256.data, 32);
            sim_store_blob(&r->store, event.blob);
            uint32_t before = status_of(r).blobs_missing; /* some are named twice */
            bool gone = strstr(feed(r, event), "-MISSING") != NULL;
            assert_int_equal(gone, status_of(r).blobs_missing < before);
        }
    }
    assert_int_equal(status_of(r).cosigned_size, size);
    assert_int_equal(status_of(r).blobs_missing, 0);
}

/* A shell that says so too soon: what isn't held isn't held. */
static void test_blob_that_is_not_there(void **state)
{
    rig *r = *state;
    link_broker(r);
    leaves(r, 0, r->f->leaf_count);
    uint32_t missing = status_of(r).blobs_missing;
    assert_true(missing > 0);
    for (size_t i = 0; i < r->f->leaf_count; i++) {
        sb_leaf leaf;
        sb_leaf_open(fed_leaf(r->f, i), &r->arena, &leaf, NULL);
        for (size_t b = 0; b < leaf.blob_count; b++) {
            sb_fol_event event = {.kind = SB_FOL_BLOB_STORED};
            memcpy(event.blob, leaf.blobs[b]->sha256.data, 32);
            feed(r, event);
        }
    }
    assert_int_equal(status_of(r).blobs_missing, missing);
    assert_int_equal(status_of(r).cosigned_size, 0);
}

/* ---- erased attachments ---- */

typedef struct erasing {
    uint64_t named, erased; /* sizes of the heads after the leaf that names it, that erases it */
    uint64_t sealed, end;   /* the head after the SEAL that covers both, and the last one */
    const uint8_t *sha256;
} erasing;

/* A case whose text is erased, each under a STATE of its own, then sealed. */
static erasing erase_something(rig *r)
{
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)"ssu";
    report.title = (char *)"Med for mye";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    report.text = fed_blob(r->f, "et navn for mye");
    fed_must(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat");
    fed_state(r->f);
    erasing e = {.named = r->f->leaf_count, .sha256 = report.text->sha256.data};
    Sb__BlobErase erase = SB__BLOB_ERASE__INIT;
    erase.blob_sha256 = report.text->sha256;
    erase.reason = SB__ERASE_REASON__ERASE_REASON_PERSONAL;
    fed_must(r->f, SB_ENTRY_BLOB_ERASE, &erase.base, "secretariat");
    fed_state(r->f);
    e.erased = r->f->leaf_count;
    fed_seal(r->f); /* ends with a STATE */
    e.sealed = e.end = r->f->leaf_count;
    return e;
}

static void test_cosigns_without_what_is_erased(void **state)
{
    rig *r = *state;
    size_t before = r->f->leaf_count;
    hold_all_blobs(r); /* of what was there before */
    erasing e = erase_something(r);
    link_broker(r);
    clock_after(r, e.end - 1);
    leaves(r, 0, before);
    leaves(r, before, e.named);
    assert_int_equal(status_of(r).block, SB_FOL_BLOCK_BLOBS);
    assert_int_equal(status_of(r).blobs_missing, 1);
    assert_non_null(strstr(tick(r, 50), "want blob"));
    leaves(r, e.named, e.erased); /* the head that erases it needs it no more */
    assert_int_equal(status_of(r).cosigned_size, e.erased);
    assert_int_equal(status_of(r).blobs_missing, 0);
    assert_null(strstr(tick(r, 20000), "want blob"));
    reopen(r); /* not final yet: still remembered, still not wanted */
    link_broker(r);
    assert_int_equal(status_of(r).blobs_missing, 0);
    assert_null(strstr(tick(r, 20000), "want blob"));
}

static void test_erases_what_is_final(void **state)
{
    rig *r = *state;
    erasing e = erase_something(r);
    hold_all_blobs(r);
    link_broker(r);
    clock_after(r, e.end - 1);
    uint64_t time_s = r->now.legal_ms / 1000;
    leaves(r, 0, e.erased);
    certified(r, e.erased, THREE, 3, time_s);
    assert_true(sim_store_has_blob(&r->store, e.sha256)); /* certified isn't final */
    leaves(r, e.erased, e.end);
    assert_true(sim_store_has_blob(&r->store, e.sha256)); /* nor is sealed */
    certified(r, e.end, THREE, 3, time_s + 1);
    assert_true(status_of(r).final_size >= e.erased);
    assert_false(sim_store_has_blob(&r->store, e.sha256));
    assert_string_equal(tick(r, 50), ""); /* once */
    /* kept by mistake: it goes when the node starts next */
    sim_store_blob(&r->store, e.sha256);
    reopen(r);
    tick(r, 50);
    assert_false(sim_store_has_blob(&r->store, e.sha256));
}

/* Nobody takes what names it any more, and nobody waits for it. */
static void test_nothing_names_what_is_erased(void **state)
{
    rig *r = *state;
    erasing e = erase_something(r);
    hold_all_blobs(r);
    link_broker(r);
    clock_after(r, e.end - 1);
    leaves(r, 0, e.end);
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)"ssu";
    report.title = (char *)"En gang til";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    report.text = fed_blob(r->f, "et navn for mye");
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "secretariat", NULL, &entry);
    sb_leaf leaf;
    assert_int_equal(sb_entry_open(sb_buf_slice(&entry), &r->arena, &leaf, NULL), SB_OK);
    const char *trace = feed(
        r,
        (sb_fol_event){.kind = SB_FOL_MEMBER_SUBMIT, .entry = sb_buf_slice(&entry), .leaf = &leaf});
    assert_non_null(strstr(trace, "SB_E_LEDGER_BLOB_ERASED"));
    assert_int_equal(status_of(r).outbox, 0);
    sb_buf_deinit(&entry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_record_before_cosignature, setup_script),
        TEST(test_final_in_two_rounds, setup_script),
        TEST(test_keeps_the_fullest_note, setup_script),
        TEST(test_stale_times, setup_script),
        TEST(test_stale_replays, setup_script),
        TEST(test_rehearsal_stays_fresh, setup_rehearsal),
        TEST(test_another_organisations_key, setup_script),
        TEST(test_times, setup_script),
        TEST(test_cosigns_anew, setup_script),
        TEST(test_a_broker_that_was_away, setup_script),
        TEST(test_what_was_asked_before, setup_script),
        TEST(test_an_old_head_waits, setup_script),
        TEST(test_what_another_claimed, setup_script),
        TEST(test_blobs_first, setup_script),
        TEST(test_blob_that_is_not_there, setup_script),
        TEST(test_cosigns_without_what_is_erased, setup_script),
        TEST(test_erases_what_is_final, setup_script),
        TEST(test_nothing_names_what_is_erased, setup_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
