/* Reading small strict texts: lines closed by \n and canonical decimals. For key files, notes and
 * proofs. */
#ifndef SB_SIGN_LINES_H
#define SB_SIGN_LINES_H

#include "proto/base/slice.h"

typedef struct sb_lines {
    sb_slice rest;   /* what isn't read yet */
    uint32_t number; /* of the line read last, from 1 */
} sb_lines;

sb_lines sb_lines_over(sb_slice text);
/* The next line without its \n, borrowed. False (and number counted up) when nothing is left or the
 * rest has no \n. */
bool sb_lines_next(sb_lines *lines, sb_slice *line);
/* If `text` starts with `prefix`, cut it off. */
bool sb_text_skip(sb_slice *text, const char *prefix);
/* ASCII decimal without sign or leading zeros, at most `max`. */
bool sb_decimal_parse(sb_slice text, uint64_t max, uint64_t *value);

#endif
