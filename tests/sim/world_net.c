/* The network: connections that each end knows about in its own time, and messages that are lost, late,
 * doubled or overtaken. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/world_inside.h"

/* ---- connections ---- */

static uint32_t side_of(const sw_conn *c, uint32_t end)
{
    return c->end[0] == end ? 0 : 1;
}

uint32_t sw_conn_other(const sw *w, uint32_t conn, uint32_t end)
{
    const sw_conn *c = &w->conns[conn - 1];
    return c->end[1 - side_of(c, end)];
}

bool sw_next_conn(const sw *w, uint32_t end, uint32_t *at, uint32_t *conn, uint32_t *to)
{
    const sw_end *e = &w->ends[end];
    if (*at >= e->conn_count)
        return false;
    *conn = e->conns[(*at)++];
    *to = sw_conn_other(w, *conn, end);
    return true;
}

static void hold(sw_end *e, uint32_t conn)
{
    if (e->conn_count == e->conn_cap) {
        e->conn_cap = e->conn_cap == 0 ? 16 : 2 * e->conn_cap;
        e->conns = sb_xrealloc(e->conns, e->conn_cap * sizeof *e->conns);
    }
    e->conns[e->conn_count++] = conn;
}

static void let_go(sw_end *e, uint32_t conn)
{
    size_t kept = 0;
    for (size_t i = 0; i < e->conn_count; i++)
        if (e->conns[i] != conn)
            e->conns[kept++] = e->conns[i];
    e->conn_count = kept;
}

static void tell_core(sw *w, sw_end *e, uint32_t conn, uint32_t other, bool up)
{
    e->idle = 0;
    if (e->has_role && e->role.link != NULL)
        e->role.link(e->role.arg, w, e->number, conn, other, up);
    if (e->fol != NULL)
        sw_node_link(w, e, conn, other, up);
    else if (e->seq != NULL || e->standby != NULL)
        sw_broker_link(w, e, conn, up);
}

void sw_everybody_up(sw *w, sw_end *e)
{
    for (size_t i = 0; i < e->conn_count; i++) {
        uint32_t conn = e->conns[i];
        if (e->fol != NULL)
            sw_node_link(w, e, conn, sw_conn_other(w, conn, e->number), true);
        else if (e->seq != NULL || e->standby != NULL)
            sw_broker_link(w, e, conn, true);
    }
}

/* Nodes dial brokers, and the nodes after them. */
static bool dials(const sw *w, uint32_t a, uint32_t b)
{
    return a < b && sw_is_node(w, a);
}

static bool is_parted(const sw *w, uint32_t a, uint32_t b)
{
    return w->blocked_until_ms[a][b] > w->now_ms || w->blocked_until_ms[b][a] > w->now_ms;
}

static void raise_side(sw *w, uint32_t conn, uint32_t side)
{
    sw_conn *c = &w->conns[conn - 1];
    if (c->dead || !sw_is_up(w, c->end[side]))
        return;
    c->up[side] = true;
    uint32_t end = c->end[side], other = c->end[1 - side];
    hold(&w->ends[end], conn);
    tell_core(w, &w->ends[end], conn, other, true);
}

void sw_net_dial(sw *w, uint32_t a, uint32_t b)
{
    if (!dials(w, a, b) || !sw_is_up(w, a) || !sw_is_up(w, b))
        return; /* who starts is dialled then */
    uint32_t at = 0, conn, to;
    while (sw_next_conn(w, a, &at, &conn, &to))
        if (to == b)
            return;
    if (is_parted(w, a, b)) {
        sw_push(w, 500 + sw_below(w, 1500), SW_EV_DIAL, a, b, NULL);
        return;
    }
    if (w->conn_count == w->conn_cap) {
        w->conn_cap = w->conn_cap == 0 ? 128 : 2 * w->conn_cap;
        w->conns = sb_xrealloc(w->conns, w->conn_cap * sizeof *w->conns);
    }
    w->conns[w->conn_count++] = (sw_conn){.end = {a, b}};
    conn = w->conn_count;
    raise_side(w, conn, 1);
    raise_side(w, conn, 0);
}

/* One end learns that the connection is over. */
void sw_net_told(sw *w, uint32_t conn, uint32_t side)
{
    sw_conn *c = &w->conns[conn - 1];
    uint32_t end = c->end[side], other = c->end[1 - side];
    if (!c->up[side])
        return;
    c->up[side] = false;
    c->dead = true;
    let_go(&w->ends[end], conn);
    if (dials(w, end, other))
        sw_push(w, 100 + sw_below(w, 300), SW_EV_DIAL, end, other, NULL);
    if (w->o.trace)
        sw_say(w, end, "sees that %s is gone", sw_name(w, other));
    if (sw_is_up(w, end))
        tell_core(w, &w->ends[end], conn, other, false);
}

