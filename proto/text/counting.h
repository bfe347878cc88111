/* A deadline's counting in words, day by day, so that a secretary can follow it with a finger in
 * the calendar: weekends and holidays by name. One writer for `samband deadline explain`, `minutes
 * show` and whoever else shows a counting. */
#ifndef SB_TEXT_COUNTING_H
#define SB_TEXT_COUNTING_H

#include "proto/calendar/deadline.h"
#include "proto/text/text.h"

/* "siste dag", said of one of the days. */
typedef struct sb_text_mark {
    sb_date day;
    const char *words;
} sb_text_mark;

typedef struct sb_text_counted {
    const sb_deadline_day *days; /* as sb_deadline_of gives them, the anchor first */
    uint32_t day_count;
    sb_deadline_unit unit;
    bool turned;        /* write the last of `days` first */
    const char *anchor; /* what happens on the day counted from: "møtet" */
    const sb_text_mark *marks;
    uint32_t mark_count;
} sb_text_counted;

/* Lines "indent DATE \t WORDS \n":
 *   weeks         a line each: "torsdag 13.01.2022  1 uke"
 *   days          seven a line: "dag 1–7  on. 19.01, ti. 18.01, …"
 *   working days  a line each day: "lørdag 22.01.2022  teller ikke", "langfredag, teller ikke"
 * What is long is folded: more than 16 weeks, 70 days, or working days over more than 22 days (then
 * each holiday still has its line). A marked day is never folded away. */
void sb_text_counting(sb_buf *out, sb_lang lang, const char *indent, const sb_text_counted *c);

/* "4 arbeidsdager", "1 uke". */
void sb_text_units(sb_buf *out, sb_lang lang, sb_deadline_unit unit, uint32_t count);
/* "torsdag 20.01.2022", "Thursday 2022-01-20". */
void sb_text_weekday_date(sb_buf *out, sb_lang lang, sb_date date);

#endif
