/* The connection to one's node: frames over its local socket, and what is believed before asking.
 */
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>

#include "nodes/cli/inside.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "nodes/host/json_read.h"
#include "nodes/transport/net_zmq.h"
#include "proto/base/hash.h"

enum {
    CONNECT_MS = 3000,
    ANSWER_MS = 20000,
    QUERY_ARGS_MAX = 8,
    LATE_COSIGNATURES_MS = 250,
    LATE_COSIGNATURES_TRIES = 20
};

/* ---- where the node is ---- */

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* --node is a socket, "ipc://…", or the directory of a node or broker. *dir: that directory. */
static sb_err find_socket(sb_cli *cli, const char **socket, const char **dir, bool *is_broker)
{
    const char *node = cli->node;
    *is_broker = false;
    *dir = NULL;
    if (node == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_NODE, NULL);
    if (strncmp(node, "ipc://", 6) == 0)
        node += 6;
    *socket = node;
    if (!is_dir(node))
        return SB_OK;
    *dir = node;
    if (sb_file_exists(sb_path_join(&cli->arena, node, "broker.yaml"))) {
        sb_broker_config config;
        *is_broker = true;
        sb_err err = sb_broker_config_read(node, &cli->arena, &config, &cli->fail);
        *socket = config.socket;
        return err;
    }
    sb_node_config config;
    sb_err err = sb_node_config_read(node, &cli->arena, &config, &cli->fail);
    *socket = config.socket;
    return err;
}

static sb_err silent(sb_cli *cli, const sb_session *s)
{
    return sb_fail_set(&cli->fail, s->is_broker ? SB_E_CLI_BROKER_SILENT : SB_E_CLI_NODE_SILENT,
                       s->socket, NULL);
}

static sb_err dial(sb_cli *cli, sb_session *s)
{
    uint32_t link;
    sb_net_event event;
    struct stat st;
    if (stat(s->socket, &st) != 0)
        return silent(cli, s);
    sb_err err = sb_net_zmq_open(&s->net, &cli->fail);
    if (err == SB_OK)
        err = sb_net_zmq_dial_local(s->net, s->socket, &link, &cli->fail);
    if (err == SB_OK)
        err = sb_net_wait(s->net, CONNECT_MS, &event, &cli->fail);
    if (err == SB_OK && event.kind != SB_NET_UP)
        err = silent(cli, s);
    if (err == SB_OK)
        s->peer = event.peer;
    return err;
}

sb_err sb_session_connect(sb_cli *cli, sb_session **out)
{
    const char *dir;
    if (cli->session == NULL) {
        sb_session *s = SB_ARENA_NEW(&cli->arena, sb_session);
        sb_err err = find_socket(cli, &s->socket, &dir, &s->is_broker);
        if (err == SB_OK)
            err = dial(cli, s);
        cli->session = s;
        if (err != SB_OK)
            return err;
    }
    *out = cli->session;
    return SB_OK;
}

void sb_session_close(sb_session *session)
{
    if (session != NULL)
        sb_net_close(session->net);
}

/* ---- frames ---- */

