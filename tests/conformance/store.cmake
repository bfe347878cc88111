if(TARGET nodes_store)
  sb_test(store_kv_conformance_test LABEL conformance LINK nodes_store
    SOURCES conformance/store_kv_conformance_test.c conformance/kv_suite.c)
endif()
