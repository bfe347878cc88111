if(TARGET tests_store_sample AND TARGET nodes_follower AND TARGET broker_standby)
  sb_test(own_rows_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/own_rows_test.c
          LINK tests_store_sample nodes_follower broker_standby proto_evidence)
endif()
