#include "nodes/transport/net_sim.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "proto/base/buf.h"

enum { LINKS_MAX = 8, QUEUE_FRAMES = 1024, ADDRESS_BYTES = 64, RECONNECT_MS = 100 };

typedef struct sim_net sim_net;

/* Something that will happen at a net. */
typedef struct sim_event {
    struct sim_event *next;
    uint64_t at_ms;
    sb_net_event_kind kind;
    uint32_t link, peer;
    uint8_t pk[32];
    sb_buf frame;
} sim_event;

/* One direction of a connection, as its sender sees it. */
typedef struct sim_peer {
    struct sim_peer *next;
    uint32_t number, link;
    uint8_t pk[32];
    sim_net *to;
    uint32_t to_peer, to_link; /* our number there */
    uint64_t last_at_ms;       /* order: no frame before this */
    uint32_t queued;
} sim_peer;

typedef struct sim_link {
    bool is_dialled;
    char address[ADDRESS_BYTES];
    uint32_t peer; /* dialled: while up */
    uint64_t retry_ms;
} sim_link;

struct sim_net {
    sb_net net;
    sb_sim_hub *hub;
    struct sim_net *next;
    uint8_t pk[32];
    sim_link links[LINKS_MAX];
    uint32_t link_count, last_peer;
    sim_peer *peers;
    sim_event *events; /* by time, then arrival */
    sb_buf frame;      /* the last one given out */
};

struct sb_sim_hub {
    uint64_t random, now_ms;
    sb_sim_faults faults;
    sim_net *nets;
};

static uint64_t next_random(sb_sim_hub *hub)
{
    uint64_t x = hub->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    hub->random = x;
    return x;
}

sb_sim_hub *sb_sim_hub_new(uint64_t seed, sb_sim_faults faults)
{
    sb_sim_hub *hub = sb_xmalloc(sizeof *hub);
    *hub = (sb_sim_hub){.random = seed * 2 + 1, .faults = faults};
    return hub;
}

void sb_sim_hub_free(sb_sim_hub *hub)
{
    assert(hub->nets == NULL);
    free(hub);
}

void sb_sim_hub_advance(sb_sim_hub *hub, uint64_t ms)
{
    hub->now_ms += ms;
}

uint64_t sb_sim_hub_now_ms(const sb_sim_hub *hub)
{
    return hub->now_ms;
}

static void add_event(sim_net *n, sim_event event)
{
    sim_event *copy = sb_xmalloc(sizeof *copy);
    *copy = event;
    sim_event **at = &n->events;
    while (*at != NULL && (*at)->at_ms <= event.at_ms)
        at = &(*at)->next;
    copy->next = *at;
    *at = copy;
}

static sim_peer *find_peer(sim_net *n, uint32_t number)
{
    sim_peer *p = n->peers;
    while (p != NULL && p->number != number)
        p = p->next;
    return p;
}

static sim_peer *add_peer(sim_net *n, uint32_t link, const uint8_t pk[32])
{
    sim_peer *p = sb_xmalloc(sizeof *p);
    *p = (sim_peer){.next = n->peers, .number = ++n->last_peer, .link = link};
    memcpy(p->pk, pk, 32);
    n->peers = p;
    return p;
}

static void remove_peer(sim_net *n, sim_peer *peer)
{
    sim_peer **at = &n->peers;
    while (*at != peer)
        at = &(*at)->next;
    *at = peer->next;
    if (n->links[peer->link].peer == peer->number) {
        n->links[peer->link].peer = 0;
        n->links[peer->link].retry_ms = n->hub->now_ms + RECONNECT_MS;
    }
    free(peer);
}

static void add_down(sim_net *n, const sim_peer *peer)
{
    sim_event down = {.at_ms =
                          peer->last_at_ms > n->hub->now_ms ? peer->last_at_ms : n->hub->now_ms,
                      .kind = SB_NET_DOWN,
                      .link = peer->link,
                      .peer = peer->number};
    memcpy(down.pk, peer->pk, 32);
    sb_buf_init(&down.frame);
    add_event(n, down);
}

/* Both ends lose the connection: what is on its way is lost too. */
static void break_connection(sim_net *n, sim_peer *peer)
{
    sim_net *other = peer->to;
    sim_peer *back = find_peer(other, peer->to_peer);
    add_down(n, peer);
    if (back != NULL) {
        add_down(other, back);
        remove_peer(other, back);
    }
    remove_peer(n, peer);
}

static void try_dial(sim_net *n, uint32_t number)
{
    sim_link *link = &n->links[number];
    if (!link->is_dialled || link->peer != 0 || n->hub->now_ms < link->retry_ms)
        return;
    for (sim_net *other = n->hub->nets; other != NULL; other = other->next)
        for (uint32_t i = 0; i < other->link_count; i++)
            if (!other->links[i].is_dialled &&
                strcmp(other->links[i].address, link->address) == 0) {
                sim_peer *here = add_peer(n, number, other->pk);
                sim_peer *there = add_peer(other, i, n->pk);
                *here = (sim_peer){.next = here->next,
                                   .number = here->number,
                                   .link = number,
                                   .to = other,
                                   .to_peer = there->number,
                                   .to_link = i};
                memcpy(here->pk, other->pk, 32);
                there->to = n;
                there->to_peer = here->number;
                there->to_link = number;
                link->peer = here->number;
                sim_event up = {.at_ms = n->hub->now_ms,
                                .kind = SB_NET_UP,
                                .link = number,
                                .peer = here->number};
                memcpy(up.pk, other->pk, 32);
                sb_buf_init(&up.frame);
                add_event(n, up);
                return;
            }
}

