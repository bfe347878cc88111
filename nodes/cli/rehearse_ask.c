/* Asking the nodes of a rehearsal, running verbs as its people, and waiting until it is final. */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "nodes/cli/inside.h"
#include "nodes/cli/rehearse_fed.h"
#include "nodes/host/clock.h"
#include "nodes/host/file.h"
#include "nodes/host/json_read.h"
#include "nodes/transport/net_zmq.h"
#include "proto/wire/frame.h"

enum {
    CONNECT_MS = 5000,
    ANSWER_MS = 20000,
    POLL_MS = 4,
    LOOK_MS = 1000,
    ARGS_MAX = 4,
    WORDS_MAX = 512
};

static void pause_ms(long ms)
{
    struct timespec t = {.tv_sec = 0, .tv_nsec = ms * 1000000};
    (void)nanosleep(&t, NULL);
}

/* ---- queries ---- */

static sb_err silent(sb_reh_process *node, sb_fail *fail)
{
    sb_net_close(node->net);
    node->net = NULL;
    return sb_fail_set(fail, SB_E_CLI_NODE_SILENT, node->socket, NULL);
}

static sb_err dial(sb_reh_process *node, sb_fail *fail)
{
    uint32_t link;
    sb_net_event event;
    sb_err err = sb_net_zmq_open(&node->net, fail);
    if (err == SB_OK)
        err = sb_net_zmq_dial_local(node->net, node->socket, &link, fail);
    if (err == SB_OK)
        err = sb_net_wait(node->net, CONNECT_MS, &event, fail);
    if (err == SB_OK && event.kind != SB_NET_UP)
        err = SB_E_CLI_NODE_SILENT;
    if (err != SB_OK)
        return silent(node, fail);
    node->peer = event.peer;
    return SB_OK;
}

static sb_err send_query(sb_reh_process *node, Sb__Query *query, sb_fail *fail)
{
    Sb__Frame frame = SB__FRAME__INIT;
    sb_buf bytes;
    frame.request = ++node->request;
    frame.body_case = SB__FRAME__BODY_QUERY;
    frame.query = query;
    sb_buf_init(&bytes);
    sb_frame_encode(&frame, &bytes);
    sb_err err = sb_net_send(node->net, node->peer, sb_buf_slice(&bytes));
    sb_buf_deinit(&bytes);
    return err == SB_OK ? SB_OK : silent(node, fail);
}

static sb_err await_answer(sb_reh_process *node, sb_arena *arena, const Sb__Answer **answer,
                           sb_fail *fail)
{
    uint64_t until = sb_clock_monotonic_ms() + ANSWER_MS;
    for (;;) {
        uint64_t now = sb_clock_monotonic_ms();
        sb_net_event event = {0};
        const Sb__Frame *frame = NULL;
        sb_err err =
            sb_net_wait(node->net, now < until ? (uint32_t)(until - now) : 0, &event, fail);
        if (err != SB_OK || event.kind == SB_NET_NOTHING || event.kind == SB_NET_DOWN)
            return silent(node, fail);
        if (event.kind != SB_NET_FRAME)
            continue;
        err = sb_frame_decode(event.frame, arena, &frame, fail);
        if (err != SB_OK)
            return err;
        if (frame->request == node->request && frame->body_case == SB__FRAME__BODY_ANSWER) {
            *answer = frame->answer;
            return SB_OK;
        }
    }
}

/* One answer: all there is, or a part of a list (proto/ledger/query.h "Lists"). */
static sb_err ask_part(sb_reh_process *node, Sb__Query *query, uint64_t *history, sb_arena *arena,
                       const sb_doc **doc, sb_fail *fail)
{
    const Sb__Answer *answer = NULL;
    const sb_doc *more = NULL;
    sb_err err = send_query(node, query, fail);
    if (err == SB_OK)
        err = await_answer(node, arena, &answer, fail);
    if (err == SB_OK)
        err = sb_session_part(query, history, answer, fail);
    if (err != SB_OK)
        return err;
    sb_slice json = sb_slice_of(answer->json.data, answer->json.len);
    err = sb_json_parse(query->name, json, arena, &more, fail);
    return err == SB_OK ? sb_doc_append(doc, more, arena, fail) : err;
}