static uint64_t heartbeat_ms(sw *w)
{
    return SW_HEARTBEAT_MS + sw_below(w, SW_BEAT_MS);
}

static void end_conn(sw *w, uint32_t conn, uint32_t side, bool quiet)
{
    w->conns[conn - 1].dead = true;
    sw_push(w, quiet ? heartbeat_ms(w) : sw_below(w, 5), SW_EV_TOLD, conn, side, NULL);
}

void sw_net_stopped(sw *w, uint32_t end, bool quiet)
{
    sw_end *e = &w->ends[end];
    for (size_t i = 0; i < e->conn_count; i++) {
        uint32_t conn = e->conns[i];
        sw_conn *c = &w->conns[conn - 1];
        uint32_t side = side_of(c, end);
        c->up[side] = false;
        end_conn(w, conn, 1 - side, quiet);
    }
    e->conn_count = 0;
}

void sw_net_started(sw *w, uint32_t end)
{
    for (uint32_t other = 0; other < w->end_count; other++) {
        uint32_t a = end < other ? end : other, b = end < other ? other : end;
        if (dials(w, a, b))
            sw_push(w, sw_below(w, 200), SW_EV_DIAL, a, b, NULL);
    }
}

void sw_cut(sw *w, uint32_t a, uint32_t b, bool quiet, uint64_t ms)
{
    uint32_t at = 0, conn, to;
    while (sw_next_conn(w, a, &at, &conn, &to)) {
        if (to != b)
            continue;
        uint32_t first = (uint32_t)sw_below(w, 2);
        end_conn(w, conn, first, false);
        end_conn(w, conn, 1 - first, quiet);
    }
    if (ms > 0) {
        w->blocked_until_ms[a][b] = w->now_ms + ms;
        w->blocked_until_ms[b][a] = w->now_ms + ms;
    }
}

/* ---- partitions ---- */

static void block(sw *w, uint32_t from, uint32_t to, uint64_t ms)
{
    uint64_t until_ms = w->now_ms + ms;
    if (w->blocked_until_ms[from][to] < until_ms)
        w->blocked_until_ms[from][to] = until_ms;
}

/* The heartbeats of what is parted for long end its connections: each end sees it in its own time. */
static void starve(sw *w, uint32_t a, uint32_t b, uint64_t ms)
{
    uint32_t at = 0, conn, to;
    if (ms <= SW_HEARTBEAT_MS + SW_BEAT_MS)
        return;
    while (sw_next_conn(w, a, &at, &conn, &to))
        if (to == b)
            for (uint32_t side = 0; side < 2; side++)
                sw_push(w, heartbeat_ms(w), SW_EV_TOLD, conn, side, NULL);
}

void sw_net_starved(sw *w, uint32_t end)
{
    uint32_t at = 0, conn, to;
    while (sw_next_conn(w, end, &at, &conn, &to))
        for (uint32_t side = 0; side < 2; side++)
            sw_push(w, heartbeat_ms(w), SW_EV_TOLD, conn, side, NULL);
}

void sw_part(sw *w, uint32_t a, uint32_t b, bool both_ways, uint64_t ms)
{
    block(w, a, b, ms);
    if (both_ways)
        block(w, b, a, ms);
    starve(w, a, b, ms);
}

void sw_part_set(sw *w, uint32_t set, bool one_way, uint64_t ms)
{
    w->counts.partitions++;
    w->counts.one_way += one_way;
    if (w->o.trace) {
        printf("%9llu ms  ", (unsigned long long)w->now_ms);
        for (uint32_t i = 0; i < w->end_count; i++)
            if ((set >> i & 1) != 0)
                printf("%s, ", sw_name(w, i));
        printf("%s from the others for %llu ms\n", one_way ? "not heard" : "parted",
               (unsigned long long)ms);
    }
    for (uint32_t a = 0; a < w->end_count; a++)
        for (uint32_t b = 0; b < w->end_count; b++)
            if ((set >> a & 1) != 0 && (set >> b & 1) == 0)
                sw_part(w, a, b, !one_way, ms);
}

/* ---- messages ---- */

static uint64_t delay_ms(sw *w, uint32_t from, uint32_t to)
{
    uint64_t spread = w->o.delay_ms_max - w->o.delay_ms_min;
    uint64_t ms = w->o.delay_ms_min + sw_below(w, spread + 1) * w->slow[from][to] / 4;
    if (!w->healed && sw_below(w, 256) == 0)
        ms *= 12; /* one that is stuck somewhere */
    return ms;
}

