# What unit tests of the cores share: a store in memory, a short story, frames, effects in words.
if(TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_lib)
  sb_module(tests_sim
    SOURCES sim/frame_words.c sim/sim_frame.c sim/sim_store.c sim/sim_trace.c sim/sim_script.c
    PUBLIC broker_sequencer nodes_follower tests_lib)
endif()
