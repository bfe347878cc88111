if(TARGET proto_base)
  sb_test(kv_conformance_test LABEL conformance LINK proto_base
    SOURCES conformance/kv_conformance_test.c conformance/kv_suite.c)
endif()
