if(TARGET samband)
  add_test(NAME cli_rules_test COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/cli_rules_test.py
                                       $<TARGET_FILE:samband> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli_rules_test PROPERTIES LABELS e2e TIMEOUT 120)
  add_test(NAME cli_tally_test COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/cli_tally_test.py
                                       $<TARGET_FILE:samband>)
  set_tests_properties(cli_tally_test PROPERTIES LABELS e2e TIMEOUT 180)
endif()
