#include "proto/merkle/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void sb_base64_add(sb_buf *out, sb_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t v = (uint32_t)bytes.data[i] << 16;
        if (n > 1)
            v |= (uint32_t)bytes.data[i + 1] << 8;
        if (n > 2)
            v |= bytes.data[i + 2];
        uint8_t quad[4] = {(uint8_t)alphabet[v >> 18], (uint8_t)alphabet[(v >> 12) & 63],
                           n > 1 ? (uint8_t)alphabet[(v >> 6) & 63] : (uint8_t)'=',
                           n > 2 ? (uint8_t)alphabet[v & 63] : (uint8_t)'='};
        sb_buf_add(out, sb_slice_of(quad, 4));
    }
}

/* One more than what a character stands for; 0: nothing. */
static const uint8_t values[256] = {
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,
    0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  63,
    0,  0,  0,  64, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 0,  0,  0,  0,  0,  0,  0,  1,
    2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
    24, 25, 26, 0,  0,  0,  0,  0,  0,  27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
    40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 0,  0,  0,  0,  0,
};

/* Quads without padding, as far as there are any and they fit; where the first other one begins. */
static size_t decode_whole(sb_slice text, uint8_t *out, size_t cap)
{
    size_t i = 0;
    for (; i + 4 <= text.len && cap >= 3; i += 4, out += 3, cap -= 3) {
        const uint8_t *quad = text.data + i;
        uint32_t a = values[quad[0]], b = values[quad[1]], c = values[quad[2]], d = values[quad[3]];
        if (a == 0 || b == 0 || c == 0 || d == 0)
            break;
        uint32_t v = (a - 1) << 18 | (b - 1) << 12 | (c - 1) << 6 | (d - 1);
        out[0] = (uint8_t)(v >> 16);
        out[1] = (uint8_t)(v >> 8);
        out[2] = (uint8_t)v;
    }
    return i;
}

bool sb_base64_decode(sb_slice text, uint8_t *out, size_t cap, size_t *len)
{
    if (text.len % 4 != 0)
        return false;
    size_t whole = decode_whole(text, out, cap), at = whole / 4 * 3;
    for (size_t i = whole; i < text.len; i += 4) {
        const uint8_t *quad = text.data + i;
        size_t pad = 0;
        if (i + 4 == text.len && quad[3] == '=')
            pad = quad[2] == '=' ? 2 : 1;
        uint32_t v = 0;
        for (size_t k = 0; k < 4; k++) {
            uint32_t value = k >= 4 - pad ? 1 : values[quad[k]];
            if (value == 0)
                return false;
            v = v << 6 | (value - 1);
        }
        /* Bits that no byte uses must be zero: else one value had several spellings. */
        if (cap - at < 3 - pad || (pad == 1 && (v & 0xff) != 0) || (pad == 2 && (v & 0xffff) != 0))
            return false;
        for (size_t k = 0; k < 3 - pad; k++)
            out[at++] = (uint8_t)(v >> (16 - 8 * k));
    }
    *len = at;
    return true;
}

bool sb_base64_decode_exact(sb_slice text, uint8_t *out, size_t len)
{
    size_t got;
    return text.len == SB_BASE64_CHARS(len) && sb_base64_decode(text, out, len, &got) && got == len;
}
