/* Processes of different versions of the program: who can't go on with a peer tells it so, and the
 * peer can say it to its operator. PROTOCOL.md "Frames and exchange", Versions.
 */
#ifndef SB_WIRE_MISFIT_H
#define SB_WIRE_MISFIT_H

#include "proto/wire/frame.h"

enum {
    SB_MISFIT_TELL_MS = 1000,     /* peers, all together, are told so often */
    SB_MISFIT_LOG_MS = 60 * 1000, /* the same is logged so often */
};

typedef struct sb_misfit {
    uint64_t told_ms, logged_ms; /* monotonic; 0: never */
    sb_err logged;
} sb_misfit;

/* True, at most once in SB_MISFIT_TELL_MS. */
bool sb_misfit_is_time(sb_misfit *m, uint64_t mono_ms);
/* To be logged: another one than the last, or that long ago. */
bool sb_misfit_is_news(sb_misfit *m, uint64_t mono_ms, sb_err code);
/* Whoever greets works by the same rules. A Hello that names no engine, and other frames, do.
 * Errors: SB_E_FRAME_ENGINE. */
sb_err sb_misfit_look(const Sb__Frame *frame, uint32_t engine, sb_fail *fail);
/* The answer to a frame that couldn't be read, or a Hello that doesn't fit: a Refused without an
 * entry (32 zeros), appended. */
void sb_misfit_answer(const sb_fail *why, sb_buf *out);
/* A frame that couldn't be read, in the reader's words: SB_E_FRAME_NEWER; others as they are. */
void sb_misfit_word(const sb_fail *why, sb_fail *word);
/* Is this such an answer? Then *why is in this side's words: SB_E_FRAME_ENGINE, SB_E_FRAME_VERSION,
 * SB_E_FRAME_NEWER. */
bool sb_misfit_told(const Sb__Refused *refused, sb_fail *why);

#endif
