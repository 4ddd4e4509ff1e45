//===- Interpreter.h - The reference implementation of graph ops -*- C++
//-*-===//
//
// The oracle: slow, obvious code per op, for constants to fold and for compiled
// code to be compared with. Sums and products of floats are taken in f64 and
// rounded once to the result's type; all else rounds as the op's description
// says.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_INTERPRETER_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_INTERPRETER_H

#include "dialects/graph/reference/Tensor.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Operation.h"
#include <string>

namespace nacre::graph::reference {

struct Options {
  /// A larger result is refused before memory is taken.
  int64_t maxBytes = int64_t(4) << 30;
  /// An op whose sums and windows take more steps in all is refused: sizes of
  /// windows come from the model and may be anything.
  int64_t maxSteps = int64_t(1) << 40;
  /// A loop that runs more often is refused.
  int64_t maxIterations = int64_t(1) << 24;
};

/// Computes the results of one op. Ops with regions may not read values from
/// around them. Fails on data that stops a run (an index out of range), on a
/// result beyond the limit, and on an op it does not know. The reason goes to
/// `error`, which begins with the op's location, or is emitted on the op if
/// `error` is null.
llvm::LogicalResult evaluate(mlir::Operation *op,
                             llvm::ArrayRef<Tensor> operands,
                             llvm::SmallVectorImpl<Tensor> &results,
                             std::string *error = nullptr,
                             const Options &options = {});

/// Runs a function of graph ops on `inputs`; errors as above. A tensor is freed
/// after its last use.
mlir::FailureOr<llvm::SmallVector<Tensor>>
evaluateFunction(mlir::func::FuncOp function, llvm::ArrayRef<Tensor> inputs,
                 std::string *error = nullptr, const Options &options = {});

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_INTERPRETER_H
