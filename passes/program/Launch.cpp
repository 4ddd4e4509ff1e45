#include "passes/program/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMLAUNCHPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

//===-- launches ----------------------------------------------------------===//

/// Grid points of a call: the product of ceildiv(dim, tile) over the tiled dims
/// of the first output.
static Value emitGrid(OpBuilder &builder, kernel::CallOp call,
                      kernel::ScheduleAttr schedule) {
  Location loc = call.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value grid = constant(1);
  if (!schedule)
    return grid;
  Value output = call.getOuts().front();
  for (auto [dim, tile] : llvm::enumerate(schedule.getGrid())) {
    if (tile == 0)
      continue;
    Value size = memref::DimOp::create(builder, loc, output, dim);
    Value padded =
        arith::AddIOp::create(builder, loc, size, constant(tile - 1));
    Value points = arith::DivUIOp::create(builder, loc, padded, constant(tile));
    grid = arith::MulIOp::create(builder, loc, grid, points);
  }
  return grid;
}

static LogicalResult lowerCall(kernel::CallOp call, kernel::FuncOp callee) {
  if (!callee)
    return call.emitOpError("callee ") << call.getCalleeAttr() << " is missing";
  kernel::ScheduleAttr schedule = callee.getScheduleAttr();
  auto output = cast<ShapedType>(call.getOuts().front().getType());
  if (schedule &&
      static_cast<int64_t>(schedule.getGrid().size()) > output.getRank())
    return call.emitOpError("schedule has ")
           << schedule.getGrid().size() << " grid tiles; output 0 has rank "
           << output.getRank();
  OpBuilder builder(call);
  Value grid = emitGrid(builder, call, schedule);
  kernel::TargetAttr target = callee.getTargetAttr();
  bool remote = target && target.hasOwnMemory();
  LaunchOp::create(builder, call.getLoc(), call.getCalleeAttr(),
                   remote ? builder.getUnitAttr() : UnitAttr(), grid,
                   call.getInputs(), call.getOuts(), call.getDims());
  call.erase();
  return success();
}

//===-- copies ------------------------------------------------------------===//

/// The buffer that `buffer` names in another shape.
static Value unreshaped(Value buffer) {
  while (Operation *op = buffer.getDefiningOp()) {
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp, memref::CastOp>(
            op))
      break;
    buffer = op->getOperand(0);
  }
  return buffer;
}

/// Copies element by element: for what is not dense.
static void emitCopyLoop(OpBuilder &builder, memref::CopyOp copy) {
  Location loc = copy.getLoc();
  auto type = cast<MemRefType>(copy.getSource().getType());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> indices;
  OpBuilder::InsertionGuard guard(builder);
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    Value size = memref::DimOp::create(builder, loc, copy.getSource(), dim);
    auto loop = scf::ForOp::create(builder, loc, zero, size, one);
    indices.push_back(loop.getInductionVar());
    builder.setInsertionPointToStart(loop.getBody());
  }
  Value element =
      memref::LoadOp::create(builder, loc, copy.getSource(), indices);
  memref::StoreOp::create(builder, loc, element, copy.getTarget(), indices);
}

static void lowerCopy(memref::CopyOp copy) {
  Value from = copy.getSource(), to = copy.getTarget();
  OpBuilder builder(copy);
  if (unreshaped(from) != unreshaped(to)) {
    if (isDense(cast<MemRefType>(from.getType())) &&
        isDense(cast<MemRefType>(to.getType())))
      CopyOp::create(builder, copy.getLoc(), from, to, /*remote=*/false);
    else
      emitCopyLoop(builder, copy);
  }
  copy.erase();
}

namespace {

struct Launch final : nacre::program::impl::ProgramLaunchPassBase<Launch> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto entry : getOperation().getOps<func::FuncOp>()) {
      WalkResult result = entry.walk([&](kernel::CallOp call) {
        auto callee = symbols.lookup<kernel::FuncOp>(call.getCallee());
        return WalkResult(lowerCall(call, callee));
      });
      if (result.wasInterrupted())
        return signalPassFailure();
      entry.walk([](memref::CopyOp copy) { lowerCopy(copy); });
      if (failed(cleanUp(entry)))
        return signalPassFailure();
    }
  }

private:
  LogicalResult cleanUp(func::FuncOp entry) {
    OpPassManager pm(func::FuncOp::getOperationName());
    pm.addPass(memref::createResolveShapedTypeResultDimsPass());
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    return runPipeline(pm, entry);
  }
};

} // namespace
