# Random elections against a model of their own.
if(TARGET tests_play)
  sb_test(ledger_elections_model_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_elections_model_test.c LINK tests_play TIMEOUT 120)
endif()
