/* Rehearsal scripts: what is read, and every complaint with its line. */
#include "tests/lib/cmocka_all.h"

#include <stdlib.h>
#include <unistd.h>

#include "nodes/charter/charter.h"
#include "nodes/cli/rehearse_script.h"
#include "nodes/host/file.h"
#include "proto/calendar/oslo.h"
#include "proto/text/text.h"

#define HEAD                                                                                       \
    "rehearsal:\n"                                                                                 \
    "  title: Prøve\n"                                                                            \
    "  charter: vedtekter.yaml\n"                                                                  \
    "  start: 2022-01-03 09:00\n"                                                                  \
    "steps:\n"
/* steps begin on this line */
enum { FIRST = 6 };

static sb_arena arena;

static int setup(void **state)
{
    (void)state;
    sb_arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sb_arena_deinit(&arena);
    return 0;
}

static sb_err parse(const char *text, sb_reh_script *script, sb_fail *fail)
{
    return sb_reh_parse("skript/prove.yaml", sb_slice_str(text), &arena, script, fail);
}

static sb_reh_step *one(const char *step, sb_reh_script *script)
{
    sb_fail fail = {0};
    sb_err err = parse(sb_arena_printf(&arena, HEAD "  %s\n", step), script, &fail);
    if (err != SB_OK)
        print_error("%s: %s %s %s %s\n", sb_err_name(err), fail.arg[0], fail.arg[1], fail.arg[2],
                    fail.arg[3]);
    assert_int_equal(err, SB_OK);
    assert_int_equal(script->count, 1);
    return &script->steps[0];
}

/* ---- reading ---- */

static void head_is_read(void **state)
{
    (void)state;
    sb_reh_script s;
    assert_int_equal(parse(HEAD "  - say: hei\n", &s, NULL), SB_OK);
    assert_string_equal(s.title, "Prøve");
    assert_string_equal(s.charter, "skript/vedtekter.yaml");
    assert_int_equal(s.start_ms, INT64_C(1641196800000)); /* 2022-01-03T08:00Z */
    assert_false(s.made_up);
    assert_int_equal(s.steps[0].kind, SB_REH_SAY);
    assert_int_equal(s.steps[0].line, FIRST);
    assert_string_equal(sb_reh_text(&s.steps[0], SB_REH_F_SAID), "hei");
}

static void at_is_norwegian_time(void **state)
{
    (void)state;
    sb_reh_script s;
    const sb_reh_step *winter = one("- at: 2022-01-20 12:00", &s);
    assert_int_equal(sb_reh_number(winter, SB_REH_F_MOMENT, 0), UINT64_C(1642676400000));
    const sb_reh_step *summer = one("- at: 2022-07-20 12:00", &s);
    assert_int_equal(sb_reh_number(summer, SB_REH_F_MOMENT, 0), UINT64_C(1658311200000));
}

static void bare_values_mean_the_short_field(void **state)
{
    (void)state;
    sb_reh_script s;
    assert_string_equal(sb_reh_text(one("- close: sak", &s), SB_REH_F_CASE), "sak");
    assert_string_equal(sb_reh_text(one("- open-meeting: m", &s), SB_REH_F_MEETING), "m");
    const sb_reh_value *v =
        one("- arrive: [unn-1, {seat: unn-4, role: deputy}]", &s)->fields[SB_REH_F_SEATS];
    assert_int_equal(v->count, 2);
    assert_string_equal(v->items[0].text, "unn-1");
    assert_int_equal(v->items[0].role, 0);
    assert_string_equal(v->items[1].text, "unn-4");
    assert_int_equal(v->items[1].role, SB__SEAT_ROLE__SEAT_ROLE_DEPUTY);
    v = one("- arrive: {seat: unn-4, role: deputy}", &s)->fields[SB_REH_F_SEATS];
    assert_int_equal(v->count, 1);
    assert_string_equal(v->items[0].text, "unn-4");
    v = one("- kill: broker", &s)->fields[SB_REH_F_PROCESSES];
    assert_string_equal(v->items[0].text, "broker");
}

