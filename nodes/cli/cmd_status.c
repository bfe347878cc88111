/* samband status: how the node (or broker) stands, in words. */
#include "nodes/cli/daemon.h"
#include "nodes/cli/inside.h"
#include "nodes/host/json_read.h"

static const char *state_words(sb_cli *cli, const sb_doc *status)
{
    const char *state = sb_doc_str(status, "state");
    sb_arena *a = &cli->arena;
    if (strcmp(state, "final") == 0)
        return sb_text(SB_MSG_CONFIRMED, cli->lang);
    if (strcmp(state, "diverged") == 0 || strcmp(state, "conflict") == 0)
        return sb_cli_either(cli, "STANSET: noe stemmer ikke", "STOPPED: something does not match");
    sb_buf words;
    sb_buf_init(&words);
    sb_text_format(
        &words, cli->lang, SB_MSG_NOT_CONFIRMED_COUNT,
        sb_arena_printf(a, "%llu", (unsigned long long)sb_doc_num(status, "confirmed")),
        sb_arena_printf(a, "%llu", (unsigned long long)sb_doc_num(status, "organisations")), NULL);
    const char *out = sb_arena_str(a, sb_buf_slice(&words));
    sb_buf_deinit(&words);
    return out;
}

static void say_node(sb_cli *cli, const sb_doc *s)
{
    const sb_doc *broker = sb_doc_get(s, "broker"), *diverged = sb_doc_get(s, "diverged");
    bool connected = sb_doc_true(broker, "connected");
    sb_cli_say(cli, "%s%s%s", sb_doc_str(s, "organisation"),
               sb_doc_true(s, "rehearsal") ? " – " : "",
               sb_doc_true(s, "rehearsal") ? sb_text(SB_MSG_REHEARSAL, cli->lang) : "");
    sb_cli_say(cli,
               sb_cli_either(cli, "%llu oppføringer, %llu av dem bekreftet",
                             "%llu entries, %llu of them confirmed"),
               (unsigned long long)sb_doc_num(s, "size"),
               (unsigned long long)sb_doc_num(s, "final_size"));
    sb_cli_say(cli, "%s", state_words(cli, s));
    sb_cli_say(cli, "%s",
               connected
                   ? sb_cli_either(cli, "har forbindelse med megleren", "connected to the broker")
                   : sb_cli_either(cli, "har ikke forbindelse med megleren",
                                   "not connected to the broker"));
    if (sb_doc_num(s, "outbox") > 0)
        sb_cli_say(cli,
                   sb_cli_either(cli, "%llu innsendinger i utboksen", "%llu entries in the outbox"),
                   (unsigned long long)sb_doc_num(s, "outbox"));
    if (sb_doc_num(s, "held_back") > 0)
        sb_cli_say(cli, sb_cli_either(cli, "%llu av dem holdes tilbake", "%llu of them held back"),
                   (unsigned long long)sb_doc_num(s, "held_back"));
    if (sb_doc_num(s, "blobs_missing") > 0)
        sb_cli_say(
            cli, sb_cli_either(cli, "%llu vedlegg mangler ennå", "%llu attachments still missing"),
            (unsigned long long)sb_doc_num(s, "blobs_missing"));
    if (diverged != NULL && diverged->kind == SB_DOC_MAP)
        sb_cli_say_msg(
            cli, SB_MSG_DIVERGED,
            sb_arena_printf(&cli->arena, "%llu", (unsigned long long)sb_doc_num(diverged, "index")),
            NULL);
}

static void say_broker(sb_cli *cli, const sb_doc *s)
{
    sb_cli_say(cli, sb_cli_either(cli, "megler, %llu oppføringer", "broker, %llu entries"),
               (unsigned long long)sb_doc_num(s, "size"));
    for (uint32_t i = 0; i < s->count; i++)
        if (s->items[i]->kind == SB_DOC_TEXT || s->items[i]->kind == SB_DOC_PLAIN)
            sb_cli_say(cli, "%s: %s", s->items[i]->key, (const char *)s->items[i]->text.data);
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
        say_node(cli, status);
    else
        say_broker(cli, status);
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
    for (uint32_t i = 0; i < sb_doc_count(deadlines); i++)
        sb_cli_say(cli, "%s: %s %s", sb_cli_either(cli, "frist", "deadline"),
                   sb_cli_time(cli, sb_doc_num(deadlines->items[i], "due_ms")),
                   sb_doc_word(cli, SB_TEXT_DEADLINE_KIND, deadlines->items[i], "kind"));
    return SB_OK;
}

static sb_err status(sb_cli *cli)
{
    sb_err err = sb_status_show(cli);
    return err == SB_OK && !cli->args->wants_json ? say_pending(cli) : err;
}

const sb_verb_spec sb_spec_status = {NULL, NULL, status};
