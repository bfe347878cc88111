# The sequencer and followers in one process, under seeds.
if(TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_lib)
  sb_module(tests_sim_world
    SOURCES sim/sim_world.c sim/sim_store.c sim/sim_script.c sim/sim_trace.c
    PUBLIC broker_sequencer nodes_follower tests_lib)
  sb_test(sync_sim_test LABEL sim SOURCES sim/sync_sim_test.c LINK tests_sim_world TIMEOUT 300)
endif()
