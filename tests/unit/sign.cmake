if(TARGET proto_sign)
  sb_test(sign_test LABEL unit SOURCES unit/sign_test.c LINK proto_sign)
  sb_test(keyfile_test LABEL unit SOURCES unit/keyfile_test.c LINK proto_sign)
endif()
