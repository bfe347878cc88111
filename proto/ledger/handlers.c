#include "proto/ledger/handlers.h"

const sb_handler *sb_handler_of(sb_entry_type type)
{
    switch (type) {
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    case SB_ENTRY_##NAME: {                                                                        \
        static const sb_handler handler = {.check = sb_check_##lower, .apply = sb_apply_##lower};  \
        return &handler;                                                                           \
    }
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
    }
    return NULL;
}
