/* samband wording: the proposal that is decided on, clause by clause. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

static const sb_arg_position CASE_POSITION[] = {{.name = "SAK"}, {.name = NULL}};

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

const sb_verb_spec sb_spec_wording_propose = {CASE_POSITION, PROPOSE_OPTIONS, wording_propose};

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
        err = sb_ref_case(cli, sb_args_position(cli->args, 0), &c, id);
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

const sb_verb_spec sb_spec_wording_amend = {CASE_POSITION, AMEND_OPTIONS, wording_amend};
