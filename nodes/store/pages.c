#include "nodes/store/pages.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/buf.h"
#include "proto/base/kv.h"

/* Offsets and flags of mdb.c. */
enum {
    META_AT = 16, /* after the page's head */
    META_BYTES = 136,
    PAGE_HEAD = 16,
    NODE_HEAD = 8,
    DB_BYTES = 48,
    DEPTH_MAX = 32,
    P_BRANCH = 1,
    P_LEAF = 2,
    P_OVERFLOW = 4,
    P_META = 8,
    P_KIND = 0x2F, /* the four, and LEAF2 */
    F_BIGDATA = 1,
    F_SUBDATA = 2,
    NAME_BYTES = 24,
    WALK_PAGES_MAX = 65536 /* at each start: 256 MiB */
};
static const uint32_t MAGIC = 0xBEEFC0DE;
static const uint64_t NO_PAGE = UINT64_MAX;

typedef struct db {
    uint16_t depth;
    uint64_t entries, root;
} db;

typedef struct meta {
    uint32_t magic, version, page_bytes;
    db free, main;
    uint64_t last_page, txn;
} meta;

typedef struct walk {
    int fd;
    const char *path;
    sb_pages *p;
    uint8_t *used; /* a bit a page */
    bool is_main, is_free;
    char table[NAME_BYTES];
    sb_fail *fail;
} walk;

static uint16_t u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint32_t u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static uint64_t u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static db read_db(const uint8_t *p)
{
    return (db){.depth = u16(p + 6), .entries = u64(p + 32), .root = u64(p + 40)};
}

static const char *number(char out[24], uint64_t n)
{
    (void)snprintf(out, 24, "%llu", (unsigned long long)n);
    return out;
}

/* ---- the head ---- */

static bool read_meta(int fd, uint64_t at, meta *out)
{
    uint8_t b[META_AT + META_BYTES];
    if (pread(fd, b, sizeof b, (off_t)at) != (ssize_t)sizeof b || (u16(b + 10) & P_META) == 0)
        return false;
    const uint8_t *m = b + META_AT;
    *out = (meta){.magic = u32(m),
                  .version = u32(m + 4),
                  .page_bytes = u32(m + 24),
                  .free = read_db(m + 24),
                  .main = read_db(m + 24 + DB_BYTES),
                  .last_page = u64(m + 24 + 2 * DB_BYTES),
                  .txn = u64(m + 32 + 2 * DB_BYTES)};
    return out->magic == MAGIC && out->version == 1 && out->page_bytes >= 512 &&
           out->page_bytes <= 65536 && (out->page_bytes & (out->page_bytes - 1)) == 0 &&
           out->last_page >= 1 && out->last_page < (uint64_t)1 << 44;
}

static bool newest_meta(int fd, uint64_t txn, meta *out)
{
    meta one, two;
    if (!read_meta(fd, 0, &one) || !read_meta(fd, one.page_bytes, &two) ||
        two.page_bytes != one.page_bytes)
        return false;
    *out = two.txn > one.txn ? two : one;
    if (txn != 0 && out->txn != txn)
        *out = two.txn > one.txn ? one : two;
    return txn == 0 || out->txn == txn;
}

/* The disk doesn't give it back; else it isn't what it should be. */
static sb_err no_head(sb_fail *fail, const char *path)
{
    return errno == EIO ? sb_fail_set(fail, SB_E_STORE_UNREADABLE, path, strerror(errno), NULL)
                        : sb_fail_set(fail, SB_E_STORE_FOREIGN, path, NULL);
}

sb_err sb_pages_head(int fd, const char *path, uint64_t txn, sb_pages *out, sb_fail *fail)
{
    struct stat st;
    meta m;
    *out = (sb_pages){0};
    if (fstat(fd, &st) != 0)
        return sb_fail_set(fail, SB_E_STORE_IO, path, strerror(errno), NULL);
    out->file_bytes = (uint64_t)st.st_size;
    if (st.st_size == 0)
        return sb_fail_set(fail, SB_E_STORE_EMPTY_FILE, path, NULL);
    errno = 0;
    if (!newest_meta(fd, txn, &m))
        return no_head(fail, path);
    out->txn = m.txn;
    out->page_bytes = m.page_bytes;
    out->pages = m.last_page + 1;
    return SB_OK;
}

/* ---- the walk ---- */

static sb_err bad_page(walk *w, uint64_t page, const char *what)
{
    char n[24];
    return sb_fail_set(w->fail, SB_E_STORE_PAGE, w->path, number(n, page),
                       w->is_free   ? "free"
                       : w->is_main ? "main"
                                    : w->table,
                       what, NULL);
}

