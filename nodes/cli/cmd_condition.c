/* samband condition: what must be there before a case is decided, or before what was decided takes
 * effect, and what each party answered. */
#include "nodes/cli/inside.h"
#include "proto/base/hash.h"

/* ---- set ---- */

static const sb_arg_option SET_OPTIONS[] = {
    {.name = "moment",
     .value = "NÅR",
     .nb = "before-question (før saken kan avgjøres) eller before-effect (før vedtaket trer i "
           "kraft)",
     .en = "before-question or before-effect",
     .is_required = true},
    {.name = "kind",
     .value = "SLAG",
     .nb = "orientert, samtykket eller undertegnet",
     .en = "informed, consented or signed",
     .is_required = true},
    {.name = "parties",
     .value = "PARTER",
     .nb = "hvem som må svare: parter, organisasjoner, oppnevnere eller samarbeidspartnere; "
           "«parties»: alle partene i avtalen",
     .en = "who must answer: parties, organisations, appointers or partners; \"parties\": all "
           "parties to the agreement",
     .is_required = true,
     .may_repeat = true},
    {.name = "cite",
     .value = "PARAGRAF",
     .nb = "paragrafen som krever det",
     .en = "the paragraph that asks for it",
     .is_required = true},
    {.name = "due", .value = "DATO", .nb = "frist for å svare", .en = "when they must answer by"},
    {.name = "lapses",
     .nb = "den som ikke har svart innen fristen, regnes som å ha svart ja",
     .en = "who hasn't answered by then counts as having said yes"},
    SB_OPTION_TEXT("text", "hva de blir bedt om", "what they are asked"),
    SB_OPTION_END};

static sb_err condition_set(sb_cli *cli)
{
    Sb__ConditionSet m = SB__CONDITION_SET__INIT;
    const sb_doc *c = NULL;
    uint32_t moment = 0, kind = 0;
    uint8_t id[32];
    sb_err err = sb_option_word(cli, SB_TEXT_CONDITION_MOMENT, "moment", 0, &moment);
    if (err == SB_OK)
        err = sb_option_word(cli, SB_TEXT_CONDITION_KIND, "kind", 0, &kind);
    if (err == SB_OK)
        err = sb_option_date(cli, "due", 0, &m.due_date);
    if (err == SB_OK && sb_args_flag(cli->args, "lapses") && m.due_date == 0)
        err = sb_args_missing(cli->args, "due", &cli->fail);
    if (err == SB_OK)
        err = sb_read_text(cli, sb_args_value(cli->args, "cite"), &m.cite);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_option_parties(cli, "parties", &m.parties, &m.n_parties);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", false, &m.text);
    if (err != SB_OK)
        return err;
    m.case_id = sb_bytes32(id);
    m.moment = (Sb__ConditionMoment)moment;
    m.kind = (Sb__ConditionKind)kind;
    m.lapses = sb_args_flag(cli->args, "lapses");
    return sb_submit_new(cli, SB_ENTRY_CONDITION_SET, &m.base, "condition", "Vilkårets referanse",
                         "The condition's reference");
}

const sb_verb_spec sb_spec_condition_set = {SB_CASE_POSITION, SET_OPTIONS, condition_set};

/* ---- answer ---- */

static const sb_arg_option ANSWER_OPTIONS[] = {
    {.name = "party",
     .value = "PART",
     .nb = "hvem som svarer",
     .en = "who answers",
     .is_required = true},
    {.name = "answer",
     .value = "SVAR",
     .nb = "oppfylt (det som gjelder når ikke annet er sagt) eller avslått",
     .en = "met (unless said otherwise) or refused"},
    {.name = "decided-by",
     .value = "HVEM",
     .nb = "hvem hos parten som har bestemt det: «kommunestyret»",
     .en = "who decided it there: \"the council\"",
     .is_required = true},
    {.name = "date",
     .value = "DATO",
     .nb = "når det ble bestemt (ellers i dag)",
     .en = "when that was decided (else today)"},
    {.name = "reference",
     .value = "TEKST",
     .nb = "partens egen referanse: «sak 12/22»",
     .en = "the party's own reference: \"case 12/22\""},
    {.name = "document", .value = "FIL", .nb = "svaret som en fil", .en = "the answer as a file"},
    {.name = "condition",
     .value = "VILKÅR",
     .nb = "hvilket vilkår, når saken har flere som gjelder parten",
     .en = "which condition, where the case has several for the party"},
    SB_OPTION_END};

