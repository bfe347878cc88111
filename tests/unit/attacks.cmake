# Lying members and nodes, jumping clocks, hostile text.
if(TARGET tests_sim AND TARGET tests_play)
  sb_test(attacks_test LABEL unit SOURCES unit/attacks_test.c lib/liar.c
          LINK tests_sim tests_play proto_evidence TIMEOUT 300)
  sb_test(attacks_nodes_test LABEL unit SOURCES unit/attacks_nodes_test.c lib/liar.c
          LINK tests_sim tests_play proto_evidence TIMEOUT 300)
endif()
if(TARGET tests_play AND TARGET nodes_papers AND TARGET nodes_host)
  sb_test(attacks_text_test LABEL unit SOURCES unit/attacks_text_test.c
          LINK tests_play nodes_host nodes_papers TIMEOUT 180)
endif()
