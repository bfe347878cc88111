#include "proto/calendar/oslo.h"

#include <assert.h>
#include <stdio.h>

#define DAY_MS INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return a % b < 0 ? q - 1 : q;
}

static int64_t clamp(int64_t utc_ms)
{
    return utc_ms < SB_OSLO_MS_MIN   ? SB_OSLO_MS_MIN
           : utc_ms > SB_OSLO_MS_MAX ? SB_OSLO_MS_MAX
                                     : utc_ms;
}

/* 01:00 UTC on the last Sunday of a month; `last` is the number of its last day. */
static int64_t last_sunday_0100_ms(int32_t year, uint8_t month, uint8_t last)
{
    sb_date end = {.year = year, .month = month, .day = last};
    int32_t back = (int32_t)sb_date_weekday(end) % 7; /* Sunday = 0 */
    return (sb_date_to_days(end) - back) * DAY_MS + HOUR_MS;
}

static int64_t summer_begin_ms(int32_t year)
{
    return last_sunday_0100_ms(year, 3, 31);
}

static int64_t summer_end_ms(int32_t year)
{
    return year <= 1995 ? last_sunday_0100_ms(year, 9, 30) : last_sunday_0100_ms(year, 10, 31);
}

int32_t sb_oslo_offset_s(int64_t utc_ms)
{
    int64_t t = clamp(utc_ms);
    int32_t year = sb_date_from_days((int32_t)floor_div(t, DAY_MS)).year;
    return t >= summer_begin_ms(year) && t < summer_end_ms(year) ? 7200 : 3600;
}

static sb_civil split(int64_t local_ms)
{
    int64_t day = floor_div(local_ms, DAY_MS);
    int64_t rest = local_ms - day * DAY_MS;
    return (sb_civil){
        .date = sb_date_from_days((int32_t)day),
        .hour = (uint8_t)(rest / HOUR_MS),
        .minute = (uint8_t)(rest / 60000 % 60),
        .second = (uint8_t)(rest / 1000 % 60),
        .ms = (uint16_t)(rest % 1000),
    };
}

void sb_oslo_from_utc(int64_t utc_ms, sb_civil *out, sb_fold *fold)
{
    int64_t t = clamp(utc_ms);
    int32_t offset_s = sb_oslo_offset_s(t);
    *out = split(t + offset_s * INT64_C(1000));
    if (fold) {
        /* The second of two is winter time within an hour after the change. */
        int64_t end = summer_end_ms(out->date.year);
        *fold = t >= end && t < end + HOUR_MS ? SB_FOLD_SECOND : SB_FOLD_FIRST;
    }
}

bool sb_civil_valid(sb_civil c)
{
    return sb_date_valid(c.date) && c.hour < 24 && c.minute < 60 && c.second < 60 && c.ms < 1000;
}

int64_t sb_oslo_to_utc(sb_civil c, sb_fold fold)
{
    assert(sb_civil_valid(c));
    int64_t local = sb_date_to_days(c.date) * DAY_MS + c.hour * HOUR_MS +
                    c.minute * INT64_C(60000) + c.second * INT64_C(1000) + c.ms;
    int64_t as_winter = local - HOUR_MS, as_summer = local - 2 * HOUR_MS;
    bool winter_fits = sb_oslo_offset_s(as_winter) == 3600;
    bool summer_fits = sb_oslo_offset_s(as_summer) == 7200;
    if (winter_fits && summer_fits)
        return fold == SB_FOLD_SECOND ? as_winter : as_summer;
    /* Where neither fits, the winter reading is the same distance past the gap: 02:30 is 03:30. */
    return summer_fits ? as_summer : as_winter;
}

sb_date sb_oslo_date(int64_t utc_ms)
{
    sb_civil c;
    sb_oslo_from_utc(utc_ms, &c, NULL);
    return c.date;
}

int64_t sb_oslo_day_start_ms(sb_date d)
{
    return sb_oslo_to_utc((sb_civil){.date = d}, SB_FOLD_FIRST);
}

void sb_oslo_nb(int64_t utc_ms, char out[SB_CIVIL_TEXT_BYTES])
{
    sb_civil c;
    char date[SB_DATE_TEXT_BYTES];
    sb_oslo_from_utc(utc_ms, &c, NULL);
    sb_date_nb_long(c.date, date);
    (void)snprintf(out, SB_CIVIL_TEXT_BYTES, "%s kl. %02u.%02u", date, c.hour % 100U,
                   c.minute % 100U);
}

void sb_oslo_en(int64_t utc_ms, char out[SB_CIVIL_TEXT_BYTES])
{
    sb_civil c;
    char date[SB_DATE_TEXT_BYTES];
    sb_oslo_from_utc(utc_ms, &c, NULL);
    sb_date_en_long(c.date, date);
    (void)snprintf(out, SB_CIVIL_TEXT_BYTES, "%s %02u:%02u", date, c.hour % 100U, c.minute % 100U);
}