static void votes_name_seats_partners_and_bodies(void **state)
{
    (void)state;
    sb_reh_script s;
    const sb_reh_step *step =
        one("- vote: {case: sak, for: {partner: unn}, against: [k-1, {body: ssu}]}", &s);
    const sb_reh_value *for_ = step->fields[SB_REH_F_FOR];
    const sb_reh_value *against = step->fields[SB_REH_F_AGAINST];
    assert_int_equal(for_->count, 1);
    assert_int_equal(for_->items[0].place, SB_REH_A_PARTNER);
    assert_string_equal(for_->items[0].text, "unn");
    assert_int_equal(against->count, 2);
    assert_int_equal(against->items[0].place, SB_REH_A_SEAT);
    assert_int_equal(against->items[1].place, SB_REH_A_BODY);
    assert_null(step->fields[SB_REH_F_ABSTAIN]);
}

static void words_and_numbers(void **state)
{
    (void)state;
    sb_reh_script s;
    const sb_reh_step *step = one(
        "- expect: {case: a, outcome: no-consensus, mode: vote, votes: {unn: 1-2}, changed: [2]}",
        &s);
    assert_int_equal(sb_reh_number(step, SB_REH_F_OUTCOME, 0), SB__OUTCOME__OUTCOME_NO_CONSENSUS);
    assert_string_equal(sb_reh_text(step, SB_REH_F_OUTCOME), "no_consensus");
    assert_int_equal(sb_reh_number(step, SB_REH_F_MODE, 0), SB__MODE__MODE_VOTE);
    assert_string_equal(step->fields[SB_REH_F_VOTES]->items[0].text, "unn");
    assert_int_equal(step->fields[SB_REH_F_VOTES]->items[0].a, 1);
    assert_int_equal(step->fields[SB_REH_F_VOTES]->items[0].b, 2);
    assert_int_equal(step->fields[SB_REH_F_CHANGED]->items[0].a, 2);
    step = one("- expect: {meeting: m, present: {unn: 6/6, bruker: 1/2}, quorate: false}", &s);
    assert_int_equal(step->fields[SB_REH_F_PRESENT]->items[1].a, 1);
    assert_int_equal(step->fields[SB_REH_F_PRESENT]->items[1].b, 2);
    assert_int_equal(sb_reh_number(step, SB_REH_F_QUORATE, 7), 0);
    step = one("- call: {meeting: m, body: ssu, date: 2022-01-20, start: \"09:30\", form: video, "
               "agenda: [a, b]}",
               &s);
    assert_int_equal(sb_reh_number(step, SB_REH_F_DATE, 0), 20220120);
    assert_int_equal(sb_reh_number(step, SB_REH_F_START, 0), 570);
    assert_int_equal(step->fields[SB_REH_F_AGENDA]->count, 2);
}

/* Of elections: who stands for what, who votes for whom, and how many votes each got. */
static void tickets_choices_and_counts(void **state)
{
    (void)state;
    sb_reh_script s;
    const sb_reh_step *step =
        one("- candidate: {case: valg, ticket: {leader: unn-1, deputy-leader: k-1}}", &s);
    const sb_reh_value *v = step->fields[SB_REH_F_TICKET];
    assert_int_equal(v->count, 2);
    assert_string_equal(v->items[1].text, "deputy-leader");
    assert_string_equal(v->items[1].other, "k-1");
    step = one("- vote: {case: valg, candidates: {1: [unn-1, {partner: k}], 12: b-1}, blank: b-2}",
               &s);
    v = step->fields[SB_REH_F_CANDIDATES];
    assert_int_equal(v->count, 3);
    assert_int_equal(v->items[1].a, 1);
    assert_int_equal(v->items[1].place, SB_REH_A_PARTNER);
    assert_int_equal(v->items[2].a, 12);
    assert_string_equal(v->items[2].text, "b-1");
    assert_int_equal(step->fields[SB_REH_F_BLANK]->count, 1);
    v = one("- expect: {case: valg, votes-for: {1: 9, 2: 0}}", &s)->fields[SB_REH_F_VOTES_FOR];
    assert_int_equal(v->items[0].b, 9);
    assert_int_equal(v->items[1].a, 2);
    assert_string_equal(
        one("- condition: {case: s, before: effect, asks: signed, parties: [p], cite: § 4}", &s)
            ->fields[SB_REH_F_ASKS]
            ->text,
        "signed");
    sb_fail fail = {0};
    assert_int_equal(parse(HEAD "  - vote: {case: valg, candidates: {en: [unn-1]}}\n", &s, &fail),
                     SB_E_REHEARSE_CANDIDATE);
    assert_string_equal(fail.arg[2], "en");
}

