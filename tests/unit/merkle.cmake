if(TARGET proto_merkle)
  sb_test(note_test LABEL unit SOURCES unit/note_test.c LINK proto_merkle)
endif()
