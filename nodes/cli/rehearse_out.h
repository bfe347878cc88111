/* What a rehearsal leaves behind: summary, minutes, certificates, bundle, all read over the nodes'
 * sockets or made by verbs. */
#ifndef SB_CLI_REHEARSE_OUT_H
#define SB_CLI_REHEARSE_OUT_H

#include "nodes/cli/rehearse_play.h"
#include "proto/base/json.h"

/* Append {"nodes":[{"id","size","root","digest","final"}…],"cases":[{"number","body","title",
 * "outcome","mode"}…]} of every running node. Waits until they hold the same. The cases are the
 * first node's; every other's must be equal. Errors: SB_E_REHEARSE_NODES_DIFFER, those of queries.
 */
sb_err sb_reh_summary(sb_reh_play *p, sb_buf *out, sb_fail *fail);
/* Say the nodes' positions, a line each. */
void sb_reh_say_nodes(sb_reh_play *p);
/* Into directories that are made: <body>-<date>.md and .html of each meeting whose body keeps
 * minutes; <body>-<NN-YY>.json and .txt of each decision; the bundle. */
sb_err sb_reh_write_minutes(sb_reh_play *p, const char *dir, sb_fail *fail);
sb_err sb_reh_write_certificates(sb_reh_play *p, const char *dir, sb_fail *fail);
sb_err sb_reh_write_bundle(sb_reh_play *p, const char *dir, sb_fail *fail);

/* DIR/names, for --join. */
sb_err sb_reh_names_write(const sb_reh_play *p, sb_fail *fail);
sb_err sb_reh_names_read(sb_reh_play *p, sb_fail *fail);

#endif