static void due_has_four_forms(void **state)
{
    (void)state;
    sb_reh_script s;
    static const char *const dues[] = {"2022-02-07", "{meeting: m}", "continuous",
                                       "{event: når veilederen foreligger}"};
    for (unsigned i = 0; i < 4; i++) {
        const sb_reh_step *step =
            one(sb_arena_printf(&arena, "- task: {case: a, text: t, responsible: [unn], due: %s}",
                                dues[i]),
                &s);
        assert_int_equal(step->fields[SB_REH_F_DUE]->due, i); /* in the order of the enum */
    }
}

static void refused_holds_a_step(void **state)
{
    (void)state;
    sb_reh_script s;
    const sb_reh_step *step =
        one("- refused: {because: deputy-beside, vote: {case: a, for: [unn-1]}}", &s);
    assert_true(step->is_refused);
    assert_int_equal(step->code, SB_E_LEDGER_DEPUTY_BESIDE);
    assert_int_equal(step->kind, SB_REH_VOTE);
    assert_int_equal(step->fields[SB_REH_F_FOR]->count, 1);
}

/* ---- complaints ---- */

typedef struct complaint {
    const char *steps; /* after HEAD */
    sb_err code;
    uint32_t line;
    const char *says; /* in the third or fourth argument */
} complaint;

static const complaint complaints[] = {
    {"  - fly: high\n", SB_E_REHEARSE_STEP, FIRST, "fly"},
    {"  - say: a\n  - arive: [a]\n", SB_E_REHEARSE_STEP_LIKE, FIRST + 1, "arrive"},
    {"  - just words\n", SB_E_REHEARSE_ONE_KEY, FIRST, ""},
    {"  - open: {case: a, mode: note}\n    close: a\n", SB_E_REHEARSE_ONE_KEY, FIRST, ""},
    {"  - open:\n      case: a\n      mod: note\n", SB_E_DOC_UNKNOWN_KEY, FIRST + 2,
     "case, mode, meeting, by"},
    {"  - open: {case: a}\n", SB_E_DOC_MISSING_KEY, FIRST, "mode"},
    {"  - open: a\n", SB_E_DOC_WANT_MAP, FIRST, ""},
    {"  - open: {case: a, mode: shouting}\n", SB_E_DOC_CHOICE, FIRST, "consensus"},
    {"  - open: {case: Sak 1, mode: note}\n", SB_E_REHEARSE_NAME, FIRST, "Sak 1"},
    {"  - at: 2022-02-30 12:00\n", SB_E_REHEARSE_MOMENT, FIRST, "2022-02-30 12:00"},
    {"  - at: 20.01.2022\n", SB_E_REHEARSE_MOMENT, FIRST, "20.01.2022"},
    {"  - wait: long\n", SB_E_DOC_WANT_NUMBER, FIRST, "long"},
    {"  - appoint: {from: 2022-01-01}\n", SB_E_REHEARSE_ONE_OF, FIRST, "body, seat, office"},
    {"  - appoint: {body: ssu, seat: unn-1}\n", SB_E_REHEARSE_ONE_OF, FIRST, "appoint"},
    {"  - appoint: {body: ssu, from: 1. mai}\n", SB_E_REHEARSE_DATE, FIRST, "1. mai"},
    {"  - appoint: {body: ssu, key: ja}\n", SB_E_DOC_WANT_BOOL, FIRST, "ja"},
    {"  - appoint: {seat: a, role: boss}\n", SB_E_DOC_CHOICE, FIRST, "primary"},
    {"  - call: {meeting: m, body: b, date: 2022-01-20, start: 1230, form: video, agenda: [a]}\n",
     SB_E_REHEARSE_CLOCK, FIRST, "1230"},
    {"  - present: {names: [x]}\n", SB_E_REHEARSE_ONE_OF, FIRST, "on-case"},
    {"  - arrive: {meeting: m}\n", SB_E_REHEARSE_ONE_OF, FIRST, "seats, body, partner"},
    {"  - arrive: [{seat: a, partner: b}]\n", SB_E_REHEARSE_ONE_OF, FIRST, "seat, partner, body"},
    {"  - vote: {case: a}\n", SB_E_REHEARSE_ONE_OF, FIRST, "for, against, abstain"},
    {"  - task: {case: a, text: t, responsible: [unn], due: soon}\n", SB_E_REHEARSE_DUE, FIRST,
     "soon"},
    {"  - expect: {case: a}\n", SB_E_REHEARSE_EXPECT_NOTHING, FIRST, "outcome"},
    {"  - expect: {case: a, quorate: true}\n", SB_E_DOC_UNKNOWN_KEY, FIRST, "quorate"},
    {"  - expect: {outcome: adopted}\n", SB_E_REHEARSE_ONE_OF, FIRST,
     "case, meeting, task, node, dead"},
    {"  - expect: {case: a, votes: {unn: 3}}\n", SB_E_REHEARSE_VOTES, FIRST, "3"},
    {"  - expect: {meeting: a, present: {unn: 3-4}}\n", SB_E_REHEARSE_SHARE, FIRST, "3-4"},
    {"  - refused: {because: rain, close: a}\n", SB_E_REHEARSE_REASON, FIRST, "rain"},
    {"  - refused: {because: not-presant, close: a}\n", SB_E_REHEARSE_REASON, FIRST,
     "not-present, not-"}, /* the nearest first, and more than one */
    {"  - call: {meeting: m, body: b, date: 2022-01-20, start: 12:30, form: video, agenda: []}\n",
     SB_E_REHEARSE_EMPTY, FIRST, "agenda"},
    {"  - arrive: []\n", SB_E_REHEARSE_EMPTY, FIRST, "arrive"},
    {"  - propose: {case: a, clauses: []}\n", SB_E_REHEARSE_EMPTY, FIRST, "clauses"},
    {"  - refused: {because: not-present}\n", SB_E_REHEARSE_REFUSED_ONE, FIRST, ""},
    {"  - refused: {close: a}\n", SB_E_DOC_MISSING_KEY, FIRST, "because"},
    {"  - refused: {because: not-present, say: a}\n", SB_E_REHEARSE_REFUSED_VERB, FIRST, "say"},
    {"  - refused: {because: not-present, at: 2022-02-01 10:00}\n", SB_E_REHEARSE_REFUSED_VERB,
     FIRST, "at"},
    {"  - offline: true\n    say: a\n", SB_E_REHEARSE_OFFLINE_VERB, FIRST, "say"},
    {"  - offline: maybe\n    close: a\n", SB_E_DOC_WANT_BOOL, FIRST, "maybe"},
    {"  - offline: true\n", SB_E_REHEARSE_ONE_KEY, FIRST, ""},
    {"  - say: [a\n", SB_E_DOC_SYNTAX, FIRST + 1, ""},
};

