/* The terminal: messages to people on stderr, passphrases without echo. */
#ifndef SB_HOST_TERM_H
#define SB_HOST_TERM_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"
#include "proto/text/text.h"

/* A passphrase in NFC, without its newline. Wipe with sb_passphrase_wipe. */
typedef struct sb_passphrase {
    uint8_t bytes[SB_PASSPHRASE_BYTES_MAX];
    size_t len;
} sb_passphrase;

/* Ask on the controlling terminal, echo off; `twice` asks again and compares.
 * Errors: SB_E_TERM_NONE, SB_E_PASSPHRASE_DIFFERS, SB_E_PASSPHRASE_EMPTY, SB_E_PASSPHRASE_LONG,
 * SB_E_NFC_UTF8. */
sb_err sb_passphrase_ask(const char *prompt, const char *prompt_again, bool twice,
                         sb_passphrase *out, sb_fail *fail);
/* The first line of a file descriptor; of a file that only its owner can read ("-": stdin).
 * Errors: also SB_E_FILE_*. */
sb_err sb_passphrase_fd(int fd, sb_passphrase *out, sb_fail *fail);
sb_err sb_passphrase_file(const char *path, sb_passphrase *out, sb_fail *fail);
static inline sb_slice sb_passphrase_slice(const sb_passphrase *p)
{
    return sb_slice_of(p->bytes, p->len);
}
void sb_passphrase_wipe(sb_passphrase *p);

/* "samband: <words>\n" on stderr, made safe for a terminal. `program` is the name before the
 * colon. Returns the error's exit code, so that main can `return sb_term_fail(…)`. */
int sb_term_fail(const char *program, sb_lang lang, const sb_fail *fail);
void sb_term_say(const char *program, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
