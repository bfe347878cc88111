/* Claims and the charter's deadlines (DESIGN §6), worked out by proto/calendar. */
#include "proto/ledger/deadlines.h"

#include "proto/calendar/oslo.h"
#include "proto/ledger/domain.h"

bool sb_date_from_number(uint32_t yyyymmdd, sb_date *out)
{
    sb_date d = {.year = (int32_t)(yyyymmdd / 10000),
                 .month = (uint8_t)(yyyymmdd / 100 % 100),
                 .day = (uint8_t)(yyyymmdd % 100)};
    if (yyyymmdd > 99991231 || !sb_date_valid(d))
        return false;
    *out = d;
    return true;
}

uint32_t sb_date_number(sb_date d)
{
    return (uint32_t)d.year * 10000 + (uint32_t)d.month * 100 + d.day;
}

const char *sb_date_text(sb_arena *arena, uint32_t yyyymmdd)
{
    if (yyyymmdd == 0)
        return "";
    return sb_arena_printf(arena, "%04u-%02u-%02u", (unsigned)(yyyymmdd / 10000),
                           (unsigned)(yyyymmdd / 100 % 100), (unsigned)(yyyymmdd % 100));
}

const char *sb_date_arg(sb_arena *arena, uint32_t yyyymmdd)
{
    return sb_arena_printf(arena, "@DATE:%u", (unsigned)yyyymmdd);
}

sb_err sb_claim_check(sb_step *s, const Sb__Claim *claim)
{
    if (claim == NULL)
        return SB_OK;
    if (claim->claimed_at_ms > s->now_ms + SB_TIME_TOLERANCE_MS) {
        char text[SB_CIVIL_TEXT_BYTES];
        uint64_t shown = claim->claimed_at_ms > (uint64_t)SB_OSLO_MS_MAX ? (uint64_t)SB_OSLO_MS_MAX
                                                                         : claim->claimed_at_ms;
        sb_oslo_nb((int64_t)shown, text);
        return sb_fail_set(s->fail, SB_E_LEDGER_CLAIM_FUTURE, text, NULL);
    }
    return SB_OK;
}

uint64_t sb_claim_ms(const Sb__Claim *claim, uint64_t now_ms)
{
    return claim == NULL ? now_ms : claim->claimed_at_ms;
}

uint8_t sb_claim_source(const Sb__Claim *claim)
{
    return claim == NULL ? 0 : (uint8_t)claim->source;
}

static bool unit_of(Sb__DeadlineUnit unit, sb_deadline_unit *out)
{
    switch ((int)unit) {
    case SB__DEADLINE_UNIT__DEADLINE_UNIT_DAY:
        *out = SB_UNIT_DAY;
        return true;
    case SB__DEADLINE_UNIT__DEADLINE_UNIT_WEEK:
        *out = SB_UNIT_WEEK;
        return true;
    case SB__DEADLINE_UNIT__DEADLINE_UNIT_WORKING_DAY:
        *out = SB_UNIT_WORKING_DAY;
        return true;
    }
    return false;
}

static void bound(sb_deadline_meaning *m, bool last, uint32_t count, sb_deadline_unit unit,
                  sb_deadline_direction direction, sb_deadline_kind kind)
{
    sb_deadline_rule rule = {.count = count, .unit = unit, .direction = direction, .kind = kind};
    if (count == 0)
        return;
    *(last ? &m->last : &m->first) = rule;
    *(last ? &m->has_last : &m->has_first) = true;
}

sb_deadline_meaning sb_deadline_meaning_of(const Sb__Deadline *words)
{
    sb_deadline_meaning m = {0};
    sb_deadline_unit unit;
    if (!unit_of(words->unit, &unit))
        return m;
    switch ((int)words->kind) {
    case SB__DEADLINE_KIND__DEADLINE_KIND_CASE_REPORTED:
    case SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT:
    case SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE:
        bound(&m, true, words->least, unit, SB_DEADLINE_BEFORE, SB_DEADLINE_AT_LEAST);
        bound(&m, false, words->most, unit, SB_DEADLINE_BEFORE, SB_DEADLINE_WITHIN);
        break;
    case SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY:
        bound(&m, true, words->most > 0 ? words->most : words->least, unit, SB_DEADLINE_AFTER,
              SB_DEADLINE_WITHIN);
        break;
    case SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE:
        m.from_draft = true;
        bound(&m, false, words->least > 0 ? words->least : words->most, unit, SB_DEADLINE_AFTER,
              SB_DEADLINE_LAPSE);
        break;
    }
    return m;
}

