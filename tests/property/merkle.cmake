if(TARGET proto_merkle)
  sb_test(merkle_property_test LABEL property SOURCES property/merkle_property_test.c
          LINK proto_merkle TIMEOUT 300)
endif()
