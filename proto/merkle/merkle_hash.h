/* RFC 6962 §2.1 hashing: leaf = SHA-256(0x00 ‖ leaf), node = SHA-256(0x01 ‖ left ‖ right),
 * empty tree = SHA-256(""). */
#ifndef SB_MERKLE_MERKLE_HASH_H
#define SB_MERKLE_MERKLE_HASH_H

#include "proto/base/slice.h"

typedef struct sb_hash32 {
    uint8_t b[SB_HASH_BYTES];
} sb_hash32;

void sb_leaf_hash(sb_slice leaf, uint8_t out[32]);
/* out may be left or right. */
void sb_node_hash(const uint8_t left[32], const uint8_t right[32], uint8_t out[32]);
/* SHA-256(""): the root of size 0. */
void sb_empty_root(uint8_t out[32]);

#endif
