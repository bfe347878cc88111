/* samband organisation, witnessing, membership: who is in, who confirms the history, and taking
 * back what was decided of it. Each change is an action of a case. */
#include <stdlib.h>

#include "nodes/cli/charter_in_force.h"
#include "nodes/cli/inside.h"
#include "nodes/cli/policy_words.h"
#include "nodes/host/file.h"
#include "nodes/host/yaml_read.h"
#include "proto/base/hash.h"
#include "proto/wire/promise.h"

#define OPTION_CASE                                                                                \
    {                                                                                              \
        .name = "case", .value = "SAK", .nb = "saken som skal vedta det",                          \
        .en = "the case that is to decide it", .is_required = true                                 \
    }

/* ---- organisation add ---- */

static const sb_arg_option ADD_OPTIONS[] = {
    OPTION_CASE,
    {.name = "card",
     .value = "FIL",
     .nb = "organisasjonens kort fra «samband node init»",
     .en = "its card from \"samband node init\"",
     .is_required = true},
    {.name = "name", .value = "NAVN", .nb = "hva den heter", .en = "its name", .is_required = true},
    {.name = "partner",
     .value = "PARTNER",
     .nb = "samarbeidspartneren den hører til",
     .en = "the partner it belongs to",
     .is_required = true},
    SB_OPTION_END};

sb_err sb_action_organisation(sb_cli *cli, const char *case_ref)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisation add = SB__ACTION_ORGANISATION__INIT;
    Sb__Organisation organisation = SB__ORGANISATION__INIT;
    Sb__GenesisOrganisation keys = SB__GENESIS_ORGANISATION__INIT;
    static const char *const needed[] = {"card", "partner", "name"};
    sb_node_card card;
    for (size_t i = 0; i < 3; i++)
        if (sb_args_value(cli->args, needed[i]) == NULL)
            return sb_args_missing(cli->args, needed[i], &cli->fail);
    sb_err err =
        sb_node_card_read(sb_args_value(cli->args, "card"), &cli->arena, &card, &cli->fail);
    if (err == SB_OK)
        err = sb_read_text(cli, sb_args_value(cli->args, "name"), &organisation.name);
    keys.id = organisation.id = card.organisation;
    organisation.partner = (char *)(uintptr_t)sb_args_value(cli->args, "partner");
    keys.authority_pk = sb_bytes32(card.authority_pk);
    keys.witness_pk = sb_bytes32(card.witness_pk);
    keys.recovery_pk = sb_bytes32(card.recovery_pk);
    keys.curve_pk = sb_bytes32(card.curve_pk);
    add.organisation = &organisation;
    add.keys = &keys;
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION;
    m.organisation = &add;
    return err == SB_OK ? sb_submit_action(cli, case_ref, &m) : err;
}

static sb_err organisation_add(sb_cli *cli)
{
    return sb_action_organisation(cli, sb_args_value(cli->args, "case"));
}

const sb_verb_spec sb_spec_organisation_add = {NULL, ADD_OPTIONS, organisation_add};

/* ---- organisation remove ---- */

static const sb_arg_position ORGANISATION_POSITION[] = {{.name = "ORGANISASJON"}, {.name = NULL}};
static const sb_arg_option CASE_OPTION[] = {OPTION_CASE, SB_OPTION_END};

static sb_err organisation_remove(sb_cli *cli)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionOrganisationRemove remove = SB__ACTION_ORGANISATION_REMOVE__INIT;
    remove.organisation = (char *)(uintptr_t)sb_args_position(cli->args, 0);
    m.action_case = SB__ACTION_PROPOSE__ACTION_ORGANISATION_REMOVE;
    m.organisation_remove = &remove;
    return sb_submit_action(cli, sb_args_value(cli->args, "case"), &m);
}

const sb_verb_spec sb_spec_organisation_remove = {ORGANISATION_POSITION, CASE_OPTION,
                                                  organisation_remove};

/* ---- organisation list ---- */

