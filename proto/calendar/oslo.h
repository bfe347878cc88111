/* Legal time in Norway: Europe/Oslo by the rule of EU Directive 2000/84/EC written out, not by the
 * machine's tzdata (DESIGN §6).
 *
 * UTC+1; UTC+2 from the last Sunday of March 01:00 UTC to the last Sunday of October 01:00 UTC.
 * Up to and including 1995 summer time ended on the last Sunday of September.
 * This is what the law said from 1981 and is taken to hold to the end of 2100. Before 1981 the same
 * rule is applied although history was another; nothing in a federation is dated that early. */
#ifndef SB_CALENDAR_OSLO_H
#define SB_CALENDAR_OSLO_H

#include "proto/calendar/date.h"

/* Moments: milliseconds since 1970-01-01T00:00:00Z, no leap seconds. Functions here accept
 * SB_OSLO_MS_MIN..SB_OSLO_MS_MAX and clamp what lies outside (a broken clock must not end a
 * process). */
#define SB_OSLO_MS_MIN INT64_C(-2208988800000) /* 1900-01-01T00:00:00Z */
#define SB_OSLO_MS_MAX INT64_C(7258118399999)  /* 2199-12-31T23:59:59.999Z */

typedef struct sb_civil {
    sb_date date;
    uint8_t hour, minute, second;
    uint16_t ms;
} sb_civil;

/* Which of two moments a local time names when the clock is set back (02:00-02:59 happens twice).
 */
typedef enum sb_fold { SB_FOLD_FIRST = 0, SB_FOLD_SECOND = 1 } sb_fold;

/* 3600 or 7200. */
int32_t sb_oslo_offset_s(int64_t utc_ms);
/* The local time of a moment; *fold (may be NULL) says which of two equal local times it is,
 * SB_FOLD_FIRST where there is but one. */
void sb_oslo_from_utc(int64_t utc_ms, sb_civil *out, sb_fold *fold);
/* The moment of a local time. In the hour that happens twice `fold` chooses. A time in the hour
 * that does not happen (02:00-02:59 at the end of March) is moved one hour on: 02:30 means 03:30.
 * `c` must be a valid date and time (asserted). */
int64_t sb_oslo_to_utc(sb_civil c, sb_fold fold);
bool sb_civil_valid(sb_civil c);

/* The legal date of a moment, and the first millisecond of a legal date. */
sb_date sb_oslo_date(int64_t utc_ms);
int64_t sb_oslo_day_start_ms(sb_date d);

enum { SB_CIVIL_TEXT_BYTES = 40 };
/* "20. januar 2022 kl. 14.30" and "20 January 2022 14:30". */
void sb_oslo_nb(int64_t utc_ms, char out[SB_CIVIL_TEXT_BYTES]);
void sb_oslo_en(int64_t utc_ms, char out[SB_CIVIL_TEXT_BYTES]);

#endif
