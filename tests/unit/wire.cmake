if(TARGET proto_wire)
  sb_test(wire_golden_test LABEL unit
    SOURCES unit/wire_golden_test.c lib/wire_samples.c LINK proto_wire proto_merkle)
  foreach(name schema strict entry)
    sb_test(wire_${name}_test LABEL unit
      SOURCES unit/wire_${name}_test.c lib/wire_samples.c LINK proto_wire)
  endforeach()
endif()
