#include "proto/text/counting.h"

#include <stdio.h>

enum { WEEKS_SHOWN = 16, WEEKS_AT_ENDS = 3, DAYS_SHOWN = 70, WORKING_SPAN_SHOWN = 22 };

typedef struct writer {
    sb_buf *out;
    sb_lang lang;
    const char *indent;
    const sb_text_counted *c;
} writer;

void sb_text_units(sb_buf *out, sb_lang lang, sb_deadline_unit unit, uint32_t count)
{
    static const sb_msg ONE[] = {SB_MSG_COUNT_ONE_DAY, SB_MSG_COUNT_ONE_WEEK,
                                 SB_MSG_COUNT_ONE_WORKING_DAY};
    static const sb_msg MANY[] = {SB_MSG_COUNT_DAYS, SB_MSG_COUNT_WEEKS, SB_MSG_COUNT_WORKING_DAYS};
    char number[16];
    (void)snprintf(number, sizeof number, "%u", count);
    sb_text_format(out, lang, (count == 1 ? ONE : MANY)[unit - SB_UNIT_DAY], number, NULL);
}

static const char *weekday(sb_lang lang, sb_date date)
{
    sb_weekday w = sb_date_weekday(date);
    return lang == SB_LANG_EN ? sb_weekday_en(w) : sb_weekday_nb(w);
}

void sb_text_weekday_date(sb_buf *out, sb_lang lang, sb_date date)
{
    sb_buf_printf(out, "%s ", weekday(lang, date));
    sb_text_date_short(out, lang, date.year, date.month, date.day);
}

/* "on. 19.01", "Wed 01-19": a day among others of about the same time. */
static void put_brief(writer *w, sb_date date)
{
    bool en = w->lang == SB_LANG_EN;
    const char *name = weekday(w->lang, date);
    sb_slice two = sb_slice_of(name, name[1] == '\xc3' ? 3 : 2); /* lø, sø */
    sb_buf_add(w->out, en ? sb_slice_of(name, 3) : two);
    if (en)
        sb_buf_printf(w->out, " %02u-%02u", date.month, date.day);
    else
        sb_buf_printf(w->out, ". %02u.%02u", date.day, date.month);
}

static const sb_deadline_day *at(const writer *w, uint32_t i)
{
    return &w->c->days[w->c->turned ? w->c->day_count - 1 - i : i];
}

static const char *mark_of(const writer *w, const sb_deadline_day *day)
{
    for (uint32_t i = 0; i < w->c->mark_count; i++)
        if (sb_date_cmp(w->c->marks[i].day, day->date) == 0)
            return w->c->marks[i].words;
    return NULL;
}

static void end_line(writer *w, const sb_deadline_day *last)
{
    const char *mark = mark_of(w, last);
    if (mark != NULL)
        sb_buf_printf(w->out, ": %s", mark);
    sb_buf_str(w->out, "\n");
}

static const char *holiday(const writer *w, const sb_deadline_day *day)
{
    return w->lang == SB_LANG_EN ? sb_holiday_en(day->holiday) : sb_holiday_nb(day->holiday);
}

static void put_number(writer *w, uint32_t number)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", number);
    bool working = w->c->unit == SB_UNIT_WORKING_DAY;
    if (w->c->unit == SB_UNIT_WEEK && number % 7 == 0)
        sb_text_units(w->out, w->lang, SB_UNIT_WEEK, number / 7);
    else
        sb_text_format(w->out, w->lang, working ? SB_MSG_COUNT_WORKING_DAY : SB_MSG_COUNT_DAY, text,
                       NULL);
}

/* "torsdag 20.01.2022 \t møtet, teller ikke" */
static void put_day(writer *w, const sb_deadline_day *day)
{
    const char *not = sb_text(SB_MSG_COUNT_NOT, w->lang), *name = holiday(w, day);
    sb_buf_str(w->out, w->indent);
    sb_text_weekday_date(w->out, w->lang, day->date);
    sb_buf_str(w->out, "\t");
    if (day->reason == SB_DAY_ANCHOR)
        sb_buf_printf(w->out, "%s%s%s%s, %s", w->c->anchor, name[0] != '\0' ? " (" : "", name,
                      name[0] != '\0' ? ")" : "", not );
    else if (!day->counted)
        sb_buf_printf(w->out, "%s%s%s", name, name[0] != '\0' ? ", " : "", not );
    else
        put_number(w, day->number);
    if (day->counted && name[0] != '\0')
        sb_buf_printf(w->out, " (%s)", name);
    end_line(w, day);
}

/* ---- weeks ---- */

