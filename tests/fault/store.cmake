# Damaged stores (rows 12, 14, 15 of FAULTS.md), golden stores of each format,
# older ones brought up; no memory for LMDB (row 6).
if(TARGET tests_store_sample AND TARGET nodes_noded)
  sb_test(store_damage_test LABEL fault TIMEOUT 300
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_damage_test.c ${CMAKE_CURRENT_LIST_DIR}/store_check.c
    LINK tests_store_sample nodes_noded nodes_store nodes_follower proto_text)
  sb_test(store_golden_test LABEL fault
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_golden_test.c ${CMAKE_CURRENT_LIST_DIR}/store_check.c
    LINK tests_store_sample nodes_noded nodes_store nodes_follower proto_text)
  sb_test(store_migrate_test LABEL fault TIMEOUT 120
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_migrate_test.c ${CMAKE_CURRENT_LIST_DIR}/store_check.c
    LINK tests_store_sample nodes_noded nodes_store nodes_follower proto_text)
  target_link_options(store_migrate_test PRIVATE LINKER:--wrap=mdb_put LINKER:--wrap=fstatvfs)
endif()
if(TARGET nodes_store)
  sb_test(store_memory_test LABEL fault SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_memory_test.c
    LINK nodes_store proto_base ${CMAKE_DL_LIBS})
endif()
if(TARGET tests_store_sample)
  sb_program(make_golden SOURCES ${CMAKE_CURRENT_LIST_DIR}/make_golden.c LINK tests_store_sample)
  set_target_properties(make_golden PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
endif()
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  # hostile is that of net.cmake
  add_test(NAME store_fault COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/store_test.py
                                    ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} ${CMAKE_BINARY_DIR}/tests/hostile)
  add_library(newer_shim SHARED ${CMAKE_CURRENT_LIST_DIR}/newer_shim.c)
  # never with a sanitizer of its own: it is loaded before theirs
  target_compile_options(newer_shim PRIVATE -fno-sanitize=all -Wall -Wextra -Wshadow -Wconversion -Werror)
  target_link_options(newer_shim PRIVATE -fno-sanitize=all)
  target_link_libraries(newer_shim PRIVATE ${CMAKE_DL_LIBS} PkgConfig::libzmq)
  sb_program(newer_founding SOURCES ${CMAKE_CURRENT_LIST_DIR}/newer_founding.c
             LINK nodes_host proto_wire proto_sign proto_base)
  set_target_properties(newer_founding PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME versions_fault COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/versions_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
                                       $<TARGET_FILE:newer_shim> $<TARGET_FILE:newer_founding>)
  set_tests_properties(store_fault versions_fault PROPERTIES LABELS fault TIMEOUT 300)
endif()
