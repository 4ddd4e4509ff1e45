//===- GraphCheck.h - One module, by the compiler and the oracle *- C++ -*-===//
#ifndef NACRE_TEST_FUZZ_GRAPHCHECK_H
#define NACRE_TEST_FUZZ_GRAPHCHECK_H

#include "dialects/graph/reference/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>

namespace nacre::fuzz {

using graph::reference::Tensor;

/// What came of a module. All from `Mismatch` on are findings.
struct Verdict {
  enum Kind {
    Agrees,   ///< or stops with an error in both
    Unstable, ///< rounding decides about shapes or whether it stops
    Mismatch, ///< other elements, or only one of both stops
    Rejected, ///< the compiler refuses it
    Crashed,
    TimedOut,
  };
  Kind kind = Agrees;
  std::string text;

  bool isFinding() const { return kind >= Mismatch; }
};

/// All values of a run: arguments and results of ops outside of regions.
using Values = llvm::DenseMap<mlir::Value, Tensor>;

/// The inputs that `fuzz.value` attributes give; empty, with an error, if one
/// is missing.
mlir::FailureOr<llvm::SmallVector<Tensor>> inputsOf(mlir::func::FuncOp main);

/// Runs the reference on every op of `main`. If `seed` is not 0, elements are
/// changed by as much as compiled code may round them otherwise.
llvm::LogicalResult runReference(mlir::func::FuncOp main,
                                 llvm::ArrayRef<Tensor> inputs, uint64_t seed,
                                 Values &values, std::string &error);

struct CheckOptions {
  unsigned seconds = 60; ///< that a module may take
  std::string processor; ///< that it is compiled for; empty: this machine's
};

/// Compiles the module in `text` with all passes and with the needed ones only,
/// runs both on its inputs and compares the results with the reference.
Verdict check(llvm::StringRef text, const CheckOptions &options);

} // namespace nacre::fuzz

#endif // NACRE_TEST_FUZZ_GRAPHCHECK_H
