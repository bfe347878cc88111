/* samband node backup, restore: a verified copy of a node's store, and back. What was restored is
 * marked: promises were given and heads confirmed after the copy was made, so the node confirms
 * nothing before it has caught up (nodes/follower "RESTORED"). Keys aren't copied. */
#include "nodes/cli/backup.h"
#include "nodes/cli/daemon.h"
#include "nodes/follower/follower.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/store/history.h"

/* ---- backup ---- */

static const sb_arg_position BACKUP_POSITIONS[] = {
    {.name = "KATALOG"}, {.name = "TIL"}, {.name = NULL}};

static sb_err node_backup(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *to = sb_args_position(cli->args, 1);
    const char *store = sb_path_join(&cli->arena, to, "store");
    sb_node_config config;
    sb_err err = sb_node_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK && !sb_dir_is_empty(to))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, to, NULL);
    if (err == SB_OK)
        err = sb_dir_make(to, 0700, &cli->fail);
    if (err == SB_OK)
        err = sb_backup_copy_store(cli, "node", config.store, store);
    if (err == SB_OK)
        err = sb_backup_copy_file(cli, config.federation,
                                  sb_path_join(&cli->arena, to, SB_FEDERATION_FILE));
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, to);
    sb_backup_say_size(cli, "node", store);
    sb_cli_say(cli, "%s",
               sb_cli_either(cli, "nøklene er ikke med; ta vare på dem for seg",
                             "the keys are not in it; keep them apart"));
    return SB_OK;
}

const sb_verb_spec sb_spec_node_backup = {BACKUP_POSITIONS, NULL, node_backup};

/* ---- restore ---- */

static const sb_arg_position RESTORE_POSITIONS[] = {
    {.name = "FRA"}, {.name = "KATALOG"}, {.name = NULL}};

static sb_err mark_restored(sb_cli *cli, const char *dir)
{
    const sb_store_opts opts = {.kind = "node"};
    uint8_t key[1], value[13];
    sb_history h;
    sb_follower_restored_row(0, key, value);
    sb_err err = sb_history_open(&h, dir, &opts, &cli->fail);
    if (err == SB_OK)
        err = sb_store_begin(h.store, 0, &cli->fail);
    if (err == SB_OK) {
        sb_kv_put(sb_store_own(h.store), sb_slice_of(key, sizeof key),
                  sb_slice_of(value, sizeof value));
        err = sb_store_commit(h.store, &cli->fail);
    }
    sb_history_close(&h);
    return err;
}

static sb_err node_restore(sb_cli *cli)
{
    const char *from = sb_args_position(cli->args, 0), *dir = sb_args_position(cli->args, 1);
    sb_node_config config;
    sb_err err = sb_node_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK && !sb_dir_is_empty(config.store))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, config.store, NULL);
    if (err == SB_OK)
        err = sb_backup_copy_store(cli, "node", sb_path_join(&cli->arena, from, "store"),
                                   config.store);
    if (err == SB_OK)
        err = mark_restored(cli, config.store);
    if (err == SB_OK)
        err = sb_backup_copy_file(cli, sb_path_join(&cli->arena, from, SB_FEDERATION_FILE),
                                  config.federation);
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, dir);
    sb_backup_say_size(cli, "node", config.store);
    sb_cli_say(cli, "%s",
               sb_cli_either(cli, "noden bekrefter ingenting før den har tatt igjen de andre",
                             "the node confirms nothing before it has caught up with the others"));
    return SB_OK;
}

const sb_verb_spec sb_spec_node_restore = {RESTORE_POSITIONS, NULL, node_restore};
