# Each bound of proto/base/limits.h crossed: at the limit taken, one above refused by its code.
if(TARGET proto_wire)
  sb_test(limits_wire_test LABEL unit
          SOURCES unit/limits_wire_test.c lib/wire_samples.c LINK proto_wire TIMEOUT 180)
endif()
if(TARGET nodes_rehearse_script AND TARGET nodes_witness AND TARGET proto_evidence)
  sb_test(limits_files_test LABEL unit SOURCES unit/limits_files_test.c
          LINK nodes_rehearse_script nodes_witness nodes_host proto_evidence proto_calendar proto_sign TIMEOUT 180)
endif()
if(TARGET tests_sim AND TARGET tests_play AND TARGET broker_standby)
  sb_test(limits_cores_test LABEL unit SOURCES unit/limits_cores_test.c lib/liar.c
          LINK tests_sim tests_play proto_evidence broker_sequencer broker_standby TIMEOUT 180)
endif()
