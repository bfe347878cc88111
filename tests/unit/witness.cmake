if(TARGET nodes_witness)
  sb_test(witness_test LABEL unit SOURCES unit/witness_test.c LINK nodes_witness nodes_host proto_sign)
endif()
