# The benchmarks' programs: small, and built with everything so that they can't rot. tests/bench/run
# runs them; ctest only sees that they run at all, on small logs.
if(TARGET samband-node AND TARGET samband-broker AND TARGET tests_play)
  sb_module(bench_lib
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/bench.c ${CMAKE_CURRENT_LIST_DIR}/bare.c
            ${CMAKE_CURRENT_LIST_DIR}/process.c ${CMAKE_CURRENT_LIST_DIR}/client.c
            ${CMAKE_CURRENT_LIST_DIR}/live.c ${CMAKE_CURRENT_LIST_DIR}/etcd.c
            ${CMAKE_CURRENT_LIST_DIR}/lmdb.c
    PUBLIC nodes_store nodes_transport nodes_host proto_ledger proto_wire proto_merkle proto_sign
           proto_base
    PRIVATE PkgConfig::sodium PkgConfig::lmdb)
  sb_program(bench_generate SOURCES ${CMAKE_CURRENT_LIST_DIR}/generate.c
    ${CMAKE_CURRENT_LIST_DIR}/directories.c LINK bench_lib nodes_follower tests_play proto_calendar)
  sb_program(bench_votes SOURCES ${CMAKE_CURRENT_LIST_DIR}/votes.c ${CMAKE_CURRENT_LIST_DIR}/world.c
    ${CMAKE_CURRENT_LIST_DIR}/directories.c LINK bench_lib nodes_follower tests_play)
  sb_program(bench_replay SOURCES ${CMAKE_CURRENT_LIST_DIR}/replay.c LINK bench_lib)
  sb_program(bench_everywhere SOURCES ${CMAKE_CURRENT_LIST_DIR}/everywhere.c
    ${CMAKE_CURRENT_LIST_DIR}/watch.c LINK bench_lib nodes_follower)
  sb_program(bench_fanout SOURCES ${CMAKE_CURRENT_LIST_DIR}/fanout.c
    ${CMAKE_CURRENT_LIST_DIR}/watch.c LINK bench_lib nodes_follower)
  sb_program(bench_recover SOURCES ${CMAKE_CURRENT_LIST_DIR}/recover.c
    ${CMAKE_CURRENT_LIST_DIR}/watch.c LINK bench_lib nodes_follower)
  foreach(name audit growth size decision)
    sb_program(bench_${name} SOURCES ${CMAKE_CURRENT_LIST_DIR}/${name}.c LINK bench_lib)
  endforeach()
  sb_program(bench_ingest SOURCES ${CMAKE_CURRENT_LIST_DIR}/ingest.c LINK bench_lib)
  sb_program(bench_fold SOURCES ${CMAKE_CURRENT_LIST_DIR}/fold.c LINK bench_lib)
  sb_program(bench_follow SOURCES ${CMAKE_CURRENT_LIST_DIR}/follow.c
    ${CMAKE_CURRENT_LIST_DIR}/watch.c LINK bench_lib nodes_follower)
  sb_program(bench_rules SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules.c LINK bench_lib proto_rules)
  sb_program(bench_ballots SOURCES ${CMAKE_CURRENT_LIST_DIR}/ballots.c LINK bench_lib tests_play)
  set(bench_programs bench_generate bench_votes bench_replay bench_ingest bench_everywhere bench_fanout
      bench_audit bench_growth bench_size bench_decision bench_recover bench_fold
      bench_follow bench_rules bench_ballots)
  set_target_properties(${bench_programs} PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                        ${CMAKE_BINARY_DIR}/tests)
  add_custom_target(bench DEPENDS ${bench_programs} samband-node samband-broker samband
                    samband-audit)
  add_test(NAME bench_smoke COMMAND ${CMAKE_CURRENT_LIST_DIR}/run --build ${CMAKE_BINARY_DIR}
           --entries 400 --ballots 1200 --rounds 1 --scale 160 --seats 64 --light 4,8
           --scratch ${CMAKE_BINARY_DIR}/bench-smoke)
  set_tests_properties(bench_smoke PROPERTIES LABELS unit TIMEOUT 240)
endif()
