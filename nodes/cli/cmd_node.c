/* samband node: an organisation's side. init and join only write files; run becomes samband-node.
 */
#include "nodes/charter/standby_card.h"
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"

static const sb_arg_position DIR_POSITION[] = {{.name = "KATALOG"}, {.name = NULL}};

/* ---- init ---- */

static const sb_arg_option INIT_OPTIONS[] = {
    {.name = "organisation",
     .value = "ID",
     .nb = "organisasjonens id i vedtektene",
     .en = "the organisation's id in the charter",
     .is_required = true},
    {.name = "keys",
     .value = "KATALOG",
     .nb = "hvor fullmaktsnøkkel, gjenopprettingsnøkkel og kort legges; ikke på nodens maskin",
     .en = "where the authority key, the recovery key and the card go; not on the node's machine",
     .is_required = true},
    {.name = "broker",
     .value = "ADRESSE",
     .nb = "meglerens adresse, tcp://maskin:port",
     .en = "the broker's address, tcp://host:port"},
    {.name = "rehearsal-cost",
     .nb = "nøklene åpnes raskt og er dårlig beskyttet: bare til øvelser",
     .en = "the keys open fast and are badly protected: for rehearsals only"},
    SB_OPTION_END};

static bool id_is_valid(const char *id)
{
    size_t len = strlen(id);
    return len > 0 && len <= SB_ID_BYTES_MAX &&
           strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* The four keys of an organisation, and its card with their public halves. */
static sb_err make_keys(sb_cli *cli, const sb_node_config *config, const char *keys, bool goes_on)
{
    sb_arena *a = &cli->arena;
    const char *id = config->organisation;
    const char *authority = sb_path_join(a, keys, sb_arena_printf(a, "%s-authority.key", id));
    const char *recovery = sb_path_join(a, keys, sb_arena_printf(a, "%s-recovery.key", id));
    const char *card_path = sb_path_join(a, keys, sb_arena_printf(a, "%s.card", id));
    const sb_passphrase_source source = {.file = cli->passphrase_file, .lang = cli->lang};
    const sb_kdf_cost *cost = sb_args_flag(cli->args, "rehearsal-cost") ? &SB_KDF_MIN : NULL;
    sb_node_card card = {0};
    memcpy(card.organisation, id, strlen(id) + 1);
    sb_err err = sb_daemon_new_key(cli, config->witness_key, SB_KEY_WITNESS, NULL, NULL, goes_on,
                                   card.witness_pk);
    if (err == SB_OK)
        err = sb_daemon_new_key(cli, config->curve_key, SB_KEY_CURVE, NULL, NULL, goes_on,
                                card.curve_pk);
    if (err == SB_OK)
        err = sb_daemon_new_key(cli, authority, SB_KEY_AUTHORITY, &source, cost, goes_on,
                                card.authority_pk);
    if (err == SB_OK)
        err = sb_daemon_new_key(cli, recovery, SB_KEY_RECOVERY, &source, cost, goes_on,
                                card.recovery_pk);
    sb_buf text;
    sb_buf_init(&text);
    sb_node_card_write(&card, &text);
    if (err == SB_OK)
        err = sb_daemon_write_card(cli, card_path, sb_buf_slice(&text), goes_on);
    sb_buf_deinit(&text);
    if (err == SB_OK)
        sb_cli_say(cli, "%s: %s\n%s: %s\n%s: %s",
                   sb_cli_either(cli, "kort, kan deles fritt", "card, may be shared"), card_path,
                   sb_cli_either(cli, "fullmaktsnøkkel", "authority key"), authority,
                   sb_cli_either(cli, "gjenopprettingsnøkkel, oppbevares frakoblet",
                                 "recovery key, keep it offline"),
                   recovery);
    return err;
}

static sb_err node_init(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0), *keys = sb_args_value(cli->args, "keys");
    bool goes_on = false;
    sb_node_config config;
    sb_node_config_init(&config, dir, sb_args_value(cli->args, "organisation"), &cli->arena);
    config.broker = sb_args_value_or(cli->args, "broker", "");
    if (!id_is_valid(config.organisation))
        return sb_fail_set(&cli->fail, SB_E_CLI_NOT_MEMBER, config.organisation, NULL);
    sb_err err = sb_daemon_check_endpoint(cli, "broker", config.broker);
    if (err == SB_OK)
        err = sb_daemon_make_dirs(cli, dir, keys, &goes_on);
    if (err == SB_OK)
        err = make_keys(cli, &config, keys, goes_on);
    if (err == SB_OK)
        err = sb_node_config_write(&config, &cli->fail);
    if (err == SB_OK)
        sb_daemon_done(cli, dir);
    return err;
}

