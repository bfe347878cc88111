if(TARGET proto_calendar)
  sb_test(calendar_property_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/calendar_property_test.c LINK proto_calendar)
endif()
