/* Deadlines as data, with the counting shown day by day (DESIGN §6, DOMAIN §1).
 *
 * A rule counts `count` units from an anchor day (the meeting; the day the draft was sent). The
 * anchor itself is never counted. A week is seven days. What a kind means for the anchor D:
 *   AT_LEAST  before  "at least three weeks before": the last permitted day is D - count.
 *   AT_LEAST  after   "at least a week after":       the first permitted day is D + count.
 *   WITHIN    before  "at most 14 days before":      the first permitted day is D - count.
 *   WITHIN    after   "within a week":               the last permitted day is D + count.
 *   LAPSE     after   "no change asked for in four working days": D + count is the last day for
 *                     asking, the next day is the first on which the silence has worked.
 * With working days D + count is the count-th working day after D (before likewise).
 * A LAPSE before the anchor has no meaning and is refused. */
#ifndef SB_CALENDAR_DEADLINE_H
#define SB_CALENDAR_DEADLINE_H

#include "proto/base/arena.h"
#include "proto/base/err.h"
#include "proto/base/json.h"
#include "proto/base/limits.h"
#include "proto/calendar/holiday.h"

typedef enum sb_deadline_unit {
    SB_UNIT_DAY = 1, /* every calendar day */
    SB_UNIT_WEEK,
    SB_UNIT_WORKING_DAY
} sb_deadline_unit;

typedef enum sb_deadline_direction {
    SB_DEADLINE_BEFORE = 1,
    SB_DEADLINE_AFTER
} sb_deadline_direction;

typedef enum sb_deadline_kind {
    SB_DEADLINE_AT_LEAST = 1,
    SB_DEADLINE_WITHIN,
    SB_DEADLINE_LAPSE
} sb_deadline_kind;

typedef struct sb_deadline_rule {
    uint32_t count;
    sb_deadline_unit unit;
    sb_deadline_direction direction;
    sb_deadline_kind kind;
} sb_deadline_rule;

/* Years of days that can be counted from. */
enum { SB_DEADLINE_YEAR_MIN = 1910, SB_DEADLINE_YEAR_MAX = 2190 };

typedef enum sb_day_reason {
    SB_DAY_ANCHOR = 1, /* the day counted from */
    SB_DAY_COUNTED,
    SB_DAY_SATURDAY,
    SB_DAY_SUNDAY,
    SB_DAY_HOLIDAY /* on Monday to Friday; `holiday` says which */
} sb_day_reason;

typedef struct sb_deadline_day {
    sb_date date;
    uint32_t number; /* which of the counted days (1…); 0 when not counted */
    bool counted;
    sb_day_reason reason;
    sb_holiday holiday; /* also set on counted days of calendar counting */
} sb_deadline_day;

typedef struct sb_deadline {
    /* The boundary: the last permitted day where `is_last`, else the first permitted day. For a
     * LAPSE: the first day on which the silence has worked. */
    sb_date day;
    bool is_last;
    /* is_last: the first millisecond after `day`: an act is in time when its moment is < this.
     * Else: the first millisecond of `day`: an act is in time when its moment is >= this. */
    int64_t moment_ms;
    /* The counting, from the anchor towards the count-th day; in the arena. */
    sb_deadline_day *days;
    uint32_t day_count;
} sb_deadline;

/* Compute; arena NULL: without the days. Errors: SB_E_DEADLINE_RULE (a field out of range, or LAPSE before),
 * SB_E_DEADLINE_RANGE (anchor outside 1910-2190, or more than SB_DEADLINE_DAYS_MAX days). */
sb_err sb_deadline_of(sb_arena *arena, const sb_deadline_rule *rule, sb_date anchor,
                      sb_deadline *out, sb_fail *fail);

/* The other way round: for which anchors is an act on the day `act` in time? All from one day on,
 * or all up to one day: out->day, `is_last` telling which. For a LAPSE: the last anchor from which
 * the silence has worked on `act`.
 * moment_ms is the boundary of out->day as above. days: the counting of that anchor, from it on
 * and so far that `act` is among them (for a LAPSE the day before `act`).
 * Errors: as sb_deadline_of. */
sb_err sb_deadline_anchor_of(sb_arena *arena, const sb_deadline_rule *rule, sb_date act,
                             sb_deadline *out, sb_fail *fail);

/* "4 working days after", "3 weeks before"; "4 arbeidsdager etter", "1 uke før". Before is
 * AT_LEAST, after is WITHIN. Errors: SB_E_DEADLINE_TEXT. */
sb_err sb_deadline_rule_parse(sb_slice text, sb_deadline_rule *out, sb_fail *fail);

/* Append an array of the days: "date", "weekday" (1 Monday to 7), "reason" (anchor, counted,
 * saturday, sunday, holiday), "number" (null when not counted), "holiday" (a code such as
 * good_friday, or null). */
void sb_deadline_days_json(sb_json *j, const sb_deadline_day *days, uint32_t count);
/* The reason of its code there; false: no such code. */
bool sb_day_reason_parse(sb_slice code, sb_day_reason *out);

#endif
