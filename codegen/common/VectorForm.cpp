#include "codegen/common/VectorPlan.h"

#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace nacre::codegen {

llvm::StringRef reasonOf(VectorMiss miss) {
  switch (miss) {
  case VectorMiss::None:
    return "none";
  case VectorMiss::Body:
    return "body";
  case VectorMiss::Stride:
    return "stride";
  case VectorMiss::Rank:
    return "rank";
  case VectorMiss::Combiner:
    return "combiner";
  case VectorMiss::Scalar:
    return "scalar";
  }
  llvm_unreachable("all cases are listed");
}

std::optional<int64_t> strideOf(AffineExpr expr, unsigned loop) {
  if (!expr.isPureAffine())
    return std::nullopt;
  SmallVector<AffineExpr> at;
  int64_t values[3];
  for (int64_t step = 0; step < 3; ++step) {
    // Other loops at 0: what is left is a constant.
    AffineExpr point = expr;
    point.walk([&](AffineExpr part) {
      if (auto dim = dyn_cast<AffineDimExpr>(part))
        at.resize(std::max<size_t>(at.size(), dim.getPosition() + 1),
                  getAffineConstantExpr(0, expr.getContext()));
    });
    if (loop < at.size())
      at[loop] = getAffineConstantExpr(step, expr.getContext());
    auto constant = dyn_cast<AffineConstantExpr>(expr.replaceDims(at));
    if (!constant)
      return std::nullopt;
    values[step] = constant.getValue();
  }
  if (values[2] - values[1] != values[1] - values[0])
    return std::nullopt;
  return values[1] - values[0];
}

std::optional<vector::CombiningKind> combinerOf(linalg::GenericOp op) {
  using vector::CombiningKind;
  if (op.getNumDpsInits() != 1)
    return std::nullopt;
  Value yielded = op.getBody()->getTerminator()->getOperand(0);
  Operation *combine = yielded.getDefiningOp();
  BlockArgument accumulator = op.getRegionOutputArgs()[0];
  if (!combine || combine->getNumOperands() != 2 || !accumulator.hasOneUse() ||
      *accumulator.user_begin() != combine)
    return std::nullopt;
  return llvm::TypeSwitch<Operation *, std::optional<CombiningKind>>(combine)
      .Case<arith::AddFOp, arith::AddIOp>(
          [](auto) { return CombiningKind::ADD; })
      .Case<arith::MulFOp, arith::MulIOp>(
          [](auto) { return CombiningKind::MUL; })
      .Case([](arith::MaximumFOp) { return CombiningKind::MAXIMUMF; })
      .Case([](arith::MinimumFOp) { return CombiningKind::MINIMUMF; })
      .Case([](arith::MaxNumFOp) { return CombiningKind::MAXNUMF; })
      .Case([](arith::MinNumFOp) { return CombiningKind::MINNUMF; })
      .Case([](arith::MaxSIOp) { return CombiningKind::MAXSI; })
      .Case([](arith::MinSIOp) { return CombiningKind::MINSI; })
      .Case([](arith::MaxUIOp) { return CombiningKind::MAXUI; })
      .Case([](arith::MinUIOp) { return CombiningKind::MINUI; })
      .Case([](arith::AndIOp) { return CombiningKind::AND; })
      .Case([](arith::OrIOp) { return CombiningKind::OR; })
      .Case([](arith::XOrIOp) { return CombiningKind::XOR; })
      .Default([](Operation *) { return std::nullopt; });
}

bool hasVectorForm(Operation *op) {
  if (isa<arith::ConstantOp, linalg::IndexOp, linalg::YieldOp,
          tensor::ExtractOp, kernel::CheckOp>(op))
    return true;
  return OpTrait::hasElementwiseMappableTraits(op) &&
         !isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
              arith::CeilDivSIOp, arith::CeilDivUIOp, arith::FloorDivSIOp>(op);
}

bool isCheap(linalg::GenericOp op) {
  unsigned count = 0;
  for (Operation &part : *op.getBody())
    if (isa<math::MathDialect>(part.getDialect()) ||
        isa<arith::DivFOp, tensor::ExtractOp>(part) || ++count > 6)
      return false;
  return true;
}

} // namespace nacre::codegen
