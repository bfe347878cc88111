/* Our own clock, as the others' cosigning times tell of it.
 *
 * A cosigning time that rises was read from its organisation's clock just before, so the median of
 * the others' clocks (by the monotonic clock, which nobody sets) says how far ours is off. It is
 * only said, and decides nothing: a broker can hold cosignatures back.
 *
 * What is sure is the other way: whoever cosigned at a time that is later than ours had a clock that
 * said so. A cosigning of our own that lies in the future means that our clock was ahead then, or
 * is behind now; that most others' lie there too tells the second.
 */
#include "nodes/follower/inside.h"

#include <stdlib.h>

/* ---- what is seen ---- */

void sb_fol_clock_saw(sb_follower *f, uint32_t organisation, uint64_t time_s, const sb_now *now)
{
    if (organisation >= SB_ORGANISATIONS_MAX || time_s > UINT64_MAX / 2000)
        return;
    if (organisation >= f->clock_count) {
        f->clocks = sb_xrealloc(f->clocks, (organisation + 1) * sizeof *f->clocks);
        memset(&f->clocks[f->clock_count], 0,
               (organisation + 1 - f->clock_count) * sizeof *f->clocks);
        f->clock_count = organisation + 1;
    }
    sb_fol_clock *clock = &f->clocks[organisation];
    bool is_first = clock->time_s == 0; /* it may be old, and shown again */
    if (time_s <= clock->time_s)
        return;
    clock->time_s = time_s;
    if (is_first || now == NULL)
        return;
    clock->is_measured = true;
    clock->measured_ms = now->mono_ms;
    clock->ahead_ms = (int64_t)(time_s * 1000) - (int64_t)now->mono_ms;
}

void sb_fol_clocks_forget(sb_follower *f)
{
    f->clock_count = 0;
}

static bool is_ours(const Sb__Charter *charter, uint32_t organisation, const char *id)
{
    return charter != NULL && organisation < charter->n_organisations &&
           strcmp(charter->organisations[organisation]->id, id) == 0;
}

/* ---- are we off? ---- */

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The median clock less ours, ours among them; of two in the middle the one nearer to ours. 0: not
 * known. */
static int64_t find_off(sb_follower *f, sb_now now)
{
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    int64_t *offs = SB_ARENA_ARRAY(&f->scratch, int64_t, f->clock_count + 1);
    int64_t ours_ms = (int64_t)now.legal_ms - (int64_t)now.mono_ms;
    size_t count = 0;
    offs[count++] = 0;
    for (uint32_t i = 0; i < f->clock_count; i++) {
        const sb_fol_clock *clock = &f->clocks[i];
        if (clock->is_measured && now.mono_ms - clock->measured_ms < SB_FOL_STALE_MS &&
            sb_ledger_org_is_in(f->ledger, i) && !is_ours(charter, i, f->organisation))
            offs[count++] = clock->ahead_ms - ours_ms;
    }
    if (2 * count <= sb_ledger_orgs_in(f->ledger))
        return 0;
    qsort(offs, count, sizeof *offs, by_value);
    int64_t low = offs[(count - 1) / 2], high = offs[count / 2];
    return low > 0 ? low : high < 0 ? high : 0;
}

void sb_fol_clock_tick(sb_follower *f, sb_now now)
{
    const int64_t bound = SB_TIME_TOLERANCE_MS / 2;
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    if (f->clock_looked_ms != 0 && now.mono_ms - f->clock_looked_ms < FOL_CLOCK_LOOK_MS)
        return;
    f->clock_looked_ms = now.mono_ms;
    bool is_rehearsal = charter == NULL || charter->rehearsal; /* a clock that is set by hand */
    f->clock_off_ms = is_rehearsal ? 0 : find_off(f, now);
    if (f->clock_off_ms <= bound && f->clock_off_ms >= -bound)
        f->has_clock_off = false;
    else if (!f->has_clock_off) {
        f->has_clock_off = true;
        f->clock_off_since_ms = now.mono_ms;
    }
}

int64_t sb_follower_clock_off(const sb_follower *f, sb_now now)
{
    /* a broker that was away may show times that are not quite new: until they are renewed */
    bool lasts = f->has_clock_off && now.mono_ms - f->clock_off_since_ms >= SB_FOL_CLOCK_MS;
    return lasts ? f->clock_off_ms : 0;
}

/* ---- our last cosigning ---- */

/* Most organisations, we among them, cosigned at times that our clock hasn't reached. */
static bool are_most_later(sb_follower *f, sb_now now)
{
    const Sb__Charter *charter = sb_ledger_charter(f->ledger);
    uint32_t count = 1;
    for (uint32_t i = 0; i < f->clock_count; i++)
        count += sb_ledger_org_is_in(f->ledger, i) && !is_ours(charter, i, f->organisation) &&
                 f->clocks[i].time_s * 1000 > now.legal_ms + SB_TIME_TOLERANCE_MS;
    return 2 * count > sb_ledger_orgs_in(f->ledger);
}

uint64_t sb_fol_cosigned_ms(sb_follower *f, sb_now now)
{
    uint64_t said_ms = f->record.cosignature.time_s * 1000;
    if (said_ms <= now.legal_ms + SB_TIME_TOLERANCE_MS || are_most_later(f, now))
        return said_ms;
    uint64_t since_ms = now.mono_ms - f->recosigned_ms, confirmed_ms = f->confirmed_s * 1000;
    if (f->has_recosigned_ms)
        return since_ms < now.legal_ms ? now.legal_ms - since_ms : 0;
    /* since the start none: a quorum's times can't all be wrong as ours was */
    return confirmed_ms <= now.legal_ms + SB_TIME_TOLERANCE_MS ? confirmed_ms : 0;
}