static sb_err organisation_list(sb_cli *cli)
{
    static const char *const states[][3] = {{"member", "med", "member"},
                                            {"leaving", "på vei ut", "leaving"},
                                            {"out", "ute", "out"},
                                            {"waiting", "venter på å komme med", "waits to join"},
                                            {NULL, NULL, NULL}};
    const sb_doc *answer = NULL;
    sb_err err = sb_session_show(cli, &answer, "membership", NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *list = sb_doc_get(answer, "organisations");
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        sb_buf_printf(&lines, "%s\t%s\t%s\t%s\n", sb_doc_str(one, "id"), sb_doc_str(one, "name"),
                      sb_doc_str(one, "partner"),
                      sb_word_of(cli, states, sb_doc_str(one, "state")));
    }
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    sb_say_change(cli, sb_doc_get(answer, "change"));
    return SB_OK;
}

const sb_verb_spec sb_spec_organisation_list = {NULL, NULL, organisation_list};

/* ---- witnessing ---- */

static const sb_arg_option PROPOSE_OPTIONS[] = {
    OPTION_CASE,
    {.name = "file",
     .value = "FIL",
     .nb = "«witnesses:» og «standby:», skrevet som i vedtektene; uten «standby:» er det ingen "
           "reserver",
     .en = "\"witnesses:\" and \"standby:\" as in a charter; without \"standby:\" there are none",
     .is_required = true},
    SB_OPTION_END};

/* The charter with what the case's other actions make of its organisations. */
static sb_err with_case(sb_cli *cli, const Sb__Charter *from, const Sb__Charter **out)
{
    const sb_doc *c = NULL, *list = NULL;
    uint8_t id[32];
    Sb__Charter *with = SB_ARENA_NEW(&cli->arena, Sb__Charter);
    *with = *from;
    *out = with;
    sb_err err = sb_option_case(cli, "case", &c, id);
    if (err == SB_OK)
        err = sb_session_ask(cli, &list, "actions", sb_doc_str(c, "id"), NULL);
    if (err != SB_OK)
        return err;
    size_t most = from->n_organisations + sb_doc_count(list);
    with->organisations = SB_ARENA_ARRAY(&cli->arena, Sb__Organisation *, most);
    memcpy(with->organisations, from->organisations,
           from->n_organisations * sizeof with->organisations[0]);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const char *kind = sb_doc_str(one, "kind"), *org = sb_doc_str(one, "organisation");
        bool removes = strcmp(kind, "organisation_remove") == 0;
        if (strcmp(sb_doc_str(one, "status"), "proposed") != 0 ||
            (!removes && strcmp(kind, "organisation") != 0))
            continue;
        size_t at = 0;
        while (at < with->n_organisations && strcmp(with->organisations[at]->id, org) != 0)
            at++;
        Sb__Organisation *o = SB_ARENA_NEW(&cli->arena, Sb__Organisation);
        sb__organisation__init(o);
        o->id = (char *)(uintptr_t)org;
        o->withdrawn = removes;
        with->organisations[at] = o;
        with->n_organisations += at == with->n_organisations;
    }
    return SB_OK;
}

static sb_err witnessing_propose(sb_cli *cli)
{
    Sb__ActionPropose m = SB__ACTION_PROPOSE__INIT;
    Sb__ActionWitnessing witnessing = SB__ACTION_WITNESSING__INIT;
    const Sb__Charter *charter = NULL, *next = NULL;
    sb_err err = sb_charter_in_force(cli, &charter);
    if (err == SB_OK)
        err = with_case(cli, charter, &charter);
    if (err == SB_OK)
        err = sb_charter_read_witnessing(sb_args_value(cli->args, "file"), charter, &cli->arena,
                                         &next, &cli->fail);
    if (err != SB_OK)
        return err;
    witnessing.policy = next->policy;
    witnessing.silence_s = next->silence_s;
    witnessing.standbys = next->standbys;
    witnessing.n_standbys = next->n_standbys;
    m.action_case = SB__ACTION_PROPOSE__ACTION_WITNESSING;
    m.witnessing = &witnessing;
    sb_say_policy(cli, next);
    return sb_submit_action(cli, sb_args_value(cli->args, "case"), &m);
}

const sb_verb_spec sb_spec_witnessing_propose = {NULL, PROPOSE_OPTIONS, witnessing_propose};

