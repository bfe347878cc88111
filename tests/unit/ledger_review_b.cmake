if(TARGET tests_play)
  sb_test(ledger_review_b_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_review_b_test.c
          LINK tests_play)
endif()
