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

LATER(delegate, "@ENTRY:23")
LATER(case_relate, "@ENTRY:34")
LATER(case_discuss, "@ENTRY:35")
LATER(condition_set, "@ENTRY:36")
LATER(condition_fulfil, "@ENTRY:37")
LATER(input_open, "@ENTRY:38")
LATER(input_receive, "@ENTRY:39")
LATER(meeting_plan, "@ENTRY:46")
LATER(ruling, "@ENTRY:47")
LATER(text_finalise, "@ENTRY:52")
LATER(action_propose, "@ENTRY:53")
LATER(action_strike, "@ENTRY:54")
LATER(charter_draft, "@ENTRY:55")
LATER(charter_draft_part, "@ENTRY:56")
LATER(candidate_propose, "@ENTRY:57")
LATER(candidate_withdraw, "@ENTRY:58")
LATER(ballot_confirm, "@ENTRY:66")
LATER(dispute_open, "@ENTRY:67")
LATER(dispute_close, "@ENTRY:68")
LATER(blob_erase, "@ENTRY:90")
