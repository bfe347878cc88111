# Any charter that a draft is accepted with leaves a ledger that works.
if(TARGET tests_play)
  sb_test(ledger_charter_fuzz_test LABEL property SOURCES property/ledger_charter_fuzz_test.c
    LINK tests_play TIMEOUT 240)
endif()
