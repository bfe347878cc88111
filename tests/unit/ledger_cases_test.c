/* Discussion over two meetings, relations, conditions, input, plans, rulings, extraordinary
 * meetings, finalised texts, erased blobs: what each entry needs, and each refusal. */
#include "proto/base/hash.h"
#include "proto/ledger/case_parts.h"
#include "proto/ledger/conditions.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play_actions.h"

static char *text(sb_arena *a, const char *s)
{
    return sb_arena_str(a, sb_slice_str(s));
}

/* Two parties; extraordinary meetings of the SSU by the leader at a week's notice; plans. */
static void bylaws(Sb__Charter *c, sb_arena *a, void *arg)
{
    Sb__Body *ssu = c->bodies[0];
    static const char *const parties[] = {"karlsoy", "senja"};
    c->parties = SB_ARENA_ARRAY(a, Sb__Party *, 2);
    for (c->n_parties = 0; c->n_parties < 2; c->n_parties++) {
        Sb__Party *p = SB_ARENA_NEW(a, Sb__Party);
        *p = (Sb__Party)SB__PARTY__INIT;
        p->id = text(a, parties[c->n_parties]);
        p->name = sb_arena_printf(a, "%s kommune", parties[c->n_parties]);
        c->parties[c->n_parties] = p;
    }
    ssu->extraordinary_cite = text(a, "§ 6 SSU nr. 16");
    ssu->extraordinary_by = text(a, "leader");
    Sb__Deadline *d = SB_ARENA_NEW(a, Sb__Deadline);
    *d = (Sb__Deadline)SB__DEADLINE__INIT;
    d->kind = SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE;
    d->least = 1;
    d->unit = SB__DEADLINE_UNIT__DEADLINE_UNIT_WEEK;
    d->effect = SB__DEADLINE_EFFECT__DEADLINE_EFFECT_NOTED;
    d->cite = text(a, "§ 6 SSU nr. 16");
    ssu->deadlines[ssu->n_deadlines++] = d;
    ssu->planning = SB_ARENA_NEW(a, Sb__Planning);
    *ssu->planning = (Sb__Planning)SB__PLANNING__INIT;
    ssu->planning->least_meetings = 3;
    ssu->planning->before_year = true;
    ssu->planning->cite = text(a, "§ 6 SSU nr. 2");
    if (arg != NULL)
        ssu->pass->text = text(a, arg);
}

static fed *start_with(const char *pass)
{
    fed_options options = {.edit = bylaws, .edit_arg = (void *)(uintptr_t)pass};
    fed *f = fed_new(&options);
    fed_run(f);
    fed_at(f, 20211220, 9, 0);
    return f;
}

static const char *const two_clauses[] = {"Saken tas opp.", "Sekretariatet følger opp."};
static const char *const municipalities[] = {"karlsoy", "senja"};
#define NOBODY ((play_id){32, (uint8_t *)"0123456789abcdef0123456789abcdef"})

/* ---- discussed, then decided ---- */

static const char *const two_thirds =
    "pass for >= 2/3 of present, after discussion in an earlier meeting";

static void vote_all(fed *f, play_id q)
{
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
}

static void discussed_in_one_meeting_decided_in_the_next(void **state)
{
    (void)state;
    fed *f = start_with(two_thirds);
    play_table t;
    play_id m, q;
    play_ssu(f, &t);
    play_ok(play_discuss(f, t.meeting, t.c, "kommune-1/primary"));
    play_refused(f, play_discuss(f, t.meeting, t.c, SEC), SB_E_LEDGER_DISCUSS_TWICE, "01/22");
    play_ok(play_clause(f, t.c, NULL, 2, "Sekretariatet følger nøye opp.", SEC));
    play_ok(play_discuss(f, t.meeting, t.c, SEC)); /* the new wording */
    assert_false(sb_discussed_earlier(sb_ledger_kv(f->ledger), play_case(f, t.c).no, 0));
    play_ok(play_close(f, t.meeting, SEC));
    assert_int_equal(play_case(f, t.c).status, SB_CASE_REPORTED);
    assert_true(sb_discussed_earlier(sb_ledger_kv(f->ledger), play_case(f, t.c).no, 0));
    fed_at(f, 20220201, 9, 0);
    play_next_meeting(f, "ssu", 20220222, t.c, &m);
    assert_int_equal(play_case(f, t.c).number, 2);
    play_ok(play_clause(f, t.c, NULL, 2, NULL, SEC));
    play_ok(play_clause(f, t.c, NULL, 2, "Saken kommer tilbake.", SEC));
    play_ok(play_clause(f, t.c, NULL, 3, "Budsjettet følger.", SEC));
    play_ok(play_ask(f, m, t.c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json, "\"discussed_earlier\":true"));
    assert_non_null(strstr(json, "\"body\":\"ssu\",\"date\":\"2022-01-20\",\"number\":\"01/22\""));
    assert_non_null(strstr(json,
                           "\"clauses\":[\"Saken tas opp.\",\"Sekretariatet følger nøye opp.\"]"
                           ",\"same\":false"));
    assert_non_null(
        strstr(json, "\"difference\":[{\"number\":2,\"then\":\"Sekretariatet følger nøye opp.\","
                     "\"now\":\"Saken kommer tilbake.\"},{\"number\":3,\"then\":null,\"now\":"
                     "\"Budsjettet følger.\"}],\"attached_then\":[],\"attached_now\":[],"
                     "\"draft_then\":null,\"draft_now\":null}"));
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_non_null(strstr(nb, "Drøftet i et tidligere møte: 20. januar 2022. Ordlyden er endret"));
    assert_non_null(strstr(nb, "Punkt 2, da det ble drøftet: Sekretariatet følger nøye opp."));
    assert_non_null(strstr(nb, "Nytt punkt 3: Budsjettet følger."));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_EN), "Discussed in an earlier"));
    json = play_query(f, "case", "02/22");
    assert_non_null(strstr(json, "\"discussed\":{\"by_entry\":true"));
    fed_free(f);
}

