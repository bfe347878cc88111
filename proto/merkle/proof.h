/* Proofs verified from nothing but numbers and hashes (RFC 9162 §2.1.3.2, §2.1.4.2).
 *
 * False is the only failure: a proof is right for exactly these sizes and roots or it is nothing.
 * A root of size 0 must be SHA-256(""); consistency from size 0 proves nothing about the later
 * root and is therefore refused unless both sizes are 0. An empty path holds only for m == n.
 */
#ifndef SB_MERKLE_PROOF_H
#define SB_MERKLE_PROOF_H

#include "proto/merkle/merkle_hash.h"

bool sb_verify_inclusion(const uint8_t leaf_hash[32], uint64_t index, uint64_t size,
                         const sb_hash32 *path, size_t path_count, const uint8_t root[32]);
/* From size m, root_m to size n, root_n. */
bool sb_verify_consistency(uint64_t m, const uint8_t root_m[32], uint64_t n,
                           const uint8_t root_n[32], const sb_hash32 *path, size_t path_count);

#endif
