#include "tests/sim/world_members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/hash.h"
#include "tests/sim/world_inside.h"

enum { RETRY_MS = 700, UNHEARD_MS = 20000 };

typedef enum line_state { LINE_WAITS, LINE_SENT, LINE_IN_LOG, LINE_FINAL, LINE_REFUSED } line_state;

typedef struct progress {
    line_state state;
    uint64_t sent_ms, first_ms;
    uint32_t tries, node;
    uint32_t told; /* nodes that said that it has its place, one bit each */
} progress;

struct sw_members {
    sw *w;
    const sw_story *story;
    bool eager, moved; /* moved: the clocks were, for the line `moved_line` */
    size_t moved_line;
    bool soon; /* a line waits for a moment that is near */
    progress *lines;
    sw_map by_id;
    size_t next;
    uint64_t final_seen;
};

sw_members *sw_members_new(sw *w, const sw_story *story, bool eager)
{
    sw_members *m = sb_xmalloc(sizeof *m);
    bool is_new;
    *m = (sw_members){.w = w, .story = story, .eager = eager};
    m->lines = calloc(story->count, sizeof *m->lines);
    if (m->lines == NULL)
        abort();
    for (size_t i = 0; i < story->count; i++)
        sw_map_at(&m->by_id, story->lines[i].id, &is_new)->value = i;
    return m;
}

void sw_members_free(sw_members *m)
{
    sw_map_deinit(&m->by_id);
    free(m->lines);
    free(m);
}

/* ---- hearing ---- */

static bool is_done(const sw_members *m, size_t i)
{
    line_state state = m->lines[i].state;
    if (m->story->lines[i].refused != SB_OK || (m->story->lines[i].rival && state == LINE_REFUSED))
        return state == LINE_REFUSED;
    return state == LINE_FINAL || (m->eager && state == LINE_IN_LOG) ||
           (i < m->story->founding && state == LINE_IN_LOG && sw_final_size(m->w) == 0);
}

static void see_final(sw_members *m)
{
    for (; m->final_seen < sw_final_size(m->w); m->final_seen++) {
        sb_slice leaf = sw_final_leaf(m->w, m->final_seen);
        uint8_t id[32];
        sb_hash(sb_slice_of(leaf.data + 8, leaf.len - 8 - 64), id);
        const sw_map_row *row = sw_map_find(&m->by_id, id);
        if (row == NULL)
            continue;
        if (m->story->lines[row->value].refused != SB_OK)
            sw_fail(m->w, "line %llu of the story must be refused, and is final",
                    (unsigned long long)row->value);
        m->lines[row->value].state = LINE_FINAL;
    }
}

static void hear_refusal(sw_members *m, size_t i, sb_err code)
{
    const sw_line *line = &m->story->lines[i];
    if ((line->refused == code && line->refused != SB_OK) || line->rival)
        m->lines[i].state = LINE_REFUSED;
    else /* too early: once more, later */
        m->lines[i].state = LINE_WAITS;
}

static bool all_honest(const sw *w)
{
    for (uint32_t n = 0; n < w->o.nodes + w->o.brokers; n++)
        if (w->ends[n].has_role || w->ends[n].disk_lost || w->ends[n].restored)
            return false;
    return true;
}

/* A receipt holds, also across a HANDOVER that cuts it off: then the entry comes again, and isn't
 * given up because what it builds on comes later. */
static void check_kept(sw_members *m, size_t i, const sw_note *note)
{
    const sw_line *line = &m->story->lines[i];
    if ((m->lines[i].told >> note->node & 1) != 0 && line->refused == SB_OK && !line->rival &&
        all_honest(m->w))
        sw_fail(m->w, "line %zu had its receipt, and %s gives it up: %s", i,
                sw_name(m->w, note->node), sb_err_name(note->code));
}

