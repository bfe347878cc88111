/* A broker's lie that reached somebody honest must be noticed:
 *   leaves bent under a signed head   by who gets them, in the same step: not taken, and named (or taken,
 *                                     when the rules allow them: then they are another history)
 *   two histories                     by one of two honest nodes that hold them, in the same term, with a
 *                                     connection between them for SPLIT_SEEN_MS
 *   an entry forgotten                by the node that took the receipt, when its log has come there and
 *                                     something else stands in its place
 */
#include <stdio.h>

#include "tests/sim/liars_inside.h"

enum { SPLIT_SEEN_MS = 60 * 1000, RECEIPT_ROOM = 1 };

static bool says(const sb_fol_status *s)
{
    return s->evidence > 0 || s->conflict || s->diverged || s->faults > 0;
}

static void missed(liars *l, uint32_t node, const char *what)
{
    if (l->unseen[0] == '\0')
        snprintf(l->unseen, sizeof l->unseen, "%s, node %u, at %llu ms, and nobody noticed", what,
                 node, (unsigned long long)sw_time_ms(l->w));
}

/* ---- in the same step ---- */

/* These leaves go on from what it holds, under a head of the broker that it follows. */
static bool would_take(const sb_fol_status *s, uint32_t conn, const Sb__Leaves *m)
{
    return s->broker_up && s->broker_link == conn && !says(s) && !s->catching_up &&
           m->from <= s->size && s->size < m->from + m->n_leaves;
}

static void leaves_reach(liars *l, uint32_t to, uint32_t conn, const Sb__Leaves *m, bool is_heard)
{
    sb_fol_status s;
    sw_end *e = sw_end_of(l->w, to);
    if (!sw_status(l->w, to, &s) || e->full)
        return;
    if (!is_heard) {
        l->would_take = would_take(&s, conn, m);
        l->size_before = s.size;
        return;
    }
    if (l->would_take && s.size == l->size_before && !says(&s))
        missed(l, to, "leaves were bent");
    liars_all->reached += l->would_take;
    l->would_take = false;
}

/* ---- receipts ---- */

static bool is_waiting(liars *l, uint32_t node, const uint8_t id[32], bool has_receipt)
{
    sb_fol_outbox_row row;
    sw_end *e = sw_end_of(l->w, node);
    for (size_t at = 0;
         e->fol != NULL && sb_follower_outbox_next(e->fol, sw_now_of(l->w, node), &at, &row);)
        if (memcmp(row.entry_id, id, 32) == 0)
            return !row.in_log && row.has_receipt == has_receipt;
    return false;
}

static void receipt_reaches(liars *l, uint32_t to, const Sb__Receipt *r, bool is_heard)
{
    sb_fol_status s;
    if (r->entry_id.len != 32 || !sw_status(l->w, to, &s))
        return;
    if (!is_heard) {
        l->would_take = is_waiting(l, to, r->entry_id.data, false);
        return;
    }
    if (!l->would_take || l->receipt_count == LIARS_RECEIPTS_MAX ||
        !is_waiting(l, to, r->entry_id.data, true))
        return;
    liars_all->reached++;
    lying_receipt *kept = &l->receipts[l->receipt_count++];
    *kept = (lying_receipt){
        .node = to, .term = s.term, .index = r->index, .time_ms = r->sequenced_at_ms};
    memcpy(kept->id, r->entry_id.data, 32);
}

static bool stands_there(liars *l, const lying_receipt *r)
{
    sb_leaf leaf;
    sb_slice bytes = sw_log_leaf(l->w, r->node, r->index);
    bool is_there = false;
    sb_arena arena;
    sb_arena_init(&arena);
    if (sb_leaf_open(bytes, &arena, &leaf, NULL) == SB_OK)
        is_there = memcmp(leaf.entry.id, r->id, 32) == 0 && leaf.sequenced_at_ms == r->time_ms;
    sb_arena_deinit(&arena);
    return is_there;
}

static void look_at_receipts(liars *l)
{
    for (size_t i = 0; i < l->receipt_count; i++) {
        lying_receipt *r = &l->receipts[i];
        sb_fol_status s;
        if (r->over || !sw_status(l->w, r->node, &s) || s.size <= r->index + RECEIPT_ROOM)
            continue;
        r->over = true; /* a handover before its place was reached: it comes anew */
        if (s.term == r->term && !sw_lost_disk(l->w, r->node) && !says(&s) && !stands_there(l, r))
            missed(l, r->node, "an entry was forgotten after its receipt");
    }
}

/* ---- two histories ---- */

static bool are_linked(const sw *w, uint32_t a, uint32_t b)
{
    uint32_t at = 0, conn, to;
    if (w->blocked_until_ms[a][b] > w->now_ms || w->blocked_until_ms[b][a] > w->now_ms)
        return false;
    while (sw_next_conn(w, a, &at, &conn, &to))
        if (to == b)
            return true;
    return false;
}

static bool differ(sw *w, uint32_t a, uint32_t b)
{
    const sw_store *x = &sw_end_of(w, a)->store, *y = &sw_end_of(w, b)->store;
    uint64_t size = x->leaf_count < y->leaf_count ? x->leaf_count : y->leaf_count;
    for (uint64_t i = w->final_count; i < size; i++)
        if (memcmp(x->leaves[i].hash, y->leaves[i].hash, 32) != 0)
            return true;
    return false;
}

static void look_at_pair(liars *l, uint32_t a, uint32_t b)
{
    sw *w = l->w;
    sb_fol_status s, t;
    uint64_t *since_ms = &l->split_since_ms[a][b];
    bool are_honest = !sw_is_liar(w, a) && !sw_is_liar(w, b);
    /* statuses last: they cost most */
    bool is_split = are_honest && differ(w, a, b) && are_linked(w, a, b) && sw_status(w, a, &s) &&
                    sw_status(w, b, &t) && s.term == t.term && !says(&s) && !says(&t);
    if (!is_split)
        *since_ms = 0;
    else if (*since_ms == 0)
        *since_ms = sw_time_ms(w);
    else if (sw_time_ms(w) - *since_ms > SPLIT_SEEN_MS)
        missed(l, a, "two histories");
}

/* ---- all ---- */

void liars_reach(void *arg, sw *w, uint32_t to, uint32_t conn, sb_slice frame, bool is_heard)
{
    broker_liar *b = arg;
    liars *l = b->l;
    const Sb__Frame *f;
    if (!sw_is_node(w, to) || sw_is_liar(w, to))
        return;
    sb_arena arena;
    sb_arena_init(&arena);
    if (sb_frame_decode(frame, &arena, &f, NULL) == SB_OK) {
        if (b->lie == LIE_ALTERS && f->body_case == SB__FRAME__BODY_LEAVES)
            leaves_reach(l, to, conn, f->leaves, is_heard);
        else if (b->lie == LIE_FORGETS && f->body_case == SB__FRAME__BODY_RECEIPT)
            receipt_reaches(l, to, f->receipt, is_heard);
    }
    sb_arena_deinit(&arena);
}

void liars_look(liars *l)
{
    look_at_receipts(l);
    for (uint32_t a = 0; a < l->w->o.nodes; a++)
        for (uint32_t b = a + 1; b < l->w->o.nodes; b++)
            look_at_pair(l, a, b);
}
