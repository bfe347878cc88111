/* How the node stands. */
#include "nodes/follower/inside.h"

enum { SYSTEM_LEAVES_MAX = 64 }; /* above what is final, with nothing else among them */

static bool is_system(sb_slice leaf)
{
    uint8_t type = leaf.len > 9 ? leaf.data[9] : 0; /* after the time and the version */
    return type == SB_ENTRY_STATE || type == SB_ENTRY_SEAL || type == SB_ENTRY_HANDOVER;
}

/* The first entry of somebody's above `size`; false: there is none, or it is far up. */
static bool first_entry(sb_follower *f, uint64_t size, uint64_t *time_ms, bool *is_far)
{
    *is_far = false;
    for (uint64_t i = size; i < f->committed; i++) {
        sb_slice leaf;
        *is_far = i - size >= SYSTEM_LEAVES_MAX;
        if (*is_far || !f->log.leaf(f->log.arg, i, &leaf))
            return false;
        if (is_system(leaf))
            continue;
        sb_reader r = sb_reader_over(leaf);
        *time_ms = sb_read_u64(&r);
        return true;
    }
    return false;
}

static void find_state(sb_follower *f, sb_fol_status *out)
{
    uint64_t time_ms = 0;
    bool is_far;
    bool has_entry = first_entry(f, f->final_size, &time_ms, &is_far);
    if (f->diverged) {
        out->state = SB_FOL_STATE_DIVERGED;
        out->since_ms = f->diverged_ms;
    } else if (f->conflict) {
        out->state = SB_FOL_STATE_CONFLICT;
        out->since_ms = out->confirmed_at_s * 1000;
    } else if (f->committed == 0) {
        out->state = SB_FOL_STATE_EMPTY;
    } else if (out->stale) {
        out->state = SB_FOL_STATE_STALE;
        out->since_ms = out->confirmed_at_s * 1000;
    } else if (f->final_size > 0 && !has_entry && !is_far) {
        out->state = SB_FOL_STATE_FINAL;
        out->since_ms = out->confirmed_at_s * 1000;
    } else {
        uint64_t above_certified = 0;
        bool is_all = f->certified_size > 0 && !f->catchup.is_on &&
                      !first_entry(f, f->certified_size, &above_certified, &is_far) && !is_far;
        is_all = is_all && !out->waits_for_more;
        out->state = is_all ? SB_FOL_STATE_CERTIFIED : SB_FOL_STATE_NOT_CONFIRMED;
        out->since_ms = time_ms;
    }
}

static void count_outbox(sb_follower *f, sb_now now, sb_fol_status *out)
{
    out->outbox = (uint32_t)f->row_count;
    for (size_t i = 0; i < f->row_count; i++) {
        const sb_fol_row *row = &f->rows[i];
        out->held_back +=
            !row->has_receipt && !row->in_log && now.mono_ms - row->since_ms >= SB_FOL_HELD_BACK_MS;
    }
}

static bool has_seen(const sb_follower *f)
{
    return f->seen_head.size > 0 && f->seen_head.size <= f->committed;
}

bool sb_follower_has_confirmed(const sb_follower *f, uint32_t organisation)
{
    for (size_t i = 0; has_seen(f) && i < f->seen_count; i++)
        if (f->seen[i].org == organisation)
            return true;
    return false;
}

/* Of a history of which nothing was ever confirmed nobody believes that it is fresh. */
static bool is_stale(const sb_follower *f, sb_now now)
{
    bool is_new = f->certified_size == 0 && f->final_size == 0;
    if (!f->has_fresh_ms && !is_new)
        return true;
    return now.mono_ms - (f->has_fresh_ms ? f->fresh_ms : f->silent_ms) >= SB_FOL_STALE_MS;
}

static void find_confirmed(sb_follower *f, sb_now now, sb_fol_status *out)
{
    uint32_t count = sb_ledger_org_count(f->ledger);
    out->organisations = sb_ledger_orgs_in(f->ledger);
    if (count > 0 && has_seen(f)) {
        out->confirmed_size = f->seen_head.size;
        out->enough = sb_fol_has_enough(f, &out->confirmed, &out->needed);
        if (out->enough && !sb_fol_can_be_sealed(f, &out->confirmed, &out->needed)) {
            out->enough = false;
            out->waits_for_more = true;
        }
    } else if (count > 0) {
        sb_ledger_quorum(f->ledger, f->committed, NULL, 0, &out->confirmed, &out->needed);
    }
    if (out->needed == UINT32_MAX)
        out->needed = 0;
    out->confirmed_at_s = f->confirmed_s;
    out->stale = is_stale(f, now);
}