static void hear(sw_members *m)
{
    size_t count;
    const sw_note *notes = sw_notes(m->w, &count);
    see_final(m);
    for (size_t i = 0; i < count; i++) {
        const sw_map_row *row = sw_map_find(&m->by_id, notes[i].entry_id);
        if (row == NULL || m->lines[row->value].state >= LINE_FINAL)
            continue;
        switch (notes[i].note) {
        case SB_FOL_QUEUED:
        case SB_FOL_CONSENTED:
        case SB_FOL_FINAL:
            break;
        case SB_FOL_RECEIPT:
            if (m->story->lines[row->value].refused != SB_OK)
                sw_fail(m->w, "line %llu of the story must be refused, and has a receipt",
                        (unsigned long long)row->value);
            m->lines[row->value].state = LINE_IN_LOG;
            m->lines[row->value].told |= 1u << notes[i].node;
            break;
        case SB_FOL_REFUSED:
            check_kept(m, row->value, &notes[i]);
            hear_refusal(m, row->value, notes[i].code);
            if (!is_done(m, row->value) && row->value < m->next)
                m->next = row->value; /* taken for done too early: once more */
            break;
        }
    }
    while (m->next < m->story->count && is_done(m, m->next))
        m->next++;
}

/* ---- handing in ---- */

/* Nothing is under way: whatever was dated is under a certified head on every node. A jump of all
 * clocks before that is what DESIGN §6 protects against (leaves dated before a cosigning). */
static bool is_quiet(sw_members *m)
{
    uint32_t term, b = sw_sequencer(m->w, &term);
    sb_seq_status q;
    if (b == UINT32_MAX || !sw_seq_status(m->w, b, &q) || q.certified_size != q.size)
        return false;
    for (uint32_t n = 0; n < sw_options_of(m->w)->nodes; n++) {
        sb_fol_status s;
        if (!sw_is_liar(m->w, n) && (!sw_status(m->w, n, &s) || s.certified_size != q.size))
            return false;
    }
    return true;
}

static const uint8_t *key_of(const sw_members *m, size_t i)
{
    return m->story->lines[i].entry.data + 2 + 32;
}

static bool is_in_log_of(const sw_members *m, size_t i, uint32_t end)
{
    sb_slice bytes = m->story->lines[i].entry, leaf;
    sb_entry entry;
    uint64_t index;
    sb_ledger *ledger = sw_ledger(m->w, end);
    if (ledger == NULL || sb_entry_parse(bytes, &entry, NULL) != SB_OK ||
        !sb_ledger_find_submission(ledger, entry.signer_pk, entry.signer_seq, &index) ||
        index >= sw_log_size(m->w, end)) /* folded, and not committed yet */
        return false;
    leaf = sw_log_leaf(m->w, end, index);
    return leaf.len == 8 + bytes.len && memcmp(leaf.data + 8, bytes.data, bytes.len) == 0;
}

/* The key's entry before it that has a receipt and isn't final, or SIZE_MAX. */
static size_t under_way(const sw_members *m, size_t i)
{
    for (size_t k = i; k-- > 0;)
        if (m->lines[k].state >= LINE_IN_LOG && memcmp(key_of(m, k), key_of(m, i), 32) == 0)
            return m->lines[k].state == LINE_IN_LOG ? k : SIZE_MAX;
    return SIZE_MAX;
}

/* The node wanted, unless the key's entry before it has never been seen there: a change of broker may
 * cut that off, and this one would pass it. Then where that one went. */
static uint32_t go_to(const sw_members *m, size_t i, uint32_t wanted)
{
    size_t before = under_way(m, i);
    return before == SIZE_MAX || is_in_log_of(m, before, wanted) ? wanted : m->lines[before].node;
}

/* A key's entries go through one node, whose outbox keeps their order; elsewhere when that node was
 * down, or silent for long, and nothing of the key is under way that isn't known there. */
static uint32_t node_for(const sw_members *m, size_t i)
{
    uint32_t nodes = sw_options_of(m->w)->nodes;
    uint32_t home = key_of(m, i)[0] % nodes;
    bool in_turn = m->next < i && !m->story->lines[i].waits;
    return go_to(m, i, (home + m->lines[i].tries / (in_turn ? 3 : 1)) % nodes);
}

