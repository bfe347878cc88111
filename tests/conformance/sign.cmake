if(TARGET proto_sign)
  sb_test(ed25519_cctv_test LABEL conformance SOURCES conformance/ed25519_cctv_test.c
          LINK proto_sign PkgConfig::jansson)
endif()
