# A restore where something lies already.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_test(NAME restore_fault
           COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/restore_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
  set_tests_properties(restore_fault PROPERTIES LABELS fault TIMEOUT 120)
endif()
