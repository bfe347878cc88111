/* What a charter's deadlines mean to the calendar (DOMAIN §1; § 6 SSU nr. 6, 7, 13, 14 and 16). The
 * ledger, the certificates and `samband deadline explain` all count by these rules. */
#ifndef SB_LEDGER_DEADLINES_H
#define SB_LEDGER_DEADLINES_H

#include "proto/calendar/deadline.h"
#include "proto/wire/payload.h"

/* Counted from the meeting's day: case_reported, papers_sent and notice before it, minutes_ready
 * after it. minutes_silence is counted from the day the draft was sent. */
typedef struct sb_deadline_meaning {
    bool has_first, has_last;
    sb_deadline_rule first; /* `most` units before (WITHIN), or the silence (LAPSE) */
    sb_deadline_rule last;  /* `least` units before (AT_LEAST), or within so many after */
    bool from_draft;        /* from the draft, not from the meeting */
} sb_deadline_meaning;

/* Neither bound for a kind or unit that this version doesn't know. */
sb_deadline_meaning sb_deadline_meaning_of(const Sb__Deadline *words);

/* The counting of the silence after a draft sent at sent_ms; false: silence approves nothing here.
 */
bool sb_silence_counting(sb_arena *arena, const Sb__Body *body, uint64_t sent_ms, sb_deadline *out);

#endif
