/* The minutes from top to bottom; the parts are in minutes_people.c, minutes_case.c and
 * minutes_about.c. */
#include "nodes/papers/minutes.h"

#include <assert.h>

#include "nodes/papers/minutes_inside.h"

/* ---- words ---- */

const char *sb_minutes_word(const sb_minutes_writer *w, sb_msg msg)
{
    return sb_text(msg, w->lang);
}

static const char *keep(sb_minutes_writer *w, sb_buf *b)
{
    const char *text = sb_arena_str(&w->arena, sb_buf_slice(b));
    sb_buf_deinit(b);
    return text;
}

const char *sb_minutes_words(sb_minutes_writer *w, sb_msg msg, const char *a0, const char *a1,
                             const char *a2, const char *a3)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_format(&b, w->lang, msg, sb_minutes_text(a0), sb_minutes_text(a1), sb_minutes_text(a2),
                   sb_minutes_text(a3), NULL);
    return keep(w, &b);
}

const char *sb_minutes_date(sb_minutes_writer *w, uint32_t yyyymmdd)
{
    sb_buf b;
    sb_buf_init(&b);
    if (yyyymmdd != 0)
        sb_text_wire_date(&b, w->lang, yyyymmdd);
    return keep(w, &b);
}

const char *sb_minutes_short(sb_minutes_writer *w, uint32_t yyyymmdd)
{
    sb_buf b;
    sb_buf_init(&b);
    if (yyyymmdd != 0)
        sb_text_wire_date_short(&b, w->lang, yyyymmdd);
    return keep(w, &b);
}

const char *sb_minutes_clock(sb_minutes_writer *w, uint32_t minute)
{
    sb_buf b;
    sb_buf_init(&b);
    sb_text_clock(&b, w->lang, minute);
    return keep(w, &b);
}

const char *sb_minutes_number(sb_minutes_writer *w, uint64_t number)
{
    return sb_arena_printf(&w->arena, "%llu", (unsigned long long)number);
}

/* ---- tables ---- */

sb_minutes_table sb_minutes_table_new(sb_minutes_writer *w, const sb_msg *headers, uint32_t columns,
                                      size_t rows_max)
{
    sb_minutes_table t = {.columns = columns};
    assert(columns <= sizeof t.headers / sizeof t.headers[0]);
    for (uint32_t i = 0; i < columns; i++)
        t.headers[i] = sb_minutes_word(w, headers[i]);
    t.cells = SB_ARENA_ARRAY(&w->arena, const char *, columns *rows_max);
    return t;
}

const char **sb_minutes_table_row(sb_minutes_table *t)
{
    return &t->cells[t->columns * t->rows++];
}

/* A table of one column is a list. */
static void write_list(sb_minutes_writer *w, const sb_minutes_table *t, const char *caption)
{
    sb_paper_open_para(&w->p);
    sb_paper_str(&w->p, SB_PAPER_STRONG, caption);
    sb_paper_close_para(&w->p);
    sb_paper_open_list(&w->p, 0);
    for (size_t row = 0; row < t->rows; row++) {
        sb_paper_open_item(&w->p);
        sb_paper_str(&w->p, SB_PAPER_PLAIN, t->cells[row * t->columns]);
        sb_paper_close_item(&w->p);
    }
    sb_paper_close_list(&w->p);
}

void sb_minutes_table_write(sb_minutes_writer *w, const sb_minutes_table *t, const char *caption)
{
    uint32_t shown[6], count = 0;
    for (uint32_t i = 0; i < t->columns; i++) {
        bool is_used = i == 0;
        for (size_t row = 0; row < t->rows && !is_used; row++)
            is_used = !sb_paper_is_blank(t->cells[row * t->columns + i]);
        if (is_used)
            shown[count++] = i;
    }
    if (t->rows == 0)
        return;
    if (count == 1) {
        write_list(w, t, caption);
        return;
    }
    const char *line[6];
    for (uint32_t i = 0; i < count; i++)
        line[i] = t->headers[shown[i]];
    sb_paper_open_table(&w->p, caption, line, count);
    for (size_t row = 0; row < t->rows; row++) {
        for (uint32_t i = 0; i < count; i++)
            line[i] = sb_minutes_text(t->cells[row * t->columns + shown[i]]);
        sb_paper_row(&w->p, line);
    }
    sb_paper_close_table(&w->p);
}

/* ---- the top ---- */

static void write_banners(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    if (m->is_rehearsal)
        sb_paper_banner(&w->p, sb_minutes_word(w, SB_MSG_PAPER_REHEARSAL_TITLE),
                        sb_minutes_word(w, SB_MSG_PAPER_REHEARSAL_TEXT));
    if (!m->is_final)
        sb_paper_banner(&w->p, sb_minutes_word(w, SB_MSG_PAPER_NOT_CONFIRMED_TITLE),
                        sb_minutes_words(w, SB_MSG_PAPER_NOT_CONFIRMED_TEXT,
                                         sb_minutes_number(w, m->confirmed_by),
                                         sb_minutes_number(w, m->organisations),
                                         sb_minutes_number(w, m->needed), NULL));
}

static const char *meeting_time(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    const char *date = sb_minutes_date(w, m->date);
    if (!w->has_times || m->start_minute == SB_MINUTES_NO_TIME)
        return date;
    const char *start = sb_minutes_clock(w, m->start_minute);
    if (m->end_minute == SB_MINUTES_NO_TIME || m->end_minute == 0)
        return sb_minutes_words(w, SB_MSG_PAPER_TIME_FROM, date, start, NULL, NULL);
    const char *end = sb_minutes_clock(w, m->end_minute);
    if (strncmp(end, "kl. ", 4) == 0)
        end += 4; /* "kl. 12.00–15.30" */
    return sb_minutes_words(w, SB_MSG_PAPER_TIME_SPAN, date, start, end, NULL);
}

