#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Affine/Transforms/Transforms.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/Support/MathExtras.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENPLACEBUFFERSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

/// Unless the target says otherwise: a worker's stack may be small (an
/// embedder's thread).
static constexpr uint64_t kStackBytes = 64 * 1024;
static constexpr uint64_t kAlignment = 64;
static constexpr uint64_t kScratchBytesMax = uint64_t(1) << 40;

/// Bytes of an element times the dims that are known.
static uint64_t knownBytes(MemRefType type) {
  uint64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8u);
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      bytes = llvm::SaturatingMultiply<uint64_t>(bytes, size);
  return bytes;
}

/// Bytes that `alloc` needs at most; nothing if no constant bounds it.
static std::optional<uint64_t> boundBytes(memref::AllocOp alloc) {
  uint64_t bytes = knownBytes(alloc.getType());
  for (Value size : alloc.getDynamicSizes()) {
    FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, {size}, /*stopCondition=*/nullptr,
        /*closedUB=*/true);
    if (failed(bound) || *bound < 0)
      return std::nullopt;
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, *bound);
  }
  if (bytes > kScratchBytesMax)
    return std::nullopt;
  return llvm::alignTo(bytes, kAlignment);
}

namespace {

/// Computes, where a kernel begins, the bytes of temporaries that depend on the
/// sizes it is given, and hands out places one behind the other.
class OpenScratch {
public:
  OpenScratch(KernelFunction kernel, func::FuncOp func, uint64_t firstByte)
      : kernel(kernel), func(func), b(OpBuilder::atBlockBegin(&func.front())),
        loc(func.getLoc()), next(index(firstByte)) {}

  /// Where `alloc` may lie; null if its size depends on more than sizes.
  Value place(memref::AllocOp alloc) {
    SmallVector<Value> sizes;
    for (Value size : alloc.getDynamicSizes()) {
      sizes.push_back(boundAtBegin(size));
      if (!sizes.back())
        return {};
    }
    Value bytes = index(knownBytes(alloc.getType()));
    for (Value size : sizes)
      bytes = saturatingProduct(bytes, size);
    Value start = next;
    AffineExpr byte = b.getAffineDimExpr(0);
    Value aligned = affine::AffineApplyOp::create(
        b, loc, AffineMap::get(1, 0, byte.ceilDiv(kAlignment) * kAlignment),
        bytes);
    next = arith::AddIOp::create(b, loc, next, aligned);
    return start;
  }

  /// A function of the kernel's index arguments that returns the bytes placed.
  void makeFunction(StringRef name) {
    SmallVector<Type> types(kernel.numDims(), b.getIndexType());
    OpBuilder module(func);
    auto made = func::FuncOp::create(
        module, loc, name, b.getFunctionType(types, b.getIndexType()));
    made.setPrivate();
    Block *block = made.addEntryBlock();
    IRMapping mapping;
    for (unsigned i = 0; i < kernel.numDims(); ++i)
      mapping.map(kernel.dim(i), block->getArgument(i));
    SetVector<Operation *> slice; // in order
    BackwardSliceOptions options;
    options.inclusive = true;
    (void)getBackwardSlice(next, &slice, options);
    OpBuilder body = OpBuilder::atBlockBegin(block);
    for (Operation *op : slice)
      body.clone(*op, mapping);
    func::ReturnOp::create(body, loc, mapping.lookup(next));
  }

private:
  Value index(uint64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  bool isSize(Value value) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == &func.front() &&
           argument.getArgNumber() >= kernel.numBuffers() &&
           argument.getArgNumber() < kernel.numBuffers() + kernel.numDims();
  }

  /// `value` computed again from sizes and constants alone; null if it needs
  /// more.
  Value recompute(Value value, IRMapping &known) {
    if (isSize(value))
      return value;
    if (Value again = known.lookupOrNull(value))
      return again;
    Operation *op = value.getDefiningOp();
    if (!op || op->getNumRegions() != 0 || !isPure(op))
      return {};
    for (Value operand : op->getOperands()) {
      Value again = recompute(operand, known);
      if (!again)
        return {};
      known.map(operand, again);
    }
    b.clone(*op, known);
    return known.lookup(value);
  }

