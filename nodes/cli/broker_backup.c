/* samband broker backup, restore: a verified copy of a broker's store, and back. What was restored
 * is marked: it signs nothing by itself, for heads were signed after the copy was made. */
#include "nodes/cli/backup.h"
#include "nodes/host/config.h"
#include "proto/base/cursor.h"

static sb_err what(sb_cli *cli, const char *dir, sb_backup *out)
{
    sb_broker_config config;
    sb_err err = sb_broker_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK)
        *out = (sb_backup){"broker", config.store, config.federation, SB_BROKER_ROW_RESTORED};
    return err;
}

static sb_err broker_backup(sb_cli *cli)
{
    sb_backup b;
    sb_err err = what(cli, sb_args_position(cli->args, 0), &b);
    return err == SB_OK ? sb_backup_make(cli, &b, sb_args_position(cli->args, 1)) : err;
}

const sb_verb_spec sb_spec_broker_backup = {SB_BACKUP_POSITIONS, NULL, broker_backup};

/* From now on it follows the nodes first (brokerd/main.c). */
static void mark(sb_kv *own, sb_ledger *ledger)
{
    const uint8_t key = SB_BROKER_ROW_RESTORED;
    uint8_t term[4];
    sb_writer w = sb_writer_over(term, sizeof term);
    sb_write_u32(&w, sb_ledger_term(ledger));
    sb_kv_put(own, sb_slice_of(&key, 1), sb_slice_of(term, sizeof term));
}

static sb_err broker_restore(sb_cli *cli)
{
    const char *from = sb_args_position(cli->args, 0), *dir = sb_args_position(cli->args, 1);
    sb_backup b;
    sb_err err = what(cli, dir, &b);
    if (err == SB_OK)
        err = sb_backup_restore(cli, &b, from, dir, mark);
    if (err == SB_OK)
        sb_cli_say(cli,
                   sb_cli_either(cli, "start den som reserve: samband broker run %s --standby",
                                 "start it as a standby: samband broker run %s --standby"),
                   dir);
    return err;
}

const sb_verb_spec sb_spec_broker_restore = {SB_RESTORE_POSITIONS, NULL, broker_restore};
