# How a module, a program and a test are declared. Every folder's CMakeLists.txt uses only these.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
foreach(lib lmdb libzmq libprotobuf-c yaml-0.1 jansson libutf8proc nettle cmocka)
  string(MAKE_C_IDENTIFIER ${lib} id)
  pkg_check_modules(${id} REQUIRED IMPORTED_TARGET ${lib})
endforeach()
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()
string(REPLACE "-DNDEBUG" "" CMAKE_C_FLAGS_RELEASE "-O2 -g1") # our assertions stay on in release
add_compile_definitions(_GNU_SOURCE SB_VERSION="${PROJECT_VERSION}")

set(SB_SANITIZE "" CACHE STRING "sanitizers: address,undefined | thread | fuzzer-no-link,address,undefined")
if(SB_SANITIZE)
  add_compile_options(-fsanitize=${SB_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SB_SANITIZE})
endif()

option(SB_FAULTS "compile fault points in (tests only, see nodes/host/fault.h)" OFF)
if(SB_FAULTS)
  add_compile_definitions(SB_FAULTS)
endif()

set(SB_WARNINGS -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wformat=2 -Wvla -Werror)
if(CMAKE_C_COMPILER_ID MATCHES Clang) # gcc judges what may be assigned to an enum without a name
  list(APPEND SB_WARNINGS -Wno-sign-conversion -Wno-shorten-64-to-32)
endif()

# sb_module(NAME SOURCES a.c b.c [PUBLIC t…] [PRIVATE t…]): a static library.
# PUBLIC: modules whose headers ours include; PRIVATE: what only the .c files use.
function(sb_module name)
  cmake_parse_arguments(M "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${M_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${SB_WARNINGS})
  target_link_libraries(${name} PUBLIC ${M_PUBLIC} PRIVATE ${M_PRIVATE})
endfunction()

# sb_program(NAME SOURCES main.c LINK t…): an executable in build/<preset>/bin.
function(sb_program name)
  cmake_parse_arguments(P "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${P_SOURCES})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${SB_WARNINGS})
  target_link_libraries(${name} PRIVATE ${P_LINK})
endfunction()

# sb_test(NAME LABEL unit SOURCES x_test.c LINK t… [TIMEOUT seconds] [ARGS …]): a cmocka test.
function(sb_test name)
  cmake_parse_arguments(T "" "LABEL;TIMEOUT" "SOURCES;LINK;ARGS" ${ARGN})
  sb_program(${name} SOURCES ${T_SOURCES} LINK ${T_LINK} PkgConfig::cmocka)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  # cmocka's own macros convert signedness; tests cut texts with snprintf on purpose
  target_compile_options(${name} PRIVATE -Wno-conversion -Wno-sign-conversion
                                 -Wno-format-truncation)
  add_test(NAME ${name} COMMAND ${name} ${T_ARGS} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 60)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS ${T_LABEL} TIMEOUT ${T_TIMEOUT}
                       SKIP_RETURN_CODE 77)
endfunction()
