/* Calendar: dates, Oslo time, holidays and the deadlines of the real bylaws (DOMAIN §1, §3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/calendar/deadline.h"
#include "proto/calendar/oslo.h"

static sb_date ymd(int32_t y, int m, int d)
{
    return (sb_date){.year = y, .month = (uint8_t)m, .day = (uint8_t)d};
}

static void assert_date(sb_date got, int32_t y, int m, int d)
{
    char a[SB_DATE_TEXT_BYTES], b[SB_DATE_TEXT_BYTES];
    sb_date_iso(got, a);
    sb_date_iso(ymd(y, m, d), b);
    assert_string_equal(a, b);
}

/* Milliseconds of a UTC time, by day numbers alone. */
static int64_t utc(int32_t y, int m, int d, int hour, int minute)
{
    return (sb_date_to_days(ymd(y, m, d)) * INT64_C(1440) + hour * 60 + minute) * 60000;
}

static void day_numbers(void **state)
{
    (void)state;
    assert_int_equal(sb_date_to_days(ymd(1970, 1, 1)), 0);
    assert_int_equal(sb_date_to_days(ymd(1969, 12, 31)), -1);
    assert_int_equal(sb_date_to_days(ymd(2000, 3, 1)), 11017);
    assert_int_equal(sb_date_to_days(ymd(1, 1, 1)), -719162);
    assert_int_equal(sb_date_to_days(ymd(9999, 12, 31)), 2932896);
    assert_date(sb_date_from_days(2932896), 9999, 12, 31);
    assert_date(sb_date_from_days(-719162), 1, 1, 1);
    assert_int_equal(sb_date_weekday(ymd(1970, 1, 1)), SB_THURSDAY);
    assert_int_equal(sb_date_weekday(ymd(2022, 1, 20)), SB_THURSDAY);
    assert_int_equal(sb_date_weekday(ymd(1900, 1, 1)), SB_MONDAY);
    assert_int_equal(sb_date_diff(ymd(2021, 12, 30), ymd(2022, 1, 20)), 21);
    assert_true(sb_date_cmp(ymd(2022, 1, 20), ymd(2022, 2, 1)) < 0);
    assert_true(sb_date_cmp(ymd(2022, 1, 20), ymd(2022, 1, 19)) > 0);
    assert_int_equal(sb_date_cmp(ymd(2022, 1, 20), ymd(2022, 1, 20)), 0);
}

static void validity(void **state)
{
    (void)state;
    assert_true(sb_date_valid(ymd(2024, 2, 29)));
    assert_false(sb_date_valid(ymd(2023, 2, 29)));
    assert_false(sb_date_valid(ymd(1900, 2, 29)));
    assert_true(sb_date_valid(ymd(2000, 2, 29)));
    assert_false(sb_date_valid(ymd(2022, 0, 1)));
    assert_false(sb_date_valid(ymd(2022, 13, 1)));
    assert_false(sb_date_valid(ymd(2022, 4, 31)));
    assert_false(sb_date_valid(ymd(0, 1, 1)));
    assert_false(sb_date_valid(ymd(10000, 1, 1)));
}

static void date_texts(void **state)
{
    (void)state;
    char text[SB_DATE_TEXT_BYTES];
    sb_date d;
    sb_date_iso(ymd(2022, 1, 6), text);
    assert_string_equal(text, "2022-01-06");
    sb_date_nb_short(ymd(2022, 1, 6), text);
    assert_string_equal(text, "06.01.2022");
    sb_date_nb_long(ymd(2022, 1, 20), text);
    assert_string_equal(text, "20. januar 2022");
    sb_date_en_long(ymd(2022, 9, 2), text);
    assert_string_equal(text, "2 September 2022");
    assert_true(sb_date_parse_iso(sb_slice_str("2022-01-20"), &d));
    assert_date(d, 2022, 1, 20);
    static const char *const BAD[] = {"",           "2022-1-20",   "2022-01-32", "2022/01/20",
                                      "2022-01-2x", "2022-01-20 ", "20220120",   "+022-01-20"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++)
        assert_false(sb_date_parse_iso(sb_slice_str(BAD[i]), &d));
    assert_string_equal(sb_weekday_nb(SB_SATURDAY), "lørdag");
    assert_string_equal(sb_weekday_en(SB_MONDAY), "Monday");
}

