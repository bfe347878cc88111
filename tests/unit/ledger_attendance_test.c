/* Who represents a seat: every combination of permanent representative, personal deputy and
 * disqualification against a table written out by hand (§ 3 nr. 2); coming and going between
 * questions; what is entered late changes nothing that is closed. */
#include "tests/lib/cmocka_all.h"

#include "proto/ledger/attendance.h"
#include "tests/lib/play.h"

#define QUALIFIED SB__ATTENDANCE_KIND__ATTENDANCE_KIND_QUALIFIED

/* ---- the table ---- */

/* Of permanent representative and deputy: '.' nothing is said, 'a' arrived, 'l' left, 'b' left and
 * came back, 'f' absent with notice, 'm' not met, 'u' not documented.
 * Who represents the seat when nobody, the permanent one, the deputy, or both are disqualified:
 * "P" the permanent one, "P+" with the deputy beside, "D" the deputy; else nobody, because:
 * "-f" absent with notice, "-m" not met, "-u" not documented, "-l" left, "-i" disqualified. */
static const struct row {
    char primary, deputy;
    const char *nobody, *permanent, *personal, *both;
} table[] = {
    {'.', '.', "-u", "-u", "-u", "-u"}, /* held, and nothing is known */
    {'.', 'a', "D", "D", "-i", "-i"},
    {'.', 'l', "-l", "-l", "-l", "-l"},
    {'.', 'b', "D", "D", "-i", "-i"},
    {'.', 'f', "-f", "-f", "-f", "-f"},
    {'.', 'm', "-m", "-m", "-m", "-m"},
    {'.', 'u', "-u", "-u", "-u", "-u"},

    {'a', '.', "P", "-i", "P", "-i"},
    {'a', 'a', "P+", "D", "P", "-i"},
    {'a', 'l', "P", "-i", "P", "-i"},
    {'a', 'b', "P+", "D", "P", "-i"},
    {'a', 'f', "P", "-i", "P", "-i"},
    {'a', 'm', "P", "-i", "P", "-i"},
    {'a', 'u', "P", "-i", "P", "-i"},

    {'l', '.', "-l", "-l", "-l", "-l"},
    {'l', 'a', "D", "D", "-i", "-i"},
    {'l', 'l', "-l", "-l", "-l", "-l"},
    {'l', 'b', "D", "D", "-i", "-i"},
    {'l', 'f', "-l", "-l", "-l", "-l"},
    {'l', 'm', "-l", "-l", "-l", "-l"},
    {'l', 'u', "-l", "-l", "-l", "-l"},

    {'b', '.', "P", "-i", "P", "-i"},
    {'b', 'a', "P+", "D", "P", "-i"},
    {'b', 'l', "P", "-i", "P", "-i"},
    {'b', 'b', "P+", "D", "P", "-i"},
    {'b', 'f', "P", "-i", "P", "-i"},
    {'b', 'm', "P", "-i", "P", "-i"},
    {'b', 'u', "P", "-i", "P", "-i"},

    {'f', '.', "-f", "-f", "-f", "-f"},
    {'f', 'a', "D", "D", "-i", "-i"},
    {'f', 'l', "-l", "-l", "-l", "-l"},
    {'f', 'b', "D", "D", "-i", "-i"},
    {'f', 'f', "-f", "-f", "-f", "-f"},
    {'f', 'm', "-f", "-f", "-f", "-f"}, /* the permanent one's reason stands first */
    {'f', 'u', "-f", "-f", "-f", "-f"},

    {'m', '.', "-m", "-m", "-m", "-m"},
    {'m', 'a', "D", "D", "-i", "-i"},
    {'m', 'l', "-l", "-l", "-l", "-l"},
    {'m', 'b', "D", "D", "-i", "-i"},
    {'m', 'f', "-m", "-m", "-m", "-m"},
    {'m', 'm', "-m", "-m", "-m", "-m"},
    {'m', 'u', "-m", "-m", "-m", "-m"},

    {'u', '.', "-u", "-u", "-u", "-u"},
    {'u', 'a', "D", "D", "-i", "-i"},
    {'u', 'l', "-l", "-l", "-l", "-l"},
    {'u', 'b', "D", "D", "-i", "-i"},
    {'u', 'f', "-u", "-u", "-u", "-u"},
    {'u', 'm', "-u", "-u", "-u", "-u"},
    {'u', 'u', "-u", "-u", "-u", "-u"},
};
enum { ROWS = sizeof table / sizeof table[0], SEATS = 6, CASES = 4 };

