/* Strict UTF-8 and the fixed table of code points that no text of the protocol may contain. */
#ifndef SB_WIRE_UTF8_H
#define SB_WIRE_UTF8_H

#include "proto/base/slice.h"

/* Decode the code point at *at and move past it. False at bytes that aren't well-formed (Unicode
 * 15 table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF); *at is then unmoved.
 * *at must lie before the end. */
bool sb_utf8_next(sb_slice text, size_t *at, uint32_t *code_point);

/* Controls (C0, DEL, C1), line and paragraph separators, byte order mark, bidirectional marks,
 * overrides and isolates, surrogates, noncharacters. The table is part of the protocol: it
 * changes only with the engine number. */
bool sb_code_point_forbidden(uint32_t code_point);

#endif