/* "at least `least`, at most `most` before the meeting". */
static void work_out_before(const Sb__Deadline *words, sb_date meeting, uint64_t actual_ms,
                            sb_noted *out)
{
    sb_deadline_meaning m = sb_deadline_meaning_of(words);
    sb_deadline d;
    *out = (sb_noted){.words = words, .actual_ms = actual_ms};
    if (m.has_last && sb_deadline_of(NULL, &m.last, meeting, &d, NULL) == SB_OK)
        out->to = sb_date_number(d.day);
    if (m.has_first && sb_deadline_of(NULL, &m.first, meeting, &d, NULL) == SB_OK)
        out->from = sb_date_number(d.day);
    uint32_t day = actual_ms == 0 ? 0 : sb_yyyymmdd_of(actual_ms);
    out->kept =
        day != 0 && (out->from == 0 || day >= out->from) && (out->to == 0 || day <= out->to);
}

void sb_noted_of_case(sb_arena *arena, const Sb__Body *body, const sb_row_meeting *meeting,
                      const sb_row_case *c, const sb_row_agenda *item, sb_noted **out,
                      size_t *count)
{
    sb_date date;
    *out = SB_ARENA_ARRAY(arena, sb_noted, body->n_deadlines + 1);
    *count = 0;
    if (!sb_date_from_number(meeting->date, &date))
        return;
    for (size_t i = 0; i < body->n_deadlines; i++) {
        const Sb__Deadline *words = body->deadlines[i];
        uint64_t actual = 0;
        /* an extraordinary meeting has its notice instead of the windows before ordinary ones */
        switch ((int)words->kind) {
        case SB__DEADLINE_KIND__DEADLINE_KIND_CASE_REPORTED:
            if (meeting->extraordinary)
                continue;
            actual = c->source != 0 ? c->claimed_ms : c->reported_ms;
            break;
        case SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT:
            if (meeting->extraordinary)
                continue;
            actual = item->sent_ms;
            break;
        case SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE:
            if (!meeting->extraordinary)
                continue;
            actual = meeting->notice_ms;
            break;
        case SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE: /* not of a case */
        case SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY:
            continue;
        }
        work_out_before(words, date, actual, &(*out)[(*count)++]);
    }
}

const Sb__Deadline *sb_deadline_words(const Sb__Body *body, Sb__DeadlineKind kind)
{
    for (size_t i = 0; i < body->n_deadlines; i++)
        if (body->deadlines[i]->kind == kind)
            return body->deadlines[i];
    return NULL;
}

bool sb_silence_counting(sb_arena *arena, const Sb__Body *body, uint64_t sent_ms, sb_deadline *out)
{
    const Sb__Deadline *words =
        sb_deadline_words(body, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_SILENCE);
    sb_date sent;
    if (!body->minutes_silence || words == NULL ||
        !sb_date_from_number(sb_yyyymmdd_of(sent_ms), &sent))
        return false;
    sb_deadline_meaning m = sb_deadline_meaning_of(words);
    return m.has_first && sb_deadline_of(arena, &m.first, sent, out, NULL) == SB_OK;
}

uint64_t sb_silence_ms(sb_arena *arena, const Sb__Body *body, uint64_t sent_ms)
{
    sb_deadline d;
    if (!sb_silence_counting(arena, body, sent_ms, &d))
        return 0;
    return d.moment_ms > 0 ? (uint64_t)d.moment_ms : 0;
}

bool sb_minutes_ready(sb_arena *arena, const Sb__Body *body, uint32_t meeting_date,
                      uint64_t sent_ms, sb_noted *out)
{
    const Sb__Deadline *words =
        sb_deadline_words(body, SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY);
    sb_deadline d;
    sb_date anchor;
    if (words == NULL || !sb_date_from_number(meeting_date, &anchor))
        return false;
    sb_deadline_meaning m = sb_deadline_meaning_of(words);
    if (!m.has_last || sb_deadline_of(arena, &m.last, anchor, &d, NULL) != SB_OK)
        return false;
    *out = (sb_noted){.words = words, .to = sb_date_number(d.day), .actual_ms = sent_ms};
    out->kept = sent_ms != 0 && sb_yyyymmdd_of(sent_ms) <= out->to;
    return true;
}
