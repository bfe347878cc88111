/* samband node check, repair; samband broker check, repair: done by the daemons' programs, which know
 * their own rows. */
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

static sb_err node_keep(sb_cli *cli)
{
    return sb_daemon_exec_verb(cli, "samband-node", cli->verb->verb);
}

static sb_err broker_keep(sb_cli *cli)
{
    return sb_daemon_exec_verb(cli, "samband-broker", cli->verb->verb);
}

const sb_verb_spec sb_spec_node_check = {DIR_POSITION, NULL, node_keep};
const sb_verb_spec sb_spec_node_repair = {DIR_POSITION, NULL, node_keep};
const sb_verb_spec sb_spec_broker_check = {DIR_POSITION, NULL, broker_keep};
const sb_verb_spec sb_spec_broker_repair = {DIR_POSITION, NULL, broker_keep};
