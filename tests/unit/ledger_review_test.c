/* Who could lock others out, or take what isn't theirs: each test is a way that was once open. */
#include "proto/base/hash.h"
#include "tests/lib/cmocka_all.h"
#include "tests/lib/play.h"

#define CHOSEN SB__CHAIR_BASIS__CHAIR_BASIS_CHOSEN
#define LEADER SB__CHAIR_BASIS__CHAIR_BASIS_LEADER
#define DEPUTY_LEADER SB__CHAIR_BASIS__CHAIR_BASIS_DEPUTY_LEADER

static fed *start(const fed_options *options)
{
    fed *f = fed_new(options);
    fed_run(f);
    return f;
}

/* ---- the chair ---- */

static void no_member_takes_the_chair_from_who_sits_in_it(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_ssu(f, &t); /* the leader, kommune-1, chairs and is here */
    play_refused(f, play_chair(f, t.meeting, NULL, "unn-2", CHOSEN, "unn-2/primary"),
                 SB_E_LEDGER_CHAIR_TAKEN, "kommune-1");
    play_refused(f, play_chair(f, t.meeting, &t.c, "unn-2", CHOSEN, "unn-2/primary"),
                 SB_E_LEDGER_CHAIR_TAKEN, "kommune-1");
    play_refused(f, play_close(f, t.meeting, "unn-2/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_chair(f, t.meeting, &t.c, "unn-2", CHOSEN, SEC)); /* agreed in the meeting */
    /* the leader comes before who was chosen; who was chosen doesn't come before the leader */
    play_ok(play_chair(f, t.meeting, &t.c, "kommune-1", LEADER, "kommune-1/primary"));
    play_refused(f, play_chair(f, t.meeting, &t.c, "unn-2", CHOSEN, "unn-2/primary"),
                 SB_E_LEDGER_CHAIR_TAKEN, NULL);
    /* an empty chair may be taken */
    play_ok(play_here(f, t.meeting, "kommune-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_chair(f, t.meeting, &t.c, "unn-2", CHOSEN, "unn-2/primary"));
    fed_free(f);
}

static void the_leaders_deputy_does_not_keep_the_deputy_leader_from_the_chair(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_ssu(f, &t); /* the leader, kommune-1, chairs and is here */
    play_refused(f, play_chair(f, t.meeting, &t.c, "unn-1", DEPUTY_LEADER, "unn-1/primary"),
                 SB_E_LEDGER_CHAIR_TAKEN, "kommune-1");
    play_ok(play_here(f, t.meeting, "kommune-1", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_ok(play_here(f, t.meeting, "kommune-1", DEPUTY, ARRIVED, NULL, SEC));
    play_refused(f, play_chair(f, t.meeting, &t.c, "unn-2", CHOSEN, "unn-2/primary"),
                 SB_E_LEDGER_CHAIR_TAKEN, "kommune-1");
    play_ok(play_chair(f, t.meeting, &t.c, "unn-1", DEPUTY_LEADER, "unn-1/primary"));
    fed_free(f);
}

static void untie_leader(Sb__Charter *charter, sb_arena *arena, void *arg)
{
    (void)arena, (void)arg;
    for (size_t i = 0; i < charter->n_offices; i++)
        charter->offices[i]->seat = (char *)"";
}

static void leader_is_who_holds_the_office(void **state)
{
    (void)state;
    fed *f = start(&(fed_options){.edit = untie_leader});
    play_table t;
    play_ssu(f, &t);
    play_refused(f, play_chair(f, t.meeting, NULL, "unn-2", LEADER, "unn-2/primary"),
                 SB_E_LEDGER_CHAIR_NOT_OFFICER, "unn-2");
    play_ok(play_chair(f, t.meeting, NULL, "unn-2", LEADER, SEC));
    fed_free(f);
}

static void chair_is_who_sits_in_the_seat(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_refused(f, play_ask(f, t.meeting, t.c, VOTE, "kommune-1/deputy", &q),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, "kommune-1/primary", &q));
    play_refused(f, play_end(f, q, "kommune-1/deputy"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_here(f, t.meeting, "kommune-1", PRIMARY, LEFT, NULL, "kommune-1/primary"));
    play_ok(play_here(f, t.meeting, "kommune-1", DEPUTY, ARRIVED, NULL, SEC));
    play_refused(f, play_end(f, q, "kommune-1/primary"), SB_E_LEDGER_CAPABILITY, NULL);
    play_ok(play_end(f, q, "kommune-1/deputy"));
    play_ok(play_here(f, t.meeting, "kommune-1", DEPUTY, LEFT, NULL, SEC));
    play_ok(play_close(f, t.meeting, "kommune-1/primary")); /* nobody is left to object to it */
    fed_free(f);
}

/* ---- attendance ---- */

static void deputy_does_not_send_the_primary_out(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_ssu(f, &t);
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, LEFT, NULL, "unn-1/deputy"),
                 SB_E_LEDGER_EVENT_NOT_OWN, "unn-1");
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, "unn-1/deputy"),
                 SB_E_LEDGER_EVENT_NOT_OWN, "unn-1");
    play_ok(play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, "unn-1/deputy"));
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, LEFT, NULL, "unn-1/primary"));
    /* the permanent member tells that the deputy comes or can't */
    play_ok(play_here(f, t.meeting, "unn-2", DEPUTY, ABSENT, NULL, "unn-2/primary"));
    fed_free(f);
}

