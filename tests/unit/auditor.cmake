if(TARGET nodes_auditor AND TARGET tests_play)
  sb_test(audit_test LABEL unit TIMEOUT 300
    SOURCES unit/audit_test.c lib/bundle_files.c lib/inputs.c
    LINK nodes_auditor tests_play proto_merkle proto_sign
    ARGS $<TARGET_FILE:samband-audit>)
  add_dependencies(audit_test samband-audit)
endif()
