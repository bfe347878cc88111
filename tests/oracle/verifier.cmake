# The second verifier: verifier/README.md.
if(PYTHON3)
  add_test(NAME verifier_fields COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/fields.py)
  set_tests_properties(verifier_fields PROPERTIES LABELS unit TIMEOUT 60)
  add_test(NAME verifier_test COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/verifier_test.py)
  set_tests_properties(verifier_test PROPERTIES LABELS conformance TIMEOUT 120)
endif()
if(PYTHON3 AND TARGET proto_wire AND TARGET proto_merkle)
  sb_program(format_driver SOURCES ${CMAKE_CURRENT_LIST_DIR}/format_driver.c LINK proto_wire proto_merkle)
  set_target_properties(format_driver PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME verifier_formats
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/format_fuzz.py $<TARGET_FILE:format_driver>)
  set_tests_properties(verifier_formats PROPERTIES LABELS property TIMEOUT 120)
endif()
