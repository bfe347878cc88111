# An attachment erased in a federation of real processes.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker AND TARGET samband-audit)
  find_program(PYTHON3 python3)
  if(PYTHON3)
    add_test(NAME erased_test
             COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/erased_test.py $<TARGET_FILE:samband>
                     $<TARGET_FILE:samband-audit>
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(erased_test PROPERTIES LABELS e2e TIMEOUT 300)
  endif()
endif()