const sb_verb_spec sb_spec_node_init = {DIR_POSITION, INIT_OPTIONS, node_init};

/* ---- join ---- */

static const sb_arg_option JOIN_OPTIONS[] = {{.name = "broker",
                                              .value = "ADRESSE",
                                              .nb = "meglerens adresse, tcp://maskin:port",
                                              .en = "the broker's address, tcp://host:port"},
                                             {.name = "card",
                                              .value = "FIL",
                                              .nb = "kortet til megleren, når den er en annen "
                                                    "enn den føderasjonen ble stiftet med",
                                              .en = "the broker's card, when it is another than "
                                                    "the one the federation was founded with"},
                                             SB_OPTION_END};

/* Another broker than the founders' is dialled by the key and address of its card. */
static sb_err take_card(sb_cli *cli, sb_node_config *config)
{
    const char *path = sb_args_value(cli->args, "card");
    sb_standby_card card;
    if (path == NULL)
        return SB_OK;
    sb_err err = sb_standby_card_read(path, &cli->arena, &card, &cli->fail);
    if (err != SB_OK)
        return err;
    config->broker = card.address;
    config->has_broker_curve = true;
    memcpy(config->broker_curve_pk, card.curve_pk, 32);
    return SB_OK;
}

/* A founder has the keys that lie here; who was admitted later is not in the file. */
static sb_err check_founder(sb_cli *cli, const sb_node_config *config, const sb_federation *f)
{
    const Sb__GenesisOrganisation *found = NULL;
    for (size_t i = 0; i < f->genesis->n_organisations; i++)
        if (strcmp(f->genesis->organisations[i]->id, config->organisation) == 0)
            found = f->genesis->organisations[i];
    if (found == NULL)
        return SB_OK;
    sb_err err = sb_daemon_check_key(cli, config->witness_key, found->witness_pk.data);
    return err == SB_OK ? sb_daemon_check_key(cli, config->curve_key, found->curve_pk.data) : err;
}

static sb_err node_join(sb_cli *cli)
{
    const char *dir = sb_args_position(cli->args, 0);
    const char *broker = sb_args_value(cli->args, "broker");
    sb_node_config config;
    sb_federation federation;
    sb_err err = sb_node_config_read(dir, &cli->arena, &config, &cli->fail);
    if (err == SB_OK)
        err = take_card(cli, &config);
    if (err == SB_OK && broker != NULL)
        config.broker = broker;
    if (err == SB_OK)
        err = sb_daemon_check_endpoint(cli, "broker", config.broker);
    if (err == SB_OK)
        err = sb_daemon_read_federation(cli, &federation);
    if (err == SB_OK)
        err = check_founder(cli, &config, &federation);
    if (err == SB_OK && config.broker[0] == '\0') /* it couldn't be started */
        err = sb_fail_set(&cli->fail, SB_E_CLI_NO_BROKER, NULL);
    if (err == SB_OK)
        err = sb_daemon_copy_federation(cli, config.federation);
    if (err == SB_OK)
        err = sb_node_config_write(&config, &cli->fail);
    if (err == SB_OK)
        sb_daemon_done(cli, dir);
    return err;
}

const sb_verb_spec sb_spec_node_join = {DIR_POSITION, JOIN_OPTIONS, node_join};

/* ---- run, status ---- */

static sb_err node_run(sb_cli *cli)
{
    return sb_daemon_exec(cli, "samband-node");
}

const sb_verb_spec sb_spec_node_run = {DIR_POSITION, SB_DAEMON_RUN_OPTIONS, node_run};

static const sb_arg_position OPTIONAL_DIR[] = {{.name = "KATALOG", .is_optional = true},
                                               {.name = NULL}};

static sb_err node_status(sb_cli *cli)
{
    if (sb_args_position(cli->args, 0) != NULL)
        cli->node = sb_args_position(cli->args, 0);
    return sb_status_show(cli);
}

const sb_verb_spec sb_spec_node_status = {OPTIONAL_DIR, NULL, node_status};
