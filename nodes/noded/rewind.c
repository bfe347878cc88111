/* The follower is opened anew: over a history that went back behind a HANDOVER, and over what is
 * committed when the disk was full. */
#include "nodes/host/log.h"
#include "nodes/noded/node.h"

/* The ledger's refusals lie in its ranges; what ends the process is the store's. */
static bool is_refusal(sb_err err)
{
    return err < 1000 || err >= 2000;
}

static bool open_follower(sb_node *n)
{
    sb_fail fail = {0};
    n->opened_anew++;
    n->fol_opts.ledger = n->history.ledger;
    n->fol_opts.log = n->history.reader;
    n->fol_opts.own = sb_store_own(n->history.store);
    sb_follower *before = n->follower;
    n->follower = NULL;
    n->fol_opts.before = before;
    sb_err err = sb_follower_open(&n->follower, &n->fol_opts, &fail);
    n->fol_opts.before = NULL;
    sb_follower_close(before);
    if (err == SB_OK)
        return true;
    sb_node_end_with(n, &fail);
    return false;
}

bool sb_node_rewind(sb_node *n, const sb_fol_effect *effect)
{
    sb_fail fail = {0};
    sb_log(SB_LOG_WARN, "a new term: back to %llu entries", (unsigned long long)effect->index);
    sb_buf_clear(&n->probe);
    sb_buf_add(&n->probe, effect->bytes);
    sb_err err = sb_history_rewind(&n->history, effect->index, effect->bytes, effect->commit->puts,
                                   effect->commit->put_count, &fail);
    if (err != SB_OK && (effect->bytes.len == 0 || !is_refusal(err))) {
        sb_node_end_with(n, &fail);
        return false;
    }
    n->refused_probe = err == SB_OK ? (sb_fail){0} : fail;
    n->reopened = open_follower(n);
    return n->reopened;
}

void sb_node_after_rewind(sb_node *n)
{
    n->reopened = false;
    if (n->refused_probe.code != SB_OK) {
        sb_log_fail(SB_LOG_WARN, "handover refused", &n->refused_probe);
        sb_fol_event event = {.kind = SB_FOL_REWIND_REFUSED,
                              .entry = sb_buf_slice(&n->probe),
                              .refusal = &n->refused_probe};
        sb_node_step(n, &event);
    }
    for (uint32_t i = 0; i < n->conn_count && !n->failed; i++) {
        sb_fol_event up = {.kind = SB_FOL_LINK_UP,
                           .link = n->conns[i].peer,
                           .role = n->conns[i].role,
                           .who = n->conns[i].curve_pk};
        sb_node_step(n, &up);
    }
}

/* ---- a full disk ---- */

bool sb_node_outlive_full(sb_node *n)
{
    sb_fail fail = {0};
    if (n->fail.code != SB_E_STORE_DISK_FULL)
        return false;
    n->failed = false;
    sb_full_refused(&n->full, sb_node_now(n));
    n->reopened = false;
    n->refused_probe = (sb_fail){0};
    if (sb_history_reopen(&n->history, &fail) != SB_OK) {
        sb_follower_close(n->follower);
        n->follower = NULL;
        sb_node_end_with(n, &fail);
    } else if (open_follower(n))
        sb_node_refuse_waiting(n);
    return !n->failed;
}

void sb_node_look_for_room(sb_node *n)
{
    sb_fail fail = {0};
    bool has_room;
    if (sb_full_look(&n->full, &n->history, sb_clock_monotonic_ms(), &has_room, &fail) != SB_OK)
        sb_node_end_with(n, &fail);
    else if (has_room)
        sb_node_after_rewind(n); /* the follower knows no links yet */
}