static void one_person_sits_once(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_ok(fed_appoint_seat(f, "unn-1", DEPUTY, "unn-2/primary"));
    fed_seal(f);
    play_table t;
    play_ssu_empty(f, &t);
    play_ok(play_here(f, t.meeting, "unn-2", PRIMARY, ARRIVED, NULL, SEC));
    play_refused(f, play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_SITS_ELSEWHERE, "unn-2");
    play_ok(play_here(f, t.meeting, "unn-2", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    play_refused(f, play_here(f, t.meeting, "unn-2", PRIMARY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_SITS_ELSEWHERE, "unn-1");
    fed_free(f);
}

static void ballot_of_a_disqualified_member_does_not_count(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_vote(f, q, "unn-1", AGAINST));
    play_ok(play_vote(f, q, "unn-2", FOR));
    play_ok(play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    assert_non_null(strstr(play_certificate(f, q), "\"reason\":\"disqualified\""));
    fed_free(f);
}

static void nobody_adopts_nothing(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q;
    play_pm(f, &t); /* no quorum rule */
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    for (size_t i = 0; i < 4; i++)
        play_ok(play_here(f, t.meeting, play_pm_seats[i], PRIMARY, LEFT, NULL, SEC));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), NOT_QUORATE);
    fed_free(f);
}

/* ---- keys ---- */

static void stolen_authority_appoints_nobody(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_ok(fed_appoint_seat(f, "unn-1", PRIMARY, "thief"));
    uint64_t index = f->leaf_count - 1;
    Sb__KeyRevoke m = SB__KEY_REVOKE__INIT;
    m.pk = (ProtobufCBinaryData){32, fed_key_of(f, "unn/authority")->pk};
    m.reason = SB__REVOKE_REASON__REVOKE_REASON_LOST;
    play_ok(fed_submit(f, SB_ENTRY_KEY_REVOKE, &m.base, "unn/recovery"));
    fed_seal(f);
    sb_row_key thief;
    assert_false(sb_key_find(sb_ledger_kv(f->ledger), fed_key_of(f, "thief")->pk, &thief));
    sb_row_dropped dropped = {.index = index};
    assert_true(sb_row_dropped_get(sb_ledger_kv(f->ledger), NULL, &dropped));
    assert_int_equal(dropped.reason, SB_E_LEDGER_KEY_OUT_OF_FORCE);
    fed_free(f);
}

static uint32_t holder_of(fed *f, const char *id)
{
    sb_row_seat seat;
    sb_row_holder row;
    assert_true(sb_seat_find(sb_ledger_kv(f->ledger), &f->arena, id, &seat));
    return sb_holder_get(sb_ledger_kv(f->ledger), seat.no, PRIMARY, 0, &row) ? row.key : 0;
}

static void enroller_takes_no_seat_of_others(void **state)
{
    (void)state;
    fed *f = start(NULL);
    sb_row_key old, new;
    play_ok(fed_appoint_seat(f, "kommune-1", PRIMARY, "unn-1/primary")); /* enrolled by unn */
    fed_seal(f);
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    m.old_pk = (ProtobufCBinaryData){32, fed_key_of(f, "unn-1/primary")->pk};
    m.new_pk = (ProtobufCBinaryData){32, fed_key_of(f, "unn's own")->pk};
    play_ok(fed_submit(f, SB_ENTRY_KEY_REPLACE, &m.base, "unn/authority"));
    fed_seal(f);
    assert_true(sb_key_find(sb_ledger_kv(f->ledger), m.old_pk.data, &old));
    assert_true(sb_key_find(sb_ledger_kv(f->ledger), m.new_pk.data, &new));
    assert_int_equal(holder_of(f, "unn-1"), new.no);
    assert_int_equal(holder_of(f, "kommune-1"), old.no);
    play_ok(fed_appoint_seat(f, "kommune-1", PRIMARY, "unn's own")); /* kommune-a agrees */
    fed_seal(f);
    assert_int_equal(holder_of(f, "kommune-1"), new.no);
    fed_free(f);
}

static void reporter_does_not_stop_a_vote(void **state)
{
    (void)state;
    static const char *const clauses[] = {"Ja."};
    fed *f = start(NULL);
    play_id c, m, q;
    play_ok(play_report(f, "ssu", "Min sak", DECISION, "lege-1/primary", &c));
    play_ok(play_propose(f, c, "lege-1/primary", 1, clauses));
    play_ok(play_call(f, "ssu", 20220120, SEC, 1, &c, &m));
    play_ok(play_papers(f, m, 1, &c, 0, SEC));
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_ask(f, m, c, VOTE, SEC, &q));
    play_refused(f, play_withdraw(f, c, "lege-1/primary"), SB_E_LEDGER_CASE_QUESTION_OPEN, NULL);
    play_ok(play_withdraw(f, c, "leader"));
    fed_free(f);
}

