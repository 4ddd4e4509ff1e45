#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENCHECKBOUNDSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre;
using nacre::codegen::KernelFunction;

namespace {

/// One op that reads or writes elements next to each other, or, with `lanes`,
/// at these distances from the first.
struct Access {
  Operation *op = nullptr;
  Value buffer;
  ValueRange indices;
  int64_t count = 1;
  Value mask = {}, lanes = {};
  bool isStore = false;
};

/// Emits index arithmetic.
class Indices {
public:
  Indices(OpBuilder &b, Location loc) : b(b), loc(loc) {}

  Value constant(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value mul(Value x, Value y) { return arith::MulIOp::create(b, loc, x, y); }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, loc, x, y); }
  Value less(Value x, Value y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, x, y);
  }
  Value notNegative(Value x) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, x,
                                 constant(0));
  }

  OpBuilder &b;
  Location loc;
};

struct CheckBounds final
    : nacre::codegen::impl::CodegenCheckBoundsPassBase<CheckBounds> {
  void runOnOperation() override {
    SmallVector<Access> accesses;
    bool known = true;
    getOperation().walk([&](Operation *op) {
      if (std::optional<Access> access = accessOf(op))
        accesses.push_back(*access);
      else if (mayAccess(op)) {
        op->emitError("is an access of memory that cannot be checked; expected "
                      "a load or a store");
        known = false;
      }
    });
    if (!known)
      return signalPassFailure();
    for (const Access &access : accesses)
      if (failed(check(access)))
        return signalPassFailure();
  }

private:
  static std::optional<Access> accessOf(Operation *op);
  static bool mayAccess(Operation *op);
  LogicalResult check(const Access &access);
  Value isInside(Indices &i, const Access &access, Value size);
  Value firstElement(Indices &i, const Access &access, Value &lastStride);
  Value lanesInside(Indices &i, const Access &access, Value first, Value stride,
                    Value size);
  Value rootOf(Value buffer);
  Value sizeOf(Indices &i, Value root);
  std::string nameOf(Value root);
  void guard(const Access &access, Value condition);
};

} // namespace

