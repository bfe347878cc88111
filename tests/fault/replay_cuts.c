#include "tests/fault/replay_inside.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- an outcome on disk ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void write_file(const char *path, const bytes *b)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || (b->len > 0 && write(fd, b->data, b->len) != (ssize_t)b->len))
        replay_give_up("not written", path);
    (void)close(fd);
}

static void write_folder(const replay *r, const names *n, const bytes *contents, int dir,
                         const char *path)
{
    char below[PATH_MAX];
    if (mkdir(path, 0700) != 0)
        replay_give_up("not made", path);
    for (size_t i = 0; i < n->count; i++) {
        const name *x = &n->items[i];
        if (x->dir != dir)
            continue;
        if (snprintf(below, sizeof below, "%s/%s", path, x->text) >= (int)sizeof below)
            replay_give_up("too long", path);
        if (r->nodes[x->node].is_dir)
            write_folder(r, n, contents, x->node, below);
        else
            write_file(below, &contents[x->node]);
    }
}

/* What is synced and the units that `keeps` says, as files in `into`. */
static void write_outcome(replay *r, const bool *keeps, const char *into)
{
    bytes *contents = calloc(r->node_count + 1, sizeof *contents);
    bool *is_copy = calloc(r->node_count + 1, sizeof *is_copy);
    names n = {0};
    for (size_t i = 0; i < r->durable.count; i++)
        replay_set_name(&n, r->durable.items[i].dir, r->durable.items[i].text,
                        r->durable.items[i].node);
    for (size_t i = 0; i < r->node_count; i++)
        contents[i] = r->nodes[i].durable;
    for (size_t i = 0; i < r->unit_count; i++) {
        const unit *u = &r->units[i];
        if (!keeps[i])
            continue;
        if (!replay_is_data(u)) {
            replay_apply_name(&n, u);
            continue;
        }
        if (!is_copy[u->node]) {
            contents[u->node] = (bytes){0};
            replay_copy(&contents[u->node], &r->nodes[u->node].durable);
            is_copy[u->node] = true;
        }
        replay_apply_data(&contents[u->node], u);
    }
    (void)nftw(into, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    write_folder(r, &n, contents, ROOT, into);
    for (size_t i = 0; i < r->node_count; i++)
        if (is_copy[i])
            free(contents[i].data);
    free(n.items);
    free(contents);
    free(is_copy);
}

void replay_killed(replay *r, size_t at, const char *into)
{
    replay_begin(r, 4096);
    for (size_t i = 0; i < at && i < r->record_count; i++)
        replay_play(r, i);
    bool *keeps = malloc(r->unit_count + 1);
    memset(keeps, true, r->unit_count + 1);
    write_outcome(r, keeps, into);
    free(keeps);
}

/* ---- power cuts ---- */

typedef struct trial {
    replay *r;
    const replay_plan *plan;
    const char *into;
    replay_visit *visit;
    void *arg;
    replay_cut cut;
    bool *keeps;
    size_t count;
    uint32_t random;
    bool goes_on;
} trial;

static void try_it(trial *t, const char *how)
{
    if (!t->goes_on)
        return;
    t->cut.how = how;
    t->cut.kept = 0;
    for (size_t i = 0; i < t->cut.waiting; i++)
        t->cut.kept += t->keeps[i];
    write_outcome(t->r, t->keeps, t->into);
    t->count++;
    t->goes_on = t->visit(t->arg, &t->cut);
}

static void set_all(trial *t, bool keeps)
{
    memset(t->keeps, keeps, t->cut.waiting);
}

static void cut_here(trial *t, size_t at)
{
    size_t n = t->r->unit_count;
    if (n == 0)
        return;
    t->cut = (replay_cut){.record = at, .marks = t->r->marks, .waiting = n};
    t->keeps = malloc(n);
    set_all(t, false);
    try_it(t, "none");
    set_all(t, true);
    try_it(t, "all");
    size_t each = t->plan->each == 0 ? 1 : t->plan->each,
           step = n <= each ? 1 : (n + each - 1) / each;
    for (size_t i = n == 1 ? 1 : t->random % step; i < n && t->plan->each > 0; i += step) {
        set_all(t, false);
        t->keeps[i] = true;
        try_it(t, "only one");
        set_all(t, true);
        t->keeps[i] = false;
        try_it(t, "all but one");
        memset(t->keeps, true, i);
        memset(t->keeps + i, false, n - i);
        try_it(t, "the first");
    }
    for (size_t k = 0; n > 2 && k < t->plan->random; k++) {
        for (size_t i = 0; i < n; i++) {
            t->random = t->random * 1664525 + 1013904223;
            t->keeps[i] = (t->random >> 20 & 1) != 0;
        }
        try_it(t, "some");
    }
    free(t->keeps);
}

static bool is_settling(const record *x)
{
    return x->head.kind == RECORD_SYNC || x->head.kind == RECORD_SYNC_DIR ||
           x->head.kind == RECORD_WRITTEN;
}

size_t replay_power_cuts(replay *r, const replay_plan *plan, const char *into, replay_visit *visit,
                         void *arg)
{
    trial t = {.r = r,
               .plan = plan,
               .into = into,
               .visit = visit,
               .arg = arg,
               .random = plan->seed,
               .goes_on = true};
    replay_begin(r, plan->unit);
    for (size_t i = 0; i < r->record_count && t.goes_on; i++) {
        if (i >= plan->from && is_settling(&r->records[i]))
            cut_here(&t, i);
        replay_play(r, i);
    }
    cut_here(&t, r->record_count);
    return t.count;
}
