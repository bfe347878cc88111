/* Norwegian public holidays, computed: lov 24. februar 1995 nr. 12 om helligdager og helligdagsfred
 * § 2, and lov 26. april 1947 nr. 1 for 1 May and 17 May. Sundays are not listed as holidays,
 * except the first days of Easter and Whitsun. Easter by the Gregorian computus.
 *
 * Arbeidsdag = Monday to Friday that is no public holiday (DESIGN §6). Christmas Eve, New Year's
 * Eve and the Saturday of Easter are not public holidays. */
#ifndef SB_CALENDAR_HOLIDAY_H
#define SB_CALENDAR_HOLIDAY_H

#include "proto/calendar/date.h"

typedef enum sb_holiday {
    SB_HOLIDAY_NONE = 0,
    SB_HOLIDAY_NEW_YEAR,        /* første nyttårsdag, 1 January */
    SB_HOLIDAY_LABOUR_DAY,      /* 1. mai */
    SB_HOLIDAY_CONSTITUTION,    /* 17. mai */
    SB_HOLIDAY_CHRISTMAS,       /* første juledag */
    SB_HOLIDAY_BOXING_DAY,      /* andre juledag */
    SB_HOLIDAY_MAUNDY_THURSDAY, /* skjærtorsdag */
    SB_HOLIDAY_GOOD_FRIDAY,     /* langfredag */
    SB_HOLIDAY_EASTER_SUNDAY,   /* første påskedag */
    SB_HOLIDAY_EASTER_MONDAY,   /* andre påskedag */
    SB_HOLIDAY_ASCENSION,       /* Kristi himmelfartsdag */
    SB_HOLIDAY_WHIT_SUNDAY,     /* første pinsedag */
    SB_HOLIDAY_WHIT_MONDAY      /* andre pinsedag */
} sb_holiday;

/* The holiday on that day. Where two fall together (17 May can be Whit Monday, 1 May Ascension Day)
 * the one with the fixed date. */
sb_holiday sb_holiday_of(sb_date d);
/* Static strings; "" for SB_HOLIDAY_NONE. */
const char *sb_holiday_nb(sb_holiday h);
const char *sb_holiday_en(sb_holiday h);
/* "good_friday": stable, for answers in JSON; NULL for SB_HOLIDAY_NONE. */
const char *sb_holiday_code(sb_holiday h);
/* The holiday of a code; SB_HOLIDAY_NONE for any other text. */
sb_holiday sb_holiday_of_code(sb_slice code);
/* Easter Sunday of a year in SB_DATE_YEAR_MIN..SB_DATE_YEAR_MAX. */
sb_date sb_easter(int32_t year);
bool sb_is_working_day(sb_date d);

#endif
