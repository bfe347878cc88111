# Random votes over the test federation.
if(TARGET tests_play)
  sb_test(ledger_ballots_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_ballots_test.c LINK tests_play TIMEOUT 120)
  # Random meetings against a model of their own.
  sb_test(ledger_model_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_model_test.c LINK tests_play TIMEOUT 120)
endif()
