/* samband decision: what was decided, and what the decision rests on. */
#include "nodes/cli/inside.h"
#include "nodes/host/file.h"

static sb_err decision_list(sb_cli *cli)
{
    const char *body = sb_args_position(cli->args, 0);
    const sb_doc *list = NULL;
    sb_err err = sb_session_show(cli, &list, "decisions", body);
    if (err != SB_OK)
        return err;
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *d = list->items[i], *meeting = sb_doc_get(d, "meeting");
        sb_buf_printf(&lines, "%s\t%s\t%s\t%s\t%s\n", sb_doc_str(meeting, "body"),
                      sb_doc_str(d, "number"), sb_doc_str(meeting, "date"),
                      sb_doc_word(cli, SB_TEXT_OUTCOME, d, "outcome"), sb_doc_str(d, "title"));
    }
    if (lines.len == 0)
        sb_cli_say(cli, "%s", sb_text(SB_MSG_NONE, cli->lang));
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

const sb_verb_spec sb_spec_decision_list = {SB_OPTIONAL_BODY, NULL, decision_list};

/* Texts that were finished after the decision. */
static void say_finalised(sb_cli *cli, const sb_doc *question)
{
    const sb_doc *list = sb_doc_get(question, "finalised");
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *one = list->items[i];
        const char *text = sb_blob_text(cli, sb_doc_get(one, "final"));
        const char *note = sb_blob_text(cli, sb_doc_get(one, "note"));
        sb_cli_say(cli, sb_cli_either(cli, "  Gjort ferdig %s: %s%s%s", "  Finished on %s: %s%s%s"),
                   sb_cli_time(cli, sb_doc_num(one, "at_ms")),
                   sb_arena_str(&cli->arena, sb_slice_of(text, strcspn(text, "\n"))),
                   note[0] != '\0' ? ". " : "", note);
    }
}

/* Who was elected. */
static void say_elected(sb_cli *cli, const sb_doc *question)
{
    const sb_doc *list = sb_doc_get(question, "candidates");
    uint64_t elected = sb_doc_num(question, "elected");
    for (uint32_t i = 0; elected != 0 && i < sb_doc_count(list); i++)
        if (sb_doc_num(list->items[i], "number") == elected) {
            const sb_doc *one[] = {list->items[i]};
            sb_say_candidates(cli, &(sb_doc){.kind = SB_DOC_LIST, .count = 1, .items = one});
        }
}

/* What came of one decision, by its question. */
static sb_err say_question(sb_cli *cli, const char *id)
{
    const sb_doc *question = NULL;
    sb_err err = sb_session_ask(cli, &question, "question", id, NULL);
    if (err == SB_OK) {
        say_elected(cli, question);
        say_finalised(cli, question);
    }
    return err;
}

/* Adopted, but a condition before the effect or an action waits. */
static sb_err find_waiting(sb_cli *cli, const sb_doc *c, bool *waits)
{
    const sb_doc *conditions = sb_doc_get(c, "conditions"), *actions = NULL;
    sb_err err = sb_case_facts(cli, c, "actions", &actions);
    for (uint32_t i = 0; i < sb_doc_count(conditions); i++)
        *waits =
            *waits || (!sb_doc_true(conditions->items[i], "met") &&
                       strcmp(sb_doc_str(conditions->items[i], "moment"), "before_effect") == 0);
    for (uint32_t i = 0; i < sb_doc_count(actions); i++)
        *waits = *waits || strcmp(sb_doc_str(actions->items[i], "status"), "adopted") == 0;
    return err;
}

static void say_decided(sb_cli *cli, const sb_doc *d, bool waits)
{
    const sb_doc *decided = sb_doc_get(d, "decided"), *meeting = sb_doc_get(d, "meeting");
    sb_cli_say(cli, "%s  %s", sb_doc_str(d, "number"), sb_doc_str(d, "title"));
    bool is_adopted = strcmp(sb_doc_str(d, "outcome"), "adopted") == 0;
    sb_cli_say(cli, "%s, %s: %s%s", sb_doc_str(meeting, "body"), sb_doc_date(cli, meeting, "date"),
               sb_doc_word(cli, SB_TEXT_OUTCOME, d, "outcome"),
               waits && is_adopted ? sb_cli_either(cli, " – ikke i kraft", " – not in force") : "");
    for (uint32_t i = 0; i < sb_doc_count(decided); i++)
        sb_cli_say(cli, "  %u. %s", i + 1, (const char *)decided->items[i]->text.data);
}

static sb_err undecided(sb_cli *cli)
{
    return sb_fail_set(&cli->fail, SB_E_CLI_UNDECIDED, sb_args_position(cli->args, 0), NULL);
}

