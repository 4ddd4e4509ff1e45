//===- Nest.h - Loop nests over tensors -------------------------*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_NEST_H
#define NACRE_PASSES_LINALG_NEST_H

#include "passes/linalg/Lowering.h"

namespace nacre::lower {

/// The innermost body of a nest: `at` has one index per loop; returns what
/// `carried` becomes.
using NestBody = llvm::function_ref<SmallVector<Value>(
    OpBuilder &, ValueRange at, ValueRange carried)>;

/// Sizes for the loops of a nest, as values of the host.
SmallVector<Value> nestSizes(Lowering &lowering, ArrayRef<Expr> dims);

/// Sequential loops from 0 to `sizes`, outermost first, that carry values.
SmallVector<Value> emitNest(OpBuilder &b, Location loc, ArrayRef<Value> sizes,
                            ValueRange inits, NestBody body);

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_NEST_H
