/* samband wording: the proposal that is decided on, clause by clause. */
#include <stdlib.h>

#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

static const sb_arg_option PROPOSE_OPTIONS[] = {{.name = "clause",
                                                 .value = "TEKST",
                                                 .nb = "et punkt; gjentas i rekkefølge",
                                                 .en = "a clause; repeated in order",
                                                 .is_required = true,
                                                 .may_repeat = true},
                                                SB_OPTION_END};

static sb_err wording_propose(sb_cli *cli)
{
    Sb__WordingPropose m = SB__WORDING_PROPOSE__INIT;
    const sb_doc *c = NULL;
    const char *text;
    uint8_t id[32];
    m.clauses = SB_ARENA_ARRAY(&cli->arena, char *, cli->args->given_count + 1);
    const char *ref = sb_args_position(cli->args, 0);
    sb_err err = sb_ref_case(cli, ref, &c, id);
    if (err == SB_E_NOT_FOUND && sb_unhex(sb_slice_str(ref), id, 32))
        err = SB_OK; /* reported while there is no broker: it lies before this one in the outbox */
    for (uint32_t n = 0; err == SB_OK && (text = sb_args_nth(cli->args, "clause", n)) != NULL; n++)
        err = sb_read_text(cli, text, &m.clauses[m.n_clauses++]);
    m.case_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_WORDING_PROPOSE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_wording_propose = {SB_CASE_POSITION, PROPOSE_OPTIONS, wording_propose};

static const sb_arg_option AMEND_OPTIONS[] = {
    {.name = "clause",
     .value = "NR",
     .nb = "punktet; ett nummer over det siste er et nytt punkt",
     .en = "the clause; one above the last is a new one",
     .is_required = true},
    {.name = "text", .value = "TEKST", .nb = "den nye ordlyden", .en = "the new wording"},
    {.name = "strike", .nb = "stryk punktet", .en = "strike the clause"},
    SB_OPTION_END};

static sb_err wording_amend(sb_cli *cli)
{
    Sb__ClauseAmend m = SB__CLAUSE_AMEND__INIT;
    const sb_doc *c = NULL;
    const char *text = sb_args_value(cli->args, "text");
    bool strike = sb_args_flag(cli->args, "strike");
    uint64_t number = 0;
    uint8_t id[32], base[32];
    if ((text != NULL) == strike)
        return sb_fail_set(&cli->fail, SB_E_CLI_ONE_OF, "text", "strike", NULL);
    sb_err err = sb_args_u64(cli->args, "clause", 1, SB_CLAUSES_MAX, 0, &number, &cli->fail);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_doc_hex32(c, "wording_sha256", base, &cli->fail);
    if (err == SB_OK && !strike)
        err = sb_read_text(cli, text, &m.text);
    m.change_case = strike ? SB__CLAUSE_AMEND__CHANGE_STRIKE : SB__CLAUSE_AMEND__CHANGE_TEXT;
    if (strike)
        m.strike = true;
    m.case_id = sb_bytes32(id);
    m.base_sha256 = sb_bytes32(base);
    m.number = (uint32_t)number;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CLAUSE_AMEND, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_wording_amend = {SB_CASE_POSITION, AMEND_OPTIONS, wording_amend};

/* ---- finalise ---- */

static const sb_arg_option FINALISE_OPTIONS[] = {
    {.name = "decided",
     .value = "VEDLEGG",
     .nb =
         "teksten det ble vedtatt på: nummeret på vedlegget («1») eller de første tegnene (ellers "
         "sakens eneste)",
     .en =
         "the text that was decided on: the attachment's number (\"1\") or first digits (else the "
         "case's only one)"},
    {.name = "final",
     .value = "FIL",
     .nb = "den ferdige teksten; «NAVN=FIL» gir den et navn",
     .en = "the finished text; \"NAME=FILE\" names it",
     .is_required = true},
    SB_OPTION_TEXT("note", "hva som ble gjort", "what was done"),
    SB_OPTION_END};

/* A text of the case: by number, first digits, or the only one. A text finalised before stands last:
 * it is the one that is finished further. */
static sb_err decided_text(sb_cli *cli, const sb_doc *c, Sb__BlobRef *ref)
{
    const char *given = sb_args_value(cli->args, "decided"), *sha256 = NULL;
    const sb_doc *attachments = sb_doc_get(c, "attachments"), *found = NULL;
    uint32_t count = sb_doc_count(attachments);
    char *end = NULL;
    unsigned long number = given == NULL || strlen(given) > 3 ? 0 : strtoul(given, &end, 10);
    if (given == NULL && count == 1)
        found = attachments->items[0];
    else if (given == NULL)
        return sb_args_missing(cli->args, "decided", &cli->fail);
    for (uint32_t i = 0; found == NULL && i < count; i++)
        if (i + 1 == number ||
            (strlen(given) > 3 &&
             strncmp(sb_doc_str(attachments->items[i], "sha256"), given, strlen(given)) == 0))
            found = attachments->items[i];
    sha256 = sb_doc_str(found, "sha256");
    uint8_t *hash = sb_arena_alloc(&cli->arena, 32);
    if (found == NULL || !sb_unhex(sb_slice_str(sha256), hash, 32))
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(cli, "vedlegget", "attachment"), given, NULL);
    ref->sha256 = sb_bytes32(hash);
    ref->size = sb_doc_num(found, "size");
    return SB_OK;
}

static sb_err wording_finalise(sb_cli *cli)
{
    Sb__TextFinalise m = SB__TEXT_FINALISE__INIT;
    Sb__BlobRef decided = SB__BLOB_REF__INIT;
    const sb_doc *c = NULL, *q = NULL;
    uint8_t case_id[32], id[32];
    sb_err err = sb_position_case(cli, &c, case_id);
    if (err == SB_OK)
        err = sb_ref_question(cli, sb_args_position(cli->args, 0), &q, id);
    if (err == SB_OK)
        err = decided_text(cli, c, &decided);
    if (err == SB_OK)
        err = sb_upload_attachment(cli, sb_args_value(cli->args, "final"), &m.final);
    if (err == SB_OK)
        err = sb_option_blob(cli, "note", false, &m.note);
    m.question_id = sb_bytes32(id);
    m.decided = &decided;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_TEXT_FINALISE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_wording_finalise = {SB_CASE_POSITION, FINALISE_OPTIONS,
                                               wording_finalise};
