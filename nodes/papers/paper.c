#include "nodes/papers/paper.h"

#include <assert.h>

#include "nodes/papers/paper_style.h"
#include "nodes/papers/paper_text.h"

static bool is_html(const sb_paper *p)
{
    return p->format == SB_PAPER_HTML;
}

static void put(sb_paper *p, const char *text)
{
    sb_buf_str(p->out, text);
}

static void put_escaped(sb_paper *p, const char *text, bool at_start)
{
    if (text != NULL)
        sb_paper_escape(p->format, sb_slice_str(text), at_start, p->out);
}

void sb_paper_begin(sb_paper *p, sb_paper_format format, sb_lang lang, const char *title,
                    sb_buf *out)
{
    *p = (sb_paper){.format = format, .lang = lang, .out = out};
    if (!is_html(p))
        return;
    put(p, "<!DOCTYPE html>\n<html lang=\"");
    put(p, lang == SB_LANG_NB ? "nb" : "en");
    put(p, "\">\n<head>\n<meta charset=\"utf-8\">\n"
           "<meta http-equiv=\"Content-Security-Policy\" "
           "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    put_escaped(p, title, false);
    put(p, "</title>\n<style>\n");
    put(p, sb_paper_css);
    sb_buf_printf(out, "del::before { content: \"%s\"; }\nins::before { content: \"%s\"; }\n",
                  sb_text(SB_MSG_PAPER_CSS_STRUCK, lang), sb_text(SB_MSG_PAPER_CSS_NEW, lang));
    put(p, "</style>\n</head>\n<body>\n");
}

void sb_paper_end(sb_paper *p)
{
    if (is_html(p))
        put(p, "</body>\n</html>\n");
}

void sb_paper_banner(sb_paper *p, const char *title, const char *text)
{
    put(p, is_html(p) ? "<p class=\"banner\" role=\"note\"><strong>" : "> **");
    put_escaped(p, title, true);
    put(p, is_html(p) ? "</strong> " : "** ");
    put_escaped(p, text, false);
    put(p, is_html(p) ? "</p>\n" : "\n\n");
}

/* ---- regions and headings ---- */

static const char *tag_of(sb_paper_region region)
{
    switch (region) {
    case SB_PAPER_HEADER:
        return "header";
    case SB_PAPER_MAIN:
        return "main";
    case SB_PAPER_SECTION:
    case SB_PAPER_DECISION:
        return "section";
    case SB_PAPER_ARTICLE:
        return "article";
    case SB_PAPER_FOOTER:
        return "footer";
    }
    return "div";
}

void sb_paper_open_region(sb_paper *p, sb_paper_region region, const char *id)
{
    if (!is_html(p)) {
        if (region == SB_PAPER_ARTICLE || region == SB_PAPER_FOOTER)
            put(p, "---\n\n");
        return;
    }
    put(p, "<");
    put(p, tag_of(region));
    if (region == SB_PAPER_DECISION)
        put(p, " class=\"decision\"");
    if (id != NULL)
        sb_buf_printf(p->out, " aria-labelledby=\"%s\"", id);
    put(p, ">\n");
}

void sb_paper_close_region(sb_paper *p, sb_paper_region region)
{
    if (is_html(p))
        sb_buf_printf(p->out, "</%s>\n", tag_of(region));
}

void sb_paper_heading(sb_paper *p, uint32_t level, const char *id, const char *text)
{
    assert(level >= 1 && level <= 4);
    if (is_html(p)) {
        sb_buf_printf(p->out, "<h%u", level);
        if (id != NULL)
            sb_buf_printf(p->out, " id=\"%s\"", id);
        put(p, ">");
        put_escaped(p, text, true);
        sb_buf_printf(p->out, "</h%u>\n", level);
        return;
    }
    put(p, &"#### "[4 - level]);
    put_escaped(p, text, true);
    put(p, "\n\n");
}

/* ---- runs ---- */

void sb_paper_open_para(sb_paper *p)
{
    p->at_start = true;
    if (is_html(p))
        put(p, "<p>");
}

void sb_paper_close_para(sb_paper *p)
{
    put(p, is_html(p) ? "</p>\n" : "\n\n");
}

void sb_paper_run(sb_paper *p, sb_paper_style style, sb_slice text)
{
    static const char *const marks[2][5][2] = {
        {{"", ""}, {"**", "**"}, {"~~", "~~"}, {"**", "**"}, {"`", "`"}},
        {{"", ""},
         {"<strong>", "</strong>"},
         {"<del>", "</del>"},
         {"<ins>", "</ins>"},
         {"<code>", "</code>"}},
    };
    if (text.len == 0)
        return;
    put(p, marks[is_html(p)][style][0]);
    if (style == SB_PAPER_CODE)
        sb_paper_escape_code(p->format, text, p->out);
    else
        sb_paper_escape(p->format, text, p->at_start, p->out);
    put(p, marks[is_html(p)][style][1]);
    p->at_start = false;
}

void sb_paper_str(sb_paper *p, sb_paper_style style, const char *text)
{
    if (text != NULL)
        sb_paper_run(p, style, sb_slice_str(text));
}

void sb_paper_para(sb_paper *p, const char *text)
{
    sb_paper_open_para(p);
    sb_paper_str(p, SB_PAPER_PLAIN, text);
    sb_paper_close_para(p);
}

/* ---- prose ---- */

typedef enum prose_in { PROSE_NOTHING, PROSE_PARA, PROSE_LIST } prose_in;

static prose_in prose_close(sb_paper *p, prose_in in)
{
    if (in == PROSE_PARA)
        sb_paper_close_para(p);
    if (in == PROSE_LIST) {
        sb_paper_close_item(p);
        sb_paper_close_list(p);
    }
    return PROSE_NOTHING;
}

static sb_slice trimmed(sb_slice line)
{
    while (line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t'))
        line = sb_slice_of(line.data + 1, line.len - 1);
    while (line.len > 0 && strchr(" \t\r", line.data[line.len - 1]) != NULL)
        line.len--;
    return line;
}

static prose_in prose_line(sb_paper *p, prose_in in, sb_slice line)
{
    if (line.len == 0)
        return prose_close(p, in);
    bool is_item = line.len > 2 && line.data[0] == '-' && line.data[1] == ' ';
    if (is_item) {
        if (in == PROSE_LIST) {
            sb_paper_close_item(p);
        } else {
            prose_close(p, in);
            sb_paper_open_list(p, 0);
        }
        sb_paper_open_item(p);
        sb_paper_run(p, SB_PAPER_PLAIN, sb_slice_of(line.data + 2, line.len - 2));
        return PROSE_LIST;
    }
    if (in == PROSE_NOTHING) {
        sb_paper_open_para(p);
        in = PROSE_PARA;
    } else {
        put(p, " ");
    }
    sb_paper_run(p, SB_PAPER_PLAIN, line);
    return in;
}

void sb_paper_prose(sb_paper *p, const char *text)
{
    prose_in in = PROSE_NOTHING;
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, "\n");
        in = prose_line(p, in, trimmed(sb_slice_of(text, len)));
        text += len;
        if (*text == '\n')
            text++;
    }
    prose_close(p, in);
}

