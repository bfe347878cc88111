/* The charter changed over two meetings: drafts, what they may change, the rule that decides, seats
 * that come and go, questions of the old rules, certificates that cite their own version. */
#include <stdio.h>

#include "proto/base/hash.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

#define NO_OVERLAP SB__OVERLAP__OVERLAP_NONE

static const char *const clause[] = {"Vedtektene endres."};

static void assert_says(const char *text, const char *words)
{
    if (text == NULL || strstr(text, words) == NULL) {
        fprintf(stderr, "%s\n", text == NULL ? "(no text)" : text);
        fail();
    }
}

/* A draft's last part is refused (the others are in). */
#define draft_refused(f, c, by, code, words)                                                       \
    do {                                                                                           \
        play_id id_;                                                                               \
        assert_string_equal(sb_err_name(play_draft_charter((f), (c), (by), &id_)), #code);         \
        play_says((f), (words));                                                                   \
    } while (0)

static fed *begin(void)
{
    fed *f = fed_new(&(fed_options){.edit = play_amendable});
    fed_run(f);
    fed_at(f, 20211220, 12, 0);
    return f;
}

static play_id report(fed *f, const char *body)
{
    play_id c;
    play_ok(play_report(f, body, "Endring av vedtektene", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clause));
    return c;
}

static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

/* Discussed in one meeting. */
static void discuss(fed *f, play_id c, uint32_t date)
{
    play_id meeting;
    play_next_meeting(f, "ssu", date, c, &meeting);
    play_ok(play_discuss(f, meeting, c, SEC));
    play_ok(play_close(f, meeting, SEC));
}

/* Put to the vote in another, with so many votes for. */
static play_id vote(fed *f, play_id c, uint32_t date, size_t votes_for)
{
    play_id meeting, q;
    play_next_meeting(f, "ssu", date, c, &meeting);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], i < votes_for ? FOR : AGAINST));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, meeting, SEC));
    return q;
}

static play_id draft_of(fed *f, const Sb__Charter *c)
{
    play_id draft;
    play_ok(play_draft_charter(f, c, "unn-1/primary", &draft));
    return draft;
}

/* ---- two meetings ---- */

