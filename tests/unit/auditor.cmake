if(TARGET nodes_auditor AND TARGET tests_play)
  foreach(subject bundle history)
    sb_test(audit_${subject}_test LABEL unit TIMEOUT 300
      SOURCES unit/audit_${subject}_test.c unit/audit_rig.c lib/bundle_files.c
      LINK nodes_auditor tests_play proto_merkle proto_sign)
  endforeach()
  sb_test(audit_words_test LABEL unit TIMEOUT 300
    SOURCES unit/audit_words_test.c unit/audit_rig.c lib/bundle_files.c lib/inputs.c
    LINK nodes_auditor tests_play proto_merkle proto_sign
    ARGS $<TARGET_FILE:samband-audit>)
  add_dependencies(audit_words_test samband-audit)
endif()
