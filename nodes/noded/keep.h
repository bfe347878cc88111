/* `samband-node check` and `repair` (nodes/store/keeper.h): where a node's store is, what its own rows
 * must be, and what becomes of them when leaves are fetched anew. */
#ifndef SB_NODED_KEEP_H
#define SB_NODED_KEEP_H

#include "nodes/store/keeper.h"

extern const sb_keeper SB_NODE_KEEPER;
/* For tests: the two hooks; context: the organisation's id, or NULL. */
void sb_node_keep_check(const sb_check_own *own);
void sb_node_keep_repair(const sb_repair_own *own);

#endif