static void test_two_meetings(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), first, second, q;

    Sb__Charter *one = play_charter_copy(f);
    one->bodies[0]->pass->text = text("pass for >= 1/2 of cast");
    play_id draft = draft_of(f, one);
    play_ok(play_change(f, c, draft, NO_OVERLAP, SEC, &first));
    discuss(f, c, 20220120);

    /* what is decided may differ from what was discussed */
    Sb__Charter *two = play_charter_copy(f);
    two->bodies[0]->pass->text = text("pass for > 1/2 of cast");
    two->bodies[0]->name = text("Strategisk samarbeidsutvalg");
    two->bodies[0]->deadlines[1]->least = 7;
    play_ok(play_strike(f, first, SEC));
    play_ok(play_change(f, c, draft_of(f, two), NO_OVERLAP, SEC, &second));

    /* a vote, not a consensus: the rule asks for two thirds */
    play_id meeting;
    play_next_meeting(f, "ssu", 20220217, c, &meeting);
    play_refused(f, play_ask(f, meeting, c, CONSENSUS, SEC, NULL), SB_E_LEDGER_AMEND_MODE, NULL);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], i < 4 ? FOR : AGAINST));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED); /* 4 of 6: the SSU's own rule would not */
    const char *json = play_certificate(f, q);
    uint8_t sha256[32];
    char hex[65], member[128];
    assert_true(sb_actions_draft_at(sb_ledger_kv(f->ledger), play_case(f, c).no,
                                    play_action_row(f, first).index, sha256));
    sb_hex(sb_slice_of(sha256, 32), hex);
    snprintf(member, sizeof member, "\"discussed_sha256\":\"%s\"", hex);
    assert_says(json, member);
    assert_true(sb_actions_draft_at(sb_ledger_kv(f->ledger), play_case(f, c).no, SB_NOW, sha256));
    sb_hex(sb_slice_of(sha256, 32), hex);
    snprintf(member, sizeof member, "\"draft_sha256\":\"%s\"", hex);
    assert_says(json, member);
    assert_says(json, "{\"path\":\"bodies.ssu.pass.text\",\"change\":\"changed\",\"then\":\"pass "
                      "against = 0 and for >= 1 else no_consensus\",\"now\":\"pass for > 1/2 of "
                      "cast\"}");
    assert_says(json, "\"changes_since_discussed\":[{\"path\":\"bodies.ssu.name\"");
    assert_says(json, "for >= 2/3 of present, after discussion in an earlier meeting");
    assert_says(json, "\"cite\":\"§ 7\"");
    assert_says(play_certificate_text(f, q, SB_LANG_NB),
                "organ ssu, vedtaksregel: «vedtak mot = 0 og for >= 1 ellers ikke_konsensus» → "
                "«vedtak for > 1/2 av avgitt»");
    assert_says(play_certificate_text(f, q, SB_LANG_EN), "body ssu, rule of decision:");
    assert_says(json, "{\"path\":\"bodies.ssu.deadlines.papers_sent.least\",\"change\":\"changed\","
                      "\"then\":10,\"now\":7}");
    assert_says(play_certificate_text(f, q, SB_LANG_NB),
                "frist sakspapirer sendt ut, minst: 10 → 7");
    play_ok(play_close(f, meeting, SEC));
    assert_string_equal(sb_ledger_charter(f->ledger)->bodies[0]->name, "Organet SSU");
    fed_seal(f);
    assert_int_equal(play_version(f), 2);
    assert_string_equal(sb_ledger_charter(f->ledger)->bodies[0]->name,
                        "Strategisk samarbeidsutvalg");
    assert_says(play_query(f, "charter", NULL), "\"version\":2");
    assert_says(play_query(f, "charter-bytes", "1"), "\"version\":1");
    assert_says(play_query(f, "charter-bytes", NULL), hex);
    assert_null(play_query(f, "charter-bytes", "3"));

    /* the meeting that has been is told by the charter of that time, deadlines included */
    sb_hex(sb_slice_of(meeting.data, 32), hex);
    const char *then = play_query(f, "meeting", hex);
    assert_says(then, "\"body_name\":\"Organet SSU\"");
    assert_says(then, "\"kind\":\"papers_sent\",\"from\":\"2022-02-03\",\"to\":\"2022-02-07\"");

    /* from now on the SSU decides by the new rule, and the certificate says by which version */
    play_id c2 = report(f, "ssu");
    q = vote(f, c2, 20220317, 4);
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_says(play_certificate(f, q), "\"charter_version\":2");
    fed_free(f);
}

static void test_not_discussed(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), a;
    Sb__Charter *one = play_charter_copy(f);
    one->name = text("Et annet navn");
    play_ok(play_change(f, c, draft_of(f, one), NO_OVERLAP, SEC, &a));
    play_id q = vote(f, c, 20220120, 6);
    assert_int_equal(play_outcome(f, q), FALLEN);
    assert_says(play_certificate(f, q), "\"discussion_missing\":true");
    fed_seal(f);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_PROPOSED);
    /* that meeting was a discussion; the next may decide, by 2/3 */
    q = vote(f, c, 20220217, 3);
    assert_int_equal(play_outcome(f, q), FALLEN);
    q = vote(f, c, 20220317, 4);
    assert_int_equal(play_outcome(f, q), ADOPTED);
    fed_seal(f);
    assert_int_equal(play_version(f), 2);
    fed_free(f);
}