static sb_err send_sim(sb_net *net, uint32_t peer_number, sb_slice frame)
{
    sim_net *n = (sim_net *)net;
    if (frame.len > SB_FRAME_BYTES_MAX)
        return SB_E_TOO_LARGE;
    sim_peer *peer = find_peer(n, peer_number);
    if (peer == NULL)
        return SB_E_NET_GONE;
    if (peer->queued >= QUEUE_FRAMES)
        return SB_E_NET_FULL;
    if (next_random(n->hub) % 1000 < n->hub->faults.drop_per_mille) {
        break_connection(n, peer);
        return SB_OK; /* the sender can't know */
    }
    uint64_t delay = n->hub->faults.delay_ms_max == 0
                         ? 0
                         : next_random(n->hub) % (n->hub->faults.delay_ms_max + 1);
    uint64_t at = n->hub->now_ms + delay;
    if (at < peer->last_at_ms)
        at = peer->last_at_ms;
    peer->last_at_ms = at;
    peer->queued++;
    sim_event event = {
        .at_ms = at, .kind = SB_NET_FRAME, .link = peer->to_link, .peer = peer->to_peer};
    memcpy(event.pk, n->pk, 32);
    sb_buf_init(&event.frame);
    sb_buf_add(&event.frame, frame);
    add_event(peer->to, event);
    return SB_OK;
}

/* The first event whose time has come. False: none. */
static bool take_event(sim_net *n, sb_net_event *out)
{
    while (n->events != NULL && n->events->at_ms <= n->hub->now_ms) {
        sim_event *e = n->events;
        n->events = e->next;
        sim_peer *peer = find_peer(n, e->peer);
        bool is_lost = e->kind == SB_NET_FRAME && peer == NULL;
        if (!is_lost) {
            *out = (sb_net_event){.kind = e->kind, .link = e->link, .peer = e->peer};
            memcpy(out->peer_pk, e->pk, 32);
            sb_buf_clear(&n->frame);
            sb_buf_add(&n->frame, sb_buf_slice(&e->frame));
            out->frame = sb_buf_slice(&n->frame);
        }
        if (peer != NULL && e->kind == SB_NET_FRAME) {
            sim_peer *sender = find_peer(peer->to, peer->to_peer);
            if (sender != NULL)
                sender->queued--;
        }
        sb_buf_deinit(&e->frame);
        free(e);
        if (!is_lost)
            return true;
    }
    return false;
}

static sb_err wait_sim(sb_net *net, uint32_t timeout_ms, sb_net_event *event, sb_fail *fail)
{
    sim_net *n = (sim_net *)net;
    (void)fail;
    *event = (sb_net_event){.kind = SB_NET_NOTHING};
    for (uint32_t i = 0; i < n->link_count; i++)
        try_dial(n, i);
    if (take_event(n, event))
        return SB_OK;
    sb_sim_hub_advance(n->hub, timeout_ms);
    take_event(n, event);
    return SB_OK;
}

static void close_sim(sb_net *net)
{
    sim_net *n = (sim_net *)net;
    while (n->peers != NULL)
        break_connection(n, n->peers);
    while (n->events != NULL) {
        sim_event *e = n->events;
        n->events = e->next;
        sb_buf_deinit(&e->frame);
        free(e);
    }
    sim_net **at = &n->hub->nets;
    while (*at != n)
        at = &(*at)->next;
    *at = n->next;
    sb_buf_deinit(&n->frame);
    free(n);
}

static const sb_net_ops OPS = {.wait = wait_sim, .send = send_sim, .close = close_sim};

sb_net *sb_net_sim_open(sb_sim_hub *hub, const uint8_t public_key[32])
{
    sim_net *n = sb_xmalloc(sizeof *n);
    *n = (sim_net){.net = {.ops = &OPS}, .hub = hub, .next = hub->nets};
    memcpy(n->pk, public_key, 32);
    sb_buf_init(&n->frame);
    hub->nets = n;
    return &n->net;
}

static uint32_t add_link(sim_net *n, const char *address, bool is_dialled)
{
    assert(n->link_count < LINKS_MAX);
    sim_link *link = &n->links[n->link_count];
    *link = (sim_link){.is_dialled = is_dialled};
    snprintf(link->address, sizeof link->address, "%s", address);
    return n->link_count++;
}

sb_err sb_net_sim_serve(sb_net *net, const char *address, uint32_t *link, sb_fail *fail)
{
    sim_net *n = (sim_net *)net;
    for (sim_net *other = n->hub->nets; other != NULL; other = other->next)
        for (uint32_t i = 0; i < other->link_count; i++)
            if (!other->links[i].is_dialled && strcmp(other->links[i].address, address) == 0)
                return sb_fail_set(fail, SB_E_NET_BIND, address, "in use", NULL);
    *link = add_link(n, address, false);
    return SB_OK;
}

sb_err sb_net_sim_dial(sb_net *net, const char *address, uint32_t *link, sb_fail *fail)
{
    (void)fail;
    *link = add_link((sim_net *)net, address, true);
    return SB_OK;
}