sb_err sb_reh_ask(sb_reh_fed *fed, sb_reh_process *node, sb_arena *arena, const sb_doc **doc,
                  sb_fail *fail, const char *name, ...)
{
    char *args[ARGS_MAX];
    size_t count = 0;
    Sb__Query query = SB__QUERY__INIT;
    va_list list;
    (void)fed;
    va_start(list, name);
    for (char *a = va_arg(list, char *); a != NULL && count < ARGS_MAX; a = va_arg(list, char *))
        args[count++] = a;
    va_end(list);
    query.name = (char *)(uintptr_t)name;
    query.args = args;
    query.n_args = count;
    *doc = NULL;
    uint64_t history = 0;
    sb_err err = node->net == NULL ? dial(node, fail) : SB_OK;
    if (err == SB_OK)
        err = ask_part(node, &query, &history, arena, doc, fail);
    while (err == SB_OK && query.from != 0)
        err = ask_part(node, &query, &history, arena, doc, fail);
    return err;
}

/* ---- verbs ---- */

sb_err sb_reh_do(sb_reh_fed *fed, const sb_reh_person *person, const char *const *words,
                 sb_fail *fail)
{
    const char *argv[WORDS_MAX + 16];
    int argc = 0;
    argv[argc++] = "samband";
    for (int i = 0; words[i] != NULL && i < WORDS_MAX; i++)
        argv[argc++] = words[i];
    argv[argc++] = "--passphrase-file";
    argv[argc++] = fed->passphrase;
    if (person != NULL) {
        const char *const who[] = {"--key",  person->key,  "--node",       person->node->dir,
                                   "--home", person->home, "--federation", fed->federation};
        for (size_t i = 0; i < sizeof who / sizeof who[0]; i++)
            argv[argc++] = who[i];
    }
    argv[argc++] = fed->lang == SB_LANG_EN ? "--lang=en" : "--lang=nb";
    argv[argc] = NULL;
    fed->io.ignore_environment = true;
    if (sb_cli_run(argc, argv, &fed->io) == 0)
        return SB_OK;
    *fail = fed->io.fail;
    return fed->io.fail.code == SB_OK ? SB_E_INTERNAL : fed->io.fail.code;
}

/* ---- people ---- */

const char *sb_reh_seat_key(const sb_reh_fed *fed, const char *seat, uint32_t role)
{
    const char *name = role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY ? "deputy" : "primary";
    return sb_path_join(fed->arena, fed->people,
                        sb_arena_printf(fed->arena, "%s-%s.key", seat, name));
}

const char *sb_reh_office_key(const sb_reh_fed *fed, const char *office)
{
    return sb_path_join(fed->arena, fed->people,
                        sb_arena_printf(fed->arena, "office-%s.key", office));
}

static const char *home_of(const sb_reh_fed *fed, const char *who)
{
    return sb_path_join(fed->arena, fed->home, who);
}

static const Sb__Office *find_office(const sb_reh_fed *fed, const char *id)
{
    for (size_t i = 0; i < fed->charter->n_offices; i++)
        if (strcmp(fed->charter->offices[i]->id, id) == 0)
            return fed->charter->offices[i];
    return NULL;
}

/* The organisation that hosts whoever appoints to the seat; NULL: nobody, the secretariat acts. */
static const char *host_of(const sb_reh_fed *fed, const Sb__Seat *seat)
{
    const Sb__Charter *c = fed->charter;
    for (size_t i = 0; i < c->n_appointers; i++)
        if (strcmp(c->appointers[i]->id, seat->appointer) == 0 && c->appointers[i]->host[0] != '\0')
            return c->appointers[i]->host;
    return NULL;
}

static bool office_person(sb_reh_fed *fed, const Sb__Office *office, sb_reh_person *out)
{
    out->key =
        office->seat[0] != '\0' &&
                sb_file_exists(sb_reh_seat_key(fed, office->seat, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY))
            ? sb_reh_seat_key(fed, office->seat, SB__SEAT_ROLE__SEAT_ROLE_PRIMARY)
            : sb_reh_office_key(fed, office->id);
    out->node = sb_reh_process_named(fed, office->appointed_by);
    out->home = home_of(fed, sb_arena_printf(fed->arena, "office-%s", office->id));
    return out->node != NULL && sb_file_exists(out->key);
}