std::optional<Access> CheckBounds::accessOf(Operation *op) {
  auto lanes = [](Value vector) {
    return cast<VectorType>(vector.getType()).getNumElements();
  };
  using Result = std::optional<Access>;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case<memref::LoadOp>([&](auto o) -> Result {
        return Access{op, o.getMemRef(), o.getIndices()};
      })
      .Case<memref::StoreOp>([&](auto o) -> Result {
        return Access{op, o.getMemRef(), o.getIndices(), 1, {}, {}, true};
      })
      .Case<vector::LoadOp>([&](auto o) -> Result {
        return Access{op, o.getBase(), o.getIndices(), lanes(o.getResult())};
      })
      .Case<vector::StoreOp>([&](auto o) -> Result {
        return Access{
            op, o.getBase(), o.getIndices(), lanes(o.getValueToStore()), {},
            {}, true};
      })
      .Case<vector::MaskedLoadOp>([&](auto o) -> Result {
        return Access{op, o.getBase(), o.getIndices(), lanes(o.getResult()),
                      o.getMask()};
      })
      .Case<vector::MaskedStoreOp>([&](auto o) -> Result {
        return Access{op,
                      o.getBase(),
                      o.getIndices(),
                      lanes(o.getValueToStore()),
                      o.getMask(),
                      {},
                      true};
      })
      .Case<vector::GatherOp>([&](auto o) -> Result {
        return Access{
            op,          o.getBase(),   o.getOffsets(), lanes(o.getResult()),
            o.getMask(), o.getIndices()};
      })
      .Case<vector::ScatterOp>([&](auto o) -> Result {
        return Access{op,
                      o.getBase(),
                      o.getOffsets(),
                      lanes(o.getValueToStore()),
                      o.getMask(),
                      o.getIndices(),
                      true};
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// Whether an op that is not in the list above goes through a buffer.
bool CheckBounds::mayAccess(Operation *op) {
  bool hasBuffer = llvm::any_of(op->getOperandTypes(), [](Type type) {
    return isa<BaseMemRefType>(type);
  });
  return hasBuffer && !isMemoryEffectFree(op) &&
         !op->hasTrait<OpTrait::HasRecursiveMemoryEffects>() &&
         !isa<ViewLikeOpInterface, memref::DeallocOp, memref::PrefetchOp>(op);
}

/// The argument or allocation that `buffer` views; null if that is not known.
Value CheckBounds::rootOf(Value buffer) {
  while (Operation *op = buffer.getDefiningOp()) {
    // A piece of scratch memory is a buffer of its own.
    if (isa<memref::AllocaOp, memref::AllocOp, memref::ViewOp,
            memref::GetGlobalOp>(op))
      return buffer;
    auto view = dyn_cast<ViewLikeOpInterface>(op);
    if (!view)
      return {};
    buffer = view.getViewSource();
  }
  Block *entry = &getOperation().front();
  return cast<BlockArgument>(buffer).getOwner() == entry ? buffer : Value();
}

/// Number of elements of a root.
Value CheckBounds::sizeOf(Indices &i, Value root) {
  auto type = cast<MemRefType>(root.getType());
  int64_t known = 1;
  SmallVector<Value> open;
  auto argument = dyn_cast<BlockArgument>(root);
  for (int64_t d = 0; d < type.getRank(); ++d) {
    if (!type.isDynamicDim(d))
      known *= type.getDimSize(d);
    else if (KernelFunction kernel(getOperation()); argument && kernel)
      open.push_back(kernel.bufferDim(argument.getArgNumber(), d));
    else
      open.push_back(memref::DimOp::create(i.b, i.loc, root, d));
  }
  Value size = i.constant(known);
  for (Value dim : open)
    size = i.mul(size, dim);
  return size;
}

/// What messages call a root.
std::string CheckBounds::nameOf(Value root) {
  std::string name = "a temporary";
  if (auto argument = dyn_cast<BlockArgument>(root)) {
    KernelFunction kernel(getOperation());
    unsigned at = argument.getArgNumber();
    unsigned inputs =
        kernel ? kernel.numBuffers() - kernel.numOutputs() : at + 1;
    name = at < inputs ? "input " + std::to_string(at)
                       : "output " + std::to_string(at - inputs);
  }
  llvm::raw_string_ostream(name) << " (" << root.getType() << ")";
  return name;
}

/// Where an access begins, in elements from the begin of the root.
Value CheckBounds::firstElement(Indices &i, const Access &access,
                                Value &lastStride) {
  auto view =
      memref::ExtractStridedMetadataOp::create(i.b, i.loc, access.buffer);
  Value first = view.getOffset();
  lastStride = i.constant(1);
  for (auto [index, stride] :
       llvm::zip_equal(access.indices, view.getStrides())) {
    first = i.add(first, i.mul(index, stride));
    lastStride = stride;
  }
  return first;
}

/// Whether every lane that the mask admits is in [0, size).
Value CheckBounds::lanesInside(Indices &i, const Access &access, Value first,
                               Value stride, Value size) {
  auto type = VectorType::get(access.count, i.b.getIndexType());
  auto spread = [&](Value value) -> Value {
    return vector::BroadcastOp::create(i.b, i.loc, type, value);
  };
  Value lanes = access.lanes;
  if (!lanes)
    lanes = arith::ConstantOp::create(
        i.b, i.loc,
        DenseElementsAttr::get(
            type, llvm::map_to_vector(
                      llvm::seq<int64_t>(0, access.count), [&](int64_t lane) {
                        return Attribute(i.b.getIndexAttr(lane));
                      })));
  else if (lanes.getType() != type)
    lanes = arith::IndexCastOp::create(i.b, i.loc, type, lanes);
  Value at = i.add(spread(first), i.mul(lanes, spread(stride)));
  Value inside =
      i.both(arith::CmpIOp::create(i.b, i.loc, arith::CmpIPredicate::sge, at,
                                   spread(i.constant(0))),
             i.less(at, spread(size)));
  Value off = arith::XOrIOp::create(
      i.b, i.loc, access.mask,
      arith::ConstantOp::create(
          i.b, i.loc,
          DenseElementsAttr::get(cast<VectorType>(access.mask.getType()),
                                 true)));
  return vector::ReductionOp::create(
      i.b, i.loc, vector::CombiningKind::AND,
      arith::OrIOp::create(i.b, i.loc, inside, off).getResult());
}

Value CheckBounds::isInside(Indices &i, const Access &access, Value size) {
  Value stride, first = firstElement(i, access, stride);
  if (access.mask)
    return lanesInside(i, access, first, access.lanes ? stride : i.constant(1),
                       size);
  Value end = i.add(first, i.constant(access.count - 1));
  return i.both(i.notNegative(first), i.less(end, size));
}

/// access -> if (condition) access, else zero
void CheckBounds::guard(const Access &access, Value condition) {
  Operation *op = access.op;
  OpBuilder b(op);
  auto branch = scf::IfOp::create(b, op->getLoc(), op->getResultTypes(),
                                  condition, /*withElse=*/!access.isStore);
  for (auto [old, value] : llvm::zip(op->getResults(), branch.getResults()))
    old.replaceAllUsesWith(value);
  Block *inside = branch.thenBlock();
  op->moveBefore(inside,
                 access.isStore ? std::prev(inside->end()) : inside->end());
  if (access.isStore)
    return;
  b.setInsertionPointToEnd(inside);
  scf::YieldOp::create(b, op->getLoc(), op->getResults());
  b.setInsertionPointToEnd(branch.elseBlock());
  SmallVector<Value> zeros;
  for (Type type : op->getResultTypes())
    zeros.push_back(
        arith::ConstantOp::create(b, op->getLoc(), b.getZeroAttr(type)));
  scf::YieldOp::create(b, op->getLoc(), zeros);
}

LogicalResult CheckBounds::check(const Access &access) {
  Value root = rootOf(access.buffer);
  if (!root)
    return access.op->emitError("cannot be checked: it is not known which "
                                "buffer is accessed");
  OpBuilder b(access.op);
  Indices i(b, access.op->getLoc());
  Value condition = isInside(i, access, sizeOf(i, root));
  std::string text = "kernel '" + getOperation().getSymName().str() + "' " +
                     (access.isStore ? "writes" : "reads") +
                     " out of the bounds of " + nameOf(root);
  kernel::CheckOp::create(b, access.op->getLoc(), condition, text);
  guard(access, condition);
  return success();
}
