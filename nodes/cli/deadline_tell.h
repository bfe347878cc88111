/* A body's deadlines told for a meeting, and the other way round from what was done to the meetings
 * it is in time for: words, the counting day by day, and the answer in JSON. */
#ifndef SB_CLI_DEADLINE_TELL_H
#define SB_CLI_DEADLINE_TELL_H

#include "nodes/cli/inside.h"
#include "proto/calendar/deadline.h"

enum { SB_DEADLINE_KINDS = 8 };

typedef struct sb_deadline_ask {
    bool has_meeting;
    sb_date meeting;
    /* By Sb__DeadlineKind: when it was done (cases reported, papers sent, the draft sent, minutes
     * available, notice given). */
    bool has_act[SB_DEADLINE_KINDS];
    sb_date act[SB_DEADLINE_KINDS];
} sb_deadline_ask;

/* Of the body its names, minutes_name, minutes_silence, bar_cite and deadlines are read.
 * Errors: SB_E_DEADLINE_RANGE. */
sb_err sb_deadline_tell(sb_cli *cli, const Sb__Body *body, const sb_deadline_ask *ask);

/* A rule by itself, counted from a day. Errors: SB_E_DEADLINE_RANGE. */
sb_err sb_deadline_tell_rule(sb_cli *cli, const sb_deadline_rule *rule, sb_date from);

/* The days that draft minutes wait for, from the minutes of the node's answer; nothing when they
 * wait for none. In deadline_silence.c. */
void sb_deadline_say_silence(sb_cli *cli, const sb_doc *minutes);

#endif
