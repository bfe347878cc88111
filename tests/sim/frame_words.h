/* Frames and commits in words: what the traces of the cores' tests (sim_trace.h) and of the
 * simulator (world_words.c) have in common. Who does it and to whom, how many leaves a commit has
 * and what became of a frame: those they add. */
#ifndef SB_TESTS_SIM_FRAME_WORDS_H
#define SB_TESTS_SIM_FRAME_WORDS_H

#include "nodes/follower/follower.h"

/* Appended to out: "Receipt index 0 head 2"; or "what nobody can read". */
void sim_frame_words(sb_slice frame, sb_buf *out);
/* Whose own rows: the follower's (sb_fol_table), or those of a standby and a sequencer. */
typedef enum sim_whose { SIM_NODE, SIM_BROKER } sim_whose;
/* Appended to out: " GENESIS STATE +HEAD -OUTBOX", the leaves and then the rows. */
void sim_commit_words(const sb_log_commit *c, sim_whose whose, sb_buf *out);

#endif
