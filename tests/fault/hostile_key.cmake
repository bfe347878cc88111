# Key files that ask for a terabyte, given to the programs.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_test(NAME hostile_key_test
           COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/hostile_key_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  set_tests_properties(hostile_key_test PROPERTIES LABELS fault TIMEOUT 240)
endif()
