# A disk, a machine and an operator that fail, against the built programs. shim.c stands between a
# program and its files; tests/fault/sweep runs the kill sweeps in full.
find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_library(fault_shim SHARED ${CMAKE_CURRENT_LIST_DIR}/shim.c)
  # never with a sanitizer of its own: it is loaded before theirs
  target_compile_options(fault_shim PRIVATE -fno-sanitize=all -Wall -Wextra -Wshadow -Wconversion -Werror)
  target_link_options(fault_shim PRIVATE -fno-sanitize=all)
  target_link_libraries(fault_shim PRIVATE ${CMAKE_DL_LIBS})
  function(fault_test name script)
    add_test(NAME ${name}
             COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/tests/fault/${script} ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
                     $<TARGET_FILE:fault_shim> ${ARGN})
    set_tests_properties(${name} PROPERTIES LABELS fault TIMEOUT 300 SKIP_RETURN_CODE 77)
  endfunction()
  fault_test(kill_broker_test kill_test.py broker)
  fault_test(kill_node_test kill_test.py node)
  fault_test(disk_full_test disk_test.py)
  fault_test(disk_sync_test sync_test.py)
  fault_test(handover_stopped_test handover_test.py)
  fault_test(no_memory_test memory_test.py)
  if(SB_FAULTS) # as in the preset asan
    fault_test(receipt_test receipt_test.py)
  endif()
endif()
