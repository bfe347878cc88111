/* SHA-256, one shot and in parts; nettle's, which uses the processor's own instructions for it. */
#ifndef SB_BASE_HASH_H
#define SB_BASE_HASH_H

#include "proto/base/slice.h"

typedef struct sb_sha256 {
    uint64_t opaque[16]; /* holds struct sha256_ctx (checked by a static assertion) */
} sb_sha256;

void sb_sha256_init(sb_sha256 *h);
void sb_sha256_add(sb_sha256 *h, sb_slice bytes);
void sb_sha256_add_u8(sb_sha256 *h, uint8_t v);
void sb_sha256_add_u16(sb_sha256 *h, uint16_t v);
void sb_sha256_add_u32(sb_sha256 *h, uint32_t v);
void sb_sha256_add_u64(sb_sha256 *h, uint64_t v);
void sb_sha256_final(sb_sha256 *h, uint8_t out[32]);
void sb_hash(sb_slice bytes, uint8_t out[32]);

/* Lower-case hex; out holds 2*len+1 bytes. */
void sb_hex(sb_slice bytes, char *out);
/* Exactly `len` bytes from 2*len hex digits (either case). False on anything else. */
bool sb_unhex(sb_slice hex, uint8_t *out, size_t len);

#endif