/* A meeting with four cases: nobody is disqualified on the first, the permanent representatives on
 * the second, the deputies on the third, both on the fourth. */
typedef struct four {
    play_id meeting, cases[CASES];
} four;

static void four_cases(fed *f, four *t)
{
    static const char *const clause[] = {"Vedtak"};
    fed_run(f);
    fed_at(f, 20211220, 12, 0);
    for (size_t i = 0; i < CASES; i++) {
        play_ok(play_report(f, "ssu", "En sak", DECISION, SEC, &t->cases[i]));
        play_ok(play_propose(f, t->cases[i], SEC, 1, clause));
    }
    play_ok(play_call(f, "ssu", 20220120, SEC, CASES, t->cases, &t->meeting));
    fed_at(f, 20220107, 12, 0);
    play_ok(play_papers(f, t->meeting, CASES, t->cases, 0, SEC));
    fed_at(f, 20220120, 9, 0);
    play_ok(play_open(f, t->meeting, SEC));
    play_ok(play_chair(f, t->meeting, NULL, "kommune-1", SB__CHAIR_BASIS__CHAIR_BASIS_LEADER, SEC));
}

static void here(fed *f, const four *t, const char *seat, Sb__SeatRole role, char state)
{
    Sb__AttendanceKind kinds[3];
    size_t count = 0;
    switch (state) {
    case 'a':
        kinds[count++] = ARRIVED;
        break;
    case 'l':
        kinds[count++] = ARRIVED;
        kinds[count++] = LEFT;
        break;
    case 'b':
        kinds[count++] = ARRIVED;
        kinds[count++] = LEFT;
        kinds[count++] = ARRIVED;
        break;
    case 'f':
        kinds[count++] = ABSENT;
        break;
    case 'm':
        kinds[count++] = NOT_MET;
        break;
    case 'u':
        kinds[count++] = NOT_DOCUMENTED;
        break;
    }
    for (size_t i = 0; i < count; i++)
        play_ok(play_here(f, t->meeting, seat, role, kinds[i], NULL, SEC));
}

static const char *said(const sb_representation *r)
{
    if (r->role == PRIMARY)
        return r->deputy_beside ? "P+" : "P";
    if (r->role == DEPUTY)
        return "D";
    switch (r->reason) {
    case SB_AWAY_WITH_NOTICE:
        return "-f";
    case SB_AWAY_NOT_MET:
        return "-m";
    case SB_AWAY_NOT_DOCUMENTED:
        return "-u";
    case SB_AWAY_LEFT:
        return "-l";
    case SB_AWAY_DISQUALIFIED:
        return "-i";
    case SB_AWAY_VACANT:
        return "-v";
    case SB_AWAY_NOT:
    case SB_AWAY_DEPUTY_BESIDE:
        break;
    }
    return "?";
}

static void compare(fed *f, const four *t, const char *seat, const struct row *row)
{
    const char *wanted[CASES] = {row->nobody, row->permanent, row->personal, row->both};
    sb_row_seat s;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_true(sb_seat_find(kv, &f->arena, seat, &s));
    for (size_t c = 0; c < CASES; c++) {
        sb_representation r = sb_representative(kv, play_meeting(f, t->meeting).no, s.no,
                                                play_case(f, t->cases[c]).no);
        if (strcmp(said(&r), wanted[c]) != 0)
            fail_msg("%c%c, case %zu: %s, wanted %s", row->primary, row->deputy, c + 1, said(&r),
                     wanted[c]);
        assert_false(r.by_delegation);
    }
}

