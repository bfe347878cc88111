#include "nodes/transport/turns.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/base/buf.h"

enum { BUCKETS = 256 };

/* Of one key, while it holds anything. */
typedef struct queue {
    struct queue *chain; /* of its bucket */
    struct queue *next;  /* whose turn is after this one's */
    uint8_t key[32];
    sb_turns_item *first, *last;
    size_t count, bytes;
    size_t credit; /* what is left of its turn */
} queue;

struct sb_turns {
    sb_turns_limits limits;
    queue *buckets[BUCKETS];
    queue *first, *last; /* by turn */
    size_t count, bytes;
};

static queue **bucket_of(sb_turns *t, const uint8_t key[32])
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < 32; i++)
        h = (h ^ key[i]) * 16777619u;
    return &t->buckets[h % BUCKETS];
}

sb_turns *sb_turns_new(sb_turns_limits limits)
{
    sb_turns *t = sb_xmalloc(sizeof *t);
    memset(t, 0, sizeof *t);
    t->limits = limits;
    return t;
}

void sb_turns_free(sb_turns *t, void (*drop)(sb_turns_item *item))
{
    for (sb_turns_item *item; t != NULL && (item = sb_turns_take(t)) != NULL;)
        drop(item);
    free(t);
}

static queue *new_queue(sb_turns *t, const uint8_t key[32])
{
    queue **bucket = bucket_of(t, key);
    queue *q = sb_xmalloc(sizeof *q);
    *q = (queue){.chain = *bucket};
    memcpy(q->key, key, 32);
    *bucket = q;
    if (t->last == NULL)
        t->first = q;
    else
        t->last->next = q;
    t->last = q;
    return q;
}

bool sb_turns_put(sb_turns *t, const uint8_t key[32], sb_turns_item *item)
{
    queue *q = *bucket_of(t, key);
    while (q != NULL && memcmp(q->key, key, 32) != 0)
        q = q->chain;
    if (q != NULL &&
        (q->count >= t->limits.frames_a_key || q->bytes + item->bytes > t->limits.bytes_a_key ||
         t->bytes + item->bytes > t->limits.bytes))
        return false;
    if (q == NULL)
        q = new_queue(t, key);
    item->next = NULL;
    if (q->last == NULL)
        q->first = item;
    else
        q->last->next = item;
    q->last = item;
    q->count++;
    q->bytes += item->bytes;
    t->count++;
    t->bytes += item->bytes;
    return true;
}

/* The first key's turn is over: it is the last now. */
static void next_turn(sb_turns *t)
{
    queue *q = t->first;
    q->credit += SB_TURN_BYTES;
    if (q->next == NULL)
        return;
    t->first = q->next;
    q->next = NULL;
    t->last->next = q;
    t->last = q;
}

static void remove_first(sb_turns *t)
{
    queue *q = t->first, **at = bucket_of(t, q->key);
    while (*at != q)
        at = &(*at)->chain;
    *at = q->chain;
    t->first = q->next;
    if (t->first == NULL)
        t->last = NULL;
    free(q);
}

sb_turns_item *sb_turns_take(sb_turns *t)
{
    if (t->first == NULL)
        return NULL;
    while (t->first->credit < t->first->first->bytes + SB_TURN_FRAME_BYTES)
        next_turn(t);
    queue *q = t->first;
    sb_turns_item *item = q->first;
    q->credit -= item->bytes + SB_TURN_FRAME_BYTES;
    q->first = item->next;
    if (q->first == NULL)
        q->last = NULL;
    assert(q->count > 0 && t->count > 0);
    q->count--;
    q->bytes -= item->bytes;
    t->count--;
    t->bytes -= item->bytes;
    if (q->first == NULL)
        remove_first(t); /* who has nothing waiting saves nothing up */
    return item;
}

size_t sb_turns_count(const sb_turns *t)
{
    return t->count;
}