static void complaints_name_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof complaints / sizeof complaints[0]; i++) {
        const complaint *c = &complaints[i];
        sb_reh_script script;
        sb_fail fail = {0};
        sb_err err = parse(sb_arena_printf(&arena, HEAD "%s", c->steps), &script, &fail);
        if (err != c->code || strcmp(fail.arg[1], sb_arena_printf(&arena, "%u", c->line)) != 0 ||
            (strstr(fail.arg[2], c->says) == NULL && strstr(fail.arg[3], c->says) == NULL))
            fail_msg("%s: %s %s, «%s» «%s»", c->steps, err == SB_OK ? "OK" : sb_err_name(err),
                     fail.arg[1], fail.arg[2], fail.arg[3]);
        assert_string_equal(fail.arg[0], "skript/prove.yaml");
        sb_buf words;
        sb_buf_init(&words);
        sb_text_fail(&fail, SB_LANG_NB, &words);
        assert_non_null(strstr(sb_buf_cstr(&words), "skript/prove.yaml, linje"));
        sb_buf_deinit(&words);
    }
}

static void the_head_must_be_whole(void **state)
{
    (void)state;
    sb_reh_script s;
    sb_fail fail = {0};
    assert_int_equal(parse("steps: []\n", &s, &fail), SB_E_DOC_MISSING_KEY);
    assert_int_equal(parse("rehearsal: {title: t, charter: c}\nsteps: []\n", &s, &fail),
                     SB_E_DOC_MISSING_KEY);
    assert_string_equal(fail.arg[2], "start");
    assert_int_equal(parse("rehearsal: {title: t, charter: c, start: now}\nsteps: []\n", &s, &fail),
                     SB_E_REHEARSE_MOMENT);
    assert_int_equal(parse(HEAD "  - say: a\nmore: 1\n", &s, &fail), SB_E_DOC_UNKNOWN_KEY);
    assert_int_equal(parse("", &s, &fail), SB_E_DOC_WANT_MAP);
}

/* ---- against a charter ---- */

static const char charter_yaml[] = "deploy/federations/troms-og-ofoten.yaml";

