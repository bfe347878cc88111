/* Lines for people, from the catalogue, in the language asked for. */
#ifndef SB_AUDITOR_TELL_H
#define SB_AUDITOR_TELL_H

#include "proto/base/arena.h"
#include "proto/text/text.h"

typedef struct sb_teller {
    sb_lang lang;
    sb_arena *arena; /* of the numbers and hashes said */
    sb_buf *out;
} sb_teller;

/* A line with up to four arguments; NULL after the last. */
void sb_tell(const sb_teller *t, sb_msg msg, const char *a0, const char *a1, const char *a2,
             const char *a3);
/* In the arena: a number in decimal, 32 bytes in lower-case hex. */
const char *sb_tell_number(const sb_teller *t, uint64_t n);
const char *sb_tell_hex(const sb_teller *t, const uint8_t bytes[32]);

#endif
