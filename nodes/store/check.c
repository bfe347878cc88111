#include "nodes/store/check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nodes/store/check_inside.h"
#include "nodes/store/history_inside.h"
#include "nodes/store/pages.h"
#include "proto/base/hash.h"

/* ---- telling, in the child ---- */

void sb_check_found_fail(sb_check *c, sb_check_part part, sb_check_cure cure, const sb_fail *what)
{
    sb_check_finding f = {.part = part, .cure = cure, .what = *what};
    c->found(c->arg, &f);
}

void sb_check_found(sb_check *c, sb_check_part part, sb_check_cure cure, sb_err code, uint32_t argc,
                    uint64_t a0, uint64_t a1)
{
    sb_fail fail = {0};
    sb_fail_num(&fail, code, argc, a0, a1);
    sb_check_found_fail(c, part, cure, &fail);
}

void sb_check_tell_row(const sb_check_own *own, sb_check_cure cure, sb_err code, const char *name)
{
    sb_check_finding f = {.part = SB_CHECK_OWN, .cure = cure};
    sb_fail_set(&f.what, code, name, NULL);
    own->tell(own->arg, &f);
}

/* ---- the parts ---- */

/* False: another federation's. What its node promised is then not ours to judge. */
static bool check_federation(sb_check *c)
{
    uint8_t id[32];
    char hex[2 * 32 + 1];
    sb_fail fail;
    if (c->opts->federation_id == NULL || !sb_ledger_federation_id(c->ledger, id) ||
        memcmp(id, c->opts->federation_id, sizeof id) == 0)
        return true;
    sb_hex(sb_slice_of(c->opts->federation_id, 32), hex);
    sb_fail_set(&fail, SB_E_CHECK_FEDERATION, hex, NULL);
    sb_check_found_fail(c, SB_CHECK_FILE, SB_CURE_PROGRAM, &fail);
    return false;
}

static uint64_t count_own(sb_kv *own)
{
    uint64_t count = 0;
    sb_kv_walk row = {.kv = own};
    while (sb_kv_walk_next(&row))
        count++;
    return count;
}

static void check_own(sb_check *c, bool is_ours)
{
    sb_kv *own = sb_store_own(c->store);
    c->step(c->arg, SB_CHECK_OWN, 0, 0);
    c->report->own_rows = count_own(own);
    sb_check_own rows = {.own = own,
                         .ledger = c->ledger,
                         .log = c->log,
                         .is_whole = c->folded == c->report->leaves &&
                                     c->report->good == c->report->leaves && !c->tiles_bad,
                         .context = c->opts->context,
                         .tell = c->found,
                         .arg = c->arg};
    if (is_ours && c->opts->own != NULL)
        c->opts->own(&rows);
}

static void check_all(sb_check *c)
{
    c->report->leaves = sb_store_count(c->store);
    c->report->format = sb_store_format(c->store);
    c->then_size = sb_check_undo_reach(c);
    sb_check_part_leaves(c);
    bool is_ours = check_federation(c);
    sb_check_part_blobs(c);
    sb_check_part_archive(c);
    check_own(c, is_ours);
}

static void check_opened(sb_check *c)
{
    sb_fail fail = {0};
    c->log = sb_history_reader(c->store);
    c->rows = sb_kv_memory_new();
    c->blobs = sb_kv_memory_new();
    c->pool = sb_pool_new(0, 1);
    if (sb_ledger_open(&c->ledger, c->rows, NULL, &fail) == SB_OK)
        check_all(c);
    if (sb_store_error(c->store) != SB_OK) { /* LMDB said no on the way */
        sb_fail_set(&fail, SB_E_CHECK_READ, "LMDB", NULL);
        sb_check_found_fail(c, SB_CHECK_FILE, SB_CURE_STORE, &fail);
    }
    sb_ledger_close(c->ledger);
    sb_kv_memory_free(c->rows);
    sb_kv_memory_free(c->blobs);
    sb_kv_memory_free(c->then_rows);
    sb_pool_free(c->pool);
}

