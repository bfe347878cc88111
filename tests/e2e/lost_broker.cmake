find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET samband AND TARGET samband-node AND TARGET samband-broker AND TARGET samband-audit)
  add_test(NAME lost_broker_test
           COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/lost_broker_test.py $<TARGET_FILE:samband>
                   $<TARGET_FILE:samband-audit>
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(lost_broker_test PROPERTIES LABELS e2e TIMEOUT 300)
endif()