static sb_err witnessing_show(sb_cli *cli)
{
    const sb_doc *answer = NULL;
    sb_err err = sb_session_show(cli, &answer, "membership", NULL);
    if (err != SB_OK)
        return err;
    sb_say_policies(cli, sb_doc_get(answer, "policies"));
    const sb_doc *list = sb_doc_get(answer, "standbys");
    for (uint32_t i = 0; i < sb_doc_count(list); i++)
        sb_cli_say(cli, "%s %s (%s)%s", sb_cli_either(cli, "Reservemegler", "Standby broker"),
                   sb_doc_str(list->items[i], "id"), sb_doc_str(list->items[i], "address"),
                   sb_doc_true(list->items[i], "used")
                       ? sb_cli_either(cli, " – har overtatt, og kan ikke gjøre det igjen",
                                       " – has taken over, and can't do so again")
                       : "");
    if (sb_doc_count(list) > 0)
        sb_cli_say(cli,
                   sb_cli_either(cli, "Kan overta etter %llu sekunder uten nye bekreftelser.",
                                 "May take over after %llu seconds without new confirmations."),
                   (unsigned long long)sb_doc_num(answer, "silence_s"));
    list = sb_doc_get(answer, "terms");
    for (uint32_t i = 1; i < sb_doc_count(list); i++)
        sb_cli_say(cli,
                   sb_cli_either(cli, "Termin %llu begynte etter %llu oppføringer.",
                                 "Term %llu began after %llu entries."),
                   (unsigned long long)sb_doc_num(list->items[i], "term"),
                   (unsigned long long)sb_doc_num(list->items[i], "index"));
    sb_say_change(cli, sb_doc_get(answer, "change"));
    return SB_OK;
}

const sb_verb_spec sb_spec_witnessing_show = {NULL, NULL, witnessing_show};

/* ---- membership sign, withdraw ---- */

/* An action of the unfinished change: its number in the case, or the first digits of its id. */
static sb_err change_action(sb_cli *cli, const char *text, uint8_t id[32])
{
    const sb_doc *answer = NULL;
    const char *hex = NULL;
    sb_err err = sb_session_ask(cli, &answer, "membership", NULL);
    if (err != SB_OK)
        return err;
    const sb_doc *list = sb_doc_get(sb_doc_get(answer, "change"), "actions");
    if (sb_doc_count(list) == 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_CHANGE, NULL);
    if (text == NULL && sb_doc_count(list) > 0)
        hex = sb_doc_str(list->items[0], "id");
    for (uint32_t i = 0; text != NULL && i < sb_doc_count(list); i++)
        if (strcmp(text,
                   sb_arena_printf(&cli->arena, "%llu",
                                   (unsigned long long)sb_doc_num(list->items[i], "number"))) == 0)
            hex = sb_doc_str(list->items[i], "id");
    if (hex == NULL)
        err = sb_ref_in(cli, list, text, sb_cli_either(cli, "tiltaket", "action"), &hex);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), id, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "membership", NULL);
    return err;
}

static const sb_arg_position ACTION_POSITION[] = {{.name = "TILTAK", .is_optional = true},
                                                  {.name = NULL}};
static const sb_arg_option SIGN_OPTIONS[] = {{.name = "out",
                                              .value = "FIL",
                                              .nb = "underskriften som lages",
                                              .en = "the statement to make",
                                              .is_required = true},
                                             SB_OPTION_END};

static void write_statement(sb_buf *out, const uint8_t action[32], const uint8_t pk[32],
                            const uint8_t sig[64])
{
    char a[65], p[65], s[129];
    sb_hex(sb_slice_of(action, 32), a);
    sb_hex(sb_slice_of(pk, 32), p);
    sb_hex(sb_slice_of(sig, 64), s);
    sb_buf_str(out, "# En organisasjon trekker tilbake en endring av hvem som er med.\n");
    sb_buf_printf(out, "action: %s\npk: %s\nsignature: %s\n", a, p, s);
}

static sb_err membership_sign(sb_cli *cli)
{
    sb_session *session = NULL;
    const char *path = NULL;
    sb_secret *key = NULL;
    uint8_t action[32], sig[64];
    sb_buf out;
    sb_err err = sb_session_open(cli, &session);
    if (err == SB_OK)
        err = change_action(cli, sb_args_position(cli->args, 0), action);
    if (err == SB_OK)
        err = sb_home_key(cli, &path);
    const sb_passphrase_source source = {.file = cli->passphrase_file, .lang = cli->lang};
    if (err == SB_OK)
        err = sb_keystore_load(path, SB_KEY_AUTHORITY, &source, &key, &cli->fail);
    if (err == SB_OK)
        err = sb_withdraw_sign(session->federation.federation_id, action, key, sig, &cli->fail);
    sb_buf_init(&out);
    if (err == SB_OK) {
        write_statement(&out, action, sb_secret_pk(key), sig);
        err = sb_file_write_new(sb_args_value(cli->args, "out"), sb_buf_slice(&out), SB_FILE_MODE,
                                &cli->fail);
    }
    sb_buf_deinit(&out);
    sb_secret_free(key);
    if (err == SB_OK)
        sb_cli_say(cli, "%s", sb_cli_either(cli, cli->verb->done_nb, cli->verb->done_en));
    return err;
}