/* A question that is open when the charter changes keeps rule, electorate and version. */
static void test_open_question(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), p = report(f, "pm"), meeting, open, q;
    Sb__Charter *one = play_charter_copy(f);
    Sb__Body *pm = one->bodies[1];
    pm->pass->text = text("pass for >= 3");
    pm->pass->cite = text("§ 99");
    pm->seats[0] = pm->seats[1]; /* pm-unn-1 goes */
    pm->seats[1] = pm->seats[2];
    pm->seats[2] = pm->seats[3];
    pm->n_seats = 3;
    Sb__Seat *new = play_add_seat(f, pm, "pm-ny", "kommune", "utenfor", true);
    new->has_deputy = false;
    play_ok(play_change(f, c, draft_of(f, one), NO_OVERLAP, SEC, NULL));
    discuss(f, c, 20220120);
    play_next_meeting(f, "pm", 20220215, p, &meeting);
    play_ok(play_ask(f, meeting, p, VOTE, SEC, &open));
    (void)vote(f, c, 20220217, 6);
    fed_seal(f);
    assert_int_equal(play_version(f), 2);

    sb_row_seat *seats;
    assert_int_equal(sb_electorate_at(sb_ledger_kv(f->ledger), &f->arena, 1, SB_NOW, &seats), 4);
    assert_string_equal(seats[3].id, "pm-ny");
    assert_string_equal(seats[0].id, "pm-unn-2");
    play_refused(f, fed_appoint_seat(f, "pm-unn-1", PRIMARY, "sen"), SB_E_LEDGER_SEAT_GONE, NULL);
    play_ok(play_vote(f, open, "pm-unn-1", FOR)); /* of the electorate, though the seat is gone */
    play_ok(play_vote(f, open, "pm-unn-2", FOR));
    play_ok(play_vote(f, open, "pm-kommune-1", FOR));
    play_ok(play_vote(f, open, "pm-kommune-2", AGAINST));
    Sb__Appoint a = SB__APPOINT__INIT;
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = text("pm-ny");
    place.role = PRIMARY;
    a.place_case = SB__APPOINT__PLACE_SEAT;
    a.seat = &place;
    a.name = fed_blob(f, "ny");
    a.device_pk = (play_id){32, fed_key_of(f, "pm-ny/primary")->pk};
    a.from_date = 20220101;
    fed_must(f, SB_ENTRY_APPOINT, &a.base, SEC);
    fed_seal(f);
    play_ok(play_here(f, meeting, "pm-ny", PRIMARY, ARRIVED, NULL, SEC));
    play_refused(f, play_vote(f, open, "pm-ny", FOR), SB_E_LEDGER_SEAT_AFTER, "pm-ny");
    play_ok(play_end(f, open, SEC));
    /* for > 1/2 in each partner: kommune 1 of 2 is not; the new rule (three for) would hold */
    assert_int_equal(play_outcome(f, open), FALLEN);
    const char *json = play_certificate(f, open);
    assert_says(json, "\"charter_version\":1");
    assert_says(json, "\"cite\":\"§ 3 nr. 1\"");
    assert_null(strstr(json, "§ 99"));
    assert_says(json, "\"seat\":\"pm-unn-1\"");
    assert_null(strstr(json, "pm-ny"));
    assert_says(play_certificate_text(f, open, SB_LANG_NB), "Plass pm-unn-1 (pm-unn-1)");
    play_ok(play_close(f, meeting, SEC));
    assert_says(play_query(f, "meeting", "pm:2022-02-15"), "pm-unn-1");

    /* a seat that is gone gives no right to report */
    play_refused(f, play_report(f, "pm", "Ny sak", DECISION, "pm-unn-1/primary", NULL),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_id p2 = report(f, "pm");
    play_ok(play_call(f, "pm", 20220320, SEC, 1, &p2, &meeting));
    play_ok(play_papers(f, meeting, 1, &p2, 0, SEC));
    fed_at(f, 20220320, 9, 0);
    play_ok(play_open(f, meeting, SEC));
    play_ok(play_chair(f, meeting, NULL, "pm-unn-2", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC));
    play_refused(f, play_here(f, meeting, "pm-unn-1", PRIMARY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_SEAT_GONE, NULL);
    play_refused(f,
                 play_chair(f, meeting, NULL, "pm-unn-1", SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN, SEC),
                 SB_E_LEDGER_SEAT_GONE, NULL);
    static const char *const there[] = {"pm-unn-2", "pm-kommune-1", "pm-kommune-2", "pm-ny"};
    play_arrive(f, meeting, there, 4);
    play_ok(play_ask(f, meeting, p2, VOTE, SEC, &q));
    for (size_t i = 0; i < 3; i++)
        play_ok(play_vote(f, q, there[i], FOR));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_says(play_certificate(f, q), "§ 99");
    fed_free(f);
}

/* ---- drafts ---- */

static void test_drafts_refused(void **state)
{
    (void)state;
    fed *f = begin();
    Sb__Charter *c = play_charter_copy(f);
    play_id id;
    sb_buf bytes;
    uint8_t hash[32];
    c->name = text("Nytt navn");
    draft_refused(f, c, "unn/authority", SB_E_LEDGER_CAPABILITY, NULL);
    sb_buf_init(&bytes);
    assert_int_equal(sb_charter_encode(c, &bytes, &f->fail), SB_OK);
    sb_hash(sb_buf_slice(&bytes), hash);
    Sb__CharterDraft m = SB__CHARTER_DRAFT__INIT;
    m.charter_sha256 = (play_id){32, hash};
    m.charter_bytes = 10;
    m.charter_parts = 11;
    play_refused(f, fed_submit(f, SB_ENTRY_CHARTER_DRAFT, &m.base, SEC), SB_E_LEDGER_CHARTER_SIZE,
                 NULL);
    m.charter_bytes = 200000;
    m.charter_parts = 3;
    play_refused(f, fed_submit(f, SB_ENTRY_CHARTER_DRAFT, &m.base, SEC), SB_E_LEDGER_CHARTER_SIZE,
                 NULL);
    m.charter_bytes = (uint32_t)bytes.len;
    m.charter_parts = 2;
    play_ok(fed_submit(f, SB_ENTRY_CHARTER_DRAFT, &m.base, SEC));
    id = fed_last_id(f);
    Sb__CharterDraftPart p = SB__CHARTER_DRAFT_PART__INIT;
    p.draft_id = fed_blob(f, "ingen")->sha256;
    p.number = 1;
    p.data = (play_id){500, bytes.data};
#define PART(by) fed_submit(f, SB_ENTRY_CHARTER_DRAFT_PART, &p.base, by)
    play_refused(f, PART(SEC), SB_E_LEDGER_CHARTER_DRAFT_UNKNOWN, NULL);
    p.draft_id = id;
    play_refused(f, PART("unn-1/primary"), SB_E_LEDGER_DRAFT_NOT_YOURS, NULL);
    p.number = 2;
    play_refused(f, PART(SEC), SB_E_LEDGER_CHARTER_PART, NULL);
    p.number = 1;
    play_ok(PART(SEC));
    p.number = 2;
    p.data = (play_id){bytes.len - 501, bytes.data + 500};
    play_refused(f, PART(SEC), SB_E_LEDGER_CHARTER_HASH, NULL); /* one byte short */
    play_id case_id = report(f, "ssu");
    play_refused(f, play_change(f, case_id, id, NO_OVERLAP, SEC, NULL), SB_E_LEDGER_DRAFT_NOT_WHOLE,
                 "1 av 2");
    bytes.data[600] ^= 1;
    p.data = (play_id){bytes.len - 500, bytes.data + 500};
    play_refused(f, PART(SEC), SB_E_LEDGER_CHARTER_HASH, NULL);
    bytes.data[600] ^= 1;
    play_ok(PART(SEC));
    play_refused(f, PART(SEC), SB_E_LEDGER_DRAFT_WHOLE, NULL);
    assert_says(play_query(f, "charter-drafts", NULL), "\"whole\":true,\"base_version\":1");

    /* who begins anew gives up what isn't finished */
    play_ok(fed_submit(f, SB_ENTRY_CHARTER_DRAFT, &m.base, SEC));
    play_id left = fed_last_id(f);
    p.draft_id = left;
    p.number = 1;
    p.data = (play_id){500, bytes.data};
    play_ok(PART(SEC));
    play_ok(fed_submit(f, SB_ENTRY_CHARTER_DRAFT, &m.base, SEC));
    p.number = 2;
    play_refused(f, PART(SEC), SB_E_LEDGER_CHARTER_DRAFT_UNKNOWN, NULL);
    sb_row_draft_part part = {.draft = 2, .number = 1};
    assert_false(sb_row_draft_part_get(sb_ledger_kv(f->ledger), &f->arena, &part));
#undef PART
    sb_buf_deinit(&bytes);
    fed_free(f);
}

/* What one charter may not change of the one before: each says the list and the id. */
static void test_succession(void **state)
{
    (void)state;
    fed *f = begin();
    play_id id;
#define REFUSED(change, code, words)                                                               \
    do {                                                                                           \
        Sb__Charter *c = play_charter_copy(f);                                                     \
        change;                                                                                    \
        draft_refused(f, c, SEC, code, words);                                                     \
    } while (0)
#define SWAP(list, type)                                                                           \
    do {                                                                                           \
        type *t = c->list[0];                                                                      \
        c->list[0] = c->list[1];                                                                   \
        c->list[1] = t;                                                                            \
    } while (0)
    REFUSED((void)c, SB_E_LEDGER_AMEND_SAME, "likt");
    REFUSED(c->slug = text("annet"), SB_E_LEDGER_SUCCEED_FIXED, "slug");
    REFUSED(c->rehearsal = false, SB_E_LEDGER_SUCCEED_FIXED, "rehearsal");
    REFUSED(SWAP(partners, Sb__Partner), SB_E_LEDGER_SUCCEED_PLACE, "nr. 1 i partners");
    REFUSED(SWAP(organisations, Sb__Organisation), SB_E_LEDGER_SUCCEED_PLACE, "organisations");
    REFUSED(SWAP(appointers, Sb__Appointer), SB_E_LEDGER_SUCCEED_PLACE, "appointers");
    REFUSED(SWAP(parties, Sb__Party), SB_E_LEDGER_SUCCEED_PLACE, "«tromso»");
    REFUSED(SWAP(offices, Sb__Office), SB_E_LEDGER_SUCCEED_PLACE, "offices");
    REFUSED(c->n_parties = 1, SB_E_LEDGER_SUCCEED_PLACE, "nr. 2 i parties");
    REFUSED(c->n_bodies = 1; c->membership->body = text("ssu"), SB_E_LEDGER_SUCCEED_PLACE, "«pm»");
    REFUSED(c->organisations[0]->name = text("X"), SB_E_LEDGER_SUCCEED_FIXED, "organisations");
    REFUSED(c->policy->more_than_num = 1, SB_E_LEDGER_SUCCEED_FIXED, "policy");
    REFUSED(c->membership = NULL, SB_E_LEDGER_SUCCEED_FIXED, "membership");
    REFUSED(c->membership->body = text("ssu"), SB_E_LEDGER_SUCCEED_FIXED, "membership");
    REFUSED(c->bodies[0]->seats[0]->partner = text("kommune"), SB_E_LEDGER_SUCCEED_SEAT, "partner");
    REFUSED(c->bodies[0]->seats[0]->voting = false, SB_E_LEDGER_SUCCEED_SEAT, "voting");
    REFUSED(
        {
            c->bodies[1]->seats[c->bodies[1]->n_seats++] = c->bodies[0]->seats[6];
            c->bodies[0]->n_seats = 6;
        },
        SB_E_LEDGER_SUCCEED_SEAT, "obs-1");
    REFUSED(
        {
            c->bodies[2] = play_new_body(f, "x", "pm");
            c->n_bodies = 3;
            c->bodies[2]->mandate_sha256 = fed_blob(f, "m")->sha256;
            c->bodies[2]->mandate_size = 33;
        },
        SB_E_LEDGER_SUCCEED_MANDATE, "x");
    /* and all that a founding is refused for */
    REFUSED(c->bodies[0]->seats[0]->appointer = text("ingen"), SB_E_LEDGER_CHARTER_REFERENCE,
            "ingen");
    REFUSED(c->bodies[0]->quorum->text = text("quorum present >= 1/2 av seats"),
            SB_E_LEDGER_CHARTER_RULE, NULL);
    REFUSED(c->bodies[0]->seats[0]->id = text("pm-unn-1"), SB_E_LEDGER_CHARTER_ID, NULL);
#undef SWAP
#undef REFUSED
    /* what may: new at the end of every list, seats moved within their body, names, rules */
    Sb__Charter *c = play_charter_copy(f);
    c->partners[c->n_partners++] = c->partners[0];
    c->partners[c->n_partners - 1] = SB_ARENA_NEW(&f->arena, Sb__Partner);
    *c->partners[c->n_partners - 1] = *c->partners[0];
    c->partners[c->n_partners - 1]->id = text("nye");
    Sb__Seat *seat = c->bodies[0]->seats[0];
    c->bodies[0]->seats[0] = c->bodies[0]->seats[1];
    c->bodies[0]->seats[1] = seat;
    (void)play_add_seat(f, c->bodies[0], "ny-1", "nye", "utenfor", true);
    c->bodies[c->n_bodies++] = play_new_body(f, "x", "pm");
    c->parties[c->n_parties] = SB_ARENA_NEW(&f->arena, Sb__Party);
    *c->parties[c->n_parties] = *c->parties[0];
    c->parties[c->n_parties++]->id = text("balsfjord");
    play_ok(play_draft_charter(f, c, SEC, &id));
    fed_free(f);
}

static void without_amendment(Sb__Charter *c, sb_arena *a, void *arg)
{
    play_amendable(c, a, arg);
    c->amendment = NULL;
}

static void test_change_refused(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), p = report(f, "pm");
    Sb__Charter *one = play_charter_copy(f);
    one->name = text("Et annet navn");
    play_id draft = draft_of(f, one);
    play_refused(f, play_change(f, c, c, NO_OVERLAP, SEC, NULL), SB_E_LEDGER_CHARTER_DRAFT_UNKNOWN,
                 NULL);
    play_refused(f, play_change(f, p, draft, NO_OVERLAP, SEC, NULL), SB_E_LEDGER_AMEND_BODY, "SSU");
    play_ok(play_change(f, c, draft, NO_OVERLAP, SEC, NULL));
    play_refused(f, play_change(f, c, draft, NO_OVERLAP, SEC, NULL), SB_E_LEDGER_AMEND_TWICE, NULL);
    fed_free(f);
    f = fed_new(&(fed_options){.edit = without_amendment});
    fed_run(f);
    one = play_charter_copy(f);
    one->name = text("Et annet navn");
    draft_refused(f, one, SEC, SB_E_LEDGER_AMEND_NONE, NULL);
    fed_free(f);
}

