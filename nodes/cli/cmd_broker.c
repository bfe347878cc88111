/* samband broker: the sequencing side, from the directory to the running daemon. */
#include "nodes/charter/standby_card.h"
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

static const sb_arg_option INIT_OPTIONS[] = {
    {.name = "listen",
     .value = "ADRESSE",
     .nb = "hvor nodene kobler til, tcp://0.0.0.0:7117",
     .en = "where nodes connect, tcp://0.0.0.0:7117",
     .is_required = true},
    {.name = "cards",
     .value = "KATALOG",
     .nb = "hvor kortet legges",
     .en = "where the card goes",
     .is_required = true},
    {.name = "standby",
     .nb = "en reserve, som kan overta når megleren er borte",
     .en = "a standby, which can take over when the broker is gone"},
    {.name = "id",
     .value = "ID",
     .nb = "reservens id i vedtektene (reserve)",
     .en = "the standby's id in the charter (reserve)"},
    {.name = "address",
     .value = "ADRESSE",
     .nb = "reservens adresse som nodene ser den, tcp://maskin:7117",
     .en = "the standby's address as nodes see it, tcp://host:7117"},
    SB_OPTION_END};

static sb_err new_keys(sb_cli *cli, const sb_broker_config *config, bool goes_on,
                       uint8_t log_pk[32], uint8_t curve_pk[32])
{
    sb_err err = sb_daemon_new_key(cli, config->log_key, SB_KEY_LOG, NULL, NULL, goes_on, log_pk);
    if (err == SB_OK)
        err =
            sb_daemon_new_key(cli, config->curve_key, SB_KEY_CURVE, NULL, NULL, goes_on, curve_pk);
    return err;
}

/* Keys and the card, appended to `text`; *name is the card's. */
static sb_err make_broker(sb_cli *cli, const sb_broker_config *config, bool goes_on, sb_buf *text,
                          const char **name)
{
    sb_broker_card card = {0};
    *name = "broker.card";
    sb_err err = new_keys(cli, config, goes_on, card.log_pk, card.curve_pk);
    sb_broker_card_write(&card, text);
    return err;
}

static bool id_is_valid(const char *id)
{
    size_t len = strlen(id);
    return len > 0 && len <= SB_ID_BYTES_MAX &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static sb_err make_standby(sb_cli *cli, const sb_broker_config *config, bool goes_on, sb_buf *text,
                           const char **name)
{
    sb_standby_card card = {.id = sb_args_value_or(cli->args, "id", "reserve"),
                            .address = sb_args_value(cli->args, "address")};
    if (card.address == NULL)
        return sb_args_missing(cli->args, "address", &cli->fail);
    if (!id_is_valid(card.id))
        return sb_fail_set(&cli->fail, SB_E_ARG_CHOICE, "id", card.id, "a-z 0-9 -", NULL);
    sb_err err = sb_daemon_check_endpoint(cli, "address", card.address);
    if (err == SB_OK)
        err = new_keys(cli, config, goes_on, card.log_pk, card.curve_pk);
    sb_standby_card_write(&card, text);
    *name = sb_arena_printf(&cli->arena, "broker-%s.card", card.id);
    return err;
}

static sb_err broker_init(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *cards = sb_args_value(cli->args, "cards");
    const char *name = "", *path = "";
    bool goes_on = false;
    sb_broker_config config;
    sb_buf text;
    sb_buf_init(&text);
    sb_broker_config_init(&config, dir, sb_args_value(cli->args, "listen"), &cli->arena);
    config.standby = sb_args_flag(cli->args, "standby");
    sb_err err = sb_daemon_check_endpoint(cli, "listen", config.listen);
    if (err == SB_OK && config.standby && sb_args_value(cli->args, "address") == NULL)
        err = sb_args_missing(cli->args, "address", &cli->fail); /* before anything is made */
    if (err == SB_OK)
        err = sb_daemon_make_dirs(cli, dir, cards, &goes_on);
    if (err == SB_OK)
        err = config.standby ? make_standby(cli, &config, goes_on, &text, &name)
                             : make_broker(cli, &config, goes_on, &text, &name);
    if (err == SB_OK) {
        path = sb_path_join(&cli->arena, cards, name);
        err = sb_daemon_write_card(cli, path, sb_buf_slice(&text), goes_on);
    }
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
    if (err == SB_OK && !config.standby)
        err = sb_daemon_check_key(cli, config.log_key, federation.genesis->log_pk.data);
    if (err == SB_OK && !config.standby)
        err = sb_daemon_check_key(cli, config.curve_key, federation.genesis->broker_curve_pk.data);
    if (err == SB_OK)
        err = sb_daemon_copy_federation(cli, config.federation);
    if (err == SB_OK)
        sb_daemon_done(cli, dir);
    return err;
}

const sb_verb_spec sb_spec_broker_join = {DIR_POSITION, NULL, broker_join};

static const sb_arg_option RUN_OPTIONS[] = {
    {.name = "standby",
     .nb = "følg loggen som reserve; overta når megleren tier",
     .en = "follow the log as a standby; take over when the broker is silent"},
    {.name = "take-over",
     .nb = "som reserve: be om å få overta nå, uten å vente på taushet",
     .en = "as a standby: ask to take over now, without waiting for silence"},
    {.name = "clock-file",
     .value = "FIL",
     .nb = "klokken i en øvelse",
     .en = "the clock of a rehearsal"},
    {.name = "log-level",
     .value = "NIVÅ",
     .nb = "error, warn, info eller debug",
     .en = "error, warn, info or debug"},
    SB_OPTION_END};

static sb_err broker_run(sb_cli *cli)
{
    return sb_daemon_exec(cli, "samband-broker");
}

const sb_verb_spec sb_spec_broker_run = {DIR_POSITION, RUN_OPTIONS, broker_run};

static sb_err broker_status(sb_cli *cli)
{
    cli->node = sb_args_position(cli->args, 0);
    return sb_status_show(cli);
}

const sb_verb_spec sb_spec_broker_status = {DIR_POSITION, NULL, broker_status};
