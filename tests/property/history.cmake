if(TARGET nodes_store AND TARGET tests_play)
  sb_test(history_property_test LABEL property SOURCES property/history_property_test.c
    LINK tests_play nodes_store TIMEOUT 120)
endif()