static const char *chair(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    if (sb_paper_is_blank(m->chair) || m->chair_basis == SB__CHAIR_BASIS__CHAIR_BASIS_INVALID)
        return m->chair;
    return sb_minutes_words(w, SB_MSG_PAPER_CHAIR_BASIS, m->chair,
                            sb_text_chair_basis(m->chair_basis, m->chair_office, w->lang), NULL,
                            NULL);
}

/* "Møtereferat", "Protokoll". English has one word and says the bylaws' own behind it. */
static const char *kind_words(sb_minutes_writer *w)
{
    const char *kind = sb_paper_is_blank(w->m->kind) ? "referat" : w->m->kind;
    if (w->lang != SB_LANG_NB)
        return kind;
    if (strcmp(kind, "referat") == 0)
        return sb_minutes_word(w, SB_MSG_PAPER_MINUTES);
    char *words = sb_arena_printf(&w->arena, "%s", kind);
    if (words[0] >= 'a' && words[0] <= 'z')
        words[0] = (char)(words[0] - 'a' + 'A');
    return words;
}

static const char *title_of(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    const char *body =
        sb_paper_is_blank(m->body_short) || strcmp(m->body_short, sb_minutes_text(m->body)) == 0
            ? sb_minutes_text(m->body)
            : sb_arena_printf(&w->arena, "%s (%s)", sb_minutes_text(m->body), m->body_short);
    const char *title = sb_minutes_words(
        w, m->is_extraordinary ? SB_MSG_PAPER_MINUTES_OF_EXTRAORDINARY : SB_MSG_PAPER_MINUTES_OF,
        kind_words(w), body, NULL, NULL);
    static const char again[] = " (minutes)"; /* bylaws in English call them that, too */
    size_t len = strlen(title), tail = sizeof again - 1;
    bool says_twice = w->lang == SB_LANG_EN && len > tail && strcmp(title + len - tail, again) == 0;
    return says_twice ? sb_arena_printf(&w->arena, "%.*s", (int)(len - tail), title) : title;
}

static void write_top(sb_minutes_writer *w)
{
    const sb_minutes_model *m = w->m;
    sb_paper_open_region(&w->p, SB_PAPER_HEADER, NULL);
    write_banners(w);
    sb_paper_heading(&w->p, 1, NULL, title_of(w));
    sb_paper_open_facts(&w->p);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_HEAD_MEETING_TIME), meeting_time(w));
    const char *form = m->form == SB__MEETING_FORM__MEETING_FORM_INVALID
                           ? ""
                           : sb_text_word(SB_TEXT_MEETING_FORM, m->form, w->lang);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_HEAD_PLACE),
                  sb_paper_is_blank(m->place) ? form : m->place);
    if (m->is_extraordinary)
        sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_EXTRAORDINARY),
                      m->extraordinary_reason);
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_CHAIR), chair(w));
    sb_paper_fact(&w->p, sb_minutes_word(w, SB_MSG_PAPER_HEAD_STATUS), sb_minutes_state_words(w));
    sb_paper_close_facts(&w->p);
    sb_paper_close_region(&w->p, SB_PAPER_HEADER);
}

static bool has_times(const sb_minutes_model *m)
{
    for (size_t g = 0; g < SB_MINUTES_GROUPS; g++)
        for (size_t i = 0; i < m->people[g].count; i++) {
            const sb_minutes_person *person = &m->people[g].items[i];
            for (size_t k = 0; k < person->moment_count; k++)
                if (person->moments[k].minute != SB_MINUTES_NO_TIME)
                    return true;
        }
    return false;
}

static void compose(const sb_minutes_model *m, sb_paper_format format, sb_lang lang, sb_buf *out)
{
    sb_minutes_writer writer = {.m = m, .lang = lang, .has_times = has_times(m)}, *w = &writer;
    sb_arena_init(&w->arena);
    const char *title =
        sb_arena_printf(&w->arena, "%s, %s", title_of(w), sb_minutes_date(w, m->date));
    sb_paper_begin(&w->p, format, lang, title, out);
    write_top(w);
    sb_paper_open_region(&w->p, SB_PAPER_MAIN, NULL);
    sb_minutes_write_people(w);
    sb_minutes_write_rulings(w, 2, m->rulings, m->ruling_count);
    sb_minutes_write_overview(w);
    for (size_t i = 0; i < m->case_count; i++)
        sb_minutes_write_case(w, &m->cases[i]);
    sb_minutes_write_postponed(w);
    sb_minutes_write_remarks(w, 2, sb_minutes_word(w, SB_MSG_PAPER_HEAD_MEETING_REMARKS),
                             m->remarks, m->remark_count);
    sb_paper_close_region(&w->p, SB_PAPER_MAIN);
    sb_minutes_write_about(w);
    sb_paper_end(&w->p);
    sb_arena_deinit(&w->arena);
}

void sb_minutes_markdown(const sb_minutes_model *m, sb_lang lang, sb_buf *out)
{
    compose(m, SB_PAPER_MARKDOWN, lang, out);
}

void sb_minutes_html(const sb_minutes_model *m, sb_lang lang, sb_buf *out)
{
    compose(m, SB_PAPER_HTML, lang, out);
}
