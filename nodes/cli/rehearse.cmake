# Rehearsal scripts: reading them touches nothing but the file, so it is a module of its own.
sb_module(nodes_rehearse_script
  SOURCES ${CMAKE_CURRENT_LIST_DIR}/rehearse_script.c ${CMAKE_CURRENT_LIST_DIR}/rehearse_value.c
          ${CMAKE_CURRENT_LIST_DIR}/rehearse_check.c
  PUBLIC nodes_host proto_wire
  PRIVATE proto_text proto_calendar)
