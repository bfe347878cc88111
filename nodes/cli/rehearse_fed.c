/* Making a federation for a rehearsal, from a charter to accepted bylaws and appointed offices,
 * with the verbs that people use. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "nodes/charter/charter.h"
#include "nodes/cli/rehearse_fed.h"
#include "nodes/host/clock.h"
#include "nodes/host/config.h"
#include "nodes/host/file.h"
#include "proto/calendar/oslo.h"
#include "proto/wire/entry.h"

enum { FOUNDING_S = 60 };

/* ---- the directory ---- */

static sb_err choose_dir(sb_reh_fed *fed, const sb_reh_fed_options *o, sb_fail *fail)
{
    char temporary[] = "/tmp/samband-ovelse-XXXXXX";
    char real[4096];
    const char *dir = o->join != NULL ? o->join : o->dir;
    fed->is_temporary = dir == NULL;
    if (dir == NULL && (dir = mkdtemp(temporary)) == NULL)
        return sb_fail_set(fail, SB_E_DIR_MAKE, temporary, strerror(errno), NULL);
    if (o->join == NULL && !sb_dir_is_empty(dir))
        return sb_fail_set(fail, SB_E_REHEARSE_DIR, dir, NULL);
    sb_err err = o->join == NULL ? sb_dir_make(dir, 0700, fail) : SB_OK;
    if (err != SB_OK)
        return err;
    if (realpath(dir, real) == NULL)
        return sb_fail_set(fail, SB_E_REHEARSE_NO_FEDERATION, dir, NULL);
    fed->dir = sb_arena_str(fed->arena, sb_slice_str(real));
    return SB_OK;
}

static void name_paths(sb_reh_fed *fed)
{
    fed->clock = sb_path_join(fed->arena, fed->dir, "clock");
    fed->passphrase = sb_path_join(fed->arena, fed->dir, "passphrase");
    fed->keys = sb_path_join(fed->arena, fed->dir, "keys");
    fed->people = sb_path_join(fed->arena, fed->dir, "people");
    fed->home = sb_path_join(fed->arena, fed->dir, "home");
    fed->federation = sb_path_join(fed->arena, fed->dir, SB_FEDERATION_FILE);
}

/* The programs lie beside this one. */
static const char *bin_dir(sb_arena *arena)
{
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return ".";
    self[n] = '\0';
    return sb_path_dir(arena, self);
}

static const char *program_of(const sb_reh_fed *fed, const sb_reh_fed_options *o, const char *id)
{
    size_t len = strlen(id);
    for (size_t i = 0; o->programs != NULL && o->programs[i] != NULL; i++)
        if (strncmp(o->programs[i], id, len) == 0 && o->programs[i][len] == '=')
            return o->programs[i] + len + 1;
    return sb_path_join(fed->arena, bin_dir(fed->arena), "samband-node");
}

void sb_reh_process_name(sb_reh_fed *fed, sb_reh_process *p, const char *name, const char *dir,
                         const char *socket, const char *program)
{
    sb_arena *a = fed->arena;
    *p = (sb_reh_process){.name = name, .program = program};
    p->dir = sb_path_join(a, fed->dir, dir);
    p->log = sb_path_join(a, fed->dir, sb_arena_printf(a, "%s.log", name));
    p->socket = sb_path_join(a, sb_path_join(a, p->dir, "run"), socket);
}

static sb_err name_processes(sb_reh_fed *fed, const sb_reh_fed_options *o, sb_fail *fail)
{
    const Sb__Charter *c = fed->charter;
    sb_arena *a = fed->arena;
    fed->count = (uint32_t)c->n_organisations + 1;
    fed->processes = SB_ARENA_ARRAY(a, sb_reh_process, fed->count);
    sb_reh_process_name(fed, &fed->processes[0], "broker", "broker", "broker.sock",
                        sb_path_join(a, bin_dir(a), "samband-broker"));
    for (uint32_t i = 1; i < fed->count; i++) {
        const char *id = c->organisations[i - 1]->id;
        sb_reh_process_name(fed, &fed->processes[i], id, sb_arena_printf(a, "nodes/%s", id),
                            "node.sock", program_of(fed, o, id));
    }
    const size_t room = sizeof(((struct sockaddr_un *)NULL)->sun_path);
    for (uint32_t i = 0; i < fed->count; i++)
        if (strlen(fed->processes[i].socket) >= room)
            return sb_fail_set(fail, SB_E_REHEARSE_DIR_LONG, fed->processes[i].socket, NULL);
    return SB_OK;
}

/* ---- keys, charter, membership ---- */

