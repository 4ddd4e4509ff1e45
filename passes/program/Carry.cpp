#include "passes/program/Carry.h"

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

namespace {

/// A dim as what it was made from: a number, an index value, or a dim of a
/// tensor that nothing more is known about.
struct Dim {
  int64_t number = ShapedType::kDynamic;
  Value value;
  int64_t index = -1;

  bool operator==(const Dim &other) const {
    return number == other.number && value == other.value &&
           index == other.index;
  }
};

class CarrySettler {
public:
  explicit CarrySettler(func::FuncOp entry) : entry(entry) {}

  InPlaceResults run() {
    entry.walk([&](Operation *op) {
      if (auto loop = dyn_cast<scf::ForOp>(op))
        settle(loop);
      else if (auto loop = dyn_cast<scf::WhileOp>(op))
        settle(loop);
      else if (auto branch = dyn_cast<scf::IfOp>(op))
        settle(branch);
    });
    return std::move(settled);
  }

private:
  void settle(scf::ForOp loop);
  void settle(scf::WhileOp loop);
  void settle(scf::IfOp branch);
  void carry(Operation *yield, ArrayRef<BlockArgument> carried);

  Dim dimOf(Value tensor, int64_t index) const;
  bool keepsShape(Value yielded, BlockArgument carried, Value init) const;

  func::FuncOp entry;
  InPlaceResults settled;
};

} // namespace

/// The tensor with the shape of `tensor` that it was made from; null if that is
/// as far as one can see.
static Value shapeSource(Value tensor, const InPlaceResults &settled) {
  Operation *op = tensor.getDefiningOp();
  if (auto call = dyn_cast_or_null<kernel::CallOp>(op))
    return call.getTiedOpOperand(cast<OpResult>(tensor))->get();
  if (auto insert = dyn_cast_or_null<tensor::InsertSliceOp>(op))
    return insert.getDest();
  if (auto insert = dyn_cast_or_null<tensor::InsertOp>(op))
    return insert.getDest();
  if (auto cast = dyn_cast_or_null<tensor::CastOp>(op))
    return cast.getSource();
  if (auto into =
          dyn_cast_or_null<bufferization::MaterializeInDestinationOp>(op))
    return into.getDest();
  if (auto loop = dyn_cast_or_null<scf::ForOp>(op))
    if (settled.contains(tensor))
      return loop.getInitArgs()[cast<OpResult>(tensor).getResultNumber()];
  return nullptr;
}

Dim CarrySettler::dimOf(Value tensor, int64_t index) const {
  while (true) {
    auto type = dyn_cast<RankedTensorType>(tensor.getType());
    if (!type || index >= type.getRank())
      return {ShapedType::kDynamic, tensor, index};
    if (!type.isDynamicDim(index))
      return {type.getDimSize(index), Value(), -1};
    if (Value source = shapeSource(tensor, settled)) {
      tensor = source;
      continue;
    }
    auto empty = tensor.getDefiningOp<tensor::EmptyOp>();
    if (!empty)
      return {ShapedType::kDynamic, tensor, index};
    Value size = empty.getDynamicSize(index);
    auto dim = size.getDefiningOp<tensor::DimOp>();
    std::optional<int64_t> position =
        dim ? dim.getConstantIndex() : std::nullopt;
    if (!position)
      return {ShapedType::kDynamic, size, -1};
    tensor = dim.getSource();
    index = *position;
  }
}

/// Whether every iteration yields the shape it got, by induction from `init`.
bool CarrySettler::keepsShape(Value yielded, BlockArgument carried,
                              Value init) const {
  auto type = dyn_cast<RankedTensorType>(carried.getType());
  if (!type || yielded.getType() != type)
    return false;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    Dim dim = dimOf(yielded, i);
    if (!(dim == dimOf(carried, i)) && !(dim == dimOf(init, i)))
      return false;
  }
  return true;
}

