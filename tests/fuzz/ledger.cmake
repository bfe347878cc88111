# Signed entries to the fold.
if(TARGET tests_play)
  sb_fuzz(entry_ledger_fuzz SOURCES fuzz/entry_ledger_fuzz.c LINK tests_play
    CORPUS tests/fuzz/corpus/entry_ledger.inputs)
endif()