static void oslo_offsets(void **state)
{
    (void)state;
    int64_t spring = utc(2022, 3, 27, 1, 0), autumn = utc(2022, 10, 30, 1, 0);
    assert_int_equal(sb_oslo_offset_s(spring - 1), 3600);
    assert_int_equal(sb_oslo_offset_s(spring), 7200);
    assert_int_equal(sb_oslo_offset_s(autumn - 1), 7200);
    assert_int_equal(sb_oslo_offset_s(autumn), 3600);
    assert_int_equal(sb_oslo_offset_s(INT64_MIN), 3600); /* clamped */
    assert_int_equal(sb_oslo_offset_s(INT64_MAX), 3600);
    char text[SB_CIVIL_TEXT_BYTES];
    sb_oslo_nb(utc(2022, 1, 20, 13, 30), text);
    assert_string_equal(text, "20. januar 2022 kl. 14.30");
    sb_oslo_en(utc(2022, 7, 1, 22, 5), text);
    assert_string_equal(text, "2 July 2022 00:05");
}

static void oslo_folds_and_gap(void **state)
{
    (void)state;
    sb_civil c = {.date = ymd(2022, 10, 30), .hour = 2, .minute = 30};
    int64_t first = utc(2022, 10, 30, 0, 30), second = utc(2022, 10, 30, 1, 30);
    assert_int_equal(sb_oslo_to_utc(c, SB_FOLD_FIRST), first);
    assert_int_equal(sb_oslo_to_utc(c, SB_FOLD_SECOND), second);
    sb_civil back;
    sb_fold fold;
    sb_oslo_from_utc(first, &back, &fold);
    assert_int_equal(back.hour, 2);
    assert_int_equal(fold, SB_FOLD_FIRST);
    sb_oslo_from_utc(second, &back, &fold);
    assert_int_equal(back.hour, 2);
    assert_int_equal(fold, SB_FOLD_SECOND);
    sb_oslo_from_utc(utc(2022, 10, 30, 2, 0), &back, &fold);
    assert_int_equal(back.hour, 3);
    assert_int_equal(fold, SB_FOLD_FIRST);
    c = (sb_civil){.date = ymd(2022, 3, 27), .hour = 2, .minute = 30};
    assert_int_equal(sb_oslo_to_utc(c, SB_FOLD_FIRST), utc(2022, 3, 27, 1, 30)); /* 03:30 */
    assert_int_equal(sb_oslo_to_utc(c, SB_FOLD_SECOND), utc(2022, 3, 27, 1, 30));
    assert_date(sb_oslo_date(utc(2022, 1, 20, 22, 59)), 2022, 1, 20);
    assert_date(sb_oslo_date(utc(2022, 1, 20, 23, 0)), 2022, 1, 21);
    assert_date(sb_oslo_date(utc(2022, 7, 1, 22, 0)), 2022, 7, 2);
    assert_int_equal(sb_oslo_day_start_ms(ymd(2022, 1, 27)), utc(2022, 1, 26, 23, 0));
    assert_int_equal(sb_oslo_day_start_ms(ymd(2022, 7, 2)), utc(2022, 7, 1, 22, 0));
}

static void easters(void **state)
{
    (void)state;
    /* From the table of the United States Naval Observatory and church calendars. */
    assert_date(sb_easter(1818), 1818, 3, 22);
    assert_date(sb_easter(1943), 1943, 4, 25);
    assert_date(sb_easter(1981), 1981, 4, 19);
    assert_date(sb_easter(2000), 2000, 4, 23);
    assert_date(sb_easter(2008), 2008, 3, 23);
    assert_date(sb_easter(2011), 2011, 4, 24);
    assert_date(sb_easter(2022), 2022, 4, 17);
    assert_date(sb_easter(2038), 2038, 4, 25);
    assert_date(sb_easter(2049), 2049, 4, 18);
    assert_date(sb_easter(2076), 2076, 4, 19);
}

