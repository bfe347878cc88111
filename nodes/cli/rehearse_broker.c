/* Losing disks, and a new broker that takes over from the nodes that are left, by the verbs that
 * people use. */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "nodes/cli/rehearse_play.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"

/* ---- losing ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st, (void)kind, (void)ftw;
    return remove(path);
}

static void remove_tree(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Configuration and key files have copies elsewhere. */
static bool has_copy(const char *name)
{
    size_t len = strlen(name);
    return (len > 4 && strcmp(name + len - 4, ".key") == 0) ||
           (len > 5 && strcmp(name + len - 5, ".yaml") == 0) ||
           strcmp(name, SB_FEDERATION_FILE) == 0;
}

sb_err sb_reh_process_lose(sb_reh_fed *fed, sb_reh_process *process, sb_fail *fail)
{
    const char *const *names;
    size_t count = 0;
    bool is_broker = process == &fed->processes[0];
    sb_reh_process_kill(fed, process);
    sb_err err = sb_dir_list(process->dir, fed->arena, &names, &count, fail);
    for (size_t i = 0; i < count && err == SB_OK; i++)
        if (is_broker || !has_copy(names[i]))
            remove_tree(sb_path_join(fed->arena, process->dir, names[i]));
    return err;
}

/* ---- taking over ---- */

/* The term after the newest that a running node knows. */
static sb_err next_term(sb_reh_fed *fed, uint32_t *term, sb_fail *fail)
{
    sb_err err = SB_OK;
    *term = 0;
    for (uint32_t i = 1; i < fed->count && err == SB_OK; i++) {
        const sb_doc *status = NULL;
        if (!sb_reh_is_running(&fed->processes[i]))
            continue;
        err = sb_reh_ask(fed, &fed->processes[i], fed->arena, &status, fail, "status", NULL);
        uint32_t here = (uint32_t)sb_doc_num(status, "term") + 1;
        *term = here > *term ? here : *term;
    }
    return err;
}

static sb_err make_broker(sb_reh_fed *fed, const char *name, const char *endpoint, sb_fail *fail)
{
    sb_reh_process *broker = &fed->processes[0];
    sb_reh_process_name(fed, broker, "broker", name, "broker.sock", broker->program);
    const char *const init[] = {"broker",  "init",      broker->dir, "--standby", "--id",
                                name,      "--address", endpoint,    "--listen",  endpoint,
                                "--cards", fed->keys,   NULL};
    const char *const join[] = {"broker",       "join",          broker->dir,
                                "--federation", fed->federation, NULL};
    sb_err err = sb_reh_do(fed, NULL, init, fail);
    if (err == SB_OK)
        err = sb_reh_do(fed, NULL, join, fail);
    broker->options[0] = "--standby";
    broker->options[1] = "--take-over";
    return err == SB_OK ? sb_reh_process_start(fed, broker, fail) : err;
}

static const char *card_of(const sb_reh_fed *fed, const char *name)
{
    return sb_path_join(fed->arena, fed->keys, sb_arena_printf(fed->arena, "broker-%s.card", name));
}

/* The organisation's authority key signs, on the organisation's own node. */
static sb_err consent(sb_reh_fed *fed, const sb_reh_process *node, const char *name, uint32_t term,
                      sb_fail *fail)
{
    sb_reh_person authority;
    const char *card = card_of(fed, name);
    const char *const words[] = {"node",
                                 "consent",
                                 node->dir,
                                 "--card",
                                 card,
                                 "--term",
                                 sb_arena_printf(fed->arena, "%u", term),
                                 NULL};
    (void)sb_reh_person_of(fed, node->name, 0, &authority);
    return sb_reh_do(fed, &authority, words, fail);
}

/* Who is away now is told of the new broker in its configuration. */
static sb_err join_anew(sb_reh_fed *fed, const sb_reh_process *node, const char *name,
                        sb_fail *fail)
{
    const char *const words[] = {"node",          "join",   node->dir,          "--federation",
                                 fed->federation, "--card", card_of(fed, name), NULL};
    return sb_reh_do(fed, NULL, words, fail);
}

static sb_err await_term(sb_reh_fed *fed, uint32_t term, uint32_t timeout_s,
                         const sb_reh_step *step, sb_fail *fail)
{
    uint64_t until = sb_clock_monotonic_ms() + 1000 * (uint64_t)timeout_s;
    for (uint32_t i = 1; i < fed->count;) {
        const sb_doc *status = NULL;
        sb_reh_process *node = &fed->processes[i];
        if (!sb_reh_is_running(node)) {
            i++;
            continue;
        }
        sb_err err = sb_reh_ask(fed, node, fed->arena, &status, fail, "status", NULL);
        if (err != SB_OK)
            return err;
        if (sb_doc_num(status, "term") >= term) {
            i++;
            continue;
        }
        if (sb_clock_monotonic_ms() > until)
            return sb_fail_set(fail, SB_E_REHEARSE_NOT_FINAL, step->file,
                               sb_arena_printf(fed->arena, "%u", step->line), node->name,
                               sb_arena_printf(fed->arena, "%u", timeout_s), NULL);
        sb_reh_pause_ms(20);
    }
    return sb_reh_await_quiet(fed, timeout_s, step, fail);
}

sb_err sb_reh_take_over(sb_reh_fed *fed, const char *name, uint32_t timeout_s,
                        const sb_reh_step *step, uint32_t *term, sb_fail *fail)
{
    uint16_t port = 0;
    sb_reh_process_kill(fed, &fed->processes[0]);
    sb_err err = sb_reh_free_port(&port, fail);
    const char *endpoint = sb_arena_printf(fed->arena, "tcp://127.0.0.1:%u", port);
    if (err == SB_OK)
        err = next_term(fed, term, fail);
    if (err == SB_OK)
        err = make_broker(fed, name, endpoint, fail);
    for (uint32_t i = 1; i < fed->count && err == SB_OK; i++)
        if (sb_reh_is_running(&fed->processes[i]))
            err = consent(fed, &fed->processes[i], name, *term, fail);
    for (uint32_t i = 1; i < fed->count && err == SB_OK; i++)
        if (!sb_reh_is_running(&fed->processes[i]))
            err = join_anew(fed, &fed->processes[i], name, fail);
    if (err == SB_OK)
        err = await_term(fed, *term, timeout_s, step, fail);
    return err;
}
