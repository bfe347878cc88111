if(TARGET tests_play)
  sb_test(ledger_refold_property_test LABEL property SOURCES property/ledger_refold_property_test.c
    LINK tests_play TIMEOUT 120)
endif()
if(TARGET tests_play)
  sb_test(ledger_versions_test LABEL property SOURCES property/ledger_versions_test.c
    LINK tests_play TIMEOUT 120)
endif()
