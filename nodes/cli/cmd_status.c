/* samband status: how the node (or broker) stands, in words. */
#include <ctype.h>

#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/cli/policy_words.h"
#include "nodes/host/json_read.h"

static const char *number(sb_cli *cli, uint64_t n)
{
    return sb_arena_printf(&cli->arena, "%llu", (unsigned long long)n);
}

/* "CASE_REPORT", as the node names it → "sak meldt" */
static const char *entry_words(sb_cli *cli, const char *name)
{
    uint32_t value = 0;
    char *code = sb_arena_str(&cli->arena, sb_slice_str(name));
    for (char *c = code; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return sb_text_parse(SB_TEXT_ENTRY, sb_slice_str(code), &value)
               ? sb_text_word(SB_TEXT_ENTRY, value, cli->lang)
               : name;
}

/* What members have handed in and isn't confirmed, oldest of each key first. */
static sb_err say_outbox(sb_cli *cli, uint64_t now_ms)
{
    const sb_doc *list = NULL;
    sb_err err = sb_session_ask(cli, &list, "outbox", NULL);
    if (err != SB_OK || sb_doc_count(list) == 0)
        return err;
    sb_cli_say(
        cli, "%s",
        sb_cli_either(cli, "innsendt, men ikke bekreftet ennå:", "handed in, not confirmed yet:"));
    sb_buf lines;
    sb_buf_init(&lines);
    for (uint32_t i = 0; i < sb_doc_count(list); i++) {
        const sb_doc *e = list->items[i], *receipt = sb_doc_get(e, "receipt");
        bool has_receipt = receipt != NULL && receipt->kind != SB_DOC_NULL;
        uint64_t waited_ms = sb_doc_num(e, "waited_ms");
        sb_buf_printf(&lines, "  %s\t%s %s\t", entry_words(cli, sb_doc_str(e, "type")),
                      sb_cli_either(cli, "siden", "since"), sb_cli_time(cli, now_ms - waited_ms));
        if (has_receipt)
            sb_buf_str(&lines, sb_cli_either(cli, "ført inn, venter på bekreftelse",
                                             "entered, awaits confirmation"));
        else if (sb_doc_true(e, "held_back"))
            sb_text_format(&lines, cli->lang, SB_MSG_HELD_BACK, number(cli, waited_ms / 1000),
                           NULL);
        else
            sb_buf_str(&lines, sb_cli_either(cli, "ikke levert ennå", "not delivered yet"));
        sb_buf_str(&lines, "\n");
    }
    sb_cli_say_table(cli, &lines);
    sb_buf_deinit(&lines);
    return SB_OK;
}

sb_err sb_status_show(sb_cli *cli)
{
    sb_slice json = {0};
    const sb_doc *status = NULL;
    sb_err err = sb_session_query(cli, &json, "status", NULL);
    if (err == SB_OK)
        err = sb_json_parse("status", json, &cli->arena, &status, &cli->fail);
    if (err != SB_OK)
        return err;
    sb_cli_json_whole(cli, json);
    if (sb_doc_get(status, "organisation") != NULL)
        sb_say_node(cli, status);
    else
        sb_say_broker(cli, status);
    if (sb_doc_num(status, "outbox") > 0 && !cli->args->wants_json)
        return say_outbox(cli, sb_doc_num(status, "time_ms"));
    return SB_OK;
}

/* What waits for somebody to do it. */
static sb_err say_pending(sb_cli *cli)
{
    const sb_doc *questions = NULL, *deadlines = NULL;
    sb_err err = sb_session_ask(cli, &questions, "questions", NULL);
    if (err == SB_OK)
        err = sb_session_ask(cli, &deadlines, "deadlines", NULL);
    if (err == SB_E_NOT_FOUND) /* no charter yet */
        return SB_OK;
    if (err != SB_OK)
        return err;
    for (uint32_t i = 0; i < sb_doc_count(questions); i++) {
        const sb_doc *c = sb_doc_get(questions->items[i], "case");
        sb_cli_say(cli, "%s: %s %s", sb_cli_either(cli, "til avgjørelse nå", "being decided now"),
                   sb_doc_str(c, "number"), sb_doc_str(c, "title"));
    }
    for (uint32_t i = 0; i < sb_doc_count(deadlines); i++) {
        const sb_doc *d = deadlines->items[i];
        bool is_condition = strcmp(sb_doc_str(d, "kind"), "condition") == 0;
        sb_cli_say(cli, "%s: %s %s", sb_cli_either(cli, "frist", "deadline"),
                   sb_cli_time(cli, sb_doc_num(d, "due_ms")),
                   is_condition ? sb_cli_either(cli, "svar på vilkår", "answers to a condition")
                                : sb_doc_word(cli, SB_TEXT_DEADLINE_KIND, d, "kind"));
    }
    const sb_doc *membership = NULL;
    err = sb_session_ask(cli, &membership, "membership", NULL);
    if (err != SB_OK)
        return err;
    sb_say_predecessor(cli, sb_doc_get(membership, "predecessor"));
    sb_say_change(cli, sb_doc_get(membership, "change"));
    return sb_say_waiting(cli);
}

static sb_err status(sb_cli *cli)
{
    sb_err err = sb_status_show(cli);
    return err == SB_OK && !cli->args->wants_json ? say_pending(cli) : err;
}

const sb_verb_spec sb_spec_status = {NULL, NULL, status};
