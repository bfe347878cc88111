# The second verifier: verifier/README.md.
if(PYTHON3)
  add_test(NAME verifier_fields COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/fields.py)
  set_tests_properties(verifier_fields PROPERTIES LABELS unit TIMEOUT 60)
  add_test(NAME verifier_test COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/verifier_test.py)
  set_tests_properties(verifier_test PROPERTIES LABELS conformance TIMEOUT 120)
endif()
