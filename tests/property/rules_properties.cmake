if(TARGET proto_rules)
  foreach(name votes block check)
    sb_test(rules_${name}_test LABEL property
            SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_${name}_test.c LINK proto_rules)
  endforeach()
endif()
