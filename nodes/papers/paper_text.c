#include "nodes/papers/paper_text.h"
#include "proto/wire/utf8.h"

#define REPLACEMENT "\xef\xbf\xbd"

static bool is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v' || c == 0x85 ||
           c == 0x2028 || c == 0x2029;
}

static void put_html(uint32_t c, sb_slice raw, sb_buf *out)
{
    if (c == '<')
        sb_buf_str(out, "&lt;");
    else if (c == '>')
        sb_buf_str(out, "&gt;");
    else if (c == '&')
        sb_buf_str(out, "&amp;");
    else if (c == '"')
        sb_buf_str(out, "&quot;");
    else if (c == '\'')
        sb_buf_str(out, "&#39;");
    else
        sb_buf_add(out, raw);
}

static void put_markdown(uint32_t c, sb_slice raw, sb_buf *out)
{
    if (c < 0x80 && c != 0 && strchr("\\`*_[]<>#|~&", (int)c) != NULL)
        sb_buf_str(out, "\\");
    sb_buf_add(out, raw);
}

/* "- ", "+ ", "===" and "12. ", "12) " mean something at the start of a line; returns how many
 * bytes it wrote. */
static size_t put_markdown_start(sb_slice text, sb_buf *out)
{
    size_t digits = 0;
    while (digits < text.len && digits < 10 && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    if (digits < text.len && strchr(digits == 0 ? "-+=" : ".)", text.data[digits]) != NULL &&
        text.data[digits] != 0) {
        sb_buf_add(out, sb_slice_of(text.data, digits));
        sb_buf_str(out, "\\");
        sb_buf_add(out, sb_slice_of(text.data + digits, 1));
        return digits + 1;
    }
    return 0;
}

/* Marks that are drawn upon the letter before them; more than MARKS_MAX would cover other lines. */
enum { MARKS_MAX = 8 };

static bool is_mark(uint32_t c)
{
    static const uint32_t ranges[][2] = {{0x300, 0x36F},   {0x483, 0x489},   {0x591, 0x5BD},
                                         {0x610, 0x61A},   {0x64B, 0x65F},   {0xE47, 0xE4E},
                                         {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF},
                                         {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

typedef void (*put_fn)(uint32_t c, sb_slice raw, sb_buf *out);

static void put_line(sb_slice text, size_t at, put_fn put, sb_buf *out)
{
    bool spaced = false;
    size_t marks = 0;
    while (at < text.len) {
        size_t from = at;
        uint32_t c;
        if (!sb_utf8_next(text, &at, &c)) {
            at++;
            sb_buf_str(out, REPLACEMENT);
            spaced = false;
        } else if (is_space(c)) {
            if (!spaced)
                sb_buf_str(out, " ");
            spaced = true;
        } else {
            marks = is_mark(c) ? marks + 1 : 0;
            if (sb_code_point_forbidden(c))
                sb_buf_str(out, REPLACEMENT);
            else if (marks <= MARKS_MAX)
                put(c, sb_slice_of(text.data + from, at - from), out);
            spaced = false;
        }
    }
}

void sb_paper_escape(sb_paper_format format, sb_slice text, bool at_start, sb_buf *out)
{
    size_t at = 0;
    if (at_start)
        while (at < text.len && is_space(text.data[at]))
            at++;
    if (at_start && format == SB_PAPER_MARKDOWN)
        at += put_markdown_start(sb_slice_of(text.data + at, text.len - at), out);
    put_line(text, at, format == SB_PAPER_HTML ? put_html : put_markdown, out);
}

static void put_code(uint32_t c, sb_slice raw, sb_buf *out)
{
    if (c == '`')
        sb_buf_str(out, "'");
    else
        sb_buf_add(out, raw);
}

void sb_paper_escape_code(sb_paper_format format, sb_slice text, sb_buf *out)
{
    put_line(text, 0, format == SB_PAPER_HTML ? put_html : put_code, out);
}

bool sb_paper_is_blank(const char *text)
{
    if (text == NULL)
        return true;
    for (; *text != '\0'; text++)
        if (!is_space((uint8_t)*text))
            return false;
    return true;
}
