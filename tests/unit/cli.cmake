if(TARGET nodes_cli)
  sb_test(cli_verbs_test LABEL unit SOURCES unit/cli_verbs_test.c LINK nodes_cli nodes_host proto_wire)
  sb_test(cli_read_test LABEL unit SOURCES unit/cli_read_test.c LINK nodes_cli nodes_host proto_wire)
  sb_test(charter_follow_test LABEL unit SOURCES unit/charter_follow_test.c
          LINK nodes_cli nodes_charter nodes_host proto_wire)
  sb_test(cli_files_test LABEL unit SOURCES unit/cli_files_test.c LINK nodes_cli nodes_charter nodes_host)
  if(TARGET tests_lib)
    sb_test(cli_head_test LABEL unit SOURCES unit/cli_head_test.c
            LINK nodes_cli tests_lib nodes_host proto_ledger proto_merkle)
  endif()
  if(TARGET tests_play)
    sb_test(cli_change_test LABEL unit SOURCES unit/cli_change_test.c LINK nodes_cli tests_play)
  endif()
endif()
