if(TARGET samband)
  add_test(NAME cli_deadline_test COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/cli_deadline_test.py
                                          $<TARGET_FILE:samband> ${CMAKE_SOURCE_DIR})
  set_tests_properties(cli_deadline_test PROPERTIES LABELS e2e TIMEOUT 120)
endif()
