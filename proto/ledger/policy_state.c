/* Which policies hold at which size, and whose witness key counts there: rows that are only added
 * to, so that what a head needs is a function of the head alone (DESIGN §4 "Quorum"). */
#include "proto/base/cursor.h"
#include "proto/ledger/core.h"
#include "proto/ledger/membership.h"
#include "proto/ledger/policy.h"

/* ---- rows ---- */

static sb_slice pack_groups(sb_arena *arena, const sb_policy *p)
{
    size_t len = 0;
    for (uint32_t i = 0; i < p->group_count; i++)
        len += 8 + 4 * (size_t)p->groups[i].member_count;
    uint8_t *bytes = sb_arena_alloc(arena, len);
    sb_writer w = sb_writer_over(bytes, len);
    for (uint32_t i = 0; i < p->group_count; i++) {
        sb_write_u32(&w, p->groups[i].threshold);
        sb_write_u32(&w, p->groups[i].member_count);
        for (uint32_t k = 0; k < p->groups[i].member_count; k++)
            sb_write_u32(&w, p->groups[i].members[k]);
    }
    return sb_writer_slice(&w);
}

/* Our own bytes; what doesn't fit a policy is an unreadable row. */
static bool unpack_groups(sb_arena *arena, sb_slice bytes, sb_policy *out)
{
    sb_policy_group *groups = SB_ARENA_ARRAY(arena, sb_policy_group, SB_WITNESS_GROUPS_MAX);
    sb_reader r = sb_reader_over(bytes);
    uint32_t count = 0;
    while (sb_reader_left(&r) > 0 && count < SB_WITNESS_GROUPS_MAX) {
        sb_policy_group *g = &groups[count++];
        g->threshold = sb_read_u32(&r);
        g->member_count = sb_read_u32(&r);
        if (g->member_count > SB_ORGANISATIONS_MAX || g->threshold > g->member_count)
            return false;
        uint32_t *members = SB_ARENA_ARRAY(arena, uint32_t, g->member_count);
        for (uint32_t i = 0; i < g->member_count; i++) {
            members[i] = sb_read_u32(&r);
            if ((members[i] & SB_POLICY_GROUP) != 0 && (members[i] & ~SB_POLICY_GROUP) + 1 >= count)
                return false;
        }
        g->members = members;
    }
    out->groups = groups;
    out->group_count = count;
    return count > 0 && sb_reader_done(&r);
}

/* Adds policy `no` to the set; 0: none. */
static void add(sb_kv *kv, sb_arena *arena, uint32_t no, sb_policies *out)
{
    sb_row_policy row = {.no = no};
    sb_policy *p = &out->of[out->count];
    if (no == 0)
        return;
    *p = (sb_policy){.no = no};
    if (sb_row_policy_get(kv, arena, &row) && unpack_groups(arena, row.groups, p)) {
        p->version = row.version;
        out->count++;
    } else if (sb_kv_error(kv) == SB_OK) {
        kv->error = SB_E_LEDGER_STATE;
    }
}

static bool state_at(sb_kv *kv, uint64_t size, sb_row_policy_state *out)
{
    *out = (sb_row_policy_state){.index = size};
    return size > 0 && sb_row_policy_state_next(kv, NULL, out, false, 0);
}

/* ---- which hold ---- */

void sb_policies_hold(sb_kv *kv, sb_arena *arena, uint64_t size, sb_policies *out)
{
    sb_row_policy_state at;
    *out = (sb_policies){.count = 0};
    if (!state_at(kv, size, &at))
        return;
    add(kv, arena, at.cur, out);
    add(kv, arena, at.next, out);
}

void sb_policies_seal(sb_kv *kv, sb_arena *arena, uint64_t size, sb_policies *out)
{
    sb_row_policy_state at;
    sb_policies_hold(kv, arena, size, out);
    if (state_at(kv, size, &at))
        add(kv, arena, at.pend, out);
}

/* What a SEAL of a head of `size` leaves makes of it; false: nothing. */
static bool move_on(sb_row_policy_state *at, uint64_t size, uint64_t seal_index)
{
    if (at->next != 0 && at->start < size) {
        at->cur = at->next;
        at->next = 0;
        at->start = 0;
        return true;
    }
    if (at->pend != 0 && at->pend_at < size) {
        at->next = at->pend;
        at->start = seal_index;
        at->pend = 0;
        at->pend_at = 0;
        return true;
    }
    return false;
}

