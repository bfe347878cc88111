#include "tests/fault/replay.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOT = 0, NONE = -1 };

typedef struct bytes {
    uint8_t *data;
    size_t len, cap;
} bytes;

/* A file or a folder. */
typedef struct node {
    uint64_t inode;
    bool is_dir;
    bytes live, durable;
} node;

typedef struct name {
    int dir, node;
    char text[NAME_MAX + 1];
} name;

typedef struct names {
    name *items;
    size_t count, cap;
} names;

typedef enum unit_kind {
    UNIT_DATA,
    UNIT_GROW,
    UNIT_SHRINK,
    UNIT_ADD,
    UNIT_DEL,
    UNIT_MOVE
} unit_kind;

/* What isn't synced yet, in the order in which it was done. */
typedef struct unit {
    unit_kind kind;
    int node; /* of data; what a name stands for */
    uint64_t offset;
    const uint8_t *data;
    size_t len;
    size_t record;
    int dir, dir2;
    const char *text, *text2;
} unit;

typedef struct record {
    record_head head;
    char *path, *path2;
    const uint8_t *data;
} record;

struct replay {
    uint8_t *journal;
    size_t journal_len;
    const char *base;
    record *records;
    size_t record_count, mark_count;
    /* while playing */
    node *nodes;
    size_t node_count, node_cap;
    names live, durable;
    unit *units;
    size_t unit_count, unit_cap;
    size_t marks, unit_bytes;
    char *strings[65536]; /* names that units point to */
    size_t string_count;
};

__attribute__((noreturn)) static void give_up(const char *what, const char *which)
{
    fprintf(stderr, "replay: %s: %s\n", what, which);
    exit(1);
}

static void *grown(void *items, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return items;
    *cap = *cap == 0 ? 64 : 2 * *cap;
    items = realloc(items, *cap * size);
    if (items == NULL)
        give_up("memory", "none");
    return items;
}

/* ---- reading ---- */

static char *text_of(const uint8_t *at, size_t len)
{
    char *text = malloc(len + 1);
    memcpy(text, at, len);
    text[len] = '\0';
    return text;
}

static void map_journal(replay *r, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        give_up("no journal", path);
    r->journal_len = (size_t)st.st_size;
    r->journal =
        r->journal_len == 0 ? NULL : mmap(NULL, r->journal_len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (r->journal == MAP_FAILED)
        give_up("no journal", path);
    (void)close(fd);
}

replay *replay_read(const char *journal, const char *base)
{
    replay *r = calloc(1, sizeof *r);
    size_t cap = 0, at = 0;
    r->base = base;
    map_journal(r, journal);
    while (at + sizeof(record_head) <= r->journal_len) {
        r->records = grown(r->records, r->record_count, &cap, sizeof *r->records);
        record *x = &r->records[r->record_count];
        memcpy(&x->head, r->journal + at, sizeof x->head);
        at += sizeof x->head;
        if (x->head.path_len + (size_t)x->head.path2_len + x->head.data_len > r->journal_len - at)
            give_up("cut journal", journal);
        x->path = text_of(r->journal + at, x->head.path_len);
        x->path2 = text_of(r->journal + at + x->head.path_len, x->head.path2_len);
        x->data = r->journal + at + x->head.path_len + x->head.path2_len;
        at += (size_t)x->head.path_len + x->head.path2_len + x->head.data_len;
        r->record_count++;
        r->mark_count += x->head.kind == RECORD_MARK;
    }
    return r;
}

static void forget(replay *r)
{
    for (size_t i = 0; i < r->node_count; i++) {
        free(r->nodes[i].live.data);
        free(r->nodes[i].durable.data);
    }
    for (size_t i = 0; i < r->string_count; i++)
        free(r->strings[i]);
    r->node_count = r->unit_count = r->live.count = r->durable.count = r->marks = 0;
    r->string_count = 0;
}

void replay_free(replay *r)
{
    forget(r);
    for (size_t i = 0; i < r->record_count; i++) {
        free(r->records[i].path);
        free(r->records[i].path2);
    }
    if (r->journal != NULL)
        (void)munmap(r->journal, r->journal_len);
    free(r->nodes);
    free(r->live.items);
    free(r->durable.items);
    free(r->units);
    free(r->records);
    free(r);
}

size_t replay_records(const replay *r)
{
    return r->record_count;
}

record_kind replay_kind(const replay *r, size_t at)
{
    return (record_kind)r->records[at].head.kind;
}

size_t replay_marks(const replay *r)
{
    return r->mark_count;
}

size_t replay_count(const replay *r, record_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < r->record_count; i++)
        count += r->records[i].head.kind == (uint32_t)kind;
    return count;
}

