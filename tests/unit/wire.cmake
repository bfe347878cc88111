if(TARGET proto_wire)
  sb_test(wire_golden_test LABEL unit
    SOURCES unit/wire_golden_test.c lib/wire_samples.c LINK proto_wire proto_merkle)
  sb_test(wire_schema_test LABEL unit
    SOURCES unit/wire_schema_test.c lib/wire_samples.c LINK proto_wire)
  sb_test(wire_strict_test LABEL unit
    SOURCES unit/wire_strict_test.c lib/wire_samples.c LINK proto_wire)
endif()
