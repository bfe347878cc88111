#include "proto/sign/lines.h"

sb_lines sb_lines_over(sb_slice text)
{
    return (sb_lines){.rest = text, .number = 0};
}

bool sb_lines_next(sb_lines *lines, sb_slice *line)
{
    lines->number++;
    if (lines->rest.len == 0)
        return false;
    const uint8_t *end = memchr(lines->rest.data, '\n', lines->rest.len);
    if (end == NULL)
        return false;
    size_t len = (size_t)(end - lines->rest.data);
    *line = sb_slice_of(lines->rest.data, len);
    lines->rest = sb_slice_of(end + 1, lines->rest.len - len - 1);
    return true;
}

bool sb_text_skip(sb_slice *text, const char *prefix)
{
    size_t len = strlen(prefix);
    if (text->len < len || memcmp(text->data, prefix, len) != 0)
        return false;
    *text = sb_slice_of(text->data + len, text->len - len);
    return true;
}

bool sb_decimal_parse(sb_slice text, uint64_t max, uint64_t *value)
{
    uint64_t v = 0;
    if (text.len == 0 || text.len > 20 || (text.data[0] == '0' && text.len > 1))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = (uint64_t)text.data[i] - '0';
        if (text.data[i] < '0' || text.data[i] > '9' || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *value = v;
    return v <= max;
}
