/* "status": how the node stands. */
#include "nodes/noded/queries_inside.h"

const char *sb_node_state_word(sb_fol_state state)
{
    switch (state) {
    case SB_FOL_STATE_EMPTY:
        return "empty";
    case SB_FOL_STATE_DIVERGED:
        return "diverged";
    case SB_FOL_STATE_CONFLICT:
        return "conflict";
    case SB_FOL_STATE_STALE:
        return "stale";
    case SB_FOL_STATE_NOT_CONFIRMED:
        return "not_confirmed";
    case SB_FOL_STATE_CERTIFIED:
        return "certified";
    case SB_FOL_STATE_FINAL:
        return "final";
    }
    return "";
}

static const char *block_word(sb_fol_block block)
{
    switch (block) {
    case SB_FOL_BLOCK_NONE:
        return NULL;
    case SB_FOL_BLOCK_NO_KEY:
        return "no_key";
    case SB_FOL_BLOCK_DIVERGED:
        return "diverged";
    case SB_FOL_BLOCK_CONFLICT:
        return "conflict";
    case SB_FOL_BLOCK_BLOBS:
        return "blobs";
    case SB_FOL_BLOCK_LEAF_EARLY:
        return "leaf_early";
    case SB_FOL_BLOCK_LEAF_LATE:
        return "leaf_late";
    case SB_FOL_BLOCK_PROMISED:
        return "promised";
    case SB_FOL_BLOCK_RECORD:
        return "record";
    case SB_FOL_BLOCK_RESTORED:
        return "restored";
    case SB_FOL_BLOCK_CATCHUP:
        return "catchup";
    }
    return NULL;
}

static void write_fail(sb_json *j, const sb_fail *fail)
{
    key_u64(j, "code", (uint64_t)fail->code);
    key_str(j, "name", sb_err_name(fail->code));
    sb_json_key(j, "args");
    sb_json_array(j);
    for (uint32_t i = 0; i < fail->argc; i++)
        sb_json_cstr(j, fail->arg[i]);
    sb_json_end_array(j);
}

static void write_diverged(sb_json *j, const sb_fol_status *s)
{
    sb_json_key(j, "diverged");
    if (!s->diverged) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    key_u64(j, "index", s->diverged_index);
    write_fail(j, &s->diverged_fail);
    sb_json_end_object(j);
}

static void write_broker(sb_json *j, const sb_fol_status *s)
{
    sb_json_key(j, "broker");
    sb_json_object(j);
    key_bool(j, "connected", s->broker_up);
    key_u64(j, "size", s->broker_size);
    sb_json_key(j, "withheld");
    if (s->withheld_size > 0) {
        sb_json_object(j);
        key_u64(j, "size", s->withheld_size);
        key_u64(j, "since_ms", s->withheld_since_ms);
        sb_json_end_object(j);
    } else {
        sb_json_null(j);
    }
    sb_json_key(j, "refused");
    if (!s->broker_up && s->broker_refused && s->broker_fail.code != SB_OK) {
        sb_json_object(j);
        write_fail(j, &s->broker_fail);
        sb_json_end_object(j);
    } else {
        sb_json_null(j);
    }
    sb_json_key(j, "fault");
    if (s->faults > 0) {
        sb_json_object(j);
        key_u64(j, "count", s->faults);
        key_u64(j, "since_ms", s->fault_ms);
        write_fail(j, &s->fault);
        sb_json_end_object(j);
    } else {
        sb_json_null(j);
    }
    sb_json_end_object(j);
}

static void write_confirmed(sb_json *j, const sb_fol_status *s)
{
    key_str(j, "state", sb_node_state_word(s->state));
    key_u64(j, "since_ms", s->since_ms);
    key_u64(j, "confirmed_size", s->confirmed_size);
    key_u64(j, "confirmed", s->confirmed);
    key_u64(j, "needed", s->needed);
    key_u64(j, "organisations", s->organisations);
    key_u64(j, "confirmed_at_ms", s->confirmed_at_s * 1000);
    key_bool(j, "stale", s->stale);
    key_bool(j, "enough", s->enough);
}

/* ---- which organisations ---- */

typedef bool org_is(const sb_node_view *v, uint32_t i, const sb_ledger_org *org);

static bool has_left(const sb_node_view *v, uint32_t i, const sb_ledger_org *org)
{
    (void)org;
    return !sb_ledger_org_is_in(v->history->ledger, i);
}

