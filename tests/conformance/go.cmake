# Other people's code on our bundles; skips where there is no Go.
find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_test(NAME go_bundle_test
           COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/go_bundle_test.py $<TARGET_FILE:samband>
                   tests/e2e/meglertap.yaml 01/22
           WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set_tests_properties(go_bundle_test PROPERTIES LABELS conformance TIMEOUT 120 SKIP_RETURN_CODE 77)
endif()
