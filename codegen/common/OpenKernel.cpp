#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENOPENKERNELPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre;
using nacre::codegen::KernelFunction;

/// The signature on buffers: tensors, sizes, begin, end, scratch.
static FunctionType bufferSignature(kernel::FuncOp kernel, Builder &b) {
  SmallVector<Type> types;
  for (Type type : kernel.getArgumentTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    types.push_back(
        tensor ? MemRefType::get(tensor.getShape(), tensor.getElementType())
               : type);
  }
  types.append(2, b.getIndexType());
  types.push_back(MemRefType::get({ShapedType::kDynamic}, b.getI8Type()));
  return b.getFunctionType(types, b.getI32Type());
}

/// What an output argument holds before it is written: nothing. Bufferization
/// then chooses which values are computed in its memory.
static Value emptyOutput(OpBuilder &b, func::FuncOp func, unsigned i,
                         Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<Value> sizes;
  for (int64_t d = 0; d < tensor.getRank(); ++d)
    if (tensor.isDynamicDim(d))
      sizes.push_back(KernelFunction(func).bufferDim(i, d));
  return tensor::EmptyOp::create(b, func.getLoc(), tensor, sizes);
}

/// Lets structured ops that do not read what they overwrite start from nothing,
/// whatever tensor was named: bufferization may then choose the output's
/// memory.
static void forgetOverwritten(func::FuncOp func) {
  OpBuilder b(func.getContext());
  func.walk([&](linalg::LinalgOp op) {
    for (OpOperand &init : op.getDpsInitsMutable()) {
      if (op.payloadUsesValueFromOperand(&init) ||
          init.get().getDefiningOp<tensor::EmptyOp>())
        continue;
      b.setInsertionPoint(op);
      SmallVector<OpFoldResult> sizes =
          tensor::getMixedSizes(b, op.getLoc(), init.get());
      init.set(tensor::EmptyOp::create(
          b, op.getLoc(), sizes, getElementTypeOrSelf(init.get().getType())));
    }
  });
}

static void openKernel(kernel::FuncOp kernel) {
  Location loc = kernel.getLoc();
  OpBuilder b(kernel);
  FunctionType type = bufferSignature(kernel, b);
  auto func = func::FuncOp::create(b, loc, kernel.getSymName(), type);
  func->setAttr(KernelFunction::kNumOutputs, kernel.getNumOutputsAttr());
  func->setAttr(KernelFunction::kArgDims,
                b.getDenseI64ArrayAttr(kernel.getArgDims()));
  if (auto schedule = kernel.getScheduleAttr())
    func->setAttr(KernelFunction::kSchedule, schedule);
  if (auto target = kernel.getTargetAttr())
    func->setAttr(KernelFunction::kTarget, target);

  unsigned numInputs = kernel.getNumInputs();
  unsigned numTensors = kernel.getNumTensorArguments();
  func.getBody().takeBody(kernel.getBody());
  Block &entry = func.getBody().front();
  b.setInsertionPointToStart(&entry);
  SmallVector<Type> tensors(kernel.getArgumentTypes().take_front(numTensors));
  for (Type added : type.getInputs().drop_front(entry.getNumArguments()))
    entry.addArgument(added, loc);
  for (unsigned i = 0; i < numTensors; ++i)
    entry.getArgument(i).setType(type.getInput(i));
  for (unsigned i = 0; i < numTensors; ++i) {
    BlockArgument argument = entry.getArgument(i);
    Value tensor = i < numInputs
                       ? bufferization::ToTensorOp::create(
                             b, loc, tensors[i], argument, /*restrict=*/true)
                             .getResult()
                       : emptyOutput(b, func, i, tensors[i]);
    argument.replaceAllUsesExcept(tensor, tensor.getDefiningOp());
  }

  Operation *terminator = entry.getTerminator();
  b.setInsertionPoint(terminator);
  for (auto [i, value] : llvm::enumerate(terminator->getOperands()))
    bufferization::MaterializeInDestinationOp::create(
        b, loc, /*result=*/Type(), value, entry.getArgument(numInputs + i),
        /*restrict=*/true, /*writable=*/true);
  Value ok = arith::ConstantIntOp::create(b, loc, 0, 32);
  func::ReturnOp::create(b, loc, ok);
  terminator->erase();
  kernel.erase();
}

namespace {
struct OpenKernel final
    : nacre::codegen::impl::CodegenOpenKernelPassBase<OpenKernel> {
  void runOnOperation() override {
    for (auto kernel :
         llvm::make_early_inc_range(getOperation().getOps<kernel::FuncOp>()))
      openKernel(kernel);
    IRRewriter rewriter(&getContext());
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (KernelFunction kernel(func); kernel) {
        forgetOverwritten(func);
        kernel.resolveDims(rewriter);
      }
  }
};
} // namespace