const char *replay_mark(const replay *r, size_t n, size_t *at)
{
    static char text[256];
    for (size_t i = 0; i < r->record_count; i++)
        if (r->records[i].head.kind == RECORD_MARK && n-- == 0) {
            *at = i;
            (void)snprintf(text, sizeof text, "%.*s", (int)r->records[i].head.data_len,
                           (const char *)r->records[i].data);
            return text;
        }
    give_up("no such mark", "");
}

/* ---- files and folders ---- */

static void put(bytes *b, uint64_t offset, const uint8_t *data, size_t len)
{
    size_t end = (size_t)offset + len;
    if (end > b->cap) {
        b->cap = 2 * end;
        b->data = realloc(b->data, b->cap);
    }
    if (end > b->len) {
        memset(b->data + b->len, 0, end - b->len);
        b->len = end;
    }
    if (data != NULL)
        memcpy(b->data + offset, data, len);
}

static void copy(bytes *to, const bytes *from)
{
    to->len = 0;
    if (from->len > 0)
        put(to, 0, from->data, from->len);
}

static int new_node(replay *r, uint64_t inode, bool is_dir)
{
    r->nodes = grown(r->nodes, r->node_count, &r->node_cap, sizeof *r->nodes);
    r->nodes[r->node_count] = (node){.inode = inode, .is_dir = is_dir};
    return (int)r->node_count++;
}

/* The newest of that number: numbers are used again. */
static int node_of(const replay *r, uint64_t inode)
{
    for (size_t i = r->node_count; i > 0; i--)
        if (r->nodes[i - 1].inode == inode)
            return (int)i - 1;
    return NONE;
}

static name *find(const names *n, int dir, const char *text)
{
    for (size_t i = 0; i < n->count; i++)
        if (n->items[i].dir == dir && strcmp(n->items[i].text, text) == 0)
            return &n->items[i];
    return NULL;
}

static void set_name(names *n, int dir, const char *text, int is)
{
    name *there = find(n, dir, text);
    if (there == NULL) {
        n->items = grown(n->items, n->count, &n->cap, sizeof *n->items);
        there = &n->items[n->count++];
        there->dir = dir;
        (void)snprintf(there->text, sizeof there->text, "%s", text);
    }
    there->node = is;
}

static void drop_name(names *n, int dir, const char *text)
{
    name *there = find(n, dir, text);
    if (there != NULL)
        *there = n->items[--n->count];
}

static void apply_name(names *n, const unit *u)
{
    if (u->kind != UNIT_ADD)
        drop_name(n, u->dir, u->text);
    if (u->kind == UNIT_ADD)
        set_name(n, u->dir, u->text, u->node);
    if (u->kind == UNIT_MOVE)
        set_name(n, u->dir2, u->text2, u->node);
}

static void read_file(const char *path, bytes *into)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        give_up("not in the base", path);
    put(into, 0, NULL, (size_t)st.st_size);
    if (read(fd, into->data, into->len) != (ssize_t)into->len)
        give_up("not read", path);
    (void)close(fd);
}