/* Six rows of the table a meeting; first the permanent representatives are entered, or the deputies. */
static void play_rows(const struct row *rows, size_t count, bool deputies_first)
{
    fed *f = fed_new(NULL);
    four t;
    four_cases(f, &t);
    for (size_t i = 0; i < count; i++) {
        const char *seat = play_ssu_seats[i];
        if (deputies_first)
            here(f, &t, seat, DEPUTY, rows[i].deputy);
        here(f, &t, seat, PRIMARY, rows[i].primary);
        if (!deputies_first)
            here(f, &t, seat, DEPUTY, rows[i].deputy);
        for (size_t c = 1; c < CASES; c++) {
            if (c != 2)
                play_ok(play_here(f, t.meeting, seat, PRIMARY, DISQUALIFIED, &t.cases[c], SEC));
            if (c != 1)
                play_ok(play_here(f, t.meeting, seat, DEPUTY, DISQUALIFIED, &t.cases[c], SEC));
        }
    }
    for (size_t i = 0; i < count; i++)
        compare(f, &t, play_ssu_seats[i], &rows[i]);
    /* lifted, as if it had never been */
    for (size_t i = 0; i < count; i++) {
        const char *seat = play_ssu_seats[i];
        play_ok(play_here(f, t.meeting, seat, PRIMARY, QUALIFIED, &t.cases[1], SEC));
        play_ok(play_here(f, t.meeting, seat, DEPUTY, QUALIFIED, &t.cases[2], SEC));
        struct row lifted = rows[i];
        lifted.permanent = lifted.personal = rows[i].nobody;
        compare(f, &t, seat, &lifted);
    }
    fed_free(f);
}

static void every_combination(void **state)
{
    (void)state;
    assert_int_equal(ROWS, 7 * 7);
    for (size_t first = 0; first < ROWS; first += SEATS)
        for (int order = 0; order < 2; order++)
            play_rows(&table[first], ROWS - first < SEATS ? ROWS - first : SEATS, order == 1);
}

/* A seat that was never filled is vacant, and not undocumented. */
static void nobody_was_ever_appointed(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    four t;
    four_cases(f, &t);
    sb_row_seat s;
    sb_kv *kv = sb_ledger_kv(f->ledger);
    assert_true(sb_seat_find(kv, &f->arena, "unn-1", &s));
    sb_row_holder primary = {.seat = s.no, .role = PRIMARY}, deputy = {s.no, .role = DEPUTY};
    sb_row_holder_del(kv, &primary);
    sb_representation r = sb_representative(kv, play_meeting(f, t.meeting).no, s.no, 0);
    assert_string_equal(said(&r), "-u");
    sb_row_holder_del(kv, &deputy);
    r = sb_representative(kv, play_meeting(f, t.meeting).no, s.no, 0);
    assert_string_equal(said(&r), "-v");
    fed_free(f);
}

/* ---- over questions ---- */

static sb_err vote_by(fed *f, play_id q, const char *seat, const char *role, Sb__Choice choice)
{
    return play_vote_as(f, SB_ENTRY_BALLOT, q, seat, choice, NULL,
                        sb_arena_printf(&f->arena, "%s/%s", seat, role));
}

static void certificate_has(fed *f, play_id q, const char *words)
{
    const char *json = play_certificate(f, q);
    if (strstr(json, words) == NULL)
        fail_msg("no %s in %s", words, json);
}

#define OF_LEGE "{\"seat\":\"lege-1\",\"partner\":\"fastlege\",\"represented_by\":"

