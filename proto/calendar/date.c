/* Day numbers after Howard Hinnant's "chrono-compatible low-level date algorithms": years begin in
 * March, so that the leap day is a year's last. */
#include "proto/calendar/date.h"

#include <assert.h>
#include <stdio.h>

static bool is_leap(int32_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static uint8_t month_days(int32_t year, uint8_t month)
{
    static const uint8_t DAYS[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : DAYS[month];
}

bool sb_date_valid(sb_date d)
{
    return d.year >= SB_DATE_YEAR_MIN && d.year <= SB_DATE_YEAR_MAX && d.month >= 1 &&
           d.month <= 12 && d.day >= 1 && d.day <= month_days(d.year, d.month);
}

int32_t sb_date_to_days(sb_date d)
{
    assert(sb_date_valid(d));
    int32_t year = d.month <= 2 ? d.year - 1 : d.year;
    int32_t era = year / 400; /* year >= 0 */
    int32_t year_of_era = year - era * 400;
    int32_t month = d.month > 2 ? d.month - 3 : d.month + 9; /* March = 0 */
    int32_t day_of_year = (153 * month + 2) / 5 + d.day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

sb_date sb_date_from_days(int32_t days)
{
    int32_t shifted = days + 719468;
    assert(shifted >= 0);
    int32_t era = shifted / 146097;
    int32_t day_of_era = shifted - era * 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t month = (5 * day_of_year + 2) / 153;
    int32_t year = year_of_era + era * 400 + (month >= 10 ? 1 : 0);
    return (sb_date){
        .year = year,
        .month = (uint8_t)(month < 10 ? month + 3 : month - 9),
        .day = (uint8_t)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

sb_date sb_date_add(sb_date d, int32_t days)
{
    return sb_date_from_days(sb_date_to_days(d) + days);
}

int32_t sb_date_diff(sb_date a, sb_date b)
{
    return sb_date_to_days(b) - sb_date_to_days(a);
}

int sb_date_cmp(sb_date a, sb_date b)
{
    if (a.year != b.year)
        return a.year < b.year ? -1 : 1;
    if (a.month != b.month)
        return a.month < b.month ? -1 : 1;
    return a.day < b.day ? -1 : a.day > b.day ? 1 : 0;
}

sb_weekday sb_date_weekday(sb_date d)
{
    int32_t since_monday = (sb_date_to_days(d) + 3) % 7; /* day 0 was a Thursday */
    return (sb_weekday)((since_monday + 7) % 7 + 1);
}

static const char *const MONTHS_NB[12] = {"januar",    "februar", "mars",     "april",
                                          "mai",       "juni",    "juli",     "august",
                                          "september", "oktober", "november", "desember"};
static const char *const MONTHS_EN[12] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};

/* The compiler can't see that the fields are small; cut them so that it can. */
static unsigned year4(sb_date d)
{
    return (unsigned)d.year % 10000U;
}

void sb_date_iso(sb_date d, char out[SB_DATE_TEXT_BYTES])
{
    assert(sb_date_valid(d));
    (void)snprintf(out, SB_DATE_TEXT_BYTES, "%04u-%02u-%02u", year4(d), d.month % 100U,
                   d.day % 100U);
}

void sb_date_nb_short(sb_date d, char out[SB_DATE_TEXT_BYTES])
{
    assert(sb_date_valid(d));
    (void)snprintf(out, SB_DATE_TEXT_BYTES, "%02u.%02u.%04u", d.day % 100U, d.month % 100U,
                   year4(d));
}

void sb_date_nb_long(sb_date d, char out[SB_DATE_TEXT_BYTES])
{
    assert(sb_date_valid(d));
    (void)snprintf(out, SB_DATE_TEXT_BYTES, "%u. %s %u", d.day % 100U, MONTHS_NB[d.month - 1],
                   year4(d));
}

void sb_date_en_long(sb_date d, char out[SB_DATE_TEXT_BYTES])
{
    assert(sb_date_valid(d));
    (void)snprintf(out, SB_DATE_TEXT_BYTES, "%u %s %u", d.day % 100U, MONTHS_EN[d.month - 1],
                   year4(d));
}

static bool digits(const uint8_t *at, size_t count, int32_t *out)
{
    int32_t value = 0;
    for (size_t i = 0; i < count; i++) {
        if (at[i] < '0' || at[i] > '9')
            return false;
        value = value * 10 + (at[i] - '0');
    }
    *out = value;
    return true;
}

bool sb_date_parse_iso(sb_slice text, sb_date *out)
{
    int32_t year, month, day;
    if (text.len != 10 || text.data[4] != '-' || text.data[7] != '-')
        return false;
    if (!digits(text.data, 4, &year) || !digits(text.data + 5, 2, &month) ||
        !digits(text.data + 8, 2, &day))
        return false;
    sb_date d = {.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    if (!sb_date_valid(d))
        return false;
    *out = d;
    return true;
}

const char *sb_weekday_nb(sb_weekday w)
{
    static const char *const NAMES[8] = {"",        "mandag", "tirsdag", "onsdag",
                                         "torsdag", "fredag", "lørdag",  "søndag"};
    assert(w >= SB_MONDAY && w <= SB_SUNDAY);
    return NAMES[w];
}

const char *sb_weekday_en(sb_weekday w)
{
    static const char *const NAMES[8] = {"",         "Monday", "Tuesday",  "Wednesday",
                                         "Thursday", "Friday", "Saturday", "Sunday"};
    assert(w >= SB_MONDAY && w <= SB_SUNDAY);
    return NAMES[w];
}
