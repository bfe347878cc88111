#include "proto/merkle/merkle_hash.h"

#include "proto/base/hash.h"

void sb_leaf_hash(sb_slice leaf, uint8_t out[32])
{
    sb_sha256 h;
    sb_sha256_init(&h);
    sb_sha256_add_u8(&h, 0x00);
    sb_sha256_add(&h, leaf);
    sb_sha256_final(&h, out);
}

void sb_node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
    uint8_t bytes[1 + 2 * SB_HASH_BYTES] = {0x01};
    memcpy(bytes + 1, left, SB_HASH_BYTES);
    memcpy(bytes + 1 + SB_HASH_BYTES, right, SB_HASH_BYTES);
    sb_hash(sb_slice_of(bytes, sizeof bytes), out);
}

void sb_empty_root(uint8_t out[32])
{
    static const uint8_t of_nothing[32] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                           0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                           0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                           0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
    memcpy(out, of_nothing, sizeof of_nothing);
}
