# Rehearsal scripts: reading them touches nothing but the file, so it is a module of its own.
sb_module(nodes_rehearse_script
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/rehearse_script.c ${CMAKE_CURRENT_LIST_DIR}/rehearse_value.c
          ${CMAKE_CURRENT_LIST_DIR}/rehearse_check.c
  PUBLIC nodes_host proto_wire
  PRIVATE proto_text proto_calendar)
# Playing them is part of samband: it runs the same verbs.
set(SB_REHEARSE_SOURCES cmd_rehearse.c rehearse_acts.c rehearse_acts_case.c rehearse_acts_meeting.c
    rehearse_acts_people.c rehearse_acts_question.c rehearse_broker.c rehearse_ask.c rehearse_expect.c rehearse_expect_more.c rehearse_fed.c rehearse_grow.c
    rehearse_held.c rehearse_maker.c rehearse_out.c rehearse_play.c rehearse_process.c rehearse_tell.c)
