if(TARGET nodes_papers)
  sb_test(papers_test LABEL unit SOURCES unit/papers_test.c lib/minutes_sample.c LINK nodes_papers)
endif()
if(TARGET nodes_papers AND TARGET nodes_host AND TARGET tests_play)
  sb_test(minutes_model_test LABEL unit
    SOURCES unit/minutes_model_test.c ${PROJECT_SOURCE_DIR}/nodes/cli/minutes_model.c
            ${PROJECT_SOURCE_DIR}/nodes/cli/minutes_model_case.c
            ${PROJECT_SOURCE_DIR}/nodes/cli/minutes_model_more.c
            ${PROJECT_SOURCE_DIR}/nodes/cli/minutes_model_people.c
    LINK nodes_papers nodes_host proto_calendar tests_play)
endif()
