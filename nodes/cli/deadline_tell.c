#include "nodes/cli/deadline_tell.h"

#include "proto/calendar/oslo.h"
#include "proto/ledger/deadlines.h"
#include "proto/text/counting.h"

typedef struct teller {
    sb_cli *cli;
    const Sb__Body *body;
    const sb_deadline_ask *ask;
    bool has_ready; /* the minutes must be available by then */
    sb_date ready;
} teller;

/* ---- words ---- */

static const char *taken(sb_cli *cli, sb_buf *words)
{
    const char *text = sb_arena_str(&cli->arena, sb_buf_slice(words));
    sb_buf_deinit(words);
    return text;
}

static const char *short_date(sb_cli *cli, sb_date date)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_date_short(&b, cli->lang, date.year, date.month, date.day);
    return taken(cli, &b);
}

static const char *weekday_date(sb_cli *cli, sb_date date)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_weekday_date(&b, cli->lang, date);
    return taken(cli, &b);
}

/* "torsdag 27.01.2022 kl. 00.00" */
static const char *midnight(sb_cli *cli, sb_date date)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_weekday_date(&b, cli->lang, date);
    sb_buf_str(&b, " ");
    sb_text_clock(&b, cli->lang, 0);
    return taken(cli, &b);
}

static const char *units(sb_cli *cli, sb_deadline_unit unit, uint32_t count)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_units(&b, cli->lang, unit, count);
    return taken(cli, &b);
}

static const char *format(sb_cli *cli, sb_msg msg, const char *a, const char *b_, const char *c)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_format(&b, cli->lang, msg, a, b_, c, NULL);
    return taken(cli, &b);
}

static const char *capital(sb_cli *cli, const char *text)
{
    char *copy = sb_arena_str(&cli->arena, sb_slice_str(text));
    if (copy[0] >= 'a' && copy[0] <= 'z')
        copy[0] = (char)(copy[0] - 'a' + 'A');
    return copy;
}

/* "referatet", "protokollen" */
static const char *the_minutes(const teller *t)
{
    bool protokoll = strcmp(t->body->minutes_name, "protokoll") == 0;
    return sb_text(protokoll ? SB_MSG_THE_PROTOKOLL : SB_MSG_THE_REFERAT, t->cli->lang);
}

static const char *kind_words(const teller *t, const Sb__Deadline *d)
{
    const char *name = t->body->minutes_name;
    if (d->kind == SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY && name[0] != '\0' &&
        t->cli->lang == SB_LANG_NB)
        return sb_arena_printf(&t->cli->arena, "%s tilgjengelig", name);
    return sb_text_word(SB_TEXT_DEADLINE_KIND, d->kind, t->cli->lang);
}

/* ---- JSON ---- */

static void put_date(sb_json *j, const char *key, bool has, sb_date date)
{
    char text[SB_DATE_TEXT_BYTES];
    sb_json_key(j, key);
    if (has)
        sb_date_iso(date, text);
    sb_json_cstr(j, has ? text : NULL);
}

static void put_moment(sb_json *j, const char *key, bool has, int64_t ms)
{
    sb_json_key(j, key);
    if (has)
        sb_json_i64(j, ms);
    else
        sb_json_null(j);
}

static void put_days(sb_json *j, const char *key, const sb_deadline *d)
{
    sb_json_key(j, key);
    if (d->day_count > 0)
        sb_deadline_days_json(j, d->days, d->day_count);
    else
        sb_json_null(j);
}

/* ---- the counting ---- */

static void say_counting(sb_cli *cli, const sb_text_counted *counted, const char *after)
{
    sb_buf lines;
    sb_buf_init(&lines);
    sb_text_counting(&lines, cli->lang, "    ", counted);
    if (after != NULL)
        sb_buf_printf(&lines, "    %s\n", after);
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
}

/* Weekends and holidays don't move a boundary; say so where one falls on them. */
static void say_day_off(sb_cli *cli, sb_date day)
{
    sb_holiday h = sb_holiday_of(day);
    sb_weekday w = sb_date_weekday(day);
    if (h == SB_HOLIDAY_NONE && w <= SB_FRIDAY)
        return;
    const char *name = cli->lang == SB_LANG_EN ? sb_holiday_en(h) : sb_holiday_nb(h);
    if (h == SB_HOLIDAY_NONE)
        name = cli->lang == SB_LANG_EN ? sb_weekday_en(w) : sb_weekday_nb(w);
    sb_cli_say(cli, "  %s",
               format(cli, SB_MSG_DEADLINE_ON_HOLIDAY, short_date(cli, day), name, NULL));
}

