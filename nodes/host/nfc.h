/* Text from people: brought to NFC before it is signed (DESIGN §3), and made safe for a terminal
 * before it is shown. */
#ifndef SB_HOST_NFC_H
#define SB_HOST_NFC_H

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"

/* `text` in NFC, in the arena (NUL-terminated after len).
 * Errors: SB_E_NFC_UTF8 (not valid UTF-8, or a NUL inside). */
sb_err sb_nfc(sb_slice text, sb_arena *arena, sb_slice *out, sb_fail *fail);

/* NFC in place for secrets: no copies left behind. False: not UTF-8, or longer than cap. */
bool sb_nfc_secret(uint8_t *bytes, size_t *len, size_t cap);

/* Append `text` so that a terminal shows it and obeys nothing in it: C0, C1, DEL, bidi controls,
 * line and paragraph separators, broken UTF-8 and more than eight marks on one letter become \xNN or
 * \u{NNNN}. Newline and tab stay when `lines` is true. */
void sb_nfc_printable(sb_slice text, bool lines, sb_buf *out);
/* JSON for a terminal: the same characters become \uNNNN, so that it says what it said. */
void sb_nfc_json(sb_slice json, sb_buf *out);
/* Columns the text takes in a terminal (wide characters two, combining none). */
size_t sb_nfc_columns(sb_slice text);

#endif