static void successor_waits_for_the_term(void **state)
{
    (void)state;
    fed *f = start(NULL);
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = (char *)"unn-1";
    place.role = PRIMARY;
    Sb__Appoint m = SB__APPOINT__INIT;
    m.place_case = SB__APPOINT__PLACE_SEAT;
    m.seat = &place;
    m.device_pk = (ProtobufCBinaryData){32, fed_key_of(f, "next")->pk};
    m.name = fed_blob(f, "Neste");
    m.from_date = 20220101;
    fed_at(f, 20211231, 12, 0);
    play_refused(f, fed_submit(f, SB_ENTRY_APPOINT, &m.base, "unn/authority"),
                 SB_E_LEDGER_APPOINT_EARLY, "2022-01-01");
    fed_at(f, 20220101, 0, 0);
    play_ok(fed_submit(f, SB_ENTRY_APPOINT, &m.base, "unn/authority"));
    fed_free(f);
}

/* ---- quotas ---- */

static void what_ends_something_is_never_too_much(void **state)
{
    (void)state;
    fed *f = start(&(fed_options){.per_key_and_day = 60});
    play_table t;
    play_id q, other;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    sb_err err = SB_OK;
    for (int i = 0; i < 100 && err == SB_OK; i++)
        err = play_report(f, "ssu", "Mye", DECISION, SEC, &other);
    assert_string_equal(sb_err_name(err), "SB_E_LEDGER_QUOTA_DAY");
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, t.meeting, SEC));
    fed_free(f);
}

static sb_err remark(fed *f, const play_table *t, const char *seat, const char *by)
{
    Sb__Remark m = SB__REMARK__INIT;
    m.meeting_id = t->meeting;
    m.case_id = t->c;
    m.seat = (char *)(uintptr_t)seat;
    m.text = fed_blob(f, "merknad");
    return fed_submit(f, SB_ENTRY_REMARK, &m.base, by);
}

static void one_member_does_not_use_up_a_case(void **state)
{
    (void)state;
    fed *f = start(&(fed_options){.per_case = 10});
    play_table t;
    play_id q;
    play_ssu(f, &t);
    sb_err err = SB_OK;
    for (int i = 0; i < 20 && err == SB_OK; i++)
        err = remark(f, &t, "unn-2", "unn-2/primary");
    assert_string_equal(sb_err_name(err), "SB_E_LEDGER_QUOTA_CASE");
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    fed_free(f);
}

