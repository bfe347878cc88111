/* What others say to a node, as a test writes it: frames in an arena, over slices that stay the
 * caller's. */
#ifndef SB_TESTS_SIM_SIM_FRAME_H
#define SB_TESTS_SIM_SIM_FRAME_H

#include "nodes/follower/follower.h"
#include "proto/merkle/proof.h"
#include "proto/wire/frame.h"

ProtobufCBinaryData data_of(sb_slice s);
const Sb__Frame *sim_welcome(sb_arena *a, uint64_t size, uint32_t term);
const Sb__Frame *sim_certified(sb_arena *a, sb_slice note);
/* For this entry, signature and all, as the leaf at `index`. */
const Sb__Frame *sim_receipt(sb_arena *a, sb_slice entry, uint64_t index, uint64_t time_ms,
                             const sb_proof *proof, sb_slice note);
const Sb__Frame *sim_offer(sb_arena *a, uint64_t index, sb_slice leaf, sb_slice note);
/* The event: the leaves are opened up to the first that isn't well-formed. */
sb_fol_event sim_leaves(sb_arena *a, uint32_t link, uint64_t first, const sb_slice *leaves,
                        size_t count, sb_slice note, const sb_proof *proof);

#endif
