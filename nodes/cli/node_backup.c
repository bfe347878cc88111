/* samband node backup, restore: a verified copy of a node's store, and back. What was restored is
 * marked: promises were given and heads confirmed after the copy was made, so the node confirms
 * nothing before it has caught up (nodes/follower "RESTORED"). Keys aren't copied. */
#include "nodes/cli/backup.h"
#include "nodes/follower/follower.h"
#include "nodes/host/config.h"

static sb_err what(sb_cli *cli, const char *dir, sb_backup *out)
{
    sb_node_config config;
    sb_err err = sb_node_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK)
        *out = (sb_backup){"node", config.store, config.federation, SB_FOL_ROW_RESTORED};
    return err;
}

static sb_err node_backup(sb_cli *cli)
{
    sb_backup b;
    sb_err err = what(cli, sb_args_position(cli->args, 0), &b);
    return err == SB_OK ? sb_backup_make(cli, &b, sb_args_position(cli->args, 1)) : err;
}

const sb_verb_spec sb_spec_node_backup = {SB_BACKUP_POSITIONS, NULL, node_backup};

static void mark(sb_kv *own, sb_ledger *ledger)
{
    uint8_t key[1], value[13];
    (void)ledger;
    sb_follower_restored_row(0, key, value);
    sb_kv_put(own, sb_slice_of(key, sizeof key), sb_slice_of(value, sizeof value));
}

static sb_err node_restore(sb_cli *cli)
{
    const char *from = sb_args_position(cli->args, 0), *dir = sb_args_position(cli->args, 1);
    sb_backup b;
    sb_err err = what(cli, dir, &b);
    if (err == SB_OK)
        err = sb_backup_restore(cli, &b, from, dir, mark);
    if (err == SB_OK)
        sb_cli_say(
            cli, "%s",
            sb_cli_either(cli, "noden bekrefter ingenting før den har tatt igjen de andre",
                          "the node confirms nothing before it has caught up with the others"));
    return err;
}

const sb_verb_spec sb_spec_node_restore = {SB_RESTORE_POSITIONS, NULL, node_restore};
