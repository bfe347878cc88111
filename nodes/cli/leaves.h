/* The log's leaves from the node, in order. */
#ifndef SB_CLI_LEAVES_H
#define SB_CLI_LEAVES_H

#include "nodes/cli/inside.h"

typedef sb_err (*sb_leaf_visit)(void *arg, uint64_t index, const sb_leaf *leaf);

/* Fetch leaves `from` up to (not with) `to`, verify each signature, and call `visit` until it
 * fails; the leaf is borrowed for the call. Errors: what visit returns, sb_leaf_open's, the node's.
 */
sb_err sb_leaves_each(sb_cli *cli, uint64_t from, uint64_t to, sb_leaf_visit visit, void *arg);

#endif
