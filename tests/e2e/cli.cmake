if(TARGET samband AND TARGET samband-node AND TARGET samband-broker AND TARGET samband-audit)
  add_test(NAME cli_e2e COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/cli_test.py
                                ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  # where faults are compiled in, every list comes row by row
  set_tests_properties(cli_e2e PROPERTIES LABELS e2e TIMEOUT 180 ENVIRONMENT
                                          "SB_FAULT_ANSWER_BYTES=1")
endif()
