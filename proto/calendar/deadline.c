#include "proto/calendar/deadline.h"

#include "proto/calendar/oslo.h"

#include <assert.h>

static sb_err rule_valid(const sb_deadline_rule *r, sb_fail *fail)
{
    if (r->unit < SB_UNIT_DAY || r->unit > SB_UNIT_WORKING_DAY)
        return sb_fail_set(fail, SB_E_DEADLINE_RULE, "unit", NULL);
    if (r->direction < SB_DEADLINE_BEFORE || r->direction > SB_DEADLINE_AFTER)
        return sb_fail_set(fail, SB_E_DEADLINE_RULE, "direction", NULL);
    if (r->kind < SB_DEADLINE_AT_LEAST || r->kind > SB_DEADLINE_LAPSE)
        return sb_fail_set(fail, SB_E_DEADLINE_RULE, "kind", NULL);
    if (r->kind == SB_DEADLINE_LAPSE && r->direction == SB_DEADLINE_BEFORE)
        return sb_fail_set(fail, SB_E_DEADLINE_RULE, "lapse before", NULL);
    return SB_OK;
}

/* Why a day is or is not counted. */
static sb_deadline_day judge(sb_date date, sb_deadline_unit unit)
{
    sb_deadline_day day = {.date = date, .holiday = sb_holiday_of(date)};
    sb_weekday w = sb_date_weekday(date);
    if (unit != SB_UNIT_WORKING_DAY || sb_is_working_day(date)) {
        day.counted = true;
        day.reason = SB_DAY_COUNTED;
    } else if (w == SB_SATURDAY) {
        day.reason = SB_DAY_SATURDAY;
    } else if (w == SB_SUNDAY) {
        day.reason = SB_DAY_SUNDAY;
    } else {
        day.reason = SB_DAY_HOLIDAY;
    }
    return day;
}

/* Fill `days` (anchor first; NULL: only find out how many there are) until `count` days are
 * counted; 0 when there is no room for it. */
static uint32_t count_days(sb_deadline_day *days, sb_date anchor, int32_t step, uint32_t count,
                           sb_deadline_unit unit)
{
    uint32_t at = 1, counted = 0;
    if (days != NULL)
        days[0] = (sb_deadline_day){
            .date = anchor, .reason = SB_DAY_ANCHOR, .holiday = sb_holiday_of(anchor)};
    while (counted < count) {
        if (at > SB_DEADLINE_DAYS_MAX)
            return 0;
        sb_deadline_day day = judge(sb_date_add(anchor, step * (int32_t)at), unit);
        if (day.counted)
            day.number = ++counted;
        if (days != NULL)
            days[at] = day;
        at++;
    }
    return at;
}

sb_err sb_deadline_of(sb_arena *arena, const sb_deadline_rule *rule, sb_date anchor,
                      sb_deadline *out, sb_fail *fail)
{
    *out = (sb_deadline){0};
    sb_err err = rule_valid(rule, fail);
    if (err)
        return err;
    if (!sb_date_valid(anchor) || anchor.year < 1910 || anchor.year > 2190)
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    if (rule->count > SB_DEADLINE_DAYS_MAX)
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    bool before = rule->direction == SB_DEADLINE_BEFORE;
    uint32_t count = rule->unit == SB_UNIT_WEEK ? rule->count * 7 : rule->count;
    out->day_count = count_days(NULL, anchor, before ? -1 : 1, count, rule->unit);
    if (out->day_count == 0)
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    out->days = SB_ARENA_ARRAY(arena, sb_deadline_day, out->day_count);
    (void)count_days(out->days, anchor, before ? -1 : 1, count, rule->unit);

    out->day = out->days[out->day_count - 1].date;
    switch (rule->kind) {
    case SB_DEADLINE_AT_LEAST:
        out->is_last = before;
        break;
    case SB_DEADLINE_WITHIN:
        out->is_last = !before;
        break;
    case SB_DEADLINE_LAPSE:
        out->is_last = false;
        out->day = sb_date_add(out->day, 1);
        break;
    }
    out->moment_ms = sb_oslo_day_start_ms(out->is_last ? sb_date_add(out->day, 1) : out->day);
    return SB_OK;
}

const char *sb_deadline_day_nb(sb_arena *arena, const sb_deadline_day *day)
{
    switch (day->reason) {
    case SB_DAY_ANCHOR:
        return "dagen det regnes fra, telles ikke";
    case SB_DAY_COUNTED:
        return sb_arena_printf(arena, "dag %u", day->number);
    case SB_DAY_SATURDAY:
        return "lørdag, telles ikke";
    case SB_DAY_SUNDAY:
        return "søndag, telles ikke";
    case SB_DAY_HOLIDAY:
        return sb_arena_printf(arena, "helligdag (%s), telles ikke", sb_holiday_nb(day->holiday));
    }
    assert(false);
    return "";
}

const char *sb_deadline_day_en(sb_arena *arena, const sb_deadline_day *day)
{
    switch (day->reason) {
    case SB_DAY_ANCHOR:
        return "the day counted from, not counted";
    case SB_DAY_COUNTED:
        return sb_arena_printf(arena, "day %u", day->number);
    case SB_DAY_SATURDAY:
        return "Saturday, not counted";
    case SB_DAY_SUNDAY:
        return "Sunday, not counted";
    case SB_DAY_HOLIDAY:
        return sb_arena_printf(arena, "public holiday (%s), not counted",
                               sb_holiday_en(day->holiday));
    }
    assert(false);
    return "";
}
