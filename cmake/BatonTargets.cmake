# How every target of Baton is compiled: warnings, sanitizers, include root, ccache.

option(BATON_WARNINGS_AS_ERRORS "Treat compiler warnings as errors (CI does)" OFF)
set(BATON_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=: address,undefined or thread")

option(BATON_FUZZ "Build the libFuzzer targets (needs clang)" OFF)

find_program(BATON_CCACHE ccache)
if(BATON_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${BATON_CCACHE})
endif()

if(BATON_SANITIZE)
  # Not vptr: it opens a pipe to see whether memory can be read, and takes a good object for a broken
  # one in a process at its fd limit, which tests here bring about.
  add_compile_options(-fsanitize=${BATON_SANITIZE} -fno-sanitize=vptr -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BATON_SANITIZE})
endif()

add_library(baton_build_flags INTERFACE)
target_include_directories(baton_build_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(baton_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
  $<$<BOOL:${BATON_WARNINGS_AS_ERRORS}>:-Werror>)

# Two alarms of GCC 12 are about its own library and Asio, not about us: at -O3 it sees overlaps in
# std::string that are none (GCC bug 105651), and TSan knows no fences.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(baton_build_flags INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
  if(BATON_SANITIZE STREQUAL "thread")
    target_compile_options(baton_build_flags INTERFACE -Wno-tsan)
  endif()
endif()

# baton_library(<name> SOURCES ... LINKS ...): one folder, one static library. LINKS are PUBLIC:
# they are the folder's whole knowledge of others.
function(baton_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC baton_build_flags ${arg_LINKS})
endfunction()

# Compiles heavy headers once for the whole target; a source that includes one costs little then.
function(baton_precompile target)
  target_precompile_headers(${target} PRIVATE ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -fpch-preprocess)  # lets ccache see into it
  endif()
endfunction()

# baton_program(<target> OUTPUT <file name> SOURCES ... LINKS ...)
function(baton_program name)
  cmake_parse_arguments(arg "" "OUTPUT" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  if(arg_OUTPUT)
    set_target_properties(${name} PROPERTIES OUTPUT_NAME ${arg_OUTPUT})
  endif()
  target_link_libraries(${name} PRIVATE baton_build_flags ${arg_LINKS})
endfunction()

# baton_link_in(<target> runtime|everything): links the C++ runtime into it, or libc too, so that less
# is looked up as it starts: that was half of a worker's start, and each deploy pays it while the old
# generation serves (figures: docs/architecture.md). A sanitizer needs the shared ones.
function(baton_link_in target what)
  if(BATON_SANITIZE)
    return()
  elseif(what STREQUAL "everything")
    target_link_options(${target} PRIVATE -static-pie)
  else()
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()
