#include "proto/wire/utf8.h"

typedef struct range {
    uint32_t first, last;
} range;

/* Rising. U+xxFFFE and U+xxFFFF of every plane are tested apart. */
static const range forbidden[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E},
    {0x2066, 0x2069}, {0xD800, 0xDFFF}, {0xFDD0, 0xFDEF}, {0xFEFF, 0xFEFF},
};

bool sb_code_point_forbidden(uint32_t code_point)
{
    if (code_point > 0x10FFFF || (code_point & 0xFFFE) == 0xFFFE)
        return true;
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        if (code_point >= forbidden[i].first && code_point <= forbidden[i].last)
            return true;
    return false;
}

bool sb_utf8_next(sb_slice text, size_t *at, uint32_t *code_point)
{
    const uint8_t *p = text.data + *at;
    size_t left = text.len - *at, len;
    uint32_t value, least;
    if (p[0] < 0x80) {
        len = 1, value = p[0], least = 0;
    } else if (p[0] >= 0xC2 && p[0] <= 0xDF) {
        len = 2, value = p[0] & 0x1Fu, least = 0x80;
    } else if (p[0] >= 0xE0 && p[0] <= 0xEF) {
        len = 3, value = p[0] & 0x0Fu, least = 0x800;
    } else if (p[0] >= 0xF0 && p[0] <= 0xF4) {
        len = 4, value = p[0] & 0x07u, least = 0x10000;
    } else {
        return false;
    }
    if (len > left)
        return false;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xC0u) != 0x80)
            return false;
        value = value << 6 | (p[i] & 0x3Fu);
    }
    if (value < least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
        return false;
    *at += len;
    *code_point = value;
    return true;
}
