/* What members hand in during a simulated meeting. Made once (by sim_script, or by meeting.h) and
 * shared by many seeds: a world only reads it. */
#ifndef SB_TESTS_SIM_STORY_H
#define SB_TESTS_SIM_STORY_H

#include "tests/lib/fed.h"

typedef struct sw_line {
    sb_slice entry; /* borrowed from the story's maker */
    uint8_t id[32];
    bool waits;        /* all earlier ones must be in the log (final, where a term may end) */
    uint64_t later_ms; /* the legal clocks of all go forward by so much before it; 0: they don't */
    sb_err refused; /* SB_OK: it becomes final. Else it must never enter the log, and its member is
                        * told this at least once; it is handed in when its turn comes, once that all
                        * earlier ones are in the log, and the story goes on when it was refused */
    bool rival; /* it races against a close or a deadline: taken or refused, the story goes on; once
                 * refused it isn't handed in again */
    bool twice; /* handed in at two nodes at once */
    uint64_t at_ms;    /* the legal clocks of all go forward to this moment before it, unless it is
                        * past; 0: they don't. As later_ms, once all is quiet */
    uint64_t after_ms; /* handed in so long after the line before it was */
} sw_line;

/* A log to be judged: leaf(log, index) for index < size. */
typedef struct sw_leaves {
    sb_slice (*leaf)(const void *log, uint64_t index);
    const void *log;
    uint64_t size;
} sw_leaves;

/* One blob that the story erases (and must be nowhere in the end), one that it keeps. */
typedef struct sw_story {
    const sw_line *lines;
    size_t count;
    size_t founding;   /* the first so many found the federation: nothing is final before */
    uint64_t start_ms; /* legal, when it begins */
    uint8_t federation_id[32];
    bool has_blobs;
    uint8_t erased[32], kept[32];
    /* Called when everything is final on every node, with one node's ledger: what the story is about
     * came out as it should? May be NULL. NULL returned: yes; else what is wrong. */
    const char *(*check)(void *arg, sb_ledger *ledger);
    void *check_arg;
    /* The rest may be 0 or NULL. Nodes to run: the charter's organisations, and in some stories one
     * that is admitted later and only follows until then. organisation[n]: the id of node n's. */
    uint32_t nodes;
    uint32_t quorum;  /* the fewest organisations that confirm, whichever policy holds */
    uint32_t may_lie; /* so many organisations may lie, or be silent, at any time */
    const char *const *organisation;
    fed *keys; /* every key by name, the charter, the federation's id */
    /* With which key the organisation of this node confirms by this ledger (a KEY_REPLACE changes it:
     * the node is to be opened anew with the new one). Borrowed. */
    const sb_secret *(*witness)(void *arg, uint32_t node, sb_ledger *ledger);
    /* All that is final, in the end, counted without the ledger. NULL: right; else what is wrong, at
     * *index. */
    const char *(*judge)(void *arg, const sw_leaves *final, uint64_t *index);
    /* What a node shows as final, whenever that grows: its log, so much, and the certified head that
     * proves it (sb_follower_final_proof). NULL: right. */
    const char *(*judge_final)(void *arg, const sw_leaves *log, uint64_t final_size, sb_slice note);
} sw_story;

#endif
