if(TARGET proto_wire)
  sb_test(wire_property_test LABEL property
    SOURCES property/wire_property_test.c lib/wire_samples.c LINK proto_wire)
endif()