static uint32_t count_peers(const sb_follower *f)
{
    static const uint8_t UNKNOWN[32];
    uint32_t count = 0;
    for (size_t i = 0; i < f->link_count; i++) {
        const sb_fol_link *link = &f->links[i];
        bool counts = link->role == SB_FOL_ROLE_NODE && link->welcomed;
        for (size_t k = 0; counts && k < i; k++) /* it dialled us, and we it */
            counts = !(f->links[k].role == SB_FOL_ROLE_NODE && f->links[k].welcomed &&
                       memcmp(f->links[k].who, UNKNOWN, 32) != 0 &&
                       memcmp(f->links[k].who, link->who, 32) == 0);
        count += counts;
    }
    return count;
}

/* How far the log goes, as far as signed heads tell. */
static uint64_t known_size(const sb_follower *f, const sb_fol_status *s)
{
    uint64_t known = s->broker_size > s->size ? s->broker_size : s->size;
    for (size_t i = 0; i < f->link_count; i++)
        if (!f->links[i].refused && f->links[i].claim.len == 0 && f->links[i].ahead.size > known)
            known = f->links[i].ahead.size;
    return known;
}

void sb_follower_status(sb_follower *f, sb_now now, sb_fol_status *out)
{
    memset(out, 0, sizeof *out);
    sb_ledger_position position;
    sb_ledger_position_get(f->ledger, &position);
    out->size = position.size;
    memcpy(out->root, position.root, 32);
    memcpy(out->digest, position.digest, 32);
    out->term = sb_fol_term(f);
    out->broker_size = f->broker_size > f->head.size ? f->broker_size : f->head.size;
    out->known_size = known_size(f, out);
    out->certified_size = f->certified_size;
    out->final_size = f->final_size;
    memcpy(out->final_root, f->final_root, 32);
    out->cosigned_size = f->record.last.size;
    out->cosigned_term = f->record.last.term;
    out->promised_term = f->promised.term;
    out->broker_link = f->followed;
    out->broker_up = f->followed != 0;
    out->broker_refused = f->broker_refused;
    out->broker_fail = f->broker_fail;
    out->diverged = f->diverged;
    out->diverged_index = f->diverged_index;
    out->diverged_fail = f->diverged_fail;
    out->conflict = f->conflict;
    out->evidence = f->evidence_count;
    out->block = f->diverged        ? SB_FOL_BLOCK_DIVERGED
                 : f->catchup.is_on ? SB_FOL_BLOCK_CATCHUP
                 : f->conflict      ? SB_FOL_BLOCK_CONFLICT
                                    : f->block;
    out->blobs_missing = sb_fol_missing_count(f);
    out->clock_off_ms = sb_follower_clock_off(f, now);
    out->peers_up = count_peers(f);
    out->faults = f->faults;
    out->fault = f->fault;
    out->fault_ms = f->fault_ms;
    out->withheld_size = f->withheld_ms == 0 ? 0 : f->withheld_size;
    out->withheld_since_ms = f->withheld_ms;
    out->restored = f->is_restored;
    out->catching_up = f->catchup.is_on;
    out->catchup_term = f->catchup.is_on ? f->catchup.term : 0;
    find_confirmed(f, now, out);
    find_state(f, out);
    count_outbox(f, now, out);
}

sb_slice sb_follower_head(const sb_follower *f)
{
    return sb_buf_slice(&f->head_note);
}

sb_slice sb_follower_certified(const sb_follower *f)
{
    return sb_buf_slice(&f->certified_note);
}

sb_slice sb_follower_final_proof(const sb_follower *f)
{
    return sb_buf_slice(&f->final_note);
}

bool sb_follower_cosigned(const sb_follower *f, sb_checkpoint *head, uint8_t witness_pk[32],
                          sb_cosignature *cosignature)
{
    const sb_fol_record *record = &f->record;
    *head = (sb_checkpoint){.size = record->last.size};
    memcpy(head->root, record->last.root, 32);
    memcpy(witness_pk, record->witness_pk, 32);
    *cosignature = record->cosignature;
    return record->last.size > 0 && record->last.term == sb_ledger_term(f->ledger) &&
           sb_ledger_origin(f->ledger, head->origin, sizeof head->origin);
}
