if(TARGET proto_calendar)
  sb_test(calendar_property_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/calendar_property_test.c LINK proto_calendar)
endif()
add_test(NAME calendar_table_test
         COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/make_calendar_table.py --same-as
                 ${CMAKE_CURRENT_LIST_DIR}/calendar_table.inc)
set_tests_properties(calendar_table_test PROPERTIES LABELS property TIMEOUT 120 SKIP_RETURN_CODE 77)
