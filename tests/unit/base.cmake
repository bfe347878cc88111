if(TARGET proto_base)
  foreach(part err cursor arena json hash kv sortedmap)
    sb_test(base_${part}_test LABEL unit SOURCES unit/base_${part}_test.c LINK proto_base)
  endforeach()
  target_link_libraries(base_hash_test PRIVATE PkgConfig::sodium) # a second SHA-256
endif()