void sb_policies_after(sb_kv *kv, sb_arena *arena, uint64_t size, sb_policies *out)
{
    sb_row_policy_state at;
    *out = (sb_policies){.count = 0};
    if (!state_at(kv, size, &at))
        return;
    (void)move_on(&at, size, size);
    add(kv, arena, at.cur, out);
    add(kv, arena, at.next, out);
}

bool sb_policy_next_in(sb_kv *kv, uint64_t size)
{
    sb_row_policy_state at;
    return state_at(kv, SB_NOW, &at) && at.next != 0 && at.start < size;
}

bool sb_policies_satisfied(const sb_policies *p, const bool *confirmed, size_t count,
                           uint32_t *have, uint32_t *needed)
{
    bool all = p->count > 0;
    uint32_t shown = 0;
    for (uint32_t i = 0; all && i < p->count; i++)
        if (!sb_policy_satisfied(&p->of[i], confirmed, count)) {
            all = false;
            shown = i;
        }
    if (have != NULL)
        *have = p->count == 0 ? 0 : sb_policy_have(&p->of[shown], confirmed, count);
    if (needed != NULL)
        *needed = p->count == 0 ? UINT32_MAX : sb_policy_needs(&p->of[shown]);
    return all;
}

uint32_t sb_policies_may_lie(const sb_policies *p)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        uint32_t may = sb_policy_may_lie(&p->of[i]);
        most = may > most ? may : most;
    }
    return most;
}

/* ---- whose key ---- */

static bool in_force(const sb_row_witness *w, uint64_t size)
{
    return w->since < size && (w->until == 0 || size <= w->until);
}

bool sb_witness_at(sb_kv *kv, const uint8_t pk[32], uint64_t size, uint32_t *organisation)
{
    sb_row_key key;
    if (!sb_key_find(kv, pk, &key) || key.kind != SB_KEY_KIND_WITNESS)
        return false;
    sb_row_witness row = {.org = key.org, .since = size};
    while (sb_row_witness_next(kv, NULL, &row, false, 1))
        if (memcmp(row.pk, pk, 32) == 0 && in_force(&row, size)) {
            *organisation = row.org;
            return true;
        }
    return false;
}

bool sb_witness_of(sb_kv *kv, uint32_t organisation, uint64_t size, uint8_t pk[32])
{
    sb_row_witness row = {.org = organisation, .since = size};
    if (!sb_row_witness_next(kv, NULL, &row, false, 1) || !in_force(&row, size))
        return false;
    memcpy(pk, row.pk, 32);
    return true;
}

void sb_witness_begin(sb_step *s, const uint8_t pk[32], uint32_t organisation)
{
    sb_row_witness row = {.org = organisation, .since = s->index};
    memcpy(row.pk, pk, 32);
    sb_row_witness_put(s->kv, &row);
}

void sb_witness_end(sb_step *s, const uint8_t pk[32])
{
    sb_row_key key;
    if (!sb_key_find(s->kv, pk, &key))
        return;
    sb_row_witness row = {.org = key.org, .since = UINT64_MAX};
    while (sb_row_witness_next(s->kv, NULL, &row, false, 1))
        if (memcmp(row.pk, pk, 32) == 0 && row.until == 0) {
            row.until = s->index;
            sb_row_witness_put(s->kv, &row);
            return;
        }
}

/* ---- writing ---- */

uint32_t sb_policy_put(sb_step *s, const sb_policy *p, uint32_t version)
{
    sb_row_policy last = {.no = 0};
    while (sb_row_policy_next(s->kv, s->arena, &last, false, 0))
        ;
    sb_row_policy row = {.no = last.no + 1, .version = version, .groups = pack_groups(s->arena, p)};
    sb_row_policy_put(s->kv, &row);
    return row.no;
}

void sb_policy_found(sb_step *s, const Sb__Charter *charter)
{
    sb_policy p;
    sb_policy_of_charter(charter, s->arena, &p);
    sb_row_policy_state row = {.index = s->index, .cur = sb_policy_put(s, &p, 1)};
    sb_row_policy_state_put(s->kv, &row);
}

void sb_policy_sealed(sb_step *s, uint64_t size)
{
    sb_row_policy_state at;
    if (!state_at(s->kv, SB_NOW, &at))
        return;
    const sb_row_policy_state before = at;
    at.index = s->index;
    if (!move_on(&at, size, s->index))
        return;
    sb_row_policy_state_put(s->kv, &at);
    if (at.pend != before.pend)
        sb_membership_done(s, at.next);
    else
        sb_membership_retire(s);
}
