#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/ScratchEntry.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENMAPITEMSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using nacre::codegen::KernelFunction;

namespace {

/// Makes the `gpu.func` of one function.
class ItemFunction {
public:
  explicit ItemFunction(func::FuncOp func)
      : func(func), kernel(func), b(func), loc(func.getLoc()) {}

  void make();

private:
  void declare();
  void openItem();
  void placeTensors();
  void placeScratch();
  void noteFailure(Value code);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  func::FuncOp func;
  KernelFunction kernel;
  OpBuilder b;
  Location loc;
  gpu::GPUFuncOp item;
  Value scratch, stride, record, launch, grid, each;
  /// Of this work item: its number, and its points.
  Value number, begin, end;
};

} // namespace

void ItemFunction::declare() {
  unsigned numBuffers = kernel.numBuffers(), numDims = kernel.numDims();
  SmallVector<Type> types(func.getArgumentTypes().take_front(numBuffers));
  types.append(numBuffers + numDims, b.getIndexType());
  auto row = [&](Type element) {
    return MemRefType::get({ShapedType::kDynamic}, element);
  };
  types.append({row(b.getI8Type()), b.getIndexType(), row(b.getI32Type()),
                b.getI32Type(), b.getIndexType(), b.getIndexType()});
  auto module = gpu::GPUModuleOp::create(b, loc, "device");
  b.setInsertionPointToStart(module.getBody());
  item = gpu::GPUFuncOp::create(b, loc, "kernel_main",
                                b.getFunctionType(types, {}));
  item->setAttr(gpu::GPUDialect::getKernelFuncAttrName(), b.getUnitAttr());
  int32_t group = kernel.target() ? kernel.target().fact("group_items", 1) : 1;
  item.setKnownBlockSizeAttr(b.getDenseI32ArrayAttr({group, 1, 1}));
  auto rest = item.getArguments().drop_front(2 * numBuffers + numDims);
  scratch = rest[0];
  stride = rest[1];
  record = rest[2];
  launch = rest[3];
  grid = rest[4];
  each = rest[5];
}

/// Computes the points of the work item and moves the body into the branch that
/// is taken if there are any.
void ItemFunction::openItem() {
  b.setInsertionPointToStart(&item.getBody().front());
  number = gpu::GlobalIdOp::create(b, loc, gpu::Dimension::x);
  begin = arith::MulIOp::create(b, loc, number, each);
  Value next = arith::AddIOp::create(b, loc, begin, each);
  end = arith::MinSIOp::create(b, loc, next, grid);
  // All the work may belong to point 0.
  bool isSingle = func->hasAttr(KernelFunction::kSinglePoint);
  Value works = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, begin,
                                      isSingle ? index(1) : grid);
  auto branch = scf::IfOp::create(b, loc, works, /*withElseRegion=*/false);
  gpu::ReturnOp::create(b, loc);
  Block *body = branch.thenBlock();
  body->getOperations().splice(body->begin(), func.front().getOperations());
  b.setInsertionPointToStart(body);
}

/// Lets accesses of each tensor begin at its offset.
void ItemFunction::placeTensors() {
  unsigned numBuffers = kernel.numBuffers();
  for (unsigned i = 0; i < numBuffers; ++i) {
    Value tensor = item.getArgument(i);
    Value from = kernel.buffer(i);
    Type element = cast<MemRefType>(from.getType()).getElementType();
    Value bytes = index(llvm::divideCeil(element.getIntOrFloatBitWidth(), 8u));
    Value first =
        arith::DivUIOp::create(b, loc, item.getArgument(numBuffers + i), bytes);
    for (OpOperand &use : llvm::make_early_inc_range(from.getUses())) {
      Operation *access = use.getOwner();
      OpBuilder at(access);
      unsigned indexOperand = use.getOperandNumber() + 1;
      access->setOperand(indexOperand, arith::AddIOp::create(
                                           at, access->getLoc(), first,
                                           access->getOperand(indexOperand)));
      use.set(tensor);
    }
  }
  for (unsigned i = 0; i < kernel.numDims(); ++i)
    kernel.dim(i).replaceAllUsesWith(item.getArgument(2 * numBuffers + i));
}

/// Gives the work item its part of scratch.
void ItemFunction::placeScratch() {
  Value own;
  for (Operation *user :
       llvm::make_early_inc_range(kernel.scratch().getUsers())) {
    auto view = cast<memref::ViewOp>(user);
    if (!own)
      own = arith::MulIOp::create(b, loc, number, stride);
    OpBuilder at(view);
    view.getByteShiftMutable().assign(
        arith::AddIOp::create(at, view.getLoc(), own, view.getByteShift()));
    view.getSourceMutable().assign(scratch);
  }
}

/// Notes that check `code` failed at the points of this work item, unless a
/// launch before this one failed, whose point is noted.
void ItemFunction::noteFailure(Value code) {
  Value zero = arith::ConstantIntOp::create(b, loc, 0, 32);
  auto compare = [&](arith::CmpIPredicate predicate, Value x, Value y) {
    return arith::CmpIOp::create(b, loc, predicate, x, y);
  };
  auto failed = scf::IfOp::create(
      b, loc, compare(arith::CmpIPredicate::ne, code, zero), false);
  b.setInsertionPointToStart(failed.thenBlock());
  Value first = memref::LoadOp::create(b, loc, record, index(0));
  auto counts = scf::IfOp::create(
      b, loc, compare(arith::CmpIPredicate::uge, first, launch), false);
  b.setInsertionPointToStart(counts.thenBlock());
  // Of points beyond 32 bits it does not matter which one it was.
  Value last = index(0xfffffffe);
  Value point = arith::MinUIOp::create(b, loc, begin, last);
  point = arith::IndexCastOp::create(b, loc, b.getI32Type(), point);
  Value check = arith::IndexCastOp::create(b, loc, b.getIndexType(), code);
  auto lower = [&](Value value, Value at) {
    memref::AtomicRMWOp::create(b, loc, arith::AtomicRMWKind::minu, value,
                                record, at);
  };
  lower(launch, index(0));
  lower(point, check);
}

void ItemFunction::make() {
  declare();
  openItem();
  placeTensors();
  placeScratch();
  kernel.begin().replaceAllUsesWith(begin);
  kernel.end().replaceAllUsesWith(end);
  Operation *ret = nullptr;
  item.walk([&](func::ReturnOp op) { ret = op; });
  b.setInsertionPoint(ret);
  if (func->hasAttr(KernelFunction::kChecks))
    noteFailure(ret->getOperand(0));
  ret->erase();
}

namespace {

struct MapItems final
    : nacre::codegen::impl::CodegenMapItemsPassBase<MapItems> {
  void runOnOperation() override {
    for (func::FuncOp func : nacre::codegen::kernelsOf(getOperation())) {
      nacre::codegen::makeScratchEntry(func);
      ItemFunction(func).make();
      // What is known about the kernel outlives its function.
      for (StringRef name :
           {KernelFunction::kScratchBytes, KernelFunction::kOpenScratch,
            KernelFunction::kChecks})
        if (Attribute attribute = func->getAttr(name))
          getOperation()->setAttr(name, attribute);
      func.erase();
    }
  }
};

} // namespace