const sb_verb_spec sb_spec_membership_sign = {ACTION_POSITION, SIGN_OPTIONS, membership_sign};

static const sb_arg_option WITHDRAW_OPTIONS[] = {
    {.name = "statement",
     .value = "FIL",
     .nb = "underskrift fra «samband membership sign»; én fra hver organisasjon",
     .en = "a statement from \"samband membership sign\"; one from each organisation",
     .is_required = true,
     .may_repeat = true},
    SB_OPTION_END};

static sb_err hex_of(const sb_doc *map, const char *key, uint8_t *out, size_t len, sb_fail *fail)
{
    const char *text = NULL;
    sb_err err = sb_doc_need_text(map, key, &text, fail);
    if (err == SB_OK && !sb_unhex(sb_slice_str(text), out, len))
        err = sb_doc_fail(sb_doc_get(map, key), SB_E_CLI_STATEMENT, key, NULL, fail);
    return err;
}

/* All of the same action, which the first names. */
static sb_err read_statement(sb_cli *cli, const char *path, uint8_t action[32], bool is_first,
                             Sb__Statement **out)
{
    const sb_doc *root = NULL;
    uint8_t of[32], *pk = sb_arena_alloc(&cli->arena, 32), *sig = sb_arena_alloc(&cli->arena, 64);
    sb_err err = sb_yaml_read(path, &cli->arena, &root, &cli->fail);
    if (err == SB_OK)
        err = sb_doc_only(root, &cli->fail, "action", "pk", "signature", NULL);
    if (err == SB_OK)
        err = hex_of(root, "action", of, 32, &cli->fail);
    if (err == SB_OK)
        err = hex_of(root, "pk", pk, 32, &cli->fail);
    if (err == SB_OK)
        err = hex_of(root, "signature", sig, 64, &cli->fail);
    if (err == SB_OK && !is_first && memcmp(of, action, 32) != 0)
        err =
            sb_doc_fail(sb_doc_get(root, "action"), SB_E_CLI_STATEMENT, "action", NULL, &cli->fail);
    memcpy(action, of, 32);
    *out = SB_ARENA_NEW(&cli->arena, Sb__Statement);
    sb__statement__init(*out);
    (*out)->pk = sb_bytes32(pk);
    (*out)->signature = (ProtobufCBinaryData){.len = 64, .data = sig};
    return err;
}

static int by_pk(const void *a, const void *b)
{
    const Sb__Statement *x = *(Sb__Statement *const *)a, *y = *(Sb__Statement *const *)b;
    return memcmp(x->pk.data, y->pk.data, 32);
}

static sb_err membership_withdraw(sb_cli *cli)
{
    size_t count = 0;
    const char **paths = sb_option_list(cli, "statement", &count);
    Sb__MembershipWithdraw m = SB__MEMBERSHIP_WITHDRAW__INIT;
    uint8_t action[32];
    sb_err err = SB_OK;
    m.statements = SB_ARENA_ARRAY(&cli->arena, Sb__Statement *, count);
    for (size_t i = 0; err == SB_OK && i < count; i++) {
        err = read_statement(cli, paths[i], action, i == 0, &m.statements[m.n_statements]);
        m.n_statements++;
    }
    if (err != SB_OK)
        return err;
    qsort(m.statements, m.n_statements, sizeof m.statements[0], by_pk);
    m.action_id = sb_bytes32(action);
    return sb_submit(cli, SB_ENTRY_MEMBERSHIP_WITHDRAW, &m.base, SB_KEY_NONE, NULL);
}

const sb_verb_spec sb_spec_membership_withdraw = {NULL, WITHDRAW_OPTIONS, membership_withdraw};