/* Somebody comes, goes and comes back between questions; each is decided by those who are there. */
static void coming_and_going(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    four t;
    play_id q[CASES];
    four_cases(f, &t);
    play_arrive(f, t.meeting, play_ssu_seats, 6);

    play_ok(play_ask(f, t.meeting, t.cases[0], VOTE, SEC, &q[0]));
    play_ok(play_vote(f, q[0], "lege-1", FOR));
    play_ok(play_end(f, q[0], SEC));
    certificate_has(f, q[0], OF_LEGE "\"primary\",\"reason\":null");

    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.cases[1], VOTE, SEC, &q[1]));
    play_refused(f, play_vote(f, q[1], "lege-1", FOR), SB_E_LEDGER_NOT_PRESENT, NULL);
    play_ok(play_here(f, t.meeting, "lege-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(vote_by(f, q[1], "lege-1", "deputy", FOR));
    play_refused(f, play_vote(f, q[1], "lege-1", AGAINST), SB_E_LEDGER_PRIMARY_AWAY, NULL);
    play_ok(play_end(f, q[1], SEC));
    certificate_has(f, q[1], OF_LEGE "\"deputy\",\"reason\":null");
    /* nobody of the doctors was there when it was opened */
    assert_int_equal(play_outcome(f, q[1]), NOT_QUORATE);

    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.cases[2], VOTE, SEC, &q[2]));
    play_refused(f, vote_by(f, q[2], "lege-1", "deputy", FOR), SB_E_LEDGER_DEPUTY_BESIDE,
                 "§ 3 nr. 2");
    play_ok(play_vote(f, q[2], "lege-1", FOR));
    play_ok(play_end(f, q[2], SEC));
    certificate_has(f, q[2], OF_LEGE "\"primary\",\"reason\":null");
    certificate_has(f, q[2],
                    "\"persons_not_counted\":[{\"seat\":\"lege-1\",\"role\":\"deputy\",\"reason\":"
                    "\"deputy_beside\",\"cite\":\"§ 3 nr. 2\"}]");
    assert_int_equal(play_outcome(f, q[2]), ADOPTED);

    play_ok(play_here(f, t.meeting, "lege-1", DEPUTY, LEFT, NULL, SEC));
    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.cases[3], VOTE, SEC, &q[3]));
    play_ok(play_vote(f, q[3], "unn-1", FOR));
    play_ok(play_end(f, q[3], SEC));
    certificate_has(f, q[3], OF_LEGE "\"none\",\"reason\":\"left\"");
    assert_int_equal(play_outcome(f, q[3]), NOT_QUORATE);
    fed_free(f);
}

/* Everything that can be entered late, entered late: also with times before the close. */
static void late_changes_move_nothing(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    play_table t;
    play_id q;
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_here(f, t.meeting, "unn-2", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    for (size_t i = 0; i < 6; i++)
        play_ok(play_vote(f, q, play_ssu_seats[i], FOR));
    play_ok(play_end(f, q, SEC));
    const char *before = sb_arena_str(&f->arena, sb_slice_str(play_certificate(f, q)));
    const char *text =
        sb_arena_str(&f->arena, sb_slice_str(play_certificate_text(f, q, SB_LANG_NB)));
    uint8_t decided[32];
    memcpy(decided, play_case(f, t.c).wording, 32);
    uint64_t closed_ms = f->now_ms;

    fed_at(f, 20220120, 18, 0);
    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_ok(play_here(f, t.meeting, "unn-2", DEPUTY, DISQUALIFIED, &t.c, SEC));
    play_ok(play_here(f, t.meeting, "unn-1", DEPUTY, ARRIVED, NULL, SEC));
    for (size_t i = 0; i < 6; i++) { /* they had left before, it is said now */
        Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
        Sb__AttendanceEvent e = SB__ATTENDANCE_EVENT__INIT, *events[] = {&e};
        Sb__Attendance m = SB__ATTENDANCE__INIT;
        place.seat = (char *)(uintptr_t)play_ssu_seats[i];
        place.role = PRIMARY;
        e.who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
        e.seat = &place;
        e.kind = LEFT;
        e.at_ms = closed_ms - 60000;
        m.meeting_id = t.meeting;
        m.n_events = 1;
        m.events = events;
        assert_int_equal(fed_submit(f, SB_ENTRY_ATTENDANCE, &m.base, SEC), SB_OK);
    }
    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, QUALIFIED, &t.c, SEC));
    assert_string_equal(play_certificate(f, q), before);
    assert_string_equal(play_certificate_text(f, q, SB_LANG_NB), text);
    assert_int_equal(play_outcome(f, q), ADOPTED);
    play_ok(play_close(f, t.meeting, SEC));
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_MEETING_CLOSED, NULL);
    play_refused(f, play_here(f, t.meeting, "unn-2", DEPUTY, QUALIFIED, &t.c, SEC),
                 SB_E_LEDGER_MEETING_CLOSED, NULL);
    assert_string_equal(play_certificate(f, q), before);
    assert_memory_equal(play_case(f, t.c).wording, decided, 32);
    fed_free(f);
}

