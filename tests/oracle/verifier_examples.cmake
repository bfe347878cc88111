# The worked examples of PROTOCOL.md by the second verifier.
if(PYTHON3)
  add_test(NAME verifier_examples COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/verifier_examples_test.py)
  set_tests_properties(verifier_examples PROPERTIES LABELS unit TIMEOUT 60)
endif()
