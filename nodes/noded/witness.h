/* A node as a C2SP tlog-witness of its own federation's log, in frames (PROTOCOL.md "Outside
 * witnesses"). It cosigns nothing here: it gives what it has cosigned by its own rules. */
#ifndef SB_NODED_WITNESS_H
#define SB_NODED_WITNESS_H

#include "nodes/noded/queries.h"
#include "proto/merkle/tlog_witness.h"

/* Answer an add-checkpoint body: the status, its body appended. */
uint32_t sb_node_witness(const sb_node_view *view, sb_slice body, sb_buf *answer);

#endif
