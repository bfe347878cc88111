/* The silence that draft minutes wait for, as the node counted it. */
#include "nodes/cli/deadline_tell.h"
#include "proto/text/counting.h"

/* A day of silence_counting; false: not understood. */
static bool read_day(const sb_doc *doc, sb_deadline_day *out)
{
    *out =
        (sb_deadline_day){.number = (uint32_t)sb_doc_num(doc, "number"),
                          .holiday = sb_holiday_of_code(sb_slice_str(sb_doc_str(doc, "holiday")))};
    if (!sb_date_parse_iso(sb_slice_str(sb_doc_str(doc, "date")), &out->date) ||
        !sb_day_reason_parse(sb_slice_str(sb_doc_str(doc, "reason")), &out->reason))
        return false;
    out->counted = out->reason == SB_DAY_COUNTED;
    return true;
}

void sb_deadline_say_silence(sb_cli *cli, const sb_doc *minutes)
{
    const sb_doc *list = sb_doc_get(minutes, "silence_counting");
    uint32_t count = sb_doc_count(list), unit = 0;
    sb_deadline_day *days = SB_ARENA_ARRAY(&cli->arena, sb_deadline_day, count + 1);
    sb_slice code = sb_slice_str(sb_doc_str(minutes, "silence_unit"));
    if (count == 0 || !sb_text_parse(SB_TEXT_DEADLINE_UNIT, code, &unit))
        return;
    for (uint32_t i = 0; i < count; i++)
        if (!read_day(list->items[i], &days[i]))
            return;
    const sb_text_mark mark = {days[count - 1].date, sb_text(SB_MSG_COUNT_LAST_REQUEST, cli->lang)};
    const sb_text_counted counted = {.days = days,
                                     .day_count = count,
                                     .unit = (sb_deadline_unit)unit,
                                     .anchor = sb_text(SB_MSG_COUNT_DRAFT, cli->lang),
                                     .marks = &mark,
                                     .mark_count = 1};
    sb_buf lines;
    sb_buf_init(&lines);
    sb_text_counting(&lines, cli->lang, "    ", &counted);
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
}