/* ---- facts ---- */

void sb_paper_open_facts(sb_paper *p)
{
    if (is_html(p))
        put(p, "<dl>\n");
}

static void fact(sb_paper *p, const char *label, const char *value, sb_paper_style style)
{
    if (sb_paper_is_blank(value))
        return;
    put(p, is_html(p) ? "<div><dt>" : "- **");
    put_escaped(p, label, true);
    put(p, is_html(p) ? "</dt><dd>" : ":** ");
    p->at_start = false;
    sb_paper_str(p, style, value);
    put(p, is_html(p) ? "</dd></div>\n" : "\n");
}

void sb_paper_fact(sb_paper *p, const char *label, const char *value)
{
    fact(p, label, value, SB_PAPER_PLAIN);
}

void sb_paper_fact_code(sb_paper *p, const char *label, const char *value)
{
    fact(p, label, value, SB_PAPER_CODE);
}

void sb_paper_close_facts(sb_paper *p)
{
    put(p, is_html(p) ? "</dl>\n" : "\n");
}

/* ---- lists ---- */

void sb_paper_open_list(sb_paper *p, uint32_t first)
{
    p->list_number = first;
    if (!is_html(p))
        return;
    if (first > 1)
        sb_buf_printf(p->out, "<ol start=\"%u\">\n", first);
    else
        put(p, first == 1 ? "<ol>\n" : "<ul>\n");
}

void sb_paper_open_item(sb_paper *p)
{
    p->at_start = true;
    if (is_html(p))
        put(p, "<li>");
    else if (p->list_number > 0)
        sb_buf_printf(p->out, "%u. ", p->list_number);
    else
        put(p, "- ");
}

void sb_paper_close_item(sb_paper *p)
{
    put(p, is_html(p) ? "</li>\n" : "\n");
    if (p->list_number > 0)
        p->list_number++;
}

void sb_paper_close_list(sb_paper *p)
{
    if (is_html(p))
        put(p, p->list_number > 0 ? "</ol>\n" : "</ul>\n");
    else
        put(p, "\n");
}

/* ---- tables ---- */

void sb_paper_open_table(sb_paper *p, const char *caption, const char *const *headers,
                         uint32_t columns)
{
    p->columns = columns;
    put(p, is_html(p) ? "<table>\n<caption>" : "**");
    put_escaped(p, caption, true);
    put(p, is_html(p) ? "</caption>\n<thead>\n<tr>" : "**\n\n|");
    for (uint32_t i = 0; i < columns; i++) {
        put(p, is_html(p) ? "<th scope=\"col\">" : " ");
        put_escaped(p, headers[i], false);
        put(p, is_html(p) ? "</th>" : " |");
    }
    put(p, is_html(p) ? "</tr>\n</thead>\n<tbody>\n" : "\n|");
    for (uint32_t i = 0; i < columns && !is_html(p); i++)
        put(p, " --- |");
    if (!is_html(p))
        put(p, "\n");
}

void sb_paper_row(sb_paper *p, const char *const *cells)
{
    put(p, is_html(p) ? "<tr>" : "|");
    for (uint32_t i = 0; i < p->columns; i++) {
        if (is_html(p))
            put(p, i == 0 ? "<th scope=\"row\">" : "<td>");
        else
            put(p, " ");
        put_escaped(p, cells[i], false);
        if (is_html(p))
            put(p, i == 0 ? "</th>" : "</td>");
        else
            put(p, " |");
    }
    put(p, is_html(p) ? "</tr>\n" : "\n");
}

void sb_paper_close_table(sb_paper *p)
{
    put(p, is_html(p) ? "</tbody>\n</table>\n" : "\n");
}

void sb_paper_command(sb_paper *p, const char *text)
{
    put(p, is_html(p) ? "<pre><code>" : "    ");
    sb_paper_escape_code(p->format, sb_slice_str(text), p->out);
    put(p, is_html(p) ? "</code></pre>\n" : "\n\n");
}
