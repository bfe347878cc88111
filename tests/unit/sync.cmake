# Traces of the two pure cores.
if(TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_lib)
  sb_test(sequencer_test LABEL unit SOURCES unit/sequencer_test.c LINK tests_sim)
  sb_test(sequencer_history_test LABEL unit SOURCES unit/sequencer_history_test.c
          LINK tests_sim tests_play)
  sb_module(tests_follower_rig
    SOURCES unit/follower_rig.c unit/follower_says.c
    PUBLIC tests_sim proto_evidence PkgConfig::cmocka)
  # cmocka's own macros, as in sb_test
  target_compile_options(tests_follower_rig PRIVATE -Wno-conversion -Wno-sign-conversion
                         -Wno-format-truncation)
  foreach(subject sync pace evidence cosign outbox promise restored terms hold fork)
    sb_test(follower_${subject}_test LABEL unit SOURCES unit/follower_${subject}_test.c
            LINK tests_follower_rig)
  endforeach()
  foreach(subject cut put_off)
    sb_test(follower_${subject}_test LABEL unit SOURCES unit/follower_${subject}_test.c
            LINK tests_follower_rig tests_play)
  endforeach()
  sb_test(frame_test LABEL unit SOURCES unit/frame_test.c LINK proto_wire)
  sb_test(pace_test LABEL unit SOURCES unit/pace_test.c LINK proto_wire)
endif()
if(TARGET nodes_noded AND TARGET nodes_store)
  sb_test(blob_transfer_test LABEL unit SOURCES unit/blob_transfer_test.c
          LINK tests_store_sample nodes_noded nodes_store proto_wire proto_base)
endif()
