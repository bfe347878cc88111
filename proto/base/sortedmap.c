#include "proto/base/sortedmap.h"

#include "proto/base/buf.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

/* ---- pool ---- */

enum { CHUNK_BYTES = 32 * 1024 };

struct sb_map_chunk {
    sb_map_chunk *next;
    size_t cap, used;
    _Alignas(16) uint8_t data[];
};

struct sb_map_block {
    sb_map_block *next;
};

/* 16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, …: four to each doubling. */
static size_t class_bytes(uint8_t number)
{
    return number < 4 ? 16 * (number + 1u) : (size_t)(5 + number % 4) << (number / 4 + 3);
}

static uint8_t class_for(size_t bytes)
{
    if (bytes <= 64)
        return bytes == 0 ? 0 : (uint8_t)((bytes - 1) / 16);
    unsigned doubling = 63 - (unsigned)__builtin_clzll(bytes - 1);
    unsigned number = 4 * (doubling - 6) + (unsigned)((bytes - 1) >> (doubling - 2));
    assert(number < SB_MAP_CLASSES);
    return (uint8_t)number;
}

/* Make `current` a chunk with room, going over the chunks kept by a clear first. */
static void find_chunk(sb_map *m, size_t bytes)
{
    while (m->current != NULL && m->current->cap - m->current->used < bytes &&
           m->current->next != NULL) {
        m->current = m->current->next;
        m->current->used = 0;
    }
    if (m->current != NULL && m->current->cap - m->current->used >= bytes)
        return;
    size_t cap = bytes > CHUNK_BYTES ? bytes : CHUNK_BYTES;
    sb_map_chunk *c = sb_xmalloc(sizeof *c + cap);
    *c = (sb_map_chunk){.cap = cap};
    if (m->current != NULL)
        m->current->next = c;
    else
        m->first = c;
    m->current = c;
}

static void *take_block(sb_map *m, uint8_t class)
{
    sb_map_block *b = m->free_blocks[class];
    if (b != NULL) {
        m->free_blocks[class] = b->next;
        return b;
    }
    find_chunk(m, class_bytes(class));
    void *p = m->current->data + m->current->used;
    m->current->used += class_bytes(class);
    return p;
}

static void give_block(sb_map *m, void *p, uint8_t class)
{
    sb_map_block *b = p;
    b->next = m->free_blocks[class];
    m->free_blocks[class] = b;
}

void sb_map_init(sb_map *m)
{
    *m = (sb_map){0};
}

void sb_map_deinit(sb_map *m)
{
    sb_map_chunk *c = m->first;
    while (c != NULL) {
        sb_map_chunk *next = c->next;
        free(c);
        c = next;
    }
    *m = (sb_map){0};
}

void sb_map_clear(sb_map *m)
{
    m->root = NULL;
    m->count = m->bytes = 0;
    memset(m->begins, 0, sizeof m->begins);
    memset(m->free_blocks, 0, sizeof m->free_blocks);
    m->current = m->first;
    if (m->current != NULL)
        m->current->used = 0;
}

/* ---- order ---- */

enum { HEAD_BYTES = 16 };

/* The eight bytes at p, those from `end` on as zeros. */
static inline uint64_t number_at(const uint8_t *p, const uint8_t *end)
{
    if (end - p >= 8)
        return sb_be64(p);
    uint64_t v = 0;
    for (unsigned shift = 56; p < end; shift -= 8)
        v |= (uint64_t)*p++ << shift;
    return v;
}

static inline sb_map_head head_of(sb_slice key)
{
    if (key.len == 0)
        return (sb_map_head){0};
    const uint8_t *end = key.data + key.len;
    return (sb_map_head){.high = number_at(key.data, end),
                         .low = key.len > 8 ? number_at(key.data + 8, end) : 0};
}

/* Keys whose heads are the same: by what follows, else a prefix comes first. */
static int order_of_tails(sb_slice key, const sb_map_row *row)
{
    if (key.len <= HEAD_BYTES || row->key_len <= HEAD_BYTES)
        return (int)key.len - (int)row->key_len;
    return sb_slice_cmp(sb_slice_of(key.data + HEAD_BYTES, key.len - HEAD_BYTES),
                        sb_slice_of(row->key + HEAD_BYTES, (size_t)row->key_len - HEAD_BYTES));
}

/* sb_slice_cmp of the key and the row's. */
static inline int order_of(sb_slice key, const sb_map_head *head, const sb_map_row *row)
{
    if (head->high != row->head.high)
        return head->high < row->head.high ? -1 : 1;
    if (head->low != row->head.low)
        return head->low < row->head.low ? -1 : 1;
    return order_of_tails(key, row);
}

static bool comes_before(const sb_map_row *a, const sb_map_row *b)
{
    return order_of(sb_map_key(a), &a->head, b) < 0;
}

/* ---- reading ---- */

static bool may_have(const sb_map *m, sb_slice key)
{
    return key.len > 0 && (m->begins[key.data[0] / 64] >> key.data[0] % 64 & 1) != 0;
}

sb_map_row *sb_map_find(const sb_map *m, sb_slice key)
{
    sb_map_row *t = m->root;
    if (!may_have(m, key))
        return NULL;
    const sb_map_head head = head_of(key);
    while (t != NULL) {
        int order = order_of(key, &head, t);
        if (order == 0)
            return t;
        t = order < 0 ? t->left : t->right;
    }
    return NULL;
}

