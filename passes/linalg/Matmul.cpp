#include "passes/linalg/Combine.h"
#include "passes/linalg/Contract.h"
#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

//===-- What contractions share (Contract.h)
//-------------------------------===//

Contraction::Contraction(Lowering &lowering, Operation *op)
    : lowering(lowering), loc(op->getLoc()),
      lhsType(getElementTypeOrSelf(op->getOperand(0))),
      rhsType(getElementTypeOrSelf(op->getOperand(1))),
      resultType(Lowering::elementTypeOf(op->getResult(0))),
      accumulator(accumulatorType(resultType)) {}

/// accumulator + lhs * rhs, operands widened first. Contraction to one rounding
/// is allowed and what makes an FMA.
Value Contraction::multiplyAdd(OpBuilder &nested, ValueRange args) const {
  graph::Scalar s(nested, loc);
  Value lhs = s.cast(args[0], lhsType, accumulator);
  Value rhs = s.cast(args[1], rhsType, accumulator);
  if (!isa<FloatType>(accumulator))
    return s.make<arith::AddIOp>(args[2], s.make<arith::MulIOp>(lhs, rhs));
  auto contract = arith::FastMathFlags::contract;
  Value product = s.make<arith::MulFOp>(lhs, rhs, contract);
  return s.make<arith::AddFOp>(args[2], product, contract);
}

Tensor Contraction::emit(Tensor lhs, Tensor rhs, ArrayRef<Expr> dims,
                         ArrayRef<AffineExpr> lhsMap,
                         ArrayRef<AffineExpr> rhsMap,
                         unsigned reductions) const {
  unsigned parallel = dims.size(), loops = parallel + reductions;
  MLIRContext *context = lowering.b.getContext();
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(loops, 0, exprs, context);
  };
  Tensor init = lowering.fill(loc, dims, lowering.b.getZeroAttr(accumulator));
  Tensor sum =
      lowering
          .generic(
              loc, {lhs, rhs}, init,
              {map(lhsMap), map(rhsMap), map(lowering.loops(0, parallel))},
              parallel,
              [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                return {multiplyAdd(nested, args)};
              })
          .front();
  return lowering.convertElements(loc, sum, accumulator, resultType);
}

//===-- Matmul
//---------------------------------------------------------------===//

/// The batch dims of an operand under the loops of the result, its matrix dims
/// kept. A batch that may need repeating, as only a run can tell, is repeated
/// in memory.
static Tensor alignBatch(Lowering &lowering, Location loc, Tensor operand,
                         ArrayRef<Expr> batch,
                         SmallVectorImpl<AffineExpr> &exprs) {
  SmallVector<Expr> dims = llvm::to_vector(batch);
  llvm::append_range(dims, ArrayRef(operand.dims).take_back(2));
  BroadcastOperand read = lowering.broadcastOperand(loc, operand, dims);
  if (!read.direct) {
    read.tensor = lowering.materializeBroadcast(loc, operand, dims);
    read.map = lowering.identity(dims.size());
  }
  for (AffineExpr expr : read.map.getResults().drop_back(2))
    exprs.push_back(expr);
  return read.tensor;
}

static FailureOr<Tensor> lowerMatmul(Lowering &lowering, graph::MatmulOp op) {
  Location loc = op.getLoc();
  Tensor lhs = lowering.get(op.getLhs()), rhs = lowering.get(op.getRhs());
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  lowering.requireEqual(loc, lhs.dims.back(), rhs.dims[rhs.rank() - 2],
                        "dims that a matmul sums over differ");
  unsigned batch = dims.size() - 2;
  SmallVector<AffineExpr> lhsMap, rhsMap;
  ArrayRef<Expr> batchDims = ArrayRef(dims).take_front(batch);
  lhs = alignBatch(lowering, loc, lhs, batchDims, lhsMap);
  rhs = alignBatch(lowering, loc, rhs, batchDims, rhsMap);
  SmallVector<AffineExpr> mnk = lowering.loops(batch, 3);
  lhsMap.append({mnk[0], mnk[2]});
  rhsMap.append({mnk[2], mnk[1]});
  return Contraction(lowering, op).emit(lhs, rhs, dims, lhsMap, rhsMap, 1);
}

void lower::addMatmulRules(Table &table) { table.add(&lowerMatmul); }
