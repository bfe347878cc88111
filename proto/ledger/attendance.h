/* Who represents a seat: the one place that says it (§ 3 nr. 2; DESIGN §5).
 *
 * The representative for a case is the primary if here and not disqualified on it, else the deputy
 * if here and not disqualified, else nobody. */
#ifndef SB_LEDGER_ATTENDANCE_H
#define SB_LEDGER_ATTENDANCE_H

#include "proto/ledger/domain.h"

/* Why a seat's place doesn't count. Numbers are stored. */
typedef enum sb_away {
    SB_AWAY_NOT = 0,
    SB_AWAY_WITH_NOTICE = 1,
    SB_AWAY_NOT_MET = 2,
    SB_AWAY_VACANT = 3,
    SB_AWAY_DISQUALIFIED = 4,
    SB_AWAY_NOT_DOCUMENTED = 5,
    SB_AWAY_LEFT = 6,
    SB_AWAY_DEPUTY_BESIDE = 7 /* here, but the primary represents */
} sb_away;

typedef struct sb_representation {
    uint8_t role;       /* Sb__SeatRole of the representative; 0: nobody */
    sb_away reason;     /* why nobody; SB_AWAY_NOT when somebody does */
    bool deputy_beside; /* the deputy is here too, without a vote */
    bool by_delegation; /* role is deputy, and it is who the member delegated to */
    bool primary_disqualified, deputy_disqualified;
    uint64_t events[6];  /* leaves of the intervals used and of disqualifications */
    uint8_t event_count; /* rising, distinct */
} sb_representation;

/* case_no 0: in the meeting as such. */
sb_representation sb_representative(sb_kv *kv, uint32_t meeting, uint32_t seat, uint32_t case_no);
/* Is this role of the seat here (disqualification aside)? */
bool sb_is_here(sb_kv *kv, uint32_t meeting, uint32_t seat, Sb__SeatRole role);
/* "absent_with_notice", …; "" for SB_AWAY_NOT. */
const char *sb_away_code(sb_away reason);
/* The JSON code of an Sb__AttendanceKind; "" for 0. */
const char *sb_attendance_code(uint32_t kind);
const char *sb_participant_code(uint32_t kind);

/* Seats, filled and present of each partner that has voting seats in the body, in charter order
 * (seats of no partner last, id ""), and of all; votes are zero. Arrays in the arena. The seats are
 * those that were there after leaf `index` (SB_NOW: now; a question's: opened_index). */
typedef struct sb_presence {
    sb_rule_input input;       /* partners: as the rules see them */
    sb_partner_tally *tallies; /* the same array, writable; first partner_count are partners */
    uint32_t *partners;        /* charter positions, SB_NONE for the seats of no partner */
    uint32_t count;            /* tallies, also the seats of no partner */
    sb_row_seat *seats;        /* the electorate */
    sb_representation *representations;
    uint32_t seat_count;
} sb_presence;
void sb_presence_of(sb_kv *kv, sb_arena *arena, const Sb__Charter *charter, uint32_t body,
                    uint32_t meeting, uint32_t case_no, uint64_t index, sb_presence *out);

#endif