static void holidays_2022(void **state)
{
    (void)state;
    static const struct {
        int m, d;
        sb_holiday h;
        const char *nb;
    } ROWS[] = {
        {1, 1, SB_HOLIDAY_NEW_YEAR, "første nyttårsdag"},
        {4, 14, SB_HOLIDAY_MAUNDY_THURSDAY, "skjærtorsdag"},
        {4, 15, SB_HOLIDAY_GOOD_FRIDAY, "langfredag"},
        {4, 17, SB_HOLIDAY_EASTER_SUNDAY, "første påskedag"},
        {4, 18, SB_HOLIDAY_EASTER_MONDAY, "andre påskedag"},
        {5, 1, SB_HOLIDAY_LABOUR_DAY, "1. mai"},
        {5, 17, SB_HOLIDAY_CONSTITUTION, "17. mai"},
        {5, 26, SB_HOLIDAY_ASCENSION, "Kristi himmelfartsdag"},
        {6, 5, SB_HOLIDAY_WHIT_SUNDAY, "første pinsedag"},
        {6, 6, SB_HOLIDAY_WHIT_MONDAY, "andre pinsedag"},
        {12, 25, SB_HOLIDAY_CHRISTMAS, "første juledag"},
        {12, 26, SB_HOLIDAY_BOXING_DAY, "andre juledag"},
    };
    uint32_t found = 0;
    for (sb_date d = ymd(2022, 1, 1); d.year == 2022; d = sb_date_add(d, 1))
        found += sb_holiday_of(d) != SB_HOLIDAY_NONE;
    assert_int_equal(found, 12);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        assert_int_equal(sb_holiday_of(ymd(2022, ROWS[i].m, ROWS[i].d)), ROWS[i].h);
        assert_string_equal(sb_holiday_nb(ROWS[i].h), ROWS[i].nb);
    }
    /* Two at once: the fixed date names it. */
    assert_int_equal(sb_holiday_of(ymd(2008, 5, 1)), SB_HOLIDAY_LABOUR_DAY);
    assert_int_equal(sb_holiday_of(ymd(2027, 5, 17)), SB_HOLIDAY_CONSTITUTION);
    assert_true(sb_is_working_day(ymd(2022, 12, 23)));
    assert_false(sb_is_working_day(ymd(2022, 12, 26)));
    assert_false(sb_is_working_day(ymd(2022, 4, 16)));
}

typedef struct deadline_case {
    sb_deadline_rule rule;
    int32_t anchor[3], day[3];
    bool is_last;
    int32_t moment[5]; /* UTC */
} deadline_case;

#define R(n, u, dir, k)                                                                            \
    {                                                                                              \
        n, SB_UNIT_##u, SB_DEADLINE_##dir, SB_DEADLINE_##k                                         \
    }