static bool is_damage(sb_err code)
{
    return code == SB_E_STORE_TRUNCATED || code == SB_E_STORE_EMPTY_FILE ||
           code == SB_E_STORE_FOREIGN || code == SB_E_STORE_PAGE || code == SB_E_STORE_FORMAT;
}

/* What a daemon says of it ends with the advice to run this check. */
static void tell_unreadable(sb_check *c, const sb_fail *fail)
{
    char detail[SB_FAIL_ARG_BYTES];
    sb_fail what = *fail;
    if (fail->code == SB_E_STORE_TRUNCATED)
        (void)snprintf(detail, sizeof detail, "%.24s / %.24s byte", fail->arg[1], fail->arg[2]);
    else
        (void)snprintf(detail, sizeof detail, "%.24s %.24s: %.24s", fail->arg[2], fail->arg[1],
                       fail->arg[3]);
    if (fail->code == SB_E_STORE_TRUNCATED || fail->code == SB_E_STORE_PAGE)
        sb_fail_set(&what, SB_E_CHECK_READ, detail, NULL);
    sb_check_found_fail(c, SB_CHECK_FILE, SB_CURE_STORE, &what);
}

/* The file's head first: LMDB maps whatever it says. */
static sb_err look_at_head(const char *dir, sb_fail *fail)
{
    char path[SB_STORE_PATH_BYTES];
    sb_pages p;
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return sb_fail_set(fail, SB_E_STORE_MISSING, dir, NULL);
    if (fd < 0)
        return sb_fail_set(fail, errno == EACCES ? SB_E_FILE_ACCESS : SB_E_STORE_IO, path,
                           sb_store_words(errno), NULL);
    sb_err err = sb_pages_head(fd, path, 0, &p, fail);
    (void)close(fd);
    return err;
}

static void check_store(sb_check *c)
{
    const sb_store_opts opts = {.kind = c->opts->kind, .readonly = true, .walk = true};
    sb_fail fail = {0};
    c->step(c->arg, SB_CHECK_FILE, 0, 0);
    sb_err err = look_at_head(c->opts->dir, &fail);
    if (err == SB_OK)
        err = sb_store_open(&c->store, c->opts->dir, &opts, &fail);
    if (err == SB_OK)
        check_opened(c);
    else if (is_damage(err))
        tell_unreadable(c, &fail);
    else
        c->report->broke = fail;
    c->report->finished = err == SB_OK || is_damage(err);
    sb_store_close(c->store);
}

/* ---- between child and parent ---- */

typedef struct message {
    enum { FOUND = 1, STEP, DONE } kind;
    union {
        sb_check_finding finding;
        struct {
            sb_check_part part;
            uint64_t done, total;
        } step;
        sb_check_report report; /* its pointers mean nothing here */
    } as;
} message;

