/* The trace: who, and what, in words. */
#include <stdarg.h>
#include <stdio.h>

#include "tests/sim/frame_words.h"
#include "tests/sim/world_inside.h"

const char *sw_name(const sw *w, uint32_t end)
{
    static char names[4][24]; /* several in one sentence */
    static uint32_t next;
    char *name = names[next++ % 4];
    const sw_end *e = &w->ends[end];
    if (sw_is_node(w, end))
        snprintf(name, sizeof names[0], "node %u", end);
    else
        snprintf(name, sizeof names[0], "%s %u", e->standby != NULL ? "standby" : "broker",
                 end - w->o.nodes);
    return name;
}

void sw_say(const sw *w, uint32_t end, const char *format, ...)
{
    va_list args;
    if (!w->o.trace)
        return;
    printf("%9llu ms  %s ", (unsigned long long)w->now_ms, sw_name(w, end));
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n");
}

void sw_say_message(const sw *w, uint32_t from, uint32_t to, sw_kind kind, sb_slice bytes,
                    const char *how)
{
    static const char *const KINDS[] = {"", "wants a blob", "blob", "puts a blob", "has the blob"};
    sb_buf words;
    if (!w->o.trace)
        return;
    sb_buf_init(&words);
    sb_buf_str(&words, KINDS[kind]);
    if (kind == SW_FRAME)
        sim_frame_words(bytes, &words);
    sw_say(w, from, "-> %s %s%s", sw_name(w, to), sb_buf_cstr(&words), how);
    sb_buf_deinit(&words);
}

void sw_say_commit(const sw *w, uint32_t end, const sb_log_commit *c)
{
    sb_buf words;
    if (!w->o.trace)
        return;
    sb_buf_init(&words);
    if (c->leaf_count > 0)
        sb_buf_printf(&words, " %zu leaves to %llu:", c->leaf_count,
                      (unsigned long long)(c->first + c->leaf_count));
    sim_commit_words(c, sw_is_node(w, end) ? SIM_NODE : SIM_BROKER, &words);
    sw_say(w, end, "commits%s", sb_buf_cstr(&words));
    sb_buf_deinit(&words);
}

void sw_show(sw *w)
{
    for (uint32_t i = 0; i < w->end_count; i++) {
        sb_fol_status t;
        sb_seq_status q;
        sb_standby_status s;
        const sw_end *e = &w->ends[i];
        fprintf(stderr, "%s: ", sw_name(w, i));
        if (i < w->o.nodes && sw_status(w, i, &t))
            fprintf(stderr,
                    "term %u size %llu cosigned %u:%llu promised %u certified %llu final %llu "
                    "outbox %u block %d blobs %u broker %d disk lost %d stale %d catching up %d\n",
                    t.term, (unsigned long long)t.size, t.cosigned_term,
                    (unsigned long long)t.cosigned_size, t.promised_term,
                    (unsigned long long)t.certified_size, (unsigned long long)t.final_size,
                    t.outbox, (int)t.block, t.blobs_missing, t.broker_up, e->disk_lost, t.stale,
                    t.catching_up);
        else if (e->seq != NULL && sw_seq_status(w, i, &q))
            fprintf(stderr, "sequences term %u size %llu certified %llu clock bad %d off %lld ms\n",
                    q.term, (unsigned long long)q.size, (unsigned long long)q.certified_size,
                    q.clock_bad, (long long)q.clock_off_ms);
        else if (e->standby != NULL && sw_standby_status(w, i, &s))
            fprintf(stderr,
                    "follows term %u size %llu phase %d asked %u promised %u/%u silent %llu "
                    "refusal %s\n",
                    s.term, (unsigned long long)s.size, (int)s.phase, s.asked_term, s.promised,
                    s.needed, (unsigned long long)s.silent_ms,
                    s.has_refusal ? sb_err_name(s.refusal.code) : "-");
        else
            fprintf(stderr, "down, lost %d\n", e->lost);
    }
}