  /// The greatest value of `size` in terms of the kernel's sizes.
  Value boundAtBegin(Value size) {
    IRMapping known;
    if (Value same = recompute(size, known))
      return same;
    FailureOr<OpFoldResult> bound = affine::reifyIndexValueBound(
        b, loc, presburger::BoundType::UB, size,
        [&](Value value, std::optional<int64_t> dim,
            ValueBoundsConstraintSet &) { return !dim && isSize(value); },
        /*closedUB=*/true);
    if (failed(bound))
      return {};
    return getValueOrCreateConstantIndexOp(b, loc, *bound);
  }

  /// What overflows is more than any memory has; so is a negative size.
  Value saturatingProduct(Value x, Value y) {
    Value most = index(kScratchBytesMax), one = index(1);
    Value divisor = arith::MaxUIOp::create(b, loc, y, one);
    Value limit = arith::DivUIOp::create(b, loc, most, divisor);
    Value fits =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ule, x, limit);
    Value product = arith::MulIOp::create(b, loc, x, y);
    return arith::SelectOp::create(b, loc, fits, product, most);
  }

  KernelFunction kernel;
  func::FuncOp func;
  OpBuilder b;
  Location loc;
  Value next;
};

struct PlaceBuffers final
    : nacre::codegen::impl::CodegenPlaceBuffersPassBase<PlaceBuffers> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp func : functions)
      if (failed(placeAll(func)))
        signalPassFailure();
  }

private:
  LogicalResult placeAll(func::FuncOp func) {
    SmallVector<memref::AllocOp> allocs, open;
    func.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
    KernelFunction kernel(func);
    uint64_t stack = 0, scratch = 0, stackLimit = kStackBytes;
    if (kernel && kernel.target())
      stackLimit = kernel.target().fact("stack_bytes", kStackBytes);
    for (memref::AllocOp alloc : allocs) {
      std::optional<uint64_t> bytes = boundBytes(alloc);
      if (!bytes) {
        open.push_back(alloc);
      } else if (alloc.getType().hasStaticShape() && *bytes <= stackLimit / 4 &&
                 stack + *bytes <= stackLimit) {
        stack += *bytes;
        placeOnStack(alloc, func);
      } else if (kernel) {
        OpBuilder b(alloc);
        Value start =
            arith::ConstantIndexOp::create(b, alloc.getLoc(), scratch);
        placeInScratch(alloc, kernel.scratch(), start);
        scratch += *bytes;
      }
    }
    func.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
    if (!open.empty())
      return placeOpen(func, open, scratch);
    func->setAttr(KernelFunction::kScratchBytes,
                  Builder(func).getI64IntegerAttr(scratch));
    return success();
  }

  LogicalResult placeOpen(func::FuncOp func, ArrayRef<memref::AllocOp> allocs,
                          uint64_t firstByte) {
    KernelFunction kernel(func);
    if (!kernel)
      return success();
    OpenScratch scratch(kernel, func, firstByte);
    for (memref::AllocOp alloc : allocs) {
      Value start = scratch.place(alloc);
      if (!start)
        return alloc.emitError("needs a temporary of type ")
               << alloc.getType()
               << " whose size depends on data; expected its producer and its "
                  "consumer in separate kernels";
      placeInScratch(alloc, kernel.scratch(), start);
    }
    std::string name = (func.getSymName() + ".scratch").str();
    scratch.makeFunction(name);
    func->setAttr(KernelFunction::kOpenScratch,
                  StringAttr::get(&getContext(), name));
    return success();
  }

  static void placeOnStack(memref::AllocOp alloc, func::FuncOp func) {
    // In the entry block, or a loop would grow the stack.
    OpBuilder b = OpBuilder::atBlockBegin(&func.front());
    Value slot = memref::AllocaOp::create(b, alloc.getLoc(), alloc.getType(),
                                          b.getI64IntegerAttr(kAlignment));
    alloc.replaceAllUsesWith(slot);
    alloc.erase();
  }

  static void placeInScratch(memref::AllocOp alloc, Value scratch,
                             Value start) {
    OpBuilder b(alloc);
    Value view =
        memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(), scratch,
                               start, alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
};
} // namespace
