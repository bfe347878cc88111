/* samband case: from reported to withdrawn. */
#include "nodes/cli/inside.h"

/* ---- report ---- */

static const sb_arg_option REPORT_OPTIONS[] = {
    {.name = "body",
     .value = "ORGAN",
     .nb = "organet som skal behandle saken",
     .en = "the body that is to treat the case",
     .is_required = true},
    {.name = "title",
     .value = "TEKST",
     .nb = "sakens tittel",
     .en = "the case's title",
     .is_required = true},
    {.name = "kind",
     .value = "SLAG",
     .nb = "prosedyresak, orienteringssak, drøftingssak, vedtakssak eller valgsak",
     .en = "procedural, information, discussion, decision or election",
     .is_required = true},
    SB_OPTION_TEXT("from", "hvem saken kommer fra", "who presents the case"),
    SB_OPTION_TEXT("text", "saksframlegg; ingen pasientopplysninger",
                   "the case's text; no patient data"),
    SB_OPTION_ATTACH,
    SB_OPTION_CLAIM("når saken kom inn", "when the case was received"),
    SB_OPTION_END};

static sb_err case_report(sb_cli *cli)
{
    Sb__CaseReport m = SB__CASE_REPORT__INIT;
    const char *body = NULL;
    uint32_t kind = 0;
    sb_err err = sb_ref_body(cli, sb_args_value(cli->args, "body"), &body);
    if (err == SB_OK)
        err = sb_option_word(cli, SB_TEXT_CASE_KIND, "kind", 0, &kind);
    if (err == SB_OK)
        err = sb_read_text(cli, sb_args_value(cli->args, "title"), &m.title);
    if (err == SB_OK)
        err = sb_option_claim(cli, &m.claim);
    if (err == SB_OK)
        err = sb_option_blob(cli, "from", false, &m.from);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", false, &m.text);
    if (err == SB_OK)
        err = sb_option_attachments(cli, &m.attachments, &m.n_attachments);
    if (err != SB_OK)
        return err;
    m.body = (char *)(uintptr_t)body;
    m.kind = (Sb__CaseKind)kind;
    return sb_submit_new(cli, SB_ENTRY_CASE_REPORT, &m.base, "case", "Sakens referanse",
                         "The case's reference");
}

const sb_verb_spec sb_spec_case_report = {NULL, REPORT_OPTIONS, case_report};

/* ---- amend ---- */

static const sb_arg_option AMEND_OPTIONS[] = {
    {.name = "title", .value = "TEKST", .nb = "ny tittel", .en = "new title"},
    SB_OPTION_TEXT("text", "nytt saksframlegg", "new text"),
    SB_OPTION_ATTACH,
    SB_OPTION_END};

static sb_err case_amend(sb_cli *cli)
{
    Sb__CaseAmend m = SB__CASE_AMEND__INIT;
    const sb_doc *doc = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &doc, id);
    if (err == SB_OK && sb_args_value(cli->args, "title") != NULL)
        err = sb_read_text(cli, sb_args_value(cli->args, "title"), &m.title);
    if (err == SB_OK)
        err = sb_option_blob(cli, "text", false, &m.text);
    if (err == SB_OK)
        err = sb_option_attachments(cli, &m.attachments, &m.n_attachments);
    if (err == SB_OK && m.title[0] == '\0' && m.text == NULL && m.n_attachments == 0)
        err = sb_fail_set(&cli->fail, SB_E_CLI_EMPTY, "samband case amend", NULL);
    m.case_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CASE_AMEND, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_case_amend = {SB_CASE_POSITION, AMEND_OPTIONS, case_amend};

/* ---- postpone ---- */