/* ---- from the meeting ---- */

static const char *bounds_words(sb_cli *cli, bool has_first, sb_date first, bool has_last,
                                sb_date last)
{
    const char *a = has_first ? short_date(cli, first) : "",
               *b = has_last ? short_date(cli, last) : "";
    if (has_first && has_last)
        return format(cli, SB_MSG_BOUND_BETWEEN, a, b, NULL);
    return has_first ? format(cli, SB_MSG_BOUND_FIRST, a, NULL, NULL)
                     : format(cli, SB_MSG_BOUND_LAST, b, NULL, NULL);
}

static sb_msg demanded_msg(const Sb__Deadline *d)
{
    switch ((int)d->kind) {
    case SB__DEADLINE_KIND__DEADLINE_KIND_CASE_REPORTED:
        return SB_MSG_DEMANDED_CASE;
    case SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT:
        return SB_MSG_DEMANDED_PAPERS;
    case SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY:
        return SB_MSG_DEMANDED_READY;
    case SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE:
        return SB_MSG_DEMANDED_NOTICE;
    }
    return SB_MSG_DEMANDED_OTHER;
}

typedef struct bounds {
    bool has_first, has_last;
    sb_deadline first, last;
} bounds;

static sb_err bounds_of(sb_cli *cli, const sb_deadline_meaning *m, sb_date anchor, bounds *out)
{
    sb_err err = SB_OK;
    *out = (bounds){.has_first = m->has_first, .has_last = m->has_last};
    if (m->has_first)
        err = sb_deadline_of(&cli->arena, &m->first, anchor, &out->first, &cli->fail);
    if (err == SB_OK && m->has_last)
        err = sb_deadline_of(&cli->arena, &m->last, anchor, &out->last, &cli->fail);
    return err;
}

static void tell_meeting(const teller *t, const Sb__Deadline *d, const sb_deadline_meaning *m,
                         const bounds *b)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    const sb_deadline *widest =
        !b->has_last || (b->has_first && b->first.day_count > b->last.day_count) ? &b->first
                                                                                 : &b->last;
    bool same = b->has_first && b->has_last && sb_date_cmp(b->first.day, b->last.day) == 0;
    sb_text_mark marks[2];
    uint32_t mark_count = 0;
    if (b->has_last)
        marks[mark_count++] = (sb_text_mark){
            b->last.day, sb_text(same ? SB_MSG_COUNT_ONLY : SB_MSG_COUNT_LAST, cli->lang)};
    if (b->has_first)
        marks[mark_count++] = (sb_text_mark){b->first.day, sb_text(SB_MSG_COUNT_FIRST, cli->lang)};
    const sb_text_counted counted = {.days = widest->days,
                                     .day_count = widest->day_count,
                                     .unit = b->has_last ? m->last.unit : m->first.unit,
                                     .anchor = sb_text(SB_MSG_COUNT_MEETING, cli->lang),
                                     .marks = marks,
                                     .mark_count = mark_count};
    sb_cli_say(cli, "  %s",
               format(cli, demanded_msg(d), short_date(cli, t->ask->meeting),
                      bounds_words(cli, b->has_first, b->first.day, b->has_last, b->last.day),
                      the_minutes(t)));
    say_counting(cli, &counted, NULL);
    if (d->kind == SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE)
        sb_cli_say(cli, "  %s", sb_text(SB_MSG_DEADLINE_NOTICE_INSTEAD, cli->lang));
    if (b->has_first)
        say_day_off(cli, b->first.day);
    if (b->has_last && !same)
        say_day_off(cli, b->last.day);
    sb_json_object(j);
    put_date(j, "counted_from", true, t->ask->meeting);
    put_date(j, "from", b->has_first, b->first.day);
    put_date(j, "to", b->has_last, b->last.day);
    put_moment(j, "from_ms", b->has_first, b->first.moment_ms);
    put_moment(j, "until_ms", b->has_last, b->last.moment_ms);
    put_days(j, "counting", widest);
    sb_json_end_object(j);
}

/* ---- from the act ---- */

