/* Effects as readable lines, for trace tests (frames and commits: frame_words.h):
 *
 *   commit GENESIS STATE +HEAD
 *   send 1 Receipt index 0 head 2   of a follower: the link, unless it is 1
 *   notify refused SB_E_…
 */
#ifndef SB_TESTS_SIM_SIM_TRACE_H
#define SB_TESTS_SIM_SIM_TRACE_H

#include "broker/sequencer/sequencer.h"
#include "nodes/follower/follower.h"

/* Appended to out, a line an effect. */
void sim_trace_seq(const sb_seq_effects *effects, sb_buf *out);
void sim_trace_fol(const sb_fol_effects *effects, sb_buf *out);

#endif