/// The value whose buffer `tensor` shares or part of whose buffer it is, as far
/// as one can see.
static Value bufferSource(Value tensor, const InPlaceResults &settled) {
  while (true) {
    Operation *op = tensor.getDefiningOp();
    Value source = shapeSource(tensor, settled);
    if (!source &&
        isa_and_present<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
                        tensor::ExtractSliceOp>(op))
      source = op->getOperand(0);
    if (!source)
      return tensor;
    tensor = source;
  }
}

/// yield v -> yield (v materialized in the buffer of the carried value)
///
/// A value that may lie in another carried buffer is copied first: that buffer
/// may be overwritten before it is read.
void CarrySettler::carry(Operation *yield, ArrayRef<BlockArgument> carried) {
  OpBuilder builder(yield);
  Location loc = yield->getLoc();
  for (auto [i, argument] : llvm::enumerate(carried)) {
    if (!argument)
      continue;
    Value value = yield->getOperand(i);
    Value source = bufferSource(value, settled);
    Operation *maker = source.getDefiningOp();
    bool isCarried = isa<BlockArgument>(source) && source != argument &&
                     source.getParentBlock() == argument.getOwner();
    if (isCarried || (maker && maker->getNumRegions()) ||
        isa_and_present<arith::SelectOp>(maker))
      yield->setOperand(i, bufferization::AllocTensorOp::create(
                               builder, loc,
                               cast<RankedTensorType>(value.getType()),
                               ValueRange(), value));
  }
  for (auto [i, argument] : llvm::enumerate(carried))
    if (argument && yield->getOperand(i) != argument)
      yield->setOperand(i, bufferization::MaterializeInDestinationOp::create(
                               builder, loc, yield->getOperand(i), argument)
                               .getResult());
}

void CarrySettler::settle(scf::ForOp loop) {
  Operation *yield = loop.getBody()->getTerminator();
  SmallVector<BlockArgument> carried(loop.getRegionIterArgs());
  for (auto [i, argument] : llvm::enumerate(carried))
    if (keepsShape(yield->getOperand(i), argument, loop.getInitArgs()[i]))
      settled.insert(loop.getResult(i));
    else
      argument = nullptr;
  carry(yield, carried);
}

void CarrySettler::settle(scf::WhileOp loop) {
  scf::ConditionOp condition = loop.getConditionOp();
  scf::YieldOp yield = loop.getYieldOp();
  if (condition.getArgs().size() != loop.getBeforeArguments().size())
    return;
  // A buffer is found by its place, so tensors must keep theirs.
  for (auto [passed, before] :
       llvm::zip(condition.getArgs(), loop.getBeforeArguments()))
    if (isa<TensorType>(passed.getType()) && passed != before)
      return;
  SmallVector<BlockArgument> carried(loop.getAfterArguments());
  for (auto [i, argument] : llvm::enumerate(carried))
    if (!keepsShape(yield->getOperand(i), argument, loop.getInits()[i]))
      argument = nullptr;
  carry(yield, carried);
}

void CarrySettler::settle(scf::IfOp branch) {
  for (OpResult result : branch.getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type || !type.hasStaticShape())
      continue;
    OpBuilder builder(branch);
    // Not tensor.empty: it may not become a part of another buffer, as what is
    // materialized in it has no second choice.
    Value target = bufferization::AllocTensorOp::create(
        builder, branch.getLoc(), type, ValueRange());
    for (Region *region : {&branch.getThenRegion(), &branch.getElseRegion()}) {
      Operation *yield = region->front().getTerminator();
      builder.setInsertionPoint(yield);
      Value written = bufferization::MaterializeInDestinationOp::create(
                          builder, branch.getLoc(),
                          yield->getOperand(result.getResultNumber()), target)
                          .getResult();
      yield->setOperand(result.getResultNumber(), written);
    }
  }
}

InPlaceResults nacre::program::settleCarried(func::FuncOp entry) {
  return CarrySettler(entry).run();
}
