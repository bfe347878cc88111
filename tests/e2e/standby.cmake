# The broker lost, rebuilt from nodes alone, over real processes.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_test(NAME standby_e2e COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/standby_test.py
                                    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  set_tests_properties(standby_e2e PROPERTIES LABELS e2e TIMEOUT 300)
endif()