/* The draft that is decided on may be another than the one discussed: both hashes are there. */
static void another_draft_than_the_one_discussed(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.edit = play_amendable});
    fed_run(f);
    play_id c, m, q, action, draft[2];
    uint8_t sha256[2][32];
    play_ok(play_report(f, "ssu", "Vedtektene", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 2, two_clauses));
    for (size_t i = 0; i < 2; i++) {
        sb_buf bytes;
        Sb__Charter *charter = play_charter_copy(f);
        charter->name = text(&f->arena, i == 0 ? "Et navn" : "Et annet navn");
        sb_buf_init(&bytes);
        assert_int_equal(sb_charter_encode(charter, &bytes, NULL), SB_OK);
        sb_hash(sb_buf_slice(&bytes), sha256[i]);
        sb_buf_deinit(&bytes);
        play_ok(play_draft_charter(f, charter, SEC, &draft[i]));
    }
    play_ok(play_change(f, c, draft[0], SB__OVERLAP__OVERLAP_NONE, SEC, &action));
    play_next_meeting(f, "ssu", 20220120, c, &m);
    play_ok(play_discuss(f, m, c, SEC));
    play_ok(play_close(f, m, SEC));
    play_ok(play_strike(f, action, SEC));
    play_ok(play_change(f, c, draft[1], SB__OVERLAP__OVERLAP_NONE, SEC, NULL));
    fed_at(f, 20220201, 9, 0);
    play_next_meeting(f, "ssu", 20220222, c, &m);
    play_ok(play_ask(f, m, c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    char then[65], now[65];
    sb_hex(sb_slice_of(sha256[0], 32), then);
    sb_hex(sb_slice_of(sha256[1], 32), now);
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json, "\"same\":false,\"difference\":[]"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB),
                           sb_arena_printf(&f->arena, "Utkast til vedtekter nå: %s", now)));
    assert_non_null(strstr(
        json, sb_arena_printf(&f->arena, "\"draft_then\":\"%s\",\"draft_now\":\"%s\"", then, now)));
    fed_free(f);
}

static void only_a_real_discussion_counts(void **state)
{
    (void)state;
    fed *f = start_with(two_thirds);
    play_table t;
    play_id m, q;
    play_ssu_empty(f, &t); /* nobody is there */
    play_ok(play_here(f, t.meeting, "kommune-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NOT_QUORATE);
    play_ok(play_close(f, t.meeting, SEC));
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &t.c, &m));
    play_ok(play_postpone(f, &t.c, NULL, m, 20220322, SEC));
    play_ok(play_open(f, m, SEC));
    play_refused(f, play_discuss(f, m, t.c, SEC), SB_E_LEDGER_CASE_POSTPONED, NULL);
    play_ok(play_close(f, m, SEC));
    fed_at(f, 20220301, 9, 0);
    play_next_meeting(f, "ssu", 20220322, t.c, &m);
    play_ok(play_ask(f, m, t.c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), FALLEN); /* not quorate, postponed: not discussed */
    assert_non_null(strstr(play_certificate(f, q), "\"discussion_missing\":true"));
    assert_non_null(strstr(play_certificate(f, q), "\"earlier\":null"));
    play_ok(play_close(f, m, SEC));
    fed_at(f, 20220401, 9, 0);
    play_next_meeting(f, "ssu", 20220422, t.c, &m);
    play_ok(play_ask(f, m, t.c, VOTE, SEC, &q));
    vote_all(f, q);
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED); /* fallen was a discussion */
    assert_non_null(strstr(play_certificate(f, q), "\"same\":true,\"difference\":[]"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB), "2022, samme ordlyd."));
    fed_free(f);
}