/* The parties' agreement: overlapping or unclear, they must be involved. */
static void test_involvement(void **state)
{
    (void)state;
    fed *f = begin();
    static const char *const parties[] = {"tromso", "karlsoy"};
    play_id c = report(f, "ssu"), a, condition, meeting, q;
    Sb__Charter *one = play_charter_copy(f);
    one->name = text("Et annet navn");
    play_ok(play_change(f, c, draft_of(f, one), SB__OVERLAP__OVERLAP_UNCLEAR, SEC, &a));
    discuss(f, c, 20220120);
    play_next_meeting(f, "ssu", 20220217, c, &meeting);
    play_refused(f, play_ask(f, meeting, c, VOTE, SEC, NULL), SB_E_LEDGER_AMEND_INVOLVE, "§ 7");
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 1, parties, SEC, &condition));
    play_refused(f, play_ask(f, meeting, c, VOTE, SEC, NULL), SB_E_LEDGER_AMEND_INVOLVE, NULL);
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 2, parties, SEC, NULL));
    play_id all = fed_last_id(f);
    play_ok(play_ask(f, meeting, c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    fed_seal(f);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_ADOPTED);
    play_ok(play_answer(f, condition, "tromso", CONDITION_MET, "sak 1/22", SEC));
    play_ok(play_answer(f, all, "tromso", CONDITION_MET, "sak 1/22", SEC));
    play_ok(play_answer(f, all, "karlsoy", CONDITION_MET, "sak 2/22", SEC));
    assert_says(play_query(f, "actions", NULL), "\"waits_for\":\"seal\"");
    fed_seal(f);
    assert_int_equal(play_version(f), 2);
    fed_free(f);
}

