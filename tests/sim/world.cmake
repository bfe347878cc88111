# The simulator: brokers, standbys, nodes, members and auditors in one process, under seeds.
if(TARGET broker_standby AND TARGET broker_sequencer AND TARGET nodes_follower AND TARGET tests_play)
  sb_module(tests_meeting
    SOURCES sim/meeting.c sim/meeting_plays.c sim/meeting_judge.c
            sim/meeting_judge_heads.c sim/meeting_judge_votes.c
    PUBLIC tests_play tests_lib)
  sb_test(meeting_test LABEL sim SOURCES sim/meeting_test.c LINK tests_meeting TIMEOUT 120)
  sb_module(tests_world
    SOURCES sim/world.c sim/world_audit.c sim/world_broker.c sim/world_checks.c sim/world_clock.c
            sim/world_faults.c sim/world_map.c sim/world_members.c
            sim/world_memo.c sim/world_net.c sim/world_node.c sim/world_plan.c sim/world_signed.c
            sim/world_store.c sim/world_words.c sim/liars.c sim/liars_broker.c sim/liars_node.c sim/liars_reach.c
    PUBLIC tests_sim broker_sequencer broker_standby nodes_follower tests_lib tests_meeting)
  target_link_libraries(tests_world PRIVATE PkgConfig::sodium)
  # verdicts of signatures are kept (world_memo.c)
  target_link_options(tests_world PUBLIC
    LINKER:--wrap=crypto_sign_verify_detached LINKER:--wrap=crypto_sign_detached
    LINKER:--wrap=crypto_core_ed25519_is_valid_point)
  sb_test(frozen_test LABEL sim SOURCES sim/frozen_test.c LINK tests_world TIMEOUT 120)
  sb_test(simulate LABEL sim SOURCES sim/simulate.c LINK tests_world TIMEOUT 600)
endif()
# That tests/sim/mistakes can still plant each of its bugs; whether they are found: README.md.
find_program(PYTHON3 python3)
if(PYTHON3)
  add_test(NAME mistakes_texts COMMAND ${PYTHON3} -B ${CMAKE_CURRENT_LIST_DIR}/mistakes --texts)
  set_tests_properties(mistakes_texts PROPERTIES LABELS sim TIMEOUT 60)
endif()
