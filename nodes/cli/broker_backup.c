/* samband broker backup, restore: a verified copy of a broker's store, and back. What was restored
 * is marked: it signs nothing by itself, for heads were signed after the copy was made. */
#include "nodes/cli/backup.h"
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/store/history.h"
#include "proto/base/cursor.h"

/* ---- backup ---- */

static const sb_arg_position BACKUP_POSITIONS[] = {
    {.name = "KATALOG"}, {.name = "TIL"}, {.name = NULL}};

static sb_err broker_backup(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *to = sb_args_position(cli->args, 1);
    const char *store = sb_path_join(&cli->arena, to, "store");
    sb_broker_config config;
    sb_err err = sb_broker_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK && !sb_dir_is_empty(to))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, to, NULL);
    if (err == SB_OK)
        err = sb_dir_make(to, 0700, &cli->fail);
    if (err == SB_OK)
        err = sb_backup_copy_store(cli, "broker", config.store, store);
    if (err == SB_OK)
        err = sb_backup_copy_file(cli, config.federation,
                                  sb_path_join(&cli->arena, to, SB_FEDERATION_FILE));
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, to);
    sb_backup_say_size(cli, "broker", store);
    return SB_OK;
}

const sb_verb_spec sb_spec_broker_backup = {BACKUP_POSITIONS, NULL, broker_backup};

/* ---- restore ---- */

static const sb_arg_position RESTORE_POSITIONS[] = {
    {.name = "FRA"}, {.name = "KATALOG"}, {.name = NULL}};

/* From now on it follows the nodes first (brokerd/main.c). */
static sb_err mark_restored(sb_cli *cli, const char *dir)
{
    const sb_store_opts opts = {.kind = "broker"};
    const uint8_t key = SB_BROKER_ROW_RESTORED;
    uint8_t term[4];
    sb_history h;
    sb_err err = sb_history_open(&h, dir, &opts, &cli->fail);
    if (err == SB_OK) {
        sb_writer w = sb_writer_over(term, sizeof term);
        sb_write_u32(&w, sb_ledger_term(h.ledger));
        err = sb_store_begin(h.store, 0, &cli->fail);
    }
    if (err == SB_OK) {
        sb_kv_put(sb_store_own(h.store), sb_slice_of(&key, 1), sb_slice_of(term, sizeof term));
        err = sb_store_commit(h.store, &cli->fail);
    }
    sb_history_close(&h);
    return err;
}

static sb_err broker_restore(sb_cli *cli)
{
    const char *from = sb_args_position(cli->args, 0), *dir = sb_args_position(cli->args, 1);
    sb_broker_config config;
    sb_err err = sb_broker_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK && !sb_dir_is_empty(config.store))
        err = sb_fail_set(&cli->fail, SB_E_CLI_DIR_NOT_EMPTY, config.store, NULL);
    if (err == SB_OK)
        err = sb_backup_copy_store(cli, "broker", sb_path_join(&cli->arena, from, "store"),
                                   config.store);
    if (err == SB_OK)
        err = mark_restored(cli, config.store);
    if (err == SB_OK)
        err = sb_backup_copy_file(cli, sb_path_join(&cli->arena, from, SB_FEDERATION_FILE),
                                  config.federation);
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, dir);
    sb_backup_say_size(cli, "broker", config.store);
    sb_cli_say(cli,
               sb_cli_either(cli, "start den som reserve: samband broker run %s --standby",
                             "start it as a standby: samband broker run %s --standby"),
               dir);
    return SB_OK;
}

const sb_verb_spec sb_spec_broker_restore = {RESTORE_POSITIONS, NULL, broker_restore};
