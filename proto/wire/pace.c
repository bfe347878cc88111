#include "proto/wire/pace.h"

/* So many times what a frame takes: also a frame of 1,024 leaves after short ones of 256 comes in time. */
enum { PATIENCE = 4 };

static uint64_t wait_of(const sb_pace *p)
{
    return p->wait_ms == 0 ? SB_PACE_MS : p->wait_ms;
}

static uint64_t bounded(uint64_t ms)
{
    return ms < SB_PACE_MS ? SB_PACE_MS : ms > SB_PACE_MS_MAX ? SB_PACE_MS_MAX : ms;
}

void sb_pace_begin(sb_pace *p, uint64_t now_ms, bool is_behind)
{
    *p = (sb_pace){.since_ms = now_ms, .is_waiting = is_behind, .is_again = !is_behind};
}

void sb_pace_asked(sb_pace *p, uint64_t now_ms)
{
    if (p->is_waiting) {
        p->wait_ms = bounded(2 * wait_of(p));
        p->is_again = true;
    }
    p->is_waiting = true;
    p->since_ms = now_ms;
}

void sb_pace_came(sb_pace *p, uint64_t now_ms, bool is_behind)
{
    if (p->since_ms == 0)
        return; /* nobody asked */
    if (!is_behind)
        p->wait_ms = SB_PACE_MS;
    else if (!p->is_again)
        p->wait_ms = bounded(PATIENCE * (now_ms - p->since_ms));
    p->since_ms = now_ms;
    p->is_waiting = p->is_again = false;
}

bool sb_pace_is_over(const sb_pace *p, uint64_t now_ms)
{
    return p->since_ms == 0 || now_ms - p->since_ms >= wait_of(p);
}

bool sb_pace_is_slow(const sb_pace *p)
{
    return wait_of(p) > SB_PACE_MS;
}
