/* Whom this node dials, and who may dial it. */
#include "nodes/host/log.h"
#include "nodes/noded/node.h"

/* ---- dialling ---- */

static void dial(sb_node *n, const char *address, const uint8_t curve_pk[32], sb_fol_role role)
{
    sb_fail fail = {0};
    for (uint32_t i = 0; i < n->dial_count; i++)
        if (strcmp(n->dials[i].address, address) == 0 &&
            memcmp(n->dials[i].curve_pk, curve_pk, 32) == 0) {
            n->dials[i].is_wanted = true;
            return;
        }
    if (n->dial_count == SB_NODE_DIALS_MAX || strlen(address) > SB_ADDRESS_BYTES_MAX)
        return;
    sb_node_dial *d = &n->dials[n->dial_count];
    if (sb_net_zmq_dial(n->net, address, curve_pk, n->curve, &d->net_link, &fail) != SB_OK) {
        sb_log_fail(SB_LOG_WARN, "dial", &fail);
        return;
    }
    memcpy(d->address, address, strlen(address) + 1);
    memcpy(d->curve_pk, curve_pk, 32);
    d->role = role;
    d->is_wanted = true;
    n->dial_count++;
}

/* By the log, or while that is empty by the federation file. False: none, or it has left. */
static bool curve_of(sb_node *n, const char *organisation, uint8_t curve_pk[32])
{
    sb_ledger_org org;
    uint32_t count = sb_ledger_org_count(n->history.ledger);
    const Sb__Charter *charter = sb_ledger_charter(n->history.ledger);
    for (uint32_t i = 0; i < count; i++)
        if (sb_ledger_org_get(n->history.ledger, i, &org) && strcmp(org.id, organisation) == 0) {
            memcpy(curve_pk, org.curve_pk, 32);
            return charter == NULL || i >= charter->n_organisations ||
                   !charter->organisations[i]->withdrawn;
        }
    const Sb__Genesis *g = n->federation->genesis;
    for (size_t i = 0; count == 0 && i < g->n_organisations; i++)
        if (strcmp(g->organisations[i]->id, organisation) == 0) {
            memcpy(curve_pk, g->organisations[i]->curve_pk.data, 32);
            return true;
        }
    return false;
}

/* A standby that left the charter, a consent that another replaced. First, so that there is room. */
static void hang_up_unwanted(sb_node *n)
{
    for (uint32_t i = n->dial_count; i-- > 0;) {
        if (n->dials[i].is_wanted)
            continue;
        sb_log(SB_LOG_INFO, "no longer dialled: %s", n->dials[i].address);
        sb_net_zmq_hang_up(n->net, n->dials[i].net_link);
        n->dials[i] = n->dials[--n->dial_count];
    }
    for (uint32_t i = 0; i < n->dial_count; i++)
        n->dials[i].is_wanted = false;
}

static void dial_all(sb_node *n)
{
    dial(n, n->config->broker, n->broker_curve_pk, SB_FOL_ROLE_BROKER);
    const Sb__Charter *charter = sb_ledger_charter(n->history.ledger);
    if (charter == NULL)
        charter = n->federation->charter;
    for (size_t i = 0; i < charter->n_standbys; i++)
        if (charter->standbys[i]->curve_pk.len == 32)
            dial(n, charter->standbys[i]->address, charter->standbys[i]->curve_pk.data,
                 SB_FOL_ROLE_BROKER);
    sb_consent consent;
    if (sb_follower_consent(n->follower, &consent)) {
        char address[SB_ADDRESS_BYTES_MAX + 1] = "";
        if (consent.address.len < sizeof address)
            memcpy(address, consent.address.data, consent.address.len);
        if (sb_endpoint_valid(address))
            dial(n, address, consent.curve_pk, SB_FOL_ROLE_BROKER);
    }
    for (uint32_t i = 0; i < n->config->peer_count; i++) {
        uint8_t curve_pk[32];
        if (curve_of(n, n->config->peers[i].organisation, curve_pk))
            dial(n, n->config->peers[i].address, curve_pk, SB_FOL_ROLE_NODE);
    }
}

/* ---- letting in ---- */

/* As of the newest leaf: who is taken off the list is cut off at that index. While the log is empty
 * the founders may. */
static void allow(sb_node *n)
{
    uint8_t keys[SB_LEDGER_CURVE_KEYS_MAX][32];
    uint64_t size = sb_ledger_tree(n->history.ledger)->size;
    const Sb__Genesis *g = n->federation->genesis;
    n->allowed_size = size;
    if (!n->listens)
        return;
    size_t count = sb_ledger_curve_keys(n->history.ledger, keys);
    for (size_t i = 0; size == 0 && i < g->n_organisations; i++)
        memcpy(keys[count++], g->organisations[i]->curve_pk.data, 32);
    sb_net_zmq_allow(n->net, (const uint8_t(*)[32])keys, count);
}