/* What was there before, on the disk for long. */
static void read_folder(replay *r, const char *path, int dir)
{
    char below[PATH_MAX];
    struct dirent *e;
    DIR *d = opendir(path);
    while (d != NULL && (e = readdir(d)) != NULL) {
        struct stat st;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            snprintf(below, sizeof below, "%s/%s", path, e->d_name) >= (int)sizeof below ||
            lstat(below, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
            continue;
        int n = new_node(r, 0, S_ISDIR(st.st_mode));
        set_name(&r->live, dir, e->d_name, n);
        set_name(&r->durable, dir, e->d_name, n);
        if (S_ISDIR(st.st_mode)) {
            read_folder(r, below, n);
        } else {
            read_file(below, &r->nodes[n].live);
            copy(&r->nodes[n].durable, &r->nodes[n].live);
        }
    }
    if (d != NULL)
        (void)closedir(d);
}

/* The folder of a path, as it is now; those that nobody made were there. */
static int folder_of(replay *r, const char *path, const char **last)
{
    int at = ROOT;
    char part[NAME_MAX + 1];
    const char *from = path + 1, *slash;
    while ((slash = strchr(from, '/')) != NULL) {
        (void)snprintf(part, sizeof part, "%.*s", (int)(slash - from), from);
        name *n = find(&r->live, at, part);
        if (n == NULL) {
            int dir = new_node(r, 0, true);
            set_name(&r->live, at, part, dir);
            set_name(&r->durable, at, part, dir);
            at = dir;
        } else {
            at = n->node;
        }
        from = slash + 1;
    }
    r->strings[r->string_count] = strdup(from);
    *last = r->strings[r->string_count];
    if (++r->string_count == sizeof r->strings / sizeof *r->strings)
        give_up("too long", path);
    return at;
}

/* ---- playing ---- */

static void wait_for(replay *r, unit u)
{
    r->units = grown(r->units, r->unit_count, &r->unit_cap, sizeof *r->units);
    r->units[r->unit_count++] = u;
}

static void apply_data(bytes *b, const unit *u)
{
    if (u->kind == UNIT_DATA)
        put(b, u->offset, u->data, u->len);
    else if (u->kind == UNIT_GROW && u->offset > b->len)
        put(b, u->offset, NULL, 0);
    else if (u->kind == UNIT_SHRINK && u->offset < b->len)
        b->len = (size_t)u->offset;
}

static bool is_data(const unit *u)
{
    return u->kind <= UNIT_SHRINK;
}

/* The units for which `settles` holds are on the disk now. */
static void settle(replay *r, int which, size_t at, bool all)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->unit_count; i++) {
        unit *u = &r->units[i];
        bool is_now = is_data(u)
                          ? u->node == which && (all || u->record == at)
                          : all && (u->dir == which || (u->kind == UNIT_MOVE && u->dir2 == which));
        if (!is_now)
            r->units[kept++] = *u;
        else if (is_data(u))
            apply_data(&r->nodes[which].durable, u);
        else
            apply_name(&r->durable, u);
    }
    r->unit_count = kept;
}

static void play_write(replay *r, size_t i, const record *x)
{
    int n = node_of(r, x->head.inode);
    if (n == NONE)
        give_up("write to nothing", "");
    bytes *live = &r->nodes[n].live;
    uint64_t at = x->head.offset, end = at + x->head.data_len;
    if (end > live->len)
        wait_for(r, (unit){.kind = UNIT_GROW, .node = n, .offset = end, .record = i});
    put(live, at, x->data, x->head.data_len);
    for (uint64_t from = at; from < end;) {
        uint64_t to = (from / r->unit_bytes + 1) * r->unit_bytes;
        to = to < end ? to : end;
        wait_for(r, (unit){.kind = UNIT_DATA,
                           .node = n,
                           .offset = from,
                           .data = x->data + (from - at),
                           .len = (size_t)(to - from),
                           .record = i});
        from = to;
    }
}

static void play_name(replay *r, const record *x)
{
    unit u = {.kind = UNIT_ADD};
    u.dir = folder_of(r, x->path, &u.text);
    name *there = find(&r->live, u.dir, u.text);
    switch ((record_kind)x->head.kind) {
    case RECORD_OPEN:
        if (there == NULL)
            give_up("it was there before, and isn't in the base", x->path);
        r->nodes[there->node].inode = x->head.inode;
        return;
    case RECORD_CREATE:
    case RECORD_MKDIR:
        u.node = new_node(r, x->head.inode, x->head.kind == RECORD_MKDIR);
        break;
    case RECORD_LINK:
        u.node = node_of(r, x->head.inode);
        break;
    case RECORD_UNLINK:
        u.kind = UNIT_DEL;
        break;
    case RECORD_RENAME:
        if (there == NULL)
            give_up("renamed from nothing", x->path);
        u.kind = UNIT_MOVE;
        u.node = there->node;
        u.dir2 = folder_of(r, x->path2, &u.text2);
        break;
    case RECORD_WRITE:
    case RECORD_WRITTEN:
    case RECORD_TRUNCATE:
    case RECORD_SYNC:
    case RECORD_SYNC_DIR:
    case RECORD_MARK:
        return;
    }
    apply_name(&r->live, &u);
    wait_for(r, u);
}

