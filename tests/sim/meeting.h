/* What members hand in during a simulation: whole meetings, signed once a process on a ledger of their
 * own and shared by all seeds. At least four organisations, three cases decided in different ways,
 * fifty entries besides the founding, attendance, deputies, a ballot that is changed and ballots around
 * a close, a new key in the middle, a conditional action, an erased text, deadlines that pass, minutes;
 * some change the organisations, who confirms, or a witness key.
 *
 *   const meeting *m = meeting_of(seed);            which of MEETING_VARIANTS: seed % that
 *   for each line i, when its turn has come:
 *       lines 0 … line.after - 1 stand in the log   (line.is_sealed: they are final)
 *       line.later_ms > 0: the legal clocks move on by so much first, when all is quiet
 *       hand line.entry in                          (line.twice: at two nodes at once)
 *   meeting_judge(…)                                in the end, over what is final
 *
 * A line that is refused is handed in again later (what it rests on was cut off by a HANDOVER, say), but
 * a rival isn't: it races against a close or a deadline, and the story goes on without it. Lines carry
 * no anchor, so that any log they fit into takes them.
 */
#ifndef SB_TESTS_SIM_MEETING_H
#define SB_TESTS_SIM_MEETING_H

#include "tests/lib/fed.h"

enum {
    MEETING_VARIANTS = 8,
    MEETING_ORGS_MAX = 8,
    MEETING_WITNESSES_MAX = 2, /* of one organisation, in turn */
    MEETING_STANDBYS = 2,      /* enrolled, with the keys "log-2" and "log-3" */
    MEETING_SILENCE_S = 10,    /* of the charter */
};

typedef struct meeting_line {
    sb_slice entry; /* borrowed, as long as the process runs */
    uint8_t id[32];
    sb_entry_type type;
    size_t after;
    bool is_sealed;
    uint64_t later_ms;
    bool twice;
    bool rival;
} meeting_line;

typedef struct meeting meeting;

struct meeting {
    const char *name;
    uint32_t variant;
    fed *keys; /* all keys by name, charter, federation_id; now_ms: when the story begins */
    /* Nodes to run: the organisations of the charter and, in some, one that is admitted later (node
     * number `nodes - 1`, with `organisation[]` its id; it only follows until then). */
    uint32_t nodes;
    char organisation[MEETING_ORGS_MAX][SB_ID_BYTES_MAX + 1];
    uint64_t begins_ms; /* legal time of the first line */
    meeting_line *lines;
    size_t count;
    size_t founding;    /* the first so many lines found the federation */
    uint8_t erased[32]; /* the blob that is nowhere in the end */
    uint8_t kept[32];   /* one that everybody holds */
    void *inside;       /* what the judge knows */
};

/* The same each time, made when first asked for. */
const meeting *meeting_of(uint64_t seed);
/* The line with this entry id; m->count: none. */
size_t meeting_line_of(const meeting *m, const uint8_t id[32]);
/* With which key the organisation of this node confirms by this ledger (a KEY_REPLACE changes it; the
 * node is started anew with the new one); its first key before it has any in force. Borrowed. */
const sb_secret *meeting_witness(const meeting *m, uint32_t node, sb_ledger *ledger);

/* ---- judging, without the ledger's help ---- */

typedef struct meeting_log {
    sb_slice (*leaf)(const void *arg, uint64_t index);
    const void *arg;
    uint64_t size;
} meeting_log;

/* The final log: no entry twice, numbers and times rise; each ballot stands before its question's close,
 * and the RESULT right after it says what those ballots come to; nothing rests on a deadline that had
 * passed; keys are used only when sealed; enough organisations stand behind each SEAL and HANDOVER; and
 * every line that isn't a rival is there. NULL: right; else what is wrong, at *index. */
const char *meeting_judge(const meeting *m, const meeting_log *log, uint64_t *index);
/* What a node shows as final: the certified head `note` bears cosignatures of enough organisations,
 * counted here, and a SEAL of its term below it names `final_size` leaves or more. NULL: right. */
const char *meeting_judge_final(const meeting *m, const meeting_log *log, uint64_t final_size,
                                sb_slice note);

#endif
