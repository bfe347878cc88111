# The network between real processes: a proxy that stalls and cuts, hostile clients, floods, access.
if(TARGET samband AND TARGET samband-node AND TARGET samband-broker)
  add_executable(sb_hostile ${CMAKE_CURRENT_LIST_DIR}/hostile.c)
  target_link_libraries(sb_hostile PRIVATE nodes_host proto_merkle proto_wire proto_sign proto_base
                        PkgConfig::libzmq)
  set_target_properties(sb_hostile PROPERTIES OUTPUT_NAME hostile
                        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_library(sb_zap_shim MODULE ${CMAKE_CURRENT_LIST_DIR}/zap_shim.c)
  target_compile_options(sb_zap_shim PRIVATE -fno-sanitize=all) # it must load into any program
  target_link_options(sb_zap_shim PRIVATE -fno-sanitize=all)
  target_link_libraries(sb_zap_shim PRIVATE dl)
  set_target_properties(sb_zap_shim PROPERTIES PREFIX "" OUTPUT_NAME zap_shim
                        LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  foreach(name net netns flood access)
    add_test(NAME ${name}_fault_test
             COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/${name}_test.py ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}
                     $<$<NOT:$<STREQUAL:${name},netns>>:$<TARGET_FILE:sb_hostile>>
                     $<$<STREQUAL:${name},access>:$<TARGET_FILE:sb_zap_shim>>
             COMMAND_EXPAND_LISTS)
    set_tests_properties(${name}_fault_test PROPERTIES LABELS fault TIMEOUT 240 SKIP_RETURN_CODE 77)
  endforeach()
endif()
