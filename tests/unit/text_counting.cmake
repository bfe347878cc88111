if(TARGET proto_text AND TARGET proto_calendar)
  sb_test(text_counting_test LABEL unit SOURCES unit/text_counting_test.c LINK proto_text)
endif()
