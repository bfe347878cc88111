if(TARGET proto_calendar)
  sb_test(calendar_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/calendar_test.c LINK proto_calendar)
endif()
