if(TARGET tests_rules)
  sb_test(rules_differ_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_differ_test.c LINK tests_rules TIMEOUT 300)
  sb_test(rules_swing_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_swing_test.c LINK tests_rules TIMEOUT 300)
endif()