/* ---- disqualified, and not after all ---- */

static void who_lifts_a_disqualification(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    play_table t;
    fed_run(f);
    play_ssu(f, &t);
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, SEC),
                 SB_E_LEDGER_NOT_DISQUALIFIED, "unn-1");
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, NULL, SEC),
                 SB_E_LEDGER_EVENT_CASE, NULL);
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_refused(f, play_here(f, t.meeting, "unn-1", DEPUTY, QUALIFIED, &t.c, SEC),
                 SB_E_LEDGER_NOT_DISQUALIFIED, NULL);
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, "unn-2/primary"),
                 SB_E_LEDGER_CAPABILITY, NULL);
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, "unn-1/deputy"),
                 SB_E_LEDGER_EVENT_NOT_OWN, NULL);
    /* others found it: only they take it back; what the member said, the member takes back */
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, "unn-1/primary"),
                 SB_E_LEDGER_QUALIFY_NOT_OWN, "unn-1");
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, "kommune-1/primary"));
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, "unn-1/primary"));
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, "unn-1/primary"));
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, "unn-1/primary"));
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, SEC));
    play_refused(f, play_here(f, t.meeting, "unn-1", PRIMARY, QUALIFIED, &t.c, SEC),
                 SB_E_LEDGER_NOT_DISQUALIFIED, NULL);
    play_ok(play_here(f, t.meeting, "unn-1", PRIMARY, DISQUALIFIED, &t.c, SEC)); /* again */

    /* in one entry, in order */
    Sb__SeatPlace place = SB__SEAT_PLACE__INIT;
    place.seat = (char *)(uintptr_t) "unn-1";
    place.role = PRIMARY;
    Sb__AttendanceEvent e[2] = {SB__ATTENDANCE_EVENT__INIT, SB__ATTENDANCE_EVENT__INIT};
    for (int i = 0; i < 2; i++) {
        e[i].who_case = SB__ATTENDANCE_EVENT__WHO_SEAT;
        e[i].seat = &place;
        e[i].case_id = t.c;
        e[i].kind = QUALIFIED;
    }
    Sb__AttendanceEvent *events[] = {&e[0], &e[1]};
    Sb__Attendance m = SB__ATTENDANCE__INIT;
    m.meeting_id = t.meeting;
    m.n_events = 2;
    m.events = events;
    play_refused(f, fed_submit(f, SB_ENTRY_ATTENDANCE, &m.base, SEC), SB_E_LEDGER_NOT_DISQUALIFIED,
                 NULL);
    e[1].kind = DISQUALIFIED;
    play_ok(fed_submit(f, SB_ENTRY_ATTENDANCE, &m.base, SEC));
    /* the meeting tells each interval */
    const char *meeting = play_query(f, "meeting", "2022-01-20");
    const char *list = strstr(meeting, "\"disqualified\":[{");
    assert_non_null(list);
    assert_non_null(strstr(list, "\"lifted_index\":null"));
    size_t count = 0;
    for (const char *at = list; (at = strstr(at, "\"lifted_index\":")) != NULL; at++)
        count++;
    assert_int_equal(count, 5);
    fed_free(f);
}

/* While a question is open the vote goes to the deputy and back; a ballot given with the right to
 * it stands until the other one votes. */
