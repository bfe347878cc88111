/* How the worked examples of PROTOCOL.md are written, and those that need no keys. */
#ifndef SB_TESTS_UNIT_PROTOCOL_EXAMPLES_H
#define SB_TESTS_UNIT_PROTOCOL_EXAMPLES_H

#include "proto/base/buf.h"
#include "proto/merkle/tree.h"

/* "name  hex", at most 64 bytes a line; an empty name goes on with the one before. */
void put_hex(sb_buf *out, const char *name, sb_slice bytes);
void put_hash(sb_buf *out, const char *name, const uint8_t hash[32]);
/* A hash a line. */
void put_proof(sb_buf *out, const char *name, const sb_proof *proof);
/* A payload, each of its fields on a line of its own. */
void put_payload(sb_buf *out, const char *name, sb_slice payload);
/* A fenced text; it ends in a line feed. */
void put_text(sb_buf *out, const char *name, sb_slice text);
/* A big-endian number of so many bytes, appended. */
void add_u(sb_buf *out, uint64_t value, int bytes);

/* The examples: proofs in trees of 5 and 8 leaves, paths of tiles, hashes of blobs and wordings. */
void put_trees(sb_buf *out);
void put_paths(sb_buf *out);
void put_hashes(sb_buf *out);

#endif
