if(TARGET proto_evidence AND TARGET tests_play)
  sb_test(evidence_test LABEL unit TIMEOUT 120
    SOURCES unit/evidence_test.c LINK proto_evidence tests_play proto_sign)
endif()