static bool authority(sb_reh_fed *fed, const char *organisation, sb_reh_person *out)
{
    out->node = sb_reh_process_named(fed, organisation);
    out->key = sb_path_join(fed->arena, fed->keys,
                            sb_arena_printf(fed->arena, "%s-authority.key", organisation));
    out->home = home_of(fed, organisation);
    return out->node != NULL && sb_file_exists(out->key);
}

static bool secretariat(sb_reh_fed *fed, sb_reh_person *out)
{
    const Sb__Office *office = find_office(fed, "secretariat");
    return office != NULL && office_person(fed, office, out);
}

bool sb_reh_person_of(sb_reh_fed *fed, const char *id, uint32_t role, sb_reh_person *out)
{
    const Sb__Office *office = find_office(fed, id);
    const Sb__Seat *seat = sb_reh_seat(fed->charter, id, NULL);
    *out = (sb_reh_person){0};
    if (office != NULL)
        return office_person(fed, office, out);
    if (seat == NULL)
        return authority(fed, id, out);
    if (role == 0)
        role = SB__SEAT_ROLE__SEAT_ROLE_PRIMARY;
    const char *host = host_of(fed, seat);
    sb_reh_person through;
    if (host == NULL && secretariat(fed, &through))
        out->node = through.node;
    else if (host != NULL)
        out->node = sb_reh_process_named(fed, host);
    out->key = sb_reh_seat_key(fed, id, role);
    out->home = home_of(
        fed, sb_arena_printf(fed->arena, "%s-%s", id,
                             role == SB__SEAT_ROLE__SEAT_ROLE_DEPUTY ? "deputy" : "primary"));
    return out->node != NULL && sb_file_exists(out->key);
}

bool sb_reh_appointer_of_seat(sb_reh_fed *fed, const char *seat, sb_reh_person *out)
{
    const Sb__Seat *s = sb_reh_seat(fed->charter, seat, NULL);
    const char *host = s == NULL ? NULL : host_of(fed, s);
    return host == NULL ? secretariat(fed, out) : authority(fed, host, out);
}

bool sb_reh_appointer_of_office(sb_reh_fed *fed, const Sb__Office *office, sb_reh_person *out)
{
    return authority(fed, office->appointed_by, out);
}

/* ---- waiting ---- */

static const sb_doc *status_of(sb_reh_fed *fed, sb_reh_process *node, sb_arena *arena)
{
    const sb_doc *status = NULL;
    return sb_reh_ask(fed, node, arena, &status, NULL, "status", NULL) == SB_OK ? status : NULL;
}

static bool number_at_least(const sb_doc *map, const char *key, uint64_t least)
{
    uint64_t n = 0;
    return sb_doc_u64(sb_doc_get(map, key), 0, UINT64_MAX, &n, NULL) == SB_OK && n >= least;
}

static bool text_is(const sb_doc *map, const char *key, const char *text)
{
    const char *is = NULL;
    return sb_doc_text(sb_doc_get(map, key), &is, NULL) == SB_OK && strcmp(is, text) == 0;
}

typedef bool condition(sb_reh_fed *fed, sb_reh_process *node, const sb_doc *status, uint64_t arg,
                       sb_arena *arena);

static sb_err not_final(const sb_reh_step *step, const sb_reh_process *node, uint32_t timeout_s,
                        sb_fail *fail)
{
    char line[16], seconds[16];
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)step->line);
    (void)snprintf(seconds, sizeof seconds, "%lu", (unsigned long)timeout_s);
    return sb_fail_set(fail, SB_E_REHEARSE_NOT_FINAL, step->file, line, node->name, seconds, NULL);
}

/* From a status, NULL where none came: the node has stopped; who has left is cut off there and then. */
static void notice(sb_reh_fed *fed, sb_reh_process *node, const sb_doc *status)
{
    if (status == NULL)
        return;
    if (text_is(status, "state", "diverged") || text_is(status, "state", "conflict"))
        node->stand = SB_REH_STOPPED;
    const sb_doc *left = sb_doc_get(status, "left");
    for (uint32_t k = 0; left != NULL && k < left->count; k++) {
        const char *name = NULL;
        for (uint32_t i = 1; i < fed->count; i++)
            if (sb_doc_text(left->items[k], &name, NULL) == SB_OK &&
                strcmp(fed->processes[i].name, name) == 0)
                fed->processes[i].stand = SB_REH_LEFT;
    }
}