static bool asks(const sb_doc *condition, const char *party)
{
    const sb_doc *parties = sb_doc_get(condition, "parties");
    for (uint32_t i = 0; i < sb_doc_count(parties); i++)
        if (strcmp(sb_doc_str(parties->items[i], "party"), party) == 0)
            return true;
    return false;
}

/* --condition, else the one condition of the case that asks the party; an open one before others. */
static sb_err which_condition(sb_cli *cli, const sb_doc *list, const char *party, const char **hex)
{
    const char *given = sb_args_value(cli->args, "condition");
    const sb_doc *found = NULL;
    if (given != NULL)
        return sb_ref_in(cli, list, given, sb_cli_either(cli, "vilkåret", "condition"), hex);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        bool is_open = !sb_doc_true(one, "met");
        bool was_open = found != NULL && !sb_doc_true(found, "met");
        if (!asks(one, party) || (found != NULL && was_open && !is_open))
            continue;
        if (found != NULL && was_open == is_open)
            return sb_fail_set(&cli->fail, SB_E_CLI_AMBIGUOUS, party,
                               sb_arena_printf(&cli->arena, "%.12s, %.12s", sb_doc_str(found, "id"),
                                               sb_doc_str(one, "id")),
                               NULL);
        found = one;
    }
    if (found == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_MATCH,
                           sb_cli_either(cli, "noe vilkår for", "condition for"), party, NULL);
    *hex = sb_doc_str(found, "id");
    return SB_OK;
}

static sb_err condition_answer(sb_cli *cli)
{
    Sb__ConditionFulfil m = SB__CONDITION_FULFIL__INIT;
    const sb_doc *c = NULL, *list = NULL;
    const char *party = NULL, *hex = NULL;
    uint32_t answer = SB__CONDITION_ANSWER__CONDITION_ANSWER_MET;
    uint64_t now = 0;
    uint8_t id[32], condition[32];
    sb_err err = sb_option_word(cli, SB_TEXT_CONDITION_ANSWER, "answer", answer, &answer);
    if (err == SB_OK)
        err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_case_facts(cli, c, "conditions", &list);
    if (err == SB_OK)
        err = sb_ref_party(cli, sb_args_value(cli->args, "party"), &party);
    if (err == SB_OK)
        err = which_condition(cli, list, party, &hex);
    if (err == SB_OK && !sb_unhex(sb_slice_str(hex), condition, 32))
        err = sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, "conditions", NULL);
    if (err == SB_OK)
        err = sb_session_now(cli, &now);
    if (err == SB_OK)
        err = sb_option_date(cli, "date", sb_yyyymmdd(now), &m.date);
    if (err == SB_OK)
        err = sb_read_text(cli, sb_args_value(cli->args, "decided-by"), &m.decided_by);
    if (err == SB_OK && sb_args_value(cli->args, "reference") != NULL)
        err = sb_read_text(cli, sb_args_value(cli->args, "reference"), &m.reference);
    if (err == SB_OK)
        err = sb_option_file(cli, "document", &m.document);
    m.condition_id = sb_bytes32(condition);
    m.party = (char *)(uintptr_t)party;
    m.answer = (Sb__ConditionAnswer)answer;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CONDITION_FULFIL, &m.base, SB_KEY_NONE, NULL)
                        : err;
}

const sb_verb_spec sb_spec_condition_answer = {SB_CASE_POSITION, ANSWER_OPTIONS, condition_answer};

/* ---- list ---- */

