# The standby core, among nodes written by hand.
if(TARGET broker_standby AND TARGET tests_lib)
  sb_test(standby_test LABEL unit
          SOURCES unit/standby_test.c unit/standby_rig.c sim/sim_store.c
          LINK broker_standby tests_lib)
  sb_test(standby_branch_test LABEL unit
          SOURCES unit/standby_branch_test.c unit/standby_rig.c sim/sim_store.c
          LINK broker_standby tests_lib)
endif()
if(TARGET broker_sequencer AND TARGET tests_lib)
  sb_test(sequencer_terms_test LABEL unit
          SOURCES unit/sequencer_terms_test.c unit/sequencer_rig.c sim/sim_store.c
          LINK broker_sequencer tests_lib)
  sb_test(sequencer_start_test LABEL unit
          SOURCES unit/sequencer_start_test.c unit/sequencer_rig.c sim/sim_store.c
          LINK broker_sequencer tests_lib)
endif()
if(TARGET broker_sequencer AND TARGET tests_play)
  sb_test(sequencer_push_test LABEL unit
          SOURCES unit/sequencer_push_test.c unit/sequencer_rig.c sim/sim_store.c
          LINK broker_sequencer tests_play)
endif()
if(TARGET broker_standby AND TARGET tests_lib)
  foreach(subject answers promise seal terms)
    sb_test(standby_${subject}_test LABEL unit
            SOURCES unit/standby_${subject}_test.c unit/standby_rig.c sim/sim_store.c
            LINK broker_standby tests_lib)
  endforeach()
  sb_test(standby_many_test LABEL unit
          SOURCES unit/standby_many_test.c unit/standby_rig.c sim/sim_store.c
          LINK broker_standby tests_lib TIMEOUT 600)
endif()
if(TARGET broker_standby AND TARGET tests_play)
  sb_test(standby_ask_test LABEL unit
          SOURCES unit/standby_ask_test.c unit/standby_rig.c sim/sim_store.c
          LINK broker_standby tests_play)
endif()
