# The bundle as it grows, damaged and made whole; proofs of decisions.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker AND TARGET samband-audit)
  find_program(PYTHON3 python3)
  if(PYTHON3)
    add_test(NAME bundle_test
             COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/bundle_test.py $<TARGET_FILE:samband>
                     $<TARGET_FILE:samband-audit>
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(bundle_test PROPERTIES LABELS e2e TIMEOUT 600)
  endif()
endif()
