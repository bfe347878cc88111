# The rule language a second time, in Python, from RULES.md alone: see README.md here.
find_program(PYTHON3 python3)
if(PYTHON3)
  add_test(NAME rules_oracle_test
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/rules_oracle_test.py)
  set_tests_properties(rules_oracle_test PROPERTIES LABELS property TIMEOUT 60)
endif()
if(PYTHON3 AND TARGET samband)
  add_test(NAME rules_compare
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/rules_compare.py $<TARGET_FILE:samband>
                   --cases 3000 --seed 1 --patterns 3)
  set_tests_properties(rules_compare PROPERTIES LABELS property TIMEOUT 180)
endif()
# That mutate works, and that every mutation's text is still there; all of them: README.md.
if(PYTHON3 AND TARGET samband AND TARGET proto_rules)
  add_test(NAME rules_mutate
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/mutate --build ${CMAKE_BINARY_DIR} --keep-build
                   --cases 400 --only gt-is-ge,vacant-present,or-binds-tighter,silence-missed)
  set_tests_properties(rules_mutate PROPERTIES LABELS property TIMEOUT 120)
endif()
# Parts of the second fold against facts that it doesn't come from.
if(PYTHON3)
  add_test(NAME verifier_fold_test COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/verifier_fold_test.py)
  set_tests_properties(verifier_fold_test PROPERTIES LABELS property TIMEOUT 60)
endif()
# The ledger at a pipe, for fold_fuzz.py (tests/unit/verifier_replay.cmake).
if(TARGET proto_ledger)
  sb_program(fold_driver SOURCES ${CMAKE_CURRENT_LIST_DIR}/fold_driver.c LINK proto_ledger proto_merkle)
  set_target_properties(fold_driver PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
# Which rules a charter is refused for, by the C checker and by verifier/.
if(TARGET proto_rules)
  sb_program(check_driver SOURCES ${CMAKE_CURRENT_LIST_DIR}/check_driver.c LINK proto_rules)
  set_target_properties(check_driver PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(PYTHON3)
    add_test(NAME rule_check_compare
             COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/rule_check_compare.py $<TARGET_FILE:check_driver>
                     --cases 400)
    set_tests_properties(rule_check_compare PROPERTIES LABELS property TIMEOUT 600)
  endif()
endif()
