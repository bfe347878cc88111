/* samband dispute and samband blob: what is contested, and what must be forgotten. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

/* ---- open ---- */

static const sb_arg_option OPEN_OPTIONS[] = {
    SB_OPTION_OWN_SEAT, SB_OPTION_TEXT("text", "hva tvisten gjelder", "what it is about"),
    SB_OPTION_END};

static sb_err dispute_open(sb_cli *cli)
{
    Sb__DisputeOpen m = SB__DISPUTE_OPEN__INIT;
    const sb_doc *q = NULL;
    const char *seat = NULL;
    uint8_t id[32];
    sb_err err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    if (err == SB_OK)
        err = sb_own_seat(cli, sb_doc_str(sb_doc_get(q, "meeting"), "body"), &seat);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", true, &m.text);
    m.question_id = sb_bytes32(id);
    m.seat = (char *)(uintptr_t)seat;
    if (err == SB_OK)
        err = sb_submit_new(cli, SB_ENTRY_DISPUTE_OPEN, &m.base, "dispute", "Tvistens referanse",
                            "The dispute's reference");
    return err;
}

const sb_verb_spec sb_spec_dispute_open = {SB_CASE_POSITION, OPEN_OPTIONS, dispute_open};

/* ---- close ---- */

static const sb_arg_option CLOSE_OPTIONS[] = {
    {.name = "end",
     .value = "HVORDAN",
     .nb = "løst, trukket eller referred (sendt videre, slik avtalen sier)",
     .en = "settled, withdrawn or referred (handed on, as the agreement says)",
     .is_required = true},
    {.name = "dispute",
     .value = "TVIST",
     .nb = "hvilken tvist, når saken har flere åpne",
     .en = "which dispute, where the case has several open"},
    SB_OPTION_TEXT("text", "hva det endte med", "how it ended"),
    SB_OPTION_END};

static sb_err which_dispute(sb_cli *cli, const sb_doc *list, uint8_t id[32])
{
    const char *given = sb_args_value(cli->args, "dispute"), *hex = NULL;
    const char *what = sb_cli_either(cli, "tvisten", "dispute");
    sb_err err = SB_OK;
    if (given != NULL)
        err = sb_ref_in(cli, list, given, what, &hex);
    for (uint32_t i = 0; given == NULL && err == SB_OK && i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        if (strcmp(sb_doc_str(one, "status"), "open") != 0)
            continue;
        if (hex != NULL)
            err = sb_fail_set(
                &cli->fail, SB_E_CLI_AMBIGUOUS, sb_args_position(cli->args, 0),
                sb_arena_printf(&cli->arena, "%.12s, %.12s", hex, sb_doc_str(one, "id")), NULL);
        hex = sb_doc_str(one, "id");
    }
    if (err == SB_OK && hex == NULL)
        err = sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                          sb_cli_either(cli, "noen åpen tvist om", "open dispute about"),
                          sb_args_position(cli->args, 0), NULL);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), id, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "disputes", NULL);
    return err;
}

static sb_err dispute_close(sb_cli *cli)
{
    Sb__DisputeClose m = SB__DISPUTE_CLOSE__INIT;
    const sb_doc *c = NULL, *list = NULL;
    uint32_t end = 0;
    uint8_t case_id[32], id[32];
    sb_err err = sb_option_word(cli, SB_TEXT_DISPUTE_END, "end", 0, &end);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, case_id);
    if (err == SB_OK)
        err = sb_case_facts(cli, c, "disputes", &list);
    if (err == SB_OK)
        err = which_dispute(cli, list, id);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", false, &m.text);
    m.dispute_id = sb_bytes32(id);
    m.end = (Sb__DisputeEnd)end;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_DISPUTE_CLOSE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_dispute_close = {SB_CASE_POSITION, CLOSE_OPTIONS, dispute_close};

/* ---- list ---- */

