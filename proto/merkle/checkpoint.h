/* C2SP tlog-checkpoint (three lines, no extensions) in a signed note, and C2SP cosignature/v1.
 *
 * A head is (origin, size, root), never a hash of the note (DESIGN §4). The log key's name is the
 * origin. Cosigners are counted by public key: a cosignature does not bind the name of its line.
 */
#ifndef SB_MERKLE_CHECKPOINT_H
#define SB_MERKLE_CHECKPOINT_H

#include "proto/base/limits.h"
#include "proto/merkle/note.h"
#include "proto/sign/sign.h"

enum { SB_CHECKPOINT_BODY_BYTES_MAX = 256 };

/* A head. */
typedef struct sb_checkpoint {
    char origin[SB_ORIGIN_BYTES_MAX + 1]; /* NUL-terminated */
    uint64_t size;
    uint8_t root[32];
} sb_checkpoint;

/* "samband/<slug>/<first 16 hex of federation_id>/<term>" into c->origin.
 * Errors: SB_E_TOO_LARGE, SB_E_ORIGIN_SLUG (slug not [a-z0-9-]+, term 0). */
sb_err sb_origin(const char *slug, const uint8_t federation_id[32], uint64_t term,
                 char out[SB_ORIGIN_BYTES_MAX + 1], sb_fail *fail);
/* Equal as heads. */
bool sb_checkpoint_eq(const sb_checkpoint *a, const sb_checkpoint *b);

/* The note text: origin \n size \n base64(root) \n. Appended. */
void sb_checkpoint_body(const sb_checkpoint *c, sb_buf *out);
/* Strict: exactly three lines; size decimal without leading zeros, <= 2^63-1; root canonical;
 * size 0 only with the empty root. Errors: SB_E_NOTE_MALFORMED {line, what}. */
sb_err sb_checkpoint_parse_body(sb_slice text, sb_checkpoint *out, sb_fail *fail);

/* The whole note with the log's one signature line. Appended to out. Errors: as sb_sign. */
sb_err sb_checkpoint_sign(const sb_checkpoint *c, const sb_secret *log_key, sb_buf *out,
                          sb_fail *fail);
/* Parse the note and verify the log's signature: name = origin, key id and key fit. Other lines
 * (cosignatures) are checked for form only. `origin` NULL: any. Of several lines with this name
 * and id all must verify.
 * Errors: SB_E_NOTE_MALFORMED, SB_E_TOO_LARGE, SB_E_CHECKPOINT_ORIGIN {has, wanted},
 * SB_E_CHECKPOINT_UNSIGNED (no line of this key), SB_E_CHECKPOINT_SIGNATURE. */
sb_err sb_checkpoint_verify(sb_slice note, const char *origin, const uint8_t log_pk[32],
                            sb_checkpoint *out, sb_fail *fail);
/* Parse without verifying anything, for inspectors. Errors: SB_E_NOTE_MALFORMED. */
sb_err sb_checkpoint_parse(sb_slice note, sb_checkpoint *out, sb_fail *fail);
/* The two halves of sb_checkpoint_verify, where what the note says decides whose key it must have;
 * `parsed` borrows from the note. */
sb_err sb_checkpoint_parse_note(sb_slice note, sb_note *parsed, sb_checkpoint *out, sb_fail *fail);
sb_err sb_checkpoint_verify_parsed(const sb_note *parsed, const sb_checkpoint *c,
                                   const char *origin, const uint8_t log_pk[32], sb_fail *fail);

/* ---- cosignature/v1 ---- */

typedef struct sb_cosignature {
    uint64_t time_s; /* POSIX seconds of the witness's legal clock; 0…2^63-1 */
    uint8_t sig[64];
} sb_cosignature;
enum { SB_COSIGNATURE_BYTES = 72 }; /* u64be time ‖ sig, the payload of a line */

/* The signed bytes: "cosignature/v1\ntime <seconds>\n" ‖ body. Appended. */
void sb_cosignature_message(const sb_checkpoint *c, uint64_t time_s, sb_buf *out);
/* Errors: as sb_sign. */
sb_err sb_cosign(const sb_checkpoint *c, const sb_secret *witness_key, uint64_t time_s,
                 sb_cosignature *out, sb_fail *fail);
bool sb_cosignature_verify(const sb_checkpoint *c, const uint8_t witness_pk[32],
                           const sb_cosignature *cosignature);
void sb_cosignature_pack(const sb_cosignature *cosignature, uint8_t out[SB_COSIGNATURE_BYTES]);
void sb_cosignature_unpack(const uint8_t in[SB_COSIGNATURE_BYTES], sb_cosignature *out);
/* As a note line of the witness `name`. Appended. */
void sb_cosignature_add_line(sb_buf *out, sb_slice name, const uint8_t witness_pk[32],
                             const sb_cosignature *cosignature);
/* A cosignature line of this key (id under the line's own name, and signature).
 * True when `line` is a valid cosignature by witness_pk of the head c; *out (may be NULL). */
bool sb_cosignature_verify_line(const sb_checkpoint *c, const sb_note_line *line,
                                const uint8_t witness_pk[32], sb_cosignature *out);
/* Look for witness_pk's valid cosignature among the note's lines. */
bool sb_cosignature_find(const sb_note *note, const sb_checkpoint *c, const uint8_t witness_pk[32],
                         sb_cosignature *out);
/* Put notes of the same body together: the first note's text and lines, then each line of the
 * others that isn't there yet, byte for byte, in order. Appended to out.
 * Errors: SB_E_NOTE_MALFORMED, SB_E_NOTE_BODIES_DIFFER, SB_E_TOO_LARGE. */
sb_err sb_note_merge(const sb_slice *notes, size_t count, sb_buf *out, sb_fail *fail);

#endif