static const char *answer_word(const sb_cli *cli, const char *code)
{
    static const char *const words[][3] = {{"", "ikke svart", "no answer"},
                                           {"met", "ja", "yes"},
                                           {"refused", "nei", "no"},
                                           {"lapsed", "fristen er ute", "lapsed"},
                                           {NULL, NULL, NULL}};
    return sb_word_of(cli, words, code);
}

static const char *name_of(const sb_doc *party)
{
    const char *name = sb_doc_str(party, "name");
    return name[0] != '\0' ? name : sb_doc_str(party, "party");
}

/* "Tromsø kommune, Narvik kommune": who of the condition hasn't answered yes. */
static const char *outstanding(sb_cli *cli, const sb_doc *condition)
{
    const sb_doc *parties = sb_doc_get(condition, "parties");
    const char *names = "";
    for (uint32_t i = 0; i < sb_doc_count(parties); i++) {
        const sb_doc *one = parties->items[i];
        const char *answer = sb_doc_str(one, "answer");
        if (strcmp(answer, "met") == 0 || strcmp(answer, "lapsed") == 0)
            continue;
        names = sb_arena_printf(
            &cli->arena, "%s%s%s%s", names, names[0] == '\0' ? "" : ", ", name_of(one),
            strcmp(answer, "refused") == 0 ? sb_cli_either(cli, " (avslått)", " (refused)") : "");
    }
    return names;
}

void sb_say_conditions(sb_cli *cli, const sb_doc *list)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const char *missing = outstanding(cli, one), *due = sb_doc_date(cli, one, "due_date");
        sb_cli_say(
            cli, "%s: %s %s (%s): %s%s%s", sb_cli_either(cli, "Vilkår", "Condition"),
            sb_doc_word(cli, SB_TEXT_CONDITION_KIND, one, "kind"),
            sb_doc_word(cli, SB_TEXT_CONDITION_MOMENT, one, "moment"), sb_doc_str(one, "cite"),
            sb_doc_true(one, "met") ? sb_cli_either(cli, "oppfylt", "met")
                                    : sb_cli_either(cli, "ikke oppfylt", "not met"),
            missing[0] != '\0' ? sb_cli_either(cli, "; mangler ", "; missing ") : "", missing);
        if (due[0] != '\0')
            sb_cli_say(cli, "  %s: %s", sb_text(SB_MSG_HEAD_DUE, cli->lang), due);
    }
}

static void say_answers(sb_cli *cli, sb_buf *lines, const sb_doc *condition)
{
    const sb_doc *parties = sb_doc_get(condition, "parties");
    for (uint32_t i = 0; i < sb_doc_count(parties); i++) {
        const sb_doc *one = parties->items[i];
        const char *answer = sb_doc_str(one, "answer");
        sb_buf_printf(lines, "  %s\t%s\t%s\t%s\t%s\n", name_of(one), answer_word(cli, answer),
                      sb_doc_str(one, "decided_by"), sb_doc_date(cli, one, "date"),
                      sb_doc_str(one, "reference"));
    }
}

static sb_err condition_list(sb_cli *cli)
{
    const sb_doc *c = NULL, *list = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_show(cli, &c, "case", sb_doc_str(c, "id"));
    if (err == SB_OK)
        err = sb_case_facts(cli, c, "conditions", &list);
    if (err != SB_OK)
        return err;
    if (sb_doc_count(list) == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i], *item[] = {one};
        const sb_doc only = {.kind = SB_DOC_LIST, .count = 1, .items = item};
        const char *text = sb_blob_text(cli, sb_doc_get(one, "text"));
        sb_buf lines;
        sb_say_conditions(cli, &only);
        sb_cli_say(cli, "  %s: %.12s", sb_cli_either(cli, "Referanse", "Reference"),
                   sb_doc_str(one, "id"));
        if (text[0] != '\0')
            sb_cli_say(cli, "  %s", text);
        sb_buf_init(&lines);
        say_answers(cli, &lines, one);
        sb_cli_say_table(cli, &lines);
        sb_buf_deinit(&lines);
    }
    return SB_OK;
}

const sb_verb_spec sb_spec_condition_list = {SB_CASE_POSITION, NULL, condition_list};
