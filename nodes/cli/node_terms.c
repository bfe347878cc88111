/* samband node consent, evidence: what an organisation says about brokers, and what its node has on
 * them. */
#include "nodes/charter/standby_card.h"
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "proto/base/hash.h"
#include "proto/wire/promise.h"

static const sb_arg_position OPTIONAL_DIR[] = {{.name = "KATALOG", .is_optional = true},
                                               {.name = NULL}};

static void node_of_position(sb_cli *cli)
{
    if (sb_args_position(cli->args, 0) != NULL)
        cli->node = sb_args_position(cli->args, 0);
}

/* ---- consent ---- */

static const sb_arg_option CONSENT_OPTIONS[] = {
    {.name = "card", .value = "FIL", .nb = "den nye meglerens kort", .en = "the new broker's card"},
    {.name = "broker",
     .value = "ADRESSE",
     .nb = "… eller adressen dens, tcp://maskin:port",
     .en = "… or its address, tcp://host:port"},
    {.name = "log", .value = "NØKKEL", .nb = "… loggnøkkelen dens", .en = "… its log key"},
    {.name = "curve",
     .value = "NØKKEL",
     .nb = "… og transportnøkkelen dens",
     .en = "… and its transport key"},
    {.name = "term",
     .value = "NUMMER",
     .nb = "terminen den skal ordne; vanligvis den neste ledige",
     .en = "the term it is to order; by default the next free one"},
    SB_OPTION_END};

static sb_err read_broker(sb_cli *cli, sb_consent *consent)
{
    const char *card_file = sb_args_value(cli->args, "card");
    const char *address = sb_args_value(cli->args, "broker");
    const char *log = sb_args_value(cli->args, "log"), *curve = sb_args_value(cli->args, "curve");
    if (card_file != NULL && address == NULL && log == NULL && curve == NULL) {
        sb_standby_card card;
        sb_err err = sb_standby_card_read(card_file, &cli->arena, &card, &cli->fail);
        if (err != SB_OK)
            return err;
        memcpy(consent->log_pk, card.log_pk, 32);
        memcpy(consent->curve_pk, card.curve_pk, 32);
        consent->address = sb_slice_str(card.address);
        return SB_OK;
    }
    if (card_file != NULL || address == NULL || log == NULL || curve == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_CONSENT, NULL);
    consent->address = sb_slice_str(address);
    sb_err err = sb_daemon_check_endpoint(cli, "broker", address);
    if (err == SB_OK)
        err = sb_read_pk(cli, log, consent->log_pk);
    return err == SB_OK ? sb_read_pk(cli, curve, consent->curve_pk) : err;
}

/* Above all that the organisation promised or confirmed, unless --term says. */
static sb_err find_term(sb_cli *cli, uint32_t *term)
{
    const sb_doc *status = NULL;
    const char *given = sb_args_value(cli->args, "term");
    if (given != NULL) {
        uint64_t value = 0;
        bool ok = strlen(given) <= 9;
        for (const char *c = given; ok && *c != '\0'; c++) {
            ok = *c >= '0' && *c <= '9';
            value = value * 10 + (uint64_t)(*c - '0');
        }
        if (!ok || value < 2)
            return sb_fail_set(&cli->fail, SB_E_ARG_CHOICE, "term", given, "2, 3, …", NULL);
        *term = (uint32_t)value;
        return SB_OK;
    }
    sb_err err = sb_session_ask(cli, &status, "status", NULL);
    static const char *const KEYS[] = {"term", "cosigned_term", "promised_term"};
    *term = 1;
    for (size_t i = 0; err == SB_OK && i < sizeof KEYS / sizeof *KEYS; i++)
        if (sb_doc_num(status, KEYS[i]) > *term)
            *term = (uint32_t)sb_doc_num(status, KEYS[i]);
    (*term)++;
    return err;
}

static sb_err send_consent(sb_cli *cli, const sb_consent *consent, const uint8_t sig[64])
{
    Sb__Consent m = SB__CONSENT__INIT;
    Sb__Frame frame = SB__FRAME__INIT;
    const Sb__Frame *answer = NULL;
    m.term = consent->term;
    m.log_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)consent->log_pk};
    m.curve_pk = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)consent->curve_pk};
    m.address = sb_arena_str(&cli->arena, consent->address);
    m.signature = (ProtobufCBinaryData){.len = 64, .data = (uint8_t *)(uintptr_t)sig};
    frame.body_case = SB__FRAME__BODY_CONSENT;
    frame.consent = &m;
    sb_err err = sb_session_request(cli, &frame, &cli->arena, &answer);
    if (err != SB_OK)
        return err;
    if (answer->body_case == SB__FRAME__BODY_REFUSED) {
        const Sb__Refused *r = answer->refused;
        return sb_fail_list(&cli->fail, (sb_err)r->code, r->args, r->n_args);
    }
    return answer->body_case == SB__FRAME__BODY_ANSWER
               ? SB_OK
               : sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "consent", NULL);
}

