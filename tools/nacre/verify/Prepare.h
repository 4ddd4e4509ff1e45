//===- Prepare.h - What a test needs to know of its model -------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_VERIFY_PREPARE_H
#define NACRE_TOOLS_NACRE_VERIFY_PREPARE_H

#include "compiler/api/Compiler.h"
#include "tools/nacre/verify/Suite.h"

namespace nacre::verify {

/// `options` with the ranks that the data has of inputs without a shape.
CompileOptions compileOptions(const Case &test, CompileOptions options);

} // namespace nacre::verify

#endif // NACRE_TOOLS_NACRE_VERIFY_PREPARE_H
