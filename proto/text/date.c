#include "proto/text/text.h"

#include "proto/calendar/date.h"

static bool make_date(int32_t year, uint32_t month, uint32_t day, sb_date *out)
{
    if (month > 12 || day > 31)
        return false;
    *out = (sb_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    return sb_date_valid(*out);
}

void sb_text_date(sb_buf *out, sb_lang lang, int32_t year, uint32_t month, uint32_t day)
{
    sb_date date;
    char text[SB_DATE_TEXT_BYTES] = "?";
    if (make_date(year, month, day, &date)) {
        if (lang == SB_LANG_EN)
            sb_date_en_long(date, text);
        else
            sb_date_nb_long(date, text);
    }
    sb_buf_str(out, text);
}

void sb_text_date_short(sb_buf *out, sb_lang lang, int32_t year, uint32_t month, uint32_t day)
{
    sb_date date;
    char text[SB_DATE_TEXT_BYTES] = "?";
    if (make_date(year, month, day, &date)) {
        if (lang == SB_LANG_EN)
            sb_date_iso(date, text);
        else
            sb_date_nb_short(date, text);
    }
    sb_buf_str(out, text);
}

void sb_text_clock(sb_buf *out, sb_lang lang, uint32_t minute)
{
    uint32_t hour = minute / 60 % 24;
    if (lang == SB_LANG_EN)
        sb_buf_printf(out, "%02u:%02u", hour, minute % 60);
    else
        sb_buf_printf(out, "kl. %02u.%02u", hour, minute % 60);
}

void sb_text_wire_date(sb_buf *out, sb_lang lang, uint32_t yyyymmdd)
{
    sb_text_date(out, lang, (int32_t)(yyyymmdd / 10000), yyyymmdd / 100 % 100, yyyymmdd % 100);
}

void sb_text_wire_date_short(sb_buf *out, sb_lang lang, uint32_t yyyymmdd)
{
    sb_text_date_short(out, lang, (int32_t)(yyyymmdd / 10000), yyyymmdd / 100 % 100,
                       yyyymmdd % 100);
}
