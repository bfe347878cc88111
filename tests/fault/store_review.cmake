# What the review of the stores found (rows 6, 8, 12, 14 of FAULTS.md).
if(TARGET tests_store_sample AND TARGET nodes_noded)
  sb_test(store_review_test LABEL fault TIMEOUT 120
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_review_test.c ${CMAKE_CURRENT_LIST_DIR}/store_check.c
    LINK tests_store_sample nodes_noded nodes_store nodes_follower proto_text)
endif()
