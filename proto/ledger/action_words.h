/* Codes and words of actions, for certificates and queries. */
#ifndef SB_LEDGER_ACTION_WORDS_H
#define SB_LEDGER_ACTION_WORDS_H

#include "proto/ledger/actions.h"
#include "proto/text/text.h"

/* "body_create"; "in_force". NULL for a number that is none. */
const char *sb_action_kind_code(uint32_t kind);
const char *sb_action_status_code(uint32_t status);
/* "vedtatt – ikke i kraft". */
const char *sb_action_status_word(uint32_t status, sb_lang lang);
/* The members that its kind has, into the open object (PROTOCOL.md "Certificates"). */
void sb_action_put_details(sb_json *j, sb_kv *kv, const sb_row_action *action,
                           const Sb__ActionPropose *m);
/* "oppretter: FSU Barn og unge". */
void sb_action_say(sb_buf *out, sb_lang lang, const Sb__Charter *charter,
                   const sb_row_action *action, const Sb__ActionPropose *m);
/* The draft that stood among the case's actions at this leaf; 0: none. (actions.c) */
uint32_t sb_actions_draft_no_at(sb_kv *kv, uint32_t case_no, uint64_t index);

#endif