sb_err sb_session_send(sb_cli *cli, Sb__Frame *frame)
{
    sb_session *s = cli->session;
    sb_buf bytes;
    sb_buf_init(&bytes);
    frame->request = ++s->request;
    sb_frame_encode(frame, &bytes);
    sb_err err = sb_net_send(s->net, s->peer, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    return err == SB_OK ? SB_OK : silent(cli, s);
}

sb_err sb_session_wait(sb_cli *cli, uint64_t request, uint32_t timeout_ms, sb_arena *arena,
                       const Sb__Frame **answer)
{
    sb_session *s = cli->session;
    uint64_t until = sb_clock_monotonic_ms() + timeout_ms;
    *answer = NULL;
    for (;;) {
        uint64_t now = sb_clock_monotonic_ms();
        sb_net_event event;
        sb_err err =
            sb_net_wait(s->net, now < until ? (uint32_t)(until - now) : 0, &event, &cli->fail);
        if (err != SB_OK || event.kind == SB_NET_NOTHING)
            return err;
        if (event.kind == SB_NET_DOWN)
            return silent(cli, s);
        if (event.kind != SB_NET_FRAME)
            continue;
        err = sb_frame_decode(event.frame, arena, answer, &cli->fail);
        if (err != SB_OK || (*answer)->request == request)
            return err;
        *answer = NULL; /* of a request that was given up */
    }
}

sb_err sb_session_request(sb_cli *cli, Sb__Frame *frame, sb_arena *arena, const Sb__Frame **answer)
{
    sb_err err = sb_session_send(cli, frame);
    if (err == SB_OK)
        err = sb_session_wait(cli, frame->request, ANSWER_MS, arena, answer);
    return err == SB_OK && *answer == NULL ? silent(cli, cli->session) : err;
}

/* ---- queries ---- */

/* One answer: all there is, or a part of a list. */
static sb_err query_part(sb_cli *cli, sb_arena *arena, Sb__Query *query, const Sb__Answer **out)
{
    Sb__Frame frame = SB__FRAME__INIT;
    const Sb__Frame *answer = NULL;
    frame.body_case = SB__FRAME__BODY_QUERY;
    frame.query = query;
    sb_err err = sb_session_request(cli, &frame, arena, &answer);
    if (err != SB_OK)
        return err;
    if (answer->body_case != SB__FRAME__BODY_ANSWER)
        return sb_fail_set(&cli->fail, SB_E_CLI_ANSWER, query->name, NULL);
    *out = answer->answer;
    return SB_OK;
}

sb_err sb_session_part(Sb__Query *query, uint64_t *history, const Sb__Answer *a, sb_fail *fail)
{
    if (a->code != 0)
        return sb_fail_list(fail, (sb_err)a->code, a->args, a->n_args);
    if (a->next != 0 && a->next <= query->from) /* it would never end */
        return sb_fail_set(fail, SB_E_CLI_ANSWER, query->name, NULL);
    if (query->from != 0 && a->history != *history)
        return sb_fail_set(fail, SB_E_CLI_LIST_CHANGED, query->name, NULL);
    *history = a->history;
    query->from = a->next;
    return SB_OK;
}

sb_err sb_session_each(sb_cli *cli, sb_arena *arena, const char *name, const char *const *args,
                       size_t count, sb_part_fn fn, void *arg)
{
    Sb__Query query = SB__QUERY__INIT;
    query.name = (char *)(uintptr_t)name;
    query.args = (char **)(uintptr_t)args;
    query.n_args = count;
    uint64_t history = 0;
    for (;;) {
        const Sb__Answer *answer = NULL;
        sb_err err = query_part(cli, arena, &query, &answer);
        if (err == SB_OK)
            err = sb_session_part(&query, &history, answer, &cli->fail);
        if (err == SB_OK)
            err = fn(arg, sb_slice_of(answer->json.data, answer->json.len));
        if (err != SB_OK || query.from == 0)
            return err;
    }
}

/* Parts become one: text, and when it is wanted the document. Each is read alone, so that no list
 * grows beyond what one document may be. */
typedef struct whole {
    sb_cli *cli;
    const char *name;
    uint32_t parts;
    sb_slice first; /* the only one is copied nowhere */
    sb_buf text;    /* of several */
    bool want_doc;
    const sb_doc *doc;
} whole;

/* "[a]" and "[b]" become "[a,b]". */
static sb_err add_text(whole *w, sb_slice json)
{
    if (w->parts++ == 0) {
        w->first = json;
        return SB_OK;
    }
    if (w->parts == 2)
        sb_buf_add(&w->text, w->first);
    const uint8_t *of = w->text.data;
    if (w->text.len < 2 || of[0] != '[' || json.len < 2 || json.data[0] != '[')
        return sb_fail_set(&w->cli->fail, SB_E_CLI_ANSWER, w->name, NULL);
    if (json.len == 2)
        return SB_OK;
    bool was_empty = w->text.len == 2;
    w->text.len--;
    if (!was_empty)
        sb_buf_add(&w->text, sb_slice_str(","));
    sb_buf_add(&w->text, sb_slice_of(json.data + 1, json.len - 1));
    return SB_OK;
}

static sb_err add_part(void *arg, sb_slice json)
{
    whole *w = arg;
    sb_cli *cli = w->cli;
    const sb_doc *more = NULL;
    sb_err err = add_text(w, json);
    if (err == SB_OK && w->want_doc)
        err = sb_json_parse(w->name, json, &cli->arena, &more, &cli->fail);
    return err == SB_OK && w->want_doc ? sb_doc_append(&w->doc, more, &cli->arena, &cli->fail)
                                       : err;
}

static sb_err ask_whole(whole *w, sb_arena *arena, sb_slice *json, const char *const *args,
                        size_t count)
{
    sb_buf_init(&w->text);
    sb_err err = sb_session_each(w->cli, arena, w->name, args, count, add_part, w);
    if (err == SB_OK)
        *json = w->parts == 1 ? w->first : sb_arena_copy(arena, sb_buf_slice(&w->text));
    sb_buf_deinit(&w->text);
    return err;
}

sb_err sb_session_query_in(sb_cli *cli, sb_arena *arena, sb_slice *json, const char *name,
                           const char *const *args, size_t count)
{
    whole w = {.cli = cli, .name = name};
    return ask_whole(&w, arena, json, args, count);
}

static sb_err query_list(whole *w, sb_slice *json, va_list list)
{
    const char *args[QUERY_ARGS_MAX];
    size_t count = 0;
    sb_session *s;
    for (const char *a = va_arg(list, const char *); a != NULL && count < QUERY_ARGS_MAX;
         a = va_arg(list, const char *))
        args[count++] = a;
    sb_err err = sb_session_connect(w->cli, &s);
    return err == SB_OK ? ask_whole(w, &w->cli->arena, json, args, count) : err;
}

sb_err sb_session_query(sb_cli *cli, sb_slice *json, const char *name, ...)
{
    whole w = {.cli = cli, .name = name};
    va_list list;
    va_start(list, name);
    sb_err err = query_list(&w, json, list);
    va_end(list);
    return err;
}

sb_err sb_session_ask(sb_cli *cli, const sb_doc **doc, const char *name, ...)
{
    whole w = {.cli = cli, .name = name, .want_doc = true};
    sb_slice json = {0};
    va_list list;
    va_start(list, name);
    sb_err err = query_list(&w, &json, list);
    va_end(list);
    *doc = w.doc;
    return err;
}

sb_err sb_session_show(sb_cli *cli, const sb_doc **doc, const char *name, const char *arg)
{
    whole w = {.cli = cli, .name = name, .want_doc = true};
    const char *const args[] = {arg};
    sb_slice json = {0};
    sb_session *s;
    sb_err err = sb_session_connect(cli, &s);
    if (err == SB_OK)
        err = ask_whole(&w, &cli->arena, &json, args, arg != NULL ? 1 : 0);
    *doc = w.doc;
    if (err == SB_OK)
        sb_cli_json_whole(cli, json);
    return err;
}

sb_err sb_session_now(sb_cli *cli, uint64_t *ms)
{
    const sb_doc *status = NULL;
    sb_err err = sb_session_ask(cli, &status, "status", NULL);
    return err == SB_OK ? sb_doc_need_u64(status, "time_ms", 0, INT64_MAX, ms, &cli->fail) : err;
}

/* ---- which federation ---- */

/* The file that --federation names, or the home's; the first time, the one beside the node, which
 * is then kept: trust on first use, said aloud. */
static sb_err federation_path(sb_cli *cli, const char **path, bool *is_new)
{
    const char *socket, *dir;
    *is_new = false;
    *path = cli->federation;
    if (*path != NULL)
        return SB_OK;
    sb_err err = sb_home_federation(cli, false, path);
    if (err != SB_OK || sb_file_exists(*path))
        return err;
    bool is_broker;
    err = find_socket(cli, &socket, &dir, &is_broker);
    if (err != SB_OK)
        return err;
    if (dir == NULL)
        return sb_fail_set(&cli->fail, SB_E_CLI_NO_FEDERATION, NULL);
    *path = sb_path_join(&cli->arena, dir, SB_FEDERATION_FILE);
    *is_new = true;
    return sb_file_exists(*path) ? SB_OK : sb_fail_set(&cli->fail, SB_E_CLI_NO_FEDERATION, NULL);
}

static sb_err keep_federation(sb_cli *cli, const char *from)
{
    const char *path = NULL;
    sb_buf bytes;
    sb_buf_init(&bytes);
    sb_err err = sb_home_federation(cli, true, &path);
    if (err == SB_OK)
        err = sb_file_read(from, SB_FEDERATION_BYTES_MAX, &bytes, &cli->fail);
    if (err == SB_OK)
        err = sb_file_write_new(path, sb_buf_slice(&bytes), SB_FILE_MODE, &cli->fail);
    sb_buf_deinit(&bytes);
    return err;
}

static sb_err same_federation(sb_cli *cli, const sb_session *s)
{
    const sb_doc *status = NULL;
    char ours[65];
    sb_hex(sb_slice_of(s->federation.federation_id, 32), ours);
    sb_err err = sb_session_ask(cli, &status, "status", NULL);
    if (err != SB_OK)
        return err;
    const char *theirs = sb_doc_str(status, "federation");
    if (theirs[0] != '\0' && strcmp(theirs, ours) != 0)
        return sb_fail_set(&cli->fail, SB_E_CLI_OTHER_FEDERATION,
                           sb_arena_printf(&cli->arena, "%.16s", theirs),
                           sb_arena_printf(&cli->arena, "%.16s", ours), NULL);
    return SB_OK;
}

sb_err sb_session_open(sb_cli *cli, sb_session **out)
{
    const char *path = NULL;
    bool is_new = false;
    sb_session *s = NULL;
    sb_err err = sb_session_connect(cli, &s);
    *out = s;
    if (err != SB_OK || s->has_federation)
        return err;
    err = federation_path(cli, &path, &is_new);
    if (err == SB_OK)
        err = sb_federation_read(path, &cli->arena, &s->federation, &cli->fail);
    if (err != SB_OK)
        return err;
    err = sb_trust_of(&s->federation, &cli->arena, &s->trust, &cli->fail);
    if (err == SB_OK)
        err = sb_home_trust(cli, &s->trust);
    if (err == SB_OK)
        err = same_federation(cli, s);
    if (err == SB_OK && is_new)
        err = keep_federation(cli, path);
    if (err == SB_OK && is_new)
        sb_cli_progress(
            cli, "%s",
            sb_cli_either(cli, "Føderasjonsfilen ved noden er husket og brukes fra nå av.",
                          "The federation file beside the node is kept and used from now on."));
    s->has_federation = err == SB_OK;
    return err;
}

sb_err sb_session_ask_head(sb_cli *cli, sb_seen_head *last, const sb_doc **answer)
{
    sb_session *s = NULL;
    sb_err err = sb_session_open(cli, &s);
    if (err == SB_OK)
        err = sb_home_seen(cli, s->federation.federation_id, last);
    if (err == SB_OK)
        err = sb_session_ask(cli, answer, "head",
                             sb_arena_printf(&cli->arena, "%llu", (unsigned long long)last->size),
                             NULL);
    return err;
}

sb_err sb_session_judge_head(sb_cli *cli, const sb_seen_head *last, const sb_doc *answer,
                             sb_seen_head *head)
{
    sb_session *s = cli->session;
    sb_err err = sb_head_check(answer, &s->trust, last, head, &cli->arena, &cli->fail);
    if (err == SB_OK && s->trust.changed)
        err = sb_home_keep_trust(cli, &s->trust);
    if (err == SB_OK && head->size > last->size)
        err = sb_home_see(cli, s->federation.federation_id, head);
    return err;
}

sb_err sb_session_verify_head(sb_cli *cli, sb_seen_head *head)
{
    sb_seen_head last;
    const sb_doc *answer = NULL;
    sb_err err = SB_OK;
    const struct timespec pause = {.tv_nsec = LATE_COSIGNATURES_MS * 1000000L};
    /* After a change of policy fewer may be enough than we believe; the others come a moment later. */
    for (uint32_t i = 0; i < LATE_COSIGNATURES_TRIES; i++) {
        if (i > 0)
            (void)nanosleep(&pause, NULL);
        err = sb_session_ask_head(cli, &last, &answer);
        if (err == SB_OK)
            err = sb_session_judge_head(cli, &last, answer, head);
        if (err != SB_E_CLI_QUORUM)
            break;
    }
    return err;
}