static const sb_arg_option POSTPONE_OPTIONS[] = {
    {.name = "external",
     .nb = "saken er fra før loggen; oppgi nummeret som det er",
     .en = "the case is from before the log; give its number as it is"},
    {.name = "meeting",
     .value = "MØTE",
     .nb = "møtet det skjer i (ellers møtet saken står på, eller det åpne)",
     .en = "the meeting where it happens (else the case's own, or the open one)"},
    {.name = "to",
     .value = "DATO",
     .nb = "til møtet denne datoen",
     .en = "to the meeting of this date"},
    SB_OPTION_END};

static sb_err case_postpone(sb_cli *cli)
{
    Sb__CasePostpone m = SB__CASE_POSTPONE__INIT;
    const sb_doc *doc = NULL;
    const char *text = sb_args_position(cli->args, 0);
    uint8_t id[32], meeting[32];
    sb_err err = sb_option_date(cli, "to", 0, &m.to_date);
    if (err == SB_OK && sb_args_flag(cli->args, "external")) {
        m.which_case = SB__CASE_POSTPONE__WHICH_EXTERNAL;
        err = sb_read_text(cli, text, &m.external);
    } else if (err == SB_OK) {
        m.which_case = SB__CASE_POSTPONE__WHICH_CASE_ID;
        err = sb_ref_case(cli, text, &doc, id);
        m.case_id = sb_bytes32(id);
    }
    if (err == SB_OK)
        err = sb_meeting_of(cli, doc, meeting);
    m.meeting_id = sb_bytes32(meeting);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CASE_POSTPONE, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_case_postpone = {SB_CASE_POSITION, POSTPONE_OPTIONS, case_postpone};

/* ---- withdraw ---- */

static const sb_arg_option WITHDRAW_OPTIONS[] = {
    SB_OPTION_TEXT("reason", "hvorfor saken trekkes", "why the case is withdrawn"), SB_OPTION_END};

static sb_err case_withdraw(sb_cli *cli)
{
    Sb__CaseWithdraw m = SB__CASE_WITHDRAW__INIT;
    const sb_doc *doc = NULL;
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &doc, id);
    if (err == SB_OK)
        err = sb_option_blob(cli, "reason", false, &m.reason);
    m.case_id = sb_bytes32(id);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CASE_WITHDRAW, &m.base, SB_KEY_MEMBER, NULL)
                        : err;
}

const sb_verb_spec sb_spec_case_withdraw = {SB_CASE_POSITION, WITHDRAW_OPTIONS, case_withdraw};

/* ---- relate, discuss ---- */

static const sb_arg_position RELATE_POSITIONS[] = {
    {.name = "SAK"}, {.name = "FORHOLD"}, {.name = "SAK2"}, {.name = NULL}};
static const sb_arg_option RELATE_OPTIONS[] = {
    {.name = "external",
     .nb = "den andre saken er fra før loggen; oppgi nummeret som det er",
     .en = "the other case is from before the log; give its number as it is"},
    SB_OPTION_END};