uint32_t sw_members_home(const sw_members *m)
{
    return m->next == m->story->count ? 0 : node_for(m, m->next);
}

static void submit(sw_members *m, size_t i)
{
    progress *l = &m->lines[i];
    l->node = node_for(m, i);
    m->w->counts.resubmits += l->tries > 0;
    l->tries++;
    l->sent_ms = sw_time_ms(m->w);
    if (l->tries == 1)
        l->first_ms = l->sent_ms;
    uint32_t other = (l->node + 1) % sw_options_of(m->w)->nodes;
    if (m->story->lines[i].twice && go_to(m, i, other) == other)
        (void)sw_submit(m->w, other, m->story->lines[i].entry);
    l->state = sw_submit(m->w, l->node, m->story->lines[i].entry) ? LINE_SENT : LINE_WAITS;
}

static bool is_due(const sw_members *m, const progress *l)
{
    uint64_t quiet_ms = l->state == LINE_SENT ? UNHEARD_MS : RETRY_MS;
    if (l->state > LINE_SENT)
        return false;
    return l->tries == 0 || sw_time_ms(m->w) - l->sent_ms >= quiet_ms;
}

/* By the clock of who orders: its moments are the story's. */
static uint64_t forward_ms(const sw_members *m, const sw_line *line)
{
    uint32_t term, b = sw_sequencer(m->w, &term);
    if (line->later_ms > 0 || b == UINT32_MAX)
        return line->later_ms;
    uint64_t now_ms = sw_now_of(m->w, b).legal_ms;
    return line->at_ms > now_ms ? line->at_ms - now_ms : 0;
}

/* Its moment is here: the clocks go forward to it once, and it comes after the one before it. */
static bool may_begin(sw_members *m, size_t i)
{
    const sw_line *line = &m->story->lines[i];
    if (m->lines[i].tries > 0)
        return true;
    if ((line->later_ms > 0 || line->at_ms > 0) && !(m->moved && m->moved_line == i)) {
        if (!is_quiet(m))
            return false;
        uint64_t ms = forward_ms(m, line);
        if (ms > 0)
            sw_all_clocks_forward(m->w, ms);
        m->moved = true;
        m->moved_line = i;
    }
    if (line->after_ms == 0 || i == 0)
        return true;
    m->soon =
        m->lines[i - 1].tries > 0 && sw_time_ms(m->w) - m->lines[i - 1].first_ms < line->after_ms;
    return m->lines[i - 1].tries > 0 && !m->soon;
}

bool sw_members_soon(const sw_members *m)
{
    return m->soon;
}

/* A receipt of an earlier term says no more that it is in the log: a HANDOVER may have cut it off. The
 * outboxes bring it again; nobody goes on meanwhile as if it were there (a vote would be closed on). */
static bool are_all_back(const sw_members *m, size_t i)
{
    uint32_t term, b = sw_sequencer(m->w, &term);
    if (b == UINT32_MAX || term < 2)
        return true;
    for (size_t k = 0; k < i; k++)
        if (m->lines[k].state == LINE_IN_LOG && !is_in_log_of(m, k, b))
            return false;
    return true;
}

static void hand_in(sw_members *m)
{
    m->soon = false;
    bool founding = sw_final_size(m->w) == 0; /* nothing can be sealed yet, nor cut off */
    bool ready = true;
    for (size_t i = m->next; i < m->story->count; i++) {
        const sw_line *line = &m->story->lines[i];
        if (line->waits && m->next < i && !(founding && ready))
            return;
        if (line->waits && m->lines[i].tries == 0 && !are_all_back(m, i))
            return;
        if (!may_begin(m, i))
            return;
        ready = ready && m->lines[i].state >= LINE_IN_LOG;
        if (is_due(m, &m->lines[i]))
            submit(m, i);
    }
}

