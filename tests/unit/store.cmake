if(TARGET nodes_store)
  sb_test(store_test LABEL unit SOURCES unit/store_test.c LINK nodes_store TIMEOUT 120)
endif()
