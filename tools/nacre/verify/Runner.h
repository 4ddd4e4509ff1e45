//===- Runner.h - Runs one test ---------------------------------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_VERIFY_RUNNER_H
#define NACRE_TOOLS_NACRE_VERIFY_RUNNER_H

#include "compiler/api/Compiler.h"
#include "tools/nacre/verify/Suite.h"

#include <map>

namespace nacre::verify {

struct Result {
  enum Status { Passed, Failed, Skipped } status = Failed;
  std::string name;
  /// Of what did not pass: "mismatch", "unsupported", "rejected", "compiler",
  /// "run", "bad-test", "accepted", "crash", "timeout".
  std::string category;
  /// Lines without a line break at the end.
  std::string detail;
  double importMs = 0, compileMs = 0, runMs = 0;
  /// Runs whose outputs were compared.
  int64_t runs = 0;
  /// Greatest resident memory of the process while it ran, 0 if not known.
  int64_t peakMb = 0;
};

llvm::json::Value toJSON(const Result &result);
bool fromJSON(const llvm::json::Value &value, Result &result,
              llvm::json::Path path);

/// How tests are run.
struct Mode {
  enum Subject {
    InMemory, ///< compiled and linked in this process
    Artifact, ///< through a `.so` and dlopen
    Oracle    ///< the reference implementation
  } subject = InMemory;
  CompileOptions compile;
  /// Threads of a run.
  unsigned threads = 1;
  uint64_t seed = 0;
  /// If any: ignore the test's data, and with one binary compare with the
  /// reference on random inputs of each of these sizes of open dims. Sizes that
  /// the reference refuses are passed over.
  std::vector<std::map<std::string, int64_t>> sizes;
};

/// Runs `test`. Never prints; a crash or an endless loop is the caller's.
Result runCase(const Case &test, const Mode &mode);

} // namespace nacre::verify

#endif // NACRE_TOOLS_NACRE_VERIFY_RUNNER_H
