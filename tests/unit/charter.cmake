if(TARGET nodes_charter)
  sb_test(charter_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/charter_test.c
          LINK nodes_charter nodes_host proto_wire proto_rules proto_base)
endif()