static void send_message(void *arg, const message *m)
{
    const uint8_t *at = (const uint8_t *)m;
    for (size_t left = sizeof *m; left > 0;) {
        ssize_t n = write(*(int *)arg, at, left);
        if (n <= 0 && errno != EINTR)
            _exit(0); /* nobody listens any more */
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
}

static void send_finding(void *arg, const sb_check_finding *finding)
{
    message m = {.kind = FOUND, .as.finding = *finding};
    send_message(arg, &m);
}

static void send_step(void *arg, sb_check_part part, uint64_t done, uint64_t total)
{
    message m = {.kind = STEP, .as.step = {part, done, total}};
    send_message(arg, &m);
}

void sb_check_no_memory(void)
{
    _exit(SB_CHECK_NO_MEMORY);
}

static void run_child(const sb_check_opts *opts, int out)
{
    sb_on_out_of_memory(sb_check_no_memory);
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    message done = {.kind = DONE};
    if (nowhere >= 0)
        (void)dup2(nowhere, STDERR_FILENO); /* what a library says as it breaks down */
    (void)signal(SIGBUS, SIG_DFL);
    sb_check c = {.opts = opts,
                  .report = &done.as.report,
                  .found = send_finding,
                  .step = send_step,
                  .arg = &out};
    check_store(&c);
    send_message(&out, &done);
    _exit(0);
}

static bool receive(int in, message *m)
{
    uint8_t *at = (uint8_t *)m;
    for (size_t left = sizeof *m; left > 0;) {
        ssize_t n = read(in, at, left);
        if (n == 0 || (n < 0 && errno != EINTR))
            return false;
        if (n > 0) {
            at += n;
            left -= (size_t)n;
        }
    }
    return true;
}

static void keep(sb_check_report *r, const sb_check_finding *f)
{
    uint32_t of_part = 0;
    r->damages += f->cure != SB_CURE_NONE;
    r->cures |= 1u << f->cure;
    for (uint32_t i = 0; i < r->count; i++)
        of_part += r->findings[i].part == f->part;
    if (of_part >= SB_CHECK_FINDINGS_MAX) {
        r->left_out++;
        return;
    }
    r->findings = sb_xrealloc(r->findings, (r->count + 1) * sizeof *r->findings);
    r->findings[r->count++] = *f;
}

static void take_report(sb_check_report *r, const sb_check_report *from)
{
    sb_check_report kept = *r;
    *r = *from;
    r->findings = kept.findings;
    r->count = kept.count;
    r->left_out = kept.left_out;
    r->damages = kept.damages;
    r->cures = kept.cures;
}

/* How a child ended that didn't say that it was done. */
static void broke_down(sb_check_report *r, sb_check_part part, int status)
{
    sb_check_finding f = {.part = SB_CHECK_FILE, .cure = SB_CURE_STORE};
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == SB_CHECK_NO_MEMORY) {
        sb_fail_set(&r->broke, SB_E_CHECK_MEMORY, NULL);
        return;
    }
    if (number == SIGINT || number == SIGTERM || number == SIGKILL || number == SIGHUP ||
        number == SIGQUIT) { /* somebody stopped it */
        sb_fail_set(&r->broke, SB_E_CHECK_UNDECIDED, sb_check_part_name(part, SB_LANG_NB), NULL);
        return;
    }
    sb_fail_num(&f.what, SB_E_CHECK_CRASHED, 1, part, 0);
    keep(r, &f);
    r->finished = true;
}

void sb_check_run(const sb_check_opts *opts, sb_check_report *out)
{
    int fds[2], status = 0;
    message m;
    bool done = false;
    sb_check_part part = SB_CHECK_FILE;
    *out = (sb_check_report){0};
    (void)snprintf(out->kind, sizeof out->kind, "%s", opts->kind);
    pid_t child = pipe2(fds, O_CLOEXEC) == 0 ? fork() : -1;
    if (child < 0) {
        sb_fail_set(&out->broke, SB_E_CHECK_UNDECIDED, sb_store_words(errno), NULL);
        return;
    }
    if (child == 0) {
        (void)close(fds[0]);
        run_child(opts, fds[1]);
    }
    (void)close(fds[1]);
    while (!done && receive(fds[0], &m)) {
        if (m.kind == FOUND)
            keep(out, &m.as.finding);
        else if (m.kind == STEP) {
            part = m.as.step.part;
            if (opts->progress != NULL)
                opts->progress(part, m.as.step.done, m.as.step.total);
        } else {
            take_report(out, &m.as.report);
            done = true;
        }
    }
    (void)close(fds[0]);
    (void)waitpid(child, &status, 0);
    if (!done)
        broke_down(out, part, status);
    (void)snprintf(out->kind, sizeof out->kind, "%s", opts->kind);
}

void sb_check_report_deinit(sb_check_report *r)
{
    free(r->findings);
    *r = (sb_check_report){0};
}

int sb_check_exit(const sb_check_report *r)
{
    if (!r->finished)
        return sb_err_exit(r->broke.code);
    return r->damages > 0 ? SB_EXIT_VERIFY : SB_EXIT_OK;
}
