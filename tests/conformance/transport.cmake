if(TARGET nodes_transport AND TARGET nodes_host)
  sb_test(net_test LABEL conformance SOURCES ${CMAKE_CURRENT_LIST_DIR}/net_test.c
          LINK nodes_transport nodes_host proto_sign PkgConfig::libzmq)
endif()
