if(TARGET samband-node AND TARGET samband-broker AND TARGET tests_lib)
  sb_test(daemons_test LABEL e2e TIMEOUT 120 SOURCES ${CMAKE_CURRENT_LIST_DIR}/daemons_test.c
          LINK tests_lib nodes_charter nodes_host nodes_transport proto_ledger proto_wire proto_sign
               proto_base)
  target_compile_definitions(daemons_test PRIVATE SB_BIN="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
  add_dependencies(daemons_test samband-node samband-broker)
endif()
