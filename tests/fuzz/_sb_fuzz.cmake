# sb_fuzz(NAME SOURCES … LINK … CORPUS file…): with -DSB_FUZZ=ON (preset fuzz) a libFuzzer program
# build/fuzz/tests/NAME to run by hand on a directory (inputs.py unpacks), else an ordinary test over the corpus.
# Sources are relative to tests/, the corpus (inputs.py) to the root.
option(SB_FUZZ "build the fuzz targets as libFuzzer programs (clang)" OFF)
function(sb_fuzz name)
  cmake_parse_arguments(F "" "" "SOURCES;LINK;CORPUS" ${ARGN})
  list(APPEND F_SOURCES fuzz/fuzz.c)
  list(APPEND F_LINK proto_schema)
  if(NOT TARGET proto_schema)
    return() # SB_ONLY left it out
  endif()
  if(SB_FUZZ)
    sb_program(${name} SOURCES ${F_SOURCES} LINK ${F_LINK})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  else()
    sb_test(${name} LABEL fuzz SOURCES fuzz/corpus_main.c lib/inputs.c ${F_SOURCES} LINK ${F_LINK}
      ARGS ${F_CORPUS} TIMEOUT 300)
  endif()
endfunction()
