#include "passes/kernel/Dims.h"
#include "passes/kernel/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace nacre::kernel {
#define GEN_PASS_DEF_KERNELOUTLINEPASS
#include "passes/kernel/Passes.h.inc"
} // namespace nacre::kernel

using namespace nacre::kernel;

//===-- Scalars -----------------------------------------------------------===//

/// A scalar as the `index` that a kernel takes: integers are extended, floats
/// passed by their bits.
static Value toIndex(OpBuilder &builder, Location loc, Value scalar) {
  Type type = scalar.getType();
  if (type.isIndex())
    return scalar;
  if (isa<FloatType>(type)) {
    Type bits = builder.getIntegerType(type.getIntOrFloatBitWidth());
    scalar = arith::BitcastOp::create(builder, loc, bits, scalar);
  }
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    scalar);
}

/// The inverse of `toIndex`, inside of the kernel.
static Value fromIndex(OpBuilder &builder, Location loc, Value index,
                       Type type) {
  if (type.isIndex())
    return index;
  Type bits = builder.getIntegerType(type.getIntOrFloatBitWidth());
  Value value = arith::IndexCastOp::create(builder, loc, bits, index);
  if (isa<FloatType>(type))
    value = arith::BitcastOp::create(builder, loc, type, value);
  return value;
}

/// Constants that a kernel holds itself. Other tensors are operands, so that
/// weights do not end up in code.
static bool isInlineConstant(Operation *op) {
  if (!op || op->getNumOperands() != 0 || !op->hasTrait<OpTrait::ConstantLike>())
    return false;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  DenseElementsAttr value;
  return !type || (matchPattern(op, m_Constant(&value)) && value.isSplat());
}

//===-- One group ---------------------------------------------------------===//

namespace {

/// Makes a kernel.func and a kernel.call from one group.
class Outliner {
public:
  Outliner(GroupOp group, OpBuilder &module) : group(group), module(module) {}

  FuncOp createFunction(StringRef name);
  CallOp createCall(FuncOp function);

private:
  void collect();
  /// Number of the index argument that passes `value`.
  int64_t indexArgument(Value value);
  void appendDims(Value tensor, OpBuilder &host);
  void fillBody(FuncOp function);
  Value intoOutput(OpBuilder &builder, Value yielded, Value output);

  GroupOp group;
  OpBuilder &module;
  SmallVector<Value> inputs;       ///< tensors read by the group
  SmallVector<Value> scalars;      ///< index, integer and float values read
  SmallVector<Operation *> inlined; ///< constants and empty tensors to copy
  SmallVector<Value> outs;         ///< destinations, on the host
  SmallVector<Value> indices;      ///< index arguments, on the host
  DenseMap<Value, int64_t> indexOf;
  /// Index arguments that are dim `second` of tensor `first`: the same size may
  /// be read by several `tensor.dim` ops.
  DenseMap<std::pair<Value, int64_t>, int64_t> indexOfDim;
  SmallVector<int64_t> argDims;
};

struct KernelOutline final
    : nacre::kernel::impl::KernelOutlinePassBase<KernelOutline> {
  void runOnOperation() override;

private:
  FuncOp findEqual(FuncOp function);
  DenseMap<llvm::hash_code, SmallVector<FuncOp, 1>> byHash;
};

} // namespace

int64_t Outliner::indexArgument(Value value) {
  if (auto dim = value.getDefiningOp<tensor::DimOp>())
    if (std::optional<int64_t> index = dim.getConstantIndex()) {
      auto [entry, isNew] =
          indexOfDim.try_emplace({dim.getSource(), *index}, indices.size());
      if (!isNew)
        return indexOf[value] = entry->second;
    }
  auto [entry, isNew] = indexOf.try_emplace(value, indices.size());
  if (isNew)
    indices.push_back(value);
  return entry->second;
}

void Outliner::appendDims(Value tensor, OpBuilder &host) {
  for (Value dim : dynamicDimsOf(host, group.getLoc(), tensor))
    argDims.push_back(indexArgument(dim));
}

void Outliner::collect() {
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(group.getBody(), captured);
  for (Value value : captured) {
    Operation *op = value.getDefiningOp();
    if (isInlineConstant(op))
      inlined.push_back(op);
    else if (isa<RankedTensorType>(value.getType()))
      inputs.push_back(value);
    else
      scalars.push_back(value);
  }
}

/// Replaces the empty tensor that `use` reads, through destinations, by `output`.
static bool redirectDestination(OpOperand &use, Value output) {
  Value value = use.get();
  if (auto empty = value.getDefiningOp<tensor::EmptyOp>()) {
    if (value.getType() != output.getType())
      return false;
    use.set(output);
    return true;
  }
  auto result = dyn_cast<OpResult>(value);
  OpOperand *destination = result ? destinationOf(result) : nullptr;
  // A value with other readers would be overwritten under them.
  return destination && value.hasOneUse() &&
         redirectDestination(*destination, output);
}

Value Outliner::intoOutput(OpBuilder &builder, Value yielded, Value output) {
  auto result = dyn_cast<OpResult>(yielded);
  OpOperand *destination = result ? destinationOf(result) : nullptr;
  if (destination && redirectDestination(*destination, output))
    return yielded;
  return linalg::CopyOp::create(builder, group.getLoc(), yielded, output)
      .getResult(0);
}

