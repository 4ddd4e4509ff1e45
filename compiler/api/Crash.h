//===- Crash.h - Reproducers of compiler faults -----------------*- C++ -*-===//
#ifndef NACRE_COMPILER_API_CRASH_H
#define NACRE_COMPILER_API_CRASH_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace nacre {

/// Writes `module` (large constants elided) and the passes that fail on it to a
/// new file in the system's folder for such. Returns its path, "" if that fails.
std::string writeReproducer(mlir::ModuleOp module, llvm::StringRef pipeline);

/// From here on a crash of this process writes a reproducer of the steps that
/// run at that time, says so, and exits with code 70. For programs, not for
/// libraries; to be called before anything is compiled.
void handleCrashes();

/// Marks a step that a crash is to be reproduced from.
void reportCrash(void *);

class CrashScope {
public:
  CrashScope(mlir::ModuleOp before, llvm::StringRef pipeline);
  ~CrashScope();

private:
  friend void reportCrash(void *);
  mlir::ModuleOp before;
  std::string pipeline;
  CrashScope *outer;
};

} // namespace nacre

#endif // NACRE_COMPILER_API_CRASH_H
