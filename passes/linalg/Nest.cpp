#include "passes/linalg/Nest.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

SmallVector<Value> lower::nestSizes(Lowering &lowering, ArrayRef<Expr> dims) {
  return llvm::map_to_vector(dims,
                             [&](Expr dim) { return lowering.index(dim); });
}

static SmallVector<Value> emitLoops(OpBuilder &b, Location loc,
                                    ArrayRef<Value> sizes,
                                    SmallVectorImpl<Value> &at,
                                    ValueRange carried, NestBody body) {
  if (sizes.empty())
    return body(b, at, carried);
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  Value one = arith::ConstantIndexOp::create(b, loc, 1);
  auto loop = scf::ForOp::create(
      b, loc, zero, sizes.front(), one, carried,
      [&](OpBuilder &nested, Location, Value i, ValueRange inner) {
        at.push_back(i);
        scf::YieldOp::create(
            nested, loc,
            emitLoops(nested, loc, sizes.drop_front(), at, inner, body));
        at.pop_back();
      });
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> lower::emitNest(OpBuilder &b, Location loc,
                                   ArrayRef<Value> sizes, ValueRange inits,
                                   NestBody body) {
  SmallVector<Value> at;
  return emitLoops(b, loc, sizes, at, inits, body);
}
