# Random rules and bodies, for the property tests of proto/rules.
if(TARGET proto_rules)
  sb_module(tests_rules SOURCES ${CMAKE_CURRENT_LIST_DIR}/rules_gen.c PUBLIC proto_rules PkgConfig::cmocka)
endif()
