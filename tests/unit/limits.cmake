# Each bound of proto/base/limits.h crossed: at the limit taken, one above refused by its code.
if(TARGET proto_wire)
  sb_test(limits_wire_test LABEL unit
          SOURCES unit/limits_wire_test.c lib/wire_samples.c LINK proto_wire)
endif()
if(TARGET nodes_rehearse_script AND TARGET nodes_witness AND TARGET proto_evidence)
  sb_test(limits_files_test LABEL unit SOURCES unit/limits_files_test.c
          LINK nodes_rehearse_script nodes_witness nodes_host proto_evidence proto_calendar proto_sign)
endif()