static sb_err check_text(const char *text, sb_reh_script *script, sb_reh_names *names,
                         sb_fail *fail)
{
    const Sb__Charter *charter;
    int64_t clock_ms = 0;
    sb_err err = sb_charter_read(charter_yaml, NULL, &arena, &charter, NULL, fail);
    assert_int_equal(err, SB_OK);
    assert_int_equal(parse(text, script, fail), SB_OK);
    return sb_reh_check(script, charter, &clock_ms, &arena, names, fail);
}

#define REPORT "  - report: {case: a, body: ssu, kind: decision, title: A}\n"
#define CALL                                                                                       \
    "  - call: {meeting: m, body: ssu, date: 2022-01-20, start: \"12:00\", form: video, "          \
    "agenda: [a]}\n"

static const complaint misfits[] = {
    {"  - appoint: {body: stortinget}\n", SB_E_REHEARSE_UNKNOWN_ID, FIRST, "stortinget"},
    {"  - appoint: {seat: unn-99}\n", SB_E_REHEARSE_UNKNOWN_ID, FIRST, "unn-99"},
    {"  - report: {case: a, body: ssu, kind: decision, title: A, by: nobody}\n",
     SB_E_REHEARSE_UNKNOWN_ID, FIRST, "nobody"},
    {"  - appoint: {seat: pm-bruker-1, role: deputy}\n", SB_E_REHEARSE_NO_DEPUTY, FIRST,
     "pm-bruker-1"},
    {REPORT CALL "  - deputy: [unn-1, pm-bruker-1]\n", SB_E_REHEARSE_NO_DEPUTY, FIRST + 2,
     "pm-bruker-1"},
    {REPORT CALL "  - arrive: [{seat: pm-bruker-1, role: deputy}]\n", SB_E_REHEARSE_NO_DEPUTY,
     FIRST + 2, "pm-bruker-1"},
    {REPORT "  - vote: {case: a, for: [{seat: pm-bruker-1, role: deputy}]}\n",
     SB_E_REHEARSE_NO_DEPUTY, FIRST + 1, "pm-bruker-1"},
    {"  - report: {case: a, body: ssu, kind: decision, title: A, by: {seat: pm-bruker-1, role: "
     "deputy}}\n",
     SB_E_REHEARSE_NO_DEPUTY, FIRST, "pm-bruker-1"},
    {"  - kill: everybody\n", SB_E_REHEARSE_UNKNOWN_ID, FIRST, "broker"},
    {"  - close: a\n", SB_E_REHEARSE_UNKNOWN_NAME, FIRST, "report"},
    {REPORT REPORT, SB_E_REHEARSE_NAME_TWICE, FIRST + 1, "a"},
    {REPORT "  - open: {case: a, mode: note}\n", SB_E_REHEARSE_NO_MEETING, FIRST + 1, "open"},
    {REPORT CALL "  - open-meeting: n\n", SB_E_REHEARSE_UNKNOWN_NAME, FIRST + 2, "n"},
    {REPORT CALL "  - arrive: [unn-1, unn-77]\n", SB_E_REHEARSE_UNKNOWN_ID, FIRST + 2, "unn-77"},
    {REPORT "  - vote: {case: a, for: {partner: nav}}\n", SB_E_REHEARSE_UNKNOWN_ID, FIRST + 1,
     "partner"},
    {REPORT "  - expect: {case: a, votes: {nav: 1-0}}\n", SB_E_REHEARSE_UNKNOWN_ID, FIRST + 1,
     "nav"},
    {REPORT CALL "  - task: {case: a, text: t, responsible: [hvem], due: continuous}\n",
     SB_E_REHEARSE_UNKNOWN_ID, FIRST + 2, "hvem"},
    {"  - task-done: t\n", SB_E_REHEARSE_UNKNOWN_NAME, FIRST, "task"},
    {"  - at: 2022-01-10 10:00\n  - at: 2022-01-09 10:00\n", SB_E_REHEARSE_BACKWARDS, FIRST + 1,
     "kl. 10.00"},
    {"  - at: 2021-12-31 10:00\n", SB_E_REHEARSE_BACKWARDS, FIRST, "kl. 09.00"},
};

