/* A counting in words: what a secretary follows with a finger in the calendar. */
#include "tests/lib/cmocka_all.h"

#include "proto/text/counting.h"

typedef struct asked {
    uint32_t count;
    sb_deadline_unit unit;
    sb_deadline_direction direction;
    sb_deadline_kind kind;
    sb_date anchor;
    bool turned;
    sb_lang lang;
    const char *mark; /* on the last of the days; NULL: none */
} asked;

static void assert_told(const asked *q, const char *want)
{
    sb_arena arena;
    sb_buf out;
    sb_deadline d;
    sb_arena_init(&arena);
    sb_buf_init(&out);
    const sb_deadline_rule rule = {q->count, q->unit, q->direction, q->kind};
    assert_int_equal(sb_deadline_of(&arena, &rule, q->anchor, &d, NULL), SB_OK);
    const sb_text_mark mark = {d.days[d.day_count - 1].date, q->mark};
    const sb_text_counted counted = {.days = d.days,
                                     .day_count = d.day_count,
                                     .unit = q->unit,
                                     .turned = q->turned,
                                     .anchor = q->lang == SB_LANG_EN ? "the meeting" : "møtet",
                                     .marks = &mark,
                                     .mark_count = q->mark != NULL ? 1 : 0};
    sb_text_counting(&out, q->lang, "  ", &counted);
    assert_string_equal(sb_buf_cstr(&out), want);
    sb_buf_deinit(&out);
    sb_arena_deinit(&arena);
}

#define AFTER SB_DEADLINE_AFTER, SB_DEADLINE_WITHIN
#define BEFORE SB_DEADLINE_BEFORE, SB_DEADLINE_AT_LEAST

static void working_days(void **state)
{
    (void)state;
    assert_told(&(asked){4, SB_UNIT_WORKING_DAY, AFTER, {2022, 4, 13}, .mark = "siste dag"},
                "  onsdag 13.04.2022\tmøtet, teller ikke\n"
                "  torsdag 14.04.2022\tskjærtorsdag, teller ikke\n"
                "  fredag 15.04.2022\tlangfredag, teller ikke\n"
                "  lørdag 16.04.2022\tteller ikke\n"
                "  søndag 17.04.2022\tførste påskedag, teller ikke\n"
                "  mandag 18.04.2022\tandre påskedag, teller ikke\n"
                "  tirsdag 19.04.2022\tarbeidsdag 1\n"
                "  onsdag 20.04.2022\tarbeidsdag 2\n"
                "  torsdag 21.04.2022\tarbeidsdag 3\n"
                "  fredag 22.04.2022\tarbeidsdag 4: siste dag\n");
    assert_told(&(asked){2, SB_UNIT_WORKING_DAY, BEFORE, {2022, 5, 18}, true, SB_LANG_EN, NULL},
                "  Friday 2022-05-13\tworking day 2\n"
                "  Saturday 2022-05-14\tdoes not count\n"
                "  Sunday 2022-05-15\tdoes not count\n"
                "  Monday 2022-05-16\tworking day 1\n"
                "  Tuesday 2022-05-17\tConstitution Day, does not count\n"
                "  Wednesday 2022-05-18\tthe meeting, does not count\n");
}

static void long_ones_are_folded(void **state)
{
    (void)state;
    /* 22 days to the end are a line each; one more is folded, the holidays still named */
    assert_told(&(asked){20, SB_UNIT_WORKING_DAY, AFTER, {2025, 4, 22}, .mark = "siste dag"},
                "  tirsdag 22.04.2025\tmøtet, teller ikke\n"
                "  onsdag 23.04.2025 – onsdag 30.04.2025\tarbeidsdag 1–6 (lørdager og søndager "
                "teller ikke)\n"
                "  torsdag 01.05.2025\t1. mai, teller ikke\n"
                "  fredag 02.05.2025 – tirsdag 20.05.2025\tarbeidsdag 7–19 (lørdager og søndager "
                "teller ikke)\n"
                "  onsdag 21.05.2025\tarbeidsdag 20: siste dag\n");
    assert_told(&(asked){90, SB_UNIT_DAY, BEFORE, {2022, 1, 20}, .mark = "siste dag"},
                "  torsdag 20.01.2022\tmøtet, teller ikke\n"
                "  dag 1–90\tonsdag 19.01.2022 – fredag 22.10.2021: siste dag\n");
    assert_told(&(asked){17, SB_UNIT_WEEK, AFTER, {2022, 1, 20}, .lang = SB_LANG_EN},
                "  Thursday 2022-01-20\tthe meeting, does not count\n"
                "  Thursday 2022-01-27\t1 week\n"
                "  Thursday 2022-02-03\t2 weeks\n"
                "  Thursday 2022-02-10\t3 weeks\n"
                "  …\t…\n"
                "  Thursday 2022-05-05\t15 weeks\n"
                "  Thursday 2022-05-12\t16 weeks\n"
                "  Thursday 2022-05-19\t17 weeks\n");
}

