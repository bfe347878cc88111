# Both verifiers on bundles of the histories in the C tests (tests/oracle/verifier_bundle_test.py). This file stands
# here because it comes after those that make the tests.
find_program(PYTHON3 python3)
set(programs "")
foreach(name verifier_histories ledger_terms_test ledger_policy_test ledger_membership_test ledger_people_test ledger_cases_test ledger_elections_test)
  if(TARGET ${name})
    list(APPEND programs $<TARGET_FILE:${name}>)
  endif()
endforeach()
if(PYTHON3 AND programs AND TARGET samband-audit)
  add_test(NAME verifier_bundle_test
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/oracle/verifier_bundle_test.py $<TARGET_FILE:samband-audit>
                   --tests ${programs} --some 30 --flips 4)
  set_tests_properties(verifier_bundle_test PROPERTIES LABELS conformance TIMEOUT 300)
endif()
if(PYTHON3 AND TARGET samband-audit AND TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_test(NAME verifier_rehearsed_test
           COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_SOURCE_DIR}/oracle/verifier_bundle_test.py $<TARGET_FILE:samband-audit>
                   --rehearse $<TARGET_FILE:samband> ${CMAKE_CURRENT_SOURCE_DIR}/e2e/meglertap.yaml --flips 2000
                   --flip-with ${PROJECT_SOURCE_DIR}/build/release/bin/samband-audit)
  set_tests_properties(verifier_rehearsed_test PROPERTIES LABELS e2e TIMEOUT 300)
endif()
