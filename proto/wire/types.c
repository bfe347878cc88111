#include "proto/wire/entry.h"

#include "proto/wire/constraints.h"

const char *sb_entry_type_name(sb_entry_type type)
{
    switch (type) {
#define SB_ENTRY_TYPE(NAME, number, Message, lower)                                                \
    case SB_ENTRY_##NAME:                                                                          \
        return #NAME;
#include "proto/wire/types.def"
#undef SB_ENTRY_TYPE
    }
    return NULL;
}

const ProtobufCMessageDescriptor *sb_entry_type_descriptor(sb_entry_type type)
{
    const sb_message_rules *rules = sb_rules_of_type(type);
    return rules != NULL ? rules->descriptor : NULL;
}

bool sb_entry_type_known(uint32_t type)
{
    return sb_entry_type_name((sb_entry_type)type) != NULL;
}

bool sb_entry_type_is_system(sb_entry_type type)
{
    return type >= SB_ENTRY_STATE && type <= SB_ENTRY_HANDOVER;
}