/* Take a page into use: it lies in the file, and nobody else has it. */
static sb_err claim(walk *w, uint64_t page, uint64_t count)
{
    char has[24], wanted[24];
    if (page < 2 || page >= w->p->pages || count > w->p->pages - page)
        return bad_page(w, page, "outside");
    if ((page + count) * w->p->page_bytes > w->p->file_bytes)
        return sb_fail_set(w->fail, SB_E_STORE_TRUNCATED, w->path, number(has, w->p->file_bytes),
                           number(wanted, w->p->pages * w->p->page_bytes), NULL);
    for (uint64_t i = page; i < page + count; i++) {
        if ((w->used[i / 8] >> (i % 8) & 1) != 0)
            return bad_page(w, i, "twice");
        w->used[i / 8] |= (uint8_t)(1 << (i % 8));
    }
    w->p->in_use += count;
    return SB_OK;
}

static sb_err read_page(walk *w, uint64_t page, uint8_t *out, size_t bytes)
{
    ssize_t got = pread(w->fd, out, bytes, (off_t)(page * w->p->page_bytes));
    if (got < 0)
        return sb_fail_set(w->fail, errno == EIO ? SB_E_STORE_UNREADABLE : SB_E_STORE_IO, w->path,
                           strerror(errno), NULL);
    if ((size_t)got < bytes || u64(out) != page)
        return bad_page(w, page, "number");
    return SB_OK;
}

/* A value too large for its page lies in pages of its own. */
static sb_err walk_overflow(walk *w, uint64_t page, uint64_t bytes)
{
    uint8_t head[PAGE_HEAD];
    uint64_t count = (PAGE_HEAD - 1 + bytes) / w->p->page_bytes + 1;
    sb_err err = claim(w, page, count);
    if (err == SB_OK)
        err = read_page(w, page, head, sizeof head);
    if (err == SB_OK && ((u16(head + 10) & P_KIND) != P_OVERFLOW || u32(head + 12) < count))
        err = bad_page(w, page, "overflow");
    return err;
}

static sb_err walk_page(walk *w, uint64_t page, unsigned depth, uint64_t *entries);

static sb_err walk_db(walk *w, const db *d)
{
    uint64_t entries = 0;
    if (d->root == NO_PAGE)
        return d->entries == 0 ? SB_OK : bad_page(w, 0, "root");
    if (d->depth == 0 || d->depth > DEPTH_MAX)
        return bad_page(w, d->root, "depth");
    sb_err err = walk_page(w, d->root, d->depth, &entries);
    if (err == SB_OK && entries != d->entries)
        err = bad_page(w, d->root, "entries");
    return err;
}

/* A table of our own, named in the main one. */
static sb_err walk_table(walk *w, uint64_t page, sb_slice name, sb_slice value)
{
    if (value.len != DB_BYTES || name.len == 0 || name.len >= NAME_BYTES)
        return bad_page(w, page, "table");
    db d = read_db(value.data);
    memcpy(w->table, name.data, name.len);
    w->table[name.len] = '\0';
    w->is_main = false;
    sb_err err = walk_db(w, &d);
    w->is_main = true;
    return err;
}

/* Each free page is in the file's range and isn't in use; checked when the rest is known. */
static sb_err check_free(walk *w, uint64_t page, sb_slice list)
{
    uint64_t count = list.len >= 8 ? u64(list.data) : UINT64_MAX;
    if (count > list.len / 8 - (list.len >= 8))
        return bad_page(w, page, "free");
    for (uint64_t i = 1; i <= count; i++) {
        uint64_t one = u64(list.data + 8 * i);
        if (one < 2 || one >= w->p->pages || (w->used[one / 8] >> (one % 8) & 1) != 0)
            return bad_page(w, one, "free");
    }
    return SB_OK;
}

static sb_err free_value(walk *w, uint64_t page, const uint8_t *node, size_t bytes)
{
    const uint8_t *data = node + NODE_HEAD + u16(node + 6);
    if ((u16(node + 4) & F_BIGDATA) == 0)
        return check_free(w, page, sb_slice_of(data, bytes));
    uint8_t *all = sb_xmalloc(PAGE_HEAD + bytes);
    sb_err err = read_page(w, u64(data), all, PAGE_HEAD + bytes);
    if (err == SB_OK)
        err = check_free(w, u64(data), sb_slice_of(all + PAGE_HEAD, bytes));
    free(all);
    return err;
}

static sb_err walk_leaf_node(walk *w, uint64_t page, const uint8_t *node, size_t room)
{
    size_t bytes = u16(node) | (size_t)u16(node + 2) << 16, key = u16(node + 6);
    uint16_t flags = u16(node + 4);
    bool is_big = (flags & F_BIGDATA) != 0;
    if ((flags & ~(F_BIGDATA | F_SUBDATA)) != 0 || NODE_HEAD + key + (is_big ? 8 : bytes) > room)
        return bad_page(w, page, "node");
    sb_err err = SB_OK;
    if (is_big)
        err = walk_overflow(w, u64(node + NODE_HEAD + key), bytes);
    if (err == SB_OK && w->is_free)
        return free_value(w, page, node, bytes);
    if (((flags & F_SUBDATA) != 0) != w->is_main || key == 0 || key > SB_KV_KEY_MAX)
        return bad_page(w, page, "node");
    if (err == SB_OK && w->is_main)
        err = walk_table(w, page, sb_slice_of(node + NODE_HEAD, key),
                         sb_slice_of(node + NODE_HEAD + key, bytes));
    return err;
}