static const deadline_case CASES[] = {
    /* SSU 20.01.2022: cases by 30.12.2021, papers 06-10.01.2022 */
    {R(3, WEEK, BEFORE, AT_LEAST), {2022, 1, 20}, {2021, 12, 30}, true, {2021, 12, 30, 23, 0}},
    {R(10, DAY, BEFORE, AT_LEAST), {2022, 1, 20}, {2022, 1, 10}, true, {2022, 1, 10, 23, 0}},
    {R(14, DAY, BEFORE, WITHIN), {2022, 1, 20}, {2022, 1, 6}, false, {2022, 1, 5, 23, 0}},
    /* SSU 02.12.2021: cases by 11.11.2021, papers 18-22.11.2021 */
    {R(3, WEEK, BEFORE, AT_LEAST), {2021, 12, 2}, {2021, 11, 11}, true, {2021, 11, 11, 23, 0}},
    {R(10, DAY, BEFORE, AT_LEAST), {2021, 12, 2}, {2021, 11, 22}, true, {2021, 11, 22, 23, 0}},
    {R(14, DAY, BEFORE, WITHIN), {2021, 12, 2}, {2021, 11, 18}, false, {2021, 11, 17, 23, 0}},
    /* Minutes: four working days of silence; available within a week */
    {R(4, WORKING_DAY, AFTER, LAPSE), {2022, 1, 20}, {2022, 1, 27}, false, {2022, 1, 26, 23, 0}},
    {R(4, WORKING_DAY, AFTER, LAPSE), {2022, 1, 21}, {2022, 1, 28}, false, {2022, 1, 27, 23, 0}},
    {R(1, WEEK, AFTER, WITHIN), {2022, 1, 20}, {2022, 1, 27}, true, {2022, 1, 27, 23, 0}},
    /* Extraordinary meeting; the other directions; summer time; nothing to count */
    {R(1, WEEK, BEFORE, AT_LEAST), {2022, 6, 9}, {2022, 6, 2}, true, {2022, 6, 2, 22, 0}},
    {R(7, DAY, AFTER, AT_LEAST), {2022, 1, 20}, {2022, 1, 27}, false, {2022, 1, 26, 23, 0}},
    {R(2, WORKING_DAY, BEFORE, AT_LEAST), {2022, 4, 19}, {2022, 4, 12}, true, {2022, 4, 12, 22, 0}},
    {R(0, DAY, AFTER, WITHIN), {2022, 1, 20}, {2022, 1, 20}, true, {2022, 1, 20, 23, 0}},
    {R(4, WORKING_DAY, AFTER, LAPSE), {2022, 4, 12}, {2022, 4, 22}, false, {2022, 4, 21, 22, 0}},
};

static void real_deadlines(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        const deadline_case *c = &CASES[i];
        sb_deadline got;
        sb_date anchor = ymd(c->anchor[0], c->anchor[1], c->anchor[2]);
        assert_int_equal(sb_deadline_of(&arena, &c->rule, anchor, &got, NULL), SB_OK);
        assert_date(got.day, c->day[0], c->day[1], c->day[2]);
        assert_int_equal(got.is_last, c->is_last);
        const int32_t *m = c->moment;
        assert_int_equal(got.moment_ms, utc(m[0], m[1], m[2], m[3], m[4]));
    }
    sb_arena_deinit(&arena);
}

typedef struct counted {
    int m, d;
    uint32_t number;
    sb_day_reason reason;
    sb_holiday holiday;
} counted;

/* Four working days after `sent`: each day, why, and the day of the approval. */
static void assert_silence(sb_date sent, const counted *want, uint32_t count, sb_date approved)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_deadline_rule silence = R(4, WORKING_DAY, AFTER, LAPSE);
    sb_deadline got;
    assert_int_equal(sb_deadline_of(&arena, &silence, sent, &got, NULL), SB_OK);
    assert_int_equal(got.day_count, count + 1);
    assert_int_equal(got.days[0].reason, SB_DAY_ANCHOR);
    assert_int_equal(sb_date_cmp(got.days[0].date, sent), 0);
    for (uint32_t i = 0; i < count; i++) {
        const sb_deadline_day *d = &got.days[i + 1];
        assert_int_equal(d->date.month * 100 + d->date.day, want[i].m * 100 + want[i].d);
        assert_int_equal(d->number, want[i].number);
        assert_int_equal(d->counted, want[i].number != 0);
        assert_int_equal(d->reason, want[i].reason);
        assert_int_equal(d->holiday, want[i].holiday);
    }
    assert_int_equal(sb_date_cmp(got.day, approved), 0);
    sb_arena_deinit(&arena);
}

