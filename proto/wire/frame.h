/* Frames: what processes say to each other, one message a ZeroMQ frame (PROTOCOL.md "Frames and
 * exchange"). A frame isn't signed and proves nothing by itself: whatever it carries is verified
 * where it is used. Decoding only makes sure that it is bounded and means one thing.
 */
#ifndef SB_WIRE_FRAME_H
#define SB_WIRE_FRAME_H

#include "frame.pb-c.h"
#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

/* Decode one frame. *out and all it points to live in the arena. Exactly one body, known fields
 * only at every depth, strings in valid UTF-8, no other spelling than ours but for the order of
 * fields (packed size equal).
 * Lengths of ids and hashes inside are the reader's to check.
 * Errors: SB_E_FRAME_TOO_LARGE, SB_E_FRAME_MALFORMED, SB_E_FRAME_UNKNOWN_FIELD, SB_E_FRAME_BODY. */
sb_err sb_frame_decode(sb_slice bytes, sb_arena *arena, const Sb__Frame **out, sb_fail *fail);

/* Pack a frame; appended to `out`. The caller made it within bounds (asserted). */
void sb_frame_encode(const Sb__Frame *frame, sb_buf *out);

/* How many leaves one Leaves frame may hold that answers a Pull with this credit (PROTOCOL.md
 * "Credit"). */
uint32_t sb_frame_leaves_max(uint32_t credit);

#endif
