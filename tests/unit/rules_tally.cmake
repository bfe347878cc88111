if(TARGET proto_rules)
  sb_test(rules_tally_test LABEL unit
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_tally_test.c LINK proto_rules)
endif()
