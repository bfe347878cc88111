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
    sb_hash(sb_slice_of(NULL, 0), out);
}
