/* The entry: its frame, its strict payload, and how one is made (DESIGN §3, PROTOCOL.md "Entry").
 *
 *   entry = u8 version=1 | u8 type | federation_id[32] | signer_pk[32] | u64be signer_seq
 *         | u64be anchor_size | anchor_root[32] | u32be len | payload[len] | signature[64]
 *   leaf  = u64be sequenced_at_ms | entry
 *
 * Signed bytes are stored, forwarded and hashed as received, never re-encoded.
 */
#ifndef SB_WIRE_ENTRY_H
#define SB_WIRE_ENTRY_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/merkle/checkpoint.h"
#include "proto/sign/sign.h"
#include "proto/wire/payload.h"

typedef enum sb_entry_type {
#define SB_ENTRY_TYPE(NAME, number, Message, lower) SB_ENTRY_##NAME = number,
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
} sb_entry_type;

enum { SB_ENTRY_HEAD_BYTES = 118, SB_ENTRY_FRAME_BYTES = 118 + 64 };

/* A parsed entry. Slices borrow from the bytes that were parsed. */
typedef struct sb_entry {
    sb_entry_type type;
    uint8_t federation_id[32];
    uint8_t signer_pk[32];
    uint64_t signer_seq;
    uint64_t anchor_size;
    uint8_t anchor_root[32];
    sb_slice payload;
    sb_slice bytes;          /* the whole entry */
    sb_slice unsigned_bytes; /* all before the signature */
    uint8_t signature[64];
    uint8_t id[32]; /* SHA-256 of unsigned_bytes */
} sb_entry;

/* Everything a leaf is, before the fold: what a stateless verifier makes of bytes. */
typedef struct sb_leaf {
    uint64_t sequenced_at_ms;
    sb_slice bytes;   /* the whole leaf */
    uint8_t hash[32]; /* RFC 6962 leaf hash */
    sb_entry entry;
    const ProtobufCMessage *message; /* the decoded payload, in the arena */
    const Sb__BlobRef *const *blobs; /* every blob that the payload names, in the arena */
    size_t blob_count;
    /* Of a SEAL: the origin under which its cosignatures all hold, as sb_leaf_open_under was given
     * it (borrowed). NULL: nobody has verified them. Nothing else sets it. */
    const char *cosigned_under;
} sb_leaf;

/* Parse the frame of an entry: lengths, version, known type. No signature check.
 * Errors: SB_E_ENTRY_TRUNCATED, _TOO_LARGE, _VERSION, _TYPE, _LENGTH. */
sb_err sb_entry_parse(sb_slice bytes, sb_entry *out, sb_fail *fail);

/* Check the signature over "samband/entry/v1" 0x00 ‖ unsigned bytes. Errors: SB_E_SIGNATURE. */
sb_err sb_entry_verify(const sb_entry *entry, sb_fail *fail);

/* Unpack and check a payload strictly: known fields only at every depth, known enum values,
 * well-formed permitted UTF-8, every field within its row of proto/wire/constraints.c (presence,
 * lengths, counts, ranges), at most 4 MiB allocated, and re-packing gives the same bytes. The
 * message lives in the arena and doesn't borrow from `payload`. {0} names the field, as in
 * "Attendance.events[3].person.sha256".
 * Errors: SB_E_PAYLOAD_MALFORMED, _UNKNOWN_FIELD, _ENUM, _UTF8, _CODE_POINT, _LENGTH, _COUNT,
 * _MISSING, _RANGE, _NOT_CANONICAL, _ALLOC; SB_E_ENTRY_TYPE, _TOO_LARGE. */
sb_err sb_payload_decode(sb_entry_type type, sb_slice payload, sb_arena *arena,
                         const ProtobufCMessage **out, sb_fail *fail);

/* The blobs a decoded payload names, found by a descriptor walk, in field order. */
void sb_payload_blobs(const ProtobufCMessage *message, sb_arena *arena,
                      const Sb__BlobRef *const **out, size_t *count);

