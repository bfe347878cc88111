# One step around the close, a deadline, summer time; also by the second verifier (verifier_replay).
if(TARGET tests_play)
  sb_test(ledger_steps_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_steps_test.c LINK tests_play TIMEOUT 300)
endif()