static void what_a_discussion_needs(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id other, q;
    play_ok(play_report(f, "ssu", "Utenfor", DECISION, SEC, &other));
    play_ssu(f, &t);
    play_refused(f, play_discuss(f, NOBODY, t.c, SEC), SB_E_LEDGER_MEETING_UNKNOWN, NULL);
    play_refused(f, play_discuss(f, t.meeting, NOBODY, SEC), SB_E_LEDGER_CASE_UNKNOWN, NULL);
    play_refused(f, play_discuss(f, t.meeting, t.c, "unn-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_discuss(f, t.meeting, other, SEC), SB_E_LEDGER_NOT_ON_AGENDA, "Utenfor");
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_refused(f, play_discuss(f, t.meeting, t.c, SEC), SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_discuss(f, t.meeting, t.c, SEC), SB_E_LEDGER_DISCUSS_DONE, "01/22");
    play_ok(play_close(f, t.meeting, SEC));
    play_refused(f, play_discuss(f, t.meeting, t.c, SEC), SB_E_LEDGER_MEETING_CLOSED, NULL);
    fed_free(f);
}

/* ---- relations ---- */

static void cases_refer_to_cases(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id old, q;
    const Sb__CaseRelation follows = SB__CASE_RELATION__CASE_RELATION_FOLLOWS;
    const Sb__CaseRelation repeals = SB__CASE_RELATION__CASE_RELATION_REPEALS;
    play_ok(play_report(f, "pm", "Den gamle", DECISION, "unn-1/primary", &old));
    play_ssu(f, &t);
    play_refused(f, play_relate(f, t.c, follows, &old, NULL, "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_relate(f, NOBODY, follows, &old, NULL, SEC), SB_E_LEDGER_CASE_UNKNOWN,
                 NULL);
    play_refused(f, play_relate(f, t.c, follows, &t.c, NULL, SEC), SB_E_LEDGER_RELATE_SELF,
                 "01/22");
    play_refused(f, play_relate(f, t.c, follows, NULL, "sak ni", SEC), SB_E_LEDGER_EXTERNAL_FORMAT,
                 NULL);
    play_refused(f, play_relate(f, t.c, follows, NULL, "01/22", SEC), SB_E_LEDGER_EXTERNAL_IS_KNOWN,
                 NULL);
    play_ok(play_relate(f, t.c, follows, NULL, "9/21", SEC));
    play_refused(f, play_relate(f, t.c, follows, NULL, "9/21", SEC), SB_E_LEDGER_RELATED_TWICE,
                 "9/21");
    play_ok(play_relate(f, t.c, repeals, &old, NULL, "leader"));
    play_ok(play_relate(f, old, follows, &t.c, NULL, "unn-1/primary")); /* its reporter */
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json, "\"relations\":[{\"relation\":\"follows\",\"direction\":\"to\","
                                 "\"case\":null,\"number\":\"9/21\",\"title\":null"));
    assert_non_null(strstr(json, "\"title\":\"Den gamle\""));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB), "Saken følger opp sak 9/21."));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB), "Sak «Den gamle» følger opp"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_EN), "This case follows case 9/21"));
    char hex[65];
    sb_hex(sb_slice_of(old.data, 32), hex);
    json = play_query(f, "case", hex);
    assert_non_null(strstr(json, "{\"relation\":\"repeals\",\"direction\":\"from\""));
    fed_free(f);
}

/* ---- conditions ---- */

