/* samband action: what adopting a case does by itself. Bodies have verbs of their own (cmd_body.c),
 * and so has the charter (cmd_propose.c). */
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "nodes/cli/policy_words.h"
#include "proto/base/hash.h"

sb_err sb_submit_action(sb_cli *cli, const char *case_ref, Sb__ActionPropose *m)
{
    const sb_doc *c = NULL;
    uint8_t id[32];
    sb_err err = sb_ref_case(cli, case_ref, &c, id);
    m->case_id = sb_bytes32(id);
    if (err == SB_OK)
        err = sb_submit_new(cli, SB_ENTRY_ACTION_PROPOSE, &m->base, "action", "Tiltakets referanse",
                            "The action's reference");
    m->case_id = (ProtobufCBinaryData){0}; /* it lives no longer */
    return err;
}

/* ---- add ---- */

static const sb_arg_position ADD_POSITIONS[] = {{.name = "SAK"}, {.name = "SLAG"}, {.name = NULL}};
static const sb_arg_option ADD_OPTIONS[] = {
    SB_OPTIONS_APPOINT,
    {.name = "old",
     .value = "NØKKEL",
     .nb = "replace-key: nøkkelen som byttes",
     .en = "replace-key: the key that is replaced"},
    {.name = "new",
     .value = "NØKKEL",
     .nb = "replace-key: den nye",
     .en = "replace-key: the new one"},
    {.name = "card",
     .value = "FIL",
     .nb = "organisation: kortet fra «samband node init»",
     .en = "organisation: the card from \"samband node init\""},
    {.name = "partner",
     .value = "PARTNER",
     .nb = "organisation: samarbeidspartneren den hører til",
     .en = "organisation: the partner it belongs to"},
    SB_OPTION_END};

static sb_err need_pk(sb_cli *cli, const char *option, uint8_t pk[32])
{
    const char *text = sb_args_value(cli->args, option);
    return text == NULL ? sb_args_missing(cli->args, option, &cli->fail)
                        : sb_read_pk(cli, text, pk);
}

static sb_err replace_key(sb_cli *cli, Sb__ActionPropose *m)
{
    Sb__KeyReplace replace = SB__KEY_REPLACE__INIT;
    uint8_t old_pk[32], new_pk[32];
    sb_err err = need_pk(cli, "old", old_pk);
    if (err == SB_OK)
        err = need_pk(cli, "new", new_pk);
    replace.old_pk = sb_bytes32(old_pk);
    replace.new_pk = sb_bytes32(new_pk);
    m->action_case = SB__ACTION_PROPOSE__ACTION_KEY_REPLACE;
    m->key_replace = &replace;
    if (err == SB_OK)
        err = sb_submit_action(cli, sb_args_position(cli->args, 0), m);
    m->key_replace = NULL;
    return err;
}

static sb_err appoint(sb_cli *cli, Sb__ActionPropose *m)
{
    Sb__Appoint appointment = SB__APPOINT__INIT;
    sb_err err = sb_option_appoint(cli, &appointment);
    m->action_case = SB__ACTION_PROPOSE__ACTION_APPOINT;
    m->appoint = &appointment;
    if (err == SB_OK)
        err = sb_submit_action(cli, sb_args_position(cli->args, 0), m);
    m->appoint = NULL;
    return err;
}

static sb_err add_organisation(sb_cli *cli, Sb__ActionPropose *m)
{
    (void)m; /* makes its own: "organisation add" is the same */
    return sb_action_organisation(cli, sb_args_position(cli->args, 0));
}