static sb_err case_relate(sb_cli *cli)
{
    Sb__CaseRelate m = SB__CASE_RELATE__INIT;
    const sb_doc *doc = NULL, *other = NULL;
    const char *text = sb_args_position(cli->args, 2);
    uint32_t relation = 0;
    uint8_t id[32], other_id[32];
    sb_err err = sb_read_word(cli, SB_TEXT_CASE_RELATION, sb_args_placeholder("FORHOLD", cli->lang),
                              sb_args_position(cli->args, 1), &relation);
    if (err == SB_OK)
        err = sb_position_case(cli, &doc, id);
    if (err == SB_OK && sb_args_flag(cli->args, "external")) {
        m.to_case = SB__CASE_RELATE__TO_EXTERNAL;
        err = sb_read_text(cli, text, &m.external);
    } else if (err == SB_OK) {
        m.to_case = SB__CASE_RELATE__TO_OTHER_CASE;
        err = sb_ref_case(cli, text, &other, other_id);
        m.other_case = sb_bytes32(other_id);
    }
    m.case_id = sb_bytes32(id);
    m.relation = (Sb__CaseRelation)relation;
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CASE_RELATE, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_case_relate = {RELATE_POSITIONS, RELATE_OPTIONS, case_relate};

static const sb_arg_option DISCUSS_OPTIONS[] = {
    {.name = "meeting",
     .value = "MØTE",
     .nb = "møtet den ble drøftet i (ellers det saken står på)",
     .en = "the meeting that discussed it (else the one the case is on)"},
    SB_OPTION_END};

static sb_err case_discuss(sb_cli *cli)
{
    Sb__CaseDiscuss m = SB__CASE_DISCUSS__INIT;
    const sb_doc *doc = NULL;
    uint8_t id[32], meeting[32];
    sb_err err = sb_position_case(cli, &doc, id);
    if (err == SB_OK)
        err = sb_meeting_of(cli, doc, meeting);
    m.case_id = sb_bytes32(id);
    m.meeting_id = sb_bytes32(meeting);
    return err == SB_OK ? sb_submit(cli, SB_ENTRY_CASE_DISCUSS, &m.base, SB_KEY_MEMBER, NULL) : err;
}

const sb_verb_spec sb_spec_case_discuss = {SB_CASE_POSITION, DISCUSS_OPTIONS, case_discuss};

/* ---- list ---- */

const char *sb_case_status_word(const sb_cli *cli, const char *code)
{
    static const char *const words[][3] = {
        {"reported", "meldt", "reported"},     {"called", "på dagsorden", "on an agenda"},
        {"treated", "behandlet", "treated"},   {"postponed", "utsatt", "postponed"},
        {"withdrawn", "trukket", "withdrawn"}, {NULL, NULL, NULL}};
    return sb_word_of(cli, words, code);
}

static sb_err case_list(sb_cli *cli)
{
    const char *body = sb_args_position(cli->args, 0);
    const sb_doc *list = NULL;
    sb_err err = sb_session_show(cli, &list, "cases", body);
    if (err != SB_OK)
        return err;
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *c = list->items[i];
        const char *number = sb_doc_str(c, "number");
        sb_buf_printf(&lines, "%s\t%.12s\t%s\t%s\t%s\n", number[0] != '\0' ? number : "–",
                      sb_doc_str(c, "id"), sb_doc_str(c, "body"),
                      sb_case_status_word(cli, sb_doc_str(c, "status")), sb_doc_str(c, "title"));
    }
    if (lines.len == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_case_list = {SB_OPTIONAL_BODY, NULL, case_list};

/* ---- show ---- */

void sb_say_clauses(sb_cli *cli, const sb_doc *clauses)
{
    if (sb_doc_count(clauses) == 0)
        return;
    sb_cli_say(cli, "%s:", sb_text(SB_MSG_HEAD_PROPOSAL, cli->lang));
    for (uint32_t i = 0; i < sb_doc_count(clauses); i++)
        sb_cli_say(cli, "  %u. %s", i + 1, (const char *)clauses->items[i]->text.data);
}

/* "vedtatt"; "drøftet" where nothing was decided; "" while it waits. */
static const char *treatment_words(sb_cli *cli, const sb_doc *t)
{
    const sb_doc *discussed = sb_doc_get(t, "discussed");
    const char *outcome = sb_doc_word(cli, SB_TEXT_OUTCOME, t, "outcome");
    return outcome[0] == '\0' && sb_doc_true(discussed, "by_entry")
               ? sb_cli_either(cli, "drøftet", "discussed")
               : outcome;
}

/* The attachments by number, with the first digits that other commands take. */
static void say_attachments(sb_cli *cli, const sb_doc *list)
{
    enum { NAME_BYTES_MAX = 300 };
    if (sb_doc_count(list) > 0)
        sb_cli_say(cli, "%s:", sb_text(SB_MSG_HEAD_ATTACHMENTS, cli->lang));
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *ref = list->items[i];
        const char *text = sb_doc_true(ref, "erased") ? sb_text(SB_MSG_BLOB_ERASED, cli->lang)
                                                      : sb_blob_text(cli, ref);
        size_t name = strcspn(text, "\n");
        sb_cli_say(cli, "  %u. %s (%.12s)", i + 1,
                   name <= NAME_BYTES_MAX ? sb_arena_str(&cli->arena, sb_slice_of(text, name)) : "",
                   sb_doc_str(ref, "sha256"));
    }
}

/* "Følger opp: 9/21" */
static void say_relations(sb_cli *cli, const sb_doc *list)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const char *number = sb_doc_str(one, "number"), *title = sb_doc_str(one, "title");
        const char *word = sb_doc_word(cli, SB_TEXT_CASE_RELATION, one, "relation");
        const char *other = number[0] != '\0' ? number : title;
        if (strcmp(sb_doc_str(one, "direction"), "from") == 0)
            sb_cli_say(cli, sb_cli_either(cli, "Sak %s %s denne saken", "Case %s %s this one"),
                       other, word);
        else
            sb_cli_say(cli, sb_cli_either(cli, "Saken %s sak %s", "It %s case %s"), word, other);
    }
}

