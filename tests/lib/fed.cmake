# A test federation in memory, for whoever needs leaves that mean something.
if(TARGET proto_ledger)
  sb_module(tests_lib
    SOURCES lib/fed.c lib/fed_charter.c lib/fed_trace.c lib/fed_terms.c lib/older_rows.c
    PUBLIC proto_ledger proto_sign
    PRIVATE proto_rules proto_calendar)
endif()