/* The folder itself, "" is the root. */
static int folder_at(replay *r, const char *path)
{
    char below[PATH_MAX + 2];
    const char *last;
    (void)snprintf(below, sizeof below, "%s/x", path);
    return folder_of(r, below, &last);
}

static void play(replay *r, size_t i)
{
    const record *x = &r->records[i];
    static size_t last_write;
    int n;
    switch ((record_kind)x->head.kind) {
    case RECORD_WRITE:
        play_write(r, i, x);
        last_write = i;
        break;
    case RECORD_WRITTEN:
        settle(r, node_of(r, x->head.inode), last_write, false);
        break;
    case RECORD_TRUNCATE:
        n = node_of(r, x->head.inode);
        wait_for(r, (unit){.kind = x->head.offset < r->nodes[n].live.len ? UNIT_SHRINK : UNIT_GROW,
                           .node = n,
                           .offset = x->head.offset,
                           .record = i});
        apply_data(&r->nodes[n].live, &r->units[r->unit_count - 1]);
        break;
    case RECORD_SYNC:
        n = node_of(r, x->head.inode);
        if (n != NONE)
            settle(r, n, 0, true);
        break;
    case RECORD_SYNC_DIR:
        settle(r, folder_at(r, x->path), 0, true);
        break;
    case RECORD_MARK:
        r->marks++;
        break;
    case RECORD_CREATE:
        if (x->path[0] == '\0')
            (void)new_node(r, x->head.inode, false);
        else
            play_name(r, x);
        break;
    case RECORD_OPEN:
    case RECORD_MKDIR:
    case RECORD_LINK:
    case RECORD_UNLINK:
    case RECORD_RENAME:
        play_name(r, x);
        break;
    }
}

static void begin(replay *r, size_t unit_bytes)
{
    forget(r);
    r->unit_bytes = unit_bytes;
    (void)new_node(r, 0, true);
    if (r->base != NULL)
        read_folder(r, r->base, ROOT);
}

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
        give_up("not written", path);
    (void)close(fd);
}

static void write_folder(const replay *r, const names *n, const bytes *contents, int dir,
                         const char *path)
{
    char below[PATH_MAX];
    if (mkdir(path, 0700) != 0)
        give_up("not made", path);
    for (size_t i = 0; i < n->count; i++) {
        const name *x = &n->items[i];
        if (x->dir != dir)
            continue;
        if (snprintf(below, sizeof below, "%s/%s", path, x->text) >= (int)sizeof below)
            give_up("too long", path);
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
        set_name(&n, r->durable.items[i].dir, r->durable.items[i].text, r->durable.items[i].node);
    for (size_t i = 0; i < r->node_count; i++)
        contents[i] = r->nodes[i].durable;
    for (size_t i = 0; i < r->unit_count; i++) {
        const unit *u = &r->units[i];
        if (!keeps[i])
            continue;
        if (!is_data(u)) {
            apply_name(&n, u);
            continue;
        }
        if (!is_copy[u->node]) {
            contents[u->node] = (bytes){0};
            copy(&contents[u->node], &r->nodes[u->node].durable);
            is_copy[u->node] = true;
        }
        apply_data(&contents[u->node], u);
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
    begin(r, 4096);
    for (size_t i = 0; i < at && i < r->record_count; i++)
        play(r, i);
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
    begin(r, plan->unit);
    for (size_t i = 0; i < r->record_count && t.goes_on; i++) {
        if (i >= plan->from && is_settling(&r->records[i]))
            cut_here(&t, i);
        play(r, i);
    }
    cut_here(&t, r->record_count);
    return t.count;
}
