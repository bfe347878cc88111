/* Inside the simulated meetings: how a story is written down, and what its judge knows.
 *   meeting.c  lines out of a played federation    meeting_plays.c  the plays
 *   meeting_judge*.c  counting without the ledger (meeting_judge.h)
 */
#ifndef SB_TESTS_SIM_MEETING_INSIDE_H
#define SB_TESTS_SIM_MEETING_INSIDE_H

#include "tests/lib/play_actions.h"
#include "tests/sim/meeting.h"

enum { MEETING_ORGS_MAX = 8, MEETING_WITNESSES_MAX = 2, MEETING_LINES_MAX = 256 };

/* So many of these organisations (bit n: organisation n) are enough. */
typedef struct meeting_policy {
    uint32_t members, needed;
} meeting_policy;

typedef struct meeting {
    sw_story story;
    char name[40];
    fed *f; /* where it was played; the keys */
    sw_line lines[MEETING_LINES_MAX];
    const char *organisation[MEETING_ORGS_MAX];
    /* each organisation's witness keys, in turn */
    fed_key *witness[MEETING_ORGS_MAX][MEETING_WITNESSES_MAX];
    /* who confirms; and where `change` is a question's id, by whom once that is adopted */
    meeting_policy policy, policy_after;
    play_id change;
    bool names_standbys; /* … which gives that up once one of them orders */
    /* literal ends of deadlines: of the draft's silence, of the condition */
    play_id draft, condition;
    uint64_t draft_due_ms, condition_due_ms;
} meeting;

/* While it is played. */
typedef struct maker {
    meeting *m;
    fed *f;
    size_t seen;              /* leaves that have their line, or need none */
    size_t run;               /* the first line of the run under way */
    bool is_run, is_rival;    /* what is taken now goes together; is a rival */
    uint64_t at_ms, after_ms; /* of the next line */
    bool twice, must_fit;     /* must_fit: a rival that would be taken now */
} maker;

/* What was taken since the last call becomes lines. After each entry, or each few of a kind. */
void meeting_write(maker *k);
/* What comes until `end` is handed in at once, but for two by one key. */
void meeting_together(maker *k);
void meeting_end_together(maker *k);
/* The story's calendar goes on. */
void meeting_at(maker *k, uint32_t yyyymmdd, uint32_t hour, uint32_t minute);
/* A rival that isn't taken where the story was made. */
void meeting_late(maker *k, sb_entry_type type, const ProtobufCMessage *m, const char *key);
void meeting_must(maker *k, sb_err err, const char *what);

/* The whole play of a variant: fills in all but the lines' ids and count. */
void meeting_play(maker *k, uint32_t variant);
/* The charter's edit of a variant; organisations that it begins with. */
void meeting_charter(Sb__Charter *c, sb_arena *a, void *arg);
uint32_t meeting_organisations(uint32_t variant);

const char *meeting_judge(void *arg, const sw_leaves *log, uint64_t *index);
const char *meeting_judge_final(void *arg, const sw_leaves *log, uint64_t final_size,
                                sb_slice note);

#endif
