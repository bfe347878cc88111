# The written meetings, in three federations: each is audited, and its certificates are read.
find_program(PYTHON3 python3)
if(PYTHON3 AND TARGET samband AND TARGET samband-node AND TARGET samband-broker AND TARGET samband-audit)
  foreach(group year change borettslag membership)
    add_test(NAME rehearse_${group}
             COMMAND ${PYTHON3} ${CMAKE_CURRENT_LIST_DIR}/scripts_test.py $<TARGET_FILE:samband>
                     $<TARGET_FILE:samband-audit> ${group}
             WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(rehearse_${group} PROPERTIES LABELS e2e TIMEOUT 300)
  endforeach()
endif()
