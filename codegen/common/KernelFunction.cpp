#include "codegen/common/KernelFunction.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/CSE.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace nacre::codegen {

unsigned KernelFunction::numBuffers() {
  unsigned count = 0;
  for (Type type : func.getArgumentTypes().drop_back())
    count += isa<MemRefType>(type);
  return count;
}

unsigned KernelFunction::numOutputs() {
  return func->getAttrOfType<IntegerAttr>(kNumOutputs).getInt();
}

kernel::ScheduleAttr KernelFunction::schedule() {
  return func->getAttrOfType<kernel::ScheduleAttr>(kSchedule);
}

kernel::TargetAttr KernelFunction::target() {
  return func->getAttrOfType<kernel::TargetAttr>(kTarget);
}

Value KernelFunction::bufferDim(unsigned i, unsigned d) {
  auto type = cast<MemRefType>(buffer(i).getType());
  if (!type.isDynamicDim(d))
    return {};
  unsigned position = 0;
  for (unsigned k = 0; k < i; ++k)
    position += cast<MemRefType>(buffer(k).getType()).getNumDynamicDims();
  position +=
      llvm::count_if(type.getShape().take_front(d), ShapedType::isDynamic);
  return dim(func->getAttrOfType<DenseI64ArrayAttr>(kArgDims)[position]);
}

bufferization::MaterializeInDestinationOp KernelFunction::store(unsigned i) {
  // In the order of outputs, as codegen-open-kernel made them.
  for (auto op :
       func.front().getOps<bufferization::MaterializeInDestinationOp>())
    if (i-- == 0)
      return op;
  return {};
}

void KernelFunction::resolveDims(RewriterBase &rewriter) {
  auto resolve = [&](Operation *op, Value source, Value index) {
    if (auto cast = source.getDefiningOp<bufferization::ToTensorOp>())
      source = cast.getBuffer();
    auto argument = dyn_cast<BlockArgument>(source);
    std::optional<int64_t> d = getConstantIntValue(index);
    if (!argument || argument.getOwner() != &func.front() || !d ||
        argument.getArgNumber() >= numBuffers())
      return;
    if (Value size = bufferDim(argument.getArgNumber(), *d))
      rewriter.replaceOp(op, size);
  };
  func.walk([&](Operation *op) {
    if (auto dim = dyn_cast<tensor::DimOp>(op))
      resolve(op, dim.getSource(), dim.getIndex());
    else if (auto dim = dyn_cast<memref::DimOp>(op))
      resolve(op, dim.getSource(), dim.getIndex());
  });
}

SmallVector<func::FuncOp> kernelsOf(ModuleOp module) {
  return llvm::filter_to_vector(
      module.getOps<func::FuncOp>(),
      [](func::FuncOp func) { return bool(KernelFunction(func)); });
}

static const FrozenRewritePatternSet simplifications(MLIRContext *context) {
  RewritePatternSet patterns(context);
  for (StringRef name : {"affine", "arith", "linalg", "memref", "scf", "tensor",
                         "vector", "bufferization"}) {
    Dialect *dialect = context->getLoadedDialect(name);
    if (dialect)
      dialect->getCanonicalizationPatterns(patterns);
  }
  for (RegisteredOperationName op : context->getRegisteredOperations()) {
    StringRef dialect = op.getDialectNamespace();
    if (dialect == "affine" || dialect == "arith" || dialect == "linalg" ||
        dialect == "memref" || dialect == "scf" || dialect == "tensor" ||
        dialect == "vector" || dialect == "bufferization")
      op.getCanonicalizationPatterns(patterns, context);
  }
  memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
  tensor::populateFoldTensorEmptyPatterns(patterns);
  scf::populateSCFForLoopCanonicalizationPatterns(patterns);
  return FrozenRewritePatternSet(std::move(patterns));
}

void simplify(func::FuncOp func) {
  IRRewriter rewriter(func.getContext());
  if (KernelFunction kernel(func); kernel)
    kernel.resolveDims(rewriter);
  (void)applyPatternsGreedily(func, simplifications(func.getContext()));
  if (KernelFunction kernel(func); kernel)
    kernel.resolveDims(rewriter);
  DominanceInfo dominance(func);
  eliminateCommonSubExpressions(rewriter, dominance, func);
}

} // namespace nacre::codegen