static void counting_is_shown(void **state)
{
    (void)state;
    static const counted JANUARY[] = {
        {1, 21, 1, SB_DAY_COUNTED, 0}, {1, 22, 0, SB_DAY_SATURDAY, 0},
        {1, 23, 0, SB_DAY_SUNDAY, 0},  {1, 24, 2, SB_DAY_COUNTED, 0},
        {1, 25, 3, SB_DAY_COUNTED, 0}, {1, 26, 4, SB_DAY_COUNTED, 0},
    };
    assert_silence(ymd(2022, 1, 20), JANUARY, 6, ymd(2022, 1, 27));
    static const counted EASTER[] = {
        {4, 13, 1, SB_DAY_COUNTED, 0},
        {4, 14, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_MAUNDY_THURSDAY},
        {4, 15, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_GOOD_FRIDAY},
        {4, 16, 0, SB_DAY_SATURDAY, 0},
        {4, 17, 0, SB_DAY_SUNDAY, SB_HOLIDAY_EASTER_SUNDAY},
        {4, 18, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_EASTER_MONDAY},
        {4, 19, 2, SB_DAY_COUNTED, 0},
        {4, 20, 3, SB_DAY_COUNTED, 0},
        {4, 21, 4, SB_DAY_COUNTED, 0},
    };
    assert_silence(ymd(2022, 4, 12), EASTER, 9, ymd(2022, 4, 22));
    /* 1 May on a Sunday is a Sunday; 17 May on a Tuesday; Ascension Day on the 26th */
    static const counted MAY[] = {
        {4, 29, 1, SB_DAY_COUNTED, 0},
        {4, 30, 0, SB_DAY_SATURDAY, 0},
        {5, 1, 0, SB_DAY_SUNDAY, SB_HOLIDAY_LABOUR_DAY},
        {5, 2, 2, SB_DAY_COUNTED, 0},
        {5, 3, 3, SB_DAY_COUNTED, 0},
        {5, 4, 4, SB_DAY_COUNTED, 0},
    };
    assert_silence(ymd(2022, 4, 28), MAY, 6, ymd(2022, 5, 5));
    static const counted LABOUR[] = {
        {5, 1, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_LABOUR_DAY},
        {5, 2, 1, SB_DAY_COUNTED, 0},
        {5, 3, 0, SB_DAY_SATURDAY, 0},
        {5, 4, 0, SB_DAY_SUNDAY, 0},
        {5, 5, 2, SB_DAY_COUNTED, 0},
        {5, 6, 3, SB_DAY_COUNTED, 0},
        {5, 7, 4, SB_DAY_COUNTED, 0},
    };
    assert_silence(ymd(2025, 4, 30), LABOUR, 7, ymd(2025, 5, 8));
    static const counted CONSTITUTION[] = {
        {5, 14, 0, SB_DAY_SATURDAY, 0}, {5, 15, 0, SB_DAY_SUNDAY, 0},
        {5, 16, 1, SB_DAY_COUNTED, 0},  {5, 17, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_CONSTITUTION},
        {5, 18, 2, SB_DAY_COUNTED, 0},  {5, 19, 3, SB_DAY_COUNTED, 0},
        {5, 20, 4, SB_DAY_COUNTED, 0},
    };
    assert_silence(ymd(2022, 5, 13), CONSTITUTION, 7, ymd(2022, 5, 21));
    /* Christmas Eve and New Year's Eve count; the holidays don't */
    static const counted CHRISTMAS[] = {
        {12, 24, 1, SB_DAY_COUNTED, 0},
        {12, 25, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_CHRISTMAS},
        {12, 26, 0, SB_DAY_HOLIDAY, SB_HOLIDAY_BOXING_DAY},
        {12, 27, 0, SB_DAY_SATURDAY, 0},
        {12, 28, 0, SB_DAY_SUNDAY, 0},
        {12, 29, 2, SB_DAY_COUNTED, 0},
        {12, 30, 3, SB_DAY_COUNTED, 0},
        {12, 31, 4, SB_DAY_COUNTED, 0},
    };
    assert_silence(ymd(2025, 12, 23), CHRISTMAS, 8, ymd(2026, 1, 1));
    /* Backwards the days run backwards. */
    sb_arena arena;
    sb_arena_init(&arena);
    sb_deadline got;
    sb_deadline_rule papers = R(10, DAY, BEFORE, AT_LEAST);
    assert_int_equal(sb_deadline_of(&arena, &papers, ymd(2022, 1, 20), &got, NULL), SB_OK);
    assert_int_equal(got.day_count, 11);
    assert_date(got.days[10].date, 2022, 1, 10);
    assert_int_equal(got.days[10].number, 10);
    sb_arena_deinit(&arena);
}