/* ---- the ends of the calendar ---- */

static void last_day_there_is(void **state)
{
    (void)state;
    static const char *const clauses[] = {"Ja."};
    fed *f = start(NULL);
    play_id c, m, q, draft;
    play_ok(play_report(f, "ssu", "Sist", DECISION, SEC, &c));
    play_ok(play_propose(f, c, SEC, 1, clauses));
    play_refused(f, play_call(f, "ssu", 20310229, SEC, 1, &c, &m), SB_E_LEDGER_DATE_INVALID, NULL);
    play_ok(play_call(f, "ssu", 99991231, SEC, 1, &c, &m));
    play_ok(play_papers(f, m, 1, &c, 1, SEC)); /* claimed: a millisecond into 1970 */
    play_ok(play_open(f, m, SEC));
    play_ok(play_chair(f, m, NULL, "kommune-1", LEADER, SEC));
    play_arrive(f, m, play_ssu_seats, 6);
    play_ok(play_ask(f, m, c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    play_ok(play_close(f, m, SEC));
    play_ok(play_draft(f, m, 0, &draft));
    char hex[65];
    sb_hex(sb_slice_of(m.data, 32), hex);
    assert_non_null(play_query(f, "meeting", hex));
    assert_non_null(play_query(f, "minutes", hex));
    assert_non_null(play_query(f, "deadlines", NULL));
    f->now_ms = UINT64_C(253402300799999); /* the last moment of a claim */
    f->tick_ms = 0;
    play_ok(play_report(f, "ssu", "Etter", DECISION, SEC, &c));
    play_ok(play_call(f, "ssu", 99991231, SEC, 1, &c, &m));
    play_ok(play_open(f, m, SEC));
    play_ok(play_close(f, m, SEC));
    play_ok(play_draft(f, m, 0, &draft)); /* a silence beyond the calendar never ends */
    f->now_ms = UINT64_MAX;
    play_ok(play_report(f, "ssu", "Etter alt", DECISION, SEC, &c));
    fed_free(f);
}

/* ---- a closed meeting ---- */

static void title_of_a_closed_meeting_stands(void **state)
{
    (void)state;
    fed *f = start(NULL);
    play_table t;
    play_id q;
    play_ssu(f, &t);
    play_ok(play_ask(f, t.meeting, t.c, CONSENSUS, SEC, &q));
    play_ok(play_end(f, q, SEC));
    play_ok(play_close(f, t.meeting, SEC));
    char hex[65];
    sb_hex(sb_slice_of(t.meeting.data, 32), hex);
    assert_non_null(strstr(play_query(f, "meeting", hex), "\"En sak\""));
    Sb__CaseAmend m = SB__CASE_AMEND__INIT;
    m.case_id = t.c;
    m.title = (char *)"En annen sak";
    play_ok(fed_submit(f, SB_ENTRY_CASE_AMEND, &m.base, SEC));
    assert_non_null(strstr(play_query(f, "meeting", hex), "\"En sak\""));
    assert_null(strstr(play_query(f, "meeting", hex), "\"En annen sak\""));
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_member_takes_the_chair_from_who_sits_in_it),
        cmocka_unit_test(the_leaders_deputy_does_not_keep_the_deputy_leader_from_the_chair),
        cmocka_unit_test(leader_is_who_holds_the_office),
        cmocka_unit_test(chair_is_who_sits_in_the_seat),
        cmocka_unit_test(deputy_does_not_send_the_primary_out),
        cmocka_unit_test(one_person_sits_once),
        cmocka_unit_test(ballot_of_a_disqualified_member_does_not_count),
        cmocka_unit_test(nobody_adopts_nothing),
        cmocka_unit_test(stolen_authority_appoints_nobody),
        cmocka_unit_test(enroller_takes_no_seat_of_others),
        cmocka_unit_test(reporter_does_not_stop_a_vote),
        cmocka_unit_test(successor_waits_for_the_term),
        cmocka_unit_test(what_ends_something_is_never_too_much),
        cmocka_unit_test(one_member_does_not_use_up_a_case),
        cmocka_unit_test(last_day_there_is),
        cmocka_unit_test(title_of_a_closed_meeting_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
