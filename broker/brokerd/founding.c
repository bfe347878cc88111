#include "broker/brokerd/broker.h"

/* The founders' entries come from the federation file that the operator was given, through the
 * sequencer like any other: it checks them, and nobody answers to this peer. */
enum { FOUNDER_PEER = 0xFFFFFFFFu };

static sb_err submit(sb_broker *b, sb_slice bytes, sb_arena *arena, sb_fail *fail)
{
    sb_leaf leaf;
    sb_err err = sb_entry_open(bytes, arena, &leaf, fail);
    if (err != SB_OK)
        return err;
    Sb__Submit body = SB__SUBMIT__INIT;
    body.entry = (ProtobufCBinaryData){.len = bytes.len, .data = (uint8_t *)(uintptr_t)bytes.data};
    Sb__Frame frame = SB__FRAME__INIT;
    frame.body_case = SB__FRAME__BODY_SUBMIT;
    frame.submit = &body;
    sb_seq_event event = {
        .kind = SB_SEQ_FRAME, .peer = FOUNDER_PEER, .frame = &frame, .opened = &leaf};
    sb_broker_step(b, &event);
    sb_seq_event tick = {.kind = SB_SEQ_TICK};
    sb_broker_step(b, &tick);
    if (b->failed)
        *fail = b->fail;
    return b->failed ? fail->code : SB_OK;
}

/* All of them, also after a crash halfway: what is in the log already only gets its receipt again.
 */
sb_err sb_broker_found(sb_broker *b, const sb_slice *entries, size_t count, sb_fail *fail)
{
    if (sb_ledger_phase_get(b->history.ledger) >= SB_PHASE_ACCEPTING)
        return SB_OK;
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = SB_OK;
    for (size_t i = 0; i < count && err == SB_OK; i++)
        err = submit(b, entries[i], &arena, fail);
    sb_arena_deinit(&arena);
    if (err == SB_OK && sb_ledger_phase_get(b->history.ledger) < SB_PHASE_ACCEPTING)
        err = sb_fail_num(fail, SB_E_BROKER_FOUNDING, 1, sb_store_count(b->history.store), 0);
    return err;
}
