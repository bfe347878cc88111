/* samband key: key files, and telling the federation that a key is lost or replaced. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

static const sb_arg_position FILE_POSITION[] = {{.name = "FIL"}, {.name = NULL}};

/* ---- new ---- */

static const sb_arg_option NEW_OPTIONS[] = {
    {.name = "role",
     .value = "ROLLE",
     .nb = "member (medlem, vanlig), authority (fullmakt), recovery (gjenoppretting), witness, "
           "log, curve",
     .en = "member (the default), authority, recovery, witness, log, curve"},
    {.name = "rehearsal-cost",
     .nb = "åpnes raskt og er dårlig beskyttet: bare til øvelser",
     .en = "opens fast and is badly protected: for rehearsals only"},
    SB_OPTION_END};

static void tell_key(sb_cli *cli, const char *path, sb_key_role role, const uint8_t pk[32])
{
    char hex[65];
    sb_hex(sb_slice_of(pk, 32), hex);
    sb_json_key(&cli->json, "file");
    sb_json_cstr(&cli->json, path);
    sb_json_key(&cli->json, "role");
    sb_json_cstr(&cli->json, sb_key_role_name(role));
    sb_json_key(&cli->json, "public_key");
    sb_json_cstr(&cli->json, hex);
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "nøkkelfil", "key file"), path);
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "rolle", "role"), sb_key_role_name(role));
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "offentlig nøkkel", "public key"), hex);
}

static sb_err key_new(sb_cli *cli)
{
    const char *path = sb_args_position(cli->args, 0);
    const char *name = sb_args_value_or(cli->args, "role", "member");
    sb_key_role role = sb_key_role_from(sb_slice_str(name));
    uint8_t pk[32];
    if (role == SB_KEY_NONE)
        return sb_fail_set(&cli->fail, SB_E_ARG_CHOICE, "role", name,
                           "member, authority, witness, recovery, log, curve", NULL);
    const sb_passphrase_source source = {.file = cli->passphrase_file, .lang = cli->lang};
    const sb_kdf_cost *cost = sb_args_flag(cli->args, "rehearsal-cost") ? &SB_KDF_MIN : NULL;
    sb_err err = sb_keystore_new(path, role, sb_key_role_may_be_plain(role) ? NULL : &source, cost,
                                 pk, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_cli_say(cli, "%s", sb_cli_either(cli, cli->verb->done_nb, cli->verb->done_en));
    tell_key(cli, path, role, pk);
    return SB_OK;
}

const sb_verb_spec sb_spec_key_new = {FILE_POSITION, NEW_OPTIONS, key_new};

/* ---- show ---- */

static const sb_arg_position OPTIONAL_FILE[] = {{.name = "FIL", .is_optional = true},
                                                {.name = NULL}};

static sb_err key_show(sb_cli *cli)
{
    const char *path = sb_args_position(cli->args, 0);
    sb_keyfile_info info;
    sb_err err = path != NULL ? SB_OK : sb_home_key(cli, &path);
    if (err == SB_OK)
        err = sb_keystore_info(path, &info, &cli->fail);
    if (err != SB_OK)
        return err;
    tell_key(cli, path, info.role, info.public_key);
    sb_json_key(&cli->json, "has_passphrase");
    sb_json_bool(&cli->json, info.is_sealed);
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "passfrase", "passphrase"),
               sb_text(info.is_sealed ? SB_MSG_YES : SB_MSG_NO, cli->lang));
    return SB_OK;
}

const sb_verb_spec sb_spec_key_show = {OPTIONAL_FILE, NULL, key_show};

/* ---- revoke, replace ---- */

static const sb_arg_position PK_POSITION[] = {{.name = "NØKKEL"}, {.name = NULL}};
static const sb_arg_option REVOKE_OPTIONS[] = {{.name = "reason",
                                                .value = "GRUNN",
                                                .nb = "mistet, sluttet eller annet",
                                                .en = "lost, left, other",
                                                .is_required = true},
                                               SB_OPTION_END};

static sb_err key_revoke(sb_cli *cli)
{
    uint8_t pk[32];
    uint32_t reason = 0;
    Sb__KeyRevoke m = SB__KEY_REVOKE__INIT;
    sb_err err = sb_read_pk(cli, sb_args_position(cli->args, 0), pk);
    if (err == SB_OK)
        err = sb_option_word(cli, SB_TEXT_REVOKE_REASON, "reason", 0, &reason);
    if (err != SB_OK)
        return err;
    m.pk = sb_bytes32(pk);
    m.reason = (Sb__RevokeReason)reason;
    return sb_submit(cli, SB_ENTRY_KEY_REVOKE, &m.base, SB_KEY_NONE, NULL);
}

const sb_verb_spec sb_spec_key_revoke = {PK_POSITION, REVOKE_OPTIONS, key_revoke};

static const sb_arg_position REPLACE_POSITIONS[] = {
    {.name = "GAMMEL"}, {.name = "NY"}, {.name = NULL}};

static sb_err key_replace(sb_cli *cli)
{
    uint8_t old_pk[32], new_pk[32];
    Sb__KeyReplace m = SB__KEY_REPLACE__INIT;
    sb_err err = sb_read_pk(cli, sb_args_position(cli->args, 0), old_pk);
    if (err == SB_OK)
        err = sb_read_pk(cli, sb_args_position(cli->args, 1), new_pk);
    if (err != SB_OK)
        return err;
    m.old_pk = sb_bytes32(old_pk);
    m.new_pk = sb_bytes32(new_pk);
    return sb_submit(cli, SB_ENTRY_KEY_REPLACE, &m.base, SB_KEY_NONE, NULL);
}

const sb_verb_spec sb_spec_key_replace = {REPLACE_POSITIONS, NULL, key_replace};