sb_err sb_say_case_facts(sb_cli *cli, const sb_doc *c)
{
    const sb_doc *actions = NULL;
    say_relations(cli, sb_doc_get(c, "relations"));
    sb_say_conditions(cli, sb_doc_get(c, "conditions"));
    sb_say_inputs(cli, sb_doc_get(c, "inputs"));
    sb_say_disputes(cli, sb_doc_get(c, "disputes"));
    sb_err err = sb_case_facts(cli, c, "actions", &actions);
    if (err == SB_OK)
        sb_say_actions(cli, actions);
    return err;
}

static void say_treatments(sb_cli *cli, const sb_doc *list)
{
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *t = list->items[i], *meeting = sb_doc_get(t, "meeting");
        const char *outcome = treatment_words(cli, t);
        sb_cli_say(cli, "%s %s, %s %s%s%s", sb_text(SB_MSG_HEAD_CASE, cli->lang),
                   sb_doc_str(t, "number"), sb_doc_str(meeting, "body"),
                   sb_doc_date(cli, meeting, "date"), outcome[0] != '\0' ? ": " : "", outcome);
    }
}

static sb_err case_show(sb_cli *cli)
{
    const sb_doc *c = NULL;
    sb_slice json = {0};
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_query(cli, &json, "case", sb_doc_str(c, "id"), NULL);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    const char *number = sb_doc_str(c, "number");
    sb_cli_say(cli, "%s%s%s", number, number[0] != '\0' ? "  " : "", sb_doc_str(c, "title"));
    sb_cli_say(cli, "%s, %s, %s", sb_doc_str(c, "body"),
               sb_doc_word(cli, SB_TEXT_CASE_KIND, c, "kind"),
               sb_case_status_word(cli, sb_doc_str(c, "status")));
    sb_cli_say(cli, "%s: %s", sb_cli_either(cli, "Referanse", "Reference"), sb_doc_str(c, "id"));
    const char *from = sb_blob_text(cli, sb_doc_get(c, "from"));
    const char *text = sb_blob_text(cli, sb_doc_get(c, "text"));
    if (from[0] != '\0')
        sb_cli_say(cli, "%s: %s", sb_text(SB_MSG_HEAD_FROM, cli->lang), from);
    if (text[0] != '\0')
        sb_cli_say(cli, "%s", text);
    sb_say_clauses(cli, sb_doc_get(c, "clauses"));
    say_attachments(cli, sb_doc_get(c, "attachments"));
    sb_say_candidates(cli, sb_doc_get(c, "candidates"));
    say_treatments(cli, sb_doc_get(c, "treatments"));
    return sb_say_case_facts(cli, c);
}

const sb_verb_spec sb_spec_case_show = {SB_CASE_POSITION, NULL, case_show};
