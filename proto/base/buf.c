#include "proto/base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CAP_MIN = 64 };

static void (*end_without_memory)(void) = abort;

void sb_on_out_of_memory(void (*end)(void))
{
    end_without_memory = end;
}

void sb_out_of_memory(void)
{
    end_without_memory();
    abort();
}

void *sb_xmalloc(size_t bytes)
{
    return sb_xrealloc(NULL, bytes);
}

void *sb_xrealloc(void *old, size_t bytes)
{
    void *p = realloc(old, bytes > 0 ? bytes : 1);
    if (p == NULL)
        sb_out_of_memory();
    return p;
}

void sb_buf_init(sb_buf *b)
{
    *b = (sb_buf){0};
}

void sb_buf_deinit(sb_buf *b)
{
    free(b->data);
    *b = (sb_buf){0};
}

void sb_buf_clear(sb_buf *b)
{
    b->len = 0;
}

/* Room for `more` bytes behind what is there. */
static void grow(sb_buf *b, size_t more)
{
    assert(more <= SIZE_MAX / 4 && b->len <= SIZE_MAX / 4);
    size_t need = b->len + more;
    if (need <= b->cap)
        return;
    size_t cap = b->cap * 2 > CAP_MIN ? b->cap * 2 : CAP_MIN;
    b->cap = cap > need ? cap : need;
    b->data = sb_xrealloc(b->data, b->cap);
}

uint8_t *sb_buf_more(sb_buf *b, size_t bytes)
{
    grow(b, bytes);
    b->len += bytes;
    return b->data + b->len - bytes;
}

void sb_buf_add(sb_buf *b, sb_slice bytes)
{
    if (bytes.len > 0)
        memcpy(sb_buf_more(b, bytes.len), bytes.data, bytes.len);
}

void sb_buf_str(sb_buf *b, const char *text)
{
    sb_buf_add(b, sb_slice_str(text));
}

void sb_buf_u64(sb_buf *b, uint64_t v)
{
    uint8_t digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (uint8_t)('0' + v % 10);
    while ((v /= 10) != 0);
    sb_buf_add(b, sb_slice_of(digits + at, sizeof digits - at));
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

/* Nothing but %s, %u and %llu: as nearly all that is written, and vsnprintf takes four times as long. */
static bool is_simple(const char *format)
{
    for (const char *p = strchr(format, '%'); p != NULL; p = strchr(p + 1, '%'))
        if (p[1] != 's' && p[1] != 'u' && !begins(p + 1, "llu"))
            return false;
    return true;
}

static void add_simple(sb_buf *b, const char *format, va_list args)
{
    for (const char *p; (p = strchr(format, '%')) != NULL;) {
        sb_buf_add(b, sb_slice_of(format, (size_t)(p - format)));
        format = p + (p[1] == 'l' ? 4 : 2);
        if (p[1] == 's') {
            const char *text = va_arg(args, const char *);
            sb_buf_str(b, text != NULL ? text : "(null)"); /* as printf */
        } else if (p[1] == 'u')
            sb_buf_u64(b, va_arg(args, unsigned));
        else
            sb_buf_u64(b, va_arg(args, unsigned long long));
    }
    sb_buf_str(b, format);
}

void sb_buf_printf(sb_buf *b, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    if (is_simple(format)) {
        add_simple(b, format, args);
        va_end(args);
        return;
    }
    va_copy(again, args);
    size_t room = b->cap - b->len;
    int len = vsnprintf(room == 0 ? NULL : (char *)b->data + b->len, room, format, args);
    va_end(args);
    assert(len >= 0);
    if ((size_t)len >= room) { /* it was cut */
        grow(b, (size_t)len + 1);
        vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, again);
    }
    va_end(again);
    b->len += (size_t)len;
}

const char *sb_buf_cstr(sb_buf *b)
{
    grow(b, 1);
    b->data[b->len] = '\0';
    return (const char *)b->data;
}