/* The decisions of one case, by its id. */
static sb_err decision_show(sb_cli *cli)
{
    const sb_doc *list = NULL, *c = NULL;
    uint8_t id[32];
    uint32_t found = 0;
    bool waits = false;
    sb_err err = sb_position_case(cli, &c, id);
    if (err == SB_OK)
        err = sb_session_ask(cli, &list, "decisions", "", sb_doc_str(c, "id"), NULL);
    if (err == SB_OK)
        err = find_waiting(cli, c, &waits);
    if (err != SB_OK)
        return err;
    sb_json_key(&cli->json, "case");
    sb_json_cstr(&cli->json, sb_doc_str(c, "id"));
    sb_json_key(&cli->json, "decisions");
    sb_json_array(&cli->json);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *d = list->items[i];
        found++;
        say_decided(cli, d, waits);
        if (err == SB_OK)
            err = say_question(cli, sb_doc_str(d, "question"));
        sb_json_object(&cli->json);
        sb_json_key(&cli->json, "question");
        sb_json_cstr(&cli->json, sb_doc_str(d, "question"));
        sb_json_key(&cli->json, "number");
        sb_json_cstr(&cli->json, sb_doc_str(d, "number"));
        sb_json_key(&cli->json, "outcome");
        sb_json_cstr(&cli->json, sb_doc_str(d, "outcome"));
        sb_json_key(&cli->json, "mode");
        sb_json_cstr(&cli->json, sb_doc_str(d, "mode"));
        sb_json_end_object(&cli->json);
    }
    sb_json_end_array(&cli->json);
    if (found == 0)
        return undecided(cli);
    return err == SB_OK ? sb_say_case_facts(cli, c) : err;
}

const sb_verb_spec sb_spec_decision_show = {SB_CASE_POSITION, NULL, decision_show};

/* ---- certificate ---- */

static const sb_arg_option CERTIFICATE_OPTIONS[] = {
    {.name = "out",
     .value = "FIL",
     .nb = "skriv vedtaksgrunnlaget til en fil: .json som det er bekreftet, ellers tekst",
     .en = "write the certificate to a file: .json as it was confirmed, else text"},
    {.name = "question",
     .value = "REFERANSE",
     .nb = "av dette avstemmingspunktet (ellers sakens siste)",
     .en = "of this question (else the case's last)"},
    SB_OPTION_END};

/* The certificate's own bytes within the answer: {"question":…,"sha256":…,"certificate":{…},"text…
 * Canonical JSON, so the key's first appearance at depth one is found by scanning. */
static sb_slice certificate_bytes(sb_slice json)
{
    static const char start[] = ",\"certificate\":", end[] = ",\"text_nb\":";
    size_t from = 0, to = 0;
    for (size_t i = 0; i + sizeof start - 1 <= json.len && from == 0; i++)
        if (memcmp(json.data + i, start, sizeof start - 1) == 0)
            from = i + sizeof start - 1;
    int depth = 0;
    bool in_text = false;
    for (size_t i = from; i < json.len && to == 0; i++) {
        uint8_t c = json.data[i];
        if (in_text && c == '\\')
            i++;
        else if (c == '"')
            in_text = !in_text;
        else if (!in_text && c == '{')
            depth++;
        else if (!in_text && c == '}' && --depth == 0)
            to = i + 1;
    }
    if (from == 0 || to == 0 || to + sizeof end - 1 > json.len)
        return sb_slice_of(NULL, 0);
    return sb_slice_of(json.data + from, to - from);
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static sb_err decision_certificate(sb_cli *cli)
{
    const char *out = sb_args_value(cli->args, "out");
    const char *question = sb_args_value(cli->args, "question");
    const sb_doc *c = NULL, *answer = NULL;
    sb_slice json = {0};
    uint8_t id[32];
    sb_err err = sb_position_case(cli, &c, id);
    const char *ref = question != NULL ? question : sb_doc_str(c, "id");
    if (err == SB_OK)
        err = sb_session_query(cli, &json, "certificate", ref, NULL);
    if (err == SB_E_NOT_FOUND && c != NULL)
        return undecided(cli);
    if (err == SB_OK)
        err = sb_session_ask(cli, &answer, "certificate", ref, NULL);
    if (err != SB_OK)
        return err;
    sb_slice certificate = certificate_bytes(json);
    const char *text = sb_doc_str(answer, cli->lang == SB_LANG_EN ? "text_en" : "text_nb");
    sb_cli_json_whole(cli, json);
    if (out == NULL) {
        sb_cli_say(cli, "%s", text);
        return SB_OK;
    }
    err = sb_file_write(out, ends_with(out, ".json") ? certificate : sb_slice_str(text),
                        SB_FILE_MODE, &cli->fail);
    if (err == SB_OK)
        sb_cli_say(cli, "%s", out);
    return err;
}

const sb_verb_spec sb_spec_decision_certificate = {SB_CASE_POSITION, CERTIFICATE_OPTIONS,
                                                   decision_certificate};