static void weeks(void **state)
{
    (void)state;
    assert_told(&(asked){3, SB_UNIT_WEEK, BEFORE, {2022, 1, 20}, .mark = "siste dag"},
                "  torsdag 20.01.2022\tmøtet, teller ikke\n"
                "  torsdag 13.01.2022\t1 uke\n"
                "  torsdag 06.01.2022\t2 uker\n"
                "  torsdag 30.12.2021\t3 uker: siste dag\n");
    assert_told(&(asked){3, SB_UNIT_WEEK, BEFORE, {2022, 5, 17}, .turned = true},
                "  tirsdag 26.04.2022\t3 uker\n"
                "  tirsdag 03.05.2022\t2 uker\n"
                "  tirsdag 10.05.2022\t1 uke\n"
                "  tirsdag 17.05.2022\tmøtet (17. mai), teller ikke\n");
}

static void days(void **state)
{
    (void)state;
    assert_told(&(asked){10, SB_UNIT_DAY, BEFORE, {2022, 1, 20}, .mark = "siste dag"},
                "  torsdag 20.01.2022\tmøtet, teller ikke\n"
                "  dag 1–7\ton. 19.01, ti. 18.01, ma. 17.01, sø. 16.01, lø. 15.01, fr. 14.01, "
                "to. 13.01\n"
                "  dag 8–10\ton. 12.01, ti. 11.01, ma. 10.01: siste dag\n");
    assert_told(&(asked){3, SB_UNIT_DAY, AFTER, {2022, 12, 24}, false, SB_LANG_EN, NULL},
                "  Saturday 2022-12-24\tthe meeting, does not count\n"
                "  day 1–3\tSun 12-25 (Christmas Day), Mon 12-26 (Boxing Day), Tue 12-27\n");
    assert_told(&(asked){1, SB_UNIT_DAY, AFTER, {2022, 1, 20}, .mark = "siste dag"},
                "  torsdag 20.01.2022\tmøtet, teller ikke\n  dag 1\tfr. 21.01: siste dag\n");
    assert_told(&(asked){0, SB_UNIT_DAY, AFTER, {2022, 1, 20}, .mark = "siste dag"},
                "  torsdag 20.01.2022\tmøtet, teller ikke: siste dag\n");
}

static void units(void **state)
{
    (void)state;
    sb_buf out;
    sb_buf_init(&out);
    sb_text_units(&out, SB_LANG_NB, SB_UNIT_WEEK, 1);
    sb_buf_str(&out, ", ");
    sb_text_units(&out, SB_LANG_NB, SB_UNIT_WORKING_DAY, 4);
    sb_buf_str(&out, ", ");
    sb_text_units(&out, SB_LANG_EN, SB_UNIT_DAY, 1);
    sb_buf_str(&out, ", ");
    sb_text_weekday_date(&out, SB_LANG_NB, (sb_date){2022, 1, 22});
    assert_string_equal(sb_buf_cstr(&out), "1 uke, 4 arbeidsdager, 1 day, lørdag 22.01.2022");
    sb_buf_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(working_days), cmocka_unit_test(long_ones_are_folded),
        cmocka_unit_test(weeks),        cmocka_unit_test(days),
        cmocka_unit_test(units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
