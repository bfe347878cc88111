# The stories of simulated meetings, and who judges them.
if(TARGET tests_play)
  sb_module(tests_meeting
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/meeting.c ${CMAKE_CURRENT_LIST_DIR}/meeting_plays.c ${CMAKE_CURRENT_LIST_DIR}/meeting_judge.c
    PUBLIC tests_play tests_lib)
  sb_test(meeting_test LABEL sim SOURCES sim/meeting_test.c LINK tests_meeting TIMEOUT 120)
endif()
