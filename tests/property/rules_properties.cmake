if(TARGET tests_rules)
  foreach(name votes block check same)
    sb_test(rules_${name}_test LABEL property
            SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_${name}_test.c LINK tests_rules)
  endforeach()
endif()
if(TARGET tests_play)
  sb_test(rules_ledger_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_ledger_test.c LINK tests_play)
endif()
