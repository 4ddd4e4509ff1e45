#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Interfaces/ValueBoundsOpInterface.h"
#include "llvm/Support/MathExtras.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENPLACEBUFFERSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

/// A worker's stack may be small (an embedder's thread).
static constexpr uint64_t kStackBytesEach = 16 * 1024;
static constexpr uint64_t kStackBytesAll = 64 * 1024;
static constexpr uint64_t kAlignment = 64;
static constexpr uint64_t kScratchBytesMax = uint64_t(1) << 40;

/// Bytes that `alloc` needs at most; nothing if no constant bounds it.
static std::optional<uint64_t> boundBytes(memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  uint64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8u);
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      bytes *= size;
  for (Value size : alloc.getDynamicSizes()) {
    FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, {size}, /*stopCondition=*/nullptr,
        /*closedUB=*/true);
    if (failed(bound) || *bound < 0)
      return std::nullopt;
    bytes *= *bound;
    if (bytes > kScratchBytesMax)
      return std::nullopt;
  }
  return llvm::alignTo(bytes, kAlignment);
}

namespace {
struct PlaceBuffers final
    : nacre::codegen::impl::CodegenPlaceBuffersPassBase<PlaceBuffers> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<memref::AllocOp> allocs;
    func.walk([&](memref::AllocOp alloc) { allocs.push_back(alloc); });
    KernelFunction kernel(func);
    uint64_t stack = 0, scratch = 0;
    bool failed = false;
    for (memref::AllocOp alloc : allocs) {
      std::optional<uint64_t> bytes = boundBytes(alloc);
      if (!bytes) {
        alloc.emitError("needs a temporary of type ")
            << alloc.getType()
            << " whose size is known only at run time; expected its producer "
               "and its consumer in separate kernels";
        failed = true;
      } else if (alloc.getType().hasStaticShape() &&
                 *bytes <= kStackBytesEach &&
                 stack + *bytes <= kStackBytesAll) {
        stack += *bytes;
        placeOnStack(alloc);
      } else if (kernel) {
        placeInScratch(alloc, kernel.scratch(), scratch);
        scratch += *bytes;
      }
    }
    func.walk([](memref::DeallocOp dealloc) { dealloc.erase(); });
    func->setAttr(KernelFunction::kScratchBytes,
                  Builder(func).getI64IntegerAttr(scratch));
    if (failed)
      signalPassFailure();
  }

private:
  void placeOnStack(memref::AllocOp alloc) {
    // In the entry block, or a loop would grow the stack.
    OpBuilder b = OpBuilder::atBlockBegin(&getOperation().front());
    Value slot = memref::AllocaOp::create(b, alloc.getLoc(), alloc.getType(),
                                          b.getI64IntegerAttr(kAlignment));
    alloc.replaceAllUsesWith(slot);
    alloc.erase();
  }

  void placeInScratch(memref::AllocOp alloc, Value scratch, uint64_t offset) {
    OpBuilder b(alloc);
    Value start = arith::ConstantIndexOp::create(b, alloc.getLoc(), offset);
    Value view =
        memref::ViewOp::create(b, alloc.getLoc(), alloc.getType(), scratch,
                               start, alloc.getDynamicSizes());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
};
} // namespace
