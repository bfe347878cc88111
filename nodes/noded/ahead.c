/* Leaves on their way through the verifier pool, while the main thread folds older ones. */
#include "nodes/noded/node.h"

#include <assert.h>

static void open_share(void *arg)
{
    sb_node_share *s = arg;
    sb_arena_reset(&s->arena);
    s->refusal = (sb_fail){0};
    s->opened = 0;
    while (s->opened < s->count) {
        const ProtobufCBinaryData *leaf = &s->bytes[s->opened];
        if (sb_leaf_open_under(s->origin, sb_slice_of(leaf->data, leaf->len), &s->arena,
                               &s->leaves[s->opened], &s->refusal) != SB_OK)
            return;
        s->opened++;
    }
}

void sb_node_ahead_init(sb_node_ahead *a)
{
    a->first = a->count = 0;
    for (size_t f = 0; f < SB_NODE_FRAMES_AHEAD; f++) {
        sb_arena_init(&a->frames[f].arena);
        for (size_t i = 0; i < SB_NODE_SHARES_MAX; i++)
            sb_arena_init(&a->frames[f].shares[i].arena);
    }
}

void sb_node_ahead_deinit(sb_node_ahead *a)
{
    for (size_t f = 0; f < SB_NODE_FRAMES_AHEAD; f++) {
        sb_arena_deinit(&a->frames[f].arena);
        for (size_t i = 0; i < SB_NODE_SHARES_MAX; i++)
            sb_arena_deinit(&a->frames[f].shares[i].arena);
    }
}

/* Then only the frame's note matters. */
static bool is_known(sb_node *n, const Sb__Leaves *leaves)
{
    uint64_t size = sb_ledger_size(n->history.ledger);
    return leaves->from <= size && leaves->n_leaves <= size - leaves->from;
}

void sb_node_ahead_add(sb_node *n, uint32_t peer, const Sb__Frame *frame)
{
    sb_node_ahead *a = &n->ahead;
    const Sb__Leaves *leaves = frame->leaves;
    if (leaves->n_leaves > SB_NODE_LEAVES_MAX)
        return; /* the follower would ignore it */
    if (a->count == SB_NODE_FRAMES_AHEAD)
        sb_node_ahead_take(n);
    if (n->failed) /* going back failed, say: there is no ledger now */
        return;
    sb_node_frame *f = &a->frames[(a->first + a->count++) % SB_NODE_FRAMES_AHEAD];
    sb_arena memory = f->arena; /* the frame's own goes along with it */
    f->arena = n->frame_arena;
    n->frame_arena = memory;
    f->peer = peer;
    f->frame = frame;
    f->has_origin = sb_ledger_origin(n->history.ledger, f->origin, sizeof f->origin);
    f->is_known = is_known(n, leaves);
    f->share_count = 0;
    for (size_t at = 0; at < leaves->n_leaves && !f->is_known; at += SB_NODE_SHARE) {
        sb_node_share *s = &f->shares[f->share_count++];
        s->bytes = leaves->leaves + at;
        s->count = leaves->n_leaves - at < SB_NODE_SHARE ? leaves->n_leaves - at : SB_NODE_SHARE;
        s->leaves = f->leaves + at;
        s->origin = f->has_origin ? f->origin : NULL;
        bool fits = sb_pool_submit(n->pool, open_share, s);
        assert(fits);
    }
}

/* Up to where leaves are here in frames that follow one another on the oldest; 0: in none. */
static uint64_t here_after_oldest(const sb_node_ahead *a)
{
    const sb_node_frame *oldest = &a->frames[a->first];
    uint64_t end = oldest->frame->leaves->from + oldest->frame->leaves->n_leaves, here = 0;
    for (size_t i = 1; i < a->count; i++) {
        const sb_node_frame *f = &a->frames[(a->first + i) % SB_NODE_FRAMES_AHEAD];
        const Sb__Leaves *leaves = f->frame->leaves;
        if (f->peer != oldest->peer || f->is_known || leaves->from != end ||
            leaves->n_leaves == 0 || leaves->n_leaves > UINT64_MAX - end)
            break;
        here = end += leaves->n_leaves;
    }
    return here;
}

/* Joined in log order; the first that is refused ends them. */
void sb_node_ahead_take(sb_node *n)
{
    sb_node_ahead *a = &n->ahead;
    if (a->count == 0)
        return;
    const sb_node_frame *f = &a->frames[a->first];
    sb_fol_event event = {.kind = SB_FOL_FRAME,
                          .link = f->peer,
                          .frame = f->frame,
                          .leaves = f->leaves,
                          .here = here_after_oldest(a)};
    for (size_t i = 0; i < f->share_count; i++) {
        const sb_node_share *s = sb_pool_collect(n->pool, true);
        assert(s == &f->shares[i]);
        if (event.refusal != NULL)
            continue;
        event.opened += s->opened;
        if (s->opened < s->count)
            event.refusal = &s->refusal;
    }
    /* not what was known before the log went back: it is asked for again */
    if (!f->is_known || is_known(n, f->frame->leaves))
        sb_node_step(n, &event);
    a->first = (a->first + 1) % SB_NODE_FRAMES_AHEAD;
    a->count--;
}

void sb_node_ahead_take_all(sb_node *n)
{
    while (n->ahead.count > 0 && !n->failed)
        sb_node_ahead_take(n);
}
