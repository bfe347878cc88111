# What adopting a case does by itself; versions of the charter.
if(TARGET tests_play)
  foreach(name ledger_actions_test ledger_charter_versions_test)
    sb_test(${name} LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK tests_play)
  endforeach()
endif()
