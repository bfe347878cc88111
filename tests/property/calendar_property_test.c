/* The calendar against a table from Python's datetime, the tz database and another Easter
 * algorithm: every day of 1990-2100, every half hour's offset, every midnight, and deadlines walked
 * in the table, both ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/calendar/deadline.h"
#include "proto/calendar/oslo.h"

typedef struct table_year {
    int32_t year;
    int64_t summer_begin_s, summer_end_s;
    const char *days;
} table_year;

static const table_year TABLE[] = {
#include "tests/property/calendar_table.inc"
};
enum { YEARS = sizeof TABLE / sizeof *TABLE };

/* The whole table as one string: day 0 is 1990-01-01, a Monday, day number 7305. */
static char all_days[YEARS * 366 + 1];
enum { FIRST_DAY = 7305 };

static int join(void **state)
{
    (void)state;
    for (size_t i = 0; i < YEARS; i++)
        strcat(all_days + (i == 0 ? 0 : strlen(all_days)), TABLE[i].days);
    return 0;
}

static void every_day(void **state)
{
    (void)state;
    assert_int_equal(TABLE[0].year, 1990);
    assert_int_equal(TABLE[YEARS - 1].year, 2100);
    int32_t number = FIRST_DAY;
    uint32_t weekday = 0;
    sb_date walked = {.year = 1990, .month = 1, .day = 1};
    for (size_t y = 0; y < YEARS; y++) {
        for (const char *c = TABLE[y].days; *c; c++, number++, weekday = (weekday + 1) % 7) {
            assert_int_equal(walked.year, TABLE[y].year);
            assert_int_equal(sb_date_to_days(walked), number);
            assert_int_equal(sb_date_weekday(walked), weekday + 1);
            sb_holiday want = *c >= 'A' && *c <= 'L' ? (sb_holiday)(*c - 'A' + 1) : SB_HOLIDAY_NONE;
            assert_int_equal(sb_holiday_of(walked), want);
            assert_int_equal(sb_is_working_day(walked), *c == '.');
            char iso[SB_DATE_TEXT_BYTES];
            sb_date again;
            sb_date_iso(walked, iso);
            assert_true(sb_date_parse_iso(sb_slice_str(iso), &again));
            assert_int_equal(sb_date_cmp(again, walked), 0);
            walked = sb_date_from_days(number + 1);
        }
    }
    assert_int_equal(walked.year, 2101);
}

static void every_half_hour(void **state)
{
    (void)state;
    int64_t t = FIRST_DAY * INT64_C(86400);
    for (size_t y = 0; y < YEARS; y++) {
        int64_t end = t + (int64_t)strlen(TABLE[y].days) * 86400;
        for (; t < end; t += 1800) {
            bool summer = t >= TABLE[y].summer_begin_s && t < TABLE[y].summer_end_s;
            if (sb_oslo_offset_s(t * 1000) != (summer ? 7200 : 3600))
                fail_msg("offset at %lld", (long long)t);
            sb_civil c;
            sb_fold fold;
            sb_oslo_from_utc(t * 1000 + 7, &c, &fold);
            if (sb_oslo_to_utc(c, fold) != t * 1000 + 7)
                fail_msg("no way back at %lld", (long long)t);
        }
        assert_int_equal(sb_oslo_offset_s(TABLE[y].summer_begin_s * 1000 - 1), 3600);
        assert_int_equal(sb_oslo_offset_s(TABLE[y].summer_end_s * 1000 - 1), 7200);
    }
}

/* The count-th day in the table that counts; INT32_MIN when the table ends. */
static int32_t walk(int32_t from, int32_t step, uint32_t count, bool working)
{
    int32_t at = from;
    int32_t last = (int32_t)strlen(all_days);
    while (count > 0) {
        at += step;
        if (at < 0 || at >= last)
            return INT32_MIN;
        if (!working || all_days[at] == '.')
            count--;
    }
    return at;
}

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void deadlines(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    uint32_t seed = 20220120;
    uint32_t compared = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        sb_deadline_rule r = {
            .count = next_random(&seed) % 40,
            .unit = (sb_deadline_unit)(next_random(&seed) % 3 + 1),
            .direction = (sb_deadline_direction)(next_random(&seed) % 2 + 1),
            .kind = (sb_deadline_kind)(next_random(&seed) % 3 + 1),
        };
        if (r.kind == SB_DEADLINE_LAPSE && r.direction == SB_DEADLINE_BEFORE)
            continue;
        int32_t from = (int32_t)(next_random(&seed) % (uint32_t)strlen(all_days));
        int32_t step = r.direction == SB_DEADLINE_BEFORE ? -1 : 1;
        int32_t want = walk(from, step, r.unit == SB_UNIT_WEEK ? 7 * r.count : r.count,
                            r.unit == SB_UNIT_WORKING_DAY);
        if (want == INT32_MIN)
            continue;
        if (r.kind == SB_DEADLINE_LAPSE)
            want++;
        sb_deadline got;
        sb_date anchor = sb_date_from_days(FIRST_DAY + from);
        assert_int_equal(sb_deadline_of(&arena, &r, anchor, &got, NULL), SB_OK);
        assert_int_equal(sb_date_to_days(got.day), FIRST_DAY + want);
        sb_date edge = got.is_last ? sb_date_add(got.day, 1) : got.day;
        assert_int_equal(sb_date_cmp(sb_oslo_date(got.moment_ms), edge), 0);
        assert_int_equal(sb_date_diff(sb_oslo_date(got.moment_ms - 1), edge), 1);
        sb_arena_reset(&arena);
        compared++;
    }
    assert_true(compared > 15000);
    sb_arena_deinit(&arena);
}

