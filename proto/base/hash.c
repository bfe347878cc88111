#include "proto/base/hash.h"

#include <nettle/sha2.h>

_Static_assert(sizeof(struct sha256_ctx) <= sizeof(sb_sha256), "sb_sha256 holds it");
_Static_assert(_Alignof(struct sha256_ctx) <= _Alignof(sb_sha256), "and aligns it");

static struct sha256_ctx *inner(sb_sha256 *h)
{
    return (struct sha256_ctx *)(void *)h->opaque;
}

void sb_sha256_init(sb_sha256 *h)
{
    sha256_init(inner(h));
}

void sb_sha256_add(sb_sha256 *h, sb_slice bytes)
{
    if (bytes.len > 0)
        sha256_update(inner(h), bytes.len, bytes.data);
}

static void add_number(sb_sha256 *h, uint64_t v, size_t bytes)
{
    uint8_t be[8];
    for (size_t i = 0; i < bytes; i++)
        be[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    sb_sha256_add(h, sb_slice_of(be, bytes));
}

void sb_sha256_add_u8(sb_sha256 *h, uint8_t v)
{
    add_number(h, v, 1);
}

void sb_sha256_add_u16(sb_sha256 *h, uint16_t v)
{
    add_number(h, v, 2);
}

void sb_sha256_add_u32(sb_sha256 *h, uint32_t v)
{
    add_number(h, v, 4);
}

void sb_sha256_add_u64(sb_sha256 *h, uint64_t v)
{
    add_number(h, v, 8);
}

void sb_sha256_final(sb_sha256 *h, uint8_t out[32])
{
    sha256_digest(inner(h), 32, out);
}

void sb_hash(sb_slice bytes, uint8_t out[32])
{
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add(&h, bytes);
    sb_sha256_final(&h, out);
}

void sb_hex(sb_slice bytes, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digits[bytes.data[i] >> 4];
        out[2 * i + 1] = digits[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = '\0';
}

static int digit_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool sb_unhex(sb_slice hex, uint8_t *out, size_t len)
{
    if (hex.len % 2 != 0 || hex.len / 2 != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = digit_value(hex.data[2 * i]), low = digit_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
