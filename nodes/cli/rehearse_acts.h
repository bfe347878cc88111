/* The makers of rehearse_acts.c's table: one step, the commands that a person would type. Each gives
 * what the printed line says it was about, where the step's case or meeting doesn't (NULL). */
#ifndef SB_CLI_REHEARSE_ACTS_H
#define SB_CLI_REHEARSE_ACTS_H

#include "nodes/cli/rehearse_maker.h"

const char *sb_act_appoint(sb_maker *m);
const char *sb_act_change_key(sb_maker *m);
const char *sb_act_delegate(sb_maker *m);
const char *sb_act_propose_appointment(sb_maker *m);
const char *sb_act_report(sb_maker *m);
const char *sb_act_postpone(sb_maker *m);
const char *sb_act_relate(sb_maker *m);
const char *sb_act_condition(sb_maker *m);
const char *sb_act_answer(sb_maker *m);
const char *sb_act_input(sb_maker *m);
const char *sb_act_give_input(sb_maker *m);
const char *sb_act_erase(sb_maker *m);
const char *sb_act_create_body(sb_maker *m);
const char *sb_act_propose_charter(sb_maker *m);
const char *sb_act_add_organisation(sb_maker *m);
const char *sb_act_remove_organisation(sb_maker *m);
const char *sb_act_propose_witnessing(sb_maker *m);
const char *sb_act_candidate(sb_maker *m);
const char *sb_act_finalise(sb_maker *m);
const char *sb_act_amend(sb_maker *m);
const char *sb_act_call(sb_maker *m);
const char *sb_act_chair(sb_maker *m);
const char *sb_act_attend(sb_maker *m);
const char *sb_act_present(sb_maker *m);
const char *sb_act_object(sb_maker *m);
const char *sb_act_vote(sb_maker *m);
const char *sb_act_confirm(sb_maker *m);
const char *sb_act_remark(sb_maker *m);
const char *sb_act_dispute(sb_maker *m);
const char *sb_act_close_dispute(sb_maker *m);
const char *sb_act_task(sb_maker *m);
const char *sb_act_minutes_draft(sb_maker *m);
const char *sb_act_minutes_correct(sb_maker *m);
const char *sb_act_minutes_approve(sb_maker *m);
const char *sb_act_minutes_request(sb_maker *m);

#endif