/* Midnight in Oslo by the table's changes alone, and the days on both sides of it. */
static void every_midnight(void **state)
{
    (void)state;
    int32_t number = FIRST_DAY;
    for (size_t y = 0; y < YEARS; y++) {
        for (const char *c = TABLE[y].days; *c; c++, number++) {
            int64_t utc = number * INT64_C(86400);
            bool summer =
                utc > TABLE[y].summer_begin_s && utc < TABLE[y].summer_end_s; /* at 01:00 UTC */
            int64_t want = (utc - (summer ? 7200 : 3600)) * 1000;
            sb_date day = sb_date_from_days(number);
            assert_int_equal(sb_oslo_day_start_ms(day), want);
            assert_int_equal(sb_date_to_days(sb_oslo_date(want)), number);
            assert_int_equal(sb_date_to_days(sb_oslo_date(want - 1)), number - 1);
        }
    }
}

/* Seven days, the same weekday; ISO weeks begin on Mondays also across years. */
static void every_week(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    int32_t last = FIRST_DAY + (int32_t)strlen(all_days) - 7;
    const sb_deadline_rule week = {.count = 1,
                                   .unit = SB_UNIT_WEEK,
                                   .direction = SB_DEADLINE_AFTER,
                                   .kind = SB_DEADLINE_WITHIN};
    for (int32_t number = FIRST_DAY; number < last; number++) {
        sb_date day = sb_date_from_days(number);
        sb_deadline got;
        assert_int_equal(sb_deadline_of(&arena, &week, day, &got, NULL), SB_OK);
        assert_int_equal(got.day_count, 8);
        assert_int_equal(sb_date_to_days(got.day), number + 7);
        assert_int_equal(sb_date_weekday(got.day), sb_date_weekday(day));
        assert_int_equal(sb_date_weekday(day), (number - FIRST_DAY) % 7 + 1);
        sb_arena_reset(&arena);
    }
    sb_arena_deinit(&arena);
}

/* The other way round: the anchors that an act is in time for, each judged in the table, are those
 * on one side of the answer and no others. */
static void anchors(void **state)
{
    (void)state;
    sb_arena arena;
    sb_arena_init(&arena);
    uint32_t seed = 51, compared = 0;
    int32_t last = (int32_t)strlen(all_days);
    for (uint32_t i = 0; i < 6000; i++) {
        sb_deadline_rule r = {
            .count = next_random(&seed) % 30,
            .unit = (sb_deadline_unit)(next_random(&seed) % 3 + 1),
            .direction = (sb_deadline_direction)(next_random(&seed) % 2 + 1),
            .kind = (sb_deadline_kind)(next_random(&seed) % 3 + 1),
        };
        int32_t act = 500 + (int32_t)(next_random(&seed) % (uint32_t)(last - 1000));
        if (r.kind == SB_DEADLINE_LAPSE && r.direction == SB_DEADLINE_BEFORE)
            continue;
        sb_deadline got;
        assert_int_equal(
            sb_deadline_anchor_of(&arena, &r, sb_date_from_days(FIRST_DAY + act), &got, NULL),
            SB_OK);
        bool before = r.direction == SB_DEADLINE_BEFORE;
        int32_t answer = sb_date_to_days(got.day) - FIRST_DAY;
        for (int32_t at = answer - 12; at <= answer + 12; at++) {
            int32_t day = walk(at, before ? -1 : 1, r.unit == SB_UNIT_WEEK ? 7 * r.count : r.count,
                               r.unit == SB_UNIT_WORKING_DAY);
            bool by = (r.kind == SB_DEADLINE_AT_LEAST && before) ||
                      (r.kind == SB_DEADLINE_WITHIN && !before); /* an act by that day */
            bool in_time = r.kind == SB_DEADLINE_LAPSE ? act > day : by ? act <= day : act >= day;
            if (in_time != (got.is_last ? at <= answer : at >= answer))
                fail_msg("kind %d, unit %d, count %u, act %d: %d is not the anchor at %d", r.kind,
                         r.unit, r.count, act, answer, at);
        }
        bool listed = false;
        int32_t shown = r.kind == SB_DEADLINE_LAPSE ? act - 1 : act;
        for (uint32_t k = 0; k < got.day_count; k++)
            listed |= sb_date_to_days(got.days[k].date) == FIRST_DAY + shown;
        assert_true(listed);
        sb_arena_reset(&arena);
        compared++;
    }
    assert_true(compared > 4500);
    sb_arena_deinit(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day),  cmocka_unit_test(every_half_hour),
        cmocka_unit_test(deadlines),  cmocka_unit_test(every_midnight),
        cmocka_unit_test(every_week), cmocka_unit_test(anchors),
    };
    return cmocka_run_group_tests(tests, join, NULL);
}
