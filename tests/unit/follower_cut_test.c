/* What a HANDOVER cuts off, and how it comes back through the outbox. */
#include "tests/lib/play.h"
#include "tests/unit/follower_says.h"

static sb_buf make_and_hand_in(rig *r, sb_entry_type type, const ProtobufCMessage *message,
                               const char *key, uint64_t member)
{
    sb_buf entry;
    sb_buf_init(&entry);
    fed_make(r->f, type, message, key, NULL, &entry);
    submit(r, &entry, member);
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
    welcome_on(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    sb_buf_init(all);
    sb_buf_str(all, leaves_on(r, 2, kept, end, 2));
    sb_buf_str(all, tick(r, 600));
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

/* It is in the log of term 1, and a HANDOVER doesn't keep it. */
static sb_buf report_and_cut(rig *r, sb_buf *all)
{
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    sb_buf entry = report_case(r, "En sak", 3);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&entry)), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 1, kept, r->f->leaf_count, 1), "notify 3 receipt"));
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
    leaves_on(r, 1, kept, r->f->leaf_count, 1);
    assert_int_equal(status_of(r).outbox, 0);
    const char *trace = submit(r, &entry, 3);
    assert_true(has(trace, "commit +OUTBOX\nnotify 3 receipt"));
    assert_null(strstr(trace, "Submit")); /* it is there */
    assert_int_equal(status_of(r).outbox, 1);
    assert_null(strstr(submit(r, &entry, 4), "commit"));
    reopen(r);
    link_up(r, 1, SB_FOL_ROLE_BROKER);
    assert_null(strstr(welcome_on(r, 1, r->f->leaf_count, 1), "Submit"));
    fed_cut(r->f, (size_t)kept);
    fed_take_over(r->f, 2, "log-2");
    uint64_t end = r->f->leaf_count;
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    offer(r, 2, kept, note_at(r, end, 2));
    assert_int_equal(r->rewound_to, kept);
    offer(r, 2, kept, note_at(r, end, 2));
    welcome_on(r, 2, end, 2);
    r->now.legal_ms = r->f->now_ms + 1000;
    assert_true(has(leaves_on(r, 2, kept, end, 2), "send 2 Submit"));
    assert_int_equal(status_of(r).outbox, 1);
    sb_buf_deinit(&entry);
}

/* ---- refused when it comes back ---- */

