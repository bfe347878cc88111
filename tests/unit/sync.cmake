# Traces of the two pure cores.
if(TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_lib)
  sb_test(sequencer_test LABEL unit SOURCES unit/sequencer_test.c LINK tests_sim_world)
  sb_test(sequencer_history_test LABEL unit SOURCES unit/sequencer_history_test.c
          LINK tests_sim_world tests_play)
  sb_test(follower_test LABEL unit SOURCES unit/follower_test.c LINK tests_sim_world)
  sb_test(follower_terms_test LABEL unit SOURCES unit/follower_terms_test.c
          LINK tests_sim_world tests_play)
  sb_test(frame_test LABEL unit SOURCES unit/frame_test.c LINK proto_wire)
endif()
if(TARGET nodes_noded AND TARGET nodes_store)
  sb_test(blob_transfer_test LABEL unit SOURCES unit/blob_transfer_test.c
          LINK tests_store_sample nodes_noded nodes_store proto_wire proto_base)
endif()
