#include "proto/calendar/holiday.h"

#include <assert.h>

/* Gregorian computus, the "anonymous" algorithm (Nature, 20 April 1876; Meeus, Astronomical
 * Algorithms, chapter 8). */
sb_date sb_easter(int32_t year)
{
    assert(year >= SB_DATE_YEAR_MIN && year <= SB_DATE_YEAR_MAX);
    int32_t a = year % 19, b = year / 100, c = year % 100;
    int32_t d = b / 4, e = b % 4, f = (b + 8) / 25, g = (b - f + 1) / 3;
    int32_t h = (19 * a + b - d - g + 15) % 30;
    int32_t i = c / 4, k = c % 4;
    int32_t l = (32 + 2 * e + 2 * i - h - k) % 7;
    int32_t m = (a + 11 * h + 22 * l) / 451;
    int32_t n = h + l - 7 * m + 114;
    return (sb_date){.year = year, .month = (uint8_t)(n / 31), .day = (uint8_t)(n % 31 + 1)};
}

static sb_holiday fixed_holiday(sb_date d)
{
    switch (d.month * 100 + d.day) {
    case 101:
        return SB_HOLIDAY_NEW_YEAR;
    case 501:
        return SB_HOLIDAY_LABOUR_DAY;
    case 517:
        return SB_HOLIDAY_CONSTITUTION;
    case 1225:
        return SB_HOLIDAY_CHRISTMAS;
    case 1226:
        return SB_HOLIDAY_BOXING_DAY;
    }
    return SB_HOLIDAY_NONE;
}

sb_holiday sb_holiday_of(sb_date d)
{
    sb_holiday fixed = fixed_holiday(d);
    if (fixed != SB_HOLIDAY_NONE)
        return fixed;
    switch (sb_date_diff(sb_easter(d.year), d)) {
    case -3:
        return SB_HOLIDAY_MAUNDY_THURSDAY;
    case -2:
        return SB_HOLIDAY_GOOD_FRIDAY;
    case 0:
        return SB_HOLIDAY_EASTER_SUNDAY;
    case 1:
        return SB_HOLIDAY_EASTER_MONDAY;
    case 39:
        return SB_HOLIDAY_ASCENSION;
    case 49:
        return SB_HOLIDAY_WHIT_SUNDAY;
    case 50:
        return SB_HOLIDAY_WHIT_MONDAY;
    }
    return SB_HOLIDAY_NONE;
}

typedef struct holiday_names {
    const char *code, *nb, *en;
} holiday_names;

static holiday_names names_of(sb_holiday h)
{
    switch (h) {
    case SB_HOLIDAY_NONE:
        break;
    case SB_HOLIDAY_NEW_YEAR:
        return (holiday_names){"new_year", "første nyttårsdag", "New Year's Day"};
    case SB_HOLIDAY_LABOUR_DAY:
        return (holiday_names){"labour_day", "1. mai", "Labour Day"};
    case SB_HOLIDAY_CONSTITUTION:
        return (holiday_names){"constitution_day", "17. mai", "Constitution Day"};
    case SB_HOLIDAY_CHRISTMAS:
        return (holiday_names){"christmas_day", "første juledag", "Christmas Day"};
    case SB_HOLIDAY_BOXING_DAY:
        return (holiday_names){"boxing_day", "andre juledag", "Boxing Day"};
    case SB_HOLIDAY_MAUNDY_THURSDAY:
        return (holiday_names){"maundy_thursday", "skjærtorsdag", "Maundy Thursday"};
    case SB_HOLIDAY_GOOD_FRIDAY:
        return (holiday_names){"good_friday", "langfredag", "Good Friday"};
    case SB_HOLIDAY_EASTER_SUNDAY:
        return (holiday_names){"easter_sunday", "første påskedag", "Easter Sunday"};
    case SB_HOLIDAY_EASTER_MONDAY:
        return (holiday_names){"easter_monday", "andre påskedag", "Easter Monday"};
    case SB_HOLIDAY_ASCENSION:
        return (holiday_names){"ascension_day", "Kristi himmelfartsdag", "Ascension Day"};
    case SB_HOLIDAY_WHIT_SUNDAY:
        return (holiday_names){"whit_sunday", "første pinsedag", "Whit Sunday"};
    case SB_HOLIDAY_WHIT_MONDAY:
        return (holiday_names){"whit_monday", "andre pinsedag", "Whit Monday"};
    }
    return (holiday_names){NULL, "", ""};
}

const char *sb_holiday_code(sb_holiday h)
{
    return names_of(h).code;
}

sb_holiday sb_holiday_of_code(sb_slice code)
{
    for (sb_holiday h = SB_HOLIDAY_NEW_YEAR; h <= SB_HOLIDAY_WHIT_MONDAY; h++)
        if (sb_slice_eq(sb_slice_str(names_of(h).code), code))
            return h;
    return SB_HOLIDAY_NONE;
}

const char *sb_holiday_nb(sb_holiday h)
{
    return names_of(h).nb;
}

const char *sb_holiday_en(sb_holiday h)
{
    return names_of(h).en;
}

bool sb_is_working_day(sb_date d)
{
    return sb_date_weekday(d) <= SB_FRIDAY && sb_holiday_of(d) == SB_HOLIDAY_NONE;
}