void sb_say_disputes(sb_cli *cli, const sb_doc *list)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const char *end = sb_doc_word(cli, SB_TEXT_DISPUTE_END, one, "end");
        const char *title = sb_doc_str(one, "title");
        sb_cli_say(cli, "%s: %s: %s (%s)", sb_cli_either(cli, "Tvist", "Dispute"),
                   title[0] != '\0' ? title : sb_doc_str(one, "seat"),
                   sb_blob_text(cli, sb_doc_get(one, "text")),
                   end[0] != '\0' ? end : sb_cli_either(cli, "åpen", "open"));
    }
}

static sb_err dispute_list(sb_cli *cli)
{
    const sb_doc *c = NULL, *list = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_show(cli, &c, "case", sb_doc_str(c, "id"));
    if (err == SB_OK)
        err = sb_case_facts(cli, c, "disputes", &list);
    if (err == SB_OK && sb_doc_count(list) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    if (err == SB_OK)
        sb_say_disputes(cli, list);
    return err;
}

const sb_verb_spec sb_spec_dispute_list = {SB_CASE_POSITION, NULL, dispute_list};

/* ---- blob erase ---- */

static const sb_arg_position BLOB_POSITION[] = {{.name = "VEDLEGG"}, {.name = NULL}};
static const sb_arg_option ERASE_OPTIONS[] = {
    {.name = "reason",
     .value = "GRUNN",
     .nb = "personopplysninger, mistake (lagt inn ved en feil), pålegg eller annet",
     .en = "personal, mistake, order or other",
     .is_required = true},
    {.name = "case",
     .value = "SAK",
     .nb = "saken vedlegget hører til; da er de første tegnene nok",
     .en = "the case it belongs to; then the first digits are enough"},
    {.name = "cite",
     .value = "PARAGRAF",
     .nb = "regelen som krever det",
     .en = "the rule that asks for it"},
    SB_OPTION_END};

/* The blob of a case that begins with these digits. */
static sb_err blob_of_case(sb_cli *cli, const sb_doc *c, const char *prefix, const char **hex)
{
    static const char *const single[] = {"from", "text"};
    const sb_doc *attachments = sb_doc_get(c, "attachments");
    uint32_t count = sb_doc_count(attachments);
    const char *found = NULL;
    for (uint32_t i = 0; i < count + 2; i++) {
        const sb_doc *ref = i < count ? attachments->items[i] : sb_doc_get(c, single[i - count]);
        const char *sha256 = sb_doc_str(ref, "sha256");
        if (strncmp(sha256, prefix, strlen(prefix)) != 0 || sha256[0] == '\0')
            continue;
        if (found != NULL && strcmp(found, sha256) != 0)
            return sb_fail_set(&cli->fail, SB_E_CLI_AMBIGUOUS, prefix,
                               sb_arena_printf(&cli->arena, "%.12s, %.12s", found, sha256), NULL);
        found = sha256;
    }
    if (found == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(cli, "vedlegget", "attachment"), prefix, NULL);
    *hex = found;
    return SB_OK;
}

static sb_err blob_erase(sb_cli *cli)
{
    Sb__BlobErase m = SB__BLOB_ERASE__INIT;
    const char *hex = sb_args_position(cli->args, 0);
    const sb_doc *c = NULL;
    uint32_t reason = 0;
    uint8_t case_id[32], sha256[32];
    sb_err err = sb_option_word(cli, SB_TEXT_ERASE_REASON, "reason", 0, &reason);
    if (err == SB_OK)
        err = sb_option_case(cli, "case", &c, case_id);
    if (err == SB_OK && c != NULL)
        err = blob_of_case(cli, c, hex, &hex);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), sha256, 32))
        err = sb_args_missing(cli->args, "case", &cli->fail);
    if (err == SB_OK && sb_args_value(cli->args, "cite") != NULL)
        err = sb_read_text(cli, sb_args_value(cli->args, "cite"), &m.cite);
    m.blob_sha256 = sb_bytes32(sha256);
    m.reason = (Sb__EraseReason)reason;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_BLOB_ERASE, &m.base, SB_KEY_NONE, NULL) : err;
}

const sb_verb_spec sb_spec_blob_erase = {BLOB_POSITION, ERASE_OPTIONS, blob_erase};