void Outliner::fillBody(FuncOp function) {
  OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
  Location loc = group.getLoc();
  IRMapping mapping;
  unsigned firstIndex = function.getNumTensorArguments();
  for (auto [i, input] : llvm::enumerate(inputs))
    mapping.map(input, function.getArgument(i));
  for (Operation *op : inlined)
    builder.clone(*op, mapping);
  for (Value scalar : scalars) {
    Value index = function.getArgument(firstIndex + indexOf.lookup(scalar));
    mapping.map(scalar, fromIndex(builder, loc, index, scalar.getType()));
  }
  Block &body = group.getBody().front();
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);

  SmallVector<Value> results;
  auto yield = cast<YieldOp>(body.getTerminator());
  for (auto [value, output] :
       llvm::zip_equal(yield.getOperands(), function.getOutputArguments()))
    results.push_back(
        intoOutput(builder, mapping.lookupOrDefault(value), output));
  ReturnOp::create(builder, loc, results);
}

FuncOp Outliner::createFunction(StringRef name) {
  collect();
  OpBuilder host(group);
  Location loc = group.getLoc();
  SmallVector<Type> types;
  for (Value input : inputs) {
    types.push_back(input.getType());
    appendDims(input, host);
  }
  unsigned nextDim = 0;
  for (Value result : group.getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    ValueRange dims =
        group.getDims().slice(nextDim, type.getNumDynamicDims());
    nextDim += dims.size();
    outs.push_back(tensor::EmptyOp::create(host, loc, type, dims));
    types.push_back(type);
    for (Value dim : dims)
      argDims.push_back(indexArgument(dim));
  }
  for (Value scalar : scalars) {
    Value index = toIndex(host, loc, scalar);
    indexOf[scalar] = indexArgument(index);
  }
  types.append(indices.size(), module.getIndexType());
  auto function =
      FuncOp::create(module, loc, name, types, outs.size(), argDims);
  function.setVisibility(SymbolTable::Visibility::Private);
  fillBody(function);
  return function;
}

CallOp Outliner::createCall(FuncOp function) {
  OpBuilder host(group);
  auto call = CallOp::create(host, group.getLoc(), group.getResultTypes(),
                             function.getSymName(), inputs, outs, indices);
  group->replaceAllUsesWith(call.getResults());
  group->erase();
  return call;
}

//===-- The pass ----------------------------------------------------------===//

/// Appends the ONNX node names that `loc` holds.
static void appendNames(Location loc, SetVector<StringAttr> &names) {
  loc->walk([&](Location part) {
    if (auto name = dyn_cast<NameLoc>(part))
      names.insert(name.getName());
    return WalkResult::advance();
  });
}

static StringAttr sourcesOf(GroupOp group) {
  SetVector<StringAttr> names;
  group.walk([&](Operation *op) {
    if (op != group && !op->hasTrait<OpTrait::ConstantLike>())
      appendNames(op->getLoc(), names);
  });
  SmallVector<StringRef> texts;
  for (StringAttr name : names)
    texts.push_back(name.getValue());
  return StringAttr::get(group.getContext(), llvm::join(texts, ", "));
}

/// A kernel that does the same as `function`, if there is one already. Kernels
/// with checks name their node in the message, so they are never shared.
FuncOp KernelOutline::findEqual(FuncOp function) {
  bool hasCheck =
      function.walk([](CheckOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (hasCheck)
    return {};
  auto flags = OperationEquivalence::IgnoreLocations;
  llvm::hash_code hash = 0;
  function.walk([&](Operation *op) {
    if (op != function)
      hash = llvm::hash_combine(
          hash, OperationEquivalence::computeHash(
                    op, OperationEquivalence::ignoreHashValue,
                    OperationEquivalence::ignoreHashValue, flags));
  });
  hash = llvm::hash_combine(hash, function.getFunctionType());
  SmallVector<FuncOp, 1> &candidates = byHash[hash];
  for (FuncOp other : candidates)
    if (other.getFunctionType() == function.getFunctionType() &&
        other.getNumOutputs() == function.getNumOutputs() &&
        other.getArgDims() == function.getArgDims() &&
        OperationEquivalence::isRegionEquivalentTo(
            &other.getBody(), &function.getBody(), flags))
      return other;
  candidates.push_back(function);
  return {};
}

void KernelOutline::runOnOperation() {
  byHash.clear();
  ModuleOp module = getOperation();
  SmallVector<GroupOp> groups;
  module.walk([&](GroupOp group) { groups.push_back(group); });
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  unsigned count = 0;
  for (GroupOp group : groups) {
    StringAttr sources = sourcesOf(group);
    Outliner outliner(group, builder);
    FuncOp function = outliner.createFunction("kernel_" + std::to_string(count));
    if (FuncOp other = findEqual(function)) {
      outliner.createCall(other);
      function.erase();
      other.setSourcesAttr(builder.getStringAttr(
          other.getSources()->str() + ", " + sources.getValue()));
      continue;
    }
    function.setSourcesAttr(sources);
    outliner.createCall(function);
    ++count;
  }
}