/* ---- several changes ---- */

/* Two drafts of the same charter are adopted: the second would undo the first unseen. */
static void test_two_drafts(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), c2 = report(f, "ssu"), a, b;
    Sb__Charter *one = play_charter_copy(f), *two = play_charter_copy(f);
    one->name = text("Et annet navn");
    two->source = text("En annen kilde");
    play_ok(play_change(f, c, draft_of(f, one), NO_OVERLAP, SEC, &a));
    play_id second = draft_of(f, two);
    play_ok(play_change(f, c2, second, NO_OVERLAP, SEC, &b));
    discuss(f, c, 20220120);
    discuss(f, c2, 20220127);
    (void)vote(f, c, 20220217, 6);
    play_id q = vote(f, c2, 20220224, 6); /* before the first is in force */
    assert_int_equal(play_outcome(f, q), ADOPTED);
    fed_seal(f);
    assert_int_equal(play_action_row(f, a).status, SB_ACTION_IN_FORCE);
    assert_int_equal(play_action_row(f, b).status, SB_ACTION_DROPPED);
    assert_int_equal(play_version(f), 2);
    assert_says(play_query(f, "actions", NULL), "\"code\":\"SB_E_LEDGER_DRAFT_BASE\"");
    /* and it can't be taken up again */
    play_id c3 = report(f, "ssu");
    play_refused(f, play_change(f, c3, second, NO_OVERLAP, SEC, NULL), SB_E_LEDGER_DRAFT_BASE,
                 "versjon 1, nå 2");
    fed_free(f);
}

