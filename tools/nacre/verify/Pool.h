//===- Pool.h - Worker processes --------------------------------*- C++ -*-===//
//
// Tests run in processes of their own, many in each, so that a crash or an
// endless loop costs one test. A worker reads one line of JSON per test and
// answers with one.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_TOOLS_NACRE_VERIFY_POOL_H
#define NACRE_TOOLS_NACRE_VERIFY_POOL_H

#include "tools/nacre/verify/Runner.h"

namespace nacre::verify {

struct PoolOptions {
  unsigned workers = 1;
  double timeoutSeconds = 60;
  /// Arguments of `nacre verify-worker`.
  std::vector<std::string> arguments;
};

/// Runs all of `cases` and calls `done` with the index and result of each, as
/// they finish. False with one line in `error` if no worker can be started.
bool runInPool(const std::vector<Case> &cases, const PoolOptions &options,
               const std::function<void(size_t, Result)> &done,
               std::string &error);

/// The worker's side: serves standard input until it ends. Memory beyond
/// `memoryMb` is refused by the system (0: no limit).
int serve(const Mode &mode, unsigned memoryMb);

} // namespace nacre::verify

#endif // NACRE_TOOLS_NACRE_VERIFY_POOL_H
