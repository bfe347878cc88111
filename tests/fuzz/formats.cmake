# What comes from files and peers besides entries and rules.
if(TARGET proto_merkle AND TARGET proto_sign)
  sb_fuzz(note_fuzz SOURCES fuzz/note_fuzz.c LINK proto_merkle proto_sign
    CORPUS tests/fuzz/corpus/note.inputs)
  sb_fuzz(tlog_proof_fuzz SOURCES fuzz/tlog_proof_fuzz.c LINK proto_merkle proto_sign
    CORPUS tests/fuzz/corpus/tlog_proof.inputs)
  sb_fuzz(keyfile_fuzz SOURCES fuzz/keyfile_fuzz.c LINK proto_sign
    CORPUS tests/fuzz/corpus/keyfile.inputs)
endif()
if(TARGET proto_wire)
  sb_fuzz(frame_fuzz SOURCES fuzz/frame_fuzz.c LINK proto_wire CORPUS tests/fuzz/corpus/frame.inputs)
  sb_fuzz(federation_fuzz SOURCES fuzz/federation_fuzz.c LINK proto_wire proto_sign
    CORPUS tests/fuzz/corpus/federation.inputs)
endif()
if(TARGET nodes_charter AND TARGET proto_ledger)
  sb_fuzz(charter_fuzz SOURCES fuzz/charter_fuzz.c LINK nodes_charter nodes_host proto_ledger
    CORPUS tests/fuzz/corpus/charter.inputs)
endif()
