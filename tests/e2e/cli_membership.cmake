# Who is in and who confirms, changed over real daemons.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_test(NAME cli_membership_test COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/cli_membership_test.py
                                            ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  set_tests_properties(cli_membership_test PROPERTIES LABELS e2e TIMEOUT 300)
endif()