static void lifted_while_a_question_is_open(void **state)
{
    (void)state;
    fed *f = fed_new(NULL);
    play_table t;
    play_id q;
    fed_run(f);
    play_ssu(f, &t);
    play_ok(play_here(f, t.meeting, "lege-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, DISQUALIFIED, &t.c, SEC));
    play_refused(f, play_vote(f, q, "lege-1", AGAINST), SB_E_LEDGER_PRIMARY_AWAY, NULL);
    play_ok(vote_by(f, q, "lege-1", "deputy", AGAINST));
    play_ok(play_here(f, t.meeting, "lege-1", PRIMARY, QUALIFIED, &t.c, SEC));
    play_refused(f, vote_by(f, q, "lege-1", "deputy", FOR), SB_E_LEDGER_DEPUTY_BESIDE, NULL);
    play_ok(play_vote(f, q, "lege-1", FOR)); /* takes the deputy's place */
    play_ok(play_vote(f, q, "unn-1", FOR));
    play_ok(play_end(f, q, SEC));
    certificate_has(f, q, OF_LEGE "\"primary\",\"reason\":null");
    assert_int_equal(play_outcome(f, q), ADOPTED);
    fed_free(f);
}

/* ---- by delegation ---- */

static void mayors(Sb__Charter *c, sb_arena *a, void *arg)
{
    (void)a, (void)arg;
    c->bodies[1]->delegation_cite = "§ 3 nr. 1";
    c->bodies[1]->seats[2]->ex_officio = true;
}

static void a_delegate_votes(void **state)
{
    (void)state;
    fed *f = fed_new(&(fed_options){.edit = mayors});
    play_table t;
    play_id q;
    fed_run(f);
    Sb__Delegate m = SB__DELEGATE__INIT;
    m.seat = (char *)(uintptr_t) "pm-kommune-1";
    m.device_pk = (play_id){32, fed_key_of(f, "varaordfører")->pk};
    m.name = fed_blob(f, "Varaordføreren");
    m.from_date = m.until_date = 20220120;
    play_ok(fed_submit(f, SB_ENTRY_DELEGATE, &m.base, "pm-kommune-1/primary"));
    fed_seal(f);
    play_pm(f, &t);
    play_refused(f, play_here(f, t.meeting, "pm-kommune-2", DEPUTY, ARRIVED, NULL, SEC),
                 SB_E_LEDGER_NO_SUCH_DEPUTY, NULL);
    play_ok(play_here(f, t.meeting, "pm-kommune-1", DEPUTY, ARRIVED, NULL, SEC));
    play_ok(play_ask(f, t.meeting, t.c, VOTE, SEC, &q));
    play_refused(f, play_vote_as(f, SB_ENTRY_BALLOT, q, "pm-kommune-1", FOR, NULL, "varaordfører"),
                 SB_E_LEDGER_DEPUTY_BESIDE, NULL);
    play_ok(play_here(f, t.meeting, "pm-kommune-1", PRIMARY, LEFT, NULL, SEC));
    play_ok(play_vote_as(f, SB_ENTRY_BALLOT, q, "pm-kommune-1", FOR, NULL, "varaordfører"));
    play_ok(play_vote(f, q, "pm-kommune-2", FOR));
    play_ok(play_vote(f, q, "pm-unn-1", FOR));
    const char *asked = play_query(f, "question", "1/22");
    assert_non_null(strstr(asked, "\"candidate\":null,\"delegated\":true}"));
    play_ok(play_end(f, q, SEC));
    assert_int_equal(play_outcome(f, q), ADOPTED);
    certificate_has(f, q,
                    "{\"seat\":\"pm-kommune-1\",\"partner\":\"kommune\",\"represented_by\":"
                    "\"delegate\",\"reason\":null");
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_NB),
                           "(pm-kommune-1): etter fullmakt (§ 3 nr. 1)"));
    assert_non_null(strstr(play_certificate_text(f, q, SB_LANG_EN), ": by delegation (§ 3 nr. 1)"));
    const char *meeting = play_query(f, "meeting", "pm:2022-01-20");
    assert_non_null(strstr(meeting, "\"seat_represented\":true,\"delegated\":true"));
    /* the next day it is over */
    fed_at(f, 20220121, 9, 0);
    play_refused(f, play_report(f, "pm", "En sak", INFORMATION, "varaordfører", &q),
                 SB_E_LEDGER_CAPABILITY, NULL);
    fed_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_combination),
        cmocka_unit_test(nobody_was_ever_appointed),
        cmocka_unit_test(coming_and_going),
        cmocka_unit_test(late_changes_move_nothing),
        cmocka_unit_test(who_lifts_a_disqualification),
        cmocka_unit_test(lifted_while_a_question_is_open),
        cmocka_unit_test(a_delegate_votes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
