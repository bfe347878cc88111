if(TARGET tests_play)
  sb_test(ledger_attendance_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_attendance_test.c
    LINK tests_play)
endif()
