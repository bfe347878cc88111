/* Two clocks each: the legal one is off by something and drifts, may be set, and goes over a restart;
 * the monotonic one drifts with it, and may begin anew when the machine does. */
#include "tests/sim/world_inside.h"

static int64_t either_way(sw *w, uint64_t max)
{
    return (int64_t)sw_below(w, 2 * max + 1) - (int64_t)max;
}

void sw_clock_init(sw *w, sw_end *e)
{
    e->offset_ms = either_way(w, w->o.offset_ms_max);
    e->drift_ppm = either_way(w, w->o.drift_ppm_max);
    e->mono_ms = 1000 + (int64_t)sw_below(w, 1000 * 1000);
}

void sw_clock_restart(sw *w, sw_end *e)
{
    if (sw_below(w, 4) == 0) /* the machine too */
        e->mono_ms = 1000 + (int64_t)sw_below(w, 60 * 1000) - (int64_t)w->now_ms;
}

sb_now sw_now_of(const sw *w, uint32_t end)
{
    const sw_end *e = &w->ends[end];
    int64_t run_ms = (int64_t)w->now_ms + (int64_t)w->now_ms * e->drift_ppm / 1000000;
    return (sb_now){.legal_ms = (uint64_t)((int64_t)w->legal_ms + e->offset_ms + run_ms),
                    .mono_ms = (uint64_t)(e->mono_ms + run_ms)};
}

void sw_all_clocks_forward(sw *w, uint64_t ms)
{
    w->legal_ms += ms;
}

void sw_clock_jump(sw *w, uint32_t end, int64_t ms)
{
    w->ends[end].offset_ms += ms;
    w->counts.clock_jumps++;
    sw_say(w, end, "its clock jumps by %lld s", (long long)ms / 1000);
}
