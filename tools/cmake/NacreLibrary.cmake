# Everything that sees LLVM is compiled with one set of flags, so that one
# precompiled header (tools/pch) serves all of it.
set(NACRE_COMPILE_OPTIONS -fno-exceptions -fno-rtti -Wall -Wextra -Werror
    -Wno-unused-parameter -fvisibility-inlines-hidden)
separate_arguments(NACRE_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# Many files at once compile several times faster, but each change compiles them
# all again. A file that does not go with others says so:
# SKIP_UNITY_BUILD_INCLUSION.
option(NACRE_UNITY "Compile all files of a library or a program as one" OFF)

function(nacre_compile_settings target)
  target_compile_options(${target} PRIVATE ${NACRE_COMPILE_OPTIONS})
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${NACRE_UNITY} UNITY_BUILD_BATCH_SIZE 0)
  target_compile_definitions(${target} PRIVATE ${NACRE_LLVM_DEFINITIONS})
  target_include_directories(${target} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR}/runtime/include)
  if(NOT target STREQUAL nacre-pch)
    target_precompile_headers(${target} REUSE_FROM nacre-pch)
  endif()
endfunction()

# nacre_library(<name> <source>... [LINK <target>...])
#
# A static library nacre-<name> of C++ that sees MLIR, alias nacre::<name>.
# Includes are written from the root of the tree.
function(nacre_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(nacre-${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  add_library(nacre::${name} ALIAS nacre-${name})
  nacre_compile_settings(nacre-${name})
  target_link_libraries(nacre-${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  add_dependencies(nacre-${name} nacre-tablegen)
endfunction()

# nacre_executable(<name> <source>... [LINK <target>...])
function(nacre_executable name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  nacre_compile_settings(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
  # -fPIC, not CMake's -fPIE: it has to match the precompiled header.
  target_compile_options(${name} PRIVATE -fPIC)
  set_target_properties(${name} PROPERTIES BUILD_RPATH ${LLVM_LIBRARY_DIR}
    POSITION_INDEPENDENT_CODE OFF)
  add_dependencies(${name} nacre-tablegen)
endfunction()

# Collects every TableGen target, so that all headers exist before any compile.
add_custom_target(nacre-tablegen)

# Lets the .td files of the calling folder include from the root and from MLIR.
macro(nacre_tablegen_includes)
  include_directories(${CMAKE_SOURCE_DIR})
  include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})
endmacro()

# nacre_passes(<stage> <source>... [LINK <target>...])
#
# Passes.td -> Passes.h.inc, build/docs/passes/<stage>.md; sources -> library
# nacre::passes-<stage>.
function(nacre_passes stage)
  string(SUBSTRING ${stage} 0 1 initial)
  string(SUBSTRING ${stage} 1 -1 rest)
  string(TOUPPER ${initial} initial)
  nacre_tablegen_includes()
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name ${initial}${rest})
  mlir_tablegen(Passes.md -gen-pass-doc)
  add_public_tablegen_target(nacre-passes-${stage}-gen)
  add_dependencies(nacre-tablegen nacre-passes-${stage}-gen)
  nacre_library(passes-${stage} ${ARGN})
endfunction()