/* … the newest head. */
static bool is_unconfirmed(const sb_node_view *v, uint32_t i, const sb_ledger_org *org)
{
    return !has_left(v, i, org) && !sb_follower_has_confirmed(v->follower, i);
}

/* While the federation is being founded. */
static bool is_unaccepted(const sb_node_view *v, uint32_t i, const sb_ledger_org *org)
{
    return !has_left(v, i, org) && !org->accepted &&
           sb_ledger_phase_get(v->history->ledger) == SB_PHASE_ACCEPTING;
}

static void write_orgs(sb_json *j, const sb_node_view *v, const char *key, org_is *belongs)
{
    sb_ledger_org org;
    uint32_t count = sb_ledger_org_count(v->history->ledger);
    sb_json_key(j, key);
    sb_json_array(j);
    for (uint32_t i = 0; i < count; i++)
        if (sb_ledger_org_get(v->history->ledger, i, &org) && belongs(v, i, &org))
            sb_json_cstr(j, org.id);
    sb_json_end_array(j);
}

/* Our own organisation's, when it isn't simply one of them. */
static void write_standing(sb_json *j, const sb_node_view *v)
{
    uint64_t index = 0;
    sb_ledger_standing standing =
        sb_ledger_org_standing(v->history->ledger, v->organisation, &index);
    sb_json_key(j, "standing");
    if (standing == SB_STANDING_MEMBER) {
        sb_json_null(j);
        return;
    }
    sb_json_object(j);
    key_str(j, "state", standing == SB_STANDING_OUT ? "out" : "leaving");
    key_u64(j, "index", index);
    sb_json_end_object(j);
}

static void write_terms(sb_json *j, const sb_fol_status *s)
{
    key_u64(j, "term", s->term);
    key_u64(j, "cosigned_term", s->cosigned_term);
    key_u64(j, "cosigned_size", s->cosigned_size);
    key_u64(j, "promised_term", s->promised_term);
    key_u64(j, "catchup_term", s->catchup_term);
    key_bool(j, "restored", s->restored);
}

sb_err sb_node_query_status(const sb_node_view *v, const Sb__Query *q, sb_json *j, sb_fail *fail)
{
    (void)q;
    (void)fail;
    sb_fol_status s;
    char origin[SB_ORIGIN_BYTES_MAX + 1] = "";
    sb_follower_status(v->follower, v->now, &s);
    sb_ledger_origin(v->history->ledger, origin, sizeof origin);
    sb_json_object(j);
    key_str(j, "organisation", v->organisation);
    key_hash(j, "federation", v->federation_id);
    key_str(j, "origin", origin);
    key_str(j, "version", SB_VERSION);
    key_bool(j, "rehearsal", v->is_rehearsal);
    write_terms(j, &s);
    key_u64(j, "size", s.size);
    key_u64(j, "known_size", s.known_size);
    key_hash(j, "root", s.root);
    key_hash(j, "digest", s.digest);
    key_u64(j, "certified_size", s.certified_size);
    key_u64(j, "final_size", s.final_size);
    key_u64(j, "settled_size", sb_history_settled_size(v->history));
    sb_json_key(j, "final_root");
    if (s.final_size > 0)
        sb_json_hex(j, sb_slice_of(s.final_root, 32));
    else
        sb_json_null(j);
    write_confirmed(j, &s);
    write_orgs(j, v, "unconfirmed", is_unconfirmed);
    write_orgs(j, v, "unaccepted", is_unaccepted);
    write_orgs(j, v, "left", has_left);
    write_standing(j, v);
    write_broker(j, &s);
    key_u64(j, "peers", s.peers_up);
    key_u64(j, "outbox", s.outbox);
    key_u64(j, "held_back", s.held_back);
    key_u64(j, "blobs_missing", s.blobs_missing);
    key_str(j, "blocked", block_word(s.block));
    sb_json_key(j, "clock_off_ms");
    sb_json_i64(j, s.clock_off_ms);
    key_u64(j, "disk_full_since_ms", v->disk_full_since_ms);
    write_diverged(j, &s);
    key_u64(j, "evidence", s.evidence);
    key_u64(j, "time_ms", v->now.legal_ms);
    sb_json_end_object(j);
    return SB_OK;
}
