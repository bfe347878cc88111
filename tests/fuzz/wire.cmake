if(TARGET proto_wire)
  sb_fuzz(entry_fuzz SOURCES fuzz/entry_fuzz.c LINK proto_wire CORPUS tests/fuzz/corpus/entry.inputs)
endif()