sb_map_row *sb_map_next(const sb_map *m, sb_slice from, bool inclusive)
{
    const sb_map_head head = head_of(from);
    sb_map_row *t = m->root, *best = NULL;
    while (t != NULL) {
        int order = order_of(from, &head, t);
        if (order == 0 && inclusive)
            return t;
        if (order < 0)
            best = t;
        t = order < 0 ? t->left : t->right;
    }
    return best;
}

/* At most as deep as the tree: see there. */
static void visit_below(const sb_map_row *t, sb_map_visit visit, void *arg)
{
    for (; t != NULL; t = t->right) {
        visit_below(t->left, visit, arg);
        visit(arg, t);
    }
}

void sb_map_each(const sb_map *m, sb_map_visit visit, void *arg)
{
    visit_below(m->root, visit, arg);
}

/* ---- tree; depth is at most 2 log2(n + 1), so the recursion is bounded ---- */

static uint8_t level_of(const sb_map_row *t)
{
    return t != NULL ? t->level : 0;
}

/* No left link between rows of one level. */
static sb_map_row *skew(sb_map_row *t)
{
    if (t == NULL || t->left == NULL || t->left->level != t->level)
        return t;
    sb_map_row *l = t->left;
    t->left = l->right;
    l->right = t;
    return l;
}

/* No two right links in a row between rows of one level. */
static sb_map_row *split(sb_map_row *t)
{
    if (t == NULL || t->right == NULL || level_of(t->right->right) != t->level)
        return t;
    sb_map_row *r = t->right;
    t->right = r->left;
    r->left = t;
    r->level++;
    return r;
}

static sb_map_row *insert(sb_map_row *t, sb_map_row *row)
{
    if (t == NULL)
        return row;
    if (comes_before(row, t))
        t->left = insert(t->left, row);
    else
        t->right = insert(t->right, row);
    return split(skew(t));
}

static sb_map_row *rebalance(sb_map_row *t)
{
    uint8_t l = level_of(t->left), r = level_of(t->right);
    uint8_t level = (uint8_t)((l < r ? l : r) + 1);
    if (level < t->level) {
        t->level = level;
        if (level < r)
            t->right->level = level;
    }
    t = skew(t);
    t->right = skew(t->right);
    if (t->right != NULL)
        t->right->right = skew(t->right->right);
    t = split(t);
    t->right = split(t->right);
    return t;
}

static sb_map_row *detach_first(sb_map_row *t, sb_map_row **first)
{
    if (t->left == NULL) {
        *first = t;
        return t->right;
    }
    t->left = detach_first(t->left, first);
    return rebalance(t);
}

static sb_map_row *detach(sb_map_row *t, const sb_map_row *row)
{
    if (t == row) {
        if (t->right == NULL)
            return t->left;
        sb_map_row *heir, *right = detach_first(t->right, &heir);
        heir->left = t->left;
        heir->right = right;
        heir->level = t->level;
        return rebalance(heir);
    }
    if (comes_before(row, t))
        t->left = detach(t->left, row);
    else
        t->right = detach(t->right, row);
    return rebalance(t);
}

/* ---- writing ---- */

static void set_value(sb_map *m, sb_map_row *row, sb_slice value)
{
    assert(value.len <= UINT32_MAX);
    if (row->value == NULL || class_bytes(row->value_class) < value.len) {
        uint8_t *old = row->value;
        uint8_t old_class = row->value_class;
        row->value_class = class_for(value.len);
        row->value = take_block(m, row->value_class);
        if (value.len > 0)
            memcpy(row->value, value.data, value.len);
        if (old != NULL)
            give_block(m, old, old_class);
    } else if (value.len > 0) {
        memmove(row->value, value.data, value.len);
    }
    row->value_len = (uint32_t)value.len;
}

void sb_map_put(sb_map *m, sb_slice key, sb_slice value, bool is_delete)
{
    assert(key.len > 0 && key.len <= UINT8_MAX);
    sb_map_row *row = sb_map_find(m, key);
    if (row != NULL) {
        m->bytes += value.len - row->value_len;
        set_value(m, row, value);
        row->is_delete = is_delete;
        return;
    }
    uint8_t class = class_for(sizeof *row + key.len);
    row = take_block(m, class);
    *row = (sb_map_row){.head = head_of(key),
                        .level = 1,
                        .row_class = class,
                        .key_len = (uint8_t)key.len,
                        .is_delete = is_delete};
    memcpy(row->key, key.data, key.len);
    set_value(m, row, value);
    m->root = insert(m->root, row);
    m->begins[key.data[0] / 64] |= UINT64_C(1) << key.data[0] % 64;
    m->count++;
    m->bytes += key.len + value.len;
}

void sb_map_remove(sb_map *m, sb_slice key)
{
    sb_map_row *row = sb_map_find(m, key);
    if (row == NULL)
        return;
    m->root = detach(m->root, row);
    m->count--;
    m->bytes -= (size_t)row->key_len + row->value_len;
    give_block(m, row->value, row->value_class);
    give_block(m, row, row->row_class);
}
