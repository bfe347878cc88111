/* Entry types that the ledger knows the form of and refuses so far. A type moves to the file of its
 * family when it gets its meaning; this file goes away with the last. */
#include "proto/ledger/handlers.h"

#define LATER(lower, word)                                                                         \
    sb_err sb_check_##lower(sb_step *s, const ProtobufCMessage *message)                           \
    {                                                                                              \
        (void)message;                                                                             \
        return sb_fail_set(s->fail, SB_E_LEDGER_LATER, word, NULL);                                \
    }                                                                                              \
    void sb_apply_##lower(sb_step *s, const ProtobufCMessage *message)                             \
    {                                                                                              \
        (void)s;                                                                                   \
        (void)message;                                                                             \
    }

LATER(action_propose, "@ENTRY:53")
LATER(action_strike, "@ENTRY:54")
LATER(charter_draft, "@ENTRY:55")
LATER(charter_draft_part, "@ENTRY:56")

/* Until actions.c has them. */
#include "proto/ledger/actions.h"

__attribute__((weak)) void sb_actions_ready(sb_step *s, uint32_t case_no)
{
    (void)s;
    (void)case_no;
}

__attribute__((weak)) bool sb_actions_draft_at(sb_kv *kv, uint32_t case_no, uint64_t index,
                                               uint8_t sha256[32])
{
    (void)kv;
    (void)case_no;
    (void)index;
    (void)sha256;
    return false;
}

__attribute__((weak)) sb_err sb_actions_check_open(sb_step *s, const sb_row_case *c, Sb__Mode mode)
{
    (void)s;
    (void)c;
    (void)mode;
    return SB_OK;
}

__attribute__((weak)) const Sb__Rule *sb_actions_pass_rule(sb_kv *kv, const Sb__Charter *charter,
                                                           uint32_t body, uint32_t case_no)
{
    (void)kv;
    (void)case_no;
    return charter->bodies[body]->pass;
}

__attribute__((weak)) void sb_actions_adopted(sb_step *s, const sb_row_question *question)
{
    (void)s;
    (void)question;
}