static void what_a_condition_needs(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id k, q;
    static const char *const twice[] = {"karlsoy", "karlsoy"};
    static const char *const unknown[] = {"oslo"};
    play_ssu(f, &t);
    play_refused(f,
                 play_condition(f, NOBODY, BEFORE_QUESTION, 0, false, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CASE_UNKNOWN, NULL);
    play_refused(
        f,
        play_condition(f, t.c, BEFORE_QUESTION, 0, false, 2, municipalities, "unn-1/primary", &k),
        SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_condition(f, t.c, BEFORE_QUESTION, 0, false, 1, unknown, SEC, &k),
                 SB_E_LEDGER_ASKED_UNKNOWN, "oslo");
    play_refused(f, play_condition(f, t.c, BEFORE_QUESTION, 0, false, 2, twice, SEC, &k),
                 SB_E_LEDGER_ASKED_TWICE, "karlsoy");
    play_refused(f, play_condition(f, t.c, BEFORE_QUESTION, 0, true, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CONDITION_LAPSES, NULL);
    play_refused(
        f, play_condition(f, t.c, BEFORE_QUESTION, 20220230, true, 2, municipalities, SEC, &k),
        SB_E_LEDGER_DATE_INVALID, NULL);
    play_refused(
        f, play_condition(f, t.c, BEFORE_QUESTION, 20220119, true, 2, municipalities, SEC, &k),
        SB_E_LEDGER_DUE_PAST, "19.01.2022");
    for (int i = 0; i < SB_CONDITIONS_MAX; i++)
        play_ok(play_condition(f, t.c, BEFORE_EFFECT, 0, false, 2, municipalities,
                               i == 0 ? "kommune-1/primary" : SEC, &k));
    play_refused(f, play_condition(f, t.c, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CONDITIONS_MANY, "32");
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q)); /* before effect doesn't bar it */
    play_refused(f, play_condition(f, t.c, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_condition(f, t.c, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CASE_DECIDED, NULL);
    play_ok(play_close(f, t.meeting, SEC));
    play_refused(f, play_condition(f, t.c, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CASE_DECIDED, NULL);
    play_ok(play_report(f, "ssu", "Trekkes", DECISION, SEC, &q));
    play_ok(play_withdraw(f, q, SEC));
    play_refused(f, play_condition(f, q, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k),
                 SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    fed_free(f);
}

static void a_condition_before_the_question(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id k, q;
    static const char *const asked[] = {"karlsoy", "senja", "lege"};
    play_ssu(f, &t);
    play_ok(play_condition(f, t.c, BEFORE_QUESTION, 20220301, false, 3, asked, SEC, &k));
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_CONDITION_OPEN,
                 "saken 01/22 kan ikke avgjøres ennå: vilkåret etter § 4 er ikke oppfylt av "
                 "karlsoy kommune, senja kommune, lege");
    play_refused(f, play_answer(f, NOBODY, "karlsoy", CONDITION_MET, "x", SEC),
                 SB_E_LEDGER_CONDITION_UNKNOWN, NULL);
    play_refused(f, play_answer(f, k, "karlsoy", CONDITION_MET, "sak 1/22", "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_answer(f, k, "unn", CONDITION_MET, "x", SEC), SB_E_LEDGER_NOT_ASKED,
                 "unn");
    play_refused(f, play_answer(f, k, "karlsoy", CONDITION_MET, "", SEC),
                 SB_E_LEDGER_CONDITION_PROOF, "karlsoy");
    play_refused(f, play_answer(f, k, "karlsoy", CONDITION_MET, "x", "lege/authority"),
                 SB_E_LEDGER_CONDITION_SIGNER, "karlsoy");
    play_ok(play_answer(f, k, "lege", CONDITION_MET, "", "lege/authority")); /* its own key */
    play_ok(play_answer(f, k, "karlsoy", CONDITION_MET, "sak 12/22", SEC));
    play_ok(play_answer(f, k, "senja", CONDITION_REFUSED, "sak 3/22", SEC));
    play_refused(f, play_answer(f, k, "senja", CONDITION_REFUSED, "sak 3/22", SEC),
                 SB_E_LEDGER_CONDITION_SAME, "senja");
    play_refused(f, play_ask(f, t.meeting, t.c, VOTE, SEC, &q), SB_E_LEDGER_CONDITION_OPEN,
                 "ikke oppfylt av senja kommune");
    Sb__ConditionFulfil m = SB__CONDITION_FULFIL__INIT;
    m.condition_id = k;
    m.party = (char *)"senja";
    m.answer = CONDITION_MET;
    m.decided_by = (char *)"kommunestyret";
    m.reference = (char *)"sak 9/22";
    m.date = 20220231;
    play_refused(f, fed_submit(f, SB_ENTRY_CONDITION_FULFIL, &m.base, SEC),
                 SB_E_LEDGER_DATE_INVALID, NULL);
    m.date = 20220121;
    play_refused(f, fed_submit(f, SB_ENTRY_CONDITION_FULFIL, &m.base, SEC), SB_E_LEDGER_DATE_FUTURE,
                 "21.01.2022");
    m.date = 20220118;
    play_ok(fed_submit(f, SB_ENTRY_CONDITION_FULFIL, &m.base, SEC)); /* answered again */
    play_refused(f, play_answer(f, k, "senja", CONDITION_REFUSED, "x", SEC),
                 SB_E_LEDGER_CONDITION_MET, NULL);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(json, "\"moment\":\"before_question\",\"kind\":\"consented\",\"cite\":"
                                 "\"§ 4\",\"due_date\":\"2022-03-01\",\"lapses\":false"));
    assert_non_null(strstr(json, "{\"party\":\"senja\",\"answer\":\"met\",\"decided_by\":"
                                 "\"kommunestyret\",\"date\":\"2022-01-18\",\"reference\":"
                                 "\"sak 9/22\",\"document_sha256\":null"));
    const char *nb = play_certificate_text(f, q, SB_LANG_NB);
    assert_non_null(strstr(nb, "Vilkår (før saken kan avgjøres), § 4: oppfylt, frist 01.03.2022\n"
                               "  karlsoy kommune: samtykket, styret 20.01.2022, sak 12/22\n"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_EN), "Condition (before the case"));
    json = play_query(f, "conditions", "ssu");
    assert_non_null(strstr(json, "\"met\":true,\"unmet\":0"));
    assert_string_equal(play_query(f, "conditions", "pm"), "[]");
    fed_free(f);
}

static void a_note_needs_no_condition(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_id c, m, q, k;
    play_ok(play_report(f, "ssu", "Orientering", INFORMATION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 2, two_clauses));
    play_ok(play_condition(f, c, BEFORE_QUESTION, 0, false, 2, municipalities, SEC, &k));
    play_next_meeting(f, "ssu", 20220120, c, &m);
    play_ok(play_ask(f, m, c, NOTE, SEC, &q));
    fed_free(f);
}

static void silence_counts_where_the_condition_lapses(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id k, q;
    play_ssu(f, &t);
    play_ok(play_condition(f, t.c, BEFORE_QUESTION, 20220120, true, 2, municipalities, SEC, &k));
    play_ok(play_answer(f, k, "senja", CONDITION_REFUSED, "sak 1/22", SEC));
    assert_non_null(strstr(play_query(f, "deadlines", NULL), "\"kind\":\"condition\""));
    fed_at(f, 20220120, 23, 59);
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_CONDITION_OPEN,
                 "karlsoy kommune, senja kommune");
    fed_at(f, 20220121, 0, 1); /* the day has ended: any leaf settles it */
    play_refused(f, play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q), SB_E_LEDGER_CONDITION_OPEN,
                 "ikke oppfylt av senja kommune");
    play_refused(f, play_answer(f, k, "karlsoy", CONDITION_REFUSED, "x", SEC),
                 SB_E_LEDGER_CONDITION_LATE, "20.01.2022");
    play_ok(play_answer(f, k, "karlsoy", CONDITION_MET, "sak 2/22", SEC)); /* better late */
    play_ok(play_answer(f, k, "senja", CONDITION_MET, "sak 3/22", SEC));
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_true(sb_conditions_met(sb_ledger_kv(f->ledger), play_case(f, t.c).no, BEFORE_QUESTION));
    assert_string_equal(play_query(f, "deadlines", NULL), "[]");
    fed_free(f);
}

static void a_condition_lapses_by_a_tick_alone(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id k, q;
    play_ssu(f, &t);
    play_ok(play_condition(f, t.c, BEFORE_QUESTION, 20220120, true, 2, municipalities, SEC, &k));
    fed_at(f, 20220121, 1, 0);
    size_t before = f->leaf_count;
    fed_due(f);
    assert_int_equal(f->leaf_count, before + 1); /* the TICK */
    uint64_t met_index = 0;
    assert_true(sb_conditions_met_of(sb_ledger_kv(f->ledger), play_case(f, t.c).no, BEFORE_QUESTION,
                                     SB_NOW, &met_index));
    assert_int_equal(met_index, before);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_non_null(strstr(play_certificate(f, q), "\"party\":\"karlsoy\",\"answer\":\"lapsed\""));
    assert_non_null(
        strstr(play_certificate_text(f, q, SB_LANG_NB),
               "karlsoy kommune: har ikke svart innen fristen, og det regnes som oppfylt"));
    fed_free(f);
}

static void what_is_met_after_the_close_is_told_later(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id k, q;
    play_ssu(f, &t);
    play_ok(play_condition(f, t.c, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k));
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_non_null(strstr(play_certificate(f, q), "\"met\":false,\"met_index\":null"));
    sb_kv *kv = sb_ledger_kv(f->ledger);
    sb_row_question row = play_question(f, q);
    sb_buf out;
    sb_buf_init(&out);
    sb_later_text_conditions(&out, SB_LANG_NB, kv, &f->arena, f->charter, &row);
    assert_int_equal(out.len, 0);
    play_ok(play_answer(f, k, "karlsoy", CONDITION_MET, "sak 2/22", SEC));
    assert_false(sb_conditions_met(kv, row.case_no, BEFORE_EFFECT));
    play_ok(play_answer(f, k, "senja", CONDITION_MET, "sak 3/22", SEC));
    assert_true(sb_conditions_met(kv, row.case_no, BEFORE_EFFECT));
    uint64_t met_index = 0;
    assert_true(sb_conditions_met_of(kv, row.case_no, BEFORE_EFFECT, SB_NOW, &met_index));
    assert_int_equal(met_index, f->leaf_count - 1);
    sb_later_text_conditions(&out, SB_LANG_NB, kv, &f->arena, f->charter, &row);
    assert_non_null(strstr(sb_buf_cstr(&out), "senja kommune: samtykket"));
    sb_buf_deinit(&out);
    fed_free(f);
}

static void who_is_involved(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_id c, k;
    Sb__Involvement needs = SB__INVOLVEMENT__INIT;
    needs.moment = BEFORE_QUESTION;
    needs.kind = SB__CONDITION_KIND__CONDITION_KIND_CONSENTED;
    play_ok(play_report(f, "ssu", "Vedtekter", DECISION, SEC, &c));
    uint32_t no = play_case(f, c).no;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_false(sb_conditions_involve(kv, &f->arena, f->charter, no, &needs));
    play_ok(play_condition(f, c, BEFORE_QUESTION, 0, false, 1, municipalities, SEC, &k));
    assert_false(sb_conditions_involve(kv, &f->arena, f->charter, no, &needs)); /* one party only */
    play_ok(play_condition(f, c, BEFORE_EFFECT, 0, false, 2, municipalities, SEC, &k));
    assert_false(sb_conditions_involve(kv, &f->arena, f->charter, no, &needs)); /* other moment */
    play_ok(play_condition(f, c, BEFORE_QUESTION, 20220301, true, 2, municipalities, SEC, &k));
    assert_false(sb_conditions_involve(kv, &f->arena, f->charter, no, &needs)); /* mustn't lapse */
    needs.lapses = true;
    assert_true(sb_conditions_involve(kv, &f->arena, f->charter, no, &needs));
    fed_free(f);
}

/* ---- input ---- */

static void an_input_round(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_id c, i, gone;
    static const char *const asked[] = {"karlsoy", "bruker", "pm", "unn"};
    static const char *const unknown[] = {"obs-1"};
    play_ok(play_report(f, "ssu", "Innspill", DECISION, SEC, &c));
    play_refused(f, play_input_open(f, c, 20220110, 4, asked, "unn-1/primary", &i),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_input_open(f, NOBODY, 20220110, 4, asked, SEC, &i),
                 SB_E_LEDGER_CASE_UNKNOWN, NULL);
    play_refused(f, play_input_open(f, c, 20220110, 1, unknown, SEC, &i), SB_E_LEDGER_ASKED_UNKNOWN,
                 "obs-1");
    play_refused(f, play_input_open(f, c, 20211219, 4, asked, SEC, &i), SB_E_LEDGER_DUE_PAST, NULL);
    play_ok(play_input_open(f, c, 20220110, 4, asked, "leader", &i));
    play_refused(f, play_input(f, NOBODY, "karlsoy", NULL, 0, SEC), SB_E_LEDGER_INPUT_UNKNOWN,
                 NULL);
    play_refused(f, play_input(f, i, "senja", NULL, 0, SEC), SB_E_LEDGER_NOT_ASKED, "senja");
    play_refused(f, play_input(f, i, "karlsoy", "Ja", 0, "lege-1/primary"),
                 SB_E_LEDGER_INPUT_SIGNER, "karlsoy");
    play_refused(f, play_input(f, i, "bruker", "Ja", play_ms(20220301, 9, 0), SEC),
                 SB_E_LEDGER_CLAIM_FUTURE, NULL);
    Sb__InputReceive m = SB__INPUT_RECEIVE__INIT;
    m.input_id = i;
    m.from = (char *)"bruker";
    m.kind = SB__INPUT_KIND__INPUT_KIND_RECEIVED;
    play_refused(f, fed_submit(f, SB_ENTRY_INPUT_RECEIVE, &m.base, SEC), SB_E_LEDGER_INPUT_TEXT,
                 NULL);
    m.kind = SB__INPUT_KIND__INPUT_KIND_NONE;
    m.text = fed_blob(f, "Likevel");
    play_refused(f, fed_submit(f, SB_ENTRY_INPUT_RECEIVE, &m.base, SEC), SB_E_LEDGER_INPUT_TEXT,
                 NULL);
    play_ok(play_input(f, i, "bruker", "Ja", 0, "bruker-1/primary")); /* sits for them */
    play_ok(play_input(f, i, "pm", NULL, 0, "pm-unn-1/primary"));
    fed_at(f, 20220112, 9, 0);
    play_ok(play_input(f, i, "unn", NULL, 0, "unn/authority"));
    play_ok(play_input(f, i, "unn", "Likevel", play_ms(20220111, 9, 0), SEC));
    const char *json = play_query(f, "inputs", "ssu");
    assert_non_null(strstr(json, "\"from\":\"karlsoy\",\"name\":\"karlsoy kommune\",\"status\":"
                                 "\"outstanding\",\"at_ms\":null,\"texts\":[]"));
    assert_non_null(
        strstr(json, "\"from\":\"bruker\",\"name\":\"bruker\",\"status\":\"received\""));
    assert_non_null(strstr(json, "\"from\":\"pm\",\"name\":\"Organet PM\",\"status\":\"none\""));
    assert_non_null(strstr(json, "\"from\":\"unn\",\"name\":\"unn\",\"status\":\"received_late\""));
    play_ok(play_report(f, "ssu", "Trekkes", DECISION, SEC, &gone));
    play_ok(play_withdraw(f, gone, SEC));
    play_refused(f, play_input_open(f, gone, 20220210, 4, asked, SEC, &i),
                 SB_E_LEDGER_CASE_WITHDRAWN, NULL);
    fed_free(f);
}

/* ---- plans, rulings, extraordinary meetings ---- */

static void a_year_is_planned(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id q;
    static const uint32_t dates[] = {20220120, 20220222, 20220310, 20220401};
    static const uint32_t falling[] = {20220222, 20220120};
    static const uint32_t other_year[] = {20220222, 20230120};
    static const uint32_t no_day[] = {20220230};
    play_refused(f, play_plan(f, "xxx", 2022, 3, dates, NULL, SEC), SB_E_LEDGER_BODY_UNKNOWN, NULL);
    play_refused(f, play_plan(f, "ssu", 2022, 3, dates, NULL, "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_plan(f, "ssu", 2022, 2, falling, NULL, SEC), SB_E_LEDGER_PLAN_DATES,
                 "20.01.2022");
    play_refused(f, play_plan(f, "ssu", 2022, 2, other_year, NULL, SEC), SB_E_LEDGER_PLAN_DATES,
                 "ligge i 2022 og stå i rekkefølge");
    play_refused(f, play_plan(f, "ssu", 2022, 1, no_day, NULL, SEC), SB_E_LEDGER_DATE_INVALID,
                 NULL);
    play_refused(f, play_plan(f, "ssu", 2022, 3, dates, &NOBODY, SEC), SB_E_LEDGER_QUESTION_UNKNOWN,
                 NULL);
    play_ok(play_plan(f, "ssu", 2022, 4, dates, NULL, SEC));
    assert_non_null(strstr(play_query2(f, "plan", "ssu", "2022"),
                           "\"norm\":{\"least_meetings\":3,\"enough\":true,\"before_year\":true,"
                           "\"in_time\":false"));
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_refused(f, play_plan(f, "ssu", 2022, 2, dates, &q, SEC), SB_E_LEDGER_PLAN_QUESTION, "SSU");
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_plan(f, "pm", 2022, 2, dates, &q, SEC), SB_E_LEDGER_PLAN_QUESTION, "PM");
    play_ok(play_plan(f, "ssu", 2022, 2, dates, &q, "leader")); /* replaces the first */
    const char *json = play_query2(f, "plan", "ssu", "2022");
    assert_non_null(strstr(json, "\"dates\":[\"2022-01-20\",\"2022-02-22\"]"));
    assert_non_null(strstr(json, "\"enough\":false"));
    assert_non_null(strstr(json, "\"decided_date\":\"2022-01-20\""));
    assert_non_null(strstr(json, "\"meetings\":[{\"id\":"));
    assert_null(play_query(f, "plan", "ssu"));
    assert_null(play_query2(f, "plan", "ssu", "i fjor"));
    fed_free(f);
}

static void the_chair_rules(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id c, m, q;
    const Sb__RulingKind clause = SB__RULING_KIND__RULING_KIND_NEW_CLAUSE;
    const Sb__RulingKind agenda = SB__RULING_KIND__RULING_KIND_AGENDA;
    play_ok(play_report(f, "ssu", "Utenfor", DECISION, SEC, &c));
    play_ssu(f, &t);
    play_refused(f, play_rule(f, NOBODY, NULL, agenda, SEC), SB_E_LEDGER_MEETING_UNKNOWN, NULL);
    play_refused(f, play_rule(f, t.meeting, &NOBODY, agenda, SEC), SB_E_LEDGER_CASE_UNKNOWN, NULL);
    play_refused(f, play_rule(f, t.meeting, NULL, agenda, "unn-1/primary"), SB_E_LEDGER_CAPABILITY,
                 NULL);
    play_refused(f, play_rule(f, t.meeting, &c, clause, SEC), SB_E_LEDGER_NOT_ON_AGENDA, NULL);
    play_ok(play_rule(f, t.meeting, NULL, agenda, "kommune-1/primary"));
    play_ok(play_rule(f, t.meeting, &t.c, clause, SEC));
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    const char *json = play_certificate(f, q);
    assert_non_null(strstr(
        json, "\"rulings\":[{\"kind\":\"agenda\",\"of\":\"meeting\",\"chair\":\"kommune-1\""));
    assert_non_null(strstr(json, "{\"kind\":\"new_clause\",\"of\":\"case\""));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB),
                           "(kommune-1) – avgjorde et spørsmål om nytt punkt"));
    assert_non_null(strstr(play_query(f, "meeting", "ssu:2022-01-20"),
                           "\"rulings\":[{\"kind\":\"new_clause\",\"seat\":\"kommune-1\""));
    play_ok(play_close(f, t.meeting, SEC));
    play_refused(f, play_rule(f, t.meeting, NULL, agenda, SEC), SB_E_LEDGER_MEETING_CLOSED, NULL);
    play_ok(play_call(f, "ssu", 20220222, SEC, 1, &c, &m));
    play_ok(play_open(f, m, SEC));
    play_refused(f, play_rule(f, m, NULL, agenda, SEC), SB_E_LEDGER_NO_CHAIR, NULL);
    fed_free(f);
}

