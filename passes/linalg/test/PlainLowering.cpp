#include "passes/linalg/test/PlainLowering.h"

#include "dialects/kernel/Kernel.h"
#include "dialects/program/Program.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

static void inlineGroups(ModuleOp module) {
  SmallVector<kernel::GroupOp> groups;
  module.walk([&](kernel::GroupOp group) { groups.push_back(group); });
  for (kernel::GroupOp group : groups) {
    Block &body = group.getBody().front();
    Operation *yield = body.getTerminator();
    group->replaceAllUsesWith(yield->getOperands());
    yield->erase();
    group->getBlock()->getOperations().splice(group->getIterator(),
                                              body.getOperations());
    group->erase();
  }
}

template <typename OpT>
static void callChecks(ModuleOp module, StringRef name) {
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  Type i1 = b.getI1Type();
  auto callee = func::FuncOp::create(b, module.getLoc(), name,
                                     b.getFunctionType({i1}, {}));
  callee.setPrivate();
  SmallVector<OpT> checks;
  module.walk([&](OpT check) { checks.push_back(check); });
  for (OpT check : checks) {
    b.setInsertionPoint(check);
    func::CallOp::create(b, check.getLoc(), callee, check.getCondition());
    check->erase();
  }
}

static LogicalResult run(ModuleOp module, StringRef pipeline) {
  PassManager pm(module.getContext());
  if (failed(parsePassPipeline(pipeline, pm)))
    return failure();
  return pm.run(module);
}

static constexpr llvm::StringLiteral kBufferize =
    "canonicalize, one-shot-bufferize{bufferize-function-boundaries "
    "function-boundary-type-conversion=identity-layout-map "
    "allow-return-allocs-from-loops=true}";

static constexpr llvm::StringLiteral kToLlvm =
    "func.func(convert-linalg-to-loops, lower-affine, "
    "arith-expand{include-bf16=true}), convert-math-to-libm, "
    "func.func(convert-math-to-llvm), convert-scf-to-cf, "
    "expand-strided-metadata, lower-affine, convert-arith-to-llvm, "
    "finalize-memref-to-llvm, convert-cf-to-llvm, convert-func-to-llvm, "
    "convert-arith-to-llvm, reconcile-unrealized-casts";

/// Copies become loops too: there is no runtime library to call.
static void expandCopies(ModuleOp module) {
  SmallVector<memref::CopyOp> copies;
  module.walk([&](memref::CopyOp copy) { copies.push_back(copy); });
  for (memref::CopyOp copy : copies) {
    OpBuilder b(copy);
    linalg::CopyOp::create(b, copy.getLoc(), copy.getSource(),
                           copy.getTarget());
    copy.erase();
  }
}

/// Rewrites expansions of dense buffers, which upstream lowers only where one
/// dim of each group is dynamic.
static void expandShapes(ModuleOp module) {
  SmallVector<memref::ExpandShapeOp> expands;
  module.walk([&](memref::ExpandShapeOp expand) {
    if (expand.getSrcType().getLayout().isIdentity())
      expands.push_back(expand);
  });
  for (memref::ExpandShapeOp expand : expands) {
    OpBuilder b(expand);
    Location loc = expand.getLoc();
    MemRefType type = expand.getResultType();
    SmallVector<OpFoldResult> sizes = expand.getMixedOutputShape();
    SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
    Value product = arith::ConstantIndexOp::create(b, loc, 1);
    for (int64_t i = int64_t(sizes.size()) - 1; i >= 0; --i) {
      strides[i] = product;
      product = arith::MulIOp::create(
          b, loc, product, getValueOrCreateConstantIndexOp(b, loc, sizes[i]));
    }
    SmallVector<int64_t> unknown(sizes.size(), ShapedType::kDynamic);
    auto strided =
        MemRefType::get(type.getShape(), type.getElementType(),
                        StridedLayoutAttr::get(b.getContext(), 0, unknown));
    Value cast = memref::ReinterpretCastOp::create(
        b, loc, strided, expand.getSrc(), b.getIndexAttr(0), sizes, strides);
    expand.replaceAllUsesWith(
        memref::CastOp::create(b, loc, type, cast).getResult());
    expand.erase();
  }
}

LogicalResult lower::lowerPlainly(ModuleOp module) {
  inlineGroups(module);
  callChecks<program::CheckOp>(module, kHostCheckName);
  callChecks<kernel::CheckOp>(module, kKernelCheckName);
  module.walk([](func::FuncOp func) {
    // They speak of tensors.
    func.removeArgAttrsAttr();
    func.removeResAttrsAttr();
    func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                  UnitAttr::get(func.getContext()));
    if (func.isExternal())
      func->removeAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName());
  });
  RewritePatternSet patterns(module.getContext());
  tensor::populateDecomposeTensorConcatPatterns(patterns);
  if (failed(applyPatternsGreedily(module, std::move(patterns))))
    return failure();
  if (failed(run(module, kBufferize)))
    return failure();
  expandCopies(module);
  expandShapes(module);
  return run(module, kToLlvm);
}