/* A body that was created meanwhile, its mandate and its end are not undone by a draft that doesn't
 * know of them. */
static void test_carried_over(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu"), c2 = report(f, "ssu"), meeting, q;
    Sb__Charter *one = play_charter_copy(f);
    one->name = text("Et annet navn");
    one->bodies[one->n_bodies++] = play_new_body(f, "nytt", "ssu");
    play_ok(play_change(f, c, draft_of(f, one), NO_OVERLAP, SEC, NULL));
    discuss(f, c, 20220113);
    play_ok(play_create(f, c2, play_new_body(f, "fsu", "ssu"), SEC, NULL));
    play_ok(play_mandate(f, c2, "fsu", SEC, NULL));
    play_next_meeting(f, "ssu", 20220120, c2, &meeting);
    play_ok(play_ask(f, meeting, c2, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, meeting, SEC));
    fed_seal(f);
    assert_int_equal(play_version(f), 3);
    (void)vote(f, c, 20220217, 6);
    fed_seal(f);
    assert_int_equal(play_version(f), 4);
    const Sb__Charter *now = sb_ledger_charter(f->ledger);
    assert_string_equal(now->name, "Et annet navn");
    assert_int_equal(now->n_bodies, 4);
    assert_string_equal(now->bodies[2]->id, "fsu");
    assert_int_not_equal(now->bodies[2]->mandate_size, 0);
    assert_string_equal(now->bodies[3]->id, "nytt");

    /* nor later: the bylaws' file needn't list it, but all that a draft brought */
    Sb__Charter *two = play_charter_copy(f);
    play_id id;
    two->n_bodies = 3;
    draft_refused(f, two, SEC, SB_E_LEDGER_SUCCEED_PLACE,
                  "nr. 4 i bodies skal fortsatt være «nytt»");
    two = play_charter_copy(f);
    two->name = text("Uten organet");
    two->bodies[2] = two->bodies[3];
    two->n_bodies = 3;
    play_ok(play_draft_charter(f, two, SEC, &id));
    two = play_charter_copy(f);
    two->name = text("Igjen et annet");
    two->bodies[2]->dissolved = true;
    play_ok(play_draft_charter(f, two, SEC, &id));
    play_id c3 = report(f, "ssu");
    play_ok(play_change(f, c3, id, NO_OVERLAP, SEC, NULL));
    discuss(f, c3, 20220303);
    (void)vote(f, c3, 20220317, 6);
    fed_seal(f);
    assert_true(sb_ledger_charter(f->ledger)->bodies[2]->dissolved);
    fed_free(f);
}

