# Written meetings played by the built programs. Scripts in one federation save making another.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  set(rehearse $<TARGET_FILE:samband> rehearse)
  function(rehearse_test name)
    cmake_parse_arguments(R "" "" "ARGS" ${ARGN})
    add_test(NAME ${name} COMMAND ${rehearse} ${R_ARGS} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name} PROPERTIES LABELS e2e TIMEOUT 300)
  endfunction()
  rehearse_test(rehearse_meetings ARGS tests/e2e/ssu-2022-01-20.yaml tests/e2e/divided.yaml
                                       tests/e2e/more.yaml)
  if(SB_FAULTS) # as in the preset asan: processes die at the worst moment
    rehearse_test(rehearse_kill ARGS tests/e2e/kill.yaml)
  endif()
  find_program(PYTHON3 python3)
  if(PYTHON3)
    add_test(NAME rehearse_run_test
             COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/rehearse_run_test.py $<TARGET_FILE:samband>
                     $<$<TARGET_EXISTS:samband-node-changed>:$<TARGET_FILE:samband-node-changed>>
             COMMAND_EXPAND_LISTS WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    add_test(NAME rehearse_alt_test
             COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/rehearse_alt_test.py $<TARGET_FILE:samband>
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(rehearse_alt_test PROPERTIES LABELS e2e TIMEOUT 300)
    set_tests_properties(rehearse_run_test PROPERTIES LABELS e2e TIMEOUT 300 SKIP_RETURN_CODE 77)
  endif()
endif()
