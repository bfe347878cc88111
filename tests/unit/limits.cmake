# Each bound of proto/base/limits.h crossed: at the limit taken, one above refused by its code.
if(TARGET proto_wire)
  sb_test(limits_wire_test LABEL unit
          SOURCES unit/limits_wire_test.c lib/wire_samples.c LINK proto_wire)
endif()