typedef struct anchor_case {
    sb_deadline_rule rule;
    int32_t act[3], anchor[3];
    bool is_last;
    uint32_t day_count; /* from the anchor, the act among them */
} anchor_case;

static const anchor_case ANCHORS[] = {
    /* a case reported, papers sent: from the act to the meeting */
    {R(3, WEEK, BEFORE, AT_LEAST), {2022, 1, 11}, {2022, 2, 1}, false, 22},
    {R(3, WEEK, BEFORE, AT_LEAST), {2021, 12, 30}, {2022, 1, 20}, false, 22},
    {R(10, DAY, BEFORE, AT_LEAST), {2022, 1, 7}, {2022, 1, 17}, false, 11},
    {R(14, DAY, BEFORE, WITHIN), {2022, 1, 7}, {2022, 1, 21}, true, 15},
    /* minutes: available on that day for meetings from …; a draft approved on that day */
    {R(1, WEEK, AFTER, WITHIN), {2022, 1, 27}, {2022, 1, 20}, false, 8},
    {R(7, DAY, AFTER, AT_LEAST), {2022, 1, 27}, {2022, 1, 20}, true, 8},
    {R(4, WORKING_DAY, AFTER, LAPSE), {2022, 1, 27}, {2022, 1, 20}, true, 7},
    {R(4, WORKING_DAY, AFTER, LAPSE), {2022, 4, 22}, {2022, 4, 12}, true, 10},
    {R(4, WORKING_DAY, AFTER, LAPSE), {2022, 4, 21}, {2022, 4, 11}, true, 10},
    /* two working days before: Maundy Thursday to Easter Monday don't count, whatever the act's day */
    {R(2, WORKING_DAY, BEFORE, AT_LEAST), {2022, 4, 12}, {2022, 4, 14}, false, 3},
    {R(2, WORKING_DAY, BEFORE, AT_LEAST), {2022, 4, 15}, {2022, 4, 21}, false, 7},
    {R(2, WORKING_DAY, BEFORE, WITHIN), {2022, 4, 12}, {2022, 4, 19}, true, 8},
    {R(2, WORKING_DAY, BEFORE, WITHIN), {2022, 4, 15}, {2022, 4, 20}, true, 8},
    {R(0, DAY, BEFORE, AT_LEAST), {2022, 1, 20}, {2022, 1, 20}, false, 1},
    {R(0, DAY, AFTER, WITHIN), {2022, 1, 20}, {2022, 1, 20}, false, 1},
};

static void the_other_way(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    for (size_t i = 0; i < sizeof ANCHORS / sizeof *ANCHORS; i++) {
        const anchor_case *c = &ANCHORS[i];
        sb_deadline got;
        sb_date act = ymd(c->act[0], c->act[1], c->act[2]);
        assert_int_equal(sb_deadline_anchor_of(&arena, &c->rule, act, &got, NULL), SB_OK);
        assert_date(got.day, c->anchor[0], c->anchor[1], c->anchor[2]);
        assert_int_equal(got.is_last, c->is_last);
        assert_int_equal(got.moment_ms,
                         sb_oslo_day_start_ms(c->is_last ? sb_date_add(got.day, 1) : got.day));
        assert_int_equal(got.day_count, c->day_count);
        assert_int_equal(sb_date_cmp(got.days[0].date, got.day), 0);
    }
    sb_deadline got;
    sb_fail fail;
    sb_deadline_rule r = R(4, WORKING_DAY, BEFORE, LAPSE);
    assert_int_equal(sb_deadline_anchor_of(&arena, &r, ymd(2022, 1, 20), &got, &fail),
                     SB_E_DEADLINE_RULE);
    r = (sb_deadline_rule)R(367, WEEK, BEFORE, AT_LEAST);
    assert_int_equal(sb_deadline_anchor_of(&arena, &r, ymd(2022, 1, 20), &got, &fail),
                     SB_E_DEADLINE_RANGE);
    r = (sb_deadline_rule)R(3, WEEK, BEFORE, AT_LEAST);
    assert_int_equal(sb_deadline_anchor_of(&arena, &r, ymd(2190, 12, 30), &got, &fail),
                     SB_E_DEADLINE_RANGE); /* the meeting would be in 2191 */
    assert_int_equal(sb_deadline_anchor_of(&arena, &r, ymd(2022, 2, 30), &got, &fail),
                     SB_E_DEADLINE_RANGE);
    sb_arena_deinit(&arena);
}

