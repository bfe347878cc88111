# The other decoders: README.md has the table.
if(TARGET proto_ledger)
  sb_fuzz(charter_compiled_fuzz
    SOURCES fuzz/charter_compiled_fuzz.c lib/wire_samples.c LINK proto_ledger proto_wire proto_sign
    CORPUS tests/fuzz/corpus/charter_compiled.inputs)
  sb_fuzz(statement_fuzz SOURCES fuzz/statement_fuzz.c LINK proto_wire proto_sign
    CORPUS tests/fuzz/corpus/statement.inputs)
endif()
if(TARGET proto_calendar)
  sb_fuzz(deadline_fuzz SOURCES fuzz/deadline_fuzz.c LINK proto_calendar
    CORPUS tests/fuzz/corpus/deadline.inputs)
endif()
if(TARGET proto_merkle)
  sb_fuzz(policy_fuzz SOURCES fuzz/policy_fuzz.c LINK proto_merkle
    CORPUS tests/fuzz/corpus/policy.inputs)
endif()
if(TARGET nodes_auditor AND TARGET tests_play)
  sb_fuzz(proof_fuzz SOURCES fuzz/proof_fuzz.c LINK nodes_auditor proto_merkle
    CORPUS tests/fuzz/corpus/proof.inputs)
  sb_fuzz(bundle_fuzz SOURCES fuzz/bundle_fuzz.c lib/bundle_files.c
    LINK nodes_auditor tests_play proto_merkle proto_sign CORPUS tests/fuzz/corpus/bundle.inputs)
endif()
if(TARGET nodes_host)
  sb_fuzz(doc_fuzz SOURCES fuzz/doc_fuzz.c LINK nodes_host proto_wire
    CORPUS tests/fuzz/corpus/doc.inputs)
endif()
if(TARGET nodes_witness AND TARGET nodes_charter)
  sb_fuzz(config_fuzz SOURCES fuzz/config_fuzz.c LINK nodes_witness nodes_charter nodes_host
    CORPUS tests/fuzz/corpus/config.inputs)
  sb_fuzz(witness_fuzz SOURCES fuzz/witness_fuzz.c LINK nodes_witness nodes_web nodes_host
    CORPUS tests/fuzz/corpus/witness.inputs)
endif()
if(TARGET nodes_cli)
  sb_fuzz(script_fuzz SOURCES fuzz/script_fuzz.c lib/wire_samples.c
    LINK nodes_rehearse_script nodes_host proto_wire proto_sign CORPUS tests/fuzz/corpus/script.inputs)
  sb_fuzz(answer_fuzz SOURCES fuzz/answer_fuzz.c LINK nodes_cli nodes_host proto_wire
    CORPUS tests/fuzz/corpus/answer.inputs)
endif()
if(TARGET nodes_noded AND TARGET nodes_store)
  sb_fuzz(blob_fuzz SOURCES fuzz/blob_fuzz.c LINK nodes_noded nodes_store proto_wire
    CORPUS tests/fuzz/corpus/blob.inputs)
endif()
if(TARGET nodes_transport)
  sb_fuzz(zap_fuzz SOURCES fuzz/zap_fuzz.c LINK nodes_transport PkgConfig::libzmq
    CORPUS tests/fuzz/corpus/zap.inputs)
endif()