static sb_msg fits_msg(const Sb__Deadline *d)
{
    switch ((int)d->kind) {
    case SB__DEADLINE_KIND__DEADLINE_KIND_CASE_REPORTED:
        return SB_MSG_FITS_CASE;
    case SB__DEADLINE_KIND__DEADLINE_KIND_PAPERS_SENT:
        return SB_MSG_FITS_PAPERS;
    case SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY:
        return SB_MSG_FITS_READY;
    case SB__DEADLINE_KIND__DEADLINE_KIND_NOTICE:
        return SB_MSG_FITS_NOTICE;
    }
    return SB_MSG_FITS_OTHER;
}

static const char *fit_words(sb_cli *cli, const bounds *fit)
{
    const char *a = fit->has_first ? short_date(cli, fit->first.day) : "";
    const char *b = fit->has_last ? short_date(cli, fit->last.day) : "";
    if (fit->has_first && fit->has_last && sb_date_cmp(fit->first.day, fit->last.day) > 0)
        return sb_text(SB_MSG_FIT_NONE, cli->lang);
    if (fit->has_first && fit->has_last)
        return format(cli, SB_MSG_FIT_BETWEEN, a, b, NULL);
    return fit->has_first ? format(cli, SB_MSG_FIT_FIRST, a, NULL, NULL)
                          : format(cli, SB_MSG_FIT_LAST, b, NULL, NULL);
}

static void say_fit(const teller *t, const Sb__Deadline *d, const sb_deadline *fit,
                    const sb_deadline_rule *rule, sb_msg anchor)
{
    const sb_text_mark mark = {t->ask->act[d->kind], kind_words(t, d)};
    const sb_text_counted counted = {.days = fit->days,
                                     .day_count = fit->day_count,
                                     .unit = rule->unit,
                                     .turned = rule->direction == SB_DEADLINE_BEFORE,
                                     .anchor = sb_text(anchor, t->cli->lang),
                                     .marks = &mark,
                                     .mark_count = 1};
    say_counting(t->cli, &counted, NULL);
}

/* Is it in time for the meeting that was asked about? */
static bool say_verdict(const teller *t, sb_date act, const bounds *b)
{
    sb_cli *cli = t->cli;
    int32_t late = b->has_last ? sb_date_diff(b->last.day, act) : 0;
    int32_t early = b->has_first ? sb_date_diff(act, b->first.day) : 0;
    const char *meeting = short_date(cli, t->ask->meeting);
    sb_msg msg = late > 0 ? SB_MSG_FIT_LATE : early > 0 ? SB_MSG_FIT_EARLY : SB_MSG_FIT_KEPT;
    const char *by = units(cli, SB_UNIT_DAY, (uint32_t)(late > 0 ? late : early > 0 ? early : 0));
    sb_cli_say(cli, "  %s", format(cli, msg, meeting, by, NULL));
    return late <= 0 && early <= 0;
}

/* `b`: of the meeting, NULL when none was asked about. */
static sb_err tell_act(const teller *t, const Sb__Deadline *d, const sb_deadline_meaning *m,
                       const bounds *b)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    sb_date act = t->ask->act[d->kind];
    bounds fit = {.has_first = m->has_last, .has_last = m->has_first};
    sb_err err = SB_OK;
    if (m->has_last)
        err = sb_deadline_anchor_of(&cli->arena, &m->last, act, &fit.first, &cli->fail);
    if (err == SB_OK && m->has_first)
        err = sb_deadline_anchor_of(&cli->arena, &m->first, act, &fit.last, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_cli_say(cli, "  %s",
               format(cli, fits_msg(d), short_date(cli, act), fit_words(cli, &fit),
                      capital(cli, kind_words(t, d))));
    if (fit.has_first)
        say_fit(t, d, &fit.first, &m->last, SB_MSG_COUNT_MEETING_FIRST);
    if (fit.has_last)
        say_fit(t, d, &fit.last, &m->first, SB_MSG_COUNT_MEETING_LAST);
    bool before_it = m->has_last && m->last.direction == SB_DEADLINE_AFTER && b != NULL &&
                     sb_date_cmp(act, t->ask->meeting) < 0; /* of another meeting, then */
    bool judged = b != NULL && !before_it, kept = judged && say_verdict(t, act, b);
    sb_json_object(j);
    put_date(j, "on", true, act);
    put_date(j, "first_meeting", fit.has_first, fit.first.day);
    put_date(j, "last_meeting", fit.has_last, fit.last.day);
    sb_json_key(j, "kept");
    if (judged)
        sb_json_bool(j, kept);
    else
        sb_json_null(j);
    put_days(j, "first_counting", &fit.first);
    put_days(j, "last_counting", &fit.last);
    sb_json_end_object(j);
    return SB_OK;
}

