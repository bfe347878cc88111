if(TARGET proto_evidence)
  sb_test(protocol_examples_test LABEL unit
    SOURCES unit/protocol_examples_test.c unit/protocol_examples_world.c unit/protocol_examples.c
    LINK proto_evidence proto_sign)
endif()
