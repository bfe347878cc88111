# A node's store on disk, for tests that damage it.
if(TARGET tests_play AND TARGET nodes_store AND TARGET nodes_follower)
  sb_module(tests_store_sample
    SOURCES ${CMAKE_CURRENT_LIST_DIR}/store_sample.c
    PUBLIC tests_play nodes_store proto_ledger
    PRIVATE nodes_follower proto_merkle)
endif()
