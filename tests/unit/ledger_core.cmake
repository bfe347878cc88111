if(TARGET proto_ledger)
  foreach(part rows charter federation submissions system people capabilities)
    sb_test(ledger_${part}_test LABEL unit SOURCES unit/ledger_${part}_test.c
      LINK tests_lib proto_ledger proto_sign)
  endforeach()
endif()
if(TARGET tests_play)
  sb_test(ledger_due_test LABEL unit SOURCES unit/ledger_due_test.c LINK tests_play)
endif()
