#include "tests/sim/sim_trace.h"

#include "proto/merkle/checkpoint.h"

static void trace_note(ProtobufCBinaryData note, sb_buf *out)
{
    sb_checkpoint head = {0};
    sb_note parsed = {0};
    sb_slice bytes = sb_slice_of(note.data, note.len);
    if (note.len == 0) {
        sb_buf_str(out, " no head");
        return;
    }
    if (sb_checkpoint_parse(bytes, &head, NULL) == SB_OK)
        sb_note_parse(bytes, &parsed, NULL);
    sb_buf_printf(out, " head %llu", (unsigned long long)head.size);
    if (parsed.line_count > 1)
        sb_buf_printf(out, " cosigned %u", parsed.line_count - 1);
}

static void trace_promise(const Sb__PromiseGiven *p, sb_buf *out)
{
    if (p->signature.len == 0) {
        sb_buf_printf(out, "PromiseGiven %u would, seal %u/%llu", p->term,
                      p->seal == NULL ? 0 : p->seal->term,
                      (unsigned long long)(p->seal == NULL ? 0 : p->seal->size));
        return;
    }
    sb_buf_printf(out, "PromiseGiven %u seal %u/%llu cosigned %u/%llu", p->term,
                  p->seal == NULL ? 0 : p->seal->term,
                  (unsigned long long)(p->seal == NULL ? 0 : p->seal->size),
                  p->cosigned == NULL ? 0 : p->cosigned->term,
                  (unsigned long long)(p->cosigned == NULL ? 0 : p->cosigned->size));
}

static void trace_frame(sb_slice bytes, sb_buf *out)
{
    sb_arena arena;
    sb_arena_init(&arena);
    const Sb__Frame *f;
    if (sb_frame_decode(bytes, &arena, &f, NULL) != SB_OK) {
        sb_buf_str(out, "?");
        sb_arena_deinit(&arena);
        return;
    }
    switch (f->body_case) {
    case SB__FRAME__BODY_HELLO:
        sb_buf_printf(out, "Hello %s size %llu", f->hello->organisation,
                      (unsigned long long)f->hello->size);
        break;
    case SB__FRAME__BODY_WELCOME:
        sb_buf_printf(out, "Welcome size %llu", (unsigned long long)f->welcome->size);
        trace_note(f->welcome->head, out);
        break;
    case SB__FRAME__BODY_PULL:
        sb_buf_printf(out, "Pull from %llu credit %u", (unsigned long long)f->pull->from,
                      f->pull->credit);
        break;
    case SB__FRAME__BODY_LEAVES:
        sb_buf_printf(out, "Leaves %llu+%zu", (unsigned long long)f->leaves->from,
                      f->leaves->n_leaves);
        trace_note(f->leaves->head, out);
        break;
    case SB__FRAME__BODY_SUBMIT:
        sb_buf_str(out, "Submit");
        break;
    case SB__FRAME__BODY_RECEIPT:
        sb_buf_printf(out, "Receipt index %llu", (unsigned long long)f->receipt->index);
        trace_note(f->receipt->head, out);
        break;
    case SB__FRAME__BODY_REFUSED:
        sb_buf_printf(out, "Refused %s", sb_err_name((sb_err)f->refused->code));
        break;
    case SB__FRAME__BODY_COSIGN:
        sb_buf_printf(out, "Cosign %llu at %llu", (unsigned long long)f->cosign->size,
                      (unsigned long long)f->cosign->time_s);
        break;
    case SB__FRAME__BODY_CERTIFIED:
        sb_buf_str(out, "Certified");
        trace_note(f->certified->note, out);
        break;
    case SB__FRAME__BODY_HANDOVER_OFFER:
        sb_buf_printf(out, "HandoverOffer %llu", (unsigned long long)f->handover_offer->index);
        trace_note(f->handover_offer->head, out);
        break;
    case SB__FRAME__BODY_PROMISE_ASK:
        sb_buf_printf(out, "PromiseAsk %u%s", f->promise_ask->term,
                      f->promise_ask->would ? " would" : "");
        break;
    case SB__FRAME__BODY_PROMISE_GIVEN:
        trace_promise(f->promise_given, out);
        break;
    case SB__FRAME__BODY_PEER_HEAD:
        sb_buf_str(out, "PeerHead");
        trace_note(f->peer_head->note, out);
        break;
    case SB__FRAME__BODY_CONSISTENCY_GET:
        sb_buf_printf(out, "ConsistencyGet %llu %llu", (unsigned long long)f->consistency_get->from,
                      (unsigned long long)f->consistency_get->to);
        break;
    case SB__FRAME__BODY_CONSISTENCY:
        sb_buf_printf(out, "Consistency %llu %llu", (unsigned long long)f->consistency->from,
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
        sb_buf_str(out, "other");
        break;
    }
    sb_arena_deinit(&arena);
}

static void trace_commit(const sb_log_commit *c, sb_buf *out)
{
    sb_buf_str(out, "commit");
    for (size_t i = 0; i < c->leaf_count; i++) {
        sb_entry entry;
        sb_slice leaf = c->leaves[i];
        bool ok = sb_entry_parse(sb_slice_of(leaf.data + 8, leaf.len - 8), &entry, NULL) == SB_OK;
        sb_buf_printf(out, " %s", ok ? sb_entry_type_name(entry.type) : "?");
    }
    static const char *const tables[] = {"?",       "HEAD",     "CERTIFIED", "COSIGNED", "OUTBOX",
                                         "MISSING", "EVIDENCE", "DIVERGED",  "FINAL",    "PROMISED",
                                         "SEALED",  "CONSENT",  "RESTORED",  "CATCHUP"};
    for (size_t i = 0; i < c->put_count; i++) {
        uint8_t table = c->puts[i].key.data[0];
        sb_buf_printf(out, " %c%s", c->puts[i].is_delete ? '-' : '+',
                      tables[table < sizeof tables / sizeof tables[0] ? table : 0]);
    }
}

void sim_trace_seq(const sb_seq_effects *effects, sb_buf *out)
{
    for (size_t i = 0; i < effects->count; i++) {
        const sb_seq_effect *e = &effects->items[i];
        switch (e->kind) {
        case SB_SEQ_SEND:
            sb_buf_printf(out, "send %llu ", (unsigned long long)e->peer);
            trace_frame(e->bytes, out);
            break;
        case SB_SEQ_COMMIT:
            trace_commit(e->commit, out);
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
            trace_frame(e->bytes, out);
            break;
        case SB_FOL_COMMIT:
            trace_commit(e->commit, out);
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
            sb_buf_printf(out, "rewind to %llu%s ", (unsigned long long)e->index,
                          e->bytes.len > 0 ? " probe" : "");
            trace_commit(e->commit, out);
            break;
        }
        sb_buf_str(out, "\n");
    }
}
