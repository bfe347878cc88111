/* Civil dates by whole numbers: proleptic Gregorian calendar, no time zone.
 *
 * A day number counts days since 1970-01-01 (0, a Thursday). Years 1 to 9999. */
#ifndef SB_CALENDAR_DATE_H
#define SB_CALENDAR_DATE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/slice.h"

enum { SB_DATE_YEAR_MIN = 1, SB_DATE_YEAR_MAX = 9999 };

typedef struct sb_date {
    int32_t year;
    uint8_t month; /* 1-12 */
    uint8_t day;   /* 1-31 */
} sb_date;

/* ISO 8601 numbering. */
typedef enum sb_weekday {
    SB_MONDAY = 1,
    SB_TUESDAY,
    SB_WEDNESDAY,
    SB_THURSDAY,
    SB_FRIDAY,
    SB_SATURDAY,
    SB_SUNDAY
} sb_weekday;

/* True for a date that exists, year in range. */
bool sb_date_valid(sb_date d);
/* d must be valid (asserted; check input from outside first). */
int32_t sb_date_to_days(sb_date d);
sb_date sb_date_from_days(int32_t days);
sb_date sb_date_add(sb_date d, int32_t days);
/* b - a in days. */
int32_t sb_date_diff(sb_date a, sb_date b);
/* <0, 0, >0. */
int sb_date_cmp(sb_date a, sb_date b);
sb_weekday sb_date_weekday(sb_date d);

enum { SB_DATE_TEXT_BYTES = 24 };
/* "2022-01-20", NUL-terminated. */
void sb_date_iso(sb_date d, char out[SB_DATE_TEXT_BYTES]);
/* "20.01.2022". */
void sb_date_nb_short(sb_date d, char out[SB_DATE_TEXT_BYTES]);
/* "20. januar 2022" and "20 January 2022". */
void sb_date_nb_long(sb_date d, char out[SB_DATE_TEXT_BYTES]);
void sb_date_en_long(sb_date d, char out[SB_DATE_TEXT_BYTES]);
/* Exactly "YYYY-MM-DD" of a valid date; false on anything else. */
bool sb_date_parse_iso(sb_slice text, sb_date *out);

/* "mandag", "Monday": static strings. */
const char *sb_weekday_nb(sb_weekday w);
const char *sb_weekday_en(sb_weekday w);

#endif