static void an_extraordinary_meeting(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_id c, pm, m, q;
    play_ok(play_report(f, "ssu", "Haster", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 2, two_clauses));
    play_ok(play_report(f, "pm", "PM", DECISION, SEC, &pm));
    play_refused(f,
                 play_call_extraordinary(f, "ssu", 20211228, "Streik", false, 0, "leader", &c, &m),
                 SB_E_LEDGER_NOT_EXTRAORDINARY, NULL);
    play_refused(f, play_call_extraordinary(f, "pm", 20211228, "Streik", true, 0, SEC, &pm, &m),
                 SB_E_LEDGER_EXTRAORDINARY_NONE, "PM");
    play_refused(f, play_call_extraordinary(f, "ssu", 20211228, NULL, true, 0, "leader", &c, &m),
                 SB_E_LEDGER_EXTRAORDINARY_REASON, "§ 6 SSU nr. 16");
    play_refused(f, play_call_extraordinary(f, "ssu", 20211228, "Streik", true, 0, SEC, &c, &m),
                 SB_E_LEDGER_EXTRAORDINARY_BY, "innkalles av leader, § 6 SSU nr. 16");
    play_refused(f,
                 play_call_extraordinary(f, "ssu", 20211228, "Streik", true,
                                         play_ms(20211224, 9, 0), "leader", &c, &m),
                 SB_E_LEDGER_CLAIM_FUTURE, NULL);
    play_ok(play_call_extraordinary(f, "ssu", 20211228, "Streik", true, play_ms(20211219, 12, 0),
                                    "leader", &c, &m));
    fed_at(f, 20211228, 9, 0);
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    /* the bar stays: it must have been sent out */
    play_refused(f, play_ask(f, m, c, CONSENSUS, SEC, &q), SB_E_LEDGER_NOT_REPORTED, NULL);
    play_ok(play_papers(f, m, 1, &c, play_ms(20211220, 12, 0), SEC));
    play_ok(play_ask(f, m, c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_non_null(
        strstr(play_certificate(f, q),
               "\"deadlines\":[{\"kind\":\"notice\",\"from\":null,\"to\":\"2021-12-21\","
               "\"actual\":\"2021-12-19\",\"kept\":true"));
    assert_non_null(strstr(play_query(f, "meeting", "ssu:2021-12-28"), "\"extraordinary\":true,"
                                                                       "\"extraordinary_reason\":"
                                                                       "{\"sha256\":"));
    fed_free(f);
}

/* ---- texts ---- */

static void a_text_is_finalised_as_decided(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_id q, other, m2, q2;
    play_ok(play_report(f, "ssu", "Falt", DECISION, SEC, &other));
    play_ok(play_propose(f, other, SEC, 2, two_clauses));
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_refused(f, play_finalise(f, q, "En sak", "Ferdig", SEC), SB_E_LEDGER_FINALISE_OUTCOME,
                 "01/22");
    play_ok(play_end(f, q, SEC));
    play_refused(f, play_finalise(f, NOBODY, "En sak", "Ferdig", SEC), SB_E_LEDGER_QUESTION_UNKNOWN,
                 NULL);
    play_refused(f, play_finalise(f, q, "En sak", "Ferdig", "unn-1/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_finalise(f, q, "En annen", "Ferdig", SEC), SB_E_LEDGER_FINALISE_TEXT,
                 "saken 01/22");
    play_refused(f, play_finalise(f, q, "En sak", "En sak", SEC), SB_E_LEDGER_FINALISE_SAME, NULL);
    play_ok(play_finalise(f, q, "En sak", "Ferdig", SEC));
    play_refused(f, play_finalise(f, q, "En sak", "Ferdigere", SEC), SB_E_LEDGER_FINALISE_TEXT,
                 NULL); /* there is a newer one */
    play_ok(play_finalise(f, q, "Ferdig", "Ferdigere", "leader"));
    const char *json = play_query(f, "question", "01/22");
    assert_non_null(strstr(json, "\"finalised\":[{\"decided\":{\"sha256\":"));
    sb_row_question row = play_question(f, q);
    sb_buf out;
    sb_buf_init(&out);
    sb_later_text_texts(&out, SB_LANG_NB, sb_ledger_kv(f->ledger), &row);
    assert_non_null(strstr(sb_buf_cstr(&out), "Tekst ferdigstilt etter vedtaket, 20. januar 2022"));
    sb_buf_deinit(&out);
    json = play_query(f, "certificate", "01/22");
    assert_non_null(strstr(json, "\"texts\":[{\"decided_sha256\":"));
    assert_non_null(strstr(json, "Tekst ferdigstilt etter vedtaket"));
    assert_non_null(strstr(json, "Text finalised after the decision"));
    play_ok(play_close(f, t.meeting, SEC));
    fed_at(f, 20220201, 9, 0);
    play_next_meeting(f, "ssu", 20220222, other, &m2);
    play_ok(play_ask(f, m2, other, VOTE, SEC, &q2));
    play_ok(play_end(f, q2, SEC));
    play_refused(f, play_finalise(f, q2, "Falt", "Ferdig", SEC), SB_E_LEDGER_FINALISE_OUTCOME,
                 "02/22");
    fed_free(f);
}

static void an_erased_blob_is_used_no_more(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_id c;
    uint64_t index = 0;
    uint8_t sha256[32];
    play_ok(play_report(f, "ssu", "Med navn", DECISION, SEC, &c));
    play_refused(f, play_erase(f, "Med navn", "unn-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    assert_false(sb_ledger_erasure_next(f->ledger, &index, sha256));
    play_ok(play_erase(f, "Med navn", SEC));
    play_refused(f, play_erase(f, "Med navn", "lege/authority"), SB_E_LEDGER_ERASED_TWICE, NULL);
    play_refused(f, play_report(f, "ssu", "Med navn", DECISION, SEC, &c), SB_E_LEDGER_BLOB_ERASED,
                 "slettet");
    play_ok(play_report(f, "ssu", "Uten", DECISION, SEC, &c));
    play_ok(play_erase(f, "Aldri nevnt", SEC));
    assert_true(sb_ledger_erasure_next(f->ledger, &index, sha256));
    assert_memory_equal(sha256, fed_blob(f, "Med navn")->sha256.data, 32);
    assert_true(sb_ledger_blob_erased(f->ledger, sha256, NULL));
    index++;
    assert_true(sb_ledger_erasure_next(f->ledger, &index, sha256));
    assert_int_equal(index, f->leaf_count - 1);
    const char *json = play_query(f, "erased", NULL);
    assert_non_null(strstr(json, "\"reason\":\"personal\",\"cite\":null"));
    char hex[65];
    sb_hex(sb_slice_of(c.data, 32), hex);
    assert_null(strstr(play_query(f, "case", hex), "\"erased\":true"));
    fed_free(f);
}

static void queries_say_what_is_erased(void **state)
{
    (void)state;
    fed *f = start_with(NULL);
    play_table t;
    play_ssu(f, &t);
    play_ok(play_erase(f, "En sak", SEC));
    assert_non_null(strstr(play_query(f, "meeting", "ssu:2022-01-20"), "\"erased\":true}"));
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(discussed_in_one_meeting_decided_in_the_next),
        cmocka_unit_test(another_draft_than_the_one_discussed),
        cmocka_unit_test(only_a_real_discussion_counts),
        cmocka_unit_test(what_a_discussion_needs),
        cmocka_unit_test(cases_refer_to_cases),
        cmocka_unit_test(what_a_condition_needs),
        cmocka_unit_test(a_condition_before_the_question),
        cmocka_unit_test(a_note_needs_no_condition),
        cmocka_unit_test(silence_counts_where_the_condition_lapses),
        cmocka_unit_test(a_condition_lapses_by_a_tick_alone),
        cmocka_unit_test(what_is_met_after_the_close_is_told_later),
        cmocka_unit_test(who_is_involved),
        cmocka_unit_test(an_input_round),
        cmocka_unit_test(a_year_is_planned),
        cmocka_unit_test(the_chair_rules),
        cmocka_unit_test(an_extraordinary_meeting),
        cmocka_unit_test(a_text_is_finalised_as_decided),
        cmocka_unit_test(an_erased_blob_is_used_no_more),
        cmocka_unit_test(queries_say_what_is_erased),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
