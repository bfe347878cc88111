# A node that reads one rule differently, for the test that such a node stops by itself and names
# the entry: the linker puts changed_rule.c between the ledger and the rules. Nothing in the
# product knows about it.
if(TARGET samband-node)
  set(noded ${PROJECT_SOURCE_DIR}/nodes/noded)
  sb_program(samband-node-changed
    SOURCES ${noded}/main.c ${noded}/node.c ${noded}/ahead.c ${noded}/members.c ${noded}/blobs.c
            ${noded}/links.c ${noded}/rewind.c ${CMAKE_CURRENT_LIST_DIR}/changed_rule.c
    LINK nodes_noded nodes_follower nodes_store nodes_transport nodes_host proto_ledger proto_wire
         proto_merkle proto_sign proto_text proto_rules proto_base -Wl,--wrap=sb_rule_eval)
  set_target_properties(samband-node-changed PROPERTIES RUNTIME_OUTPUT_DIRECTORY
                        ${CMAKE_BINARY_DIR}/tests)
endif()