static sb_err action_add(sb_cli *cli)
{
    static const struct {
        const char *words[3]; /* English, Norwegian */
        sb_err (*run)(sb_cli *cli, Sb__ActionPropose *m);
    } kinds[] = {{{"appoint", "oppnevn", NULL}, appoint},
                 {{"replace-key", "bytt-nøkkel", NULL}, replace_key},
                 {{"organisation", "organisasjon", NULL}, add_organisation}};
    const char *kind = sb_args_position(cli->args, 1);
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kind, kinds[i].words[0]) == 0 || strcmp(kind, kinds[i].words[1]) == 0)
            return kinds[i].run(cli, &m);
    return sb_fail_set(&cli->fail, SB_E_CLI_WORD, sb_args_placeholder("SLAG", cli->lang), kind,
                       sb_cli_either(cli,
                                     "oppnevn, bytt-nøkkel, organisasjon (organer: «samband organ "
                                     "opprett»; vedtektene: «samband vedtekter foreslå»)",
                                     "appoint, replace-key, organisation (bodies: \"samband body "
                                     "create\"; the charter: \"samband charter propose\")"),
                       NULL);
}

const sb_verb_spec sb_spec_action_add = {ADD_POSITIONS, ADD_OPTIONS, action_add};

/* ---- strike ---- */

static const sb_arg_position STRIKE_POSITIONS[] = {{.name = "SAK"}, {.name = "NR"}, {.name = NULL}};

/* An item of a case's list by its number there ("2") or the first digits of its id. */
sb_err sb_case_fact(sb_cli *cli, const sb_doc *c, const char *name, const char *text,
                    const char *what, uint8_t id[32])
{
    const sb_doc *list = NULL;
    const char *hex = NULL;
    char *end = NULL;
    sb_err err = sb_case_facts(cli, c, name, &list);
    unsigned long number = strlen(text) < 4 ? strtoul(text, &end, 10) : 0;
    for (uint32_t i = 0; err == SB_OK && number > 0 && *end == '\0' && i < sb_doc_count(list); i++)
        if (sb_doc_num(list->items[i], "number") == number)
            hex = sb_doc_str(list->items[i], "id");
    if (err == SB_OK && hex == NULL)
        err = sb_ref_in(cli, list, text, what, &hex);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), id, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, name, NULL);
    return err;
}

static sb_err action_strike(sb_cli *cli)
{
    Sb__ActionStrike m = SB__ACTION_STRIKE__INIT;
    const sb_doc *c = NULL;
    uint8_t case_id[32], id[32];
    sb_err err = sb_position_case(cli, &c, case_id);
    if (err == SB_OK)
        err = sb_case_fact(cli, c, "actions", sb_args_position(cli->args, 1),
                           sb_cli_either(cli, "tiltaket", "action"), id);
    m.action_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_ACTION_STRIKE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_action_strike = {STRIKE_POSITIONS, NULL, action_strike};

/* ---- list ---- */

/* What an adopted action waits for; "": nothing. */
static const char *waiting_words(const sb_cli *cli, const sb_doc *action)
{
    static const char *const words[][3] = {
        {"", "", ""},
        {"conditions", " (venter på vilkår)", " (waits for conditions)"},
        {"date", " (venter på datoen)", " (waits for its date)"},
        {"seal", " (venter på bekreftelse)", " (waits to be confirmed)"},
        {NULL, NULL, NULL}};
    return sb_word_of(cli, words, sb_doc_str(action, "waits_for"));
}

void sb_say_actions(sb_cli *cli, const sb_doc *list)
{
    bool en = cli->lang == SB_LANG_EN;
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const char *dropped = sb_doc_str(sb_doc_get(one, "dropped"), en ? "en" : "nb");
        sb_cli_say(cli, "%s %llu: %s – %s%s", sb_cli_either(cli, "Tiltak", "Action"),
                   (unsigned long long)sb_doc_num(one, "number"),
                   sb_doc_str(one, en ? "says_en" : "says_nb"),
                   sb_doc_str(one, en ? "status_en" : "status_nb"), waiting_words(cli, one));
        if (dropped[0] != '\0')
            sb_cli_say(cli, "  %s", dropped);
    }
}

static sb_err action_list(sb_cli *cli)
{
    const sb_doc *c = NULL, *list = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_show(cli, &list, "actions", sb_doc_str(c, "id"));
    if (err != SB_OK)
        return err;
    if (sb_doc_count(list) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_say_actions(cli, list);
    return SB_OK;
}

const sb_verb_spec sb_spec_action_list = {SB_CASE_POSITION, NULL, action_list};
