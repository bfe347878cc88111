if(TARGET nodes_transport)
  sb_test(net_turns_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/net_turns_test.c
          LINK nodes_transport proto_base)
endif()