/* A seat's id stands for it in the history. */
static void test_seat_ids(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu");
    Sb__Charter *one = play_charter_copy(f);
    one->bodies[0]->n_seats = 6; /* obs-1 goes */
    one->bodies[0]->seats[1]->has_deputy = false;
    play_ok(play_change(f, c, draft_of(f, one), NO_OVERLAP, SEC, NULL));
    discuss(f, c, 20220120);
    (void)vote(f, c, 20220217, 6);
    sb_row_seat seat;
    sb_row_holder holder;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_true(sb_seat_find(kv, &f->arena, "unn-2", &seat));
    assert_true(sb_holder_get(kv, seat.no, DEPUTY, 0, &holder));
    fed_seal(f);
    assert_false(sb_holder_get(kv, seat.no, DEPUTY, 0, &holder));
    play_refused(f, play_report(f, "ssu", "En sak", DECISION, "unn-2/deputy", NULL),
                 SB_E_LEDGER_CAPABILITY, NULL);
    Sb__Charter *two = play_charter_copy(f);
    (void)play_add_seat(f, two->bodies[0], "obs-1", "", "utenfor", false);
    draft_refused(f, two, SEC, SB_E_LEDGER_SEAT_ID_USED, "obs-1");
    two = play_charter_copy(f);
    (void)play_add_seat(f, two->bodies[1], "obs-1", "", "utenfor", false);
    draft_refused(f, two, SEC, SB_E_LEDGER_SEAT_ID_USED, "obs-1");
    fed_free(f);
}