static void rules_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        sb_deadline_rule rule;
    } GOOD[] = {
        {"4 working days after", R(4, WORKING_DAY, AFTER, WITHIN)},
        {"4 arbeidsdager etter", R(4, WORKING_DAY, AFTER, WITHIN)},
        {"  1 uke  før ", R(1, WEEK, BEFORE, AT_LEAST)},
        {"3 weeks before", R(3, WEEK, BEFORE, AT_LEAST)},
        {"1 day after", R(1, DAY, AFTER, WITHIN)},
        {"14 dager før", R(14, DAY, BEFORE, AT_LEAST)},
        {"1 working-day before", R(1, WORKING_DAY, BEFORE, AT_LEAST)},
        {"0 dager etter", R(0, DAY, AFTER, WITHIN)},
    };
    static const char *const BAD[] = {"",
                                      "4",
                                      "4 days",
                                      "days after",
                                      "4 after",
                                      "-4 days after",
                                      "4 months after",
                                      "four days after",
                                      "4 days later",
                                      "4 days days after",
                                      "4,5 days after"};
    sb_deadline_rule got;
    sb_fail fail;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        assert_int_equal(sb_deadline_rule_parse(sb_slice_str(GOOD[i].text), &got, &fail), SB_OK);
        assert_int_equal(got.count, GOOD[i].rule.count);
        assert_int_equal(got.unit, GOOD[i].rule.unit);
        assert_int_equal(got.direction, GOOD[i].rule.direction);
        assert_int_equal(got.kind, GOOD[i].rule.kind);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        assert_int_equal(sb_deadline_rule_parse(sb_slice_str(BAD[i]), &got, &fail),
                         SB_E_DEADLINE_TEXT);
        assert_string_equal(fail.arg[0], BAD[i]);
    }
    /* a number that is far too large is read, and refused when it is counted */
    assert_int_equal(
        sb_deadline_rule_parse(sb_slice_str("99999999999999999999 uker etter"), &got, &fail),
        SB_OK);
    sb_arena arena;
    sb_arena_init(&arena);
    sb_deadline none;
    assert_int_equal(sb_deadline_of(&arena, &got, ymd(2022, 1, 20), &none, &fail),
                     SB_E_DEADLINE_RANGE);
    sb_arena_deinit(&arena);
}