sb_err sb_reh_free_port(uint16_t *port, sb_fail *fail)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool ok = fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 &&
              getsockname(fd, (struct sockaddr *)&at, &len) == 0;
    sb_err err =
        ok ? SB_OK : sb_fail_set(fail, SB_E_NET_BIND, "tcp://127.0.0.1", strerror(errno), NULL);
    if (fd >= 0)
        (void)close(fd);
    *port = ntohs(at.sin_port);
    return err;
}

static sb_err init_all(sb_reh_fed *fed, const char *endpoint, sb_fail *fail)
{
    const char *const broker[] = {
        "broker", "init", fed->processes[0].dir, "--listen", endpoint, "--cards", fed->keys, NULL};
    sb_err err = sb_reh_do(fed, NULL, broker, fail);
    for (uint32_t i = 1; i < fed->count && err == SB_OK; i++) {
        const char *const node[] = {"node",
                                    "init",
                                    fed->processes[i].dir,
                                    "--organisation",
                                    fed->processes[i].name,
                                    "--keys",
                                    fed->keys,
                                    "--broker",
                                    endpoint,
                                    "--rehearsal-cost",
                                    NULL};
        err = sb_reh_do(fed, NULL, node, fail);
    }
    return err;
}

static sb_err compile_and_join(sb_reh_fed *fed, sb_fail *fail)
{
    const char *key = sb_path_join(
        fed->arena, fed->keys,
        sb_arena_printf(fed->arena, "%s-authority.key", fed->charter->organisations[0]->id));
    const char *const compile[] = {
        "charter", "compile",     fed->charter_path, "--cards",       fed->keys, "--key",
        key,       "--rehearsal", "--out",           fed->federation, NULL};
    sb_err err = sb_reh_do(fed, NULL, compile, fail);
    for (uint32_t i = 0; i < fed->count && err == SB_OK; i++) {
        const char *const join[] = {i == 0 ? "broker" : "node",
                                    "join",
                                    fed->processes[i].dir,
                                    "--federation",
                                    fed->federation,
                                    NULL};
        err = sb_reh_do(fed, NULL, join, fail);
    }
    return err;
}

static sb_err accept_all(sb_reh_fed *fed, sb_fail *fail)
{
    sb_err err = SB_OK;
    for (uint32_t i = 1; i < fed->count && err == SB_OK; i++) {
        static const char *const words[] = {"charter", "accept", "--wait", "receipt", NULL};
        sb_reh_person authority;
        (void)sb_reh_person_of(fed, fed->processes[i].name, 0, &authority);
        err = sb_reh_do(fed, &authority, words, fail);
    }
    return err;
}

sb_err sb_reh_appoint_office(sb_reh_fed *fed, const Sb__Office *office, const char *key,
                             const char *name, const char *from, const char *until, sb_fail *fail)
{
    sb_reh_person by;
    (void)sb_reh_appointer_of_office(fed, office, &by);
    const char *words[16] = {"member", "appoint", "--office", office->id, "--name",
                             name,     "--from",  from,       "--wait",   "receipt"};
    size_t n = 10;
    if (key != NULL) {
        words[n++] = "--device";
        words[n++] = key;
    }
    if (until != NULL) {
        words[n++] = "--until";
        words[n++] = until;
    }
    return sb_reh_do(fed, &by, words, fail);
}

sb_err sb_reh_new_key(sb_reh_fed *fed, const char *path, sb_fail *fail)
{
    const char *const words[] = {"key", "new", path, "--rehearsal-cost", NULL};
    return sb_file_exists(path) ? SB_OK : sb_reh_do(fed, NULL, words, fail);
}

static sb_err appoint_offices_of_all(sb_reh_fed *fed, const char *date, sb_fail *fail)
{
    const Sb__Charter *c = fed->charter;
    sb_err err = SB_OK;
    for (size_t i = 0; i < c->n_offices && err == SB_OK; i++) {
        if (c->offices[i]->body[0] != '\0')
            continue;
        const char *key = sb_reh_office_key(fed, c->offices[i]->id);
        err = sb_reh_new_key(fed, key, fail);
        if (err == SB_OK)
            err = sb_reh_appoint_office(fed, c->offices[i], key, c->offices[i]->name, date, NULL,
                                        fail);
    }
    return err;
}

/* ---- begin ---- */