static const char *refuse(rig *r, const sb_buf *entry, sb_err code)
{
    return refused_on(r, 2, entry, code);
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
    const char *trace = leaves_on(r, 2, end, r->f->leaf_count, 2);
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
    welcome_on(r, 2, r->f->leaf_count, 2);
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

enum { CUT_CASES = 3 };

/* So many cases of the secretariat's are in the log of term 1, and cut off; a new one behind them. */
static void cut_cases(rig *r, sb_buf cases[CUT_CASES + 1], sb_buf *all)
{
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    for (size_t i = 0; i < CUT_CASES; i++) {
        cases[i] = report_case(r, "En sak", 3);
        assert_int_equal(fed_take(r->f, sb_buf_slice(&cases[i])), SB_OK);
    }
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves_on(r, 1, kept, r->f->leaf_count, 1);
    hand_over(r, kept, all);
    fed_key_of(r->f, "secretariat")->seq += CUT_CASES;
    cases[CUT_CASES] = report_case(r, "En ny sak", 4);
    fed_key_of(r->f, "secretariat")->seq -= CUT_CASES;
}

static void free_cases(sb_buf cases[CUT_CASES + 1], sb_buf *all)
{
    for (size_t i = 0; i <= CUT_CASES; i++)
        sb_buf_deinit(&cases[i]);
    sb_buf_deinit(all);
}

/* The key's next ones have waited as long: it isn't so long for each. */
static void test_cut_and_given_up_together(void **state)
{
    rig *r = *state;
    sb_buf cases[CUT_CASES + 1], all;
    cut_cases(r, cases, &all);
    assert_null(strstr(refuse(r, &cases[0], SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    tick(r, SB_FOL_CUT_MS);
    for (size_t i = 0; i < CUT_CASES; i++) {
        const char *trace = refuse(r, &cases[i], SB_E_LEDGER_QUESTION_UNKNOWN);
        assert_true(has(trace, "refused"));
        assert_int_equal(submits(trace), 1); /* the next */
    }
    assert_true(has(refuse(r, &cases[CUT_CASES], SB_E_LEDGER_QUESTION_UNKNOWN), "notify 4"));
    assert_int_equal(status_of(r).outbox, 0);
    free_cases(cases, &all);
}

/* … but when one got in, the next has its own time. */
static void test_cut_and_one_is_back(void **state)
{
    rig *r = *state;
    sb_buf cases[CUT_CASES + 1], all;
    cut_cases(r, cases, &all);
    assert_null(strstr(refuse(r, &cases[0], SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    tick(r, SB_FOL_CUT_MS - 1000);
    take_here(r, &cases[0], 2, 2);
    tick(r, 1000);
    assert_null(strstr(refuse(r, &cases[1], SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    tick(r, SB_FOL_CUT_MS - 1);
    assert_null(strstr(refuse(r, &cases[1], SB_E_LEDGER_QUESTION_UNKNOWN), "notify"));
    tick(r, 1);
    assert_true(has(refuse(r, &cases[1], SB_E_LEDGER_QUESTION_UNKNOWN), "refused"));
    free_cases(cases, &all);
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

/* ---- what ends a question waits for the votes ---- */

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
    assert_true(has(leaves_on(r, 1, kept, r->f->leaf_count, 1), "notify 4 receipt"));
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
    welcome_on(r, 2, r->f->leaf_count, 2);
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
    return leaves_on(r, 2, end, r->f->leaf_count, 2);
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
    assert_true(has(leaves_on(r, 1, kept, r->f->leaf_count, 1), "notify 4 receipt"));
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
    assert_true(has(leaves_on(r, 1, kept, r->f->leaf_count, 1), "notify 3 receipt"));
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
    welcome_on(r, 5, r->f->leaf_count, 2);
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

/* ---- from every node that had it, in order ---- */

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
    assert_null(strstr(submit(r, &entries[1], 4), "Submit"));
    reopen(r); /* all of it stands in the store */
    link_up(r, 2, SB_FOL_ROLE_BROKER);
    assert_int_equal(submits(welcome_on(r, 2, r->f->leaf_count, 2)), 1);
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
        leaves_on(r, 1, before, end, 1);
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

/* Whose the outbox's entries are, in order: "p" another node's member's, "m" one of ours. */
static const char *whose(rig *r)
{
    static char text[8];
    size_t at = 0, count = 0;
    sb_fol_outbox_row row;
    while (sb_follower_outbox_next(r->fol, r->now, &at, &row) && count + 1 < sizeof text)
        text[count++] = row.of_peer ? 'p' : 'm';
    text[count] = '\0';
    return text;
}

/* … also with one between them that another node handed on. */
static void test_cut_before_theirs_and_ours(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    sb_buf all, first = make_case(r, "En sak");
    take_here(r, &first, 1, 1);
    sb_buf theirs = make_case(r, "En annen sak");
    submit_on(r, 4, &theirs);
    fed_key_of(r->f, "secretariat")->seq++;
    sb_buf ours = report_case(r, "En tredje sak", 3);
    fed_key_of(r->f, "secretariat")->seq--;
    assert_string_equal(whose(r), "pm");
    hand_over(r, kept, &all);
    assert_string_equal(whose(r), "mpm");
    sb_buf_deinit(&first);
    sb_buf_deinit(&theirs);
    sb_buf_deinit(&ours);
    sb_buf_deinit(&all);
}

/* What can't be kept, for its attachment isn't here, isn't superseded by the key's next. */
static void test_cut_without_attachment(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    Sb__CaseReport report = SB__CASE_REPORT__INIT;
    report.body = (char *)(uintptr_t) "ssu";
    report.title = (char *)(uintptr_t) "En sak med papirer";
    report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
    report.text = fed_blob(r->f, "papirene");
    sb_buf all, of[3];
    sb_buf_init(&of[0]);
    fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, SEC, NULL, &of[0]);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&of[0])), SB_OK);
    of[1] = make_case(r, "En sak uten");
    assert_int_equal(fed_take(r->f, sb_buf_slice(&of[1])), SB_OK);
    of[2] = make_report(r, "En annens sak", 1000, false);
    assert_int_equal(fed_take(r->f, sb_buf_slice(&of[2])), SB_OK);
    fed_state(r->f);
    r->now.legal_ms = r->f->now_ms + 1000;
    leaves(r, kept, r->f->leaf_count); /* without it */
    assert_int_equal(status_of(r).size, r->f->leaf_count);
    hand_over(r, kept, &all);
    size_t at = 0;
    sb_fol_outbox_row row;
    assert_int_equal(status_of(r).outbox, 1);
    assert_true(sb_follower_outbox_next(r->fol, r->now, &at, &row));
    assert_true(sb_slice_eq(row.entry, sb_buf_slice(&of[2])));
    for (size_t i = 0; i < 3; i++)
        sb_buf_deinit(&of[i]);
    sb_buf_deinit(&all);
}

/* Nobody's entries, of a key that was made for it, as many as are taken from other nodes. */
static void hand_on_junk(rig *r, uint32_t link)
{
    for (size_t i = 0; i < SB_FOL_PEER_ENTRIES_MAX; i++) {
        Sb__CaseReport report = SB__CASE_REPORT__INIT;
        report.body = (char *)(uintptr_t) "ssu";
        report.title = (char *)(uintptr_t) "Tull";
        report.kind = SB__CASE_KIND__CASE_KIND_DECISION;
        sb_buf junk;
        sb_buf_init(&junk);
        fed_make(r->f, SB_ENTRY_CASE_REPORT, &report.base, "nobody at all", NULL, &junk);
        fed_key_of(r->f, "nobody at all")->seq++;
        assert_null(strstr(submit_on(r, link, &junk), "refused"));
        sb_buf_deinit(&junk);
    }
}

/* What other nodes hand on takes no place of what is cut off; nor the other way round. */
static void test_cut_beside_junk(void **state)
{
    rig *r = *state;
    uint64_t kept = r->f->leaf_count;
    follow(r, kept);
    sb_buf all, entry = make_case(r, "En sak");
    take_here(r, &entry, 1, 1);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    link_down(r, 1);
    hand_on_junk(r, 4);
    assert_int_equal(status_of(r).outbox, SB_FOL_PEER_ENTRIES_MAX);
    hand_over(r, kept, &all);
    assert_int_equal(status_of(r).outbox, SB_FOL_PEER_ENTRIES_MAX + 1);
    sb_buf_deinit(&entry);
    sb_buf_deinit(&all);
}

static void test_junk_beside_cut(void **state)
{
    rig *r = *state;
    cut_many(r, false, SB_FOL_PEER_ENTRIES_MAX);
    link_up(r, 4, SB_FOL_ROLE_NODE);
    hand_on_junk(r, 4);
    assert_int_equal(status_of(r).outbox, 2 * SB_FOL_PEER_ENTRIES_MAX);
    sb_buf more = make_report(r, "En sak", 1000, false);
    submit_on(r, 4, &more);
    assert_int_equal(status_of(r).outbox, 2 * SB_FOL_PEER_ENTRIES_MAX);
    sb_buf_deinit(&more);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_entries_come_back, setup_terms),
        TEST(test_known_entries_come_back, setup_terms),
        TEST(test_cut_and_refused, setup_terms),
        TEST(test_cut_and_given_up, setup_terms),
        TEST(test_cut_and_given_up_together, setup_terms),
        TEST(test_cut_and_one_is_back, setup_terms),
        TEST(test_cut_and_hopeless, setup_terms),
        TEST(test_cut_close_waits, setup_terms),
        TEST(test_cut_close_waits_after_a_start, setup_terms),
        TEST(test_cut_close_waits_behind_others, setup_terms),
        TEST(test_new_close_behind_cut_ones_waits, setup_terms),
        TEST(test_close_without_receipt_waits, setup_terms),
        TEST(test_cut_goes_before_later, setup_terms),
        TEST(test_cut_of_others_is_bounded, setup_terms),
        TEST(test_cut_before_ours_is_kept, setup_terms),
        TEST(test_cut_before_theirs_and_ours, setup_terms),
        TEST(test_cut_without_attachment, setup_terms),
        TEST(test_cut_beside_junk, setup_terms),
        TEST(test_junk_beside_cut, setup_terms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
