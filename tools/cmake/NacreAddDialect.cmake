# nacre_add_dialect(<name> SOURCES <file>... [DEPENDS <dialect>...] [ENUMS <td>] [ATTRS <td>]
#                   [TYPES <td>] [INTERFACES <td>])
#
# Declares everything one dialect needs, from the one folder it lives in:
#
#   <Name>Ops.td                    ->  <Name>{Dialect,Ops}.{h,cpp}.inc
#   ENUMS, ATTRS, TYPES, INTERFACES ->  <Name>{Enums,Attrs,Types,Interfaces}.{h,cpp}.inc
#   SOURCES                         ->  library nacre::dialect-<name>
#   <Name>Ops.td                    ->  <Name>.md, the dialect's reference page
#
# DEPENDS names other nacre dialects: the only way for one dialect to see
# another, so the dialect graph can be read off the CMakeLists.txt files.
function(nacre_add_dialect name)
  cmake_parse_arguments(ARG "" "ENUMS;ATTRS;TYPES;INTERFACES" "SOURCES;DEPENDS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS OR NOT ARG_SOURCES)
    message(FATAL_ERROR "nacre_add_dialect(${name}): expected SOURCES <file>...")
  endif()
  string(SUBSTRING ${name} 0 1 initial)
  string(SUBSTRING ${name} 1 -1 rest)
  string(TOUPPER ${initial} initial)
  set(Name ${initial}${rest})

  nacre_tablegen_includes()
  set(LLVM_TARGET_DEFINITIONS ${Name}Ops.td)
  mlir_tablegen(${Name}Dialect.h.inc -gen-dialect-decls -dialect=${name})
  mlir_tablegen(${Name}Dialect.cpp.inc -gen-dialect-defs -dialect=${name})
  mlir_tablegen(${Name}Ops.h.inc -gen-op-decls)
  mlir_tablegen(${Name}Ops.cpp.inc -gen-op-defs)
  mlir_tablegen(${Name}.md -gen-dialect-doc -dialect=${name})
  if(ARG_ENUMS)
    set(LLVM_TARGET_DEFINITIONS ${ARG_ENUMS})
    mlir_tablegen(${Name}Enums.h.inc -gen-enum-decls)
    mlir_tablegen(${Name}Enums.cpp.inc -gen-enum-defs)
  endif()
  if(ARG_ATTRS)
    set(LLVM_TARGET_DEFINITIONS ${ARG_ATTRS})
    mlir_tablegen(${Name}Attrs.h.inc -gen-attrdef-decls -attrdefs-dialect=${name})
    mlir_tablegen(${Name}Attrs.cpp.inc -gen-attrdef-defs -attrdefs-dialect=${name})
  endif()
  if(ARG_TYPES)
    set(LLVM_TARGET_DEFINITIONS ${ARG_TYPES})
    mlir_tablegen(${Name}Types.h.inc -gen-typedef-decls -typedefs-dialect=${name})
    mlir_tablegen(${Name}Types.cpp.inc -gen-typedef-defs -typedefs-dialect=${name})
  endif()
  if(ARG_INTERFACES)
    set(LLVM_TARGET_DEFINITIONS ${ARG_INTERFACES})
    mlir_tablegen(${Name}Interfaces.h.inc -gen-op-interface-decls)
    mlir_tablegen(${Name}Interfaces.cpp.inc -gen-op-interface-defs)
  endif()
  add_public_tablegen_target(nacre-dialect-${name}-gen)
  add_dependencies(nacre-tablegen nacre-dialect-${name}-gen)

  set(links)
  foreach(dependency IN LISTS ARG_DEPENDS)
    list(APPEND links nacre::dialect-${dependency})
  endforeach()
  nacre_library(dialect-${name} ${ARG_SOURCES} LINK ${links})
endfunction()
