if(TARGET proto_merkle)
  sb_test(merkle_vectors_test LABEL conformance SOURCES conformance/merkle_vectors_test.c
          LINK proto_merkle PkgConfig::jansson)
endif()
