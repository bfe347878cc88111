#include "nodes/host/nfc.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "proto/sign/sign.h"

sb_err sb_nfc(sb_slice text, sb_arena *arena, sb_slice *out, sb_fail *fail)
{
    utf8proc_uint8_t *composed = NULL;
    *out = sb_slice_of("", 0);
    if (text.len == 0)
        return SB_OK;
    if (memchr(text.data, 0, text.len) != NULL)
        return sb_fail_set(fail, SB_E_NFC_UTF8, NULL);
    utf8proc_ssize_t len = utf8proc_map(text.data, (utf8proc_ssize_t)text.len, &composed,
                                        UTF8PROC_STABLE | UTF8PROC_COMPOSE);
    if (len < 0)
        return sb_fail_set(fail, SB_E_NFC_UTF8, NULL);
    *out = sb_slice_of(sb_arena_str(arena, sb_slice_of(composed, (size_t)len)), (size_t)len);
    free(composed);
    return SB_OK;
}

enum { SECRET_POINTS_MAX = 4096 };

bool sb_nfc_secret(uint8_t *bytes, size_t *len, size_t cap)
{
    utf8proc_int32_t points[SECRET_POINTS_MAX];
    const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    bool ok = false;
    utf8proc_ssize_t n =
        utf8proc_decompose(bytes, (utf8proc_ssize_t)*len, points, SECRET_POINTS_MAX, options);
    if (n >= 0 && n < SECRET_POINTS_MAX) /* reencode writes a NUL behind the text */
        n = utf8proc_reencode(points, n, options);
    else
        n = -1;
    if (n >= 0 && (size_t)n <= cap) {
        memcpy(bytes, points, (size_t)n);
        *len = (size_t)n;
        ok = true;
    }
    sb_wipe(points, sizeof points);
    return ok;
}

/* What a terminal would obey or hide: controls, format characters (bidi among them), separators,
 * and what has no character at all. */
static bool is_unsafe(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    default: /* thirty categories of a library's enum, all shown */
        return false;
    }
}

/* Marks upon one letter: more than any language stacks would be drawn over the lines around it. */
enum { MARKS_MAX = 8 };

static bool is_mark(utf8proc_int32_t c)
{
    utf8proc_category_t category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME;
}

void sb_nfc_printable(sb_slice text, bool lines, sb_buf *out)
{
    size_t at = 0, marks = 0;
    while (at < text.len) {
        utf8proc_int32_t c;
        utf8proc_ssize_t len =
            utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &c);
        if (len <= 0) {
            sb_buf_printf(out, "\\x%02X", text.data[at]);
            at++;
            continue;
        }
        bool kept = lines && (c == '\n' || c == '\t');
        marks = is_mark(c) ? marks + 1 : 0;
        if (kept || (!is_unsafe(c) && marks <= MARKS_MAX))
            sb_buf_add(out, sb_slice_of(text.data + at, (size_t)len));
        else if (c < 0x80)
            sb_buf_printf(out, "\\x%02X", (unsigned)c);
        else
            sb_buf_printf(out, "\\u{%04X}", (unsigned)c);
        at += (size_t)len;
    }
}

void sb_nfc_json(sb_slice json, sb_buf *out)
{
    size_t at = 0, marks = 0;
    while (at < json.len) {
        utf8proc_int32_t c;
        utf8proc_ssize_t len =
            utf8proc_iterate(json.data + at, (utf8proc_ssize_t)(json.len - at), &c);
        if (len <= 0) {
            sb_buf_str(out, "\\ufffd");
            at++;
            continue;
        }
        marks = is_mark(c) ? marks + 1 : 0;
        if (c < 0x7F || (!is_unsafe(c) && marks <= MARKS_MAX))
            sb_buf_add(out, sb_slice_of(json.data + at, (size_t)len));
        else if (c < 0x10000)
            sb_buf_printf(out, "\\u%04x", (unsigned)c);
        else
            sb_buf_printf(out, "\\u%04x\\u%04x", 0xD800 + (((unsigned)c - 0x10000) >> 10),
                          0xDC00 + (((unsigned)c - 0x10000) & 0x3FF));
        at += (size_t)len;
    }
}

size_t sb_nfc_columns(sb_slice text)
{
    size_t columns = 0, at = 0;
    while (at < text.len) {
        utf8proc_int32_t c;
        utf8proc_ssize_t len =
            utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(text.len - at), &c);
        int width = len > 0 ? utf8proc_charwidth(c) : 1;
        columns += width > 0 ? (size_t)width : 0;
        at += len > 0 ? (size_t)len : 1;
    }
    return columns;
}
