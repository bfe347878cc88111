# Power cuts: record.so tells what a process wrote and synced, replay.c makes what a cut may leave.
if(NOT TARGET sb_record AND NOT SB_SANITIZE MATCHES "thread|fuzzer")
  add_library(sb_record MODULE ${CMAKE_CURRENT_LIST_DIR}/record.c)
  target_include_directories(sb_record PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(sb_record PRIVATE -fno-sanitize=all) # it must load into any program
  target_link_options(sb_record PRIVATE -fno-sanitize=all)
  target_link_libraries(sb_record PRIVATE dl Threads::Threads)
  set_target_properties(sb_record PROPERTIES PREFIX "" OUTPUT_NAME record
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
if(TARGET sb_record AND TARGET nodes_store AND TARGET tests_play)
  sb_test(power_store_test LABEL fault SOURCES fault/power_store_test.c fault/power_story.c fault/power_judge.c
            fault/replay.c fault/replay_cuts.c
    LINK tests_play nodes_store TIMEOUT 120 ARGS $<TARGET_FILE:sb_record>)
  add_dependencies(power_store_test sb_record)
endif()
if(TARGET sb_record)
  sb_program(power_replay SOURCES ${CMAKE_CURRENT_LIST_DIR}/power_replay.c
    ${CMAKE_CURRENT_LIST_DIR}/replay.c
    ${CMAKE_CURRENT_LIST_DIR}/replay_cuts.c)
  set_target_properties(power_replay PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
if(TARGET nodes_store AND TARGET tests_play)
  sb_test(power_pages_test LABEL fault SOURCES fault/power_pages_test.c fault/power_story.c
    LINK tests_play nodes_store TIMEOUT 120)
endif()
if(TARGET sb_record AND TARGET nodes_store)
  sb_program(power_store_replay SOURCES ${CMAKE_CURRENT_LIST_DIR}/power_store_replay.c
    ${CMAKE_CURRENT_LIST_DIR}/power_judge.c ${CMAKE_CURRENT_LIST_DIR}/replay.c
    ${CMAKE_CURRENT_LIST_DIR}/replay_cuts.c LINK nodes_store)
  set_target_properties(power_store_replay PROPERTIES
                        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
if(TARGET sb_record AND TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  foreach(test power_files operator power_daemons)
    add_test(NAME ${test}_test COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/${test}_test.py
                                       ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
    set_tests_properties(${test}_test PROPERTIES LABELS fault TIMEOUT 300)
  endforeach()
endif()
