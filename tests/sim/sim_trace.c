#include "tests/sim/sim_trace.h"

#include "tests/sim/frame_words.h"

void sim_trace_seq(const sb_seq_effects *effects, sb_buf *out)
{
    for (size_t i = 0; i < effects->count; i++) {
        const sb_seq_effect *e = &effects->items[i];
        switch (e->kind) {
        case SB_SEQ_SEND:
            sb_buf_printf(out, "send %llu ", (unsigned long long)e->peer);
            sim_frame_words(e->bytes, out);
            break;
        case SB_SEQ_COMMIT:
            sb_buf_str(out, "commit");
            sim_commit_words(e->commit, SIM_BROKER, out);
            break;
        case SB_SEQ_FATAL:
            sb_buf_printf(out, "fatal %s", sb_err_name(e->fail.code));
            break;
        }
        sb_buf_str(out, "\n");
    }
}

void sim_trace_fol(const sb_fol_effects *effects, sb_buf *out)
{
    static const char *const notes[] = {"queued", "receipt", "refused", "final", "consented"};
    for (size_t i = 0; i < effects->count; i++) {
        const sb_fol_effect *e = &effects->items[i];
        switch (e->kind) {
        case SB_FOL_SEND:
            sb_buf_str(out, "send ");
            if (e->link != 1)
                sb_buf_printf(out, "%u ", e->link);
            sim_frame_words(e->bytes, out);
            break;
        case SB_FOL_COMMIT:
            sb_buf_str(out, "commit");
            sim_commit_words(e->commit, SIM_NODE, out);
            break;
        case SB_FOL_NOTIFY:
            sb_buf_printf(out, "notify %llu %s", (unsigned long long)e->member, notes[e->note]);
            if (e->note == SB_FOL_REFUSED)
                sb_buf_printf(out, " %s", sb_err_name(e->fail.code));
            if (e->note == SB_FOL_RECEIPT || e->note == SB_FOL_FINAL)
                sb_buf_printf(out, " index %llu", (unsigned long long)e->index);
            break;
        case SB_FOL_WANT_BLOB:
            sb_buf_str(out, "want blob");
            break;
        case SB_FOL_PUT_BLOB:
            sb_buf_str(out, "put blob");
            break;
        case SB_FOL_DIVERGED:
            sb_buf_printf(out, "diverged at %llu %s", (unsigned long long)e->index,
                          sb_err_name(e->fail.code));
            break;
        case SB_FOL_CONFLICT:
            sb_buf_printf(out, "conflict %s", sb_err_name(e->fail.code));
            break;
        case SB_FOL_REWIND:
            sb_buf_printf(out, "rewind to %llu%s commit", (unsigned long long)e->index,
                          e->bytes.len > 0 ? " probe" : "");
            sim_commit_words(e->commit, SIM_NODE, out);
            break;
        }
        sb_buf_str(out, "\n");
    }
}
