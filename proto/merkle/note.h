/* C2SP signed-note: a text, a blank line, signature lines "— <name> <base64(key id ‖ signature)>".
 *
 * Key id = first 4 bytes of SHA-256(name ‖ \n ‖ type ‖ public key); type 0x01 Ed25519 log
 * signature, 0x04 Ed25519 cosignature/v1 (whose signature is u64be time ‖ 64 bytes).
 *
 * Strict: UTF-8 without control characters but \n, canonical base64, at least one signature line,
 * the last byte is \n. The text ends with \n (included in what is signed) and the separating
 * blank line doesn't belong to it. The text may itself contain blank lines; the last one counts.
 */
#ifndef SB_MERKLE_NOTE_H
#define SB_MERKLE_NOTE_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/sign/sign.h"

enum { SB_NOTE_TYPE_LOG = 0x01, SB_NOTE_TYPE_COSIGNATURE = 0x04 };

/* SB_E_NOTE_MALFORMED with its line number (from 1) and what was expected there. */
sb_err sb_note_malformed(sb_fail *fail, uint32_t line, const char *expected);

void sb_note_key_id(sb_slice name, uint8_t type, const uint8_t pk[32], uint8_t out[4]);
/* True for a name that may stand in a signature line: 1…255 bytes of valid UTF-8 without white
 * space, control characters or '+'. */
bool sb_note_name_valid(sb_slice name);

/* One signature line, borrowed from the note's bytes (name) and decoded (sig). */
typedef struct sb_note_line {
    sb_slice name;
    uint8_t key_id[4];
    uint8_t sig[SB_NOTE_SIG_BYTES_MAX];
    uint32_t sig_len;
    sb_slice line; /* the whole line with its \n, borrowed */
} sb_note_line;

/* A parsed note: text and the bytes of its signature lines, borrowed from the input. */
typedef struct sb_note {
    sb_slice text;
    sb_slice lines;      /* all signature lines, each with its \n */
    uint32_t line_count; /* 1…SB_NOTE_LINES_MAX */
} sb_note;

/* Split and check everything, also every signature line's form (not the signatures).
 * Errors: SB_E_NOTE_MALFORMED {line number, what}, SB_E_TOO_LARGE (over SB_NOTE_BYTES_MAX). */
sb_err sb_note_parse(sb_slice bytes, sb_note *out, sb_fail *fail);
/* Walk the signature lines of a parsed note: *at starts at 0. False at the end. */
bool sb_note_next_line(const sb_note *note, size_t *at, sb_note_line *out);
/* The same, only the lines by this name: the others' base64 isn't read again. */
bool sb_note_next_line_by(const sb_note *note, sb_slice name, size_t *at, sb_note_line *out);
/* One line alone (a cosignature travels as a line), with or without its closing \n.
 * Errors: SB_E_NOTE_MALFORMED. */
sb_err sb_note_parse_line(sb_slice line, sb_note_line *out, sb_fail *fail);

/* Append "— name base64(key_id ‖ sig)\n". */
void sb_note_add_line(sb_buf *out, sb_slice name, const uint8_t key_id[4], sb_slice sig);

/* Sign a text (ending in \n) with one Ed25519 (0x01) signature: the whole note, appended.
 * Errors: SB_E_NOTE_MALFORMED (text or name), as sb_sign. */
sb_err sb_note_sign(sb_slice text, sb_slice name, const sb_secret *key, sb_buf *out, sb_fail *fail);
/* True signature of (name, pk), type 0x01, on a parsed note. Lines of unknown keys are ignored; of
 * several lines of this key all must verify.
 * Errors: SB_E_CHECKPOINT_UNSIGNED (no line of this key), SB_E_CHECKPOINT_SIGNATURE. */
sb_err sb_note_verify(const sb_note *note, sb_slice name, const uint8_t pk[32], sb_fail *fail);

#endif