/* ---- silence ---- */

/* A draft sent that day: when is it approved? */
static sb_err tell_draft(const teller *t, const sb_deadline_rule *rule, sb_date sent)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    sb_deadline d;
    sb_err err = sb_deadline_of(&cli->arena, rule, sent, &d, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_date asked_by = sb_date_add(d.day, -1);
    const sb_text_mark mark = {asked_by, sb_text(SB_MSG_COUNT_LAST_REQUEST, cli->lang)};
    const sb_text_counted counted = {.days = d.days,
                                     .day_count = d.day_count,
                                     .unit = rule->unit,
                                     .anchor = sb_text(SB_MSG_COUNT_DRAFT, cli->lang),
                                     .marks = &mark,
                                     .mark_count = 1};
    sb_cli_say(cli, "  %s",
               format(cli, SB_MSG_SILENCE_DRAFT, short_date(cli, sent), midnight(cli, d.day),
                      short_date(cli, asked_by)));
    sb_buf clock;
    sb_buf_init(&clock);
    sb_text_clock(&clock, cli->lang, 0);
    say_counting(
        cli, &counted,
        sb_arena_printf(&cli->arena, "%s\t%s", weekday_date(cli, d.day),
                        format(cli, SB_MSG_COUNT_APPROVED, taken(cli, &clock), NULL, NULL)));
    bool in_time = t->has_ready && sb_date_cmp(d.day, t->ready) <= 0;
    if (t->has_ready)
        sb_cli_say(cli, "  %s",
                   format(cli, in_time ? SB_MSG_SILENCE_IN_TIME : SB_MSG_SILENCE_LATE,
                          short_date(cli, t->ready), the_minutes(t),
                          sb_text(SB_MSG_MINUTES_NOT_APPROVED, cli->lang)));
    sb_json_object(j);
    put_date(j, "counted_from", true, sent);
    put_date(j, "last_request", true, asked_by);
    put_date(j, "approved", true, d.day);
    put_moment(j, "approved_ms", true, d.moment_ms);
    sb_json_key(j, "approved_when_due");
    if (t->has_ready)
        sb_json_bool(j, in_time);
    else
        sb_json_null(j);
    put_days(j, "counting", &d);
    sb_json_end_object(j);
    return SB_OK;
}

static sb_err tell_silence(const teller *t, const Sb__Deadline *d, const sb_deadline_rule *rule)
{
    sb_cli *cli = t->cli;
    sb_deadline last = {0};
    sb_err err = SB_OK;
    bool possible = false;
    if (t->has_ready) {
        err = sb_deadline_anchor_of(&cli->arena, rule, t->ready, &last, &cli->fail);
        if (err != SB_OK)
            return err;
        possible = sb_date_cmp(last.day, t->ask->meeting) >= 0;
        sb_cli_say(cli, "  %s",
                   format(cli, possible ? SB_MSG_SILENCE_SEND_BY : SB_MSG_SILENCE_CANNOT,
                          short_date(cli, t->ready), the_minutes(t), short_date(cli, last.day)));
    }
    put_date(&cli->json, "send_by", possible, last.day);
    sb_json_key(&cli->json, "draft");
    if (t->ask->has_act[d->kind])
        return tell_draft(t, rule, t->ask->act[d->kind]);
    if (possible)
        return tell_draft(t, rule, last.day);
    sb_json_null(&cli->json);
    sb_cli_say(cli, "  %s", sb_text(SB_MSG_DEADLINE_NO_DRAFT, cli->lang));
    return SB_OK;
}

/* ---- one deadline ---- */