/* Whoever is out is cut off there: who looks after this machine must know why nothing comes. */
static void tell_standing(sb_node *n)
{
    uint64_t index = 0;
    sb_ledger_standing standing =
        sb_ledger_org_standing(n->history.ledger, n->organisation, &index);
    if (standing == n->standing)
        return;
    n->standing = standing;
    switch (standing) {
    case SB_STANDING_MEMBER:
        sb_log(SB_LOG_INFO, "the organisation takes part");
        break;
    case SB_STANDING_LEAVING:
        sb_log(SB_LOG_WARN,
               "the organisation leaves: decided with entry %llu; once that is confirmed nobody "
               "lets this node in, and it gets no more entries",
               (unsigned long long)index);
        break;
    case SB_STANDING_OUT:
        sb_log(SB_LOG_WARN,
               "the organisation is out from entry %llu on: this node gets no more entries and "
               "confirms no more",
               (unsigned long long)index);
        break;
    }
}

/* By `restore` and by a copy put back by hand, which only the log shows. */
static void tell_restored(sb_node *n)
{
    sb_fol_status s;
    sb_follower_status(n->follower, sb_node_now(n), &s);
    if (s.restored && !n->is_restored)
        sb_log(SB_LOG_WARN,
               "this store is restored, or older than what the organisation has confirmed: nothing "
               "is confirmed before it has caught up with the others");
    n->is_restored = s.restored;
}

void sb_node_tend_links(sb_node *n)
{
    uint64_t now_ms = sb_clock_monotonic_ms();
    bool is_time = n->tended_ms == 0 || now_ms - n->tended_ms >= SB_NODE_TEND_MS;
    if (is_time || n->allowed_size != sb_ledger_tree(n->history.ledger)->size)
        allow(n);
    if (!is_time)
        return;
    n->tended_ms = now_ms;
    tell_standing(n);
    tell_restored(n);
    hang_up_unwanted(n); /* what the round before this one didn't want */
    dial_all(n);
}

/* ---- connections ---- */

sb_node_conn *sb_node_conn_find(sb_node *n, uint32_t peer)
{
    for (uint32_t i = 0; i < n->conn_count; i++)
        if (n->conns[i].peer == peer)
            return &n->conns[i];
    return NULL;
}

static bool is_standby(sb_node *n, const uint8_t curve_pk[32])
{
    const Sb__Charter *charter = sb_ledger_charter(n->history.ledger);
    for (size_t i = 0; charter != NULL && i < charter->n_standbys; i++)
        if (charter->standbys[i]->curve_pk.len == 32 &&
            memcmp(charter->standbys[i]->curve_pk.data, curve_pk, 32) == 0)
            return true;
    return false;
}

/* A dialled link's role is what it was dialled for; who dials us is a node, or a standby. */
static sb_fol_role role_of(sb_node *n, const sb_net_event *event)
{
    for (uint32_t i = 0; i < n->dial_count; i++)
        if (n->dials[i].net_link == event->link)
            return n->dials[i].role;
    return is_standby(n, event->peer_pk) ? SB_FOL_ROLE_BROKER : SB_FOL_ROLE_NODE;
}

void sb_node_link_up(sb_node *n, const sb_net_event *event)
{
    if (event->link == n->local_link || n->conn_count == SB_NODE_CONNS_MAX ||
        sb_node_conn_find(n, event->peer) != NULL)
        return;
    sb_node_flush(n);
    sb_fol_role role = role_of(n, event); /* first: going back may fail and leave no ledger */
    sb_node_ahead_take_all(n);
    sb_node_conn *conn = &n->conns[n->conn_count++];
    *conn = (sb_node_conn){.peer = event->peer, .role = role};
    memcpy(conn->curve_pk, event->peer_pk, 32);
    sb_log(SB_LOG_INFO, "%s connected",
           conn->role == SB_FOL_ROLE_BROKER ? "broker" : "another node");
    sb_fol_event up = {
        .kind = SB_FOL_LINK_UP, .link = event->peer, .role = conn->role, .who = conn->curve_pk};
    sb_node_step(n, &up);
}

void sb_node_link_down(sb_node *n, const sb_net_event *event)
{
    sb_node_conn *conn = sb_node_conn_find(n, event->peer);
    if (conn == NULL)
        return;
    sb_node_ahead_take_all(n);
    sb_log(SB_LOG_INFO, "%s lost", conn->role == SB_FOL_ROLE_BROKER ? "broker" : "another node");
    *conn = n->conns[--n->conn_count];
    sb_transfers_gone(&n->transfers, event->peer);
    sb_fol_event down = {.kind = SB_FOL_LINK_DOWN, .link = event->peer};
    sb_node_step(n, &down);
}
