/* Standard base64 (RFC 4648 §4), one spelling only: padding required, no white space, unused bits
 * zero. Reference witnesses accept two spellings of a root; we refuse all but the canonical one. */
#ifndef SB_MERKLE_BASE64_H
#define SB_MERKLE_BASE64_H

#include "proto/base/buf.h"

/* Characters that encode `len` bytes, without NUL. */
#define SB_BASE64_CHARS(len) (((size_t)(len) + 2) / 3 * 4)

/* Append the encoding of `bytes`. */
void sb_base64_add(sb_buf *out, sb_slice bytes);
/* Decode into out (cap bytes), *len says how many. False for any other spelling than the
 * canonical one, or when it doesn't fit; out is then undefined. */
bool sb_base64_decode(sb_slice text, uint8_t *out, size_t cap, size_t *len);
/* Exactly `len` bytes. */
bool sb_base64_decode_exact(sb_slice text, uint8_t *out, size_t len);

#endif