/* "minst 3 uker før møtet" */
static const char *demand(sb_cli *cli, const sb_deadline_meaning *m)
{
    uint32_t least = m->last.count, most = m->first.count;
    if (m->from_draft && m->has_first)
        return format(cli, SB_MSG_DEMAND_SILENCE, units(cli, m->first.unit, most), NULL, NULL);
    if (m->has_last && m->last.direction == SB_DEADLINE_AFTER)
        return format(cli, SB_MSG_DEMAND_AFTER, units(cli, m->last.unit, least), NULL, NULL);
    if (m->has_last && m->has_first)
        return format(cli, SB_MSG_DEMAND_BEFORE_BETWEEN, sb_arena_printf(&cli->arena, "%u", least),
                      units(cli, m->first.unit, most), NULL);
    if (m->has_last)
        return format(cli, SB_MSG_DEMAND_BEFORE, units(cli, m->last.unit, least), NULL, NULL);
    if (m->has_first)
        return format(cli, SB_MSG_DEMAND_BEFORE_MOST, units(cli, m->first.unit, most), NULL, NULL);
    return sb_text(SB_MSG_DEMAND_NONE, cli->lang);
}

static void tell_heading(const teller *t, const Sb__Deadline *d, const sb_deadline_meaning *m)
{
    sb_cli *cli = t->cli;
    sb_json *j = &cli->json;
    const char *effect = sb_text_word(SB_TEXT_DEADLINE_EFFECT, d->effect, cli->lang);
    sb_cli_say(cli, "%s", "");
    sb_cli_say(cli, "%s: %s (%s%s%s)", capital(cli, kind_words(t, d)), demand(cli, m), d->cite,
               d->cite[0] != '\0' ? "; " : "", effect);
    if (d->assumed[0] != '\0')
        sb_cli_say(cli, "  %s", capital(cli, format(cli, SB_MSG_ASSUMED, d->assumed, NULL, NULL)));
    sb_json_key(j, "kind");
    sb_json_cstr(j, sb_text_code(SB_TEXT_DEADLINE_KIND, d->kind));
    sb_json_key(j, "least");
    sb_json_u64(j, d->least);
    sb_json_key(j, "most");
    sb_json_u64(j, d->most);
    sb_json_key(j, "unit");
    sb_json_cstr(j, sb_text_code(SB_TEXT_DEADLINE_UNIT, d->unit));
    sb_json_key(j, "effect");
    sb_json_cstr(j, sb_text_code(SB_TEXT_DEADLINE_EFFECT, d->effect));
    sb_json_key(j, "cite");
    sb_json_cstr(j, d->cite[0] != '\0' ? d->cite : NULL);
    sb_json_key(j, "assumed");
    sb_json_cstr(j, d->assumed[0] != '\0' ? d->assumed : NULL);
}

static sb_err tell_one(const teller *t, const Sb__Deadline *d)
{
    sb_json *j = &t->cli->json;
    sb_deadline_meaning m = sb_deadline_meaning_of(d);
    bounds b;
    sb_err err = SB_OK;
    tell_heading(t, d, &m);
    if (!m.has_first && !m.has_last)
        return SB_OK;
    if (m.from_draft && !t->body->minutes_silence) {
        sb_cli_say(t->cli, "  %s",
                   format(t->cli, SB_MSG_SILENCE_OFF, capital(t->cli, the_minutes(t)), NULL, NULL));
        return SB_OK;
    }
    if (m.from_draft)
        return tell_silence(t, d, &m.first);
    sb_json_key(j, "meeting");
    if (t->ask->has_meeting) {
        err = bounds_of(t->cli, &m, t->ask->meeting, &b);
        if (err == SB_OK)
            tell_meeting(t, d, &m, &b);
    } else {
        sb_json_null(j);
    }
    if (err != SB_OK)
        return err;
    sb_json_key(j, "act");
    if (t->ask->has_act[d->kind])
        return tell_act(t, d, &m, t->ask->has_meeting ? &b : NULL);
    sb_json_null(j);
    return SB_OK;
}

/* By when the minutes of the meeting asked about must be available. */
static sb_err find_ready(teller *t)
{
    sb_err err = SB_OK;
    for (size_t i = 0; err == SB_OK && t->ask->has_meeting && i < t->body->n_deadlines; i++) {
        sb_deadline_meaning m = sb_deadline_meaning_of(t->body->deadlines[i]);
        bounds b;
        if (t->body->deadlines[i]->kind != SB__DEADLINE_KIND__DEADLINE_KIND_MINUTES_READY ||
            !m.has_last || t->has_ready)
            continue;
        err = bounds_of(t->cli, &m, t->ask->meeting, &b);
        t->has_ready = err == SB_OK;
        t->ready = b.last.day;
    }
    return err;
}

