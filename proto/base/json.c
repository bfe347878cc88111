#include "proto/base/json.h"

#include "proto/base/hash.h"

#include <assert.h>

void sb_json_begin(sb_json *j, sb_buf *out)
{
    *j = (sb_json){.out = out};
}

/* What stands before a value: a comma, unless it is the first or follows its key. */
static void before_value(sb_json *j)
{
    if (j->need_comma[j->depth] && !j->after_key)
        sb_buf_str(j->out, ",");
    j->need_comma[j->depth] = true;
    j->after_key = false;
}

static void open_level(sb_json *j, const char *bracket)
{
    before_value(j);
    assert(j->depth < SB_JSON_DEPTH_MAX);
    j->need_comma[++j->depth] = false;
    sb_buf_str(j->out, bracket);
}

static void shut_level(sb_json *j, const char *bracket)
{
    assert(j->depth > 0 && !j->after_key);
    j->depth--;
    sb_buf_str(j->out, bracket);
}

void sb_json_object(sb_json *j)
{
    open_level(j, "{");
}

void sb_json_array(sb_json *j)
{
    open_level(j, "[");
}

void sb_json_end_object(sb_json *j)
{
    shut_level(j, "}");
}

void sb_json_end_array(sb_json *j)
{
    shut_level(j, "]");
}

/* RFC 8785 §3.2.2.2: the two-letter escapes where they exist, else \u00xx for controls. */
static void add_escaped(sb_buf *out, uint8_t c)
{
    static const char *const short_form[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    if (c == '"' || c == '\\')
        sb_buf_printf(out, "\\%c", c);
    else if (short_form[c] != NULL)
        sb_buf_str(out, short_form[c]);
    else
        sb_buf_printf(out, "\\u%04x", c);
}

/* How many bytes from `from` on stand for themselves. */
static size_t plain_bytes(sb_slice text, size_t from)
{
    size_t i = from;
    while (i < text.len && text.data[i] >= 0x20 && text.data[i] != '"' && text.data[i] != '\\')
        i++;
    return i - from;
}

static void quote(sb_buf *out, sb_slice text)
{
    size_t plain = plain_bytes(text, 0);
    if (plain == text.len) { /* nearly every text: in one piece */
        uint8_t *p = sb_buf_more(out, text.len + 2);
        p[0] = '"';
        if (text.len > 0)
            memcpy(p + 1, text.data, text.len);
        p[text.len + 1] = '"';
        return;
    }
    sb_buf_str(out, "\"");
    for (size_t at = 0; at < text.len; plain = plain_bytes(text, at)) {
        sb_buf_add(out, sb_slice_of(text.data + at, plain));
        at += plain;
        if (at < text.len)
            add_escaped(out, text.data[at++]);
    }
    sb_buf_str(out, "\"");
}

void sb_json_key(sb_json *j, const char *key)
{
    assert(j->depth > 0 && !j->after_key);
    before_value(j);
    quote(j->out, sb_slice_str(key));
    sb_buf_str(j->out, ":");
    j->after_key = true;
}

void sb_json_str(sb_json *j, sb_slice text)
{
    before_value(j);
    quote(j->out, text);
}

void sb_json_cstr(sb_json *j, const char *text)
{
    if (text == NULL)
        sb_json_null(j);
    else
        sb_json_str(j, sb_slice_str(text));
}

void sb_json_u64(sb_json *j, uint64_t v)
{
    before_value(j);
    sb_buf_u64(j->out, v);
}

void sb_json_i64(sb_json *j, int64_t v)
{
    before_value(j);
    sb_buf_printf(j->out, "%lld", (long long)v);
}

void sb_json_bool(sb_json *j, bool v)
{
    sb_json_raw(j, sb_slice_str(v ? "true" : "false"));
}

void sb_json_null(sb_json *j)
{
    sb_json_raw(j, sb_slice_str("null"));
}

void sb_json_hex(sb_json *j, sb_slice bytes)
{
    before_value(j);
    char *p = (char *)sb_buf_more(j->out, 2 * bytes.len + 2);
    p[0] = '"';
    sb_hex(bytes, p + 1);
    p[2 * bytes.len + 1] = '"'; /* where sb_hex ends its text */
}

void sb_json_raw(sb_json *j, sb_slice json)
{
    before_value(j);
    sb_buf_add(j->out, json);
}