/* Notice nodes that have stopped folding; without enough of the others nothing becomes final. */
static sb_err look_around(sb_reh_fed *fed, const sb_reh_step *step, sb_arena *arena, sb_fail *fail)
{
    char line[16];
    for (uint32_t i = 1; i < fed->count; i++) {
        sb_reh_process *node = &fed->processes[i];
        if (!sb_reh_is_running(node) || node->stand != SB_REH_FOLLOWS)
            continue;
        notice(fed, node, status_of(fed, node, arena));
    }
    if (sb_reh_fed_can_confirm(fed))
        return SB_OK;
    (void)snprintf(line, sizeof line, "%lu", (unsigned long)step->line);
    return sb_fail_set(fail, SB_E_REHEARSE_OFFLINE, step->file, line, sb_reh_word(step->kind),
                       NULL);
}

/* Until `holds` on every running node, one after the other. */
static sb_err await(sb_reh_fed *fed, condition *holds, uint64_t arg, uint32_t timeout_s,
                    const sb_reh_step *step, sb_fail *fail)
{
    uint64_t from = sb_clock_monotonic_ms(), looked = from;
    sb_arena arena;
    sb_err err = SB_OK;
    sb_arena_init(&arena);
    for (uint32_t i = 1; i < fed->count && err == SB_OK; i++) {
        sb_reh_process *node = &fed->processes[i];
        while (err == SB_OK && sb_reh_is_running(node) && node->stand == SB_REH_FOLLOWS) {
            sb_arena_reset(&arena);
            const sb_doc *status = status_of(fed, node, &arena);
            notice(fed, node, status);
            if (status != NULL && holds(fed, node, status, arg, &arena))
                break;
            uint64_t now = sb_clock_monotonic_ms();
            if (now - from > (uint64_t)timeout_s * 1000)
                err = not_final(step, node, timeout_s, fail);
            else if (now - looked > LOOK_MS)
                err = look_around(fed, step, &arena, fail);
            looked = now - looked > LOOK_MS ? now : looked;
            pause_ms(POLL_MS);
        }
    }
    sb_arena_deinit(&arena);
    return err;
}

static bool is_final(sb_reh_fed *fed, sb_reh_process *node, const sb_doc *status, uint64_t index,
                     sb_arena *arena)
{
    (void)fed;
    (void)node;
    (void)arena;
    return number_at_least(status, "final_size", index + 1);
}

sb_err sb_reh_await_final(sb_reh_fed *fed, uint64_t index, uint32_t timeout_s,
                          const sb_reh_step *step, sb_fail *fail)
{
    return await(fed, is_final, index, timeout_s, step, fail);
}

/* The node's clock has arrived, nothing waits in its outbox, no deadline before the clock is left,
 * and all is final. */
static bool is_quiet(sb_reh_fed *fed, sb_reh_process *node, const sb_doc *status, uint64_t clock_ms,
                     sb_arena *arena)
{
    const sb_doc *deadlines = NULL;
    uint64_t due = 0;
    if (!number_at_least(status, "time_ms", clock_ms) || number_at_least(status, "outbox", 1) ||
        !text_is(status, "state", "final"))
        return false;
    if (sb_reh_ask(fed, node, arena, &deadlines, NULL, "deadlines", NULL) != SB_OK)
        return false;
    for (uint32_t i = 0; i < deadlines->count; i++)
        if (sb_doc_u64(sb_doc_get(deadlines->items[i], "due_ms"), 0, UINT64_MAX, &due, NULL) ==
                SB_OK &&
            due < clock_ms)
            return false;
    return true;
}

sb_err sb_reh_await_quiet(sb_reh_fed *fed, uint32_t timeout_s, const sb_reh_step *step,
                          sb_fail *fail)
{
    return await(fed, is_quiet, (uint64_t)fed->clock_ms, timeout_s, step, fail);
}
