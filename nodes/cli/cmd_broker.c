/* samband broker: the sequencing side, from the directory to the running daemon. */
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

static const sb_arg_option INIT_OPTIONS[] = {{.name = "listen",
                                              .value = "ADRESSE",
                                              .nb = "hvor nodene kobler til, tcp://0.0.0.0:7117",
                                              .en = "where nodes connect, tcp://0.0.0.0:7117",
                                              .is_required = true},
                                             {.name = "cards",
                                              .value = "KATALOG",
                                              .nb = "hvor kortet legges",
                                              .en = "where the card goes",
                                              .is_required = true},
                                             SB_OPTION_END};

static sb_err broker_init(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *cards = sb_args_value(cli->args, "cards");
    const char *path = sb_path_join(&cli->arena, cards, "broker.card");
    sb_broker_config config;
    sb_broker_card card = {0};
    sb_buf text;
    sb_buf_init(&text);
    sb_broker_config_init(&config, dir, sb_args_value(cli->args, "listen"), &cli->arena);
    sb_err err = sb_daemon_check_endpoint(cli, "listen", config.listen);
    if (err == SB_OK)
        err = sb_daemon_make_dirs(cli, dir, cards);
    if (err == SB_OK)
        err = sb_keystore_new(config.log_key, SB_KEY_LOG, NULL, NULL, card.log_pk, &cli->fail);
    if (err == SB_OK)
        err =
            sb_keystore_new(config.curve_key, SB_KEY_CURVE, NULL, NULL, card.curve_pk, &cli->fail);
    sb_broker_card_write(&card, &text);
    if (err == SB_OK)
        err = sb_file_write_new(path, sb_buf_slice(&text), SB_FILE_MODE, &cli->fail);
    if (err == SB_OK)
        err = sb_broker_config_write(&config, &cli->fail);
    sb_buf_deinit(&text);
    if (err != SB_OK)
        return err;
    sb_daemon_done(cli, dir);
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "kort, kan deles fritt", "card, may be shared"),
               path);
    return SB_OK;
}

const sb_verb_spec sb_spec_broker_init = {DIR_POSITION, INIT_OPTIONS, broker_init};

static sb_err broker_join(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0);
    sb_broker_config config;
    sb_federation federation;
    sb_err err = sb_broker_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK)
        err = sb_daemon_read_federation(cli, &federation);
    if (err == SB_OK)
        err = sb_daemon_check_key(cli, config.log_key, federation.genesis->log_pk.data);
    if (err == SB_OK)
        err = sb_daemon_check_key(cli, config.curve_key, federation.genesis->broker_curve_pk.data);
    if (err == SB_OK)
        err = sb_daemon_copy_federation(cli, config.federation);
    if (err == SB_OK)
        sb_daemon_done(cli, dir);
    return err;
}

const sb_verb_spec sb_spec_broker_join = {DIR_POSITION, NULL, broker_join};

static sb_err broker_run(sb_cli *cli)
{
    return sb_daemon_exec(cli, "samband-broker");
}

const sb_verb_spec sb_spec_broker_run = {DIR_POSITION, SB_DAEMON_RUN_OPTIONS, broker_run};

static sb_err broker_status(sb_cli *cli)
{
    cli->node = sb_args_position(cli->args, 0);
    return sb_status_show(cli);
}

const sb_verb_spec sb_spec_broker_status = {DIR_POSITION, NULL, broker_status};