static void misfits_name_the_line(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        const complaint *c = &misfits[i];
        sb_reh_script script;
        sb_reh_names names = {0};
        sb_fail fail = {0};
        sb_err err =
            check_text(sb_arena_printf(&arena, HEAD "%s", c->steps), &script, &names, &fail);
        if (err != c->code || strcmp(fail.arg[1], sb_arena_printf(&arena, "%u", c->line)) != 0 ||
            (strstr(fail.arg[2], c->says) == NULL && strstr(fail.arg[3], c->says) == NULL))
            fail_msg("%s: %s %s, «%s» «%s»", c->steps, err == SB_OK ? "OK" : sb_err_name(err),
                     fail.arg[1], fail.arg[2], fail.arg[3]);
    }
}

/* What must be refused may be wrong. */
static void a_deputy_that_there_is_none_of_may_be_refused(void **state)
{
    (void)state;
    sb_reh_script s;
    sb_reh_names names = {0};
    assert_int_equal(check_text(HEAD
                                "  - refused: {because: no-deputy, appoint: {seat: pm-bruker-1, "
                                "role: deputy}}\n",
                                &s, &names, NULL),
                     SB_OK);
}

static void a_time_of_day_needs_no_quotes(void **state)
{
    (void)state;
    sb_reh_script s;
    const sb_reh_step *step = one("- call: {meeting: m, body: ssu, date: 2022-01-20, start: 09:30, "
                                  "form: video, agenda: [a]}",
                                  &s);
    assert_int_equal(sb_reh_number(step, SB_REH_F_START, 0), 570);
    assert_int_equal(s.charter_line, 3);
    step = one("- expect: {case: a, changed: []}", &s); /* none */
    assert_int_equal(step->fields[SB_REH_F_CHANGED]->count, 0);
}

static void steps_get_the_meeting_that_is_meant(void **state)
{
    (void)state;
    sb_reh_script s;
    sb_reh_names names = {0};
    assert_int_equal(check_text(HEAD REPORT CALL
                                "  - absent: [unn-1]\n"
                                "  - open-meeting: m\n"
                                "  - call: {meeting: n, body: ssu, date: 2022-02-20, start: "
                                "\"12:00\", form: video, agenda: [a]}\n"
                                "  - open: {case: a, mode: note}\n"
                                "  - close-meeting: m\n"
                                "  - open-meeting: n\n"
                                "  - arrive: {body: ssu}\n",
                                &s, &names, NULL),
                     SB_OK);
    assert_string_equal(sb_reh_text(&s.steps[2], SB_REH_F_MEETING), "m");
    assert_string_equal(sb_reh_text(&s.steps[5], SB_REH_F_MEETING), "m");
    assert_string_equal(sb_reh_text(&s.steps[8], SB_REH_F_MEETING), "n");
    assert_string_equal(sb_reh_names_find(&names, SB_REH_NAME_CASE, "a")->body, "ssu");
    assert_null(sb_reh_names_find(&names, SB_REH_NAME_CASE, "m"));
}

static void the_real_scripts_are_whole(void **state)
{
    (void)state;
    static const char *const files[] = {"tests/e2e/ssu-2022-01-20.yaml", "tests/e2e/divided.yaml",
                                        "tests/e2e/kill.yaml"};
    const Sb__Charter *charter;
    sb_fail fail = {0};
    assert_int_equal(sb_charter_read(charter_yaml, NULL, &arena, &charter, NULL, &fail), SB_OK);
    sb_reh_names names = {0};
    int64_t clock_ms = 0;
    for (int i = 0; i < 3; i++) {
        sb_reh_script script;
        sb_err err = sb_reh_read(files[i], &arena, &script, &fail);
        if (err == SB_OK)
            err = sb_reh_check(&script, charter, &clock_ms, &arena, &names, &fail);
        if (err != SB_OK)
            fail_msg("%s: %s «%s» «%s»", sb_err_name(err), fail.arg[1], fail.arg[2], fail.arg[3]);
        assert_string_equal(script.charter,
                            "tests/e2e/../../deploy/federations/troms-og-ofoten.yaml");
        assert_int_equal(script.made_up, i > 0);
    }
}