static sb_err node_consent(sb_cli *cli)
{
    const sb_passphrase_source source = {.file = cli->passphrase_file, .lang = cli->lang};
    sb_consent consent = {0};
    sb_session *s = NULL;
    sb_secret *authority = NULL;
    const char *path = NULL;
    uint8_t sig[64];
    node_of_position(cli);
    sb_err err = read_broker(cli, &consent);
    if (err == SB_OK)
        err = sb_session_open(cli, &s);
    if (err == SB_OK)
        err = find_term(cli, &consent.term);
    if (err == SB_OK)
        err = sb_home_key(cli, &path);
    if (err == SB_OK)
        err = sb_keystore_load(path, SB_KEY_AUTHORITY, &source, &authority, &cli->fail);
    if (err == SB_OK)
        err = sb_consent_sign(s->federation.federation_id, &consent, authority, sig, &cli->fail);
    sb_secret_free(authority);
    if (err == SB_OK)
        err = send_consent(cli, &consent, sig);
    if (err != SB_OK)
        return err;
    sb_cli_say(cli, "%s", sb_cli_either(cli, cli->verb->done_nb, cli->verb->done_en));
    sb_cli_say(cli, sb_cli_either(cli, "termin %u, megler %s", "term %u, broker %s"), consent.term,
               sb_arena_str(&cli->arena, consent.address));
    sb_json_key(&cli->json, "term");
    sb_json_u64(&cli->json, consent.term);
    return SB_OK;
}

const sb_verb_spec sb_spec_node_consent = {OPTIONAL_DIR, CONSENT_OPTIONS, node_consent};

/* ---- evidence ---- */

static const sb_arg_option EVIDENCE_OPTIONS[] = {
    {.name = "out",
     .value = "KATALOG",
     .nb = "legg bevisfilene her; hvem som helst kan prøve dem med samband-audit evidence",
     .en = "put the evidence files here; anybody can judge them with samband-audit evidence"},
    SB_OPTION_END};

static sb_err fetch(sb_cli *cli, uint64_t number, sb_buf *file)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = SB_OK;
    uint64_t bytes = UINT64_MAX;
    while (err == SB_OK && file->len < bytes) {
        const sb_doc *doc = NULL;
        sb_arena_reset(&arena);
        err = sb_session_ask(
            cli, &doc, "evidence", sb_arena_printf(&cli->arena, "%llu", (unsigned long long)number),
            sb_arena_printf(&cli->arena, "%llu", (unsigned long long)file->len), NULL);
        if (err != SB_OK)
            break;
        const char *hex = sb_doc_str(doc, "data");
        size_t len = strlen(hex) / 2;
        uint8_t *data = sb_arena_alloc(&arena, len + 1);
        bytes = sb_doc_num(doc, "bytes");
        if (len == 0 || !sb_unhex(sb_slice_str(hex), data, len)) {
            err = bytes == 0 ? SB_OK : sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "evidence", NULL);
            break;
        }
        sb_buf_add(file, sb_slice_of(data, len));
    }
    sb_arena_deinit(&arena);
    return err;
}

static sb_err write_one(sb_cli *cli, const char *dir, const sb_doc *row)
{
    uint64_t number = sb_doc_num(row, "number");
    sb_buf file;
    sb_buf_init(&file);
    sb_err err = fetch(cli, number, &file);
    const char *path =
        sb_path_join(&cli->arena, dir,
                     sb_arena_printf(&cli->arena, "bevis-%llu.txt", (unsigned long long)number));
    if (err == SB_OK)
        err = sb_file_write(path, sb_buf_slice(&file), SB_FILE_MODE, &cli->fail);
    if (err == SB_OK)
        sb_cli_say(cli, "  %s", path);
    sb_buf_deinit(&file);
    return err;
}

static sb_err node_evidence(sb_cli *cli)
{
    const char *dir = sb_args_value(cli->args, "out");
    const sb_doc *list = NULL;
    node_of_position(cli);
    sb_err err = sb_session_show(cli, &list, "evidence", NULL);
    if (err == SB_OK && sb_doc_count(list) == 0)
        sb_cli_say(
            cli, "%s",
            sb_cli_either(cli, "noden har ikke sett noe brudd", "the node has seen no breach"));
    if (err == SB_OK && dir != NULL && sb_doc_count(list) > 0)
        err = sb_dir_make(dir, 0755, &cli->fail);
    for (uint32_t i = 0; err == SB_OK && i < sb_doc_count(list); i++) {
        const sb_doc *row = list->items[i];
        sb_fail what = {.code = (sb_err)sb_doc_num(row, "code")};
        sb_buf text;
        sb_buf_init(&text);
        sb_fail_num(&what, what.code, 1, sb_doc_num(row, "size"), 0);
        sb_text_fail(&what, cli->lang, &text);
        sb_cli_say(cli, sb_cli_either(cli, "termin %llu: %s", "term %llu: %s"),
                   (unsigned long long)sb_doc_num(row, "term"), sb_buf_cstr(&text));
        sb_buf_deinit(&text);
        if (sb_doc_num(row, "bytes") == 0)
            sb_cli_say(cli, "  %s",
                       sb_cli_either(cli, "sett av noden, men kan ikke bevises for andre",
                                     "seen by the node, but not provable to others"));
        else if (dir != NULL)
            err = write_one(cli, dir, row);
    }
    return err;
}

const sb_verb_spec sb_spec_node_evidence = {OPTIONAL_DIR, EVIDENCE_OPTIONS, node_evidence};
