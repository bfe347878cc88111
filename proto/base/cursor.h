/* Sticky, bounds-checked cursors for byte layouts. All numbers are big-endian.
 *
 * A reader that runs past its end sets `failed` and from then on returns zeros; check once at the
 * end with sb_reader_done. A writer that runs past its capacity sets `failed` and writes no more.
 */
#ifndef SB_BASE_CURSOR_H
#define SB_BASE_CURSOR_H

#include "proto/base/slice.h"

typedef struct sb_reader {
    const uint8_t *data;
    size_t len, at;
    bool failed;
} sb_reader;

typedef struct sb_writer {
    uint8_t *data;
    size_t cap, at;
    bool failed;
} sb_writer;

sb_reader sb_reader_over(sb_slice bytes);
uint8_t sb_read_u8(sb_reader *r);
uint16_t sb_read_u16(sb_reader *r);
uint32_t sb_read_u32(sb_reader *r);
uint64_t sb_read_u64(sb_reader *r);
/* Borrow the next `len` bytes; an empty slice after a failure. */
sb_slice sb_read_bytes(sb_reader *r, size_t len);
/* Copy exactly `len` bytes into out (zeros after a failure). */
void sb_read_into(sb_reader *r, uint8_t *out, size_t len);
/* u16 length then bytes; u32 length then bytes. */
sb_slice sb_read_var16(sb_reader *r);
sb_slice sb_read_var32(sb_reader *r);
/* True when nothing failed and nothing is left over. */
bool sb_reader_done(const sb_reader *r);
size_t sb_reader_left(const sb_reader *r);

sb_writer sb_writer_over(uint8_t *data, size_t cap);
void sb_write_u8(sb_writer *w, uint8_t v);
void sb_write_u16(sb_writer *w, uint16_t v);
void sb_write_u32(sb_writer *w, uint32_t v);
void sb_write_u64(sb_writer *w, uint64_t v);
void sb_write_bytes(sb_writer *w, sb_slice bytes);
void sb_write_var16(sb_writer *w, sb_slice bytes);
void sb_write_var32(sb_writer *w, sb_slice bytes);
/* What was written so far (borrowed). */
sb_slice sb_writer_slice(const sb_writer *w);

#endif
