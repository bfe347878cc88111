/* The small history of the worked examples: two leaves, their head, who signed it. */
#ifndef SB_TESTS_UNIT_PROTOCOL_EXAMPLES_WORLD_H
#define SB_TESTS_UNIT_PROTOCOL_EXAMPLES_WORLD_H

#include "proto/ledger/ledger.h"
#include "proto/merkle/head_notes.h"
#include "tests/lib/cmocka_all.h"
#include "tests/unit/protocol_examples.h"

#define AT_MS UINT64_C(1642672800000) /* 2022-01-20T10:00:00Z */
#define COSIGNED_S UINT64_C(1642672860)

enum { LOG = 1, WITNESS, AUTHORITY, RECOVERY, CURVE, BROKER_CURVE, LOG_2, CURVE_2, LOG_3, KEYS };

#define MUST(call) assert_int_equal((call), SB_OK)

typedef struct world {
    sb_secret *secret[KEYS];
    uint8_t pk[KEYS][32];
    uint8_t federation_id[32];
    sb_buf genesis, leaf[2], note, cosigned; /* genesis: the entry; notes of the head of 2 leaves */
    uint8_t leaf_hash[2][32];
    sb_kv *rows;
    sb_ledger *ledger;
    sb_checkpoint head; /* of the two leaves */
    uint8_t log_signature[64];
    sb_cosignature cosignature;
    uint8_t effects_digest[2][32];
    sb_buf effect_lines;
    sb_arena arena;
} world;
extern world w;

static inline ProtobufCBinaryData bytes_of(const void *data, size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)data};
}

/* cmocka's, of the group. */
int world_setup(void **unused);
int world_teardown(void **unused);
/* In w.arena. */
sb_slice packed(const ProtobufCMessage *message);
/* An entry that this key signs, and its leaf; both appended. */
void make_leaf(sb_buf *leaf, sb_buf *entry, sb_entry_type type, const ProtobufCMessage *message,
               int key, uint64_t seq, uint64_t time_ms);

#endif