static void post(sw *w, uint32_t from, uint32_t to, uint32_t conn, sw_kind kind, sb_slice bytes,
                 uint64_t blob_bytes)
{
    sw_message *m = sb_xmalloc(sizeof *m + bytes.len);
    *m = (sw_message){.from = from,
                      .to = to,
                      .conn = conn,
                      .kind = kind,
                      .blob_bytes = blob_bytes,
                      .order = w->last_order,
                      .is_lie = w->is_lie,
                      .len = bytes.len};
    memcpy(m->bytes, bytes.data, bytes.len);
    sw_push(w, delay_ms(w, from, to), SW_EV_MESSAGE, 0, 0, m);
}

static void send_on(sw *w, uint32_t from, uint32_t conn, sw_kind kind, sb_slice bytes,
                    uint64_t blob_bytes)
{
    sw_conn *c = &w->conns[conn - 1];
    uint32_t to = c->end[1 - side_of(c, from)];
    w->counts.messages++;
    if (c->dead || w->blocked_until_ms[from][to] > w->now_ms || sw_chance(w, w->o.drop_permille)) {
        w->counts.lost++;
        sw_say_message(w, from, to, kind, bytes, c->dead ? " into nothing" : " lost");
        return;
    }
    sw_say_message(w, from, to, kind, bytes, "");
    post(w, from, to, conn, kind, bytes, blob_bytes);
    if (sw_chance(w, w->o.double_permille)) {
        w->counts.doubled++;
        post(w, from, to, conn, kind, bytes, blob_bytes);
    }
}

void sw_send(sw *w, uint32_t from, uint32_t conn, sw_kind kind, sb_slice bytes, uint64_t blob_bytes)
{
    sw_end *e = &w->ends[from];
    sw_conn *c = conn == 0 || conn > w->conn_count ? NULL : &w->conns[conn - 1];
    if (c == NULL || (c->end[0] != from && c->end[1] != from) || !c->up[side_of(c, from)])
        return;
    if (kind == SW_FRAME && e->has_role && e->role.send != NULL &&
        e->role.send(e->role.arg, w, from, conn, sw_conn_other(w, conn, from), bytes) == SW_SWALLOW)
        return;
    if (kind == SW_FRAME)
        sw_check_sent(w, e, bytes);
    send_on(w, from, conn, kind, bytes, blob_bytes);
}

void sw_lie(sw *w, uint32_t end, uint32_t conn, sb_slice frame)
{
    if (conn == 0 || conn > w->conn_count)
        return;
    const sw_conn *c = &w->conns[conn - 1];
    if ((c->end[0] != end && c->end[1] != end) || !c->up[side_of(c, end)])
        return;
    w->counts.lies++;
    w->is_lie = true;
    send_on(w, end, conn, SW_FRAME, frame, 0);
    w->is_lie = false;
}

static void tell_liar(sw *w, const sw_message *m, bool is_heard)
{
    const sw_end *e = &w->ends[m->from];
    if (m->is_lie && e->has_role && e->role.reaches != NULL)
        e->role.reaches(e->role.arg, w, m->to, m->conn, sb_slice_of(m->bytes, m->len), is_heard);
}

void sw_net_deliver(sw *w, sw_message *m)
{
    const sw_conn *c = &w->conns[m->conn - 1];
    sw_end *e = &w->ends[m->to];
    if (c->dead || !c->up[side_of(c, m->to)]) {
        w->counts.lost++;
        free(m);
        return;
    }
    if (m->order < w->last_seen_order[m->from][m->to])
        w->counts.late++;
    else
        w->last_seen_order[m->from][m->to] = m->order;
    sb_arena_reset(&w->arena);
    e->idle = 0;
    if (e->has_role && e->role.hear != NULL && m->kind == SW_FRAME &&
        e->role.hear(e->role.arg, w, m->to, m->conn, m->from, sb_slice_of(m->bytes, m->len)) ==
            SW_SWALLOW) {
        free(m);
        return;
    }
    tell_liar(w, m, false);
    if (e->fol != NULL)
        sw_node_hear(w, e, m);
    else if (e->seq != NULL || e->standby != NULL)
        sw_broker_hear(w, e, m);
    tell_liar(w, m, true);
    if (sw_is_up(w, m->to))
        sw_tick_soon(w, e, 1 + sw_below(w, 10));
    free(m);
}
