# The domain of the ledger: cases to minutes.
if(TARGET tests_play)
  foreach(name ledger_questions_test ledger_asked_test ledger_meetings_test ledger_minutes_test ledger_certificate_test
               ledger_query_test ledger_review_test ledger_cases_test)
    sb_test(${name} LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK tests_play)
  endforeach()
endif()
