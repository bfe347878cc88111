/* A new version of the charter: is it a lawful successor, and putting it in force.
 *
 * Every structural change makes a whole new charter, checked as at the founding and against the one
 * in force, packed, and kept in CHARTER_PART rows of version + 1. */
#ifndef SB_LEDGER_CHARTER_CHANGE_H
#define SB_LEDGER_CHARTER_CHANGE_H

#include "proto/ledger/actions.h"
#include "proto/text/text.h"

/* A charter ready to come into force. */
typedef struct sb_charter_next {
    const Sb__Charter *charter; /* decoded from `bytes` */
    sb_slice bytes;             /* canonical, in the arena */
    uint8_t sha256[32];
} sb_charter_next;

/* What `draft` would be if it came into force over `from` (the charter in force, or what a case's
 * earlier actions make of it): bodies that actions created and the draft leaves out, mandates, and
 * what is dissolved are carried over; all else is the draft's. In the arena, borrowing from both. */
const Sb__Charter *sb_charter_carry(sb_kv *kv, sb_arena *arena, const Sb__Charter *from,
                                    const Sb__Charter *draft);

/* Pack it and check everything: its form, sb_charter_check, sb_charter_succeeds over `from`, and
 * that no seat takes an id that another had. Errors: theirs; SB_E_LEDGER_SEAT_ID_USED {seat}. */
sb_err sb_charter_prepare(sb_step *s, const Sb__Charter *from, const Sb__Charter *next,
                          bool by_membership, sb_charter_next *out, sb_fail *fail);

/* Write: the next version is in force from this leaf on; s->charter is it. */
void sb_charter_enact(sb_step *s, const sb_charter_next *next, sb_action_kind kind,
                      uint32_t action);
/* Write: version 1, when the last CHARTER_PART is in. */
void sb_charter_found(sb_step *s, const Sb__Charter *charter);

/* The last version that a whole charter made: the founding's, or a charter change's. */
uint32_t sb_charter_whole_version(sb_kv *kv);
/* The parts of rows charter_part of this version in one piece, in the arena; len 0: not there. */
sb_slice sb_charter_bytes_of(sb_kv *kv, sb_arena *arena, uint32_t version);

/* The structural difference of two charters, as an array of {path, change, then, now}: "bodies.ssu.
 * pass.text", added|removed|changed. Every field is compared; elements of lists are paired by id,
 * else by place. `then`, `now`: text, number, boolean, a value's code, or null. */
void sb_charter_difference_json(sb_json *j, const char *key, const Sb__Charter *then,
                                const Sb__Charter *now);
/* The same as indented lines in words. Rules in the language's keywords. */
void sb_charter_difference_text(sb_buf *out, sb_lang lang, const Sb__Charter *then,
                                const Sb__Charter *now);

#endif
