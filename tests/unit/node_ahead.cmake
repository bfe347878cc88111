if(TARGET samband-node AND TARGET tests_lib)
  sb_test(node_ahead_test LABEL unit
          SOURCES ${CMAKE_CURRENT_LIST_DIR}/node_ahead_test.c ${PROJECT_SOURCE_DIR}/nodes/noded/ahead.c
          LINK tests_lib nodes_noded nodes_follower nodes_store nodes_transport nodes_host
               proto_ledger proto_wire proto_merkle proto_base)
endif()
