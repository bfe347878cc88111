if(TARGET proto_rules)
  sb_fuzz(rule_fuzz SOURCES fuzz/rule_fuzz.c LINK proto_rules CORPUS tests/fuzz/corpus/rule.inputs)
endif()
