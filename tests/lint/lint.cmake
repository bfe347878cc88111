# House rules. `functions` only warns; run it by hand: tests/lint/lint.py functions.
find_program(PYTHON3 python3)
if(PYTHON3)
  set(lint ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/lint/lint.py)
  foreach(rule includes owners purity schema headers format symbols errors words limits functions)
    add_test(NAME lint_${rule} COMMAND ${lint} ${rule} --root ${PROJECT_SOURCE_DIR}
             --build ${CMAKE_BINARY_DIR} --cc ${CMAKE_C_COMPILER})
    set_tests_properties(lint_${rule} PROPERTIES LABELS unit TIMEOUT 120 SKIP_RETURN_CODE 77)
  endforeach()
  add_test(NAME lint_selftest COMMAND ${PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/lint/selftest.py)
  set_tests_properties(lint_selftest PROPERTIES LABELS unit TIMEOUT 120)
endif()
