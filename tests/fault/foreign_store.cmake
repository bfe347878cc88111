# Another federation's store put in a node's place: refused, and left as it was.
if(TARGET samband AND TARGET samband-node)
  add_test(NAME foreign_store_fault
           COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/foreign_store_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
                   ${CMAKE_CURRENT_LIST_DIR}/golden/store-v1/data.mdb)
  set_tests_properties(foreign_store_fault PROPERTIES LABELS fault TIMEOUT 120)
endif()
