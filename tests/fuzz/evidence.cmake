# Evidence files, proofs of decisions and policies (the corpus: what evidence_test DIR writes, and a proof and a policy of a rehearsal).
if(TARGET proto_evidence)
  sb_fuzz(evidence_fuzz SOURCES fuzz/evidence_fuzz.c LINK proto_evidence proto_sign
    CORPUS tests/fuzz/corpus/evidence.inputs)
endif()
