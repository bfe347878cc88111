/* Deadlines as text that is read, and as JSON that is written. */
#include "proto/calendar/deadline.h"

#include <assert.h>

/* ---- "4 working days after" ---- */

static const struct unit_word {
    const char *text;
    sb_deadline_unit unit;
} UNITS[] = {
    {"day", SB_UNIT_DAY},
    {"days", SB_UNIT_DAY},
    {"dag", SB_UNIT_DAY},
    {"dager", SB_UNIT_DAY},
    {"week", SB_UNIT_WEEK},
    {"weeks", SB_UNIT_WEEK},
    {"uke", SB_UNIT_WEEK},
    {"uker", SB_UNIT_WEEK},
    {"working day", SB_UNIT_WORKING_DAY},
    {"working days", SB_UNIT_WORKING_DAY},
    {"working-day", SB_UNIT_WORKING_DAY},
    {"working-days", SB_UNIT_WORKING_DAY},
    {"arbeidsdag", SB_UNIT_WORKING_DAY},
    {"arbeidsdager", SB_UNIT_WORKING_DAY},
};

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static sb_slice trimmed(sb_slice s)
{
    while (s.len > 0 && is_blank(s.data[0]))
        s = sb_slice_of(s.data + 1, s.len - 1);
    while (s.len > 0 && is_blank(s.data[s.len - 1]))
        s.len--;
    return s;
}

/* The last word of `text`, which loses it. */
static sb_slice last_word(sb_slice *text)
{
    sb_slice all = trimmed(*text);
    size_t at = all.len;
    while (at > 0 && !is_blank(all.data[at - 1]))
        at--;
    *text = trimmed(sb_slice_of(all.data, at));
    return sb_slice_of(all.data + at, all.len - at);
}

static bool direction_of(sb_slice word, sb_deadline_direction *out)
{
    if (sb_slice_eq(word, sb_slice_str("before")) || sb_slice_eq(word, sb_slice_str("før"))) {
        *out = SB_DEADLINE_BEFORE;
        return true;
    }
    *out = SB_DEADLINE_AFTER;
    return sb_slice_eq(word, sb_slice_str("after")) || sb_slice_eq(word, sb_slice_str("etter"));
}

static bool read_rule(sb_slice text, sb_deadline_rule *out)
{
    sb_slice rest = text;
    if (!direction_of(last_word(&rest), &out->direction))
        return false;
    size_t digits = 0;
    out->count = 0;
    for (; digits < rest.len && rest.data[digits] >= '0' && rest.data[digits] <= '9'; digits++)
        if (out->count < 100000) /* beyond what is counted: sb_deadline_of refuses it */
            out->count = out->count * 10 + (rest.data[digits] - '0');
    sb_slice unit = trimmed(sb_slice_of(rest.data + digits, rest.len - digits));
    for (size_t i = 0; digits > 0 && i < sizeof UNITS / sizeof *UNITS; i++) {
        if (sb_slice_eq(unit, sb_slice_str(UNITS[i].text))) {
            out->unit = UNITS[i].unit;
            return true;
        }
    }
    return false;
}

sb_err sb_deadline_rule_parse(sb_slice text, sb_deadline_rule *out, sb_fail *fail)
{
    *out = (sb_deadline_rule){0};
    if (!read_rule(text, out)) {
        char shown[SB_FAIL_ARG_BYTES];
        size_t n = text.len < sizeof shown ? text.len : sizeof shown - 1;
        if (n > 0)
            memcpy(shown, text.data, n);
        shown[n] = '\0';
        return sb_fail_set(fail, SB_E_DEADLINE_TEXT, shown, NULL);
    }
    out->kind = out->direction == SB_DEADLINE_BEFORE ? SB_DEADLINE_AT_LEAST : SB_DEADLINE_WITHIN;
    return SB_OK;
}

/* ---- JSON ---- */

static const char *reason_code(sb_day_reason reason)
{
    switch (reason) {
    case SB_DAY_ANCHOR:
        return "anchor";
    case SB_DAY_COUNTED:
        return "counted";
    case SB_DAY_SATURDAY:
        return "saturday";
    case SB_DAY_SUNDAY:
        return "sunday";
    case SB_DAY_HOLIDAY:
        return "holiday";
    }
    assert(false);
    return "";
}

bool sb_day_reason_parse(sb_slice code, sb_day_reason *out)
{
    for (sb_day_reason r = SB_DAY_ANCHOR; r <= SB_DAY_HOLIDAY; r++) {
        if (sb_slice_eq(sb_slice_str(reason_code(r)), code)) {
            *out = r;
            return true;
        }
    }
    return false;
}

void sb_deadline_days_json(sb_json *j, const sb_deadline_day *days, uint32_t count)
{
    sb_json_array(j);
    for (uint32_t i = 0; i < count; i++) {
        const sb_deadline_day *d = &days[i];
        char date[SB_DATE_TEXT_BYTES];
        sb_date_iso(d->date, date);
        sb_json_object(j);
        sb_json_key(j, "date");
        sb_json_cstr(j, date);
        sb_json_key(j, "weekday");
        sb_json_u64(j, (uint64_t)sb_date_weekday(d->date));
        sb_json_key(j, "reason");
        sb_json_cstr(j, reason_code(d->reason));
        sb_json_key(j, "number");
        if (d->counted)
            sb_json_u64(j, d->number);
        else
            sb_json_null(j);
        sb_json_key(j, "holiday");
        sb_json_cstr(j, sb_holiday_code(d->holiday));
        sb_json_end_object(j);
    }
    sb_json_end_array(j);
}
