# What the reviews of issue B found: actions, versions of the charter, erasing.
if(TARGET tests_play)
  sb_test(ledger_review_actions_test LABEL unit SOURCES ${CMAKE_CURRENT_LIST_DIR}/ledger_review_actions_test.c
    LINK tests_play)
endif()