/* Parse + decode + verify: the stateless verifier `bytes → decoded entry + verdict`. `bytes` (a
 * leaf, or a bare entry with sb_entry_open) must outlive *out, which borrows from it; the message
 * lives in the arena. sb_entry_open leaves sequenced_at_ms, bytes and hash zero.
 * Errors: as sb_entry_parse, sb_payload_decode and sb_entry_verify, in this order. */
sb_err sb_leaf_open(sb_slice bytes, sb_arena *arena, sb_leaf *out, sb_fail *fail);
sb_err sb_entry_open(sb_slice bytes, sb_arena *arena, sb_leaf *out, sb_fail *fail);
/* … and verify a SEAL's cosignatures over the head that it names under `origin` (NULL: don't), so
 * that the fold needn't: it takes them as verified under its own origin only. A SEAL that doesn't
 * hold is opened all the same, without cosigned_under: the fold says what is wrong with it.
 * `origin` must outlive *out. Whose the keys are is for the fold to know. */
sb_err sb_leaf_open_under(const char *origin, sb_slice bytes, sb_arena *arena, sb_leaf *out,
                          sb_fail *fail);
/* Does this cosignature of a SEAL hold over the head, by the key that it names? */
bool sb_seal_cosignature_holds(const sb_checkpoint *head, const Sb__Cosignature *cosignature);

/* "CASE_REPORT", or NULL; the descriptor of its payload, or NULL. */
const char *sb_entry_type_name(sb_entry_type type);
const ProtobufCMessageDescriptor *sb_entry_type_descriptor(sb_entry_type type);
bool sb_entry_type_known(uint32_t type);
bool sb_entry_type_is_system(sb_entry_type type);

/* ---- making entries ---- */

/* What an entry says besides its payload. */
typedef struct sb_entry_head {
    uint8_t federation_id[32]; /* zero for genesis */
    uint64_t signer_seq;
    uint64_t anchor_size; /* 0 with SHA-256("") until the signer has seen a final head */
    uint8_t anchor_root[32];
} sb_entry_head;

/* A head without anchor. */
void sb_entry_head_init(sb_entry_head *head, const uint8_t federation_id[32], uint64_t signer_seq);

/* Pack, check strictly (a constructor can't make what admission refuses), sign and append the entry
 * to `out`. Errors: as sb_payload_decode; SB_E_ENTRY_TOO_LARGE. */
sb_err sb_entry_make(sb_entry_type type, const ProtobufCMessage *message, const sb_entry_head *head,
                     const sb_secret *secret, sb_buf *out, sb_fail *fail);

/* A typed constructor per entry type: sb_make_ballot(const Sb__Ballot *, head, secret, out, fail).
 */
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    static inline sb_err sb_make_##NAME(const Sb__##Message *m, const sb_entry_head *head,         \
                                        const sb_secret *secret, sb_buf *out, sb_fail *fail)       \
    {                                                                                              \
        return sb_entry_make(SB_ENTRY_##NAME, &m->base, head, secret, out, fail);                  \
    }
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE

/* The hash that names a case's wording, with the ids of what is attached to it (actions, then
 * candidates) where there is any:
 * SHA-256("samband/wording/v1" 0x00 ‖ case_id ‖ u32be count ‖ (u32be len ‖ clause)*
 *         [‖ u32be attached_count ‖ id[32]*]). */
void sb_wording_hash(const uint8_t case_id[32], const char *const *clauses, size_t count,
                     const uint8_t (*attached)[32], size_t attached_count, uint8_t out[32]);

/* Strict decode of a charter's bytes (same checks as a payload). */
sb_err sb_charter_decode(sb_slice bytes, sb_arena *arena, const Sb__Charter **out, sb_fail *fail);
/* Pack a charter and check it as above; canonical bytes, appended to `out`. */
sb_err sb_charter_encode(const Sb__Charter *charter, sb_buf *out, sb_fail *fail);

#endif
