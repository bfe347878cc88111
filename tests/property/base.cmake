if(TARGET proto_base)
  sb_test(base_kv_property_test LABEL property SOURCES property/base_kv_property_test.c LINK proto_base)
endif()
