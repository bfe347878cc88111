/* One check and one apply for each payload message; both made by the families' files. */
#ifndef SB_LEDGER_HANDLERS_H
#define SB_LEDGER_HANDLERS_H

#include "proto/ledger/step.h"

/* Types that share a message (BALLOT, BALLOT_RECORDED) share the functions: the same prototype
 * twice is allowed. */
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    sb_err sb_check_##lower(sb_step *s, const ProtobufCMessage *message);                          \
    void sb_apply_##lower(sb_step *s, const ProtobufCMessage *message);
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE

typedef struct sb_handler {
    sb_check_fn check;
    sb_apply_fn apply;
} sb_handler;

/* NULL for an unknown type. */
const sb_handler *sb_handler_of(sb_entry_type type);

#endif
