#include "broker/brokerd/broker.h"

/* The founders' entries come from the federation file that the operator was given, through the
 * sequencer like any other: it checks them, and nobody answers to this peer. */
enum { FOUNDER_PEER = 0xFFFFFFFFu };

sb_err sb_broker_found(sb_broker *b, const sb_slice *entries, size_t count, sb_fail *fail)
{
    sb_arena arena;
    sb_arena_init(&arena);
    sb_err err = SB_OK;
    for (size_t i = sb_store_count(b->history.store); i < count && err == SB_OK; i++) {
        sb_leaf leaf;
        err = sb_entry_open(entries[i], &arena, &leaf, fail);
        if (err != SB_OK)
            break;
        Sb__Submit submit = SB__SUBMIT__INIT;
        submit.entry = (ProtobufCBinaryData){.len = entries[i].len,
                                             .data = (uint8_t *)(uintptr_t)entries[i].data};
        Sb__Frame frame = SB__FRAME__INIT;
        frame.body_case = SB__FRAME__BODY_SUBMIT;
        frame.submit = &submit;
        sb_seq_event event = {
            .kind = SB_SEQ_FRAME, .peer = FOUNDER_PEER, .frame = &frame, .opened = &leaf};
        sb_broker_step(b, &event);
        sb_seq_event tick = {.kind = SB_SEQ_TICK};
        sb_broker_step(b, &tick);
        if (b->failed) {
            *fail = b->fail;
            err = fail->code;
        } else if (sb_store_count(b->history.store) <= i) {
            err = sb_fail_num(fail, SB_E_BROKER_FOUNDING, 1, i, 0);
        }
    }
    sb_arena_deinit(&arena);
    return err;
}
