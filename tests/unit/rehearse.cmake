if(TARGET nodes_rehearse_script AND TARGET nodes_charter)
  sb_test(rehearse_script_test LABEL unit SOURCES unit/rehearse_script_test.c
          LINK nodes_rehearse_script nodes_charter proto_text)
endif()
