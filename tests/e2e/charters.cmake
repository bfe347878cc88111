# The charters of deploy/federations: checked and explained in both languages, played and audited.
find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET samband AND TARGET samband-node AND TARGET samband-broker AND TARGET samband-audit)
  add_test(NAME charters_test
           COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/charters_test.py $<TARGET_FILE:samband>
                   $<TARGET_FILE:samband-audit>
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(charters_test PROPERTIES LABELS e2e TIMEOUT 300 SKIP_RETURN_CODE 77)
endif()
