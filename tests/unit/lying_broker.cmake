# A lying broker: each lie by its name, against real followers, and in a bundle.
if(TARGET tests_sim AND TARGET tests_play)
  sb_test(lying_broker_test LABEL unit SOURCES unit/lying_broker_test.c lib/liar.c
          LINK tests_sim tests_play proto_evidence TIMEOUT 300)
  sb_test(lying_broker_heads_test LABEL unit SOURCES unit/lying_broker_heads_test.c lib/liar.c
          LINK tests_sim tests_play proto_evidence TIMEOUT 300)
  if(TARGET nodes_auditor)
    sb_test(lying_bundle_test LABEL unit
            SOURCES unit/lying_bundle_test.c lib/liar.c lib/bundle_files.c
            LINK tests_sim tests_play proto_evidence nodes_auditor TIMEOUT 300)
  endif()
endif()
