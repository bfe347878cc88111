#include "tests/fault/replay_inside.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void replay_give_up(const char *what, const char *which)
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
        replay_give_up("memory", "none");
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
        replay_give_up("no journal", path);
    r->journal_len = (size_t)st.st_size;
    r->journal =
        r->journal_len == 0 ? NULL : mmap(NULL, r->journal_len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (r->journal == MAP_FAILED)
        replay_give_up("no journal", path);
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
            replay_give_up("cut journal", journal);
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
    replay_give_up("no such mark", "");
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

void replay_copy(bytes *to, const bytes *from)
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

void replay_set_name(names *n, int dir, const char *text, int is)
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

void replay_apply_name(names *n, const unit *u)
{
    if (u->kind == UNIT_SWAP) {
        name *one = find(n, u->dir, u->text), *other = find(n, u->dir2, u->text2);
        int is = one == NULL ? NONE : one->node;
        if (one != NULL && other != NULL) {
            one->node = other->node;
            other->node = is;
        }
        return;
    }
    if (u->kind != UNIT_ADD)
        drop_name(n, u->dir, u->text);
    if (u->kind == UNIT_ADD)
        replay_set_name(n, u->dir, u->text, u->node);
    if (u->kind == UNIT_MOVE)
        replay_set_name(n, u->dir2, u->text2, u->node);
}

static void read_file(const char *path, bytes *into)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    if (fd < 0 || fstat(fd, &st) != 0)
        replay_give_up("not in the base", path);
    put(into, 0, NULL, (size_t)st.st_size);
    if (read(fd, into->data, into->len) != (ssize_t)into->len)
        replay_give_up("not read", path);
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
        replay_set_name(&r->live, dir, e->d_name, n);
        replay_set_name(&r->durable, dir, e->d_name, n);
        if (S_ISDIR(st.st_mode)) {
            read_folder(r, below, n);
        } else {
            read_file(below, &r->nodes[n].live);
            replay_copy(&r->nodes[n].durable, &r->nodes[n].live);
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
            replay_set_name(&r->live, at, part, dir);
            replay_set_name(&r->durable, at, part, dir);
            at = dir;
        } else {
            at = n->node;
        }
        from = slash + 1;
    }
    r->strings[r->string_count] = strdup(from);
    *last = r->strings[r->string_count];
    if (++r->string_count == sizeof r->strings / sizeof *r->strings)
        replay_give_up("too long", path);
    return at;
}

/* ---- playing ---- */

static void wait_for(replay *r, unit u)
{
    r->units = grown(r->units, r->unit_count, &r->unit_cap, sizeof *r->units);
    r->units[r->unit_count++] = u;
}

void replay_apply_data(bytes *b, const unit *u)
{
    if (u->kind == UNIT_DATA)
        put(b, u->offset, u->data, u->len);
    else if (u->kind == UNIT_GROW && u->offset > b->len)
        put(b, u->offset, NULL, 0);
    else if (u->kind == UNIT_SHRINK && u->offset < b->len)
        b->len = (size_t)u->offset;
}

bool replay_is_data(const unit *u)
{
    return u->kind <= UNIT_SHRINK;
}

/* What was written before to [from, to) and waits can't come after it any more. */
static void shadow(replay *r, int of, uint64_t from, uint64_t to, size_t before)
{
    for (size_t i = 0, count = r->unit_count; i < count; i++) {
        unit *u = &r->units[i], right = *u;
        uint64_t end = u->offset + u->len;
        if (u->kind != UNIT_DATA || u->node != of || u->record >= before || end <= from ||
            u->offset >= to)
            continue;
        u->len = u->offset < from ? (size_t)(from - u->offset) : 0;
        if (end > to) {
            right.data += to - right.offset;
            right.offset = to;
            right.len = (size_t)(end - to);
            if (u->len == 0)
                *u = right;
            else
                wait_for(r, right);
        }
    }
}

/* What waits of a node (or, not all, of one write) is on the disk now. */
static void settle(replay *r, int which, size_t at, bool all)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->unit_count; i++) {
        unit *u = &r->units[i];
        bool is_now = replay_is_data(u)
                          ? u->node == which && (all || u->record == at)
                          : all && (u->dir == which || (u->kind >= UNIT_MOVE && u->dir2 == which));
        if (!is_now)
            r->units[kept++] = *u;
        else if (replay_is_data(u))
            replay_apply_data(&r->nodes[which].durable, u);
        else
            replay_apply_name(&r->durable, u);
    }
    r->unit_count = kept;
}

static void play_write(replay *r, size_t i, const record *x)
{
    int n = node_of(r, x->head.inode);
    if (n == NONE)
        replay_give_up("write to nothing", "");
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

static int node_at(replay *r, const char *path)
{
    const char *last;
    int dir = folder_of(r, path, &last);
    const name *there = find(&r->live, dir, last);
    return there == NULL ? NONE : there->node;
}

static void play_name(replay *r, const record *x)
{
    unit u = {.kind = UNIT_ADD};
    u.dir = folder_of(r, x->path, &u.text);
    name *there = find(&r->live, u.dir, u.text);
    switch ((record_kind)x->head.kind) {
    case RECORD_OPEN:
        if (there == NULL)
            replay_give_up("it was there before, and isn't in the base", x->path);
        r->nodes[there->node].inode = x->head.inode;
        return;
    case RECORD_CREATE:
    case RECORD_MKDIR:
        u.node = new_node(r, x->head.inode, x->head.kind == RECORD_MKDIR);
        break;
    case RECORD_LINK:
        u.node = x->path2[0] == '\0' ? node_of(r, x->head.inode) : node_at(r, x->path2);
        if (u.node == NONE)
            replay_give_up("linked from nothing", x->path);
        break;
    case RECORD_UNLINK:
        u.kind = UNIT_DEL;
        break;
    case RECORD_RENAME:
    case RECORD_EXCHANGE:
        if (there == NULL)
            replay_give_up("renamed from nothing", x->path);
        u.kind = x->head.kind == RECORD_RENAME ? UNIT_MOVE : UNIT_SWAP;
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
    replay_apply_name(&r->live, &u);
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

void replay_play(replay *r, size_t i)
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
        n = node_of(r, x->head.inode);
        shadow(r, n, r->records[last_write].head.offset,
               r->records[last_write].head.offset + r->records[last_write].head.data_len,
               last_write);
        settle(r, n, last_write, false);
        break;
    case RECORD_TRUNCATE:
        n = node_of(r, x->head.inode);
        wait_for(r, (unit){.kind = x->head.offset < r->nodes[n].live.len ? UNIT_SHRINK : UNIT_GROW,
                           .node = n,
                           .offset = x->head.offset,
                           .record = i});
        replay_apply_data(&r->nodes[n].live, &r->units[r->unit_count - 1]);
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
    case RECORD_EXCHANGE:
        play_name(r, x);
        break;
    }
}

void replay_begin(replay *r, size_t unit_bytes)
{
    forget(r);
    r->unit_bytes = unit_bytes;
    (void)new_node(r, 0, true);
    if (r->base != NULL)
        read_folder(r, r->base, ROOT);
}
