//===- GraphReduce.h - Make a failing module smaller ------------*- C++ -*-===//
#ifndef NACRE_TEST_FUZZ_GRAPHREDUCE_H
#define NACRE_TEST_FUZZ_GRAPHREDUCE_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace nacre::fuzz {

/// How many changes `changed` knows for the module in `text`: fewer results, an
/// op's results turned into inputs with the elements that the reference gives
/// them, all sizes known.
unsigned countChanges(llvm::StringRef text);

/// The module after change number `at`; empty if it cannot be made.
std::string changed(llvm::StringRef text, unsigned at);

} // namespace nacre::fuzz

#endif // NACRE_TEST_FUZZ_GRAPHREDUCE_H
