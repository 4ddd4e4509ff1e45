//===- Scalar.h - Scalar code in bodies and on the host ---------*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_SCALAR_H
#define NACRE_PASSES_LINALG_SCALAR_H

#include "dialects/graph/Scalar.h"

namespace nacre::lower {

/// What bodies of graph ops are written with, for `index` too.
class Scalar : public graph::Scalar {
public:
  using graph::Scalar::Scalar;

  mlir::Value integer(mlir::Type type, int64_t value) {
    if (type.isIndex())
      return make<mlir::arith::ConstantIndexOp>(value);
    return graph::Scalar::integer(type, value);
  }
};

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_SCALAR_H