/* What is new in every list is there to be used, by those who were there before too. */
static void test_lists_grow(void **state)
{
    (void)state;
    fed *f = begin();
    play_id c = report(f, "ssu");
    Sb__Charter *one = play_charter_copy(f);
    Sb__Office *office = SB_ARENA_NEW(&f->arena, Sb__Office);
    *office = *one->offices[0];
    office->id = text("scribe");
    one->offices[one->n_offices++] = office;
    one->offices[0]->name = text("Sekretariatet, nytt navn");
    Sb__Appointer *appointer = SB_ARENA_NEW(&f->arena, Sb__Appointer);
    *appointer = *one->appointers[0];
    appointer->id = text("nye");
    appointer->host = text("lege");
    one->appointers[one->n_appointers++] = appointer;
    (void)play_add_seat(f, one->bodies[0], "ny-1", "unn", "nye", true);
    play_ok(play_change(f, c, draft_of(f, one), NO_OVERLAP, SEC, NULL));
    discuss(f, c, 20220120);
    (void)vote(f, c, 20220217, 6);
    fed_seal(f);
    Sb__Appoint a = SB__APPOINT__INIT;
    a.place_case = SB__APPOINT__PLACE_OFFICE;
    a.office = text("scribe");
    a.name = fed_blob(f, "referent");
    a.device_pk = (play_id){32, fed_key_of(f, "referent")->pk};
    a.from_date = 20220101;
    fed_must(f, SB_ENTRY_APPOINT, &a.base, "unn/authority");
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = text("ny-1");
    place.role = PRIMARY;
    a.place_case = SB__APPOINT__PLACE_SEAT;
    a.seat = &place;
    a.device_pk = (play_id){32, fed_key_of(f, "ny-1/primary")->pk};
    play_refused(f, fed_submit(f, SB_ENTRY_APPOINT, &a.base, "unn/authority"),
                 SB_E_LEDGER_APPOINT_HOST, "lege");
    fed_must(f, SB_ENTRY_APPOINT, &a.base, "lege/authority");
    fed_seal(f);
    play_ok(play_report(f, "ssu", "Fra den nye", DECISION, "ny-1/primary", NULL));
    play_ok(play_report(f, "ssu", "Fra referenten", DECISION, "referent", NULL));
    assert_says(play_query(f, "seats", "ssu"), "ny-1");
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_meetings),  cmocka_unit_test(test_not_discussed),
        cmocka_unit_test(test_open_question), cmocka_unit_test(test_drafts_refused),
        cmocka_unit_test(test_succession),    cmocka_unit_test(test_change_refused),
        cmocka_unit_test(test_involvement),   cmocka_unit_test(test_two_drafts),
        cmocka_unit_test(test_carried_over),  cmocka_unit_test(test_seat_ids),
        cmocka_unit_test(test_lists_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
