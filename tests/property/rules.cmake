if(TARGET tests_rules)
  sb_test(rules_property_test LABEL property
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_property_test.c LINK tests_rules TIMEOUT 120)
endif()
