if(TARGET nodes_papers AND TARGET proto_text AND TARGET proto_wire)
  sb_test(papers_test LABEL unit SOURCES unit/papers_test.c lib/minutes_sample.c LINK nodes_papers)
endif()