static sb_err make(sb_reh_fed *fed, sb_fail *fail)
{
    uint16_t port = 0;
    sb_err err = sb_reh_free_port(&port, fail);
    const char *endpoint = sb_arena_printf(fed->arena, "tcp://127.0.0.1:%u", port);
    const char *const dirs[] = {fed->keys, fed->people, fed->home};
    for (size_t i = 0; i < sizeof dirs / sizeof dirs[0] && err == SB_OK; i++)
        err = sb_dir_make(dirs[i], 0700, fail);
    if (err == SB_OK)
        err =
            sb_file_write(fed->passphrase, sb_slice_str("rehearsal\n"), SB_FILE_MODE_SECRET, fail);
    if (err == SB_OK)
        err = sb_clock_file_write(fed->clock, (uint64_t)fed->clock_ms, fail);
    if (err == SB_OK)
        err = init_all(fed, endpoint, fail);
    if (err == SB_OK)
        err = compile_and_join(fed, fail);
    return err;
}

static sb_err found(sb_reh_fed *fed, sb_fail *fail)
{
    const sb_reh_step founding = {.file = fed->charter_path};
    sb_err err = SB_OK;
    for (uint32_t i = 0; i < fed->count && err == SB_OK; i++)
        err = sb_reh_process_start(fed, &fed->processes[i], fail);
    if (err == SB_OK)
        err = accept_all(fed, fail);
    if (err == SB_OK)
        err = sb_reh_await_quiet(fed, FOUNDING_S, &founding, fail);
    if (err == SB_OK)
        err = appoint_offices_of_all(fed, sb_reh_date(fed), fail);
    if (err == SB_OK)
        err = sb_reh_await_quiet(fed, FOUNDING_S, &founding, fail);
    return err;
}

/* The federation that runs here has this charter, as a rehearsal. */
static sb_err same_charter(const sb_reh_fed *fed, sb_fail *fail)
{
    sb_federation there;
    sb_buf ours, theirs;
    sb_buf_init(&ours);
    sb_buf_init(&theirs);
    sb_err err = sb_federation_read(fed->federation, fed->arena, &there, fail);
    if (err == SB_OK)
        err = sb_charter_encode(fed->charter, &ours, fail);
    if (err == SB_OK)
        err = sb_charter_encode(there.charter, &theirs, fail);
    if (err == SB_OK && !sb_slice_eq(sb_buf_slice(&ours), sb_buf_slice(&theirs)))
        err = sb_fail_set(fail, SB_E_REHEARSE_OTHER_CHARTER, fed->charter_path, NULL);
    sb_buf_deinit(&ours);
    sb_buf_deinit(&theirs);
    return err;
}

static sb_err join(sb_reh_fed *fed, sb_fail *fail)
{
    sb_clock clock;
    uint64_t ms = 0;
    sb_err err = sb_reh_running_read(fed, fail);
    if (err == SB_OK)
        err = same_charter(fed, fail);
    if (err == SB_OK)
        err = sb_clock_file(&clock, fed->clock, fail);
    if (err == SB_OK)
        err = sb_clock_legal_ms(&clock, &ms, fail);
    fed->clock_ms = (int64_t)ms;
    return err;
}

sb_err sb_reh_fed_begin(sb_reh_fed *fed, sb_arena *arena, const sb_reh_fed_options *options,
                        const char *charter_path, int64_t start_ms, sb_fail *fail)
{
    const sb_charter_options rehearsal = {.rehearsal = true};
    *fed = (sb_reh_fed){.arena = arena,
                        .charter_path = charter_path,
                        .clock_ms = start_ms,
                        .keep = options->keep || options->join != NULL,
                        .is_joined = options->join != NULL,
                        .lang = options->lang};
    sb_cli_io_init(&fed->io);
    sb_err err = sb_charter_read(charter_path, &rehearsal, arena, &fed->charter, NULL, fail);
    if (err == SB_OK)
        err = choose_dir(fed, options, fail);
    if (err != SB_OK)
        return err;
    name_paths(fed);
    if ((err = name_processes(fed, options, fail)) != SB_OK)
        return err;
    if (fed->is_joined)
        return join(fed, fail);
    err = make(fed, fail);
    return err == SB_OK ? found(fed, fail) : err;
}

const char *sb_reh_date(const sb_reh_fed *fed)
{
    char text[SB_DATE_TEXT_BYTES];
    sb_date_iso(sb_oslo_date(fed->clock_ms), text);
    return sb_arena_str(fed->arena, sb_slice_str(text));
}

/* ---- end ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

void sb_reh_fed_end(sb_reh_fed *fed, bool all_went_well)
{
    if (fed->dir != NULL && !fed->keep && fed->processes != NULL)
        sb_reh_stop_all(fed);
    for (uint32_t i = 0; i < fed->count; i++) {
        sb_net_close(fed->processes[i].net);
        fed->processes[i].net = NULL;
    }
    if (fed->dir != NULL && fed->is_temporary && all_went_well && !fed->keep)
        (void)nftw(fed->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    sb_cli_io_deinit(&fed->io);
}