/* Every step that somebody signs is played in one of the scripts that ctest runs. */
static void every_signed_step_is_played(void **state)
{
    (void)state;
    static const char *const files[] = {"tests/e2e/ssu-2022-01-20.yaml", "tests/e2e/divided.yaml",
                                        "tests/e2e/more.yaml", "tests/e2e/alt.yaml",
                                        "tests/e2e/medlemskap.yaml"};
    bool played[SB_REH_KINDS] = {false};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        sb_reh_script script;
        sb_fail fail = {0};
        if (sb_reh_read(files[i], &arena, &script, &fail) != SB_OK)
            fail_msg("%s: %s «%s»", files[i], fail.arg[1], fail.arg[2]);
        for (uint32_t k = 0; k < script.count; k++)
            if (!script.steps[k].is_refused)
                played[script.steps[k].kind] = true;
    }
    for (int kind = SB_REH_APPOINT; kind < SB_REH_EXPECT; kind++)
        if (!played[kind])
            fail_msg("no script plays %s", sb_reh_word((sb_reh_kind)kind));
}

/* ---- the document ---- */

static void the_document_has_every_word(void **state)
{
    (void)state;
    static const char *const words[] = {
#define SB_REH_STEP(name, word, short_field, required, others, one_of) "`" word "`",
#define SB_REH_FIELD(name, word, type) "`" word "`",
#include "nodes/cli/rehearse_steps.def"
#define SB_REH_REASON(name, code) "`" name "`",
#include "nodes/cli/rehearse_reasons.def"
#undef SB_REH_REASON
    };
    sb_buf text;
    sb_buf_init(&text);
    assert_int_equal(sb_file_read("nodes/cli/REHEARSE.md", 1 << 20, &text, NULL), SB_OK);
    const char *document = sb_buf_cstr(&text);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i], "`moment`") != 0 && strcmp(words[i], "`ms`") != 0 &&
            strcmp(words[i], "`said`") != 0 && strcmp(words[i], "`shown`") != 0 &&
            strcmp(words[i], "`processes`") != 0 && strstr(document, words[i]) == NULL)
            fail_msg("REHEARSE.md says nothing of %s", words[i]);
    sb_buf_deinit(&text);
}

/* The example in the document is a script that holds. */
static void the_documents_example_holds(void **state)
{
    (void)state;
    sb_buf text;
    sb_buf_init(&text);
    assert_int_equal(sb_file_read("nodes/cli/REHEARSE.md", 1 << 20, &text, NULL), SB_OK);
    const char *from = strstr(sb_buf_cstr(&text), "```yaml\nrehearsal:");
    assert_non_null(from);
    from += strlen("```yaml\n");
    const char *to = strstr(from, "```");
    assert_non_null(to);
    const char *charter_from = strstr(to, "```yaml\ncharter:");
    assert_non_null(charter_from);
    charter_from += strlen("```yaml\n");
    const char *charter_to = strstr(charter_from, "```");
    assert_non_null(charter_to);
    char path[] = "/tmp/sb-rehearse-charter-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    sb_fail fail = {0};
    const Sb__Charter *charter;
    sb_reh_script script;
    sb_reh_names names = {0};
    int64_t clock_ms = 0;
    assert_int_equal(sb_file_write(path,
                                   sb_slice_of(charter_from, (size_t)(charter_to - charter_from)),
                                   0600, &fail),
                     SB_OK);
    sb_err err = sb_charter_read(path, NULL, &arena, &charter, NULL, &fail);
    if (err == SB_OK)
        err = sb_reh_parse("REHEARSE.md", sb_slice_of(from, (size_t)(to - from)), &arena, &script,
                           &fail);
    if (err == SB_OK)
        err = sb_reh_check(&script, charter, &clock_ms, &arena, &names, &fail);
    if (err != SB_OK)
        fail_msg("%s: %s %s «%s» «%s»", sb_err_name(err), fail.arg[0], fail.arg[1], fail.arg[2],
                 fail.arg[3]);
    unlink(path);
    sb_buf_deinit(&text);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(head_is_read),
        TEST(at_is_norwegian_time),
        TEST(bare_values_mean_the_short_field),
        TEST(votes_name_seats_partners_and_bodies),
        TEST(words_and_numbers),
        TEST(due_has_four_forms),
        TEST(refused_holds_a_step),
        TEST(complaints_name_the_line),
        TEST(the_head_must_be_whole),
        TEST(misfits_name_the_line),
        TEST(steps_get_the_meeting_that_is_meant),
        TEST(a_deputy_that_there_is_none_of_may_be_refused),
        TEST(a_time_of_day_needs_no_quotes),
        TEST(the_real_scripts_are_whole),
        TEST(every_signed_step_is_played),
        TEST(tickets_choices_and_counts),
        TEST(the_document_has_every_word),
        TEST(the_documents_example_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
