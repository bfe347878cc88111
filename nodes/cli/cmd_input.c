/* samband input: who was asked for their view of a case, and what came in. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

/* ---- open ---- */

static const sb_arg_option OPEN_OPTIONS[] = {
    {.name = "asked",
     .value = "HVEM",
     .nb = "hvem som blir spurt: parter, organisasjoner, oppnevnere, samarbeidspartnere eller "
           "organer; «parties»: alle partene i avtalen",
     .en = "who is asked: parties, organisations, appointers, partners or bodies; \"parties\": all "
           "parties to the agreement",
     .is_required = true,
     .may_repeat = true},
    {.name = "due",
     .value = "DATO",
     .nb = "frist for innspill",
     .en = "when input is due",
     .is_required = true},
    SB_OPTION_TEXT("text", "hva det bes om innspill til", "what input is asked for"),
    SB_OPTION_END};

static sb_err input_open(sb_cli *cli)
{
    Sb__InputOpen m = SB__INPUT_OPEN__INIT;
    const sb_doc *c = NULL;
    uint8_t id[32];
    sb_err err = sb_option_date(cli, "due", 0, &m.due_date);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_option_parties(cli, "asked", &m.asked, &m.n_asked);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", true, &m.text);
    if (err != SB_OK)
        return err;
    m.case_id = sb_bytes32(id);
    return sb_submit_new(cli, SB_ENTRY_INPUT_OPEN, &m.base, "input", "Innspillsrundens referanse",
                         "The round's reference");
}

const sb_verb_spec sb_spec_input_open = {SB_CASE_POSITION, OPEN_OPTIONS, input_open};

/* ---- give ---- */

static const sb_arg_option GIVE_OPTIONS[] = {
    {.name = "from",
     .value = "HVEM",
     .nb = "hvem innspillet kommer fra",
     .en = "whose input it is",
     .is_required = true},
    SB_OPTION_TEXT("text", "innspillet", "the input"),
    {.name = "none", .nb = "de har ingen innspill", .en = "they have no input"},
    {.name = "input",
     .value = "RUNDE",
     .nb = "hvilken innspillsrunde, når saken har flere (ellers den siste)",
     .en = "which round, where the case has several (else the last)"},
    SB_OPTION_CLAIM("når innspillet kom", "when it came"),
    SB_OPTION_END};

static sb_err which_round(sb_cli *cli, const sb_doc *c, uint8_t id[32])
{
    const sb_doc *list = NULL;
    const char *given = sb_args_value(cli->args, "input"), *hex = "";
    sb_err err = sb_case_facts(cli, c, "inputs", &list);
    const char *what = sb_cli_either(cli, "innspillsrunden", "input round");
    if (err == SB_OK && given != NULL)
        err = sb_ref_in(cli, list, given, what, &hex);
    else if (err == SB_OK && sb_doc_count(list) == 0)
        err = sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                          sb_cli_either(cli, "noen innspillsrunde i saken", "input round in case"),
                          sb_args_position(cli->args, 0), NULL);
    else if (err == SB_OK)
        hex = sb_doc_str(list->items[list->count - 1], "id");
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), id, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "inputs", NULL);
    return err;
}

static sb_err input_give(sb_cli *cli)
{
    Sb__InputReceive m = SB__INPUT_RECEIVE__INIT;
    const sb_doc *c = NULL;
    const char *from = NULL;
    bool none = sb_args_flag(cli->args, "none");
    bool has_text =
        sb_args_value(cli->args, "text") != NULL || sb_args_value(cli->args, "text-file") != NULL;
    uint8_t id[32], round[32];
    if (none == has_text)
        return sb_fail_set(&cli->fail, SB_E_CLI_ONE_OF, "text", "none", NULL);
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = which_round(cli, c, round);
    if (err == SB_OK)
        err = sb_ref_party(cli, sb_args_value(cli->args, "from"), &from);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", !none, &m.text);
    m.input_id = sb_bytes32(round);
    m.from = (char *)(uintptr_t)from;
    m.kind = none ? SB__INPUT_KIND__INPUT_KIND_NONE : SB__INPUT_KIND__INPUT_KIND_RECEIVED;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_INPUT_RECEIVE, &m.base, SB_KEY_NONE, NULL) : err;
}

const sb_verb_spec sb_spec_input_give = {SB_CASE_POSITION, GIVE_OPTIONS, input_give};

/* ---- list ---- */

static const char *status_word(const sb_cli *cli, const char *code)
{
    static const char *const words[][3] = {
        {"received", "mottatt", "received"},
        {"received_late", "mottatt etter fristen", "received late"},
        {"none", "har ingen innspill", "has no input"},
        {"none_late", "har ingen innspill (sagt etter fristen)", "has no input (said late)"},
        {"outstanding", "ikke svart", "no answer"},
        {NULL, NULL, NULL}};
    return sb_word_of(cli, words, code);
}

void sb_say_inputs(sb_cli *cli, const sb_doc *list)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *round = list->items[i], *asked = sb_doc_get(round, "asked");
        uint32_t missing = 0;
        for (uint32_t k = 0; k < sb_doc_count(asked); k++)
            missing += strcmp(sb_doc_str(asked->items[k], "status"), "outstanding") == 0;
        sb_cli_say(cli,
                   sb_cli_either(cli, "Innspillsrunde med frist %s: %u av %u har svart",
                                 "Input due %s: %u of %u have answered"),
                   sb_doc_date(cli, round, "due_date"), sb_doc_count(asked) - missing,
                   sb_doc_count(asked));
    }
}

static sb_err input_list(sb_cli *cli)
{
    const sb_doc *c = NULL, *list = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_show(cli, &c, "case", sb_doc_str(c, "id"));
    if (err == SB_OK)
        err = sb_case_facts(cli, c, "inputs", &list);
    if (err != SB_OK)
        return err;
    if (sb_doc_count(list) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_say_inputs(cli, list);
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *asked = sb_doc_get(list->items[i], "asked");
        for (uint32_t k = 0; k < sb_doc_count(asked); k++) {
            const sb_doc *one = asked->items[k], *texts = sb_doc_get(one, "texts");
            const sb_doc *last = sb_doc_count(texts) == 0 ? NULL : texts->items[texts->count - 1];
            sb_buf_printf(&lines, "  %s\t%s\t%s\n", sb_doc_str(one, "name"),
                          status_word(cli, sb_doc_str(one, "status")),
                          sb_blob_text(cli, sb_doc_get(last, "text")));
        }
    }
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_input_list = {SB_CASE_POSITION, NULL, input_list};