static void put_weeks(writer *w)
{
    uint32_t weeks = (w->c->day_count - 1) / 7;
    bool skipped = false;
    for (uint32_t i = 0; i < w->c->day_count; i++) {
        const sb_deadline_day *day = at(w, i);
        uint32_t week = day->number / 7;
        bool marked = mark_of(w, day) != NULL || day->reason == SB_DAY_ANCHOR;
        if (!marked && day->number % 7 != 0)
            continue;
        if (!marked && weeks > WEEKS_SHOWN && week > WEEKS_AT_ENDS &&
            week <= weeks - WEEKS_AT_ENDS) {
            if (!skipped)
                sb_buf_printf(w->out, "%s…\t…\n", w->indent);
            skipped = true;
            continue;
        }
        put_day(w, day);
    }
}

/* ---- runs of counted days: "dag 1–7 \t on. 19.01, ti. 18.01, …" ---- */

static void put_run_numbers(writer *w, uint32_t first, uint32_t last)
{
    if (first == last) {
        put_number(w, first);
        return;
    }
    char text[32];
    (void)snprintf(text, sizeof text, "%u–%u", first, last);
    sb_text_format(w->out, w->lang,
                   w->c->unit == SB_UNIT_WORKING_DAY ? SB_MSG_COUNT_WORKING_DAY : SB_MSG_COUNT_DAY,
                   text, NULL);
}

static void put_days_row(writer *w, uint32_t first, uint32_t end, bool folded)
{
    sb_buf_str(w->out, w->indent);
    put_run_numbers(w, at(w, first)->number, at(w, end - 1)->number);
    sb_buf_str(w->out, "\t");
    if (folded) {
        sb_text_weekday_date(w->out, w->lang, at(w, first)->date);
        sb_buf_str(w->out, " – ");
        sb_text_weekday_date(w->out, w->lang, at(w, end - 1)->date);
    }
    for (uint32_t i = first; !folded && i < end; i++) {
        const char *name = holiday(w, at(w, i));
        sb_buf_str(w->out, i > first ? ", " : "");
        put_brief(w, at(w, i)->date);
        if (name[0] != '\0')
            sb_buf_printf(w->out, " (%s)", name);
    }
    end_line(w, at(w, end - 1));
}

static void put_days(writer *w)
{
    uint32_t n = w->c->day_count, most = n > DAYS_SHOWN ? n : 7;
    for (uint32_t i = 0; i < n;) {
        if (at(w, i)->reason == SB_DAY_ANCHOR) {
            put_day(w, at(w, i++));
            continue;
        }
        uint32_t end = i + 1;
        while (end < n && end - i < most && mark_of(w, at(w, end - 1)) == NULL &&
               at(w, end)->reason != SB_DAY_ANCHOR)
            end++;
        put_days_row(w, i, end, most > 7 && end - i > 7);
        i = end;
    }
}

/* ---- working days ---- */

static bool is_plain(const writer *w, const sb_deadline_day *day)
{
    return mark_of(w, day) == NULL && day->reason != SB_DAY_ANCHOR && day->reason != SB_DAY_HOLIDAY;
}

/* "fredag 21.01.2022 – onsdag 13.04.2022 \t arbeidsdag 1–59 (lørdager og søndager teller ikke)" */
static void put_working_run(writer *w, uint32_t first, uint32_t end)
{
    uint32_t a = first, b = end - 1;
    while (a < b && !at(w, a)->counted)
        a++;
    while (b > a && !at(w, b)->counted)
        b--;
    if (end - first < 3 || !at(w, a)->counted) {
        for (uint32_t i = first; i < end; i++)
            put_day(w, at(w, i));
        return;
    }
    sb_buf_str(w->out, w->indent);
    sb_text_weekday_date(w->out, w->lang, at(w, first)->date);
    sb_buf_str(w->out, " – ");
    sb_text_weekday_date(w->out, w->lang, at(w, end - 1)->date);
    sb_buf_str(w->out, "\t");
    put_run_numbers(w, at(w, a)->number, at(w, b)->number);
    if (end - first >
        (w->c->turned ? at(w, a)->number - at(w, b)->number : at(w, b)->number - at(w, a)->number) +
            1)
        sb_buf_printf(w->out, " (%s)", sb_text(SB_MSG_COUNT_WEEKENDS_NOT, w->lang));
    sb_buf_str(w->out, "\n");
}

static void put_working_days(writer *w)
{
    uint32_t n = w->c->day_count;
    for (uint32_t i = 0; i < n;) {
        uint32_t end = i;
        while (n > WORKING_SPAN_SHOWN && end < n && is_plain(w, at(w, end)))
            end++;
        if (end == i)
            put_day(w, at(w, i++));
        else
            put_working_run(w, i, end);
        i = end > i ? end : i;
    }
}

void sb_text_counting(sb_buf *out, sb_lang lang, const char *indent, const sb_text_counted *c)
{
    writer w = {.out = out, .lang = lang, .indent = indent, .c = c};
    switch (c->unit) {
    case SB_UNIT_DAY:
        put_days(&w);
        return;
    case SB_UNIT_WEEK:
        put_weeks(&w);
        return;
    case SB_UNIT_WORKING_DAY:
        put_working_days(&w);
        return;
    }
}
