# Meetings over the test federation.
if(TARGET tests_lib)
  sb_module(tests_play
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/play.c ${CMAKE_CURRENT_LIST_DIR}/play_cases.c ${CMAKE_CURRENT_LIST_DIR}/play_actions.c
    PUBLIC tests_lib proto_rules proto_text
    PRIVATE proto_calendar)
endif()