/* An organisation with another witness key starts its node with it. */
static void change_keys(sw_members *m)
{
    for (uint32_t n = 0; n < sw_options_of(m->w)->nodes; n++) {
        const sw_end *e = &m->w->ends[n];
        if (e->fol != NULL && sw_witness_key(m->w, e->number, e->ledger) != e->witness)
            sw_kill(m->w, n, 50);
    }
}

void sw_members_turn(sw_members *m)
{
    hear(m);
    if (m->story->witness != NULL)
        change_keys(m);
    hand_in(m);
}

size_t sw_members_next(const sw_members *m)
{
    return m->next;
}

bool sw_members_done(const sw_members *m)
{
    return m->next == m->story->count;
}

void sw_members_disk_lost(sw_members *m, uint32_t node)
{
    for (size_t i = 0; i < m->story->count; i++)
        if (m->lines[i].state < LINE_FINAL && m->lines[i].node == node)
            m->lines[i].state = LINE_WAITS;
}

/* ---- the end ---- */

bool sw_members_all_final(sw_members *m)
{
    uint32_t term, b = sw_sequencer(m->w, &term);
    sb_seq_status q;
    if (!sw_members_done(m) || b == UINT32_MAX || !sw_seq_status(m->w, b, &q))
        return false;
    for (uint32_t n = 0; n < sw_options_of(m->w)->nodes; n++) {
        sb_fol_status s;
        if (sw_is_liar(m->w, n))
            continue;
        if (!sw_status(m->w, n, &s) || s.size != q.size || s.outbox > 0 || s.term != term ||
            s.certified_size != q.size || s.final_size == 0 || s.stale ||
            s.final_size != sw_final_size(m->w) || s.blobs_missing > 0)
            return false;
        for (uint64_t i = s.final_size; i < s.size; i++) {
            uint8_t type = sw_log_leaf(m->w, n, i).data[8 + 1];
            if (type != SB_ENTRY_STATE && type != SB_ENTRY_SEAL && type != SB_ENTRY_HANDOVER)
                return false;
        }
    }
    return true;
}

static sb_slice final_leaf(const void *w, uint64_t index)
{
    return sw_final_leaf(w, index);
}

static void judge(sw_members *m)
{
    uint64_t at = 0;
    sw_leaves log = {.leaf = final_leaf, .log = m->w, .size = sw_final_size(m->w)};
    const char *wrong =
        m->story->judge == NULL ? NULL : m->story->judge(m->story->check_arg, &log, &at);
    if (wrong != NULL)
        sw_fail(m->w, "leaf %llu: %s", (unsigned long long)at, wrong);
}

void sw_members_check_end(sw_members *m)
{
    sw *w = m->w;
    uint32_t term, b = sw_sequencer(w, &term);
    for (size_t i = 0; i < m->story->count; i++)
        if (m->story->lines[i].refused == SB_OK && !m->story->lines[i].rival &&
            !sw_is_final(w, m->story->lines[i].id))
            sw_fail(w, "line %zu of the story isn't final", i);
    for (uint32_t end = 0; end < sw_options_of(w)->nodes + sw_options_of(w)->brokers; end++) {
        bool serves = sw_is_node(w, end) || end == b;
        if (!m->story->has_blobs || sw_is_liar(w, end) || !serves)
            continue;
        if (sw_has_blob(w, end, m->story->erased))
            sw_fail(w, "an erased blob is held by %s", sw_name(w, end));
        if (!sw_has_blob(w, end, m->story->kept))
            sw_fail(w, "a blob is gone at %s", sw_name(w, end));
    }
    judge(m);
    sw_check_receipts(w);
    sw_audit_all(w);
    for (uint32_t n = 0; m->story->check != NULL && n < sw_options_of(w)->nodes; n++) {
        const char *wrong = sw_is_liar(w, n) || sw_ledger(w, n) == NULL
                                ? NULL
                                : m->story->check(m->story->check_arg, sw_ledger(w, n));
        if (wrong != NULL)
            sw_fail(w, "the story came out wrong at node %u: %s", n, wrong);
    }
}