/* Where node `i` of a page begins; NULL: not within it. */
static const uint8_t *node_at(const walk *w, const uint8_t *b, unsigned i, size_t *room)
{
    uint16_t at = u16(b + PAGE_HEAD + 2 * i);
    if (at < u16(b + 14) || (size_t)at + NODE_HEAD > w->p->page_bytes || at % 2 != 0)
        return NULL;
    *room = w->p->page_bytes - at;
    return NODE_HEAD + (size_t)u16(b + at + 6) <= *room ? b + at : NULL;
}

static bool rises(const walk *w, sb_slice last, sb_slice key)
{
    if (w->is_free)
        return true; /* numbers in the machine's order */
    size_t len = last.len < key.len ? last.len : key.len;
    int order = len == 0 ? 0 : memcmp(last.data, key.data, len);
    return order < 0 || (order == 0 && last.len < key.len);
}

static sb_err walk_nodes(walk *w, uint64_t page, const uint8_t *b, unsigned depth,
                         uint64_t *entries)
{
    bool is_leaf = depth == 1;
    unsigned count = (unsigned)(u16(b + 12) - PAGE_HEAD) / 2;
    sb_slice last = {0};
    sb_err err = SB_OK;
    for (unsigned i = 0; i < count && err == SB_OK; i++) {
        size_t room = 0;
        const uint8_t *node = node_at(w, b, i, &room);
        if (node == NULL)
            return bad_page(w, page, "node");
        sb_slice key = sb_slice_of(node + NODE_HEAD, u16(node + 6));
        if (i > (is_leaf ? 0u : 1u) && !rises(w, last, key)) /* a branch's first key is empty */
            return bad_page(w, page, "order");
        last = key;
        uint64_t below = u16(node) | (uint64_t)u16(node + 2) << 16 | (uint64_t)u16(node + 4) << 32;
        err =
            is_leaf ? walk_leaf_node(w, page, node, room) : walk_page(w, below, depth - 1, entries);
    }
    *entries += is_leaf ? count : 0;
    return err;
}

static sb_err walk_page(walk *w, uint64_t page, unsigned depth, uint64_t *entries)
{
    uint8_t *b = sb_xmalloc(w->p->page_bytes);
    sb_err err = claim(w, page, 1);
    if (err == SB_OK)
        err = read_page(w, page, b, w->p->page_bytes);
    if (err == SB_OK) {
        uint16_t low = u16(b + 12), high = u16(b + 14);
        bool is_kind = (u16(b + 10) & P_KIND) == (depth == 1 ? P_LEAF : P_BRANCH);
        if (!is_kind || low < PAGE_HEAD || low > high || high > w->p->page_bytes || low % 2 != 0 ||
            (low == PAGE_HEAD && depth > 1))
            err = bad_page(w, page, "head");
    }
    if (err == SB_OK)
        err = walk_nodes(w, page, b, depth, entries);
    free(b);
    return err;
}

sb_err sb_pages_walk(int fd, const char *path, sb_pages *p, sb_fail *fail)
{
    meta m;
    walk w = {.fd = fd, .path = path, .p = p, .fail = fail};
    if (!newest_meta(fd, p->txn, &m))
        return sb_fail_set(fail, SB_E_STORE_FOREIGN, path, NULL);
    w.used = calloc(1, p->pages / 8 + 1);
    if (w.used == NULL) /* the head says more pages than there is memory for */
        return sb_fail_set(fail, SB_E_STORE_FOREIGN, path, NULL);
    w.is_main = true;
    sb_err err = walk_db(&w, &m.main);
    w.is_main = false;
    w.is_free = true; /* last: it must name nothing that is in use */
    if (err == SB_OK)
        err = walk_db(&w, &m.free);
    free(w.used);
    return err;
}

sb_err sb_pages_before_open(const char *path, sb_fail *fail)
{
    sb_pages p;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return sb_fail_set(fail, SB_E_STORE_IO, path, strerror(errno), NULL);
    sb_err err = sb_pages_head(fd, path, 0, &p, fail);
    if (err == SB_OK && (p.pages <= WALK_PAGES_MAX || p.file_bytes / p.page_bytes < p.pages))
        err = sb_pages_walk(fd, path, &p, fail);
    (void)close(fd);
    return err;
}
