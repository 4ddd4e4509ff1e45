#include "passes/linalg/Lowering.h"
#include "passes/linalg/Passes.h"

#include "dialects/kernel/Kernel.h"
#include "dialects/program/Program.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace nacre::lower {
#define GEN_PASS_DEF_GRAPHTOLINALGPASS
#include "passes/linalg/Passes.h.inc"
} // namespace nacre::lower

static Type signlessType(Type type) {
  if (auto tensor = dyn_cast<RankedTensorType>(type))
    return tensor.clone(graph::signlessElementType(tensor.getElementType()));
  return type;
}

static FunctionType signlessType(FunctionType type) {
  SmallVector<Type> inputs, results;
  for (Type input : type.getInputs())
    inputs.push_back(signlessType(input));
  for (Type result : type.getResults())
    results.push_back(signlessType(result));
  return FunctionType::get(type.getContext(), inputs, results);
}

/// Keeps the signs that the types are about to lose.
static void recordDtypes(func::FuncOp func) {
  FunctionType type = func.getFunctionType();
  for (auto [i, input] : llvm::enumerate(type.getInputs()))
    func.setArgAttr(i, kDtypeAttrName,
                    TypeAttr::get(getElementTypeOrSelf(input)));
  for (auto [i, result] : llvm::enumerate(type.getResults()))
    func.setResultAttr(i, kDtypeAttrName,
                       TypeAttr::get(getElementTypeOrSelf(result)));
}

/// Writes the new body of `func` into `region`.
static LogicalResult lowerBody(func::FuncOp func, FunctionType type,
                               Region &region) {
  graph::ShapeContext shapes(func.getContext());
  Lowering lowering(func.getContext(), shapes);
  Block &from = func.getBody().front();
  Block &to = region.emplaceBlock();
  Lowering::Scope scope(lowering, &to);
  for (auto [old, newType] : llvm::zip(from.getArguments(), type.getInputs())) {
    if (!isa<RankedTensorType>(newType) ||
        !getElementTypeOrSelf(newType).isIntOrFloat())
      return func.emitError("argument of type ")
             << old.getType() << " has no lowering to linalg; expected a "
             << "ranked tensor of integers or floats";
    lowering.set(old, to.addArgument(newType, old.getLoc()));
  }
  if (failed(lowering.lowerOps(from)))
    return failure();
  SmallVector<Value> results;
  Operation *terminator = from.getTerminator();
  for (auto [result, newType] :
       llvm::zip(terminator->getOperands(), type.getResults()))
    results.push_back(lowering.castTo(terminator->getLoc(),
                                      lowering.get(result).value,
                                      cast<RankedTensorType>(newType)));
  func::ReturnOp::create(lowering.b, terminator->getLoc(), results);
  return success();
}

/// Whether some loop of `op` has no step: a dim of an operand that it goes
/// through is 0.
static bool hasEmptyLoop(linalg::LinalgOp op) {
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [read, size] : llvm::zip(map.getResults(), op.getShape(&operand)))
      if (size == 0 && isa<AffineDimExpr>(read))
        return true;
  }
  return false;
}

/// An op whose loops never run leaves its destination as it is. Upstream's
/// tiling takes a size of 0 for "not tiled".
static void dropEmptyLoops(func::FuncOp func) {
  func.walk([](linalg::LinalgOp op) {
    if (op.hasPureTensorSemantics() && hasEmptyLoop(op)) {
      op->replaceAllUsesWith(op.getDpsInits());
      op->erase();
    }
  });
}

namespace {

struct GraphToLinalg final
    : nacre::lower::impl::GraphToLinalgPassBase<GraphToLinalg> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration())
      return;
    FunctionType type = signlessType(func.getFunctionType());
    Region region;
    if (failed(lowerBody(func, type, region)))
      return signalPassFailure();
    recordDtypes(func);
    func.setType(type);
    func.getBody().takeBody(region);
    dropEmptyLoops(func);
    // Shape arithmetic that has become host scalars leaves its makers behind.
    IRRewriter rewriter(&getContext());
    (void)runRegionDCE(rewriter, func->getRegions());
  }
};

} // namespace
