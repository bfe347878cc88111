/* Inside the judge of simulated meetings: what it counts, and by whom.
 *   meeting_judge.c        each leaf in its turn: keys, numbers, deadlines; nothing is missing
 *   meeting_judge_votes.c  who is there, ballots, results
 *   meeting_judge_heads.c  who confirms: SEALs, HANDOVERs, what a node shows as final
 */
#ifndef SB_TESTS_SIM_MEETING_JUDGE_H
#define SB_TESTS_SIM_MEETING_JUDGE_H

#include "tests/sim/meeting_inside.h"

enum { QUESTIONS_MAX = 16, BALLOTS_MAX = 512, KEYS_MAX = 128, SEATS_MAX = 24, IDS_MAX = 4096 };

typedef struct seat_state {
    char id[32];
    bool primary, deputy; /* there, in the meeting at hand */
} seat_state;

typedef struct vote_state {
    char seat[32];
    uint8_t id[32];
    Sb__Choice choice;
} vote_state;

typedef struct question_state {
    uint8_t id[32];
    Sb__Mode mode;
    bool is_pm, closed, has_result;
    uint32_t objections;
    vote_state votes[SEATS_MAX];
    size_t vote_count;
    uint64_t closed_index;
    uint32_t present;   /* at the close */
    uint32_t counts[4]; /* by choice: for, against, abstain, candidate */
    bool quorate_open, quorate;
} question_state;

typedef struct key_state {
    uint8_t pk[32];
    uint64_t last_seq;
    bool has_seq, is_new; /* appointed in the log: used only when sealed */
    uint64_t since;       /* appointed here */
} key_state;

typedef struct judge {
    const meeting *m;
    sb_arena arena;
    uint64_t index, last_ms;
    uint32_t term;
    uint8_t (*ids)[32];
    size_t id_count;
    key_state keys[KEYS_MAX];
    size_t key_count;
    seat_state seats[SEATS_MAX];
    size_t seat_count;
    question_state questions[QUESTIONS_MAX];
    size_t question_count;
    /* the change of who confirms: adopted here, in force here, and alone here; UINT64_MAX: not yet */
    uint64_t adopted, started, alone;
    uint64_t sealed;   /* the longest head sealed */
    bool is_requested; /* a change of the minutes, in time */
    const char *wrong;
} judge;

judge *judge_new(const meeting *m);
void judge_free(judge *j);
/* What is wrong with the log; the last one said. */
const char *judge_say(judge *j, const char *format, ...);
bool judge_is_id(ProtobufCBinaryData id, play_id wanted);
void judge_look_at(judge *j, sb_slice leaf);

/* ---- votes ---- */
void judge_on_attendance(judge *j, const Sb__Attendance *m);
void judge_on_open(judge *j, const Sb__QuestionOpen *m, const uint8_t id[32]);
void judge_on_ballot(judge *j, const Sb__Ballot *m, const uint8_t id[32]);
void judge_on_objection(judge *j, const Sb__Objection *m);
void judge_on_close(judge *j, const Sb__QuestionClose *m);
void judge_on_result(judge *j, const Sb__Result *m);
/* Every close has had its RESULT before anything else comes. */
void judge_check_owed(judge *j, sb_entry_type type);

/* ---- heads ---- */
void judge_on_seal(judge *j, const Sb__Seal *m);
void judge_on_handover(judge *j, const Sb__Handover *m);
/* Who confirms is to change, by the question that closed there. */
void judge_adopt(judge *j, uint64_t close);

#endif