static void days_as_json(void **state)
{
    (void)state;
    sb_arena arena;
    sb_buf out;
    sb_json j;
    sb_deadline got;
    sb_arena_init(&arena);
    sb_buf_init(&out);
    sb_deadline_rule r = R(1, WORKING_DAY, AFTER, WITHIN);
    assert_int_equal(sb_deadline_of(&arena, &r, ymd(2022, 4, 14), &got, NULL), SB_OK);
    sb_json_begin(&j, &out);
    sb_deadline_days_json(&j, got.days, got.day_count);
    assert_string_equal(
        sb_buf_cstr(&out),
        "[{\"date\":\"2022-04-14\",\"weekday\":4,\"reason\":\"anchor\",\"number\":null,"
        "\"holiday\":\"maundy_thursday\"},"
        "{\"date\":\"2022-04-15\",\"weekday\":5,\"reason\":\"holiday\",\"number\":null,"
        "\"holiday\":\"good_friday\"},"
        "{\"date\":\"2022-04-16\",\"weekday\":6,\"reason\":\"saturday\",\"number\":null,"
        "\"holiday\":null},"
        "{\"date\":\"2022-04-17\",\"weekday\":7,\"reason\":\"sunday\",\"number\":null,"
        "\"holiday\":\"easter_sunday\"},"
        "{\"date\":\"2022-04-18\",\"weekday\":1,\"reason\":\"holiday\",\"number\":null,"
        "\"holiday\":\"easter_monday\"},"
        "{\"date\":\"2022-04-19\",\"weekday\":2,\"reason\":\"counted\",\"number\":1,"
        "\"holiday\":null}]");
    sb_day_reason reason;
    assert_true(sb_day_reason_parse(sb_slice_str("holiday"), &reason));
    assert_int_equal(reason, SB_DAY_HOLIDAY);
    assert_false(sb_day_reason_parse(sb_slice_str("monday"), &reason));
    for (sb_holiday h = SB_HOLIDAY_NEW_YEAR; h <= SB_HOLIDAY_WHIT_MONDAY; h++)
        assert_int_equal(sb_holiday_of_code(sb_slice_str(sb_holiday_code(h))), h);
    assert_null(sb_holiday_code(SB_HOLIDAY_NONE));
    assert_int_equal(sb_holiday_of_code(sb_slice_str("")), SB_HOLIDAY_NONE);
    assert_int_equal(sb_holiday_of_code(sb_slice_str("christmas_eve")), SB_HOLIDAY_NONE);
    sb_buf_deinit(&out);
    sb_arena_deinit(&arena);
}

static void refused_deadlines(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_deadline got;
    sb_fail fail;
    sb_date day = ymd(2022, 1, 20);
    sb_deadline_rule r = R(4, WORKING_DAY, BEFORE, LAPSE);
    assert_int_equal(sb_deadline_of(&arena, &r, day, &got, &fail), SB_E_DEADLINE_RULE);
    r = (sb_deadline_rule)R(4, DAY, AFTER, WITHIN);
    r.unit = 0;
    assert_int_equal(sb_deadline_of(&arena, &r, day, &got, &fail), SB_E_DEADLINE_RULE);
    r = (sb_deadline_rule)R(366, WEEK, AFTER, WITHIN);
    assert_int_equal(sb_deadline_of(&arena, &r, day, &got, &fail), SB_OK);
    assert_int_equal(got.day_count, 366 * 7 + 1);
    r = (sb_deadline_rule)R(366 * 7 + 1, DAY, AFTER, WITHIN);
    assert_int_equal(sb_deadline_of(&arena, &r, day, &got, &fail), SB_E_DEADLINE_RANGE);
    r = (sb_deadline_rule)R(2000, WORKING_DAY, AFTER, WITHIN);
    assert_int_equal(sb_deadline_of(&arena, &r, day, &got, &fail), SB_E_DEADLINE_RANGE);
    r = (sb_deadline_rule)R(4000000000U, WEEK, AFTER, WITHIN);
    assert_int_equal(sb_deadline_of(&arena, &r, day, &got, &fail), SB_E_DEADLINE_RANGE);
    r = (sb_deadline_rule)R(4, DAY, AFTER, WITHIN);
    assert_int_equal(sb_deadline_of(&arena, &r, ymd(2022, 2, 30), &got, &fail),
                     SB_E_DEADLINE_RANGE);
    assert_int_equal(sb_deadline_of(&arena, &r, ymd(9999, 12, 31), &got, &fail),
                     SB_E_DEADLINE_RANGE);
    sb_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(day_numbers),        cmocka_unit_test(validity),
        cmocka_unit_test(date_texts),         cmocka_unit_test(oslo_offsets),
        cmocka_unit_test(oslo_folds_and_gap), cmocka_unit_test(easters),
        cmocka_unit_test(holidays_2022),      cmocka_unit_test(real_deadlines),
        cmocka_unit_test(counting_is_shown),  cmocka_unit_test(refused_deadlines),
        cmocka_unit_test(the_other_way),      cmocka_unit_test(rules_are_read),
        cmocka_unit_test(days_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