/* Without a meeting only what was asked about an act is told. */
static bool is_asked(const sb_deadline_ask *ask, const Sb__Deadline *d)
{
    return (int)d->kind < (int)SB_DEADLINE_KINDS && (ask->has_meeting || ask->has_act[d->kind]);
}

/* "Strategisk samarbeidsutvalg (SSU), møtet torsdag 20. januar 2022" */
static void say_title(sb_cli *cli, const Sb__Body *body, const sb_deadline_ask *ask)
{
    sb_weekday w = ask->has_meeting ? sb_date_weekday(ask->meeting) : SB_MONDAY;
    sb_buf title;
    sb_buf_init(&title);
    sb_buf_str(&title, body->name);
    if (body->short_name[0] != '\0')
        sb_buf_printf(&title, " (%s)", body->short_name);
    if (ask->has_meeting) {
        sb_buf_printf(&title, ", %s %s ", sb_text(SB_MSG_COUNT_MEETING, cli->lang),
                      cli->lang == SB_LANG_EN ? sb_weekday_en(w) : sb_weekday_nb(w));
        sb_text_date(&title, cli->lang, ask->meeting.year, ask->meeting.month, ask->meeting.day);
    }
    sb_cli_say(cli, "%s", taken(cli, &title));
    sb_json_key(&cli->json, "body");
    sb_json_cstr(&cli->json, body->id);
    put_date(&cli->json, "meeting", ask->has_meeting, ask->meeting);
}

sb_err sb_deadline_tell(sb_cli *cli, const Sb__Body *body, const sb_deadline_ask *ask)
{
    teller t = {.cli = cli, .body = body, .ask = ask};
    sb_json *j = &cli->json;
    sb_err err = find_ready(&t);
    if (err != SB_OK)
        return err;
    say_title(cli, body, ask);
    sb_json_key(j, "deadlines");
    sb_json_array(j);
    uint32_t told = 0;
    for (size_t i = 0; i < body->n_deadlines; i++) {
        if (!is_asked(ask, body->deadlines[i]))
            continue;
        sb_json_object(j);
        err = tell_one(&t, body->deadlines[i]);
        if (err != SB_OK)
            return err; /* the answer is thrown away, unfinished as it is */
        sb_json_end_object(j);
        told++;
    }
    sb_json_end_array(j);
    if (told == 0)
        sb_cli_say(cli, "  %s", sb_text(SB_MSG_DEADLINE_NONE_SUCH, cli->lang));
    if (body->bar_cite[0] != '\0' && ask->has_meeting) {
        sb_cli_say(cli, "%s", "");
        sb_cli_say(cli, "%s", format(cli, SB_MSG_DEADLINE_BAR, body->bar_cite, NULL, NULL));
    }
    sb_json_key(j, "bar_cite");
    sb_json_cstr(j, body->bar_cite[0] != '\0' ? body->bar_cite : NULL);
    return SB_OK;
}

sb_err sb_deadline_tell_rule(sb_cli *cli, const sb_deadline_rule *rule, sb_date from)
{
    sb_json *j = &cli->json;
    sb_deadline d;
    sb_err err = sb_deadline_of(&cli->arena, rule, from, &d, &cli->fail);
    if (err != SB_OK)
        return err;
    const sb_text_mark mark = {d.day, sb_text(SB_MSG_COUNT_LAST, cli->lang)};
    const sb_text_counted counted = {.days = d.days,
                                     .day_count = d.day_count,
                                     .unit = rule->unit,
                                     .anchor = sb_text(SB_MSG_COUNT_START, cli->lang),
                                     .marks = &mark,
                                     .mark_count = 1};
    bool before = rule->direction == SB_DEADLINE_BEFORE;
    sb_buf line;
    sb_buf_init(&line);
    sb_text_format(&line, cli->lang, before ? SB_MSG_RULE_BEFORE : SB_MSG_RULE_AFTER,
                   units(cli, rule->unit, rule->count), short_date(cli, from),
                   weekday_date(cli, d.day), midnight(cli, sb_date_add(d.day, 1)), NULL);
    sb_cli_say(cli, "%s", taken(cli, &line));
    say_counting(cli, &counted, NULL);
    put_date(j, "counted_from", true, from);
    put_date(j, "to", true, d.day);
    put_moment(j, "until_ms", true, d.moment_ms);
    put_days(j, "counting", &d);
    return SB_OK;
}
