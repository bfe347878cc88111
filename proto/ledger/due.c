/* What the sequencer must append by itself. */
#include "proto/ledger/machine.h"

static void pack(const ProtobufCMessage *m, sb_buf *out)
{
    uint8_t bytes[64];
    size_t len = protobuf_c_message_get_packed_size(m);
    if (len <= sizeof bytes) {
        protobuf_c_message_pack(m, bytes);
        sb_buf_add(out, sb_slice_of(bytes, len));
    }
}

sb_ledger_due sb_ledger_next_due(sb_ledger *l, uint64_t now_ms, sb_buf *payload)
{
    if (!l->due_known)
        sb_ledger_reload_due(l);
    if (l->has_pending) {
        sb_result_payload(l, sb_ledger_kv(l), l->pending, payload);
        return SB_DUE_RESULT;
    }
    if (!l->has_deadline || l->deadline.due_ms >= now_ms)
        return SB_DUE_NOTHING;
    Sb__Tick tick = SB__TICK__INIT;
    tick.due_ms = l->deadline.due_ms;
    pack(&tick.base, payload);
    return SB_DUE_TICK;
}

void sb_ledger_state_payload(sb_ledger *l, sb_buf *payload)
{
    Sb__State state = SB__STATE__INIT;
    state.digest = (ProtobufCBinaryData){.len = 32, .data = l->position.digest};
    pack(&state.base, payload);
}

bool sb_ledger_earliest_deadline(sb_ledger *l, uint64_t *due_ms)
{
    if (!l->due_known)
        sb_ledger_reload_due(l);
    *due_ms = l->deadline.due_ms;
    return l->has_deadline;
}

bool sb_deadline_closes_question(const sb_row_deadline *row)
{
    switch ((sb_deadline_target)row->kind) {
    case SB_DUE_MINUTES:
    case SB_DUE_CONDITION:
        return false;
    }
    return false;
}
