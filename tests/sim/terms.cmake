# Brokers, standbys and nodes over terms, under seeds.
if(TARGET broker_standby AND TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_lib)
  sb_module(tests_terms_world
    SOURCES sim/terms_world.c sim/terms_node.c sim/terms_broker.c sim/sim_store.c sim/sim_script.c
    PUBLIC broker_sequencer broker_standby nodes_follower tests_lib)
  sb_test(terms_sim_test LABEL sim SOURCES sim/terms_sim_test.c LINK tests_terms_world TIMEOUT 600)
endif()
