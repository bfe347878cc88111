# Frames from several peers at the three cores.
if(TARGET nodes_follower AND TARGET broker_sequencer AND TARGET broker_standby AND TARGET tests_play)
  foreach(core follower sequencer standby)
    sb_fuzz(${core}_frames_fuzz
      SOURCES fuzz/${core}_frames_fuzz.c fuzz/frame_pool.c fuzz/frame_kinds.c sim/sim_store.c
      LINK nodes_follower broker_sequencer broker_standby tests_play
      CORPUS tests/fuzz/corpus/${core}_frames.inputs)
  endforeach()
endif()
