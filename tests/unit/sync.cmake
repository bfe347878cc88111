# Traces of the two pure cores.
if(TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_lib)
  sb_test(sequencer_test LABEL unit SOURCES unit/sequencer_test.c LINK tests_sim_world)
  sb_test(follower_test LABEL unit SOURCES unit/follower_test.c LINK tests_sim_world)
  sb_test(frame_test LABEL unit SOURCES unit/frame_test.c LINK proto_wire)
endif()
