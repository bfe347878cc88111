# The leaves that the ledger tests offer, repeated by the second verifier (tests/oracle/replay.py). This file stands here
# because it comes after those that make the tests.
find_program(PYTHON3 python3)
set(replayed
  ledger_actions_test ledger_attendance_test ledger_cases_test ledger_certificate_test
  ledger_charter_versions_test ledger_due_test ledger_elections_test ledger_meetings_test
  ledger_minutes_test ledger_people_test ledger_questions_test ledger_review_actions_test
  ledger_federation_test ledger_membership_test ledger_policy_test ledger_refold_property_test ledger_review_b_test
  ledger_review_test ledger_steps_test ledger_system_test ledger_terms_test ledger_versions_test)
set(programs "")
foreach(name ${replayed})
  if(TARGET ${name})
    list(APPEND programs $<TARGET_FILE:${name}>)
  endif()
endforeach()
if(PYTHON3 AND programs)
  add_test(NAME verifier_replay
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/oracle/replay.py ${programs})
  set_tests_properties(verifier_replay PROPERTIES LABELS property TIMEOUT 600)
endif()

# The same histories with entries that nobody sent, by the C ledger and by the second verifier (tests/oracle/fold_fuzz.py).
if(PYTHON3 AND programs AND TARGET fold_driver)
  add_test(NAME verifier_fuzz
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/oracle/fold_fuzz.py $<TARGET_FILE:fold_driver> ${programs}
                   --some 20 --mutants 4 --walks 3 --charters 60)
  set_tests_properties(verifier_fuzz PROPERTIES LABELS property TIMEOUT 240)
endif()
