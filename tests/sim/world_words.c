/* The trace: who, and what, in words. */
#include <stdarg.h>
#include <stdio.h>

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

static void note_words(ProtobufCBinaryData note, sb_buf *out)
{
    sb_checkpoint head = {0};
    sb_note parsed = {0};
    sb_slice bytes = sb_slice_of(note.data, note.len);
    if (note.len == 0 || sb_checkpoint_parse(bytes, &head, NULL) != SB_OK)
        return;
    sb_note_parse(bytes, &parsed, NULL);
    sb_buf_printf(out, ", head %llu", (unsigned long long)head.size);
    if (parsed.line_count > 1)
        sb_buf_printf(out, " cosigned by %u", parsed.line_count - 1);
}

static void promise_words(const Sb__PromiseGiven *p, sb_buf *out)
{
    if (p->signature.len == 0) {
        sb_buf_printf(out, "PromiseGiven term %u: would, SEAL %u/%llu", p->term,
                      p->seal == NULL ? 0 : p->seal->term,
                      (unsigned long long)(p->seal == NULL ? 0 : p->seal->size));
        return;
    }
    sb_buf_printf(out, "PromiseGiven term %u, SEAL %u/%llu, cosigned %u/%llu", p->term,
                  p->seal == NULL ? 0 : p->seal->term,
                  (unsigned long long)(p->seal == NULL ? 0 : p->seal->size),
                  p->cosigned == NULL ? 0 : p->cosigned->term,
                  (unsigned long long)(p->cosigned == NULL ? 0 : p->cosigned->size));
}

static void entry_words(sb_slice bytes, sb_buf *out)
{
    sb_entry entry;
    bool ok = sb_entry_parse(bytes, &entry, NULL) == SB_OK;
    sb_buf_printf(out, " %s", ok ? sb_entry_type_name(entry.type) : "?");
}

static void body_words(const Sb__Frame *f, sb_buf *out)
{
    switch (f->body_case) {
    case SB__FRAME__BODY_HELLO:
        sb_buf_printf(out, "Hello, %llu leaves, term %u", (unsigned long long)f->hello->size,
                      f->hello->term);
        break;
    case SB__FRAME__BODY_WELCOME:
        sb_buf_printf(out, "Welcome, %llu leaves, term %u", (unsigned long long)f->welcome->size,
                      f->welcome->term);
        note_words(f->welcome->head, out);
        break;
    case SB__FRAME__BODY_PULL:
        sb_buf_printf(out, "Pull from %llu, credit %u", (unsigned long long)f->pull->from,
                      f->pull->credit);
        break;
    case SB__FRAME__BODY_LEAVES:
        sb_buf_printf(out, "Leaves %llu..%llu", (unsigned long long)f->leaves->from,
                      (unsigned long long)(f->leaves->from + f->leaves->n_leaves));
        note_words(f->leaves->head, out);
        break;
    case SB__FRAME__BODY_SUBMIT:
        sb_buf_str(out, "Submit");
        entry_words(sb_slice_of(f->submit->entry.data, f->submit->entry.len), out);
        break;
    case SB__FRAME__BODY_RECEIPT:
        sb_buf_printf(out, "Receipt %llu", (unsigned long long)f->receipt->index);
        note_words(f->receipt->head, out);
        break;
    case SB__FRAME__BODY_REFUSED:
        sb_buf_printf(out, "Refused %s", sb_err_name((sb_err)f->refused->code));
        break;
    case SB__FRAME__BODY_COSIGN:
        sb_buf_printf(out, "Cosign %llu", (unsigned long long)f->cosign->size);
        break;
    case SB__FRAME__BODY_CERTIFIED:
        sb_buf_str(out, "Certified");
        note_words(f->certified->note, out);
        break;
    case SB__FRAME__BODY_HANDOVER_OFFER:
        sb_buf_printf(out, "HandoverOffer at %llu", (unsigned long long)f->handover_offer->index);
        note_words(f->handover_offer->head, out);
        break;
    case SB__FRAME__BODY_PROMISE_ASK:
        sb_buf_printf(out, "PromiseAsk term %u%s", f->promise_ask->term,
                      f->promise_ask->would ? ", would you?" : "");
        break;
    case SB__FRAME__BODY_PROMISE_GIVEN:
        promise_words(f->promise_given, out);
        break;
    case SB__FRAME__BODY_PEER_HEAD:
        sb_buf_str(out, "PeerHead");
        note_words(f->peer_head->note, out);
        break;
    case SB__FRAME__BODY_CONSISTENCY_GET:
        sb_buf_printf(out, "ConsistencyGet %llu to %llu",
                      (unsigned long long)f->consistency_get->from,
                      (unsigned long long)f->consistency_get->to);
        break;
    case SB__FRAME__BODY_CONSISTENCY:
        sb_buf_printf(out, "Consistency %llu to %llu", (unsigned long long)f->consistency->from,
                      (unsigned long long)f->consistency->to);
        break;
    case SB__FRAME__BODY_BLOB_PUT:
    case SB__FRAME__BODY_BLOB_GET:
    case SB__FRAME__BODY_BLOB_DATA:
    case SB__FRAME__BODY_BLOB_STORED:
    case SB__FRAME__BODY_QUERY:
    case SB__FRAME__BODY_ANSWER:
    case SB__FRAME__BODY_PING:
    case SB__FRAME__BODY_WITNESS_ASK:
    case SB__FRAME__BODY_WITNESS_ANSWER:
    case SB__FRAME__BODY_CONSENT:
    case SB__FRAME__BODY__NOT_SET:
    case _SB__FRAME__BODY__CASE_IS_INT_SIZE:
        sb_buf_str(out, "another frame");
        break;
    }
}

static const char *as_text(sb_buf *out, char *text, size_t cap)
{
    snprintf(text, cap, "%.*s", (int)out->len, (const char *)out->data);
    sb_buf_deinit(out);
    return text;
}

const char *sw_frame_words(sb_slice bytes)
{
    static char text[512];
    sb_arena arena;
    sb_buf out;
    const Sb__Frame *f;
    sb_arena_init(&arena);
    sb_buf_init(&out);
    if (sb_frame_decode(bytes, &arena, &f, NULL) == SB_OK)
        body_words(f, &out);
    else
        sb_buf_str(&out, "what nobody can read");
    sb_arena_deinit(&arena);
    return as_text(&out, text, sizeof text);
}

const char *sw_commit_words(const sb_log_commit *c)
{
    static char text[1024];
    static const char *const TABLES[] = {"?",       "HEAD",     "CERTIFIED", "COSIGNED", "OUTBOX",
                                         "MISSING", "EVIDENCE", "DIVERGED",  "FINAL",    "PROMISED",
                                         "SEALED",  "CONSENT",  "RESTORED",  "CATCHUP"};
    sb_buf out;
    sb_buf_init(&out);
    if (c->leaf_count > 0)
        sb_buf_printf(&out, "commits %zu leaves to %llu:", c->leaf_count,
                      (unsigned long long)(c->first + c->leaf_count));
    else
        sb_buf_str(&out, "commits");
    for (size_t i = 0; i < c->leaf_count; i++)
        entry_words(sb_slice_of(c->leaves[i].data + 8, c->leaves[i].len - 8), &out);
    for (size_t i = 0; i < c->put_count; i++) {
        uint8_t table = c->puts[i].key.data[0];
        sb_buf_printf(&out, " %c%s", c->puts[i].is_delete ? '-' : '+',
                      TABLES[table < sizeof TABLES / sizeof TABLES[0] ? table : 0]);
    }
    return as_text(&out, text, sizeof text);
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
