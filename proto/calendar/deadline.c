#include "proto/calendar/deadline.h"

#include "proto/calendar/oslo.h"

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
    if (unit != SB_UNIT_WORKING_DAY || (w <= SB_FRIDAY && day.holiday == SB_HOLIDAY_NONE)) {
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

/* The anchor and the days after it, numbered. */
static void number_days(sb_deadline_day *days, uint32_t day_count, sb_date anchor, int32_t step,
                        sb_deadline_unit unit)
{
    uint32_t counted = 0;
    days[0] = (sb_deadline_day){
        .date = anchor, .reason = SB_DAY_ANCHOR, .holiday = sb_holiday_of(anchor)};
    for (uint32_t at = 1; at < day_count; at++) {
        days[at] = judge(sb_date_add(anchor, step * (int32_t)at), unit);
        if (days[at].counted)
            days[at].number = ++counted;
    }
}

/* How many days, the anchor too, until `count` of them are counted; 0: too many. */
static uint32_t count_days(sb_date anchor, int32_t step, uint32_t count, sb_deadline_unit unit)
{
    uint32_t at = 1;
    if (unit != SB_UNIT_WORKING_DAY) /* each day counts */
        return count <= SB_DEADLINE_DAYS_MAX ? count + 1 : 0;
    for (uint32_t counted = 0; counted < count; at++) {
        if (at > SB_DEADLINE_DAYS_MAX)
            return 0;
        counted += sb_is_working_day(sb_date_add(anchor, step * (int32_t)at));
    }
    return at;
}

static bool anchor_valid(sb_date d)
{
    return sb_date_valid(d) && d.year >= SB_DEADLINE_YEAR_MIN && d.year <= SB_DEADLINE_YEAR_MAX;
}

/* How many days the rule counts, weeks being seven each. */
static uint32_t days_to_count(const sb_deadline_rule *rule)
{
    return rule->unit == SB_UNIT_WEEK ? rule->count * 7 : rule->count;
}

sb_err sb_deadline_of(sb_arena *arena, const sb_deadline_rule *rule, sb_date anchor,
                      sb_deadline *out, sb_fail *fail)
{
    *out = (sb_deadline){0};
    sb_err err = rule_valid(rule, fail);
    if (err)
        return err;
    if (!anchor_valid(anchor))
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    if (rule->count > SB_DEADLINE_DAYS_MAX)
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    bool before = rule->direction == SB_DEADLINE_BEFORE;
    int32_t step = before ? -1 : 1;
    uint32_t day_count = count_days(anchor, step, days_to_count(rule), rule->unit);
    if (day_count == 0)
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    if (arena != NULL) {
        out->day_count = day_count;
        out->days = SB_ARENA_ARRAY(arena, sb_deadline_day, day_count);
        number_days(out->days, day_count, anchor, step, rule->unit);
    }
    out->day = sb_date_add(anchor, step * (int32_t)(day_count - 1));
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

/* ---- the other way round ---- */

/* The count-th day from the anchor; false when it is too far. */
static bool count_from(const sb_deadline_rule *rule, sb_date anchor, sb_date *day)
{
    int32_t step = rule->direction == SB_DEADLINE_BEFORE ? -1 : 1;
    uint32_t n = count_days(anchor, step, days_to_count(rule), rule->unit);
    if (n == 0)
        return false;
    *day = sb_date_add(anchor, step * (int32_t)(n - 1));
    return true;
}

/* The boundary of an anchor never goes back when the anchor goes on, so one walk away from the act
 * finds it: the first anchor whose boundary has reached the act (AT_LEAST, LAPSE), or the last whose
 * boundary hasn't passed it (WITHIN). No anchor nearer than `count` days can be the one. */
static bool find_anchor(const sb_deadline_rule *rule, sb_date act, sb_date *out)
{
    int32_t away = rule->direction == SB_DEADLINE_BEFORE ? 1 : -1;
    bool within = rule->kind == SB_DEADLINE_WITHIN;
    sb_date at = sb_date_add(act, away * (int32_t)days_to_count(rule)), day;
    for (uint32_t i = 0; i <= SB_DEADLINE_DAYS_MAX; i++, at = sb_date_add(at, away)) {
        if (!anchor_valid(at) || !count_from(rule, at, &day))
            return false;
        int32_t past = away * sb_date_diff(act, day); /* > 0: the boundary lies after the act */
        if (!within && past >= 0) {
            *out = at;
            return true;
        }
        if (within && past > 0) {
            *out = sb_date_add(at, -away);
            return true;
        }
    }
    return false;
}

sb_err sb_deadline_anchor_of(sb_arena *arena, const sb_deadline_rule *rule, sb_date act,
                             sb_deadline *out, sb_fail *fail)
{
    *out = (sb_deadline){0};
    sb_err err = rule_valid(rule, fail);
    if (err)
        return err;
    bool before = rule->direction == SB_DEADLINE_BEFORE;
    if (!anchor_valid(act) || rule->count > SB_DEADLINE_DAYS_MAX ||
        days_to_count(rule) > SB_DEADLINE_DAYS_MAX)
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    sb_date last = rule->kind == SB_DEADLINE_LAPSE ? sb_date_add(act, -1) : act;
    sb_date anchor, day;
    if (!find_anchor(rule, last, &anchor) || !count_from(rule, anchor, &day))
        return sb_fail_set(fail, SB_E_DEADLINE_RANGE, NULL);
    out->day = anchor;
    out->is_last = before == (rule->kind == SB_DEADLINE_WITHIN);
    out->moment_ms = sb_oslo_day_start_ms(out->is_last ? sb_date_add(anchor, 1) : anchor);
    int32_t step = before ? -1 : 1;
    int32_t to_day = step * sb_date_diff(anchor, day), to_act = step * sb_date_diff(anchor, last);
    out->day_count = (uint32_t)(to_act > to_day ? to_act : to_day) + 1;
    out->days = SB_ARENA_ARRAY(arena, sb_deadline_day, out->day_count);
    number_days(out->days, out->day_count, anchor, step, rule->unit);
    return SB_OK;
}
